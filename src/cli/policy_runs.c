// SPDX-License-Identifier: Apache-2.0
/*
 * policy_runs.c - what evaluations cost
 *
 * Names and members are those of OPA's metrics and profiler; percentiles are interpolated as its library
 * does.
 */
#include "cli/policy_runs.h"

#include <stdio.h>

enum {
	RUNS_MAX = 100000,
	TIMERS = 4,
};

static const char *const timer_names[TIMERS] = {
	"timer_rego_load_files_ns", "timer_rego_module_compile_ns", "timer_rego_query_compile_ns",
	"timer_rego_query_eval_ns",
};

static uint64_t timer_at(const struct policy_times *times, size_t index)
{
	const uint64_t all[TIMERS] = { times->load_ns, times->compile_ns, times->query_ns, times->eval_ns };

	return all[index];
}

int policy_runs_add(struct policy_runs *runs, const struct policy_times *times,
	const struct policy_watch *watch)
{
	struct policy_run *items = runs->count < RUNS_MAX ? arena_grow(&runs->cli->arena, runs->items,
		runs->count, &runs->room, sizeof(*items)) : NULL;

	if (!items)
		return cli_failf(runs->cli, CLI_USAGE, "--count: that often is more than can be kept");
	runs->items = items;
	items[runs->count++] = (struct policy_run){ *times, watch->costs, watch->cost_count };
	return CLI_OK;
}

/* ---- statistics ---- */

struct statistics {
	uint64_t min, max;
	double mean, p90, p99;
};

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* Between the two values that the place lies between. */
static double percentile(const uint64_t *values, size_t count, double part)
{
	double place = part * (double)(count + 1);
	size_t below = (size_t)place;

	if (place < 1)
		return (double)values[0];
	if (place >= (double)count)
		return (double)values[count - 1];
	return (double)values[below - 1] +
		(place - (double)below) * ((double)values[below] - (double)values[below - 1]);
}

/* @values become sorted; one at least. */
static struct statistics statistics_of(uint64_t *values, size_t count)
{
	struct statistics ret = { 0 };

	qsort(values, count, sizeof(*values), compare);
	for (size_t i = 0; i < count; i++)
		ret.mean += (double)values[i] / (double)count;
	ret.min = values[0];
	ret.max = values[count - 1];
	ret.p90 = percentile(values, count, 0.9);
	ret.p99 = percentile(values, count, 0.99);
	return ret;
}

static void add_double(struct json_object_builder *object, const char *key, double value)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%.15g", value);
	json_object_add(object, key, json_new_number(object->arena, str_from(text)));
}

static const struct json *statistics_document(struct arena *arena, const struct statistics *statistics)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "min", (int64_t)statistics->min);
	json_object_add_int(&object, "max", (int64_t)statistics->max);
	add_double(&object, "mean", statistics->mean);
	add_double(&object, "90%", statistics->p90);
	add_double(&object, "99%", statistics->p99);
	return json_object_end(&object);
}

static void statistics_cells(struct cli_table *table, const struct statistics *statistics)
{
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)statistics->min);
	cli_table_styled(table, CLI_PLAIN, "%llu", (unsigned long long)statistics->max);
	cli_table_styled(table, CLI_PLAIN, "%.0f", statistics->mean);
	cli_table_styled(table, CLI_PLAIN, "%.0f", statistics->p90);
	cli_table_styled(table, CLI_PLAIN, "%.0f", statistics->p99);
}

/* ---- times ---- */

static bool timer_statistics(const struct policy_runs *runs, size_t index, struct statistics *ret)
{
	uint64_t *values = arena_alloc_array(&runs->cli->arena, runs->count, sizeof(*values));

	for (size_t i = 0; values && i < runs->count; i++)
		values[i] = timer_at(&runs->items[i].times, index);
	if (values)
		*ret = statistics_of(values, runs->count);
	return values;
}

const struct json *policy_runs_metrics(const struct policy_runs *runs)
{
	struct arena *arena = &runs->cli->arena;
	struct json_object_builder object;
	struct statistics statistics;

	json_object_begin(&object, arena);
	for (size_t i = 0; i < TIMERS; i++) {
		if (!timer_statistics(runs, i, &statistics))
			return NULL;
		if (runs->count == 1)
			json_object_add_int(&object, timer_names[i], (int64_t)statistics.min);
		else
			json_object_add(&object, timer_names[i], statistics_document(arena, &statistics));
	}
	return json_object_end(&object);
}

#define STATISTICS_COLUMNS \
	{ "MIN", .is_right = true }, { "MAX", .is_right = true }, { "MEAN", .is_right = true }, \
	{ "90%", .is_right = true }, { "99%", .is_right = true }

void policy_runs_print_metrics(const struct policy_runs *runs)
{
	static const struct cli_column one[] = { { "METRIC" }, { "VALUE", .is_right = true } };
	static const struct cli_column several[] = { { "METRIC" }, STATISTICS_COLUMNS };
	bool is_one = runs->count == 1;
	struct statistics statistics;
	struct cli_table table;

	cli_table_begin(&table, runs->cli, is_one ? one : several,
		is_one ? ARRAY_SIZE(one) : ARRAY_SIZE(several));
	for (size_t i = 0; i < TIMERS && timer_statistics(runs, i, &statistics); i++) {
		cli_table_cell(&table, str_from(timer_names[i]));
		if (is_one)
			cli_table_styled(&table, CLI_PLAIN, "%llu", (unsigned long long)statistics.min);
		else
			statistics_cells(&table, &statistics);
	}
	cli_table_end(&table);
}

/* ---- the profile ---- */

static bool is_same_line(const struct policy_cost *a, const struct policy_cost *b)
{
	return a->line == b->line && !strcmp(a->file, b->file);
}

/* What one line took in all runs; one that did not come to it took nothing. */
static bool cost_statistics(const struct policy_runs *runs, const struct policy_cost *cost,
	struct statistics *ret)
{
	uint64_t *values = arena_alloc_array(&runs->cli->arena, runs->count, sizeof(*values));

	if (!values)
		return false;
	for (size_t i = 0; i < runs->count; i++)
		for (size_t k = 0; k < runs->items[i].cost_count; k++)
			if (is_same_line(&runs->items[i].costs[k], cost))
				values[i] = runs->items[i].costs[k].time_ns;
	*ret = statistics_of(values, runs->count);
	return true;
}

static const struct json *cost_document(const struct policy_runs *runs, const struct policy_cost *cost)
{
	struct arena *arena = &runs->cli->arena;
	struct json_object_builder object;
	struct statistics statistics;

	if (!cost_statistics(runs, cost, &statistics))
		return NULL;
	json_object_begin(&object, arena);
	policy_profile_add(&object, cost);
	if (runs->count == 1)
		json_object_add_int(&object, "total_time_ns", (int64_t)cost->time_ns);
	else
		json_object_add(&object, "total_time_ns_stats", statistics_document(arena, &statistics));
	return json_object_end(&object);
}

const struct json *policy_runs_profile(const struct policy_runs *runs, struct policy_watch *watch)
{
	size_t count = policy_profile_sort(watch, runs->profile_limit);
	struct json_array_builder list;

	json_array_begin(&list, &runs->cli->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&list, cost_document(runs, &watch->costs[i]));
	return json_array_end(&list);
}

#define COST_COLUMNS \
	{ "EVAL", .is_right = true }, { "REDO", .is_right = true }, { "EXPRESSIONS", .is_right = true }, \
	{ "LOCATION" }

void policy_runs_print_profile(const struct policy_runs *runs, struct policy_watch *watch)
{
	static const struct cli_column one[] = { { "TIME", .is_right = true }, COST_COLUMNS };
	static const struct cli_column several[] = { STATISTICS_COLUMNS, COST_COLUMNS };
	size_t count = policy_profile_sort(watch, runs->profile_limit);
	bool is_one = runs->count == 1;
	struct statistics statistics;
	struct cli_table table;

	cli_table_begin(&table, runs->cli, is_one ? one : several,
		is_one ? ARRAY_SIZE(one) : ARRAY_SIZE(several));
	for (size_t i = 0; i < count && cost_statistics(runs, &watch->costs[i], &statistics); i++) {
		if (is_one)
			cli_table_styled(&table, CLI_PLAIN, "%.3f ms", (double)statistics.min / 1e6);
		else
			statistics_cells(&table, &statistics);
		policy_profile_cells(&table, &watch->costs[i]);
	}
	cli_table_end(&table);
}
