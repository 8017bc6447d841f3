// SPDX-License-Identifier: Apache-2.0
/*
 * rename_complete.c - finish a rename that the kernel cannot do in a branch
 *
 * An unprivileged overlay has no redirects, so a directory that comes from the base cannot be renamed in one
 * go. What programs would do about it (copy everything, delete everything) is done here, better: files are
 * hard-linked, so they keep their identity and are copied up by the kernel at most once, and the new name
 * appears in one step.
 *
 * Others may work in the tree meanwhile. From the old name goes only what stands under the new one, so what
 * somebody made or replaced there after it was linked stays where it is, and the old name with it. Two such
 * renames at a time could each take for whole what the other is removing: the caller lets one after another.
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
	INODES_MIN = 64,
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

/* On the heap, since one is open at each depth of the tree; the caller frees it. */
static struct kern_dir *new_reader(int fd)
{
	struct kern_dir *dir = calloc(1, sizeof(*dir));

	if (!dir)
		abort();
	kern_dir_init(dir, fd);
	return dir;
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

/* What has been linked, by the numbers that it has under the old name: an overlay gives it others anew. */
struct inodes {
	uint64_t *items;
	size_t count, room;
};

struct linking {
	dev_t dev;			/* that all of the tree is on */
	unsigned depth;
	struct inodes *moved;
};

static void add_inode(struct inodes *inodes, uint64_t inode)
{
	if (inodes->count == inodes->room) {
		inodes->room = MAX(2 * inodes->room, (size_t)INODES_MIN);
		inodes->items = reallocarray(inodes->items, inodes->room, sizeof(*inodes->items));
		if (!inodes->items)
			abort();
	}
	inodes->items[inodes->count++] = inode;
}

static int link_tree(int from, int to, struct linking linking);

static int link_directory(int from, int to, const char *name, struct linking linking)
{
	scoped(fd) int source = kern_open_beneath(from, name, O_RDONLY | O_DIRECTORY, 0);
	scoped(fd) int target = -1;
	int r = source < 0 ? source : kern_mkdirat(to, name, 0700);

	if (r >= 0)
		r = target = kern_open_beneath(to, name, O_RDONLY | O_DIRECTORY, 0);
	linking.depth++;
	return r < 0 ? r : link_tree(source, target, linking);
}

/*
 * What was linked is to go later, by the number that it has now: copying a file up gives one that had several
 * names another number. One that does not look as before is somebody's new file, and stays.
 */
static void note_linked(const struct linking *linking, int from, const char *name, const struct stat *before)
{
	struct stat st;

	if (kern_fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (st.st_ino == before->st_ino || (st.st_mode == before->st_mode && st.st_size == before->st_size &&
			st.st_mtim.tv_sec == before->st_mtim.tv_sec &&
			st.st_mtim.tv_nsec == before->st_mtim.tv_nsec))
		add_inode(linking->moved, st.st_ino);
}

/* Everything in @from appears in @to, and @to gets the attributes of @from. */
static int link_tree(int from, int to, struct linking linking)
{
	struct kern_dir *dir = new_reader(from);
	struct kern_dir_entry entry;
	struct stat st;
	int r = kern_fstat(from, &st);

	if (r >= 0 && (st.st_dev != linking.dev || linking.depth > DEPTH_MAX))
		r = -EXDEV;
	/* It will have to be emptied in the end. */
	if (r >= 0 && st.st_uid != kern_geteuid())
		r = kern_faccessat(from, ".", W_OK | X_OK, AT_EACCESS);
	while (r >= 0 && (r = kern_dir_next(dir, &entry)) > 0) {
		struct stat child;

		r = kern_fstatat(from, entry.name, &child, AT_SYMLINK_NOFOLLOW);
		if (r >= 0 && child.st_dev != linking.dev)
			r = -EXDEV;	/* something is mounted there: it cannot move */
		if (r >= 0)
			r = S_ISDIR(child.st_mode) ? link_directory(from, to, entry.name, linking) :
			kern_linkat(from, entry.name, to, entry.name, 0);
		if (r >= 0)
			note_linked(&linking, from, entry.name, &child);
	}
	free(dir);
	return r < 0 ? r : copy_directory_facts(from, to, &st);
}

/* ---- removing what has moved ---- */

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool has_moved(const struct inodes *moved, uint64_t inode)
{
	return moved->count &&
		bsearch(&inode, moved->items, moved->count, sizeof(inode), compare_inodes);
}

/* That there is something else by now, or nothing, is the doing of others. */
static bool was_changed(int code)
{
	return code == -ENOENT || code == -ENOTEMPTY || code == -EEXIST || code == -ENOTDIR ||
		code == -EISDIR || code == -ELOOP;
}

static int remove_moved(int from, const struct inodes *moved);

/* Empties @name as far as it has moved, and removes it if nothing is left. */
static int remove_moved_directory(int from, const char *name, const struct inodes *moved)
{
	scoped(fd) int source = kern_open_beneath(from, name, O_RDONLY | O_DIRECTORY, 0);
	int r = source < 0 ? source : remove_moved(source, moved);

	return r < 0 ? r : kern_unlinkat(from, name, AT_REMOVEDIR);
}

static int remove_moved_entry(int from, const char *name, const struct inodes *moved)
{
	struct stat st;
	int r = kern_fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r >= 0 && has_moved(moved, st.st_ino))
		r = S_ISDIR(st.st_mode) ? remove_moved_directory(from, name, moved) :
		kern_unlinkat(from, name, 0);
	return was_changed(r) ? 0 : r;
}

static int remove_moved(int from, const struct inodes *moved)
{
	struct kern_dir_entry entry;
	struct kern_dir *dir;
	struct stat st;
	int r = kern_fstat(from, &st);

	if (r < 0)
		return r;
	/* The new directory has its mode by now. */
	if ((st.st_mode & S_IRWXU) != S_IRWXU)
		(void)kern_fchmod(from, S_IRWXU);
	dir = new_reader(from);
	while ((r = kern_dir_next(dir, &entry)) > 0 && (r = remove_moved_entry(from, entry.name, moved)) >= 0)
		;
	free(dir);
	return r;
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
	dir = new_reader(fd);
	r = kern_dir_next(dir, &entry);
	free(dir);
	return r < 0 ? r : !r;
}

static int rebuild(const struct place *from, const struct place *to, const char *temporary,
	struct inodes *moved)
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
	return target < 0 ? target : link_tree(source, target, (struct linking){ st.st_dev, 0, moved });
}

static int replace(const struct place *from, const struct place *to, unsigned flags, struct inodes *moved)
{
	char temporary[TEMPORARY_NAME_SIZE];
	uint64_t random;
	int r;

	kern_random(&random, sizeof(random));
	snprintf(temporary, sizeof(temporary), ".cordon-rename-%016llx", (unsigned long long)random);
	r = rebuild(from, to, temporary, moved);
	r = r < 0 ? as_answer(r) : kern_renameat2(to->dirfd, temporary, to->dirfd, to->name, flags);
	if (r < 0)
		(void)kern_remove_tree(to->dirfd, temporary);
	return r;
}

static int complete(const struct place *from, const struct place *to, unsigned flags)
{
	struct inodes moved = { 0 };
	int r = is_empty(to->dirfd, to->name);

	if (r <= 0)
		return r < 0 ? as_answer(r) : -ENOTEMPTY;
	r = replace(from, to, flags, &moved);
	if (r >= 0) {
		if (moved.count)
			qsort(moved.items, moved.count, sizeof(*moved.items), compare_inodes);
		r = remove_moved_directory(from->dirfd, from->name, &moved);
		r = was_changed(r) ? 0 : r;
	}
	free(moved.items);
	return r;
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
