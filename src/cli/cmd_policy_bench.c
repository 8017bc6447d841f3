// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_bench.c - `cordon policy bench QUERY`
 *
 * One context is asked again and again, as a program would do it that asks the library. Every evaluation is
 * measured by itself, which costs what reading a clock costs; the first ones are not counted.
 */
#include "cli/commands.h"
#include "cli/policy_question.h"
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
	struct policy_question question;
	uint64_t *samples;
	size_t sample_count;
	uint64_t runs, total_ns;
};

static bool is_on(const struct cli_number *option)
{
	return !option->is_set || option->value;
}

static bool is_json(const struct bench *bench)
{
	return bench->cli->json || (bench->options->format && !strcmp(bench->options->format, "json"));
}

/* ---- mistakes ---- */

/* What is wrong goes where the figures would have gone, as with `opa bench`. */
static int say_errors(struct bench *bench, const struct json *errors)
{
	policies_print_json(bench->cli, errors);
	return CLI_USAGE;
}

static int say_report(struct bench *bench)
{
	const struct regoc_report *report = bench->question.report;

	if (is_json(bench))
		return say_errors(bench, policies_errors(bench->cli, report));
	cli_tell_text(bench->cli, str_from(regoc_report_text(report)));
	return CLI_USAGE;
}

static int say_fault(struct bench *bench)
{
	const struct regoc_diagnostic *fault = regoc_fault(bench->question.context);

	return is_json(bench) ? say_errors(bench, policies_fault(bench->cli, fault)) :
				policies_say_fault(bench->cli, &bench->question.policies, fault);
}

static int say_undefined(struct bench *bench)
{
	static const struct regoc_diagnostic undefined = { .message = "undefined result" };

	if (!is_json(bench))
		return cli_failf(bench->cli, CLI_NO, "%s", undefined.message);
	(void)say_errors(bench, policies_fault(bench->cli, &undefined));
	return CLI_NO;
}

/* ---- measuring ---- */

static int compare_times(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static int evaluate(struct bench *bench)
{
	const struct policy_question *question = &bench->question;

	if (regoc_evaluate(question->context, &question->request) == REGOC_OK)
		return CLI_OK;
	return say_fault(bench);
}

static int measure(struct bench *bench)
{
	uint64_t began_ns = kern_clock_monotonic_ns(), last_ns = began_ns, now_ns = began_ns;

	bench->runs = 0;
	bench->sample_count = 0;
	while (now_ns - began_ns < BENCH_NS) {
		if (evaluate(bench) != CLI_OK)
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

#define EVALUATION "histogram_timer_rego_query_eval_ns_"

/* Names as those of `opa bench`; those of single evaluations are left out with --metrics=false. */
static size_t list_figures(const struct bench *bench, struct figure figures[FIGURES])
{
	const struct figure all[FIGURES] = {
		{ "samples", bench->runs }, { "ns/op", bench->total_ns / bench->runs },
		{ EVALUATION "min", quantile(bench, 0) }, { EVALUATION "median", quantile(bench, 50) },
		{ EVALUATION "90%", quantile(bench, 90) }, { EVALUATION "99%", quantile(bench, 99) },
		{ EVALUATION "max", quantile(bench, 100) },
	};

	memcpy(figures, all, sizeof(all));
	return is_on(&bench->options->metrics) ? FIGURES : 2;
}

/* N and T as Go's benchmarks have them, and so `opa bench`. */
static void print_json(struct bench *bench)
{
	struct json_object_builder object, extra;
	struct figure figures[FIGURES];
	size_t count = list_figures(bench, figures);

	json_object_begin(&extra, &bench->cli->arena);
	for (size_t i = 2; i < count; i++)
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
	size_t count = list_figures(bench, figures);
	struct cli_table table;

	cli_table_begin(&table, bench->cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		cli_table_cell(&table, str_from(figures[i].name));
		cli_table_styled(&table, CLI_PLAIN, "%llu", (unsigned long long)figures[i].value);
	}
	cli_table_end(&table);
}

/* A line that tools for Go's benchmarks read. */
static void print_gobench(struct bench *bench)
{
	struct figure figures[FIGURES];
	size_t count = list_figures(bench, figures);

	cli_printf(bench->cli, "BenchmarkCordonEval\t%8llu", (unsigned long long)bench->runs);
	for (size_t i = 1; i < count; i++)
		cli_printf(bench->cli, "\t%10llu %s", (unsigned long long)figures[i].value, figures[i].name);
	cli_printf(bench->cli, "\n");
}

static void print(struct bench *bench)
{
	const char *format = bench->options->format;

	if (is_json(bench))
		print_json(bench);
	else if (format && !strcmp(format, "gobench"))
		print_gobench(bench);
	else
		print_pretty(bench);
}

/* ---- all of it ---- */

static int prepare(struct bench *bench)
{
	int code = policy_question_read(&bench->question);

	if (code == CLI_OK && policy_question_compile(&bench->question) != CLI_OK)
		return say_report(bench);
	if (code != CLI_OK)
		return code;
	bench->samples = arena_alloc_array(&bench->cli->arena, SAMPLES_MAX, sizeof(*bench->samples));
	return bench->samples ? CLI_OK :
				cli_failf(bench->cli, CLI_FAILED, "there is no memory for the samples");
}

/* An undefined answer is quick and says nothing: so it is a failure, unless somebody says otherwise. */
static int run(struct bench *bench)
{
	uint64_t count = bench->options->count.is_set ? bench->options->count.value : 1;
	int code = policy_question_ask(&bench->question) == REGOC_OK ? CLI_OK : say_fault(bench);

	for (int i = 0; code == CLI_OK && i < WARM_UP_COUNT; i++)
		code = evaluate(bench);
	if (code == CLI_OK && is_on(&bench->options->fail) && !regoc_row_count(bench->question.context))
		return say_undefined(bench);
	for (uint64_t i = 0; code == CLI_OK && i < count; i++) {
		code = measure(bench);
		if (code == CLI_OK)
			print(bench);
	}
	return code;
}

int cmd_policy_bench(struct cli *cli, int argc, char **argv)
{
	const struct policy_bench_options *options = policy_bench_options(cli);
	const struct policy_question_options how = {
		.text = argc ? argv[0] : NULL, .is_on_stdin = options->stdin,
		.is_input_on_stdin = options->stdin_input, .input = options->input,
		.package = options->package, .imports = options->import, .data = options->data,
		.bundles = options->bundle, .ignore = options->ignore, .schema_path = options->schema,
		.flags = options->logical_keywords ? REGOC_LOGICAL_KEYWORDS : 0u,
	};
	struct bench bench = {
		.cli = cli, .options = options, .question = POLICY_QUESTION_INIT(cli, &how),
	};
	int code = prepare(&bench);

	if (code == CLI_OK)
		code = run(&bench);
	policy_question_fini(&bench.question);
	return code;
}
