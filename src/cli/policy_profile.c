// SPDX-License-Identifier: Apache-2.0
/*
 * policy_profile.c - what the lines of modules cost, in the shape of `opa eval --profile`
 */
#include "cli/policy_watch.h"

#include "base/bits.h"

static int compare_numbers(uint64_t left, uint64_t right)
{
	return left > right ? -1 : left < right;
}

static int compare_by(const char *what, const struct policy_cost *a, const struct policy_cost *b)
{
	if (!strcmp(what, "total_time_ns"))
		return compare_numbers(a->time_ns, b->time_ns);
	if (!strcmp(what, "num_eval"))
		return compare_numbers(a->eval_count, b->eval_count);
	if (!strcmp(what, "num_redo"))
		return compare_numbers(a->redo_count, b->redo_count);
	if (!strcmp(what, "num_gen_expr"))
		return compare_numbers(bits_count(a->columns), bits_count(b->columns));
	if (!strcmp(what, "file"))
		return strcmp(b->file, a->file);
	return compare_numbers(a->line, b->line);
}

/* What was asked for first, then as OPA puts them in order: the dearest first. */
static int compare_costs(const void *left, const void *right, void *data)
{
	static const char *const others[] = { "total_time_ns", "num_eval", "num_redo", "file", "line" };
	const struct cli_values *sort = data;
	int order = 0;

	for (size_t i = 0; i < sort->count && !order; i++)
		order = compare_by(sort->items[i], left, right);
	for (size_t i = 0; i < ARRAY_SIZE(others) && !order; i++)
		order = compare_by(others[i], left, right);
	return order;
}

size_t policy_profile_sort(struct policy_watch *watch, size_t limit)
{
	policy_watch_rest(watch);
	if (watch->cost_count)
		qsort_r(watch->costs, watch->cost_count, sizeof(*watch->costs), compare_costs,
			&watch->profile_sort);
	return limit ? MIN(limit, watch->cost_count) : watch->cost_count;
}

void policy_profile_add(struct json_object_builder *object, const struct policy_cost *cost)
{
	struct json_object_builder location;

	json_object_begin(&location, object->arena);
	json_object_add(&location, "file", json_new_bytes(object->arena, str_from(cost->file)));
	json_object_add_int(&location, "row", cost->line);
	json_object_add_int(&location, "col", cost->column);
	json_object_add(object, "location", json_object_end(&location));
	json_object_add_int(object, "num_eval", (int64_t)cost->eval_count);
	json_object_add_int(object, "num_redo", (int64_t)cost->redo_count);
	json_object_add_int(object, "num_gen_expr", (int64_t)bits_count(cost->columns));
}

void policy_profile_cells(struct cli_table *table, const struct policy_cost *cost)
{
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)cost->eval_count);
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)cost->redo_count);
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)bits_count(cost->columns));
	cli_table_styled(table, CLI_PLAIN, "%s:%u", cost->file[0] ? cost->file : "query", cost->line);
}
