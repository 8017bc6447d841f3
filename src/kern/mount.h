/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mount.h - file systems and mounts as descriptors
 *
 * Everything goes through the new mount API: a mount is made detached, gets its attributes while nobody can
 * see it, and is then moved to its place, which is a descriptor too. So no path is resolved twice, and a
 * mount is never visible with the wrong attributes.
 *
 * Source: fsopen(2), fsconfig(2), fsmount(2), open_tree(2), move_mount(2), mount_setattr(2) of the Linux
 * manual pages
 */
#pragma once

#include "base/error.h"
#include "kern/kern.h"

#include <linux/mount.h>
#include <stdbool.h>

/* One "key=value" of a file system's options; a NULL value is a flag. */
struct kern_mount_option {
	const char *key;
	const char *value;
};

/**
 * kern_mount_new() - a new instance of a file system
 * @type:    "tmpfs", "proc", "devpts", "overlay"
 * @options: @count options
 * @count:   options
 * @attr:    MOUNT_ATTR_* of the mount
 * @err:     says what the kernel said, with the text that the file system itself left
 *
 * Return: the detached mount's descriptor, or negative errno.
 */
int kern_mount_new(const char *type, const struct kern_mount_option *options, size_t count, unsigned attr,
	struct error *err);

/**
 * kern_mount_clone() - a bind mount of what a descriptor names, with everything mounted below it
 * @fd: a file or directory, O_PATH will do
 *
 * Return: the detached mount's descriptor, or negative errno from the kernel.
 */
int kern_mount_clone(int fd);

/**
 * kern_mount_set() - add MOUNT_ATTR_* to a mount and, if @all, to what lies below it; Return: 0 or negative
 * errno
 */
int kern_mount_set(int fd, uint64_t attr, bool all);

/**
 * kern_mount_idmap() - translate owners on a detached mount
 * @fd:        detached, not yet idmapped
 * @userns_fd: a user namespace whose map says: first id on disk, second id as seen
 *
 * Errors: -EINVAL the file system cannot; -EPERM no right over the file system.
 * Return: 0 or negative errno.
 */
int kern_mount_idmap(int fd, int userns_fd);

/** kern_mount_attach() - put a detached mount onto what @target_fd names; Return: 0 or negative errno */
int kern_mount_attach(int fd, int target_fd);

/**
 * kern_mount_enter_root() - make a mounted directory the root of this mount namespace, and let the old one go
 * @fd: root of an attached mount; neither it nor what it is attached to may lie directly on the old root
 *
 * The working directory is the new root afterwards.
 *
 * Errors: -EBUSY something still lies on top of the new root, and ".." would lead there.
 * Source: pivot_root(2), NOTES, "pivot_root(".", ".")"
 * Return: 0 or negative errno.
 */
int kern_mount_enter_root(int fd);
