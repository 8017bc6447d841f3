// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_set.c - what is in both of two sets, in either, in one alone
 */
#include "lib/rego_call.h"

TEST(two_sets)
{
	static const struct rego_row rows[] = {
		{ "and", "{1, 2, 3}, {2, 3, 4}", "{2, 3}" },
		{ "and", "{1}, set()", "set()" },
		{ "and", "{1, \"a\"}, {\"a\", 1.0}", "{1, \"a\"}" },
		{ "or", "{1, 3}, {2, 3}", "{1, 2, 3}" },
		{ "or", "set(), set()", "set()" },
		{ "or", "set(), {[1], {2}}", "{[1], {2}}" },
		{ "set_diff", "{1, 2, 3, 4}, {1, 3}", "{2, 4}" },
		{ "set_diff", "set(), {1}", "set()" },
		{ "set_diff", "{1}, set()", "{1}" },
		{ "and", "[1], {1}", "eval_type_error: and: operand 1 must be set but got array" },
		{ "or", "{1}, 1", "eval_type_error: or: operand 2 must be set but got number" },
		{ "set_diff", "{}, {1}", "eval_type_error: set_diff: operand 1 must be set but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(many_sets)
{
	static const struct rego_row rows[] = {
		{ "intersection", "{{1, 2, 3}, {2, 3, 4}, {3}}", "{3}" },
		{ "intersection", "{{1}, {2}}", "set()" },
		{ "intersection", "set()", "set()" },
		{ "intersection", "{{1, 2}}", "{1, 2}" },
		{ "intersection", "{set(), {1}}", "set()" },
		{ "union", "{{1, 2}, {2, 3}, {\"a\"}}", "{1, 2, 3, \"a\"}" },
		{ "union", "set()", "set()" },
		{ "union", "{set()}", "set()" },
		{ "intersection", "[{1}]",
			"eval_type_error: intersection: operand 1 must be set but got array" },
		{ "intersection", "{{1}, 2}",
			"eval_type_error: intersection: operand 1 must be set but got number" },
		{ "union", "{[1]}", "eval_type_error: union: operand 1 must be set but got array" },
		{ "union", "1", "eval_type_error: union: operand 1 must be set but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(sets_have_their_price)
{
	static const char *const calls[][2] = {
		{ "and", "{1, 2}, {1, 2}" }, { "or", "{1, 2}, {3}" }, { "set_diff", "{1, 2, 3}, set()" },
		{ "intersection", "{{1, 2, 3}, {1, 2}}" }, { "union", "{{1, 2, 3}, {4}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 3, 1 << 20), "stopped (steps)");
		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 100, 64), "stopped (memory)");
	}
}

TEST_MAIN()
