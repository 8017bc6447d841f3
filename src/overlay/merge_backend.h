/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge_backend.h - what merging needs of git: merge_git.c through libgit2, or merge_none.c, which says no
 */
#pragma once

#include "overlay/merge.h"

enum {
	MERGE_TEXT_MAX = 16 << 20,	/* bytes of one side */
};

/**
 * merge_backend_open() - get ready
 * @err: "not supported in this build", or what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int merge_backend_open(struct error *err);

/** merge_backend_close() - after merge_backend_open() */
void merge_backend_close(void);

/**
 * merge_backend_ancestor() - a former content of a file, from git's object database
 * @root:   absolute path of a directory that is a repository's work tree
 * @path:   clean, relative to it
 * @digest: SHA-256 of the content that is wanted
 * @ret:    grows; the content
 *
 * HEAD and the index are looked at, at this path only; nothing of the repository's configuration is followed.
 *
 * Errors: -ENOENT git does not have it there; -ENOMEM.
 * Return: 0 or negative errno.
 */
int merge_backend_ancestor(const char *root, const char *path, const struct digest *digest, struct buf *ret);

/**
 * merge_backend_text() - three-way merge
 * @ancestor: what both began with
 * @ours:     the branch's
 * @theirs:   the workspace's
 * @ret:      grows; the merged text
 *
 * Errors: -EEXIST both changed the same lines; -ENOMEM.
 * Return: 0 or negative errno.
 */
int merge_backend_text(struct str ancestor, struct str ours, struct str theirs, struct buf *ret);
