/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover.h - what a crash left half done is finished or taken back
 *
 * A commit or an undo that was cut off leaves a journal that says neither "applied" nor "reverted". Which steps were
 * taken is read off the storage directories, which are ours alone: a slot holds the file that goes in, or the one that came
 * out. Recovery may itself be cut off at any step and be run again.
 */
#pragma once

#include "overlay/apply.h"

enum recover_result {
	RECOVER_NOTHING,		/* no journal was left open */
	RECOVER_FINISHED,		/* the workspace is as the commit (or the undo) wanted it */
	RECOVER_REVERTED,		/* the workspace is as it was before it */
};

/**
 * overlay_pending() - whether a crash left something to do
 * @journal_dirfd: holds the journals
 * @arena:         owns the paths
 * @ret_targets:   path and storage of each root of that journal; the descriptors are -1
 * @ret_count:     how many; 0 where nothing is pending
 * @err:           what failed
 *
 * Return: 0 or negative errno.
 */
int overlay_pending(int journal_dirfd, struct arena *arena, struct overlay_target **ret_targets, size_t *ret_count,
	struct error *err);

/**
 * overlay_recover() - finish what was begun, or else take it back
 * @journal_dirfd: holds the journals
 * @targets:       as overlay_pending() gave them, opened
 * @target_count:  how many
 * @ret:           what was done
 * @err:           says what stands in the way
 *
 * Errors: -EINPROGRESS neither is possible now; @err says which path has to be looked at; others from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_recover(int journal_dirfd, const struct overlay_target *targets, size_t target_count,
	enum recover_result *ret, struct error *err);
