/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shipped.h - the modules that come with cordon, as they were when it was built
 *
 * Their texts are files beside the program; what a module is known by is here. So a session whose policies
 * are cordon's own needs no file to say what will judge it, and a file that is another one than was built in
 * is seen when it is read.
 */
#pragma once

#include "base/error.h"
#include "policy/set.h"

struct policy_shipped {
	const char *name;		/* "shipped:deletions.rego" */
	size_t size_bytes;
	struct digest digest;		/* of its text */
};

/* In order of names. */
extern const struct policy_shipped policy_shipped_modules[];
extern const size_t policy_shipped_count;

/**
 * policy_shipped_fetch() - read the texts of those modules of a set that are cordon's own
 * @arena: owns them
 * @dir:   where they are; NULL: where they were installed
 * @set:   sealed; its digest stays the same
 * @err:   which file
 *
 * Errors: -ENOENT one is gone; -EBADMSG one is not that of this cordon; -EMSGSIZE the arena; others from the
 * kernel.
 * Return: 0 or negative errno; then the set is as it was.
 */
int policy_shipped_fetch(struct arena *arena, const char *dir, struct policy_set *set, struct error *err);
