// SPDX-License-Identifier: Apache-2.0
/*
 * compose.c - a part of what an agent changed in one file
 */
#include "overlay/compose.h"

#include "overlay/changeset_internal.h"
#include "overlay/facts.h"
#include "overlay/subset.h"

#include <errno.h>

/* ---- text ---- */

/* A place in a text that only moves forward. */
struct reader {
	const char *at, *end;
	uint32_t line;
};

/* What stands before line @line, and moves there; NULL data where the text has not so many. */
static struct str read_to(struct reader *reader, uint32_t line)
{
	const char *start = reader->at;

	if (line < reader->line)
		return (struct str){ 0 };
	for (; reader->line < line; reader->line++) {
		const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

		if (reader->at == reader->end)
			return (struct str){ 0 };
		reader->at = newline ? newline + 1 : reader->end;
	}
	return (struct str){ start, (size_t)(reader->at - start) };
}

static struct reader reader_of(struct str text)
{
	const char *start = text.data ? text.data : "";

	return (struct reader){ .at = start, .end = start + text.len };
}

static bool has_end(uint32_t start, uint32_t count)
{
	return count <= UINT32_MAX - start;
}

int compose_text(struct buf *buf, struct str old_text, struct str new_text, const struct compose_edit *edits,
	size_t count)
{
	struct reader old_side = reader_of(old_text), new_side = reader_of(new_text);

	for (size_t i = 0; i < count; i++) {
		const struct compose_edit *edit = &edits[i];
		struct str kept = read_to(&old_side, edit->old_start), skipped, added;

		if (!has_end(edit->old_start, edit->old_count) || !has_end(edit->new_start, edit->new_count))
			return -EINVAL;
		skipped = read_to(&new_side, edit->new_start);
		added = read_to(&new_side, edit->new_start + edit->new_count);
		if (!kept.data || !skipped.data || !added.data ||
				!read_to(&old_side, edit->old_start + edit->old_count).data)
			return -EINVAL;
		if (buf_append(buf, kept.data, kept.len) < 0 || buf_append(buf, added.data, added.len) < 0)
			return -EMSGSIZE;
	}
	return buf_append(buf, old_side.at, (size_t)(old_side.end - old_side.at)) < 0 ? -EMSGSIZE : 0;
}

/* ---- changes ---- */

bool compose_fits(const struct change *change)
{
	/* What moved as it was is one decision. */
	bool is_edited = change->kind == CHANGE_RENAMED &&
		!digest_eq(&change->old_file.digest, &change->new_file.digest);

	return (change->kind == CHANGE_MODIFIED || change->kind == CHANGE_METADATA || is_edited) &&
		change->old_file.type == FILE_REGULAR && change->new_file.type == FILE_REGULAR &&
		!change->link_group && !(change->flags & CHANGE_UNREAD);
}

bool compose_is_part(const struct change *change)
{
	bool is_new = change->kind == CHANGE_ADDED && change->new_file.type == FILE_REGULAR &&
		!change->link_group;

	return is_new || (change->kind != CHANGE_RENAMED && compose_fits(change));
}

bool compose_has_metadata(const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	return old_file->mode != new_file->mode || old_file->uid != new_file->uid ||
		old_file->gid != new_file->gid || facts_compare_xattrs(old_file, new_file);
}

static enum change_kind kind_of(const struct change *change)
{
	return digest_eq(&change->old_file.digest, &change->new_file.digest) ? CHANGE_METADATA :
		CHANGE_MODIFIED;
}

struct change compose_change(const struct change *whole, const struct digest *content, uint64_t size,
	int64_t mtime_ns, bool metadata)
{
	struct change change = *whole;

	assert(compose_fits(whole));
	if (!metadata)
		change.new_file = whole->old_file;
	change.new_file.content = (struct content){ 0 };
	change.new_file.digest = *content;
	change.new_file.size_bytes = size;
	change.new_file.mtime_ns = mtime_ns;
	if (whole->kind == CHANGE_RENAMED) {
		change.flags = CHANGE_COMPOSED;
		change_make_added(&change);
		return change;
	}
	change.kind = kind_of(&change);
	change.flags = (whole->flags & CHANGE_STALE) | CHANGE_COMPOSED |
		facts_compare_xattrs(&change.old_file, &change.new_file);
	return change;
}

/* That the base's file is newer than the branch is our own doing. */
static void compose_rest(struct change *change, const struct change *part)
{
	change->old_file = part->new_file;
	change->old_file.content = (struct content){ 0 };
	change->kind = kind_of(change);
	if (!change_has_content(change))
		change->new_file.content = (struct content){ 0 };
	change->flags = (change->flags & (CHANGE_BINARY | CHANGE_SPARSE)) |
		facts_compare_xattrs(&change->old_file, &change->new_file);
}

int compose_remainder(struct arena *arena, const struct changeset *whole, const struct changeset *part,
	struct changeset *ret)
{
	struct change *changes = arena_alloc_array(arena, whole->count + 1, sizeof(*changes));
	bool *selected = arena_alloc_array(arena, whole->count + 1, sizeof(*selected));
	struct changeset left = *whole;

	if (!changes || !selected)
		return -EMSGSIZE;
	left.changes = changes;
	for (size_t i = 0; i < whole->count; i++) {
		const struct change *taken = changeset_find(part, whole->changes[i].root,
			whole->changes[i].path);

		changes[i] = whole->changes[i];
		selected[i] = !taken || (taken->flags & CHANGE_COMPOSED);
		if (taken && selected[i])
			compose_rest(&changes[i], taken);
	}
	return overlay_subset(arena, &left, selected, true, ret);
}
