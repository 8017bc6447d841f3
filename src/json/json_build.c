// SPDX-License-Identifier: Apache-2.0
/*
 * json_build.c - values from the program's own data
 *
 * Every constructor gives NULL for what cannot be a value (no memory left in the arena, text that is not
 * UTF-8, a NULL element, a key that comes twice, a list that is nested too deep), and takes NULL in to give
 * NULL out: a document is built without a look at each step, and the one look at the end sees every failure.
 */
#include "json/json_internal.h"
#include "json/json_scan.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum {
	ROOM_MIN_COUNT = 8,
};

static struct json *new_value(struct arena *arena, enum json_type type)
{
	struct json *value = arena_alloc_raw(arena, sizeof(*value));

	if (value)
		*value = (struct json){ .type = type };
	return value;
}

/* There are only three of them, and no arena pays for them. */
const struct json *json_new_null(struct arena *arena)
{
	static const struct json null = { .type = JSON_NULL };

	(void)arena;
	return &null;
}

const struct json *json_new_bool(struct arena *arena, bool boolean)
{
	static const struct json no = { .type = JSON_BOOL, .boolean = false };
	static const struct json yes = { .type = JSON_BOOL, .boolean = true };

	(void)arena;
	return boolean ? &yes : &no;
}

const struct json *json_new_int(struct arena *arena, int64_t integer)
{
	struct json *value = new_value(arena, JSON_INT);

	if (value)
		value->integer = integer;
	return value;
}

/* @text ends in a NUL and belongs to @arena, or is NULL. */
static const struct json *adopt_text(struct arena *arena, enum json_type type, const char *text, size_t len)
{
	struct json *value = text ? new_value(arena, type) : NULL;

	if (value)
		*value = (struct json){
			.type = type, .text = { text, len },
			.weight = json_text_weight(type, (struct str){ text, len }),
		};
	return value;
}

const struct json *json_new_string(struct arena *arena, struct str text)
{
	if (!utf8_is_valid(text))
		return NULL;
	return adopt_text(arena, JSON_STRING, arena_copy(arena, text.data, text.len), text.len);
}

const struct json *json_new_number(struct arena *arena, struct str text)
{
	struct json *value = new_value(arena, JSON_NUMBER);
	char *copy = arena_copy(arena, text.data, text.len);
	struct json_scan scan = { .arena = arena, .at = copy, .line_start = copy, .line = 1 };

	if (!value || !copy)
		return NULL;
	scan.end = copy + text.len;
	if (json_scan_digits(&scan, value) < 0 || scan.at != scan.end)
		return NULL;
	if (value->type == JSON_NUMBER)
		value->weight = json_text_weight(JSON_NUMBER, value->text);
	return value;
}

const struct json *json_new_text(struct arena *arena, const char *text)
{
	return text ? json_new_string(arena, str_from(text)) : NULL;
}

const struct json *json_new_printf(struct arena *arena, const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	text = arena_vprintf(arena, fmt, args);
	va_end(args);
	if (!text || !utf8_is_valid(str_from(text)))
		return NULL;
	return adopt_text(arena, JSON_STRING, text, strlen(text));
}

/* ---- bytes ---- */

const struct json *json_new_bytes(struct arena *arena, struct str bytes)
{
	struct json_object_builder builder;
	struct str text;

	if (utf8_is_valid(bytes))
		return adopt_text(arena, JSON_STRING, arena_copy(arena, bytes.data, bytes.len), bytes.len);
	if (base64_encode(arena, bytes, &text) < 0)
		return NULL;
	json_object_begin(&builder, arena);
	json_object_add(&builder, "bytes", adopt_text(arena, JSON_STRING, text.data, text.len));
	return json_object_end(&builder);
}

int json_to_bytes(struct arena *arena, const struct json *value, struct str *ret)
{
	const struct json *encoded = json_get(value, "bytes");
	struct str bytes;
	int r;

	if (value && value->type == JSON_STRING) {
		const char *copy = arena_copy(arena, value->text.data, value->text.len);

		if (!copy)
			return -EMSGSIZE;
		*ret = (struct str){ .data = copy, .len = value->text.len };
		return 0;
	}
	if (!value || !encoded || encoded->type != JSON_STRING || value->object.count != 1)
		return -EINVAL;
	r = base64_decode(arena, encoded->text, &bytes);
	if (r < 0)
		return r;
	/* One form for each run of bytes: what could have been a plain string has to be one. */
	if (utf8_is_valid(bytes))
		return -EINVAL;
	*ret = bytes;
	return 0;
}

/* ---- words ---- */

const struct json *json_new_words(struct arena *arena, const char *const *words, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_bytes(arena, str_from(words[i])));
	return json_array_end(&array);
}

int json_to_words(struct arena *arena, const struct json *value, const char *const **ret, size_t *ret_count)
{
	const char **words;

	if (!value || value->type != JSON_ARRAY)
		return -EINVAL;
	if (value->array.count > JSON_WORDS_MAX)
		return -E2BIG;
	words = arena_alloc_array(arena, value->array.count + 1, sizeof(*words));
	if (!words)
		return -EMSGSIZE;
	for (size_t i = 0; i < value->array.count; i++) {
		struct str word;
		int r = json_to_bytes(arena, value->array.items[i], &word);

		if (r < 0)
			return r;
		/* It would end there for whoever takes it as a text. */
		if (memchr(word.data, 0, word.len))
			return -EINVAL;
		words[i] = word.data;
	}
	words[value->array.count] = NULL;
	*ret = words;
	*ret_count = value->array.count;
	return 0;
}

/* ---- builders ---- */

/* Room for one more of @count elements; what stood there is moved. NULL when the arena is full. */
static void *grow(struct arena *arena, void *elements, size_t count, size_t *room, size_t size_bytes)
{
	size_t grown_room = MAX(*room * 2, (size_t)ROOM_MIN_COUNT), grown_bytes;
	void *grown;

	if (count < *room)
		return elements;
	if (__builtin_mul_overflow(grown_room, size_bytes, &grown_bytes))
		return NULL;
	grown = arena_alloc_raw(arena, grown_bytes);
	if (!grown)
		return NULL;
	if (count)
		memcpy(grown, elements, count * size_bytes);
	*room = grown_room;
	return grown;
}

void json_array_begin(struct json_array_builder *builder, struct arena *arena)
{
	*builder = (struct json_array_builder){ .arena = arena };
}

void json_array_begin_with(struct json_array_builder *builder, struct arena *arena,
	const struct json *const *items, size_t count)
{
	*builder = (struct json_array_builder){ .arena = arena, .count = count, .room = count };
	builder->items = arena_alloc_raw(arena, count * sizeof(*items));
	builder->failed = !builder->items;
	if (builder->items && count)
		memcpy(builder->items, items, count * sizeof(*items));
}

void json_array_reserve(struct json_array_builder *builder, size_t count)
{
	assert(!builder->room);
	builder->items = arena_alloc_array(builder->arena, count, sizeof(*builder->items));
	builder->room = count;
	builder->failed = !builder->items;
}

void json_array_add(struct json_array_builder *builder, const struct json *value)
{
	const struct json **items;

	if (builder->failed)
		return;
	items = value ? grow(builder->arena, builder->items, builder->count, &builder->room, sizeof(*items)) :
			NULL;
	if (!items) {
		builder->failed = true;
		return;
	}
	builder->items = items;
	builder->items[builder->count++] = value;
}

/* NULL where its elements make it too high, or so large that nobody could look at all of it. */
static const struct json *finished(const struct json *list)
{
	return list->height <= JSON_DEPTH_MAX && list->weight <= JSON_WEIGHT_MAX ? list : NULL;
}

/* With how many elements the weight of a list begins. */
static uint32_t count_weight(size_t count)
{
	return (uint32_t)MIN(count, (size_t)UINT32_MAX);
}

/* There is one empty list of each kind, and no arena pays for it: most sets of findings are empty. */
static const struct json *empty_list(enum json_type type)
{
	static const struct json array = { .type = JSON_ARRAY, .height = 1 };
	static const struct json set = { .type = JSON_SET, .height = 1, .is_term = true };

	return type == JSON_SET ? &set : &array;
}

static const struct json *end_items(struct json_array_builder *builder, enum json_type type)
{
	struct json *list;

	if (!builder->failed && !builder->count)
		return empty_list(type);
	list = builder->failed ? NULL : new_value(builder->arena, type);
	if (!list)
		return NULL;
	list->height = 1;
	list->is_term = type == JSON_SET;
	list->array.items = builder->items;
	list->array.count = builder->count;
	list->weight = count_weight(builder->count);
	for (size_t i = 0; i < builder->count; i++)
		json_count_in(list, builder->items[i]);
	return finished(list);
}

/* The items lie behind the list, in one piece of memory. */
const struct json *json_new_array(struct arena *arena, const struct json *const *items, size_t count)
{
	struct json *list;
	const struct json **copy;
	size_t bytes;

	if (__builtin_mul_overflow(count, sizeof(*items), &bytes) ||
			__builtin_add_overflow(bytes, sizeof(*list), &bytes))
		return NULL;
	list = arena_alloc_raw(arena, bytes);
	if (!list)
		return NULL;
	copy = (const struct json **)(list + 1);
	*list = (struct json){ .type = JSON_ARRAY, .height = 1, .weight = count_weight(count),
		.array = { copy, count } };
	for (size_t i = 0; i < count; i++) {
		copy[i] = items[i];
		if (!items[i])
			return NULL;
		json_count_in(list, items[i]);
	}
	return finished(list);
}

const struct json *json_array_end(struct json_array_builder *builder)
{
	return end_items(builder, JSON_ARRAY);
}

const struct json *json_array_end_sorted(struct json_array_builder *builder)
{
	if (builder->failed || !json_sort_items(builder->arena, builder->items, builder->count))
		return NULL;
	return end_items(builder, JSON_ARRAY);
}

const struct json *json_set_end(struct json_array_builder *builder)
{
	size_t kept = 0;

	if (!builder->count)
		return end_items(builder, JSON_SET);
	if (builder->failed || !json_sort_items(builder->arena, builder->items, builder->count))
		return NULL;
	for (size_t i = 0; i < builder->count; i++)
		if (!kept || !json_equal(builder->items[kept - 1], builder->items[i]))
			builder->items[kept++] = builder->items[i];
	builder->count = kept;
	return end_items(builder, JSON_SET);
}

void json_object_begin(struct json_object_builder *builder, struct arena *arena)
{
	*builder = (struct json_object_builder){ .arena = arena };
}

void json_object_add_value(struct json_object_builder *builder, const struct json *key,
	const struct json *value)
{
	struct json_member *members = NULL;

	if (builder->failed)
		return;
	if (key && value)
		members = grow(builder->arena, builder->members, builder->count, &builder->room,
			sizeof(*members));
	if (!members) {
		builder->failed = true;
		return;
	}
	builder->members = members;
	builder->members[builder->count++] = (struct json_member){ .key = key, .value = value };
}

void json_object_add_str(struct json_object_builder *builder, struct str key, const struct json *value)
{
	if (!builder->failed)
		json_object_add_value(builder, json_new_string(builder->arena, key), value);
}

void json_object_add(struct json_object_builder *builder, const char *key, const struct json *value)
{
	json_object_add_str(builder, str_from(key), value);
}

void json_object_add_text(struct json_object_builder *builder, const char *key, const char *value)
{
	json_object_add(builder, key, json_new_text(builder->arena, value));
}

void json_object_add_int(struct json_object_builder *builder, const char *key, int64_t value)
{
	json_object_add(builder, key, json_new_int(builder->arena, value));
}

void json_object_add_bool(struct json_object_builder *builder, const char *key, bool value)
{
	json_object_add(builder, key, json_new_bool(builder->arena, value));
}

static const struct json *end_members(struct json_object_builder *builder)
{
	struct json *list = new_value(builder->arena, JSON_OBJECT);

	if (!list)
		return NULL;
	list->height = 1;
	list->object.members = builder->members;
	list->object.count = builder->count;
	list->weight = count_weight(builder->count);
	for (size_t i = 0; i < builder->count; i++) {
		json_count_in(list, builder->members[i].value);
		json_count_in(list, builder->members[i].key);
		list->is_term |= builder->members[i].key->type != JSON_STRING;
	}
	return finished(list);
}

static bool sort_members(struct json_object_builder *builder)
{
	return !builder->failed && json_sort_members(builder->arena, builder->members, builder->count);
}

const struct json *json_object_end(struct json_object_builder *builder)
{
	if (!sort_members(builder))
		return NULL;
	builder->conflict = json_find_twice(builder->members, builder->count);
	return builder->conflict ? NULL : end_members(builder);
}

const struct json *json_object_end_merged(struct json_object_builder *builder)
{
	size_t kept = 0;

	if (!sort_members(builder))
		return NULL;
	for (size_t i = 0; i < builder->count; i++) {
		const struct json_member *member = &builder->members[i];

		if (!kept || !json_equal(builder->members[kept - 1].key, member->key)) {
			builder->members[kept++] = *member;
		} else if (!json_equal(builder->members[kept - 1].value, member->value)) {
			builder->conflict = member;
			return NULL;
		}
	}
	builder->count = kept;
	return end_members(builder);
}

const struct json *json_object_end_last(struct json_object_builder *builder)
{
	size_t kept = 0;

	if (!sort_members(builder))
		return NULL;
	for (size_t i = 0; i < builder->count; i++) {
		kept -= kept && json_equal(builder->members[kept - 1].key, builder->members[i].key);
		builder->members[kept++] = builder->members[i];
	}
	builder->count = kept;
	return end_members(builder);
}

/* The values of all groups stand in one array, one group behind the other. */
const struct json *json_object_end_grouped(struct json_object_builder *builder)
{
	const struct json **items;
	size_t kept = 0;

	if (!sort_members(builder))
		return NULL;
	items = arena_alloc_raw(builder->arena, builder->count * sizeof(*items));
	if (!items)
		return NULL;
	for (size_t i = 0; i < builder->count;) {
		struct json_array_builder group = { .arena = builder->arena, .items = items + i };
		const struct json *key = builder->members[i].key, *values;

		assert(key);
		do
			group.items[group.count++] = builder->members[i++].value;
		while (i < builder->count && json_equal(builder->members[i].key, key));
		values = json_array_end(&group);
		if (!values)
			return NULL;
		builder->members[kept++] = (struct json_member){ .key = key, .value = values };
	}
	builder->count = kept;
	return end_members(builder);
}

const struct json *json_new_object(struct arena *arena, const struct json_member *members, size_t count)
{
	struct json_object_builder builder = { .arena = arena, .count = count, .room = count };

	for (size_t i = 0; i < count; i++)
		if (!members[i].value)
			return NULL;
	builder.members = arena_alloc_raw(arena, count * sizeof(*members));
	if (!builder.members)
		return NULL;
	if (count)
		memcpy(builder.members, members, count * sizeof(*members));
	return end_members(&builder);
}

const struct json *json_new_record(struct arena *arena, const struct json *keys,
	const struct json *const *values)
{
	struct json_object_builder builder = { .arena = arena, .count = keys->array.count };

	builder.members = arena_alloc_raw(arena, builder.count * sizeof(*builder.members));
	if (!builder.members)
		return NULL;
	for (size_t i = 0; i < builder.count; i++)
		builder.members[i] = (struct json_member){ keys->array.items[i], values[i] };
	return end_members(&builder);
}

/* ---- copying ---- */

static bool copy_array(struct arena *arena, struct json *copy, const struct json *value)
{
	const struct json **items = arena_alloc_array(arena, value->array.count, sizeof(*items));

	for (size_t i = 0; items && i < value->array.count; i++) {
		items[i] = json_copy(arena, value->array.items[i]);
		if (!items[i])
			return false;
	}
	copy->array.items = items;
	return items != NULL;
}

static bool copy_object(struct arena *arena, struct json *copy, const struct json *value)
{
	struct json_member *members = arena_alloc_array(arena, value->object.count, sizeof(*members));

	for (size_t i = 0; members && i < value->object.count; i++) {
		const struct json_member *from = &value->object.members[i];

		members[i].key = json_copy(arena, from->key);
		members[i].value = json_copy(arena, from->value);
		if (!members[i].key || !members[i].value)
			return false;
	}
	copy->object.members = members;
	return members != NULL;
}

const struct json *json_copy(struct arena *arena, const struct json *value)
{
	struct json *copy = value ? arena_alloc(arena, sizeof(*copy)) : NULL;
	bool complete = true;

	if (!copy)
		return NULL;
	*copy = *value;
	if (value->type == JSON_NUMBER || value->type == JSON_STRING) {
		copy->text.data = arena_copy(arena, value->text.data, value->text.len);
		complete = copy->text.data != NULL;
	} else if (value->type == JSON_ARRAY || value->type == JSON_SET) {
		complete = copy_array(arena, copy, value);
	} else if (value->type == JSON_OBJECT) {
		complete = copy_object(arena, copy, value);
	}
	return complete ? copy : NULL;
}
