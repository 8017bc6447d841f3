// SPDX-License-Identifier: Apache-2.0
/*
 * console_times.c - when it was that a session's terminal showed something
 *
 * A reader that is unsure shows too much rather than too little: with no marks, or damaged ones, what is
 * behind the last good one counts as if it came just now.
 */
#include "session/console_times.h"

#include "base/macro.h"

#include <inttypes.h>
#include <stdio.h>

size_t console_mark_to_text(const struct console_mark *mark, char ret[CONSOLE_MARK_SIZE])
{
	char time[TIME_TEXT_SIZE];

	time_to_text(mark->time_ns, time);
	return (size_t)snprintf(ret, CONSOLE_MARK_SIZE, "%s %" PRIu64 "\n", time, mark->before_bytes);
}

static bool read_mark(struct str line, struct console_mark *ret)
{
	struct str time, before;

	return str_cut(line, ' ', &time, &before) && time_from_text(time, &ret->time_ns) >= 0 &&
		str_to_u64(before, INT64_MAX, &ret->before_bytes) >= 0;
}

bool console_times_next(struct console_times *times, struct console_mark *ret)
{
	struct console_mark mark;
	struct str line, rest;

	if (times->is_damaged || !str_cut(times->rest, '\n', &line, &rest))
		return false;
	if (!read_mark(line, &mark) || mark.time_ns < times->last.time_ns ||
			mark.before_bytes < times->last.before_bytes) {
		times->is_damaged = true;
		return false;
	}
	times->rest = rest;
	times->last = *ret = mark;
	return true;
}

uint64_t console_times_find(struct console_times *times, uint64_t since_ns, uint64_t log_bytes,
	uint64_t log_ns)
{
	uint64_t from_ns = since_ns - MIN(since_ns, CONSOLE_MARK_NS);
	struct console_mark mark = { 0 }, next;

	while (console_times_next(times, &next)) {
		if (mark.time_ns >= from_ns)
			return MIN(mark.before_bytes, log_bytes);
		mark = next;
	}
	/* What is behind the last mark is as young as the file. */
	if (times->is_damaged || MAX(log_ns, mark.time_ns) >= from_ns)
		return MIN(mark.before_bytes, log_bytes);
	return log_bytes;
}
