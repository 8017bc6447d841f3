// SPDX-License-Identifier: Apache-2.0
/*
 * conflict.c - where the base is no longer what the changeset was made against
 */
#include "overlay/conflict.h"

static const struct {
	const char *name, *text;
} kinds[] = {
	[CONFLICT_INVALID] = { "", "" },
	[CONFLICT_CHANGED] = { "changed", "its content was changed meanwhile" },
	[CONFLICT_METADATA] = { "metadata", "its mode, owner or attributes were changed meanwhile" },
	[CONFLICT_TYPE] = { "type", "it is another type of file now" },
	[CONFLICT_GONE] = { "gone", "it is gone" },
	[CONFLICT_EXISTS] = { "exists", "something is there now" },
	[CONFLICT_STALE] = { "stale",
		"it was changed while the agent worked, so the agent may not have seen that" },
	[CONFLICT_PARENT] = { "parent", "the directory that holds it is gone or was replaced" },
	[CONFLICT_MOUNT] = { "mount", "it lies on another mount, which a commit cannot reach" },
};

const char *conflict_kind_name(enum conflict_kind kind)
{
	assert(kind < ARRAY_SIZE(kinds));
	return kinds[kind].name;
}

const char *conflict_kind_text(enum conflict_kind kind)
{
	assert(kind < ARRAY_SIZE(kinds));
	return kinds[kind].text;
}

void conflict_add(struct conflict_list *list, enum conflict_kind kind, unsigned root, struct str path)
{
	if (list->count < ARRAY_SIZE(list->items))
		list->items[list->count++] = (struct conflict){ .kind = kind, .root = root, .path = path };
	list->total++;
}

const struct json *conflicts_to_json(struct arena *arena, const struct conflict_list *list)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < list->count; i++) {
		const struct conflict *conflict = &list->items[i];
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, "kind", conflict_kind_name(conflict->kind));
		json_object_add_text(&object, "message", conflict_kind_text(conflict->kind));
		json_object_add(&object, "path", json_new_bytes(arena, conflict->path));
		json_object_add_int(&object, "root", conflict->root);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}
