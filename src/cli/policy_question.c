// SPDX-License-Identifier: Apache-2.0
/*
 * policy_question.c - a question in Rego from the command line
 */
#include "cli/policy_question.h"

#include "kern/clock.h"

enum {
	TEXT_BYTES_MAX = 1 << 20,	/* of a question on standard input */
};

/* How long it took since @began_ns, which becomes now. */
static uint64_t since(uint64_t *began_ns)
{
	uint64_t now_ns = kern_clock_monotonic_ns(), took_ns = now_ns - *began_ns;

	*began_ns = now_ns;
	return took_ns;
}

/* ---- reading ---- */

static int check_options(struct policy_question *question)
{
	const struct policy_question_options *options = question->options;

	if (options->text && options->is_on_stdin)
		return cli_usage(question->cli, "the question is one: QUERY or --stdin");
	if (!options->text && !options->is_on_stdin)
		return cli_usage(question->cli, "QUERY is missing, or --stdin");
	if (options->is_on_stdin && options->is_input_on_stdin)
		return cli_usage(question->cli, "standard input has one: --stdin or --stdin-input");
	if (options->input && options->is_input_on_stdin)
		return cli_usage(question->cli, "the input is one: --input or --stdin-input");
	return CLI_OK;
}

static int read_text(struct policy_question *question)
{
	struct str text;
	int code;

	question->text = question->options->text;
	if (question->text)
		return CLI_OK;
	code = policies_read_text(question->cli, "-", TEXT_BYTES_MAX, &text);
	if (code == CLI_OK && memchr(text.data, '\0', text.len))
		return cli_failf(question->cli, CLI_USAGE,
			"there is a NUL in the question on standard input");
	question->text = code == CLI_OK ? text.data : NULL;
	return code;
}

static int read_input(struct policy_question *question)
{
	const char *path = question->options->is_input_on_stdin ? "-" : question->options->input;
	struct str text;
	int code;

	if (!path)
		return CLI_OK;
	code = policies_read_text(question->cli, path, JSON_TEXT_MAX, &text);
	return code == CLI_OK ? policies_read_value(question->cli, path, text, &question->input) : code;
}

int policy_question_read(struct policy_question *question)
{
	const struct policy_question_options *options = question->options;
	struct policies *policies = &question->policies;
	uint64_t began_ns = kern_clock_monotonic_ns();
	int code = check_options(question);

	policies->bundles = options->bundles.items;
	policies->bundle_count = options->bundles.count;
	policies->ignore = options->ignore;
	policies->schema_path = options->schema_path;
	if (code == CLI_OK)
		code = policies_read_verification(question->cli, &options->keys, &policies->verification);
	if (code == CLI_OK)
		code = policies_read(question->cli, options->data.items, options->data.count, policies);
	question->times.load_ns = since(&began_ns);
	if (code == CLI_OK && (options->data.count || options->bundles.count) && !policies->count &&
			(!policies->data || !policies->data->object.count))
		cli_note(question->cli, "there is neither a module nor data in what was named with --data or "
			"--bundle");
	if (code == CLI_OK)
		code = read_text(question);
	return code == CLI_OK ? read_input(question) : code;
}

/* ---- compiling ---- */

static void forget(struct policy_question *question)
{
	regoc_context_free(question->context);
	regoc_query_free(question->query);
	regoc_policy_free(question->policy);
	regoc_report_free(question->report);
	question->context = NULL;
	question->query = NULL;
	question->policy = NULL;
	question->report = NULL;
}

static const char *full_package(struct policy_question *question)
{
	const char *package = question->options->package;

	if (package && strcmp(package, "data") != 0 && strncmp(package, "data.", 5) != 0)
		return arena_printf(&question->cli->arena, "data.%s", package);
	return package;
}

int policy_question_compile(struct policy_question *question)
{
	const struct policy_question_options *options = question->options;
	struct regoc_scope scope = {
		.package = full_package(question), .imports = options->imports.items,
		.import_count = options->imports.count,
	};
	uint64_t began_ns = kern_clock_monotonic_ns();
	enum regoc_status status;

	forget(question);
	if (policies_compile(&question->policies, options->flags, &question->policy, &question->report) !=
			CLI_OK)
		return CLI_USAGE;
	question->times.compile_ns = since(&began_ns);
	status = regoc_query_new(question->policy, question->text, &scope, &question->query,
		&question->report);
	question->times.query_ns = since(&began_ns);
	return status == REGOC_OK ? CLI_OK : CLI_USAGE;
}

/* ---- asking ---- */

static void begin(struct policy_question *question)
{
	const struct policy_question_options *options = question->options;

	question->context = regoc_context_new(&(struct regoc_limits){
		.steps = options->max_steps, .memory_bytes = options->max_memory_bytes,
		.is_late = policies_is_late, .data = &question->deadline,
		.zone = run_zones_read, .zone_data = &question->zones,
	});
	question->moment = policies_moment();
	question->request.query = question->query;
	question->request.input = regoc_of_json(question->input);
	question->request.data = regoc_of_json(question->policies.data);
	question->request.moment = &question->moment;
	question->request.flags = options->how;
}

enum regoc_status policy_question_ask(struct policy_question *question)
{
	enum regoc_status status;
	uint64_t began_ns;

	if (!question->context)
		begin(question);
	question->deadline = policies_deadline_after(question->options->timeout_ns);
	began_ns = kern_clock_monotonic_ns();
	status = regoc_evaluate(question->context, &question->request);
	question->times.eval_ns = since(&began_ns);
	return status;
}

void policy_question_fini(struct policy_question *question)
{
	forget(question);
	run_zones_fini(&question->zones);
}
