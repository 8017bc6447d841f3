/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - what a program prints, made fit for a person's terminal
 *
 * A terminal obeys what is printed on it: it writes the clipboard, types its title back as if the person had
 * typed it, prints, redefines keys. The filter reads what a program printed as a terminal would and writes
 * what may be shown. Invariants:
 *
 *   - Nothing is passed on as it came. Out come valid UTF-8 text without C1 controls, the C0 controls of the
 *     table, and sequences that are written anew, whole, from what was understood; so whatever another
 *     terminal makes of a strange input, it never sees it.
 *   - What stands in no row of tables/terminal.toml is taken out and counted.
 *   - The output does not depend on where the input is cut, and filtering it again changes nothing.
 *   - Memory is bounded and part of the struct: a string is collected up to TERM_STRING_MAX bytes.
 *
 * The folder does no I/O. The parser follows the state machine of the VT500 series:
 *
 *	scan.c		the bulk: plain text, eight bytes at a time
 *	parser.c	bytes to code points to controls, sequences and strings
 *	sequence.c	ESC and CSI: looked up, checked, written anew
 *	command.c	OSC: titles and links
 *	state.c		what of the terminal's state was changed, and how it is put back
 *	cursor.c	where the cursor is, for the one question that programs cannot do without
 *	note.c		words for what was taken out
 *	backlog.c	the last of it, for a terminal that comes later (backlog.h)
 *
 * Source: ECMA-48; Paul Flo Williams, "A parser for DEC's ANSI-compatible video terminals" (vt100.net); XTerm
 * Control Sequences (invisible-island.net)
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "term/cursor.h"
#include "term/state.h"
#include "term/table.h"

enum {
	TERM_PARAMS_MAX = 32,
	TERM_VALUE_MAX = 9999,			/* larger parameters become this */
	TERM_STRING_MAX = 2048,			/* bytes of an OSC that are looked at */
	TERM_TITLE_MAX = 256,
	TERM_LINK_MAX = 1024,
	TERM_ANSWERS_MAX = 4096,		/* a good limit for the buffer of answers */
};

/* Where in the language the input is; the names are the state machine's. */
enum term_parser_state {
	TERM_GROUND,
	TERM_ESCAPE,
	TERM_CSI,
	TERM_COMMAND,			/* OSC */
	TERM_STRING,			/* DCS, SOS, PM, APC: nothing of it matters */
};

struct term_filter {
	bool only_text;			/* lines and tabulators and nothing else: for a listing */
	/* what is taken out reaches the terminal by another way, and is remembered to be put back, too */
	bool tracks_all;
	struct term_state modes;
	struct term_cursor *cursor;	/* borrowed; NULL: nobody wants to know */
	/* borrowed; the input that answers questions; NULL: nobody answers */
	struct buf *answers;
	uint64_t counts[TERM_KIND_COUNT];

	/* ---- the parser's ---- */
	enum term_parser_state state;
	/* the beginning of a character */
	unsigned char pending[4];
	uint8_t pending_len, wanted_len;
	/* the sequence so far */
	char prefix, intermediate;
	bool is_broken, is_c1;
	uint8_t param_count;
	int16_t params[TERM_PARAMS_MAX];	/* -1: empty */
	uint32_t colons;		/* bit i: a colon stands before parameter i */
	size_t string_len;		/* may pass TERM_STRING_MAX: then it was cut */
	char string[TERM_STRING_MAX];
};

/**
 * term_filter_feed() - the next piece of what was printed
 * @filter: all-zero at the beginning, but for its options
 * @text:   any bytes
 * @out:    what may be shown is added; NULL: it is only looked at
 *
 * What is unfinished at the end of @text is kept for the next call.
 *
 * Return: as buf_append().
 */
int term_filter_feed(struct term_filter *filter, struct str text, struct buf *out);

/**
 * term_filter_finish() - nothing more comes
 * @filter: what is unfinished is counted and forgotten
 * @out:    as above
 *
 * Return: as buf_append().
 */
int term_filter_finish(struct term_filter *filter, struct buf *out);

/** term_filter_total() - everything that was taken out; Return: how many */
uint64_t term_filter_total(const struct term_filter *filter);

/** term_filter_is_quiet() - whether all that was taken out is what ordinary programs send */
bool term_filter_is_quiet(const struct term_filter *filter);

/**
 * term_filter_note() - "2 clipboard accesses, 1 device string": what was taken out
 * @filter: read
 * @buf:    grows; nothing is added where nothing was taken out
 *
 * Return: as buf_append().
 */
int term_filter_note(const struct term_filter *filter, struct buf *buf);
