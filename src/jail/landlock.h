/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock.h - the plan's access rules as a Landlock domain
 *
 * At the level "namespaces", the mounts already show nothing but what is allowed; Landlock says it a second
 * time, to another part of the kernel, and covers what mounts cannot: a descriptor that leads outside, TCP
 * ports, abstract sockets, signals. At the level "landlock" it alone says it.
 *
 * Source: landlock(7), Linux Documentation/userspace-api/landlock.rst
 */
#pragma once

#include "jail/plan.h"
#include "kern/landlock.h"

enum {
	JAIL_LANDLOCK_ABI_MIN = KERN_LANDLOCK_ABI_REFER,
	/* Where nothing else does, it has to keep signals in; the level "landlock" */
	JAIL_LANDLOCK_ABI_ALONE = KERN_LANDLOCK_ABI_SCOPE,
	JAIL_LANDLOCK_ABI_KNOWN = 7,
};

/**
 * jail_landlock_restrict() - confine this process and all that it will start
 * @plan: its rules, seen from the root of this process
 * @fds:  descriptors 0..2 that come from outside; regular files among them stay reachable, with the access
 *        that the descriptor has, as /dev/stdin and so on; -1: none
 * @err:  may be NULL
 *
 * Uses every right that the kernel knows, up to JAIL_LANDLOCK_ABI_KNOWN. no_new_privs must be set.
 *
 * Errors: -EOPNOTSUPP no Landlock, or one that is too old.
 * Return: the version used, or negative errno.
 */
int jail_landlock_restrict(const struct jail_plan *plan, const int fds[3], struct error *err);
