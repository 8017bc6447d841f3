// SPDX-License-Identifier: Apache-2.0
/*
 * test_cover.c - whether one pattern stands for all that another does; hosts
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
	const char *canonical;		/* NULL: it is wrong */
} hosts[] = {
	{ "api.example.org", "api.example.org" }, { "API.Example.ORG:443", "api.example.org:443" },
	{ "*", "*" }, { "*:8080", "*:8080" }, { "*.example.org", "*.example.org" },
	{ "localhost", "localhost" }, { "_sip.example.org", "_sip.example.org" }, { "10.0.0.1", "10.0.0.1" },
	{ "10.0.0.1:22", "10.0.0.1:22" }, { "[::1]", "[::1]" }, { "[2001:DB8::1]:443", "[2001:db8::1]:443" },
	{ "[2001:db8:0:0::1]", "[2001:db8::1]" }, { "[fe80::1%eth0]", NULL },
	{ "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]" }, { "4chan.example", "4chan.example" }, { "a1", "a1" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" }, { "", NULL }, { ".", NULL }, { "a..b", NULL },
	{ "a.", "a" }, { "a..", NULL }, { ".a", NULL }, { "-a.b", NULL }, { "a-.b", NULL }, { "a b", NULL },
	{ "a/b", NULL }, { "http://a", NULL }, { "a@b", NULL }, { "a.*", NULL }, { "*a", NULL },
	{ "*.", NULL }, { "**.a", NULL }, { "127.1", NULL }, { "0x7f000001", NULL }, { "1", NULL },
	{ "256.1.1.1", NULL }, { "b\303\274cher.example", "xn--bcher-kva.example" },
	{ "xn--a.example", NULL }, { "\357\274\221\357\274\222\357\274\227.1", NULL }, { "a:", NULL },
	{ "a:0", NULL }, { "a:65536", NULL }, { "a:443x", NULL }, { "a:+1", NULL }, { "a:1:2", NULL },
	{ "[", NULL }, { "[]", NULL }, { "[::1", NULL }, { "[::1]x", NULL }, { "[::1]:", NULL },
	{ "[1.2.3.4]", NULL }, { "::1", NULL }, { "a]", NULL }, { "[zz]", NULL },
};

TEST(hosts_have_one_spelling)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct buf text = BUF_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		const char *why = NULL, *got = config_host_parse(&arena, str_from(hosts[i].text), &why);

		if (!hosts[i].canonical != !got || (got && strcmp(got, hosts[i].canonical)) || !got != !!why)
			test_fail(__FILE__, __LINE__, "'%s': %s (%s)", hosts[i].text, got, why);
	}
	for (int i = 0; i < 64; i++)
		buf_append_char(&text, 'a');
	CHECK(!config_host_parse(&arena, str_from(buf_text(&text)), &(const char *){ NULL }));
	buf_clear(&text);
	for (int i = 0; i < 100; i++)
		buf_append_str(&text, "abc.");
	buf_append_str(&text, "org");
	CHECK(!config_host_parse(&arena, str_from(buf_text(&text)), &(const char *){ NULL }));
	buf_fini(&text);
	arena_fini(&arena);
}

static const struct {
	const char *wide, *narrow;
	bool covers;
} host_pairs[] = {
	{ "a.b", "a.b", true }, { "a.b", "a.c", false }, { "*", "a.b", true }, { "*", "[::1]", true },
	{ "*", "*.b", true }, { "*.b", "a.b", true }, { "*.b", "x.a.b", true }, { "*.b", "b", false },
	{ "*.b", "ab", false }, { "*.b", "*.a.b", true }, { "*.b", "*.b", true }, { "*.b", "*", false },
	{ "a.b", "*.b", false }, { "*.b", "a.b.c", false }, { "a.b", "a.b:443", true },
	{ "a.b", "a.b:80", true }, { "a.b", "a.b:22", false }, { "a.b:443", "a.b", false },
	{ "a.b:443", "a.b:443", true }, { "a.b:443", "a.b:80", false }, { "*:22", "a.b:22", true },
	{ "*:22", "a.b", false }, { "[::1]:22", "[::1]:22", true }, { "[::1]", "[::2]", false },
	{ "[::1]x", "[::1]x", false }, { "*", "[::1]x", false },
};

TEST(a_host_covers_names_below_it_and_the_usual_ports)
{
	for (size_t i = 0; i < ARRAY_SIZE(host_pairs); i++)
		if (config_host_covers(str_from(host_pairs[i].wide), str_from(host_pairs[i].narrow)) !=
				host_pairs[i].covers)
			test_fail(__FILE__, __LINE__, "'%s' over '%s'", host_pairs[i].wide,
				host_pairs[i].narrow);
}

TEST_MAIN()
