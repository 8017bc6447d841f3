/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - the control groups of a session, as its directory remembers them
 *
 * They are the launcher's to remove. The file `cgroups` in the session directory says where they are, so that
 * nothing is left of a launcher or supervisor that was killed.
 */
#pragma once

#include "base/error.h"
#include "jail/plan.h"
#include "session/session.h"

#define RUN_GROUPS_FILE "cgroups"	/* in the session directory: one absolute path a line */

/**
 * run_groups_expect() - remember where groups may be in a moment; called before a launcher begins
 * @session: of the supervisor
 * @plan:    of the sandbox
 * @err:     what failed
 *
 * Return: 0 or negative errno.
 */
int run_groups_expect(const struct session *session, const struct jail_plan *plan, struct error *err);

/**
 * run_groups_keep() - remember where the groups of a sandbox are
 * @session: of the supervisor
 * @pid:     PID 1 of the sandbox, as our pid namespace counts
 * @err:     what failed
 *
 * Return: 0 (also where there is no group) or negative errno.
 */
int run_groups_keep(const struct session *session, pid_t pid, struct error *err);

/**
 * run_groups_remove() - remove what is left of the groups, and forget them
 * @session: open, its sandbox ended
 *
 * Errors: -EBUSY a process of the sandbox still lives: they are remembered on.
 * Return: 0 (also where none is left) or negative errno.
 */
int run_groups_remove(const struct session *session);
