// SPDX-License-Identifier: Apache-2.0
/*
 * output.c - what the differ writes, and what may reach a terminal
 *
 * A file may hold escape sequences that repaint what was shown before it, and characters that reverse or hide
 * what stands around them. Unless raw bytes were asked for, whatever is not plainly visible is written as
 * \xHH or \u{HHHH}; tabs stay, and so does the newline at the end of a line.
 */
#include "roles/differ/differ.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "kern/file.h"
#include "overlay/git_name.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum {
	FLUSH_BYTES = 1 << 16,
	LINE_MAX_BYTES = 8192,
};

int out_flush(struct output *out)
{
	if (out->r >= 0 && buf_failed(&out->buf))
		out->r = -EMSGSIZE;
	if (out->r >= 0)
		out->r = kern_write_all(STDOUT_FILENO, buf_text(&out->buf), out->buf.len);
	buf_clear(&out->buf);
	return out->r;
}

void out_bytes(struct output *out, struct str text)
{
	if (out->r < 0)
		return;
	if (out->buf.len + text.len > FLUSH_BYTES && out_flush(out) < 0)
		return;
	/* What is larger than the buffer goes past it. */
	if (text.len > FLUSH_BYTES)
		out->r = kern_write_all(STDOUT_FILENO, text.data, text.len);
	else
		(void)buf_append(&out->buf, text.data, text.len);
}

void out_text(struct output *out, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(text));
	out_bytes(out, (struct str){ text, (size_t)len });
}

void out_paint(struct output *out, enum paint paint)
{
	static const char *const sequences[] = {
		[PAINT_NONE] = "\033[m", [PAINT_HEADER] = "\033[1m", [PAINT_HUNK] = "\033[36m",
		[PAINT_ADDED] = "\033[32m", [PAINT_REMOVED] = "\033[31m",
		[PAINT_WORD] = "\033[7m", [PAINT_NOTE] = "\033[33m",
	};

	if (out->colour)
		out_bytes(out, str_from(sequences[paint]));
}

void out_name(struct output *out, const char *prefix, struct str name)
{
	scoped(buf) struct buf text = BUF_INIT(8 * (PATH_TEXT_MAX + 8));

	(void)git_name_append(&text, prefix, name);
	out_bytes(out, (struct str){ buf_text(&text), text.len });
}

/* The length of the run of characters that only show themselves. */
static size_t visible_run(struct str s)
{
	size_t run = 0;

	while (run < s.len) {
		uint32_t point;
		int len = utf8_decode((struct str){ s.data + run, s.len - run }, &point);

		if (len < 0 || (utf8_is_deceptive(point) && point != '\t'))
			break;
		run += (size_t)len;
	}
	return run;
}

/* The first character of @s, in words; Return: its length. */
static size_t add_escaped(struct output *out, struct str s)
{
	uint32_t point;
	int len = utf8_decode(s, &point);

	if (len < 0 || point < 0x80)
		out_text(out, "\\x%02X", (unsigned char)s.data[0]);
	else
		out_text(out, "\\u{%X}", point);
	return len < 0 ? 1 : (size_t)len;
}

static void add_visible(struct output *out, struct str text)
{
	while (text.len) {
		size_t run = visible_run(text);

		out_bytes(out, (struct str){ text.data, run });
		text = (struct str){ text.data + run, text.len - run };
		if (!text.len)
			break;
		run = add_escaped(out, text);
		text = (struct str){ text.data + run, text.len - run };
	}
}

void out_content(struct output *out, struct str text)
{
	bool newline = text.len && text.data[text.len - 1] == '\n';

	if (out->raw) {
		out_bytes(out, text);
		return;
	}
	add_visible(out, (struct str){ text.data, text.len - newline });
	if (newline)
		out_bytes(out, STR("\n"));
}

void out_value(struct output *out, struct str text)
{
	add_visible(out, text);
}
