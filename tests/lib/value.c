// SPDX-License-Identifier: Apache-2.0
/*
 * value.c - values from Rego text: lists by recursion, everything else by the reader of JSON
 */
#include "lib/value.h"

#include "lib/test.h"

struct cursor {
	struct arena *arena;
	const char *at;
};

static const struct json *read_one(struct cursor *cursor);

static char next(struct cursor *cursor)
{
	cursor->at += strspn(cursor->at, " \t\n");
	return *cursor->at;
}

static bool take(struct cursor *cursor, char c)
{
	if (next(cursor) != c)
		return false;
	cursor->at++;
	return true;
}

static size_t string_len(const char *at)
{
	size_t len = 1;

	while (at[len] && at[len] != '"')
		len += at[len] == '\\' && at[len + 1] ? 2 : 1;
	return len + 1;
}

static const struct json *read_scalar(struct cursor *cursor)
{
	size_t len = next(cursor) == '"' ? string_len(cursor->at) : strcspn(cursor->at, " \t\n,:]}");
	struct error err = ERROR_INIT;
	const struct json *value = NULL;

	if (json_read(cursor->arena, (struct str){ .data = cursor->at, .len = len }, JSON_READ_STRICT, &value,
			&err) < 0)
		test_fail(__FILE__, __LINE__, "%s at: %s", err.text, cursor->at);
	cursor->at += len;
	return value;
}

static const struct json *read_array(struct cursor *cursor)
{
	struct json_array_builder array;

	json_array_begin(&array, cursor->arena);
	while (!take(cursor, ']')) {
		json_array_add(&array, read_one(cursor));
		take(cursor, ',');
	}
	return json_array_end(&array);
}

/* An object where a colon stands behind the first element. */
static const struct json *read_braces(struct cursor *cursor)
{
	struct json_object_builder object;
	struct json_array_builder set;
	bool is_set = false;

	json_array_begin(&set, cursor->arena);
	json_object_begin(&object, cursor->arena);
	while (!take(cursor, '}')) {
		const struct json *first = read_one(cursor);

		is_set = !take(cursor, ':');
		if (is_set)
			json_array_add(&set, first);
		else
			json_object_add_value(&object, first, read_one(cursor));
		take(cursor, ',');
	}
	return is_set ? json_set_end(&set) : json_object_end(&object);
}

static const struct json *read_one(struct cursor *cursor)
{
	struct json_array_builder empty;

	if (take(cursor, '['))
		return read_array(cursor);
	if (take(cursor, '{'))
		return read_braces(cursor);
	if (strncmp(cursor->at, "set()", 5))
		return read_scalar(cursor);
	cursor->at += 5;
	json_array_begin(&empty, cursor->arena);
	return json_set_end(&empty);
}

const struct json *value_read(struct arena *arena, const char *text)
{
	struct cursor cursor = { .arena = arena, .at = text };
	const struct json *value = read_one(&cursor);

	if (!value || next(&cursor))
		test_fail(__FILE__, __LINE__, "no value: %s", text);
	return value;
}

const char *value_text(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	if (!value)
		return "NULL";
	CHECK_INT(json_write(&buf, value, JSON_WRITE_TERM), 0);
	return arena_printf(arena, "%s", buf_text(&buf));
}
