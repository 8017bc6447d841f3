/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - from a request to a jail plan: where product and jail meet
 *
 * The jail knows paths and numbers, the configuration knows wishes; this file turns one into the other,
 * resolving each path that a person wrote to where it really is, once, before anything starts. With `preview`
 * nothing is created, so that `--print-plan` leaves no trace.
 */
#pragma once

#include "jail/plan_build.h"
#include "run/request.h"
#include "run/toolchains.h"
#include "session/session.h"

#include <errno.h>

#define RUN_SCRATCH "scratch"		/* in the session directory: what /tmp and /run are, at the level "landlock" */

struct run_plan_inputs {
	const struct run_request *request;
	/* id, path and ids are set; workspace, roots and profile are filled in here */
	struct session *session;
	enum jail_stdio stdio[3];
	char *const *environment;	/* of the user, ends in NULL */
	bool preview;			/* nothing is created */
	/* sets variables, which the configuration may set anew; may be NULL */
	const struct agent *agent;
	struct run_toolchains *ret_toolchains;	/* what the plan offers of the home; may be NULL */
};

/**
 * run_identity() - who runs cordon and who the agent will be
 * @session: its four ids are set
 * @err:     says why there can be no agent
 *
 * Errors: -EPERM cordon was installed setuid; -ERANGE this user namespace does not know the agent's ids,
 * which are set all the same.
 * Return: 0 or negative errno.
 */
int run_identity(struct session *session, struct error *err);

/**
 * run_plan_is_refusal() - whether a failed plan is the fault of what was asked for, rather than of the system
 */
static inline bool run_plan_is_refusal(int r)
{
	return r == -EINVAL || r == -EEXIST || r == -ELOOP || r == -EACCES || r == -E2BIG || r == -ENOENT ||
		r == -ENOTDIR;
}

/**
 * run_identity_inside() - who the agent is in its sandbox; @session's ids are set; Return: without name, home
 * and groups
 */
struct jail_identity run_identity_inside(const struct session *session);

/** run_plan_private_home() - the host's directory that is the agent's home; NULL where it is none */
const char *run_plan_private_home(const struct jail_plan *plan);

/**
 * run_plan_build() - the plan, checked
 * @arena:  owns the plan
 * @inputs: what is wanted
 * @ret:    a plan that jail_plan_check() accepted
 * @err:    says which path or setting stands in the way
 *
 * Creates the branches' storage and the agent's private home, unless it is a preview.
 *
 * Errors: -ENOENT a path to write does not exist; -EINVAL, -EACCES, -EEXIST from the checker; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int run_plan_build(struct arena *arena, const struct run_plan_inputs *inputs, struct jail_plan *ret,
	struct error *err);
