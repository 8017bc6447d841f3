// SPDX-License-Identifier: Apache-2.0
/*
 * sweep.c - end every process of a sandbox that has no pid namespace
 *
 * A program may fork faster than it is killed. So everything is stopped first, which leaves the stopped ones
 * in the way of a limit on processes, then killed; and again, until waitid(2) says that there is no child.
 * What is signalled is named by a pidfd and compared with what was listed, so that a number that was given
 * out anew hits nobody else.
 */
#include "jail/sweep.h"

#include "base/time.h"
#include "jail/limits.h"
#include "kern/kern.h"

enum {
	STOP_ROUNDS = 3,
	PAUSE_FIRST_NS = 500000,
	PAUSE_MAX_NS = 20000000,
};

/* Returns whether a child is left. */
static bool reap(void)
{
	for (;;) {
		siginfo_t info = { 0 };
		int r = kern_waitid(P_ALL, 0, &info, WEXITED | WNOHANG);

		if (r < 0)
			return false;
		if (!info.si_pid)
			return true;
	}
}

void jail_sweep(void)
{
	struct timespec pause = { .tv_nsec = PAUSE_FIRST_NS };

	while (reap()) {
		for (int i = 0; i < STOP_ROUNDS; i++)
			if (jail_usage_signal(kern_getpid(), SIGSTOP) <= 0)
				break;
		(void)jail_usage_signal(kern_getpid(), SIGKILL);
		if (!reap())
			return;
		(void)kern_nanosleep(&pause);
		pause.tv_nsec = MIN(pause.tv_nsec * 2, (long)PAUSE_MAX_NS);
	}
}
