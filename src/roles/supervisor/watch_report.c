// SPDX-License-Identifier: Apache-2.0
/*
 * watch_report.c - who enforces which limit, and which were reached
 *
 * The record `limits` is written before the agent runs. A limit that is reached is recorded when it is seen,
 * once in a session, and told at the end: the program owns the terminal until then, and would paint over it.
 */
#include "roles/supervisor/watch_internal.h"

#include "base/time.h"
#include "base/units.h"
#include "kern/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
	MESSAGE_SIZE = 400,
	SLOWED_MIN_NS = 100000000,	/* shorter waits nobody notices */
	FULL_MIN_NS = 1000000000,
	MILLIS_PER_CPU = 1000,
	FULL_PERCENT = 90,		/* of the processors that it may use: it would have used more */
};

/* What a person types to raise a limit for one session. */
static const struct {
	enum config_key key;
	const char *option;
} options[] = {
	{ CONFIG_KEY_LIMITS_MEMORY, "--memory SIZE" },
	{ CONFIG_KEY_LIMITS_CPUS, "--cpus N" },
	{ CONFIG_KEY_LIMITS_PIDS, "--pids N" },
	{ CONFIG_KEY_LIMITS_FILES, "--files N" },
	{ CONFIG_KEY_LIMITS_FILE_SIZE, "--file-size SIZE" },
	{ CONFIG_KEY_LIMITS_STORAGE, "--storage SIZE" },
	{ CONFIG_KEY_LIMITS_TIME, "--time DURATION" },
	{ CONFIG_KEY_LIMITS_IDLE, "--idle DURATION" },
};

/* ---- what was reached ---- */

static const char *option_of(enum config_key key)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].key == key)
			return options[i].option;
	return "";
}

/* "memory" of "limits.memory" */
static const char *short_name(enum config_key key)
{
	return strchr(config_key_name(key), '.') + 1;
}

static bool is_known(const struct watch *watch, const char *limit)
{
	for (size_t i = 0; i < watch->hit_count; i++)
		if (!strcmp(json_get_text(watch->hits[i], "limit"), limit))
			return true;
	return false;
}

static void add_facts(struct json_object_builder *object, const struct watch_hit *hit)
{
	json_object_add_text(object, "limit", short_name(hit->key));
	json_object_add_text(object, "value", hit->value);
	json_object_add_text(object, "mechanism", jail_mechanism_name(hit->by));
	json_object_add_text(object, "action", hit->action);
	if (hit->used)
		json_object_add_int(object, "used", (int64_t)MIN(hit->used, (uint64_t)INT64_MAX));
}

/* For a person, at the end. */
static const struct json *hit_to_json(struct arena *arena, const struct watch_hit *hit)
{
	const char *name = config_key_name(hit->key);
	struct json_object_builder object;
	char text[MESSAGE_SIZE];

	json_object_begin(&object, arena);
	add_facts(&object, hit);
	snprintf(text, sizeof(text), "the session reached %s = %s, enforced by %s%s%s: %s", name, hit->value,
		jail_mechanism_name(hit->by), hit->said ? ", " : "", hit->said ? hit->said : "", hit->action);
	json_object_add_text(&object, "message", text);
	snprintf(text, sizeof(text),
		"`cordon run %s` sets another one for a session, %s in a configuration file for all; "
		"`cordon config show --origin` says where it comes from", option_of(hit->key), name);
	json_object_add_text(&object, "remedy", text);
	return json_object_end(&object);
}

int watch_reached(struct supervisor *s, const struct watch_hit *hit)
{
	struct json_object_builder fields;
	const struct json *json;
	int r;

	if (is_known(&s->watch, short_name(hit->key)))
		return 0;
	json_object_begin(&fields, &s->scratch);
	add_facts(&fields, hit);
	r = supervisor_record(s, LEDGER_LIMIT_REACHED, &fields, 0);
	json = r < 0 ? NULL : hit_to_json(&s->arena, hit);
	if (json && s->watch.hit_count < WATCH_HITS_MAX)
		s->watch.hits[s->watch.hit_count++] = json;
	return r;
}

void watch_kill(struct supervisor *s, enum config_key key, uint64_t limit_bytes, uint64_t used_bytes,
	const char *said)
{
	char value[UNITS_TEXT_SIZE], used[UNITS_TEXT_SIZE], text[MESSAGE_SIZE];
	struct watch_hit hit = { .key = key, .value = value, .by = JAIL_BY_SUPERVISOR,
		.action = "the sandbox is killed", .said = text, .used = used_bytes };

	units_format_size(limit_bytes, value);
	watch_format_used(used_bytes, used);
	snprintf(text, sizeof(text), "which counted %s (%s)", used, said);
	if (watch_reached(s, &hit) < 0)
		return;
	if (!s->is_ending)
		s->reason = END_LIMIT;
	s->is_ending = true;
	supervisor_end_sandbox(s);
}

/* A limit of the plan, as a person would write it. */
static void value_text(const struct supervisor *s, enum jail_limit limit, char ret[UNITS_TEXT_SIZE])
{
	uint64_t value = jail_limit_get(&s->plan.limits, limit);

	if (limit == JAIL_LIMIT_MEMORY || limit == JAIL_LIMIT_FILE_SIZE)
		units_format_size(value, ret);
	else if (limit == JAIL_LIMIT_CPU)
		snprintf(ret, UNITS_TEXT_SIZE, "%g", (double)value / MILLIS_PER_CPU);
	else
		snprintf(ret, UNITS_TEXT_SIZE, "%llu", (unsigned long long)value);
}

int watch_refused(struct supervisor *s, enum jail_limit limit, uint64_t used)
{
	static const struct {
		enum config_key key;
		const char *action;
	} rows[JAIL_LIMIT_COUNT] = {
		[JAIL_LIMIT_MEMORY] = { CONFIG_KEY_LIMITS_MEMORY, "processes were killed for memory" },
		[JAIL_LIMIT_CPU] = { CONFIG_KEY_LIMITS_CPUS, "the session was slowed down" },
		[JAIL_LIMIT_PIDS] = { CONFIG_KEY_LIMITS_PIDS, "more processes and threads are refused" },
		[JAIL_LIMIT_FILES] = { CONFIG_KEY_LIMITS_FILES, "a process can open no more files" },
		[JAIL_LIMIT_FILE_SIZE] = { CONFIG_KEY_LIMITS_FILE_SIZE, "writing beyond it is refused" },
	};
	char value[UNITS_TEXT_SIZE];
	struct watch_hit hit = { .key = rows[limit].key, .value = value, .by = s->watch.by[limit],
		.action = rows[limit].action, .used = used };

	value_text(s, limit, value);
	return watch_reached(s, &hit);
}

/* With fewer processors there is no count of what it had to wait for. */
static bool used_all(const struct supervisor *s, const struct command *agent, uint64_t cpu_ns)
{
	uint64_t wall_ns = kern_clock_monotonic_ns() - agent->started_ns;
	uint64_t cpus = (s->plan.limits.cpu_millis + MILLIS_PER_CPU - 1) / MILLIS_PER_CPU;

	return wall_ns > FULL_MIN_NS && cpu_ns / FULL_PERCENT > wall_ns / 100 * cpus;
}

void watch_end(struct supervisor *s, const struct jail_gone *gone)
{
	struct command *agent = command_find(s, 0);
	const enum jail_mechanism *by = s->watch.by;
	const uint64_t *counts = gone->refused_counts;

	if (!agent || s->failure.code)
		return;
	if (counts[JAIL_LIMIT_MEMORY] && watch_refused(s, JAIL_LIMIT_MEMORY, 0) < 0)
		return;
	/*
	 * What a limit cut off is not done, whoever enforced it; version 2 ends the whole group, and init
	 * with it.
	 */
	if (counts[JAIL_LIMIT_MEMORY] && (agent->signal == SIGKILL || !agent->has_exited) &&
			s->reason == END_EXITED)
		s->reason = END_LIMIT;
	if (counts[JAIL_LIMIT_PIDS] && watch_refused(s, JAIL_LIMIT_PIDS, 0) < 0)
		return;
	if ((gone->throttled_ns > SLOWED_MIN_NS ||
			(by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY && used_all(s, agent, gone->cpu_ns))) &&
			watch_refused(s, JAIL_LIMIT_CPU, 0) < 0)
		return;
	/* A shell passes on how its last command ended. */
	if (by[JAIL_LIMIT_FILE_SIZE] == JAIL_BY_RLIMIT && agent->code == 128 + SIGXFSZ)
		(void)watch_refused(s, JAIL_LIMIT_FILE_SIZE, 0);
}

const struct json *watch_hits(struct supervisor *s)
{
	struct json_array_builder list;

	if (!s->watch.hit_count)
		return NULL;
	json_array_begin(&list, &s->arena);
	for (size_t i = 0; i < s->watch.hit_count; i++)
		json_array_add(&list, s->watch.hits[i]);
	return json_array_end(&list);
}

void watch_tell_hits(struct supervisor *s)
{
	for (size_t i = 0; i < s->watch.hit_count; i++)
		client_notice(s, "%s", json_get_text(s->watch.hits[i], "message"));
}

/* ---- who enforces ---- */

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

/* Plain numbers for programs; processors are the one limit that is no whole number. */
static const char *limit_text(struct supervisor *s, enum jail_limit limit)
{
	uint64_t value = jail_limit_get(&s->plan.limits, limit);
	char text[UNITS_TEXT_SIZE];
	const char *copy;

	if (limit != JAIL_LIMIT_CPU || value == JAIL_UNLIMITED)
		return number_text(&s->scratch, value);
	value_text(s, limit, text);
	copy = arena_printf(&s->scratch, "%s", text);
	return copy ? copy : "";
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
	const struct config_settings *settings = watch_settings(s);
	uint64_t storage = settings->limits.storage_bytes, time = settings->limits.time_ns,
		idle = settings->limits.idle_ns;
	struct arena *arena = &s->scratch;

	add_limit(limits, arena, "storage", number_text(arena, storage), owner_name(storage),
		storage == CONFIG_UNLIMITED ? 0 : WATCH_STORAGE_PERIOD_MS * NS_PER_MS);
	add_limit(limits, arena, "time", duration_text(arena, time), owner_name(time), 0);
	add_limit(limits, arena, "idle", duration_text(arena, idle), owner_name(idle),
		idle == CONFIG_UNLIMITED ? 0 : watch_idle_period_ns(idle));
}

int watch_record(struct supervisor *s, const struct jail_created *created)
{
	struct json_object_builder fields;
	struct json_array_builder limits;

	s->watch.init_pid = created->pid;
	json_array_begin(&limits, &s->scratch);
	for (size_t i = 0; i < JAIL_LIMIT_COUNT; i++) {
		enum jail_mechanism by = (enum jail_mechanism)created->mechanisms[i];

		s->watch.by[i] = by;
		add_limit(&limits, &s->scratch, jail_limit_name((enum jail_limit)i),
			limit_text(s, (enum jail_limit)i), jail_mechanism_name(by),
			by == JAIL_BY_SUPERVISOR ? WATCH_MEMORY_PERIOD_MS * NS_PER_MS : 0);
	}
	add_own(s, &limits);
	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "limits", json_array_end(&limits));
	return supervisor_record(s, LEDGER_LIMITS, &fields, 0);
}
