// SPDX-License-Identifier: Apache-2.0
/*
 * watch.c - limits that nobody but the supervisor enforces
 *
 *	time		a timer: exact
 *	idle		a look now and then at bytes and processor time
 *	memory		a look now and then, only where no control group counts it
 *	storage		a look now and then, by a child that walks the branches (jail/storage.h)
 *
 * What is only looked at can be passed by what is used between two looks; the record `limits` says of each
 * limit who enforces it and how often it is looked at. The cost of looking is bounded: storage is looked at
 * no more than one part in LOOK_SHARE of the time.
 *
 * Time and idleness end a session in good order (TERM, then a grace); memory and storage at once, since
 * every moment makes it worse. The record comes first in any case.
 *
 * Idle is a session in which for the whole time no byte went through a terminal or a redirection, and whose
 * processes together took less than one part in IDLE_SHARE of one processor: a program that waits for an
 * answer and looks at the clock now and then is idle. So that every byte is seen, no pipe of the user's is
 * handed over to a session with such a limit (command.c).
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/time.h"
#include "base/units.h"
#include "jail/limits.h"

#include <errno.h>
#include <stdio.h>

enum {
	MEMORY_PERIOD_MS = 250,
	IDLE_LOOKS = 10,		/* in the time that a session may be idle */
	IDLE_PERIOD_MAX_MS = 5000,
	IDLE_SHARE = 100,
	IDLE_TICK_MS = 10,		/* processor time is counted in these */
	STORAGE_PERIOD_MS = 1000,
	LOOK_SHARE = 20,
};

void watch_init(struct watch *watch)
{
	*watch = (struct watch){ .looker_pidfd = -1, .looker_fd = -1 };
}

void watch_fini(struct watch *watch)
{
	loop_remove_timer(&watch->time);
	loop_remove_timer(&watch->usage);
	loop_remove_timer(&watch->storage);
	loop_remove_child(&watch->looker);
	watch->looker_pidfd = fd_close(watch->looker_pidfd);
	watch->looker_fd = fd_close(watch->looker_fd);
}

static const struct config_settings *settings_of(const struct supervisor *s)
{
	return &s->request.config->settings;
}

/* ---- a limit is reached ---- */

struct reached {
	const char *limit, *value, *action, *said;
	uint64_t used;
};

static int record_reached(struct supervisor *s, const struct reached *reached)
{
	struct json_object_builder fields;
	int r;

	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "limit", reached->limit);
	json_object_add_text(&fields, "value", reached->value);
	json_object_add_text(&fields, "action", reached->action);
	if (reached->used)
		json_object_add_int(&fields, "used", (int64_t)MIN(reached->used, (uint64_t)INT64_MAX));
	r = supervisor_record(s, LEDGER_LIMIT_REACHED, &fields, 0);
	if (r >= 0)
		client_notice(s, "the session reached limits.%s = %s%s and is %s", reached->limit,
			reached->value, reached->said ? reached->said : "",
			reached->used ? "killed" : "stopped");
	return r;
}

static void stop_for_time(struct supervisor *s, const char *limit, uint64_t value_ns)
{
	char text[UNITS_TEXT_SIZE];
	struct reached reached = { .limit = limit, .value = text, .action = "the session is stopped" };

	if (s->is_gone || s->is_ending)
		return;
	units_format_duration(value_ns, text);
	if (record_reached(s, &reached) >= 0)
		supervisor_stop(s, END_LIMIT, SUPERVISOR_GRACE_MS);
}

/* Also while a session is being stopped: its grace is no time to fill the disk in. */
static void kill_for_bytes(struct supervisor *s, const char *limit, uint64_t value, uint64_t used,
	const char *said)
{
	char text[UNITS_TEXT_SIZE];
	struct reached reached = { .limit = limit, .value = text, .action = "the sandbox is killed",
		.said = said,
		.used = used };

	units_format_size(value, text);
	if (record_reached(s, &reached) < 0)
		return;
	if (!s->is_ending)
		s->reason = END_LIMIT;
	s->is_ending = true;
	supervisor_end_sandbox(s);
}

/* ---- time ---- */

static void time_is_up(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.time);

	stop_for_time(s, "time", settings_of(s)->limits.time_ns);
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
	uint64_t limit_ns = settings_of(s)->limits.idle_ns;
	uint64_t elapsed_ns = s->loop.now_ns - watch->idle_since_ns, bytes = bytes_moved(s);
	uint64_t allowed_ns = elapsed_ns / IDLE_SHARE + IDLE_TICK_MS * NS_PER_MS;

	if (limit_ns == CONFIG_UNLIMITED)
		return;
	/* Fewer than before: a process or a command has ended, and that is no idleness either. */
	if (bytes != watch->idle_bytes || cpu_ns < watch->idle_cpu_ns ||
			cpu_ns - watch->idle_cpu_ns > allowed_ns)
		start_idling(s, cpu_ns, bytes);
	else if (elapsed_ns >= limit_ns)
		stop_for_time(s, "idle", limit_ns);
}

/*
 * The quick look counts shared memory once for each process; only when that is too much, it is worth a closer
 * one.
 */
static int check_memory(struct supervisor *s, struct jail_usage *usage)
{
	uint64_t limit_bytes = s->plan.limits.memory_bytes;
	int r = 0;

	if (!s->watch.is_memory_ours || usage->memory_bytes <= limit_bytes)
		return 0;
	r = jail_usage_read(s->watch.init_pid, true, usage);
	if (r >= 0 && usage->memory_bytes > limit_bytes)
		kill_for_bytes(s, "memory", limit_bytes, usage->memory_bytes, "");
	return r;
}

static void look_at_usage(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.usage);
	struct jail_usage usage;
	struct error err;
	int r;

	if (s->is_gone)
		return;
	r = jail_usage_read(s->watch.init_pid, false, &usage);
	if (r >= 0)
		check_idle(s, usage.cpu_ns);
	if (r >= 0)
		r = check_memory(s, &usage);
	if (r < 0 && r != -ESRCH) {
		error_sys(&err, r, "what the sandbox uses cannot be read, so its limits cannot be enforced");
		supervisor_fail(s, 125, &err);
		return;
	}
	loop_set_timer(&s->loop, timer, s->loop.now_ns + s->watch.usage_period_ns, look_at_usage);
}

static uint64_t idle_period_ns(uint64_t limit_ns)
{
	return MIN(limit_ns / IDLE_LOOKS, IDLE_PERIOD_MAX_MS * NS_PER_MS);
}

static void watch_usage(struct supervisor *s)
{
	uint64_t idle_ns = settings_of(s)->limits.idle_ns;
	struct watch *watch = &s->watch;

	watch->usage_period_ns = UINT64_MAX;
	if (idle_ns != CONFIG_UNLIMITED)
		watch->usage_period_ns = idle_period_ns(idle_ns);
	if (watch->is_memory_ours)
		watch->usage_period_ns = MIN(watch->usage_period_ns, MEMORY_PERIOD_MS * NS_PER_MS);
	if (watch->usage_period_ns == UINT64_MAX)
		return;
	start_idling(s, 0, 0);
	loop_set_timer(&s->loop, &watch->usage, s->loop.now_ns + watch->usage_period_ns, look_at_usage);
}

/* ---- storage ---- */

static void say_storage(const struct watch *watch, const struct jail_storage_use *use, char *ret, size_t size)
{
	char branch[UNITS_TEXT_SIZE], home[UNITS_TEXT_SIZE];
	uint64_t bytes = use->unnamed_bytes;

	for (size_t i = 0; i < watch->branch_count; i++)
		bytes += use->bytes[i];
	units_format_size(bytes, branch);
	units_format_size(jail_storage_total(use) - bytes, home);
	snprintf(ret, size, " (the branch holds %s bytes, the private home %s)", branch, home);
}

static void look_at_storage(struct loop_timer *timer);

static void storage_was_seen(struct loop_child *child, UNUSED int exit_code)
{
	struct supervisor *s = CONTAINER_OF(child, struct supervisor, watch.looker);
	uint64_t limit_bytes = settings_of(s)->limits.storage_bytes,
		took_ns = s->loop.now_ns - s->watch.look_began_ns;
	struct watch *watch = &s->watch;
	struct jail_storage_use use;
	struct error err;
	char said[160];

	jail_storage_read(watch->looker_fd, &use);
	watch->looker_fd = fd_close(watch->looker_fd);
	watch->looker_pidfd = fd_close(watch->looker_pidfd);
	if (s->is_gone)
		return;
	if (use.code < 0) {
		error_sys(&err, use.code,
			"the sandbox's storage cannot be looked at, so limits.storage cannot be enforced");
		supervisor_fail(s, 125, &err);
		return;
	}
	if (jail_storage_total(&use) > limit_bytes) {
		say_storage(watch, &use, said, sizeof(said));
		kill_for_bytes(s, "storage", limit_bytes, jail_storage_total(&use), said);
		return;
	}
	loop_set_timer(&s->loop, &watch->storage,
		s->loop.now_ns + MAX(STORAGE_PERIOD_MS * NS_PER_MS, took_ns * LOOK_SHARE), look_at_storage);
}

static void look_at_storage(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.storage);
	struct watch *watch = &s->watch;
	struct error err = ERROR_INIT;
	int r;

	if (s->is_gone)
		return;
	watch->look_began_ns = s->loop.now_ns;
	r = jail_storage_start(&watch->places, &watch->looker_pidfd, &watch->looker_fd, &err);
	if (r >= 0) {
		r = loop_add_child(&s->loop, &watch->looker, watch->looker_pidfd, storage_was_seen);
		if (r < 0)
			error_sys(&err, r, "watching who looks at the sandbox's storage");
	}
	if (r < 0)
		supervisor_fail(s, 125, &err);
}

static const char *home_of(const struct jail_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].flags & JAIL_STEP_HOME)
			return plan->steps[i].source;
	return NULL;
}

static int find_places(struct supervisor *s)
{
	const char **paths = arena_alloc_array(&s->arena, JAIL_STORAGE_PATHS_MAX, sizeof(*paths));
	const char *home = home_of(&s->plan);
	struct watch *watch = &s->watch;
	size_t count = 0;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < s->session.root_count; i++) {
		if (s->session.roots[i].live)
			continue;
		paths[count] = arena_printf(&s->arena, "%s/%s", s->session.roots[i].storage,
			s->plan.level == JAIL_LEVEL_LANDLOCK ? "copy" : "upper");
		if (!paths[count++])
			return -ENOMEM;
	}
	watch->branch_count = count;
	if (home)
		paths[count++] = home;
	watch->places = (struct jail_storage){ .paths = paths, .path_count = count, .pid = watch->init_pid };
	return 0;
}

static void watch_storage(struct supervisor *s)
{
	struct error err;
	int r;

	if (settings_of(s)->limits.storage_bytes == CONFIG_UNLIMITED)
		return;
	r = find_places(s);
	if (r < 0) {
		error_sys(&err, r, "what limits.storage counts");
		supervisor_fail(s, 125, &err);
		return;
	}
	loop_set_timer(&s->loop, &s->watch.storage, s->loop.now_ns + STORAGE_PERIOD_MS * NS_PER_MS,
		look_at_storage);
}

/* ---- the whole ---- */

static void add_limit(struct json_array_builder *limits, struct arena *arena, const char *name,
	const char *value, const char *mechanism, uint64_t period_ns)
{
	struct json_object_builder limit;

	json_object_begin(&limit, arena);
	json_object_add_text(&limit, "limit", name);
	json_object_add_text(&limit, "value", value);
	json_object_add_text(&limit, "mechanism", mechanism);
	if (period_ns)
		json_object_add_int(&limit, "every_ms", (int64_t)(period_ns / NS_PER_MS));
	json_array_add(limits, json_object_end(&limit));
}

static const char *owner_name(uint64_t value)
{
	return jail_mechanism_name(value == CONFIG_UNLIMITED ? JAIL_BY_NOBODY : JAIL_BY_SUPERVISOR);
}

static const char *number_text(struct arena *arena, uint64_t value)
{
	const char *text = value == JAIL_UNLIMITED ? "unlimited" :
		arena_printf(arena, "%llu", (unsigned long long)value);

	return text ? text : "";
}

static const char *duration_text(struct arena *arena, uint64_t value_ns)
{
	char text[UNITS_TEXT_SIZE];
	const char *copy;

	if (value_ns == CONFIG_UNLIMITED)
		return "unlimited";
	units_format_duration(value_ns, text);
	copy = arena_printf(arena, "%s", text);
	return copy ? copy : "";
}

static void add_own(struct supervisor *s, struct json_array_builder *limits)
{
	const struct config_settings *settings = settings_of(s);
	uint64_t storage = settings->limits.storage_bytes, time = settings->limits.time_ns,
		idle = settings->limits.idle_ns;
	struct arena *arena = &s->scratch;

	add_limit(limits, arena, "storage", number_text(arena, storage), owner_name(storage),
		storage == CONFIG_UNLIMITED ? 0 : STORAGE_PERIOD_MS * NS_PER_MS);
	add_limit(limits, arena, "time", duration_text(arena, time), owner_name(time), 0);
	add_limit(limits, arena, "idle", duration_text(arena, idle), owner_name(idle),
		idle == CONFIG_UNLIMITED ? 0 : idle_period_ns(idle));
}

int watch_record(struct supervisor *s, const struct jail_created *created)
{
	struct json_object_builder fields;
	struct json_array_builder limits;

	s->watch.init_pid = created->pid;
	s->watch.is_memory_ours = created->mechanisms[JAIL_LIMIT_MEMORY] == JAIL_BY_SUPERVISOR;
	json_array_begin(&limits, &s->scratch);
	for (size_t i = 0; i < JAIL_LIMIT_COUNT; i++) {
		enum jail_mechanism by = (enum jail_mechanism)created->mechanisms[i];
		uint64_t value = jail_limit_get(&s->plan.limits, (enum jail_limit)i);

		add_limit(&limits, &s->scratch, jail_limit_name((enum jail_limit)i),
			number_text(&s->scratch, value), jail_mechanism_name(by),
			by == JAIL_BY_SUPERVISOR ? MEMORY_PERIOD_MS * NS_PER_MS : 0);
	}
	add_own(s, &limits);
	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "limits", json_array_end(&limits));
	return supervisor_record(s, LEDGER_LIMITS, &fields, 0);
}

void watch_begin(struct supervisor *s)
{
	uint64_t time_ns = settings_of(s)->limits.time_ns;

	if (time_ns != CONFIG_UNLIMITED)
		loop_set_timer(&s->loop, &s->watch.time, s->loop.now_ns + time_ns, time_is_up);
	watch_usage(s);
	watch_storage(s);
}
