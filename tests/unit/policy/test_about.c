// SPDX-License-Identifier: Apache-2.0
/*
 * test_about.c - what modules say about themselves, and where their findings come from
 */
#include "policy/about.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);
static struct error err;

#define MODULE "package cordon.commit\n\n" \
	"# METADATA\n# title: Many files\n# custom:\n#   module: time-windows\n#   findings:\n" \
	"#     count: {verdict: ask, severity: high, what: too many}\n#     odd: 7\n" \
	"#   params:\n#     limit: {default: 5, description: how many}\n#     other: {default: a}\n#     wrong: 1\n" \
	"about := rego.metadata.rule()\n\n" \
	"found contains of(about, \"count\")\n\n" \
	"deny contains x if some x in found\n"

static int read_module(const char *text, const char *data, struct policy_about *ret)
{
	const struct policy_module module = { "m.rego", str_from(text) };
	const struct json *value = NULL;

	if (data)
		CHECK_INT(json_read(&arena, str_from(data), 0, &value, NULL), 0);
	err = (struct error)ERROR_INIT;
	return policy_about_read(&arena, &module, value, ret, &err);
}

TEST(a_module_describes_itself)
{
	struct policy_about about;

	CHECK_INT(read_module(MODULE, NULL, &about), 0);
	CHECK_TEXT(about.title, "Many files");
	CHECK_TEXT(about.module, "time-windows");
	CHECK_TEXT(about.key, "time_windows");
	CHECK_INT(about.finding_count, 2);
	CHECK_TEXT(about.findings[0].name, "count");
	CHECK_TEXT(about.findings[0].verdict, "ask");
	CHECK_TEXT(about.findings[0].severity, "high");
	/* what is not known denies, as when it judges */
	CHECK_TEXT(about.findings[1].verdict, "deny");
	CHECK(!about.findings[1].what);
	CHECK_INT(about.param_count, 2);
	CHECK_TEXT(about.params[0].name, "limit");
	CHECK_INT(about.params[0].value->integer, 5);
	CHECK(!about.params[0].is_given);
	CHECK_INT(about.rule_count, 1);
	CHECK_TEXT(about.rules[0].answer, "deny");
}

TEST(what_is_given_stands_over_defaults)
{
	struct policy_about about;

	CHECK_INT(read_module(MODULE, "{\"cordon\": {\"params\": {\"time_windows\": {\"limit\": 9, "
		"\"verdicts\": {\"count\": \"warn\"}}, \"other\": {\"other\": 1}}}}", &about), 0);
	CHECK_INT(about.params[0].value->integer, 9);
	CHECK(about.params[0].is_given);
	CHECK_TEXT(about.params[1].value->text.data, "a");
	CHECK(!about.params[1].is_given);
	CHECK_TEXT(about.findings[0].verdict, "warn");
	CHECK(about.findings[0].is_given);
	/* data of any shape is somebody's, and no reason to stumble */
	CHECK_INT(read_module(MODULE, "{\"cordon\": {\"params\": {\"time_windows\": [1]}}}", &about), 0);
	CHECK(!about.params[0].is_given);
	CHECK_INT(read_module(MODULE, "{\"cordon\": 7}", &about), 0);
}

TEST(findings_lead_to_their_rules)
{
	struct policy_about_rule rule = { 0 };
	struct policy_about about;

	CHECK_INT(read_module(MODULE, NULL, &about), 0);
	CHECK(policy_about_find(&about, POLICY_COMMIT, "time-windows/count", &rule));
	CHECK_INT(rule.line, 16);
	CHECK(!rule.answer);
	CHECK_TEXT(policy_about_finding_of(&about, "time-windows/count")->what, "too many");
	CHECK(!policy_about_find(&about, POLICY_COMMIT, "time-windows/none", &rule));
	CHECK(!policy_about_find(&about, POLICY_COMMIT, "other/count", &rule));
	CHECK(!policy_about_find(&about, POLICY_NET, "time-windows/count", &rule));
	CHECK(!policy_about_finding_of(&about, "time-window/count"));
	CHECK(!policy_about_finding_of(&about, "time-windows"));
}

TEST(rules_with_a_name_and_without)
{
	static const char text[] = "package cordon\n\n"
		"# METADATA\n# title: No secrets\n"
		"commit.deny contains {\"rule\": \"team/x\"} if true\n\n"
		"# \"team/comment\"\n"
		"commit.ask contains \"something\"\n\n"
		"net.allow := true\n\nnet.allow_not := 1\n\nother.deny := 1\n";
	struct policy_about_rule rule = { 0 };
	struct policy_about about;

	CHECK_INT(read_module(text, NULL, &about), 0);
	CHECK_INT(about.rule_count, 3);
	CHECK(policy_about_answers(&about, POLICY_COMMIT) && policy_about_answers(&about, POLICY_NET));
	CHECK(!policy_about_answers(&about, POLICY_EXEC));
	CHECK(policy_about_find(&about, POLICY_COMMIT, "team/x", &rule));
	CHECK_INT(rule.line, 5);
	CHECK_TEXT(rule.title, "No secrets");
	CHECK_TEXT(rule.answer, "deny");
	CHECK(policy_about_find(&about, POLICY_COMMIT, "commit/ask", &rule));
	CHECK_INT(rule.line, 8);
	CHECK(!policy_about_find(&about, POLICY_COMMIT, "commit/warn", &rule));
	CHECK(!policy_about_find(&about, POLICY_COMMIT, "team/comment", &rule));
	/* the package describes a module that has no block of its own */
	CHECK_INT(read_module("# METADATA\n# title: All\npackage a.b\n\np := 1\n", NULL, &about), 0);
	CHECK_TEXT(about.title, "All");
	CHECK(!about.module && !about.key && !about.rule_count);
}

TEST(what_is_no_module)
{
	struct policy_about about;

	CHECK_INT(read_module("package\n", NULL, &about), -EINVAL);
	CHECK(strstr(err.text, "'m.rego' is no module: "));
	CHECK_INT(read_module("package a\n\n# METADATA\n# scope: nowhere\np := 1\n", NULL, &about), -EINVAL);
}

TEST_MAIN()
