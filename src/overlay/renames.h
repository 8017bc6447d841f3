/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renames.h - a changeset as people read it: files that moved and were edited are renamed ones
 *
 * A changeset calls a file renamed only where its content is exactly what went elsewhere. Whoever moves a
 * file and edits it leaves a deletion and an addition, and these stay the truth: policy judges them, the
 * committer applies them, the digest binds them. Here is a view of it, in which some additions are
 * CHANGE_RENAMED with the deleted file as their old side, and the deletions CHANGE_MOVED. The view has the
 * same entries in the same order, so an index means the same in both; it has no digest, and is never written
 * down, judged or committed.
 *
 * Which files belong together is found by cordon-differ (similar.h), since it takes a look into them.
 */
#pragma once

#include "json/json.h"
#include "overlay/changeset.h"

/* One of them. */
struct rename {
	size_t target;			/* index of the addition */
	size_t source;			/* of the deletion: the file's own, or that of a directory above it */
	unsigned similarity;		/* percent */
	struct change change;		/* the addition as the view has it */
};

struct rename_list {
	const struct rename *items;	/* sorted by target */
	size_t count;
};

/**
 * rename_can_end() - whether an entry may be the new end of such a rename: a new file, alone under its name
 */
bool rename_can_end(const struct change *change);

/**
 * rename_can_begin() - whether it may be the old end: a deleted file that was read, and that nothing else is
 */
bool rename_can_begin(const struct change *change);

/**
 * rename_make() - one of them
 * @changeset:  the truth
 * @target:     index of the addition, rename_can_end()
 * @source:     index of the deletion
 * @old_path:   the deleted file, or one below the deleted directory
 * @old_file:   what it was; a deletion of its own says it better and is used instead
 * @similarity: percent, 0..100
 *
 * Return: the rename; it borrows everything.
 */
struct rename rename_make(const struct changeset *changeset, size_t target, size_t source,
	struct str old_path, const struct file_facts *old_file, unsigned similarity);

/** renames_find() - by the new end; Return: the rename, or NULL */
const struct rename *renames_find(const struct rename_list *list, size_t target);

/**
 * renames_apply() - the view
 * @arena:     owns the entries
 * @changeset: the truth
 * @list:      renames in it
 * @ret:       the view
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int renames_apply(struct arena *arena, const struct changeset *changeset, const struct rename_list *list,
	struct changeset *ret);

/**
 * renames_remove() - the changeset without any renames: what moved is deleted and added
 * @arena:     owns the entries
 * @changeset: the truth
 * @ret:       sealed
 *
 * Errors: -EMSGSIZE the arena is full, or the text would be too long.
 * Return: 0 or negative errno.
 */
int renames_remove(struct arena *arena, const struct changeset *changeset, struct changeset *ret);

/**
 * renames_subset() - what is left of them in a part of the changeset
 * @arena:     owns the list
 * @changeset: that @list is of
 * @list:      renames in it
 * @selected:  changeset->count flags
 * @subset:    overlay_subset() of what is selected
 * @ret:       those of which both ends are selected
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int renames_subset(struct arena *arena, const struct changeset *changeset, const struct rename_list *list,
	const bool *selected, const struct changeset *subset, struct rename_list *ret);

/* ---- as JSON ---- */

/** renames_write() - append [{"change":...,"similarity":...},...]; failures stick to @buf */
void renames_write(struct buf *buf, const struct rename_list *list);

/**
 * renames_read() - read what renames_write() wrote, believing nothing
 * @arena:     owns the list
 * @value:     the array
 * @changeset: the truth: where it says something about a file, that counts
 * @ret:       the list
 * @err:       says what is wrong
 *
 * Each end is used once, and is an end: also by the renames that the changeset has of its own.
 *
 * Errors: -EBADMSG no such list; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int renames_read(struct arena *arena, const struct json *value, const struct changeset *changeset,
	struct rename_list *ret, struct error *err);
