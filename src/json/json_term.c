// SPDX-License-Identifier: Apache-2.0
/*
 * json_term.c - values beyond JSON: their Rego text, and what is left of them in JSON
 *
 * The text is what policies, error messages and test results show, so it is the one that people know from
 * OPA: lists with ", " between their elements, "set()" where braces alone would be an object, and strings as
 * Go quotes them.
 *
 * Walks recurse as far as JSON_DEPTH_MAX and no further (json.h).
 */
#include "json/json_internal.h"

#include "base/utf8.h"

/* ---- the text ---- */

static void write_point(struct buf *buf, uint32_t point)
{
	static const char letters[] = {
		['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
	};

	if (point < sizeof(letters) && letters[point])
		buf_append(buf, (const char[]){ '\\', letters[point] }, 2);
	else if (point < 0x80)
		buf_printf(buf, "\\x%02x", point);
	else if (point < 0x10000)
		buf_printf(buf, "\\u%04x", point);
	else
		buf_printf(buf, "\\U%08x", point);
}

static void write_quoted(struct buf *buf, struct str text)
{
	size_t plain = 0;

	buf_append_char(buf, '"');
	for (struct str rest = text; rest.len && !buf_failed(buf);) {
		uint32_t point;
		int len = utf8_decode(rest, &point);

		assert(len > 0);
		if (utf8_is_printable(point) && point != '"' && point != '\\') {
			plain += (size_t)len;
		} else {
			buf_append(buf, rest.data - plain, plain);
			write_point(buf, point);
			plain = 0;
		}
		rest = (struct str){ .data = rest.data + len, .len = rest.len - (size_t)len };
	}
	buf_append(buf, text.data + text.len - plain, plain);
	buf_append_char(buf, '"');
}

static void write_items(struct buf *buf, const struct json *list)
{
	for (size_t i = 0; i < list->array.count && !buf_failed(buf); i++) {
		if (i)
			buf_append(buf, ", ", 2);
		json_write_term(buf, list->array.items[i]);
	}
}

static void write_members(struct buf *buf, const struct json *object)
{
	for (size_t i = 0; i < object->object.count && !buf_failed(buf); i++) {
		if (i)
			buf_append(buf, ", ", 2);
		json_write_term(buf, object->object.members[i].key);
		buf_append(buf, ": ", 2);
		json_write_term(buf, object->object.members[i].value);
	}
}

static void write_set(struct buf *buf, const struct json *set)
{
	if (!set->array.count) {
		buf_append_str(buf, "set()");
		return;
	}
	buf_append_char(buf, '{');
	write_items(buf, set);
	buf_append_char(buf, '}');
}

void json_write_term(struct buf *buf, const struct json *value)
{
	switch (value->type) {
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_INT:
	case JSON_NUMBER:
		json_write(buf, value, JSON_WRITE_CANONICAL);
		break;
	case JSON_STRING:
		write_quoted(buf, value->text);
		break;
	case JSON_ARRAY:
		buf_append_char(buf, '[');
		write_items(buf, value);
		buf_append_char(buf, ']');
		break;
	case JSON_OBJECT:
		buf_append_char(buf, '{');
		write_members(buf, value);
		buf_append_char(buf, '}');
		break;
	case JSON_SET:
		write_set(buf, value);
		break;
	}
}

/* ---- what JSON can say of it ---- */

static const struct json *array_of(struct arena *arena, const struct json *list)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < list->array.count; i++)
		json_array_add(&array, json_to_document(arena, list->array.items[i]));
	return json_array_end(&array);
}

static const struct json *name_of(struct arena *arena, const struct json *key)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);

	if (key->type == JSON_STRING)
		return key;
	if (json_write(&text, json_to_document(arena, key), JSON_WRITE_CANONICAL) < 0)
		return NULL;
	return json_new_string(arena, (struct str){ .data = text.data, .len = text.len });
}

static const struct json *object_of(struct arena *arena, const struct json *term)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	for (size_t i = 0; i < term->object.count; i++) {
		const struct json_member *member = &term->object.members[i];

		json_object_add_value(&object, name_of(arena, member->key),
			json_to_document(arena, member->value));
	}
	return json_object_end_last(&object);
}

const struct json *json_to_document(struct arena *arena, const struct json *value)
{
	if (!value || !value->is_term)
		return value;
	return value->type == JSON_OBJECT ? object_of(arena, value) : array_of(arena, value);
}
