// SPDX-License-Identifier: Apache-2.0
/*
 * git_name.c - file names as git prints them
 *
 * git quotes control characters, the quote and the backslash; we also quote what is no UTF-8 and what hides
 * or reorders text, byte by byte, which git reads back all the same.
 */
#include "overlay/git_name.h"

#include "base/utf8.h"

#include <errno.h>

/* The length of the harmless character that @s begins with, or 0. */
static size_t harmless(struct str s)
{
	uint32_t point;
	int len = utf8_decode(s, &point);

	if (len < 0 || utf8_is_deceptive(point) || point == '"' || point == '\\')
		return 0;
	return (size_t)len;
}

static void append_escape(struct buf *buf, unsigned char byte)
{
	static const char letters[] = {
		['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
	};

	if (byte < sizeof(letters) && letters[byte])
		(void)buf_printf(buf, "\\%c", letters[byte]);
	else
		(void)buf_printf(buf, "\\%03o", byte);
}

static bool is_harmless(struct str name)
{
	while (name.len) {
		size_t len = harmless(name);

		if (!len)
			return false;
		name = (struct str){ name.data + len, name.len - len };
	}
	return true;
}

int git_name_append(struct buf *buf, const char *prefix, struct str name)
{
	if (is_harmless(name)) {
		(void)buf_append_str(buf, prefix);
		return buf_append(buf, name.data, name.len);
	}
	(void)buf_printf(buf, "\"%s", prefix);
	while (name.len) {
		size_t len = harmless(name), width = len;
		uint32_t point;
		int n = utf8_decode(name, &point);

		/* All bytes of a deceptive character are escaped, one byte where it is none. */
		if (!len)
			width = n > 0 ? (size_t)n : 1;
		for (size_t i = 0; i < width && !len; i++)
			append_escape(buf, (unsigned char)name.data[i]);
		(void)buf_append(buf, name.data, len);
		name = (struct str){ name.data + width, name.len - width };
	}
	return buf_append_char(buf, '"');
}
