/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - the limits of a session: who enforces them, and what was reached
 *
 * Some are the kernel's, some nobody's but the supervisor's, which looks now and then (watch.c).
 */
#pragma once

#include "jail/limits.h"
#include "jail/messages.h"
#include "jail/storage.h"
#include "json/json.h"
#include "loop/loop.h"

struct supervisor;

enum {
	WATCH_HITS_MAX = 8,		/* as many as there are limits */
};

/* Limits, who enforces them, and what the last look at each of them saw. */
struct watch {
	struct loop_timer time, usage, storage;
	pid_t init_pid;			/* as our pid namespace counts */
	struct jail_processes view;		/* owned */
	enum jail_mechanism by[JAIL_LIMIT_COUNT];
	uint64_t usage_period_ns;
	uint64_t idle_since_ns, idle_cpu_ns, idle_bytes;
	struct jail_storage places;
	size_t branch_count;		/* the first of places; the last one is the home */
	uint64_t look_began_ns, look_took_ns;
	uint64_t copied_bytes;		/* that the branches held when they were made; 0: overlays */
	uint64_t disk_first_bytes, disk_bytes;	/* that the disks held when it began, and at the last look */
	uint64_t storage_bytes, memory_files_bytes;
	struct loop_child looker;
	int looker_pidfd, looker_fd;	/* owned; -1: nobody looks */
	const struct json *hits[WATCH_HITS_MAX];	/* limits that were reached, in the session's arena */
	size_t hit_count;
};

/** watch_init() - nothing is watched */
void watch_init(struct watch *watch);

/** watch_fini() - stop; legal on a watch that never began */
void watch_fini(struct watch *watch);

/**
 * watch_record() - the sandbox exists: note who enforces which limit
 * @s:       with a plan
 * @created: what the launcher could do
 *
 * Errors: as supervisor_record().
 * Return: 0 or negative errno; then the session fails.
 */
int watch_record(struct supervisor *s, const struct jail_created *created);

/** watch_begin() - the agent runs: enforce */
void watch_begin(struct supervisor *s);

/** watch_end() - nothing of the sandbox runs any more: note what the kernel counted meanwhile */
void watch_end(struct supervisor *s, const struct jail_gone *gone);

/** watch_hits() - the limits that were reached, as "settled" has them; Return: NULL: none */
const struct json *watch_hits(struct supervisor *s);

/** watch_tell_hits() - tell the agent's terminal, where no "settled" will */
void watch_tell_hits(struct supervisor *s);
