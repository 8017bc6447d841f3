// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_array.c - arrays from arrays
 */
#include "lib/rego_call.h"

TEST(arrays_one_behind_the_other)
{
	static const struct rego_row rows[] = {
		{ "array.concat", "[1, 2], [3]", "[1, 2, 3]" },
		{ "array.concat", "[], [3]", "[3]" },
		{ "array.concat", "[1], []", "[1]" },
		{ "array.concat", "[], []", "[]" },
		{ "array.concat", "[1, 2], {\"a\": 1}",
			"eval_type_error: array.concat: operand 2 must be array but got object" },
		{ "array.concat", "{1}, [1]",
			"eval_type_error: array.concat: operand 1 must be array but got set" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(one_level_is_flattened)
{
	static const struct rego_row rows[] = {
		{ "array.flatten", "[]", "[]" },
		{ "array.flatten", "[[1, 2], [3, 4], [5]]", "[1, 2, 3, 4, 5]" },
		{ "array.flatten", "[1, 2, [3]]", "[1, 2, 3]" },
		{ "array.flatten", "[[[1], [2, 3, []]], [[4, 5]]]", "[[1], [2, 3, []], [4, 5]]" },
		{ "array.flatten", "[{1}, {\"a\": [1]}]", "[{1}, {\"a\": [1]}]" },
		{ "array.flatten", "42",
			"eval_type_error: array.flatten: operand 1 must be array but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(the_last_comes_first)
{
	static const struct rego_row rows[] = {
		{ "array.reverse", "[1, \"a\", [2]]", "[[2], \"a\", 1]" },
		{ "array.reverse", "[]", "[]" },
		{ "array.reverse", "{\"a\": 1}",
			"eval_type_error: array.reverse: operand 1 must be array but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(slices_end_with_the_array)
{
	static const struct rego_row rows[] = {
		{ "array.slice", "[1, 2, 3, 4], 1, 3", "[2, 3]" },
		{ "array.slice", "[1, 2, 3], 0, 3", "[1, 2, 3]" },
		{ "array.slice", "[1, 2, 3], -5, 99", "[1, 2, 3]" },
		{ "array.slice", "[1, 2, 3], 2, 1", "[]" },
		{ "array.slice", "[1, 2, 3], 5, 9", "[]" },
		{ "array.slice", "[1, 2, 3], 1, -1", "[]" },
		{ "array.slice", "[], 0, 1", "[]" },
		{ "array.slice", "[1, 2], 9223372036854775807, 9223372036854775807", "[]" },
		{ "array.slice", "\"abc\", 0, 1",
			"eval_type_error: array.slice: operand 1 must be array but got string" },
		{ "array.slice", "[1], \"0\", 1",
			"eval_type_error: array.slice: operand 2 must be number but got string" },
		{ "array.slice", "[1], 0, null",
			"eval_type_error: array.slice: operand 3 must be number but got null" },
		{ "array.slice", "[1], 0.5, 1",
			"eval_type_error: array.slice: operand 2 must be integer number but got floating-point number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(arrays_have_their_price)
{
	static const char *const calls[][2] = {
		{ "array.concat", "[1, 2, 3], [4]" }, { "array.flatten", "[[1, 2, 3]]" },
		{ "array.reverse", "[1, 2, 3]" }, { "array.slice", "[1, 2, 3, 4], 0, 3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 2, 1 << 20), "stopped (steps)");
		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 100, 64), "stopped (memory)");
	}
}

TEST_MAIN()
