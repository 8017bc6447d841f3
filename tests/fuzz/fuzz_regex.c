// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_regex.c - what holds for every pattern and every text
 *
 * The first byte is the length of the pattern, then come the pattern and the text.
 *
 *   - a refusal names a part of the pattern
 *   - a match takes no more steps than the header says, and no more when it is asked again
 *   - whether there is a match, where it is, and where its groups are, are answers that agree
 *   - matches come in order, do not overlap and lie in the text, and so do their groups
 *   - a prefix is where each match begins
 */
#include "regex/regex.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	STEPS_MAX = 1 << 20,
	GROUPS_MAX = 8,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(struct str pattern, const struct regex_error *err)
{
	assert(err->what && err->what[0]);
	assert(!err->where.len || (err->where.data >= pattern.data &&
		err->where.data + err->where.len <= pattern.data + pattern.len));
}

static void check_spans(const struct regex *regex, struct str text, const struct regex_span *spans,
	size_t count)
{
	struct str prefix = regex_prefix(regex, NULL), match;

	assert(spans[0].start <= spans[0].end && spans[0].end <= text.len);
	match = (struct str){ text.data + spans[0].start, spans[0].end - spans[0].start };
	assert(str_starts_with(match, prefix));
	for (size_t i = 1; i < count; i++) {
		assert((spans[i].start == REGEX_NOWHERE) == (spans[i].end == REGEX_NOWHERE));
		assert(spans[i].start == REGEX_NOWHERE || (spans[i].start <= spans[i].end &&
			spans[i].start >= spans[0].start && spans[i].end <= spans[0].end));
	}
}

/* One match with @count spans; Return: as regex_match() */
static int check_match(const struct regex *regex, struct regex_run *run, struct str text,
	struct regex_span *spans, size_t count)
{
	uint64_t steps = STEPS_MAX, used;
	int r = regex_match(run, text, 0, &steps, spans, count);

	assert(r >= 0 || r == -ETIME || r == -EMSGSIZE);
	used = STEPS_MAX - steps;
	assert(used <= (6 + count / 4) * (regex_size(regex) + 1) * (text.len + 1));
	if (r < 0)
		return r;
	if (r && count)
		check_spans(regex, text, spans, count);
	/* a run that was used before may know more, and never needs more */
	assert(regex_match(run, text, 0, &used, spans, count) == r);
	return r;
}

static void check_all(const struct regex *regex, struct regex_run *run, struct str text)
{
	size_t count = MIN(regex_group_count(regex), (size_t)GROUPS_MAX), end = 0, matches = 0;
	struct regex_span spans[GROUPS_MAX];
	struct regex_cursor cursor = { 0 };
	uint64_t steps = STEPS_MAX;

	while (regex_next(run, text, &cursor, &steps, spans, count) > 0) {
		check_spans(regex, text, spans, count);
		assert(spans[0].start >= end);
		end = spans[0].end;
		assert(++matches <= text.len + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct regex_span spans[GROUPS_MAX], one[1];
	struct regex_error err = { 0 };
	const struct regex *regex;
	struct regex_run *run;
	struct str pattern, text;
	int r, there;

	if (!size)
		return 0;
	pattern = (struct str){ (const char *)data + 1, MIN((size_t)data[0], size - 1) };
	text = (struct str){ pattern.data + pattern.len, size - 1 - pattern.len };
	r = regex_compile(&arena, pattern, &regex, &err);
	if (r == -EINVAL)
		check_error(pattern, &err);
	if (r < 0)
		return 0;
	run = regex_run_new(&arena, regex);
	assert(run);
	there = check_match(regex, run, text, NULL, 0);
	r = check_match(regex, run, text, one, 1);
	assert(there < 0 || r < 0 || there == r);
	r = check_match(regex, run, text, spans, GROUPS_MAX);
	assert(there < 0 || r < 0 || there == r);
	assert(r <= 0 || (one[0].start == spans[0].start && one[0].end == spans[0].end));
	check_all(regex, run, text);
	return 0;
}
