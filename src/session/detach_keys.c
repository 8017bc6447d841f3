// SPDX-License-Identifier: Apache-2.0
/*
 * detach_keys.c - the keys with which a person leaves a session that goes on
 *
 * Bytes are cut into keys, and the keys compared. What is held back always is the first `matched` keys of the
 * sequence; when the next key does not fit, the oldest held key goes to the program and the rest is tried
 * again from there, so that "aab" is found in "aaab".
 */
#include "session/detach_keys.h"

#include "base/quote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	CTRL_MASK = 0x1F,
	ESC = 0x1B,
	/* one more than the bits of shift 1, alt 2, ctrl 4, ..., num lock 128 */
	MODIFIERS_MAX = 255,
	MODIFIER_CTRL = 4,
	MODIFIERS_OF_LOCKS = 64 | 128,
};

/* ---- the written form ---- */

static bool parse_key(struct str word, unsigned char *ret)
{
	if (word.len == 1 && word.data[0] > ' ' && word.data[0] < 0x7F) {
		*ret = (unsigned char)word.data[0];
		return true;
	}
	if (word.len != 6 || !str_starts_with(word, STR("ctrl-")))
		return false;
	*ret = (unsigned char)word.data[5];
	if (!((*ret >= 'a' && *ret <= 'z') || (*ret >= '@' && *ret <= '_')))
		return false;
	*ret &= CTRL_MASK;
	return *ret != ESC;		/* half of what terminals send begins with it */
}

int detach_keys_parse(struct detach_keys *keys, const char *text, struct error *err)
{
	struct str rest = str_from(text), word;

	*keys = (struct detach_keys){ 0 };
	while (rest.len) {
		bool is_last = !str_cut(rest, ',', &word, &rest);

		if (keys->count < DETACH_KEYS_MAX && parse_key(word, &keys->keys[keys->count]) &&
				(is_last || rest.len)) {
			keys->count++;
			continue;
		}
		error_set(err, -EINVAL, "'%s' are no keys to detach with", quote_cstr(text).text);
		error_hint(err, "Write one to %d keys with commas between them, such as ctrl-\\,ctrl-d; "
			"each is ctrl- and a letter or one of @\\]^_, or a single character. Empty: none.",
			DETACH_KEYS_MAX);
		*keys = (struct detach_keys){ 0 };
		return -EINVAL;
	}
	return 0;
}

/* ---- keys in a stream ---- */

/* A decimal number at *at; false where there is none, or one that is no key. */
static bool take_number(struct str s, size_t *at, unsigned *ret)
{
	size_t began = *at;

	for (*ret = 0; *at < s.len && s.data[*at] >= '0' && s.data[*at] <= '9' && *at < began + 3; ++*at)
		*ret = *ret * 10 + (unsigned)(s.data[*at] - '0');
	return *at > began;
}

static bool take_char(struct str s, size_t *at, char c)
{
	if (*at >= s.len || s.data[*at] != c)
		return false;
	++*at;
	return true;
}

/* "5" of ctrl, also with a lock key on, also with the kitty protocol's ":1" of a key that went down. */
static bool take_ctrl(struct str s, size_t *at)
{
	unsigned modifiers, event;

	if (!take_number(s, at, &modifiers) || !modifiers || modifiers > MODIFIERS_MAX + 1)
		return false;
	if (take_char(s, at, ':') && (!take_number(s, at, &event) || event == 3))
		return false;
	return ((modifiers - 1) & ~(unsigned)MODIFIERS_OF_LOCKS) == MODIFIER_CTRL;
}

/* ctrl and a key as an escape sequence at the beginning of @s; returns its length, or 0. */
static size_t escaped_key(struct str s, unsigned char *ret)
{
	size_t at = 2;
	unsigned code;

	if (s.len < 2 || s.data[0] != ESC || s.data[1] != '[' || !take_number(s, &at, &code) ||
			!take_char(s, &at, ';'))
		return 0;
	if (code == 27) {
		if (!take_ctrl(s, &at) || !take_char(s, &at, ';') || !take_number(s, &at, &code) ||
				!take_char(s, &at, '~'))
			return 0;
	} else if (!take_ctrl(s, &at) || !take_char(s, &at, 'u')) {
		return 0;
	}
	if (code < '@' || code > 'z' || at > DETACH_KEY_BYTES_MAX)
		return 0;
	*ret = (unsigned char)(code & CTRL_MASK);
	return at;
}

/* The key at the beginning of @s, which is not empty; returns how many bytes it is. */
static size_t next_key(struct str s, unsigned char *ret)
{
	size_t len = escaped_key(s, ret);

	if (len)
		return len;
	*ret = (unsigned char)s.data[0];
	return 1;
}

/* Gives the oldest held key up, and looks whether what follows it begins the sequence. */
static void give_up_first(struct detach_keys *keys, char *ret, size_t *ret_len)
{
	char held[DETACH_HELD_BYTES_MAX];
	size_t len = keys->held_bytes, at = 0;
	unsigned char key;

	memcpy(held, keys->held, len);
	do {
		size_t from, n = next_key((struct str){ held + at, len - at }, &key);

		memcpy(ret + *ret_len, held + at, n);
		*ret_len += n;
		at += n;
		keys->matched = 0;
		for (from = at; from < len; from += n, keys->matched++) {
			n = next_key((struct str){ held + from, len - from }, &key);
			if (key != keys->keys[keys->matched])
				break;
		}
		if (from == len)
			break;
	} while (at < len);
	memcpy(keys->held, held + at, len - at);
	keys->held_bytes = len - at;
}

/* What passes by is only looked at: brackets may come in pieces. */
static void watch_paste(struct detach_keys *keys, struct str passing)
{
	for (size_t i = 0; i < passing.len; i++) {
		struct str bracket = keys->is_pasting ? STR("\x1b[201~") : STR("\x1b[200~");

		if (passing.data[i] != bracket.data[keys->bracket_matched])
			keys->bracket_matched = 0;
		if (passing.data[i] != bracket.data[keys->bracket_matched])
			continue;
		if (++keys->bracket_matched < bracket.len)
			continue;
		keys->is_pasting = !keys->is_pasting;
		keys->bracket_matched = 0;
	}
}

bool detach_keys_take(struct detach_keys *keys, struct str typed, char *ret, size_t *ret_len)
{
	*ret_len = 0;
	while (typed.len) {
		unsigned char key;
		size_t len = next_key(typed, &key);
		bool is_typed = !keys->is_pasting;

		watch_paste(keys, (struct str){ typed.data, len });
		while (keys->held_bytes && key != keys->keys[keys->matched])
			give_up_first(keys, ret, ret_len);
		if (is_typed && keys->count && key == keys->keys[keys->matched]) {
			memcpy(keys->held + keys->held_bytes, typed.data, len);
			keys->held_bytes += len;
			if (++keys->matched == keys->count) {
				keys->matched = keys->held_bytes = 0;
				return true;
			}
		} else {
			memcpy(ret + *ret_len, typed.data, len);
			*ret_len += len;
		}
		typed = (struct str){ typed.data + len, typed.len - len };
	}
	return false;
}

struct str detach_keys_release(struct detach_keys *keys)
{
	struct str held = { keys->held, keys->held_bytes };

	keys->matched = keys->held_bytes = keys->bracket_matched = 0;
	keys->is_pasting = false;
	return held;
}
