/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - how far something is that takes long, for the terminals of the session
 */
#pragma once

#include "roles/supervisor/supervisor.h"

enum {
	CANCELLED_EXIT = 130,		/* as a shell has it for a program that SIGINT ended */
};

/**
 * supervisor_show_progress() - from here on, tell the agent's terminals how far the session's work is
 * @s:     before its program was started, or after it has ended
 * @shows: false: not any more
 *
 * What is told that way is given up when who asked for the session wants no more of it: has left, before
 * the program was started, and said so, after it has ended. Removing must not be told that way.
 */
void supervisor_show_progress(struct supervisor *s, bool shows);
