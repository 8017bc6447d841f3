// SPDX-License-Identifier: Apache-2.0
/*
 * test_str.c - comparing, cutting, strict numbers, globs, the nearest name
 */
#include "base/str.h"
#include "base/str_case.h"

#include "base/buf.h"

#include "lib/test.h"

#include <errno.h>
#include <time.h>

/* Each length, and each place at which two texts may differ. */
TEST(short_texts_are_equal_like_all)
{
	for (size_t len = 0; len <= 20; len++) {
		char a[20], b[20];

		memset(a, 'x', sizeof(a));
		memset(b, 'x', sizeof(b));
		CHECK(str_eq_short((struct str){ a, len }, (struct str){ b, len }));
		CHECK(!len || !str_eq_short((struct str){ a, len }, (struct str){ b, len - 1 }));
		for (size_t i = 0; i < len; i++) {
			b[i] = 'y';
			CHECK(!str_eq_short((struct str){ a, len }, (struct str){ b, len }));
			b[i] = 'x';
		}
	}
	CHECK(str_eq_short((struct str){ 0 }, STR("")));
}

TEST(equal_and_affixes)
{
	CHECK(str_eq(STR(""), (struct str){ 0 }));
	CHECK(str_eq(STR("a\0b"), STR("a\0b")));
	CHECK(!str_eq(STR("a\0b"), STR("a\0c")));
	CHECK(!str_eq(STR("a"), STR("ab")));
	CHECK(str_starts_with(STR("abc"), STR("ab")));
	CHECK(str_starts_with(STR("abc"), STR("")));
	CHECK(str_starts_with((struct str){ 0 }, (struct str){ 0 }));
	CHECK(!str_starts_with(STR("ab"), STR("abc")));
	CHECK(str_ends_with(STR("abc"), STR("bc")));
	CHECK(str_ends_with(STR("abc"), STR("")));
	CHECK(!str_ends_with(STR("abc"), STR("b")));
	CHECK(!str_ends_with(STR("c"), STR("bc")));
}

TEST(order_is_bytewise)
{
	static const struct {
		struct str small, large;
	} rows[] = {
		{ { "", 0 }, { "a", 1 } }, { { "a", 1 }, { "a\0", 2 } }, { { "a", 1 }, { "b", 1 } },
		{ { "Z", 1 }, { "a", 1 } }, { { "a\xFF", 2 }, { "b", 1 } }, { { "~", 1 }, { "\x80", 1 } },
		{ { "ab", 2 }, { "b", 1 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(str_compare(rows[i].small, rows[i].large) < 0);
		CHECK(str_compare(rows[i].large, rows[i].small) > 0);
		CHECK_INT(str_compare(rows[i].large, rows[i].large), 0);
	}
	CHECK_INT(str_compare((struct str){ 0 }, STR("")), 0);
}

TEST(cut_at_the_first_separator)
{
	struct str head, tail;

	CHECK(str_cut(STR("a=b=c"), '=', &head, &tail));
	CHECK_STR(head, STR("a"));
	CHECK_STR(tail, STR("b=c"));
	CHECK(str_cut(STR("="), '=', &head, &tail));
	CHECK_INT(head.len, 0);
	CHECK_INT(tail.len, 0);
	CHECK(!str_cut(STR("abc"), '=', &head, &tail));
	CHECK_STR(head, STR("abc"));
	CHECK_INT(tail.len, 0);
	CHECK(!str_cut((struct str){ 0 }, '=', &head, &tail));
	CHECK_INT(head.len, 0);
}

TEST(numbers_are_whole_and_in_range)
{
	static const struct {
		struct str text;
		uint64_t max, wanted;
		int r;
	} rows[] = {
		{ { "0", 1 }, 0, 0, 0 },
		{ { "42", 2 }, 42, 42, 0 },
		{ { "18446744073709551615", 20 }, UINT64_MAX, UINT64_MAX, 0 },
		{ { "43", 2 }, 42, 0, -ERANGE },
		{ { "18446744073709551616", 20 }, UINT64_MAX, 0, -ERANGE },
		{ { "18446744073709551620", 20 }, UINT64_MAX, 0, -ERANGE },
		{ { "99999999999999999999999", 23 }, UINT64_MAX, 0, -ERANGE },
		{ { "", 0 }, 9, 0, -EINVAL },
		{ { "00", 2 }, 9, 0, -EINVAL },
		{ { "07", 2 }, 9, 0, -EINVAL },
		{ { "+1", 2 }, 9, 0, -EINVAL },
		{ { "-1", 2 }, 9, 0, -EINVAL },
		{ { " 1", 2 }, 9, 0, -EINVAL },
		{ { "1 ", 2 }, 9, 0, -EINVAL },
		{ { "1\0", 2 }, 9, 0, -EINVAL },
		{ { "0x1", 3 }, 9, 0, -EINVAL },
		{ { "999999999999999999999x", 22 }, 9, 0, -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 77;

		CHECK_INT(str_to_u64(rows[i].text, rows[i].max, &value), rows[i].r);
		CHECK(value == (rows[i].r ? 77 : rows[i].wanted));
	}
}

/* ---- globs ---- */

TEST(globs_match_the_whole)
{
	static const struct {
		const char *pattern, *text;
		bool wanted;
	} rows[] = {
		{ "", "", true }, { "", "a", false }, { "a", "", false }, { "a", "a", true },
		{ "a", "ab", false }, { "ab", "a", false }, { "?", "a", true }, { "?", "", false },
		{ "?", "/", false }, { "?", "?", true }, { "a?c", "abc", true }, { "*", "", true },
		{ "*", "abc", true }, { "*", "a/b", false }, { "*", "/", false }, { "*.c", "x.c", true },
		{ "*.c", ".c", true }, { "*.c", "x.h", false }, { "*.c", "a/x.c", false },
		{ "a*b*c", "aXbYbZc", true }, { "a*b*c", "acb", false }, { "src/*.c", "src/x.c", true },
		{ "src/*.c", "src/a/x.c", false }, { "*/x", "a/x", true }, { "*/x", "a/b/x", false },
		{ "a*/*c", "ab/bc", true }, { "a*/*c", "a/b/c", false }, { "**", "", true },
		{ "**", "a/b/c", true }, { "**", "/", true }, { "**/x", "a/b/x", true },
		{ "**/x", "/x", true }, { "**/x", "x", false }, { "**x", "x", true }, { "a/**", "a/", true },
		{ "a/**", "a/b/c", true }, { "a/**", "a", false }, { "**.c", "a/b.c", true },
		{ "a/**/b", "a/x/y/b", true }, { "a/**/b", "a/b", false }, { "**a**b**", "x/a/y/b/z", true },
		{ "**a**b**", "x/b/y/a/z", false }, { "**/*.c", "a/b/x.c", true },
		{ "**/*.c", "a/b/x.h", false }, { "**x*y", "x/xay", true }, { "**x*y", "xa/y", false },
		{ "**x*/y", "x/a/x/y", true }, { "**x/y", "ax/axbx/y", true }, { "***", "a/b", true },
		{ "****", "a/b", true }, { "a***b", "a/x/b", true }, { ".git/**", ".git/hooks/x", true },
		{ ".git/**", ".gitignore", false }, { "[a]", "[a]", true }, { "[a]", "a", false },
		{ "\\*", "\\x", true }, { "*a*", "bbb", false }, { "**/.env", "a/.env", true },
		{ "**/.env", "a/.environment", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_match_glob(str_from(rows[i].pattern), str_from(rows[i].text)) != rows[i].wanted)
			test_fail(__FILE__, __LINE__, "'%s' over '%s'", rows[i].pattern, rows[i].text);
}

/* The definition of str.h, word for word, and exponential. */
static bool slow_match(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (pattern[0] == '*' && pattern[1] == '*')
		return slow_match(pattern + 2, text) || (*text && slow_match(pattern, text + 1));
	if (pattern[0] == '*')
		return slow_match(pattern + 1, text) ||
			(*text && *text != '/' && slow_match(pattern, text + 1));
	return *text && (*pattern == *text || (*pattern == '?' && *text != '/')) &&
		slow_match(pattern + 1, text + 1);
}

/* The next word over @letters: shorter ones first. Returns false behind the last one of @len_max. */
static bool next_word(char *word, const char *letters, size_t len_max)
{
	size_t len = strlen(word), base = strlen(letters);

	for (size_t i = len; i-- > 0;) {
		size_t digit = (size_t)(strchr(letters, word[i]) - letters) + 1;

		word[i] = letters[digit % base];
		if (digit < base)
			return true;
	}
	if (len == len_max)
		return false;
	word[len] = letters[0];
	word[len + 1] = '\0';
	return true;
}

TEST(globs_agree_with_their_definition)
{
	char pattern[8] = "", text[8] = "";
	unsigned count = 0;

	do {
		text[0] = '\0';
		do {
			bool wanted = slow_match(pattern, text);

			if (str_match_glob(str_from(pattern), str_from(text)) != wanted)
				test_fail(__FILE__, __LINE__, "'%s' over '%s', wanted %d", pattern, text,
					wanted);
			count++;
		} while (next_word(text, "ab/", 5));
	} while (next_word(pattern, "a*/?", 6));
	CHECK_INT(count, 364 * 5461);
}

/*
 * A pattern in the slow form of most matchers: each is over in well under a second, or the harness's clock
 * runs out.
 */
static void check_no_match_soon(const char *head, const char *repeated, size_t times, const char *tail,
	struct str text)
{
	scoped(buf) struct buf pattern = BUF_INIT(65536);
	struct timespec before, after;

	buf_append_str(&pattern, head);
	for (size_t i = 0; i < times; i++)
		buf_append_str(&pattern, repeated);
	CHECK_INT(buf_append_str(&pattern, tail), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	CHECK(!str_match_glob(str_from(buf_text(&pattern)), text));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	CHECK(after.tv_sec - before.tv_sec < 5);
}

TEST(pathological_globs_stay_polynomial)
{
	static char same[16384], slashes[16384], parts[16384];

	memset(same, 'a', sizeof(same));
	memset(slashes, '/', sizeof(slashes));
	for (size_t i = 0; i < sizeof(parts); i++)
		parts[i] = i % 8 == 7 ? '/' : 'a';
	for (int i = 0; i < 3; i++) {
		struct str text = { .data = i == 0 ? same : i == 1 ? slashes : parts, .len = sizeof(same) };

		check_no_match_soon("", "*a", 2000, "b", text);
		check_no_match_soon("", "**a", 2000, "b", text);
		check_no_match_soon("**a*", "a", 4000, "b", text);
		check_no_match_soon("**a*", "?", 4000, "b", text);
		check_no_match_soon("**", "*a", 2000, "b", text);
		check_no_match_soon("**/", "*/", 2000, "b", text);
		check_no_match_soon("**", "a*/", 2000, "b", text);
		check_no_match_soon("", "**/*a", 1000, "b", text);
		check_no_match_soon("", "**", 8000, "b", text);
	}
}

/* ---- names ---- */

TEST(the_nearest_name_is_the_one_that_was_meant)
{
	static const char *const names[] = { "memory", "cpus", "pids", "files", "file_size", "storage",
		"time", "idle", "a" };
	static const struct {
		const char *word, *wanted;
	} rows[] = {
		{ "memroy", "memory" }, { "memry", "memory" }, { "memoryy", "memory" },
		{ "nemory", "memory" }, { "cpu", "cpus" }, { "cups", "cpus" }, { "fils", "files" },
		{ "filesize", "file_size" }, { "tmie", "time" }, { "memory", "memory" }, { "", NULL },
		{ "network", NULL }, { "mmrryy", NULL }, { "b", "a" }, { "zz", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *found = str_nearest(str_from(rows[i].word), names, ARRAY_SIZE(names));

		if (rows[i].wanted)
			CHECK_TEXT(found, rows[i].wanted);
		else
			CHECK(!found);
	}
}

TEST(the_nearest_of_several_wins)
{
	static const char *const orders[][3] = {
		{ "abcdef", "abcdxx", "abxdef" }, { "abcdxx", "abcdef", "abxdef" },
		{ "abxdef", "abcdxx", "abcdef" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		CHECK_TEXT(str_nearest(STR("abcdeg"), orders[i], 3), "abcdef");
}

TEST(names_that_are_too_long_are_never_near)
{
	static char word[65 + 1], near[64 + 1];
	const char *names[] = { word, near };

	memset(word, 'x', 65);
	memset(near, 'x', 64);
	CHECK(!str_nearest(str_from(word), names, 2));
	CHECK_TEXT(str_nearest(str_from(near), names, 2), near);
	CHECK(!str_nearest(str_from(near), names, 0));
}

TEST(words_without_case)
{
	CHECK(str_eq_no_case(STR("Content-Length"), STR("cOnTENT-lENGTH")));
	CHECK(str_eq_no_case(STR(""), (struct str){ 0 }));
	CHECK(!str_eq_no_case(STR("content"), STR("content-")));
	CHECK(!str_eq_no_case(STR("a"), STR("b")));
	/* What is beside the letters, and letters beyond ASCII, are themselves. */
	CHECK(!str_eq_no_case(STR("@[`{"), STR("`{@[")));
	CHECK(!str_eq_no_case(STR("\xc3\x84"), STR("\xc3\xa4")));
	CHECK(str_eq_no_case(STR("a\0B"), STR("A\0b")));
	CHECK(!str_eq_no_case(STR("a\0B"), STR("A\0c")));
}

TEST_MAIN()
