// SPDX-License-Identifier: Apache-2.0
/*
 * test_re2.c - random patterns on random texts, and RE2's opinion on each of them
 *
 * Where both have the same syntax they have to agree on whether a pattern is one, where it matches first, and
 * what its groups are. The pieces that patterns are made of leave out what differs: RE2 has \C, and finds \B
 * within a character. The same patterns come every time.
 */
#include "lib/re2_oracle.h"
#include "lib/test.h"
#include "regex/regex.h"

enum {
	CASES = 20000,
	ARENA_MAX_BYTES = 16 << 20,
	TEXT_MAX_BYTES = 128,
	GROUPS_MAX = 16,
};

static const char *const pieces[] = {
	"a", "b", "ab", "k", "\xc3\xa9", ".", "\\d", "\\w", "\\S", "[a-c]", "[^a\\n]", "\\b", "^", "$", "\\A",
	"\\z", "(?i)", "(?s)", "(?m)", "(?U)", "(?i:", "(?m-i:", "(", "(", "(", "(?:", ")", ")", ")", ")",
	"|", "|", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{2,3}?", "{", "}", "]", "[",
	"\\pL", "\\PN", "\\p{Greek}", "\\x41", "\\x{3b1}", "\\Q.*\\E", "[[:alpha:]]", "[^[:^digit:]]",
	"(?P<n>", "-", "x", "_", "1", "{1001}", "[z-a]", "\\-", "\\8",
};

static const char *const words[] = {
	"a", "b", "ab", "aab", "k", "K", "\xe2\x84\xaa", "s", "\xc5\xbf", "\xc3\xa9", "\xc3\x89", "\n", " ",
	"_", "1", "12", "x", "A", "\xce\xb1", "\xce\xa9", "-", ".", "*", "\xf0\x9f\x98\x80",
};

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

static void make_text(uint64_t *seed, const char *const *parts, size_t count, unsigned most,
	char ret[TEXT_MAX_BYTES])
{
	size_t len = 0;

	for (unsigned i = draw(seed, most); i; i--) {
		const char *part = parts[draw(seed, (uint32_t)count)];

		memcpy(ret + len, part, strlen(part));
		len += strlen(part);
	}
	ret[len] = '\0';
}

/* As re2_oracle_match(), by our own. */
static int match(struct arena *arena, const char *pattern, const char *text, long *ret_offsets)
{
	struct regex_span spans[GROUPS_MAX];
	uint64_t steps = UINT64_MAX;
	const struct regex *regex;
	size_t count;
	int r = regex_compile(arena, str_from(pattern), &regex, NULL);

	if (r < 0)
		return -1;
	count = MIN(regex_group_count(regex), (size_t)GROUPS_MAX);
	r = regex_match(regex_run_new(arena, regex), str_from(text), 0, &steps, spans, count);
	CHECK(r >= 0);
	for (size_t i = 0; i < count && r; i++) {
		ret_offsets[2 * i] = spans[i].start == REGEX_NOWHERE ? -1 : (long)spans[i].start;
		ret_offsets[2 * i + 1] = spans[i].end == REGEX_NOWHERE ? -1 : (long)spans[i].end;
	}
	return r ? (int)count : 0;
}

TEST(both_say_the_same)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	unsigned matches = 0, refused = 0;
	uint64_t seed = 1;

	if (!re2_oracle_is_there())
		TEST_SKIP("re2");
	for (unsigned i = 0; i < CASES; i++) {
		char pattern[TEXT_MAX_BYTES], text[TEXT_MAX_BYTES];
		long ours[2 * GROUPS_MAX], theirs[2 * GROUPS_MAX];
		int count;

		make_text(&seed, pieces, ARRAY_SIZE(pieces), 8, pattern);
		make_text(&seed, words, ARRAY_SIZE(words), 12, text);
		arena_reset(&arena);
		count = match(&arena, pattern, text, ours);
		if (count != re2_oracle_match(pattern, text, strlen(text), theirs, GROUPS_MAX))
			test_fail(__FILE__, __LINE__, "/%s/ on \"%s\": %d", pattern, text, count);
		for (int j = 0; j < 2 * count; j++)
			if (ours[j] != theirs[j])
				test_fail(__FILE__, __LINE__, "/%s/ on \"%s\": group %d: %ld, wanted %ld",
					pattern, text, j / 2, ours[j], theirs[j]);
		matches += count > 0;
		refused += count < 0;
	}
	CHECK(matches > CASES / 10 && refused > CASES / 10);
}

TEST_MAIN()
