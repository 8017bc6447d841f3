// SPDX-License-Identifier: Apache-2.0
/*
 * doctor_json.c - the report for a program: docs/formats/doctor.md
 */
#include "cli/doctor.h"

enum {
	DOCTOR_VERSION = 1,
};

static const struct json *row_to_json(struct arena *arena, const struct jail_row *row)
{
	static const char *const needs[] = {
		[JAIL_NEED_SESSION] = "session", [JAIL_NEED_PROMISE] = "promise",
		[JAIL_NEED_NETWORK] = "network",
		[JAIL_NEED_KNOW] = "none",
	};
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "name", row->name);
	json_object_add_text(&object, "purpose", row->purpose);
	json_object_add_text(&object, "needed_for", needs[row->need]);
	json_object_add_text(&object, "state", jail_state_name(row->state));
	json_object_add(&object, "detail", json_new_bytes(arena, str_from(row->detail)));
	if (row->remedy[0])
		json_object_add_text(&object, "remedy", row->remedy);
	return json_object_end(&object);
}

static const struct json *limits_to_json(struct arena *arena, const struct doctor *doctor,
	const struct doctor_level *level)
{
	struct json_object_builder limits;

	json_object_begin(&limits, arena);
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++) {
		struct json_object_builder limit;
		uint64_t value = jail_limit_get(&level->limits, (enum jail_limit)i);

		if (value == JAIL_UNLIMITED)
			continue;
		json_object_begin(&limit, arena);
		json_object_add_int(&limit, "value", (int64_t)MIN(value, (uint64_t)INT64_MAX));
		json_object_add_text(&limit, "by", jail_mechanism_name(doctor->facts.by[i]));
		json_object_add_bool(&limit, "by_kernel", !level->outlook.weak_limits[i]);
		json_object_add(&limits, jail_limit_name((enum jail_limit)i), json_object_end(&limit));
	}
	return json_object_end(&limits);
}

static const struct json *level_to_json(struct arena *arena, const struct doctor *doctor,
	const struct doctor_level *level)
{
	struct json_object_builder object;
	struct json_array_builder lacks;

	json_array_begin(&lacks, arena);
	for (int i = 0; i < JAIL_PROBE_COUNT; i++)
		if (level->outlook.lacks[i])
			json_array_add(&lacks, json_new_text(arena, doctor->report.rows[i].name));
	json_object_begin(&object, arena);
	json_object_add_text(&object, "profile", level->name);
	json_object_add_text(&object, "promise", jail_promise_name(level->outlook.promise));
	json_object_add(&object, "lacks", json_array_end(&lacks));
	json_object_add(&object, "limits", limits_to_json(arena, doctor, level));
	if (level->opa)
		json_object_add_text(&object, "opa", level->opa);
	if (level->unenforced)
		json_object_add_text(&object, "unenforced", level->unenforced);
	return json_object_end(&object);
}

static const struct json *isolation_to_json(struct arena *arena, const struct doctor *doctor)
{
	struct json_array_builder isolation;

	json_array_begin(&isolation, arena);
	for (int i = 0; i < JAIL_LEVEL_COUNT; i++) {
		struct json_object_builder object;
		struct json_array_builder lacks;
		bool lacking[JAIL_PROBE_COUNT];
		bool has = jail_probe_level(&doctor->facts, &doctor->report, (enum jail_level)i, lacking);

		json_array_begin(&lacks, arena);
		for (int j = 0; j < JAIL_PROBE_COUNT; j++)
			if (lacking[j])
				json_array_add(&lacks, json_new_text(arena, doctor->report.rows[j].name));
		json_object_begin(&object, arena);
		json_object_add_text(&object, "level", jail_level_name((enum jail_level)i));
		json_object_add_bool(&object, "starts", has);
		json_object_add(&object, "lacks", json_array_end(&lacks));
		json_array_add(&isolation, json_object_end(&object));
	}
	return json_array_end(&isolation);
}

static const char *answer_name(const struct jail_syscall *call)
{
	if (call->action == JAIL_SYSCALL_RECORD)
		return "record";
	if (call->action == JAIL_SYSCALL_REFUSE)
		return "refuse";
	return call->waits ? "mediate" : call->checks_args ? "check" : "allow";
}

static const struct json *names_to_json(struct arena *arena)
{
	struct json_array_builder array;
	size_t count;
	const struct jail_syscall *calls = jail_syscalls(&count);

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, "name", calls[i].name);
		json_object_add_text(&object, "answer", answer_name(&calls[i]));
		if (calls[i].action != JAIL_SYSCALL_ALLOW)
			json_object_add_text(&object, "why", calls[i].why);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *calls_to_json(struct arena *arena, const struct doctor *doctor)
{
	const struct jail_syscall_census *census = &doctor->census;
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "architecture", census->arch);
	json_object_add_int(&object, "known", census->known);
	json_object_add_int(&object, "allow", census->allowed);
	json_object_add_int(&object, "check", census->checked);
	json_object_add_int(&object, "mediate", census->mediated);
	json_object_add_int(&object, "record", census->recorded);
	json_object_add_int(&object, "refuse", census->refused);
	if (doctor->with_calls)
		json_object_add(&object, "calls", names_to_json(arena));
	return json_object_end(&object);
}

const struct json *doctor_to_json(struct cli *cli, const struct doctor *doctor)
{
	struct arena *arena = &cli->arena;
	struct json_object_builder object;
	struct json_array_builder rows, levels, groups;

	json_array_begin(&rows, arena);
	for (size_t i = 0; i < ARRAY_SIZE(doctor->report.rows); i++)
		json_array_add(&rows, row_to_json(arena, &doctor->report.rows[i]));
	json_array_begin(&groups, arena);
	for (size_t i = 0; i < doctor->group_count; i++)
		json_array_add(&groups, json_new_int(arena, doctor->groups[i]));
	json_array_begin(&levels, arena);
	for (size_t i = 0; i < doctor->level_count; i++)
		json_array_add(&levels, level_to_json(arena, doctor, &doctor->levels[i]));
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", DOCTOR_VERSION);
	json_object_add(&object, "kernel", json_new_bytes(arena, str_from(doctor->facts.release)));
	json_object_add_bool(&object, "root", doctor->facts.is_root);
	json_object_add_bool(&object, "nested", doctor->facts.is_nested);
	json_object_add(&object, "groups_kept", json_array_end(&groups));
	json_object_add_bool(&object, "complete", doctor->facts.is_complete);
	if (doctor->places.workspace)
		json_object_add(&object, "workspace",
			json_new_bytes(arena, str_from(doctor->places.workspace)));
	json_object_add(&object, "features", json_array_end(&rows));
	json_object_add(&object, "system_calls", calls_to_json(arena, doctor));
	json_object_add(&object, "isolation", isolation_to_json(arena, doctor));
	json_object_add(&object, "levels", json_array_end(&levels));
	json_object_add_bool(&object, "configuration_readable", !doctor->is_default);
	json_object_add(&object, "here", level_to_json(arena, doctor, &doctor->here));
	return json_object_end(&object);
}
