// SPDX-License-Identifier: Apache-2.0
/*
 * test_regoc.c - the public header as another program uses it: only what stands in it
 */
#include "lib/test.h"
#include "rego/regoc.h"

#include <stdio.h>
#include <string.h>

static struct regoc_policy *compile(const char *text)
{
	struct regoc_module module = { "m.rego", text, strlen(text) };
	struct regoc_policy *policy = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, NULL, &policy, NULL), REGOC_OK);
	return policy;
}

/* What a question to a policy comes to, or the name of the fault. */
static enum regoc_status ask(const char *text, const char *question, const struct regoc_limits *limits,
	unsigned flags, char *ret, size_t size)
{
	struct regoc_policy *policy = compile(text);
	struct regoc_query *query = NULL;
	struct regoc_context *context = regoc_context_new(limits);
	struct regoc_request request = { .flags = flags };
	enum regoc_status status;
	const char *answer = "";

	CHECK_INT(regoc_query_new(policy, question, NULL, &query, NULL), REGOC_OK);
	request.query = query;
	status = regoc_evaluate(context, &request);
	if (status == REGOC_OK)
		status = regoc_result_text(context, &answer, NULL);
	(void)snprintf(ret, size, "%s", status == REGOC_OK ? answer : regoc_fault(context)->code);
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_policy_free(policy);
	return status;
}

#define ANSWER(value, text, col) \
	"{\"location\":{\"col\":" col ",\"row\":1},\"text\":\"" text "\",\"value\":" value "}"

TEST(values_of_expressions)
{
	char got[4096];

	CHECK_INT(ask("package a\nno := false\nxs := [1, 2]", "data.a.no", NULL, 0, got, sizeof(got)), 0);
	CHECK_TEXT(got, "{\"result\":[{\"expressions\":[" ANSWER("false", "data.a.no", "1") "]}]}");
	ask("package a\nno := false", "data.a.no; true", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{}");
	ask("package a", "1 == 2", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{\"result\":[{\"expressions\":[" ANSWER("false", "1 == 2", "1") "]}]}");
	ask("package a", "x := 7; not x == 8", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{\"result\":[{\"bindings\":{\"x\":7},\"expressions\":["
		ANSWER("true", "x := 7", "1") "," ANSWER("true", "not x == 8", "9") "]}]}");
	ask("package a", "data.a.nothing", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{}");
}

TEST(a_question_with_replacements)
{
	char got[4096];

	ask("package a\nok := input.x == 1", "data.a.ok with input.x as 2", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{\"result\":[{\"expressions\":[" ANSWER("false", "data.a.ok with input.x as 2", "1")
		"]}]}");
}

TEST(iteration_leaves_false_out)
{
	char got[4096];

	ask("package a\nxs := [true, false]", "data.a.xs[i]", NULL, 0, got, sizeof(got));
	CHECK_TEXT(got, "{\"result\":[{\"bindings\":{\"i\":0},\"expressions\":["
		ANSWER("true", "data.a.xs[i]", "1") "]}]}");
}

static bool always(void *data)
{
	(void)data;
	return true;
}

TEST(each_limit_has_its_status)
{
	static const char work[] = "package a\nn := [x | some x in numbers.range(1, 3000); "
				   "some y in numbers.range(1, 3000); x == 0 - y]";
	static const char grow[] = "package a\nxs := [[x, y, x + y] | some x in numbers.range(1, 3000); "
				   "some y in numbers.range(1, 3000)]";
	struct regoc_limits steps = { .steps = 10000 }, memory = { .memory_bytes = 1 << 20 };
	struct regoc_limits late = { .is_late = always }, result = { .result_bytes = 8 };
	char got[4096];

	CHECK_INT(ask(work, "data.a.n", &steps, 0, got, sizeof(got)), REGOC_STEPS);
	CHECK_TEXT(got, "eval_cancel_error");
	CHECK_INT(ask(grow, "data.a.xs", &memory, 0, got, sizeof(got)), REGOC_MEMORY);
	CHECK_INT(ask(work, "data.a.n", &late, 0, got, sizeof(got)), REGOC_DEADLINE);
	CHECK_INT(ask(work, "data.a", &result, 0, got, sizeof(got)), REGOC_MEMORY);
	CHECK_INT(ask("package a\nx := 1", "data.a", &result, 0, got, sizeof(got)), REGOC_RESULT);
}

/* Whatever a limit is, there is the whole answer or the limit's own status. */
TEST(limits_swept_from_nothing_upwards)
{
	static const char module[] =
		"package a\nx := {k: v | some k, v in {\"a\": [1.50, null], \"b\": {\"c\": \"\\u00e9\\n\"}}}\n"
		"y contains z if some z in [sum([1, 2]), sprintf(\"%v\", [x])]\n"
		"p := 1 if not q\nq if input.r with input as {\"r\": false}";
	unsigned short_count[3] = { 0 }, whole_count[3] = { 0 };
	char wanted[4096], got[4096];

	CHECK_INT(ask(module, "data.a", NULL, 0, wanted, sizeof(wanted)), REGOC_OK);
	for (size_t at = 1; at <= 16 * strlen(wanted); at++) {
		const struct regoc_limits tries[] = { { .result_bytes = at }, { .steps = at },
			{ .memory_bytes = at * 8 } };
		static const enum regoc_status statuses[] = { REGOC_RESULT, REGOC_STEPS, REGOC_MEMORY };

		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			enum regoc_status status = ask(module, "data.a", &tries[i], 0, got, sizeof(got));

			CHECK(status == REGOC_OK || status == statuses[i]);
			CHECK_TEXT(got, status == REGOC_OK ? wanted : "eval_cancel_error");
			CHECK(i || (status == REGOC_OK) == (at >= strlen(wanted)));
			(status == REGOC_OK ? whole_count : short_count)[i]++;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(short_count); i++)
		CHECK(short_count[i] && whole_count[i]);
}

TEST(faults)
{
	char got[4096];

	CHECK_INT(ask("package a\np := 1\np := 2", "data.a.p", NULL, 0, got, sizeof(got)), REGOC_CONFLICT);
	CHECK_TEXT(got, "eval_conflict_error");
	CHECK_INT(ask("package a\np := 1 / 0", "data.a.p", NULL, REGOC_STRICT_BUILTINS, got, sizeof(got)),
		REGOC_BUILTIN_ERROR);
	CHECK_INT(ask("package a\np := 1 / 0", "data.a.p", NULL, 0, got, sizeof(got)), REGOC_OK);
	CHECK_TEXT(got, "{}");
}

TEST(cancelling)
{
	struct regoc_policy *policy = compile("package a\np := [x | some x in numbers.range(1, 9999)][9998]");
	struct regoc_query *query = regoc_query_new_entry(policy, "a/p");
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_request request = { .query = query };
	int64_t number = 0;

	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	regoc_context_cancel(context);
	CHECK_INT(regoc_evaluate(context, &request), REGOC_CANCELLED);
	CHECK(!regoc_result(context) && regoc_fault(context));
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	CHECK(regoc_to_int(regoc_result(context), &number) && number == 9999);
	CHECK(!regoc_fault(context));
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_policy_free(policy);
}

TEST(entries_and_documents)
{
	static const char text[] = "{\"admins\": [\"a\", \"b\"], \"n\": 1.5}";
	struct regoc_policy *policy = compile("package authz\nallow if input in data.admins\nf(x) := x");
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_document *data = NULL, *input = NULL;
	struct regoc_request request = { 0 };
	struct regoc_query *query;

	CHECK_INT(regoc_document_new(text, strlen(text), 0, &data, NULL), REGOC_OK);
	CHECK_INT(regoc_document_new("\"b\"", 3, 0, &input, NULL), REGOC_OK);
	CHECK(!regoc_query_new_entry(policy, "authz/none"));
	CHECK(!regoc_query_new_entry(policy, "authz/f"));
	query = regoc_query_new_entry(policy, "authz/allow");
	request = (struct regoc_request){
		.query = query, .data = regoc_document_value(data), .input = regoc_document_value(input),
	};
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	CHECK(regoc_is_true(context));
	request.input = NULL;
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	CHECK(!regoc_is_true(context) && !regoc_result(context));
	request.data = request.input = regoc_document_value(input);
	CHECK_INT(regoc_evaluate(context, &request), REGOC_BAD_CALL);
	CHECK_INT(regoc_count(regoc_member(regoc_document_value(data), "admins")), 2);
	CHECK_TEXT(regoc_to_text(regoc_item(regoc_member(regoc_document_value(data), "admins"), 1), NULL),
		"b");
	CHECK_TEXT(regoc_to_text(regoc_member(regoc_document_value(data), "n"), NULL), "1.5");
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_document_free(input);
	regoc_document_free(data);
	regoc_policy_free(policy);
}

TEST(reports)
{
	static const char text[] = "package a\np if {\n\tinput.x == usr\n}\n";
	struct regoc_module module = { "m.rego", text, strlen(text) };
	struct regoc_report *report = NULL;
	struct regoc_document *document = NULL;
	struct regoc_policy *policy = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, NULL, &policy, &report), REGOC_BAD_POLICY);
	CHECK(!policy);
	CHECK_INT(regoc_report_count(report), 1);
	CHECK_TEXT(regoc_report_at(report, 0)->code, "rego_unsafe_var_error");
	CHECK_TEXT(regoc_report_at(report, 0)->message, "var usr is unsafe");
	CHECK_TEXT(regoc_report_at(report, 0)->file, "m.rego");
	CHECK_INT(regoc_report_at(report, 0)->line, 3);
	CHECK(strstr(regoc_report_text(report), "m.rego:3:"));
	CHECK(!regoc_report_at(report, 1));
	regoc_report_free(report);
	CHECK_INT(regoc_document_new("{]", 2, 0, &document, &report), REGOC_BAD_JSON);
	CHECK_TEXT(regoc_report_at(report, 0)->code, "json_error");
	regoc_report_free(report);
}

TEST(packages_and_rules)
{
	struct regoc_policy *policy = compile(
		"package a.b\nx := 1\ntest_x if x == 1\ns contains 1\nf(y) := y");
	struct regoc_report *report = NULL;
	struct regoc_query *query = NULL;
	struct regoc_rule rule;

	CHECK(regoc_policy_rule(policy, 1, &rule));
	CHECK_TEXT(rule.package, "data.a.b");
	CHECK_TEXT(rule.name, "test_x");
	CHECK_INT(rule.line, 3);
	CHECK(regoc_policy_rule(policy, 2, &rule) && rule.is_partial);
	CHECK(regoc_policy_rule(policy, 3, &rule) && rule.is_function);
	CHECK(!regoc_policy_rule(policy, 4, &rule));
	CHECK_INT(regoc_query_new(policy, "x + 1", &(struct regoc_scope){ "data.a.b" }, &query, NULL),
		REGOC_OK);
	CHECK(!regoc_query_variable(query, 0));
	regoc_query_free(query);
	CHECK_INT(regoc_query_new(policy, "x + 1", NULL, &query, &report), REGOC_BAD_POLICY);
	regoc_report_free(report);
	CHECK_INT(regoc_query_new(policy, "1", &(struct regoc_scope){ "input.x" }, &query, &report),
		REGOC_BAD_POLICY);
	regoc_report_free(report);
	regoc_policy_free(policy);
}

static enum regoc_status import(struct regoc_policy *policy, const char *text, const char *import,
	struct regoc_query **ret)
{
	const struct regoc_scope scope = { .imports = &import, .import_count = 1 };

	return regoc_query_new(policy, text, &scope, ret, NULL);
}

TEST(questions_may_import)
{
	static const char *const bad[] = {
		"", "nonsense.x", "data.a\nallow := true", "data.a; import data.b", "data.a\nimport data.a.b",
		"future.keywords.not", "rego.v1", "data.a as", "data.a as true",
	};
	struct regoc_policy *policy = compile("package a.b\nx := 1\nf(y) := y");
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_query *query = NULL;
	int64_t value;

	CHECK_INT(import(policy, "b.x + other.f(1)", "data.a.b", &query), REGOC_BAD_POLICY);
	CHECK_INT(import(policy, "other.f(1) + other.x", "data.a.b as other", &query), REGOC_OK);
	CHECK_INT(regoc_evaluate(context, &(struct regoc_request){ .query = query }), REGOC_OK);
	CHECK(regoc_to_int(regoc_result(context), &value));
	CHECK_INT(value, 2);
	regoc_query_free(query);
	CHECK_INT(import(policy, "b.x", "data.a.b", &query), REGOC_OK);
	regoc_query_free(query);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (import(policy, "data.a.b.x", bad[i], &query) == REGOC_OK) {
			regoc_query_free(query);
			CHECK(i == 5 || i == 6);
		}
	regoc_context_free(context);
	regoc_policy_free(policy);
}

TEST(logical_keywords_are_asked_for)
{
	static const char text[] = "package k\nimport future.keywords.or\nallow if input.a or input.b";
	const struct regoc_module module = { "k.rego", text, strlen(text) };
	const struct regoc_settings settings = { .flags = REGOC_LOGICAL_KEYWORDS };
	struct regoc_policy *policy = NULL;
	struct regoc_query *query = NULL;
	struct regoc_report *report = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, NULL, &policy, &report), REGOC_BAD_POLICY);
	CHECK(strstr(regoc_report_at(report, 0)->hint, "REGOC_LOGICAL_KEYWORDS"));
	regoc_report_free(report);
	CHECK_INT(regoc_policy_new(&module, 1, &settings, &policy, NULL), REGOC_OK);
	CHECK_INT(regoc_query_new(policy, "data.k.allow or true", NULL, &query, NULL), REGOC_OK);
	regoc_query_free(query);
	regoc_policy_free(policy);
	policy = compile("package k");
	CHECK_INT(regoc_query_new(policy, "data.k.allow or true", NULL, &query, NULL), REGOC_BAD_POLICY);
	regoc_policy_free(policy);
}

/* ---- who looks on ---- */

struct seen {
	char text[8192];
	size_t len;
	bool prints_only;
};

static void see(void *data, const struct regoc_event *event)
{
	static const char *const names[] = {
		"print", "enter", "exit", "again", "eval", "redo", "fail", "note", "case",
	};
	struct seen *seen = data;

	if (seen->prints_only && event->kind != REGOC_EVENT_PRINT)
		return;
	seen->len += (size_t)snprintf(seen->text + seen->len, sizeof(seen->text) - seen->len,
		"%s%s:%u %u %s %.*s", seen->len ? "|" : "", event->file, event->line, event->depth,
		names[event->kind], (int)event->len, event->text);
}

static void watch(const char *text, const char *question, unsigned flags, struct seen *seen)
{
	struct regoc_module module = { "m.rego", text, strlen(text) };
	struct regoc_settings settings = { .flags = flags };
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_watch look = { .look = see, .data = seen };
	struct regoc_request request = { .watch = &look };
	struct regoc_policy *policy = NULL;
	struct regoc_query *query = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, &settings, &policy, NULL), REGOC_OK);
	CHECK_INT(regoc_query_new(policy, question, NULL, &query, NULL), REGOC_OK);
	request.query = query;
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	regoc_query_free(query);
	regoc_policy_free(policy);
	regoc_context_free(context);
}

static void check_prints(const char *body, const char *wanted)
{
	struct seen seen = { .prints_only = true };
	char text[1024];

	(void)snprintf(text, sizeof(text), "package a\nf(x) := x + 1\nok if {\n\t%s\n}", body);
	watch(text, "data.a.ok", REGOC_PRINT, &seen);
	CHECK_TEXT(seen.text, wanted);
}

TEST(print_says_what_opa_says)
{
	check_prints("print(\"a b\", 1.50, [1, \"x\"], {\"k\": {2, 1}})",
		"m.rego:4 1 print a b 1.50 [1, \"x\"] {\"k\": {1, 2}}");
	check_prints("print()", "m.rego:4 1 print ");
	check_prints("print(input.x, f(1), f(input.x))", "m.rego:4 1 print <undefined> 2 <undefined>");
	check_prints("some x in [7, 8]; print(\"x is\", x)", "m.rego:4 1 print x is 7");
	check_prints("every x in [7] { print(x) }", "m.rego:4 1 print 7");
	check_prints("xs := [y | some y in [1, 2]; print(y)]; count(xs) == 2",
		"m.rego:4 1 print 1|m.rego:4 1 print 2");
	check_prints("print(split(\"a b\", \" \")[0], true)", "m.rego:4 1 print a true");
}

TEST(a_policy_that_is_not_compiled_for_it_says_nothing)
{
	struct seen seen = { 0 };

	watch("package a\nok if { print(1); trace(\"x\") }", "data.a.ok", 0, &seen);
	CHECK_TEXT(seen.text, "");
}

TEST(a_trace_tells_all_that_happens)
{
	struct seen seen = { 0 };

	watch("package a\nok if {\n\tsome x in [1, 2]\n\tx == 2\n}", "data.a.ok", REGOC_TRACE, &seen);
	CHECK_TEXT(seen.text,
		":1 0 enter data.a.ok|:1 0 eval data.a.ok|m.rego:2 1 enter ok if {\n\tsome x in [1, 2]\n\tx == 2\n}|"
		"m.rego:3 1 eval some x in [1, 2]|m.rego:4 1 eval x == 2|m.rego:4 1 fail x == 2|m.rego:3 1 redo some x in [1, 2]|"
		"m.rego:4 1 eval x == 2|m.rego:2 1 exit ok if {\n\tsome x in [1, 2]\n\tx == 2\n}|:1 0 exit data.a.ok|:1 0 again data.a.ok|:1 0 redo data.a.ok");
}

TEST(notes_and_negations_in_a_trace)
{
	struct seen seen = { 0 };

	watch("package a\nok if {\n\ttrace(sprintf(\"n %d\", [1]))\n\tnot input.x == 1\n}", "data.a.ok",
		REGOC_TRACE, &seen);
	CHECK(strstr(seen.text, "m.rego:3 1 note n 1"));
	CHECK(strstr(seen.text, "m.rego:4 1 eval not input.x == 1"));
	CHECK(!strstr(seen.text, "fail"));
}

TEST(places_are_what_a_trace_can_tell_of)
{
	static const char text[] = "package a\nok if {\n\tinput.x\n\tprint(1)\n}\ndefault no := false\n"
		"f(x) := y if {\n\ty := x\n}";
	struct regoc_module module = { "m.rego", text, sizeof(text) - 1 };
	struct regoc_settings settings = { .flags = REGOC_TRACE };
	struct regoc_policy *policy = NULL;
	struct regoc_place place;
	unsigned rules = 0, exprs = 0;

	CHECK_INT(regoc_policy_new(&module, 1, &settings, &policy, NULL), REGOC_OK);
	for (size_t i = 0; regoc_policy_place(policy, i, &place); i++)
		*(place.is_rule ? &rules : &exprs) += 1u << place.line;
	CHECK_INT(rules, 1 << 2 | 1 << 6 | 1 << 7);
	CHECK_INT(exprs, 1 << 3 | 1 << 8);
	regoc_policy_free(policy);
}

/* ---- tests of one name, and time zones ---- */

TEST(tests_of_one_name_are_two)
{
	static const char text[] =
		"package a\ntest_x if true\ntest_x if false\ntest_f(x) := 1\ntest_f(x) := 1\n"
		"default test_d := false\ntest_d if true";
	struct regoc_module module = { "m.rego", text, sizeof(text) - 1 };
	struct regoc_settings settings = { .flags = REGOC_TESTS };
	struct regoc_policy *policy = NULL;
	struct regoc_rule rule;
	struct regoc_report *report = NULL;
	char names[256] = "";

	(void)regoc_policy_new(&module, 1, &settings, &policy, &report);
	CHECK_TEXT(regoc_report_text(report), "");
	for (size_t i = 0, len = 0; regoc_policy_rule(policy, i, &rule); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s ", rule.name);
	CHECK_TEXT(names, "test_x test_x#01 test_f test_f test_d test_d ");
	regoc_policy_free(policy);
}

TEST(cases_of_tests_are_told_before_they_fail)
{
	static const char text[] =
		"package a\ntest_x[n] if {\n\tsome n, v in {\"p\": 1, \"q\": 2}\n\tv == 1\n}";
	struct seen seen = { 0 };

	watch(text, "data.a.test_x", REGOC_TRACE, &seen);
	CHECK(strstr(seen.text, "case [\"p\"]"));
	CHECK(strstr(seen.text, "case [\"q\"]|m.rego:4 1 eval v == 1|m.rego:4 1 fail v == 1"));
}

static bool no_zone(void *data, const char *name, const char **ret, size_t *ret_len)
{
	(void)snprintf(data, 64, "%s", name);
	*ret = "no zone";
	*ret_len = 7;
	return true;
}

TEST(time_zones_are_asked_for)
{
	char got[4096], asked[64] = "";
	struct regoc_limits limits = { .zone = no_zone, .zone_data = asked };

	CHECK_INT(ask("package a", "time.clock([0, \"Here/There\"])", &limits, REGOC_STRICT_BUILTINS, got,
		sizeof(got)), REGOC_BUILTIN_ERROR);
	CHECK_TEXT(asked, "Here/There");
}

/* ---- code ---- */

static void add_line(void *data, const char *text, size_t len)
{
	struct seen *seen = data;

	seen->len += (size_t)snprintf(seen->text + seen->len, sizeof(seen->text) - seen->len, "%.*s\n",
		(int)len, text);
}

TEST(code_can_be_read)
{
	struct regoc_policy *policy = compile("package a.b\nallow if input.user == \"root\"\nno := 1");
	struct seen seen = { 0 };

	CHECK_INT(regoc_disassemble(policy, "a/b/allow", add_line, &seen), REGOC_OK);
	CHECK(!strncmp(seen.text, "data.a.b.allow  ", 16));
	CHECK(strstr(seen.text, "INPUT_PATH"));
	CHECK(strstr(seen.text, "[\"user\"] >"));
	CHECK(strstr(seen.text, "; m.rego:2:"));
	CHECK(!strstr(seen.text, "data.a.b.no"));
	CHECK_INT(regoc_disassemble(policy, NULL, add_line, &seen), REGOC_OK);
	CHECK(strstr(seen.text, "data.a.b.no"));
	CHECK_INT(regoc_disassemble(policy, "a/none", add_line, &seen), REGOC_BAD_CALL);
	regoc_policy_free(policy);
}

/* Each question has objects of another shape than the one before, in the memory that those were in. */
TEST(members_are_found_wherever_they_are_in_the_next_question)
{
	static const struct {
		const char *input, *answer;
	} rows[] = {
		{ "{\"a\": {\"x\": 1, \"y\": 2}}", "{\"dot\":2,\"path\":2}" },
		{ "{\"a\": {\"x\": 1, \"z\": 3}}", "{}" },
		{ "{\"a\": {\"w\": 0, \"x\": 1, \"y\": 4}}", "{\"dot\":4,\"path\":4}" },
		{ "{\"a\": {\"y\": 5}, \"b\": 0}", "{\"dot\":5,\"path\":5}" },
		{ "{\"0\": 1, \"a\": {\"1\": 1, \"y\": 6}}", "{\"dot\":6,\"path\":6}" },
		{ "{\"a\": [1, 2]}", "{}" },
		{ "{\"a\": {}}", "{}" },
		{ "{\"b\": {\"x\": 1, \"y\": 2}}", "{}" },
	};
	struct regoc_policy *policy =
		compile("package p\npath := input.a.y\ndot := v.y if some v in [input.a]\n");
	struct regoc_query *query = regoc_query_new_entry(policy, "p");
	struct regoc_context *context = regoc_context_new(NULL);

	for (size_t i = 0; i < 4 * ARRAY_SIZE(rows); i++) {
		size_t at = i * 3 % ARRAY_SIZE(rows);
		struct regoc_document *input = NULL;
		struct regoc_request request = { .query = query };
		const char *answer = "";

		CHECK_INT(regoc_document_new(rows[at].input, strlen(rows[at].input), 0, &input, NULL),
			REGOC_OK);
		request.input = regoc_document_value(input);
		CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
		CHECK_INT(regoc_result_text(context, &answer, NULL), REGOC_OK);
		CHECK_TEXT(answer, rows[at].answer);
		regoc_document_free(input);
	}
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_policy_free(policy);
}

/* More networks than are kept, and other texts at the addresses of those before. */
TEST(a_network_is_what_its_text_says_each_time)
{
	struct regoc_policy *policy = compile(
		"package p\n"
		"hit contains i if { some i, n in input.nets; net.cidr_contains(n, input.at) }\n"
		"bad contains i if { some i, n in input.nets; not net.cidr_is_valid(n) }\n"
		"none contains i if { some i, n in input.nets; not net.cidr_contains(n, n) }\n");
	struct regoc_query *query = regoc_query_new_entry(policy, "p");
	struct regoc_context *context = regoc_context_new(NULL);

	for (int round = 0; round < 50; round++) {
		struct regoc_document *input = NULL;
		struct regoc_request request = { .query = query };
		char text[8192], wanted[64];
		const char *answer = "";
		int len = snprintf(text, sizeof(text), "{\"at\": \"%d.0.0.7\", \"nets\": [",
			10 + round * 7 % 90);

		for (int i = 10; i < 100; i++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, "\"%d.0.0.0/8\", ", i);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "\"\", \"%d.0.0.7\"]}", 10 + round);
		CHECK_INT(regoc_document_new(text, (size_t)len, 0, &input, NULL), REGOC_OK);
		request.input = regoc_document_value(input);
		CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
		CHECK_INT(regoc_result_text(context, &answer, NULL), REGOC_OK);
		(void)snprintf(wanted, sizeof(wanted), "{\"bad\":[90,91],\"hit\":[%d],\"none\":[90,91]}",
			round * 7 % 90);
		CHECK_TEXT(answer, wanted);
		regoc_document_free(input);
	}
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_policy_free(policy);
}

TEST_MAIN()
