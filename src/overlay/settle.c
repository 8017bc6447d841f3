// SPDX-License-Identifier: Apache-2.0
/*
 * settle.c - modes, owners, mtimes and xattrs of directories that stay where they are
 */
#include "overlay/settle.h"

#include "base/time.h"
#include "kern/file.h"
#include "overlay/unlock.h"

#include <errno.h>
#include <fcntl.h>

static int find_directory(struct cursor *base, const struct step *step, int *ret_dirfd, const char **ret_name,
	struct stat *ret_st)
{
	int r = *ret_dirfd = cursor_open(base, step->path, ret_name);

	if (r >= 0)
		r = kern_fstatat(*ret_dirfd, *ret_name, ret_st, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		return r;
	return mark_is(&step->out, ret_st) ? 0 : -ESTALE;
}

int settle_open_up(struct cursor *base, const struct step *step, UNUSED bool forward)
{
	const char *name;
	struct stat st;
	int dirfd, r = find_directory(base, step, &dirfd, &name, &st);

	if (r < 0 || !mode_is_locked(st.st_mode))
		return r;
	return kern_chmod_beneath(dirfd, name, (st.st_mode & 07777) | 0700);
}

int settle_mode(int dirfd, const char *name, const struct file_mark *mark)
{
	struct stat st;
	int r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r == -ENOENT)
		return 0;
	/* Only a mode that shuts its owner out is ever widened. */
	if (r < 0 || !mark_shuts_out(mark->type, mark->mode) || !mark_is(mark, &st) ||
			(st.st_mode & 07777) != mode_opened(st.st_mode, mark->mode))
		return r;
	return kern_chmod_beneath(dirfd, name, mark->mode);
}

int settle_branch(struct cursor *tree, struct str path, mode_t mode, bool open)
{
	const char *name;
	struct stat st;
	int dirfd, r;

	if (!mode_is_locked(mode))
		return 0;
	dirfd = cursor_open(tree, path, &name);
	r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 07777) != (open ? mode : (mode | 0700)))
		return r;
	return kern_chmod_beneath(dirfd, name, open ? mode | 0700 : mode);
}

static bool has_name(const struct xattr_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i].name, name))
			return true;
	return false;
}

static int set_xattrs(int fd, const struct xattr_list *want, const struct xattr_list *other)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < other->count; i++) {
		if (has_name(want, other->items[i].name))
			continue;
		r = kern_fremovexattr(fd, other->items[i].name);
		if (r == -ENODATA)
			r = 0;
	}
	for (size_t i = 0; r >= 0 && i < want->count; i++)
		r = kern_fsetxattr(fd, want->items[i].name, want->items[i].value.data,
			want->items[i].value.len, 0);
	return r;
}

static int set_times(int fd, const struct file_mark *mark)
{
	struct file_facts facts = { .mtime_ns = mark->mtime_ns };
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, file_mtime(&facts) };

	return mark->mtime_ns == MTIME_LEAVE ? 0 : kern_utimensat(fd, "", times, AT_EMPTY_PATH);
}

static int settle_fd(int fd, const struct step *step, bool forward, const struct stat *st)
{
	const struct file_mark *mark = forward ? &step->in : &step->out;
	const struct xattr_list *want = forward ? &step->in_xattrs : &step->out_xattrs;
	const struct xattr_list *other = forward ? &step->out_xattrs : &step->in_xattrs;
	int r = 0;

	if (st->st_uid != mark->uid || st->st_gid != mark->gid)
		r = kern_fchownat(fd, "", mark->uid, mark->gid, AT_EMPTY_PATH);
	if (r >= 0 && step->set_xattrs)
		r = set_xattrs(fd, want, other);
	/* After the xattrs: an ACL changes the mode, and the mode an ACL's mask. */
	if (r >= 0 && (step->set_xattrs || (st->st_mode & 07777) != mark->mode))
		r = kern_fchmod(fd, mark->mode);
	return r < 0 ? r : set_times(fd, mark);
}

int settle_directory(struct cursor *base, const struct step *step, bool forward)
{
	const char *name;
	struct stat st;
	int dirfd, fd, r = find_directory(base, step, &dirfd, &name, &st);

	if (r < 0)
		return r;
	fd = facts_open(dirfd, name);
	if (fd < 0)
		return fd;
	r = kern_fstat(fd, &st);
	if (r >= 0 && !mark_is(&step->out, &st))
		r = -ESTALE;
	if (r >= 0)
		r = settle_fd(fd, step, forward, &st);
	fd_close(fd);
	return r;
}
