/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home.h - what an agent left in its private home where mount points have to be
 *
 * Below the private home, directories of the real one are shown at their own places: toolchains, what is
 * read, the workspace itself. What leads there has to be directories. An agent may have put a link or a file
 * in their way in an earlier session; the launcher follows nothing and would refuse to start (jail/apply.c).
 * So what is in the way is moved aside, to a name beside it: nothing is followed, nothing is removed, and the
 * launcher makes the directory anew.
 *
 * First one finds, then one moves, so that it can be recorded in between.
 */
#pragma once

#include "jail/plan.h"

enum {
	RUN_OBSTACLES_MAX = JAIL_STEPS_MAX,
};

struct run_obstacle {
	const char *path;		/* relative to the private home, clean */
	const char *aside;		/* where it goes, likewise; a name that nothing has */
	const char *what;		/* it is, for people: "a link", "no directory", "a directory" */
};

struct run_obstacles {
	const struct run_obstacle *items;
	size_t count;
};

/**
 * run_home_find_obstacles() - what is in the way of a plan's steps
 * @arena: owns the result
 * @plan:  checked; one without a private home among its steps has no obstacles
 * @ret:   each once, in the order of the steps
 * @err:   says what failed
 *
 * What cannot be looked at is none: the launcher, which may more, finds it or fails.
 *
 * Errors: -ENOMEM the arena's limit; from the kernel where the private home cannot be opened.
 * Return: 0 or negative errno.
 */
int run_home_find_obstacles(struct arena *arena, const struct jail_plan *plan, struct run_obstacles *ret,
	struct error *err);

/**
 * run_home_move_aside() - take them out of the way
 * @arena:     scratch
 * @plan:      the same
 * @obstacles: that run_home_find_obstacles() found
 * @err:       names what could not be moved, and what to do
 *
 * What is gone meanwhile is no error.
 *
 * Errors: -EEXIST something has that name already; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_home_move_aside(struct arena *arena, const struct jail_plan *plan,
	const struct run_obstacles *obstacles, struct error *err);
