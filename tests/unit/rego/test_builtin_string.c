// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_string.c - strings, counted in code points
 *
 * The rows are OPA's own tests and what Go's package strings does at the edges.
 */
#include "lib/rego_call.h"

TEST(strings_are_looked_into)
{
	static const struct rego_row rows[] = {
		{ "contains", "\"abcdefgh\", \"def\"", "true" },
		{ "contains", "\"abcdefgh\", \"ac\"", "false" },
		{ "contains", "\"\", \"\"", "true" },
		{ "startswith", "\"abc\", \"ab\"", "true" },
		{ "startswith", "\"abc\", \"bc\"", "false" },
		{ "endswith", "\"abc\", \"bc\"", "true" },
		{ "endswith", "\"bc\", \"abc\"", "false" },
		{ "indexof", "\"abcdefgh\", \"cde\"", "2" },
		{ "indexof", "\"abcdefgh\", \"xyz\"", "-1" },
		{ "indexof", "\"μx\", \"x\"", "1" },
		{ "indexof", "\"μ\", \"μμ\"", "-1" },
		{ "indexof", "\"skön var våren\", \"vår\"", "9" },
		{ "indexof", "\"🍧🍨🧁🍰🍮\", \"🍮\"", "4" },
		{ "indexof", "\"a\", \"\"", "eval_builtin_error: indexof: empty search character" },
		{ "indexof_n", "\"dogcatdogcat\", \"cat\"", "[3, 9]" },
		{ "indexof_n", "\"dogcat\", \"rabbit\"", "[]" },
		{ "indexof_n", "\"😇😀😇😀😇😀\", \"😀\"", "[1, 3, 5]" },
		{ "indexof_n", "\"aaaa\", \"aa\"", "[0, 1, 2]" },
		{ "indexof_n", "\"a\", \"\"", "eval_builtin_error: indexof_n: empty search character" },
		{ "strings.count", "\"cheese\", \"e\"", "3" },
		{ "strings.count", "\"11111\", \"11\"", "2" },
		{ "strings.count", "\"dummy\", \"\"", "6" },
		{ "strings.count", "\"åäö\", \"\"", "4" },
		{ "strings.count", "\"\", \"x\"", "0" },
		{ "contains", "1, \"a\"",
			"eval_type_error: contains: operand 1 must be string but got number" },
		{ "startswith", "\"a\", null",
			"eval_type_error: startswith: operand 2 must be string but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(any_of_some_begins_or_ends_with_any_of_others)
{
	static const struct rego_row rows[] = {
		{ "strings.any_prefix_match", "[\"abc\", \"xyz\"], [\"x\"]", "true" },
		{ "strings.any_prefix_match", "{\"abc\"}, {\"b\", \"c\"}", "false" },
		{ "strings.any_prefix_match", "\"abc\", \"ab\"", "true" },
		{ "strings.any_prefix_match", "[], [\"\"]", "false" },
		{ "strings.any_prefix_match", "[\"a\"], []", "false" },
		{ "strings.any_suffix_match", "[\"abc\", \"xyz\"], \"z\"", "true" },
		{ "strings.any_suffix_match", "\"abc\", [\"b\"]", "false" },
		{ "strings.any_prefix_match", "[1], \"a\"",
			"eval_type_error: strings.any_prefix_match: operand 1 "
			"must be array of strings but got array containing number" },
		{ "strings.any_prefix_match", "\"a\", {1}",
			"eval_type_error: strings.any_prefix_match: operand 2 "
			"must be set of strings but got set containing number" },
		{ "strings.any_suffix_match", "\"a\", 1",
			"eval_type_error: strings.any_suffix_match: operand 2 "
			"must be one of {string, set, array} but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(strings_are_put_together_and_taken_apart)
{
	static const struct rego_row rows[] = {
		{ "concat", "\"/\", [\"\", \"foo\", \"bar\"]", "\"/foo/bar\"" },
		{ "concat", "\",\", {\"b\", \"a\"}", "\"a,b\"" },
		{ "concat", "\"\", []", "\"\"" },
		{ "concat", "\",\", [\"a\", 1]",
			"eval_type_error: concat: operand 2 must be array of strings but "
			"got array containing number" },
		{ "concat", "\",\", \"a\"",
			"eval_type_error: concat: operand 2 must be one of {set, array} but got string" },
		{ "split", "\"foo.bar.baz\", \".\"", "[\"foo\", \"bar\", \"baz\"]" },
		{ "split", "\"foo\", \".\"", "[\"foo\"]" },
		{ "split", "\".a.\", \".\"", "[\"\", \"a\", \"\"]" },
		{ "split", "\"tåst\", \"\"", "[\"t\", \"å\", \"s\", \"t\"]" },
		{ "split", "\"\", \"\"", "[]" },
		{ "split", "\"\", \"x\"", "[\"\"]" },
		{ "strings.split_n", "\"a.b.c.d\", \".\", 2", "[\"a\", \"b\"]" },
		{ "strings.split_n", "\"a.b.c.d\", \".\", 0", "[]" },
		{ "strings.split_n", "\"a.b.c.d\", \".\", 9223372036854775807",
			"[\"a\", \"b\", \"c\", \"d\"]" },
		{ "strings.split_n", "\"a.b.c.d\", \".\", -2", "[\"c\", \"d\"]" },
		{ "strings.split_n", "\"a.b.c.d\", \".\", -10", "[\"a\", \"b\", \"c\", \"d\"]" },
		{ "strings.split_n", "\"abc\", \".\", -2", "[\"abc\"]" },
		{ "strings.split_n", "\"\", \".\", 2", "[\"\"]" },
		{ "strings.split_n", "\"abc\", \"\", 2", "[\"a\", \"b\"]" },
		{ "strings.split_n", "\"a.b\", \".\", 1.5",
			"eval_type_error: strings.split_n: operand 3 must be "
			"integer number but got floating-point number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(parts_of_strings_are_exchanged)
{
	static const struct rego_row rows[] = {
		{ "replace", "\"foo.bar.baz\", \".\", \",\"", "\"foo,bar,baz\"" },
		{ "replace", "\"aaa\", \"aa\", \"b\"", "\"ba\"" },
		{ "replace", "\"äb\", \"\", \"-\"", "\"-ä-b-\"" },
		{ "replace", "\"\", \"\", \"-\"", "\"-\"" },
		{ "replace", "\"abc\", \"b\", \"\"", "\"ac\"" },
		{ "strings.replace_n", "{\"<\": \"&lt;\", \">\": \"&gt;\"}, \"<b>HTML</b>\"",
			"\"&lt;b&gt;HTML&lt;/b&gt;\"" },
		{ "strings.replace_n", "{\"foo\": \"xxx\", \"f\": \"x\"}, \"foo\"", "\"xoo\"" },
		{ "strings.replace_n", "{}, \"foo\"", "\"foo\"" },
		{ "strings.replace_n", "{\"\": \"-\", \"a\": \"x\"}, \"ab\"", "\"-x-b-\"" },
		{ "strings.replace_n", "{2: \"x\"}, \"foo\"", "eval_type_error: strings.replace_n: operand 1 "
			"non-string key found in pattern object" },
		{ "strings.replace_n", "{\"f\": 100}, \"foo\"",
			"eval_type_error: strings.replace_n: operand 1 "
			"non-string value found in pattern object" },
		{ "strings.replace_n", "{\"f\": 100}, 1",
			"eval_type_error: strings.replace_n: operand 2 must be "
			"string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(strings_are_cut)
{
	static const struct rego_row rows[] = {
		{ "substring", "\"abcdefgh\", 2, 3", "\"cde\"" },
		{ "substring", "\"åäö\", 0, 2", "\"åä\"" },
		{ "substring", "\"åäö\", 1, -1", "\"äö\"" },
		{ "substring", "\"abcdefgh\", 2, 10000", "\"cdefgh\"" },
		{ "substring", "\"aaa\", 4, -1", "\"\"" },
		{ "substring", "\"abc\", 1, 9223372036854775807", "\"bc\"" },
		{ "substring", "\"abc\", 1, 0", "\"\"" },
		{ "substring", "\"aaa\", -1, -1", "eval_builtin_error: substring: negative offset" },
		{ "substring", "\"aaa\", 1.5, 1",
			"eval_type_error: substring: operand 2 must be integer number "
			"but got floating-point number" },
		{ "trim", "\"¡¡¡foo, bar!!!\", \"!¡\"", "\"foo, bar\"" },
		{ "trim", "\"...foo.bar...\", \".o\"", "\"foo.bar\"" },
		{ "trim", "\"...\", \".\"", "\"\"" },
		{ "trim", "\"abc\", \"\"", "\"abc\"" },
		{ "trim_left", "\"¡¡¡foo, bar!!!\", \"!¡\"", "\"foo, bar!!!\"" },
		{ "trim_right", "\"!!!foo, bar¡¡¡\", \"¡\"", "\"!!!foo, bar\"" },
		{ "trim_prefix", "\"¡¡¡foo\", \"¡¡\"", "\"¡foo\"" },
		{ "trim_prefix", "\"foo\", \"x\"", "\"foo\"" },
		{ "trim_suffix", "\"foo.go\", \".go\"", "\"foo\"" },
		{ "trim_suffix", "\"foo.go\", \"foo.go\"", "\"\"" },
		{ "trim_space", "\" \\t\\u0085\\u00a0\\u2003x y\\u3000\\n\"", "\"x y\"" },
		{ "trim_space", "\"\\u200b\"", "\"\\u200b\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(letters_change_one_for_one)
{
	static const struct rego_row rows[] = {
		{ "upper", "\"AbCdEf\"", "\"ABCDEF\"" },
		{ "upper", "\"straße\"", "\"STRAßE\"" },
		{ "upper", "\"ǆ ﬁ я\"", "\"Ǆ ﬁ Я\"" },
		{ "lower", "\"ABC ÅÄÖ Σ İ\"", "\"abc åäö σ i\"" },
		{ "lower", "\"\"", "\"\"" },
		{ "strings.reverse", "\"abc\"", "\"cba\"" },
		{ "strings.reverse", "\"1😀𝛾\"", "\"𝛾😀1\"" },
		{ "strings.reverse", "{}",
			"eval_type_error: strings.reverse: operand 1 must be string but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(integers_have_digits_to_four_bases)
{
	static const struct rego_row rows[] = {
		{ "format_int", "15.5, 16", "\"f\"" },
		{ "format_int", "-15.5, 16", "\"-f\"" },
		{ "format_int", "0.5, 10", "\"0\"" },
		{ "format_int", "0, 2", "\"0\"" },
		{ "format_int", "-9223372036854775808, 10", "\"-9223372036854775808\"" },
		{ "format_int", "18446744073709551617, 16", "\"10000000000000001\"" },
		{ "format_int", "18446744073709551617, 10", "\"18446744073709551617\"" },
		{ "format_int", "18446744073709551617, 8", "\"2000000000000000000001\"" },
		{ "format_int", "18446744073709551617, 2",
			"\"10000000000000000000000000000000000000000000000000000000000000001\"" },
		{ "format_int", "-18446744073709551617, 16", "\"-10000000000000001\"" },
		{ "format_int", "4.1, 199",
			"eval_type_error: format_int: operand 2 must be one of {2, 8, 10, 16}" },
		{ "format_int", "\"1\", 10",
			"eval_type_error: format_int: operand 1 must be number but got string" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(long_work_is_paid_for)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	char *text = arena_alloc(&arena, 100004);

	CHECK(text);
	memset(text, 'a', 100003);
	memcpy(text, "\"", 1);
	memcpy(text + 50000, "\", \"", 4);
	memcpy(text + 100002, "\"", 2);
	CHECK_TEXT(rego_call_text(&arena, "trim", text, 1000000, 1 << 20), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "contains", text, 100, 1 << 20), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "split", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"\"", 20,
		1 << 20),
		"stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "upper", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", 20, 16),
		"stopped (memory)");
}

TEST_MAIN()
