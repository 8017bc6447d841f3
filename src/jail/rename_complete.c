// SPDX-License-Identifier: Apache-2.0
/*
 * rename_complete.c - finish a rename that the kernel cannot do in a branch
 *
 * An unprivileged overlay has no redirects, so a directory that comes from the base cannot be renamed in one
 * go. What programs would do about it (copy everything, delete everything) is done here, better: files are
 * hard-linked, so they keep their identity and are copied up by the kernel at most once, and the new name
 * appears in one step.
 *
 * Invariants: paths are resolved once, to parent directories; names are used relative to these. Links in the
 * tree are moved as links. No mount is crossed: a covered (denied) name in the tree makes the whole rename
 * EXDEV.
 */
#include "jail/rename_complete.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/clock.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	DEPTH_MAX = 100,
	TEMPORARY_NAME_SIZE = 48,
	XATTR_LIST_BYTES_MAX = 65536,
	XATTR_VALUE_BYTES_MAX = 65536,
};

/* One side of the call: a parent directory and a name in it. */
struct place {
	int dirfd;			/* O_PATH */
	char name[NAME_MAX + 1];
};

/* The kernel has its own answers for "", "/", "." and "..": 1 means that it should give them. */
static int open_place(int start, const char *path, struct place *ret)
{
	char parent[JAIL_RENAME_PATH_MAX];
	size_t len = strlen(path), name;

	while (len && path[len - 1] == '/')
		len--;
	name = len;
	while (name && path[name - 1] != '/')
		name--;
	if (len == name || len - name > NAME_MAX || (path[name] == '.' && (len - name == 1 ||
			(len - name == 2 && path[name + 1] == '.'))))
		return 1;
	memcpy(ret->name, path + name, len - name);
	ret->name[len - name] = '\0';
	memcpy(parent, path, name);
	parent[name] = '\0';
	ret->dirfd = kern_open(start, name ? parent : ".", O_PATH | O_DIRECTORY, 0);
	return MIN(ret->dirfd, 0);
}

/* ---- building the tree anew ---- */

/* Codes that tell more than "do it yourself" are passed on; the rest becomes EXDEV. */
static int as_answer(int code)
{
	switch (code) {
	case -ENOSPC:
	case -EDQUOT:
	case -EROFS:
	case -EIO:
	case -ENOMEM:
		return code;
	default:
		return -EXDEV;
	}
}

static int copy_xattr(int from, int to, const char *name, char *value)
{
	ssize_t n = kern_fgetxattr(from, name, value, XATTR_VALUE_BYTES_MAX);

	return n < 0 ? (int)n : kern_fsetxattr(to, name, value, (size_t)n, 0);
}

static int copy_xattrs(int from, int to)
{
	char *names = malloc(XATTR_LIST_BYTES_MAX + XATTR_VALUE_BYTES_MAX);
	ssize_t n;
	int r = 0;

	if (!names)
		abort();
	n = kern_flistxattr(from, names, XATTR_LIST_BYTES_MAX);
	for (const char *name = names; n > 0 && name < names + n && r >= 0; name += strlen(name) + 1)
		if (!str_starts_with(str_from(name), STR("security.")))	/* labels are the kernel's to give */
			r = copy_xattr(from, to, name, names + XATTR_LIST_BYTES_MAX);
	free(names);
	return n < 0 && n != -EOPNOTSUPP ? (int)n : r;
}

/* Last, since adding names changes the directory's time, and its mode may forbid it. */
static int copy_directory_facts(int from, int to, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r = copy_xattrs(from, to);

	if (r >= 0)
		r = kern_fchmod(to, st->st_mode & 07777);
	return r < 0 ? r : kern_utimensat(to, "", times, AT_EMPTY_PATH);
}

static int link_tree(int from, int to, dev_t dev, unsigned depth);

static int link_directory(int from, int to, const char *name, dev_t dev, unsigned depth)
{
	scoped(fd) int source = kern_open_beneath(from, name, O_RDONLY | O_DIRECTORY, 0);
	scoped(fd) int target = -1;
	int r = source < 0 ? source : kern_mkdirat(to, name, 0700);

	if (r >= 0)
		r = target = kern_open_beneath(to, name, O_RDONLY | O_DIRECTORY, 0);
	return r < 0 ? r : link_tree(source, target, dev, depth + 1);
}

/* Everything in @from appears in @to, and @to gets the attributes of @from. */
static int link_tree(int from, int to, dev_t dev, unsigned depth)
{
	struct kern_dir *dir = calloc(1, sizeof(*dir));
	struct kern_dir_entry entry;
	struct stat st;
	int r = kern_fstat(from, &st);

	if (!dir)
		abort();
	kern_dir_init(dir, from);
	if (r >= 0 && (st.st_dev != dev || depth > DEPTH_MAX))
		r = -EXDEV;
	/* It will have to be emptied in the end. */
	if (r >= 0 && st.st_uid != kern_geteuid())
		r = kern_faccessat(from, ".", W_OK | X_OK, AT_EACCESS);
	while (r >= 0 && (r = kern_dir_next(dir, &entry)) > 0) {
		struct stat child;

		r = kern_fstatat(from, entry.name, &child, AT_SYMLINK_NOFOLLOW);
		if (r >= 0 && child.st_dev != dev)
			r = -EXDEV;	/* something is mounted there: it cannot move */
		if (r >= 0)
			r = S_ISDIR(child.st_mode) ? link_directory(from, to, entry.name, dev, depth) :
			kern_linkat(from, entry.name, to, entry.name, 0);
	}
	free(dir);
	return r < 0 ? r : copy_directory_facts(from, to, &st);
}

/* ---- the rename ---- */

static int is_empty(int dirfd, const char *name)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir *dir;
	struct kern_dir_entry entry;
	int r;

	if (fd == -ENOENT)
		return 1;
	if (fd < 0)
		return fd;
	dir = calloc(1, sizeof(*dir));
	if (!dir)
		abort();
	kern_dir_init(dir, fd);
	r = kern_dir_next(dir, &entry);
	free(dir);
	return r < 0 ? r : !r;
}

static int rebuild(const struct place *from, const struct place *to, const char *temporary)
{
	scoped(fd) int source = kern_open_beneath(from->dirfd, from->name, O_RDONLY | O_DIRECTORY, 0);
	scoped(fd) int target = -1;
	struct stat st;
	int r = source < 0 ? source : kern_fstat(source, &st);

	if (r >= 0)
		r = kern_mkdirat(to->dirfd, temporary, 0700);
	if (r < 0)
		return r;
	target = kern_open_beneath(to->dirfd, temporary, O_RDONLY | O_DIRECTORY, 0);
	return target < 0 ? target : link_tree(source, target, st.st_dev, 0);
}

static int complete(const struct place *from, const struct place *to, unsigned flags)
{
	char temporary[TEMPORARY_NAME_SIZE];
	uint64_t random;
	int r = is_empty(to->dirfd, to->name);

	if (r <= 0)
		return r < 0 ? as_answer(r) : -ENOTEMPTY;
	kern_random(&random, sizeof(random));
	snprintf(temporary, sizeof(temporary), ".cordon-rename-%016llx", (unsigned long long)random);
	r = rebuild(from, to, temporary);
	if (r < 0) {
		(void)kern_remove_tree(to->dirfd, temporary);
		return as_answer(r);
	}
	r = kern_renameat2(to->dirfd, temporary, to->dirfd, to->name, flags);
	if (r < 0) {
		(void)kern_remove_tree(to->dirfd, temporary);
		return r;
	}
	return kern_remove_tree(from->dirfd, from->name);
}

static int mount_id(int fd, uint64_t *ret)
{
	struct statx st;
	int r = kern_statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st);

	if (r >= 0 && !(st.stx_mask & STATX_MNT_ID))
		r = -EXDEV;
	if (r >= 0)
		*ret = st.stx_mnt_id;
	return r;
}

static int rename_directory(const struct place *from, const struct place *to, unsigned flags)
{
	uint64_t from_mount, to_mount;
	int r = kern_renameat2(from->dirfd, from->name, to->dirfd, to->name, flags);

	if (r != -EXDEV || flags & ~(unsigned)RENAME_NOREPLACE)
		return r;
	r = mount_id(from->dirfd, &from_mount);
	if (r >= 0)
		r = mount_id(to->dirfd, &to_mount);
	if (r < 0 || from_mount != to_mount)
		return -EXDEV;
	return complete(from, to, flags);
}

int jail_rename_complete(const struct jail_rename *rename, const int starts[2])
{
	struct place from = { .dirfd = -1 }, to = { .dirfd = -1 };
	struct stat st;
	int r = open_place(starts[0], rename->from, &from);

	if (!r)
		r = open_place(starts[1], rename->to, &to);
	if (!r)
		r = kern_fstatat(from.dirfd, from.name, &st, AT_SYMLINK_NOFOLLOW);
	/* What cannot be looked up here, the kernel answers for by itself. */
	if (r || !S_ISDIR(st.st_mode))
		r = JAIL_RENAME_CONTINUE;
	else
		r = rename_directory(&from, &to, rename->flags);
	fd_close(from.dirfd);
	fd_close(to.dirfd);
	return r;
}
