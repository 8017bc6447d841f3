// SPDX-License-Identifier: Apache-2.0
/*
 * plan_view.c - what of the host a sandbox shows, asked of its plan
 *
 * Steps stand in the order in which they are applied, a parent before what lies in it: what a path leads to
 * is decided by the last one at or above it.
 */
#include "jail/plan_view.h"

#include "base/path.h"

enum {
	LINKS_MAX = 16,
};

/* A seal changes what may be done with a path, and not what is there. */
static const struct jail_step *step_at(const struct jail_plan *plan, const char *path)
{
	const struct jail_step *found = NULL;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind != JAIL_STEP_SEAL &&
				path_is_beneath(str_from(path), str_from(plan->steps[i].target)))
			found = &plan->steps[i];
	return found;
}

static const char *join(struct arena *arena, const char *dir, const char *path, const char *top)
{
	const char *rest = path_relative(path, top);

	return path_clean(arena, dir, str_from(rest));
}

/* Where a link of the plan's leads, with what follows it in the path. */
static const char *follow(struct arena *arena, const struct jail_step *link, const char *path)
{
	struct str parent = path_parent(str_from(link->target));
	const char *dir = arena_copy(arena, parent.data, parent.len);
	const char *target = dir ? path_clean(arena, dir, str_from(link->source)) : NULL;

	return target ? join(arena, target, path, link->target) : NULL;
}

static bool is_executable(const struct jail_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->rule_count; i++)
		if (plan->rules[i].access & JAIL_ACCESS_EXECUTE &&
				path_is_beneath(str_from(path), str_from(plan->rules[i].path)))
			return true;
	return false;
}

const char *jail_plan_source(struct arena *arena, const struct jail_plan *plan, const char *path)
{
	if (plan->level == JAIL_LEVEL_LANDLOCK)
		return is_executable(plan, path) ? path : NULL;
	for (int links = 0; path && links < LINKS_MAX; links++) {
		const struct jail_step *step = step_at(plan, path);

		if (!step)
			return NULL;
		if (step->kind == JAIL_STEP_BIND || step->kind == JAIL_STEP_OVERLAY)
			return join(arena, step->source, path, step->target);
		if (step->kind != JAIL_STEP_SYMLINK)
			return NULL;
		path = follow(arena, step, path);
	}
	return NULL;
}
