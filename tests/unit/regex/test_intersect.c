// SPDX-License-Identifier: Apache-2.0
/*
 * test_intersect.c - patterns that overlap and patterns that do not
 *
 * Rows marked OPA are from the conformance cases of Open Policy Agent (category globsmatch, Apache-2.0).
 */
#include "regex/intersect.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

static int intersect(const char *left, const char *right, const char **err)
{
	static struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t steps = 1000000;

	return patterns_intersect(&arena, str_from(left), str_from(right), &steps, err);
}

TEST(what_both_match_is_found)
{
	static const struct {
		const char *left, *right;
		int is_common;
	} cases[] = {
		/* OPA */
		{ "a.a.[0-9]+z", ".b.b2359825792*594823z", 1 },
		{ "[a-z]+", "[0-9]*", 0 },
		{ "b.*", "baz", 1 },
		{ "[a-z]+\\[[0-9]+\\]", "foo\\[1\\]", 1 },
		{ "[a-z]+\\[[0-9]+\\]", "foo[\"bar\"]", 0 },
		/* our own */
		{ "", "", 0 },
		{ "a", "", 0 },
		{ "a*", "", 0 },
		{ "a*", "b*", 0 },
		{ "a*", "a*", 1 },
		{ "a+", "a", 1 },
		{ "a+", "aa", 1 },
		{ "b+b+", ".", 0 },
		{ "a*b", "c*b", 1 },
		{ "[a-b]a*", "a", 1 },
		{ "a*ba*", "b+", 1 },
		{ ".*x", ".*y", 0 },
		{ ".*x.*", ".*y.*", 1 },
		{ "[]", ".", 0 },
		{ "[a\\-z]", "-", 1 },
		{ "\\.", "a", 0 },
		{ "\xc3\xa9+", "[\xc3\xa0-\xc3\xaf]", 1 },
		{ "[a-cx-z]", "[d-w]", 0 },
		{ "[a-cx-z]", "[d-x]", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *err = NULL;

		CHECK_INT(intersect(cases[i].left, cases[i].right, &err), cases[i].is_common);
		CHECK_INT(intersect(cases[i].right, cases[i].left, &err), cases[i].is_common);
		CHECK(!err);
	}
}

TEST(what_is_refused_is_refused_in_the_words_of_gintersect)
{
	static const struct {
		const char *pattern, *text;
	} cases[] = {
		{ "a]", "input:a], pos:2, set-close ']' with no preceding '['" },
		{ "*", "input:*, pos:1, flag '*' must be preceded by a non-flag" },
		{ "a+*", "input:a+*, pos:3, flag '*' must be preceded by a non-flag" },
		{ "a\\", "input:a\\, pos:1, input ends with a \\ (escape) character" },
		{ "[ab", "input:[ab, pos:3, found [ without matching ]" },
		{ "[-a]", "input:[-a], pos:2, range character '-' must be preceded by a Unicode character" },
		{ "[a-]", "input:[a-], pos:3, range character '-' must be followed by a Unicode character" },
		{ "[a--b]",
			"input:[a--b], pos:4, range character '-' cannot be followed by a special symbol" },
		{ "\xc3\xa9[b-a]",
			"input:\xc3\xa9[b-a], pos:5, range is out of order: 'a' comes before 'b' in Unicode" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *err = NULL;
		char wanted[200];

		(void)snprintf(wanted, sizeof(wanted), "%s: the input provided is invalid", cases[i].text);
		CHECK_INT(intersect(cases[i].pattern, "a", &err), -EINVAL);
		CHECK_TEXT(err, wanted);
		CHECK_INT(intersect("a", cases[i].pattern, &err), -EINVAL);
	}
}

TEST(steps_and_memory_have_an_end)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str left = STR(".*[a-z]*b+.*c"), right = STR("a*.*[0-9b]+c*");
	uint64_t steps = 1000000, work;
	const char *err = NULL;
	size_t limit = 0;
	int r;

	CHECK_INT(patterns_intersect(&arena, left, right, &steps, &err), 1);
	work = 1000000 - steps;
	steps = work;
	CHECK_INT(patterns_intersect(&arena, left, right, &steps, &err), 1);
	for (uint64_t less = 0; less < work; less++) {
		steps = less;
		CHECK_INT(patterns_intersect(&arena, left, right, &steps, &err), -ETIME);
		CHECK_INT(steps, 0);
	}
	do {
		scoped(arena) struct arena small = ARENA_INIT(limit);

		steps = work;
		r = patterns_intersect(&small, left, right, &steps, &err);
		CHECK(r == 1 || r == -EMSGSIZE);
		limit += 16;
	} while (r < 0);
}

TEST_MAIN()
