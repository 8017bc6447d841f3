// SPDX-License-Identifier: Apache-2.0
/*
 * opened.c - what shuts its owner out of a branch is opened for a moment, and written down before
 *
 * Lines are in the order of opening, so what a directory holds stands behind it, and everything is put back
 * from the last line to the first. A run that is cut off in that has therefore put back all that lies in what
 * it cannot enter any more. A line that was cut off is the last one, and its mode was never changed.
 */
#include "overlay/opened.h"

#include "base/path.h"
#include "json/json.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "overlay/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>

enum {
	RECORD_BYTES_MAX = 1 << 30,
	LINE_BYTES_MAX = 1 << 16,
	LINE_ARENA_BYTES = 1 << 18,
	LOCK_TRIES = 300,
	LOCK_STEP_NS = 100 * 1000 * 1000,
};

bool opened_is_needed(void)
{
	return kern_geteuid() != 0;
}

int opened_record(int storage_dirfd)
{
	return kern_open_beneath(storage_dirfd, OPENED_NAME, O_RDWR | O_APPEND | O_CREAT, 0600);
}

/* ---- putting back ---- */

int opened_line_read(struct arena *arena, struct str line, struct str *ret_path, mode_t *ret_mode)
{
	const struct json *value, *path;
	int64_t mode;
	int r = json_read(arena, line, JSON_READ_STRICT, &value, NULL);

	if (r < 0)
		return -EBADMSG;
	path = json_get(value, "path");
	mode = json_get_int(value, "mode", -1);
	if (mode < 0 || mode > 07777 || !path || json_to_bytes(arena, path, ret_path) < 0 ||
			!path_is_clean(*ret_path) || ret_path->data[0] == '/' ||
			memchr(ret_path->data, 0, ret_path->len))
		return -EBADMSG;
	*ret_mode = (mode_t)mode;
	return 0;
}

static int put_back(struct cursor *cursor, struct str line)
{
	scoped(arena) struct arena arena = ARENA_INIT(LINE_ARENA_BYTES);
	const char *name;
	struct str path;
	struct stat st;
	mode_t mode;
	int r = opened_line_read(&arena, line, &path, &mode), dirfd;

	if (r < 0)
		return r;
	dirfd = cursor_open(cursor, path, &name);
	r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	/* It is gone, or an earlier run put back all of this directory and then the directory. */
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EACCES)
		return 0;
	if (r < 0 || (st.st_mode & 07777) != mode_opened(st.st_mode, mode))
		return r;
	return kern_chmod_beneath(dirfd, name, mode);
}

bool opened_cut_line(struct str *text, struct str *ret)
{
	size_t at;

	while (text->len && text->data[text->len - 1] != '\n')
		text->len--;
	if (!text->len)
		return false;
	for (at = text->len - 1; at && text->data[at - 1] != '\n';)
		at--;
	*ret = (struct str){ text->data + at, text->len - 1 - at };
	text->len = at;
	return true;
}

/* Stops at the first failure: what it lies in has to stay open for another try. */
static int put_all_back(const struct opened *opened)
{
	scoped(buf) struct buf record = BUF_INIT(RECORD_BYTES_MAX);
	struct cursor cursor;
	struct str text, line;
	off_t start = kern_lseek(opened->record_fd, 0, SEEK_SET);
	int r = start < 0 ? (int)start : kern_read_all(opened->record_fd, &record);

	if (r < 0 || !record.len)
		return r;
	text = (struct str){ record.data, record.len };
	cursor_init(&cursor, opened->upper_dirfd);
	while (r >= 0 && opened_cut_line(&text, &line))
		r = put_back(&cursor, line);
	cursor_fini(&cursor);
	return r < 0 ? r : kern_ftruncate(opened->record_fd, 0);
}

/* ---- looking ---- */

static int take_lock(int fd)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_NS };
	int r = -EWOULDBLOCK;

	for (int i = 0; i < LOCK_TRIES && r == -EWOULDBLOCK; i++) {
		r = kern_flock(fd, LOCK_EX | LOCK_NB);
		if (r == -EWOULDBLOCK)
			(void)kern_nanosleep(&step);
	}
	return r == -EWOULDBLOCK ? -EBUSY : r;
}

static int end_after(struct opened *opened, int r)
{
	(void)kern_flock(opened->record_fd, LOCK_UN);
	*opened = (struct opened)OPENED_NONE;
	return r;
}

int opened_begin(struct opened *opened, int record_fd, int upper_dirfd)
{
	int r = take_lock(record_fd);

	*opened = (struct opened)OPENED_NONE;
	if (r < 0)
		return r;
	*opened = (struct opened){ .record_fd = record_fd, .upper_dirfd = upper_dirfd };
	r = put_all_back(opened);
	return r < 0 ? end_after(opened, r) : 0;
}

int opened_line_write(struct buf *buf, struct str path, mode_t mode)
{
	scoped(arena) struct arena arena = ARENA_INIT(LINE_ARENA_BYTES);
	struct json_object_builder object;
	const struct json *value;
	int r;

	json_object_begin(&object, &arena);
	json_object_add_int(&object, "mode", mode);
	json_object_add(&object, "path", json_new_bytes(&arena, path));
	value = json_object_end(&object);
	r = value ? json_write(buf, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;
	return r < 0 ? r : buf_append_char(buf, '\n');
}

static int write_line(struct opened *opened, struct str path, mode_t mode)
{
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);
	int r = opened_line_write(&line, path, mode);

	return r < 0 ? r : kern_write_all(opened->record_fd, line.data, line.len);
}

int opened_add(struct opened *opened, struct str path)
{
	struct cursor cursor;
	const char *name;
	struct stat st;
	mode_t mode;
	int dirfd, r;

	if (opened->record_fd < 0)
		return -EACCES;
	cursor_init(&cursor, opened->upper_dirfd);
	dirfd = cursor_open(&cursor, path, &name);
	r = dirfd < 0 ? dirfd : kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW);
	mode = r < 0 ? 0 : st.st_mode & 07777;
	if (r >= 0 && mode_opened(st.st_mode, mode) != mode) {
		r = write_line(opened, path, mode);
		opened->count += r >= 0;
		if (r >= 0)
			r = kern_chmod_beneath(dirfd, name, mode_opened(st.st_mode, mode));
	}
	cursor_fini(&cursor);
	return r;
}

int opened_end(struct opened *opened)
{
	int r = opened->record_fd >= 0 && opened->count ? put_all_back(opened) : 0;

	if (r < 0)
		return r;
	return opened->record_fd < 0 ? 0 : end_after(opened, 0);
}

int opened_settle(int storage_dirfd)
{
	scoped(fd) int record_fd = -1, upper_dirfd = -1;
	struct opened opened;
	int r;

	if (!opened_is_needed())
		return 0;
	upper_dirfd = kern_open_beneath(storage_dirfd, "upper", O_PATH | O_DIRECTORY, 0);
	record_fd = kern_open_beneath(storage_dirfd, OPENED_NAME, O_RDWR | O_APPEND, 0);
	/* A branch that was committed is nobody's any more, and was shut before. */
	if (upper_dirfd == -ENOENT || record_fd == -ENOENT)
		return 0;
	if (upper_dirfd < 0 || record_fd < 0)
		return MIN(upper_dirfd, record_fd);
	r = opened_begin(&opened, record_fd, upper_dirfd);
	return r < 0 ? r : opened_end(&opened);
}
