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
 *	stricter	no parameter of a policy finds less (params.c)
 *	outcome		nothing to compare: what it leads to is compared instead
 *
 * "Covered" is cover.c's, which says no when it is not certain.
 */
#include "config/config_internal.h"

#include "base/quote.h"

/* The number by which values of a scalar are compared. */
static uint64_t measure(const struct config_key_row *row, const struct config_value *value)
{
	if (row->type == CONFIG_TYPE_BOOL)
		return value->boolean;
	return row->type == CONFIG_TYPE_ENUM ? value->choice : value->number;
}

/* ---- widenings ---- */

void config_widening_add(struct config_resolver *resolver, struct config_widenings *widenings,
	enum config_key key, const struct config_origin *origin, const char *text)
{
	struct config_widening *items = config_grow(resolver, widenings->items, widenings->count,
		&widenings->room, sizeof(*items));

	if (!items)
		return;
	widenings->items = items;
	items[widenings->count++] = (struct config_widening){ .key = key, .origin = *origin, .text = text };
}

static void add_item(struct config_resolver *resolver, struct config_widenings *widenings,
	enum config_key key, const struct config_item *item)
{
	config_widening_add(resolver, widenings, key, &item->origin,
		config_printf(resolver, "%s: '%s' goes beyond what is allowed", config_keys[key].name,
			quote_cstr(item->text).text));
}

/*
 * An entry that allows, where the others of its list forbid. A project's own entry cannot: it counts in the
 * project's layer, which only adds.
 */
static void find_permitted(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];
	const struct config_list *list = &values[key].list;

	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i];

		if (row->permits && !strcmp(item->text, row->permits) &&
				config_item_layer(item) == CONFIG_SOURCE_USER &&
				!config_list_covers(row, &base[key].list, item))
			add_item(resolver, ret, key, item);
	}
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
		add_item(resolver, ret, key, item);
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
			config_widening_add(resolver, ret, key, &values[key].origin, config_printf(resolver,
				"%s: drops '%s' (%s)", row->name, quote_cstr(item->text).text,
				config_where(resolver, &item->origin)));
	}
}

static bool is_same_scalar(const struct config_key_row *row, const struct config_value *a,
	const struct config_value *b)
{
	if (row->type == CONFIG_TYPE_KEYS || row->type == CONFIG_TYPE_TEXT || row->type == CONFIG_TYPE_NAME)
		return !strcmp(a->text, b->text);
	return measure(row, a) == measure(row, b);
}

static void find_changed_items(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];
	const struct config_list *list = &values[key].list;

	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *item = &list->items[i],
					 *before = config_list_find(&base[key].list, str_from(item->text));

		if (before && config_item_covers(row, before, item))
			continue;
		config_widening_add(resolver, ret, key, &item->origin, config_printf(resolver, "%s: %s '%s'",
			row->name, before ? "changes" : "adds", quote_cstr(item->text).text));
	}
	for (size_t i = 0; i < base[key].list.count; i++) {
		const struct config_item *item = &base[key].list.items[i];

		if (!config_list_find(list, str_from(item->text)))
			config_widening_add(resolver, ret, key, &values[key].origin, config_printf(resolver,
				"%s: drops '%s' (%s)", row->name, quote_cstr(item->text).text,
				config_where(resolver, &item->origin)));
	}
}

static void find_changed(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];

	if (config_type_is_list(row->type)) {
		find_changed_items(resolver, key, base, values, ret);
		return;
	}
	if (is_same_scalar(row, &base[key], &values[key]))
		return;
	if (row->type == CONFIG_TYPE_KEYS)
		config_widening_add(resolver, ret, key, &values[key].origin,
			config_printf(resolver, "%s: changes your keys to '%s'", row->name,
				quote_cstr(values[key].text).text));
	else
		config_widening_add(resolver, ret, key, &values[key].origin,
			config_printf(resolver, "%s: '%s' in place of '%s' (%s)", row->name,
				quote_cstr(config_value_text(resolver, key, &values[key])).text,
				quote_cstr(config_value_text(resolver, key, &base[key])).text,
				config_where(resolver, &base[key].origin)));
}

static void find_greater(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret)
{
	const struct config_key_row *row = &config_keys[key];

	if (measure(row, &values[key]) <= measure(row, &base[key]))
		return;
	config_widening_add(resolver, ret, key, &values[key].origin,
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
			find_permitted(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_FIXED:
			find_changed(resolver, key, base, values, ret);
			break;
		case CONFIG_NARROW_STRICTER:
			config_find_looser(resolver, key, base, values, ret);
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

/* What is allowed by both: an entry that the ceiling covers, and what it and entries of the ceiling share. */
static void intersect(struct config_resolver *resolver, const struct config_key_row *row,
	struct config_value *value, const struct config_value *ceiling)
{
	struct config_list_builder builder = { .resolver = resolver };
	bool is_map = row->type == CONFIG_TYPE_MAP;
	struct config_item both;

	for (size_t i = 0; i < value->list.count; i++) {
		const struct config_item *item = &value->list.items[i];

		if (config_list_covers(row, &ceiling->list, item)) {
			config_list_add(&builder, item, is_map);
			continue;
		}
		say_narrowed(resolver, row, &item->origin,
			config_printf(resolver, "'%s'", quote_cstr(item->text).text), &ceiling->origin);
		for (size_t j = 0; j < ceiling->list.count; j++)
			if (config_item_meet(resolver, row, item, &ceiling->list.items[j], &both))
				config_list_add(&builder, &both, is_map);
	}
	value->list = config_list_end(&builder);
}

static void add_all(struct config_resolver *resolver, const struct config_key_row *row,
	struct config_value *value, const struct config_value *ceiling)
{
	struct config_list_builder builder = { .resolver = resolver, .sameness = config_list_sameness(row) };

	if (row->type == CONFIG_TYPE_TREE) {
		if (ceiling->list.count)
			value->list = config_tree_merge(resolver, &value->list, &ceiling->list);
		return;
	}
	for (size_t i = 0; i < value->list.count; i++)
		config_list_add(&builder, &value->list.items[i], false);
	for (size_t i = 0; i < ceiling->list.count; i++)
		config_list_add(&builder, &ceiling->list.items[i], false);
	value->list = config_list_end(&builder);
}

/* A bool that is fixed asks for more when it is true, and the organisation does not ask for less. */
static void replace(const struct config_key_row *row, struct config_value *value,
	const struct config_value *ceiling)
{
	if (row->type != CONFIG_TYPE_BOOL || ceiling->boolean)
		*value = *ceiling;
}

void config_apply_ceiling_of(struct config_resolver *resolver, enum config_key key,
	struct config_value *values, const struct config_layer *ceiling)
{
	const struct config_key_row *row = &config_keys[key];

	if (!ceiling->is_set[key] || row->narrow == CONFIG_NARROW_OUTCOME)
		return;
	if (config_type_is_list(row->type) && row->narrow != CONFIG_NARROW_GRANTS)
		add_all(resolver, row, &values[key], &ceiling->values[key]);
	else if (config_type_is_list(row->type))
		intersect(resolver, row, &values[key], &ceiling->values[key]);
	else if (row->narrow == CONFIG_NARROW_FIXED)
		replace(row, &values[key], &ceiling->values[key]);
	else
		lower(resolver, key, &values[key], &ceiling->values[key]);
}

void config_apply_ceiling(struct config_resolver *resolver, struct config_value *values,
	const struct config_layer *ceiling)
{
	for (int i = 0; i < CONFIG_KEY_COUNT; i++)
		config_apply_ceiling_of(resolver, (enum config_key)i, values, ceiling);
}
