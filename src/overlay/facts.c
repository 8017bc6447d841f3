// SPDX-License-Identifier: Apache-2.0
/*
 * facts.c - everything that a changeset says about one file
 *
 * A small file costs five calls: stat, open, list of attributes, read, stat again. The second stat is what
 * makes the rest true: content, attributes and first stat belong to one state of the file when size, inode
 * and both times have not moved between. Inode change time cannot be set by programs, so this also holds
 * against somebody who puts mtime back.
 */
#include "overlay/facts.h"

#include "base/time.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static int64_t clamp_time(const struct timespec *time)
{
	int64_t ns;

	if (__builtin_mul_overflow(time->tv_sec, (int64_t)NS_PER_SEC, &ns) ||
			__builtin_add_overflow(ns, time->tv_nsec, &ns))
		return time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

enum file_type file_type_from_mode(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FILE_REGULAR;
	case S_IFDIR:
		return FILE_DIRECTORY;
	case S_IFLNK:
		return FILE_SYMLINK;
	case S_IFIFO:
		return FILE_FIFO;
	case S_IFSOCK:
		return FILE_SOCKET;
	case S_IFCHR:
		return FILE_CHAR_DEVICE;
	case S_IFBLK:
		return FILE_BLOCK_DEVICE;
	default:
		return FILE_NONE;
	}
}

void facts_from_stat(const struct stat *st, struct file_facts *ret)
{
	*ret = (struct file_facts){
		.type = file_type_from_mode(st->st_mode),
		.mode = st->st_mode & 07777,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.mtime_ns = clamp_time(&st->st_mtim),
	};
	if (ret->type == FILE_REGULAR)
		ret->size_bytes = (uint64_t)st->st_size;
	if (ret->type == FILE_CHAR_DEVICE || ret->type == FILE_BLOCK_DEVICE)
		ret->device = st->st_rdev;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
			same_time(&a->st_mtim, &b->st_mtim) && same_time(&a->st_ctim, &b->st_ctim);
}

enum {
	OPEN_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY,
	LARGE_BYTES = 64 << 20,		/* a file that is waited for by itself */
};

/* Reading a project is no change to it, not even of its access times. */
int facts_open(int dirfd, const char *name)
{
	int fd = kern_open_beneath(dirfd, name, OPEN_FLAGS | O_NOATIME, 0);

	return fd == -EPERM ? kern_open_beneath(dirfd, name, OPEN_FLAGS, 0) : fd;
}

/* A copy with a mode that shuts us out: open it up for the moment of opening. */
static int open_locked(int dirfd, const char *name, struct file_view *view)
{
	scoped(fd) int path_fd = kern_open_beneath(dirfd, name, O_PATH, 0);
	mode_t mode = view->st.st_mode & 07777;
	char path[32];
	int fd, r;

	if (path_fd < 0)
		return path_fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	r = kern_fchmodat(AT_FDCWD, path, mode | S_IRUSR);
	if (r < 0)
		return r;
	fd = kern_reopen(path_fd, OPEN_FLAGS);
	r = kern_fchmodat(AT_FDCWD, path, mode);
	/* The mode went there and back, and the inode's change time with it. */
	if (r >= 0 && fd >= 0)
		r = kern_fstat(fd, &view->st);
	if (r < 0 && fd >= 0) {
		fd_close(fd);
		return r;
	}
	return fd;
}

static int open_regular(struct facts_reader *reader, int dirfd, const char *name, struct file_view *view)
{
	int fd = facts_open(dirfd, name);

	if (fd == -EACCES && reader->is_ours)
		return open_locked(dirfd, name, view);
	if (fd == -EACCES && !reader->is_branch)
		view->unread = true;
	return fd;
}

static int tell(const struct facts_reader *reader, uint64_t done, uint64_t size_bytes)
{
	if (size_bytes < LARGE_BYTES)
		return progress_tell(reader->progress, FACTS_PROGRESS, reader->names_count, 0);
	return progress_tell(reader->progress, "comparing a large file, MiB", done / PROGRESS_UNIT_BYTES,
		size_bytes / PROGRESS_UNIT_BYTES);
}

static int hash_content(struct facts_reader *reader, int fd, uint64_t size_bytes, struct file_view *view)
{
	uint64_t done = 0;
	struct hash hash;
	int r;

	hash_init(&hash);
	if (reader->looks_at_content)
		content_begin(&reader->scan);
	while (done < size_bytes) {
		ssize_t n = kern_read(fd, reader->chunk, sizeof(reader->chunk));

		if (n < 0)
			return (int)n;
		if (!n)
			return -EAGAIN;		/* it became shorter */
		if (done < FACTS_BINARY_BYTES && memchr(reader->chunk, '\0',
				MIN((size_t)n, (size_t)(FACTS_BINARY_BYTES - done))))
			view->binary = true;
		hash_update(&hash, reader->chunk, (size_t)n);
		if (reader->looks_at_content)
			content_feed(&reader->scan, reader->chunk, (size_t)n);
		done += (uint64_t)n;
		r = tell(reader, done, size_bytes);
		if (r < 0)
			return r;
	}
	view->facts.digest = hash_final(&hash);
	if (reader->looks_at_content)
		view->facts.content = content_end(&reader->scan);
	return done == size_bytes ? 0 : -EAGAIN;
}

/* Blocks alone do not tell: a file system may keep a small file in its inode. */
static int find_holes(int fd, struct file_view *view)
{
	off_t hole;

	if ((uint64_t)view->st.st_blocks * 512 >= (uint64_t)view->st.st_size)
		return 0;
	hole = kern_lseek(fd, 0, SEEK_HOLE);
	if (hole == -EINVAL)
		return 0;	/* this file system does not say */
	if (hole < 0)
		return (int)hole;
	view->sparse = hole < view->st.st_size;
	return 0;
}

/* Content and attributes of an open file whose state was view->st, and still is when this is done. */
static int read_open(struct facts_reader *reader, int fd, struct file_view *view)
{
	const struct stat before = view->st;
	int r;

	if (reader->is_branch) {
		if ((uint64_t)before.st_size > reader->bytes_left)
			return -EFBIG;
		reader->bytes_left -= (uint64_t)before.st_size;
	}
	r = xattr_read_fd(&reader->xattr, fd, &view->facts, &view->marks);
	if (r >= 0)
		r = hash_content(reader, fd, (uint64_t)before.st_size, view);
	if (r >= 0)
		r = find_holes(fd, view);
	if (r >= 0)
		r = kern_fstat(fd, &view->st);
	if (r < 0)
		return r;
	return same_state(&before, &view->st) ? 0 : -EAGAIN;
}

/* Another file that was put under the name meanwhile shows in read_open(), by its inode. */
static int read_regular(struct facts_reader *reader, int dirfd, const char *name, struct file_view *view)
{
	scoped(fd) int fd = open_regular(reader, dirfd, name, view);

	if (fd < 0)
		return view->unread ? 0 : fd;
	return read_open(reader, fd, view);
}

static int read_symlink(struct facts_reader *reader, int dirfd, const char *name, struct file_view *view)
{
	ssize_t len = kern_read_link(dirfd, name, reader->chunk, sizeof(reader->chunk));
	const char *target;

	if (len < 0)
		return (int)len;
	target = arena_copy(reader->xattr.arena, reader->chunk, (size_t)len);
	if (!target)
		return -EMSGSIZE;
	view->facts.target = (struct str){ target, (size_t)len };
	view->facts.size_bytes = (size_t)len;
	view->facts.digest = hash_bytes(target, (size_t)len);
	return xattr_read_at(&reader->xattr, dirfd, name, &view->facts, &view->marks);
}

/* A directory of the base that shuts us out keeps its attributes to itself. */
static int read_special(struct facts_reader *reader, int dirfd, const char *name, struct file_view *view)
{
	int r = xattr_read_at(&reader->xattr, dirfd, name, &view->facts, &view->marks);

	if (r != -EACCES || reader->is_branch)
		return r;
	view->unread = true;
	return 0;
}

static int read_once(struct facts_reader *reader, int dirfd, const char *name, struct file_view *ret)
{
	int r;

	*ret = (struct file_view){ 0 };
	r = kern_fstatat(dirfd, name, &ret->st, AT_SYMLINK_NOFOLLOW);
	if (r < 0)
		return r;
	facts_from_stat(&ret->st, &ret->facts);
	switch (ret->facts.type) {
	case FILE_REGULAR:
		return read_regular(reader, dirfd, name, ret);
	case FILE_SYMLINK:
		return read_symlink(reader, dirfd, name, ret);
	case FILE_DIRECTORY:
	case FILE_FIFO:
	case FILE_SOCKET:
	case FILE_CHAR_DEVICE:
	case FILE_BLOCK_DEVICE:
		return read_special(reader, dirfd, name, ret);
	case FILE_NONE:
		break;
	}
	return -EIO;
}

int facts_read(struct facts_reader *reader, int dirfd, const char *name, struct file_view *ret)
{
	int r = -EAGAIN;

	/* ELOOP, ENODATA and ERANGE are what a file answers that was another one a moment ago. */
	for (int i = 0; i < FACTS_TRIES; i++) {
		uint64_t bytes_left = reader->bytes_left;

		r = read_once(reader, dirfd, name, ret);
		if (r != -EAGAIN && r != -ELOOP && r != -ENODATA && r != -ERANGE && r != -EINVAL &&
				r != -ENXIO)
			return r;
		reader->bytes_left = bytes_left;
	}
	return r == -ELOOP || r == -ENODATA || r == -ERANGE ? -EAGAIN : r;
}

int facts_read_listed(struct facts_reader *reader, int dirfd, const char *name, struct file_view *ret)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, name, OPEN_FLAGS | O_NOATIME, 0);
	uint64_t bytes_left = reader->bytes_left;
	int r = fd;

	assert(reader->is_branch);
	*ret = (struct file_view){ 0 };
	if (r >= 0)
		r = kern_fstat(fd, &ret->st);
	if (r >= 0 && S_ISREG(ret->st.st_mode)) {
		facts_from_stat(&ret->st, &ret->facts);
		r = read_open(reader, fd, ret);
		if (r >= 0 || r == -EFBIG || r == -ECANCELED)
			return r;
	}
	reader->bytes_left = bytes_left;
	return facts_read(reader, dirfd, name, ret);
}

bool facts_is_whiteout(const struct file_view *view, bool parent_has_whiteouts)
{
	if (view->facts.type == FILE_CHAR_DEVICE)
		return view->facts.device == 0;
	return parent_has_whiteouts && view->marks.whiteout && view->facts.type == FILE_REGULAR &&
			!view->facts.size_bytes;
}

/* ---- comparing ---- */

static bool same_xattr(const struct xattr *a, const struct xattr *b)
{
	return a && b ? str_eq(a->value, b->value) : a == b;
}

/* Flags for the attributes of @a that @b has not, or otherwise. */
static unsigned compare_xattrs(const struct file_facts *a, const struct file_facts *b)
{
	unsigned flags = 0;

	for (size_t i = 0; i < a->xattr_count; i++) {
		const char *name = a->xattrs[i].name;

		if (same_xattr(&a->xattrs[i], xattr_find(b, name)))
			continue;
		flags |= CHANGE_XATTRS;
		if (xattr_is_acl(name))
			flags |= CHANGE_ACL;
	}
	return flags;
}

unsigned facts_compare_xattrs(const struct file_facts *old_facts, const struct file_facts *new_facts)
{
	const struct xattr *capability = xattr_find(new_facts, "security.capability");
	unsigned flags = compare_xattrs(old_facts, new_facts) | compare_xattrs(new_facts, old_facts);

	if (capability && !same_xattr(capability, xattr_find(old_facts, "security.capability")))
		flags |= CHANGE_CAPABILITY;
	return flags;
}

/* @a is the base's; what could not be read counts as different. */
static bool same_content(const struct file_view *a, const struct file_view *b)
{
	if (a->unread && a->facts.type == FILE_REGULAR)
		return false;
	return a->facts.size_bytes == b->facts.size_bytes && a->facts.device == b->facts.device &&
			digest_eq(&a->facts.digest, &b->facts.digest);
}

static bool same_metadata(const struct file_view *a, const struct file_view *b)
{
	return a->facts.mode == b->facts.mode && a->facts.uid == b->facts.uid &&
		a->facts.gid == b->facts.gid &&
		(a->facts.type != FILE_REGULAR || same_time(&a->st.st_mtim, &b->st.st_mtim));
}

enum change_kind facts_compare(const struct file_view *old_view, const struct file_view *new_view,
		unsigned *ret_flags)
{
	enum file_type old_type = old_view->facts.type, new_type = new_view->facts.type;
	unsigned flags = 0;

	if (old_view->binary || new_view->binary)
		flags |= CHANGE_BINARY;
	if (new_view->sparse)
		flags |= CHANGE_SPARSE;
	if (old_view->unread)
		flags |= CHANGE_UNREAD;
	if (new_type)
		flags |= facts_compare_xattrs(&old_view->facts, &new_view->facts);
	if (old_type == FILE_DIRECTORY && new_type != FILE_DIRECTORY)
		flags |= CHANGE_TREE;
	*ret_flags = flags;
	if (!old_type || !new_type)
		return new_type ? CHANGE_ADDED : old_type ? CHANGE_DELETED : CHANGE_INVALID;
	if (old_type != new_type)
		return CHANGE_TYPE;
	if (!same_content(old_view, new_view))
		return CHANGE_MODIFIED;
	if (!same_metadata(old_view, new_view) || (flags & CHANGE_XATTRS))
		return CHANGE_METADATA;
	return CHANGE_INVALID;
}
