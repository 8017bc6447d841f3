// SPDX-License-Identifier: Apache-2.0
/*
 * bench_term.c - how fast a program's output is filtered
 *
 * Beside each figure stands memcpy() of the same bytes, which is what `cat` could not be faster than. Texts
 * are of the kinds that programs print: a build's log, prose with accents, colours on every word, a full
 * screen drawn again and again, and what is all taken out. Pieces are as large as what the supervisor reads
 * at once.
 */
#include "term/backlog.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	TEXT_BYTES = 32 << 20,
	PIECE_BYTES = 32 << 10,
};

/* Time on a CPU: nothing here waits, and what else the machine does is not what is measured. */
static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *text, const char *what, size_t bytes, uint64_t rounds_ns[ROUNDS_COUNT])
{
	double mb = (double)bytes / 1e6;

	qsort(rounds_ns, ROUNDS_COUNT, sizeof(*rounds_ns), by_value);
	printf("%-16s %-12s %8.2f MB  %7.0f MB/s  (%.0f to %.0f)\n", text, what, mb,
		mb * 1e9 / (double)rounds_ns[ROUNDS_COUNT / 2],
		mb * 1e9 / (double)rounds_ns[ROUNDS_COUNT - 1], mb * 1e9 / (double)rounds_ns[0]);
}

static const struct {
	const char *name, *line;
} texts[] = {
	{ "plain", "[123/456] cc -o src/base/arena.o -c ../src/base/arena.c -Wall -Wextra -O2 -g\r\n" },
	{ "accents",
		"\u00fc\u00f1\u00ef \u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8, na\u00efve caf\u00e9\r\n" },
	{ "colours", "\033[1;32mok\033[0m \033[38;5;200mword\033[0m \033[4mline\033[24m and so on\r\n" },
	{ "screen", "\033[5;10H\033[K\033[1mCPU\033[m[\033[32m|||||\033[m   12.5%]\033[6;10H\033[?25l" },
	{ "attack", "\033]52;c;cm0gLXJmIH4K\a\033[21t\033[6n\033P+q544e\033\\\xC2\x9B" "31m" },
};

static void filter_all(const char *text, struct buf *out, bool is_copied)
{
	struct term_filter filter = { 0 };

	for (size_t at = 0; at < TEXT_BYTES; at += PIECE_BYTES) {
		struct str piece = { text + at, PIECE_BYTES };
		int r;

		buf_clear(out);
		r = is_copied ? buf_append(out, piece.data, piece.len) :
				term_filter_feed(&filter, piece, out);
		if (r < 0)
			abort();
	}
}

/* What the supervisor does beside passing it on: it reads along, and keeps the end for who looks later. */
static void keep_all(const char *text)
{
	struct term_cursor cursor = { .rows = 24, .columns = 80 };
	struct term_filter filter = { .cursor = &cursor };
	struct backlog backlog;

	backlog_init(&backlog, &filter, BACKLOG_TAIL_BYTES);
	for (size_t at = 0; at < TEXT_BYTES; at += PIECE_BYTES)
		backlog_print(&backlog, (struct str){ text + at, PIECE_BYTES });
	backlog_fini(&backlog);
}

static void bench(const char *name, const char *text, bool is_copied)
{
	scoped(buf) struct buf out = BUF_INIT(4 * PIECE_BYTES);
	uint64_t rounds_ns[ROUNDS_COUNT];

	for (int round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start_ns = now_ns();

		filter_all(text, &out, is_copied);
		rounds_ns[round] = now_ns() - start_ns;
	}
	report(name, is_copied ? "memcpy" : "filter", TEXT_BYTES, rounds_ns);
}

static void bench_kept(const char *name, const char *text)
{
	uint64_t rounds_ns[ROUNDS_COUNT];

	for (int round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start_ns = now_ns();

		keep_all(text);
		rounds_ns[round] = now_ns() - start_ns;
	}
	report(name, "supervisor", TEXT_BYTES, rounds_ns);
}

int main(void)
{
	char *text = malloc(TEXT_BYTES);

	if (!text)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t len = strlen(texts[i].line);

		for (size_t at = 0; at < TEXT_BYTES; at++)
			text[at] = texts[i].line[at % len];
		bench(texts[i].name, text, false);
		bench_kept(texts[i].name, text);
		bench(texts[i].name, text, true);
	}
	free(text);
	return 0;
}
