/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - a judged changeset becomes the workspace, whole or not at all
 *
 * The steps of a commit, and what a crash after each leaves to overlay_recover():
 *
 *	check     every touched path of the base is what the changeset says      nothing happened
 *	verify    every new file of the branch is, byte for byte, what was       nothing happened
 *	          judged; what cannot be renamed into place is copied beside it
 *	journal   intent, redo and undo, sealed; first sync                      finish
 *	take      the branch's upper directory becomes storage/commit/N/tree     finish
 *	swap      one rename per path: RENAME_EXCHANGE or RENAME_NOREPLACE       finish
 *	settle    modes and mtimes of the directories around; second sync        finish
 *	mark      the journal says "applied"                                     nothing to do
 *
 * An error in the middle runs the same steps backwards, and so does recovery where finishing is no longer
 * possible. What a swap takes out stays where the new file was, so undo is the same walk the other way
 * (undo.h).
 *
 * Whole and partial. A commit of the whole changeset renames the branch's own files into place: links, holes,
 * ACLs and all survive because nothing is copied. A commit of some paths copies those and leaves the branch
 * as it is: what is then equal in base and branch is no change any more, so the rest of the branch stays
 * valid. Files are copied too where the branch is on another mount; then they are staged in a directory
 * inside the root that exists only during the commit.
 *
 * Nothing below a root is ever reached through a link, and every swap is checked after it was made: when what
 * came out is not what was expected to be there, it goes straight back and the commit ends as a conflict.
 *
 * Up to the first swap, who listens to its progress may give the commit up (telling.h).
 */
#pragma once

#include "base/progress.h"
#include "overlay/conflict.h"

/* One root of the changeset, in the same order. */
struct overlay_target {
	const char *path;		/* absolute, for messages and the journal */
	const char *storage;		/* absolute, for the journal: recovery finds it again by this name */
	int root_dirfd;			/* the workspace directory, readable; borrowed */
	int storage_dirfd;		/* holds upper/; commit/N is made in it; readable; borrowed */
};

struct overlay_commit {
	const struct changeset *changeset;
	const struct overlay_target *targets;	/* changeset->root_count of them */
	int journal_dirfd;		/* a directory of ours for NUMBER.journal; borrowed */
	unsigned number;		/* of this commit in its session, from 1; not used before */
	const char *id;			/* of the session: names the staging directory */
	/* @changeset is a part of what the branch holds: copy, and leave the branch alone */
	bool keep_branch;
	bool accept_stale;		/* CONFLICT_STALE is accepted: somebody looked at the diff */
	uint64_t time_ns;		/* for the journal */
	const struct progress *progress;	/* borrowed; may be NULL */
};

struct overlay_result {
	size_t applied_count;		/* changes that are in the workspace now */
	size_t swap_count;		/* renames that it took */
	uint64_t copied_bytes;		/* content that could not just be renamed */
	uint64_t sync_ns;		/* spent in waiting for the disk */
};

/**
 * overlay_check() - would this commit apply?
 * @commit:    what is asked
 * @conflicts: filled; the caller zeroes it
 * @err:       says what failed; untouched for conflicts
 *
 * Blocks: reads the facts of every touched path, and content where facts alone do not tell.
 *
 * Errors: -ECANCELED it was given up; others from the kernel.
 * Return: 0 where it could be looked at (conflicts->total tells the answer), or negative errno.
 */
int overlay_check(const struct overlay_commit *commit, struct conflict_list *conflicts, struct error *err);

/**
 * overlay_apply() - commit
 * @commit:    what is asked
 * @arena:     owns the plan, and paths of @conflicts; about 1 KiB for each change
 * @conflicts: filled where the answer is -EEXIST; the caller zeroes it
 * @ret:       what was done
 * @err:       says what failed
 *
 * Needs RENAME_EXCHANGE of the file system (ext4, xfs, btrfs, tmpfs, f2fs and overlayfs have it). Makes at
 * most two file-system syncs per file system. The caller holds the session's lock.
 *
 * Errors: -EEXIST there are conflicts; -EBADMSG the branch is not what was judged; -EINPROGRESS something
 * failed in the middle and could not be taken back now: overlay_recover() will; -ECANCELED it was given up
 * before the first change; others from the kernel. After every error but -EINPROGRESS the workspace and the
 * branch are as before.
 * Return: 0 or negative errno.
 */
int overlay_apply(const struct overlay_commit *commit, struct arena *arena, struct conflict_list *conflicts,
	struct overlay_result *ret, struct error *err);
