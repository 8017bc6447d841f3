// SPDX-License-Identifier: Apache-2.0
/*
 * test.c - fork per test, descriptors counted, TAP printed
 *
 * The child reports its own verdict by its exit status and whatever it says on stderr; the parent turns that
 * into one TAP line. Descriptors are compared inside the child, right before it leaves, by listing
 * /proc/self/fd.
 */
#include "lib/test.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STATUS_FAILED = 1,
	STATUS_SKIPPED = 77,
	FDS_MAX = 1024,
	TEST_SECONDS_MAX = 60,
};

static struct {
	struct test *first, **last;
	char dir[64];
} tests = { .last = &tests.first };

void test_register(struct test *test)
{
	*tests.last = test;
	tests.last = &test->next;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "# %s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	_exit(STATUS_FAILED);
}

void test_skip(const char *missing_feature)
{
	assert(missing_feature);
	fprintf(stderr, "# missing: %s\n", missing_feature);
	fflush(NULL);
	_exit(STATUS_SKIPPED);
}

static int remove_one(const char *path, UNUSED const struct stat *st, UNUSED int type, UNUSED struct FTW *ftw)
{
	return remove(path);
}

static int unlock_one(const char *path, const struct stat *st, int type, UNUSED struct FTW *ftw)
{
	if (type == FTW_D || type == FTW_DNR)
		(void)chmod(path, st->st_mode | 0700);
	return 0;
}

static void remove_tree(const char *path)
{
	(void)nftw(path, unlock_one, 16, FTW_PHYS | FTW_MOUNT);
	(void)nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
}

const char *test_dir(void)
{
	return tests.dir;
}

static size_t open_fds(bool ret_open[FDS_MAX])
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	memset(ret_open, 0, FDS_MAX * sizeof(*ret_open));
	if (!dir)
		test_fail(__FILE__, __LINE__, "/proc/self/fd: %s", strerror(errno));
	for (struct dirent *entry; (entry = readdir(dir));) {
		long fd = strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] == '.' || fd == dirfd(dir) || fd >= FDS_MAX)
			continue;
		ret_open[fd] = true;
		count++;
	}
	closedir(dir);
	return count;
}

/* A build that is watched knows it of itself; whoever watches any other says so, as tools/check does. */
static unsigned patience(void)
{
	const char *asked = getenv("CORDON_TEST_PATIENCE");

	return asked ? (unsigned)strtoul(asked, NULL, 10) : TEST_PATIENCE;
}

static _Noreturn void run_child(const struct test *test)
{
	static bool before[FDS_MAX], after[FDS_MAX];

	alarm(TEST_SECONDS_MAX * patience());
	open_fds(before);
	test->run();
	open_fds(after);
	for (int fd = 0; fd < FDS_MAX; fd++)
		if (after[fd] && !before[fd])
			test_fail(test->name, 0, "descriptor %d left open", fd);
	/* exit, not _exit: the leak checker and the coverage counters run at exit. */
	exit(EXIT_SUCCESS);
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			abort();
	return status;
}

/* Returns whether the test counts as good. */
static bool run_one(const struct test *test, int number)
{
	int status;
	pid_t pid;

	snprintf(tests.dir, sizeof(tests.dir), "/tmp/cordon-test-XXXXXX");
	if (!mkdtemp(tests.dir))
		abort();
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid)
		run_child(test);
	status = wait_status(pid);
	remove_tree(tests.dir);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED) {
		printf("ok %d %s # SKIP the host lacks what stands above\n", number, test->name);
		return true;
	}
	if (WIFSIGNALED(status))
		printf("# %s: signal %s\n", test->name, sigabbrev_np(WTERMSIG(status)));
	printf("%s %d %s\n", status ? "not ok" : "ok", number, test->name);
	return !status;
}

int test_main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : "*";
	int number = 0, failed = 0;

	printf("TAP version 13\n");
	for (const struct test *test = tests.first; test; test = test->next) {
		if (fnmatch(pattern, test->name, 0))
			continue;
		failed += !run_one(test, ++number);
	}
	printf("1..%d\n", number);
	return failed || !number;
}
