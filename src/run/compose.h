/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose.h - files of which a person takes a part, made before they are judged
 *
 * cordon-differ puts them together, since it is the one that may look at what an agent wrote; here they are
 * stored under their digests (overlay/compose.h) and become changes.
 */
#pragma once

#include "overlay/compose.h"
#include "run/roots.h"

/* What a person chose of a changeset that was shown to them, and of no other. */
struct run_choice {
	struct digest changeset;
	const bool *selected;		/* its count: taken, whole or in part */
	const struct compose_part *parts;	/* of what is selected */
	size_t part_count;
};

/**
 * run_compose() - make the files that are taken in part
 * @arena:   owns the list
 * @session: open and locked
 * @choice:  of @whole
 * @whole:   sealed
 * @ret:     @whole, with the parts in place of the whole changes; not sealed
 * @err:     what failed
 *
 * Errors: -EINVAL a change that cannot be taken in part; -EPROTO a file of base or branch is not what it was;
 * others from the kernel.
 * Return: 0 or negative errno.
 */
int run_compose(struct arena *arena, const struct session *session, const struct run_choice *choice,
	const struct changeset *whole, struct changeset *ret, struct error *err);

/** run_compose_remove() - remove what was made, committed or not */
void run_compose_remove(const struct session *session);
