/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - a text that grows in an arena
 *
 * Built-ins make their results in the arena of the evaluation and have no heap, so this is what buf.h is
 * elsewhere. The room doubles, and what was outgrown stays in the arena: a text costs at most three times its
 * length. The first append for which the arena has no room makes the text stick: later ones do nothing, so a
 * writer looks once, at rego_text_end().
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct rego_text {
	struct arena *arena;
	char *data;			/* NULL until the first append */
	size_t len, room;
	bool failed;
};

#define REGO_TEXT_INIT(memory) { .arena = (memory) }

/** rego_text_add() - bytes, copied */
void rego_text_add(struct rego_text *text, const char *data, size_t len);

/** rego_text_add_str() - a run of bytes, and a C string below */
void rego_text_add_str(struct rego_text *text, struct str str);
void rego_text_add_text(struct rego_text *text, const char *str);

/** rego_text_add_char() - one byte */
void rego_text_add_char(struct rego_text *text, char c);

/** rego_text_add_repeated() - the same byte @count times */
void rego_text_add_repeated(struct rego_text *text, char c, size_t count);

/**
 * rego_text_add_int() - a decimal number
 * @text:  grows
 * @value: any
 * @width: digits at least; zeros are put in front, behind the sign
 */
void rego_text_add_int(struct rego_text *text, int64_t value, size_t width);

/**
 * rego_text_add_quoted() - between quotation marks, as Go's strconv.Quote shows a text
 * @text: grows
 * @str:  any bytes
 *
 * What is not UTF-8 is escaped, and what utf8_is_printable() refuses.
 *
 * Source: Go, documentation of strconv.Quote
 */
void rego_text_add_quoted(struct rego_text *text, struct str str);

/**
 * rego_text_end() - what was added, followed by a NUL that is not counted
 * @text: the writer; not used again
 * @ret:  the text; it lives in the arena
 *
 * Return: true, or false when the arena was full.
 */
bool rego_text_end(struct rego_text *text, struct str *ret);
