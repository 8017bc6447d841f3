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
	uint32_t *children;		/* by change: selected entries right in a new directory */
	uint32_t *group_sizes;		/* by link group: selected members */
	struct touched *touched;
	size_t touched_count;
};

/* What a change's own path has in the base: nothing for a renamed file, whose old side speaks of another path. */
static inline enum file_type change_base_type(const struct change *change)
{
	return change->kind == CHANGE_RENAMED ? FILE_NONE : change->old_file.type;
}

/** mount_id_of() - of an open directory; 0 where the kernel does not say */
uint64_t mount_id_of(int fd);

/**
 * planner_check_base() - look at the base's side of one change
 * @planner: its cursors are in the change's root
 * @change:  which
 * @ret:     the mark of what is there; all zero for nothing
 *
 * Return: 1 it is as the changeset says; 0 it is not, and a conflict was added; or negative errno from the kernel.
 */
int planner_check_base(struct planner *planner, const struct change *change, struct file_mark *ret);

/** planner_add_step() - room for one more step; @change may be NULL */
struct step *planner_add_step(struct planner *planner, enum step_kind kind, unsigned root, struct str path,
	const struct change *change);

/** planner_touch() - remember the directory that holds @path */
void planner_touch(struct planner *planner, unsigned root, struct str path);

/**
 * planner_add_directories() - the steps of all directories that were touched, or whose metadata change
 * @planner: after all other steps; changes of directories that stay are looked up in the changeset
 *
 * Return: 0 or negative errno from the kernel.
 */
int planner_add_directories(struct planner *planner);

/** planner_enter() - point the cursors into a root; Return: 0 or negative errno */
int planner_enter(struct planner *planner, unsigned root);

/** planner_is_selected() - whether the commit takes a change */
static inline bool planner_is_selected(const struct planner *planner, size_t index)
{
	return !planner->plan->commit->selected || planner->plan->commit->selected[index];
}
