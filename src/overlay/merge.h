/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h - three-way text merge of files that both the agent and somebody else changed
 *
 * A merge changes the branch, never the workspace: for each file in conflict the text of the base now and the
 * text of the branch are merged over their common ancestor, and the result becomes the branch's file. The
 * branch is then compared and judged anew, so what is committed is again exactly what was judged.
 *
 * The ancestor is the content that the base had when the branch was made, and the overlay keeps no copy of
 * it: the lower layer is the live workspace. It can be had from git's object database, where HEAD or the
 * index has a blob at that path whose SHA-256 is the one in the changeset. Anything less sure (another
 * revision, another path) could undo somebody's work without a word, so then there is no merge and we say so.
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
	struct str text;		/* where it is clean */
};

/** merge_outcome_name() - "clean", "overlap", "no-ancestor", "not-text" */
const char *merge_outcome_name(enum merge_outcome outcome);

/** merge_outcome_text() - for a person: "both sides changed the same lines" */
const char *merge_outcome_text(enum merge_outcome outcome);

/** merged_to_json() - [{"message", "outcome", "path", "root"}, ...]; NULL when the arena is full */
const struct json *merged_to_json(struct arena *arena, const struct merged_file *files, size_t count);

/**
 * overlay_merge() - merge every file in conflict into the branch
 * @commit:    whose conflicts they are
 * @conflicts: from overlay_check()
 * @arena:     owns the array, and the merged texts while it works
 * @ret:       one entry for each of @conflicts->count
 * @err:       says what failed
 *
 * All or nothing: unless every outcome is MERGE_CLEAN the branch is left alone. On success the caller makes
 * the changeset anew.
 *
 * Errors: -EEXIST not every file could be merged, see @ret; -EOPNOTSUPP built without libgit2; -EBADMSG the
 * branch is not what was judged; others from the kernel.
 * Return: 0 or negative errno.
 */
int overlay_merge(const struct overlay_commit *commit, const struct conflict_list *conflicts,
	struct arena *arena, struct merged_file **ret, struct error *err);
