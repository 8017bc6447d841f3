// SPDX-License-Identifier: Apache-2.0
/*
 * copy.c - files that cannot be renamed are copied, with everything that belongs to them
 *
 * A tree is walked breadth first: each directory's path is remembered in the arena, and after the walk they
 * are finished in the opposite order, so that no mode locks us out and no mtime moves again.
 */
#include "overlay/copy.h"

#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LINKS_MAX = 1 << 20,
	XATTRS_BYTES_MAX = CHANGE_XATTRS_MAX * (XATTR_BYTES_MAX + 1024),
	XATTR_ESCAPED_SIZE = XATTR_NAME_BYTES_MAX + sizeof("overlay."),
};

#define MARK_PREFIX "user.overlay."

struct link_key {
	dev_t dev;
	ino_t ino;
};

void copier_init(struct copier *copier, struct arena *arena, int from_dirfd, int to_dirfd)
{
	*copier = (struct copier){
		.arena = arena,
		.xattrs = calloc(1, sizeof(*copier->xattrs)),
		/* Keys are inode numbers, which nobody chooses: the seed need not be secret. */
		.links = MAP_INIT(LINKS_MAX, 0x636f7264, 0x6f6e),
	};
	if (!copier->xattrs)
		abort();
	copier->xattrs->trusted = true;	/* every name that a user can write is the file's own */
	cursor_init(&copier->from, from_dirfd);
	cursor_init(&copier->to, to_dirfd);
}

void copier_fini(struct copier *copier)
{
	map_fini(&copier->links);
	free(copier->xattrs);
	cursor_fini(&copier->from);
	cursor_fini(&copier->to);
}

/* As overlayfs does it: user.overlay.x that a program set is user.overlay.overlay.x in the layer. */
static const char *escaped(const struct copier *copier, const char *name, char ret[XATTR_ESCAPED_SIZE])
{
	if (!copier->escape || !str_starts_with(str_from(name), STR(MARK_PREFIX)))
		return name;
	snprintf(ret, XATTR_ESCAPED_SIZE, MARK_PREFIX "overlay.%s", name + strlen(MARK_PREFIX));
	return ret;
}

static int set_xattrs(const struct copier *copier, int fd, const struct file_facts *facts)
{
	char text[XATTR_ESCAPED_SIZE];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < facts->xattr_count; i++) {
		const char *name = escaped(copier, facts->xattrs[i].name, text);

		r = kern_fsetxattr(fd, name, facts->xattrs[i].value.data, facts->xattrs[i].value.len, 0);
		if (r == -EPERM && copier->as_own && str_starts_with(str_from(name), STR("security.")))
			r = 0;
	}
	return r;
}

static int give(const struct copier *copier, int dirfd, const char *name, uid_t uid, gid_t gid, int flags)
{
	int r = kern_fchownat(dirfd, name, uid, gid, flags);

	/* In a user namespace, an id that it does not know is no permission but an invalid number. */
	return (r == -EPERM || r == -EINVAL) && copier->as_own ? 0 : r;
}

static int copy_xattrs(struct copier *copier, int from, int to)
{
	scoped(arena) struct arena arena = ARENA_INIT(XATTRS_BYTES_MAX);
	struct overlay_marks marks;
	struct file_facts facts;
	int r;

	copier->xattrs->arena = &arena;
	r = xattr_read_fd(copier->xattrs, from, &facts, &marks);
	return r < 0 ? r : set_xattrs(copier, to, &facts);
}

/*
 * Owner, xattrs, mode, times: in this order, since each may undo a later one's work or need what it takes
 * away.
 */
static int finish_fd(struct copier *copier, int from, int to, const struct stat *st,
	const struct file_facts *facts)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	uid_t uid = facts ? facts->uid : st->st_uid;
	gid_t gid = facts ? facts->gid : st->st_gid;
	struct stat made;
	int r = kern_fstat(to, &made);

	if (r >= 0 && (made.st_uid != uid || made.st_gid != gid))
		r = give(copier, to, "", uid, gid, AT_EMPTY_PATH);
	if (r >= 0)
		r = facts ? set_xattrs(copier, to, facts) : copy_xattrs(copier, from, to);
	if (r >= 0)
		r = kern_fchmod(to, facts ? facts->mode : st->st_mode & 07777);
	return r < 0 ? r : kern_utimensat(to, "", times, AT_EMPTY_PATH);
}

static int copy_regular(struct copier *copier, int from_dirfd, const char *from, int to_dirfd, const char *to,
	const struct stat *st, const struct file_facts *facts)
{
	scoped(fd) int to_fd = -1;
	scoped(fd) int from_fd = facts_open(from_dirfd, from);
	int r;

	if (from_fd < 0)
		return from_fd;
	to_fd = kern_open_beneath(to_dirfd, to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	r = to_fd < 0 ? to_fd : kern_copy_data(from_fd, to_fd, (uint64_t)st->st_size, copier->progress);
	if (r >= 0)
		r = finish_fd(copier, from_fd, to_fd, st, facts);
	copier->copied_bytes += (uint64_t)st->st_size;
	return r;
}

static int make_special(int from_dirfd, const char *from, int to_dirfd, const char *to, const struct stat *st)
{
	char target[PATH_TEXT_MAX];
	ssize_t len;

	switch (st->st_mode & S_IFMT) {
	case S_IFLNK:
		len = kern_read_link(from_dirfd, from, target, sizeof(target));
		if (len < 0)
			return (int)len;
		return kern_symlinkat(target, to_dirfd, to);
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		return kern_mknodat(to_dirfd, to, st->st_mode, st->st_rdev);
	default:
		return -EOPNOTSUPP;
	}
}

static int copy_special(const struct copier *copier, int from_dirfd, const char *from, int to_dirfd,
	const char *to, const struct stat *st, const struct file_facts *facts)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	uid_t uid = facts ? facts->uid : st->st_uid;
	gid_t gid = facts ? facts->gid : st->st_gid;
	struct stat made;
	int r = make_special(from_dirfd, from, to_dirfd, to, st);

	if (r >= 0)
		r = kern_fstatat(to_dirfd, to, &made, AT_SYMLINK_NOFOLLOW);
	if (r >= 0 && (made.st_uid != uid || made.st_gid != gid))
		r = give(copier, to_dirfd, to, uid, gid, AT_SYMLINK_NOFOLLOW);
	if (r >= 0 && !S_ISLNK(st->st_mode))
		r = kern_chmod_beneath(to_dirfd, to, st->st_mode & 07777);
	return r < 0 ? r : kern_utimensat(to_dirfd, to, times, AT_SYMLINK_NOFOLLOW);
}

/* Returns 1 when the file was linked to a copy that exists, 0 when it has to be copied, or negative errno. */
static int copy_link(struct copier *copier, const struct stat *st, struct str to, int to_dirfd,
	const char *to_name)
{
	const struct link_key key = { .dev = st->st_dev, .ino = st->st_ino };
	struct link_key *kept;
	char *path = map_get(&copier->links, &key, sizeof(key));
	int r;

	if (path) {
		r = kern_linkat(copier->to.base_dirfd, path, to_dirfd, to_name, 0);
		return r < 0 ? r : 1;
	}
	kept = arena_alloc(copier->arena, sizeof(*kept));
	path = arena_copy(copier->arena, to.data, to.len);
	if (!kept || !path)
		return -EMSGSIZE;
	kept->dev = st->st_dev;
	kept->ino = st->st_ino;
	return map_put(&copier->links, kept, sizeof(*kept), path);
}

int copy_node(struct copier *copier, struct str from, struct str to, const struct file_facts *facts)
{
	const char *from_name, *to_name;
	int from_dirfd = cursor_open(&copier->from, from, &from_name), to_dirfd, r;
	struct stat st;

	if (from_dirfd < 0)
		return from_dirfd;
	to_dirfd = cursor_open(&copier->to, to, &to_name);
	if (to_dirfd < 0)
		return to_dirfd;
	r = kern_fstatat(from_dirfd, from_name, &st, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return kern_mkdirat(to_dirfd, to_name, 0700);
	if (st.st_nlink > 1) {
		r = copy_link(copier, &st, to, to_dirfd, to_name);
		if (r)
			return r < 0 ? r : 0;
	}
	if (S_ISREG(st.st_mode))
		return copy_regular(copier, from_dirfd, from_name, to_dirfd, to_name, &st, facts);
	return copy_special(copier, from_dirfd, from_name, to_dirfd, to_name, &st, facts);
}

int copy_finish(struct copier *copier, struct str from, struct str to, const struct file_facts *facts)
{
	const char *from_name, *to_name;
	int from_dirfd = cursor_open(&copier->from, from, &from_name), to_dirfd, r;
	scoped(fd) int from_fd = -1, to_fd = -1;
	struct stat st;

	if (from_dirfd < 0)
		return from_dirfd;
	to_dirfd = cursor_open(&copier->to, to, &to_name);
	if (to_dirfd < 0)
		return to_dirfd;
	r = kern_fstatat(from_dirfd, from_name, &st, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		return r;
	from_fd = facts_open(from_dirfd, from_name);
	if (from_fd < 0)
		return from_fd;
	to_fd = kern_open_beneath(to_dirfd, to_name, O_RDONLY | O_DIRECTORY, 0);
	r = to_fd < 0 ? to_fd : finish_fd(copier, from_fd, to_fd, &st, facts);
	return r;
}

/* A directory whose entries are still to be copied, below both tops. */
struct pending {
	struct pending *next, *before;
	struct str path;		/* relative to the tops; empty: the tops themselves */
};

struct tree_walk {
	struct copier *copier;
	struct str from, to;
	struct pending *first, *last;
	dev_t device;
};

static struct str join(struct arena *arena, struct str top, struct str below)
{
	char *text = below.len ? arena_printf(arena, "%.*s/%.*s", STR_FMT(top), STR_FMT(below)) :
		arena_copy(arena, top.data, top.len);

	return (struct str){ .data = text, .len = text ? strlen(text) : 0 };
}

static int push(struct tree_walk *walk, struct str path)
{
	struct pending *pending = arena_alloc(walk->copier->arena, sizeof(*pending));

	if (!pending)
		return -EMSGSIZE;
	pending->path = path;
	pending->before = walk->last;
	if (walk->last)
		walk->last->next = pending;
	else
		walk->first = pending;
	walk->last = pending;
	return 0;
}

static int copy_entry(struct tree_walk *walk, const struct pending *dir, const char *name, unsigned char type)
{
	struct arena *arena = walk->copier->arena;
	struct str path = dir->path.len ? join(arena, dir->path, str_from(name)) :
		(struct str){ arena_copy(arena, name, strlen(name)), strlen(name) };
	struct str from = join(arena, walk->from, path), to = join(arena, walk->to, path);
	int r;

	if (!path.data || !from.data || !to.data)
		return -EMSGSIZE;
	if (to.len >= PATH_TEXT_MAX || from.len >= PATH_TEXT_MAX)
		return -ENAMETOOLONG;
	r = copy_node(walk->copier, from, to, NULL);
	return r < 0 || type != DT_DIR ? r : push(walk, path);
}

/* The type that stat tells, for file systems that do not put it into the entry. */
static unsigned char entry_type(int dirfd, const struct kern_dir_entry *entry)
{
	struct stat st;

	if (entry->type != DT_UNKNOWN)
		return entry->type;
	if (kern_fstatat(dirfd, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN;
	return S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
}

/* Opens one of the directories to be listed. */
static int open_listed(struct tree_walk *walk, struct str path)
{
	const char *name;
	int dirfd = cursor_open(&walk->copier->from, path, &name), r;
	struct stat st;

	if (dirfd < 0)
		return dirfd;
	r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r >= 0 && !S_ISDIR(st.st_mode))
		r = -ESTALE;
	if (r >= 0 && walk->device && walk->device != st.st_dev)
		r = -EXDEV;
	if (r < 0)
		return r;
	walk->device = st.st_dev;
	return facts_open(dirfd, name);
}

static int copy_directory(struct tree_walk *walk, const struct pending *pending)
{
	struct str from = join(walk->copier->arena, walk->from, pending->path);
	struct kern_dir_entry entry;
	struct kern_dir dir;
	scoped(fd) int fd = -1;
	int r;

	if (!from.data)
		return -EMSGSIZE;
	fd = open_listed(walk, from);
	if (fd < 0)
		return fd;
	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		r = copy_entry(walk, pending, entry.name, entry_type(fd, &entry));
		if (r < 0)
			break;
	}
	return r;
}

int copy_tree(struct copier *copier, struct str from, struct str to)
{
	struct tree_walk walk = { .copier = copier, .from = from, .to = to };
	const char *name;
	int dirfd = cursor_open(&copier->from, from, &name), r;
	struct stat st;

	if (dirfd < 0)
		return dirfd;
	r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r >= 0)
		r = copy_node(copier, from, to, NULL);
	if (r < 0 || !S_ISDIR(st.st_mode))
		return r;
	r = push(&walk, (struct str){ 0 });
	for (const struct pending *dir = walk.first; r >= 0 && dir; dir = dir->next)
		r = copy_directory(&walk, dir);
	for (const struct pending *dir = walk.last; r >= 0 && dir; dir = dir->before) {
		struct str source = join(copier->arena, from, dir->path),
			target = join(copier->arena, to, dir->path);

		r = source.data && target.data ? copy_finish(copier, source, target, NULL) : -EMSGSIZE;
	}
	return r;
}
