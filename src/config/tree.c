// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c - an object of any JSON, as the list of its leaves
 *
 * A leaf is whatever is no object, or an empty one; a list is one leaf. Its name is the JSON Pointer that
 * leads to it, "/deletions/ratio", with "~0" for "~" and "~1" for "/" in a member's name. So every member has
 * an origin of its own, and merging is looking for names: a leaf replaces what stood in its place, the leaves
 * that were below it, and the leaf that it is now below.
 *
 * Source: RFC 6901
 */
#include "config/config_internal.h"

#include "base/quote.h"

#include <stdlib.h>

enum {
	POINTER_MAX_BYTES = CONFIG_TEXT_MAX,
};

/* One object being read, and the pointer to where we are. */
struct walk {
	const struct config_reader *reader;
	const struct config_key_row *row;
	struct config_list_builder builder;
	struct buf pointer;
	bool fine;
};

static void complain(const struct walk *walk, const struct json *at, const char *why)
{
	struct config_origin origin = config_at(walk->reader, at->line, at->column);

	config_problem_add(walk->reader->resolver, &origin, "%s: '%s': %s", walk->row->name,
		quote_cstr(buf_text(&walk->pointer)).text, why);
}

/* The object is no such tree at all, and what else is wrong in it does not matter. */
static void give_up(struct walk *walk, const struct json *at, const char *why)
{
	complain(walk, at, why);
	walk->fine = false;
}

/* ---- reading ---- */

static void add_step(struct buf *pointer, struct str name)
{
	(void)buf_append_char(pointer, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '~' || name.data[i] == '/')
			(void)buf_append_str(pointer, name.data[i] == '~' ? "~0" : "~1");
		else
			(void)buf_append_char(pointer, name.data[i]);
	}
}

static void add_leaf(struct walk *walk, const struct json_member *member)
{
	struct config_resolver *resolver = walk->reader->resolver;
	struct config_item item = { .object = member->value,
		.origin = config_at(walk->reader, member->key->line, member->key->column) };
	const char *flaw;

	if (walk->builder.count == CONFIG_LIST_MAX) {
		give_up(walk, member->key, "the object holds more values than there may be");
		return;
	}
	/* What was written by us was checked then; the policies of today may have other parameters. */
	flaw = walk->reader->is_own ? NULL : config_param_flaw(buf_text(&walk->pointer), member->value);
	if (flaw) {
		complain(walk, member->key, flaw);
		return;
	}
	item.text = arena_copy(resolver->arena, buf_text(&walk->pointer), walk->pointer.len);
	if (item.text)
		config_list_add(&walk->builder, &item, false);
	else
		resolver->full = true;
}

static void read_object(struct walk *walk, const struct json *object, unsigned depth);

static void read_member(struct walk *walk, const struct json_member *member, unsigned depth)
{
	const struct json *value = member->value;

	if (buf_failed(&walk->pointer) || memchr(member->key->text.data, '\0', member->key->text.len))
		give_up(walk, member->key, "the name is too long, or holds a NUL");
	else if (value->type == JSON_NULL)
		give_up(walk, value, "null is no value: leave the member out");
	else if (value->type == JSON_OBJECT && value->object.count && depth == CONFIG_TREE_DEPTH_MAX)
		give_up(walk, value, "there are too many objects within each other");
	else if (value->type == JSON_OBJECT && value->object.count)
		read_object(walk, value, depth + 1);
	else
		add_leaf(walk, member);
}

/* Recursion: at most CONFIG_TREE_DEPTH_MAX deep. */
static void read_object(struct walk *walk, const struct json *object, unsigned depth)
{
	size_t len = walk->pointer.len;

	for (size_t i = 0; i < object->object.count && walk->fine; i++) {
		add_step(&walk->pointer, object->object.members[i].key->text);
		read_member(walk, &object->object.members[i], depth);
		buf_truncate(&walk->pointer, len);
	}
}

bool config_tree_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_list *ret)
{
	struct walk walk = { .reader = reader, .row = row, .builder.resolver = reader->resolver,
		.pointer = BUF_INIT(POINTER_MAX_BYTES), .fine = true };

	read_object(&walk, json, 1);
	buf_fini(&walk.pointer);
	*ret = config_list_end(&walk.builder);
	return walk.fine;
}

/* ---- merging ---- */

/* Whether @below is the same place as @pointer, or one that is in it. */
static bool is_within(const char *below, const char *pointer)
{
	size_t len = strlen(pointer);

	return !strncmp(below, pointer, len) && (!below[len] || below[len] == '/');
}

static bool is_replaced(const struct config_item *leaf, const struct config_list *upper)
{
	for (size_t i = 0; i < upper->count; i++)
		if (is_within(leaf->text, upper->items[i].text) ||
				is_within(upper->items[i].text, leaf->text))
			return true;
	return false;
}

struct config_list config_tree_merge(struct config_resolver *resolver, const struct config_list *tree,
	const struct config_list *upper)
{
	/* No two of what stays have one name. */
	struct config_list_builder builder = { .resolver = resolver, .sameness = CONFIG_SAME_NEVER };

	for (size_t i = 0; i < tree->count; i++)
		if (!is_replaced(&tree->items[i], upper))
			config_list_add(&builder, &tree->items[i], false);
	for (size_t i = 0; i < upper->count; i++)
		config_list_add(&builder, &upper->items[i], false);
	return config_list_end(&builder);
}

/* ---- writing ---- */

static int compare_leaves(const void *left, const void *right)
{
	const struct config_item *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

/* The name of the member that a pointer leads through behind @skip bytes; NULL: the arena is full. */
static char *step_name(struct arena *arena, const char *pointer, size_t skip, size_t *ret_end)
{
	size_t len = strcspn(pointer + skip + 1, "/"), to = 0;
	char *name = arena_copy(arena, pointer + skip + 1, len);

	for (size_t i = 0; name && i < len; i++, to++) {
		name[to] = name[i];
		if (name[i] == '~')
			name[to] = name[++i] == '0' ? '~' : '/';
	}
	if (name)
		name[to] = '\0';
	*ret_end = skip + 1 + len;
	return name;
}

/*
 * The object of sorted @leaves, all of which begin with the same @skip bytes; those that go on alike stand
 * together. Recursion: as deep as what was read.
 */
static const struct json *write_object(struct arena *arena, const struct config_item *const *leaves,
	size_t count, size_t skip)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	for (size_t i = 0, next; i < count; i = next) {
		const char *pointer = leaves[i]->text;
		size_t end;
		char *name = step_name(arena, pointer, skip, &end);

		if (!name)
			return NULL;
		for (next = i + 1; next < count && !strncmp(leaves[next]->text, pointer, end) &&
			leaves[next]->text[end] == '/' && pointer[end] == '/'; next++)
			;
		json_object_add(&object, name,
			pointer[end] ? write_object(arena, leaves + i, next - i, end) : leaves[i]->object);
	}
	return json_object_end(&object);
}

const struct json *config_tree_to_json(struct arena *arena, const struct config_list *tree,
	bool (*is_of)(enum config_source source))
{
	const struct config_item **leaves = arena_alloc_array(arena, tree->count + 1, sizeof(*leaves));
	size_t count = 0;

	if (!leaves)
		return NULL;
	for (size_t i = 0; i < tree->count; i++)
		if (!is_of || is_of(tree->items[i].origin.source))
			leaves[count++] = &tree->items[i];
	qsort(leaves, count, sizeof(const struct config_item *), compare_leaves);
	return write_object(arena, leaves, count, 0);
}
