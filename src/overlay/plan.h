/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - the steps of a commit, and whether they may be taken
 *
 * Two looks are taken before anything is touched. At the base: is every path what the changeset says it was?
 * What is not becomes a conflict. At the branch: is every new file, byte for byte, what was judged? What is
 * not ends the commit, since then somebody has been at the session's own files. From the two come the steps,
 * each with the marks of what goes in and what comes out.
 *
 * One step moves a whole new directory with everything in it. Which entries it has is part of what was
 * judged, so they are counted too.
 */
#pragma once

#include "overlay/apply.h"
#include "overlay/cursor.h"
#include "overlay/journal.h"
#include "overlay/opened.h"
#include "overlay/telling.h"

struct plan {
	const struct overlay_commit *commit;	/* borrowed */
	struct arena *arena;			/* borrowed; owns everything below */
	struct inspector *inspector;		/* borrowed */
	struct journal journal;			/* its header and steps */
	const struct change **changes;		/* of each step; NULL for directories that are only touched */
	size_t new_count;			/* steps whose content goes to new/: stage.h makes it */
	size_t applied_count;			/* changes that the steps stand for */
	/* The branches, by root: from plan_unlock() to plan_relock() nobody else looks into them. */
	struct opened *opened;
	bool is_unlocked;			/* what shuts us out of them is open */
	struct telling telling;			/* the commit's progress */
	struct progress in_file;		/* calls telling_of_file() */
};

/**
 * plan_open() - decide how each root is committed, without looking at any file
 * @plan:      filled; zeroed by the caller; stays where it is, since the inspector tells it how far it is
 * @commit:    what is asked; borrowed
 * @inspector: scratch memory; borrowed
 * @arena:     owns the plan
 * @err:       what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int plan_open(struct plan *plan, const struct overlay_commit *commit, struct inspector *inspector,
	struct arena *arena, struct error *err);

/**
 * plan_unlock() - open what in the branch shuts an ordinary user out
 * @plan: opened; ends with plan_fini(), whatever this returns
 * @err:  what failed
 *
 * Whoever looks into the branch next puts back what a crash before plan_relock() left open.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int plan_unlock(struct plan *plan, struct error *err);

/** plan_relock() - shut it again, once content was looked at and copied; Return: 0 or negative errno */
int plan_relock(struct plan *plan, struct error *err);

/** plan_fini() - let go of the branch; tries once more to shut it where plan_relock() failed */
void plan_fini(struct plan *plan);

/**
 * plan_steps() - look at base and branch, make the steps
 * @plan:       opened
 * @check_only: look at the base alone and make no steps
 * @conflicts:  what the base no longer is
 * @err:        what failed
 *
 * Errors: -EBADMSG the branch is not what was judged; -ECANCELED nobody wants it any more; others from the
 * kernel. Conflicts are no error.
 * Return: 0 or negative errno.
 */
int plan_steps(struct plan *plan, bool check_only, struct conflict_list *conflicts, struct error *err);
