/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.h - files in a test's own directory, by their paths below it
 *
 * Each test runs in a process of its own, so one arena serves all and is never freed.
 */
#pragma once

#include "kern/dir.h"
#include "kern/file.h"
#include "lib/test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(64 << 20);

/* The absolute path. */
static inline const char *at(const char *path)
{
	const char *full = arena_printf(&arena, "%s/%s", test_dir(), path);

	CHECK(full);
	return full;
}

static inline const char *put_dir(const char *path)
{
	CHECK_INT(kern_mkdir_all(at(path)), 0);
	return at(path);
}

static inline const char *put_parent(const char *path)
{
	struct str parent = path_parent(str_from(path));

	put_dir(arena_copy(&arena, parent.data, parent.len));
	return at(path);
}

static inline void put_bytes(const char *path, struct str bytes)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, put_parent(path), O_WRONLY | O_CREAT | O_TRUNC, 0700);

	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, bytes.data, bytes.len), 0);
}

static inline void put(const char *path, const char *text)
{
	put_bytes(path, str_from(text));
}

static inline void put_link(const char *path, const char *target)
{
	CHECK_INT(symlink(target, put_parent(path)), 0);
}

static inline void put_fifo(const char *path)
{
	CHECK_INT(mkfifo(put_parent(path), 0600), 0);
}

/* What stands in a file; NULL: there is none, or it is no regular file. */
static inline const char *content(const char *path)
{
	struct buf text = BUF_INIT(4 << 20);
	const char *copy = NULL;
	struct stat st;

	if (!lstat(at(path), &st) && S_ISREG(st.st_mode) && !kern_read_file(AT_FDCWD, at(path), &text))
		copy = arena_copy(&arena, buf_text(&text), text.len);
	buf_fini(&text);
	return copy;
}

static inline void remove_all(const char *path)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);

	CHECK_INT(kern_remove_tree(fd, path), 0);
}

static inline bool is_there(const char *path)
{
	struct stat st;

	return !lstat(at(path), &st);
}
