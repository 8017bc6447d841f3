/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover.h - what a crash left half done is finished or taken back
 *
 * A commit or an undo that was cut off leaves a journal that says neither "applied" nor "reverted". Which
 * steps were taken is read off the storage directories, which are ours alone: a slot holds the file that goes
 * in, or the one that came out. Recovery may itself be cut off at any step and be run again.
 */
#pragma once

#include "overlay/apply.h"
#include "overlay/journal.h"

enum recover_result {
	RECOVER_NOTHING,		/* no journal was left open */
	RECOVER_FINISHED,		/* the workspace is as the commit (or the undo) wanted it */
	RECOVER_REVERTED,		/* the workspace is as it was before it */
};

struct overlay_pending {
	struct overlay_target *targets;	/* path and storage of each root; the descriptors are -1 */
	size_t target_count;		/* 0: nothing is pending */
	enum journal_kind kind;		/* what was cut off */
	unsigned number;		/* of the commit */
};

/**
 * overlay_pending() - whether a crash left something to do
 * @journal_dirfd: holds the journals
 * @arena:         owns the paths
 * @ret:           what
 * @err:           what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_pending(int journal_dirfd, struct arena *arena, struct overlay_pending *ret, struct error *err);

/**
 * overlay_last_commit() - the newest commit that can be undone
 * @journal_dirfd: holds the journals
 * @arena:         owns what was read
 * @ret_number:    its number; 0 where there is none
 * @ret_time_ns:   when it was made
 * @ret_next:      the number for another commit
 * @err:           what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_last_commit(int journal_dirfd, struct arena *arena, unsigned *ret_number, uint64_t *ret_time_ns,
	unsigned *ret_next, struct error *err);

/**
 * overlay_recover() - finish what was begun, or else take it back
 * @journal_dirfd: holds the journals
 * @targets:       the session's, opened; where something is pending, as overlay_pending() gave them
 * @target_count:  how many
 * @progress:      told how far it is; what it answers is not looked at; may be NULL
 * @ret:           what was done
 * @err:           says what stands in the way
 *
 * Also puts back modes that a process which was killed left open in a branch (opened.h).
 *
 * Errors: -EINPROGRESS neither is possible now; @err says which path has to be looked at; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int overlay_recover(int journal_dirfd, const struct overlay_target *targets, size_t target_count,
	const struct progress *progress, enum recover_result *ret, struct error *err);
