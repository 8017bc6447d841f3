/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console_times.h - when it was that a session's terminal showed something
 *
 * console.log of a session has the bytes of the agent's terminal; console.times beside it has marks, one a
 * line: a time and the number of bytes that came before it,
 *
 *	2026-01-31T14:05:00.250000Z 81920
 *
 * in ascending order of both. There is a mark for the first bytes, and for what comes CONSOLE_MARK_NS or more
 * after the last mark; long output may have more. So what stands behind a mark came at its time or less than
 * CONSOLE_MARK_NS later, but behind the last one, since marks end when their file is full.
 *
 * Reading is strict and does not fail: what is behind a damaged line counts as if no mark stood there. An
 * unfinished last line is none, since somebody may be writing it. No I/O is done here.
 */
#pragma once

#include "base/str.h"
#include "base/time.h"

#define CONSOLE_MARK_NS NS_PER_SEC

enum {
	CONSOLE_LOG_MAX_BYTES = 32 << 20,	/* only the first of them are kept */
	CONSOLE_TIMES_MAX_BYTES = 4 << 20,
	CONSOLE_MARK_SIZE = TIME_TEXT_SIZE + 32,
};

struct console_mark {
	uint64_t time_ns;		/* since the epoch, whole microseconds */
	uint64_t before_bytes;		/* of console.log */
};

/* A place in console.times. All-zero but for the rest is its beginning. */
struct console_times {
	struct str rest;		/* borrowed; not read yet */
	struct console_mark last;
	bool is_damaged;		/* what follows is no mark, or does not follow the last one */
};

/**
 * console_mark_to_text() - one line
 * @mark: written
 * @ret:  the line with its end, and a NUL
 *
 * Return: the length of the line.
 */
size_t console_mark_to_text(const struct console_mark *mark, char ret[CONSOLE_MARK_SIZE]);

/**
 * console_times_next() - the next mark
 * @times: moved on
 * @ret:   set where there is one
 *
 * Return: false at the end, and from the first damaged line on.
 */
bool console_times_next(struct console_times *times, struct console_mark *ret);

/**
 * console_times_find() - where what was shown since a time begins
 * @times:     its beginning; read to its end
 * @since_ns:  that time
 * @log_bytes: size of console.log
 * @log_ns:    when it was written last
 *
 * Nothing that was shown since then stands before the place that is found, and what stands behind it is
 * CONSOLE_MARK_NS older at most, as far as the marks say so.
 *
 * Return: 0..@log_bytes.
 */
uint64_t console_times_find(struct console_times *times, uint64_t since_ns, uint64_t log_bytes,
	uint64_t log_ns);
