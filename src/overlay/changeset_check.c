// SPDX-License-Identifier: Apache-2.0
/*
 * changeset_check.c - the invariants of changeset.h, as code
 *
 * The reader asks before it believes a file, and the tests ask of everything that a diff yields. Entries are
 * first checked one by one, then against each other: order, link groups, where renamed files came from, and
 * the sum of bytes.
 */
#include "overlay/changeset_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "overlay/compose.h"

#include <errno.h>
#include <stdlib.h>

static int refuse(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "%s", what);
}

/* Whether the two sides, of one type, hold the same bytes; what was not read may hold any. */
static bool same_content(const struct change *change, bool if_unread)
{
	if ((change->flags & CHANGE_UNREAD) && change->old_file.type == FILE_REGULAR)
		return if_unread;
	return digest_eq(&change->old_file.digest, &change->new_file.digest) &&
			change->old_file.size_bytes == change->new_file.size_bytes &&
			change->old_file.device == change->new_file.device;
}

/* Which sides a kind has, and how their types relate. */
static bool sides_fit(const struct change *change)
{
	enum file_type old_type = change->old_file.type, new_type = change->new_file.type;

	switch (change->kind) {
	case CHANGE_ADDED:
		return !old_type && new_type;
	case CHANGE_DELETED:
		return old_type && !new_type;
	case CHANGE_MODIFIED:
		return old_type && old_type == new_type && !same_content(change, false);
	case CHANGE_METADATA:
		return old_type && old_type == new_type && same_content(change, true);
	case CHANGE_TYPE:
		return old_type && new_type && old_type != new_type;
	case CHANGE_RENAMED:
		return old_type == FILE_REGULAR && new_type == FILE_REGULAR &&
				same_content(change, false);
	case CHANGE_INVALID:
		break;
	}
	return false;
}

static int check_change(const struct change *change, struct error *err)
{
	static const struct digest none;
	bool old_directory = change->old_file.type == FILE_DIRECTORY;
	bool gone = change->kind == CHANGE_DELETED || change->kind == CHANGE_TYPE;
	bool tree = change->flags & CHANGE_TREE;

	if (!sides_fit(change))
		return refuse(err, "the sides do not fit the kind");
	if (change->new_file.type == FILE_REGULAR && digest_eq(&change->new_file.digest, &none))
		return refuse(err, "new.sha256: missing");
	if (change->old_file.type == FILE_REGULAR && digest_eq(&change->old_file.digest, &none) &&
			!(change->flags & CHANGE_UNREAD))
		return refuse(err, "old.sha256: missing");
	if (change->old_file.content.type || (change->new_file.content.type && !change_has_content(change)))
		return refuse(err, "content: only new content is looked at");
	if (change->new_file.content.type &&
			!content_is_valid(&change->new_file.content, change->new_file.size_bytes))
		return refuse(err, "new.content: no file of this size looks so");
	if (tree != (old_directory && gone) || (change->old_count && !tree))
		return refuse(err, "only a directory that goes away, and each of them, takes a tree with it");
	if ((change->flags & CHANGE_MOVED) && change->kind != CHANGE_DELETED)
		return refuse(err, "only a deleted file has moved");
	if ((change->flags & CHANGE_COMPOSED) && !compose_is_part(change))
		return refuse(err, "only what changed in a file can be taken in part");
	if ((change->kind == CHANGE_RENAMED) != (change->renamed_from.len != 0))
		return refuse(err, "from: only a renamed file, and each of them, comes from somewhere");
	if (change->link_group && (!change->new_file.type || change->new_file.type == FILE_DIRECTORY))
		return refuse(err, "links: only files that are there can be linked");
	if (str_eq(change->path, STR(".")) && change->kind != CHANGE_METADATA)
		return refuse(err, "path: the root itself can only change its metadata");
	return 0;
}

/* Whether the changeset deletes what is at @path, by itself or with a directory above it. */
static bool is_deleted(const struct changeset *changeset, unsigned root, struct str path)
{
	const struct change *change = changeset_find(changeset, root, path);

	if (change)
		return change->kind == CHANGE_DELETED && (change->flags & CHANGE_MOVED);
	for (path = path_parent(path); path.len && !str_eq(path, STR(".")); path = path_parent(path)) {
		change = changeset_find(changeset, root, path);
		if (change && (change->flags & CHANGE_TREE))
			return true;
	}
	return false;
}

static bool same_new_file(const struct file_facts *a, const struct file_facts *b)
{
	return a->type == b->type && a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
		a->size_bytes == b->size_bytes && a->mtime_ns == b->mtime_ns &&
		digest_eq(&a->digest, &b->digest) && a->device == b->device &&
		a->xattr_count == b->xattr_count;
}

/*
 * Groups are numbered from 1 in the order of their first entries, and have two members at least. @firsts has
 * room for one pointer per entry; @shared tells of each whether it has a second member.
 */
static int check_groups(const struct changeset *changeset, const struct change **firsts, bool *shared,
		struct error *err)
{
	uint64_t group_count = 0;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i], *first;
		uint64_t group = change->link_group;

		if (!group)
			continue;
		if (group == group_count + 1) {
			firsts[group_count++] = change;
			continue;
		}
		first = group <= group_count ? firsts[group - 1] : NULL;
		if (!first || first->root != change->root ||
				!same_new_file(&first->new_file, &change->new_file))
			return error_set(err, -EBADMSG,
				"changes[%zu]: links: not one file with the others of its group", i);
		shared[group - 1] = true;
	}
	for (size_t i = 0; i < group_count; i++)
		if (!shared[i])
			return error_set(err, -EBADMSG, "links: group %zu has one member only", i + 1);
	return 0;
}

static int check_links(const struct changeset *changeset, struct error *err)
{
	const struct change **firsts = calloc(changeset->count + 1, sizeof(*firsts));
	bool *shared = calloc(changeset->count + 1, sizeof(*shared));
	int r;

	if (!firsts || !shared)
		abort();
	r = check_groups(changeset, firsts, shared, err);
	free(firsts);
	free(shared);
	return r;
}

uint64_t changeset_sum_bytes(const struct changeset *changeset)
{
	uint64_t total = 0, groups = 0;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (change->link_group > groups)
			groups = change->link_group;
		else if (change->link_group)
			continue;
		if (change_has_content(change))
			total += change->new_file.size_bytes;
	}
	return total;
}

int changeset_check(const struct changeset *changeset, struct error *err)
{
	int r;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		r = check_change(change, err);
		if (r < 0)
			return error_wrap(err, r, "changes[%zu] ('%s')", i, quote_text(change->path).text);
		if (i && change_compare(change - 1, change) >= 0)
			return error_set(err, -EBADMSG, "changes[%zu]: not sorted, or twice", i);
		if (change->kind == CHANGE_RENAMED &&
				!is_deleted(changeset, change->root, change->renamed_from))
			return error_set(err, -EBADMSG, "changes[%zu]: from: not deleted by this changeset",
				i);
	}
	r = check_links(changeset, err);
	if (r < 0)
		return r;
	if (changeset_sum_bytes(changeset) != changeset->total_bytes)
		return refuse(err, "bytes: not the sum of the new content");
	return 0;
}
