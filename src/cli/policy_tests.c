// SPDX-License-Identifier: Apache-2.0
/*
 * policy_tests.c - how the tests of policies went: for a person, as JSON, as JUnit's XML
 *
 * Names and messages come out of policies, so they are escaped for whoever reads them: a terminal, or a
 * parser of XML.
 */
#include "cli/policy_tests.h"

#include "base/base64.h"
#include "base/quote.h"

static const char *const outcome_names[] = {
	[POLICY_TEST_NOT_RUN] = "ERROR", [POLICY_TEST_FAILED] = "FAIL", [POLICY_TEST_ERROR] = "ERROR",
	[POLICY_TEST_SKIPPED] = "SKIPPED", [POLICY_TEST_PASSED] = "PASS",
};

/* Of a test with cases, each of them counts. */
static size_t weight(const struct policy_test *test, enum policy_test_outcome outcome)
{
	size_t failed = policy_cases_failed(&test->cases);
	bool has_cases = test->cases.count && test->outcome != POLICY_TEST_ERROR;

	if (!has_cases)
		return test->outcome == outcome;
	if (outcome == POLICY_TEST_FAILED)
		return failed;
	return outcome == POLICY_TEST_PASSED ? test->cases.count - failed : 0;
}

static size_t count_of(const struct policy_tests *tests, enum policy_test_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < tests->count; i++)
		count += weight(&tests->items[i], outcome);
	return count;
}

static size_t count_all(const struct policy_tests *tests)
{
	size_t count = 0;

	for (enum policy_test_outcome outcome = POLICY_TEST_NOT_RUN; outcome <= POLICY_TEST_PASSED; outcome++)
		count += count_of(tests, outcome);
	return count;
}

/* ---- for a person ---- */

static enum cli_style style_of(enum policy_test_outcome outcome)
{
	if (outcome == POLICY_TEST_PASSED)
		return CLI_GOOD;
	return outcome == POLICY_TEST_SKIPPED ? CLI_WARN : CLI_BAD;
}

/* Lines that are escaped already, indented. */
static void print_fault(struct cli *cli, const struct policy_test *test)
{
	struct str rest = str_from(test->fault_text ? test->fault_text : ""), line;

	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		cli_printf(cli, "  ");
		cli_write(cli, line);
		cli_printf(cli, "\n");
	}
	if (test->fault_text)
		return;
	cli_printf(cli, "  %s: ", test->fault.code);
	cli_quote(cli, str_from(test->fault.message));
	cli_printf(cli, "\n");
}

/* What print() said, indented. */
static void print_output(struct cli *cli, const char *output)
{
	struct str rest = str_from(output ? output : ""), line;

	if (rest.len)
		cli_printf(cli, "\n");
	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		cli_printf(cli, "  ");
		policies_print_text(cli, line);
		cli_printf(cli, rest.len ? "\n" : "\n\n");
	}
}

static void print_one(struct cli *cli, const struct policy_test *test)
{
	cli_quote(cli, str_from(test->rule.file));
	cli_printf(cli, ":%u:\n", test->rule.line);
	cli_quote(cli, str_from(test->rule.package));
	cli_printf(cli, ".");
	cli_quote(cli, str_from(test->rule.name));
	cli_printf(cli, ": %s%s%s", cli_style(cli, style_of(test->outcome)), outcome_names[test->outcome],
		cli_style(cli, CLI_PLAIN));
	if (test->outcome != POLICY_TEST_SKIPPED)
		cli_printf(cli, " (%.3fms)", (double)test->duration_ns / 1e6);
	cli_printf(cli, "\n");
	policy_cases_print(cli, &test->cases, cli->verbosity > 0);
	if (test->outcome == POLICY_TEST_FAILED && test->failed_at) {
		cli_printf(cli, "  ");
		cli_quote(cli, str_from(test->failed_at));
		cli_printf(cli, "\n");
	}
	print_output(cli, test->output);
	if (test->outcome == POLICY_TEST_ERROR)
		print_fault(cli, test);
}

/* BenchmarkDataAuthzTestAdmin of data.authz.test_admin: only so do tools for Go's benchmarks read it. */
static void print_go_name(struct cli *cli, const struct policy_test *test)
{
	const char *name = arena_printf(&cli->arena, "%s.%s", test->rule.package, test->rule.name);
	scoped(buf) struct buf text = BUF_INIT(CLI_ARENA_BYTES);
	bool is_first = true;		/* of a word */

	buf_append_str(&text, "Benchmark");
	for (const char *c = name; c && *c; c++) {
		bool is_gap = *c == '.' || *c == '_', is_small = *c >= 'a' && *c <= 'z';

		if (!is_gap)
			buf_append_char(&text, is_first && is_small ? (char)(*c - 'a' + 'A') : *c);
		is_first = is_gap;
	}
	cli_quote(cli, (struct str){ buf_text(&text), text.len });
}

static void print_bench(struct cli *cli, const struct policy_test *test, bool is_go)
{
	if (is_go) {
		print_go_name(cli, test);
	} else {
		cli_quote(cli, str_from(test->rule.package));
		cli_printf(cli, ".");
		cli_quote(cli, str_from(test->rule.name));
	}
	cli_printf(cli, "\t%8llu\t%10llu ns/op\n", (unsigned long long)test->runs,
		(unsigned long long)(test->duration_ns / test->runs));
}

static void print_sum(struct cli *cli, const struct policy_tests *tests, enum policy_test_outcome outcome)
{
	size_t count = count_of(tests, outcome);

	if (count)
		cli_printf(cli, "%s: %zu/%zu\n", outcome_names[outcome], count, count_all(tests));
}

static void print_pretty(struct cli *cli, const struct policy_tests *tests, bool is_go)
{
	static const char line[] =
		"--------------------------------------------------------------------------------\n";
	bool any = false;

	for (size_t i = 0; i < tests->count; i++) {
		if (tests->items[i].runs && tests->items[i].outcome == POLICY_TEST_PASSED)
			print_bench(cli, &tests->items[i], is_go);
		else if (cli->verbosity || tests->items[i].outcome != POLICY_TEST_PASSED)
			print_one(cli, &tests->items[i]);
		else
			continue;
		any = true;
	}
	if (any)
		cli_write(cli, str_from(line));
	print_sum(cli, tests, POLICY_TEST_PASSED);
	print_sum(cli, tests, POLICY_TEST_FAILED);
	print_sum(cli, tests, POLICY_TEST_SKIPPED);
	print_sum(cli, tests, POLICY_TEST_ERROR);
}

/* ---- JSON ---- */

/* N runs in T nanoseconds, as Go counts them. */
static const struct json *bench_document(struct cli *cli, const struct policy_test *test)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_int(&object, "N", (int64_t)test->runs);
	json_object_add_int(&object, "T", (int64_t)test->duration_ns);
	return json_object_end(&object);
}

/* As `opa test` has it: base64, since anything can be printed. */
static void add_output(struct json_object_builder *object, const struct policy_test *test)
{
	struct str text;

	if (test->output && test->output[0] &&
			base64_encode(object->arena, str_from(test->output), &text) == 0)
		json_object_add(object, "output", json_new_string(object->arena, text));
}

static const struct json *test_document(struct cli *cli, const struct policy_test *test)
{
	struct json_object_builder object, location;

	json_object_begin(&location, &cli->arena);
	json_object_add_text(&location, "file", test->rule.file);
	json_object_add_int(&location, "row", test->rule.line);
	json_object_add_int(&location, "col", test->rule.column);
	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "location", json_object_end(&location));
	json_object_add_text(&object, "package", test->rule.package);
	json_object_add_text(&object, "name", test->rule.name);
	json_object_add_int(&object, "duration", (int64_t)test->duration_ns);
	if (test->outcome == POLICY_TEST_FAILED)
		json_object_add_bool(&object, "fail", true);
	if (test->outcome == POLICY_TEST_SKIPPED)
		json_object_add_bool(&object, "skip", true);
	if (test->failed_at)
		json_object_add(&object, "failed_at", json_new_bytes(&cli->arena, str_from(test->failed_at)));
	add_output(&object, test);
	if (test->cases.count)
		json_object_add(&object, "sub_results", policy_cases_document(cli, &test->cases));
	if (test->runs)
		json_object_add(&object, "benchmark_result", bench_document(cli, test));
	if (test->outcome == POLICY_TEST_ERROR)
		json_object_add(&object, "error", policies_error(cli, &test->fault));
	return json_object_end(&object);
}

static void print_json(struct cli *cli, const struct policy_tests *tests)
{
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < tests->count; i++)
		json_array_add(&list, test_document(cli, &tests->items[i]));
	policies_print_json(cli, json_array_end(&list));
}

/* ---- JUnit ---- */

static void print_xml(struct cli *cli, const char *text)
{
	scoped(buf) struct buf safe = BUF_INIT(CLI_ARENA_BYTES);

	quote_append_bare(&safe, str_from(text));
	for (size_t i = 0; i < safe.len; i++) {
		switch (safe.data[i]) {
		case '&':
			cli_printf(cli, "&amp;");
			break;
		case '<':
			cli_printf(cli, "&lt;");
			break;
		case '>':
			cli_printf(cli, "&gt;");
			break;
		case '"':
			cli_printf(cli, "&quot;");
			break;
		default:
			cli_write(cli, (struct str){ safe.data + i, 1 });
		}
	}
}

/* With the names of the cases that failed, a line each. */
static void print_failure(struct cli *cli, const struct policy_test *test)
{
	cli_printf(cli, "><failure message=\"");
	print_xml(cli, test->failed_at ? test->failed_at : "the rule is not true");
	cli_printf(cli, "\">");
	for (size_t i = 0; i < test->cases.count; i++) {
		const struct policy_case *item = &test->cases.items[i];

		for (size_t k = 0; k < item->depth && item->has_failed; k++) {
			print_xml(cli, item->path[k]);
			cli_printf(cli, k + 1 < item->depth ? " / " : "\n");
		}
	}
	cli_printf(cli, "</failure></testcase>\n");
}

static void print_detail(struct cli *cli, const struct policy_test *test)
{
	if (test->outcome == POLICY_TEST_SKIPPED) {
		cli_printf(cli, "><skipped/></testcase>\n");
	} else if (test->outcome == POLICY_TEST_FAILED) {
		print_failure(cli, test);
	} else if (test->outcome == POLICY_TEST_ERROR) {
		cli_printf(cli, "><error type=\"%s\" message=\"", test->fault.code);
		print_xml(cli, test->fault.message);
		cli_printf(cli, "\"/></testcase>\n");
	} else {
		cli_printf(cli, "/>\n");
	}
}

static void print_case(struct cli *cli, const struct policy_test *test)
{
	cli_printf(cli, "    <testcase classname=\"");
	print_xml(cli, test->rule.package);
	cli_printf(cli, "\" name=\"");
	print_xml(cli, test->rule.name);
	cli_printf(cli, "\" file=\"");
	print_xml(cli, test->rule.file);
	cli_printf(cli, "\" line=\"%u\" time=\"%.6f\"", test->rule.line, (double)test->duration_ns / 1e9);
	print_detail(cli, test);
}

/* A test is one here, however many cases it has. */
static size_t count_tests(const struct policy_tests *tests, enum policy_test_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < tests->count; i++)
		count += tests->items[i].outcome == outcome;
	return count;
}

static void print_junit(struct cli *cli, const struct policy_tests *tests)
{
	cli_printf(cli, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	cli_printf(cli,
		"  <testsuite name=\"rego\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		tests->count, count_tests(tests, POLICY_TEST_FAILED), count_tests(tests, POLICY_TEST_ERROR),
		count_tests(tests, POLICY_TEST_SKIPPED));
	for (size_t i = 0; i < tests->count; i++)
		print_case(cli, &tests->items[i]);
	cli_printf(cli, "  </testsuite>\n</testsuites>\n");
}

/* ---- the report ---- */

void policy_tests_print(struct cli *cli, const struct policy_tests *tests, const char *format)
{
	if (!strcmp(format, "json"))
		print_json(cli, tests);
	else if (!strcmp(format, "junit"))
		print_junit(cli, tests);
	else
		print_pretty(cli, tests, !strcmp(format, "gobench"));
}

size_t policy_tests_failed(const struct policy_tests *tests)
{
	return count_of(tests, POLICY_TEST_FAILED) + count_of(tests, POLICY_TEST_ERROR) +
		count_of(tests, POLICY_TEST_NOT_RUN);
}

int policy_tests_code(const struct policy_tests *tests, bool skipped_is_fine)
{
	size_t fine = count_of(tests, POLICY_TEST_PASSED);

	if (skipped_is_fine)
		fine += count_of(tests, POLICY_TEST_SKIPPED);
	return fine == count_all(tests) ? CLI_OK : CLI_USAGE;
}
