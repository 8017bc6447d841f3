/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_internal.h - one plan while it is made
 */
#pragma once

#include "overlay/plan.h"

/* A directory of the base in which something is swapped. */
struct touched {
	unsigned root;
	struct str path;
};

struct planner {
	struct plan *plan;
	struct conflict_list *conflicts;
	struct error *err;
	bool check_only;

	unsigned root;			/* that the cursors are in */
	bool root_is_open;
	struct cursor base, branch;
	int upper_dirfd;
	uint64_t mount_id;		/* of the root; 0: the kernel does not say */

	bool *covered;			/* by change: a step above moves it */
	uint32_t *children;		/* by change: entries right in a new directory */
	uint32_t *group_sizes;		/* by link group: members */
	struct touched *touched;
	size_t touched_count;
};

/** change_base_type() - what the base has at a change's own path: nothing for a renamed file */
static inline enum file_type change_base_type(const struct change *change)
{
	return change->kind == CHANGE_RENAMED ? FILE_NONE : change->old_file.type;
}

/** mount_id_of() - of an open directory; 0 where the kernel does not say; Return: 0 or negative errno */
int mount_id_of(int fd, uint64_t *ret);

/**
 * planner_check_base() - look at the base's side of one change
 * @planner: its cursors are in the change's root
 * @change:  which
 * @ret:     the mark of what is there; all zero for nothing
 *
 * Errors: from the kernel.
 * Return: 1 it is as the changeset says; 0 it is not, and a conflict was added; or negative errno.
 */
int planner_check_base(struct planner *planner, const struct change *change, struct file_mark *ret);

/**
 * planner_add_step() - one more step
 * @planner: its plan's list grows
 * @kind:    of the step
 * @root:    of the step
 * @path:    of the step
 * @change:  that it stands for; NULL: none
 *
 * Return: the step, without marks.
 */
struct step *planner_add_step(struct planner *planner, enum step_kind kind, unsigned root, struct str path,
	const struct change *change);

/** planner_touch() - remember the directory that holds @path */
void planner_touch(struct planner *planner, unsigned root, struct str path);

/**
 * planner_add_directories() - the steps of all directories that were touched, or whose metadata change
 * @planner: after all other steps; changes of directories that stay are looked up in the changeset
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int planner_add_directories(struct planner *planner);

/**
 * planner_keep_links() - copy what is linked with something that is copied
 * @planner: after all swaps, before the directories
 *
 * Errors: -EMSGSIZE the plan's arena is full.
 * Return: 0 or negative errno.
 */
int planner_keep_links(struct planner *planner);

/** planner_enter() - point the cursors into a root; Return: 0 or negative errno */
int planner_enter(struct planner *planner, unsigned root);

