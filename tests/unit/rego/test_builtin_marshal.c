// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_marshal.c - json.marshal and its kin
 */
#include "lib/rego_call.h"

TEST(values_are_written_as_json)
{
	static const struct rego_row rows[] = {
		{ "json.marshal", "[{\"foo\": {1, 2, 3}}]", "\"[{\\\"foo\\\":[1,2,3]}]\"" },
		{ "json.marshal", "{\"b\": null, \"a\": [true, false, 1.50, 1e3, -7]}",
			"\"{\\\"a\\\":[true,false,1.50,1e3,-7],\\\"b\\\":null}\"" },
		{ "json.marshal", "{1: {}, [2]: []}", "\"{\\\"1\\\":{},\\\"[2]\\\":[]}\"" },
		{ "json.marshal", "\"<a href='x'>&\"", "\"\\\"\\\\u003ca href='x'\\\\u003e\\\\u0026\\\"\"" },
		{ "json.marshal", "\"\\b\\f\\n\\r\\t\\u0001\\\"\\\\ \xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac\"",
			"\"\\\"\\\\b\\\\f\\\\n\\\\r\\\\t\\\\u0001\\\\\\\"\\\\\\\\ \\\\u2028\\\\u2029\xe2\x82\xac\\\"\"" },
		{ "json.marshal", "set()", "\"[]\"" },
		{ "json.marshal", "\"\"", "\"\\\"\\\"\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(options_say_how)
{
	static const struct rego_row rows[] = {
		{ "json.marshal_with_options", "[1, 2], {}", "\"[1,2]\"" },
		{ "json.marshal_with_options", "[1, 2], {\"indent\": \"  \"}", "\"[\\n  1,\\n  2\\n]\"" },
		{ "json.marshal_with_options",
			"[1, 2], {\"pretty\": false, \"prefix\": \"NO!\", \"indent\": \"BAD!\"}",
			"\"[1,2]\"" },
		{ "json.marshal_with_options", "[1, 2], {\"pretty\": true}", "\"[\\n\\t1,\\n\\t2\\n]\"" },
		{ "json.marshal_with_options", "[1, 2], {\"prefix\": \"JSON => \"}",
			"\"JSON => [\\nJSON => \\t1,\\nJSON => \\t2\\nJSON => ]\"" },
		{ "json.marshal_with_options", "{\"foo\": \"bar\", \"bar\": {}}, {\"prefix\": \"> \"}",
			"\"> {\\n> \\t\\\"bar\\\": {},\\n> \\t\\\"foo\\\": \\\"bar\\\"\\n> }\"" },
		{ "json.marshal_with_options", "[], {\"indent\": \"    \", \"prefix\": \"---\"}",
			"\"---[]\"" },
		{ "json.marshal_with_options", "[[[]]], {\"indent\": \"    \"}",
			"\"[\\n    [\\n        []\\n    ]\\n]\"" },
		{ "json.marshal_with_options", "[], {\"indent\": \" \", \"lottery\": true}",
			"eval_type_error: "
			"json.marshal_with_options: operand 2 object contained unknown key \"lottery\"" },
		{ "json.marshal_with_options", "[], {\"indent\": 1}",
			"eval_type_error: json.marshal_with_options: "
			"operand 2 key \"indent\" failed cast to string: operand 0 must be string but got number" },
		{ "json.marshal_with_options", "[], {\"pretty\": 1}",
			"eval_type_error: json.marshal_with_options: operand 2 key \"pretty\" failed cast to bool" },
		{ "json.marshal_with_options", "[], {1: 1}",
			"eval_type_error: json.marshal_with_options: operand 2 "
			"failed to stringify key at index 0: operand 0 must be string but got number" },
		{ "json.marshal_with_options", "[], []",
			"eval_type_error: json.marshal_with_options: operand 2 must be object but got array" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(json_is_read)
{
	static const struct rego_row rows[] = {
		{ "json.unmarshal", "\"[{\\\"foo\\\":[1,2,3]}]\"", "[{\"foo\": [1, 2, 3]}]" },
		{ "json.unmarshal", "\" 1.50 \"", "1.50" },
		{ "json.unmarshal", "\"{\"", "eval_builtin_error: json.unmarshal: "
			"1:2: expected a key in quotes, found the end of the text" },
		{ "json.unmarshal", "1",
			"eval_type_error: json.unmarshal: operand 1 must be string but got number" },
		{ "json.is_valid", "\"plainstring\"", "false" },
		{ "json.is_valid", "\"{\"", "false" },
		{ "json.is_valid", "\"{\\\"json\\\": \\\"ok\\\"}\"", "true" },
		{ "json.is_valid", "1", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "json.marshal", "[{\"foo\": {1, 2, 3}}]" },
		{ "json.marshal_with_options", "[1, [2]], {\"indent\": \"  \"}" },
		{ "json.marshal_with_options", "[], {\"x\": 1}" }, { "json.unmarshal", "\"[1, [2]]\"" },
		{ "json.is_valid", "\"[1, [2]]\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 2048; bytes += 16) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		if (!strstr(rows[i][1], "\"x\""))
			CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 2, 65536),
				"stopped (steps)");
	}
}

TEST_MAIN()
