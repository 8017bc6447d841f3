// SPDX-License-Identifier: Apache-2.0
/*
 * gather.c - what an overlay's upper layer would hold, from a copy that somebody worked in
 *
 * The list of names is gone through once, a directory before what lies in it. A name that is gone from a
 * directory that is there becomes a whiteout; a file that changed is copied; a directory that changed is
 * copied without what is in it, and searched for names that are not in the list, which are copied with
 * everything below them. What lies in a directory that is gone, or is none any more, needs no word of its
 * own.
 *
 * The layer is made as upper.new and renamed when it is complete; whatever an attempt before left is thrown
 * away.
 *
 * Marks of overlayfs (user.overlay.*) that the agent set are escaped as overlayfs would have done it, so that
 * they are what the program meant and no word of the kernel's.
 */
#include "overlay/workcopy_names.h"

#include "base/fd.h"
#include "base/map.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

#define UPPER_NEW "upper.new"

enum {
	OWNER_DIR = 0700,
	OWNER_READ = 0400,
};

/* A directory of the layer, to be finished at the end; or one that was opened up for its owner. */
struct made_dir {
	struct made_dir *before;
	struct str path;
	mode_t mode;			/* that it has to have */
};

/* A new name whose tree is still to be copied. */
struct waiting {
	struct waiting *next;
	struct str path;
};

struct gather {
	struct arena *arena;
	struct error *err;
	int tree_fd, upper_fd;
	struct copier copier;
	int64_t since_ns;
	struct str list;		/* behind the head */
	struct map names;
	struct map dirs;		/* paths that the layer has */
	struct made_dir *last;
	struct waiting *waiting;
	struct kern_dir dir;
};

static int fail(struct gather *gather, int code, const char *path)
{
	if (gather->err && gather->err->code)
		return code;
	return error_sys(gather->err, code, "cannot gather '%s' from the copy", quote_cstr(path).text);
}

static bool is_gone(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP;
}

/* ---- the list of names ---- */

bool workcopy_head_read(struct str *list, int64_t *ret_since_ns)
{
	struct str time = { NULL, WORKCOPY_TIME_DIGITS };
	uint64_t since_ns;

	if (list->len < WORKCOPY_HEAD_LEN || !str_starts_with(*list, STR(WORKCOPY_HEAD)) ||
			list->data[WORKCOPY_HEAD_LEN - 1] != '\n')
		return false;
	/* Filled up with zeros in front. */
	for (time.data = list->data + strlen(WORKCOPY_HEAD); time.len > 1 && *time.data == '0'; time.len--)
		time.data++;
	if (str_to_u64(time, INT64_MAX, &since_ns) < 0)
		return false;
	*ret_since_ns = (int64_t)since_ns;
	*list = (struct str){ list->data + WORKCOPY_HEAD_LEN, list->len - WORKCOPY_HEAD_LEN };
	return true;
}

bool workcopy_name_next(struct str *list, struct workcopy_name *ret)
{
	const char *end = memchr(list->data, 0, list->len);
	struct str record, number, hex;

	if (!end)
		return false;
	record = (struct str){ list->data, (size_t)(end - list->data) };
	list->len -= record.len + 1;
	list->data = end + 1;
	if (!str_cut(record, ' ', &number, &ret->path))
		return false;
	ret->has_digest = str_cut(number, ':', &number, &hex);
	if (ret->has_digest && digest_from_hex(hex, &ret->digest) < 0)
		return false;
	return str_to_u64(number, UINT64_MAX, &ret->inode) >= 0 && path_is_clean(ret->path) &&
		ret->path.data[0] != '/';
}

/* ---- modes that shut their owner out ---- */

/* Returns the mode that the file has, after making sure that it can be read. */
static int open_up(struct gather *gather, struct str path, const struct stat *st)
{
	mode_t needed = S_ISDIR(st->st_mode) ? OWNER_DIR : OWNER_READ;
	const char *name;
	int dirfd;

	if ((!S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode)) || (st->st_mode & needed) == needed)
		return 0;
	dirfd = cursor_open(&gather->copier.from, path, &name);
	return dirfd < 0 ? dirfd : kern_chmod_beneath(dirfd, name, (st->st_mode & 07777) | needed);
}

static int set_mode(struct cursor *cursor, struct str path, mode_t mode)
{
	const char *name;
	int dirfd = cursor_open(cursor, path, &name);

	return dirfd < 0 ? dirfd : kern_chmod_beneath(dirfd, name, mode & 07777);
}

/* ---- the layer ---- */

static int look(struct cursor *cursor, struct str path, struct stat *ret)
{
	const char *name;
	int dirfd = cursor_open(cursor, path, &name);

	return dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, ret, AT_SYMLINK_NOFOLLOW);
}

static int make_dir(struct gather *gather, struct str path)
{
	struct made_dir *dir = arena_alloc(gather->arena, sizeof(*dir));
	const char *name;
	struct stat st;
	int dirfd, r = dir ? look(&gather->copier.from, path, &st) : -EMSGSIZE;

	if (r >= 0)
		r = open_up(gather, path, &st);
	if (r < 0)
		return r;
	*dir = (struct made_dir){ .before = gather->last, .path = path, .mode = st.st_mode };
	r = map_put(&gather->dirs, path.data, path.len, dir);
	if (r < 0)
		return r;
	gather->last = dir;
	if (str_eq(path, STR(".")))
		return 0;
	dirfd = cursor_open(&gather->copier.to, path, &name);
	return dirfd < 0 ? dirfd : kern_mkdirat(dirfd, name, OWNER_DIR);
}

/* The directory @path and what it lies in, as far as the layer has them not yet: from the top down. */
static int need_dir(struct gather *gather, struct str path)
{
	size_t len = 0;

	while (len < path.len && !map_get(&gather->dirs, path.data, path.len)) {
		struct str part;
		char *copy;
		int r;

		len += 1 + strcspn(path.data + len + 1, "/");
		part = (struct str){ path.data, MIN(len, path.len) };
		if (map_get(&gather->dirs, part.data, part.len))
			continue;
		copy = arena_copy(gather->arena, part.data, part.len);
		r = copy ? make_dir(gather, (struct str){ copy, part.len }) : -EMSGSIZE;
		if (r < 0)
			return r;
	}
	return 0;
}

static int need_parent(struct gather *gather, struct str path)
{
	struct str parent = path_parent(path);

	return parent.len && !str_eq(parent, STR(".")) ? need_dir(gather, parent) : 0;
}

static int add_whiteout(struct gather *gather, struct str path)
{
	const char *name;
	int r = need_parent(gather, path), dirfd;

	if (r < 0)
		return r;
	dirfd = cursor_open(&gather->copier.to, path, &name);
	return dirfd < 0 ? dirfd : kern_mknodat(dirfd, name, S_IFCHR, 0);
}

/* A file of any type but a directory. */
static int add_file(struct gather *gather, struct str path, const struct stat *st)
{
	bool shut = S_ISREG(st->st_mode) && !(st->st_mode & OWNER_READ);
	int r = need_parent(gather, path);

	if (r >= 0)
		r = open_up(gather, path, st);
	if (r >= 0)
		r = copy_node(&gather->copier, path, path, NULL);
	if (r >= 0 && shut)
		r = set_mode(&gather->copier.to, path, st->st_mode);
	if (r >= 0 && shut)
		r = set_mode(&gather->copier.from, path, st->st_mode);
	return r;
}

/* ---- names that are new ---- */

static int wait_for(struct gather *gather, struct str directory, const char *name)
{
	struct waiting *waiting = arena_alloc(gather->arena, sizeof(*waiting));
	const char *path = str_eq(directory, STR(".")) ? arena_copy(gather->arena, name, strlen(name)) :
		arena_printf(gather->arena, "%s/%s", directory.data, name);

	if (!waiting || !path)
		return -EMSGSIZE;
	if (strlen(path) >= PATH_TEXT_MAX)
		return -ENAMETOOLONG;
	if (map_get(&gather->names, path, strlen(path)))
		return 0;
	*waiting = (struct waiting){ .path = str_from(path), .next = gather->waiting };
	gather->waiting = waiting;
	return 0;
}

/* Names in a directory that are not in the list wait to be copied. */
static int find_new(struct gather *gather, struct str path)
{
	scoped(fd) int fd = kern_open_beneath(gather->tree_fd, path.data, O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir_entry entry;
	int r = fd;

	kern_dir_init(&gather->dir, fd);
	while (r >= 0 && (r = kern_dir_next(&gather->dir, &entry)) > 0)
		r = wait_for(gather, path, entry.name);
	return r;
}

static int add_any(struct gather *gather, struct str path, const struct stat *st)
{
	int r;

	if (!S_ISDIR(st->st_mode))
		return add_file(gather, path, st);
	r = need_parent(gather, path);
	if (r >= 0)
		r = need_dir(gather, path);
	return r < 0 ? r : find_new(gather, path);
}

static int add_waiting(struct gather *gather)
{
	while (gather->waiting) {
		struct str path = gather->waiting->path;
		struct stat st;
		int r;

		gather->waiting = gather->waiting->next;
		r = look(&gather->copier.from, path, &st);
		if (r >= 0)
			r = add_any(gather, path, &st);
		if (r < 0)
			return fail(gather, r, path.data);
	}
	return 0;
}

/* ---- names that were there ---- */

/* Where times do not tell: whether a file has another content than the copy had when it was made. */
static int compare_content(int dirfd, const char *name, const struct workcopy_name *record)
{
	struct digest digest;
	int r = workcopy_digest(dirfd, name, &digest);

	return r < 0 ? r : !digest_eq(&digest, &record->digest);
}

static bool is_changed(const struct gather *gather, const struct stat *st, uint64_t inode)
{
	return st->st_ino != inode ||
		(int64_t)st->st_ctim.tv_sec * (int64_t)NS_PER_SEC + st->st_ctim.tv_nsec >= gather->since_ns;
}

static int compare_name(struct gather *gather, const struct workcopy_name *record)
{
	const char *name;
	struct stat st;
	int r, dirfd = cursor_open(&gather->copier.from, record->path, &name);

	if (is_gone(dirfd))
		return 0;	/* with what it lay in */
	if (dirfd < 0)
		return dirfd;
	r = kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT)
		return add_whiteout(gather, record->path);
	if (r < 0)
		return r;
	if (is_changed(gather, &st, record->inode))
		return add_any(gather, record->path, &st);
	r = record->has_digest ? compare_content(dirfd, name, record) : 0;
	return r > 0 ? add_any(gather, record->path, &st) : r;
}

static int compare_names(struct gather *gather)
{
	struct str rest = gather->list;

	while (rest.len) {
		struct workcopy_name record;
		int r = workcopy_name_next(&rest, &record) ? compare_name(gather, &record) : -EBADMSG;

		if (r < 0)
			return fail(gather, r, r == -EBADMSG ? WORKCOPY_NAMES : record.path.data);
	}
	return 0;
}

static int index_names(struct gather *gather)
{
	struct str rest = gather->list;

	while (rest.len) {
		struct workcopy_name record;
		int r = workcopy_name_next(&rest, &record) ? 0 : -EBADMSG;

		if (r >= 0)
			r = map_put(&gather->names, record.path.data, record.path.len, gather);
		if (r < 0)
			return fail(gather, r, WORKCOPY_NAMES);
	}
	return 0;
}

/* ---- the end ---- */

/* Those inside first; the copy gets back the modes that it had, for whoever has to begin anew. */
static int finish_dirs(struct gather *gather)
{
	for (struct made_dir *dir = gather->last; dir; dir = dir->before) {
		int r = copy_finish(&gather->copier, dir->path, dir->path, NULL);
		bool shut = (dir->mode & OWNER_DIR) != OWNER_DIR;

		if (r >= 0 && shut)
			r = set_mode(&gather->copier.to, dir->path, dir->mode);
		if (r >= 0 && shut)
			r = set_mode(&gather->copier.from, dir->path, dir->mode);
		if (r < 0)
			return fail(gather, r, dir->path.data);
	}
	return 0;
}

static int gather_all(struct gather *gather)
{
	int r = index_names(gather);

	if (r >= 0)
		r = make_dir(gather, STR("."));
	if (r < 0)
		return fail(gather, r, ".");
	r = compare_names(gather);
	if (r >= 0)
		r = add_waiting(gather);
	return r < 0 ? r : finish_dirs(gather);
}

static int gather_tree(struct arena *arena, int tree_fd, int upper_fd, struct str text, struct error *err)
{
	struct gather *gather = calloc(1, sizeof(*gather));
	uint64_t seed[2];
	int r = 0;

	if (!gather)
		abort();
	kern_random(seed, sizeof(seed));
	*gather = (struct gather){
		.arena = arena, .err = err, .tree_fd = tree_fd, .upper_fd = upper_fd,
		.list = text,
		.names = MAP_INIT(WORKCOPY_NAMES_MAX, seed[0], seed[1]),
		.dirs = MAP_INIT(WORKCOPY_NAMES_MAX, seed[0], seed[1]),
	};
	if (!workcopy_head_read(&gather->list, &gather->since_ns))
		r = fail(gather, -EBADMSG, WORKCOPY_NAMES);
	if (r >= 0) {
		copier_init(&gather->copier, arena, tree_fd, upper_fd);
		gather->copier.as_own = gather->copier.escape = true;
		r = gather_all(gather);
		copier_fini(&gather->copier);
	}
	map_fini(&gather->names);
	map_fini(&gather->dirs);
	free(gather);
	return r;
}

/* The one directory below copy/. */
static int open_tree(int storage_dirfd)
{
	scoped(fd) int top = kern_open_beneath(storage_dirfd, "copy", O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir *dir = calloc(1, sizeof(*dir));
	struct kern_dir_entry entry;
	int r = top;

	if (!dir)
		abort();
	kern_dir_init(dir, top);
	if (r >= 0)
		r = kern_dir_next(dir, &entry);
	if (r > 0)
		r = kern_open_beneath(top, entry.name, O_RDONLY | O_DIRECTORY, 0);
	else if (!r)
		r = -ENOENT;
	free(dir);
	return r;
}

/* Return: 1 there is a copy and no layer, 0 not so, or negative errno where that cannot be told. */
static int look_for_copy(int storage_dirfd)
{
	struct stat st;
	int r = kern_fstatat(storage_dirfd, "upper", &st, AT_SYMLINK_NOFOLLOW);

	if (r != -ENOENT)
		return r;
	r = kern_fstatat(storage_dirfd, "copy", &st, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}

bool workcopy_is_ungathered(int storage_dirfd)
{
	return look_for_copy(storage_dirfd) != 0;
}

/* @names_fd is locked; below 0: the copy was never complete. */
static int gather_locked(struct arena *arena, int storage_dirfd, int names_fd, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(WORKCOPY_LIST_BYTES_MAX);
	scoped(fd) int tree_fd = -1, upper_fd = -1;
	int r = kern_remove_tree(storage_dirfd, UPPER_NEW);

	if (r >= 0)
		r = kern_mkdirat(storage_dirfd, UPPER_NEW, OWNER_DIR);
	if (r >= 0)
		r = upper_fd = kern_open_beneath(storage_dirfd, UPPER_NEW, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0 && names_fd >= 0)
		r = kern_read_all(names_fd, &text);
	if (r >= 0 && names_fd >= 0)
		r = tree_fd = open_tree(storage_dirfd);
	if (r < 0)
		return error_sys(err, r, "cannot gather what changed in the copy");
	if (names_fd >= 0)
		r = gather_tree(arena, tree_fd, upper_fd, (struct str){ text.data, text.len }, err);
	if (r < 0)
		return r;
	r = kern_renameat2(storage_dirfd, UPPER_NEW, storage_dirfd, "upper", RENAME_NOREPLACE);
	return r < 0 ? error_sys(err, r, "cannot keep what changed in the copy") : 0;
}

int workcopy_gather(struct arena *arena, int storage_dirfd, struct error *err)
{
	scoped(fd) int names_fd = kern_open_beneath(storage_dirfd, WORKCOPY_NAMES, O_RDONLY, 0);
	int r = names_fd == -ENOENT ? 0 : MIN(names_fd, 0);

	if (r >= 0 && names_fd >= 0)
		r = kern_flock(names_fd, LOCK_EX);
	if (r < 0)
		return error_sys(err, r, "cannot open the list of what was copied");
	r = look_for_copy(storage_dirfd);
	if (r < 0)
		return error_sys(err, r, "cannot look for what was copied");
	return r ? gather_locked(arena, storage_dirfd, names_fd, err) : 0;
}
