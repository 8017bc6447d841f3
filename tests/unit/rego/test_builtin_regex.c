// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_regex.c - regex.* and glob.* as policies call them, and the patterns that are kept meanwhile
 *
 * The first rows of each test are from the conformance cases of Open Policy Agent (categories regex*, glob*;
 * Apache-2.0).
 */
#include "lib/rego_call.h"
#include "rego/pattern.h"

#include <stdio.h>

TEST(a_match_is_found)
{
	static const struct rego_row rows[] = {
		{ "regex.match", "\"^$\", \"\"", "true" },
		{ "regex.match", "\"\", \"\"", "true" },
		{ "regex.match", "\"\", \"x\"", "true" },
		{ "regex.match", "\"^$\", \"something\"", "false" },
		{ "regex.match", "\"$^[[[\", \"something\"", "eval_builtin_error: regex.match: "
			"error parsing regexp: missing closing ]: `[[[`" },
		{ "regex.match", "1, \"\"",
			"eval_type_error: regex.match: operand 1 must be string but got number" },
		{ "regex.match", "\"\", null",
			"eval_type_error: regex.match: operand 2 must be string but got null" },
		{ "re_match", "\"^a+$\", \"aaa\"", "true" },
		{ "re_match", "\"(\", \"\"",
			"eval_builtin_error: re_match: error parsing regexp: missing closing ): `(`" },
		{ "regex.is_valid", "10", "false" },
		{ "regex.is_valid", "\"(a|b)\"", "true" },
		{ "regex.is_valid", "\"(a|b\"", "false" },
		{ "regex.is_valid", "\"a{1001}\"", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(matches_are_listed)
{
	static const struct rego_row rows[] = {
		{ "regex.find_n", "\"[abcdef]{2}\", \"abacadaeaf\", -1",
			"[\"ab\", \"ac\", \"ad\", \"ae\", \"af\"]" },
		{ "regex.find_n", "\"a.\", \"abacad\", 2", "[\"ab\", \"ac\"]" },
		{ "regex.find_n", "\"a\", \"aaa\", 0", "[]" },
		{ "regex.find_n", "\"x\", \"aaa\", -1", "[]" },
		{ "regex.find_n", "\"x*\", \"axb\", -1", "[\"\", \"x\", \"\"]" },
		{ "regex.find_n", "\"a\", \"a\", 1.5", "eval_type_error: regex.find_n: "
			"operand 3 must be integer number but got floating-point number" },
		{ "regex.find_n", "\"(\", \"a\", -1",
			"eval_builtin_error: regex.find_n: error parsing regexp: missing closing ): `(`" },
		{ "regex.find_all_string_submatch_n", "\"a(x*)b\", \"-ab-axb-\", -1",
			"[[\"ab\", \"\"], [\"axb\", \"x\"]]" },
		{ "regex.find_all_string_submatch_n", "\"[^aouiye]([aouiye])([^aouiye])?\", \"somestri\", -1",
			"[[\"som\", \"o\", \"m\"], [\"ri\", \"i\", \"\"]]" },
		{ "regex.find_all_string_submatch_n", "\"[^aouiye]([aouiye])([^aouiye])?\", \"somestri\", 1",
			"[[\"som\", \"o\", \"m\"]]" },
		{ "regex.find_all_string_submatch_n",
			"\"^.*$\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc\", -1",
			"[[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc\"]]" },
		{ "regex.find_all_string_submatch_n", "\"(a)|b\", \"ba\", 5",
			"[[\"b\", \"\"], [\"a\", \"a\"]]" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(text_is_taken_apart)
{
	static const struct rego_row rows[] = {
		{ "regex.split", "\"^[a-z]+\\\\[[0-9]+\\\\]$\", \"\"", "[\"\"]" },
		{ "regex.split", "\"^[a-z]+\", \"foobar baz\"", "[\"\", \" baz\"]" },
		{ "regex.split", "\"^[a-z]+$\", \"foobar baz\"", "[\"foobar baz\"]" },
		{ "regex.split", "\"^[a-z ]+$\", \"foobar baz\"", "[\"\", \"\"]" },
		{ "regex.split", "\"a\", \"banana\"", "[\"b\", \"n\", \"n\", \"\"]" },
		{ "regex.split", "\"z+\", \"pizza\"", "[\"pi\", \"a\"]" },
		{ "regex.split", "\"\", \"\"", "[]" },
		{ "regex.split", "\"\", \"a\xc3\xa9z\"", "[\"a\", \"\xc3\xa9\", \"z\"]" },
		{ "regex.split", "\"a*\", \"baac\"", "[\"b\", \"c\"]" },
		{ "regex.split", "\"a\", \"a\"", "[\"\", \"\"]" },
		{ "regex.split", "\"[\", \"a\"",
			"eval_builtin_error: regex.split: error parsing regexp: missing closing ]: `[`" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(matches_are_replaced)
{
	static const struct rego_row rows[] = {
		{ "regex.replace", "\"-wy-wxxy-\", \"w(x*)y\", \"0\"", "\"-0-0-\"" },
		{ "regex.replace", "\"foo\", \"(foo)\", \"$1$1\"", "\"foofoo\"" },
		{ "regex.replace", "\"foo\", \"^[a-z]\", \"F\"", "\"Foo\"" },
		{ "regex.replace", "\"foo\", \"^[a-z]$\", \"F\"", "\"foo\"" },
		{ "regex.replace", "\"foo\", \"^[a-z]+$\", \"M\"", "\"M\"" },
		{ "regex.replace", "\"foo\", \"x[a-z]$\", \"F\"", "\"foo\"" },
		{ "regex.replace", "\"foo barx\", \"[a-z]{3}\", \"_\"", "\"_ _x\"" },
		{ "regex.replace", "\"foo barx\", \"[a-z]{2}\", \"_\"", "\"_o __\"" },
		{ "regex.replace", "\"abc\", \"\", \"-\"", "\"-a-b-c-\"" },
		{ "regex.replace", "\"baac\", \"a*\", \"x\"", "\"xbxcx\"" },
		{ "regex.replace", "\"a=1\", \"(?P<k>.)=(?P<v>.)\", \"${v}=$k$$\"", "\"1=a$\"" },
		{ "regex.replace", "\"a\", \"(\", \"\"",
			"eval_builtin_error: regex.replace: error parsing regexp: missing closing ): `(`" },
		{ "regex.replace", "\"a\", 1, \"\"",
			"eval_type_error: regex.replace: operand 2 must be string but got number" },
		{ "regex.replace", "\"a\", \"(\", 1",
			"eval_type_error: regex.replace: operand 3 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(templates_match_as_a_whole)
{
	static const struct rego_row rows[] = {
		{ "regex.template_match", "\"urn:foo:{.*}\", \"urn:foo:bar:baz\", \"{\", \"}\"", "true" },
		{ "regex.template_match", "\"urn:foo:<.*>\", \"urn:foo:bar:baz\", \"<\", \">\"", "true" },
		{ "regex.template_match", "\"a.b{[0-9]{2}}c\", \"a.b12c\", \"{\", \"}\"", "true" },
		{ "regex.template_match", "\"a.b{[0-9]{2}}c\", \"axb12c\", \"{\", \"}\"", "false" },
		{ "regex.template_match", "\"a.b{[0-9]{2}}c\", \"a.b12cd\", \"{\", \"}\"", "false" },
		{ "regex.template_match", "\"a{b\", \"\", \"{\", \"}\"",
			"eval_builtin_error: regex.template_match: unbalanced braces in \"a{b\"" },
		{ "regex.template_match", "\"a}b\", \"\", \"{\", \"}\"",
			"eval_builtin_error: regex.template_match: unbalanced braces in \"a}b\"" },
		{ "regex.template_match", "\"<)|(>\", \"\", \"<\", \">\"", "eval_builtin_error: "
			"regex.template_match: error parsing regexp: unexpected ): `^)|($`" },
		{ "regex.template_match", "\"a\", \"\", \"<<\", \">\"",
			"eval_builtin_error: regex.template_match: "
			"start delimiter has to be exactly one character long but is 2 long" },
		{ "regex.template_match", "\"a\", \"\", \"<\", \"\"",
			"eval_builtin_error: regex.template_match: "
			"end delimiter has to be exactly one character long but is 0 long" },
		{ "regex.template_match", "\"a\", \"\", \"<\", 1",
			"eval_type_error: regex.template_match: operand 4 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(patterns_are_compared)
{
	static const struct rego_row rows[] = {
		{ "regex.globs_match", "\"a.a.[0-9]+z\", \".b.b2359825792*594823z\"", "true" },
		{ "regex.globs_match", "\"[a-z]+\", \"[0-9]*\"", "false" },
		{ "regex.globs_match", "\"b.*\", \"baz\"", "true" },
		{ "regex.globs_match", "\"pqrs]\", \"[a-b]+\"", "eval_builtin_error: regex.globs_match: "
			"input:pqrs], pos:5, set-close ']' with no preceding '[': the input provided is invalid" },
		{ "regex.globs_match", "\"a\", 1",
			"eval_type_error: regex.globs_match: operand 2 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(globs_match_names)
{
	static const struct rego_row rows[] = {
		{ "glob.match", "\"*.github.com\", [\".\"], \"api.github.com\"", "true" },
		{ "glob.match", "\"api.**.com\", [\".\"], \"api.cdn.github.com\"", "true" },
		{ "glob.match", "\"*.github.com\", [\".\"], \"api.not-github.com\"", "false" },
		{ "glob.match", "\"[!abc]at\", [], \"cat\"", "false" },
		{ "glob.match", "\"*\", [], \"foo.bar\"", "false" },
		{ "glob.match", "\"*\", null, \"foo.bar\"", "true" },
		{ "glob.match", "\"*/*\", [\"/\", \".\"], \"a/b.c\"", "false" },
		{ "glob.match", "\"{a\", [], \"\"",
			"eval_builtin_error: glob.match: glob: syntax error at 2: unclosed `{`" },
		{ "glob.match", "\"a\", \".\", \"\"",
			"eval_type_error: glob.match: operand 2 must be one of {array, null} but got string" },
		{ "glob.match", "\"a\", [1], \"\"", "eval_type_error: glob.match: "
			"operand 2 must be array of strings but got array containing number" },
		{ "glob.match", "\"a\", [\"..\"], \"\"", "eval_type_error: glob.match: "
			"operand 2 must be array of runes but got array containing string" },
		{ "glob.match", "\"a\", [\"\"], \"\"", "eval_type_error: glob.match: "
			"operand 2 must be array of runes but got array containing string" },
		{ "glob.match", "\"a\", [], 1",
			"eval_type_error: glob.match: operand 3 must be string but got number" },
		{ "glob.quote_meta", "\"*.github.com\"", "\"\\\\*.github.com\"" },
		{ "glob.quote_meta", "1",
			"eval_type_error: glob.quote_meta: operand 1 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(work_and_memory_have_an_end)
{
	static const struct {
		const char *name, *operands;
	} calls[] = {
		{ "regex.match", "\"(a|b?)*c\", \"abababababababab\"" },
		{ "regex.is_valid", "\"(a|b?)*c\"" },
		{ "regex.find_n", "\"a.\", \"abababababababab\", -1" },
		{ "regex.find_all_string_submatch_n", "\"(a)(.)\", \"abababababababab\", -1" },
		{ "regex.split", "\"[bc]\", \"abababababababab\"" },
		{ "regex.replace", "\"abababababababab\", \"(b)\", \"<$1$1>\"" },
		{ "regex.template_match", "\"ab{[ab]*}b\", \"abababababababab\", \"{\", \"}\"" },
		{ "regex.template_match", "\"ab{[ab]*\", \"abababababababab\", \"{\", \"}\"" },
		{ "regex.globs_match", "\"[ab]*a+\", \"abababababababab\"" },
		{ "glob.match", "\"a*{b,c}\", [\".\"], \"abababababababab\"" },
		{ "glob.quote_meta", "\"abababababababab\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
		const char *wanted = rego_call_text(&arena, calls[i].name, calls[i].operands, 1 << 20,
			1 << 20),
			   *got;
		size_t limit = 0;

		CHECK(strncmp(wanted, "stopped", 7));
		do {
			got = rego_call_text(&arena, calls[i].name, calls[i].operands, 1 << 20, limit);
			CHECK(!strcmp(got, wanted) || !strcmp(got, "stopped (memory)"));
			limit += 16;
		} while (strcmp(got, wanted));
		limit = 0;
		do {
			got = rego_call_text(&arena, calls[i].name, calls[i].operands, limit, 1 << 20);
			CHECK(!strcmp(got, wanted) || !strcmp(got, "stopped (steps)"));
			limit++;
		} while (strcmp(got, wanted));
	}
}

/* ---- what is kept ---- */

static int match_kept(struct rego_cache *cache, const char *expression, const char *text)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct rego_pattern pattern;
	struct rego_budget budget;
	struct rego_call call = {
		.builtin = rego_builtin_find(STR("regex.match")),
		.arena = &arena,
		.budget = &budget,
		.cache = cache,
	};

	rego_budget_init(&budget, 1 << 20, NULL, NULL);
	if (!rego_pattern_regex(&call, str_from(expression), &pattern))
		return -1;
	return rego_pattern_matches(&pattern, str_from(text));
}

TEST(a_pattern_is_made_once)
{
	scoped(rego_cache) struct rego_cache cache = REGO_CACHE_INIT(4 << 20);
	struct rego_cache_key key = { .family = REGO_CACHE_REGEX, .text = STR("a+") };
	void *kept;

	CHECK_INT(match_kept(&cache, "a+", "xa"), 1);
	kept = rego_cache_find(&cache, &key);
	CHECK(kept);
	CHECK_INT(match_kept(&cache, "a+", "xb"), 0);
	CHECK(rego_cache_find(&cache, &key) == kept);
	key.family = REGO_CACHE_GLOB;
	CHECK(!rego_cache_find(&cache, &key));
	key = (struct rego_cache_key){ .family = REGO_CACHE_REGEX, .text = STR("a+"), .settings = STR(".") };
	CHECK(!rego_cache_find(&cache, &key));
	CHECK_INT(match_kept(&cache, "a+(", "a"), -1);
	CHECK_INT(cache.count, 1);
}

TEST(many_patterns_do_not_stay)
{
	scoped(rego_cache) struct rego_cache cache = REGO_CACHE_INIT(4 << 20);
	char expression[32];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(expression, sizeof(expression), "^x{%d}$", i % 300);
		CHECK_INT(match_kept(&cache, expression, "x"), i % 300 == 1);
		CHECK(cache.count <= REGO_CACHE_ENTRIES);
	}
}

TEST(whoever_was_there_before_does_not_matter)
{
	size_t limit;

	for (limit = 1 << 10; limit < 1 << 20; limit += 512) {
		scoped(rego_cache) struct rego_cache alone = REGO_CACHE_INIT(limit),
			crowded = REGO_CACHE_INIT(limit);
		char expression[32];
		int r = match_kept(&alone, "(?:x|y|[a-f])+z", "xyaz");

		for (int i = 0; i < 20; i++) {
			(void)snprintf(expression, sizeof(expression), "[a-%c]+", 'b' + i);
			(void)match_kept(&crowded, expression, "x");
			CHECK_INT(match_kept(&crowded, "(?:x|y|[a-f])+z", "xyaz"), r);
		}
		if (r == 1)
			break;
	}
	CHECK(limit < 1 << 20);
}

TEST_MAIN()
