/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subset.h - a part of a changeset that is a changeset itself
 *
 * A person may commit some paths of a branch. What is judged and committed then is a changeset of its own,
 * with its own digest, and what remains is another one. Both keep every invariant: link groups are numbered
 * anew, and a file whose other half of a move stays behind is no longer renamed but added.
 */
#pragma once

#include "overlay/changeset.h"

/**
 * overlay_select() - which changes a person means by a path
 * @changeset: sorted
 * @root:      index of the root that @path lies in
 * @path:      clean, relative to it; "." is everything
 * @selected:  changeset->count flags; those that match are set
 *
 * A path means itself and everything below it, and the new directories above it that it needs. The two halves
 * of a move are two paths.
 *
 * Return: how many changes the path named, 0 when it names none.
 */
size_t overlay_select(const struct changeset *changeset, unsigned root, struct str path, bool *selected);

/** overlay_select_one() - a change by its index, and the new directories above it that it needs */
void overlay_select_one(const struct changeset *changeset, size_t index, bool *selected);

/**
 * overlay_deselect() - which changes a person leaves out by a path
 * @changeset: sorted
 * @root:      index of the root that @path lies in
 * @path:      clean, relative to it; "." is everything
 * @selected:  changeset->count flags; those at and below @path are cleared
 *
 * New directories above it stay as they are: others may need them.
 *
 * Return: how many changes the path named, 0 when it names none.
 */
size_t overlay_deselect(const struct changeset *changeset, unsigned root, struct str path, bool *selected);

/**
 * overlay_subset() - the changes that are selected, or those that are not
 * @arena:     owns the list; paths stay those of @changeset
 * @changeset: sorted and sealed
 * @selected:  changeset->count flags
 * @wanted:    the value of the flags of those that are taken
 * @ret:       sealed
 *
 * Errors: -EMSGSIZE the arena is full, or the text of the result would be too long.
 * Return: 0 or negative errno.
 */
int overlay_subset(struct arena *arena, const struct changeset *changeset, const bool *selected, bool wanted,
	struct changeset *ret);
