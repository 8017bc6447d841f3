/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - three-way text merge of files that both the agent and somebody else changed
 *
 * A merge changes the branch, never the workspace: for each file in conflict the text of the base now and the text of
 * the branch are merged over their common ancestor, and the result becomes the branch's file. The branch is then compared
 * and judged anew, so what is committed is again exactly what was judged.
 *
 * The ancestor is the content that the base had when the branch was made, and the overlay keeps no copy of it: the lower
 * layer is the live workspace. It can be had from git's object database, where HEAD or the index has a blob at that path
 * whose SHA-256 is the one in the changeset. Anything less sure (another revision, another path) could undo somebody's
 * work without a word, so then there is no merge and we say so.
 */
#pragma once

#include "overlay/apply.h"

enum merge_outcome {
	MERGE_NONE,			/* not looked at */
	MERGE_CLEAN,			/* merged without an overlap */
	MERGE_OVERLAP,			/* both changed the same lines */
	MERGE_NO_ANCESTOR,		/* git does not have the content that the branch began with */
	MERGE_NOT_TEXT,			/* binary, too large, or no regular file on both sides */
};

struct merged_file {
	const struct change *change;
	enum merge_outcome outcome;
};

/** merge_outcome_text() - for a person: "both sides changed the same lines" */
const char *merge_outcome_text(enum merge_outcome outcome);

/** merge_is_supported() - whether this build can merge at all */
bool merge_is_supported(void);

/**
 * overlay_merge() - merge every file in conflict into the branch
 * @commit:    whose conflicts they are
 * @conflicts: from overlay_check(); all of them must be CONFLICT_CHANGED or CONFLICT_STALE
 * @arena:     owns the array
 * @ret:       one entry per conflict
 * @err:       says what failed
 *
 * All or nothing: unless every outcome is MERGE_CLEAN the branch is left alone. On success the caller makes the
 * changeset anew; the same paths are then no longer stale, since storage remembers what they were merged with.
 *
 * Errors: -EEXIST not every file could be merged, see @ret; -EOPNOTSUPP built without libgit2; others from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_merge(const struct overlay_commit *commit, const struct conflict_list *conflicts, struct arena *arena,
	struct merged_file **ret, struct error *err);
