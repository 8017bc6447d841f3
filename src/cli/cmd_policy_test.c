// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_test.c - `cordon policy test PATH...`
 *
 * A test is a rule whose name begins with test_: it passes when it is defined and not false. One that begins
 * with todo_test_ is skipped. Each is a question of its own, with its own limits, in the order of the files.
 * What would make a test count that was never looked at is an error of that test: two rules of one name,
 * which the language takes for alternatives, and rules with cases below their name.
 */
#include "cli/commands.h"
#include "cli/policies.h"
#include "cli/policy_tests.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "regex/regex.h"

#include <errno.h>

enum {
	TEST_TIMEOUT_NS = 5000000000,	/* as with `opa test` */
	FILTER_STEPS = 1000000,
	FILTER_BYTES = 8 << 20,
};

struct tester {
	struct cli *cli;
	const struct policy_test_options *options;
	struct policies policies;
	struct regoc_policy *policy;
	struct regex_run *filter;	/* NULL: all */
	struct policy_tests tests;
};

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

static bool is_same_rule(const struct policy_test *test, const struct regoc_rule *rule)
{
	return !strcmp(test->rule.package, rule->package) && !strcmp(test->rule.name, rule->name);
}

/* Rules of one name stand near one another, but need not: a quadratic look over the tests of a policy. */
static struct policy_test *find_test(struct policy_tests *tests, const struct regoc_rule *rule)
{
	for (size_t i = 0; i < tests->count; i++)
		if (is_same_rule(&tests->items[i], rule))
			return &tests->items[i];
	return NULL;
}

static void fail_test(struct policy_test *test, const char *code, const char *message)
{
	test->outcome = POLICY_TEST_ERROR;
	test->fault = (struct regoc_diagnostic){ .code = code, .message = message, .file = "" };
}

static void take_rule(struct tester *tester, const struct regoc_rule *rule)
{
	struct policy_test *test = find_test(&tester->tests, rule);

	if (test) {
		fail_test(test, "test_name_error", "there are two tests of this name in the package");
		return;
	}
	test = &tester->tests.items[tester->tests.count++];
	test->rule = *rule;
	if (!strncmp(last_word(rule->name), "todo_", 5))
		test->outcome = POLICY_TEST_SKIPPED;
	else if (rule->is_partial)
		fail_test(test, "test_name_error",
			"cases below the name of a test are not run by this version");
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
		if (r)
			take_rule(tester, &rule);
	}
	return CLI_OK;
}

/* ---- one test ---- */

static void take_outcome(struct tester *tester, struct policy_test *test, struct regoc_context *context)
{
	const struct regoc_diagnostic *fault = regoc_fault(context);
	const struct regoc_value *value = regoc_result(context);

	if (fault) {
		fail_test(test, fault->code, arena_printf(&tester->cli->arena, "%s", fault->message));
		test->fault.file = fault->file;
		test->fault.line = fault->line;
		test->fault.column = fault->column;
		if (!test->fault.message)
			test->fault.message = "?";
		return;
	}
	test->outcome = !value || (regoc_type_of(value) == REGOC_BOOLEAN && !regoc_to_boolean(value)) ?
		POLICY_TEST_FAILED : POLICY_TEST_PASSED;
}

static int run_test(struct tester *tester, struct policy_test *test)
{
	const struct policy_test_options *options = tester->options;
	struct policies_deadline deadline = policies_deadline_after(
		options->timeout.is_set ? options->timeout.value : TEST_TIMEOUT_NS);
	struct regoc_limits limits = {
		.steps = options->max_steps.value, .memory_bytes = options->max_memory.value,
		.is_late = policies_is_late, .data = &deadline,
	};
	const char *text = arena_printf(&tester->cli->arena, "%s.%s", test->rule.package, test->rule.name);
	struct regoc_context *context = regoc_context_new(&limits);
	struct regoc_moment moment = policies_moment();
	struct regoc_request request = { .data = regoc_of_json(tester->policies.data), .moment = &moment };
	struct regoc_query *query = NULL;
	uint64_t began_ns = kern_clock_monotonic_ns();

	if (!text || regoc_query_new(tester->policy, text, NULL, &query, NULL) != REGOC_OK) {
		fail_test(test, "test_name_error", "the name of the test makes no question");
	} else {
		request.query = query;
		(void)regoc_evaluate(context, &request);
		take_outcome(tester, test, context);
	}
	test->duration_ns = kern_clock_monotonic_ns() - began_ns;
	regoc_query_free(query);
	regoc_context_free(context);
	return CLI_OK;
}

/* ---- all of them ---- */

static int run_all(struct tester *tester)
{
	int code = compile_filter(tester);

	if (code == CLI_OK)
		code = collect(tester);
	for (size_t i = 0; code == CLI_OK && i < tester->tests.count; i++)
		if (tester->tests.items[i].outcome == POLICY_TEST_NOT_RUN)
			code = run_test(tester, &tester->tests.items[i]);
	if (code != CLI_OK)
		return code;
	policy_tests_print(tester->cli, &tester->tests,
		tester->cli->json ? "json" : tester->options->format ? tester->options->format : "pretty");
	return policy_tests_code(&tester->tests, tester->options->exit_zero_on_skipped);
}

int cmd_policy_test(struct cli *cli, int argc, char **argv)
{
	struct tester tester = {
		.cli = cli, .options = policy_test_options(cli),
		.policies = { .are_bundles = policy_test_options(cli)->bundle },
	};
	struct regoc_report *report = NULL;
	int code = policies_read(cli, (const char *const *)argv, (size_t)argc, &tester.policies);

	if (code != CLI_OK)
		return CLI_NO;
	if (policies_compile(&tester.policies, 0, &tester.policy, &report) == CLI_OK) {
		code = run_all(&tester);
	} else {
		if (cli->json)
			policies_print_json(cli, policies_errors(cli, report));
		cli_tell_text(cli, str_from(regoc_report_text(report)));
		code = CLI_NO;
	}
	regoc_report_free(report);
	regoc_policy_free(tester.policy);
	return code;
}
