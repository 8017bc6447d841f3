/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backlog.h - what somebody who looks at a terminal later has to be shown
 *
 * A terminal that joins a program has missed what was printed, and the modes that were switched on: another
 * backlog, a hidden cursor, mouse reports, keys in another encoding. A backlog remembers both, in bounded
 * memory: the last bytes, which begin between two characters or escape sequences, and the modes that are not
 * as a terminal has them when it is new. The other way round it knows what to send to a terminal that leaves.
 *
 * It is no terminal emulator: what is shown is what was printed last, not what would stand on the glass. A
 * program that fills the glass draws it again when its window changes, which is what the supervisor has it
 * do.
 *
 * The bytes are an agent's. Whatever they are, memory stays bounded, and what is made of them are the
 * sequences of a fixed table.
 *
 * Source: ECMA-48; xterm's ctlseqs ("DEC Private Mode Set");
 * https://sw.kovidgoyal.net/kitty/keyboard-protocol/
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	BACKLOG_TAIL_BYTES = 64 * 1024,
	BACKLOG_PARAMS_MAX = 16,
	BACKLOG_KEYBOARD_DEPTH_MAX = 16,
	BACKLOG_SEQUENCES_MAX_BYTES = 1024,	/* all that modes can come to */
};

enum backlog_state {
	BACKLOG_GROUND,
	BACKLOG_ESCAPE,
	BACKLOG_CONTROL,			/* CSI */
	BACKLOG_STRING,			/* OSC, DCS, SOS, PM, APC: up to BEL or ST */
	BACKLOG_STRING_ESCAPE,
};

struct backlog {
	/* the last bytes; its limit is what is kept, 0 for nothing */
	struct buf tail;
	uint64_t at;			/* bytes printed so far */
	uint64_t base;			/* of them, before the tail */
	uint64_t floor;			/* nothing is shown from before it */
	/* where the tail can be cut: not before it is half full; 0: nowhere yet */
	uint64_t mark;
	bool is_mark_alternate;
	uint64_t left_after_mark;	/* the other screen was left here; 0: it was not */
	/* the tail begins on the other screen: the floor is where that is left */
	bool is_floor_due;
	bool is_torn;			/* the tail begins in a sequence that has not ended yet */
	uint64_t alternate_from;	/* where the other screen began */

	enum backlog_state state;
	char prefix, intermediate;
	unsigned params[BACKLOG_PARAMS_MAX], param_count;

	uint32_t modes;			/* bits of a table: those that are not as they are at first */
	bool has_region, has_shape;	/* scrolling region, cursor shape */
	unsigned other_keys;		/* xterm's modifyOtherKeys */
	unsigned keyboards[BACKLOG_KEYBOARD_DEPTH_MAX], keyboard_depth;	/* kitty's stack */
};

/** backlog_init() - nothing was printed; @tail_bytes is how much is remembered, 0 for the modes alone */
void backlog_init(struct backlog *backlog, size_t tail_bytes);

/** backlog_fini() - legal on an all-zero backlog */
void backlog_fini(struct backlog *backlog);

/** backlog_print() - the program printed this */
void backlog_print(struct backlog *backlog, struct str text);

/**
 * backlog_is_alternate() - whether the program uses the other backlog, which programs that fill the glass do
 */
bool backlog_is_alternate(const struct backlog *backlog);

/** backlog_modes_on() - append what brings a new terminal into the modes of this one */
void backlog_modes_on(const struct backlog *backlog, struct buf *ret);

/**
 * backlog_modes_off() - append what brings a terminal back that was shown all of this; nothing where nothing
 * is on
 */
void backlog_modes_off(const struct backlog *backlog, struct buf *ret);

/** backlog_modes_reset() - append what brings a terminal back of which nobody knows what it was shown */
void backlog_modes_reset(struct buf *ret);

/**
 * backlog_tail() - the last bytes, for a terminal in these modes; Return: they are good until the next print
 */
struct str backlog_tail(const struct backlog *backlog);
