// SPDX-License-Identifier: Apache-2.0
/*
 * network.c - the network lists as a whole: denials in network.allow, and what is too broad for it
 */
#include "config/config_internal.h"

#include "base/quote.h"
#include "net/entry.h"

/* An item of network.allow that begins with "!", as network.deny has it. */
static bool to_prohibition(struct config_resolver *resolver, const struct config_item *item,
	struct config_item *ret)
{
	struct net_entry *entry = config_alloc(resolver, 1, sizeof(*entry));

	if (!entry)
		return false;
	*entry = *item->entry;
	entry->denies = false;
	*ret = *item;
	ret->text++;
	ret->entry = entry;
	return true;
}

/* Moves a denial; an emptied list of prohibitions cannot be emptied and be added to. */
static void move(struct config_resolver *resolver, const struct config_item *item,
	const struct config_layer *layer, struct config_list_builder *denied)
{
	struct config_item moved;

	if (layer->is_set[CONFIG_KEY_NETWORK_DENY] && !layer->values[CONFIG_KEY_NETWORK_DENY].list.count) {
		config_problem_add(resolver, &item->origin,
			"network.allow: '%s' denies, and network.deny is emptied beside it",
			quote_cstr(item->text).text);
		config_problem_hint(resolver, "Leave one of the two out.");
	} else if (to_prohibition(resolver, item, &moved)) {
		config_list_add(denied, &moved, false);
	}
}

void config_network_settle(struct config_resolver *resolver, struct config_layer *layer)
{
	struct config_value *allow = &layer->values[CONFIG_KEY_NETWORK_ALLOW];
	struct config_value *deny = &layer->values[CONFIG_KEY_NETWORK_DENY];
	struct config_list_builder allowed = { .resolver = resolver }, denied = { .resolver = resolver };

	if (!layer->is_set[CONFIG_KEY_NETWORK_ALLOW])
		return;
	for (size_t i = 0; layer->is_set[CONFIG_KEY_NETWORK_DENY] && i < deny->list.count; i++)
		config_list_add(&denied, &deny->list.items[i], false);
	for (size_t i = 0; i < allow->list.count; i++) {
		if (allow->list.items[i].entry->denies)
			move(resolver, &allow->list.items[i], layer, &denied);
		else
			config_list_add(&allowed, &allow->list.items[i], false);
	}
	if (allowed.count == allow->list.count)
		return;
	if (!layer->is_set[CONFIG_KEY_NETWORK_DENY])
		deny->origin = allow->origin;
	deny->list = config_list_end(&denied);
	layer->is_set[CONFIG_KEY_NETWORK_DENY] = true;
	/* Of nothing but denials, none empties what came before. */
	allow->list = config_list_end(&allowed);
	layer->is_set[CONFIG_KEY_NETWORK_ALLOW] = allowed.count > 0;
}

/* Whether an entry that is broad stays: it is a mistake, unless the organisation is who forbade it. */
static bool keeps_broad(struct config_resolver *resolver, const struct config_value *broad,
	const struct config_item *item, const char *why)
{
	if (broad->origin.source == CONFIG_SOURCE_POLICY) {
		config_notice_add(resolver, CONFIG_NOTICE_NARROWED, &item->origin,
			"network.allow: '%s' is taken away: %s, and network.broad is false (%s)",
			quote_cstr(item->text).text, why, config_where(resolver, &broad->origin));
		return false;
	}
	config_problem_add(resolver, &item->origin, "network.allow: '%s': %s", quote_cstr(item->text).text,
		why);
	config_problem_hint(resolver,
		"Name the hosts that are needed; or say \"broad\": true in \"network\" of your own file, if all of them are meant.");
	return true;
}

void config_check_network(struct config_resolver *resolver, struct config_value *values)
{
	const struct config_value *broad = &values[CONFIG_KEY_NETWORK_BROAD];
	struct config_list *allow = &values[CONFIG_KEY_NETWORK_ALLOW].list;
	struct config_list_builder builder = { .resolver = resolver };

	if (broad->boolean)
		return;
	for (size_t i = 0; i < allow->count; i++) {
		const char *why = net_entry_broad(allow->items[i].entry);

		if (!why || keeps_broad(resolver, broad, &allow->items[i], why))
			config_list_add(&builder, &allow->items[i], false);
	}
	*allow = config_list_end(&builder);
}
