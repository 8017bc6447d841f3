/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launcher.h - what the launcher hands to init, which is its clone
 */
#pragma once

#include "jail/apply.h"
#include "jail/limits.h"

struct launcher {
	struct arena arena;
	struct jail_plan plan;
	uid_t uid;			/* our own, before anything was cloned */
	gid_t gid;
	/* opened by the launcher where the agent is foreign, and handed over; else by init */
	struct jail_sources sources;
	struct jail_limiter limiter;
	int control_fd;
};

/**
 * launcher_read_plan() - take over the plan
 * @launcher: its arena and plan
 * @plan_fd:  the supervisor's memfd; borrowed, and its position, which all who have it share, is not used
 * @err:      what is wrong with it
 *
 * Launcher and init both read it, at the same time, and each checks what it will apply.
 *
 * Return: 0 or negative errno.
 */
int launcher_read_plan(struct launcher *launcher, int plan_fd, struct error *err);

/** launcher_is_alone() - the plan's level has no namespaces */
bool launcher_is_alone(const struct launcher *launcher);

/** launcher_is_foreign() - the plan's agent has other ids than this process had: root started it */
bool launcher_is_foreign(const struct launcher *launcher);

/**
 * launcher_hint_userns() - why a user namespace is refused on this very host, the remedy, and the way round
 * it
 * @code: negative errno of the refusal
 * @err:  gets the hint
 */
void launcher_hint_userns(int code, struct error *err);

/**
 * probe_run() - be the prober instead: `cordon-launcher probe UID GID OUTER USER STATE STORAGE WORKSPACE`
 * @argc: of main()
 * @argv: of main(); what the words mean stands in struct jail_probe_inputs
 *
 * The facts go into the file that descriptor JAIL_FD_FACTS is.
 *
 * Return: the exit code.
 */
int probe_run(int argc, char **argv);

/**
 * init_run() - be PID 1: build the sandbox, run the command, serve the supervisor, end with the command
 * @launcher:       without a plan
 * @orders_fd:      by which the plan comes, see orders.h
 * @has_namespaces: cloned into them
 */
_Noreturn void init_run(struct launcher *launcher, int orders_fd, bool has_namespaces);
