/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opened.h - what shuts its owner out of a branch is opened for a moment, and written down before
 *
 * An agent may leave a directory behind with mode 0555 or 0, or a file that not even its owner may read. Root
 * walks through. An ordinary user has to change the mode, look, and put it back, and may be killed between
 * the two; and a mode that nobody judged would then stand in the branch. So there is a record beside the
 * upper layer, <storage>/opened (docs/formats/session.md):
 *
 *	- before a mode is changed, a line with the path and the mode goes into the record;
 *	- whoever has something open holds a lock on the record, which dies with the process;
 *	- so whoever gets the lock and finds lines has found what a process left that was killed, and puts it
 *	  back before anything else;
 *	- when everything is as it was, the record is empty again.
 *
 * The lock also keeps two commands from taking each other's open modes for the branch's own. The record lives
 * through a kill, not through a power cut: after that a mode may be left open, which the next commit says.
 */
#pragma once

#include "overlay/unlock.h"

#define OPENED_NAME "opened"

/* One branch that is being looked into. All zero is not legal: see opened_begin(). */
struct opened {
	int record_fd;			/* borrowed; -1: nothing may be opened */
	int upper_dirfd;		/* borrowed */
	size_t count;			/* lines that were written since the lock was taken */
};

#define OPENED_NONE { -1, -1, 0 }

/** opened_is_needed() - whether modes shut this process out at all */
bool opened_is_needed(void);

/**
 * opened_record() - open a branch's record, making it where there is none
 * @storage_dirfd: holds upper/
 *
 * Errors: from the kernel.
 * Return: a descriptor that the caller owns, or negative errno.
 */
int opened_record(int storage_dirfd);

/**
 * opened_begin() - be the only one who looks into a branch
 * @opened:      filled, also on failure; ends with opened_end()
 * @record_fd:   from opened_record(); borrowed
 * @upper_dirfd: the branch's upper layer; borrowed
 *
 * Waits for others, half a minute at most, and puts back what one that was killed left open.
 *
 * Errors: -EBUSY somebody else looks into it all the time; -EBADMSG the record is damaged; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int opened_begin(struct opened *opened, int record_fd, int upper_dirfd);

/**
 * opened_add() - let the owner into a directory, or read a file
 * @opened: begun
 * @path:   clean, below the upper layer; what it lies in is open already
 *
 * Does nothing where the owner is let in anyway.
 *
 * Errors: -EACCES nothing may be opened here; others from the kernel.
 * Return: 0 or negative errno.
 */
int opened_add(struct opened *opened, struct str path);

/**
 * opened_end() - put every mode back, and let others look
 * @opened: begun, or OPENED_NONE; afterwards it is OPENED_NONE, unless this failed
 *
 * After a failure it may be called again; whoever begins next does it, too.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int opened_end(struct opened *opened);

/**
 * opened_settle() - put back what was left open in the branch of a storage, if it has one; Return: 0 or
 * negative errno
 */
int opened_settle(int storage_dirfd);

/* ---- the record as a text ---- */

/** opened_line_write() - append a line; Return: 0 or -EMSGSIZE */
int opened_line_write(struct buf *buf, struct str path, mode_t mode);

/**
 * opened_line_read() - read one line
 * @arena:    owns the path
 * @line:     without its newline
 * @ret_path: clean, relative, without a NUL
 * @ret_mode: permission bits
 *
 * Errors: -EBADMSG no such line.
 * Return: 0 or negative errno.
 */
int opened_line_read(struct arena *arena, struct str line, struct str *ret_path, mode_t *ret_mode);

/** opened_cut_line() - take the last whole line from the end of @text; Return: false where there is none */
bool opened_cut_line(struct str *text, struct str *ret);
