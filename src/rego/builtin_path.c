// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_path.c - what is at some places of a document, and what is not
 *
 * All paths are put in order first. Those that go through one key then stand beside each other, and of those
 * the one that ends there, which makes all others beside it needless, comes first: so a walk over the
 * document carries the run of paths that have led to where it is, and nothing else has to be built.
 *
 * An item of an array is named by the text of its index, an element of a set by itself.
 */
#include "rego/builtin_table.h"
#include "rego/path.h"

#include <stdio.h>

enum {
	INDEX_TEXT_SIZE = 24,
};

/* ---- reading ---- */

/* A key between two slashes. */
static const struct json *key_of(struct rego_call *call, struct str part)
{
	char *text = arena_alloc_raw(call->arena, part.len);
	size_t len = 0;

	if (!text)
		return NULL;
	for (size_t i = 0; i < part.len; i++) {
		char next = part.data[i] == '~' && i + 1 < part.len ? part.data[i + 1] : '\0';
		bool is_escape = next == '0' || next == '1';

		text[len++] = (char)(!is_escape ? part.data[i] : next == '1' ? '/' : '~');
		i += is_escape;
	}
	return json_new_string(call->arena, (struct str){ .data = text, .len = len });
}

const struct json *rego_path_read(struct rego_call *call, const struct json *value)
{
	struct json_array_builder keys;
	struct str rest = value->text, part;
	bool more = value->type == JSON_STRING && value->text.len;

	if (value->type == JSON_ARRAY)
		return value;
	if (!rego_spend(call->budget, value->text.len / 8 + 1))
		return NULL;
	json_array_begin(&keys, call->arena);
	while (rest.len && rest.data[0] == '/')
		rest = (struct str){ .data = rest.data + 1, .len = rest.len - 1 };
	while (more) {
		more = str_cut(rest, '/', &part, &rest);
		json_array_add(&keys, key_of(call, part));
	}
	return json_array_end(&keys);
}

/* ---- paths in order ---- */

/* Paths that have their first @depth keys in common, and more than these. */
struct paths {
	const struct json *const *items;
	size_t count, depth;
};

enum place {
	PLACE_ELSEWHERE,		/* no path goes there */
	PLACE_ABOVE,			/* some go through there */
	PLACE_HERE,			/* one ends there */
};

/* The first path from @low on whose next key is not below @key, or, with @behind, is above it. */
static size_t bound(const struct paths *paths, const struct json *key, size_t low, bool behind)
{
	size_t high = paths->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = json_compare(paths->items[middle]->array.items[paths->depth], key);

		if (order < 0 || (behind && !order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum place place_of(const struct paths *paths, const struct json *key, struct paths *ret_through)
{
	size_t start = bound(paths, key, 0, false), end = bound(paths, key, start, true);

	if (start == end)
		return PLACE_ELSEWHERE;
	if (paths->items[start]->array.count == paths->depth + 1)
		return PLACE_HERE;
	*ret_through = (struct paths){ paths->items + start, end - start, paths->depth + 1 };
	return PLACE_ABOVE;
}

/* ---- the walk ---- */

struct walk {
	struct rego_call *call;
	bool keeps;			/* what is at the paths, otherwise everything else */
	bool is_over;
};

static const struct json *walk_into(struct walk *walk, const struct json *value, const struct paths *paths);

/* What becomes of an element. NULL: it goes, or the evaluation is over. */
static const struct json *element_of(struct walk *walk, const struct json *key, const struct json *value,
	const struct paths *paths)
{
	struct paths through;
	enum place place = place_of(paths, key, &through);

	if (place != PLACE_ABOVE)
		return (place == PLACE_HERE) == walk->keeps ? value : NULL;
	value = walk_into(walk, value, &through);
	walk->is_over |= !value;
	return value;
}

static const struct json *walk_items(struct walk *walk, const struct json *list, const struct paths *paths)
{
	struct json_array_builder items;

	json_array_begin(&items, walk->call->arena);
	for (size_t i = 0; i < list->array.count && !walk->is_over; i++) {
		const struct json *item = list->array.items[i];
		char text[INDEX_TEXT_SIZE];
		struct json index = { .type = JSON_STRING };

		index.text = (struct str){ .data = text,
			.len = (size_t)snprintf(text, sizeof(text), "%zu", i) };
		item = element_of(walk, list->type == JSON_SET ? item : &index, item, paths);
		if (item)
			json_array_add(&items, item);
	}
	return list->type == JSON_SET ? json_set_end(&items) : json_array_end(&items);
}

static const struct json *walk_members(struct walk *walk, const struct json *object,
	const struct paths *paths)
{
	struct json_object_builder members;

	json_object_begin(&members, walk->call->arena);
	for (size_t i = 0; i < object->object.count && !walk->is_over; i++) {
		const struct json_member *member = &object->object.members[i];
		const struct json *value = element_of(walk, member->key, member->value, paths);

		if (value)
			json_object_add_value(&members, member->key, value);
	}
	return json_object_end(&members);
}

/* A path that goes on below what is no list leads nowhere. */
static const struct json *walk_into(struct walk *walk, const struct json *value, const struct paths *paths)
{
	const struct json *chosen;

	if (value->type != JSON_OBJECT && value->type != JSON_ARRAY && value->type != JSON_SET)
		return value;
	if (!rego_spend(walk->call->budget,
			value->type == JSON_OBJECT ? value->object.count : value->array.count))
		return NULL;
	chosen = value->type == JSON_OBJECT ? walk_members(walk, value, paths) :
		walk_items(walk, value, paths);
	return walk->is_over ? NULL : chosen;
}

/* ---- the built-ins ---- */

/* The paths of the second operand in order, as a set. NULL: the answer is rego_failed(). */
static const struct json *paths_of(struct rego_call *call)
{
	const struct json *operand = call->operands[1];
	struct json_array_builder paths;

	if (!rego_take_elements(call, 1, "one of {set, array}"))
		return NULL;
	json_array_begin(&paths, call->arena);
	for (size_t i = 0; i < operand->array.count; i++) {
		const struct json *path = operand->array.items[i];

		if (!rego_is_path(path)) {
			(void)rego_operand_fail(call, 1,
				"must be one of {set, array} containing string paths or array of path segments but got %s",
				rego_type_name(path));
			return NULL;
		}
		path = rego_path_read(call, path);
		/* The whole is never meant. */
		if (!path || path->array.count)
			json_array_add(&paths, path);
	}
	return json_set_end(&paths);
}

static enum rego_answer choose(struct rego_call *call, bool keeps)
{
	struct walk walk = { .call = call, .keeps = keeps };
	const struct json *set;

	if (!rego_take(call, 0, JSON_OBJECT))
		return rego_failed(call);
	set = paths_of(call);
	if (!set)
		return rego_failed(call);
	return rego_give(call, walk_into(&walk, call->operands[0],
		&(struct paths){ set->array.items, set->array.count, 0 }));
}

enum rego_answer rego_do_json_filter(struct rego_call *call)
{
	return choose(call, true);
}

enum rego_answer rego_do_json_remove(struct rego_call *call)
{
	return choose(call, false);
}
