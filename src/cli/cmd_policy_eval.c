// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_eval.c - `cordon policy eval QUERY`
 *
 * What goes in and what comes out is as with `opa eval`, so that scripts carry over: the forms of --format,
 * the exit codes of --fail and --fail-defined, and what --explain, --profile, --coverage and --metrics add.
 */
#include "cli/commands.h"
#include "cli/policy_watch.h"
#include "cli/table.h"
#include "cli/zones.h"

#include "kern/clock.h"

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
	struct policy_watch watch;
	struct zones zones;
	uint64_t load_ns, compile_ns, query_ns, eval_ns;	/* how long it took */
};

static bool is_explained(const struct asked *asked)
{
	return asked->options->explain && strcmp(asked->options->explain, "off") != 0;
}

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

static void print_reports(struct asked *asked);

static void print_pretty(struct asked *asked)
{
	if (is_explained(asked))
		policy_trace_print(&asked->watch, asked->options->explain);
	if (!regoc_row_count(asked->context))
		cli_printf(asked->cli, "undefined\n");
	else if (regoc_row_count(asked->context) == 1 && expression_count(asked) == 1 &&
			!regoc_query_variable(asked->query, 0))
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

static const struct json *metrics_document(const struct asked *asked)
{
	struct json_object_builder object;

	json_object_begin(&object, &asked->cli->arena);
	json_object_add_int(&object, "timer_rego_load_files_ns", (int64_t)asked->load_ns);
	json_object_add_int(&object, "timer_rego_module_compile_ns", (int64_t)asked->compile_ns);
	json_object_add_int(&object, "timer_rego_query_compile_ns", (int64_t)asked->query_ns);
	json_object_add_int(&object, "timer_rego_query_eval_ns", (int64_t)asked->eval_ns);
	return json_object_end(&object);
}

static void add_reports(struct asked *asked, struct json_object_builder *object)
{
	double percent;

	if (is_explained(asked))
		json_object_add(object, "explanation",
			policy_trace_document(&asked->watch, asked->options->explain));
	if (asked->options->metrics)
		json_object_add(object, "metrics", metrics_document(asked));
	if (asked->options->profile)
		json_object_add(object, "profile",
			policy_profile_document(&asked->watch, profile_limit(asked)));
	if (asked->options->coverage)
		json_object_add(object, "coverage", policy_coverage_document(&asked->watch, &percent));
}

static void print_metrics(struct asked *asked)
{
	static const struct cli_column columns[] = {
		{ "METRIC" }, { "VALUE", .is_right = true },
	};
	const struct json *metrics = metrics_document(asked);
	struct cli_table table;

	cli_table_begin(&table, asked->cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; metrics && i < metrics->object.count; i++) {
		cli_table_cell(&table, metrics->object.members[i].key->text);
		cli_table_styled(&table, CLI_PLAIN, "%lld",
			(long long)metrics->object.members[i].value->integer);
	}
	cli_table_end(&table);
}

static void print_reports(struct asked *asked)
{
	double percent;

	if (asked->options->metrics)
		print_metrics(asked);
	if (asked->options->profile)
		policy_profile_print(&asked->watch, profile_limit(asked));
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

	if (regoc_result_text(asked->context, &text, &len) != REGOC_OK)
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

/* How long it took since @began_ns, which becomes now. */
static uint64_t since(uint64_t *began_ns)
{
	uint64_t now_ns = kern_clock_monotonic_ns(), took_ns = now_ns - *began_ns;

	*began_ns = now_ns;
	return took_ns;
}

static int compile(struct asked *asked, const char *question)
{
	const char *package = asked->options->package;
	uint64_t began_ns;

	if (package && strcmp(package, "data") != 0 && strncmp(package, "data.", 5) != 0)
		package = arena_printf(&asked->cli->arena, "data.%s", package);
	began_ns = kern_clock_monotonic_ns();
	if (policies_compile(&asked->policies, policy_watch_flags(asked->watch.wants), &asked->policy,
			&asked->report) != CLI_OK)
		return say_report(asked);
	asked->compile_ns = since(&began_ns);
	if (regoc_query_new(asked->policy, question, package, &asked->query, &asked->report) != REGOC_OK)
		return say_report(asked);
	asked->query_ns = since(&began_ns);
	return policy_watch_begin(&asked->watch, asked->policy);
}

static int evaluate(struct asked *asked)
{
	const struct policy_eval_options *options = asked->options;
	struct policies_deadline deadline = policies_deadline_after(options->timeout.value);
	struct regoc_moment moment = policies_moment();
	struct regoc_limits limits = {
		.steps = options->max_steps.value, .memory_bytes = options->max_memory.value,
		.is_late = policies_is_late, .data = &deadline,
		.zone = zones_read, .zone_data = &asked->zones,
	};
	struct regoc_request request = {
		.query = asked->query, .input = regoc_of_json(asked->input),
		.data = regoc_of_json(asked->policies.data), .moment = &moment,
		.flags = options->strict_builtin_errors ? REGOC_STRICT_BUILTINS : 0,
		.watch = &asked->watch.regoc,
	};
	uint64_t began_ns = kern_clock_monotonic_ns();
	enum regoc_status status;
	bool is_defined;
	int code;

	asked->context = regoc_context_new(&limits);
	status = regoc_evaluate(asked->context, &request);
	asked->eval_ns = since(&began_ns);
	policy_watch_rest(&asked->watch);
	if (status != REGOC_OK)
		return say_fault(asked);
	is_defined = regoc_row_count(asked->context);
	code = print_answer(asked);
	if (code == CLI_OK && (is_defined ? options->fail_defined : options->fail))
		return CLI_NO;
	return code;
}

static unsigned wants_of(const struct asked *asked)
{
	return (is_explained(asked) ? POLICY_WANTS_TRACE : 0u) |
		(asked->options->coverage ? POLICY_WANTS_COVERAGE : 0u) |
		(asked->options->profile ? POLICY_WANTS_PROFILE : 0u);
}

int cmd_policy_eval(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct policy_eval_options *options = policy_eval_options(cli);
	struct asked asked = {
		.cli = cli, .options = options,
		.format = options->format && !cli->json ? options->format : "json",
		.policies = { .bundles = options->bundle.items, .bundle_count = options->bundle.count },
	};
	uint64_t began_ns = kern_clock_monotonic_ns();
	int code;

	if (options->partial || options->unknowns.count)
		return cli_usage(cli, "nothing is evaluated in part: all that a query needs must be known");
	asked.zones = (struct zones){ .cli = cli, .bytes = BUF_INIT(ZONES_FILE_BYTES_MAX) };
	asked.watch = (struct policy_watch){ .cli = cli, .wants = wants_of(&asked) };
	code = policies_read(cli, options->data.items, options->data.count, &asked.policies);
	asked.load_ns = since(&began_ns);
	if (code == CLI_OK)
		code = read_input(&asked);
	if (code == CLI_OK)
		code = compile(&asked, argv[0]);
	if (code == CLI_OK)
		code = evaluate(&asked);
	regoc_context_free(asked.context);
	buf_fini(&asked.zones.bytes);
	regoc_query_free(asked.query);
	regoc_policy_free(asked.policy);
	regoc_report_free(asked.report);
	return code;
}
