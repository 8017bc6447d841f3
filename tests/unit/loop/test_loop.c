// SPDX-License-Identifier: Apache-2.0
/*
 * test_loop.c - order, removal inside handlers, virtual time, children, signals
 */
#include "lib/test.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "loop/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct loop loop;
static char trace[256];

static void note(const char *word)
{
	size_t used = strlen(trace);

	snprintf(trace + used, sizeof(trace) - used, "%s", word);
}

/* A clock that moves only by what the loop was willing to wait. */
static uint64_t virtual_ns = 5 * NS_PER_SEC;

static int virtual_clock(UNUSED clockid_t clock, struct timespec *ret)
{
	*ret = (struct timespec){ (time_t)(virtual_ns / NS_PER_SEC), (long)(virtual_ns % NS_PER_SEC) };
	return 0;
}

static int virtual_wait(UNUSED int epfd, UNUSED struct epoll_event *ret, UNUSED int count,
	const struct timespec *timeout)
{
	CHECK(timeout);
	virtual_ns += (uint64_t)timeout->tv_sec * NS_PER_SEC + (uint64_t)timeout->tv_nsec;
	return 0;
}

static void timer_a(UNUSED struct loop_timer *t)
{
	note("a");
}

static void timer_b(UNUSED struct loop_timer *t)
{
	note("b");
}

static void timer_stop(UNUSED struct loop_timer *t)
{
	loop_stop(&loop, 7);
}

TEST(timers_fire_in_order_of_their_deadlines)
{
	struct loop_timer a = { 0 }, b = { 0 }, stop = { 0 }, never = { 0 };

	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	CHECK_INT(loop_init(&loop), 0);
	loop_set_timer(&loop, &stop, loop.now_ns + 3600 * NS_PER_SEC, timer_stop);
	loop_set_timer(&loop, &b, loop.now_ns + 20 * NS_PER_SEC, timer_b);
	loop_set_timer(&loop, &a, loop.now_ns + 10 * NS_PER_SEC, timer_a);
	loop_set_timer(&loop, &never, loop.now_ns + 15 * NS_PER_SEC, timer_a);
	loop_remove_timer(&never);
	CHECK_INT(loop_run(&loop), 7);
	CHECK_TEXT(trace, "ab");
	CHECK_INT(virtual_ns / NS_PER_SEC, 3605);
	loop_fini(&loop);
}

TEST(a_timer_that_is_set_again_moves)
{
	struct loop_timer a = { 0 }, b = { 0 }, stop = { 0 };

	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	CHECK_INT(loop_init(&loop), 0);
	loop_set_timer(&loop, &a, loop.now_ns + NS_PER_SEC, timer_a);
	loop_set_timer(&loop, &b, loop.now_ns + 2 * NS_PER_SEC, timer_b);
	loop_set_timer(&loop, &stop, loop.now_ns + 9 * NS_PER_SEC, timer_stop);
	loop_set_timer(&loop, &a, loop.now_ns + 3 * NS_PER_SEC, timer_a);
	CHECK_INT(loop_run(&loop), 7);
	CHECK_TEXT(trace, "ba");
	loop_fini(&loop);
}

struct pair {
	struct loop_io io;
	struct pair *other;
};

static void remove_other(struct loop_io *io, UNUSED uint32_t events)
{
	struct pair *self = CONTAINER_OF(io, struct pair, io);

	note("x");
	loop_remove_io(&self->other->io);
	loop_remove_io(&self->io);
	loop_stop(&loop, 0);
}

TEST(a_source_removed_by_an_earlier_handler_of_the_batch_does_not_fire)
{
	struct pair pairs[2] = { 0 };
	int pipes[2][2];

	CHECK_INT(loop_init(&loop), 0);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(kern_pipe2(pipes[i], O_CLOEXEC), 0);
		CHECK_INT(kern_write(pipes[i][1], "y", 1), 1);
		pairs[i].other = &pairs[1 - i];
		CHECK_INT(loop_add_io(&loop, &pairs[i].io, pipes[i][0], EPOLLIN, remove_other), 0);
	}
	CHECK_INT(loop_run(&loop), 0);
	CHECK_TEXT(trace, "x");
	for (int i = 0; i < 4; i++)
		fd_close(pipes[i / 2][i % 2]);
	loop_fini(&loop);
}

static void read_file(struct loop_io *io, UNUSED uint32_t events)
{
	char c[4] = "";

	if (kern_read(io->fd, c, 1) == 1) {
		note(c);
		return;
	}
	loop_remove_io(io);
	loop_stop(&loop, 0);
}

TEST(a_regular_file_is_always_ready)
{
	struct loop_io io = { 0 };
	int fd = kern_memfd_create("x", MFD_CLOEXEC);

	CHECK_INT(kern_write(fd, "abc", 3), 3);
	CHECK_INT(kern_lseek(fd, 0, SEEK_SET), 0);
	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(loop_add_io(&loop, &io, fd, EPOLLIN, read_file), 0);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_TEXT(trace, "abc");
	fd_close(fd);
	loop_fini(&loop);
}

static void ended(UNUSED struct loop_child *child, int exit_code)
{
	loop_stop(&loop, exit_code);
}

static int refuse_to_watch(UNUSED int epfd, UNUSED int operation, UNUSED int fd,
	UNUSED struct epoll_event *event)
{
	return -EPERM;
}

TEST(a_refusal_means_readiness_of_files_only)
{
	static const char *const files[] = { "/dev/null", "/" };
	struct loop_child child = { 0 };
	struct loop_io io = { 0 };
	int fds[2], pidfd = kern_pidfd_open(getpid(), 0);

	CHECK_INT(loop_init(&loop), 0);
	kern_ops.epoll_ctl = refuse_to_watch;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDONLY | O_CLOEXEC);

		CHECK_INT(loop_add_io(&loop, &io, fd, EPOLLIN, read_file), 0);
		CHECK(io.always_ready);
		loop_remove_io(&io);
		fd_close(fd);
	}
	CHECK_INT(kern_pipe2(fds, O_CLOEXEC), 0);
	CHECK_INT(loop_add_io(&loop, &io, fds[0], EPOLLIN, read_file), -EPERM);
	CHECK_INT(loop_add_child(&loop, &child, pidfd, ended), -EPERM);
	CHECK(!io.loop && !child.io.loop);
	fd_close(fds[0]);
	fd_close(fds[1]);
	fd_close(pidfd);
	loop_fini(&loop);
}

static int run_child(int code, int signal)
{
	struct loop_child child = { 0 };
	pid_t pid = fork();
	int pidfd, r;

	if (!pid) {
		if (signal)
			raise(signal);
		_exit(code);
	}
	pidfd = kern_pidfd_open(pid, 0);
	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(loop_add_child(&loop, &child, pidfd, ended), 0);
	r = loop_run(&loop);
	fd_close(pidfd);
	loop_fini(&loop);
	return r;
}

TEST(a_child_reports_its_exit_code_or_128_plus_its_signal)
{
	CHECK_INT(run_child(3, 0), 3);
	CHECK_INT(run_child(0, SIGTERM), 128 + SIGTERM);
}

static void got_signal(UNUSED struct loop_signal *source, int signal)
{
	loop_stop(&loop, signal);
}

TEST(signals_arrive_in_the_loop_and_the_mask_comes_back)
{
	struct loop_signal source;
	sigset_t mask, now;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(loop_add_signals(&loop, &source, &mask, got_signal), 0);
	raise(SIGUSR1);
	CHECK_INT(loop_run(&loop), SIGUSR1);
	loop_remove_signals(&source);
	CHECK_INT(kern_sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK(!sigismember(&now, SIGUSR1));
	loop_fini(&loop);
}

TEST_MAIN()
