// SPDX-License-Identifier: Apache-2.0
/*
 * narrow.c - what a project file may not do unless it is trusted, and what the organisation's policy takes
 * away
 *
 * Both compare outcomes, key by key, by the column "narrow" of the table:
 *
 *	least		a number or a position is not above the other's
 *	grants		each entry is covered by one of the other's
 *	restricts	each entry of the other is covered by one of ours
 *	fixed		both hold the same
 *	outcome		nothing to compare: what it leads to is compared instead
 *
 * "Covered" is cover.c's, which says no when it is not certain.
 */
#include "config/config_internal.h"

#include "base/quote.h"

enum {
	WIDENINGS_FIRST = 8,
};

static bool is_list(const struct config_key_row *row)
{
	return row->type == CONFIG_TYPE_LIST || row->type == CONFIG_TYPE_MAP;
}

/* The number by which values of a scalar are compared. */
static uint64_t measure(const struct config_key_row *row, const struct config_value *value)
{
	if (row->type == CONFIG_TYPE_BOOL)
		return value->boolean;
	return row->type == CONFIG_TYPE_ENUM ? value->choice : value->number;
}

/* ---- widenings ---- */

static void widening_add(struct config_resolver *resolver, struct config_widenings *widenings,
	enum config_key key, const struct config_origin *origin, const char *text)
{
	if (widenings->count == widenings->room) {
		size_t room = MAX((size_t)WIDENINGS_FIRST, 2 * widenings->room);
		struct config_widening *items = config_alloc(resolver, room, sizeof(*items));

		if (!items)
			return;
		if (widenings->count)
			memcpy(items, widenings->items, widenings->count * sizeof(*items));
		widenings->items = items;
		widenings->room = room;
	}
	widenings->items[widenings->count++] = (struct config_widening){ .key = key,
		.origin = *origin,
		.text = text };
}

/* What may be read without being listed: the workspace, and what may be written. */
static bool is_granted_anyway(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_item *item)
{
	const struct config_key_row *row = &config_keys[key];
	struct config_item workspace = { .text = resolver->inputs->workspace };

	if (key != CONFIG_KEY_FILESYSTEM_READ && key != CONFIG_KEY_FILESYSTEM_WRITE)
		return false;
	return config_item_covers(row, &workspace, item) ||
		config_list_covers(row, &base[CONFIG_KEY_FILESYSTEM_WRITE].list, item);
}

static void find_granted(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];
	const struct config_list *list = &values[key].list;

	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i];

		if (config_list_covers(row, &base[key].list, item) ||
				is_granted_anyway(resolver, key, base, item))
			continue;
		widening_add(resolver, ret, key, &item->origin,
			config_printf(resolver, "%s: '%s' goes beyond what is allowed", row->name,
				quote_cstr(item->text).text));
	}
}

static void find_dropped(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];
	const struct config_list *list = &base[key].list;

	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i];

		if (!config_list_covers(row, &values[key].list, item))
			widening_add(resolver, ret, key, &values[key].origin, config_printf(resolver,
				"%s: drops '%s' (%s)", row->name, quote_cstr(item->text).text,
				config_where(resolver, &item->origin)));
	}
}

static void find_changed(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];
	const struct config_list *list = &values[key].list;

	if (row->type == CONFIG_TYPE_KEYS) {
		if (strcmp(values[key].text, base[key].text))
			widening_add(resolver, ret, key, &values[key].origin,
				config_printf(resolver, "%s: changes your keys to '%s'", row->name,
					quote_cstr(values[key].text).text));
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		if (!config_list_find(&base[key].list, str_from(list->items[i].text)))
			widening_add(resolver, ret, key, &list->items[i].origin,
				config_printf(resolver, "%s: adds '%s'", row->name,
					quote_cstr(list->items[i].text).text));
	find_dropped(resolver, key, base, values, ret);
}

static void find_greater(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];

	if (measure(row, &values[key]) <= measure(row, &base[key]))
		return;
	widening_add(resolver, ret, key, &values[key].origin,
		config_printf(resolver, "%s: %s, where %s is allowed (%s)", row->name,
			config_value_text(resolver, key, &values[key]),
			config_value_text(resolver, key, &base[key]),
			config_where(resolver, &base[key].origin)));
}

void config_find_widenings(struct config_resolver *resolver, const struct config_value *base,
	const struct config_value *values, struct config_widenings *ret)
{
	*ret = (struct config_widenings){ 0 };
	for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
		enum config_key key = (enum config_key)i;

		switch (config_keys[i].narrow) {
		case CONFIG_NARROW_LEAST:
			find_greater(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_GRANTS:
			find_granted(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_RESTRICTS:
			find_dropped(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_FIXED:
			find_changed(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_OUTCOME:
			break;
		}
	}
}

/* ---- the ceiling ---- */

/* Somebody asked for this value and does not get it; nobody asked for a default or for what a profile has. */
static void say_narrowed(struct config_resolver *resolver, const struct config_key_row *row,
	const struct config_origin *asked, const char *what, const struct config_origin *ceiling)
{
	if (asked->source >= CONFIG_SOURCE_USER)
		config_notice_add(resolver, CONFIG_NOTICE_NARROWED, asked,
			"%s: %s is more than the organisation allows (%s)", row->name, what,
			config_where(resolver, ceiling));
}

static void lower(struct config_resolver *resolver, enum config_key key, struct config_value *value,
	const struct config_value *ceiling)
{
	const struct config_key_row *row = &config_keys[key];

	if (measure(row, value) <= measure(row, ceiling))
		return;
	say_narrowed(resolver, row, &value->origin, config_value_text(resolver, key, value),
		&ceiling->origin);
	*value = *ceiling;
}

/* What is allowed by both: an entry that the ceiling covers, and an entry of the ceiling that is covered. */
static void intersect(struct config_resolver *resolver, const struct config_key_row *row,
	struct config_value *value, const struct config_value *ceiling)
{
	struct config_list_builder builder = { .resolver = resolver };
	bool is_map = row->type == CONFIG_TYPE_MAP;

	for (size_t i = 0; i < value->list.count; i++) {
		const struct config_item *item = &value->list.items[i];

		if (config_list_covers(row, &ceiling->list, item)) {
			config_list_add(&builder, item, is_map);
			continue;
		}
		say_narrowed(resolver, row, &item->origin,
			config_printf(resolver, "'%s'", quote_cstr(item->text).text), &ceiling->origin);
		for (size_t j = 0; j < ceiling->list.count; j++)
			if (config_item_covers(row, item, &ceiling->list.items[j]))
				config_list_add(&builder, &ceiling->list.items[j], is_map);
	}
	value->list = config_list_end(&builder);
}

static void add_all(struct config_resolver *resolver, struct config_value *value,
	const struct config_value *ceiling)
{
	struct config_list_builder builder = { .resolver = resolver };

	for (size_t i = 0; i < value->list.count; i++)
		config_list_add(&builder, &value->list.items[i], false);
	for (size_t i = 0; i < ceiling->list.count; i++)
		config_list_add(&builder, &ceiling->list.items[i], false);
	value->list = config_list_end(&builder);
}

void config_apply_ceiling(struct config_resolver *resolver, struct config_value *values,
	const struct config_layer *ceiling)
{
	for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_key_row *row = &config_keys[i];

		if (!ceiling->is_set[i] || row->narrow == CONFIG_NARROW_OUTCOME)
			continue;
		if (row->type == CONFIG_TYPE_KEYS)
			values[i] = ceiling->values[i];
		else if (!is_list(row))
			lower(resolver, (enum config_key)i, &values[i], &ceiling->values[i]);
		else if (row->narrow == CONFIG_NARROW_GRANTS)
			intersect(resolver, row, &values[i], &ceiling->values[i]);
		else
			add_all(resolver, &values[i], &ceiling->values[i]);
	}
}
