// SPDX-License-Identifier: Apache-2.0
/*
 * bench_json.c - how fast documents are read and written
 *
 * Each document is of a kind that cordon handles: a changeset of 10,000 entries, ledger records read one by
 * one, and the shapes that are hard for one part of the reader (numbers, escapes, deep lists, one object with
 * very many keys in no order). Every figure is the median of ROUNDS_COUNT rounds; the fastest and the slowest
 * stand beside it. bench_json NAME TIMES reads the document so often and times nothing: instructions are
 * counted from outside (tests/tools/test_budgets.py). MB are 10^6 bytes of text, in the canonical form unless
 * the name says otherwise.
 */
#include "json/json.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	ENTRIES_COUNT = 10000,
	ARENA_MAX_BYTES = 1 << 30,
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

static void report(const char *document, const char *what, size_t bytes, uint64_t rounds_ns[ROUNDS_COUNT])
{
	double mb = (double)bytes / 1e6;

	qsort(rounds_ns, ROUNDS_COUNT, sizeof(*rounds_ns), by_value);
	printf("%-18s %-16s %8.2f MB  %7.0f MB/s  (%.0f to %.0f)\n", document, what, mb,
		mb * 1e9 / (double)rounds_ns[ROUNDS_COUNT / 2],
		mb * 1e9 / (double)rounds_ns[ROUNDS_COUNT - 1], mb * 1e9 / (double)rounds_ns[0]);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_json: %s\n", what);
	exit(EXIT_FAILURE);
}

/* ---- documents ---- */

static void make_changeset(struct buf *buf)
{
	buf_append_str(buf, "{\"entries\":[");
	for (int i = 0; i < ENTRIES_COUNT; i++)
		buf_printf(buf,
			"%s{\"digest\":\"%064x\",\"kind\":\"modified\",\"mode\":33188,\"old_mode\":33188,"
			"\"path\":\"src/module%d/file_%05d.c\",\"size\":%d,\"type\":\"file\"}",
			i ? "," : "", i * 7919, i % 100, i, i * 37);
	buf_append_str(buf, "],\"version\":1}");
}

static void make_record(struct buf *buf)
{
	buf_printf(buf,
		"{\"actor\":\"supervisor\",\"fields\":{\"path\":\"src/base/arena.c\","
		"\"rule\":\"floor.setuid\",\"verdict\":\"deny\"},\"hash\":\"%064x\","
		"\"kind\":\"commit.judge\",\"prev\":\"%064x\",\"seq\":42,"
		"\"session\":\"k3f9a1\",\"time\":\"2026-01-02T03:04:05.000006Z\"}", 1, 2);
}

/* What a policy is asked about one request. */
static void make_question(struct buf *buf)
{
	buf_append_str(buf,
		"{\"method\":\"POST\",\"path\":\"/v1/data/servers/app/restart\",\"user\":{"
		"\"name\":\"alice@example.com\",\"roles\":[\"administrators\",\"developers\","
		"\"operations-team\"],\"id\":4711,\"authenticated\":true},\"request\":{"
		"\"host\":\"api.example.com\",\"headers\":{\"accept\":\"application/json\","
		"\"user-agent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"},\"query\":\"\"},"
		"\"time\":1700000000}");
}

static void make_integers(struct buf *buf)
{
	buf_append_char(buf, '[');
	for (int i = 0; i < 200000; i++)
		buf_printf(buf, "%s%d", i ? "," : "", i * 7919);
	buf_append_char(buf, ']');
}

static void make_prose(struct buf *buf)
{
	buf_append_char(buf, '[');
	for (int i = 0; i < 5000; i++)
		buf_printf(buf,
			"%s\"Line %d of a text that goes on as long as a line of a file does, or so.\\n\"",
			i ? "," : "", i);
	buf_append_char(buf, ']');
}

static void make_accents(struct buf *buf)
{
	buf_append_char(buf, '[');
	for (int i = 0; i < 5000; i++)
		buf_printf(buf,
			"%s\"%d \u00fc\u00f1\u00ef \u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8\"",
			i ? "," : "", i);
	buf_append_char(buf, ']');
}

static void make_unsorted_keys(struct buf *buf)
{
	buf_append_char(buf, '{');
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(buf, "%s\"key%08x\":%u", i ? "," : "", i * 2654435761u, i);
	buf_append_char(buf, '}');
}

static void make_deep(struct buf *buf)
{
	buf_append_char(buf, '[');
	for (int i = 0; i < 2000; i++) {
		buf_append_str(buf, i ? ",[" : "[");
		for (int depth = 0; depth < 100; depth++)
			buf_append_char(buf, '[');
		for (int depth = 0; depth < 101; depth++)
			buf_append_char(buf, ']');
	}
	buf_append_char(buf, ']');
}

static const struct {
	const char *name;
	void (*make)(struct buf *buf);
	int repeat;			/* small documents are read many times a round */
} documents[] = {
	{ "changeset", make_changeset, 1 },
	{ "ledger record", make_record, 10000 },
	{ "question", make_question, 10000 },
	{ "integers", make_integers, 1 },
	{ "prose", make_prose, 1 },
	{ "accents", make_accents, 1 },
	{ "unsorted keys", make_unsorted_keys, 1 },
	{ "deep", make_deep, 1 },
};

/* ---- measuring ---- */

static void bench_read(const char *document, const char *what, struct str text, int repeat)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t rounds_ns[ROUNDS_COUNT];
	struct error err = ERROR_INIT;

	for (int round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start_ns = now_ns();

		for (int i = 0; i < repeat; i++) {
			const struct json *value;

			arena_reset(&arena);
			if (json_read(&arena, text, JSON_READ_STRICT, &value, &err) < 0)
				die(err.text);
		}
		rounds_ns[round] = now_ns() - start_ns;
	}
	report(document, what, text.len * (size_t)repeat, rounds_ns);
}

static void bench_write(const char *document, const char *what, const struct json *value, unsigned flags,
	int repeat)
{
	scoped(buf) struct buf buf = BUF_INIT(ARENA_MAX_BYTES);
	uint64_t rounds_ns[ROUNDS_COUNT];

	for (int round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start_ns = now_ns();

		for (int i = 0; i < repeat; i++) {
			buf_clear(&buf);
			if (json_write(&buf, value, flags) < 0)
				die("writing");
		}
		rounds_ns[round] = now_ns() - start_ns;
	}
	report(document, what, buf.len * (size_t)repeat, rounds_ns);
}

static void read_times(void (*make)(struct buf *buf), uint64_t times)
{
	scoped(buf) struct buf buf = BUF_INIT(ARENA_MAX_BYTES);
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct error err = ERROR_INIT;

	make(&buf);
	for (uint64_t i = 0; i < times; i++) {
		const struct json *value;

		arena_reset(&arena);
		if (json_read(&arena, (struct str){ .data = buf.data, .len = buf.len }, JSON_READ_STRICT,
				&value, &err) < 0)
			die(err.text);
	}
}

static void bench_document(const char *name, void (*make)(struct buf *buf), int repeat)
{
	scoped(buf) struct buf buf = BUF_INIT(ARENA_MAX_BYTES), pretty = BUF_INIT(ARENA_MAX_BYTES);
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct error err = ERROR_INIT;
	const struct json *value;

	make(&buf);
	if (json_read(&arena, (struct str){ .data = buf.data, .len = buf.len }, JSON_READ_STRICT, &value,
			&err) < 0)
		die(err.text);
	if (json_write(&pretty, value, JSON_WRITE_PRETTY) < 0)
		die("writing");
	bench_read(name, "read", (struct str){ .data = buf.data, .len = buf.len }, repeat);
	bench_read(name, "read pretty", (struct str){ .data = pretty.data, .len = pretty.len }, repeat);
	bench_write(name, "write", value, JSON_WRITE_CANONICAL, repeat);
	bench_write(name, "write pretty", value, JSON_WRITE_PRETTY, repeat);
}

int main(int argc, char **argv)
{
	uint64_t times = 0;

	if (argc > 2)
		(void)str_to_u64(str_from(argv[2]), 10000000, &times);
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		if (argc > 1 && strcmp(argv[1], documents[i].name) != 0)
			continue;
		if (times)
			read_times(documents[i].make, times);
		else
			bench_document(documents[i].name, documents[i].make, documents[i].repeat);
	}
	return 0;
}
