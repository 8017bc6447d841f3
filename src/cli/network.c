// SPDX-License-Identifier: Apache-2.0
/*
 * network.c - which hosts a session is allowed, beside its plan
 */
#include "cli/network.h"

#include "base/quote.h"
#include "net/entry.h"
#include "run/gateway.h"

#include <errno.h>

/* What is listed of a session's network: in JSON under @name, with each item under @item. */
static const struct {
	const char *name, *item;
	const char *what, *before;	/* for people: in front of a line, and of what is listed */
	enum config_key key;
} lists[] = {
	{ "allow", "host", "allow", "", CONFIG_KEY_NETWORK_ALLOW },
	{ "ask", "host", "ask", "", CONFIG_KEY_NETWORK_ASK },
	{ "deny", "host", "deny", "", CONFIG_KEY_NETWORK_DENY },
	{ "host_ports", "port", "reach", "host.cordon:", CONFIG_KEY_NETWORK_HOST_PORTS },
	{ "publish", "port", "publish", "", CONFIG_KEY_NETWORK_PUBLISH },
};

/*
 * Why addresses are no place of the public network; NULL: they are, or it is a name, of which nothing is
 * known, or a port.
 */
static const struct net_special *special_of(const struct config_item *item)
{
	return !item->entry || item->entry->name.len ? NULL : net_prefix_special(&item->entry->prefix);
}

/* At the level landlock there is no network of the sandbox's own that somebody could serve. */
static bool has_network(const struct config *config)
{
	return config->settings.isolation.level != CONFIG_LEVEL_LANDLOCK;
}

static bool is_served(const struct config *config)
{
	return has_network(config) && run_gateway_is_wanted(&config->settings);
}

static const struct json *items_to_json(struct arena *arena, const struct config_list *list, const char *name)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < list->count; i++) {
		const char *origin = config_origin_text(arena, &list->items[i].origin);
		const struct net_special *special = special_of(&list->items[i]);
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, name, list->items[i].text);
		if (special)
			json_object_add_text(&object, "which_is", special->what);
		json_object_add_text(&object, "origin", origin ? origin : "?");
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

const struct json *network_add_to_plan(struct arena *arena, const struct json *plan,
	const struct config *config)
{
	struct json_object_builder object, network;

	if (!plan)
		return NULL;
	json_object_begin(&network, arena);
	json_object_add_bool(&network, "served", is_served(config));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_object_add(&network, lists[i].name,
			items_to_json(arena, &config->values[lists[i].key].list, lists[i].item));
	json_object_begin(&object, arena);
	for (size_t i = 0; i < plan->object.count; i++)
		json_object_add_value(&object, plan->object.members[i].key, plan->object.members[i].value);
	json_object_add(&object, "network", json_object_end(&network));
	return json_object_end(&object);
}

int network_print_plan(struct buf *buf, struct arena *arena, const struct config *config)
{
	(void)buf_append_str(buf, is_served(config) ? "hosts (served by the gateway)\n" :
		has_network(config) ? "hosts (none is allowed: there is no way out of the sandbox)\n" :
		"hosts (none is reached: the level landlock has no network)\n");
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct config_list *list = &config->values[lists[i].key].list;

		for (size_t j = 0; j < list->count; j++) {
			const char *origin = config_origin_text(arena, &list->items[j].origin);
			const struct net_special *special = special_of(&list->items[j]);

			(void)buf_printf(buf, "  %-8s %s", lists[i].what, lists[i].before);
			(void)quote_append(buf, str_from(list->items[j].text));
			if (special)
				(void)buf_printf(buf, ", which is %s (%s)", special->what, special->source);
			(void)buf_printf(buf, "  (%s)\n", origin ? origin : "?");
		}
	}
	return buf_failed(buf) ? -EMSGSIZE : 0;
}
