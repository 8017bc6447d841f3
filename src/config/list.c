// SPDX-License-Identifier: Apache-2.0
/*
 * list.c - lists while they are built, each text once
 *
 * Lists hold at most CONFIG_LIST_MAX items per source and only a few sources add up, so looking for a text is
 * a walk.
 */
#include "config/config_internal.h"

enum {
	ITEMS_FIRST = 8,
};

static struct config_item *find(struct config_item *items, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_from(items[i].text), text))
			return &items[i];
	return NULL;
}

const struct config_item *config_list_find(const struct config_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(str_from(list->items[i].text), text))
			return &list->items[i];
	return NULL;
}

static bool make_room(struct config_list_builder *builder)
{
	size_t room = MAX((size_t)ITEMS_FIRST, 2 * builder->room);
	struct config_item *items;

	if (builder->count < builder->room)
		return true;
	items = config_alloc(builder->resolver, room, sizeof(*items));
	if (!items)
		return false;
	if (builder->count)
		memcpy(items, builder->items, builder->count * sizeof(*items));
	builder->items = items;
	builder->room = room;
	return true;
}

void config_list_add(struct config_list_builder *builder, const struct config_item *item, bool is_map)
{
	struct config_item *same = find(builder->items, builder->count, str_from(item->text));

	if (same) {
		if (is_map)
			*same = *item;
		return;
	}
	if (make_room(builder))
		builder->items[builder->count++] = *item;
}

struct config_list config_list_end(const struct config_list_builder *builder)
{
	return (struct config_list){ .items = builder->items, .count = builder->count };
}
