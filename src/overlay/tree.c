// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c - a directory of the base as one thing
 *
 * The walk keeps a stack of paths, not of descriptors: each directory is opened beneath the root by its whole
 * path, which costs nothing at ordinary depths and needs one descriptor at any depth. Names of one directory
 * are sorted before they are hashed, since the kernel's order is not a property of the tree.
 */
#include "overlay/tree.h"

#include "base/path.h"
#include "base/time.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ENTRY_TEXT_MAX = 160,		/* seven numbers of at most twenty digits */
	NAMES_BYTES_MAX = 1 << 30,	/* of one directory */
};

struct walk {
	int root_dirfd;
	const char *top;
	tree_visit_fn *visit;
	void *context;
	char **stack;			/* paths of directories still to be read */
	size_t depth, room;
	struct hash hash;
	struct tree_summary summary;
};

static void push(struct walk *walk, const char *path)
{
	size_t size = strlen(path) + 1;

	if (walk->depth == walk->room) {
		walk->room = MAX(walk->room * 2, (size_t)64);
		walk->stack = reallocarray(walk->stack, walk->room, sizeof(*walk->stack));
		if (!walk->stack)
			abort();
	}
	walk->stack[walk->depth] = malloc(size);
	if (!walk->stack[walk->depth])
		abort();
	memcpy(walk->stack[walk->depth++], path, size);
}

static void note_time(struct walk *walk, const struct stat *st)
{
	int64_t ns = (int64_t)st->st_ctim.tv_sec * (int64_t)NS_PER_SEC + st->st_ctim.tv_nsec;

	walk->summary.newest_ns = MAX(walk->summary.newest_ns, ns);
}

static void hash_entry(struct walk *walk, const char *name, const struct stat *st)
{
	bool regular = S_ISREG(st->st_mode), directory = S_ISDIR(st->st_mode);
	char text[ENTRY_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%u %u %u %jd %jd %ld", (unsigned)st->st_mode, st->st_uid,
		st->st_gid, regular ? (intmax_t)st->st_size : 0, directory ? 0 : (intmax_t)st->st_mtim.tv_sec,
		directory ? 0 : st->st_mtim.tv_nsec);

	hash_update(&walk->hash, name, strlen(name) + 1);
	hash_update(&walk->hash, text, (size_t)len + 1);
}

static int walk_entry(struct walk *walk, int dirfd, const char *parent, const char *name)
{
	char path[PATH_TEXT_MAX];
	struct stat st;
	int len, r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return r == -ENOENT ? -EAGAIN : r;
	walk->summary.entry_count++;
	note_time(walk, &st);
	hash_entry(walk, name, &st);
	len = snprintf(path, sizeof(path), "%s/%s", parent, name);
	if ((size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	if (S_ISDIR(st.st_mode)) {
		push(walk, path);
		return 0;
	}
	if (S_ISREG(st.st_mode))
		walk->summary.bytes += (uint64_t)st.st_size;
	if (!walk->visit)
		return 0;
	return walk->visit(walk->context, dirfd, name, (struct str){ path, (size_t)len }, &st);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Reads all names into @names, one behind the other with their NULs. */
static int read_names(int fd, struct buf *names, size_t *ret_count)
{
	struct kern_dir *dir = malloc(sizeof(*dir));
	struct kern_dir_entry entry;
	int r;

	if (!dir)
		abort();
	*ret_count = 0;
	kern_dir_init(dir, fd);
	while ((r = kern_dir_next(dir, &entry)) > 0) {
		r = buf_append(names, entry.name, strlen(entry.name) + 1);
		if (r < 0)
			break;
		++*ret_count;
	}
	free(dir);
	return r;
}

static int walk_names(struct walk *walk, int fd, const char *path, const struct buf *names, size_t count)
{
	const char **sorted = calloc(count + 1, sizeof(*sorted)), *at = buf_text(names);
	int r = 0;

	if (!sorted)
		abort();
	for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
		sorted[i] = at;
	qsort(sorted, count, sizeof(*sorted), compare_names);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = walk_entry(walk, fd, path, sorted[i]);
	free(sorted);
	return r;
}

static int walk_directory(struct walk *walk, const char *path)
{
	scoped(fd) int fd = kern_open_beneath(walk->root_dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	scoped(buf) struct buf names = BUF_INIT(NAMES_BYTES_MAX);
	const char *below = path_relative(path, walk->top);
	size_t count;
	int r;

	hash_update(&walk->hash, below, strlen(below) + 1);
	if (fd == -EACCES) {
		walk->summary.unread = true;
		return 0;
	}
	if (fd < 0)
		return fd;
	r = read_names(fd, &names, &count);
	return r < 0 ? r : walk_names(walk, fd, path, &names, count);
}

static int walk_tree(struct walk *walk)
{
	struct stat st;
	int r = kern_fstatat(walk->root_dirfd, walk->top, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return r;
	hash_init(&walk->hash);
	walk->summary = (struct tree_summary){ 0 };
	note_time(walk, &st);
	push(walk, walk->top);
	while (walk->depth && r >= 0) {
		char *path = walk->stack[--walk->depth];
		bool top = !strcmp(path, walk->top);

		r = walk_directory(walk, path);
		/* It was there a moment ago. */
		if (!top && (r == -ENOENT || r == -ENOTDIR || r == -ELOOP))
			r = -EAGAIN;
		free(path);
	}
	while (walk->depth)
		free(walk->stack[--walk->depth]);
	walk->summary.digest = hash_final(&walk->hash);
	return r;
}

int tree_summarize(int root_dirfd, const char *path, tree_visit_fn *visit, void *context,
	struct tree_summary *ret)
{
	struct walk walk = { .root_dirfd = root_dirfd, .top = path, .visit = visit, .context = context };
	int r = walk_tree(&walk);

	free(walk.stack);
	if (r >= 0)
		*ret = walk.summary;
	return r;
}
