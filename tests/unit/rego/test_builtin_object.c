// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_object.c - objects from objects
 */
#include "lib/rego_call.h"

TEST(values_of_keys_and_paths)
{
	static const struct rego_row rows[] = {
		{ "object.get", "{\"a\": 1}, \"a\", 2", "1" },
		{ "object.get", "{\"a\": 1}, \"b\", 2", "2" },
		{ "object.get", "{1: \"x\"}, 1.0, 2", "\"x\"" },
		{ "object.get", "{\"a\": {\"b\": [10, {\"c\": 3}]}}, [\"a\", \"b\", 1, \"c\"], 0", "3" },
		{ "object.get", "{\"a\": {\"b\": [10]}}, [\"a\", \"b\", 1], 0", "0" },
		{ "object.get", "{\"a\": {\"b\": [10]}}, [\"a\", \"b\", \"0\"], 0", "0" },
		{ "object.get", "{\"a\": {\"b\"}}, [\"a\", \"b\"], 0", "\"b\"" },
		{ "object.get", "{\"a\": 1}, [\"a\", \"b\"], 0", "0" },
		{ "object.get", "{\"a\": 1}, [], 0", "{\"a\": 1}" },
		{ "object.get", "{\"a\": false}, \"a\", true", "false" },
		{ "object.get", "{[1]: 2}, [[1]], 0", "2" },
		{ "object.get", "{[1]: 2}, [1], 0", "0" },
		{ "object.get", "[1], 0, 2",
			"eval_type_error: object.get: operand 1 must be object but got array" },
		{ "object.keys", "{\"b\": 1, \"a\": 2, 1: 3}", "{1, \"a\", \"b\"}" },
		{ "object.keys", "{}", "set()" },
		{ "object.keys", "\"a\"",
			"eval_type_error: object.keys: operand 1 must be object but got string" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(members_by_their_keys)
{
	static const struct rego_row rows[] = {
		{ "object.filter", "{\"a\": 1, \"b\": 2, \"c\": 3}, {\"a\", \"c\", \"d\"}",
			"{\"a\": 1, \"c\": 3}" },
		{ "object.filter", "{\"a\": 1, 2: 3}, [2.0, 9, 2]", "{2: 3}" },
		{ "object.filter", "{\"a\": {\"x\": 1}}, {\"a\": null}", "{\"a\": {\"x\": 1}}" },
		{ "object.filter", "{\"a\": 1}, set()", "{}" },
		{ "object.remove", "{\"a\": 1, \"b\": 2, \"c\": 3}, {\"a\", \"c\", \"d\"}", "{\"b\": 2}" },
		{ "object.remove", "{\"a\": 1, 2: 3}, [2.0]", "{\"a\": 1}" },
		{ "object.remove", "{\"a\": 1}, {\"a\": 0}", "{}" },
		{ "object.remove", "{\"a\": 1}, []", "{\"a\": 1}" },
		{ "object.filter", "[1], {\"a\"}",
			"eval_type_error: object.filter: operand 1 must be object but got array" },
		{ "object.filter", "null, {\"a\"}",
			"eval_type_error: object.filter: operand 1 must be object but got null" },
		{ "object.filter", "{\"a\": 1}, true",
			"eval_type_error: object.filter: operand 2 must be one of {object, set, array} but got boolean" },
		{ "object.remove", "\"a\", {\"a\"}",
			"eval_type_error: object.remove: operand 1 must be object but got string" },
		{ "object.remove", "{\"a\": 1}, \"a\"",
			"eval_type_error: object.remove: operand 2 must be one of {object, set, array} but got string" },
		{ "object.remove", "{\"a\": 1}, null",
			"eval_type_error: object.remove: operand 2 must be one of {object, set, array} but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(unions_go_into_objects)
{
	static const struct rego_row rows[] = {
		{ "object.union", "{\"a\": 1}, {\"b\": 2}", "{\"a\": 1, \"b\": 2}" },
		{ "object.union", "{\"a\": 1, \"c\": 0}, {\"a\": 2}", "{\"a\": 2, \"c\": 0}" },
		{ "object.union", "{\"a\": {\"b\": {\"c\": 1}}}, {\"a\": {\"b\": {\"d\": 2}, \"e\": 3}}",
			"{\"a\": {\"b\": {\"c\": 1, \"d\": 2}, \"e\": 3}}" },
		{ "object.union", "{\"a\": {\"b\": 1}}, {\"a\": 7}", "{\"a\": 7}" },
		{ "object.union", "{\"a\": 7}, {\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}" },
		{ "object.union", "{}, {\"a\": 1}", "{\"a\": 1}" },
		{ "object.union", "{\"a\": 1}, {}", "{\"a\": 1}" },
		{ "object.union", "{1: \"x\"}, {1.0: \"y\"}", "{1: \"y\"}" },
		{ "object.union", "[1], {\"b\": 2}",
			"eval_type_error: object.union: operand 1 must be object but got array" },
		{ "object.union", "{\"a\": 1}, [1]",
			"eval_type_error: object.union: operand 2 must be object but got array" },
		{ "object.union_n", "[]", "{}" },
		{ "object.union_n", "[{\"a\": 1}]", "{\"a\": 1}" },
		{ "object.union_n", "[{\"a\": 1}, {\"b\": 2}, {\"a\": 3}]", "{\"a\": 3, \"b\": 2}" },
		{ "object.union_n", "[{\"a\": {\"b\": 2}}, {\"a\": 4}, {\"a\": {\"c\": 3}}]",
			"{\"a\": {\"c\": 3}}" },
		{ "object.union_n", "[{\"a\": {\"b\": [1]}}, {\"a\": {\"c\": [2]}}, {\"a\": {\"b\": 3}}]",
			"{\"a\": {\"b\": 3, \"c\": [2]}}" },
		{ "object.union_n", "{\"a\": 1}",
			"eval_type_error: object.union_n: operand 1 must be array but got object" },
		{ "object.union_n", "[{}, \"b\"]",
			"eval_type_error: object.union_n: operand 1 must be array of objects but got array containing string" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(subsets)
{
	static const struct rego_row rows[] = {
		{ "object.subset", "{\"a\": 1, \"b\": {\"c\": 2, \"d\": 3}}, {\"b\": {\"c\": 2}}", "true" },
		{ "object.subset", "{\"a\": 1}, {\"a\": 1}", "true" },
		{ "object.subset", "{\"a\": 1}, {}", "true" },
		{ "object.subset", "{\"a\": 1}, {\"a\": 2}", "false" },
		{ "object.subset", "{\"a\": 1}, {\"b\": 1}", "false" },
		{ "object.subset", "{\"a\": {1, 2, 3}}, {\"a\": {1, 3}}", "true" },
		{ "object.subset", "{\"a\": {1, 2}}, {\"a\": {4}}", "false" },
		{ "object.subset", "{\"a\": [1, 2, 3]}, {\"a\": [2, 3]}", "true" },
		{ "object.subset", "{\"a\": [1, 2, 3]}, {\"a\": [1, 3]}", "false" },
		{ "object.subset", "{\"a\": [1]}, {\"a\": {1}}", "false" },
		{ "object.subset", "{\"a\": \"ab\"}, {\"a\": \"a\"}", "false" },
		{ "object.subset", "{1, 2, {\"a\": 1, \"b\": 2}}, {1, 2}", "true" },
		{ "object.subset", "{1, {\"a\": 1, \"b\": 2}}, {{\"a\": 1}}", "false" },
		{ "object.subset", "{1}, set()", "true" },
		{ "object.subset", "[1, 1, 2, 1, 1, 3], [1, 1, 3]", "true" },
		{ "object.subset", "[1, 2], [1, 2, 3]", "false" },
		{ "object.subset", "[1, 2], []", "true" },
		{ "object.subset", "[], []", "true" },
		{ "object.subset", "[1, 2, 3], [3, 2]", "false" },
		{ "object.subset", "[3, 2, 1], {1, 3}", "true" },
		{ "object.subset", "[1], {1, 2}", "false" },
		{ "object.subset", "[1, 1], {1, 2}", "false" },
		{ "object.subset", "[], set()", "true" },
		{ "object.subset", "[1, 1.0, 2], {1, 2}", "true" },
		{ "object.subset", "{1}, [1]",
			"eval_type_error: object.subset: both arguments object.subset must be of the same type or array and set" },
		{ "object.subset", "\"a\", \"a\"",
			"eval_type_error: object.subset: both arguments object.subset must be of the same type or array and set" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(objects_have_their_price)
{
	static const char *const calls[][2] = {
		{ "object.get", "{\"a\": 1}, [1, 2, 3], 0" }, { "object.keys", "{1: 1, 2: 2, 3: 3}" },
		{ "object.filter", "{1: 1, 2: 2, 3: 3}, {1}" }, { "object.remove", "{1: 1}, [1, 2, 3]" },
		{ "object.union", "{1: 1, 2: 2}, {3: 3}" }, { "object.union_n", "[{1: 1, 2: 2}, {3: 3}]" },
		{ "object.subset", "[1, 2, 3], [1, 2, 3]" }, { "object.subset", "{1, 2, 3}, {1, 2, 3}" },
		{ "object.subset", "[1, 2, 3], {1}" },
		{ "object.subset", "{1: 1, 2: 2, 3: 3}, {1: 1, 2: 2, 3: 3}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 2, 1 << 20), "stopped (steps)");
	}
}

TEST(objects_need_memory)
{
	static const char *const calls[][2] = {
		{ "object.keys", "{1: 1, 2: 2, 3: 3}" }, { "object.filter", "{1: 1, 2: 2, 3: 3}, {1}" },
		{ "object.remove", "{1: 1}, [1, 2, 3]" }, { "object.union", "{1: 1, 2: 2}, {3: 3}" },
		{ "object.union_n", "[]" }, { "object.subset", "[1, 2, 3], {1}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_TEXT(rego_call_text(&arena, calls[i][0], calls[i][1], 100, 16), "stopped (memory)");
	}
}

TEST_MAIN()
