// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_eval.c - `cordon policy eval QUERY`
 *
 * What goes in and what comes out is as with `opa eval`, so that scripts carry over: the forms of --format,
 * and the exit codes of --fail and --fail-defined.
 */
#include "cli/commands.h"
#include "cli/policies.h"
#include "cli/table.h"

struct asked {
	struct cli *cli;
	const struct policy_eval_options *options;
	const char *format;
	struct policies policies;
	const struct json *input;
	struct regoc_policy *policy;
	struct regoc_query *query;
	struct regoc_report *report;
	struct regoc_context *context;
};

/* ---- mistakes ---- */

static int say_report(struct asked *asked)
{
	if (!strcmp(asked->format, "json"))
		policies_print_json(asked->cli, policies_errors(asked->cli, asked->report));
	else
		cli_tell_text(asked->cli, str_from(regoc_report_text(asked->report)));
	return CLI_USAGE;
}

static int say_fault(struct asked *asked)
{
	const struct regoc_diagnostic *fault = regoc_fault(asked->context);
	struct json_object_builder object;
	struct json_array_builder list;

	if (strcmp(asked->format, "json") != 0)
		return policies_say_fault(asked->cli, fault);
	json_array_begin(&list, &asked->cli->arena);
	json_array_add(&list, policies_error(asked->cli, fault));
	json_object_begin(&object, &asked->cli->arena);
	json_object_add(&object, "errors", json_array_end(&list));
	policies_print_json(asked->cli, json_object_end(&object));
	return CLI_USAGE;
}

/* ---- the answer ---- */

static const struct json *value_at(const struct asked *asked, size_t row, size_t index)
{
	return json_to_document(&asked->cli->arena,
		regoc_to_json(regoc_expression_value(asked->context, row, index)));
}

static size_t expression_count(const struct asked *asked)
{
	struct regoc_expression expression;
	size_t count = 0;

	while (regoc_query_expression(asked->query, count, &expression))
		count++;
	return count;
}

static const struct json *bindings_at(const struct asked *asked, size_t row)
{
	struct json_object_builder object;
	const char *name;

	json_object_begin(&object, &asked->cli->arena);
	for (size_t i = 0; (name = regoc_query_variable(asked->query, i)); i++)
		json_object_add(&object, name, json_to_document(&asked->cli->arena,
			regoc_to_json(regoc_binding(asked->context, row, i))));
	return json_object_end(&object);
}

static void print_values(struct asked *asked)
{
	for (size_t row = 0; row < regoc_row_count(asked->context); row++) {
		struct json_array_builder list;

		json_array_begin(&list, &asked->cli->arena);
		for (size_t i = 0; i < expression_count(asked); i++)
			json_array_add(&list, value_at(asked, row, i));
		policies_print_json(asked->cli, json_array_end(&list));
	}
}

static void print_bindings(struct asked *asked)
{
	for (size_t row = 0; row < regoc_row_count(asked->context); row++)
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
	for (size_t row = 0; row < regoc_row_count(asked->context); row++) {
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

	while (variables < CLI_TABLE_COLUMNS_MAX && regoc_query_variable(asked->query, variables)) {
		columns[variables].title = regoc_query_variable(asked->query, variables);
		variables++;
	}
	count = variables;
	for (size_t i = 0; count < CLI_TABLE_COLUMNS_MAX &&
			regoc_query_expression(asked->query, i, &expression); i++) {
		if (value_at(asked, 0, i)->type == JSON_BOOL)
			continue;
		shown[count] = i;
		columns[count++].title = expression.text;
	}
	if (!count)
		return;
	cli_table_begin(&table, asked->cli, columns, count);
	for (size_t row = 0; row < regoc_row_count(asked->context); row++)
		for (size_t i = 0; i < count; i++)
			add_cell(&table, i < variables ?
				regoc_to_json(regoc_binding(asked->context, row, i)) :
				value_at(asked, row, shown[i]));
	cli_table_end(&table);
}

static void print_pretty(struct asked *asked)
{
	if (!regoc_row_count(asked->context))
		cli_printf(asked->cli, "undefined\n");
	else if (regoc_row_count(asked->context) == 1 && expression_count(asked) == 1 &&
			!regoc_query_variable(asked->query, 0))
		policies_print_json(asked->cli, value_at(asked, 0, 0));
	else
		print_table(asked);
}

/* The text of the library is bounded; it is read again only to be indented. */
static int print_json(struct asked *asked)
{
	const struct json *document;
	const char *text;
	size_t len;

	if (regoc_result_text(asked->context, &text, &len) != REGOC_OK)
		return say_fault(asked);
	if (json_read(&asked->cli->arena, (struct str){ text, len }, 0, &document, NULL) < 0)
		return cli_failf(asked->cli, CLI_FAILED, "the result is too large to be printed");
	policies_print_json(asked->cli, document);
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

static int read_input(struct asked *asked)
{
	const char *path = asked->options->stdin_input ? "-" : asked->options->input;
	struct str text;
	int code;

	if (asked->options->stdin_input && asked->options->input)
		return cli_usage(asked->cli, "the input is one: --input or --stdin-input");
	if (!path)
		return CLI_OK;
	code = policies_read_text(asked->cli, path, JSON_TEXT_MAX, &text);
	return code == CLI_OK ? policies_read_value(asked->cli, path, text, &asked->input) : code;
}

static int compile(struct asked *asked, const char *question)
{
	const char *package = asked->options->package;

	if (package && strcmp(package, "data") != 0 && strncmp(package, "data.", 5) != 0)
		package = arena_printf(&asked->cli->arena, "data.%s", package);
	if (policies_compile(&asked->policies, 0, &asked->policy, &asked->report) != CLI_OK)
		return say_report(asked);
	if (regoc_query_new(asked->policy, question, package, &asked->query, &asked->report) != REGOC_OK)
		return say_report(asked);
	return CLI_OK;
}

static int evaluate(struct asked *asked)
{
	const struct policy_eval_options *options = asked->options;
	struct policies_deadline deadline = policies_deadline_after(options->timeout.value);
	struct regoc_moment moment = policies_moment();
	struct regoc_limits limits = {
		.steps = options->max_steps.value, .memory_bytes = options->max_memory.value,
		.is_late = policies_is_late, .data = &deadline,
	};
	struct regoc_request request = {
		.query = asked->query, .input = regoc_of_json(asked->input),
		.data = regoc_of_json(asked->policies.data), .moment = &moment,
		.flags = options->strict_builtin_errors ? REGOC_STRICT_BUILTINS : 0,
	};
	bool is_defined;
	int code;

	asked->context = regoc_context_new(&limits);
	if (regoc_evaluate(asked->context, &request) != REGOC_OK)
		return say_fault(asked);
	is_defined = regoc_row_count(asked->context);
	code = print_answer(asked);
	if (code == CLI_OK && (is_defined ? options->fail_defined : options->fail))
		return CLI_NO;
	return code;
}

int cmd_policy_eval(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct policy_eval_options *options = policy_eval_options(cli);
	struct asked asked = {
		.cli = cli, .options = options,
		.format = options->format && !cli->json ? options->format : "json",
		.policies = { .bundles = options->bundle.items, .bundle_count = options->bundle.count },
	};
	int code = policies_read(cli, options->data.items, options->data.count, &asked.policies);

	if (code == CLI_OK)
		code = read_input(&asked);
	if (code == CLI_OK)
		code = compile(&asked, argv[0]);
	if (code == CLI_OK)
		code = evaluate(&asked);
	regoc_context_free(asked.context);
	regoc_query_free(asked.query);
	regoc_policy_free(asked.policy);
	regoc_report_free(asked.report);
	return code;
}
