// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_patch.c - documents after the operations of a JSON Patch
 */
#include "lib/rego_call.h"

TEST(the_examples_of_the_standard)
{
	static const struct rego_row rows[] = {
		{ "json.patch",
			"{\"foo\": \"bar\"}, [{\"op\": \"add\", \"path\": \"/baz\", \"value\": \"qux\"}]",
			"{\"baz\": \"qux\", \"foo\": \"bar\"}" },
		{ "json.patch",
			"{\"foo\": [\"bar\", \"baz\"]}, [{\"op\": \"add\", \"path\": \"/foo/1\", \"value\": \"qux\"}]",
			"{\"foo\": [\"bar\", \"qux\", \"baz\"]}" },
		{ "json.patch",
			"{\"baz\": \"qux\", \"foo\": \"bar\"}, [{\"op\": \"remove\", \"path\": \"/baz\"}]",
			"{\"foo\": \"bar\"}" },
		{ "json.patch",
			"{\"foo\": [\"bar\", \"qux\", \"baz\"]}, [{\"op\": \"remove\", \"path\": \"/foo/1\"}]",
			"{\"foo\": [\"bar\", \"baz\"]}" },
		{ "json.patch",
			"{\"baz\": \"qux\", \"foo\": \"bar\"}, [{\"op\": \"replace\", \"path\": \"/baz\", \"value\": \"boo\"}]",
			"{\"baz\": \"boo\", \"foo\": \"bar\"}" },
		{ "json.patch",
			"{\"foo\": {\"bar\": \"baz\", \"waldo\": \"fred\"}, \"qux\": {\"corge\": \"grault\"}}, [{\"op\": \"move\", \"from\": \"/foo/waldo\", \"path\": \"/qux/thud\"}]",
			"{\"foo\": {\"bar\": \"baz\"}, \"qux\": {\"corge\": \"grault\", \"thud\": \"fred\"}}" },
		{ "json.patch",
			"{\"foo\": [\"all\", \"grass\", \"cows\", \"eat\"]}, [{\"op\": \"move\", \"from\": \"/foo/1\", \"path\": \"/foo/3\"}]",
			"{\"foo\": [\"all\", \"cows\", \"eat\", \"grass\"]}" },
		{ "json.patch",
			"{\"baz\": \"qux\", \"foo\": [\"a\", 2, \"c\"]}, [{\"op\": \"test\", \"path\": \"/baz\", \"value\": \"qux\"}, {\"op\": \"test\", \"path\": \"/foo/1\", \"value\": 2.0}]",
			"{\"baz\": \"qux\", \"foo\": [\"a\", 2, \"c\"]}" },
		{ "json.patch",
			"{\"baz\": \"qux\"}, [{\"op\": \"test\", \"path\": \"/baz\", \"value\": \"bar\"}]",
			"undefined" },
		{ "json.patch",
			"{\"foo\": \"bar\"}, [{\"op\": \"add\", \"path\": \"/child\", \"value\": {\"grandchild\": {}}}]",
			"{\"child\": {\"grandchild\": {}}, \"foo\": \"bar\"}" },
		{ "json.patch",
			"{\"foo\": \"bar\"}, [{\"op\": \"add\", \"path\": \"/baz\", \"value\": \"qux\", \"xyz\": 123}]",
			"{\"baz\": \"qux\", \"foo\": \"bar\"}" },
		{ "json.patch",
			"{\"foo\": \"bar\"}, [{\"op\": \"add\", \"path\": \"/baz/bat\", \"value\": \"qux\"}]",
			"undefined" },
		{ "json.patch",
			"{\"/\": 9, \"~1\": 10}, [{\"op\": \"test\", \"path\": \"/~01\", \"value\": 10}]",
			"{\"/\": 9, \"~1\": 10}" },
		{ "json.patch",
			"{\"foo\": [\"bar\"]}, [{\"op\": \"add\", \"path\": \"/foo/-\", \"value\": [\"abc\", \"def\"]}]",
			"{\"foo\": [\"bar\", [\"abc\", \"def\"]]}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(the_whole_document)
{
	static const struct rego_row rows[] = {
		{ "json.patch", "{\"a\": 1}, []", "{\"a\": 1}" },
		{ "json.patch", "1, [{\"op\": \"replace\", \"path\": \"\", \"value\": [2]}]", "[2]" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"add\", \"path\": [], \"value\": 2}]", "2" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"\"}]", "undefined" },
		{ "json.patch",
			"{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"\"}, {\"op\": \"add\", \"path\": \"\", \"value\": 3}]",
			"3" },
		{ "json.patch",
			"{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"\"}, {\"op\": \"remove\", \"path\": \"\"}]",
			"undefined" },
		{ "json.patch",
			"{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"\"}, {\"op\": \"add\", \"path\": \"a\", \"value\": 3}]",
			"undefined" },
		{ "json.patch",
			"{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"\"}, {\"op\": \"test\", \"path\": \"\", \"value\": null}]",
			"undefined" },
		{ "json.patch", "{\"a\": [1]}, [{\"op\": \"copy\", \"from\": \"a\", \"path\": \"\"}]",
			"[1]" },
		{ "json.patch", "{\"a\": [1]}, [{\"op\": \"copy\", \"from\": \"\", \"path\": \"b\"}]",
			"{\"a\": [1], \"b\": {\"a\": [1]}}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(places_in_arrays)
{
	static const struct rego_row rows[] = {
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": \"2\", \"value\": 3}]", "[1, 2, 3]" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": [0], \"value\": 0}]", "[0, 1, 2]" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": \"3\", \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": \"-1\", \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": \"01\", \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": \"1.2\", \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": [1.5], \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"add\", \"path\": [-1], \"value\": 3}]", "undefined" },
		{ "json.patch", "[1], [{\"op\": \"add\", \"path\": [null], \"value\": 3}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"remove\", \"path\": \"2\"}]", "undefined" },
		{ "json.patch", "[1, 2], [{\"op\": \"remove\", \"path\": \"-\"}]", "undefined" },
		{ "json.patch", "[[1], 2], [{\"op\": \"add\", \"path\": \"0/-\", \"value\": 9}]",
			"[[1, 9], 2]" },
		{ "json.patch", "[[1], 2], [{\"op\": \"replace\", \"path\": \"0\", \"value\": 9}]",
			"[9, 2]" },
		{ "json.patch", "[1, 2], [{\"op\": \"replace\", \"path\": \"2\", \"value\": 9}]",
			"undefined" },
		{ "json.patch", "[1, 2, 3], [{\"op\": \"move\", \"from\": \"0\", \"path\": \"-\"}]",
			"[2, 3, 1]" },
		{ "json.patch", "[1], [{\"op\": \"add\", \"path\": \"0/1\", \"value\": 2}]", "undefined" },
		{ "json.patch", "[\"a\"], [{\"op\": \"test\", \"path\": \"-\", \"value\": \"a\"}]",
			"undefined" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(sets_and_any_keys)
{
	static const struct rego_row rows[] = {
		{ "json.patch",
			"{\"foo\": {\"a\", \"b\", \"c\"}}, [{\"op\": \"remove\", \"path\": \"foo/b\"}]",
			"{\"foo\": {\"a\", \"c\"}}" },
		{ "json.patch",
			"{\"foo\": {\"a\"}}, [{\"op\": \"add\", \"path\": \"foo/d\", \"value\": \"d\"}]",
			"{\"foo\": {\"a\", \"d\"}}" },
		{ "json.patch",
			"{\"foo\": {\"a\"}}, [{\"op\": \"add\", \"path\": \"foo/d\", \"value\": \"e\"}]",
			"undefined" },
		{ "json.patch", "{\"foo\": {\"a\"}}, [{\"op\": \"remove\", \"path\": \"foo/d\"}]",
			"undefined" },
		{ "json.patch",
			"{\"foo\": {\"a\", \"b\"}, \"bar\": {\"c\", \"d\"}}, [{\"op\": \"move\", \"from\": \"foo/a\", \"path\": \"bar/a\"}]",
			"{\"bar\": {\"a\", \"c\", \"d\"}, \"foo\": {\"b\"}}" },
		{ "json.patch", "{[1]}, [{\"op\": \"add\", \"path\": [[1], 1], \"value\": 2}]", "{[1, 2]}" },
		{ "json.patch",
			"{{\"a\": 1}, 2}, [{\"op\": \"add\", \"path\": [{\"a\": 1}, \"a\"], \"value\": 3}]",
			"{2, {\"a\": 3}}" },
		/* Once the member is gone, nothing has the name any more that leads there. */
		{ "json.patch",
			"{{\"a\": 1}, 2}, [{\"op\": \"replace\", \"path\": [{\"a\": 1}, \"a\"], \"value\": 3}]",
			"undefined" },
		{ "json.patch", "{1: 2}, [{\"op\": \"replace\", \"path\": [1], \"value\": 3}]", "{1: 3}" },
		{ "json.patch", "{1: 2}, [{\"op\": \"remove\", \"path\": \"1\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"add\", \"path\": [[2]], \"value\": 3}]",
			"{\"a\": 1, [2]: 3}" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"add\", \"path\": \"a\", \"value\": 3}]",
			"{\"a\": 3}" },
		{ "json.patch", "{\"a\"}, [{\"op\": \"add\", \"path\": \"a\", \"value\": \"a\"}]",
			"{\"a\"}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_no_operation_makes_it_undefined)
{
	static const struct rego_row rows[] = {
		{ "json.patch", "{\"a\": 1}, [1]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": 1, \"path\": \"a\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"delete\", \"path\": \"a\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"remove\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"remove\", \"path\": 1}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"add\", \"path\": \"b\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"copy\", \"path\": \"b\"}]", "undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"copy\", \"path\": \"b\", \"from\": {}}]",
			"undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"move\", \"path\": \"b\", \"from\": \"c\"}]",
			"undefined" },
		{ "json.patch", "{\"a\": 1}, [{\"op\": \"copy\", \"path\": \"b\", \"from\": \"a/c\"}]",
			"undefined" },
		{ "json.patch",
			"{\"a\": 1}, [{\"op\": \"remove\", \"path\": \"a\"}, {\"op\": \"remove\", \"path\": \"a\"}]",
			"undefined" },
		{ "json.patch", "1, {}",
			"eval_type_error: json.patch: operand 2 must be array but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(patches_have_their_price)
{
	static const char *const operands[] = {
		"[1, 2, 3, 4], [{\"op\": \"remove\", \"path\": [0]}]",
		"{1, 2, 3, 4}, [{\"op\": \"remove\", \"path\": [1]}]",
		"{1: 1, 2: 2, 3: 3, 4: 4}, [{\"op\": \"remove\", \"path\": [1]}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_TEXT(rego_call_text(&arena, "json.patch", operands[i], 4, 1 << 20), "stopped (steps)");
		CHECK_TEXT(rego_call_text(&arena, "json.patch", operands[i], 100, 64), "stopped (memory)");
	}
}

TEST_MAIN()
