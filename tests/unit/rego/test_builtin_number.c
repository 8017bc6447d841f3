// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_number.c - arithmetic, bits and comparisons, as OPA computes and prints them
 *
 * The rows are OPA's own tests and documentation, Go's rounding at the edges of a mantissa, and what the
 * limits do. number_rows.py makes thousands more with exact fractions, which test_number.c looks at.
 */
#include "lib/rego_call.h"

TEST(integers_stay_exact)
{
	static const struct rego_row rows[] = {
		{ "plus", "1, 2", "3" },
		{ "minus", "1, 2", "-1" },
		{ "mul", "-3, 7", "-21" },
		{ "plus", "9223372036854775807, 1", "9223372036854775808" },
		{ "minus", "-9223372036854775808, 1", "-9223372036854775809" },
		{ "mul", "-9223372036854775808, -1", "9223372036854775808" },
		{ "mul", "4294967296, 4294967296", "18446744073709551616" },
		{ "plus", "18446744073709551617, 1", "18446744073709551618" },
		{ "minus", "18446744073709551617, 1", "18446744073709551616" },
		{ "minus", "18446744073709551617, 18446744073709551617", "0" },
		{ "minus", "9223372036854775808, 1", "9223372036854775807" },
		{ "mul", "18446744073709551617, 0", "0" },
		{ "plus", "123456789012345678901234567890, 1", "123456789012345678901234567891" },
		{ "minus", "-18446744073709551617, 1", "-18446744073709551618" },
		{ "mul", "123456789012345678901234567890, -123456789012345678901234567890",
			"-15241578753238836750495351562536198787501905199875019052100" },
		{ "plus", "1.5e3, 1", "1501" },
		{ "plus", "1e21, 1", "1000000000000000000001" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(fractions_have_64_bits)
{
	static const struct rego_row rows[] = {
		{ "plus", "0.1, 0.2", "0.3" },
		{ "plus", "1.5, 2.5", "4" },
		{ "mul", "2.5, 2", "5" },
		{ "div", "1, 3", "0.33333333333333333334" },
		{ "div", "2, 3", "0.6666666666666666667" },
		{ "div", "4, 2", "2" },
		{ "div", "-7, 7", "-1" },
		{ "div", "1, 8", "0.125" },
		{ "div", "7, 2.0", "3.5" },
		{ "div", "-9223372036854775808, -1", "9223372036854775808" },
		{ "div", "0, 5", "0" },
		{ "div", "0, -5", "-0" },
		{ "div", "1, 10000", "0.0001" },
		{ "div", "1, 100000", "1e-05" },
		{ "div", "1234567.5, 1", "1.2345675e+06" },
		{ "div", "123456.5, 1", "123456.5" },
		{ "div", "1e109, 1e100", "1000000000" },
		{ "mul", "1e400, 1.5",
			"15000000000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
			"000000000000000000000000000000000000000000000000000000000000000000000000000" },
		{ "mul", "1e-400, 2", "2e-400" },
		{ "minus", "0.3, 0.3", "0" },
		{ "plus", "18446744073709551616, 0.5", "18446744073709551616" },
		{ "minus", "18446744073709551616, 0.5", "18446744073709551616" },
		{ "plus", "4611686018427387904, 0.5", "4.6116860184273879045e+18" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(division_by_zero_is_an_error)
{
	static const struct rego_row rows[] = {
		{ "div", "1, 0", "eval_builtin_error: div: divide by zero" },
		{ "div", "1, 0.0", "eval_builtin_error: div: divide by zero" },
		{ "div", "1, 0e5", "eval_builtin_error: div: divide by zero" },
		{ "rem", "1, 0", "eval_builtin_error: rem: modulo by zero" },
		{ "rem", "1, 0e3", "eval_builtin_error: rem: modulo by zero" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_left_has_the_sign_of_the_dividend)
{
	static const struct rego_row rows[] = {
		{ "rem", "7, 4", "3" },
		{ "rem", "-7, 4", "-3" },
		{ "rem", "7, -4", "3" },
		{ "rem", "-9223372036854775808, -1", "0" },
		{ "rem", "10, 18446744073709551616", "10" },
		{ "rem", "100, -18446744073709551616", "100" },
		{ "rem", "18446744073709551617, 18446744073709551616", "1" },
		{ "rem", "-18446744073709551617, 10", "-7" },
		{ "rem", "6.0, 4", "2" },
		{ "rem", "1.1, 1", "eval_builtin_error: rem: modulo on floating-point number" },
		{ "rem", "1, 0.5", "eval_builtin_error: rem: modulo on floating-point number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(rounding_is_away_from_zero_and_ceil_and_floor_are_as_in_opa)
{
	static const struct rego_row rows[] = {
		{ "round", "2.5", "3" },
		{ "round", "-2.5", "-3" },
		{ "round", "2.4999", "2" },
		{ "round", "-0.4", "0" },
		{ "round", "7", "7" },
		{ "round", "1e3", "1000" },
		{ "ceil", "1.01", "2" },
		{ "ceil", "2222.2222222222", "2223" },
		{ "ceil", "-1.99999", "-1" },
		{ "ceil", "-0.5", "1" },
		{ "ceil", "3.0", "3" },
		{ "floor", "1.5", "1" },
		{ "floor", "-1.001", "-2" },
		{ "floor", "-0.5", "0" },
		{ "floor", "-4", "-4" },
		{ "abs", "-10", "10" },
		{ "abs", "10", "10" },
		{ "abs", "-1.5", "1.5" },
		{ "abs", "-9223372036854775808", "9223372036854775808" },
		{ "abs", "-18446744073709551616", "18446744073709551616" },
		{ "abs", "\"a\"", "eval_type_error: abs: operand 1 must be number but got string" },
		{ "ceil", "null", "eval_type_error: ceil: operand 1 must be number but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(minus_is_also_for_sets_and_says_what_does_not_fit)
{
	static const struct rego_row rows[] = {
		{ "minus", "{1, 2, 3}, {2, \"x\"}", "{1, 3}" },
		{ "minus", "{1}, {1.0}", "set()" },
		{ "minus", "set(), {1}", "set()" },
		{ "minus", "{3, 5}, {1, 2, 3, 4}", "{5}" },
		{ "minus", "{1}, 1", "eval_type_error: minus: operand 2 must be set but got number" },
		{ "minus", "1, {1}", "eval_type_error: minus: operand 2 must be number but got set" },
		{ "minus", "[1], 1",
			"eval_type_error: minus: operand 1 must be one of {number, set} but got array" },
		{ "plus", "1, \"a\"", "eval_type_error: plus: operand 2 must be number but got string" },
		{ "plus", "{1}, 1", "eval_type_error: plus: operand 1 must be number but got set" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(values_compare_in_their_order)
{
	static const struct rego_row rows[] = {
		{ "equal", "1, 1.0", "true" },
		{ "equal", "[1, {2}], [1, {2.0}]", "true" },
		{ "equal", "1, \"1\"", "false" },
		{ "neq", "{\"a\": 1}, {\"a\": 2}", "true" },
		{ "neq", "1e2, 100", "false" },
		{ "lt", "null, false", "true" },
		{ "lt", "2, 10", "true" },
		{ "lt", "\"b\", \"a\"", "false" },
		{ "lte", "3, 3.0", "true" },
		{ "gt", "{1}, [1]", "true" },
		{ "gt", "18446744073709551617, 18446744073709551616", "true" },
		{ "gte", "\"a\", \"a\"", "true" },
		{ "gte", "1, 2", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(bits_go_on_for_ever)
{
	static const struct rego_row rows[] = {
		{ "bits.and", "50, 0", "0" },
		{ "bits.and", "-1, 18446744073709551617", "18446744073709551617" },
		{ "bits.and", "-18446744073709551616, -1", "-18446744073709551616" },
		{ "bits.or", "7, 9", "15" },
		{ "bits.or", "-8, 3", "-5" },
		{ "bits.xor", "42, 3", "41" },
		{ "bits.xor", "42, 42", "0" },
		{ "bits.xor", "-1, 18446744073709551615", "-18446744073709551616" },
		{ "bits.negate", "0", "-1" },
		{ "bits.negate", "-1", "0" },
		{ "bits.negate", "18446744073709551615", "-18446744073709551616" },
		{ "bits.lsh", "1, 3", "8" },
		{ "bits.lsh", "9223372036854775807, 1", "18446744073709551614" },
		{ "bits.lsh", "-1, 64", "-18446744073709551616" },
		{ "bits.lsh", "0, 18446744073709551616", "0" },
		{ "bits.lsh", "1, 262144", "stopped (memory)" },
		{ "bits.lsh", "1, 18446744073709551616", "stopped (memory)" },
		{ "bits.rsh", "8, 3", "1" },
		{ "bits.rsh", "-5, 1", "-3" },
		{ "bits.rsh", "-4, 1", "-2" },
		{ "bits.rsh", "-1, 100", "-1" },
		{ "bits.rsh", "1, 18446744073709551616", "0" },
		{ "bits.rsh", "18446744073709551616, 64", "1" },
		{ "bits.and", "7.2, 42",
			"eval_type_error: bits.and: operand 1 must be integer number but got "
			"floating-point number" },
		{ "bits.or", "1, \"a\"",
			"eval_type_error: bits.or: operand 2 must be integer but got string" },
		{ "bits.lsh", "7, -1",
			"eval_type_error: bits.lsh: operand 2 must be an unsigned integer "
			"number but got a negative integer" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(ranges_go_up_and_down)
{
	static const struct rego_row rows[] = {
		{ "numbers.range", "-2, 3", "[-2, -1, 0, 1, 2, 3]" },
		{ "numbers.range", "2, -3", "[2, 1, 0, -1, -2, -3]" },
		{ "numbers.range", "5, 5", "[5]" },
		{ "numbers.range", "1.0, 2", "[1, 2]" },
		{ "numbers.range", "9223372036854775806, 9223372036854775809", "[9223372036854775806, "
			"9223372036854775807, 9223372036854775808, 9223372036854775809]" },
		{ "numbers.range", "9223372036854775806, 9223372036854775807",
			"[9223372036854775806, 9223372036854775807]" },
		{ "numbers.range", "1.5, 2",
			"eval_type_error: numbers.range: operand 1 must be integer number "
			"but got floating-point number" },
		{ "numbers.range", "1, 1000000000000", "stopped (memory)" },
		{ "numbers.range_step", "0, 10, 2", "[0, 2, 4, 6, 8, 10]" },
		{ "numbers.range_step", "10, 3, 2", "[10, 8, 6, 4]" },
		{ "numbers.range_step", "2, 2, 2", "[2]" },
		{ "numbers.range_step", "0, 10, 99999999999999999999", "[0]" },
		{ "numbers.range_step", "0, 10, -2", "eval_builtin_error: numbers.range_step: "
			"numbers.range_step: step must be a positive integer" },
		{ "numbers.range_step", "0, 10, 0", "eval_builtin_error: numbers.range_step: "
			"numbers.range_step: step must be a positive integer" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(a_range_spends_a_step_for_each_number)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 24);

	CHECK_TEXT(rego_call_text(&arena, "numbers.range", "1, 1000", 500, 1 << 20), "stopped (steps)");
}

TEST(random_numbers_are_the_same_for_the_same_call)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const char *first = rego_call_text(&arena, "rand.intn", "\"key\", 1000000000", 1000, 1 << 16);
	const char *again = rego_call_text(&arena, "rand.intn", "\"key\", 1000000000", 1000, 1 << 16);
	const char *other = rego_call_text(&arena, "rand.intn", "\"kez\", 1000000000", 1000, 1 << 16);

	CHECK_TEXT(again, first);
	CHECK_TEXT(rego_call_text(&arena, "rand.intn", "\"key\", -1000000000", 1000, 1 << 16), first);
	CHECK(strcmp(first, other) != 0);
	CHECK_TEXT(rego_call_text(&arena, "rand.intn", "\"key\", 0", 1000, 1 << 16), "0");
	CHECK_TEXT(rego_call_text(&arena, "rand.intn", "\"key\", 1", 1000, 1 << 16), "0");
}

TEST(texts_become_numbers)
{
	static const struct rego_row rows[] = {
		{ "to_number", "\"-42.0\"", "-42.0" },
		{ "to_number", "\"+5\"", "5" },
		{ "to_number", "\"007\"", "7" },
		{ "to_number", "\".5\"", "0.5" },
		{ "to_number", "\"5.\"", "5" },
		{ "to_number", "\"1e+3\"", "1e+3" },
		{ "to_number", "\"18446744073709551616\"", "18446744073709551616" },
		{ "to_number", "false", "0" },
		{ "to_number", "true", "1" },
		{ "to_number", "null", "0" },
		{ "to_number", "100.1", "100.1" },
		{ "to_number", "\"1.7976931348623157e308\"", "1.7976931348623157e308" },
		{ "to_number", "\"1.7976931348623159e308\"", "eval_builtin_error: to_number: "
			"strconv.ParseFloat: parsing \"1.7976931348623159e308\": value out of range" },
		{ "to_number", "\"broken\"", "eval_builtin_error: to_number: strconv.ParseFloat: parsing "
			"\"broken\": invalid syntax" },
		{ "to_number", "\"\"", "eval_builtin_error: to_number: strconv.ParseFloat: parsing \"\": "
			"invalid syntax" },
		{ "to_number", "\".\"", "eval_builtin_error: to_number: strconv.ParseFloat: parsing \".\": "
			"invalid syntax" },
		{ "to_number", "\"1e\"", "eval_builtin_error: to_number: strconv.ParseFloat: parsing \"1e\": "
			"invalid syntax" },
		{ "to_number", "\"1 \"", "eval_builtin_error: to_number: strconv.ParseFloat: parsing \"1 \": "
			"invalid syntax" },
		{ "to_number", "\"-iNf\"",
			"eval_type_error: to_number: operand 1 must be valid number string "
			"but got string" },
		{ "to_number", "[]", "eval_type_error: to_number: operand 1 must be one of {null, boolean, "
			"number, string} but got array" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(numbers_that_nobody_means_end_the_evaluation)
{
	static const struct rego_row rows[] = {
		{ "plus", "1e999999999, 1", "stopped (memory)" },
		{ "plus", "1e-99999999999999999999, 1", "stopped (memory)" },
		{ "mul", "1e40000, 1.5e40000", "stopped (memory)" },
		{ "plus", "0e999999999, 1.5", "1.5" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST_MAIN()
