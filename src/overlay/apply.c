// SPDX-License-Identifier: Apache-2.0
/*
 * apply.c - a judged changeset becomes the workspace, whole or not at all
 *
 * This file is the order of the steps; what each of them does stands in plan.c, stage.c, journal.c and run.c.
 */
#include "overlay/apply.h"

#include "kern/file.h"
#include "overlay/run.h"
#include "overlay/stage.h"

#include <errno.h>
#include <fcntl.h>

enum {
	ARENA_BYTES = 1 << 30,
};

/* ---- check ---- */

int overlay_check(const struct overlay_commit *commit, struct conflict_list *conflicts, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct inspector *inspector = inspector_new();
	struct plan plan = { 0 };
	int r = plan_open(&plan, commit, inspector, &arena, err);

	if (r >= 0)
		r = plan_steps(&plan, true, conflicts, err);
	inspector_free(inspector);
	return r == -ECANCELED ? telling_given_up(err) : r;
}

/* ---- apply ---- */

static int make_slots(struct plan *plan, int journal_fd, struct error *err)
{
	const struct overlay_commit *commit = plan->commit;
	int r = 0;

	for (unsigned root = 0; r >= 0 && root < plan->journal.root_count; root++) {
		/* Something is about to appear in a root: the journal that tells what must be there first. */
		if (plan->journal.roots[root].staged) {
			r = journal_sync(commit->journal_dirfd, journal_fd);
		}
		if (r >= 0)
			r = slots_make(&plan->journal, root, &commit->targets[root]);
		if (r < 0)
			return error_sys(err, r, "cannot make room for the commit of '%s'",
				commit->targets[root].path);
	}
	return 0;
}

/* Everything up to the seal. Nothing of it is in the workspace or changes the branch. */
static int prepare(struct plan *plan, int journal_fd, struct overlay_result *result, struct error *err)
{
	int r = make_slots(plan, journal_fd, err);

	if (r >= 0)
		r = stage_copies(plan, &result->copied_bytes, err);
	if (r >= 0)
		r = plan_relock(plan, err);
	if (r < 0)
		return r;
	r = journal_seal(journal_fd, &plan->journal);
	return r < 0 ? error_sys(err, r, "cannot write the commit's journal") : 0;
}

static int run_plan(struct plan *plan, struct conflict_list *conflicts, struct overlay_result *result,
	struct error *err)
{
	const struct overlay_commit *commit = plan->commit;
	struct error tidy = ERROR_INIT;
	struct run run = {
		.journal = &plan->journal,
		.targets = commit->targets,
		.journal_dirfd = commit->journal_dirfd,
		.progress = commit->progress,
		.conflicts = conflicts,
		.err = err,
	};
	scoped(fd) int journal_fd = -1;
	int r = journal_create(commit->journal_dirfd, &plan->journal, &journal_fd);

	if (r < 0) {
		journal_fd = -1;
		return error_sys(err, r, "cannot create the journal of commit %u", commit->number);
	}
	r = prepare(plan, journal_fd, result, err);
	if (r < 0) {
		/* Not one step was taken; what cannot be tidied up now is tidied up by the next command. */
		plan_fini(plan);
		run.err = &tidy;
		(void)run_finish(&run);
		return r;
	}
	r = run_start(&run, journal_fd);
	result->swap_count = run.swap_count;
	result->sync_ns = run.sync_ns;
	return r;
}

static int apply(struct plan *plan, struct conflict_list *conflicts, struct overlay_result *result,
	struct error *err)
{
	const struct overlay_commit *commit = plan->commit;
	int r = plan_unlock(plan, err);

	if (r >= 0)
		r = plan_steps(plan, false, conflicts, err);
	if (r < 0)
		return r;
	if (conflicts->total)
		return error_set(err, -EEXIST, "%zu of %zu changes are in conflict with the workspace",
			conflicts->total, plan->applied_count);
	result->applied_count = plan->applied_count;
	if (!plan->journal.step_count)
		return 0;
	r = run_plan(plan, conflicts, result, err);
	return r < 0 ? error_wrap(err, r, "commit %u of session '%s'", commit->number, commit->id) : 0;
}

int overlay_apply(const struct overlay_commit *commit, struct arena *arena, struct conflict_list *conflicts,
	struct overlay_result *ret, struct error *err)
{
	struct inspector *inspector = inspector_new();
	struct overlay_result result = { 0 };
	struct plan plan = { 0 };
	int r = plan_open(&plan, commit, inspector, arena, err);

	if (r >= 0)
		r = apply(&plan, conflicts, &result, err);
	plan_fini(&plan);
	inspector_free(inspector);
	if (r >= 0)
		*ret = result;
	return r == -ECANCELED ? telling_given_up(err) : r;
}
