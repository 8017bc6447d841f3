/* SPDX-License-Identifier: Apache-2.0 */
/*
 * differ.h - one showing of a changeset, and what its parts share
 *
 * main.c confines the process and asks one of the views (unified.c for people, the same with other rules for
 * patches, stat.c, and model.c for our own screens) or renames.c, which looks for files that moved. A view
 * goes over the selected changes in order and turns each into pieces: a piece is one old file and one new
 * file (either may be missing), which is what git's format speaks of. content.c reads the two sides of a
 * piece and holds them to the changeset's digests; output.c writes, and decides what may reach a terminal.
 */
#pragma once

#include "base/path.h"
#include "overlay/differ.h"
#include "overlay/text.h"
#include "overlay/opened.h"

enum {
	DIFFER_TEXT_MAX_BYTES = 32 << 20,	/* more of a file is not compared line by line */
	DIFFER_PATCH_MAX_BYTES = 256 << 20,	/* more of a file is not put into a patch */
	DIFFER_ARENA_BYTES = 1 << 30,
};

enum differ_exit {
	DIFFER_OK = 0,
	DIFFER_REFUSED = 1,			/* it cannot be shown exactly, and that was asked for */
	DIFFER_FAILED = 125,
};

enum paint {
	PAINT_NONE,
	PAINT_HEADER,
	PAINT_HUNK,
	PAINT_ADDED,
	PAINT_REMOVED,
	PAINT_WORD,			/* within the two: what changed in the line */
	PAINT_NOTE,
};

struct output {
	struct buf buf;
	int r;					/* the first write that failed; later output is dropped */
	bool colour, raw;
};

/* Changed lines that stand together, on their way out: a run of each content, whose lines are compared. */
struct place {
	struct str removed, added;
};

struct differ {
	struct arena arena;
	struct differ_request request;		/* its changeset has the renames that were found */
	const int *dirfds;			/* base and branch of each root */
	/* of what is opened in a branch, by root; -1: nothing may be */
	const int *record_fds;
	struct output out;
	struct error err;
	struct buf old_content, new_content;
	const struct change **moves;		/* selected CHANGE_RENAMED entries, by (root, renamed_from) */
	size_t move_count;
	struct place place;
	size_t formless_count;			/* changes, or parts of them, that a patch cannot say */
};

/* One file of git's format: what it was, and what it becomes. */
struct piece {
	const struct change *change;		/* that it belongs to */
	struct str old_path, new_path;		/* equal unless moved */
	const struct file_facts *old_file;	/* NULL: there is none */
	const struct file_facts *new_file;
};

/* Called for each piece. Return: 0 to go on, or negative errno. */
typedef int piece_fn(struct differ *differ, const struct piece *piece);

/* ---- output.c ---- */

/** out_text() - our own words, as they are; a line at most */
void out_text(struct output *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** out_bytes() - text that is safe by construction, of any length */
void out_bytes(struct output *out, struct str text);

/** out_paint() - begin a colour, or end it with PAINT_NONE; nothing without colours */
void out_paint(struct output *out, enum paint paint);

/** out_name() - a file name as git quotes it */
void out_name(struct output *out, const char *prefix, struct str name);

/**
 * out_content() - bytes of a file; what acts on a terminal is made visible unless raw bytes were asked for
 */
void out_content(struct output *out, struct str text);

/** out_value() - bytes in a line of ours: always made visible, newlines too */
void out_value(struct output *out, struct str text);

/** out_flush() - write what is there; Return: 0 or negative errno */
int out_flush(struct output *out);

/* ---- content.c ---- */

/**
 * content_read() - both sides of a piece, into differ->old_content and differ->new_content
 * @differ:    shows
 * @piece:     of regular files and symbolic links
 * @max_bytes: of each side
 *
 * Errors: -EFBIG a side is larger; -ESTALE a side is not what the changeset says; -EACCES the base may not be
 * read; others from the kernel.
 * Return: 0 or negative errno.
 */
int content_read(struct differ *differ, const struct piece *piece, uint64_t max_bytes);

/**
 * content_read_one() - one side alone
 * @differ:    shows
 * @facts:     of a regular file
 * @root:      of the changeset
 * @is_new:    of the branch, or of the base
 * @path:      of the file
 * @max_bytes: of it
 * @ret:       its content
 *
 * A file of the base that was never read, and so has no digest, is what it is now.
 *
 * Errors: as content_read().
 * Return: 0 or negative errno.
 */
int content_read_one(struct differ *differ, const struct file_facts *facts, unsigned root, bool is_new,
	struct str path, uint64_t max_bytes, struct buf *ret);

/** content_is_binary() - whether either side has a NUL near its start, as git decides */
bool content_is_binary(const struct differ *differ);

/* ---- pieces.c ---- */

/** pieces_prepare() - find out which moves are shown as moves; Return: 0 or -EMSGSIZE */
int pieces_prepare(struct differ *differ);

/** pieces_find_move() - the move that takes this file of the base away, and is shown as one; NULL: none */
const struct change *pieces_find_move(const struct differ *differ, unsigned root, struct str path);

/**
 * pieces_of() - the pieces of one change
 * @differ: shows
 * @index:  of a selected change
 * @emit:   called for each
 *
 * A deleted directory has a piece for every file in it, in the directory's order. What has no piece (a
 * directory that stays, a fifo) is counted in differ->formless_count.
 *
 * Errors: as @emit; others from the kernel.
 * Return: 0 or negative errno.
 */
int pieces_of(struct differ *differ, size_t index, piece_fn *emit);

/** piece_similarity() - how much of its old file a moved one is; Return: percent */
unsigned piece_similarity(const struct differ *differ, const struct piece *piece);

/** git_mode() - 0100644, 0100755, 0120000; 0 for what git has no mode for */
unsigned git_mode(const struct file_facts *facts);

/**
 * is_brought_along() - a new directory that stands for nothing but its entries, which are changes of their
 * own
 */
bool is_brought_along(const struct differ *differ, const struct change *change);

/** path_shown() - the name of a change: relative in the first root, absolute without its slash in others */
struct str path_shown(struct differ *differ, const struct change *change, struct str path);

/* ---- views ---- */

/** unified_show() - DIFFER_UNIFIED and DIFFER_PATCH; Return: 0 or negative errno */
int unified_show(struct differ *differ);

/** model_show() - DIFFER_MODEL; Return: 0 or negative errno */
int model_show(struct differ *differ);

/** compose_show() - DIFFER_COMPOSE; Return: 0 or negative errno */
int compose_show(struct differ *differ);

/** print_kind() - size, type and measures of one side, as far as its content was read */
void print_kind(struct output *out, const struct file_facts *facts, const struct buf *content);

/** renames_show() - DIFFER_RENAMES; Return: 0 or negative errno */
int renames_show(struct differ *differ);

/** stat_show() - DIFFER_STAT; Return: 0 or negative errno */
int stat_show(struct differ *differ);

/** note_change() - what git's format has no words for, one line each, for people */
void note_change(struct differ *differ, const struct change *change);
