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
	struct jail_sources sources;	/* opened by the launcher when @foreign, else by init */
	bool foreign;			/* the agent has other ids than this process: root started it */
	struct jail_limiter limiter;
	/* init reads one byte from it when the launcher has done its part; end: it died */
	int go_fd;
	int control_fd;
};

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

/** init_run() - be PID 1: build the sandbox, run the command, serve the supervisor, end with the command */
_Noreturn void init_run(struct launcher *launcher);
