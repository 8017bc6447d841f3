// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_yaml.c - yaml.*
 */
#include "lib/rego_call.h"

TEST(values_are_written_in_block_style)
{
	static const struct rego_row rows[] = {
		{ "yaml.marshal", "[{\"foo\": {1, 2, 3}}]", "\"- foo:\\n  - 1\\n  - 2\\n  - 3\\n\"" },
		{ "yaml.marshal",
			"{\"a\": {\"b\": [], \"c\": {}}, \"d\": [[1, [2]], {\"e\": null, \"f\": true}]}",
			"\"a:\\n  b: []\\n  c: {}\\nd:\\n- - 1\\n  - - 2\\n- e: null\\n  f: true\\n\"" },
		{ "yaml.marshal", "{\"a10\": 1, \"a2\": 2, \"b\": 3, \"a\": 4, \"1\": 5, \"_\": 6}",
			"\"_: 6\\n\\\"1\\\": 5\\na: 4\\na2: 2\\na10: 1\\nb: 3\\n\"" },
		{ "yaml.marshal", "[]", "\"[]\\n\"" },
		{ "yaml.marshal", "{}", "\"{}\\n\"" },
		{ "yaml.marshal", "null", "\"null\\n\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(numbers_are_those_that_go_would_have_read)
{
	static const struct rego_row rows[] = {
		{ "yaml.marshal", "[1, -7, 18446744073709551615]",
			"\"- 1\\n- -7\\n- 18446744073709551615\\n\"" },
		{ "yaml.marshal", "[1.50, 1.0, 1e3, 0.0001, 0.00001]",
			"\"- 1.5\\n- 1\\n- 1000\\n- 0.0001\\n- 1e-05\\n\"" },
		{ "yaml.marshal", "[1e6, 123456789.5, -0.25, 1e100]",
			"\"- 1e+06\\n- 1.234567895e+08\\n- -0.25\\n- 1e+100\\n\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(strings_are_quoted_where_they_would_mean_something_else)
{
	static const char *const rows[][2] = {
		{ "plain text", "plain text" }, { "a:b", "a:b" }, { "a#b", "a#b" }, { "-a", "-a" },
		{ "a - b", "a - b" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "", "\\\"\\\"" }, { "true", "\\\"true\\\"" }, { "yes", "\\\"yes\\\"" },
		{ "No", "\\\"No\\\"" }, { "null", "\\\"null\\\"" }, { "~", "\\\"~\\\"" },
		{ "1", "\\\"1\\\"" }, { "-1.5e3", "\\\"-1.5e3\\\"" }, { "0x1f", "\\\"0x1f\\\"" },
		{ "1_000", "\\\"1_000\\\"" }, { "1:30", "\\\"1:30\\\"" }, { ".5", "\\\".5\\\"" },
		{ ".inf", "\\\".inf\\\"" }, { "2001-01-01", "\\\"2001-01-01\\\"" }, { "<<", "\\\"<<\\\"" },
		{ "1.2.3", "1.2.3" }, { "1e", "1e" }, { "2001-13-01", "2001-13-01" }, { "a: b", "'a: b'" },
		{ "a #b", "'a #b'" }, { "- a", "'- a'" }, { "#a", "'#a'" }, { "*a", "'*a'" },
		{ "{a", "'{a'" }, { "'a'", "'''a'''" }, { " a", "' a'" }, { "a ", "'a '" }, { "a:", "'a:'" },
		{ "---", "'---'" }, { "a\\tb", "\\\"a\\\\tb\\\"" }, { "a\\u0001", "\\\"a\\\\x01\\\"" },
		{ "\xf0\x9f\x98\x80", "\\\"\\\\U0001F600\\\"" },
		{ "a\\nb", "|-\\n  a\\n  b" }, { "a\\nb\\n", "|\\n  a\\n  b" }, { "a\\n\\n", "|+\\n  a\\n" },
		{ " a\\nb", "|2-\\n   a\\n  b" }, { "a\\n\\nb", "|-\\n  a\\n\\n  b" },
		{ "a \\nb", "\\\"a \\\\nb\\\"" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_TEXT(rego_call_text(&arena, "yaml.marshal", arena_printf(&arena, "\"%s\"", rows[i][0]),
		1000, 1 << 16),
			arena_printf(&arena, "\"%s\\n\"", rows[i][1]));
}

TEST(what_was_written_reads_back)
{
	static const char *const rows[] = {
		"{\"a\": \"x\\ny\\n\", \"b\": [\"\", \" \", \"true\", \"1\", null, 1, 1.5, {\"c\": \"a: b\"}], \"d e\": {}, \"no\": []}",
		"[[[\"a\\n\\n\", [\" x\\n\"]]], \"\\t\\\"'\\\\\", \"\xf0\x9f\x98\x80\"]",
		"{\"a\\nb\": {\"c\": \"d\\ne\"}, \": \": [[], {}], \"0\": \"\\n\"}",
	};
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = rego_call_text(&arena, "yaml.marshal", rows[i], 10000, 1 << 16);
		const char *again = rego_call_text(&arena, "yaml.unmarshal", text, 10000, 1 << 16);

		CHECK_TEXT(rego_call_text(&arena, "yaml.marshal", again, 10000, 1 << 16), text);
		CHECK_TEXT(rego_call_text(&arena, "json.marshal", again, 10000, 1 << 16),
			rego_call_text(&arena, "json.marshal", rows[i], 10000, 1 << 16));
	}
}

TEST(a_long_key_is_explicit)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	char key[130];
	const char *text;

	memset(key, 'k', 129);
	key[129] = '\0';
	text = rego_call_text(&arena, "yaml.marshal", arena_printf(&arena, "{\"%s\": [1, {\"a\": 2}]}", key),
		1000, 1 << 16);
	CHECK_TEXT(text, arena_printf(&arena, "\"? %s\\n: - 1\\n  - a: 2\\n\"", key));
	CHECK_TEXT(rego_call_text(&arena, "yaml.unmarshal", text, 1000, 1 << 16),
		arena_printf(&arena, "{\"%s\": [1, {\"a\": 2}]}", key));
}

TEST(yaml_is_read)
{
	static const struct rego_row rows[] = {
		{ "yaml.unmarshal", "\"foo:\\n- qux: bar\\n- baz: 2\\n\"",
			"{\"foo\": [{\"qux\": \"bar\"}, {\"baz\": 2}]}" },
		{ "yaml.unmarshal", "1",
			"eval_type_error: yaml.unmarshal: operand 1 must be string but got number" },
		{ "yaml.is_valid", "\"foo:\\n    - qux: bar\\n    - baz: 2\"", "true" },
		{ "yaml.is_valid", "\"foo:\\n    - qux: bar\\n    - baz: {\"", "false" },
		{ "yaml.is_valid", "\"{\\\"json\\\": \\\"ok\\\"}\"", "true" },
		{ "yaml.is_valid", "1", "false" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const char *error = rego_call_text(&arena, "yaml.unmarshal", "\"[1,2,3\"", 100, 65536);

	REGO_CHECK_ROWS(rows);
	CHECK_TEXT(error, "eval_builtin_error: yaml.unmarshal: error converting YAML to JSON: "
		"yaml: line 1: did not find expected ',' or ']'");
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "yaml.marshal", "{\"a\": [1, 1.5, \"x: y\", \"a\\nb\", \"2001-1-1\"]}" },
		{ "yaml.unmarshal", "\"a: [b]\"" }, { "yaml.unmarshal", "\"[\"" },
		{ "yaml.is_valid", "\"a: [b]\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 10000, 65536);

		for (size_t bytes = 0; bytes < 4096; bytes += 32) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 10000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536), "stopped (steps)");
	}
}

TEST_MAIN()
