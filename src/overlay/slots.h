/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots.h - the directories in which a commit keeps what is not in the workspace
 *
 * See journal.h for where they are. They are ours alone (0700, below the session's storage), or, where the
 * storage is on another mount than the root, in a staging directory inside the root that exists only while
 * the commit runs.
 */
#pragma once

#include "overlay/apply.h"
#include "overlay/journal.h"

struct slots {
	int commit_dirfd;		/* <storage>/commit/N */
	int work_dirfd;			/* the same directory, or <root>/<stage> */
	int new_dirfd, old_dirfd;	/* O_PATH; below work_dirfd */
	int kept_dirfd;			/* O_PATH; below commit_dirfd; -1 unless staged */
	int tree_dirfd;			/* O_PATH; -1 until slots_open_tree() */
};

#define SLOTS_NONE { -1, -1, -1, -1, -1, -1 }

/**
 * slots_make() - create the directories of one root
 * @journal: whose
 * @root:    index
 * @target:  of that root
 *
 * Those that are there already are used.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int slots_make(const struct journal *journal, unsigned root, const struct overlay_target *target);

/** slots_open() - open them, without the tree; Return: 0 or negative errno */
int slots_open(struct slots *slots, const struct journal *journal, unsigned root,
	const struct overlay_target *target);

/** slots_close() - close what is open; legal on SLOTS_NONE and after itself */
void slots_close(struct slots *slots);

/** slots_open_tree() - open the tree of a commit that took it; Return: 0 or negative errno */
int slots_open_tree(struct slots *slots);

/**
 * slots_take_tree() - make the branch's upper directory the commit's tree
 * @slots:  open
 * @target: of the root
 *
 * Does nothing where that was done already.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int slots_take_tree(struct slots *slots, const struct overlay_target *target);

/** slots_give_tree() - the opposite, over an upper directory that is empty; Return: 0 or negative errno */
int slots_give_tree(struct slots *slots, const struct overlay_target *target);

/**
 * slots_remove() - remove what a commit kept, for good
 * @journal: whose
 * @root:    index
 * @target:  of that root
 *
 * Errors: from the kernel.
 * Return: 0 (also where there is nothing) or negative errno.
 */
int slots_remove(const struct journal *journal, unsigned root, const struct overlay_target *target);

/**
 * slots_remove_stage() - remove the staging directory in a root, if that root has one; Return: as
 * slots_remove()
 */
int slots_remove_stage(const struct journal *journal, unsigned root, const struct overlay_target *target);

/**
 * move_file() - rename, also of a directory whose mode forbids its owner to move it
 * @from_dirfd: directory of @from
 * @from:       one component
 * @to_dirfd:   directory of @to
 * @to:         one component
 * @flags:      RENAME_NOREPLACE or RENAME_EXCHANGE
 *
 * A directory that changes its parent is written to (its ".."), so the mode is widened for that moment.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int move_file(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags);
