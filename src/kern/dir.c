// SPDX-License-Identifier: Apache-2.0
/*
 * dir.c - reading a directory, and removing a tree
 *
 * Removal goes depth first without recursion: it descends into the first directory that it cannot remove at
 * once, and climbs back through "..", checked by device and inode against the directory that it came from, so
 * that a tree that is moved meanwhile ends the walk instead of leading it elsewhere. Depth therefore costs a
 * 24-byte record, not a stack frame and a descriptor.
 *
 * Two processes may remove the same tree, since a session that ends and the command that rolls it back both
 * tidy it: what is gone already is no failure, wherever in the walk that is noticed.
 */
#include "kern/dir.h"

#include "base/macro.h"
#include "kern/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

int kern_dir_next(struct kern_dir *dir, struct kern_dir_entry *ret)
{
	for (;;) {
		const struct dirent64 *entry;

		if (dir->at >= dir->len) {
			ssize_t n = kern_getdents64(dir->fd, dir->buffer, sizeof(dir->buffer));

			if (n <= 0)
				return (int)n;
			dir->at = 0;
			dir->len = (size_t)n;
		}
		entry = (const struct dirent64 *)(const void *)(dir->buffer + dir->at);
		dir->at += entry->d_reclen;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		*ret = (struct kern_dir_entry){ .name = entry->d_name, .inode = entry->d_ino,
			.type = entry->d_type };
		return 1;
	}
}

enum {
	DEPTH_MAX = 8192,
};

struct level {
	dev_t dev;
	ino_t ino;
	char name[NAME_MAX + 1];	/* of the directory below this level that is being emptied */
};

struct removed {
	const struct progress *progress;
	uint64_t count;
};

/* Opens a directory that may shut its owner out. */
static int open_for_removal(int dirfd, const char *name)
{
	int fd = kern_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);

	if (fd != -EACCES || kern_chmod_beneath(dirfd, name, 0700) < 0)
		return fd;
	return kern_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
}

/*
 * Removes what it can in @fd; stops at the first directory that has something in it.
 * Returns 0: empty now; 1: @ret_name is to be emptied first; negative errno.
 */
static int remove_entries(int fd, struct removed *removed, char ret_name[NAME_MAX + 1])
{
	struct kern_dir dir;
	struct kern_dir_entry entry;
	int r;

	(void)kern_fchmod(fd, 0700);
	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		int r_entry = kern_unlinkat(fd, entry.name, 0);

		if (r_entry == -EISDIR || r_entry == -EPERM)
			r_entry = kern_unlinkat(fd, entry.name, AT_REMOVEDIR);
		if (r_entry == -ENOTEMPTY || r_entry == -EEXIST) {
			memcpy(ret_name, entry.name, strlen(entry.name) + 1);
			return 1;
		}
		if (r_entry < 0 && r_entry != -ENOENT)
			return r_entry;
		r = progress_tell(removed->progress, "removing files", ++removed->count, 0);
		if (r < 0)
			return r;
	}
	return r == -ENOENT ? 0 : r;	/* of a directory that was removed while it was read */
}

static int climb(int *fd, const struct level *level)
{
	struct stat st;
	int parent = kern_open(*fd, "..", O_RDONLY | O_DIRECTORY, 0), r;

	if (parent < 0)
		return parent;
	r = kern_fstat(parent, &st);
	if (r >= 0 && (st.st_dev != level->dev || st.st_ino != level->ino))
		r = -ESTALE;
	if (r < 0) {
		fd_close(parent);
		return r;
	}
	fd_close(*fd);
	*fd = parent;
	return 0;
}

static int descend(int *fd, struct level *level, dev_t dev)
{
	struct stat st;
	int child, r = kern_fstat(*fd, &st);

	if (r < 0)
		return r;
	level->dev = st.st_dev;
	level->ino = st.st_ino;
	child = open_for_removal(*fd, level->name);
	if (child < 0)
		return child;
	r = kern_fstat(child, &st);
	if (r >= 0 && st.st_dev != dev)
		r = -EXDEV;	/* a mount: not ours to remove */
	if (r < 0) {
		fd_close(child);
		return r;
	}
	fd_close(*fd);
	*fd = child;
	return 0;
}

/* Back to the directory above, without the one that is empty now; it is read from its beginning. */
static int leave_directory(int *fd, const struct level *level)
{
	int r = climb(fd, level);

	if (r < 0)
		return r;
	r = kern_unlinkat(*fd, level->name, AT_REMOVEDIR);
	return r == -ENOENT ? 0 : r;
}

static int empty_directory(int *fd, struct level *levels, struct removed *removed)
{
	struct stat st;
	size_t depth = 0;
	int r = kern_fstat(*fd, &st);

	while (r >= 0) {
		r = remove_entries(*fd, removed, levels[depth].name);
		if (r < 0 || (!r && !depth))
			return r;
		if (!r) {
			r = leave_directory(fd, &levels[--depth]);
		} else {
			r = descend(fd, &levels[depth], st.st_dev);
			if (!r && ++depth == DEPTH_MAX)
				return -ELOOP;
			if (!r)
				continue;
		}
		if (!r || r == -ENOENT)
			r = (int)MIN(kern_lseek(*fd, 0, SEEK_SET), (off_t)0);
	}
	return r;
}

int kern_remove_tree(int dirfd, const char *name)
{
	return kern_remove_tree_telling(dirfd, name, NULL);
}

int kern_remove_tree_telling(int dirfd, const char *name, const struct progress *progress)
{
	struct removed removed = { .progress = progress };
	int r = kern_unlinkat(dirfd, name, 0);
	struct level *levels;
	int fd;

	if (r != -EISDIR && r != -EPERM)
		return r == -ENOENT ? 0 : r;
	r = kern_unlinkat(dirfd, name, AT_REMOVEDIR);
	if (r != -ENOTEMPTY && r != -EEXIST)
		return r == -ENOENT ? 0 : r;
	fd = open_for_removal(dirfd, name);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	levels = calloc(DEPTH_MAX, sizeof(*levels));
	if (!levels)
		abort();
	r = empty_directory(&fd, levels, &removed);
	free(levels);
	fd_close(fd);
	if (r >= 0)
		r = kern_unlinkat(dirfd, name, AT_REMOVEDIR);
	return r == -ENOENT ? 0 : r;
}
