/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h - a directory of the base as one thing: how many entries, and which
 *
 * Deleting a directory deletes what is in it, and judging that needs no line per file. What is below is bound
 * by a digest over names and stat data instead, so that the committer can tell whether it is still the same
 * tree.
 */
#pragma once

#include "overlay/facts.h"

enum {
	TREE_TRIES = 3,			/* before a tree that keeps changing is given up */
};

struct tree_summary {
	uint64_t entry_count;		/* the directory itself not counted */
	uint64_t bytes;			/* of its regular files */
	struct digest digest;		/* see tree_summarize() */
	int64_t newest_ns;		/* latest inode change time in it, the directory itself included */
	bool unread;			/* something in it may not be listed by this user */
};

/*
 * Called for each regular file below the directory. @path is relative to the root and good until the visit
 * ends; @st is the file's. Return: 0 to go on, or negative errno.
 */
typedef int tree_visit_fn(void *context, int dirfd, const char *name, struct str path, const struct stat *st);

/**
 * tree_summarize() - walk a directory without following or opening anything but directories
 * @root_dirfd:  the root of the base
 * @path:        the directory, clean and relative to the root
 * @visit:       may be NULL
 * @context:     for @visit
 * @ret:         what is there
 *
 * The digest is SHA-256 over, for each directory: its path below @path ("." first) and a NUL; then for each
 * of its entries, by name in bytewise order: name, NUL, and in decimal separated by spaces type and mode as
 * in st_mode, owner, group, size (0 unless it is a regular file), modification time in seconds and
 * nanoseconds (0 for directories), NUL. Directories come in the order in which they were met, the latest
 * first.
 *
 * Errors: -ENOENT, -ENOTDIR no directory there; -EAGAIN it changed meanwhile, try again; -ENAMETOOLONG a path
 * over PATH_TEXT_MAX; others from the kernel or @visit.
 * Return: 0 or negative errno.
 */
int tree_summarize(int root_dirfd, const char *path, tree_visit_fn *visit, void *context,
	struct tree_summary *ret);
