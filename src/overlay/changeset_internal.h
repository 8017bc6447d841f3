/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changeset_internal.h - what the files of this folder share about changesets and nobody else sees
 */
#pragma once

#include "overlay/changeset.h"

/**
 * changeset_check() - whether a changeset keeps the invariants of changeset.h (all but the digest)
 * @changeset: to look at
 * @err:       says which entry breaks which rule
 *
 * O(n log n), allocates a table of the link groups.
 *
 * Errors: -EBADMSG a rule is broken.
 * Return: 0 or negative errno.
 */
int changeset_check(const struct changeset *changeset, struct error *err);

/**
 * changeset_sum_bytes() - what total_bytes has to be: each new content once, a link group's first entry
 * standing for it
 */
uint64_t changeset_sum_bytes(const struct changeset *changeset);
