// SPDX-License-Identifier: Apache-2.0
/*
 * renames.c - a changeset as people read it: files that moved and were edited are renamed ones
 */
#include "overlay/renames.h"

#include "base/path.h"
#include "overlay/changeset_internal.h"
#include "overlay/facts.h"
#include "overlay/subset.h"

#include <errno.h>
#include <stdlib.h>

bool rename_can_end(const struct change *change)
{
	return change->kind == CHANGE_ADDED && change->new_file.type == FILE_REGULAR && !change->link_group &&
		!(change->flags & CHANGE_COMPOSED);
}

bool rename_can_begin(const struct change *change)
{
	return change->kind == CHANGE_DELETED && change->old_file.type == FILE_REGULAR &&
		!(change->flags & (CHANGE_MOVED | CHANGE_UNREAD));
}

struct rename rename_make(const struct changeset *changeset, size_t target, size_t source,
	struct str old_path, const struct file_facts *old_file, unsigned similarity)
{
	const struct change *from = &changeset->changes[source];
	struct rename rename = { target, source, similarity, changeset->changes[target] };
	struct change *change = &rename.change;

	change->kind = CHANGE_RENAMED;
	change->renamed_from = old_path;
	change->old_file = from->flags & CHANGE_TREE ? *old_file : from->old_file;
	change->flags &= ~(unsigned)(CHANGE_XATTRS | CHANGE_ACL | CHANGE_CAPABILITY);
	change->flags |= facts_compare_xattrs(&change->old_file, &change->new_file);
	change->flags |= from->flags & CHANGE_BINARY;
	return rename;
}

const struct rename *renames_find(const struct rename_list *list, size_t target)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->items[middle].target == target)
			return &list->items[middle];
		if (list->items[middle].target < target)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- views ---- */

static struct change *copy_changes(struct arena *arena, const struct changeset *changeset)
{
	struct change *changes = arena_alloc_array(arena, changeset->count + 1, sizeof(*changes));

	if (changes && changeset->count)
		memcpy(changes, changeset->changes, changeset->count * sizeof(*changes));
	return changes;
}

int renames_apply(struct arena *arena, const struct changeset *changeset, const struct rename_list *list,
	struct changeset *ret)
{
	struct change *changes = copy_changes(arena, changeset);

	if (!changes)
		return -EMSGSIZE;
	for (size_t i = 0; i < list->count; i++) {
		const struct rename *rename = &list->items[i];

		changes[rename->target] = rename->change;
		if (!(changes[rename->source].flags & CHANGE_TREE))
			changes[rename->source].flags |= CHANGE_MOVED;
	}
	*ret = *changeset;
	ret->changes = changes;
	ret->digest = (struct digest){ 0 };
	return 0;
}

int renames_remove(struct arena *arena, const struct changeset *changeset, struct changeset *ret)
{
	struct change *changes = copy_changes(arena, changeset);

	if (!changes)
		return -EMSGSIZE;
	for (size_t i = 0; i < changeset->count; i++) {
		changes[i].flags &= ~(unsigned)CHANGE_MOVED;
		if (changes[i].kind == CHANGE_RENAMED)
			change_make_added(&changes[i]);
	}
	*ret = *changeset;
	ret->changes = changes;
	return changeset_seal(ret);
}

static size_t index_in(const struct changeset *changeset, const struct change *change)
{
	const struct change *found = changeset_find(changeset, change->root, change->path);

	assert(found);
	return (size_t)(found - changeset->changes);
}

int renames_subset(struct arena *arena, const struct changeset *changeset, const struct rename_list *list,
	const bool *selected, const struct changeset *subset, struct rename_list *ret)
{
	struct rename *items = arena_alloc_array(arena, list->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items)
		return -EMSGSIZE;
	for (size_t i = 0; i < list->count; i++) {
		const struct rename *rename = &list->items[i];

		if (!selected[rename->target] || !selected[rename->source])
			continue;
		items[count] = *rename;
		items[count].target = index_in(subset, &rename->change);
		items[count++].source = index_in(subset, &changeset->changes[rename->source]);
	}
	*ret = (struct rename_list){ items, count };
	return 0;
}

/* ---- as JSON ---- */

void renames_write(struct buf *buf, const struct rename_list *list)
{
	(void)buf_append_char(buf, '[');
	for (size_t i = 0; i < list->count; i++) {
		(void)buf_append_str(buf, i ? ",{\"change\":" : "{\"change\":");
		(void)change_write(buf, &list->items[i].change);
		(void)buf_printf(buf, ",\"similarity\":%u}", list->items[i].similarity);
	}
	(void)buf_append_char(buf, ']');
}

static int refuse(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "%s", what);
}

/* The deletion of the file itself, or of the nearest directory above it. */
static const struct change *find_source(const struct changeset *changeset, const struct change *renamed)
{
	struct str path = renamed->renamed_from;
	const struct change *source = changeset_find(changeset, renamed->root, path);

	if (source)
		return rename_can_begin(source) ? source : NULL;
	for (path = path_parent(path); path.len && !str_eq(path, STR(".")); path = path_parent(path)) {
		source = changeset_find(changeset, renamed->root, path);
		if (source && (source->flags & CHANGE_TREE))
			return source;
	}
	return NULL;
}

static int read_rename(struct arena *arena, const struct json *value, const struct changeset *changeset,
	struct rename *ret, struct error *err)
{
	int64_t similarity = json_get_int(value, "similarity", -1);
	const struct change *target, *source;
	static const struct digest none;
	struct change said = { 0 };
	int r;

	if (value->type != JSON_OBJECT || value->object.count != 2 || similarity < 0 || similarity > 100)
		return refuse(err, "no rename");
	r = change_read(arena, json_get(value, "change"), changeset->root_count, &said, err);
	if (r < 0)
		return r;
	target = changeset_find(changeset, said.root, said.path);
	source = find_source(changeset, &said);
	if (said.kind != CHANGE_RENAMED || !target || !rename_can_end(target) || !source)
		return refuse(err, "no ends of a rename");
	if (said.old_file.type != FILE_REGULAR || digest_eq(&said.old_file.digest, &none))
		return refuse(err, "the old end is no file");
	*ret = rename_make(changeset, (size_t)(target - changeset->changes),
		(size_t)(source - changeset->changes), said.renamed_from, &said.old_file,
		(unsigned)similarity);
	return 0;
}

static int compare_origins(const void *a, const void *b)
{
	const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;

	if (x->root != y->root)
		return x->root < y->root ? -1 : 1;
	return str_compare(x->renamed_from, y->renamed_from);
}

/* No file can have become two. */
static int check_origins(struct arena *arena, const struct changeset *changeset,
	const struct rename_list *list, struct error *err)
{
	const struct change **all = arena_alloc_array(arena, changeset->count + list->count + 1,
		sizeof(*all));
	size_t count = 0;

	if (!all)
		return error_set(err, -EMSGSIZE, "too many renames");
	for (size_t i = 0; i < changeset->count; i++)
		if (changeset->changes[i].kind == CHANGE_RENAMED)
			all[count++] = &changeset->changes[i];
	for (size_t i = 0; i < list->count; i++)
		all[count++] = &list->items[i].change;
	qsort(all, count, sizeof(*all), compare_origins);
	for (size_t i = 1; i < count; i++)
		if (!compare_origins(&all[i - 1], &all[i]))
			return refuse(err, "one file has become two");
	return 0;
}

int renames_read(struct arena *arena, const struct json *value, const struct changeset *changeset,
	struct rename_list *ret, struct error *err)
{
	struct rename *items;

	if (!value || value->type != JSON_ARRAY || value->array.count > changeset->count)
		return refuse(err, "renames: no list of them");
	items = arena_alloc_array(arena, value->array.count + 1, sizeof(*items));
	if (!items)
		return error_set(err, -EMSGSIZE, "too many renames");
	for (size_t i = 0; i < value->array.count; i++) {
		int r = read_rename(arena, value->array.items[i], changeset, &items[i], err);

		if (r >= 0 && i && items[i - 1].target >= items[i].target)
			r = refuse(err, "not sorted, or twice");
		if (r < 0)
			return error_wrap(err, r, "renames[%zu]", i);
	}
	*ret = (struct rename_list){ items, value->array.count };
	return check_origins(arena, changeset, ret, err);
}
