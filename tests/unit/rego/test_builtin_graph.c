// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_graph.c - ways through graphs, and through documents
 */
#include "lib/rego_call.h"

TEST(what_can_be_reached)
{
	static const struct rego_row rows[] = {
		{ "graph.reachable",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, [\"a\"]",
			"{\"a\", \"b\", \"c\", \"d\"}" },
		{ "graph.reachable",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, {\"e\"}",
			"{\"a\", \"b\", \"c\", \"d\", \"e\"}" },
		{ "graph.reachable",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, [\"d\", \"x\"]",
			"{\"d\"}" },
		{ "graph.reachable",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, []",
			"set()" },
		{ "graph.reachable", "{}, [\"a\"]", "set()" },
		{ "graph.reachable", "{1: [2], 2: [1, 3]}, [1.0]", "{1, 2}" },
		{ "graph.reachable", "{\"a\": null, \"b\": \"a\"}, [\"a\", \"b\"]", "{\"a\", \"b\"}" },
		{ "graph.reachable", "{[1]: [[2]], [2]: []}, [[1]]", "{[1], [2]}" },
		{ "graph.reachable", "[], [\"a\"]",
			"eval_type_error: graph.reachable: operand 1 must be object but got array" },
		{ "graph.reachable",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, \"a\"",
			"eval_type_error: graph.reachable: operand 2 must be {array, set} but got string" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(every_path)
{
	static const struct rego_row rows[] = {
		{ "graph.reachable_paths",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, [\"a\"]",
			"{[\"a\", \"b\", \"d\"], [\"a\", \"c\", \"d\"]}" },
		{ "graph.reachable_paths",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, {\"d\", \"x\"}",
			"{[\"d\"]}" },
		{ "graph.reachable_paths",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, []",
			"set()" },
		{ "graph.reachable_paths", "{\"a\": [\"b\"], \"b\": [\"c\"], \"c\": [\"a\"]}, [\"a\"]",
			"{[\"a\", \"b\", \"c\"]}" },
		{ "graph.reachable_paths", "{\"a\": [\"a\"]}, [\"a\"]", "{[\"a\", \"a\"]}" },
		{ "graph.reachable_paths", "{\"a\": [\"x\", \"b\"], \"b\": [\"x\"]}, [\"a\"]",
			"{[\"a\"], [\"a\", \"b\"]}" },
		{ "graph.reachable_paths", "{\"a\": [\"b\", \"b\"], \"b\": null}, [\"a\"]",
			"{[\"a\", \"b\"]}" },
		{ "graph.reachable_paths", "{\"a\": [\"b\"], \"b\": [\"b\", \"c\"], \"c\": []}, [\"a\"]",
			"{[\"a\", \"b\"], [\"a\", \"b\", \"c\"]}" },
		{ "graph.reachable_paths", "{\"a\": {\"b\"}, \"b\": []}, [\"a\", \"b\"]",
			"{[\"a\", \"b\"], [\"b\"]}" },
		{ "graph.reachable_paths", "1, [\"a\"]",
			"eval_type_error: graph.reachable_paths: operand 1 must be object but got number" },
		{ "graph.reachable_paths",
			"{\"a\": [\"b\", \"c\"], \"b\": [\"d\"], \"c\": {\"d\"}, \"d\": [], \"e\": [\"a\"]}, {}",
			"eval_type_error: graph.reachable_paths: operand 2 must be {array, set} but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(walks_go_through_every_value)
{
	static const struct rego_row rows[] = {
		{ "walk", "1", "[[[], 1]]" },
		{ "walk", "[]", "[[[], []]]" },
		{ "walk", "[1, [2]]", "[[[], [1, [2]]], [[0], 1], [[1], [2]], [[1, 0], 2]]" },
		{ "walk", "{\"b\": 1, \"a\": {\"c\": null}}",
			"[[[], {\"a\": {\"c\": null}, \"b\": 1}], [[\"a\"], {\"c\": null}], [[\"a\", \"c\"], null], [[\"b\"], 1]]" },
		{ "walk", "{{1, 2}}",
			"[[[], {{1, 2}}], [[{1, 2}], {1, 2}], [[{1, 2}, 1], 1], [[{1, 2}, 2], 2]]" },
		{ "walk", "{[1]: 2}", "[[[], {[1]: 2}], [[[1]], 2]]" },
	};

	REGO_CHECK_ROWS(rows);
}

/* One long way: nothing recurses over it. */
TEST(a_graph_may_be_one_long_path)
{
	enum { COUNT = 100000 };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 28);
	scoped(buf) struct buf operands = BUF_INIT(1 << 24);
	struct str wanted = STR("{[0, 1, 2, 3, ");
	const char *got;

	for (int i = 0; i < COUNT; i++)
		buf_printf(&operands, "%s%d: [%d]", i ? ", " : "{", i, i + 1);
	buf_append_str(&operands, "}, [0]");
	got = rego_call_text(&arena, "graph.reachable_paths", buf_text(&operands), 1 << 24, 1 << 26);
	CHECK(!strncmp(got, wanted.data, wanted.len));
	got = rego_call_text(&arena, "graph.reachable", buf_text(&operands), 1 << 24, 1 << 26);
	CHECK(!strncmp(got, "{0, 1, 2, 3, ", 13));
}

/* 2^30 paths end with the budget, whichever part of it. */
TEST(too_many_paths)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf operands = BUF_INIT(1 << 16);

	for (int i = 0; i < 30; i++)
		buf_printf(&operands, "%s%d: [\"a%d\", \"b%d\"], \"a%d\": [%d], \"b%d\": [%d]",
			i ? ", " : "{", i, i, i, i, i + 1, i, i + 1);
	buf_append_str(&operands, "}, [0]");
	CHECK_TEXT(rego_call_text(&arena, "graph.reachable_paths", buf_text(&operands), 10000, 1 << 26),
		"stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "graph.reachable_paths", buf_text(&operands), 1 << 24, 1 << 16),
		"stopped (memory)");
	CHECK_TEXT(rego_call_text(&arena, "graph.reachable", buf_text(&operands), 100, 1 << 20),
		"stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "walk", "[1, [2, [3, 4]]]", 10, 1 << 20), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "walk", "[1, [2, 3]]", 100, 256), "stopped (memory)");
}

TEST_MAIN()
