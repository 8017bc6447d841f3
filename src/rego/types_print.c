// SPDX-License-Identifier: Apache-2.0
/*
 * types_print.c - types as texts: how messages show them, and how the tables of built-ins write them
 *
 * Both are the same language, which tables/rego/README describes.
 *
 * Source: OPA, v1/types/types.go, String()
 */
#include "rego/types.h"

/* ---- printing ---- */

static void print_several(const struct rego_type *type, struct buf *buf)
{
	if (!type->count)
		return;
	buf_append_char(buf, '<');
	for (size_t i = 0; i < type->count; i++) {
		if (i)
			buf_append_str(buf, ", ");
		if (type->keys && type->keys[i]->type == JSON_STRING)
			buf_append(buf, type->keys[i]->text.data, type->keys[i]->text.len);
		else if (type->keys)
			json_write(buf, type->keys[i], JSON_WRITE_TERM);
		if (type->keys)
			buf_append_str(buf, ": ");
		rego_type_print(type->items[i], buf);
	}
	buf_append_char(buf, '>');
}

static void print_rest(const struct rego_type *type, struct buf *buf)
{
	if (!type->rest && !type->key && type->kind != REGO_TYPE_SET)
		return;
	buf_append_char(buf, '[');
	if (type->key) {
		rego_type_print(type->key, buf);
		buf_append_str(buf, ": ");
	}
	rego_type_print(type->rest, buf);
	buf_append_char(buf, ']');
}

void rego_type_print_list(const struct rego_type *const *items, size_t count, struct buf *buf)
{
	buf_append_char(buf, '(');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_append_str(buf, ", ");
		rego_type_print(items[i], buf);
	}
	buf_append_char(buf, ')');
}

void rego_type_print(const struct rego_type *type, struct buf *buf)
{
	static const char *const names[] = {
		[REGO_TYPE_ANY] = "any", [REGO_TYPE_NULL] = "null", [REGO_TYPE_BOOLEAN] = "boolean",
		[REGO_TYPE_NUMBER] = "number", [REGO_TYPE_STRING] = "string", [REGO_TYPE_ARRAY] = "array",
		[REGO_TYPE_OBJECT] = "object", [REGO_TYPE_SET] = "set",
	};

	if (!type) {
		buf_append_str(buf, "???");
		return;
	}
	if (type->kind == REGO_TYPE_FUNCTION) {
		rego_type_print_list(type->items, type->count, buf);
		buf_append_str(buf, " => ");
		rego_type_print(type->rest, buf);
		return;
	}
	buf_append_str(buf, names[type->kind]);
	print_several(type, buf);
	print_rest(type, buf);
}

/* ---- reading ---- */

enum {
	PARTS_MAX = 32,			/* of one type in the tables */
};

struct reader {
	struct rego_types *types;
	struct str rest;
	bool failed;
};

/* Each type has few parts, so a few of them are all there is room for. */
struct parts {
	const struct rego_type *items[PARTS_MAX];
	const struct json *keys[PARTS_MAX];
	size_t count;
};

static bool take(struct reader *reader, struct str token)
{
	if (!str_starts_with(reader->rest, token))
		return false;
	reader->rest.data += token.len;
	reader->rest.len -= token.len;
	return true;
}

static void expect(struct reader *reader, struct str token)
{
	if (!take(reader, token))
		reader->failed = true;
}

static struct str take_word(struct reader *reader)
{
	struct str word = { reader->rest.data, 0 };

	while (word.len < reader->rest.len &&
			(ascii_is_alnum(word.data[word.len]) || word.data[word.len] == '_'))
		word.len++;
	reader->rest.data += word.len;
	reader->rest.len -= word.len;
	return word;
}

static const struct rego_type *read_one(struct reader *reader);

/* "<T, U>" or "<a: T, b: U>"; nothing where no list begins. */
static void read_several(struct reader *reader, bool has_keys, struct parts *parts)
{
	bool more = take(reader, STR("<"));

	for (; more && !reader->failed; more = take(reader, STR(", "))) {
		if (parts->count == PARTS_MAX) {
			reader->failed = true;
			return;
		}
		if (has_keys) {
			parts->keys[parts->count] = json_new_string(reader->types->arena, take_word(reader));
			reader->failed |= !parts->keys[parts->count];
			expect(reader, STR(": "));
		}
		parts->items[parts->count++] = read_one(reader);
	}
	if (parts->count)
		expect(reader, STR(">"));
}

static void sort_members(struct parts *parts)
{
	for (size_t i = 1; i < parts->count; i++)
		for (size_t k = i; k && json_compare(parts->keys[k - 1], parts->keys[k]) > 0; k--) {
			const struct json *key = parts->keys[k];
			const struct rego_type *item = parts->items[k];

			parts->keys[k] = parts->keys[k - 1];
			parts->items[k] = parts->items[k - 1];
			parts->keys[k - 1] = key;
			parts->items[k - 1] = item;
		}
}

static const struct rego_type *read_object(struct reader *reader)
{
	const struct rego_type *key = NULL, *rest = NULL;
	struct parts parts = { .count = 0 };

	read_several(reader, true, &parts);
	if (take(reader, STR("["))) {
		key = read_one(reader);
		expect(reader, STR(": "));
		rest = read_one(reader);
		expect(reader, STR("]"));
	}
	if (reader->failed)
		return &rego_type_any;
	sort_members(&parts);
	return rego_type_object(reader->types, parts.keys, parts.items, parts.count, key, rest);
}

static const struct rego_type *read_list(struct reader *reader, bool is_set)
{
	const struct rego_type *rest = NULL;
	struct parts parts = { .count = 0 };

	read_several(reader, false, &parts);
	if (take(reader, STR("["))) {
		rest = read_one(reader);
		expect(reader, STR("]"));
	}
	return is_set ? rego_type_set(reader->types, rest) :
			rego_type_array(reader->types, parts.items, parts.count, rest);
}

static const struct rego_type *read_union(struct reader *reader)
{
	const struct rego_type *type = NULL;
	struct parts parts = { .count = 0 };

	read_several(reader, false, &parts);
	for (size_t i = 0; i < parts.count; i++)
		type = rego_type_or(reader->types, type, parts.items[i]);
	return type ? type : &rego_type_any;
}

/* Depth: that of a text of our own tables. */
static const struct rego_type *read_one(struct reader *reader)
{
	static const struct {
		struct str name;
		const struct rego_type *type;
	} plain[] = {
		{ { "null", 4 }, &rego_type_null }, { { "boolean", 7 }, &rego_type_boolean },
		{ { "number", 6 }, &rego_type_number }, { { "string", 6 }, &rego_type_string },
	};
	struct str word = take_word(reader);

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (str_eq(plain[i].name, word))
			return plain[i].type;
	if (str_eq(word, STR("array")) || str_eq(word, STR("set")))
		return read_list(reader, str_eq(word, STR("set")));
	if (str_eq(word, STR("object")))
		return read_object(reader);
	if (str_eq(word, STR("any")))
		return read_union(reader);
	reader->failed = true;
	return &rego_type_any;
}

const struct rego_type *rego_type_read(struct rego_types *types, const char *text)
{
	struct reader reader = { .types = types, .rest = str_from(text) };
	const struct rego_type *type = read_one(&reader);

	return reader.failed || reader.rest.len ? &rego_type_any : type;
}
