// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_values.c - what holds for all values that a policy can compute
 *
 * The bytes are instructions for building: they make three values of few different atoms, so that equal ones
 * are likely, and then
 *
 *   - the order is one: antisymmetric, transitive, 0 exactly where json_equal() says so, and 0 between a
 *     value and its copy
 *   - elements of sets and keys of objects are in order and unique, and each is found, and nothing else is
 *   - height and is_term say what a walk over the value finds
 *   - every form of writing succeeds, a copy is written as its original, and what json_to_document() gives
 *     reads back as itself
 */
#include "json/json.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_MAX_BYTES = 16 << 20,
	TEXT_MAX_BYTES = 4 << 20,
	HEIGHT_MAX = 12,
	LENGTH_MAX = 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct maker {
	struct arena *arena;
	const uint8_t *at, *end;
};

static unsigned next(struct maker *maker)
{
	return maker->at < maker->end ? *maker->at++ : 0;
}

/* Numbers whose texts differ more than they do. */
static const struct json *make_number(struct maker *maker)
{
	static const char *const texts[] = {
		"0", "-0", "0.0", "1", "1.0", "1e0", "10e-1", "-1", "-1.0", "1.5", "15e-1", "100", "1e2",
		"1E+02", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"1e999999999999999999999", "10e999999999999999999998", "1e-999999999999999999999",
		"-1e999999999999999999999", "0.001",
	};
	const struct json *number = json_new_number(maker->arena,
		str_from(texts[next(maker) % ARRAY_SIZE(texts)]));

	assert(number);
	return number;
}

static const struct json *make_string(struct maker *maker)
{
	size_t len = next(maker) % 12;
	char text[12];

	for (size_t i = 0; i < len; i++)
		text[i] = "ab\n\"\\\0 z"[next(maker) % 8];
	return json_new_string(maker->arena, (struct str){ .data = text, .len = len });
}

static const struct json *make_value(struct maker *maker, unsigned height);

static const struct json *make_items(struct maker *maker, unsigned height, bool is_set)
{
	struct json_array_builder builder;
	unsigned count = next(maker) % LENGTH_MAX;

	json_array_begin(&builder, maker->arena);
	for (unsigned i = 0; i < count; i++)
		json_array_add(&builder, make_value(maker, height - 1));
	return is_set ? json_set_end(&builder) : json_array_end(&builder);
}

static const struct json *make_object(struct maker *maker, unsigned height)
{
	struct json_object_builder builder;
	unsigned count = next(maker) % LENGTH_MAX;

	json_object_begin(&builder, maker->arena);
	for (unsigned i = 0; i < count; i++) {
		const struct json *key = make_value(maker, height - 1);

		json_object_add_value(&builder, key, make_value(maker, height - 1));
	}
	return json_object_end_last(&builder);
}

static const struct json *make_value(struct maker *maker, unsigned height)
{
	switch (next(maker) % (height ? 10 : 6)) {
	case 0:
		return json_new_null(maker->arena);
	case 1:
		return json_new_bool(maker->arena, next(maker) & 1);
	case 2:
		return json_new_int(maker->arena, (int)next(maker) % 5 - 2);
	case 3:
		return make_number(maker);
	case 6:
		return make_items(maker, height, false);
	case 7:
	case 8:
		return make_items(maker, height, true);
	case 9:
		return make_object(maker, height);
	default:
		return make_string(maker);
	}
}

/* ---- what holds ---- */

static int sign(int r)
{
	return (r > 0) - (r < 0);
}

static void check_pair(const struct json *a, const struct json *b)
{
	assert(sign(json_compare(a, b)) == -sign(json_compare(b, a)));
	assert(json_equal(a, b) == !json_compare(a, b));
	assert(json_equal(a, b) == json_equal(b, a));
}

static void check_three(const struct json *a, const struct json *b, const struct json *c)
{
	if (json_compare(a, b) <= 0 && json_compare(b, c) <= 0)
		assert(json_compare(a, c) <= 0);
	if (!json_compare(a, b))
		assert(sign(json_compare(a, c)) == sign(json_compare(b, c)));
}

static void check_shape(const struct json *value);

static void check_set(const struct json *set, bool *is_term, unsigned *height)
{
	for (size_t i = 0; i < set->array.count; i++) {
		const struct json *item = set->array.items[i];

		check_shape(item);
		*is_term |= item->is_term;
		*height = MAX(*height, item->height + 1u);
		if (set->type == JSON_ARRAY)
			continue;
		assert(!i || json_compare(set->array.items[i - 1], item) < 0);
		assert(json_find(set, item) == item);
	}
}

static void check_object(const struct json *object, bool *is_term, unsigned *height)
{
	for (size_t i = 0; i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];

		check_shape(member->key);
		check_shape(member->value);
		*is_term |= member->key->is_term || member->value->is_term ||
			member->key->type != JSON_STRING;
		*height = MAX(*height, member->key->height + 1u);
		*height = MAX(*height, member->value->height + 1u);
		assert(!i || json_compare(member[-1].key, member->key) < 0);
		assert(json_find(object, member->key) == member->value);
	}
}

static void check_shape(const struct json *value)
{
	bool is_list = value->type >= JSON_ARRAY, is_term = value->type == JSON_SET;
	unsigned height = is_list;

	if (value->type == JSON_OBJECT)
		check_object(value, &is_term, &height);
	else if (is_list)
		check_set(value, &is_term, &height);
	assert(value->is_term == is_term && value->height == height);
}

/* What is found is equal to what was looked for, and what is not is nowhere. */
static void check_find(const struct json *list, const struct json *key)
{
	bool is_there = false;

	for (size_t i = 0; list->type == JSON_SET && i < list->array.count; i++)
		is_there |= json_equal(list->array.items[i], key);
	for (size_t i = 0; list->type == JSON_OBJECT && i < list->object.count; i++)
		is_there |= json_equal(list->object.members[i].key, key);
	if (list->type == JSON_SET || list->type == JSON_OBJECT)
		assert(is_there == (json_find(list, key) != NULL));
}

static struct str written(struct arena *arena, const struct json *value, unsigned flags)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);
	const char *text;
	int r = json_write(&buf, value, flags);

	assert(!r);
	text = arena_copy(arena, buf.data, buf.len);
	assert(text && utf8_is_valid((struct str){ .data = text, .len = buf.len }));
	return (struct str){ .data = text, .len = buf.len };
}

static void check_written(struct arena *arena, const struct json *value)
{
	const struct json *document = json_to_document(arena, value), *again;
	struct str text = written(arena, value, JSON_WRITE_CANONICAL);

	assert(document && !document->is_term);
	assert(str_eq(written(arena, document, JSON_WRITE_CANONICAL), text));
	assert(!json_read(arena, text, JSON_READ_STRICT, &again, NULL));
	assert(json_equal(again, document));
	written(arena, value, JSON_WRITE_PRETTY);
	assert(str_eq(written(arena, value, JSON_WRITE_TERM),
		written(arena, json_copy(arena, value), JSON_WRITE_TERM)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct maker maker = { .arena = &arena, .at = data, .end = data + size };
	const struct json *values[3];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		values[i] = make_value(&maker, HEIGHT_MAX);
		if (!values[i])
			return 0; /* more than the arena holds */
		check_shape(values[i]);
		assert(!json_compare(values[i], json_copy(&arena, values[i])));
		check_written(&arena, values[i]);
	}
	for (size_t i = 0; i < 27; i++) {
		check_pair(values[i % 3], values[i / 3 % 3]);
		check_three(values[i % 3], values[i / 3 % 3], values[i / 9]);
		check_find(values[i % 3], values[i / 3 % 3]);
	}
	return 0;
}
