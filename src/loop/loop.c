// SPDX-License-Identifier: Apache-2.0
/*
 * loop.c - epoll, a sorted list of deadlines, and care about removal
 *
 * A batch of epoll events may name a source that an earlier handler of the same batch has removed (and whose
 * memory may be gone). So the batch is copied into a round that lives on the stack, and removing a source
 * erases it from the round that is being served: no event is ever delivered to a source that is not in the
 * loop.
 */
#include "loop/loop.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/process.h"

#include <string.h>

enum {
	BATCH_COUNT = 32,
};

struct round {
	struct epoll_event events[BATCH_COUNT];
	int count;
};

/* The round being served. A process has one loop, and it does not nest: loop_run() asserts it. */
static struct round *current_round;

int loop_init(struct loop *loop)
{
	*loop = (struct loop){ .epfd = -1 };
	list_init(&loop->timers);
	list_init(&loop->ios);
	list_init(&loop->files);
	loop->now_ns = kern_clock_monotonic_ns();
	loop->epfd = kern_epoll_create1(EPOLL_CLOEXEC);
	return loop->epfd < 0 ? loop->epfd : 0;
}

void loop_fini(struct loop *loop)
{
	if (!loop->timers.next)
		return;
	LIST_FOR_EACH(timer, &loop->timers, struct loop_timer, node)
		list_remove(&timer->node);
	LIST_FOR_EACH(io, &loop->ios, struct loop_io, node)
		loop_remove_io(io);
	LIST_FOR_EACH(io, &loop->files, struct loop_io, node)
		loop_remove_io(io);
	fd_close(loop->epfd);
	*loop = (struct loop){ .epfd = -1 };
}

void loop_stop(struct loop *loop, int result)
{
	loop->done = true;
	loop->result = result;
}

static bool have_ready_files(struct loop *loop)
{
	LIST_FOR_EACH(io, &loop->files, struct loop_io, node)
		if (io->events)
			return true;
	return false;
}

static int wait_events(struct loop *loop, struct round *round)
{
	struct timespec timeout = { 0 }, *wait = NULL;

	if (have_ready_files(loop)) {
		wait = &timeout;
	} else if (!list_is_empty(&loop->timers)) {
		struct loop_timer *first = CONTAINER_OF(loop->timers.next, struct loop_timer, node);
		uint64_t left_ns = first->deadline_ns > loop->now_ns ? first->deadline_ns - loop->now_ns : 0;

		timeout.tv_sec = (time_t)(left_ns / NS_PER_SEC);
		timeout.tv_nsec = (long)(left_ns % NS_PER_SEC);
		wait = &timeout;
	}
	round->count = kern_epoll_pwait2(loop->epfd, round->events, BATCH_COUNT, wait);
	return round->count;
}

static void serve_ios(struct loop *loop, struct round *round)
{
	for (int i = 0; i < round->count && !loop->done; i++) {
		struct loop_io *io = round->events[i].data.ptr;

		if (io)
			io->fn(io, round->events[i].events);
	}
}

/*
 * One regular file a round, then to the end of the line: its handler may remove any source, so the walk ends
 * there.
 */
static void serve_ready_file(struct loop *loop)
{
	LIST_FOR_EACH(io, &loop->files, struct loop_io, node) {
		if (!io->events)
			continue;
		list_remove(&io->node);
		list_append(&loop->files, &io->node);
		io->fn(io, io->events);
		return;
	}
}

static void serve_timers(struct loop *loop)
{
	while (!list_is_empty(&loop->timers) && !loop->done) {
		struct loop_timer *first = CONTAINER_OF(loop->timers.next, struct loop_timer, node);

		if (first->deadline_ns > loop->now_ns)
			return;
		list_remove(&first->node);
		first->fn(first);
	}
}

int loop_run(struct loop *loop)
{
	struct round round;

	assert(!current_round);
	loop->done = false;
	while (!loop->done) {
		int r = wait_events(loop, &round);

		if (r < 0 && r != -EINTR)
			return r;
		loop->now_ns = kern_clock_monotonic_ns();
		current_round = r < 0 ? NULL : &round;
		if (current_round)
			serve_ios(loop, &round);
		current_round = NULL;
		if (!loop->done)
			serve_ready_file(loop);
		serve_timers(loop);
	}
	return loop->result;
}

/*
 * Whether the refusal is epoll's, of what has nothing to wait for: files, directories, devices such as
 * /dev/null (epoll_ctl(2), EPERM). Somebody else's - a filter's - about a socket would have it served round
 * after round.
 */
static bool never_blocks(int fd)
{
	struct stat st;

	return kern_fstat(fd, &st) >= 0 &&
		(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));
}

int loop_add_io(struct loop *loop, struct loop_io *io, int fd, uint32_t events, loop_io_fn *fn)
{
	struct epoll_event event = { .events = events, .data.ptr = io };
	bool always_ready;
	int r;

	assert(!io->loop && fd >= 0);
	r = kern_epoll_ctl(loop->epfd, EPOLL_CTL_ADD, fd, &event);
	always_ready = r == -EPERM && never_blocks(fd);
	if (r < 0 && !always_ready)
		return r;
	*io = (struct loop_io){ .fn = fn, .loop = loop, .fd = fd, .events = events,
		.always_ready = always_ready };
	list_append(io->always_ready ? &loop->files : &loop->ios, &io->node);
	return 0;
}

int loop_set_io(struct loop_io *io, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = io };
	int r = 0;

	assert(io->loop);
	if (events == io->events)
		return 0;
	if (!io->always_ready)
		r = kern_epoll_ctl(io->loop->epfd, EPOLL_CTL_MOD, io->fd, &event);
	if (r >= 0)
		io->events = events;
	return r;
}

void loop_remove_io(struct loop_io *io)
{
	if (!io->loop)
		return;
	if (!io->always_ready)
		(void)kern_epoll_ctl(io->loop->epfd, EPOLL_CTL_DEL, io->fd, NULL);
	list_remove(&io->node);
	for (int i = 0; current_round && i < current_round->count; i++)
		if (current_round->events[i].data.ptr == io)
			current_round->events[i].data.ptr = NULL;
	io->loop = NULL;
}

void loop_set_timer(struct loop *loop, struct loop_timer *timer, uint64_t deadline_ns, loop_timer_fn *fn)
{
	struct list *before = &loop->timers;

	loop_remove_timer(timer);
	timer->fn = fn;
	timer->deadline_ns = deadline_ns;
	/* From the end: most timers are set for the same delay as the one before, and belong behind it. */
	while (before->prev != &loop->timers &&
			CONTAINER_OF(before->prev, struct loop_timer, node)->deadline_ns > deadline_ns)
		before = before->prev;
	list_append(before, &timer->node);
}

void loop_remove_timer(struct loop_timer *timer)
{
	list_remove(&timer->node);
}

static void child_ended(struct loop_io *io, UNUSED uint32_t events)
{
	struct loop_child *child = CONTAINER_OF(io, struct loop_child, io);
	int pidfd = io->fd;

	loop_remove_io(io);
	child->fn(child, kern_wait_pidfd(pidfd));
}

int loop_add_child(struct loop *loop, struct loop_child *child, int pidfd, loop_child_fn *fn)
{
	child->fn = fn;
	return loop_add_io(loop, &child->io, pidfd, EPOLLIN, child_ended);
}

void loop_remove_child(struct loop_child *child)
{
	loop_remove_io(&child->io);
}

static void signal_came(struct loop_io *io, UNUSED uint32_t events)
{
	struct loop_signal *source = CONTAINER_OF(io, struct loop_signal, io);
	struct signalfd_siginfo info;

	while (io->loop && kern_read(io->fd, &info, sizeof(info)) == sizeof(info))
		source->fn(source, (int)info.ssi_signo);
}

int loop_add_signals(struct loop *loop, struct loop_signal *source, const sigset_t *mask, loop_signal_fn *fn)
{
	int r;

	*source = (struct loop_signal){ .fn = fn, .fd = -1 };
	r = kern_sigprocmask(SIG_BLOCK, mask, &source->before);
	if (r < 0)
		return r;
	source->fd = kern_signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
	r = source->fd < 0 ? source->fd : loop_add_io(loop, &source->io, source->fd, EPOLLIN, signal_came);
	if (r < 0) {
		source->fd = fd_close(source->fd);
		(void)kern_sigprocmask(SIG_SETMASK, &source->before, NULL);
	}
	return r;
}

void loop_remove_signals(struct loop_signal *source)
{
	if (!source->io.loop)
		return;
	loop_remove_io(&source->io);
	source->fd = fd_close(source->fd);
	(void)kern_sigprocmask(SIG_SETMASK, &source->before, NULL);
}
