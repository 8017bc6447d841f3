/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.h - the parent directory of a path, opened once for all the paths in it
 *
 * Paths come sorted, so neighbours mostly share their parent: the cursor keeps the one that it opened last.
 * Everything is opened beneath the base directory without following a link. Between two visits to a path its
 * directory may be moved or replaced by somebody else; cursor_verify() tells, and callers ask it after they
 * have worked in a directory.
 */
#pragma once

#include "base/path.h"

struct cursor {
	int base_dirfd;			/* borrowed */
	int fd;				/* owned, O_PATH; -1: none */
	size_t len;			/* of @path */
	char path[PATH_TEXT_MAX];	/* of the open directory, relative to the base */
};

/** cursor_init() - nothing open yet; @base_dirfd is borrowed */
void cursor_init(struct cursor *cursor, int base_dirfd);

/** cursor_fini() - close what is open; legal on one that holds nothing */
void cursor_fini(struct cursor *cursor);

/**
 * cursor_open() - the directory that holds a path
 * @cursor:   remembers it
 * @path:     clean, relative, NUL-terminated; for "." the base itself is meant, named "."
 * @ret_name: the last component; points into @path
 *
 * Errors: -ENOENT, -ENOTDIR, -ELOOP, -EXDEV as kern_open_beneath().
 * Return: a borrowed descriptor (O_PATH), or negative errno.
 */
int cursor_open(struct cursor *cursor, struct str path, const char **ret_name);

/** cursor_is_at() - whether cursor_open() of @path would need no system call */
bool cursor_is_at(const struct cursor *cursor, struct str path);

/**
 * cursor_verify() - whether the open directory is still the one that its path names
 * @cursor: with or without an open directory
 *
 * Errors: -ESTALE it was moved or replaced.
 * Return: 0 or negative errno.
 */
int cursor_verify(struct cursor *cursor);
