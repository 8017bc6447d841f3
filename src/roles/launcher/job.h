/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h - one command in the sandbox, as its session leader sees it
 *
 * A command runs in a process group of its own, inside the session of its parent: only then is the group not
 * "orphaned", and ctrl-z can stop it. So the parent must be a session leader: init for the plan's own
 * command, a monitor forked from init for each that joins later. Both use this file.
 *
 * Model: sudo's use_pty monitor. Source: setpgid(2), "A process group is orphaned if ..." in POSIX.1 3.264
 */
#pragma once

#include "jail/messages.h"

struct job {
	uint32_t id;
	int control_fd;			/* borrowed: the supervisor */
	const struct jail_command *command;
	int fds[3];			/* what JAIL_STDIO_INHERIT means; owned, -1: none */
	bool notify;			/* see struct jail_plan */
	enum jail_preset preset;
	/* borrowed: locks itself down by it, before anything is executed; NULL: init has done so already */
	const struct jail_plan *cage;
	bool pin_affinity;		/* with @cage, see jail_seccomp_restrict() */
	pid_t pid;			/* of the command; its process group has the same number */
};

/**
 * job_start() - run the command and tell the supervisor that it runs
 * @job: all but pid is filled in; its fds are closed in any case
 *
 * This process must be a session leader without a controlling terminal, with all signals blocked.
 *
 * Sends: TTY, LISTENER, STARTED; or FAILED.
 * Return: 0 or negative errno from the kernel.
 */
int job_start(struct job *job);

/**
 * job_report() - tell the supervisor what waitid(2) said about the command
 * @job:  started
 * @info: about job->pid
 *
 * Errors: from the kernel, where the command has ended and that could not be told.
 * Return: 1 when the command has ended, 0 when it has not, or negative errno.
 */
int job_report(const struct job *job, const siginfo_t *info);

/** job_fini() - close its descriptors */
void job_fini(struct job *job);
