/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - a borrowed run of bytes, and the strict little parsers over it
 *
 * struct str owns nothing, need not end in a NUL and may hold any byte. Parsers take the whole of their input
 * or nothing: no leading space, no sign that is not asked for, no trailing rest, no silent clamp.
 */
#pragma once

#include "base/macro.h"

#include <stdbool.h>
#include <string.h>

struct str {
	const char *data;
	size_t len;
};

#define STR(literal) ((struct str){ .data = "" literal, .len = sizeof(literal) - 1 })
#define STR_FMT(s) (int)(s).len, (s).data /* for "%.*s" */

static inline struct str str_from(const char *text)
{
	return (struct str){ .data = text, .len = strlen(text) };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

/**
 * str_eq_short() - as str_eq(), for names and keys: up to 16 bytes are compared as two words that may
 * overlap, which takes less than calling memcmp()
 */
static inline bool str_eq_short(struct str a, struct str b)
{
	uint64_t words[4] = { 0 };

	if (a.len != b.len)
		return false;
	if (a.len < 4 || a.len > 16)
		return !a.len || (a.data[0] == b.data[0] && !memcmp(a.data, b.data, a.len));
	if (a.len >= 8) {
		memcpy(&words[0], a.data, 8);
		memcpy(&words[1], b.data, 8);
		memcpy(&words[2], a.data + a.len - 8, 8);
		memcpy(&words[3], b.data + b.len - 8, 8);
	} else {
		memcpy(&words[0], a.data, 4);
		memcpy(&words[1], b.data, 4);
		memcpy(&words[2], a.data + a.len - 4, 4);
		memcpy(&words[3], b.data + b.len - 4, 4);
	}
	return !((words[0] ^ words[1]) | (words[2] ^ words[3]));
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (!prefix.len || !memcmp(s.data, prefix.data, prefix.len));
}

static inline bool str_ends_with(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
		(!suffix.len || !memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len));
}

/** ascii_is_digit() - and so on: ASCII alone, whatever the locale, since files mean the same everywhere */
static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool ascii_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/** str_compare() - bytewise order, a prefix before what it starts; Return: <0, 0, >0 */
static inline int str_compare(struct str a, struct str b)
{
	size_t len = MIN(a.len, b.len);
	int r;

	/* Most pairs differ in their first byte already, and a call costs more than that look. */
	if (len && a.data[0] != b.data[0])
		return (unsigned char)a.data[0] - (unsigned char)b.data[0];
	r = len ? memcmp(a.data, b.data, len) : 0;
	if (r)
		return r;
	return (a.len > b.len) - (a.len < b.len);
}

/**
 * str_cut() - split at the first separator
 * @s:         what to split
 * @separator: one byte
 * @ret_head:  before the separator, or the whole of @s
 * @ret_tail:  behind it, or empty
 *
 * Return: true when @separator was found.
 */
bool str_cut(struct str s, char separator, struct str *ret_head, struct str *ret_tail);

/**
 * str_to_u64() - decimal digits to a number
 * @s:   "0" or digits without a leading zero
 * @max: largest accepted value
 * @ret: set on success
 *
 * Errors: -EINVAL not such a number; -ERANGE over @max.
 * Return: 0 or negative errno.
 */
int str_to_u64(struct str s, uint64_t max, uint64_t *ret);

/**
 * str_match_glob() - shell-style match over a path or a word
 * @pattern: `*` matches any run without '/', `**` any run, `?` one byte but '/', everything else itself
 * @text:    what to match whole
 *
 * Linear in the product of the lengths, no recursion.
 *
 * Return: true when the whole of @text matches.
 */
bool str_match_glob(struct str pattern, struct str text);

/**
 * str_nearest() - the known name that was probably meant
 * @word:  what the person wrote
 * @names: @count candidates
 * @count: candidates
 *
 * Edit distance with transpositions, at most a third of the word's length and at least one.
 *
 * Return: one of @names, or NULL when none is near.
 */
const char *str_nearest(struct str word, const char *const *names, size_t count);
