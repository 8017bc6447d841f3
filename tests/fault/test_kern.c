// SPDX-License-Identifier: Apache-2.0
/*
 * test_kern.c - files of ours while the kernel refuses one call after the other
 *
 * Each piece of work runs once uncounted, and then once for every call that it makes, with that call refused
 * by EIO and by ENOSPC. Success has to mean that all of it happened; failure, that what was there before is
 * still whole. Descriptors are counted by the harness.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "base/fd.h"
#include "kern/file.h"
#include "kern/sock.h"
#include "lib/kern_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const int errors[] = { -EIO, -ENOSPC };

static int open_test_dir(void)
{
	int fd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void shell(const char *command)
{
	char line[512];

	CHECK((size_t)snprintf(line, sizeof(line), "cd '%s' && %s", test_dir(), command) < sizeof(line));
	CHECK_INT(system(line), 0);
}

/* Every call of @work in turn; @prepare puts the scene in order, @judge looks at what became of it. */
static void refuse_each(void (*prepare)(int dirfd), int (*work)(int dirfd),
	void (*judge)(int dirfd, int result))
{
	scoped(fd) int dirfd = open_test_dir();
	unsigned count;

	prepare(dirfd);
	kern_fault_arm(NULL, 0, 0);
	CHECK_INT(work(dirfd), 0);
	count = kern_fault_count();
	kern_fault_disarm();
	judge(dirfd, 0);
	CHECK(count >= 2);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		for (unsigned nth = 1; nth <= count; nth++) {
			int r;

			prepare(dirfd);
			kern_fault_arm(NULL, nth, errors[i]);
			r = work(dirfd);
			CHECK(kern_fault_call());
			kern_fault_disarm();
			/* Often it is the error itself; a copy turns a refused lseek(2) into -EIO. */
			CHECK(r <= 0);
			judge(dirfd, r);
		}
	}
}

static void check_content(int dirfd, const char *name, const char *wanted, const char *or_else)
{
	scoped(buf) struct buf text = BUF_INIT(4096);

	CHECK_INT(kern_read_file(dirfd, name, &text), 0);
	if (!or_else || strcmp(buf_text(&text), or_else) != 0)
		CHECK_TEXT(buf_text(&text), wanted);
}

static void prepare_old(UNUSED int dirfd)
{
	shell("printf old > file");
}

static int write_new(int dirfd)
{
	return kern_write_file(dirfd, "file", STR("new"), 0600, true);
}

static void judge_old_or_new(int dirfd, int result)
{
	check_content(dirfd, "file", "new", result < 0 ? "old" : NULL);
	/* A remnant may only stay where removing it was what failed, and the next write takes it away. */
	CHECK_INT(kern_write_file(dirfd, "file", STR("again"), 0600, false), 0);
	shell("test \"$(ls -A)\" = file");
}

TEST(a_file_is_replaced_as_a_whole_or_stays)
{
	refuse_each(prepare_old, write_new, judge_old_or_new);
}

static void prepare_tree(UNUSED int dirfd)
{
	shell("rm -rf tree && mkdir -p tree/a/b outside && touch tree/a/b/1 tree/a/2 outside/stays");
	shell("ln -s ../outside tree/link");
}

static int remove_it(int dirfd)
{
	return kern_remove_tree(dirfd, "tree");
}

static void judge_removed(UNUSED int dirfd, int result)
{
	shell("test -e outside/stays");
	if (!result)
		shell("test ! -e tree");
}

TEST(a_tree_is_gone_when_removing_it_succeeded)
{
	refuse_each(prepare_tree, remove_it, judge_removed);
}

static void prepare_copy(UNUSED int dirfd)
{
	shell("printf 'some content' > from && : > to");
}

static int copy_it(int dirfd)
{
	scoped(fd) int from = kern_open(dirfd, "from", O_RDONLY, 0);
	scoped(fd) int to = from < 0 ? from : kern_open(dirfd, "to", O_WRONLY, 0);

	return to < 0 ? to : kern_copy_data(from, to, 12, NULL);
}

static void judge_copied(int dirfd, int result)
{
	if (!result)
		check_content(dirfd, "to", "some content", NULL);
	check_content(dirfd, "from", "some content", NULL);
}

TEST(a_copy_is_whole_when_it_succeeded)
{
	refuse_each(prepare_copy, copy_it, judge_copied);
}

/* Even a look that does not wait ends with a signal that is pending. */
TEST(who_has_left_is_seen_in_spite_of_a_signal)
{
	int ends[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	kern_fault_arm("ppoll", 1, -EINTR);
	CHECK(!kern_sock_is_left(ends[0]));
	CHECK_TEXT(kern_fault_call(), "ppoll");
	close(ends[1]);
	kern_fault_arm("ppoll", 1, -EINTR);
	CHECK(kern_sock_is_left(ends[0]));
	kern_fault_disarm();
	close(ends[0]);
}

TEST_MAIN()
