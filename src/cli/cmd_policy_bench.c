// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_bench.c - `cordon policy bench QUERY`
 *
 * One context is asked again and again, as a program would do it that asks the library. Every evaluation is
 * measured by itself, which costs what reading a clock costs; the first ones are not counted.
 */
#include "cli/commands.h"
#include "cli/policies.h"
#include "cli/table.h"

#include "kern/clock.h"

enum {
	BENCH_NS = 1000000000,
	WARM_UP_COUNT = 10,
	SAMPLES_MAX = 1000000,		/* of single evaluations that are kept */
};

struct bench {
	struct cli *cli;
	const struct policy_bench_options *options;
	struct policies policies;
	const struct json *input;
	struct regoc_policy *policy;
	struct regoc_query *query;
	struct regoc_report *report;
	struct regoc_context *context;
	uint64_t *samples;
	size_t sample_count;
	uint64_t runs, total_ns;
};

static bool is_json(const struct bench *bench)
{
	return bench->cli->json || (bench->options->format && !strcmp(bench->options->format, "json"));
}

/* ---- measuring ---- */

static int compare_times(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static int evaluate(struct bench *bench, const struct regoc_request *request)
{
	if (regoc_evaluate(bench->context, request) == REGOC_OK)
		return CLI_OK;
	return policies_say_fault(bench->cli, regoc_fault(bench->context));
}

static int measure(struct bench *bench, const struct regoc_request *request)
{
	uint64_t began_ns = kern_clock_monotonic_ns(), last_ns = began_ns, now_ns = began_ns;

	bench->runs = 0;
	bench->sample_count = 0;
	while (now_ns - began_ns < BENCH_NS) {
		if (evaluate(bench, request) != CLI_OK)
			return CLI_USAGE;
		now_ns = kern_clock_monotonic_ns();
		if (bench->sample_count < SAMPLES_MAX)
			bench->samples[bench->sample_count++] = now_ns - last_ns;
		last_ns = now_ns;
		bench->runs++;
	}
	bench->total_ns = now_ns - began_ns;
	qsort(bench->samples, bench->sample_count, sizeof(*bench->samples), compare_times);
	return CLI_OK;
}

/* ---- the report ---- */

/* The time that @percent of the evaluations did not take longer than. */
static uint64_t quantile(const struct bench *bench, size_t percent)
{
	size_t index = bench->sample_count * percent / 100;

	return bench->samples[MIN(index, bench->sample_count - 1)];
}

struct figure {
	const char *name;
	uint64_t value;
};

enum { FIGURES = 7 };

static void list_figures(const struct bench *bench, struct figure *figures)
{
	const struct figure all[FIGURES] = {
		{ "samples", bench->runs }, { "ns/op", bench->total_ns / bench->runs },
		{ "min", quantile(bench, 0) }, { "median", quantile(bench, 50) },
		{ "90%", quantile(bench, 90) }, { "99%", quantile(bench, 99) },
		{ "max", quantile(bench, 100) },
	};

	memcpy(figures, all, sizeof(all));
}

/* N and T as Go's benchmarks have them, and so `opa bench`. */
static void print_json(struct bench *bench)
{
	struct json_object_builder object, extra;
	struct figure figures[FIGURES];

	list_figures(bench, figures);
	json_object_begin(&extra, &bench->cli->arena);
	for (size_t i = 1; i < FIGURES; i++)
		json_object_add_int(&extra, figures[i].name, (int64_t)figures[i].value);
	json_object_begin(&object, &bench->cli->arena);
	json_object_add_int(&object, "N", (int64_t)bench->runs);
	json_object_add_int(&object, "T", (int64_t)bench->total_ns);
	json_object_add(&object, "Extra", json_object_end(&extra));
	policies_print_json(bench->cli, json_object_end(&object));
}

static void print_pretty(struct bench *bench)
{
	static const struct cli_column columns[] = {
		{ "WHAT" }, { "VALUE", .is_right = true },
	};
	struct figure figures[FIGURES];
	struct cli_table table;

	list_figures(bench, figures);
	cli_table_begin(&table, bench->cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < FIGURES; i++) {
		cli_table_cell(&table, str_from(figures[i].name));
		cli_table_styled(&table, CLI_PLAIN, "%llu", (unsigned long long)figures[i].value);
	}
	cli_table_end(&table);
}

/* ---- all of it ---- */

static bool compile(struct bench *bench, const char *question)
{
	if (policies_compile(&bench->policies, 0, &bench->policy, &bench->report) != CLI_OK)
		return false;
	return regoc_query_new(bench->policy, question, NULL, &bench->query, &bench->report) == REGOC_OK;
}

static int prepare(struct bench *bench, const char *question)
{
	const struct policy_bench_options *options = bench->options;
	int code = policies_read(bench->cli, options->data.items, options->data.count, &bench->policies);
	struct str text;

	if (code == CLI_OK && options->input)
		code = policies_read_text(bench->cli, options->input, JSON_TEXT_MAX, &text);
	if (code == CLI_OK && options->input)
		code = policies_read_value(bench->cli, options->input, text, &bench->input);
	if (code != CLI_OK)
		return code;
	if (!compile(bench, question)) {
		cli_tell_text(bench->cli, str_from(regoc_report_text(bench->report)));
		return CLI_USAGE;
	}
	bench->samples = arena_alloc_array(&bench->cli->arena, SAMPLES_MAX, sizeof(*bench->samples));
	return bench->samples ? CLI_OK :
				cli_failf(bench->cli, CLI_FAILED, "there is no memory for the samples");
}

static int run(struct bench *bench)
{
	struct regoc_moment moment = policies_moment();
	struct regoc_request request = {
		.query = bench->query, .input = regoc_of_json(bench->input),
		.data = regoc_of_json(bench->policies.data), .moment = &moment,
	};
	uint64_t count = bench->options->count.is_set ? bench->options->count.value : 1;
	int code = CLI_OK;

	bench->context = regoc_context_new(NULL);
	for (int i = 0; code == CLI_OK && i < WARM_UP_COUNT; i++)
		code = evaluate(bench, &request);
	if (code == CLI_OK && bench->options->fail && !regoc_row_count(bench->context))
		return cli_failf(bench->cli, CLI_NO, "undefined result");
	for (uint64_t i = 0; code == CLI_OK && i < count; i++) {
		code = measure(bench, &request);
		if (code == CLI_OK)
			(is_json(bench) ? print_json : print_pretty)(bench);
	}
	return code;
}

int cmd_policy_bench(struct cli *cli, UNUSED int argc, char **argv)
{
	struct bench bench = { .cli = cli, .options = policy_bench_options(cli) };
	int code = prepare(&bench, argv[0]);

	if (code == CLI_OK)
		code = run(&bench);
	regoc_context_free(bench.context);
	regoc_query_free(bench.query);
	regoc_policy_free(bench.policy);
	regoc_report_free(bench.report);
	return code;
}
