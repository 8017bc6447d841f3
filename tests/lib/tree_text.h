/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_text.h - a directory tree as text, so that two of them can be compared byte for byte
 *
 * One line per entry, sorted by path: type, mode, owner, mtime in nanoseconds, number of names, size, SHA-256
 * or target, xattrs with their values (trusted.* and the machine's own labels left out). What a mode shuts
 * its owner out from is not looked into, so that root reads what the owner reads.
 */
#pragma once

#include "base/buf.h"

enum tree_text_flags {
	TREE_TEXT_ALL = 0,
	/* without the number of names, which an overlay does not show as it will be */
	TREE_TEXT_NO_LINKS = 1 << 0,
	TREE_TEXT_NO_DIR_TIMES = 1 << 1,	/* without mtimes of directories */
};

/**
 * tree_text() - describe a tree
 * @buf:   grows; the test fails where it is too small
 * @path:  the directory, which is described too, as "."
 * @flags: enum tree_text_flags
 *
 * Return: the text, owned by @buf.
 */
const char *tree_text(struct buf *buf, const char *path, unsigned flags);

/** tree_text_first_difference() - the first line that differs, of both texts; "" where they are equal */
const char *tree_text_first_difference(const char *a, const char *b);
