/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.h - modes, owners, mtimes and xattrs of directories that stay where they are
 *
 * A directory that shuts its owner out is opened up before the swaps in it, and gets what the journal says
 * after them. Everything is set to an absolute value, so that doing it twice is doing it once.
 */
#pragma once

#include "overlay/cursor.h"
#include "overlay/journal.h"

typedef int settle_fn(struct cursor *base, const struct step *step, bool forward);

/**
 * settle_open_up() - let the owner write in a directory, where its mode does not
 * @base:    cursor in the step's root
 * @step:    a STEP_DIRECTORY
 * @forward: not looked at
 *
 * Errors: -ENOENT, -ENOTDIR, -ELOOP, -ESTALE it is not the directory of the journal any more; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int settle_open_up(struct cursor *base, const struct step *step, bool forward);

/**
 * settle_directory() - owner, xattrs, mode and mtime as the journal says
 * @base:    cursor in the step's root
 * @step:    a STEP_DIRECTORY
 * @forward: whether its "in" is meant, or its "out"
 *
 * Errors: as settle_open_up().
 * Return: 0 or negative errno.
 */
int settle_directory(struct cursor *base, const struct step *step, bool forward);

/**
 * settle_branch() - the same directory in the branch, which files come from and go back to
 * @tree: cursor in the branch's tree
 * @path: of the directory
 * @mode: that it has in the branch
 * @open: whether to let the owner write in it; otherwise its mode is put back
 *
 * Errors: from the kernel.
 * Return: 0 (also where the branch does not have it) or negative errno.
 */
int settle_branch(struct cursor *tree, struct str path, mode_t mode, bool open);

/**
 * settle_mode() - the mode of a directory or file that may have been widened
 * @dirfd: its directory
 * @name:  one component
 * @mark:  what it should be
 *
 * Does nothing where the name is another file by now.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int settle_mode(int dirfd, const char *name, const struct file_mark *mark);
