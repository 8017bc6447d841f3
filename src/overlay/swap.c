// SPDX-License-Identifier: Apache-2.0
/*
 * swap.c - the steps of a sealed journal, taken forwards or backwards
 *
 * The slot alone says whether a step was taken, since nobody else reaches it: it holds the file that is to go
 * in, or the one that came out, or nothing where nothing is to go in or came out. What stands in the
 * workspace is only looked at to make sure that it may be moved.
 */
#include "overlay/swap.h"

#include "base/quote.h"
#include "kern/file.h"
#include "overlay/disguise.h"
#include "overlay/settle.h"
#include "overlay/telling.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>

enum {
	NUMBER_SIZE = 16,
};

/* A step as seen in one direction. */
struct turn {
	const struct step *step;
	size_t index;
	const struct file_mark *in, *out;	/* of the workspace */
	int slot_dirfd;
	const char *slot_name;
	char number[NUMBER_SIZE];
};

void swap_init(struct swapper *swapper, const struct journal *journal, const struct overlay_target *targets,
	struct conflict_list *conflicts, struct error *err)
{
	*swapper = (struct swapper){
		.journal = journal,
		.targets = targets,
		.conflicts = conflicts,
		.err = err,
		.is_superuser = kern_geteuid() == 0,
		.slots = SLOTS_NONE,
		.base.fd = -1,
		.tree.fd = -1,
		.new_files.fd = -1,
	};
}

void swap_fini(struct swapper *swapper)
{
	cursor_fini(&swapper->base);
	cursor_fini(&swapper->tree);
	cursor_fini(&swapper->new_files);
	slots_close(&swapper->slots);
	swapper->root_is_open = false;
}

static int fail(struct swapper *swapper, int code, const struct step *step, const char *what)
{
	error_sys(swapper->err, code, "cannot %s '%s' in '%s'", what, quote_text(step->path).text,
		swapper->targets[step->root].path);
	if (code == -EINVAL)
		error_hint(swapper->err,
			"the file system may lack RENAME_EXCHANGE; ext4, xfs, btrfs and tmpfs have it");
	if (code == -ENOSPC || code == -EDQUOT)
		error_hint(swapper->err, "make room on that file system; even a rename may need a block");
	return code;
}

/* The workspace is not as expected: forwards that is a conflict, backwards it is in the way. */
static int clash(struct swapper *swapper, enum conflict_kind kind, const struct step *step)
{
	if (swapper->conflicts)
		conflict_add(swapper->conflicts, kind, step->root, step->path);
	return error_set(swapper->err, -EEXIST, "'%s' in '%s': %s", quote_text(step->path).text,
		swapper->targets[step->root].path, conflict_kind_text(kind));
}

static bool is_missing(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP;
}

static bool is_forward(const struct swapper *swapper)
{
	return swapper->direction == SWAP_FORWARD;
}

static int enter_root(struct swapper *swapper, unsigned root)
{
	const struct overlay_target *target = &swapper->targets[root];
	int r;

	if (swapper->root_is_open && swapper->root == root)
		return 0;
	swap_fini(swapper);
	r = slots_open(&swapper->slots, swapper->journal, root, target);
	swapper->root_is_closed = false;
	if (r >= 0 && swapper->journal->roots[root].tree != TREE_LEAVE)
		r = slots_open_tree(&swapper->slots);
	/*
	 * A tree that was never taken, or was given back already: no step of this root is left to be taken.
	 */
	if (r == -ENOENT &&
			swapper->journal->roots[root].tree == (is_forward(swapper) ? TREE_GIVE : TREE_TAKE)) {
		swapper->root_is_closed = true;
		r = 0;
	}
	if (r < 0)
		return error_sys(swapper->err, r, "what the commit keeps for '%s'", target->path);
	cursor_init(&swapper->base, target->root_dirfd);
	cursor_init(&swapper->tree, swapper->slots.tree_dirfd);
	cursor_init(&swapper->new_files, swapper->slots.new_dirfd);
	swapper->root = root;
	swapper->root_is_open = true;
	return 0;
}

/* ---- slots ---- */

static int find_slot(struct swapper *swapper, struct turn *turn)
{
	const struct step *step = turn->step;

	if (step->slot == SLOT_TREE) {
		turn->slot_dirfd = cursor_open(&swapper->tree, step->path, &turn->slot_name);
		return MIN(turn->slot_dirfd, 0);
	}
	snprintf(turn->number, sizeof(turn->number), "%u", step->number);
	turn->slot_dirfd = step->slot == SLOT_NEW ? swapper->slots.new_dirfd : swapper->slots.old_dirfd;
	turn->slot_name = turn->number;
	return 0;
}

enum slot_content {
	SLOT_HOLDS_IN,			/* the step is still to be taken */
	SLOT_HOLDS_OUT,			/* it was taken */
	SLOT_HOLDS_OTHER,
};

/* An empty slot holds the side that is no file. */
static int look_into_slot(struct turn *turn, enum slot_content *ret)
{
	struct stat st;
	int r = kern_fstatat(turn->slot_dirfd, turn->slot_name, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = SLOT_HOLDS_OTHER;
	if (r < 0 ? turn->in->type == FILE_NONE : turn->in->type != FILE_NONE && mark_is(turn->in, &st))
		*ret = SLOT_HOLDS_IN;
	else if (r < 0 ? turn->out->type == FILE_NONE :
		turn->out->type != FILE_NONE && mark_is(turn->out, &st))
		*ret = SLOT_HOLDS_OUT;
	return 0;
}

/* ---- disguise, of a file and of everything within it ---- */

static int disguise_one(const struct file_mark *mark, int dirfd, const char *name, bool entering)
{
	return entering ? disguise_take_off(dirfd, name, mark) : disguise_put_on(dirfd, name, mark);
}

/*
 * What lies within a directory in its slot: below the tree, or below the copy that the slot's number names.
 */
static int disguise_within(struct swapper *swapper, const struct turn *turn, const struct step *within,
	bool entering)
{
	const struct file_mark *mark = turn->in == &turn->step->in ? &within->in : &within->out;
	char path[PATH_TEXT_MAX + NUMBER_SIZE];
	const char *name;
	int dirfd;

	if (!entering)
		mark = turn->out == &turn->step->in ? &within->in : &within->out;
	if (!mark->fix)
		return 0;
	if (turn->step->slot == SLOT_TREE) {
		dirfd = cursor_open(&swapper->tree, within->path, &name);
	} else {
		int len = snprintf(path, sizeof(path), "%s%s", turn->number,
			within->path.data + turn->step->path.len);

		dirfd = cursor_open(&swapper->new_files, (struct str){ path, (size_t)len }, &name);
	}
	return dirfd < 0 ? dirfd : disguise_one(mark, dirfd, name, entering);
}

static int disguise_all(struct swapper *swapper, struct turn *turn, bool entering)
{
	const struct file_mark *mark = entering ? turn->in : turn->out;
	const struct journal *journal = swapper->journal;
	int r = mark->fix ? disguise_one(mark, turn->slot_dirfd, turn->slot_name, entering) : 0;

	if (mark->type == FILE_DIRECTORY)
		for (size_t i = turn->index + 1; r >= 0 && i < journal->step_count &&
				journal->steps[i].kind == STEP_WITHIN; i++)
			r = disguise_within(swapper, turn, &journal->steps[i], entering);
	/* The tree's cursor may have moved away from the slot's own directory. */
	if (r >= 0 && mark->type == FILE_DIRECTORY)
		r = find_slot(swapper, turn);
	return r < 0 ? fail(swapper, r, turn->step, "prepare") : 0;
}

/* ---- one step ---- */

static int swap_names(struct swapper *swapper, const struct turn *turn, int dirfd, const char *name,
	bool again)
{
	unsigned flags = turn->in->type && turn->out->type ? RENAME_EXCHANGE : RENAME_NOREPLACE;
	/* A second swap puts the first one back. */
	bool into_workspace = (turn->in->type != FILE_NONE) != again;

	swapper->swap_count++;
	if (flags == RENAME_EXCHANGE || into_workspace)
		return move_file(turn->slot_dirfd, turn->slot_name, dirfd, name, flags);
	return move_file(dirfd, name, turn->slot_dirfd, turn->slot_name, flags);
}

static int explain_failed_swap(struct swapper *swapper, int code, const struct turn *turn)
{
	if (code == -EEXIST && turn->out->type == FILE_NONE)
		return clash(swapper, CONFLICT_EXISTS, turn->step);
	if (code == -ENOENT)
		return clash(swapper, CONFLICT_GONE, turn->step);
	if (code == -EXDEV)
		return clash(swapper, CONFLICT_MOUNT, turn->step);
	return fail(swapper, code, turn->step, "replace");
}

/* What came out has to be what was expected to be there; else it goes back at once. */
static int check_out(struct swapper *swapper, struct turn *turn, int dirfd, const char *name)
{
	enum slot_content content;
	int r = look_into_slot(turn, &content);

	if (r >= 0 && content == SLOT_HOLDS_OUT)
		return 0;
	r = swap_names(swapper, turn, dirfd, name, true);
	if (r < 0)
		return fail(swapper, r, turn->step, "put back");
	return clash(swapper, CONFLICT_CHANGED, turn->step);
}

static int do_swap(struct swapper *swapper, struct turn *turn)
{
	const char *name;
	int dirfd = cursor_open(&swapper->base, turn->step->path, &name), r;

	if (dirfd < 0)
		return is_missing(dirfd) ? clash(swapper, CONFLICT_PARENT, turn->step) :
		fail(swapper, dirfd, turn->step, "reach");
	if (turn->in->type != FILE_NONE) {
		r = disguise_all(swapper, turn, true);
		if (r < 0)
			return r;
	}
	r = swap_names(swapper, turn, dirfd, name, false);
	if (r < 0)
		return explain_failed_swap(swapper, r, turn);
	if (turn->out->type == FILE_NONE)
		return 0;
	r = check_out(swapper, turn, dirfd, name);
	return r < 0 ? r : disguise_all(swapper, turn, false);
}

/*
 * A crash may have come between a rename and what belongs to it: the disguise of what came out, or the mode
 * of a directory that was widened to be moved.
 */
static int mend(struct swapper *swapper, struct turn *turn)
{
	const char *name;
	int dirfd, r = 0;

	if (turn->out->type != FILE_NONE)
		r = disguise_all(swapper, turn, false);
	if (r >= 0 && turn->out->type == FILE_DIRECTORY)
		r = settle_mode(turn->slot_dirfd, turn->slot_name, turn->out);
	if (r < 0 || turn->in->type != FILE_DIRECTORY)
		return r;
	dirfd = cursor_open(&swapper->base, turn->step->path, &name);
	/* Whatever somebody did to it since is not ours to mend. */
	if (dirfd < 0)
		return 0;
	r = settle_mode(dirfd, name, turn->in);
	return r < 0 ? fail(swapper, r, turn->step, "set the mode of") : 0;
}

static int take_step(struct swapper *swapper, size_t index)
{
	const struct step *step = &swapper->journal->steps[index];
	struct turn turn = {
		.step = step,
		.index = index,
		.in = is_forward(swapper) ? &step->in : &step->out,
		.out = is_forward(swapper) ? &step->out : &step->in,
	};
	enum slot_content content;
	int r = enter_root(swapper, step->root);

	if (r < 0)
		return r;
	if (swapper->root_is_closed)
		return 0;
	r = find_slot(swapper, &turn);
	if (r >= 0)
		r = look_into_slot(&turn, &content);
	if (r < 0)
		return fail(swapper, r, step, "look at what is kept for");
	switch (content) {
	case SLOT_HOLDS_IN:
		return do_swap(swapper, &turn);
	case SLOT_HOLDS_OUT:
		return mend(swapper, &turn);
	case SLOT_HOLDS_OTHER:
		break;
	}
	return fail(swapper, -EBADMSG, step, "find what was kept for");
}

/* ---- runs ---- */

static int move_trees(struct swapper *swapper, enum root_tree tree, bool take)
{
	const struct journal *journal = swapper->journal;
	int r = 0;

	swap_fini(swapper);
	for (unsigned root = 0; r >= 0 && root < journal->root_count; root++) {
		const struct overlay_target *target = &swapper->targets[root];
		struct slots slots;

		if (journal->roots[root].tree != tree)
			continue;
		r = slots_open(&slots, journal, root, target);
		if (r >= 0)
			r = take ? slots_take_tree(&slots, target) : slots_give_tree(&slots, target);
		slots_close(&slots);
		if (r < 0)
			error_sys(swapper->err, r, "cannot move the branch of '%s'", target->path);
	}
	return r;
}

/* The same directories in the branch: files are renamed out of them and back. */
static int for_each_branch_directory(struct swapper *swapper, bool open)
{
	const struct journal *journal = swapper->journal;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		const struct step *step = &journal->steps[open ? i : journal->step_count - 1 - i];

		if (step->kind != STEP_DIRECTORY || journal->roots[step->root].tree == TREE_LEAVE)
			continue;
		r = enter_root(swapper, step->root);
		if (r < 0)
			return r;
		if (swapper->root_is_closed)
			continue;
		/* What the commit puts into the workspace is what the branch has. */
		r = settle_branch(&swapper->tree, step->path,
			journal->kind == JOURNAL_COMMIT ? step->in.mode : step->out.mode, open);
		if (r < 0)
			fail(swapper, r, step, "set the mode, in the branch, of");
	}
	return r;
}

/* Directories, which stand behind all swaps. Innermost first unless they are only opened up. */
static int for_each_directory(struct swapper *swapper, settle_fn *settle, bool outermost_first)
{
	const struct journal *journal = swapper->journal;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		const struct step *step = &journal->steps[outermost_first ? i : journal->step_count - 1 - i];

		if (step->kind != STEP_DIRECTORY)
			continue;
		r = enter_root(swapper, step->root);
		if (r < 0)
			return r;
		r = settle(&swapper->base, step, is_forward(swapper));
		if (is_missing(r) || r == -ESTALE) {
			/* Backwards, a directory that somebody moved away meanwhile is theirs. */
			r = is_forward(swapper) ? clash(swapper, CONFLICT_PARENT, step) : 0;
		}
		if (r < 0 && r != -EEXIST)
			r = fail(swapper, r, step, "set the attributes of");
	}
	return r;
}

/* Whether the directory that was worked in is still where its path says, before the next one is opened. */
static int leave_directory(struct swapper *swapper, const struct step *last, const struct step *next)
{
	int r;

	if (!last || (next && next->root == last->root && cursor_is_at(&swapper->base, next->path)))
		return 0;
	r = cursor_verify(&swapper->base);
	if (r == -ESTALE)
		return clash(swapper, CONFLICT_PARENT, last);
	return r < 0 ? fail(swapper, r, last, "look at the directory of") : 0;
}

static int take_steps(struct swapper *swapper, size_t *ret_failed_at)
{
	const struct journal *journal = swapper->journal;
	const struct step *last = NULL;
	size_t last_index = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i];

		if (step->kind != STEP_SWAP)
			continue;
		r = leave_directory(swapper, last, step);
		if (r < 0)
			break;
		last = step;
		last_index = i;
		r = take_step(swapper, i);
		(void)progress_tell(swapper->progress, OVERLAY_CHANGING, i + 1, journal->step_count);
	}
	if (r >= 0)
		r = leave_directory(swapper, last, NULL);
	*ret_failed_at = last_index;
	return r;
}

/* Modes shut root out of nothing. */
static int open_up(struct swapper *swapper)
{
	int r = swapper->is_superuser ? 0 : for_each_directory(swapper, settle_open_up, true);

	return r < 0 || swapper->is_superuser ? r : for_each_branch_directory(swapper, true);
}

static int settle_all(struct swapper *swapper)
{
	int r = for_each_directory(swapper, settle_directory, false);

	return r < 0 || swapper->is_superuser ? r : for_each_branch_directory(swapper, false);
}

int swap_forward(struct swapper *swapper, size_t *ret_failed_at)
{
	size_t failed_at = 0;
	int r;

	swapper->direction = SWAP_FORWARD;
	(void)progress_tell(swapper->progress, OVERLAY_CHANGING, 0, swapper->journal->step_count);
	r = move_trees(swapper, TREE_TAKE, true);
	if (r >= 0)
		r = open_up(swapper);
	if (r >= 0)
		r = take_steps(swapper, &failed_at);
	if (r >= 0)
		r = settle_all(swapper);
	if (r >= 0)
		r = move_trees(swapper, TREE_GIVE, false);
	if (r < 0)
		*ret_failed_at = failed_at;
	return r;
}

int swap_backward(struct swapper *swapper, size_t from)
{
	const struct journal *journal = swapper->journal;
	size_t count = MIN(from + 1, journal->step_count);
	int r = 0;

	swapper->direction = SWAP_BACKWARD;
	/* The directories that are open stay open for the first steps: see leave_directory(). */
	if (!swapper->root_is_open) {
		r = move_trees(swapper, TREE_GIVE, true);
		if (r >= 0)
			r = open_up(swapper);
	}
	for (size_t i = count; r >= 0 && i; i--) {
		if (journal->steps[i - 1].kind == STEP_SWAP)
			r = take_step(swapper, i - 1);
		(void)progress_tell(swapper->progress, OVERLAY_TAKING_BACK, count - i + 1, count);
	}
	if (r >= 0)
		r = settle_all(swapper);
	return r < 0 ? r : move_trees(swapper, TREE_TAKE, false);
}
