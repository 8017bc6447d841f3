/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places.h - paths of the configuration as the roots of a changeset have them
 *
 * What filesystem.deny or .hide names and is not there cannot be covered while the program runs, so the
 * commit is where it is kept away. A path means the place that it names as it is written, and the place where
 * it really would be, every link resolved that exists.
 */
#pragma once

#include "config/config.h"
#include "overlay/changeset.h"
#include "policy/judge.h"

struct run_places {
	struct policy_place *items;
	size_t count;
};

/**
 * run_places_find() - the paths of a list that lie in a root
 * @arena:     owns the places
 * @changeset: whose roots
 * @list:      absolute clean paths, which need not exist
 * @ret:       the places
 *
 * Errors: -ENOMEM the arena is full; -ENAMETOOLONG; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_places_find(struct arena *arena, const struct changeset *changeset, const struct config_list *list,
	struct run_places *ret);
