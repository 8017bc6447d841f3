// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_test.c - `cordon policy test PATH...`
 *
 * A test is a rule whose name begins with test_: it passes when it is true. One that begins with todo_test_
 * is skipped. Each is a question of its own, with its own limits, in the order of the files. A second test of
 * one name, which the language would take for an alternative of the first, is called NAME#01. A test with
 * cases, test_NAME[KEY], fails where one of them does. Policies are traced while tests run, so that a failure
 * can be told with its expression, but not while they are measured (--bench).
 */
#include "cli/commands.h"
#include "cli/policy_tests.h"
#include "cli/policy_watch.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "regex/regex.h"

#include <errno.h>

enum {
	TEST_TIMEOUT_NS = 5000000000,	/* as with `opa test` */
	FILTER_STEPS = 1000000,
	FILTER_BYTES = 8 << 20,
	OUTPUT_BYTES_MAX = 16 << 20,	/* of print() in one test */
	PERCENT_MAX = 100,
	PERCENT_DIGITS_MAX = 9,		/* behind the point */
};

struct tester {
	struct cli *cli;
	const struct policy_test_options *options;
	struct policies policies;
	struct regoc_policy *policy;
	struct regex_run *filter;	/* NULL: all */
	struct policy_tests tests;
	double threshold;		/* percent of the lines that are to be covered */
	struct policy_watch watch;
	struct run_zones zones;
	struct buf output;		/* of print() in the test at hand */
};

static const char *format_of(const struct tester *tester)
{
	if (tester->cli->json)
		return "json";
	return tester->options->format ? tester->options->format : "pretty";
}

/* ---- which ---- */

static const char *last_word(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

static bool is_test(const struct regoc_rule *rule)
{
	const char *name = last_word(rule->name);

	return !rule->is_default && !rule->is_function &&
		(!strncmp(name, "test_", 5) || !strncmp(name, "todo_test_", 10));
}

static int is_wanted(struct tester *tester, const char *full_name)
{
	uint64_t steps = FILTER_STEPS;

	return tester->filter ? regex_match(tester->filter, str_from(full_name), 0, &steps, NULL, 0) : 1;
}

static int compile_filter(struct tester *tester)
{
	struct arena *arena = &tester->cli->arena;
	struct regex_error fault = { 0 };
	const struct regex *regex;

	if (!tester->options->run)
		return CLI_OK;
	if (regex_compile(arena, str_from(tester->options->run), &regex, &fault) < 0)
		return cli_usage(tester->cli, "--run: error parsing regexp: %s: `%s`",
			fault.what ? fault.what : "too large", quote_text(fault.where).text);
	tester->filter = regex_run_new(arena, regex);
	return tester->filter ? CLI_OK : cli_failf(tester->cli, CLI_USAGE, "--run: the pattern is too large");
}

static void fail_test(struct policy_test *test, const char *code, const char *message)
{
	test->outcome = POLICY_TEST_ERROR;
	test->fault = (struct regoc_diagnostic){ .code = code, .message = message, .file = "" };
}

/* Rules of one partial document are one test. */
static bool is_known(const struct policy_tests *tests, const struct regoc_rule *rule)
{
	for (size_t i = tests->count; rule->is_partial && i > 0; i--) {
		const struct regoc_rule *other = &tests->items[i - 1].rule;

		if (other->is_partial && !strcmp(other->name, rule->name) &&
				!strcmp(other->package, rule->package))
			return true;
	}
	return false;
}

static void take_rule(struct tester *tester, const struct regoc_rule *rule)
{
	struct policy_test *test = &tester->tests.items[tester->tests.count++];

	test->rule = *rule;
	if (!strncmp(last_word(rule->name), "todo_", 5))
		test->outcome = POLICY_TEST_SKIPPED;
}

static int collect(struct tester *tester)
{
	struct regoc_rule rule;
	size_t count = 0;

	while (regoc_policy_rule(tester->policy, count, &rule))
		count++;
	tester->tests.items = arena_alloc_array(&tester->cli->arena, count, sizeof(*tester->tests.items));
	if (!tester->tests.items)
		return cli_failf(tester->cli, CLI_USAGE, "there are too many rules");
	for (size_t i = 0; regoc_policy_rule(tester->policy, i, &rule); i++) {
		const char *name = arena_printf(&tester->cli->arena, "%s.%s", rule.package, rule.name);
		int r = is_test(&rule) && name ? is_wanted(tester, name) : 0;

		if (r < 0)
			return cli_failf(tester->cli, CLI_USAGE, "--run: the pattern takes too much work");
		if (r && !is_known(&tester->tests, &rule))
			take_rule(tester, &rule);
	}
	return CLI_OK;
}

/* ---- one test ---- */

/* "data.a.test_x", or data.a["test_x#01"] where the name is no word. */
static const char *question_of(struct tester *tester, const struct policy_test *test)
{
	const char *name = test->rule.name;

	return arena_printf(&tester->cli->arena, strchr(name, '#') ? "%s[\"%s\"]" : "%s.%s",
		test->rule.package, name);
}

static void take_cases(struct tester *tester, struct policy_test *test, const struct regoc_value *value)
{
	const struct json *begun = json_array_end(&tester->watch.cases),
			  *document = json_to_document(&tester->cli->arena, regoc_to_json(value));

	if (!policy_cases_collect(tester->cli, document, begun, &test->cases))
		fail_test(test, "eval_internal_error", "the test has more cases than there is memory for");
	else
		test->outcome = policy_cases_failed(&test->cases) ? POLICY_TEST_FAILED : POLICY_TEST_PASSED;
}

static void take_fault(struct tester *tester, struct policy_test *test, const struct regoc_diagnostic *fault)
{
	const char *message = arena_printf(&tester->cli->arena, "%s", fault->message);

	fail_test(test, fault->code, message ? message : "?");
	test->fault.file = fault->file;
	test->fault.line = fault->line;
	test->fault.column = fault->column;
	test->fault_text = policies_fault_text(tester->cli, &tester->policies, fault);
}

static bool is_pass(const struct regoc_value *value)
{
	return regoc_type_of(value) == REGOC_BOOLEAN && regoc_to_boolean(value);
}

static void take_outcome(struct tester *tester, struct policy_test *test, struct regoc_context *context)
{
	const struct regoc_value *value = regoc_result(context);
	const struct policy_step *failure = &tester->watch.failure;

	if (regoc_fault(context)) {
		take_fault(tester, test, regoc_fault(context));
		return;
	}
	if (test->rule.is_partial && value && regoc_type_of(value) == REGOC_OBJECT)
		take_cases(tester, test, value);
	else
		test->outcome = is_pass(value) ? POLICY_TEST_PASSED : POLICY_TEST_FAILED;
	if (test->outcome == POLICY_TEST_FAILED && failure->file)
		test->failed_at = arena_printf(&tester->cli->arena, "%s:%u: %s", failure->file, failure->line,
			failure->text);
}

/* Once, or with --bench as often as fits into a second. */
static void ask(struct tester *tester, struct policy_test *test, struct regoc_context *context,
	const struct regoc_request *request)
{
	enum { BENCH_NS = 1000000000 };
	uint64_t began_ns = kern_clock_monotonic_ns();

	do {
		(void)regoc_evaluate(context, request);
		test->runs += tester->options->bench;
		test->duration_ns = kern_clock_monotonic_ns() - began_ns;
	} while (tester->options->bench && !regoc_fault(context) && test->duration_ns < BENCH_NS);
	take_outcome(tester, test, context);
}

static void begin_watch(struct tester *tester)
{
	buf_clear(&tester->output);
	tester->watch.failure = (struct policy_step){ 0 };
	json_array_begin(&tester->watch.cases, &tester->cli->arena);
}

static int run_test(struct tester *tester, struct policy_test *test)
{
	const struct policy_test_options *options = tester->options;
	struct policies_deadline deadline = policies_deadline_after(
		options->timeout.is_set ? options->timeout.value : TEST_TIMEOUT_NS);
	struct regoc_limits limits = {
		.steps = options->max_steps.value, .memory_bytes = options->max_memory.value,
		.is_late = policies_is_late, .data = &deadline,
		.zone = run_zones_read, .zone_data = &tester->zones,
	};
	const char *text = question_of(tester, test);
	struct regoc_context *context = regoc_context_new(&limits);
	struct regoc_moment moment = policies_moment();
	struct regoc_request request = {
		.data = regoc_of_json(tester->policies.data), .moment = &moment,
		.watch = &tester->watch.regoc,
	};
	struct regoc_query *query = NULL;

	begin_watch(tester);
	if (!text || regoc_query_new(tester->policy, text, NULL, &query, NULL) != REGOC_OK) {
		fail_test(test, "test_name_error", "the name of the test makes no question");
	} else {
		request.query = query;
		ask(tester, test, context, &request);
	}
	test->output = arena_copy(&tester->cli->arena, tester->output.data, tester->output.len);
	regoc_query_free(query);
	regoc_context_free(context);
	return CLI_OK;
}

/* ---- coverage ---- */

/* "99" or "99.5" */
static bool read_percent(const char *text, double *ret)
{
	struct str whole, fraction;
	uint64_t value, part = 0, unit = 1;
	bool has_point = str_cut(str_from(text), '.', &whole, &fraction);

	if (str_to_u64(whole, PERCENT_MAX, &value) < 0 || fraction.len > PERCENT_DIGITS_MAX ||
			(has_point && str_to_u64(fraction, UINT64_MAX, &part) < 0))
		return false;
	for (size_t i = 0; i < fraction.len; i++)
		unit *= 10;
	*ret = (double)value + (double)part / (double)unit;
	return *ret <= PERCENT_MAX;
}

static int read_threshold(struct tester *tester)
{
	const char *text = tester->options->threshold;

	if (!text || read_percent(text, &tester->threshold))
		return CLI_OK;
	return cli_failf(tester->cli, CLI_NO, "Code coverage threshold must be between 0 and 100");
}

/* As `opa test --coverage`: the report, unless a test failed or too little is covered. */
static int print_coverage(struct tester *tester)
{
	const struct json *document;
	double percent;

	if (policy_tests_failed(&tester->tests)) {
		policy_tests_print(tester->cli, &tester->tests, "pretty");
		return CLI_NO;
	}
	document = policy_coverage_document(&tester->watch, &percent);
	if (percent < tester->threshold) {
		(void)cli_failf(tester->cli, CLI_USAGE,
			"Code coverage threshold not met: got %.2f instead of %.2f", percent,
			tester->threshold);
		if (tester->cli->verbosity)
			policy_coverage_tell_missed(&tester->watch);
		return CLI_USAGE;
	}
	policies_print_json(tester->cli, document);
	return policy_tests_code(&tester->tests, tester->options->exit_zero_on_skipped);
}

/* ---- all of them ---- */

static int run_once(struct tester *tester)
{
	int code = collect(tester);

	for (size_t i = 0; code == CLI_OK && i < tester->tests.count; i++)
		if (tester->tests.items[i].outcome == POLICY_TEST_NOT_RUN)
			code = run_test(tester, &tester->tests.items[i]);
	if (code != CLI_OK)
		return code;
	if (!tester->tests.count && tester->options->fail_on_empty)
		return cli_failf(tester->cli, CLI_NO, "no tests were run");
	if (tester->watch.wants & POLICY_WANTS_COVERAGE)
		return print_coverage(tester);
	policy_tests_print(tester->cli, &tester->tests, format_of(tester));
	return policy_tests_code(&tester->tests, tester->options->exit_zero_on_skipped);
}

/* Those of a time that failed are the last that are told. */
static int run_all(struct tester *tester)
{
	uint64_t count = tester->options->count.is_set ? tester->options->count.value : 1;
	int code = compile_filter(tester);

	if (code == CLI_OK)
		code = policy_watch_begin(&tester->watch, tester->policy);
	for (uint64_t i = 0; code == CLI_OK && i < count; i++) {
		tester->tests.count = 0;
		code = run_once(tester);
	}
	if (code == CLI_OK && !tester->tests.count)
		cli_note(tester->cli, "there are no tests: a test is a rule whose name begins with test_");
	return code;
}

static int check_options(struct tester *tester)
{
	if (!strcmp(format_of(tester), "gobench") && !tester->options->bench)
		return cli_usage(tester->cli, "--format=gobench goes with --bench");
	if (tester->options->bench && (tester->options->coverage || tester->options->threshold))
		return cli_usage(tester->cli,
			"what is covered is not seen while it is measured: --coverage or --bench");
	if (tester->options->parallel.is_set && !tester->options->parallel.value)
		return cli_usage(tester->cli, "--parallel: one at least");
	return read_threshold(tester);
}

static unsigned wants_of(const struct policy_test_options *options)
{
	unsigned wants = POLICY_WANTS_TESTS;

	if (options->bench)
		return 0;
	if (options->coverage || options->threshold)
		wants |= POLICY_WANTS_COVERAGE;
	return wants;
}

static unsigned flags_of(const struct tester *tester)
{
	return REGOC_TESTS | policy_watch_flags(tester->watch.wants) |
		(tester->options->logical_keywords ? REGOC_LOGICAL_KEYWORDS : 0u);
}

int cmd_policy_test(struct cli *cli, int argc, char **argv)
{
	const struct policy_test_options *options = policy_test_options(cli);
	const struct policies_keys keys = { options->verification_key, options->verification_key_id,
		options->signing_alg, options->scope, options->skip_verify };
	struct tester tester = {
		.cli = cli, .options = options, .output = BUF_INIT(OUTPUT_BYTES_MAX),
		.zones = policies_zones(cli),
		.watch = { .cli = cli, .failure_text = BUF_INIT(OUTPUT_BYTES_MAX) },
		.policies = {
			.are_bundles = options->bundle,
			.schema_path = options->schema,
		},
	};
	struct regoc_report *report = NULL;
	const char *const *paths = (const char *const *)argv;
	int code = check_options(&tester);

	tester.policies.ignore = options->ignore;
	if (code == CLI_OK)
		code = policies_read_verification(cli, &keys, &tester.policies.verification);
	if (code == CLI_OK && policies_read(cli, paths, (size_t)argc, &tester.policies) != CLI_OK)
		code = CLI_NO;
	if (code != CLI_OK)
		return code;
	tester.watch.prints = &tester.output;
	tester.watch.has_places = true;
	tester.watch.wants = wants_of(options);
	if (policies_compile(&tester.policies, flags_of(&tester), &tester.policy, &report) == CLI_OK) {
		code = run_all(&tester);
	} else {
		if (cli->json)
			policies_print_json(cli, policies_errors(cli, report));
		cli_tell_text(cli, str_from(regoc_report_text(report)));
		code = CLI_NO;
	}
	regoc_report_free(report);
	regoc_policy_free(tester.policy);
	buf_fini(&tester.output);
	run_zones_fini(&tester.zones);
	buf_fini(&tester.watch.failure_text);
	return code;
}
