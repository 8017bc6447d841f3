// SPDX-License-Identifier: Apache-2.0
/*
 * test_storage.c - looking at what a sandbox uses: bytes on the disk, memory, processor time
 */
#include "base/fd.h"
#include "base/time.h"
#include "jail/limits.h"
#include "jail/storage.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PIECE_BYTES = 1 << 20,
	SLACK_BYTES = 64 << 10,		/* directories, and what file systems round up */
};

static char piece[PIECE_BYTES];

static int make_file(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = kern_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, piece, sizeof(piece)), 0);
	CHECK_INT(kern_fsync(fd), 0);
	return fd;
}

/* Of this process alone: it has no children. */
static struct jail_processes own_view(void)
{
	struct jail_processes view = { -1, 0 };

	CHECK_INT(jail_processes_open(kern_getpid(), &view), 0);
	return view;
}

static uint64_t look(const char *path)
{
	struct jail_storage what = { .paths = &path, .path_count = 1 };
	struct jail_storage_use use;

	jail_storage_look(&what, &use);
	CHECK_INT(use.code, 0);
	return jail_storage_total(&use);
}

TEST(a_file_counts_once_for_all_its_names)
{
	const char *dir = test_dir();
	int dirfd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	uint64_t before = look(dir), after;

	fd_close(make_file(dir, "one"));
	CHECK_INT(kern_linkat(dirfd, "one", dirfd, "two", 0), 0);
	CHECK_INT(kern_linkat(dirfd, "one", dirfd, "three", 0), 0);
	after = look(dir);
	CHECK(after - before >= PIECE_BYTES - 3 && after - before < PIECE_BYTES + SLACK_BYTES);
	fd_close(dirfd);
}

TEST(holes_and_what_links_point_to_hold_nothing)
{
	const char *dir = test_dir();
	int dirfd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0), fd;
	uint64_t before = look(dir);

	fd = kern_open(dirfd, "hole", O_RDWR | O_CREAT, 0600);
	CHECK_INT(kern_ftruncate(fd, 1 << 30), 0);
	CHECK_INT(kern_symlinkat("/usr", dirfd, "link"), 0);
	CHECK(look(dir) - before < SLACK_BYTES);
	fd_close(fd);
	fd_close(dirfd);
}

TEST(every_depth_is_seen)
{
	const char *dir = test_dir();
	uint64_t before = look(dir);
	char path[4096];

	snprintf(path, sizeof(path), "%s/1/2/3/4/5/6/7/8/9", dir);
	CHECK_INT(kern_mkdir_all(path), 0);
	fd_close(make_file(path, "deep"));
	CHECK(look(dir) - before >= PIECE_BYTES);
}

TEST(a_place_that_is_gone_holds_nothing)
{
	CHECK_INT(look("/nowhere/at/all"), 0);
}

TEST(a_tree_that_is_too_deep_is_an_error_and_not_forgotten)
{
	static const char name[] =
		"ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";
	const char *dir = test_dir();
	struct jail_storage what = { .paths = &dir, .path_count = 1 };
	int top = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0), at = top;
	struct jail_storage_use use;

	for (int depth = 0; depth < 60; depth++) {
		int next;

		CHECK_INT(kern_mkdirat(at, name, 0700), 0);
		next = kern_open(at, name, O_RDONLY | O_DIRECTORY, 0);
		if (at != top)
			fd_close(at);
		at = next;
	}
	fd_close(at);
	jail_storage_look(&what, &use);
	CHECK_INT(use.code, -ENAMETOOLONG);
	CHECK_INT(kern_remove_tree(top, name), 0);
	fd_close(top);
}

/* The child sees a directory that shuts even its owner out, and files without a name. */
TEST(a_child_looks_behind_closed_doors)
{
	const char *dir = test_dir();
	struct jail_processes view = own_view();
	struct jail_storage what = { .paths = &dir, .path_count = 1, .view = &view };
	int dirfd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0), gone, pidfd, fd;
	struct jail_storage_use use;
	struct error err = ERROR_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/dark", dir);
	CHECK_INT(kern_mkdirat(dirfd, "dark", 0700), 0);
	fd_close(make_file(path, "file"));
	CHECK_INT(kern_fchmodat(dirfd, "dark", 0), 0);
	gone = make_file(dir, "gone");
	CHECK_INT(kern_unlinkat(dirfd, "gone", 0), 0);
	CHECK_INT(jail_storage_start(&what, &pidfd, &fd, &err), 0);
	CHECK_INT(kern_wait_pidfd(pidfd), 0);
	jail_storage_read(fd, &use);
	CHECK_INT(kern_fchmodat(dirfd, "dark", 0700), 0);
	CHECK_INT(use.code, 0);
	CHECK(use.bytes[0] >= PIECE_BYTES);
	/* On a file system of memory it is no disk's. */
	CHECK(use.unnamed_bytes >= PIECE_BYTES || !use.unnamed_bytes);
	fd_close(gone);
	fd_close(dirfd);
	fd_close(pidfd);
	fd_close(fd);
	jail_processes_fini(&view);
}

static int refusing_fcntl(UNUSED int fd, UNUSED int command, UNUSED long argument)
{
	return -EMFILE;
}

static int refusing_dup3(UNUSED int from, UNUSED int to, UNUSED int flags)
{
	return -EMFILE;
}

static int refusing_close_range(UNUSED unsigned first, UNUSED unsigned last, UNUSED unsigned flags)
{
	return -EMFILE;
}

static void refuse_call(int number)
{
	if (number == 0)
		kern_ops.fcntl = refusing_fcntl;
	else if (number == 1)
		kern_ops.dup3 = refusing_dup3;
	else
		kern_ops.close_range = refusing_close_range;
}

/*
 * Descriptors 3 and up are the parent's own until the child has put its own there: of a supervisor, 3 is the
 * way to the user's terminal.
 */
TEST(a_child_that_has_no_descriptors_tells_nobody_but_its_parent)
{
	const struct kern_ops whole = kern_ops;
	const char *dir = test_dir();
	struct jail_storage what = { .paths = &dir, .path_count = 1 };
	struct jail_storage_use use;
	struct error err = ERROR_INIT;
	int bystander[2], pidfd, fd;
	char byte;

	CHECK_INT(kern_pipe2(bystander, O_CLOEXEC | O_NONBLOCK), 0);
	CHECK_INT(bystander[0], 3);
	CHECK_INT(kern_dup3(bystander[1], 3 + 20, O_CLOEXEC), 3 + 20);
	CHECK_INT(kern_dup3(3, bystander[1], O_CLOEXEC), bystander[1]);
	CHECK_INT(kern_dup3(3 + 20, 3, O_CLOEXEC), 3);
	for (int i = 0; i < 3; i++) {
		refuse_call(i);
		CHECK_INT(jail_storage_start(&what, &pidfd, &fd, &err), 0);
		kern_ops = whole;
		CHECK_INT(kern_wait_pidfd(pidfd), 0);
		jail_storage_read(fd, &use);
		CHECK_INT(use.code, -EMFILE);
		CHECK_INT(kern_read(bystander[1], &byte, 1), -EAGAIN);
		fd_close(pidfd);
		fd_close(fd);
	}
	fd_close(3);
	fd_close(3 + 20);
	fd_close(bystander[1]);
}

TEST(a_child_that_says_nothing_has_failed)
{
	struct jail_storage_use use;
	int pipe[2];

	CHECK_INT(kern_pipe2(pipe, O_CLOEXEC), 0);
	fd_close(pipe[1]);
	jail_storage_read(pipe[0], &use);
	CHECK_INT(use.code, -EIO);
	fd_close(pipe[0]);
}

TEST(memory_and_processor_time_are_seen)
{
	struct jail_processes view = own_view();
	struct jail_usage before, after, exact;
	char *memory = malloc(32 << 20);
	uint64_t end_ns = kern_clock_monotonic_ns() + 100 * NS_PER_MS;

	CHECK_INT(jail_usage_read(&view, false, &before), 0);
	explicit_bzero(memory, 32 << 20);
	while (kern_clock_monotonic_ns() < end_ns)
		;
	CHECK_INT(jail_usage_read(&view, false, &after), 0);
	CHECK_INT(jail_usage_read(&view, true, &exact), 0);
	CHECK_INT(after.process_count, 1);
	CHECK(after.memory_bytes - before.memory_bytes >= 31 << 20);
	/* The kernel adds up its counters of pages in batches. */
	CHECK(exact.memory_bytes >= 31 << 20 && exact.memory_bytes < after.memory_bytes + (8 << 20));
	CHECK(after.cpu_ns > before.cpu_ns);
	CHECK_INT(after.thread_count, 1);
	free(memory);
	jail_processes_fini(&view);
}

TEST(a_process_that_does_not_exist_uses_nothing)
{
	struct jail_processes view;

	CHECK_INT(jail_processes_open(INT32_MAX, &view), -ESRCH);
}

TEST_MAIN()
