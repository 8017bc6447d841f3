/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - tables/terminal.toml in C: what a program may say to a terminal
 *
 * A row that is all zero keeps nothing. The tables are generated (term/sequences.c) and constant.
 */
#pragma once

#include "term/sequences.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TERM_VALUES_MAX = 8,
};

/* How removals are counted, and the words for it. */
struct term_kind_row {
	const char *name, *one, *many;
	bool is_quiet;			/* alone worth no note */
};

/* A C0 control. */
struct term_control {
	bool is_kept;
	enum term_track track;
};

/* What follows ESC or CSI. Rows of one table are sorted by the final byte. */
struct term_sequence {
	char prefix, intermediate, final;	/* prefix and intermediate: 0 where there is none */
	bool is_kept;
	bool is_nothing;		/* neither kept nor counted: what it ended is gone */
	bool has_colons;
	uint8_t params_max;
	uint8_t value_count;		/* 0: whatever the first parameter is */
	int16_t values[TERM_VALUES_MAX];
	enum term_kind kind;		/* where it is not kept */
	enum term_track track;
	enum term_answer answer;
};

/* A mode of SM and RM, or of DECSET and DECRST. One that is not kept is put back where it came through. */
struct term_mode {
	int16_t number;
	bool is_private;
	bool is_kept;
	bool is_set_by_default;
	bool is_untracked;		/* an action rather than a mode: there is nothing to put back */
	bool is_left;			/* stays as it is where nobody knows whether it was changed */
	bool is_screen;			/* the other screen, by one of its names: any of them leaves it */
	bool is_soft;			/* DECSTR puts it back */
	enum term_track track;
};

/* Which reader makes the text of an OSC safe. */
enum term_text {
	TERM_TEXT_NONE,			/* it is not kept */
	TERM_TEXT_TITLE,
	TERM_TEXT_LINK,
};

struct term_command {
	uint16_t number;
	enum term_text text;
	enum term_kind kind;		/* where it is not kept */
};

extern const struct term_kind_row term_kinds[TERM_KIND_COUNT];
extern const struct term_control term_controls[32];
extern const struct term_sequence term_escapes[];
extern const size_t term_escapes_count;
extern const struct term_sequence term_csis[];
extern const size_t term_csis_count;
extern const struct term_mode term_modes[];
extern const size_t term_modes_count;
extern const struct term_command term_commands[];
extern const size_t term_commands_count;
extern const char term_strings[];	/* the bytes behind ESC that begin a string */
