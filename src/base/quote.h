/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote.h - text that an agent or a peer chose, made fit for a person's terminal
 *
 * A file name may hold escape sequences that repaint the screen, a newline that forges a second line, or an
 * override that reverses what is read. Whatever reaches a person goes through here: deceptive code points
 * (utf8.h) and bytes that are not UTF-8 become \xHH or \u{HHHH}; a backslash and a quote are doubled with a
 * backslash.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

enum {
	QUOTE_MAX = 256,
};

struct quoted {
	char text[QUOTE_MAX];
};

/**
 * quote_append() - add the safe form of a text, without surrounding quotes
 * @buf:  grows
 * @text: any bytes
 *
 * Return: as buf_append().
 */
int quote_append(struct buf *buf, struct str text);

/**
 * quote_append_bare() - the same where no quotes stand around it, as in a table: a quote stays one
 * @buf:  grows
 * @text: any bytes
 *
 * Return: as buf_append().
 */
int quote_append_bare(struct buf *buf, struct str text);

/** quote_is_needed() - whether a word could pass for none or for several, where it stands among others */
bool quote_is_needed(struct str word);

/**
 * quote_text() - the safe form, for a message; cut with "..." where it is long
 * @text: any bytes
 *
 * Return: by value, so that `quote_text(s).text` can stand in an argument list.
 */
struct quoted quote_text(struct str text);

/** quote_cstr() - quote_text() for a NUL-terminated string */
static inline struct quoted quote_cstr(const char *text)
{
	return quote_text(str_from(text));
}
