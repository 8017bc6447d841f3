// SPDX-License-Identifier: Apache-2.0
/*
 * subset.c - a part of a changeset that is a changeset itself
 */
#include "overlay/subset.h"

#include "base/path.h"
#include "overlay/changeset_internal.h"
#include "overlay/xattr.h"

#include <errno.h>

static bool is_within(struct str path, struct str dir)
{
	if (str_eq(dir, STR(".")) || str_eq(path, dir))
		return true;
	return path.len > dir.len && path.data[dir.len] == '/' && str_starts_with(path, dir);
}

/* A new file needs the new directories that it lies in. */
static void select_parents(const struct changeset *changeset, const struct change *change, bool *selected)
{
	for (struct str parent = path_parent(change->path); parent.len; parent = path_parent(parent)) {
		const struct change *dir = changeset_find(changeset, change->root, parent);

		if (dir && dir->new_file.type == FILE_DIRECTORY && dir->old_file.type != FILE_DIRECTORY)
			selected[dir - changeset->changes] = true;
	}
}

void overlay_select_one(const struct changeset *changeset, size_t index, bool *selected)
{
	selected[index] = true;
	select_parents(changeset, &changeset->changes[index], selected);
}

size_t overlay_select(const struct changeset *changeset, unsigned root, struct str path, bool *selected)
{
	size_t count = 0;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (change->root != root || !is_within(change->path, path))
			continue;
		overlay_select_one(changeset, i, selected);
		count++;
	}
	return count;
}

size_t overlay_deselect(const struct changeset *changeset, unsigned root, struct str path, bool *selected)
{
	size_t count = 0;

	for (size_t i = 0; i < changeset->count; i++) {
		if (changeset->changes[i].root != root || !is_within(changeset->changes[i].path, path))
			continue;
		selected[i] = false;
		count++;
	}
	return count;
}

/* Whether the deletion that a renamed file speaks of is in the list. */
static bool has_source(const struct changeset *subset, const struct change *renamed)
{
	struct str path = renamed->renamed_from;
	const struct change *change = changeset_find(subset, renamed->root, path);

	if (change)
		return change->kind == CHANGE_DELETED && change->flags & CHANGE_MOVED;
	while (path = path_parent(path), path.len) {
		change = changeset_find(subset, renamed->root, path);
		if (change && change->flags & CHANGE_TREE)
			return true;
	}
	return false;
}

void change_make_added(struct change *change)
{
	change->kind = CHANGE_ADDED;
	change->renamed_from = (struct str){ 0 };
	change->old_file = (struct file_facts){ 0 };
	change->flags &= ~(
		unsigned)(CHANGE_XATTRS | CHANGE_ACL | CHANGE_CAPABILITY | CHANGE_STALE | CHANGE_UNREAD);
	for (size_t i = 0; i < change->new_file.xattr_count; i++) {
		const char *name = change->new_file.xattrs[i].name;

		change->flags |= CHANGE_XATTRS;
		if (xattr_is_acl(name))
			change->flags |= CHANGE_ACL;
		if (!strcmp(name, "security.capability"))
			change->flags |= CHANGE_CAPABILITY;
	}
}

/* @moved: room for a flag per change; set for the deletions whose other half is here. */
static void settle_moves(struct changeset *subset, struct change *changes, bool *moved)
{
	for (size_t i = 0; i < subset->count; i++) {
		const struct change *source;

		if (changes[i].kind != CHANGE_RENAMED)
			continue;
		if (!has_source(subset, &changes[i])) {
			change_make_added(&changes[i]);
			continue;
		}
		source = changeset_find(subset, changes[i].root, changes[i].renamed_from);
		if (source)
			moved[source - changes] = true;
	}
	for (size_t i = 0; i < subset->count; i++)
		if (!moved[i])
			changes[i].flags &= ~(unsigned)CHANGE_MOVED;
}

/*
 * Groups with two members or more, numbered in the order of their first ones. @sizes and @numbers go by old
 * number.
 */
static void settle_links(struct changeset *subset, struct change *changes, uint64_t *sizes, uint64_t *numbers)
{
	uint64_t next = 0;

	for (size_t i = 0; i < subset->count; i++)
		sizes[changes[i].link_group]++;
	for (size_t i = 0; i < subset->count; i++) {
		uint64_t group = changes[i].link_group;

		if (!group)
			continue;
		if (sizes[group] > 1 && !numbers[group])
			numbers[group] = ++next;
		changes[i].link_group = numbers[group];
	}
}

int overlay_subset(struct arena *arena, const struct changeset *changeset, const bool *selected, bool wanted,
	struct changeset *ret)
{
	struct change *changes = arena_alloc_array(arena, changeset->count + 1, sizeof(*changes));
	uint64_t *sizes = arena_alloc_array(arena, changeset->count + 1, sizeof(*sizes));
	uint64_t *numbers = arena_alloc_array(arena, changeset->count + 1, sizeof(*numbers));
	bool *moved = arena_alloc_array(arena, changeset->count + 1, sizeof(*moved));
	struct changeset subset = *changeset;
	int r;

	if (!changes || !sizes || !numbers || !moved)
		return -EMSGSIZE;
	subset.changes = changes;
	subset.count = 0;
	for (size_t i = 0; i < changeset->count; i++)
		if (selected[i] == wanted)
			changes[subset.count++] = changeset->changes[i];
	settle_moves(&subset, changes, moved);
	settle_links(&subset, changes, sizes, numbers);
	subset.total_bytes = changeset_sum_bytes(&subset);
	r = changeset_seal(&subset);
	if (r >= 0)
		*ret = subset;
	return r;
}
