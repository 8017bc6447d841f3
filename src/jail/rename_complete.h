/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename_complete.h - finish a rename that the kernel cannot do in a branch
 */
#pragma once

#include "jail/messages.h"

/**
 * jail_rename_complete() - do one rename(2) of another task, with this process's rights
 * @rename: the call
 * @starts: directories that its two paths start at; not looked at for absolute ones
 *
 * Tries the call itself first. When the kernel answers EXDEV although both directories lie in one mount (the
 * source is a directory of an overlay's lower layer), the tree is linked together anew beside its new name,
 * renamed into place, and removed from its old one. A failure before that rename leaves nothing behind; what
 * others have put under the old name meanwhile stays there.
 *
 * Runs in a process of its own: it may take as long as the tree is large. One at a time: the caller sees to
 * it.
 *
 * Source: rename(2); Linux Documentation/filesystems/overlayfs.rst, "renaming directories"
 * Return: 0 or negative errno as the kernel would answer; -EXDEV where it cannot be done, which programs know
 * how to handle; JAIL_RENAME_CONTINUE where the source is no directory.
 */
int jail_rename_complete(const struct jail_rename *rename, const int starts[2]);
