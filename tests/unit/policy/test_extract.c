// SPDX-License-Identifier: Apache-2.0
/*
 * test_extract.c - each syntax: what a host's program would see must be seen
 */
#include "lib/test.h"
#include "policy/extract.h"

#include <errno.h>
#include <stdio.h>

/* The keys as lines "key=value". */
static void check_keys(enum floor_look look, const char *text, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	struct floor_keys keys = { .arena = &arena };
	char got[4096] = "";
	size_t len = 0;
	int r = floor_extract(look, str_from(text), &keys);

	if (r < 0)
		test_fail(__FILE__, __LINE__, "'%s': %d", text, r);
	for (size_t i = 0; i < keys.count; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s=%.*s\n",
			STR_FMT(keys.items[i].key), STR_FMT(keys.items[i].value));
	if (strcmp(got, wanted))
		test_fail(__FILE__, __LINE__, "'%s': '%s', wanted '%s'", text, got, wanted);
}

static void check_refused(enum floor_look look, const char *text, int wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	struct floor_keys keys = { .arena = &arena };
	int r = floor_extract(look, str_from(text), &keys);

	if (r != wanted)
		test_fail(__FILE__, __LINE__, "'%s': %d, wanted %d", text, r, wanted);
}

TEST(git_config_is_read_as_git_reads_it)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "\n \t\r\n; x\n# [a]\n", "" },
		{ "[core]\n\tbare = true\n", "core.bare=true\n" },
		{ "[Core]BARE=x", "core.bare=x\n" },
		{ "[core] bare = x ; comment\n", "core.bare=x\n" },
		{ "[core]\nbare\nx\t\n", "core.bare=true\ncore.x=true\n" },
		{ "[remote \"a b\"]\nurl = x\n", "remote.a b.url=x\n" },
		{ "[remote \"a\\\"b\\\\c\\d\"]\nurl = x\n", "remote.a\"b\\cd.url=x\n" },
		{ "[Remote.Sub]\nurl = x\n", "remote.sub.url=x\n" },
		{ "[a]\nb = \"x # y\" z # c\n", "a.b=x # y z\n" },
		{ "[a]\nb =   x   y   \n", "a.b=x   y\n" },
		{ "[a]\nb = \"  x  \"\n", "a.b=  x  \n" },
		{ "[a]\nb = x\\\n y\n", "a.b=x y\n" },
		{ "[a]\nb = x\\ty\\nz\\\\\\\"\\b\n", "a.b=x\ty\nz\\\"\b\n" },
		{ "[a]\r\nb = x\r\nc = y\r\n", "a.b=x\na.c=y\n" },
		{ "\xef\xbb\xbf[a]\nb = x\n", "a.b=x\n" },
		{ "[a]\nb =\n", "a.b=\n" },
		{ "[a]\nb = 1\nb = 2\n", "a.b=1\na.b=2\n" },
		{ "[a]\nb = # x\nc = 1", "a.b=\na.c=1\n" },
		{ "[a] [b] c = 1\n", "b.c=1\n" },
		{ "# x [a]\n[b] # y\nc = 1\n", "b.c=1\n" },
		{ "b = 1\n", "b=1\n" },
		{ "[a]\nb = x \\\n", "a.b=x \n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_keys(FLOOR_LOOK_GIT_CONFIG, cases[i][0], cases[i][1]);
}

TEST(git_config_that_git_refuses_is_refused)
{
	static const char *const cases[] = {
		"[", "[a", "[a\n]", "[a b]", "[a \"b]", "[a \"b\nc\"]", "[a \"b\"x]", "[a \"b\\",
		"[a]\n1b = x\n", "[a]\n= x\n", "[a]\nb = \"x\n", "[a]\nb = \\x\n", "[a]\nb ! x\n",
		"[a]\nb x\n", "[a_b]\nc = 1\n", "*\n", "[a]\nb = \\", "]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_refused(FLOOR_LOOK_GIT_CONFIG, cases[i], -EBADMSG);
}

TEST(a_nul_is_no_configuration)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct floor_keys keys = { .arena = &arena };

	CHECK_INT(floor_extract(FLOOR_LOOK_GIT_CONFIG, STR("[a]\nb = x\0y\n"), &keys), -EBADMSG);
	CHECK_INT(floor_extract(FLOOR_LOOK_GIT_CONFIG, STR("[a \"b\0\"]\n"), &keys), -EBADMSG);
	CHECK_INT(floor_extract(FLOOR_LOOK_TOML, STR("a = \"x\0\"\n"), &keys), -EBADMSG);
	CHECK_INT(floor_extract(FLOOR_LOOK_INI, STR("a\0b = 1\n"), &keys), -EBADMSG);
}

TEST(json_becomes_pointers)
{
	check_keys(FLOOR_LOOK_JSON, "{\"a\":{\"b/c~\":[1,\"x\",true,null,1.50,[],{}]}}",
		"/a/b~1c~0/0=1\n/a/b~1c~0/1=\"x\n/a/b~1c~0/2=true\n/a/b~1c~0/3=null\n"
		"/a/b~1c~0/4=1.50\n/a/b~1c~0/5=[]\n"
		"/a/b~1c~0/6={}\n");
	check_keys(FLOOR_LOOK_JSON, "1", "=1\n");
	check_keys(FLOOR_LOOK_JSON, "false", "=false\n");
	check_keys(FLOOR_LOOK_JSONC, "{ // x\n \"a\": 1, }", "/a=1\n");
	check_refused(FLOOR_LOOK_JSON, "{ // x\n \"a\": 1 }", -EBADMSG);
	check_refused(FLOOR_LOOK_JSON, "{\"a\":1,\"a\":2}", -EBADMSG);
	check_refused(FLOOR_LOOK_JSONC, "", -EBADMSG);
}

TEST(toml_becomes_pointers)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "# x\n\n", "" },
		{ "a = 1", "/a=1\n" },
		{ "a = 1 # x\r\nb = true\r\n", "/a=1\n/b=true\n" },
		{ "a.b . c = 1\n", "/a/b/c=1\n" },
		{ "\"a.b\".'c/d' = 1\n", "/a.b/c~1d=1\n" },
		{ "[a]\nb = 1\n[a.c]\nd = 2\n", "/a/b=1\n/a/c/d=2\n" },
		{ "[ a . \"b\" ] # x\nc = 1\n", "/a/b/c=1\n" },
		{ "[[a]]\nb = 1\n[[a]]\nb = 2\n", "/a/-/b=1\n/a/-/b=2\n" },
		{ "a = \"x\\ty\\u00e9\\U0001F600\\x41\\e\"\n",
			"/a=\"x\ty\xc3\xa9\xf0\x9f\x98\x80"
			"A\x1b\n" },
		{ "a = 'x\\ty'\n", "/a=\"x\\ty\n" },
		{ "a = \"\"\"\nx\\\n   \n  y\"\"\"\n", "/a=\"xy\n" },
		{ "a = '''x\n'y''''\n", "/a=\"x\n'y'\n" },
		{ "a = \"\"\"\"\"x\"\"\"\"\"\n", "/a=\"\"\"x\"\"\n" },
		{ "a = \"\"\nb = ''\n", "/a=\"\n/b=\"\n" },
		{ "a = [ 1, [ 'x', ], # y\n { b = 2 } ]\n", "/a/0=1\n/a/1/0=\"x\n/a/2/b=2\n" },
		{ "a = []\nb = {}\nc = [\n]\n", "/a=[]\n/b={}\n/c=[]\n" },
		{ "a = { b.c = 1, \"d\" = { e = 'f' } }\n", "/a/b/c=1\n/a/d/e=\"f\n" },
		{ "a = 1979-05-27 07:32:00Z\nb = -1.5e+3\nc = inf\n",
			"/a=1979-05-27 07:32:00Z\n/b=-1.5e+3\n/c=inf\n" },
		{ "\xef\xbb\xbf"
			"a = 1\n",
			"/a=1\n" },
		{ "\xc3\xa9 = 1\n", "/\xc3\xa9=1\n" },
		{ "\"a~b\" = 1\n", "/a~0b=1\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_keys(FLOOR_LOOK_TOML, cases[i][0], cases[i][1]);
}

TEST(toml_that_is_none_is_refused)
{
	static const char *const cases[] = {
		"a", "a =", "a = \n", "= 1", "a = 1 b = 2", "[a", "[a]x", "[[a]", "[]", "[a.]\n", "a = \"x",
		"a = \"x\ny\"", "a = 'x\n'", "a = \"\\q\"", "a = \"\\u12\"", "a = \"\\u12zz\"",
		"a = \"\\ud800\"", "a = \"\\U00110000\"", "a = [1 2]", "a = [1", "a = {b}",
		"a = {b = 1 c = 2}", "a = {", "a = \"\"\"x", "a = \"\"\"\\ x\"\"\"", "a = @", "a..b = 1",
		"a = 1\n]\n", "a = ]", "'a\nb' = 1", "a = \"\\", "a = {b = 1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_refused(FLOOR_LOOK_TOML, cases[i], -EBADMSG);
}

TEST(depth_and_size_are_bounded)
{
	static char text[1 << 20];

	memset(text, '[', 500);
	memcpy(text, "a = ", 4);
	check_refused(FLOOR_LOOK_TOML, text, -EMSGSIZE);
	memset(text, 'k', 5000);
	memcpy(text + 5000, " = 1\n", 6);
	check_refused(FLOOR_LOOK_TOML, text, -EMSGSIZE);
	check_refused(FLOOR_LOOK_INI, text, -EMSGSIZE);
	check_refused(FLOOR_LOOK_ENV, text, -EMSGSIZE);
	memcpy(text, "[a]\n", 4);
	check_refused(FLOOR_LOOK_GIT_CONFIG, text, -EMSGSIZE);
	for (size_t i = 0; i < 250000; i++)
		memcpy(text + i * 4, "a=1\n", 5);
	check_refused(FLOOR_LOOK_INI, text, -EMSGSIZE);
}

TEST(ini_of_npm)
{
	check_keys(FLOOR_LOOK_INI,
		"; x\n# y\n\na = 1\n b=2 \n\"c\" = 'd'\ne\n[s]\nf[] = 1\rg=2\n@x:registry=y\n//h/:_a=t",
		"a=1\nb=2\nc=d\ne=true\nf=1\ng=2\n@x:registry=y\n//h/:_a=t\n");
	check_refused(FLOOR_LOOK_INI, "a\\b = 1\n", -EBADMSG);
	check_refused(FLOOR_LOOK_INI, "${a} = 1\n", -EBADMSG);
	check_refused(FLOOR_LOOK_INI, "\"a = 1\n", -EBADMSG);
	check_refused(FLOOR_LOOK_INI, " = 1\n", -EBADMSG);
	check_refused(FLOOR_LOOK_INI, "\"\" = 1\n", -EBADMSG);
}

TEST(env_files)
{
	check_keys(FLOOR_LOOK_ENV,
		"A=1\n  export B = 2\r\nC: 3\n# D=4\nE\n"
		"exportF=5\n\xe2\x80\xa8G=6\nH=\"x\nI=7\"\n-=1\nexport\tJ=8",
		"A=1\nB=2\nC=3\nexportF=5\nG=6\nH=\"x\nI=7\"\n-=1\nJ=8\n");
}

TEST(attributes_and_todos)
{
	check_keys(FLOOR_LOOK_ATTRIBUTES,
		"# a filter=x\n*.c text filter=y -diff\n\"a \\\" b\" merge=z\n[attr]m diff=w\n\n*.h\n",
		"filter=y\nmerge=z\ndiff=w\n");
	check_refused(FLOOR_LOOK_ATTRIBUTES, "\"a filter=x\n", -EBADMSG);
	check_refused(FLOOR_LOOK_ATTRIBUTES, "\"a\\", -EBADMSG);
	check_keys(FLOOR_LOOK_TODO, "pick 1 exec\n exec  make all \nx y\n# exec z\nexecutor\nexec",
		"exec=make all\nexec=y\nexec=\n");
}

TEST(patterns_over_keys)
{
	static const char *const words[] = { "a.*.b", "alias.**=!**", "/x/**" };
	static const struct {
		const char *key, *value;
		bool matches;
	} cases[] = {
		{ "a.q.b", "", true }, { "A.Q.B", "", true }, { "a.q.c", "", false },
		{ "alias.x", "!y", true }, { "alias.x", "y", false }, { "/x/y/z", "", true },
		{ "/y", "", false }, { "a.q.b", "=", true },
	};
	struct floor_words patterns = { words, ARRAY_SIZE(words) };
	static char big[5000];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct floor_key key = { str_from(cases[i].key), str_from(cases[i].value) };

		if (floor_key_matches(&patterns, &key) != cases[i].matches)
			test_fail(__FILE__, __LINE__, "%s=%s", cases[i].key, cases[i].value);
	}
	/* A value that is too long to look at counts as the worst. */
	memset(big, 'x', sizeof(big) - 1);
	CHECK(floor_key_matches(&patterns, &(struct floor_key){ STR("alias.x"), str_from(big) }));
	CHECK(!floor_key_matches(&patterns, &(struct floor_key){ STR("alias\0x"), STR("!") }));
}

TEST(a_small_arena_is_an_error)
{
	static const struct {
		enum floor_look look;
		const char *text;
	} cases[] = {
		{ FLOOR_LOOK_GIT_CONFIG, "[a]\nb=1\n" }, { FLOOR_LOOK_JSON, "{\"a\":\"x\"}" },
		{ FLOOR_LOOK_JSON, "1" }, { FLOOR_LOOK_TOML, "a=1\nb='x'\n" }, { FLOOR_LOOK_INI, "a=1\n" },
		{ FLOOR_LOOK_ENV, "a=1\n" }, { FLOOR_LOOK_ATTRIBUTES, "a b=c\n" },
		{ FLOOR_LOOK_TODO, "x y\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t limit = 0; limit < 3000; limit += 100) {
			scoped(arena) struct arena arena = ARENA_INIT(limit);
			struct floor_keys keys = { .arena = &arena };
			int r = floor_extract(cases[i].look, str_from(cases[i].text), &keys);

			CHECK(limit ? r == 0 || r == -EMSGSIZE : r == -EMSGSIZE);
		}
}

TEST(cfg_is_read_as_configparser_reads_it)
{
	static const char *const cases[][2] = {
		{ "[a]\nb = c\nD: e=f\n", "a/b= c\na/D= e=f\n" },
		{ "[a]\nb =\n  c\n\n  d\n# x\n  e\nf = g\n", "a/b=\n  c\n\n  d\n# x\n  e\na/f= g\n" },
		{ "[a]\n  b = c\n  d = e\n", "a/b= c\na/d= e\n" },
		{ "[a]x]\nb\n; c = d\n", "a]x/b=\n" },
		{ "b = c\n[a:b] ; x\nk = v\r[c]\rk = w", "/b= c\na:b/k= v\nc/k= w\n" },
	};
	static const char *const refused[] = { "[\n", "[]\n", "= x\n", "[a]\n%(x)s = 1\n" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_keys(FLOOR_LOOK_CFG, cases[i][0], cases[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		check_refused(FLOOR_LOOK_CFG, refused[i], -EBADMSG);
}

TEST(lines_end_where_python_ends_them)
{
	check_keys(FLOOR_LOOK_LINES, "a\n  b c \r\n\n# d\n\fe", "a=true\nb c=true\ne=true\n");
	check_keys(FLOOR_LOOK_LINES, "a \\\n  --hash=x\nb", "a \\=true\n--hash=x=true\nb=true\n");
	check_refused(FLOOR_LOOK_LINES, "--index-u\\\nrl x\n", -EBADMSG);
	check_refused(FLOOR_LOOK_LINES, "a @ https:\\\r\n//x\n", -EBADMSG);
	check_refused(FLOOR_LOOK_LINES, "a\x1c--b", -EBADMSG);
	check_refused(FLOOR_LOOK_LINES, "a\xc2\x85--b", -EBADMSG);
	check_refused(FLOOR_LOOK_LINES, "a\xe2\x80\xa9--b", -EBADMSG);
	check_refused(FLOOR_LOOK_LINES, "\xc2\xa0--b", -EBADMSG);
}

TEST_MAIN()
