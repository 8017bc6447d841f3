/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - who the agent is to the kernel
 *
 * The sandbox's user namespace knows one user and one group, and they have the same numbers inside and
 * outside. So an ordinary user needs no range of subordinate ids and no helper with setuid, and a file that
 * the agent makes has the owner that a person expects.
 *
 * Source: user_namespaces(7)
 */
#pragma once

#include "jail/plan.h"

/** jail_identity_outer_uid() - the user that the agent is outside of its user namespace */
static inline uid_t jail_identity_outer_uid(const struct jail_identity *identity)
{
	return identity->is_container_root ? 0 : identity->uid;
}

/** jail_identity_outer_gid() - the group, likewise */
static inline gid_t jail_identity_outer_gid(const struct jail_identity *identity)
{
	return identity->is_container_root ? 0 : identity->gid;
}

/**
 * jail_identity_is_contained() - whether root, here, is somebody else outside of this user namespace
 *
 * Root of a container that an ordinary user started has that user's rights over the host, and over file
 * systems that the host made; it cannot make idmapped mounts of these either. A namespace in which root stays
 * root, as seen from around it, does not count, though it may lie in one that does.
 *
 * Source: user_namespaces(7), "User and group ID mappings"
 * Return: true where user 0 and group 0 have other numbers outside.
 */
bool jail_identity_is_contained(void);

/**
 * jail_identity_is_known() - whether this user namespace knows the ids
 * @identity: its ids outside count
 *
 * The first user namespace knows all. One of a container may know its root alone; then there is nobody else
 * that root's agents could be.
 *
 * Source: user_namespaces(7), "User and group ID mappings"
 * Return: whether both have a line in /proc/self/uid_map and gid_map; true where these cannot be read.
 */
bool jail_identity_is_known(const struct jail_identity *identity);

/**
 * jail_identity_map() - write the maps of a new user namespace
 * @proc_dir: "/proc/self" or "/proc/PID" of a process in it
 * @identity: the only ids
 * @err:      may be NULL
 *
 * A process may map itself to its own ids; other ids need CAP_SETUID and CAP_SETGID in the namespace around
 * it.
 *
 * Return: 0 or negative errno.
 */
int jail_identity_map(const char *proc_dir, const struct jail_identity *identity, struct error *err);

/**
 * jail_identity_groups() - the groups of this process beside @gid
 * @gid:       that need not be listed
 * @arena:     owns the list
 * @ret:       of *@ret_count groups
 * @ret_count: at most JAIL_GROUPS_MAX
 *
 * Errors: -ENOMEM the arena is full; others from the kernel.
 * Return: 0 or negative errno.
 */
int jail_identity_groups(gid_t gid, struct arena *arena, const gid_t **ret, size_t *ret_count);

/**
 * jail_identity_check_groups() - that this process is in no group that the plan does not know of
 * @identity: of the plan
 * @err:      names the group
 *
 * Return: 0 or negative errno.
 */
int jail_identity_check_groups(const struct jail_identity *identity, struct error *err);

/**
 * jail_identity_become() - take on the identity, keeping the capabilities of the user namespace
 * @identity: mapped
 * @err:      may be NULL
 *
 * From here on, no change of ids and no exec can add a capability: the securebits say so and are locked.
 *
 * Return: 0 or negative errno.
 */
int jail_identity_become(const struct jail_identity *identity, struct error *err);

/**
 * jail_identity_drop() - no capability is left in any set, nor can one come back; Return: 0 or negative errno
 */
int jail_identity_drop(struct error *err);

/**
 * jail_identity_drop_own() - the same for a process that has no right over its bounding set, which
 * no_new_privs makes worthless; Return: 0 or negative errno
 */
int jail_identity_drop_own(struct error *err);
