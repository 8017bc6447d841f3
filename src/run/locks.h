/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locks.h - one committer at a time on a workspace, whichever sessions they belong to
 *
 * A swap that meets another one is noticed only when it was made, and putting back what came out is right as
 * long as there are two of them: with three, the third one's file would come back. So they never meet.
 * Whoever asks for a commit, an undo or a recovery first takes
 *
 *	<state>/commit.lock	one for all sessions of this user: roots of different sessions may be nested,
 *				or reached through another mount
 *	each root		for sessions of another user, or that are kept elsewhere
 *
 * with flock(2), the roots in the order of device and inode, so that nobody waits in a circle. The open
 * files, and with them the locks, are handed to the committer, which works beneath exactly these directories:
 * the locks are there until asker and committer are both gone, however they end.
 *
 * No agent reaches the directory of state, so the first lock is waited for as long as whoever asks likes. A
 * root it may reach, where another session reads it by `filesystem.read`: what an agent could hold is waited
 * for ten seconds, and not longer; the error names the process.
 */
#pragma once

#include "run/interrupt.h"
#include "session/session.h"

enum {
	RUN_LOCKS_MAX = SESSION_ROOTS_MAX + 1,
};

/* Told once, when it takes longer than a moment; @holder is a sentence's end or "". */
typedef void run_waiting_fn(void *data, const char *holder);

struct run_patience {
	/* else for half a minute; roots are waited for ten seconds in any case */
	bool until_free;
	run_waiting_fn *tell;		/* may be NULL */
	/* an interrupt that comes too late, once the locks are held; may be NULL */
	interrupt_too_late_fn *too_late;
	void *data;			/* for both */
};

struct run_locks {
	int fds[RUN_LOCKS_MAX];		/* owned: of the sessions, then each root that has a branch */
	size_t count;
	struct interrupt interrupt;	/* that come while they are held */
};

/**
 * run_locks_take() - wait for every other committer that could meet this session's
 * @locks:    filled; run_locks_drop() is legal in any case
 * @session:  open
 * @patience: how long, and who is told
 * @err:      who has it, or what failed
 *
 * An interrupt ends the waiting, as it ends the command; from then on it is kept waiting itself, until the
 * locks are dropped (run/interrupt.h). A root whose file system has no locks for directories (NFS) is left to
 * the lock of the sessions alone.
 *
 * Errors: -ETIMEDOUT somebody has it and does not let go; -ENOENT, -ELOOP a root is gone or a link now;
 * others from the kernel.
 * Source: flock(2)
 * Return: 0 or negative errno.
 */
int run_locks_take(struct run_locks *locks, const struct session *session,
	const struct run_patience *patience, struct error *err);

/** run_locks_drop() - let go, interrupts too; a committer that got the locks goes on holding them */
void run_locks_drop(struct run_locks *locks);

/**
 * run_locks_confirm() - make sure that what was handed over is locked; the committer's side
 * @fds:   as in struct run_locks; borrowed
 * @count: how many
 *
 * Errors: -EBUSY one of them is not, and somebody else has it; -EBADF it is no lock.
 * Return: 0 or negative errno.
 */
int run_locks_confirm(const int *fds, size_t count);
