// SPDX-License-Identifier: Apache-2.0
/*
 * test_import_filter.c - of a settings file comes out what was named, also where another value looks like it
 */
#include "lib/test.h"

#include "run/import.h"

#include <errno.h>

static const char *filter(const char *path, const char *text)
{
	static const char *const keys[] = { "model", "theme" };
	const struct agent_import import = { .file = path, .has_keys = true,
		.keys = { keys, ARRAY_SIZE(keys) } };
	static struct arena arena;
	struct str kept;

	arena_fini(&arena);
	arena = (struct arena)ARENA_INIT(1 << 20);
	CHECK_INT(run_import_filter(&arena, &import, path, str_from(text), &kept), 0);
	return kept.len ? kept.data : "";
}

TEST(keys_at_the_top_are_taken)
{
	CHECK_TEXT(filter("a.toml", "model = \"x\"\nkey = \"s\"\n theme='y' # z\n[t]\nmodel = 1\n"),
		"model = \"x\"\n");
	CHECK_TEXT(filter("a.yml", "model: x\nlist:\n  theme: y\ntheme: 'z'\n"), "model: x\ntheme: 'z'\n");
	CHECK_TEXT(filter("a.json", "{\"model\": 1, \"key\": 2}"), "{\n  \"model\": 1\n}\n");
}

TEST(what_stands_in_another_value_is_none)
{
	CHECK_TEXT(filter("a.toml", "theme = 1\nsecret = \"\"\"\nmodel = \"s\"\n\"\"\"\n"), "theme = 1\n");
	CHECK_TEXT(filter("a.toml", "secret = '''\nmodel = 's'\n'''\n"), "");
	CHECK_TEXT(filter("a.toml", "secret = [\n\"\"\"\nmodel = 's'\n\"\"\"]\n"), "");
	CHECK_TEXT(filter("a.toml", "secret = [ 1, 2 ]\nmodel = 2\n"), "model = 2\n");
	CHECK_TEXT(filter("a.yml", "theme: x\nsecret: \"\nmodel: s\n\"\n"), "theme: x\n");
	CHECK_TEXT(filter("a.yml", "secret: {\nmodel: s}\n"), "");
	CHECK_TEXT(filter("a.yml", "\"secret\nmodel: s\": x\n"), "");
}

TEST(a_value_that_does_not_end_is_not_taken)
{
	CHECK_TEXT(filter("a.toml", "model = \"x\ntheme = 1\n"), "");
	CHECK_TEXT(filter("a.toml", "model = \"x\\\"\ntheme = 1\n"), "");
	CHECK_TEXT(filter("a.toml", "model = \"x\\\"y\"\ntheme = 1\n"), "model = \"x\\\"y\"\ntheme = 1\n");
	CHECK_TEXT(filter("a.yml", "model: |\n  x\n"), "");
}

TEST(a_zero_byte_is_no_blank)
{
	static const char *const keys[] = { "model" };
	const struct agent_import import = { .has_keys = true, .keys = { keys, 1 } };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct str kept;

	CHECK_INT(run_import_filter(&arena, &import, "a.toml", STR("model\0 = 1\n"), &kept), 0);
	CHECK_INT(kept.len, 0);
	CHECK_INT(run_import_filter(&arena, &import, "a.toml", STR("model = 1\0\n"), &kept), 0);
	CHECK_INT(kept.len, 0);
}

TEST_MAIN()
