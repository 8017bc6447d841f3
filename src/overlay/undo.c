// SPDX-License-Identifier: Apache-2.0
/*
 * undo.c - a commit is taken back
 *
 * The commit's journal is read, every path is compared with what the commit put there, and a journal with
 * each step turned round is written: what went in comes out, into the slot that it came from, and what is
 * kept goes in. The marks of that journal are taken anew, since a file that was replaced by an equal one is
 * as good.
 */
#include "overlay/undo.h"

#include "base/quote.h"
#include "kern/file.h"
#include "overlay/copy.h"
#include "overlay/run.h"
#include "overlay/telling.h"
#include "overlay/unlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct undoer {
	const struct overlay_undo *undo;
	struct arena *arena;
	struct conflict_list *conflicts;
	struct error *err;
	struct inspector *inspector;
	struct journal commit, journal;	/* what is undone; what undoes it */
	bool unlock;			/* modes shut us out: we are not root */
	struct telling telling;
	struct progress in_file;	/* calls telling_of_file() */

	unsigned root;
	bool root_is_open;
	struct slots slots;
	struct cursor base, tree;
};

static void leave_root(struct undoer *undoer)
{
	cursor_fini(&undoer->base);
	cursor_fini(&undoer->tree);
	slots_close(&undoer->slots);
	undoer->root_is_open = false;
}

/* @with_slots: they are only all there when staging directories were made. */
static int enter_root(struct undoer *undoer, unsigned root, bool with_slots)
{
	const struct overlay_target *target = &undoer->undo->targets[root];
	int r = 0;

	if (undoer->root_is_open && undoer->root == root)
		return 0;
	leave_root(undoer);
	if (with_slots)
		r = slots_open(&undoer->slots, &undoer->journal, root, target);
	if (r >= 0 && with_slots && undoer->journal.roots[root].tree == TREE_GIVE)
		r = slots_open_tree(&undoer->slots);
	if (r < 0)
		return error_sys(undoer->err, r, "what commit %u kept for '%s'", undoer->undo->number,
			target->path);
	cursor_init(&undoer->base, target->root_dirfd);
	cursor_init(&undoer->tree, undoer->slots.tree_dirfd);
	undoer->root = root;
	undoer->root_is_open = true;
	return 0;
}

static int fail(struct undoer *undoer, int code, const struct step *step, const char *what)
{
	return error_sys(undoer->err, code, "cannot %s '%s' in '%s'", what, quote_text(step->path).text,
		undoer->undo->targets[step->root].path);
}

static int clash(struct undoer *undoer, enum conflict_kind kind, const struct step *step)
{
	conflict_add(undoer->conflicts, kind, step->root, step->path);
	return 0;
}

/* ---- is everything as the commit left it ---- */

/* The directory of a step's path; 0 with a conflict added where it is gone, else a descriptor plus 1. */
static int open_parent(struct undoer *undoer, const struct step *step, const char **ret_name)
{
	int dirfd = cursor_open(&undoer->base, step->path, ret_name);

	if (dirfd == -ENOENT || dirfd == -ENOTDIR || dirfd == -ELOOP)
		return clash(undoer, CONFLICT_PARENT, step);
	return dirfd < 0 ? fail(undoer, dirfd, step, "reach") : dirfd + 1;
}

static int compare_marks(struct undoer *undoer, const struct step *step, const struct file_mark *found)
{
	const struct file_mark *put = &step->in;

	if (found->type != put->type)
		return clash(undoer, CONFLICT_TYPE, step);
	if (found->size_bytes != put->size_bytes || found->count != put->count ||
			!digest_eq(&found->digest, &put->digest))
		return clash(undoer, CONFLICT_CHANGED, step);
	if (found->mode != put->mode || found->uid != put->uid || found->gid != put->gid ||
			!digest_eq(&found->xattrs, &put->xattrs))
		return clash(undoer, CONFLICT_METADATA, step);
	return 0;
}

/* Looks at a file that the commit put there; @ret is its mark as of now. */
static int check_put(struct undoer *undoer, const struct step *step, struct file_mark *ret)
{
	uint64_t count = 0, whiteouts;
	const char *name;
	int dirfd = open_parent(undoer, step, &name), r;

	if (dirfd <= 0)
		return dirfd;
	dirfd--;
	r = inspect_mark(undoer->inspector, INSPECT_PUT, dirfd, name, ret);
	if (r >= 0 && ret->type == FILE_DIRECTORY)
		r = inspect_count(dirfd, name, &count, &whiteouts);
	if (r == -ENOENT)
		return clash(undoer, CONFLICT_GONE, step);
	if (r < 0)
		return fail(undoer, r, step, "look at");
	if (undoer->unlock && mode_is(ret->mode, ret->type, step->in.mode))
		ret->mode = step->in.mode;
	ret->count = count;
	ret->fix = step->in.fix;
	ret->slot_uid = step->in.slot_uid;
	ret->slot_gid = step->in.slot_gid;
	return compare_marks(undoer, step, ret);
}

static int check_removed(struct undoer *undoer, const struct step *step)
{
	struct stat st;
	const char *name;
	int dirfd = open_parent(undoer, step, &name), r;

	if (dirfd <= 0)
		return dirfd;
	r = kern_fstatat(dirfd - 1, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? fail(undoer, r, step, "look at") : clash(undoer, CONFLICT_EXISTS, step);
}

static bool metadata_was_changed(const struct step *step)
{
	return step->in.mode != step->out.mode || step->in.uid != step->out.uid ||
		step->in.gid != step->out.gid || step->set_xattrs;
}

static bool has_xattrs(const struct undoer *undoer, const struct xattr_list *list)
{
	const struct file_facts *facts = &undoer->inspector->view.facts;

	if (facts->xattr_count != list->count)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(facts->xattrs[i].name, list->items[i].name) ||
				!str_eq(facts->xattrs[i].value, list->items[i].value))
			return false;
	return true;
}

static int turn_directory(struct undoer *undoer, const struct step *step, struct step *turned)
{
	struct file_mark found;
	const char *name;
	int dirfd = open_parent(undoer, step, &name), r;

	if (dirfd <= 0)
		return dirfd;
	r = inspect_mark(undoer->inspector, INSPECT_BASE, dirfd - 1, name, &found);
	if (r == -ENOENT || (r >= 0 && found.type != FILE_DIRECTORY))
		return clash(undoer, CONFLICT_GONE, step);
	if (r < 0)
		return fail(undoer, r, step, "look at");
	if (undoer->unlock && mode_is(found.mode, found.type, step->in.mode))
		found.mode = step->in.mode;
	turned->in = turned->out = found;
	/* A later change in the directory has moved its time on: then it stays with that. */
	turned->in.mtime_ns = found.mtime_ns == step->in.mtime_ns ? step->out.mtime_ns : MTIME_LEAVE;
	if (!metadata_was_changed(step))
		return 0;
	if (found.mode != step->in.mode || found.uid != step->in.uid || found.gid != step->in.gid ||
			(step->set_xattrs && !has_xattrs(undoer, &step->in_xattrs)))
		return clash(undoer, CONFLICT_METADATA, step);
	turned->in.mode = step->out.mode;
	turned->in.uid = turned->in.slot_uid = step->out.uid;
	turned->in.gid = turned->in.slot_gid = step->out.gid;
	turned->set_xattrs = step->set_xattrs;
	turned->in_xattrs = step->out_xattrs;
	turned->out_xattrs = step->in_xattrs;
	return 0;
}

static int turn_step(struct undoer *undoer, const struct step *step, struct step *turned)
{
	int r = enter_root(undoer, step->root, false);

	*turned = (struct step){
		.kind = step->kind,
		.slot = step->slot,
		.root = step->root,
		.number = step->number,
		.path = step->path,
		.in = step->out,
	};
	if (r < 0)
		return r;
	if (step->kind == STEP_DIRECTORY)
		return turn_directory(undoer, step, turned);
	return step->in.type != FILE_NONE ? check_put(undoer, step, &turned->out) :
		check_removed(undoer, step);
}

static int compare_locked(const void *a, const void *b)
{
	const struct locked *x = a, *y = b;

	return str_compare(x->path, y->path);
}

/* What the commit left shut: @list has room for every step. */
static size_t list_locked(const struct undoer *undoer, unsigned root, struct locked *list)
{
	size_t count = 0;

	for (size_t i = 0; i < undoer->commit.step_count; i++) {
		const struct step *step = &undoer->commit.steps[i];

		if (step->root == root && mark_shuts_out(step->in.type, step->in.mode))
			list[count++] = (struct locked){ .path = step->path, .mode = step->in.mode };
	}
	return count;
}

static int turn_root(struct undoer *undoer, unsigned root, struct locked *list)
{
	const struct journal *commit = &undoer->commit;
	int root_dirfd = undoer->undo->targets[root].root_dirfd, r = 0, relocked;
	size_t count = undoer->unlock ? list_locked(undoer, root, list) : 0;

	/* Steps come in two sorted runs, of which the second holds directories only: sort them into one. */
	qsort(list, count, sizeof(*list), compare_locked);
	r = unlock_files(root_dirfd, list, count);
	if (r < 0)
		return error_sys(undoer->err, r, "cannot open what is shut in '%s'",
			undoer->undo->targets[root].path);
	for (size_t i = 0; r >= 0 && i < commit->step_count; i++)
		if (commit->steps[i].root == root) {
			r = turn_step(undoer, &commit->steps[i], &undoer->journal.steps[i]);
			if (r >= 0)
				r = telling_step(&undoer->telling);
		}
	leave_root(undoer);
	relocked = relock_files(root_dirfd, list, count);
	if (r >= 0 && relocked < 0)
		r = error_sys(undoer->err, relocked, "cannot shut again what was shut in '%s'",
			undoer->undo->targets[root].path);
	return r;
}

static int turn_header(struct undoer *undoer)
{
	const struct journal *commit = &undoer->commit;
	struct journal *journal = &undoer->journal;
	int r = 0;

	*journal = *commit;
	journal->kind = JOURNAL_UNDO;
	journal->state = JOURNAL_TORN;
	journal->time_ns = undoer->undo->time_ns;
	journal->roots = arena_alloc_array(undoer->arena, commit->root_count, sizeof(*journal->roots));
	journal->steps = arena_alloc_array(undoer->arena, commit->step_count + 1, sizeof(*journal->steps));
	if (!journal->roots || !journal->steps)
		return error_set(undoer->err, -EMSGSIZE, "the commit is too large to undo");
	for (size_t i = 0; r >= 0 && i < commit->root_count; i++) {
		struct stat st;

		journal->roots[i] = commit->roots[i];
		if (commit->roots[i].tree == TREE_TAKE)
			journal->roots[i].tree = TREE_GIVE;
		r = kern_fstat(undoer->undo->targets[i].root_dirfd, &st);
		if (r >= 0 && journal->roots[i].staged)
			journal->roots[i].mtime_ns = mark_from_stat(&st).mtime_ns;
	}
	return r < 0 ? error_sys(undoer->err, r, "cannot look at the workspace") : 0;
}

static int turn_steps(struct undoer *undoer)
{
	struct locked *list = arena_alloc_array(undoer->arena, undoer->commit.step_count + 1, sizeof(*list));
	int r = 0;

	if (!list)
		return error_set(undoer->err, -EMSGSIZE, "the commit is too large to undo");
	telling_begin(&undoer->telling, OVERLAY_CHECKING, undoer->commit.step_count);
	for (unsigned root = 0; r >= 0 && root < undoer->commit.root_count; root++)
		r = turn_root(undoer, root, list);
	if (r >= 0 && undoer->conflicts->total)
		r = error_set(undoer->err, -EEXIST, "%zu paths changed since commit %u",
			undoer->conflicts->total, undoer->undo->number);
	return r;
}

/* ---- is everything there that was kept ---- */

static int damaged(struct undoer *undoer, const struct step *step)
{
	error_set(undoer->err, -EBADMSG, "what was kept of '%s' is not what the commit took out",
		quote_text(step->path).text);
	error_hint(undoer->err, "somebody has written to '%s'", undoer->undo->targets[step->root].storage);
	return -EBADMSG;
}

/* The old file lies in its slot and goes back by a rename. */
static int check_slot(struct undoer *undoer, const struct step *step)
{
	char number[JOURNAL_NAME_SIZE];
	const char *name = number;
	struct stat st;
	int dirfd, r;

	snprintf(number, sizeof(number), "%u", step->number);
	if (step->slot == SLOT_TREE)
		dirfd = cursor_open(&undoer->tree, step->path, &name);
	else
		dirfd = step->slot == SLOT_NEW ? undoer->slots.new_dirfd : undoer->slots.old_dirfd;
	r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	/* In a directory of the branch that is shut: it is opened for the swap, which looks again. */
	if (r == -EACCES)
		return 0;
	if (r < 0 && r != -ENOENT)
		return fail(undoer, r, step, "look at what was kept of");
	return r >= 0 && mark_is(&step->in, &st) ? 0 : damaged(undoer, step);
}

/* The old file was copied away and is copied back into a slot. */
static int restage(struct undoer *undoer, struct step *step)
{
	char number[JOURNAL_NAME_SIZE];
	struct file_mark made, kept = step->in;
	int dirfd = step->slot == SLOT_NEW ? undoer->slots.new_dirfd : undoer->slots.old_dirfd, r;
	struct copier copier;

	snprintf(number, sizeof(number), "%u", step->number);
	copier_init(&copier, undoer->arena, undoer->slots.kept_dirfd, dirfd);
	copier.progress = &undoer->in_file;
	r = copy_tree(&copier, str_from(number), str_from(number));
	copier_fini(&copier);
	if (r >= 0)
		r = inspect_mark(undoer->inspector, INSPECT_COPY, dirfd, number, &made);
	if (r < 0)
		return fail(undoer, r, step, "bring back what was kept of");
	if (made.type != kept.type || made.mode != kept.mode || made.size_bytes != kept.size_bytes ||
			(kept.type != FILE_DIRECTORY && !digest_eq(&made.digest, &kept.digest)))
		return damaged(undoer, step);
	step->in = made;
	return 0;
}

/* @what: how that is told. */
static int check_kept(struct undoer *undoer, const char *what)
{
	struct journal *journal = &undoer->journal;
	int r = 0;

	telling_begin(&undoer->telling, what, journal->step_count);
	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		struct step *step = &journal->steps[i];

		r = telling_step(&undoer->telling);
		if (r < 0 || step->kind != STEP_SWAP || step->in.type == FILE_NONE)
			continue;
		r = enter_root(undoer, step->root, true);
		if (r >= 0)
			r = journal->roots[step->root].staged ? restage(undoer, step) :
								check_slot(undoer, step);
	}
	leave_root(undoer);
	return r;
}

/* ---- the undo ---- */

static int prepare(struct undoer *undoer, int journal_fd)
{
	const struct overlay_undo *undo = undoer->undo;
	const char *what = OVERLAY_CHECKING;
	int r = turn_steps(undoer);

	if (r < 0)
		return r;
	for (unsigned root = 0; r >= 0 && root < undo->target_count; root++) {
		if (!undoer->journal.roots[root].staged)
			continue;
		what = OVERLAY_COPYING;
		r = slots_make(&undoer->journal, root, &undo->targets[root]);
	}
	if (r < 0)
		return error_sys(undoer->err, r, "cannot make room for the undo");
	r = check_kept(undoer, what);
	if (r < 0)
		return r;
	r = journal_seal(journal_fd, &undoer->journal);
	return r < 0 ? error_sys(undoer->err, r, "cannot write the undo's journal") : 0;
}

static int run_undo(struct undoer *undoer, struct overlay_result *result)
{
	struct error tidy = ERROR_INIT;
	struct run run = {
		.journal = &undoer->journal,
		.targets = undoer->undo->targets,
		.journal_dirfd = undoer->undo->journal_dirfd,
		.progress = undoer->undo->progress,
		.conflicts = undoer->conflicts,
		.err = undoer->err,
	};
	scoped(fd) int journal_fd = -1;
	int r;

	/* The header stands before anything else: recovery then looks after modes that were widened. */
	r = journal_create(run.journal_dirfd, &undoer->journal, &journal_fd);
	if (r < 0) {
		journal_fd = -1;
		return error_sys(undoer->err, r, "cannot create the undo's journal");
	}
	r = prepare(undoer, journal_fd);
	if (r < 0) {
		run.err = &tidy;
		(void)run_finish(&run);
		return r;
	}
	r = run_start(&run, journal_fd);
	result->swap_count = run.swap_count;
	result->sync_ns = run.sync_ns;
	return r;
}

static int load_commit(struct undoer *undoer)
{
	const struct overlay_undo *undo = undoer->undo;
	int r = journal_load(undo->journal_dirfd, JOURNAL_COMMIT, undo->number, undoer->arena,
		&undoer->commit, undoer->err);

	if (r < 0)
		return r;
	if (undoer->commit.state == JOURNAL_UNDONE)
		return error_set(undoer->err, -ENOENT, "commit %u was undone already", undo->number);
	if (undoer->commit.state != JOURNAL_APPLIED && undoer->commit.state != JOURNAL_CLEANED)
		return error_set(undoer->err, -EINPROGRESS,
			"commit %u was cut off and has to be recovered first", undo->number);
	if (undoer->commit.root_count != undo->target_count)
		return error_set(undoer->err, -EINVAL, "commit %u has other roots", undo->number);
	return 0;
}

static int undo_commit(struct undoer *undoer, struct overlay_result *result)
{
	int r = load_commit(undoer);

	if (r >= 0)
		r = turn_header(undoer);
	if (r < 0)
		return r;
	for (size_t i = 0; i < undoer->commit.step_count; i++)
		result->applied_count += undoer->commit.steps[i].kind != STEP_DIRECTORY ||
			metadata_was_changed(&undoer->commit.steps[i]);
	r = run_undo(undoer, result);
	return r < 0 ? error_wrap(undoer->err, r, "undo of commit %u of session '%s'", undoer->undo->number,
		undoer->undo->id) : 0;
}

int overlay_undo(const struct overlay_undo *undo, struct arena *arena, struct conflict_list *conflicts,
	struct overlay_result *ret, struct error *err)
{
	struct undoer undoer = {
		.undo = undo,
		.arena = arena,
		.conflicts = conflicts,
		.err = err,
		.inspector = inspector_new(),
		.unlock = kern_geteuid() != 0,
		.slots = SLOTS_NONE,
		.base.fd = -1,
		.tree.fd = -1,
		.telling = { .progress = undo->progress },
		.in_file = { telling_of_file, &undoer.telling },
	};
	struct overlay_result result = { 0 };
	int r;

	inspector_listen(undoer.inspector, &undoer.in_file);
	r = undo_commit(&undoer, &result);
	leave_root(&undoer);
	inspector_free(undoer.inspector);
	if (r >= 0)
		*ret = result;
	return r == -ECANCELED ? telling_given_up(err) : r;
}
