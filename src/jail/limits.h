/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - who enforces the plan's limits, and how
 *
 * Best is a control group: it counts the sandbox as a whole. An ordinary user may make one where systemd has
 * delegated a subtree (version 2), root nearly everywhere (both versions). What no group takes falls back,
 * each limit by itself:
 *
 *	memory		the supervisor looks at jail_usage_read() now and then; RLIMIT_DATA bounds each process
 *	pids		RLIMIT_NPROC: counted per user namespace since Linux 5.14, so it is the sandbox's own. Without
 *			one (the level "landlock") it counts all that the user runs, so what ran at the start is added
 *	cpus		an affinity mask of that many CPUs, rounded up, which a filter keeps from being widened
 *	files		RLIMIT_NOFILE, always
 *	file_size	RLIMIT_FSIZE, always
 *
 * Memory is memory and swap together: memory.memsw.limit_in_bytes in a group of version 1, no swap at all
 * (memory.swap.max) in one of version 2. A kernel whose groups do not count swap has none for memory.
 *
 * When the host itself has no memory left, the sandbox is the first to go: jail_limits_go_first().
 *
 * Core dumps are off in any case: a handler of the host would get to see the agent's memory, and run outside.
 *
 * Source: Linux Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/; getrlimit(2); core(5)
 */
#pragma once

#include "jail/messages.h"

enum {
	/* one of version 2, or one for each of three controllers of version 1 */
	JAIL_CGROUPS_MAX = 4,
};

struct jail_cgroup {
	int parent_fd;			/* owned */
	int fd;				/* owned: the group itself */
	bool unified;			/* version 2 */
};

struct jail_limiter {
	char name[96];			/* of the groups */
	struct jail_cgroup groups[JAIL_CGROUPS_MAX];
	size_t group_count;
	enum jail_mechanism by[JAIL_LIMIT_COUNT];
};

/**
 * jail_limiter_init() - make the groups that can be made, and set their limits
 * @limiter: initialised here; jail_limiter_fini() is legal in any case
 * @plan:    session and limits
 *
 * Never fails: what no group takes has another mechanism in @limiter->by.
 */
void jail_limiter_init(struct jail_limiter *limiter, const struct jail_plan *plan);

/**
 * jail_limiter_clones() - whether limits would be a control group that the sandbox must be cloned into
 *
 * That is, whether this process's group of version 2 hands controllers on. Moving a process there afterwards
 * makes the kernel wait for all processors.
 */
bool jail_limiter_clones(void);

/**
 * jail_limiter_expect() - where jail_limiter_init() may make groups, if this process calls it
 * @plan: its limits and session
 * @ret:  grows by absolute paths, each followed by a newline; none where no group would be made
 *
 * A launcher can be killed between making a group and telling anybody.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int jail_limiter_expect(const struct jail_plan *plan, struct buf *ret);

/** jail_limiter_clone_fd() - the group to clone PID 1 into (CLONE_INTO_CGROUP); Return: borrowed, or -1 */
int jail_limiter_clone_fd(const struct jail_limiter *limiter);

/**
 * jail_limiter_add() - put PID 1 into the groups that it was not cloned into
 * @limiter: initialised
 * @pid:     has no children yet
 * @err:     may be NULL
 *
 * Return: 0 or negative errno; then the sandbox must not go on.
 */
int jail_limiter_add(const struct jail_limiter *limiter, pid_t pid, struct error *err);

/**
 * jail_limiter_count() - how often the groups had to enforce something
 * @limiter: its sandbox has ended, or runs still
 * @ret:     refused_counts and throttled_ns are set, to 0 where no group counts
 *
 * Source: Linux Documentation/admin-guide/cgroup-v2.rst, memory.events, pids.events, cpu.stat; cgroup-v1/
 */
void jail_limiter_count(const struct jail_limiter *limiter, struct jail_gone *ret);

/**
 * jail_limiter_fini() - remove the groups, which must be empty, and close them; legal on an all-zero object
 */
void jail_limiter_fini(struct jail_limiter *limiter);

/**
 * jail_cgroups_find() - where the groups of a sandbox are, for whoever may have to remove them one day
 * @pid:     of the sandbox, as this process's pid namespace counts
 * @session: of the plan
 * @ret:     their absolute paths, each followed by a newline
 *
 * A launcher that is killed cannot remove its groups; they stay behind, empty.
 *
 * Errors: from the kernel.
 * Source: cgroups(7), /proc/PID/cgroup
 * Return: 0 (also where there is none) or negative errno.
 */
int jail_cgroups_find(pid_t pid, const char *session, struct buf *ret);

/**
 * jail_cgroups_remove() - remove what is left of groups
 * @paths:   of jail_cgroups_find(); nothing but a group of this session is touched
 * @session: whose sandbox has ended
 *
 * Errors: -EBUSY a process is left in one; others from the kernel.
 * Return: 0 (also where they are gone) or negative errno.
 */
int jail_cgroups_remove(struct str paths, const char *session);

/**
 * jail_limits_apply() - the part of the limits that this process can set for itself and all that it will
 * start
 * @plan: its limits and level
 * @by:   struct jail_limiter's
 * @err:  may be NULL
 *
 * Return: 0 or negative errno.
 */
int jail_limits_apply(const struct jail_plan *plan, const enum jail_mechanism by[JAIL_LIMIT_COUNT],
	struct error *err);

/**
 * jail_limits_go_first() - from here on, the kernel rather kills this process and its children than others
 * @err: may be NULL
 *
 * What the kernel takes for more than it is, by three tenths of the machine's memory; nobody without
 * privileges can lower that again.
 *
 * Errors: from the kernel.
 * Source: proc(5), /proc/PID/oom_score_adj
 * Return: 0 or negative errno.
 */
int jail_limits_go_first(struct error *err);

/*
 * Where the processes of a sandbox are listed: its own /proc, which knows nobody else and costs what they
 * cost, or the host's, in which they are searched for.
 */
struct jail_processes {
	int proc_fd;			/* owned; -1: none */
	/* PID 1 of the sandbox, as that /proc counts; 0: all are the sandbox's */
	pid_t pid;
};

/**
 * jail_processes_open() - find the /proc in which a sandbox is best looked at
 * @pid: PID 1 of it, as this process's pid namespace counts
 * @ret: set on success
 *
 * A sandbox whose programs have not begun yet has none of its own to show.
 *
 * Errors: from the kernel.
 * Source: proc(5), /proc/PID/root
 * Return: 0 or negative errno.
 */
int jail_processes_open(pid_t pid, struct jail_processes *ret);

/** jail_processes_fini() - close it; legal on one with no descriptor (-1) */
void jail_processes_fini(struct jail_processes *view);

struct jail_usage {
	/* of all processes: anonymous and shared memory, swapped out or not, without files' pages */
	uint64_t memory_bytes;
	uint64_t shared_bytes;		/* the part of it that is shared memory and files of memory */
	uint64_t cpu_ns;		/* processor time of those that live, and of their reaped children */
	uint64_t process_count;
	uint64_t thread_count;
	uint64_t files_count;		/* open ones, of the process that has most; 0 before Linux 6.2 */
};

/**
 * jail_usage_read() - what a sandbox uses, for a supervisor that enforces a limit itself
 * @view:  of the sandbox
 * @exact: false: memory that several processes share counts for each of them, which takes the kernel no time;
 *         true: it is divided among them, which takes it some time for each page
 * @ret:   set on success
 *
 * Memory that no process has mapped (a memfd that was only written to) is not seen here, but by
 * jail_storage_look().
 *
 * Blocks: reads /proc, O(processes that the view lists).
 * Errors: -ESRCH there is no such process.
 * Source: proc(5), /proc/PID/stat, status, smaps_rollup and fd
 * Return: 0 or negative errno.
 */
int jail_usage_read(const struct jail_processes *view, bool exact, struct jail_usage *ret);

/**
 * jail_usage_list() - the processes of a sandbox
 * @view:      of the sandbox
 * @ret:       as many process ids, as @view counts, as there are, at most @max
 * @max:       of them
 * @ret_count: how many there are
 *
 * Blocks: as jail_usage_read().
 * Errors: likewise.
 * Return: 0 or negative errno.
 */
int jail_usage_list(const struct jail_processes *view, pid_t *ret, size_t max, size_t *ret_count);

/**
 * jail_usage_signal() - signal all processes below one, not itself
 * @pid:    above them
 * @signal: for each
 *
 * Blocks: as jail_usage_read().
 * Errors: likewise.
 * Return: how many took it, or negative errno.
 */
int jail_usage_signal(pid_t pid, int signal);

/**
 * jail_usage_threads() - how many processes and threads a user has, as RLIMIT_NPROC counts them
 * @uid: of the user
 * @ret: set on success
 *
 * Blocks: as jail_usage_read().
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int jail_usage_threads(uid_t uid, uint64_t *ret);
