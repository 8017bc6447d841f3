// SPDX-License-Identifier: Apache-2.0
/*
 * test_cover.c - whether one pattern stands for all that another does; hosts of a list
 */
#include "lib/test.h"

#include "config/config_internal.h"

static const struct {
	const char *wide, *narrow;
	bool covers;
} patterns[] = {
	{ "a", "a", true }, { "a", "b", false }, { "a", "ab", false }, { "ab", "a", false }, { "", "", true },
	{ "*", "a", true }, { "*", "", true }, { "*", "a/b", false }, { "**", "a/b", true },
	{ "**", "", true }, { "*", "*", true }, { "*", "**", false }, { "**", "*", true },
	{ "**", "**", true }, { "*", "?", true }, { "?", "a", true }, { "?", "?", true }, { "?", "*", false },
	{ "?", "/", false }, { "a", "?", false }, { "a", "*", false }, { "a*", "a*", true },
	{ "a*", "ab*", true }, { "ab*", "a*", false }, { "a*c", "abc", true }, { "a*c", "a*bc", true },
	{ "a*c", "ab*c", true }, { "a*c", "a/c", false }, { "a**c", "a/c", true }, { "a**c", "a*b**c", true },
	{ "**/x", "a/b/x", true }, { "**/x", "x", false }, { "*/*", "a/b", true }, { "*/*", "**", false },
	{ "**", "*/*", true }, { "src/**", "src/a/*.c", true }, { "src/**", "srcs/a", false },
	{ "git *", "git push", true }, { "git **", "git push origin/main", true },
	{ "git *", "git push origin/main", false }, { "LC_*", "LC_ALL", true }, { "LC_*", "LANG", false },
	{ "*_*", "A_B", true }, { "***", "a/b", true }, { "a*b*c*d", "axbxcxd", true },
	{ "a*b*c*d", "axbxdxc", false }, { "x?", "x*", false }, { "??", "ab", true },
	{ "ab*", "ab", true }, { "abc", "ab*", false }, { "ab?", "ab*", false }, { "ab?", "ab", false },
	{ "ab", "ab?", false },
};

TEST(a_pattern_covers_what_it_certainly_stands_for)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (config_pattern_covers(str_from(patterns[i].wide), str_from(patterns[i].narrow)) !=
				patterns[i].covers)
			test_fail(__FILE__, __LINE__, "'%s' over '%s'", patterns[i].wide, patterns[i].narrow);
}

/* Whatever is covered is also matched: the two readings of a pattern agree. */
TEST(what_is_covered_is_matched)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct str narrow = str_from(patterns[i].narrow);
		bool literal = !memchr(narrow.data, '*', narrow.len) && !memchr(narrow.data, '?', narrow.len);

		if (literal)
			CHECK_INT(str_match_glob(str_from(patterns[i].wide), narrow), patterns[i].covers);
	}
}

TEST(a_pattern_that_is_too_long_covers_nothing)
{
	static char text[CONFIG_TEXT_MAX + 1];

	memset(text, '*', sizeof(text));
	CHECK(!config_pattern_covers((struct str){ text, sizeof(text) }, STR("a")));
	CHECK(config_pattern_covers((struct str){ text, sizeof(text) - 1 }, STR("a")));
}

static const struct {
	const char *text;
	enum config_narrow narrow;
	const char *canonical, *why;	/* or a word of what is wrong */
	size_t at;
} hosts[] = {
	/* A port that is left out: the one of HTTPS where something is allowed, all where it is forbidden. */
	{ "API.Example.org", CONFIG_NARROW_GRANTS, "api.example.org:443", NULL, 0 },
	{ "API.Example.org", CONFIG_NARROW_RESTRICTS, "api.example.org:*", NULL, 0 },
	{ "a.b:80", CONFIG_NARROW_RESTRICTS, "a.b:80", NULL, 0 },
	{ "a.b", CONFIG_NARROW_FIXED, "a.b:443", NULL, 0 },
	{ "!a.b", CONFIG_NARROW_GRANTS, "!a.b:*", NULL, 0 },
	{ "!a.b", CONFIG_NARROW_RESTRICTS, NULL, "allows nothing", 0 },
	{ "!a.b", CONFIG_NARROW_FIXED, NULL, "allows nothing", 0 },
	{ "a.b c:1", CONFIG_NARROW_GRANTS, NULL, "space", 3 },
};

TEST(hosts_of_a_list)
{
	struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct config_item item = { 0 };
		size_t at;
		const char *why = config_host_read(&arena, str_from(hosts[i].text), hosts[i].narrow, &item,
			&at);

		if (!hosts[i].why != !why || (why && !strstr(why, hosts[i].why)) || at != hosts[i].at)
			test_fail(__FILE__, __LINE__, "'%s': at %zu: %s", hosts[i].text, at, why ?: "fine");
		if (!why)
			CHECK_TEXT(item.text, hosts[i].canonical);
	}
	arena_fini(&arena);
}

TEST_MAIN()
