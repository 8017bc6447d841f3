/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backlog.h - what was printed last, for somebody who looks at a terminal later
 *
 * A terminal that joins a program has missed what was printed. A backlog keeps the last bytes, in bounded
 * memory, and they begin between two characters or escape sequences, on the screen that is in use. Which
 * modes are on it does not know: it has the filter of the program read what is printed, and that remembers
 * them (term_state_enter()).
 *
 * It is no terminal emulator: what is shown is what was printed last, not what would stand on the glass. A
 * program that fills the glass draws it again when its window changes, which is what the supervisor has it
 * do.
 *
 * The bytes are an agent's. Whatever they are, memory stays bounded.
 */
#pragma once

#include "term/filter.h"

enum {
	BACKLOG_TAIL_BYTES = 64 * 1024,
};

struct backlog {
	/* the last bytes; its limit is what is kept, 0 for nothing */
	struct buf tail;
	/* borrowed: where in the language, and on which screen, the output is */
	struct term_filter *filter;
	uint64_t at;			/* bytes printed so far */
	uint64_t base;			/* of them, before the tail */
	uint64_t begun;			/* what has not ended, character or sequence, begins here */
	uint64_t floor;			/* nothing is shown from before it */
	/* where the tail can be cut: not before it is half full; 0: nowhere yet */
	uint64_t mark;
	bool is_mark_alternate;
	uint64_t left_after_mark;	/* the other screen was left here; 0: it was not */
	/* the tail begins on the other screen: the floor is where that is left */
	bool is_floor_due;
	bool is_torn;			/* the tail begins in a sequence that has not ended yet */
	uint64_t alternate_from;	/* where the other screen began */
};

/**
 * backlog_init() - nothing was printed
 * @backlog:    written
 * @filter:     borrowed for as long as the backlog is used; reads everything, and is fed by nobody else
 * @tail_bytes: how much is kept, 0 for nothing
 */
void backlog_init(struct backlog *backlog, struct term_filter *filter, size_t tail_bytes);

/** backlog_fini() - legal on an all-zero backlog */
void backlog_fini(struct backlog *backlog);

/** backlog_print() - the program printed this */
void backlog_print(struct backlog *backlog, struct str text);

/**
 * backlog_tail() - the last bytes, for a terminal on the screen that is in use
 * @backlog:        read
 * @ret_unfinished: what follows: the beginning of a character or sequence, up to which something else may be
 *                  sent
 *
 * Return: they are good until the next print.
 */
struct str backlog_tail(const struct backlog *backlog, struct str *ret_unfinished);
