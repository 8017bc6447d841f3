/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockdown.h - take away what is not needed any more: from init, and so from everything in the sandbox; at
 * the level "landlock", where init stays outside, from each command before it is executed
 */
#pragma once

#include "jail/plan.h"

/** jail_lockdown_network() - loopback up, which needs no plan; Return: 0 or negative errno */
int jail_lockdown_network(struct error *err);

/** jail_lockdown_name() - the plan's host name; Return: 0 or negative errno */
int jail_lockdown_name(const struct jail_plan *plan, struct error *err);

/**
 * jail_lockdown() - own keyring, no capability, no_new_privs, not dumpable, Landlock, seccomp
 * @plan:         its rules and preset
 * @fds:          as in jail_landlock_restrict()
 * @pin_affinity: as in jail_seccomp_restrict()
 * @ret_abi:      Landlock's version
 * @err:          may be NULL
 *
 * The order matters: each step needs what a later one takes away.
 *
 * Return: 0 or negative errno.
 */
int jail_lockdown(const struct jail_plan *plan, const int fds[3], bool pin_affinity, int *ret_abi,
	struct error *err);
