/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - children that we start and how they ended
 */
#pragma once

#include "base/error.h"
#include "kern/kern.h"

#include <stdbool.h>

enum {
	KERN_SPAWN_FDS_MAX = 80,
};

/* What a child starts with: nothing but this. */
struct kern_spawn {
	int program_fd;			/* executable, open O_PATH | O_CLOEXEC */
	/*
	 * Instead of it where it is set: absolute where in_root is, and nobody else can change what it leads
	 * to. A script needs one, since its interpreter opens it.
	 */
	const char *program_path;
	char *const *argv;
	char *const *envp;
	/*
	 * fds[i] becomes descriptor i of the child; -1 leaves it closed (0..2 become /dev/null). The rest is
	 * closed.
	 */
	const int *fds;
	size_t fd_count;		/* at most KERN_SPAWN_FDS_MAX */
	bool new_session;		/* setsid: signals of the terminal do not reach it */
	bool dies_with_parent;		/* PR_SET_PDEATHSIG SIGKILL */
	bool in_root;			/* its working directory is "/": it keeps no file system busy */
};

/**
 * kern_spawn() - start a program of ours
 * @spawn:     what to start
 * @ret_pid:   its process id
 * @ret_pidfd: its pidfd, owned by the caller
 * @err:       says what failed, also when it failed in the child
 *
 * In the child, no signal is blocked or handled, and SIGPIPE ends it; what the user ignores stays ignored.
 * Returns after the child's exec succeeded or failed.
 *
 * Source: clone3(2), execveat(2)
 * Return: 0 or negative errno.
 */
int kern_spawn(const struct kern_spawn *spawn, pid_t *ret_pid, int *ret_pidfd, struct error *err);

/**
 * kern_wait_pidfd() - wait for and reap a child; Return: 0..255 its exit code, 128+n for signal n, or
 * negative errno
 */
int kern_wait_pidfd(int pidfd);

/**
 * kern_poll_pidfd() - whether a child has ended, after waiting for it for at most @patience_ns
 * @pidfd:       of the child; it is not reaped
 * @patience_ns: how long
 *
 * Errors: from the kernel.
 * Return: 1 it has, 0 not yet (or a signal came), or negative errno.
 */
int kern_poll_pidfd(int pidfd, uint64_t patience_ns);

/** kern_exit_code() - the same numbers from waitid's answer; Return: 0..255 */
int kern_exit_code(const siginfo_t *info);
