// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_eval.c - `cordon policy eval QUERY`
 *
 * What goes in and what comes out is as with `opa eval`, so that scripts carry over: the forms of --format,
 * the exit codes of --fail and --fail-defined, and what --explain, --profile, --coverage and --metrics add.
 */
#include "cli/commands.h"
#include "cli/policy_question.h"
#include "cli/policy_runs.h"
#include "cli/policy_watch.h"
#include "cli/table.h"

struct asked {
	struct cli *cli;
	const struct policy_eval_options *options;
	const char *format;
	struct policy_question question;
	struct policy_watch watch;
	struct policy_runs runs;	/* with --count */
};

static bool is_explained(const struct asked *asked)
{
	return asked->options->explain && strcmp(asked->options->explain, "off") != 0;
}

/* ---- mistakes ---- */

static bool is_json(const struct asked *asked)
{
	return !strcmp(asked->format, "json") || !strcmp(asked->format, "discard");
}

static int say_report(struct asked *asked)
{
	if (is_json(asked))
		policies_print_json(asked->cli, policies_errors(asked->cli, asked->question.report));
	else
		cli_tell_text(asked->cli, str_from(regoc_report_text(asked->question.report)));
	return CLI_USAGE;
}

static int say_fault(struct asked *asked)
{
	const struct regoc_diagnostic *fault = regoc_fault(asked->question.context);

	if (!is_json(asked))
		return policies_say_fault(asked->cli, &asked->question.policies, fault);
	policies_print_json(asked->cli, policies_fault(asked->cli, fault));
	return CLI_USAGE;
}

/* ---- the answer ---- */

static const struct json *value_at(const struct asked *asked, size_t row, size_t index)
{
	return json_to_document(&asked->cli->arena,
		regoc_to_json(regoc_expression_value(asked->question.context, row, index)));
}

static size_t expression_count(const struct asked *asked)
{
	struct regoc_expression expression;
	size_t count = 0;

	while (regoc_query_expression(asked->question.query, count, &expression))
		count++;
	return count;
}

static const struct json *bindings_at(const struct asked *asked, size_t row)
{
	struct json_object_builder object;
	const char *name;

	json_object_begin(&object, &asked->cli->arena);
	for (size_t i = 0; (name = regoc_query_variable(asked->question.query, i)); i++)
		json_object_add(&object, name, json_to_document(&asked->cli->arena,
			regoc_to_json(regoc_binding(asked->question.context, row, i))));
	return json_object_end(&object);
}

static void print_values(struct asked *asked)
{
	for (size_t row = 0; row < regoc_row_count(asked->question.context); row++) {
		struct json_array_builder list;

		json_array_begin(&list, &asked->cli->arena);
		for (size_t i = 0; i < expression_count(asked); i++)
			json_array_add(&list, value_at(asked, row, i));
		policies_print_json(asked->cli, json_array_end(&list));
	}
}

static void print_bindings(struct asked *asked)
{
	for (size_t row = 0; row < regoc_row_count(asked->question.context); row++)
		policies_print_json(asked->cli, bindings_at(asked, row));
}

/* A string as it is, for other programs. */
static void print_raw_value(struct asked *asked, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);

	if (value && value->type == JSON_STRING) {
		policies_print_text(asked->cli, value->text);
		return;
	}
	if (json_write(&buf, value, JSON_WRITE_CANONICAL) == 0)
		cli_write(asked->cli, (struct str){ buf.data, buf.len });
}

static void print_raw(struct asked *asked)
{
	for (size_t row = 0; row < regoc_row_count(asked->question.context); row++) {
		for (size_t i = 0; i < expression_count(asked); i++) {
			if (i)
				cli_printf(asked->cli, " ");
			print_raw_value(asked, value_at(asked, row, i));
		}
		cli_printf(asked->cli, "\n");
	}
}

static void add_cell(struct cli_table *table, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);

	if (json_write(&buf, value, JSON_WRITE_CANONICAL) == 0)
		cli_table_cell(table, (struct str){ buf.data, buf.len });
	else
		cli_table_cell(table, STR("?"));
}

/* Variables, and of the expressions those that say more than that the row is there. */
static void print_table(struct asked *asked)
{
	struct cli_column columns[CLI_TABLE_COLUMNS_MAX] = { 0 };
	struct regoc_expression expression;
	size_t variables = 0, count, shown[CLI_TABLE_COLUMNS_MAX];
	struct cli_table table;

	while (variables < CLI_TABLE_COLUMNS_MAX && regoc_query_variable(asked->question.query, variables)) {
		columns[variables].title = regoc_query_variable(asked->question.query, variables);
		variables++;
	}
	count = variables;
	for (size_t i = 0; count < CLI_TABLE_COLUMNS_MAX &&
			regoc_query_expression(asked->question.query, i, &expression); i++) {
		if (value_at(asked, 0, i)->type == JSON_BOOL)
			continue;
		shown[count] = i;
		columns[count++].title = expression.text;
	}
	if (!count)
		return;
	cli_table_begin(&table, asked->cli, columns, count);
	for (size_t row = 0; row < regoc_row_count(asked->question.context); row++)
		for (size_t i = 0; i < count; i++)
			add_cell(&table, i < variables ?
				regoc_to_json(regoc_binding(asked->question.context, row, i)) :
				value_at(asked, row, shown[i]));
	cli_table_end(&table);
}

static void print_reports(struct asked *asked);

/* One row without variables, that says one thing, or only that all of it is so. */
static bool is_one_value(const struct asked *asked)
{
	size_t count = expression_count(asked);
	bool are_boolean = true;

	if (regoc_row_count(asked->question.context) != 1 || regoc_query_variable(asked->question.query, 0))
		return false;
	for (size_t i = 0; i < count; i++)
		are_boolean &= value_at(asked, 0, i)->type == JSON_BOOL;
	return count == 1 || are_boolean;
}

static void print_pretty(struct asked *asked)
{
	if (is_explained(asked))
		policy_trace_print(&asked->watch, asked->options->explain);
	if (!regoc_row_count(asked->question.context))
		cli_printf(asked->cli, "undefined\n");
	else if (is_one_value(asked))
		policies_print_json(asked->cli, value_at(asked, 0, 0));
	else
		print_table(asked);
	print_reports(asked);
}

/* ---- what is told beside it ---- */

static size_t profile_limit(const struct asked *asked)
{
	enum {
		SHOWN = 10,		/* as with `opa eval` */
	};

	return asked->options->profile_limit.is_set ? asked->options->profile_limit.value : SHOWN;
}

static bool is_profiled(const struct asked *asked)
{
	return asked->options->profile || asked->options->profile_limit.is_set ||
		asked->options->profile_sort.count;
}

/* A profile has times with it, as with `opa eval`. */
static bool is_measured(const struct asked *asked)
{
	return asked->options->metrics || is_profiled(asked);
}

static void add_reports(struct asked *asked, struct json_object_builder *object)
{
	bool is_repeated = asked->runs.count > 1;
	double percent;

	if (is_explained(asked))
		json_object_add(object, "explanation",
			policy_trace_document(&asked->watch, asked->options->explain));
	if (is_measured(asked))
		json_object_add(object, is_repeated ? "aggregated_metrics" : "metrics",
			policy_runs_metrics(&asked->runs));
	if (is_profiled(asked))
		json_object_add(object, is_repeated ? "aggregated_profile" : "profile",
			policy_runs_profile(&asked->runs, &asked->watch));
	if (asked->options->coverage)
		json_object_add(object, "coverage", policy_coverage_document(&asked->watch, &percent));
}

static void print_reports(struct asked *asked)
{
	double percent;

	if (is_measured(asked))
		policy_runs_print_metrics(&asked->runs);
	if (is_profiled(asked))
		policy_runs_print_profile(&asked->runs, &asked->watch);
	if (asked->options->coverage)
		policies_print_json(asked->cli, policy_coverage_document(&asked->watch, &percent));
}

/* ---- as JSON ---- */

static const struct json *result_of(struct asked *asked, const struct json *document)
{
	const struct json *result = json_get(document, "result");

	return result && !strcmp(asked->format, "discard") ? json_new_text(&asked->cli->arena, "discarded") :
		result;
}

/* The text of the library is bounded; it is read again only to be indented. */
static int print_json(struct asked *asked)
{
	struct json_object_builder object;
	const struct json *document, *result;
	const char *text;
	size_t len;

	if (regoc_result_text(asked->question.context, &text, &len) != REGOC_OK)
		return say_fault(asked);
	if (json_read(&asked->cli->arena, (struct str){ text, len }, 0, &document, NULL) < 0)
		return cli_failf(asked->cli, CLI_FAILED, "the result is too large to be printed");
	json_object_begin(&object, &asked->cli->arena);
	result = result_of(asked, document);
	if (result)
		json_object_add(&object, "result", result);
	add_reports(asked, &object);
	policies_print_json(asked->cli, json_object_end(&object));
	return CLI_OK;
}

static int print_answer(struct asked *asked)
{
	static const struct {
		const char *format;
		void (*print)(struct asked *asked);
	} formats[] = {
		{ "values", print_values }, { "bindings", print_bindings }, { "raw", print_raw },
		{ "pretty", print_pretty },
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(asked->format, formats[i].format)) {
			formats[i].print(asked);
			return CLI_OK;
		}
	}
	return print_json(asked);
}

/* ---- asking ---- */

/* Modules and question are compiled each time, as with `opa eval`. */
static int evaluate(struct asked *asked)
{
	struct policy_question *question = &asked->question;
	enum regoc_status status;
	int code = policy_question_compile(question);

	if (code != CLI_OK)
		return say_report(asked);
	code = policy_watch_begin(&asked->watch, question->policy);
	if (code != CLI_OK)
		return code;
	question->request.watch = &asked->watch.regoc;
	status = policy_question_ask(question);
	policy_watch_rest(&asked->watch);
	return status == REGOC_OK ? policy_runs_add(&asked->runs, &question->times, &asked->watch) :
		say_fault(asked);
}

static int ask(struct asked *asked)
{
	const struct policy_eval_options *options = asked->options;
	uint64_t count = options->count.is_set ? options->count.value : 1;
	int code = CLI_OK;
	bool is_defined;

	for (uint64_t i = 0; code == CLI_OK && i < count; i++)
		code = evaluate(asked);
	if (code != CLI_OK)
		return code;
	is_defined = regoc_row_count(asked->question.context);
	code = print_answer(asked);
	if (code == CLI_OK && (is_defined ? options->fail_defined : options->fail))
		return CLI_NO;
	return code;
}

static unsigned wants_of(const struct asked *asked)
{
	return (is_explained(asked) ? POLICY_WANTS_TRACE : 0u) |
		(asked->options->coverage ? POLICY_WANTS_COVERAGE : 0u) |
		(is_profiled(asked) ? POLICY_WANTS_PROFILE : 0u);
}

static int check_options(const struct asked *asked)
{
	if (asked->options->fail && asked->options->fail_defined)
		return cli_usage(asked->cli, "it cannot fail both ways: --fail or --fail-defined");
	if (asked->options->count.is_set && !asked->options->count.value)
		return cli_usage(asked->cli, "--count: once at least");
	return CLI_OK;
}

int cmd_policy_eval(struct cli *cli, int argc, char **argv)
{
	const struct policy_eval_options *options = policy_eval_options(cli);
	struct policy_question_options how = {
		.text = argc ? argv[0] : NULL, .is_on_stdin = options->stdin,
		.is_input_on_stdin = options->stdin_input, .input = options->input,
		.package = options->package, .imports = options->import, .data = options->data,
		.bundles = options->bundle, .ignore = options->ignore, .schema_path = options->schema,
		.keys = { options->verification_key, options->verification_key_id, options->signing_alg,
			options->scope, options->skip_verify },
		.how = options->strict_builtin_errors ? REGOC_STRICT_BUILTINS : 0,
		.max_steps = options->max_steps.value, .timeout_ns = options->timeout.value,
		.max_memory_bytes = options->max_memory.value,
	};
	struct asked asked = {
		.cli = cli, .options = options, .question = POLICY_QUESTION_INIT(cli, &how),
		.format = options->format && !cli->json ? options->format : "json",
	};
	int code = check_options(&asked);

	asked.watch = (struct policy_watch){
		.cli = cli, .wants = wants_of(&asked), .profile_sort = options->profile_sort,
	};
	asked.runs = (struct policy_runs){ .cli = cli, .profile_limit = profile_limit(&asked) };
	how.flags = policy_watch_flags(asked.watch.wants) | (options->strict ? REGOC_STRICT : 0u) |
		(options->logical_keywords ? REGOC_LOGICAL_KEYWORDS : 0u);
	if (code == CLI_OK)
		code = policy_question_read(&asked.question);
	if (code == CLI_OK)
		code = ask(&asked);
	policy_question_fini(&asked.question);
	return code;
}
