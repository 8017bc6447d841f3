/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_internal.h - parts of the interpreter
 */
#pragma once

#include "jail/apply.h"

/*
 * The view while it is built: one tmpfs holds the new root and, out of the agent's sight, what covers and
 * hides.
 */
struct jail_view {
	const struct jail_plan *plan;
	int root_fd;			/* of the new root */
	int stage_fd;			/* directory beside it */
	int mask_file_fd, mask_dir_fd;	/* mounts that nobody can open, to be cloned */
};

/**
 * jail_idmap_open() - a user namespace that maps one owner on disk to the agent
 * @uid_on_disk: becomes @uid
 * @gid_on_disk: becomes @gid
 * @uid:         of the agent, as this process's user namespace counts
 * @gid:         likewise
 * @err:         may be NULL
 *
 * The two ids change places; all others that this namespace knows stay as they are.
 *
 * Return: the namespace's descriptor or negative errno.
 */
int jail_idmap_open(uid_t uid_on_disk, gid_t gid_on_disk, uid_t uid, gid_t gid, struct error *err);

/**
 * jail_overlay_new() - the overlay of one step
 * @view:    being built
 * @index:   of the step; names its place on the stage
 * @sources: opened
 * @err:     may be NULL
 *
 * Return: a detached mount or negative errno.
 */
int jail_overlay_new(const struct jail_view *view, size_t index, const struct jail_sources *sources,
	struct error *err);

/** jail_mount_attr() - MOUNT_ATTR_* that a step's flags ask for; zero flags are the closed ones */
uint64_t jail_mount_attr(const struct jail_step *step);
