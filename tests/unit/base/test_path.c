// SPDX-License-Identifier: Apache-2.0
/*
 * test_path.c - paths as text
 */
#include "base/path.h"

#include "lib/test.h"

static struct arena arena = ARENA_INIT(1 << 20);

TEST(clean_is_told_from_unclean)
{
	static const char *const clean[] = {
		"/", ".", "a", "/a", "a/b", "/a/b/c", "...", "/...", "a/..b", ".a", "a.", "-", " ",
		"\xFF\x01", "/a/.b/..c/d..",
	};
	static const char *const unclean[] = {
		"", "//", "./", "..", "/.", "/..", "a/", "/a/", "a//b", "//a", "a/./b", "a/../b", "./a",
		"../a", "a/..", "a/.", "/./a",
	};

	for (size_t i = 0; i < ARRAY_SIZE(clean); i++)
		if (!path_is_clean(str_from(clean[i])))
			test_fail(__FILE__, __LINE__, "'%s' is called unclean", clean[i]);
	for (size_t i = 0; i < ARRAY_SIZE(unclean); i++)
		if (path_is_clean(str_from(unclean[i])))
			test_fail(__FILE__, __LINE__, "'%s' is called clean", unclean[i]);
	CHECK(!path_is_clean(STR("a\0b")));
}

TEST(cleaning_resolves_lexically)
{
	static const struct {
		const char *base, *path, *wanted;
	} rows[] = {
		{ "/home/a", "b", "/home/a/b" }, { "/home/a", ".", "/home/a" }, { "/home/a", "..", "/home" },
		{ "/home/a", "../..", "/" }, { "/home/a", "../../..", "/" },
		{ "/home/a", "../../../x", "/x" }, { "/home/a", "/etc//ssh/./x/", "/etc/ssh/x" },
		{ "/home/a", "/", "/" }, { "/home/a", "//", "/" }, { "/home/a", "/..", "/" },
		{ "/home/a", "/../x", "/x" }, { "/home/a", "./b/../c/", "/home/a/c" }, { "/", "x", "/x" },
		{ "/", "..", "/" }, { "/a", "...", "/a/..." }, { "/a", "..b/.c", "/a/..b/.c" },
		{ "/a/b/c", "../../x/../y", "/a/y" }, { "/a", " ", "/a/ " }, { "/a", "\xFF", "/a/\xFF" },
		{ "/a", "b//", "/a/b" }, { "/a", "/b/c/../../../d", "/d" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *cleaned = path_clean(&arena, rows[i].base, str_from(rows[i].path));

		CHECK_TEXT(cleaned, rows[i].wanted);
		CHECK(path_is_clean(str_from(cleaned)));
	}
}

/*
 * Whether @word is what is left of @cleaned, which was made from it below /a/a: so it had nothing to clean.
 */
static bool was_clean(const char *word, const char *cleaned)
{
	if (word[0] == '/')
		return !strcmp(word, cleaned);
	return path_is_beneath(str_from(cleaned), STR("/a/a")) &&
		!strcmp(word, path_relative(cleaned, "/a/a"));
}

/* Every word of dots, slashes and a letter: the result is clean, and cleaning it again changes nothing. */
TEST(cleaning_is_clean_and_final)
{
	for (unsigned long i = 0; i < 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3; i++) {
		unsigned long rest = i;
		char word[9] = "";
		const char *once;

		for (size_t k = 0; k < 8; k++, rest /= 3)
			word[k] = "./a"[rest % 3];
		once = path_clean(&arena, "/a/a", str_from(word));
		CHECK(once && path_is_clean(str_from(once)));
		CHECK_TEXT(path_clean(&arena, "/", str_from(once)), once);
		CHECK(path_is_clean(str_from(word)) == was_clean(word, once));
		arena_reset(&arena);
	}
}

TEST(what_can_not_be_a_path_is_refused)
{
	scoped(arena) struct arena none = ARENA_INIT(0);
	static char longer[PATH_TEXT_MAX + 1];

	CHECK(!path_clean(&arena, "/a", STR("")));
	CHECK(!path_clean(&arena, "/a", STR("b\0c")));
	CHECK(!path_clean(&none, "/a", STR("b")));
	memset(longer, 'a', sizeof(longer));
	longer[0] = '/';
	longer[PATH_TEXT_MAX - 1] = '\0';
	CHECK(path_is_clean(str_from(longer)));
	CHECK_TEXT(path_clean(&arena, "/", str_from(longer)), longer);
	longer[PATH_TEXT_MAX - 1] = 'a';
	longer[PATH_TEXT_MAX] = '\0';
	CHECK(!path_is_clean(str_from(longer)));
	CHECK(!path_clean(&arena, "/", str_from(longer)));
	longer[PATH_TEXT_MAX - 1] = '\0';
	CHECK(!path_clean(&arena, "/b", str_from(longer + 1)));
	CHECK(!path_clean(&arena, longer, STR("b")));
}

TEST(beneath_ends_at_a_component)
{
	static const struct {
		const char *path, *dir;
		bool wanted;
	} rows[] = {
		{ "/a", "/a", true }, { "/a/b", "/a", true }, { "/ab", "/a", false }, { "/a", "/a/b", false },
		{ "/b", "/a", false }, { "/a", "/", true }, { "/", "/", true }, { "a", "/", false },
		{ "", "/", false }, { "a/b", "a", true }, { "ab", "a", false }, { "a", ".", true },
		{ ".a", ".", true }, { "a/b", ".", true }, { ".", ".", true }, { "/a", ".", false },
		{ "", ".", false }, { ".", "a", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (path_is_beneath(str_from(rows[i].path), str_from(rows[i].dir)) != rows[i].wanted)
			test_fail(__FILE__, __LINE__, "'%s' beneath '%s'", rows[i].path, rows[i].dir);
}

TEST(relative_is_what_remains)
{
	CHECK_TEXT(path_relative("/a/b/c", "/a"), "b/c");
	CHECK_TEXT(path_relative("/a", "/a"), ".");
	CHECK_TEXT(path_relative("/a", "/"), "a");
	CHECK_TEXT(path_relative("/", "/"), ".");
	CHECK_TEXT(path_relative("a/b", "a"), "b");
	CHECK_TEXT(path_relative("a/b", "."), "a/b");
	CHECK_TEXT(path_relative(".", "."), ".");
}

TEST(names_and_parents)
{
	static const struct {
		const char *path, *name, *parent;
	} rows[] = {
		{ "/a/b", "b", "/a" }, { "/a", "a", "/" }, { "a", "a", "." }, { "a/b/c", "c", "a/b" },
		{ "/", "/", "" }, { ".", ".", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_TEXT(path_name(rows[i].path), rows[i].name);
		CHECK_STR(path_parent(str_from(rows[i].path)), str_from(rows[i].parent));
	}
}

TEST(a_walk_visits_every_component)
{
	struct str rest = STR("a/bc/d"), component;

	CHECK(path_next(&rest, &component));
	CHECK_STR(component, STR("a"));
	CHECK(path_next(&rest, &component));
	CHECK_STR(component, STR("bc"));
	CHECK(path_next(&rest, &component));
	CHECK_STR(component, STR("d"));
	CHECK(!path_next(&rest, &component));
	rest = STR(".");
	CHECK(!path_next(&rest, &component));
	rest = STR("");
	CHECK(!path_next(&rest, &component));
}

TEST_MAIN()
