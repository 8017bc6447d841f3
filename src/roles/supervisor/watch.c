// SPDX-License-Identifier: Apache-2.0
/*
 * watch.c - limits that nobody but the supervisor enforces, or sees reached
 *
 *	time		a timer: exact
 *	idle		a look now and then at bytes and processor time
 *	memory		a look now and then, only where no control group counts it
 *	pids, files	the kernel refuses; a look now and then, only where no control group counts the refusals
 *	storage		watch_storage.c
 *
 * What is only looked at can be passed by what is used between two looks; the record `limits` says of each
 * limit who enforces it and how often it is looked at. watch_report.c has that record, and tells what was
 * reached.
 *
 * Time and idleness end a session in good order (TERM, then a grace); memory and storage at once, since
 * every moment makes it worse. The record comes first in any case.
 *
 * Idle is a session in which for the whole time no byte went through a terminal or a redirection, and whose
 * processes together took less than one part in IDLE_SHARE of one processor: a program that waits for an
 * answer and looks at the clock now and then is idle. It is meant for those that hang: one that wants to stay
 * need only print a byte now and then, and limits.time is what ends that. So that every byte is seen, no pipe
 * of the user's is handed over to a session with such a limit (command.c).
 */
#include "roles/supervisor/watch_internal.h"

#include "base/fd.h"
#include "base/time.h"
#include "base/units.h"

#include <errno.h>
#include <stdio.h>

enum {
	IDLE_LOOKS = 10,		/* in the time that a session may be idle */
	IDLE_PERIOD_MAX_MS = 5000,
	IDLE_SHARE = 100,
	IDLE_TICK_MS = 10,		/* processor time is counted in these */
	COUNT_PERIOD_MS = 2000,		/* of processes and open files */
};

void watch_init(struct watch *watch)
{
	*watch = (struct watch){ .looker_pidfd = -1, .looker_fd = -1, .view = { .proc_fd = -1 } };
}

void watch_fini(struct watch *watch)
{
	loop_remove_timer(&watch->time);
	loop_remove_timer(&watch->usage);
	loop_remove_timer(&watch->storage);
	loop_remove_child(&watch->looker);
	watch->looker_pidfd = fd_close(watch->looker_pidfd);
	watch->looker_fd = fd_close(watch->looker_fd);
	jail_processes_fini(&watch->view);
}

/*
 * The sandbox's own /proc can be had once one of its programs runs, and costs least; until then the host's
 * will do.
 */
int watch_open_view(struct supervisor *s)
{
	struct jail_processes *view = &s->watch.view;
	struct jail_processes found;
	int r;

	if (view->proc_fd >= 0 && !view->pid)
		return 0;
	r = jail_processes_open(s->watch.init_pid, &found);
	if (r < 0)
		return r;
	jail_processes_fini(view);
	*view = found;
	return 0;
}

/* ---- time ---- */

static void stop_for_time(struct supervisor *s, enum config_key key, uint64_t value_ns)
{
	char text[UNITS_TEXT_SIZE];
	struct watch_hit hit = { .key = key, .value = text, .by = JAIL_BY_SUPERVISOR,
		.action = "the session is stopped" };

	if (s->is_gone || s->is_ending)
		return;
	units_format_duration(value_ns, text);
	if (watch_reached(s, &hit) >= 0)
		supervisor_stop(s, END_LIMIT, SUPERVISOR_GRACE_MS);
}

static void time_is_up(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.time);

	stop_for_time(s, CONFIG_KEY_LIMITS_TIME, watch_settings(s)->limits.time_ns);
}

/* ---- idle and memory ---- */

static uint64_t bytes_moved(struct supervisor *s)
{
	uint64_t sum = 0;

	LIST_FOR_EACH(command, &s->commands, struct command, node) {
		sum += command->console.total_bytes;
		for (size_t i = 0; i < ARRAY_SIZE(command->relays); i++)
			sum += command->relays[i].total_bytes;
	}
	return sum;
}

static void start_idling(struct supervisor *s, uint64_t cpu_ns, uint64_t bytes)
{
	s->watch.idle_since_ns = s->loop.now_ns;
	s->watch.idle_cpu_ns = cpu_ns;
	s->watch.idle_bytes = bytes;
}

static void check_idle(struct supervisor *s, uint64_t cpu_ns)
{
	struct watch *watch = &s->watch;
	uint64_t limit_ns = watch_settings(s)->limits.idle_ns;
	uint64_t elapsed_ns = s->loop.now_ns - watch->idle_since_ns, bytes = bytes_moved(s);
	uint64_t allowed_ns = elapsed_ns / IDLE_SHARE + IDLE_TICK_MS * NS_PER_MS;

	if (limit_ns == CONFIG_UNLIMITED)
		return;
	/* Fewer than before: a process or a command has ended, and that is no idleness either. */
	if (bytes != watch->idle_bytes || cpu_ns < watch->idle_cpu_ns ||
			cpu_ns - watch->idle_cpu_ns > allowed_ns)
		start_idling(s, cpu_ns, bytes);
	else if (elapsed_ns >= limit_ns)
		stop_for_time(s, CONFIG_KEY_LIMITS_IDLE, limit_ns);
}

/*
 * The quick look counts shared memory once for each process; only when that is too much, it is worth a closer
 * one. Files of memory may be mapped, open, both, or lie in a tmpfs: the larger of what is mapped and what
 * files there are is certainly used.
 */
static int check_memory(struct supervisor *s, struct jail_usage *usage)
{
	uint64_t limit_bytes = s->plan.limits.memory_bytes, files_bytes = s->watch.memory_files_bytes;
	uint64_t used_bytes;
	char said[WATCH_SAID_SIZE], text[UNITS_TEXT_SIZE];
	int r;

	if (s->watch.by[JAIL_LIMIT_MEMORY] != JAIL_BY_SUPERVISOR ||
			usage->memory_bytes + files_bytes <= limit_bytes)
		return 0;
	r = jail_usage_read(&s->watch.view, true, usage);
	if (r < 0)
		return r;
	used_bytes = usage->memory_bytes - usage->shared_bytes + MAX(usage->shared_bytes, files_bytes);
	if (used_bytes <= limit_bytes)
		return 0;
	watch_format_used(MAX(usage->shared_bytes, files_bytes), text);
	snprintf(said, sizeof(said), "%s of it shared or in files of memory", text);
	watch_kill(s, CONFIG_KEY_LIMITS_MEMORY, limit_bytes, used_bytes, said);
	return 0;
}

/*
 * Refused by an rlimit, of which the kernel keeps no count: who stands at the limit has most likely met it.
 */
static void check_counts(struct supervisor *s, const struct jail_usage *usage)
{
	const struct jail_limits *limits = &s->plan.limits;

	if (s->watch.by[JAIL_LIMIT_PIDS] == JAIL_BY_RLIMIT && usage->thread_count >= limits->pids_count)
		(void)watch_refused(s, JAIL_LIMIT_PIDS, usage->thread_count);
	if (s->watch.by[JAIL_LIMIT_FILES] == JAIL_BY_RLIMIT && usage->files_count >= limits->files_count)
		(void)watch_refused(s, JAIL_LIMIT_FILES, usage->files_count);
}

static void look_at_usage(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.usage);
	struct jail_usage usage;
	struct error err;
	int r;

	if (s->is_gone)
		return;
	r = watch_open_view(s);
	if (r >= 0)
		r = jail_usage_read(&s->watch.view, false, &usage);
	if (r >= 0) {
		check_idle(s, usage.cpu_ns);
		check_counts(s, &usage);
	}
	if (r >= 0)
		r = check_memory(s, &usage);
	if (r < 0 && r != -ESRCH) {
		error_sys(&err, r, "what the sandbox uses cannot be read, so its limits cannot be enforced");
		supervisor_fail(s, 125, &err);
		return;
	}
	loop_set_timer(&s->loop, timer, s->loop.now_ns + s->watch.usage_period_ns, look_at_usage);
}

uint64_t watch_idle_period_ns(uint64_t limit_ns)
{
	return MIN(limit_ns / IDLE_LOOKS, IDLE_PERIOD_MAX_MS * NS_PER_MS);
}

static void watch_usage(struct supervisor *s)
{
	uint64_t idle_ns = watch_settings(s)->limits.idle_ns;
	struct watch *watch = &s->watch;

	watch->usage_period_ns = UINT64_MAX;
	if (idle_ns != CONFIG_UNLIMITED)
		watch->usage_period_ns = watch_idle_period_ns(idle_ns);
	if (watch->by[JAIL_LIMIT_MEMORY] == JAIL_BY_SUPERVISOR)
		watch->usage_period_ns = MIN(watch->usage_period_ns, WATCH_MEMORY_PERIOD_MS * NS_PER_MS);
	if (watch->by[JAIL_LIMIT_PIDS] == JAIL_BY_RLIMIT || watch->by[JAIL_LIMIT_FILES] == JAIL_BY_RLIMIT)
		watch->usage_period_ns = MIN(watch->usage_period_ns, COUNT_PERIOD_MS * NS_PER_MS);
	if (watch->usage_period_ns == UINT64_MAX)
		return;
	start_idling(s, 0, 0);
	loop_set_timer(&s->loop, &watch->usage, s->loop.now_ns + watch->usage_period_ns, look_at_usage);
}

/* ---- the whole ---- */

void watch_begin(struct supervisor *s)
{
	uint64_t time_ns = watch_settings(s)->limits.time_ns;

	if (time_ns != CONFIG_UNLIMITED)
		loop_set_timer(&s->loop, &s->watch.time, s->loop.now_ns + time_ns, time_is_up);
	watch_usage(s);
	watch_storage(s);
}
