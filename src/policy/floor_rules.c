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

void floor_rule_patterns(const struct floor_rule *rule, void (*each)(void *context, const char *pattern),
	void *context)
{
	for (size_t i = 0; i < floor_patterns_count; i++)
		if (&floor_rules[floor_watches[floor_patterns[i].watch].rule] == rule)
			each(context, floor_patterns[i].pattern);
}
