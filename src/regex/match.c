// SPDX-License-Identifier: Apache-2.0
/*
 * match.c - one question to a program, and one match after the other
 *
 * A text without a match is the most frequent case, and asking the automaton first tells it apart quickly,
 * also where somebody wants to know where the match is.
 */
#include "regex/regex_internal.h"

#include <errno.h>

struct regex_run *regex_run_new(struct arena *arena, const struct regex *regex)
{
	struct regex_run *run = arena_alloc(arena, sizeof(*run));

	if (!run)
		return NULL;
	run->arena = arena;
	run->regex = regex;
	return run;
}

/* The pattern is a text, and looking for it is all there is to do. */
static int match_literal(const struct regex *regex, struct str text, size_t from, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	struct str rest = behind(text, from);
	const char *found = memmem(rest.data, rest.len, regex->prefix.data, regex->prefix.len);
	size_t start = found ? from + (size_t)(found - rest.data) : text.len, work = (start - from) / 16 + 1;

	if (work > *steps) {
		*steps = 0;
		return -ETIME;
	}
	*steps -= work;
	for (size_t i = 0; found && i < span_count; i++)
		spans[i] = (struct regex_span){ REGEX_NOWHERE, REGEX_NOWHERE };
	if (found && span_count)
		spans[0] = (struct regex_span){ start, start + regex->prefix.len };
	return found != NULL;
}

/*
 * With the automaton in front; Return: as regex_match(), or -ENOSPC with @from where the search has to go on
 */
static int match_known(struct regex_run *run, struct str text, size_t *from, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	int r = regex_dfa_match(run, text, *from, steps);

	if (r <= 0 || !span_count)
		return r;
	if (span_count == 1 && run->regex->is_whole) {
		spans[0] = (struct regex_span){ 0, text.len };
		return r;
	}
	return regex_onepass_match(run, text, from, steps, spans, span_count);
}

int regex_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	int r = -ENOSPC;

	assert(from <= text.len);
	if (!text.data)
		text = STR("");
	if (run->regex->is_literal && run->regex->prefix.len)
		return match_literal(run->regex, text, from, steps, spans, span_count);
	if (run->regex->kind_count)
		r = match_known(run, text, &from, steps, spans, span_count);
	return r == -ENOSPC ? regex_pike_match(run, text, from, steps, spans, span_count) : r;
}

/* Where to go on behind an empty match: one character further, and no further than behind the end. */
static void move_on(struct str text, struct regex_cursor *cursor)
{
	uint32_t point;

	if (cursor->from == text.len)
		cursor->is_done = true;
	else
		cursor->from += regex_text_point(text, cursor->from, &point);
}

int regex_next(struct regex_run *run, struct str text, struct regex_cursor *cursor, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	while (!cursor->is_done) {
		bool is_refused;
		int r = regex_match(run, text, cursor->from, steps, spans, span_count);

		if (r <= 0) {
			cursor->is_done = !r;
			return r;
		}
		is_refused = spans[0].start == spans[0].end && cursor->is_begun &&
			spans[0].start == cursor->last_end;
		if (spans[0].end == cursor->from)
			move_on(text, cursor);
		else
			cursor->from = spans[0].end;
		cursor->last_end = spans[0].end;
		cursor->is_begun = true;
		if (!is_refused)
			return 1;
	}
	return 0;
}
