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
 * change_read() - one entry from its public form, by its members alone
 * @arena:      owns the result
 * @value:      what change_write() wrote
 * @root_count: how many roots there are
 * @ret:        all-zero; filled
 * @err:        says which field
 *
 * What binds its members to each other and to other entries is not looked at.
 *
 * Errors: -EBADMSG no entry; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int change_read(struct arena *arena, const struct json *value, size_t root_count, struct change *ret,
	struct error *err);

/**
 * changeset_read_frame() - what a changeset says besides its entries
 * @arena:     owns the roots
 * @value:     the whole, or with an empty list of entries
 * @ret:       filled but for the entries
 * @ret_count: how many of these it says there are; 0..CHANGES_MAX
 * @err:       says which field
 *
 * Errors: as changeset_read().
 * Return: 0 or negative errno; @ret is garbage then.
 */
int changeset_read_frame(struct arena *arena, const struct json *value, struct changeset *ret,
	uint64_t *ret_count, struct error *err);

/** changeset_read_text() - changeset_parse() by way of one value for the whole text; Return: as that */
int changeset_read_text(struct arena *arena, struct str text, struct changeset *ret, struct error *err);

/** changeset_write_head() - what stands in front of the entries; a failure sticks to the buffer */
void changeset_write_head(struct buf *buf, const struct changeset *changeset);

/** changeset_write_tail() - what stands behind the entries; a failure sticks to the buffer */
void changeset_write_tail(struct buf *buf, const struct changeset *changeset, bool with_digest);

/** change_make_added() - a renamed file seen as a new one: then all of its xattrs are new */
void change_make_added(struct change *change);

/**
 * changeset_sum_bytes() - what total_bytes has to be: each new content once, a link group's first entry
 * standing for it
 */
uint64_t changeset_sum_bytes(const struct changeset *changeset);
