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
		[FLOOR_LOOK_GIT_INDEX] = "git-index", [FLOOR_LOOK_GITDIR] = "gitdir",
		[FLOOR_LOOK_COMMONDIR] = "commondir",
	};

	return names[look];
}

const char *floor_known_name(enum floor_known known)
{
	static const char *const names[] = {
		[FLOOR_KNOWN_NONE] = "none", [FLOOR_KNOWN_VALUE] = "value",
		[FLOOR_KNOWN_PACKAGE] = "package", [FLOOR_KNOWN_DIRECTORY] = "directory",
	};

	return names[known];
}

const char *floor_known_text(enum floor_known known)
{
	static const char *const texts[] = {
		[FLOOR_KNOWN_NONE] = "every address is a finding",
		[FLOOR_KNOWN_VALUE] = "an address that the file had before is none",
		[FLOOR_KNOWN_PACKAGE] = "an address of a registry that the file named before is none "
			"(https://HOST/PATH/NAME/-/FILE of the same host and path)",
		[FLOOR_KNOWN_DIRECTORY] = "an address in a directory that the file named before is none "
			"(https://HOST/NAME/... of the same host and name)",
	};

	return texts[known];
}
