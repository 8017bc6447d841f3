// SPDX-License-Identifier: Apache-2.0
/*
 * changeset.c - what a branch would change: names, order and lookup
 *
 * The text form is written by changeset_write.c and read by changeset_read.c; both use the names of this
 * file, so a kind, type or flag is spelled in one place.
 */
#include "overlay/changeset.h"

#include "base/path.h"
#include "base/time.h"

#include <stdlib.h>

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[] = {
		[CHANGE_INVALID] = "invalid", [CHANGE_ADDED] = "added", [CHANGE_MODIFIED] = "modified",
		[CHANGE_DELETED] = "deleted", [CHANGE_RENAMED] = "renamed", [CHANGE_METADATA] = "metadata",
		[CHANGE_TYPE] = "type",
	};

	assert((size_t)kind < ARRAY_SIZE(names));
	return names[kind];
}

const char *file_type_name(enum file_type type)
{
	static const char *const names[] = {
		[FILE_NONE] = "none", [FILE_REGULAR] = "file", [FILE_DIRECTORY] = "directory",
		[FILE_SYMLINK] = "symlink", [FILE_FIFO] = "fifo", [FILE_SOCKET] = "socket",
		[FILE_CHAR_DEVICE] = "char-device",
		[FILE_BLOCK_DEVICE] = "block-device",
	};

	assert((size_t)type < ARRAY_SIZE(names));
	return names[type];
}

const char *change_flag_name(unsigned flag)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ CHANGE_TREE, "tree" }, { CHANGE_MOVED, "moved" }, { CHANGE_SPARSE, "sparse" },
		{ CHANGE_BINARY, "binary" }, { CHANGE_XATTRS, "xattrs" }, { CHANGE_ACL, "acl" },
		{ CHANGE_CAPABILITY, "capability" }, { CHANGE_STALE, "stale" }, { CHANGE_UNREAD, "unread" },
		{ CHANGE_COMPOSED, "composed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].flag == flag)
			return names[i].name;
	return NULL;
}

struct timespec file_mtime(const struct file_facts *facts)
{
	int64_t sec = facts->mtime_ns / (int64_t)NS_PER_SEC, nsec = facts->mtime_ns % (int64_t)NS_PER_SEC;

	/* The kernel counts nanoseconds forward from a second, also before the epoch. */
	if (nsec < 0) {
		sec--;
		nsec += (int64_t)NS_PER_SEC;
	}
	return (struct timespec){ .tv_sec = sec, .tv_nsec = nsec };
}

bool change_has_content(const struct change *change)
{
	return change->new_file.type == FILE_REGULAR &&
			(change->kind == CHANGE_ADDED || change->kind == CHANGE_MODIFIED ||
			change->kind == CHANGE_RENAMED || change->kind == CHANGE_TYPE);
}

int change_compare(const struct change *a, const struct change *b)
{
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return str_compare(a->path, b->path);
}

static int compare_entries(const void *a, const void *b)
{
	return change_compare(a, b);
}

const struct change *changeset_find(const struct changeset *changeset, unsigned root, struct str path)
{
	const struct change wanted = { .root = root, .path = path };

	if (!changeset->count)
		return NULL;
	return bsearch(&wanted, changeset->changes, changeset->count, sizeof(*changeset->changes),
		compare_entries);
}

int changeset_root_of(const struct changeset *changeset, const char *path)
{
	size_t longest = 0;
	int ret = -1;

	for (size_t i = 0; i < changeset->root_count; i++) {
		const char *root = changeset->roots[i];

		if (!path_is_beneath(str_from(path), str_from(root)) || strlen(root) < longest)
			continue;
		longest = strlen(root);
		ret = (int)i;
	}
	return ret;
}
