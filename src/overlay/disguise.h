/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disguise.h - what makes a file of the branch differ from the same file in the workspace
 *
 * In the upper directory files carry the overlay's own xattrs, and where root runs an agent they belong to
 * the agent's unprivileged id. Entering the workspace takes that off, leaving it puts it on again as far as
 * it means something: opacity and owner. Both are idempotent, so that recovery may repeat them. Where more
 * would be needed (an xattr that the overlay stores under an escaped name, an ACL that names the agent's id)
 * the file is copied instead.
 *
 * Source: Linux Documentation/filesystems/overlayfs.rst; fs/overlayfs/xattrs.c
 */
#pragma once

#include "overlay/inspect.h"

/**
 * disguise_take_off() - make a file of the branch one of the workspace
 * @dirfd: its directory
 * @name:  one component
 * @mark:  its mark; nothing is done where its fix is 0
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int disguise_take_off(int dirfd, const char *name, const struct file_mark *mark);

/** disguise_put_on() - the opposite; Return: 0 or negative errno */
int disguise_put_on(int dirfd, const char *name, const struct file_mark *mark);
