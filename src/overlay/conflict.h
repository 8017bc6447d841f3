/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conflict.h - where the base is no longer what the changeset was made against
 *
 * A changeset says, for every path, what the base held when it was judged. Before a commit each of them is
 * looked at again, and every difference is reported, not just the first one: a person wants to see the whole
 * of it. The list is bounded, the count is not. Nothing is ever applied while there is one conflict.
 */
#pragma once

#include "overlay/changeset.h"

enum conflict_kind {
	CONFLICT_INVALID,
	CONFLICT_CHANGED,		/* the base's content is another one now */
	CONFLICT_METADATA,		/* its mode, owner or xattrs are */
	CONFLICT_TYPE,			/* it is another type of file now */
	CONFLICT_GONE,			/* the base no longer has it */
	CONFLICT_EXISTS,		/* the base has something where the branch adds */
	/* it changed while the agent worked, so the agent may never have seen it */
	CONFLICT_STALE,
	CONFLICT_PARENT,		/* a directory above it is gone, or no directory any more */
	CONFLICT_MOUNT,			/* it lies on another mount: no rename can reach it */
};

struct conflict {
	enum conflict_kind kind;
	unsigned root;
	struct str path;		/* the changeset's, or the journal's */
};

enum {
	CONFLICTS_MAX = 1000,
};

/* All zero is an empty list. */
struct conflict_list {
	struct conflict items[CONFLICTS_MAX];
	size_t count;			/* in @items, in the changeset's order */
	size_t total;			/* found; more than @count when there were too many */
};

/** conflict_kind_name() - "changed", "metadata", "type", "gone", "exists", "stale", "parent", "mount" */
const char *conflict_kind_name(enum conflict_kind kind);

/** conflict_kind_text() - a sentence's end for a person: "was changed since the changeset was made" */
const char *conflict_kind_text(enum conflict_kind kind);

/** conflict_add() - count one, and keep it while there is room; @path is borrowed for the life of @list */
void conflict_add(struct conflict_list *list, enum conflict_kind kind, unsigned root, struct str path);

/**
 * conflicts_to_json() - [{"kind", "path", "root", "message"}, ...]
 * @arena: owns the result
 * @list:  what was found
 *
 * Return: the value, or NULL when the arena is full.
 */
const struct json *conflicts_to_json(struct arena *arena, const struct conflict_list *list);
