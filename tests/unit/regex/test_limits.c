// SPDX-License-Identifier: Apache-2.0
/*
 * test_limits.c - patterns and texts that were made to hurt
 *
 * What takes other matchers longer than the universe has been there is counted here in steps, which are the
 * same on every machine.
 */
#include "regex/regex.h"

#include "base/buf.h"
#include "lib/test.h"

#include <errno.h>
#include <stdlib.h>

enum {
	ARENA_MAX_BYTES = 256 << 20,
	TEXT_BYTES = 4000,
	BEGINNING_STEPS = 2000000,	/* until as many threads are on their way as there can be */
	GROUPS = 2,
};

struct hard {
	const char *pattern;
	const char *piece;		/* of which the text is made */
	const char *end;
	int is_match;
};

static const struct hard hards[] = {
	{ "(a*)*b", "a", "", 0 },
	{ "^(a|aa)+$", "a", "b", 0 },
	{ "^(a|aa)+$", "a", "", 1 },
	{ "(x+x+)+y", "x", "", 0 },
	{ "^(([a-z])+.)+[A-Z]([a-z])+$", "a", "", 0 },
	{ "(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "ab", "", 0 },
	{ "(?:a?){100}a{100}$", "a", "b", 0 },
	{ "((((((((((a*)*)*)*)*)*)*)*)*)*)*b", "a", "", 0 },
	{ "[[:alpha:]]{1,50}\\b.{500}$", "ab ", "\n", 0 },
	{ "(?i)(k|s|\\pL)*\\d", "\xe2\x84\xaa\xc5\xbf", "", 0 },
	{ ".*.*=.*", "a", "", 0 },
	{ "(^|.)*\\z", "\xff\xe2\x82", "\n", 1 },
	{ "a{0,1000}b", "a", "", 0 },
	{ "[ad]+b", "a", "cab", 1 },
	{ "([ad]+)(b)", "a", "cab", 1 },
	{ "(?:(?:(?:)*)*)*$", "\n", "", 1 },
};

static struct str make_text(struct arena *arena, const struct hard *hard, size_t bytes)
{
	size_t piece = strlen(hard->piece), len = bytes / piece * piece;
	char *text = arena_alloc(arena, len + strlen(hard->end) + 1);

	CHECK(text);
	for (size_t i = 0; i < len; i++)
		text[i] = hard->piece[i % piece];
	memcpy(text + len, hard->end, strlen(hard->end));
	return (struct str){ .data = text, .len = len + strlen(hard->end) };
}

static uint64_t steps_of(const struct hard *hard, size_t bytes, size_t span_count, uint64_t budget, int *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct regex_span spans[GROUPS];
	struct str text = make_text(&arena, hard, bytes);
	uint64_t steps = budget;
	const struct regex *regex;

	CHECK_INT(regex_compile(&arena, str_from(hard->pattern), &regex, NULL), 0);
	*ret = regex_match(regex_run_new(&arena, regex), text, 0, &steps, spans, span_count);
	if (*ret >= 0)
		CHECK(budget - steps <= (6 + span_count / 4) * (regex_size(regex) + 1) * (text.len + 1));
	return budget - steps;
}

TEST(twice_the_text_is_twice_the_work)
{
	for (size_t i = 0; i < ARRAY_SIZE(hards); i++) {
		for (size_t spans = 0; spans <= GROUPS; spans++) {
			int once, twice;
			uint64_t work = steps_of(&hards[i], TEXT_BYTES, spans, UINT64_MAX, &once);

			CHECK(steps_of(&hards[i], 2 * TEXT_BYTES, spans, UINT64_MAX, &twice) <=
				work * 2 + BEGINNING_STEPS);
			CHECK_INT(once, hards[i].is_match);
			CHECK_INT(twice, hards[i].is_match);
		}
	}
}

TEST(steps_that_are_used_up_end_a_match)
{
	for (size_t i = 0; i < ARRAY_SIZE(hards); i++) {
		for (size_t spans = 0; spans <= GROUPS; spans++) {
			int r;
			uint64_t work = steps_of(&hards[i], 500, spans, UINT64_MAX, &r);

			CHECK(r >= 0 && work > 0);
			CHECK_INT(steps_of(&hards[i], 500, spans, work, &r), work);
			CHECK(r >= 0);
			CHECK_INT(steps_of(&hards[i], 500, spans, work - 1, &r), work - 1);
			CHECK_INT(r, -ETIME);
			steps_of(&hards[i], 500, spans, 0, &r);
			CHECK_INT(r, -ETIME);
		}
	}
}

TEST(every_arena_that_is_too_small_is_found_out)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str text = make_text(&arena, &hards[0], 200);
	const struct regex *regex;

	CHECK_INT(regex_compile(&arena, STR("(?:a|b)*([b-z]|c\\b)"), &regex, NULL), 0);
	for (size_t spans = 0; spans <= GROUPS; spans++) {
		size_t limit = 0;
		int r;

		do {
			scoped(arena) struct arena small = ARENA_INIT(limit);
			struct regex_run *run = regex_run_new(&small, regex);
			struct regex_span found[GROUPS];
			uint64_t steps = UINT64_MAX;

			r = run ? regex_match(run, text, 0, &steps, found, spans) : -EMSGSIZE;
			CHECK(r == -EMSGSIZE || r == 0);
			limit += 16;
		} while (r);
		CHECK(limit < 64 << 10);
	}
}

TEST(many_groups_take_what_they_take_or_fail)
{
	scoped(arena) struct arena arena = ARENA_INIT(8 << 20);
	scoped(arena) struct arena pattern = ARENA_INIT(1 << 20);
	enum { COUNT = 2000 };
	struct regex_span *spans = arena_alloc_array(&pattern, COUNT + 1, sizeof(*spans));
	char *text = arena_alloc(&pattern, COUNT * 3 + 1), name[COUNT];
	uint64_t steps = UINT64_MAX;
	const struct regex *regex;
	struct regex_run *run;

	CHECK(spans && text);
	memset(name, 'a', sizeof(name));
	for (size_t i = 0; i < COUNT; i++)
		memcpy(text + i * 3, "(a)", 3);
	CHECK_INT(regex_compile(&arena, str_from(text), &regex, NULL), 0);
	CHECK_INT(regex_group_count(regex), COUNT + 1);
	run = regex_run_new(&arena, regex);
	CHECK_INT(regex_match(run, (struct str){ name, COUNT }, 0, &steps, spans, COUNT + 1), -EMSGSIZE);
	CHECK_INT(regex_match(run, (struct str){ name, COUNT }, 0, &steps, spans, 2), 1);
	CHECK_INT(spans[1].end, 1);
	CHECK_INT(regex_match(run, (struct str){ name, COUNT }, 0, &steps, NULL, 0), 1);
	CHECK_INT(regex_match(run, (struct str){ name, COUNT - 1 }, 0, &steps, NULL, 0), 0);
}

/* Letters in no order that a small automaton would see through, the same each time. */
static void make_noise(char *text, size_t len)
{
	uint32_t seed = 1;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		text[i] = seed >> 31 ? 'a' : 'b';
	}
}

TEST(more_states_than_there_is_room_for_are_done_without)
{
	scoped(arena) struct arena arena = ARENA_INIT(4 << 20);
	static char text[100000];
	const struct regex *regex;
	struct regex_run *run;

	make_noise(text, sizeof(text));
	CHECK_INT(regex_compile(&arena, STR("a[ab]{17}$|a[ab]{18}c"), &regex, NULL), 0);
	run = regex_run_new(&arena, regex);
	for (int i = 0; i < 3; i++) {
		uint64_t steps = UINT64_MAX;
		struct regex_span span;

		text[sizeof(text) - 18] = 'b';
		CHECK_INT(regex_match(run, (struct str){ text, sizeof(text) }, 0, &steps, NULL, 0), 0);
		text[sizeof(text) - 18] = 'a';
		CHECK_INT(regex_match(run, (struct str){ text, sizeof(text) }, 0, &steps, NULL, 0), 1);
		CHECK_INT(regex_match(run, (struct str){ text, sizeof(text) }, 0, &steps, &span, 1), 1);
		CHECK_INT(span.start, sizeof(text) - 18);
		CHECK(UINT64_MAX - steps <= 3 * 6 * (regex_size(regex) + 1) * (sizeof(text) + 1));
	}
}

TEST(a_program_of_too_many_sets_is_matched_all_the_same)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	scoped(buf) struct buf pattern = BUF_INIT(1 << 20);
	uint64_t steps = UINT64_MAX;
	const struct regex *regex;
	struct regex_run *run;

	for (unsigned i = 0; i < 2000; i++)
		CHECK_INT(buf_printf(&pattern, "%s[\\x{%x}-\\x{%x}\\x{%x}]", i ? "|" : "", 0x1000 + i * 3,
			0x1001 + i * 5, 0x9000 + i * 7), 0);
	CHECK_INT(regex_compile(&arena, (struct str){ pattern.data, pattern.len }, &regex, NULL), 0);
	run = regex_run_new(&arena, regex);
	CHECK_INT(regex_match(run, STR("a\xe1\x80\x80"), 0, &steps, NULL, 0), 1);
	CHECK_INT(regex_match(run, STR("a\xf0\x9f\x98\x80"), 0, &steps, NULL, 0), 0);
}

TEST_MAIN()
