// SPDX-License-Identifier: Apache-2.0
/*
 * json_write.c - values to text
 *
 * One walk for both forms of a document; terms have a file of their own (json_term.c). It recurses, which is
 * safe because no value is higher than JSON_DEPTH_MAX (json.h). The buffer sticks when its limit is passed,
 * so the walk looks at that only where it would otherwise go on for long.
 */
#include "json/json_internal.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	INDENT_BYTES = 2,
};

struct writer {
	struct buf *buf;
	bool pretty;
};

static const char hex_digits[] = "0123456789abcdef";

static void write_unit(struct buf *buf, uint32_t unit)
{
	const char text[] = { '\\', 'u', hex_digits[unit >> 12], hex_digits[unit >> 8 & 15],
		hex_digits[unit >> 4 & 15], hex_digits[unit & 15] };

	buf_append(buf, text, sizeof(text));
}

static void write_escape(struct buf *buf, uint32_t point)
{
	static const char letters[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"',
		['\\'] = '\\',
	};

	if (point < sizeof(letters) && letters[point]) {
		const char text[] = { '\\', letters[point] };

		buf_append(buf, text, sizeof(text));
	} else if (point < 0x10000) {
		write_unit(buf, point);
	} else {
		write_unit(buf, 0xD800 + ((point - 0x10000) >> 10));
		write_unit(buf, 0xDC00 + ((point - 0x10000) & 0x3FF));
	}
}

/* Bytes that the canonical form writes as they are. */
static size_t canonical_run(struct str s)
{
	const char *at = s.data, *end = s.data + s.len;

	do {
		at += json_plain_run(at, end);
		while (*at & 0x80)
			at++;
	} while ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\');
	return (size_t)(at - s.data);
}

static size_t decode(struct str s, uint32_t *ret_point)
{
	int n = utf8_decode(s, ret_point);

	assert(n > 0);
	return (size_t)n;
}

/* Bytes that can also do no harm on a terminal or in the eye of a reader. */
static size_t harmless_run(struct str s)
{
	struct str rest = s;

	while (rest.len) {
		uint32_t point;
		size_t len = decode(rest, &point);

		if (utf8_is_deceptive(point) || point == '"' || point == '\\')
			break;
		rest = (struct str){ .data = rest.data + len, .len = rest.len - len };
	}
	return s.len - rest.len;
}

static size_t plain_run(const struct writer *writer, struct str s)
{
	return writer->pretty ? harmless_run(s) : canonical_run(s);
}

/* The string between its quotes, of which the first @run bytes need no escape. */
static void write_escaped(const struct writer *writer, struct str s, size_t run)
{
	for (;;) {
		uint32_t point;

		buf_append(writer->buf, s.data, run);
		s = (struct str){ .data = s.data + run, .len = s.len - run };
		if (!s.len)
			break;
		run = decode(s, &point);
		write_escape(writer->buf, point);
		s = (struct str){ .data = s.data + run, .len = s.len - run };
		run = plain_run(writer, s);
	}
}

static void write_string(const struct writer *writer, struct str s)
{
	size_t run = plain_run(writer, s);
	char *room;

	if (run < s.len) {
		buf_append_char(writer->buf, '"');
		write_escaped(writer, s, run);
		buf_append_char(writer->buf, '"');
		return;
	}
	room = buf_reserve(writer->buf, s.len + 2);
	if (!room)
		return;
	room[0] = '"';
	memcpy(room + 1, s.data, s.len);
	room[s.len + 1] = '"';
	buf_commit(writer->buf, s.len + 2);
}

static void write_int(struct buf *buf, int64_t value)
{
	char room[JSON_INT_TEXT_MAX];
	struct str text = json_int_text(value, room);

	buf_append(buf, text.data, text.len);
}

/* In front of every element, and of the closing bracket. */
static void write_break(const struct writer *writer, size_t depth)
{
	char *room;

	if (!writer->pretty)
		return;
	room = buf_reserve(writer->buf, 1 + depth * INDENT_BYTES);
	if (!room)
		return;
	room[0] = '\n';
	memset(room + 1, ' ', depth * INDENT_BYTES);
	buf_commit(writer->buf, 1 + depth * INDENT_BYTES);
}

static void write_value(const struct writer *writer, const struct json *value, size_t depth);

static void write_array(const struct writer *writer, const struct json *value, size_t depth)
{
	buf_append_char(writer->buf, '[');
	for (size_t i = 0; i < value->array.count && !buf_failed(writer->buf); i++) {
		if (i)
			buf_append_char(writer->buf, ',');
		write_break(writer, depth + 1);
		write_value(writer, value->array.items[i], depth + 1);
	}
	if (value->array.count)
		write_break(writer, depth);
	buf_append_char(writer->buf, ']');
}

static void write_object(const struct writer *writer, const struct json *value, size_t depth)
{
	buf_append_char(writer->buf, '{');
	for (size_t i = 0; i < value->object.count && !buf_failed(writer->buf); i++) {
		const struct json_member *member = &value->object.members[i];

		if (i)
			buf_append_char(writer->buf, ',');
		write_break(writer, depth + 1);
		write_string(writer, member->key->text);
		buf_append(writer->buf, ": ", writer->pretty ? 2 : 1);
		write_value(writer, member->value, depth + 1);
	}
	if (value->object.count)
		write_break(writer, depth);
	buf_append_char(writer->buf, '}');
}

static void write_value(const struct writer *writer, const struct json *value, size_t depth)
{
	switch (value->type) {
	case JSON_NULL:
		buf_append(writer->buf, "null", 4);
		break;
	case JSON_BOOL:
		buf_append_str(writer->buf, value->boolean ? "true" : "false");
		break;
	case JSON_INT:
		write_int(writer->buf, value->integer);
		break;
	case JSON_NUMBER:
		buf_append(writer->buf, value->text.data, value->text.len);
		break;
	case JSON_STRING:
		write_string(writer, value->text);
		break;
	case JSON_ARRAY:
		write_array(writer, value, depth);
		break;
	case JSON_OBJECT:
		write_object(writer, value, depth);
		break;
	case JSON_SET:
		break;			/* in no document */
	}
}

/* The term becomes a document first, in memory of its own. */
static int write_as_document(struct buf *buf, const struct json *term, unsigned flags)
{
	scoped(arena) struct arena arena = ARENA_INIT(JSON_TEXT_MAX);
	const struct json *document = json_to_document(&arena, term);

	return document ? json_write(buf, document, flags) : -EMSGSIZE;
}

int json_write(struct buf *buf, const struct json *value, unsigned flags)
{
	const struct writer writer = { .buf = buf, .pretty = flags & JSON_WRITE_PRETTY };

	if (!value)
		return -EINVAL;
	if (flags & JSON_WRITE_TERM)
		json_write_term(buf, value);
	else if (value->is_term)
		return write_as_document(buf, value, flags);
	else
		write_value(&writer, value, 0);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}
