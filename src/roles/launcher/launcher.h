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

/** init_run() - be PID 1: build the sandbox, run the command, serve the supervisor, end with the command */
_Noreturn void init_run(struct launcher *launcher);
