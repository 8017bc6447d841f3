// SPDX-License-Identifier: Apache-2.0
/*
 * bench_ledger.c - what a record costs
 *
 * In the directory given (default: the current one): beginning a ledger (files, first record, entry of the
 * index), appending without and with a sync, and verifying what was written. Every figure is the median of
 * its samples in microseconds; the fastest and the slowest tenth stand beside it.
 */
#include "base/fd.h"
#include "base/time.h"
#include "kern/file.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	BEGIN_COUNT = 200,
	APPEND_COUNT = 20000,
	SYNC_COUNT = 100,
};

static uint64_t samples_ns[APPEND_COUNT];

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static _Noreturn void die(const char *what, const struct error *err)
{
	fprintf(stderr, "bench_ledger: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *what, size_t count)
{
	qsort(samples_ns, count, sizeof(*samples_ns), by_value);
	printf("%-28s %9.2f us  (%.2f to %.2f, %zu samples)\n", what, (double)samples_ns[count / 2] / 1e3,
		(double)samples_ns[count / 10] / 1e3, (double)samples_ns[count - count / 10 - 1] / 1e3,
		count);
}

static const struct json *read_fields(struct arena *arena, const char *text)
{
	struct error err = ERROR_INIT;
	const struct json *value;

	if (json_read(arena, str_from(text), JSON_READ_STRICT, &value, &err) < 0)
		die(text, &err);
	return value;
}

static const char created[] =
	"{\"config\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
	"\"policy\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
	"\"host\":{\"kernel\":\"6.1\",\"landlock\":4},\"argv\":[\"python3\",\"agent.py\"],"
	"\"workspace\":\"/home/user/project\",\"user\":\"user\",\"uid\":1000}";
static const char denied[] =
	"{\"decision\":\"d-0123456789\",\"what\":\"file\",\"rule\":\"cordon.file.secrets\","
	"\"path\":\"/home/user/.ssh/id_ed25519\",\"syscall\":\"openat\",\"errno\":\"EACCES\",\"pid\":4711}";

static void bench_begin(int state_dirfd, struct ledger *ledger)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct json *fields = read_fields(&arena, created);
	struct error err = ERROR_INIT;
	static char ids[BEGIN_COUNT][16];
	static int dirfds[BEGIN_COUNT];

	for (int i = 0; i < BEGIN_COUNT; i++) {
		char path[64];

		snprintf(ids[i], sizeof(ids[i]), "bench%d", i);
		snprintf(path, sizeof(path), "sessions/bench%d", i);
		if (kern_mkdirat(state_dirfd, path, 0700) < 0)
			die("creating a session", &err);
		dirfds[i] = kern_open(state_dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	}
	for (int i = 0; i < BEGIN_COUNT; i++) {
		struct ledger_place place = {
			.session_dirfd = dirfds[i], .state_dirfd = state_dirfd, .session = ids[i],
			.actor = "bench",
		};
		uint64_t start_ns = now_ns();

		if (ledger_create(ledger, &place, &err) < 0 ||
				ledger_append(ledger, LEDGER_SESSION_CREATED, fields, 0, &err) < 0)
			die("beginning", &err);
		samples_ns[i] = now_ns() - start_ns;
		if (i + 1 < BEGIN_COUNT && ledger_close(ledger, &err) < 0)
			die("closing", &err);
	}
	report("begin with first record", BEGIN_COUNT);
}

static void bench_append(struct ledger *ledger, const char *what, size_t count, unsigned flags)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct json *fields = read_fields(&arena, denied);
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < count; i++) {
		uint64_t start_ns = now_ns();

		if (ledger_append(ledger, LEDGER_DENIED, fields, flags, &err) < 0)
			die(what, &err);
		samples_ns[i] = now_ns() - start_ns;
	}
	report(what, count);
}

static void tell(const struct ledger_problem *problem, void *context)
{
	(void)context;
	fprintf(stderr, "bench_ledger: %s\n", problem->text);
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	struct ledger_report findings = { .tell = tell };
	struct ledger ledger = LEDGER_INIT;
	struct error err = ERROR_INIT;
	char dir[4096];
	uint64_t start_ns;
	int fd;

	snprintf(dir, sizeof(dir), "%s/bench-ledger-XXXXXX", argc > 1 ? argv[1] : ".");
	if (!mkdtemp(dir) || (fd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0)) < 0 ||
			kern_mkdirat(fd, "sessions", 0700) < 0)
		die(dir, &err);
	bench_begin(fd, &ledger);
	bench_append(&ledger, "append", APPEND_COUNT, 0);
	bench_append(&ledger, "append, synced", SYNC_COUNT, LEDGER_SYNC);
	if (ledger_close(&ledger, &err) < 0)
		die("closing", &err);
	start_ns = now_ns();
	if (ledger_verify(fd, NULL, &findings, &err) < 0)
		die("verifying", &err);
	printf("%-28s %9.2f us a record\n", "verify",
		(double)(now_ns() - start_ns) / 1e3 / (double)findings.summary.records);
	close(fd);
	(void)kern_remove_tree(AT_FDCWD, dir);
	return 0;
}
