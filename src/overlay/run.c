// SPDX-License-Identifier: Apache-2.0
/*
 * run.c - from a sealed journal to one of its two ends
 *
 * What has to last before what: the seal before the first step (the caller's sync), all steps before
 * "applied" (ours), all steps back before "reverted" (ours). Everything else may be lost and is then done
 * again.
 */
#include "overlay/run.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "overlay/settle.h"
#include "overlay/telling.h"
#include "overlay/unlock.h"

#include <errno.h>
#include <fcntl.h>

static int sync_one(int dirfd, const char *path, dev_t *seen, size_t *seen_count, struct error *err)
{
	struct stat st;
	int r = kern_fstat(dirfd, &st);

	for (size_t i = 0; r >= 0 && i < *seen_count; i++)
		if (seen[i] == st.st_dev)
			return 0;
	if (r >= 0)
		r = kern_syncfs(dirfd);
	if (r < 0)
		return error_sys(err, r, "cannot make the file system of '%s' write everything out", path);
	seen[(*seen_count)++] = st.st_dev;
	return 0;
}

static int sync_each(struct run *run, int journal_fd)
{
	const struct overlay_target *targets = run->targets;
	dev_t seen[CHANGE_ROOTS_MAX * 2];
	size_t seen_count = 0, count = run->journal->root_count;
	struct error *err = run->err;
	struct stat st;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = sync_one(targets[i].storage_dirfd, targets[i].storage, seen, &seen_count, err);
		if (r >= 0)
			r = sync_one(targets[i].root_dirfd, targets[i].path, seen, &seen_count, err);
	}
	if (r < 0 || journal_fd < 0)
		return r;
	r = kern_fstat(journal_fd, &st);
	for (size_t i = 0; r >= 0 && i < seen_count; i++)
		if (seen[i] == st.st_dev)
			return 0;
	if (r >= 0)
		r = journal_sync(run->journal_dirfd, journal_fd);
	return r < 0 ? error_sys(err, r, "cannot make the commit's journal last") : 0;
}

/*
 * One syncfs(2) for each file system of the roots and their storages. A journal on one of them is made to
 * last by that; on any other it is synced by itself, where @journal_fd is not -1.
 */
static int sync_all(struct run *run, int journal_fd)
{
	uint64_t began_ns = kern_clock_monotonic_ns();
	int r = sync_each(run, journal_fd);

	run->sync_ns += kern_clock_monotonic_ns() - began_ns;
	return r;
}

static int set_state(struct run *run, enum journal_state state)
{
	uint64_t began_ns = kern_clock_monotonic_ns();
	int r = journal_set_state(run->journal_dirfd, run->journal, state);

	run->sync_ns += kern_clock_monotonic_ns() - began_ns;
	return r < 0 ? error_sys(run->err, r, "cannot write to the commit's journal") : 0;
}

/* ---- the ends ---- */

static int remove_stages(struct run *run)
{
	int r = 0;

	for (unsigned root = 0; r >= 0 && root < run->journal->root_count; root++) {
		r = slots_remove_stage(run->journal, root, &run->targets[root]);
		if (r < 0)
			error_sys(run->err, r, "cannot remove the staging directory in '%s'",
				run->targets[root].path);
	}
	return r;
}

static const struct step *find_root_step(const struct journal *journal, unsigned root)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		if (step->kind == STEP_DIRECTORY && step->root == root && str_eq(step->path, STR(".")))
			return step;
	}
	return NULL;
}

/* Making and removing a staging directory moved the mtime of the root. */
static int settle_roots(struct run *run, bool applied)
{
	int r = 0;

	for (unsigned root = 0; r >= 0 && root < run->journal->root_count; root++) {
		const struct journal_root *journal_root = &run->journal->roots[root];
		const struct step *step = applied ? find_root_step(run->journal, root) : NULL;
		struct file_facts facts = { .mtime_ns = step ? step->in.mtime_ns : journal_root->mtime_ns };
		const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, file_mtime(&facts) };

		if (!journal_root->staged || facts.mtime_ns == MTIME_LEAVE)
			continue;
		r = kern_utimensat(run->targets[root].root_dirfd, "", times, AT_EMPTY_PATH);
		if (r < 0)
			error_sys(run->err, r, "cannot set the time of '%s'", run->targets[root].path);
	}
	return r;
}

static int remove_slots(struct run *run)
{
	int r = 0;

	for (unsigned root = 0; r >= 0 && root < run->journal->root_count; root++) {
		r = slots_remove(run->journal, root, &run->targets[root]);
		if (r < 0)
			error_sys(run->err, r, "cannot remove what the commit kept in '%s'",
				run->targets[root].storage);
	}
	return r;
}

static int forget(struct run *run)
{
	int r = journal_remove(run->journal_dirfd, run->journal->kind, run->journal->number);

	return r < 0 ? error_sys(run->err, r, "cannot remove the commit's journal") : 0;
}

/* The commit that an undo took back: its journal stays as a record, what it kept is in its old places. */
static int mark_undone(struct run *run)
{
	scoped(arena) struct arena arena = ARENA_INIT(JOURNAL_TEXT_MAX);
	struct journal commit;
	int r = journal_load_head(run->journal_dirfd, JOURNAL_COMMIT, run->journal->number, &arena, &commit,
		run->err);

	if (r < 0 || commit.state == JOURNAL_UNDONE)
		return r;
	r = journal_set_state(run->journal_dirfd, &commit, JOURNAL_UNDONE);
	return r < 0 ? error_sys(run->err, r, "cannot write to the commit's journal") : 0;
}

static int finish_applied(struct run *run)
{
	bool staged = false;
	int r;

	for (size_t i = 0; i < run->journal->root_count; i++)
		staged |= run->journal->roots[i].staged;
	r = remove_stages(run);
	if (r >= 0 && staged)
		r = settle_roots(run, true);
	if (r < 0)
		return r;
	if (run->journal->kind == JOURNAL_COMMIT)
		return staged && run->journal->state == JOURNAL_APPLIED ? set_state(run, JOURNAL_CLEANED) : 0;
	r = mark_undone(run);
	if (r >= 0)
		r = remove_slots(run);
	return r < 0 ? r : forget(run);
}

/* An undo that was cut off while it looked into what the commit had left shut. */
static int shut_again(struct run *run)
{
	scoped(arena) struct arena arena = ARENA_INIT(JOURNAL_TEXT_MAX);
	struct cursor base;
	struct journal commit;
	int r = journal_load(run->journal_dirfd, JOURNAL_COMMIT, run->journal->number, &arena, &commit,
		run->err);

	for (size_t i = commit.step_count; r >= 0 && i; i--) {
		const struct step *step = &commit.steps[i - 1];
		const char *name;
		int dirfd;

		if (!mark_shuts_out(step->in.type, step->in.mode) || step->root >= run->journal->root_count)
			continue;
		cursor_init(&base, run->targets[step->root].root_dirfd);
		dirfd = cursor_open(&base, step->path, &name);
		r = dirfd < 0 ? 0 : settle_mode(dirfd, name, &step->in);
		cursor_fini(&base);
		if (r < 0)
			error_sys(run->err, r, "cannot set the mode of '%s'", quote_text(step->path).text);
	}
	return r;
}

static int finish_reverted(struct run *run)
{
	int r = remove_stages(run);

	if (r >= 0 && run->journal->kind == JOURNAL_UNDO)
		r = shut_again(run);

	if (r >= 0)
		r = settle_roots(run, false);
	/* An undo that was taken back leaves the commit as it was, with what it keeps. */
	if (r >= 0 && run->journal->kind == JOURNAL_COMMIT)
		r = remove_slots(run);
	return r < 0 ? r : forget(run);
}

int run_finish(struct run *run)
{
	switch (run->journal->state) {
	case JOURNAL_TORN:
	case JOURNAL_REVERTED:
		return finish_reverted(run);
	case JOURNAL_APPLIED:
	case JOURNAL_CLEANED:
		return finish_applied(run);
	case JOURNAL_SEALED:
	case JOURNAL_REVERTING:
	case JOURNAL_UNDONE:
		break;
	}
	return 0;
}

/* ---- the ways to them ---- */

/* @why is what made us go back; it stays the error unless going back fails too. */
static int take_back(struct run *run, struct swapper *swapper, size_t from)
{
	struct error problem = ERROR_INIT;
	struct error *why = run->err;
	int r;

	run->err = swapper->err = &problem;
	swapper->conflicts = NULL;
	/* Should this line be lost, recovery tries to finish first: both ends are good ones. */
	if (run->journal->state == JOURNAL_SEALED)
		(void)journal_set_state(run->journal_dirfd, run->journal, JOURNAL_REVERTING);
	r = swap_backward(swapper, from);
	if (r >= 0)
		r = sync_all(run, -1);
	if (r >= 0)
		r = set_state(run, JOURNAL_REVERTED);
	if (r >= 0)
		r = run_finish(run);
	run->err = why;
	if (r >= 0)
		return 0;
	if (why && why->code)
		error_wrap(&problem, r, "%s; and it could not be taken back", why->text);
	error_set(why, -EINPROGRESS, "%s", problem.text);
	error_hint(why, "clear what is in the way and run any cordon command: it goes on from the journal");
	return -EINPROGRESS;
}

int run_forward(struct run *run)
{
	struct swapper swapper;
	size_t failed_at = 0;
	int r, back;

	swap_init(&swapper, run->journal, run->targets, run->conflicts, run->err);
	swapper.progress = run->progress;
	r = swap_forward(&swapper, &failed_at);
	if (r >= 0) {
		(void)progress_tell(run->progress, OVERLAY_KEEPING, 0, 0);
		failed_at = run->journal->step_count;
		r = sync_all(run, -1);
	}
	if (r >= 0)
		r = set_state(run, JOURNAL_APPLIED);
	back = r < 0 ? take_back(run, &swapper, failed_at) : 0;
	run->swap_count += swapper.swap_count;
	swap_fini(&swapper);
	if (r < 0)
		return back < 0 ? back : r;
	/* It is done: what cannot be tidied up now is tidied up by the next command. */
	(void)run_finish(run);
	return 0;
}

int run_backward(struct run *run)
{
	struct swapper swapper;
	int r;

	swap_init(&swapper, run->journal, run->targets, NULL, run->err);
	swapper.progress = run->progress;
	r = take_back(run, &swapper, run->journal->step_count);
	swap_fini(&swapper);
	return r;
}

int run_start(struct run *run, int journal_fd)
{
	struct error tidy = ERROR_INIT, *err = run->err;
	int r = progress_tell(run->progress, OVERLAY_READYING, 0, 0);

	if (r >= 0)
		r = sync_all(run, journal_fd);
	if (r >= 0)
		r = progress_tell(run->progress, OVERLAY_READYING, 0, 0);
	if (r >= 0)
		return run_forward(run);
	/* Not one step was taken: there is nothing to tell of taking them back. */
	run->progress = NULL;
	run->err = &tidy;
	(void)run_backward(run);
	run->err = err;
	return r;
}
