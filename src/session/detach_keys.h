/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detach_keys.h - the keys with which a person leaves a session that goes on
 *
 * The keys are written as "ctrl-\,ctrl-d": one to eight of them, each `ctrl-` and a letter or one of @[\]^_,
 * or a single printable character; the empty text means that there are none. They are looked for in what the
 * terminal sends and taken out of it. Keys that began like them and went on otherwise reach the program as
 * they came, at the latest when the caller's patience ends (detach_keys_release()), so that the first of them
 * still works by itself.
 *
 * A program may have asked the terminal to send keys as escape sequences; ctrl-\ then comes as ESC [ 92 ; 5 u
 * (the "kitty" protocol) or ESC [ 27 ; 5 ; 92 ~ (xterm's modifyOtherKeys). These count as the same key when
 * they come in one piece, as terminals send them; a lone ESC is never held back.
 *
 * What is pasted is not typed: between the brackets that a terminal puts around a paste, where the program
 * asked for them, no bytes are keys. Should the closing bracket never come, patience ends that as well.
 *
 * Source: xterm's ctlseqs, "modifyOtherKeys" and "Bracketed Paste Mode";
 * https://sw.kovidgoyal.net/kitty/keyboard-protocol/
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

enum {
	DETACH_KEYS_MAX = 8,
	DETACH_KEY_BYTES_MAX = 16,	/* of one key, as the terminal sends it */
	DETACH_HELD_BYTES_MAX = DETACH_KEYS_MAX * DETACH_KEY_BYTES_MAX,
};

struct detach_keys {
	unsigned char keys[DETACH_KEYS_MAX];
	size_t count;			/* 0: no keys detach */
	size_t matched;			/* of them, so far */
	char held[DETACH_HELD_BYTES_MAX];
	size_t held_bytes;		/* that made up the matched keys */
	bool is_pasting;
	size_t bracket_matched;		/* bytes of the bracket that comes next, so far */
};

/** detach_keys_parse() - read the written form; Return: 0 or -EINVAL, with @err saying what is expected */
int detach_keys_parse(struct detach_keys *keys, const char *text, struct error *err);

/**
 * detach_keys_take() - look at bytes of the terminal
 * @keys:     parsed; remembers what it holds back
 * @typed:    what was read
 * @ret:      room for DETACH_HELD_BYTES_MAX more bytes than @typed has; gets what the program is to have
 * @ret_len:  bytes in @ret
 *
 * Return: true when the keys are complete; what was typed behind them is dropped.
 */
bool detach_keys_take(struct detach_keys *keys, struct str typed, char *ret, size_t *ret_len);

/** detach_keys_is_waiting() - whether bytes are held back, or a paste has not ended */
static inline bool detach_keys_is_waiting(const struct detach_keys *keys)
{
	return keys->held_bytes > 0 || keys->is_pasting;
}

/**
 * detach_keys_release() - patience is over: the program gets what is held back, and what comes now is typed;
 * Return: it, good until the next call
 */
struct str detach_keys_release(struct detach_keys *keys);
