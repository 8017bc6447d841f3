// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_types.c - which type a value has
 */
#include "lib/rego_call.h"

TEST(every_value_is_of_one_type)
{
	static const struct rego_row rows[] = {
		{ "is_array", "null", "false" },
		{ "is_array", "true", "false" },
		{ "is_array", "1", "false" },
		{ "is_array", "1.5", "false" },
		{ "is_array", "\"a\"", "false" },
		{ "is_array", "[1]", "true" },
		{ "is_array", "{\"a\": 1}", "false" },
		{ "is_array", "{1}", "false" },
		{ "is_array", "set()", "false" },
		{ "is_boolean", "null", "false" },
		{ "is_boolean", "true", "true" },
		{ "is_boolean", "1", "false" },
		{ "is_boolean", "1.5", "false" },
		{ "is_boolean", "\"a\"", "false" },
		{ "is_boolean", "[1]", "false" },
		{ "is_boolean", "{\"a\": 1}", "false" },
		{ "is_boolean", "{1}", "false" },
		{ "is_boolean", "set()", "false" },
		{ "is_null", "null", "true" },
		{ "is_null", "true", "false" },
		{ "is_null", "1", "false" },
		{ "is_null", "1.5", "false" },
		{ "is_null", "\"a\"", "false" },
		{ "is_null", "[1]", "false" },
		{ "is_null", "{\"a\": 1}", "false" },
		{ "is_null", "{1}", "false" },
		{ "is_null", "set()", "false" },
		{ "is_number", "null", "false" },
		{ "is_number", "true", "false" },
		{ "is_number", "1", "true" },
		{ "is_number", "1.5", "true" },
		{ "is_number", "\"a\"", "false" },
		{ "is_number", "[1]", "false" },
		{ "is_number", "{\"a\": 1}", "false" },
		{ "is_number", "{1}", "false" },
		{ "is_number", "set()", "false" },
		{ "is_object", "null", "false" },
		{ "is_object", "true", "false" },
		{ "is_object", "1", "false" },
		{ "is_object", "1.5", "false" },
		{ "is_object", "\"a\"", "false" },
		{ "is_object", "[1]", "false" },
		{ "is_object", "{\"a\": 1}", "true" },
		{ "is_object", "{1}", "false" },
		{ "is_object", "set()", "false" },
		{ "is_set", "null", "false" },
		{ "is_set", "true", "false" },
		{ "is_set", "1", "false" },
		{ "is_set", "1.5", "false" },
		{ "is_set", "\"a\"", "false" },
		{ "is_set", "[1]", "false" },
		{ "is_set", "{\"a\": 1}", "false" },
		{ "is_set", "{1}", "true" },
		{ "is_set", "set()", "true" },
		{ "is_string", "null", "false" },
		{ "is_string", "true", "false" },
		{ "is_string", "1", "false" },
		{ "is_string", "1.5", "false" },
		{ "is_string", "\"a\"", "true" },
		{ "is_string", "[1]", "false" },
		{ "is_string", "{\"a\": 1}", "false" },
		{ "is_string", "{1}", "false" },
		{ "is_string", "set()", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(types_have_names)
{
	static const struct rego_row rows[] = {
		{ "type_name", "null", "\"null\"" },
		{ "type_name", "true", "\"boolean\"" },
		{ "type_name", "1", "\"number\"" },
		{ "type_name", "1.5", "\"number\"" },
		{ "type_name", "\"a\"", "\"string\"" },
		{ "type_name", "[1]", "\"array\"" },
		{ "type_name", "{\"a\": 1}", "\"object\"" },
		{ "type_name", "{1}", "\"set\"" },
		{ "type_name", "set()", "\"set\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(casts_change_nothing_but_lists)
{
	static const struct rego_row rows[] = {
		{ "cast_array", "[2, 1]", "[2, 1]" },
		{ "cast_array", "{2, 1}", "[1, 2]" },
		{ "cast_set", "[2, 1, 2]", "{1, 2}" },
		{ "cast_set", "{1}", "{1}" },
		{ "cast_string", "\"a\"", "\"a\"" },
		{ "cast_boolean", "false", "false" },
		{ "cast_null", "null", "null" },
		{ "cast_object", "{\"a\": 1}", "{\"a\": 1}" },
		{ "cast_array", "\"a\"",
			"eval_type_error: cast_array: operand 1 must be one of {array, set} but got string" },
		{ "cast_set", "{}",
			"eval_type_error: cast_set: operand 1 must be one of {array, set} but got object" },
		{ "cast_string", "1",
			"eval_type_error: cast_string: operand 1 must be string but got number" },
		{ "cast_boolean", "\"true\"",
			"eval_type_error: cast_boolean: operand 1 must be boolean but got string" },
		{ "cast_null", "false",
			"eval_type_error: cast_null: operand 1 must be null but got boolean" },
		{ "cast_object", "[]",
			"eval_type_error: cast_object: operand 1 must be object but got array" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST_MAIN()
