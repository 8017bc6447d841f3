// SPDX-License-Identifier: Apache-2.0
/*
 * limits.c - what a process can limit for itself and its children
 */
#include "jail/limits.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	MILLIS_PER_CPU = 1000,
	/* 1, not 0: with 0, the kernel still starts a handler that core_pattern pipes to */
	CORE_BYTES = 1,
	OOM_SCORE = 300,
	OOM_TEXT_SIZE = 16,
};

/*
 * A hard limit that is lower already stays: only a privileged process could raise it, and it serves as well.
 */
static int lower(int resource, uint64_t value)
{
	struct rlimit now, limit;
	int r = kern_prlimit(0, resource, NULL, &now);

	if (r < 0)
		return r;
	limit.rlim_max = MIN((rlim_t)value, now.rlim_max);
	limit.rlim_cur = limit.rlim_max;
	return kern_prlimit(0, resource, &limit, NULL);
}

/* As many CPUs as asked for, beginning anywhere, so that sandboxes spread. */
static int pin(uint64_t cpu_millis)
{
	uint64_t wanted = (cpu_millis + MILLIS_PER_CPU - 1) / MILLIS_PER_CPU;
	cpu_set_t now, mask;
	int r = kern_sched_getaffinity(0, &now);
	uint16_t start;

	if (r < 0)
		return r;
	CPU_ZERO(&mask);
	kern_random(&start, sizeof(start));
	for (size_t i = 0; i < CPU_SETSIZE && (uint64_t)CPU_COUNT(&mask) < wanted; i++)
		if (CPU_ISSET((start + i) % CPU_SETSIZE, &now))
			CPU_SET((start + i) % CPU_SETSIZE, &mask);
	return kern_sched_setaffinity(0, &mask);
}

/* Init is one process more. Without a user namespace the kernel counts whatever else the user runs, too. */
static int limit_processes(const struct jail_plan *plan)
{
	uint64_t others = 0;
	int r = plan->level == JAIL_LEVEL_LANDLOCK ? jail_usage_threads(kern_getuid(), &others) : 0;

	return r < 0 ? r : lower(RLIMIT_NPROC, plan->limits.pids_count + 1 + others);
}

static int apply(const struct jail_plan *plan, const enum jail_mechanism by[JAIL_LIMIT_COUNT])
{
	const struct jail_limits *limits = &plan->limits;
	int r = lower(RLIMIT_CORE, CORE_BYTES);

	if (r >= 0 && by[JAIL_LIMIT_FILES] == JAIL_BY_RLIMIT)
		r = lower(RLIMIT_NOFILE, limits->files_count);
	if (r >= 0 && by[JAIL_LIMIT_FILE_SIZE] == JAIL_BY_RLIMIT)
		r = lower(RLIMIT_FSIZE, limits->file_size_bytes);
	if (r >= 0 && by[JAIL_LIMIT_MEMORY] == JAIL_BY_SUPERVISOR)
		r = lower(RLIMIT_DATA, limits->memory_bytes);
	if (r >= 0 && by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY)
		r = pin(limits->cpu_millis);
	if (r >= 0 && by[JAIL_LIMIT_PIDS] == JAIL_BY_RLIMIT)
		r = limit_processes(plan);
	return r;
}

int jail_limits_apply(const struct jail_plan *plan, const enum jail_mechanism by[JAIL_LIMIT_COUNT],
	struct error *err)
{
	int r = apply(plan, by);

	return r < 0 ? error_sys(err, r, "cannot set the sandbox's limits") : 0;
}

int jail_limits_go_first(struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, "/proc/self/oom_score_adj", O_RDWR, 0);
	char text[OOM_TEXT_SIZE] = "";
	uint64_t now = 0;
	int r = fd < 0 ? fd : (int)MIN(kern_read(fd, text, sizeof(text) - 1), (ssize_t)0);

	/* One that is lower than usual is no number here, and is raised. */
	if (r >= 0)
		(void)str_to_u64((struct str){ text, strcspn(text, "\n") }, INT32_MAX, &now);
	if (r >= 0 && now < OOM_SCORE) {
		snprintf(text, sizeof(text), "%d", OOM_SCORE);
		r = kern_write_all(fd, text, strlen(text));
	}
	return r < 0 ? error_sys(err, r, "cannot make the sandbox the first to go for want of memory") : 0;
}
