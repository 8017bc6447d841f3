// SPDX-License-Identifier: Apache-2.0
/*
 * plan_base.c - is the base still what the changeset was made against
 *
 * Every difference that can be told is one conflict; only what keeps us from looking is an error.
 */
#include "overlay/plan_internal.h"

#include "kern/file.h"
#include "overlay/tree.h"

#include <errno.h>
#include <fcntl.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U
#endif

int mount_id_of(int fd, uint64_t *ret)
{
	struct statx stx;
	int r = kern_statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx);

	if (r >= 0)
		*ret = stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0;
	return r;
}

static int add_conflict(struct planner *planner, enum conflict_kind kind, const struct change *change)
{
	conflict_add(planner->conflicts, kind, change->root, change->path);
	return 0;
}

/* Opens the parent; 0 with a conflict added, a descriptor plus 1 (so never 0), or negative errno. */
static int open_parent(struct planner *planner, const struct change *change, const char **ret_name)
{
	bool known = cursor_is_at(&planner->base, change->path);
	int fd = cursor_open(&planner->base, change->path, ret_name), r;
	uint64_t mount_id;

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return add_conflict(planner, CONFLICT_PARENT, change);
	if (fd == -EXDEV)
		return add_conflict(planner, CONFLICT_MOUNT, change);
	if (fd < 0)
		return fd;
	if (known)
		return fd + 1;
	r = mount_id_of(fd, &mount_id);
	if (r < 0 || mount_id != planner->mount_id) {
		/* Forget it, or its next path would pass as known. */
		cursor_fini(&planner->base);
		return r < 0 ? r : add_conflict(planner, CONFLICT_MOUNT, change);
	}
	return fd + 1;
}

static int check_nothing(struct planner *planner, const struct change *change, int dirfd, const char *name)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r == -ENOENT)
		return 1;
	return r < 0 ? r : add_conflict(planner, CONFLICT_EXISTS, change);
}

/* A directory that goes away whole has to have exactly the entries that were judged to go. */
static int check_tree(struct planner *planner, const struct change *change, struct file_mark *mark)
{
	struct tree_summary summary;
	int r = tree_summarize(planner->base.base_dirfd, change->path.data, NULL, NULL, &summary);

	if (r == -EAGAIN)
		return add_conflict(planner, CONFLICT_CHANGED, change);
	if (r < 0)
		return r;
	mark->digest = summary.digest;
	if (summary.entry_count != change->old_count || !digest_eq(&summary.digest, &change->old_file.digest))
		return add_conflict(planner, CONFLICT_CHANGED, change);
	return 1;
}

static int judge_differences(struct planner *planner, const struct change *change, unsigned differ)
{
	if (differ & FACT_TYPE)
		return add_conflict(planner, CONFLICT_TYPE, change);
	if (differ & FACT_CONTENT)
		return add_conflict(planner, CONFLICT_CHANGED, change);
	if (differ & (FACT_MODE | FACT_OWNER | FACT_XATTRS))
		return add_conflict(planner, CONFLICT_METADATA, change);
	return 1;
}

static int check_file(struct planner *planner, const struct change *change, int dirfd, const char *name,
	struct file_mark *ret)
{
	unsigned differ;
	int r = inspect_file(planner->plan->inspector, INSPECT_BASE, dirfd, name, &change->old_file, ret,
		&differ);

	if (r == -ENOENT)
		return add_conflict(planner, CONFLICT_GONE, change);
	if (r == -EAGAIN)
		return add_conflict(planner, CONFLICT_CHANGED, change);
	if (r < 0)
		return r;
	r = judge_differences(planner, change, differ);
	if (r > 0 && ret->type == FILE_DIRECTORY && change->new_file.type != FILE_DIRECTORY)
		r = check_tree(planner, change, ret);
	if (r > 0 && change->flags & CHANGE_STALE && !planner->plan->commit->accept_stale)
		r = add_conflict(planner, CONFLICT_STALE, change);
	return r;
}

int planner_check_base(struct planner *planner, const struct change *change, struct file_mark *ret)
{
	const char *name;
	int dirfd = open_parent(planner, change, &name);

	*ret = (struct file_mark){ 0 };
	if (dirfd <= 0)
		return dirfd;
	dirfd--;
	if (change_base_type(change) == FILE_NONE)
		return check_nothing(planner, change, dirfd, name);
	return check_file(planner, change, dirfd, name, ret);
}
