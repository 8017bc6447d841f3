// SPDX-License-Identifier: Apache-2.0
/*
 * plan.c - names of what a plan is made of, and its paths
 */
#include "jail/plan_internal.h"

static const char *const kind_names[] = {
#define NAME(kind, name) [JAIL_STEP_##kind] = name,
	JAIL_STEP_KINDS(NAME)
#undef NAME
};

static const char *const level_names[] = {
#define NAME(level, name) [JAIL_LEVEL_##level] = name,
	JAIL_LEVELS(NAME)
#undef NAME
};

static const char *const preset_names[] = {
	[JAIL_PRESET_BASE] = "base", [JAIL_PRESET_ALONE] = "alone",
};

static const struct {
	const char *name;
	size_t offset;
} limits_table[JAIL_LIMIT_COUNT] = {
#define LIMIT(limit, field, name) [JAIL_LIMIT_##limit] = { name, offsetof(struct jail_limits, field) },
	JAIL_LIMITS(LIMIT)
#undef LIMIT
};

const char *jail_level_name(enum jail_level level)
{
	assert(level < JAIL_LEVEL_COUNT);
	return level_names[level];
}

const char *jail_preset_name(enum jail_preset preset)
{
	return preset_names[preset];
}

const char *jail_step_kind_name(enum jail_step_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(kind_names) && kind_names[kind] ? kind_names[kind] : "invalid";
}

const char *jail_limit_name(enum jail_limit limit)
{
	assert(limit < JAIL_LIMIT_COUNT);
	return limits_table[limit].name;
}

uint64_t jail_limit_get(const struct jail_limits *limits, enum jail_limit limit)
{
	uint64_t value;

	assert(limit < JAIL_LIMIT_COUNT);
	memcpy(&value, (const char *)limits + limits_table[limit].offset, sizeof(value));
	return value;
}

bool jail_command_uses_tty(const struct jail_command *command)
{
	for (size_t i = 0; i < ARRAY_SIZE(command->stdio); i++)
		if (command->stdio[i] == JAIL_STDIO_TTY)
			return true;
	return false;
}

int jail_path_compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (*a == '/' ? 1 : (unsigned char)*a) - (*b == '/' ? 1 : (unsigned char)*b);
}

bool jail_path_is_beneath(const char *path, const char *dir)
{
	size_t len = 0;

	if (!strcmp(dir, "/"))
		return path[0] == '/';
	while (dir[len] && dir[len] == path[len])
		len++;
	return !dir[len] && (!path[len] || path[len] == '/');
}
