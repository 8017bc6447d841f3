/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what a program changed of the terminal's state, and how it is put back
 *
 * A program that is killed, suspended or left alone leaves the alternate screen, mouse reports, a hidden
 * cursor behind. All-zero means: the terminal is as a shell wants it. Only what the program itself changed is
 * put back, so a terminal that it did not touch is sent nothing.
 */
#pragma once

#include "base/buf.h"
#include "term/table.h"

enum {
	TERM_KEYBOARDS_MAX = 16,
	TERM_RESTORE_MAX_BYTES = 1024,		/* all that a state can come to, either way */
};

struct term_state {
	uint64_t modes;			/* bit i: term_modes[i] is not as by default */
	bool is_alternate;		/* the program has the other screen, as programs that fill it do */
	bool has_colours, has_shape, has_margins, has_keypad, has_link;
	bool has_g0, has_g1, is_shifted;
	uint16_t modified_keys;		/* XTMODKEYS 4 */
	/* the stack of the kitty protocol, which the filter takes out: only where it came through */
	uint8_t keyboard_depth;
	uint16_t keyboards[TERM_KEYBOARDS_MAX];
};

/**
 * term_state_track() - a sequence that matters went out
 * @state:  changed
 * @track:  what it means
 * @first:  its first parameter, or -1
 * @second: its second parameter, or -1
 */
void term_state_track(struct term_state *state, enum term_track track, int first, int second);

/** term_state_set_mode() - a mode of the table was set or reset */
void term_state_set_mode(struct term_state *state, const struct term_mode *mode, bool is_set);

/**
 * term_state_restore() - the sequences that put the terminal back
 * @state: all-zero afterwards
 * @buf:   grows; nothing is added where nothing was changed
 *
 * Return: as buf_append().
 */
int term_state_restore(struct term_state *state, struct buf *buf);

/**
 * term_state_restore_unknown() - the sequences that put a terminal back of which nobody knows what it was
 * sent
 * @was_filtered: it was sent nothing but what the filter keeps
 * @buf:          grows
 *
 * Harmless on one that is as a shell wants it: the cursor stays where it is, and so does what is the person's
 * choice.
 *
 * Return: as buf_append().
 */
int term_state_restore_unknown(bool was_filtered, struct buf *buf);

/**
 * term_state_enter_screen() - the screen that the program is on, for a fresh terminal
 * @state: read
 * @buf:   grows; nothing is added for the first screen
 *
 * Return: as buf_append().
 */
int term_state_enter_screen(const struct term_state *state, struct buf *buf);

/**
 * term_state_enter() - the sequences that make a terminal on the right screen what the program left it as
 * @state: read
 * @buf:   grows
 *
 * For a terminal that comes later, or comes back. Colours are not told: only the program knows which.
 *
 * Return: as buf_append().
 */
int term_state_enter(const struct term_state *state, struct buf *buf);
