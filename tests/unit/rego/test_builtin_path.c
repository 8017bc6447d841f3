// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_path.c - what is at some places of a document, and what is not
 */
#include "lib/rego_call.h"

TEST(what_is_at_paths)
{
	static const struct rego_row rows[] = {
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"a/b/c\"]",
			"{\"a\": {\"b\": {\"c\": 7}}}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, {\"a/b/c\", \"e\"}",
			"{\"a\": {\"b\": {\"c\": 7}}, \"e\": 9}" },
		{ "json.filter",
			"{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [[\"a\", \"b\"], \"a/b/d\"]",
			"{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"/a/b/d\", \"//e\"]",
			"{\"a\": {\"b\": {\"d\": 8}}, \"e\": 9}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"x\", \"a/x\"]",
			"{\"a\": {}}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, []", "{}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"\"]", "{}" },
		{ "json.filter", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"e/f\"]",
			"{\"e\": 9}" },
		{ "json.filter", "{\"a\": [10, 20, {\"b\": 1, \"c\": 2}]}, [\"a/0\", \"a/2/c\"]",
			"{\"a\": [10, {\"c\": 2}]}" },
		{ "json.filter", "{\"a\": [10, 20]}, [[\"a\", 1]]", "{\"a\": []}" },
		{ "json.filter", "{\"a\": {\"x\", {\"y\": 1}}}, [\"a/x\"]", "{\"a\": {\"x\"}}" },
		{ "json.filter", "{\"a/b\": 1, \"c~d\": 2, \"\": 3}, [\"a~1b\", \"c~0d\"]",
			"{\"a/b\": 1, \"c~d\": 2}" },
		{ "json.filter", "{\"\": 3}, [\"/\"]", "{\"\": 3}" },
		{ "json.filter", "{\"a\": {\"\": 3, \"b\": 1}}, [\"a/\"]", "{\"a\": {\"\": 3}}" },
		{ "json.filter", "{\"~1\": 1, \"~\": 2}, [\"~01\", \"~\"]", "{\"~\": 2, \"~1\": 1}" },
		{ "json.filter", "{1: {2: 3}, \"1\": 4}, [[1, 2]]", "{1: {2: 3}}" },
		{ "json.filter", "{[1]: 2}, [[[1]]]", "{[1]: 2}" },
		{ "json.filter", "[1], [\"a\"]",
			"eval_type_error: json.filter: operand 1 must be object but got array" },
		{ "json.filter", "{\"a\": 1}, \"a\"",
			"eval_type_error: json.filter: operand 2 must be one of {set, array} but got string" },
		{ "json.filter", "{\"a\": 1}, [1]",
			"eval_type_error: json.filter: operand 2 must be one of {set, array} containing string paths or array of path segments but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_elsewhere)
{
	static const struct rego_row rows[] = {
		{ "json.remove", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"a/b/c\"]",
			"{\"a\": {\"b\": {\"d\": 8}}, \"e\": 9}" },
		{ "json.remove", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, {\"a/b/c\", \"a/b\"}",
			"{\"a\": {}, \"e\": 9}" },
		{ "json.remove", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [[\"a\"], \"e\"]", "{}" },
		{ "json.remove",
			"{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"x\", \"a/x\", \"e/f\"]",
			"{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}" },
		{ "json.remove", "{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}, [\"\"]",
			"{\"a\": {\"b\": {\"c\": 7, \"d\": 8}}, \"e\": 9}" },
		{ "json.remove", "{\"a\": [10, 20, {\"b\": 1, \"c\": 2}]}, [\"a/0\", \"a/2/c\"]",
			"{\"a\": [20, {\"b\": 1}]}" },
		{ "json.remove", "{\"a\": {\"x\", \"y\"}}, [\"a/x\"]", "{\"a\": {\"y\"}}" },
		{ "json.remove", "{\"a\": {{\"x\": 1}, 2}}, [[\"a\", {\"x\": 1}, \"x\"]]",
			"{\"a\": {2, {}}}" },
		{ "json.remove", "\"a\", {\"a\"}",
			"eval_type_error: json.remove: operand 1 must be object but got string" },
		{ "json.remove", "{\"a\": 1}, {\"a\": 1}",
			"eval_type_error: json.remove: operand 2 must be one of {set, array} but got object" },
		{ "json.remove", "{\"a\": 1}, {{\"a\": 1}}",
			"eval_type_error: json.remove: operand 2 must be one of {set, array} containing string paths or array of path segments but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(paths_have_their_price)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	CHECK_TEXT(rego_call_text(&arena, "json.filter", "{1: 1, 2: 2, 3: 3}, [[1]]", 3, 1 << 20),
		"stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "json.remove", "{1: {1: 1, 2: 2}}, [[1, 1]]", 3, 1 << 20),
		"stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "json.remove", "{1: 1}, [\"a/b/c/d\"]", 100, 100),
		"stopped (memory)");
	CHECK_TEXT(rego_call_text(&arena, "json.filter", "{1: 1}, [[1]]", 100, 250), "stopped (memory)");
}

TEST_MAIN()
