// SPDX-License-Identifier: Apache-2.0
/*
 * policy_profile.c - what the lines of modules cost, in the shape of `opa eval --profile`
 */
#include "cli/policy_watch.h"
#include "cli/table.h"

#include <stdio.h>

/* Not the compiler's own, which is a call into its library where the processor has no such instruction. */
static int count_bits(uint64_t bits)
{
	int count = 0;

	for (; bits; bits &= bits - 1)
		count++;
	return count;
}

/* The dearest first; then by how often, and where. */
static int compare_costs(const void *left, const void *right)
{
	const struct policy_cost *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns > b->time_ns ? -1 : 1;
	if (a->eval_count != b->eval_count)
		return a->eval_count > b->eval_count ? -1 : 1;
	return a->line < b->line ? 1 : a->line > b->line ? -1 : strcmp(b->file, a->file);
}

static size_t sorted(struct policy_watch *watch, size_t limit)
{
	policy_watch_rest(watch);
	if (watch->cost_count)
		qsort(watch->costs, watch->cost_count, sizeof(*watch->costs), compare_costs);
	return limit ? MIN(limit, watch->cost_count) : watch->cost_count;
}

static const struct json *cost_document(struct arena *arena, const struct policy_cost *cost)
{
	struct json_object_builder object, location;

	json_object_begin(&location, arena);
	json_object_add(&location, "file", json_new_bytes(arena, str_from(cost->file)));
	json_object_add_int(&location, "row", cost->line);
	json_object_add_int(&location, "col", cost->column);
	json_object_begin(&object, arena);
	json_object_add(&object, "location", json_object_end(&location));
	json_object_add_int(&object, "total_time_ns", (int64_t)cost->time_ns);
	json_object_add_int(&object, "num_eval", (int64_t)cost->eval_count);
	json_object_add_int(&object, "num_redo", (int64_t)cost->redo_count);
	json_object_add_int(&object, "num_gen_expr", count_bits(cost->columns));
	return json_object_end(&object);
}

const struct json *policy_profile_document(struct policy_watch *watch, size_t limit)
{
	struct json_array_builder list;
	size_t count = sorted(watch, limit);

	json_array_begin(&list, &watch->cli->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, cost_document(&watch->cli->arena, &watch->costs[i]));
	return json_array_end(&list);
}

void policy_profile_print(struct policy_watch *watch, size_t limit)
{
	static const struct cli_column columns[] = {
		{ "TIME", .is_right = true }, { "EVAL", .is_right = true }, { "REDO", .is_right = true },
		{ "EXPRESSIONS", .is_right = true }, { "LOCATION" },
	};
	size_t count = sorted(watch, limit);
	struct cli_table table;

	cli_table_begin(&table, watch->cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		const struct policy_cost *cost = &watch->costs[i];

		cli_table_styled(&table, CLI_PLAIN, "%.3f ms", (double)cost->time_ns / 1e6);
		cli_table_styled(&table, CLI_PLAIN, "%llu", (unsigned long long)cost->eval_count);
		cli_table_styled(&table, CLI_PLAIN, "%llu", (unsigned long long)cost->redo_count);
		cli_table_styled(&table, CLI_PLAIN, "%d", count_bits(cost->columns));
		cli_table_styled(&table, CLI_PLAIN, "%s:%u",
			cost->file[0] ? cost->file : "query", cost->line);
	}
	cli_table_end(&table);
}
