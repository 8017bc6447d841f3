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

struct term_state {
	uint64_t modes;			/* bit i: term_modes[i] is not as by default */
	bool has_colours, has_shape, has_margins, has_keypad, has_modified_keys, has_link;
	bool has_g0, has_g1, is_shifted;
};

/**
 * term_state_track() - a sequence without parameters that matter went out
 * @state: changed
 * @track: what it means
 */
void term_state_track(struct term_state *state, enum term_track track);

/**
 * term_state_restore() - the sequences that put the terminal back
 * @state: all-zero afterwards
 * @buf:   grows; nothing is added where nothing was changed
 *
 * Return: as buf_append().
 */
int term_state_restore(struct term_state *state, struct buf *buf);

/**
 * term_state_enter() - the sequences that make a fresh terminal what the program left it as
 * @state: read
 * @buf:   grows
 *
 * For a terminal that comes later, or comes back. Colours are not told: only the program knows which.
 *
 * Return: as buf_append().
 */
int term_state_enter(const struct term_state *state, struct buf *buf);
