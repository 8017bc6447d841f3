// SPDX-License-Identifier: Apache-2.0
/*
 * quote.c - one code point at a time, safe or escaped
 */
#include "base/quote.h"

#include "base/utf8.h"

#include <stdio.h>

enum {
	ESCAPE_MAX = 16,
};

/* Writes the safe form of what @s starts with; returns how many bytes of @s that was. */
static size_t quote_one(struct str s, char ret[ESCAPE_MAX], size_t *ret_len)
{
	uint32_t point;
	int n = utf8_decode(s, &point);

	if (n < 0)
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\x%02X", (unsigned char)s.data[0]);
	else if (point == '\\' || point == '\'')
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\%c", (char)point);
	else if (point == '\n')
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\n");
	else if (point == '\t')
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\t");
	else if (utf8_is_deceptive(point) && point < 0x80)
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\x%02X", (unsigned)point);
	else if (utf8_is_deceptive(point))
		*ret_len = (size_t)snprintf(ret, ESCAPE_MAX, "\\u{%X}", (unsigned)point);
	else
		memcpy(ret, s.data, *ret_len = (size_t)n);
	return n < 0 ? 1 : (size_t)n;
}

static int append(struct buf *buf, struct str text, bool is_bare)
{
	while (text.len) {
		char safe[ESCAPE_MAX] = "'";
		size_t safe_len = 1, used = 1;
		int r;

		if (!is_bare || text.data[0] != '\'')
			used = quote_one(text, safe, &safe_len);
		r = buf_append(buf, safe, safe_len);
		if (r < 0)
			return r;
		text.data += used;
		text.len -= used;
	}
	return 0;
}

int quote_append(struct buf *buf, struct str text)
{
	return append(buf, text, false);
}

int quote_append_bare(struct buf *buf, struct str text)
{
	return append(buf, text, true);
}

bool quote_is_needed(struct str word)
{
	return !word.len || memchr(word.data, ' ', word.len);
}

struct quoted quote_text(struct str text)
{
	struct quoted quoted = { 0 };
	size_t len = 0;

	while (text.len) {
		char safe[ESCAPE_MAX];
		size_t safe_len, used = quote_one(text, safe, &safe_len);

		if (len + safe_len > QUOTE_MAX - 4) {
			memcpy(quoted.text + len, "...", 4);
			break;
		}
		memcpy(quoted.text + len, safe, safe_len);
		len += safe_len;
		text.data += used;
		text.len -= used;
	}
	return quoted;
}
