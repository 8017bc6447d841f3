// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_json.c - what holds for every text that the reader takes or refuses
 *
 *   - a refusal is -EBADMSG or -EMSGSIZE, says LINE:COLUMN first, and holds nothing that a terminal would
 *     obey
 *   - what is strict JSON is the same document as JSONC
 *   - what was read, written in either form and read again is equal, and the canonical form of that is the
 *     same text
 *   - every value and every key begins where it says, and a copy equals its original
 *   - a member is found by its key, and by the JSON Pointer made of it
 *   - an arena that is too small gives -EMSGSIZE and nothing else
 */
#include "json/json.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	TEXT_MAX_BYTES = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines of the text, so that positions can be looked up. */
struct lines {
	struct str text;
	size_t *starts;
	size_t count;
};

static void find_lines(struct arena *arena, struct str text, struct lines *ret)
{
	size_t *starts = arena_alloc_array(arena, text.len + 1, sizeof(*starts));
	size_t count = 0;

	assert(starts);
	starts[count++] = 0;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\n')
			starts[count++] = i + 1;
	*ret = (struct lines){ .text = text, .starts = starts, .count = count };
}

static char byte_at(const struct lines *lines, uint32_t line, uint32_t column)
{
	assert(line >= 1 && line <= lines->count && column >= 1);
	assert(lines->starts[line - 1] + column - 1 < lines->text.len);
	return lines->text.data[lines->starts[line - 1] + column - 1];
}

static void check_error(int r, const struct error *err)
{
	struct str rest = str_from(err->text);
	unsigned line, column;

	assert(r == -EBADMSG || r == -EMSGSIZE);
	assert(err->code == r);
	assert(sscanf(err->text, "%u:%u: expected ", &line, &column) == 2 && line && column);
	while (rest.len) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		assert(n > 0 && !utf8_is_deceptive(point));
		rest = (struct str){ .data = rest.data + n, .len = rest.len - (size_t)n };
	}
}

/* A pointer of one token that leads to @key. */
static struct str pointer_to(struct arena *arena, struct str key)
{
	char *text = arena_alloc(arena, key.len * 2 + 1);
	size_t len = 0;

	assert(text);
	text[len++] = '/';
	for (size_t i = 0; i < key.len; i++) {
		if (key.data[i] == '~' || key.data[i] == '/') {
			text[len++] = '~';
			text[len++] = key.data[i] == '~' ? '0' : '1';
		} else {
			text[len++] = key.data[i];
		}
	}
	return (struct str){ .data = text, .len = len };
}

static void check_value(struct arena *arena, const struct lines *lines, const struct json *value);

static void check_object(struct arena *arena, const struct lines *lines, const struct json *value)
{
	assert(byte_at(lines, value->line, value->column) == '{');
	for (size_t i = 0; i < value->object.count; i++) {
		const struct json_member *member = &value->object.members[i];
		struct str key = member->key->text;

		assert(member->key->type == JSON_STRING);
		assert(byte_at(lines, member->key->line, member->key->column) == '"');
		assert(key.data[key.len] == '\0' && utf8_is_valid(key));
		assert(!i || str_compare(member[-1].key->text, key) < 0);
		assert(json_get_str(value, key) == member->value);
		assert(json_pointer(value, pointer_to(arena, key)) == member->value);
		assert(member->value->height < value->height);
		check_value(arena, lines, member->value);
	}
}

static void check_value(struct arena *arena, const struct lines *lines, const struct json *value)
{
	char first = byte_at(lines, value->line, value->column);

	switch (value->type) {
	case JSON_NULL:
		assert(first == 'n');
		break;
	case JSON_BOOL:
		assert(first == (value->boolean ? 't' : 'f'));
		break;
	case JSON_INT:
		assert((first == '-') == (value->integer < 0));
		break;
	case JSON_NUMBER:
		assert(first == value->text.data[0] && value->text.data[value->text.len] == '\0');
		break;
	case JSON_STRING:
		assert(first == '"' && value->text.data[value->text.len] == '\0' &&
			utf8_is_valid(value->text));
		break;
	case JSON_ARRAY:
		assert(first == '[');
		for (size_t i = 0; i < value->array.count; i++) {
			assert(value->array.items[i]->height < value->height);
			check_value(arena, lines, value->array.items[i]);
		}
		break;
	case JSON_OBJECT:
		check_object(arena, lines, value);
		break;
	case JSON_SET:
		assert(false && "a set was read");
	}
	assert(value->height <= JSON_DEPTH_MAX && !value->is_term);
}

static struct str written(struct arena *arena, const struct json *value, unsigned flags)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);
	const char *text;
	int r = json_write(&buf, value, flags);

	assert(!r);
	text = arena_copy(arena, buf.data, buf.len);
	assert(text);
	return (struct str){ .data = text, .len = buf.len };
}

static void check_round_trip(struct arena *arena, const struct json *value, unsigned flags)
{
	struct str text = written(arena, value, flags),
		canonical = written(arena, value, JSON_WRITE_CANONICAL);
	const struct json *again;
	int r = json_read(arena, text, JSON_READ_STRICT, &again, NULL);

	assert(!r && json_equal(value, again) && again->height == value->height);
	assert(str_eq(written(arena, again, JSON_WRITE_CANONICAL), canonical));
}

static void check_small_arena(struct str text, unsigned flags, const struct json *value)
{
	scoped(arena) struct arena small = ARENA_INIT(text.len * 3 + 64);
	struct error err = ERROR_INIT;
	const struct json *again;
	int r = json_read(&small, text, flags, &again, &err);

	assert(r == -EMSGSIZE || (!r && json_equal(value, again)));
	if (r < 0)
		check_error(r, &err);
}

static const struct json *check_text(struct arena *arena, struct str text, unsigned flags)
{
	struct error err = ERROR_INIT;
	const struct json *value;
	struct lines lines;
	int r = json_read(arena, text, flags, &value, &err);

	if (r < 0) {
		check_error(r, &err);
		return NULL;
	}
	find_lines(arena, text, &lines);
	check_value(arena, &lines, value);
	check_round_trip(arena, value, JSON_WRITE_CANONICAL);
	check_round_trip(arena, value, JSON_WRITE_PRETTY);
	assert(json_equal(value, json_copy(arena, value)));
	check_small_arena(text, flags, value);
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str text = { .data = (const char *)data, .len = size };
	const struct json *strict = check_text(&arena, text, JSON_READ_STRICT);
	const struct json *jsonc = check_text(&arena, text, JSON_READ_JSONC);

	assert(!strict || (jsonc && json_equal(strict, jsonc)));
	return 0;
}
