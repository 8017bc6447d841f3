/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.h - where the cursor is, reckoned from what was printed
 *
 * Programs ask the terminal where its cursor is (CPR), and some do nothing before they have an answer. The
 * terminal itself is not asked. All-zero is a cursor in the last line of 24, where a shell in use has it;
 * from the first absolute address on the reckoning is exact, but for glyphs whose width terminals do not
 * agree about.
 */
#pragma once

#include "base/str.h"
#include "term/table.h"

struct term_cursor {
	uint16_t rows, columns;		/* 0: 24 by 80 */
	bool is_known;			/* below is valid; else: the first column of the last line */
	bool is_beyond;			/* behind the last column: the next character wraps */
	bool has_origin, has_new_line;
	uint16_t row, column;		/* from 0 */
	uint16_t top, bottom;		/* of the scrolling region; bottom 0: the last line */
	uint16_t saved_row, saved_column;
};

/** term_cursor_resize() - the window has another size */
void term_cursor_resize(struct term_cursor *cursor, uint16_t rows, uint16_t columns);

/** term_cursor_print() - text went out: valid UTF-8, with C0 controls in it */
void term_cursor_print(struct term_cursor *cursor, struct str text);

/**
 * term_cursor_track() - a sequence went out
 * @cursor: moved
 * @track:  what it does
 * @first:  its first parameter, or -1
 * @second: its second parameter, or -1
 */
void term_cursor_track(struct term_cursor *cursor, enum term_track track, int first, int second);

/** term_cursor_mode() - a mode was set or reset */
void term_cursor_mode(struct term_cursor *cursor, enum term_track track, bool is_set);

/** term_cursor_place() - what CPR answers, both from 1 */
void term_cursor_place(const struct term_cursor *cursor, unsigned *ret_row, unsigned *ret_column);
