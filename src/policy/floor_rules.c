// SPDX-License-Identifier: Apache-2.0
/*
 * floor_rules.c - the floor's rules, for people who want to read them
 */
#include "policy/floor_internal.h"

size_t floor_rules_count(void)
{
	return FLOOR_RULE_COUNT;
}

const struct floor_rule *floor_find_rule(const char *id)
{
	for (size_t i = 0; i < FLOOR_RULE_COUNT; i++)
		if (!strcmp(floor_rules[i].id, id))
			return &floor_rules[i];
	return NULL;
}

/* A name without its first word is the commonest way to miss. */
const char *floor_nearest_rule(const char *id)
{
	const char *names[FLOOR_RULE_COUNT], *last[FLOOR_RULE_COUNT], *near;

	for (size_t i = 0; i < FLOOR_RULE_COUNT; i++) {
		names[i] = floor_rules[i].id;
		last[i] = strchr(names[i], '/') + 1;
	}
	near = str_nearest(str_from(id), names, FLOOR_RULE_COUNT);
	if (near)
		return near;
	near = str_nearest(str_from(id), last, FLOOR_RULE_COUNT);
	for (size_t i = 0; near && i < FLOOR_RULE_COUNT; i++)
		if (last[i] == near)
			return names[i];
	return NULL;
}

const char *floor_look_name(enum floor_look look)
{
	static const char *const names[] = {
		[FLOOR_LOOK_WRITE] = "write", [FLOOR_LOOK_GIT_CONFIG] = "git-config",
		[FLOOR_LOOK_JSON] = "json", [FLOOR_LOOK_JSONC] = "jsonc", [FLOOR_LOOK_TOML] = "toml",
		[FLOOR_LOOK_INI] = "ini", [FLOOR_LOOK_CFG] = "cfg", [FLOOR_LOOK_LINES] = "lines",
		[FLOOR_LOOK_ENV] = "env", [FLOOR_LOOK_WORKTREE] = "worktree",
		[FLOOR_LOOK_ATTRIBUTES] = "attributes", [FLOOR_LOOK_TODO] = "todo",
		[FLOOR_LOOK_GITDIR] = "gitdir", [FLOOR_LOOK_COMMONDIR] = "commondir",
	};

	return names[look];
}
