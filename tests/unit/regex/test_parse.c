// SPDX-License-Identifier: Apache-2.0
/*
 * test_parse.c - what is refused, in Go's words, and where the limits are
 *
 * The texts are those of Go 1.26's regexp.Compile(), which are part of what a policy's author sees.
 */
#include "regex/regex.h"

#include "lib/test.h"

#include <errno.h>
#include <stdlib.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

static int compile(struct arena *arena, const char *pattern, struct regex_error *err)
{
	const struct regex *regex;

	return regex_compile(arena, str_from(pattern), &regex, err);
}

/* "what: `where`", or "" for a pattern that is taken. */
static const char *complaint(struct arena *arena, struct str pattern)
{
	struct regex_error err = { 0 };
	const struct regex *regex;
	int r = regex_compile(arena, pattern, &regex, &err);

	if (!r)
		return "";
	CHECK_INT(r, -EINVAL);
	return arena_printf(arena, "%s: `%.*s`", err.what, STR_FMT(err.where));
}

TEST(what_is_refused_is_refused_in_the_words_of_go)
{
	static const struct {
		const char *pattern, *complaint;
	} cases[] = {
		{ "a(b", "missing closing ): `a(b`" },
		{ "a)b", "unexpected ): `a)b`" },
		{ ")", "unexpected ): `)`" },
		{ "(|", "missing closing ): `(|`" },
		{ "[a", "missing closing ]: `[a`" },
		{ "x[", "missing closing ]: `[`" },
		{ "[]", "missing closing ]: `[]`" },
		{ "[^]", "missing closing ]: `[^]`" },
		{ "$^[[[", "missing closing ]: `[[[`" },
		{ "[a-\\d]", "invalid escape sequence: `\\d`" },
		{ "[z-a]", "invalid character class range: `z-a`" },
		{ "[[:word:]-z]", "" },
		{ "[[:nothing:]]", "invalid character class range: `[:nothing:]`" },
		{ "[[=a=]]", "" },
		{ "*", "missing argument to repetition operator: `*`" },
		{ "(*)", "missing argument to repetition operator: `*`" },
		{ "a|+?b", "missing argument to repetition operator: `+?`" },
		{ "(?i)?", "missing argument to repetition operator: `?`" },
		{ "a**", "invalid nested repetition operator: `**`" },
		{ "a*{2}?b", "invalid nested repetition operator: `*{2}?`" },
		{ "a*(?i)*", "" },
		{ "(?:a*)*", "" },
		{ "a{1001}", "invalid repeat count: `{1001}`" },
		{ "a{2,1}", "invalid repeat count: `{2,1}`" },
		{ "a{1000}{2}", "invalid nested repetition operator: `{1000}{2}`" },
		{ "(a{1000}){1000}", "invalid repeat count: `{1000}`" },
		{ "((a{10}){10}){10}", "" },
		{ "((a{10}){10}){11}", "invalid repeat count: `{11}`" },
		{ "(a{1000}){0}", "" },
		{ "(a{2,}){501}", "invalid repeat count: `{501}`" },
		{ "a{99999999999999999999}", "invalid repeat count: `{99999999999999999999}`" },
		{ "a{,2}", "" },
		{ "a{01}", "" },
		{ "a{", "" },
		{ "{1}", "missing argument to repetition operator: `{1}`" },
		{ "a\\", "trailing backslash at end of expression: ``" },
		{ "[\\", "trailing backslash at end of expression: ``" },
		{ "\\C", "invalid escape sequence: `\\C`" },
		{ "\\1", "invalid escape sequence: `\\1`" },
		{ "\\8", "invalid escape sequence: `\\8`" },
		{ "\\Z", "invalid escape sequence: `\\Z`" },
		{ "\\_", "" },
		{ "\\x", "invalid escape sequence: `\\x`" },
		{ "\\x1", "invalid escape sequence: `\\x1`" },
		{ "\\x{", "invalid escape sequence: `\\x{`" },
		{ "\\x{}", "invalid escape sequence: `\\x{}`" },
		{ "\\x{110000}", "invalid escape sequence: `\\x{110000`" },
		{ "\\x{1g}", "invalid escape sequence: `\\x{1g`" },
		{ "\\pX", "invalid character class range: `\\pX`" },
		{ "\\p{Klingon}b", "invalid character class range: `\\p{Klingon}`" },
		{ "\\p{Greek", "invalid character class range: `\\p{Greek`" },
		{ "(?", "invalid or unsupported Perl syntax: `(?`" },
		{ "(?i", "invalid or unsupported Perl syntax: `(?i`" },
		{ "(?i)(?s", "invalid or unsupported Perl syntax: `(?s`" },
		{ "(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`" },
		{ "(?--i)a", "invalid or unsupported Perl syntax: `(?--`" },
		{ "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
		{ "(?!a)", "invalid or unsupported Perl syntax: `(?!`" },
		{ "(?<=a)", "invalid named capture: `(?<=a)`" },
		{ "(?P=n)", "invalid or unsupported Perl syntax: `(?P`" },
		{ "(?P<n", "invalid named capture: `(?P<n`" },
		{ "(?P<>a)", "invalid named capture: `(?P<>`" },
		{ "(?P<n-1>a)", "invalid named capture: `(?P<n-1>`" },
		{ "(?<n>a)(?P<m>b)", "" },
		{ "a\xff" "b", "invalid UTF-8: `\xff" "b`" },
		{ "[\xc0\x80]", "invalid UTF-8: `\xc0\x80]`" },
		{ "(?P<\xff>a)", "invalid UTF-8: `\xff`" },
		{ "\\p{\xff}", "invalid UTF-8: `\xff`" },
		{ "\\Qa\xff", "invalid UTF-8: `\xff`" },
		{ "\\Q(*[\\E", "" },
		{ "\\Q\\\\E", "" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_TEXT(complaint(&arena, str_from(cases[i].pattern)), cases[i].complaint);
}

/* @before, @count times @middle, @after. */
static struct str repeated(struct arena *arena, const char *before, const char *middle, size_t count,
	const char *after)
{
	size_t len = strlen(middle), head = strlen(before), tail = strlen(after);
	char *text = arena_alloc(arena, head + len * count + tail + 1);

	CHECK(text);
	memcpy(text, before, head);
	for (size_t i = 0; i < count; i++)
		memcpy(text + head + i * len, middle, len);
	memcpy(text + head + len * count, after, tail);
	return (struct str){ .data = text, .len = head + len * count + tail };
}

static bool is_refused_as(struct arena *arena, struct str pattern, const char *what)
{
	struct regex_error err = { 0 };
	const struct regex *regex;
	int r = regex_compile(arena, pattern, &regex, &err);

	return r == -EINVAL && !strcmp(err.what, what) && str_eq(err.where, pattern);
}

TEST(nesting_ends_at_its_limit)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str open = repeated(&arena, "", "(", REGEX_DEPTH_MAX - 1, ""),
		deep = repeated(&arena, "", "(", REGEX_DEPTH_MAX, "");

	CHECK_TEXT(complaint(&arena, repeated(&arena, open.data, ")", REGEX_DEPTH_MAX - 1, "")), "");
	CHECK(is_refused_as(&arena, repeated(&arena, deep.data, ")", REGEX_DEPTH_MAX, ""),
		"expression nests too deeply"));
	/* what leaves no node behind is not nested */
	open = repeated(&arena, "", "(?:", 5000, "a");
	CHECK_TEXT(complaint(&arena, repeated(&arena, open.data, ")", 5000, "")), "");
	/* an open end is seen before anything is built of it */
	CHECK(is_refused_as(&arena, repeated(&arena, "", "(", 50000, ""), "missing closing )"));
}

TEST(size_ends_at_its_limit)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	CHECK_TEXT(complaint(&arena, repeated(&arena, "", "a", REGEX_PROGRAM_MAX, "")), "");
	CHECK(is_refused_as(&arena, repeated(&arena, "", "a", REGEX_PROGRAM_MAX + 1, ""),
		"expression too large"));
	CHECK(is_refused_as(&arena, repeated(&arena, "", "a", REGEX_PATTERN_MAX + 1, ""),
		"expression too large"));
	CHECK_TEXT(complaint(&arena, repeated(&arena, "(?:", "b", 100, "){1000}")), "");
	CHECK(is_refused_as(&arena, repeated(&arena, "(?:", "b", 101, "){1000}"), "expression too large"));
	CHECK(is_refused_as(&arena, repeated(&arena, "", "x{1000}", 101, ""), "expression too large"));
	/* classes that are large once written out */
	CHECK(is_refused_as(&arena, repeated(&arena, "", "[\\pL1]", 1000, ""), "expression too large"));
	CHECK(is_refused_as(&arena, repeated(&arena, "(?i)", "[A-\\x{1e942}]", 1000, ""),
		"expression too large"));
}

TEST(groups_have_numbers_and_names)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct regex *regex;
	struct regex_error err;

	CHECK_INT(regex_compile(&arena, STR("(a)(?:b)(?P<year>c)((?<day_2>d))(?i:e)(f){0}"), &regex, &err),
		0);
	CHECK_INT(regex_group_count(regex), 6);
	CHECK_STR(regex_group_name(regex, 0), STR(""));
	CHECK_STR(regex_group_name(regex, 1), STR(""));
	CHECK_STR(regex_group_name(regex, 2), STR("year"));
	CHECK_STR(regex_group_name(regex, 3), STR(""));
	CHECK_STR(regex_group_name(regex, 4), STR("day_2"));
	CHECK_STR(regex_group_name(regex, 5), STR(""));
}

TEST(a_prefix_is_what_every_match_begins_with)
{
	static const struct {
		const char *pattern, *prefix;
		bool is_whole;
	} cases[] = {
		{ "abc", "abc", true },
		{ "abc+", "abc", false },
		{ "abc*", "ab", false },
		{ "(ab)c", "abc", false },
		{ "a|b", "", false },
		{ "(?i)abc", "", false },
		{ "(?i)1-2", "1-2", true },
		{ "\\Qa.b\\E", "a.b", true },
		{ "a$", "a", false },
		{ "^a", "", false },
		{ "\xc3\xa9[x]", "\xc3\xa9x", true },
		{ "a\\x{fffd}b", "a", false },
		{ "a\\x{d800}", "a", false },
		{ "x{3}y?", "xxx", false },
		{ "", "", true },
	};
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct regex *regex;
		bool is_whole;

		CHECK_INT(regex_compile(&arena, str_from(cases[i].pattern), &regex, NULL), 0);
		CHECK_STR(regex_prefix(regex, &is_whole), str_from(cases[i].prefix));
		CHECK_INT(is_whole, cases[i].is_whole);
	}
}

TEST(every_arena_that_is_too_small_is_found_out)
{
	static const char *const patterns[] = {
		"(?i)([a-z]+|(?P<x>\\pL{2,5}?)[^\\d\\p{Greek}])*$", "((((((((((a))))))))))", "",
	};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		size_t limit = 0;
		int r;

		do {
			scoped(arena) struct arena arena = ARENA_INIT(limit);
			struct regex_error err = { 0 };

			r = compile(&arena, patterns[i], &err);
			CHECK(r == -EMSGSIZE || !r);
			limit += 16;
		} while (r);
		CHECK(limit > 32 && limit < 64 << 10);
	}
}

TEST_MAIN()
