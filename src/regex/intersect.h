/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intersect.h - whether two simple patterns have a name in common
 *
 * A pattern here is a sequence of characters, of `.` for any character and of sets `[a-z_]`, each of which
 * may be followed by `+` or `*`; a backslash takes away any meaning. That is what Rego's regex.globs_match
 * takes: do two rules overlap?
 *
 * Source: github.com/yashtewari/glob-intersection 0.2, whose syntax and messages these are. Where it does not
 * find what there is (`a*b` and `c*b` have "b" in common), or finds what there is not (`b+b+` and `.`), the
 * answer here is the true one.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/**
 * patterns_intersect() - whether some text that is not empty matches both patterns
 * @arena: for what is needed meanwhile, and for the error
 * @left:  a pattern
 * @right: another
 * @steps: taken off: one for each pair of an element of @left and one of @right, and for each range in them
 * @err:   for -EINVAL, what is wrong with a pattern, or NULL where @arena has no room for it
 *
 * Errors: -EINVAL a pattern is none; -ETIME the steps are used up; -EMSGSIZE the arena is full.
 * Return: 1 if they have, 0 if not, or negative errno.
 */
int patterns_intersect(struct arena *arena, struct str left, struct str right, uint64_t *steps,
	const char **err);
