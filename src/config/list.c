// SPDX-License-Identifier: Apache-2.0
/*
 * list.c - lists while they are built, each text once
 *
 * Lists of policies are layers in one list: what the organisation names counts as its own, whoever else names
 * it, or a project that names it first would take it away from the organisation.
 *
 * Lists hold at most CONFIG_LIST_MAX items per source and only a few sources add up, so looking for a text is
 * a walk.
 */
#include "config/config_internal.h"

enum config_sameness config_list_sameness(const struct config_key_row *row)
{
	return row->item == CONFIG_ITEM_MODULE || row->item == CONFIG_ITEM_SOURCE ? CONFIG_SAME_LAYER :
		CONFIG_SAME_TEXT;
}

enum config_source config_item_layer(const struct config_item *item)
{
	enum config_source source = item->origin.source;

	return source == CONFIG_SOURCE_POLICY || source == CONFIG_SOURCE_PROJECT ? source :
		CONFIG_SOURCE_USER;
}

static bool is_same(enum config_sameness sameness, const struct config_item *a, const struct config_item *b)
{
	if (sameness == CONFIG_SAME_NEVER || strcmp(a->text, b->text))
		return false;
	return sameness == CONFIG_SAME_TEXT || config_item_layer(a) == config_item_layer(b);
}

static struct config_item *find(const struct config_list_builder *builder, const struct config_item *item)
{
	for (size_t i = 0; i < builder->count; i++)
		if (is_same(builder->sameness, &builder->items[i], item))
			return &builder->items[i];
	return NULL;
}

const struct config_item *config_list_find(const struct config_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(str_from(list->items[i].text), text))
			return &list->items[i];
	return NULL;
}

void config_list_add(struct config_list_builder *builder, const struct config_item *item, bool is_map)
{
	struct config_item *same = find(builder, item), *items;

	if (same) {
		if (is_map)
			*same = *item;
		return;
	}
	items = config_grow(builder->resolver, builder->items, builder->count, &builder->room,
		sizeof(*items));
	if (!items)
		return;
	builder->items = items;
	items[builder->count++] = *item;
}

struct config_list config_list_end(const struct config_list_builder *builder)
{
	return (struct config_list){ .items = builder->items, .count = builder->count };
}
