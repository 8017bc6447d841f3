// SPDX-License-Identifier: Apache-2.0
/*
 * test_yaml.c - YAML means what Go's yaml.v3 says, and small texts stay small
 */
#include "rego/yaml.h"

#include "lib/test.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

static void check(const char *text, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);
	struct rego_yaml_error err;
	const struct json *value;

	if (rego_yaml_read(&arena, str_from(text), &value, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", text, err.text);
	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&buf), wanted);
}

static void check_wrong(const char *text, uint32_t line, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_yaml_error err;
	const struct json *value = NULL;

	CHECK_INT(rego_yaml_read(&arena, str_from(text), &value, &err), -EBADMSG);
	CHECK(!value);
	CHECK_TEXT(err.text, wanted);
	CHECK_INT(err.line, line);
}

TEST(scalars)
{
	check("", "null");
	check("~", "null");
	check("[null, Null, '', \"~\"]", "[null,null,\"\",\"~\"]");
	check("[true, False, TRUE, yes, on]", "[true,false,true,\"yes\",\"on\"]");
	check("[1, -2, +3, 0, 1_000]", "[1,-2,3,0,1000]");
	check("[0x1F, 0o17, 0b101, 017, -0x10, 019]", "[31,15,5,15,-16,19]");
	check("[1.5, .5, 1., -.5, 1e3, 1.5E-2, +1.0]", "[1.5,0.5,1.0,-0.5,1e3,1.5e-2,1.0]");
	check("[18446744073709551616]", "[18446744073709551616]");
	check("[1.2.3, 1e, '1', 2001-01-01, -, .]", "[\"1.2.3\",\"1e\",\"1\",\"2001-01-01\",\"-\",\".\"]");
	check("[!!str 1, !!str true]", "[\"1\",\"true\"]");
}

TEST(lists)
{
	check("a: 1\nb:\n  - x\n  - y: [2]\n1: z\ntrue: {}\n",
		"{\"1\":\"z\",\"a\":1,\"b\":[\"x\",{\"y\":[2]}],\"true\":{}}");
	check("a: |\n  one\n  two\nb: >\n  three\n  four\n",
		"{\"a\":\"one\\ntwo\\n\",\"b\":\"three four\\n\"}");
	check("a: 1\n---\nb: 2\n", "{\"a\":1}");
	check("- &x {a: 1}\n- *x\n- [*x, *x]\n", "[{\"a\":1},{\"a\":1},[{\"a\":1},{\"a\":1}]]");
}

TEST(what_is_wrong_is_said_with_its_line)
{
	check_wrong("a: b: c", 1, "yaml: line 1: mapping values are not allowed in this context");
	check_wrong("a: 1\nb: [1\n", 2, "yaml: line 2: did not find expected ',' or ']'");
	check_wrong("a: 1\nb: *x\n", 2, "yaml: line 2: unknown anchor referenced");
	check_wrong("a: &x [*x]\n", 1, "yaml: line 1: unknown anchor referenced");
	check_wrong("a: 1\na: 2\n", 1, "yaml: line 1: a mapping key is defined twice");
	check_wrong("x: 1\n? [a]\n: 2\n", 2, "yaml: line 2: invalid map key");
	check_wrong("a: {<<: {b: 1}}\n", 1, "yaml: line 1: merge keys (<<) are not supported");
	check_wrong("a: -.inf\n", 1, "yaml: line 1: JSON has no such number");
	check_wrong("a: \xff\n", 1, "yaml: line 1: invalid leading UTF-8 octet");
}

TEST(aliases_of_aliases_end)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	buf_append_str(&buf, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&buf, "- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n", i + 1, i, i, i, i, i);
	check_wrong(buf_text(&buf), 8, "yaml: line 8: document contains excessive aliasing");
}

TEST(nesting_ends)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 10);

	for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
		buf_append_char(&buf, '[');
	check_wrong(buf_text(&buf), 1, "yaml: line 1: lists are nested too deep");
}

TEST(a_full_arena_is_an_error)
{
	for (size_t limit = 0; limit < 512; limit += 32) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		struct rego_yaml_error err;
		const struct json *value;

		CHECK_INT(rego_yaml_read(&arena, STR("a: [1, 2, {b: text, c: [3, 4, 5]}]"), &value, &err),
			-EMSGSIZE);
	}
}

TEST_MAIN()
