// SPDX-License-Identifier: Apache-2.0
/*
 * stage.c - what cannot be renamed into place is copied where it can
 *
 * A copy is named by its step's number; what lies within a directory has its path below that. Directories are
 * finished from the inside out, after everything in them is there.
 */
#include "overlay/stage.h"

#include "base/quote.h"
#include "kern/file.h"
#include "overlay/compose.h"
#include "overlay/copy.h"

#include <errno.h>
#include <fcntl.h>

struct stager {
	struct plan *plan;
	struct error *err;
	unsigned root;
	struct slots slots;
	int upper_dirfd;
	struct copier new_files, kept_files, composed_files;
	int composed_dirfd;		/* -1: the branch has none */
	struct cursor made;		/* in new/, for the look afterwards */
};

/* Where the copy of a step goes: "K", or "K/what is below the top". */
static struct str copy_path(struct stager *stager, const struct step *top, const struct step *step)
{
	char *text = arena_printf(stager->plan->arena, "%u%s", top->number, step->path.data + top->path.len);

	return (struct str){ .data = text, .len = text ? strlen(text) : 0 };
}

static int fail(struct stager *stager, int code, const struct step *step, const char *what)
{
	error_sys(stager->err, code, "%s '%s'", what, quote_text(step->path).text);
	if (code == -ENOSPC || code == -EDQUOT)
		error_hint(stager->err,
			"make room for a copy of the changed files on the file system of '%s'",
			stager->plan->commit->targets[step->root].path);
	return code;
}

static int inspect_copy(struct stager *stager, struct step *step, const struct change *change,
	struct str path)
{
	uint64_t count = step->in.count;
	const char *name;
	int dirfd = cursor_open(&stager->made, path, &name), r;
	unsigned differ;

	r = dirfd < 0 ? dirfd :
			inspect_file(stager->plan->inspector, INSPECT_COPY, dirfd, name, &change->new_file,
				&step->in, &differ);
	if (r < 0)
		return fail(stager, r, step, "cannot read the copy of");
	step->in.count = count;
	if (!differ)
		return 0;
	error_set(stager->err, -EBADMSG, "'%s' in the branch is not what was judged",
		quote_text(step->path).text);
	error_hint(stager->err,
		"the branch was written to after it was judged, or the file system cannot hold all "
		"of the file's metadata: look at it with `cordon diff %s`",
		stager->plan->commit->id);
	return -EBADMSG;
}

/* From the branch, or from where a part of its file was composed. */
static int copy_one(struct stager *stager, const struct step *step, const struct change *change,
	struct str path)
{
	char name[DIGEST_HEX_SIZE];

	if (!(change->flags & CHANGE_COMPOSED))
		return copy_node(&stager->new_files, step->path, path, &change->new_file);
	if (stager->composed_dirfd < 0)
		return stager->composed_dirfd;
	digest_to_hex(&change->new_file.digest, name);
	return copy_node(&stager->composed_files, str_from(name), path, &change->new_file);
}

/* Steps @top to @end are a top and what lies within it. */
static int copy_new(struct stager *stager, size_t top, size_t end)
{
	struct step *steps = stager->plan->journal.steps;
	const struct change **changes = stager->plan->changes;
	int r = 0;

	for (size_t i = top; r >= 0 && i < end; i++) {
		struct str path = copy_path(stager, &steps[top], &steps[i]);

		if (!path.data)
			return fail(stager, -EMSGSIZE, &steps[i], "cannot copy");
		r = copy_one(stager, &steps[i], changes[i], path);
		if (r < 0)
			return fail(stager, r, &steps[i], "cannot copy");
		r = telling_step(&stager->plan->telling);
	}
	for (size_t i = end; r >= 0 && i > top; i--) {
		struct str path = copy_path(stager, &steps[top], &steps[i - 1]);

		if (!path.data)
			return fail(stager, -EMSGSIZE, &steps[i - 1], "cannot copy");
		if (changes[i - 1]->new_file.type == FILE_DIRECTORY) {
			r = copy_finish(&stager->new_files, steps[i - 1].path, path,
				&changes[i - 1]->new_file);
			if (r < 0)
				return fail(stager, r, &steps[i - 1], "cannot copy");
		}
		r = inspect_copy(stager, &steps[i - 1], changes[i - 1], path);
	}
	return r;
}

static int keep_old(struct stager *stager, const struct step *step)
{
	char *name = arena_printf(stager->plan->arena, "%u", step->number);
	int r = name ? copy_tree(&stager->kept_files, step->path, str_from(name)) : -EMSGSIZE;

	return r < 0 ? fail(stager, r, step, "cannot keep a copy of") :
		telling_step(&stager->plan->telling);
}

static void leave_root(struct stager *stager)
{
	copier_fini(&stager->new_files);
	copier_fini(&stager->kept_files);
	copier_fini(&stager->composed_files);
	cursor_fini(&stager->made);
	slots_close(&stager->slots);
	stager->upper_dirfd = fd_close(stager->upper_dirfd);
	stager->composed_dirfd = fd_close(stager->composed_dirfd);
}

static int enter_root(struct stager *stager, unsigned root)
{
	const struct overlay_target *target = &stager->plan->commit->targets[root];
	int r = slots_open(&stager->slots, &stager->plan->journal, root, target);

	if (r >= 0)
		r = stager->upper_dirfd = kern_open_beneath(target->storage_dirfd, "upper",
			O_PATH | O_DIRECTORY, 0);
	if (r < 0)
		return error_sys(stager->err, r, "the branch of '%s'", target->path);
	stager->composed_dirfd = kern_open_beneath(target->storage_dirfd, COMPOSED_DIR, O_PATH | O_DIRECTORY,
		0);
	stager->root = root;
	copier_init(&stager->new_files, stager->plan->arena, stager->upper_dirfd, stager->slots.new_dirfd);
	copier_init(&stager->kept_files, stager->plan->arena, target->root_dirfd, stager->slots.kept_dirfd);
	copier_init(&stager->composed_files, stager->plan->arena, stager->composed_dirfd,
		stager->slots.new_dirfd);
	cursor_init(&stager->made, stager->slots.new_dirfd);
	stager->new_files.progress = stager->kept_files.progress = stager->composed_files.progress =
		&stager->plan->in_file;
	return 0;
}

static size_t end_of_top(const struct journal *journal, size_t top)
{
	size_t end = top + 1;

	while (end < journal->step_count && journal->steps[end].kind == STEP_WITHIN)
		end++;
	return end;
}

/* What the step takes out lies on another mount than what keeps it. */
static bool is_kept(const struct journal *journal, const struct step *step)
{
	return journal->roots[step->root].staged && step->out.type != FILE_NONE;
}

static uint64_t count_copies(const struct journal *journal)
{
	uint64_t count = 0;

	for (size_t i = 0, end; i < journal->step_count; i = end) {
		const struct step *step = &journal->steps[i];

		end = end_of_top(journal, i);
		if (step->kind == STEP_SWAP)
			count += (step->slot == SLOT_NEW ? end - i : 0) + is_kept(journal, step);
	}
	return count;
}

static int stage_root(struct stager *stager, unsigned root, uint64_t *bytes)
{
	struct journal *journal = &stager->plan->journal;
	int r = enter_root(stager, root);

	for (size_t i = 0, end; r >= 0 && i < journal->step_count; i = end) {
		const struct step *step = &journal->steps[i];

		end = end_of_top(journal, i);
		if (step->kind != STEP_SWAP || step->root != root)
			continue;
		if (step->slot == SLOT_NEW)
			r = copy_new(stager, i, end);
		if (r >= 0 && is_kept(journal, step))
			r = keep_old(stager, step);
	}
	*bytes += stager->new_files.copied_bytes + stager->kept_files.copied_bytes;
	return r;
}

int stage_copies(struct plan *plan, uint64_t *ret_bytes, struct error *err)
{
	int r = 0;

	*ret_bytes = 0;
	telling_begin(&plan->telling, OVERLAY_COPYING, count_copies(&plan->journal));
	for (unsigned root = 0; r >= 0 && root < plan->journal.root_count; root++) {
		struct stager stager = {
			.plan = plan,
			.err = err,
			.slots = SLOTS_NONE,
			.upper_dirfd = -1,
			.composed_dirfd = -1,
			.made.fd = -1,
			.new_files = { .from.fd = -1, .to.fd = -1 },
			.kept_files = { .from.fd = -1, .to.fd = -1 },
			.composed_files = { .from.fd = -1, .to.fd = -1 },
		};

		if (!plan->new_count && !plan->journal.roots[root].staged)
			continue;
		r = stage_root(&stager, root, ret_bytes);
		leave_root(&stager);
	}
	return r;
}
