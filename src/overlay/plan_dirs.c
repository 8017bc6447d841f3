// SPDX-License-Identifier: Apache-2.0
/*
 * plan_dirs.c - directories that stay, and what a commit does to them
 *
 * Two reasons bring a directory here: the changeset changes its metadata, or something in it is swapped,
 * which moves its mtime. After the commit it shall have the mtime that it had in the branch, where a
 * program's own writing put it: an in-place change of a file left it alone, a new name moved it.
 */
#include "overlay/plan_internal.h"

#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

void planner_touch(struct planner *planner, unsigned root, struct str path)
{
	struct touched *last = planner->touched_count ? &planner->touched[planner->touched_count - 1] : NULL;
	struct str parent = path_parent(path);

	assert(planner->touched);
	if (!last || last->root != root || !str_eq(last->path, parent))
		planner->touched[planner->touched_count++] = (struct touched){ .root = root, .path = parent };
}

static int compare_touched(const void *a, const void *b)
{
	const struct touched *x = a, *y = b;

	return x->root != y->root ? (x->root < y->root ? -1 : 1) : str_compare(x->path, y->path);
}

/* Sorts, and makes each directory one entry. */
static void settle_touched(struct planner *planner)
{
	size_t count = 0;

	qsort(planner->touched, planner->touched_count, sizeof(*planner->touched), compare_touched);
	for (size_t i = 0; i < planner->touched_count; i++) {
		if (!count || compare_touched(&planner->touched[count - 1], &planner->touched[i]))
			planner->touched[count++] = planner->touched[i];
	}
	planner->touched_count = count;
}

/* The mtime that the branch shows for a directory; @otherwise where it has none of its own. */
static int branch_mtime(struct planner *planner, struct str path, int64_t otherwise, int64_t *ret)
{
	const char *name;
	int dirfd = cursor_open(&planner->branch, path, &name), r;
	struct file_mark mark;
	struct stat st;

	*ret = otherwise;
	if (dirfd == -ENOENT || dirfd == -ENOTDIR)
		return 0;
	if (dirfd < 0)
		return dirfd;
	r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT)
		return 0;
	mark = mark_from_stat(&st);
	if (r >= 0 && mark.type == FILE_DIRECTORY)
		*ret = mark.mtime_ns;
	return r;
}

static void copy_xattr_list(struct xattr_list *list, const struct file_facts *facts)
{
	*list = (struct xattr_list){ .items = facts->xattrs, .count = facts->xattr_count };
}

/* The change of a directory that stays, if the commit has one for @path. */
static const struct change *find_metadata(struct planner *planner, unsigned root, struct str path)
{
	const struct changeset *changeset = planner->plan->commit->changeset;
	const struct change *change = changeset_find(changeset, root, path);

	if (!change)
		return NULL;
	return change->old_file.type == FILE_DIRECTORY && change->new_file.type == FILE_DIRECTORY ? change :
		NULL;
}

static int add_directory(struct planner *planner, const struct touched *touched)
{
	const struct change *change = find_metadata(planner, touched->root, touched->path);
	/* A parent's path is the beginning of another one: steps want theirs to end. */
	char *text = arena_copy(planner->plan->arena, touched->path.data, touched->path.len);
	struct str path = { text, touched->path.len };
	struct step *step;
	const char *name;
	struct stat st;
	int dirfd, r;

	if (!text)
		return error_set(planner->err, -EMSGSIZE, "the changeset is too large to commit");
	r = planner_enter(planner, touched->root);
	dirfd = r < 0 ? r : cursor_open(&planner->base, path, &name);
	r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r >= 0 && !S_ISDIR(st.st_mode))
		r = -ENOTDIR;
	if (r < 0)
		return error_sys(planner->err, r, "directory '%s'", quote_text(path).text);
	step = planner_add_step(planner, STEP_DIRECTORY, touched->root, path, change);
	step->in = step->out = mark_from_stat(&st);
	if (change) {
		step->in.mode = change->new_file.mode;
		step->in.uid = step->in.slot_uid = change->new_file.uid;
		step->in.gid = step->in.slot_gid = change->new_file.gid;
		step->set_xattrs = change->flags & CHANGE_XATTRS;
		copy_xattr_list(&step->in_xattrs, &change->new_file);
		copy_xattr_list(&step->out_xattrs, &change->old_file);
	}
	r = branch_mtime(planner, path, step->out.mtime_ns, &step->in.mtime_ns);
	return r < 0 ? error_sys(planner->err, r, "branch directory '%s'", quote_text(path).text) : 0;
}

int planner_add_directories(struct planner *planner)
{
	int r = 0;

	settle_touched(planner);
	for (size_t i = 0; r >= 0 && i < planner->touched_count; i++)
		r = add_directory(planner, &planner->touched[i]);
	return r;
}
