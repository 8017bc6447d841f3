/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h - the lexical half of the reader: where it stands, what comes next, and what to say when that
 * is wrong
 *
 * Each function stands on the first byte of its token and leaves @at behind the last. The text ends in a NUL,
 * which is legal nowhere, so a look at the byte at @at is always allowed.
 */
#pragma once

#include "json/json.h"

struct json_scan {
	struct arena *arena;
	struct error *err;
	char *at, *end;			/* a copy of the text that is ours to change; *end is a NUL */
	const char *line_start;
	uint32_t line;
	bool jsonc, keeps_last;
	const struct json **shared;	/* keys by their hash, or NULL: none is shared */
};

/** json_scan_column() - of a byte on the current line, from 1 */
static inline uint32_t json_scan_column(const struct json_scan *scan, const char *at)
{
	return (uint32_t)(at - scan->line_start) + 1;
}

/**
 * json_scan_expected() - the error of everything that is no JSON
 * @scan: where it is
 * @at:   what is wrong, on the current line
 * @what: what should have stood there
 *
 * Return: -EBADMSG.
 */
int json_scan_expected(struct json_scan *scan, const char *at, const char *what);

/** json_scan_full() - the error of an arena that is too small; Return: -EMSGSIZE */
int json_scan_full(struct json_scan *scan);

/**
 * json_scan_space_slow() - pass space, and comments where they are allowed
 * @scan: moves to the next token or the end
 *
 * Errors: -EBADMSG a comment that is not UTF-8 or does not end.
 * Return: 0 or negative errno.
 */
int json_scan_space_slow(struct json_scan *scan);

/** json_scan_space() - the same, quick where there is none; Return: as json_scan_space_slow() */
static inline int json_scan_space(struct json_scan *scan)
{
	return (unsigned char)*scan->at > ' ' && *scan->at != '/' ? 0 : json_scan_space_slow(scan);
}

/**
 * json_scan_string() - read and decode a string
 * @scan: stands on the opening quote
 * @ret:  the text, in the scanner's copy, followed by a NUL that is not counted
 *
 * Errors: -EBADMSG not a string.
 * Return: 0 or negative errno.
 */
int json_scan_string(struct json_scan *scan, struct str *ret);

/**
 * json_scan_number() - read a number
 * @scan: stands on a digit or a minus sign
 * @value: becomes JSON_INT or JSON_NUMBER
 *
 * Errors: -EBADMSG not a number; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int json_scan_number(struct json_scan *scan, struct json *value);

/**
 * json_scan_digits() - the same, but the text of a JSON_NUMBER stays where it stands, without a NUL behind it
 * @scan: stands on the first byte of what may be a number
 * @value: becomes JSON_INT or JSON_NUMBER
 *
 * Errors: -EBADMSG not a number.
 * Return: 0 or negative errno.
 */
int json_scan_digits(struct json_scan *scan, struct json *value);

/**
 * json_scan_word() - pass a word
 * @scan: stands on its first letter
 * @word: true, false or null
 * @what: the word in quotes, for the error
 *
 * Errors: -EBADMSG another word.
 * Return: 0 or negative errno.
 */
int json_scan_word(struct json_scan *scan, struct str word, const char *what);
