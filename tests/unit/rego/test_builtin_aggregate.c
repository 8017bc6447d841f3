// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_aggregate.c - many values to one
 */
#include "lib/rego_call.h"

TEST(what_is_counted)
{
	static const struct rego_row rows[] = {
		{ "count", "[1, 2, 3, 4]", "4" },
		{ "count", "{1, 1, 2}", "2" },
		{ "count", "{\"a\": 1, 2: 3}", "2" },
		{ "count", "[]", "0" },
		{ "count", "set()", "0" },
		{ "count", "\"abcde\"", "5" },
		{ "count", "\"åäö\"", "3" },
		{ "count", "\"😀x\"", "2" },
		{ "count", "\"\"", "0" },
		{ "count", "null",
			"eval_type_error: count: operand 1 must be one of {array, object, set, string} but got null" },
		{ "count", "5",
			"eval_type_error: count: operand 1 must be one of {array, object, set, string} but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(sums_are_exact)
{
	static const struct rego_row rows[] = {
		{ "sum", "[1, 2, 3, 4]", "10" },
		{ "sum", "{1, 2, 3, 4}", "10" },
		{ "sum", "[]", "0" },
		{ "sum", "set()", "0" },
		{ "sum", "[49649733057, 1]", "49649733058" },
		{ "sum", "[0.1, 0.2, 0.3]", "0.6" },
		{ "sum", "[1, 0.5, 1]", "2.5" },
		{ "sum", "[0.5, 0.5]", "1" },
		{ "sum", "[1.0, 2]", "3" },
		{ "sum", "[18446744073709551617, 1]", "18446744073709551618" },
		{ "sum", "[9223372036854775807, 1]", "9223372036854775808" },
		{ "sum", "{9223372036854775807, 1, 2}", "9223372036854775810" },
		{ "sum", "[-9223372036854775808, -1]", "-9223372036854775809" },
		{ "sum", "[9223372036854775807, 1, -1]", "9223372036854775807" },
		{ "sum", "[9223372036854775806, 1]", "9223372036854775807" },
		{ "sum", "[1, \"a\"]",
			"eval_type_error: sum: operand 1 must be array of numbers but got array containing string" },
		{ "sum", "{1, null}",
			"eval_type_error: sum: operand 1 must be set of numbers but got set containing null" },
		{ "sum", "{\"a\": 1}",
			"eval_type_error: sum: operand 1 must be one of {set, array} but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(products_are_exact)
{
	static const struct rego_row rows[] = {
		{ "product", "[1, 2, 3, 4]", "24" },
		{ "product", "{1, 2, 3, 4}", "24" },
		{ "product", "[]", "1" },
		{ "product", "[1.5, 2]", "3" },
		{ "product", "[18446744073709551617, 2]", "36893488147419103234" },
		{ "product", "[4294967296, 4294967296]", "18446744073709551616" },
		{ "product", "[0, 18446744073709551617]", "0" },
		{ "product", "\"a\"",
			"eval_type_error: product: operand 1 must be one of {set, array} but got string" },
		{ "product", "[true]",
			"eval_type_error: product: operand 1 must be array of numbers but got array containing boolean" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(extremes_are_of_the_order_of_all_values)
{
	static const struct rego_row rows[] = {
		{ "max", "[1, 4, 2]", "4" },
		{ "max", "{1, 2, 3, 4}", "4" },
		{ "max", "[null, false, 1, \"a\", [], {}, set()]", "set()" },
		{ "max", "[]", "undefined" },
		{ "max", "set()", "undefined" },
		{ "max", "[null]", "null" },
		{ "max", "[1, 1.0]", "1.0" },
		{ "min", "[1, 1.0]", "1.0" },
		{ "min", "[3, 2, 1, 4, 6, -7, 10]", "-7" },
		{ "min", "[1, 2, 1, 3, 4]", "1" },
		{ "min", "{1, 2}", "1" },
		{ "min", "[\"b\", 2, \"a\"]", "2" },
		{ "min", "{null, 1}", "null" },
		{ "min", "[]", "undefined" },
		{ "min", "set()", "undefined" },
		{ "min", "\"abc\"",
			"eval_type_error: min: operand 1 must be one of {set, array} but got string" },
		{ "max", "{\"a\": 1}",
			"eval_type_error: max: operand 1 must be one of {set, array} but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(sorting_keeps_equal_values)
{
	static const struct rego_row rows[] = {
		{ "sort", "[4, 3, 2, 1]", "[1, 2, 3, 4]" },
		{ "sort", "{4, 3}", "[3, 4]" },
		{ "sort", "[2, 1, 2, 1.0]", "[1, 1.0, 2, 2]" },
		{ "sort", "[\"b\", null, {}, [], \"a\"]", "[null, \"a\", \"b\", [], {}]" },
		{ "sort", "[]", "[]" },
		{ "sort", "1",
			"eval_type_error: sort: operand 1 must be one of {set, array} but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(all_and_any_look_for_true)
{
	static const struct rego_row rows[] = {
		{ "all", "[true, true]", "true" },
		{ "all", "[true, 1]", "false" },
		{ "all", "{true}", "true" },
		{ "all", "{true, false}", "false" },
		{ "all", "[]", "true" },
		{ "all", "set()", "true" },
		{ "any", "[false, true]", "true" },
		{ "any", "[1, \"true\"]", "false" },
		{ "any", "{true, false}", "true" },
		{ "any", "{1}", "false" },
		{ "any", "[]", "false" },
		{ "any", "set()", "false" },
		{ "all", "\"a\"",
			"eval_type_error: all: operand 1 must be one of {array, set} but got string" },
		{ "any", "{}", "eval_type_error: any: operand 1 must be one of {array, set} but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_in_what)
{
	static const struct rego_row rows[] = {
		{ "internal.member_2", "1, {1}", "true" },
		{ "internal.member_2", "1, {2}", "false" },
		{ "internal.member_2", "1.0, [1]", "true" },
		{ "internal.member_2", "[1], [[1]]", "true" },
		{ "internal.member_2", "1, {\"foo\": 1}", "true" },
		{ "internal.member_2", "\"foo\", {\"foo\": 1}", "false" },
		{ "internal.member_2", "\"a\", \"abc\"", "false" },
		{ "internal.member_2", "1, null", "false" },
		{ "internal.member_3", "\"foo\", 1, {\"foo\": 1}", "true" },
		{ "internal.member_3", "\"foo\", 2, {\"foo\": 1}", "false" },
		{ "internal.member_3", "1, \"two\", [\"one\", \"two\"]", "true" },
		{ "internal.member_3", "2, \"two\", [\"one\", \"two\"]", "false" },
		{ "internal.member_3", "\"foo\", \"foo\", {\"foo\", \"bar\"}", "true" },
		{ "internal.member_3", "\"foo\", \"bar\", {\"foo\", \"bar\"}", "false" },
		{ "internal.member_3", "1, \"foo\", 1", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(aggregates_have_their_price)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	CHECK_TEXT(rego_call_text(&arena, "sum", "[1, 2, 3]", 2, 1 << 20), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "sort", "[3, 2, 1]", 2, 1 << 20), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "sort", "[3, 2, 1]", 100, 64), "stopped (memory)");
	CHECK_TEXT(rego_call_text(&arena, "count", "[3]", 100, 8), "stopped (memory)");
}

TEST_MAIN()
