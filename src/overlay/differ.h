/* SPDX-License-Identifier: Apache-2.0 */
/*
 * differ.h - what is asked of cordon-differ, and how it gets there
 *
 * Showing what an agent wrote means parsing what an agent wrote. That is done by a process of its own,
 * cordon-differ, which can read the two sides of the changeset and write text to its standard output, and
 * nothing else. It gets everything through one socket:
 *
 *	"root"		two directories: base and branch of the next root of the changeset; a packet per root; and,
 *			where modes may shut us out of the branch, its record of what was opened (opened.h)
 *	"request"	a memory file: {"changeset": {...}, "request": {...}} as JSON; the last packet
 *
 * DIFFER_MODEL writes lines, each of them safe for a terminal, that review/read.c reads back:
 *
 *	change INDEX		what follows is about this entry of the changeset, until the next one
 *	note TEXT		what git's format has no words for
 *	binary TEXT		it is not compared by lines; sizes and types
 *	large TEXT		so large that its lines are not shown
 *	missing TEXT		it cannot be shown at all, and why
 *	hunk A B C D		B lines of the base from line A, and D of the branch from line C, counted from 0
 *	" TEXT" "-TEXT" "+TEXT"	the lines of a hunk; one that is too long says how much of it is not there
 *	\			the line before has no newline
 *	end			the last line; without it something is missing
 *
 * DIFFER_RENAMES writes one JSON document that differ_found_read() reads back.
 *
 * Descriptors come first, so that the differ can confine itself to them before it reads a single name.
 */
#pragma once

#include "overlay/compose.h"
#include "overlay/diff.h"
#include "overlay/renames.h"

enum differ_format {
	DIFFER_UNIFIED,			/* for people: all there is to say */
	DIFFER_PATCH,			/* for `git apply`: exact, and refused where it could not be */
	DIFFER_STAT,			/* one line a file */
	DIFFER_MODEL,			/* for our own screens: see below */
	DIFFER_COMPOSE,			/* a file, made of its base and @edits of the branch (compose.h) */
	DIFFER_RENAMES,			/* which files moved and were edited (similar.h) */
};

enum {
	DIFFER_FD = 3,			/* the socket, in the differ */
	DIFFER_WIDTH_MIN = 40,
	DIFFER_WIDTH_MAX = 1000,
};

struct differ_request {
	enum differ_format format;
	bool colour;
	bool is_live;			/* the branch is not quiet: no mode is touched */
	bool raw;			/* bytes of files as they are, also those that act on a terminal */
	unsigned context_count;		/* lines around a change */
	unsigned width;			/* columns of DIFFER_STAT */
	struct changeset changeset;
	const bool *selected;		/* changeset.count of them; NULL: every entry */
	const struct compose_edit *edits;	/* DIFFER_COMPOSE, of the only file of the changeset */
	size_t edit_count;
	struct rename_list renames;	/* that were found: they are shown as such; not in DIFFER_RENAMES */
	unsigned similarity;		/* DIFFER_RENAMES: percent, at least; 1..100 */
};

/**
 * differ_send() - ask
 * @fd:      a socket whose other end will be DIFFER_FD; nobody need read yet
 * @request: what to show
 * @roots:   changeset.root_count of them; borrowed
 * @err:     may be NULL
 *
 * Errors: -EMSGSIZE the changeset is too large; others from the kernel.
 * Return: 0 or negative errno.
 */
int differ_send(int fd, const struct differ_request *request, const struct overlay_root *roots,
	struct error *err);

/* What came through the socket. The receiver owns the descriptors. */
struct differ_fds {
	int request_fd;
	int dirfds[2 * CHANGE_ROOTS_MAX];	/* base and branch of each root */
	size_t dirfd_count;
	int record_fds[CHANGE_ROOTS_MAX];	/* by root; -1: nothing may be opened there */
};

/**
 * differ_receive() - take the descriptors, and read nothing yet
 * @fd:  DIFFER_FD
 * @ret: set in any case; closed with differ_close()
 * @err: may be NULL
 *
 * Errors: -EBADMSG not what differ_send() sends; others from the kernel.
 * Return: 0 or negative errno.
 */
int differ_receive(int fd, struct differ_fds *ret, struct error *err);

/** differ_close() - close what came */
void differ_close(struct differ_fds *fds);

/**
 * differ_read() - what is asked
 * @arena: owns what is returned
 * @fds:   from differ_receive()
 * @ret:   the request; its changeset was checked as changeset_read() does, and has as many roots as came
 * @err:   may be NULL
 *
 * Errors: -EBADMSG not what differ_send() sends; -EMSGSIZE over a limit; others from the kernel.
 * Return: 0 or negative errno.
 */
int differ_read(struct arena *arena, const struct differ_fds *fds, struct differ_request *ret,
	struct error *err);

/* ---- what DIFFER_RENAMES answers ---- */

/**
 * differ_found_write() - the answer as one JSON document
 * @buf:  it is added; failures stick to it
 * @list: the renames that were found
 * @cut:  enum similar_cut
 */
void differ_found_write(struct buf *buf, const struct rename_list *list, unsigned cut);

/**
 * differ_found_read() - read the answer, believing nothing
 * @arena:     owns the list
 * @text:      the whole answer
 * @changeset: that was asked about
 * @ret:       the renames
 * @ret_cut:   enum similar_cut
 * @err:       says what is wrong
 *
 * Errors: -EBADMSG no such answer; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int differ_found_read(struct arena *arena, struct str text, const struct changeset *changeset,
	struct rename_list *ret, unsigned *ret_cut, struct error *err);

/* ---- the request as a text ---- */

/** differ_request_write() - append it; Return: 0 or -EMSGSIZE */
int differ_request_write(struct buf *buf, const struct differ_request *request);

/**
 * differ_request_read() - read it
 * @arena:      owns what is returned
 * @text:       what differ_request_write() made
 * @root_count: how many roots came with it
 * @ret:        as of differ_read()
 * @err:        may be NULL
 *
 * Errors: -EBADMSG not what differ_send() sends; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int differ_request_read(struct arena *arena, struct str text, size_t root_count, struct differ_request *ret,
	struct error *err);
