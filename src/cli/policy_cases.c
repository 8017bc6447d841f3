// SPDX-License-Identifier: Apache-2.0
/*
 * policy_cases.c - the cases of a test
 *
 * They are kept flat and in the order of their paths, so that those with a common beginning stand together.
 */
#include "cli/policy_cases.h"

enum {
	DEPTH_MAX = 32,			/* keys of a test */
};

struct collector {
	struct cli *cli;
	struct policy_cases *cases;
	const char *path[DEPTH_MAX];
	bool is_full;
};

/* ---- collecting ---- */

static const char *text_of(struct cli *cli, const struct json *key)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);

	if (key->type == JSON_STRING)
		return arena_copy(&cli->arena, key->text.data, key->text.len);
	if (json_write(&buf, key, JSON_WRITE_CANONICAL) < 0)
		return NULL;
	return arena_copy(&cli->arena, buf.data, buf.len);
}

static void add(struct collector *collector, size_t depth, bool has_failed)
{
	struct policy_cases *cases = collector->cases;
	struct arena *arena = &collector->cli->arena;
	struct policy_case *items = arena_grow(arena, cases->items, cases->count, &cases->room,
		sizeof(*items));
	const char **path = arena_alloc_array(arena, depth, sizeof(*path));

	if (!path || !items) {
		collector->is_full = true;
		return;
	}
	memcpy(path, collector->path, depth * sizeof(*path));
	cases->items = items;
	items[cases->count++] = (struct policy_case){ .path = path, .depth = depth,
		.has_failed = has_failed };
}

static void take_value(struct collector *collector, const struct json *value, size_t depth)
{
	if (value->type != JSON_OBJECT || depth == DEPTH_MAX || (depth && !value->object.count)) {
		if (depth)
			add(collector, depth, value->type != JSON_BOOL || !value->boolean);
		return;
	}
	for (size_t i = 0; i < value->object.count && !collector->is_full; i++) {
		collector->path[depth] = text_of(collector->cli, value->object.members[i].key);
		if (collector->path[depth])
			take_value(collector, value->object.members[i].value, depth + 1);
		else
			collector->is_full = true;
	}
}

static int compare_cases(const void *left, const void *right)
{
	const struct policy_case *a = left, *b = right;

	for (size_t i = 0; i < a->depth && i < b->depth; i++) {
		int order = strcmp(a->path[i], b->path[i]);

		if (order)
			return order;
	}
	return a->depth < b->depth ? -1 : a->depth > b->depth;
}

static void take_begun(struct collector *collector, const struct json *keys)
{
	size_t depth = MIN(keys->array.count, (size_t)DEPTH_MAX);

	for (size_t i = 0; i < depth; i++) {
		collector->path[i] = text_of(collector->cli, keys->array.items[i]);
		collector->is_full |= !collector->path[i];
	}
	if (depth && !collector->is_full)
		add(collector, depth, true);
}

static void sort(struct policy_cases *cases)
{
	if (cases->count)
		qsort(cases->items, cases->count, sizeof(*cases->items), compare_cases);
}

static bool shares(const struct policy_case *a, const struct policy_case *b, size_t depth)
{
	for (size_t i = 0; i <= depth; i++)
		if (i >= a->depth || i >= b->depth || strcmp(a->path[i], b->path[i]) != 0)
			return false;
	return true;
}

/* A case that was begun is here twice where something came of it, or has the cases below it behind it. */
static void keep_one_of_each(struct policy_cases *cases)
{
	size_t kept = 0;

	for (size_t i = 0; i < cases->count; i++) {
		struct policy_case *last = kept ? &cases->items[kept - 1] : NULL, *item = &cases->items[i];

		if (last && !compare_cases(last, item))
			last->has_failed &= item->has_failed;
		else if (last && shares(last, item, last->depth - 1))
			*last = *item;
		else
			cases->items[kept++] = *item;
	}
	cases->count = kept;
}

bool policy_cases_collect(struct cli *cli, const struct json *value, const struct json *begun,
	struct policy_cases *ret)
{
	struct collector collector = { .cli = cli, .cases = ret };

	*ret = (struct policy_cases){ 0 };
	if (value)
		take_value(&collector, value, 0);
	for (size_t i = 0; begun && i < begun->array.count && !collector.is_full; i++)
		take_begun(&collector, begun->array.items[i]);
	sort(ret);
	keep_one_of_each(ret);
	return !collector.is_full;
}

size_t policy_cases_failed(const struct policy_cases *cases)
{
	size_t count = 0;

	for (size_t i = 0; i < cases->count; i++)
		count += cases->items[i].has_failed;
	return count;
}

/* ---- for a person ---- */

static void print_name(struct cli *cli, const char *name, size_t depth, bool has_failed)
{
	cli_printf(cli, "%*s", (int)(2 * depth + 2), "");
	cli_quote(cli, str_from(name));
	cli_printf(cli, ": %s\n", has_failed ? "FAIL" : "PASS");
}

/* Whether one of those that begin as the case at @index does failed. */
static bool has_failed_below(const struct policy_cases *cases, size_t index, size_t depth)
{
	bool has_failed = false;

	for (size_t i = index; i < cases->count && shares(&cases->items[index], &cases->items[i], depth); i++)
		has_failed |= cases->items[i].has_failed;
	return has_failed;
}

void policy_cases_print(struct cli *cli, const struct policy_cases *cases, bool all)
{
	for (size_t i = 0; i < cases->count; i++) {
		const struct policy_case *item = &cases->items[i];

		for (size_t depth = 0; depth < item->depth; depth++) {
			bool has_failed = has_failed_below(cases, i, depth);

			if (i && shares(&cases->items[i - 1], item, depth))
				continue;
			if (all || has_failed)
				print_name(cli, item->path[depth], depth, has_failed);
		}
	}
}

/* ---- as a document ---- */

static const struct json *below(struct cli *cli, const struct policy_cases *cases, size_t first, size_t end,
	size_t depth)
{
	struct json_object_builder object, one;
	size_t next;

	json_object_begin(&object, &cli->arena);
	for (size_t i = first; i < end; i = next) {
		const struct policy_case *item = &cases->items[i];

		for (next = i + 1; next < end && shares(item, &cases->items[next], depth);)
			next++;
		json_object_begin(&one, &cli->arena);
		json_object_add_text(&one, "name", item->path[depth]);
		if (has_failed_below(cases, i, depth))
			json_object_add_bool(&one, "fail", true);
		if (depth + 1 < item->depth)
			json_object_add(&one, "sub_results", below(cli, cases, i, next, depth + 1));
		json_object_add_value(&object, json_new_bytes(&cli->arena, str_from(item->path[depth])),
			json_object_end(&one));
	}
	return json_object_end(&object);
}

const struct json *policy_cases_document(struct cli *cli, const struct policy_cases *cases)
{
	return below(cli, cases, 0, cases->count, 0);
}
