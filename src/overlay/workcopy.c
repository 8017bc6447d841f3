// SPDX-License-Identifier: Apache-2.0
/*
 * workcopy.c - copy a tree to work in
 *
 * Breadth first, as copy_tree() does it, but forgiving: what this user may not read is left out, and so is
 * what lies on another file system. Directories are finished in the opposite order, so that no mode locks us
 * out and no time moves again. The list of names is written beside it and gets its name when everything is
 * there.
 */
#include "overlay/workcopy_names.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FLUSH_BYTES = 1 << 16,
};

#define NAMES_NEW "names.new"

struct pending {
	struct pending *next, *before;
	struct str path;
};

struct maker {
	const struct workcopy *copy;
	struct arena *arena;
	struct copier copier;
	struct pending *first, *last;
	dev_t device;
	int tree_fd, names_fd;
	bool with_digests;
	struct buf names;
	struct workcopy_result result;
	struct progress in_file;	/* calls told_of_file() */
	struct kern_dir dir;
	struct error *err;
};

static int fail(struct maker *maker, int code, const char *what, const char *path)
{
	return error_sys(maker->err, code, "cannot %s '%s'", what, quote_cstr(path).text);
}

/* ---- the list ---- */

static int flush(struct maker *maker)
{
	int r = kern_write_all(maker->names_fd, maker->names.data, maker->names.len);

	buf_clear(&maker->names);
	return r;
}

/* @digest: NULL where there is none */
static int note(struct maker *maker, const struct stat *st, const struct digest *digest, const char *path)
{
	char hex[DIGEST_HEX_SIZE] = "";
	int r;

	if (digest)
		digest_to_hex(digest, hex);
	r = buf_printf(&maker->names, "%ju%s%s %s", (uintmax_t)st->st_ino, digest ? ":" : "", hex, path);
	if (r >= 0)
		r = buf_append_char(&maker->names, '\0');
	return r < 0 || maker->names.len < FLUSH_BYTES ? r : flush(maker);
}

static int note_copy(struct maker *maker, int dirfd, const char *name, const struct stat *st,
	const char *path)
{
	struct digest digest;
	int r;

	if (!maker->with_digests || !S_ISREG(st->st_mode))
		return note(maker, st, NULL, path);
	r = workcopy_digest(dirfd, name, &digest);
	/* Nobody can map what its owner may not open, without changing its mode and so its time. */
	return r < 0 && r != -EACCES ? r : note(maker, st, r < 0 ? NULL : &digest, path);
}

static int64_t ctime_of(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * (int64_t)NS_PER_SEC + st->st_ctim.tv_nsec;
}

/*
 * File systems take the time from a clock that moves a few hundred times a second: wait until it has moved,
 * so that nothing which is changed from now on looks as old as the copy.
 */
static int next_tick(int fd, int64_t *ret)
{
	const struct timespec now[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct stat st;
	int64_t first = -1;

	for (;;) {
		int r = kern_utimensat(fd, "", now, AT_EMPTY_PATH);

		if (r >= 0)
			r = kern_fstat(fd, &st);
		if (r < 0)
			return r;
		if (first >= 0 && ctime_of(&st) > first)
			break;
		if (first < 0)
			first = ctime_of(&st);
	}
	*ret = ctime_of(&st);
	return 0;
}

static int close_list(struct maker *maker)
{
	char head[WORKCOPY_HEAD_LEN + 1];
	int64_t time_ns;
	ssize_t n;
	int r = flush(maker);

	if (r >= 0)
		r = next_tick(maker->names_fd, &time_ns);
	if (r < 0)
		return r;
	snprintf(head, sizeof(head), WORKCOPY_HEAD "%0*lld\n", WORKCOPY_TIME_DIGITS, (long long)time_ns);
	n = kern_pwrite(maker->names_fd, head, WORKCOPY_HEAD_LEN, 0);
	if (n != WORKCOPY_HEAD_LEN)
		return n < 0 ? (int)n : -EIO;
	return kern_renameat2(maker->copy->storage_dirfd, NAMES_NEW, maker->copy->storage_dirfd,
		WORKCOPY_NAMES, 0);
}

static int open_list(struct maker *maker)
{
	static const char blank[WORKCOPY_HEAD_LEN];

	maker->names_fd = kern_open_beneath(maker->copy->storage_dirfd, NAMES_NEW,
		O_RDWR | O_CREAT | O_EXCL, 0600);
	if (maker->names_fd < 0)
		return maker->names_fd;
	return kern_write_all(maker->names_fd, blank, sizeof(blank));
}

/* ---- one entry ---- */

static bool is_excluded(const struct maker *maker, const char *path)
{
	for (size_t i = 0; i < maker->copy->excluded_count; i++)
		if (path_is_beneath(str_from(path), str_from(maker->copy->excluded[i])))
			return true;
	return false;
}

/* @bytes: of the file that is being copied, so far. */
static int tell(const struct maker *maker, uint64_t bytes)
{
	const struct workcopy *copy = maker->copy;
	uint64_t done = maker->result.byte_count + bytes;

	if (!copy->total_bytes)
		return progress_tell(copy->progress, "copying files", maker->result.entry_count, 0);
	/* The total counts blocks, and holes are no work: more than all of it is all of it. */
	return progress_tell(copy->progress, "copying, MiB",
		MIN(done, copy->total_bytes) / PROGRESS_UNIT_BYTES, copy->total_bytes / PROGRESS_UNIT_BYTES);
}

static int told_of_file(void *data, UNUSED const char *what, uint64_t done, UNUSED uint64_t total)
{
	return tell(data, done);
}

/* What this user cannot read or make, or has vanished meanwhile, is not worth the session. */
static bool is_passed_over(int code, const struct stat *st)
{
	return code == -EACCES || code == -ENOENT || code == -ENXIO || code == -EOPNOTSUPP ||
		(code == -EPERM && (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)));
}

static int leave_out(struct maker *maker, struct str path)
{
	if (!maker->result.left_out_count++) {
		maker->result.left_out = arena_copy(maker->arena, path.data, path.len);
		return maker->result.left_out ? 0 : -EMSGSIZE;
	}
	return 0;
}

static int push(struct maker *maker, struct str path)
{
	struct pending *pending = arena_alloc(maker->arena, sizeof(*pending));
	char *text = arena_copy(maker->arena, path.data, path.len);

	if (!pending || !text)
		return -EMSGSIZE;
	*pending = (struct pending){ .path = { text, path.len }, .before = maker->last };
	if (maker->last)
		maker->last->next = pending;
	else
		maker->first = pending;
	maker->last = pending;
	return 0;
}

static int copy_entry(struct maker *maker, int dirfd, const char *name, struct str path)
{
	const char *to_name;
	struct stat st, made;
	int to_dirfd, r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = copy_node(&maker->copier, path, path, NULL);
	to_dirfd = cursor_open(&maker->copier.to, path, &to_name);
	if (r < 0 && is_passed_over(r, &st)) {
		/* What there is of it is half a file. */
		(void)kern_unlinkat(to_dirfd, to_name, 0);
		return leave_out(maker, path);
	}
	if (r >= 0)
		r = to_dirfd < 0 ? to_dirfd : kern_fstatat(to_dirfd, to_name, &made, AT_SYMLINK_NOFOLLOW);
	if (r >= 0)
		r = note_copy(maker, to_dirfd, to_name, &made, path.data);
	if (r < 0)
		return fail(maker, r, "copy", path.data);
	maker->result.entry_count++;
	if (S_ISREG(st.st_mode))
		maker->result.byte_count += (uint64_t)st.st_size;
	r = tell(maker, 0);
	return r >= 0 && S_ISDIR(made.st_mode) && st.st_dev == maker->device ? push(maker, path) : r;
}

/* ---- the tree ---- */

static int copy_listed(struct maker *maker, const struct pending *pending, int fd)
{
	bool top = !strcmp(pending->path.data, ".");
	struct kern_dir_entry entry;
	char path[PATH_TEXT_MAX];
	int r;

	kern_dir_init(&maker->dir, fd);
	while ((r = kern_dir_next(&maker->dir, &entry)) > 0) {
		int len = top ? snprintf(path, sizeof(path), "%s", entry.name) :
				snprintf(path, sizeof(path), "%s/%s", pending->path.data, entry.name);

		if ((size_t)len >= sizeof(path))
			return fail(maker, -ENAMETOOLONG, "copy", entry.name);
		if (is_excluded(maker, path))
			continue;
		r = copy_entry(maker, fd, entry.name, (struct str){ path, (size_t)len });
		if (r < 0)
			return r;
	}
	return r < 0 ? fail(maker, r, "list", pending->path.data) : 0;
}

static int copy_directory(struct maker *maker, const struct pending *pending)
{
	scoped(fd) int fd = kern_open_beneath(maker->copy->root_dirfd, pending->path.data,
		O_RDONLY | O_DIRECTORY, 0);

	if (fd == -EACCES || fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return leave_out(maker, pending->path);
	return fd < 0 ? fail(maker, fd, "open", pending->path.data) : copy_listed(maker, pending, fd);
}

/*
 * A directory that may not be read, or is gone by now, is finished as it was made: closed to everybody else.
 */
static int finish(struct maker *maker)
{
	for (const struct pending *dir = maker->last; dir; dir = dir->before) {
		int r = copy_finish(&maker->copier, dir->path, dir->path, NULL);

		if (r < 0 && r != -EACCES && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
			return fail(maker, r, "finish the copy of", dir->path.data);
	}
	return 0;
}

static int copy_all(struct maker *maker)
{
	struct stat st;
	int r = kern_fstat(maker->copy->root_dirfd, &st);

	maker->device = st.st_dev;
	if (r >= 0)
		r = kern_fstat(maker->tree_fd, &st);
	if (r >= 0)
		r = note(maker, &st, NULL, ".");
	if (r >= 0)
		r = push(maker, STR("."));
	if (r < 0)
		return fail(maker, r, "copy", ".");
	for (const struct pending *dir = maker->first; r >= 0 && dir; dir = dir->next)
		r = copy_directory(maker, dir);
	return r < 0 ? r : finish(maker);
}

static int make_tree(struct maker *maker)
{
	scoped(fd) int top = -1;
	int r = kern_mkdirat(maker->copy->storage_dirfd, "copy", 0700);

	if (r >= 0)
		r = top = kern_open_beneath(maker->copy->storage_dirfd, "copy", O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = kern_mkdirat(top, maker->copy->name, 0700);
	if (r >= 0)
		r = maker->tree_fd = kern_open_beneath(top, maker->copy->name, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = open_list(maker);
	if (r >= 0)
		maker->with_digests = workcopy_needs_digests(maker->tree_fd);
	return r < 0 ? fail(maker, r, "make a copy of", maker->copy->name) : 0;
}

int workcopy_make(struct arena *arena, const struct workcopy *copy, struct workcopy_result *ret,
	struct error *err)
{
	struct maker *maker = calloc(1, sizeof(*maker));
	int r;

	if (!maker)
		abort();
	*maker = (struct maker){ .copy = copy, .arena = arena, .tree_fd = -1, .names_fd = -1, .err = err,
		.names = BUF_INIT(FLUSH_BYTES + PATH_TEXT_MAX + 128) };
	r = make_tree(maker);
	if (r >= 0) {
		copier_init(&maker->copier, arena, copy->root_dirfd, maker->tree_fd);
		maker->copier.as_own = true;
		maker->in_file = (struct progress){ told_of_file, maker };
		maker->copier.progress = &maker->in_file;
		r = copy_all(maker);
		copier_fini(&maker->copier);
	}
	if (r >= 0) {
		r = close_list(maker);
		if (r < 0)
			(void)fail(maker, r, "note what was copied of", copy->name);
	}
	if (r >= 0)
		*ret = maker->result;
	buf_fini(&maker->names);
	fd_close(maker->tree_fd);
	fd_close(maker->names_fd);
	free(maker);
	return MIN(r, 0);
}
