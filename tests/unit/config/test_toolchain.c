// SPDX-License-Identifier: Apache-2.0
/*
 * test_toolchain.c - the table of toolchains: what is read, what is refused, and the one that comes with
 * cordon
 */
#include "lib/test.h"

#include "base/path.h"
#include "config/toolchain.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(4 << 20);
static struct error err;

static int read_text(const char *text, struct toolchains *ret)
{
	return toolchains_read(&arena, str_from(text), "t.jsonc", ret, &err);
}

TEST(a_table_is_read)
{
	struct toolchains table;

	CHECK_INT(read_text("{\"version\": 1, \"never\": [\"~/.ssh\"], \"hide\": [\".npmrc\"], // rows\n"
		"\"toolchains\": [{\"name\": \"a\", \"what\": \"A\", \"home\": [\"~/.a\", \"~/x/y\"], \"offer\": "
		"[\".\", \"v*/bin\"], \"variable\": \"A_DIR\", \"hide\": [\"etc/rc\"], \"needs\": [\"b\"]},\n"
		"{\"name\": \"b\", \"what\": \"B\", \"home\": [], \"offer\": []}]}", &table), 0);
	CHECK_INT(table.count, 2);
	CHECK_TEXT(table.never.items[0], "~/.ssh");
	CHECK_TEXT(table.hides.items[0], ".npmrc");
	CHECK_TEXT(table.items[0].homes.items[1], "~/x/y");
	CHECK_TEXT(table.items[0].offers.items[1], "v*/bin");
	CHECK_TEXT(table.items[0].variable, "A_DIR");
	CHECK_TEXT(table.items[0].hides.items[0], "etc/rc");
	CHECK(toolchains_find(&table, "b") == &table.items[1]);
	CHECK(!table.items[1].variable && !toolchains_find(&table, "c"));
	arena_fini(&arena);
}

#define ROW(members) \
	"{\"version\": 1, \"never\": [], \"hide\": [], \"toolchains\": [\n {\"name\": \"a\", \"what\": \"A\", " members "}]}"

TEST(what_is_wrong_is_named_with_its_place)
{
	static const struct {
		const char *text, *says, *hint;
	} cases[] = {
		{ "[]", "t.jsonc:1:1: expected an object, found array", "" },
		{ "{\"version\": 1}", "t.jsonc:1:1: 'never' is missing", "" },
		{ "{\"version\": 2, \"never\": [], \"hide\": [], \"toolchains\": []}",
			"t.jsonc:1:13: this version of cordon reads version 1", "" },
		{ "{\"versoin\": 1}", "t.jsonc:1:2: unknown key 'versoin'", "Did you mean 'version'?" },
		{ "{\"version\": \"1\"}", "t.jsonc:1:13: 'version' must be integer, and is string", "" },
		{ ROW("\"home\": [\"/etc\"], \"offer\": []"),
			"t.jsonc:2:38: '/etc' is no path below the home directory", "" },
		{ ROW("\"home\": [\"~/\"], \"offer\": []"),
			"t.jsonc:2:38: '~/' is no path below the home directory", "" },
		{ ROW("\"home\": [\"~/.\"], \"offer\": []"),
			"t.jsonc:2:38: '~/.' is no path below the home directory", "" },
		{ ROW("\"home\": [\"~/../x\"], \"offer\": []"),
			"t.jsonc:2:38: '~/../x' is no path below the home directory", "" },
		{ ROW("\"home\": [\"~/a\"], \"offer\": [\"../b\"]"),
			"t.jsonc:2:56: '../b' is no clean relative path", "" },
		{ ROW("\"home\": [\"~/a\"], \"offer\": [\"b/../../c\"]"),
			"t.jsonc:2:56: 'b/../../c' is no clean relative path", "" },
		{ ROW("\"home\": [\"~/a\"], \"offer\": [\"/b\"]"),
			"t.jsonc:2:56: '/b' is no clean relative path", "" },
		{ ROW("\"home\": [\"\"], \"offer\": []"), "t.jsonc:2:38: expected a text that is not empty",
			"" },
		{ ROW("\"home\": [3], \"offer\": []"), "t.jsonc:2:38: expected a text that is not empty",
			"" },
		{ ROW("\"home\": [], \"offer\": [], \"needs\": [\"z\"]"),
			"t.jsonc:2:2: needs 'z', which is not there", "" },
		{ ROW("\"home\": [], \"offer\": []}, {\"name\": \"a\", \"what\": \"B\", \"home\": [], \"offer\": []"),
			"t.jsonc:2:55: 'a' comes twice", "" },
	};
	struct toolchains table;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		err = (struct error)ERROR_INIT;
		CHECK_INT(read_text(cases[i].text, &table), -EINVAL);
		CHECK_TEXT(err.text, cases[i].says);
		CHECK_TEXT(err.hint, cases[i].hint);
	}
	CHECK_INT(read_text("{", &table), -EBADMSG);
	CHECK_TEXT(err.text, "t.jsonc:1:2: expected a key in quotes, found the end of the text");
	arena_fini(&arena);
}

TEST(a_small_arena_is_an_error)
{
	struct arena small = ARENA_INIT(1);
	struct toolchains table;

	CHECK(toolchains_read(&small, STR("{}"), "t", &table, &err) < 0);
	arena_fini(&small);
}

/*
 * What nobody may ever be offered stays out of the rows, too: a row that is refused at run time is a mistake.
 */
TEST(the_table_of_cordon_is_sound)
{
	struct toolchains table;

	CHECK_INT(toolchains_load(&arena, &table, &err), 0);
	CHECK(table.count > 30 && table.never.count > 5 && table.hides.count > 5);
	CHECK(toolchains_find(&table, "nvm") && toolchains_find(&table, "cargo") &&
		toolchains_find(&table, "uv"));
	for (size_t i = 0; i < table.count; i++)
		for (size_t j = 0; j < table.items[i].homes.count; j++)
			for (size_t k = 0; k < table.never.count; k++)
				CHECK(!path_is_beneath(str_from(table.items[i].homes.items[j] + 2),
					str_from(table.never.items[k] + 2)));
	arena_fini(&arena);
}

TEST_MAIN()
