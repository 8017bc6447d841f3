/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holders.h - which processes of a sandbox hold a socket, and what program each is
 *
 * They are looked for in the sandbox's own /proc, which knows nobody else: first among those that held one
 * not long ago, then among all, the youngest first. A socket gets into several processes as they fork, so
 * from the one that was found it goes up to the eldest that holds it, and from there down to all that do.
 * That is cheap, whatever else runs in the sandbox: whom it is not looked for among are processes that got it
 * by other ways (a unix socket, pidfd_getfd()) while somebody else has it, too.
 *
 * A process is held by a descriptor of its directory while it is looked at, so what is read of it is its own
 * even if its number is given to another one meanwhile.
 *
 * What is not seen: a descriptor that only a thread with a table of its own has (CLONE_FILES undone), and one
 * that is on its way in a unix socket. Then nobody is found, and the program is unknown.
 *
 * Invariants: bounded by processor time, since how many processes and descriptors there are is the agent's
 * choice, and by that of ours alone, since what else the machine does is not; nothing of a process is run or
 * believed but what the kernel says of it.
 *
 * Source: proc(5), /proc/PID/fd, exe, stat, task/TID/children
 */
#pragma once

#include "base/path.h"
#include "jail/limits.h"

enum {
	JAIL_HOLDERS_MAX = 64,		/* that are counted */
	JAIL_HOLDERS_RECENT = 8,
	JAIL_HOLDERS_HIDDEN_MAX = 64,
};

/* Who held one not long ago, the last one first; all-zero: nobody. */
struct jail_recent {
	pid_t pids[JAIL_HOLDERS_RECENT];
};

struct jail_holder {
	pid_t pid;			/* inside the sandbox */
	int fd;				/* owned: its directory in /proc */
};

struct jail_holders {
	struct jail_holder items[JAIL_HOLDERS_MAX];	/* the eldest, then its descendants */
	size_t count;
	bool is_partial;		/* there may be more */
	/* that do not let themselves be looked into (prctl(2)); where there are more, it is partial */
	pid_t hidden[JAIL_HOLDERS_HIDDEN_MAX];
	size_t hidden_count;
};

/**
 * jail_holders_find() - who holds a socket
 * @view:        of the sandbox; its own /proc, or nobody is found
 * @recent:      of earlier searches; whoever is found comes first in it
 * @inode:       of the socket
 * @budget_ns:   processor time of this process; where it is used up, the answer is partial
 * @ret:         jail_holders_fini() afterwards, in any case
 *
 * Blocks: reads /proc, as long as the budget goes.
 * Errors: -ESRCH there is no /proc of the sandbox's own; others from the kernel.
 * Return: 0 (also where nobody holds it) or negative errno.
 */
int jail_holders_find(const struct jail_processes *view, struct jail_recent *recent, uint64_t inode,
	uint64_t budget_ns, struct jail_holders *ret);

/**
 * jail_holders_find_all() - the same, and every process is looked at, however it got the socket
 *
 * But PID 1, which is cordon's own init, holds no connection, and lets nobody look.
 *
 * @view:      of the sandbox; its own /proc, or nobody is found
 * @inode:     of the socket
 * @budget_ns: processor time of this process; where it is used up, the answer is partial
 * @ret:       jail_holders_fini() afterwards, in any case
 *
 * Blocks: reads /proc, as long as the budget goes.
 * Errors: -ESRCH there is no /proc of the sandbox's own; others from the kernel.
 * Return: 0 (also where nobody holds it) or negative errno.
 */
int jail_holders_find_all(const struct jail_processes *view, uint64_t inode, uint64_t budget_ns,
	struct jail_holders *ret);

/** jail_holders_parent() - whose child a process of the sandbox is; Return: its pid there, or 0: nobody's */
pid_t jail_holders_parent(const struct jail_processes *view, pid_t pid);

/** jail_holders_spent_ns() - processor time that this process has used so far */
uint64_t jail_holders_spent_ns(void);

/** jail_holders_fini() - close them; legal on an all-zero object */
void jail_holders_fini(struct jail_holders *holders);

/**
 * jail_program_is_fixed() - whether a program's file is what everybody in the sandbox finds at its path, for
 * good
 * @root_fd: the sandbox's own root
 * @path:    of the file, as jail_holder_program() said
 * @file_fd: what it returned
 *
 * A process that has mounts of its own, or executes what is not mounted at all, may have any path for any
 * file. So the path is looked up from the root of the sandbox, and has to lead to the same file without a
 * link; and the mount that it is on has to be read-only.
 *
 * Return: true when it is so.
 */
bool jail_program_is_fixed(int root_fd, const char *path, int file_fd);

/**
 * jail_program_find() - a program's file by its path
 * @root_fd: the sandbox's own root
 * @path:    absolute, as the sandbox sees it
 * @ret:     its path without links; what jail_program_is_fixed() compares with
 *
 * Errors: from the kernel.
 * Return: an O_PATH descriptor of the file or negative errno.
 */
int jail_program_find(int root_fd, const char *path, char ret[PATH_TEXT_MAX]);

/**
 * jail_holder_program() - the file that a process executes
 * @holder: not closed yet
 * @path:   its path as seen in the sandbox; " (deleted)" behind it where it has none any more
 *
 * Errors: -ESRCH it has ended; others from the kernel.
 * Return: an O_PATH descriptor of the file or negative errno.
 */
int jail_holder_program(const struct jail_holder *holder, char path[PATH_TEXT_MAX]);
