// SPDX-License-Identifier: Apache-2.0
/*
 * test_glob.c - names that match, globs that are refused, and what is quoted
 *
 * Answers and messages are those of gobwas/glob 1.0; rows marked OPA are from the conformance cases of Open
 * Policy Agent (category globmatch, Apache-2.0).
 */
#include "regex/glob.h"

#include "lib/test.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

static int matches(const char *pattern, const char *delimiters, const char *name)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t steps = 100000;
	const struct regex *regex;

	CHECK_INT(glob_compile(&arena, str_from(pattern), str_from(delimiters), &regex, NULL), 0);
	return regex_match(regex_run_new(&arena, regex), str_from(name), 0, &steps, NULL, 0);
}

TEST(names_match_as_a_whole)
{
	static const struct {
		const char *pattern, *delimiters, *name;
		int is_match;
	} cases[] = {
		/* OPA */
		{ "*.github.com", ".", "api.github.com", 1 },
		{ "api.**.com", ".", "api.github.com", 1 },
		{ "api.**.com", ".", "api.cdn.github.com", 1 },
		{ "*:github:com", ":", "api:github:com", 1 },
		{ "*.github.com", ".", "api.not-github.com", 0 },
		{ "[abc]at", ".", "cat", 1 },
		{ "[abc]at", ".", "fat", 0 },
		{ "[!abc]at", ".", "cat", 0 },
		{ "?at", ".", "at", 0 },
		{ "?at", "f", "bat", 1 },
		{ "?at", "f", "fat", 0 },
		{ "{cat,bat,[fr]at}", ".", "bat", 1 },
		{ "{cat,bat,[fr]at}", ".", "fat", 1 },
		{ "*", ".", "foo.bar", 0 },
		{ "*", "", "foo.bar", 1 },
		/* our own */
		{ "", "", "", 1 },
		{ "", "", "a", 0 },
		{ "a", "", "ab", 0 },
		{ "a", "", "ba", 0 },
		{ "*", "", "a\nb", 1 },
		{ "***", "/", "a/b", 1 },
		{ "?", "", "\xc3\xa9", 1 },
		{ "*", "\xc3\xa9", "a\xc3\xa9", 0 },
		{ "[a-c]", "b", "b", 1 },
		{ "[!b]", "x", "x", 1 },
		{ "[A-]]", "", "Z", 1 },
		{ "[!-a]", "", "b", 1 },
		{ "[\\]x]", "", "]", 1 },
		{ "[]-a]", "", "^", 1 },
		{ "[.-9]", "", "/", 1 },
		{ "a,b}", "", "a,b}", 1 },
		{ "{a,b{c,d}*}e", "", "bdxe", 1 },
		{ "{,a}b", "", "b", 1 },
		{ "{}", "", "", 1 },
		{ "{a,}", "", "", 1 },
		{ "\\{a\\}", "", "{a}", 1 },
		{ "{a\\,b}", "", "a,b", 1 },
		{ "a\\b", "", "ab", 1 },
		{ "x]", "", "x]", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_INT(matches(cases[i].pattern, cases[i].delimiters, cases[i].name), cases[i].is_match);
}

TEST(what_is_refused_is_refused_in_the_words_of_gobwas)
{
	static const struct {
		const char *pattern, *what;
		size_t offset;
	} cases[] = {
		{ "{a", "unclosed `{`", 2 },
		{ "[", "unexpected end of input", 1 },
		{ "[!", "unexpected end of input", 2 },
		{ "[a-", "unexpected end of input", 3 },
		{ "[a-b", "unexpected end of input", 4 },
		{ "[ab", "unexpected end of input", 3 },
		{ "[a\\", "unexpected end of input", 3 },
		{ "x[]y", "could not parse range", 3 },
		{ "[a-z0-9]", "expected close range character", 5 },
		{ "[z-a]b", "range hi character is less than lo", 5 },
		{ "a\\", "trailing backslash", 2 },
		{ "a\xff", "invalid UTF-8 sequence", 1 },
	};
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct glob_error err = { 0 };
		const struct regex *regex;

		CHECK_INT(glob_compile(&arena, str_from(cases[i].pattern), STR("."), &regex, &err), -EINVAL);
		CHECK_TEXT(err.what, cases[i].what);
		CHECK_INT(err.offset, cases[i].offset);
	}
}

TEST(many_stars_cost_what_they_are_worth)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	enum { STARS = 100, NAME = 1000 };
	char pattern[2 * STARS + 2], name[NAME];
	uint64_t steps = UINT64_MAX;
	const struct regex *regex;

	for (size_t i = 0; i < STARS; i++)
		memcpy(pattern + 2 * i, "a*", 2);
	memcpy(pattern + 2 * STARS, "b", 2);
	memset(name, 'a', sizeof(name));
	CHECK_INT(glob_compile(&arena, str_from(pattern), STR("."), &regex, NULL), 0);
	CHECK_INT(regex_match(regex_run_new(&arena, regex), (struct str){ name, NAME }, 0, &steps, NULL, 0),
		0);
	CHECK(UINT64_MAX - steps <= 6 * (regex_size(regex) + 1) * (NAME + 1));
}

TEST(too_deep_and_too_large_is_refused)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	enum { COUNT = 150000 };
	char *pattern = arena_alloc(&arena, COUNT);
	struct glob_error err = { 0 };
	const struct regex *regex;

	CHECK(pattern);
	memset(pattern, '?', COUNT);
	CHECK_INT(glob_compile(&arena, (struct str){ pattern, COUNT }, STR("."), &regex, &err), -EINVAL);
	CHECK_TEXT(err.what, "expression too large");
	memset(pattern, '{', COUNT);
	CHECK_INT(glob_compile(&arena, (struct str){ pattern, COUNT }, STR("."), &regex, &err), -EINVAL);
	CHECK_TEXT(err.what, "unclosed `{`");
}

TEST(every_arena_that_is_too_small_is_found_out)
{
	size_t limit = 0;
	int r;

	do {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		const struct regex *regex;

		r = glob_compile(&arena, STR("{a*,[b-d]?}**"), STR("./"), &regex, NULL);
		CHECK(!r || r == -EMSGSIZE);
		limit += 16;
	} while (r);
	CHECK(limit < 4096);
}

TEST(quoted_text_means_itself)
{
	static const char text[] = "a*b?c\\[d]{e},f-!";
	char quoted[2 * sizeof(text)];
	size_t len = 0;

	for (size_t i = 0; text[i]; i++) {
		if (glob_is_special(text[i]))
			quoted[len++] = '\\';
		quoted[len++] = text[i];
	}
	quoted[len] = '\0';
	CHECK_TEXT(quoted, "a\\*b\\?c\\\\\\[d\\]\\{e\\},f-!");
	CHECK_INT(matches(quoted, ".", text), 1);
	CHECK(!glob_is_special('\0'));
}

TEST_MAIN()
