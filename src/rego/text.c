// SPDX-License-Identifier: Apache-2.0
/*
 * text.c - room that doubles in an arena
 */
#include "rego/text.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	FIRST_ROOM_BYTES = 128,		/* most messages of findings */
	ESCAPE_SIZE = 16,		/* of \U0010ffff and its NUL */
};

static __attribute__((noinline)) bool grow(struct rego_text *text, size_t len)
{
	size_t room = text->room ? text->room : FIRST_ROOM_BYTES;
	char *data;

	if (text->failed)
		return false;
	while (room - text->len <= len) {
		if (room > SIZE_MAX / 2) {
			text->failed = true;
			return false;
		}
		room *= 2;
	}
	data = arena_alloc_raw(text->arena, room);
	if (!data) {
		text->failed = true;
		return false;
	}
	if (text->len)
		memcpy(data, text->data, text->len);
	text->data = data;
	text->room = room;
	return true;
}

/* One byte of the room is always the NUL's. What failed takes nothing more, whatever room it has. */
static inline bool make_room(struct rego_text *text, size_t len)
{
	return likely(len < text->room - text->len && !text->failed) || grow(text, len);
}

void rego_text_add(struct rego_text *text, const char *data, size_t len)
{
	if (!len || !make_room(text, len))
		return;
	memcpy(text->data + text->len, data, len);
	text->len += len;
}

void rego_text_add_str(struct rego_text *text, struct str str)
{
	rego_text_add(text, str.data, str.len);
}

void rego_text_add_text(struct rego_text *text, const char *str)
{
	rego_text_add(text, str, strlen(str));
}

void rego_text_add_char(struct rego_text *text, char c)
{
	rego_text_add(text, &c, 1);
}

void rego_text_add_repeated(struct rego_text *text, char c, size_t count)
{
	if (!count || !make_room(text, count))
		return;
	memset(text->data + text->len, c, count);
	text->len += count;
}

void rego_text_add_int(struct rego_text *text, int64_t value, size_t width)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + magnitude % 10);
	while (magnitude /= 10);
	if (value < 0)
		rego_text_add_char(text, '-');
	if (sizeof(digits) - at < width)
		rego_text_add_repeated(text, '0', width - (sizeof(digits) - at));
	rego_text_add(text, digits + at, sizeof(digits) - at);
}

static const char *short_escape(uint32_t point)
{
	switch (point) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\a':
		return "\\a";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	case '\v':
		return "\\v";
	default:
		return NULL;
	}
}

static void add_point(struct rego_text *text, struct str bytes, uint32_t point)
{
	const char *escape = short_escape(point);
	char hex[ESCAPE_SIZE];

	if (escape) {
		rego_text_add_text(text, escape);
		return;
	}
	if (utf8_is_printable(point)) {
		rego_text_add_str(text, bytes);
		return;
	}
	if (point < 0x80)
		(void)snprintf(hex, sizeof(hex), "\\x%02" PRIx32, point);
	else
		(void)snprintf(hex, sizeof(hex), point < 0x10000 ? "\\u%04" PRIx32 : "\\U%08" PRIx32, point);
	rego_text_add_text(text, hex);
}

void rego_text_add_quoted(struct rego_text *text, struct str str)
{
	rego_text_add_char(text, '"');
	for (size_t i = 0; i < str.len && !text->failed;) {
		struct str rest = { .data = str.data + i, .len = str.len - i };
		char hex[ESCAPE_SIZE];
		uint32_t point;
		int n = utf8_decode(rest, &point);

		if (n > 0) {
			add_point(text, (struct str){ .data = rest.data, .len = (size_t)n }, point);
			i += (size_t)n;
			continue;
		}
		(void)snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*rest.data);
		rego_text_add_text(text, hex);
		i++;
	}
	rego_text_add_char(text, '"');
}

bool rego_text_end(struct rego_text *text, struct str *ret)
{
	if (!make_room(text, 1))
		return false;
	text->data[text->len] = '\0';
	*ret = (struct str){ .data = text->data, .len = text->len };
	return true;
}
