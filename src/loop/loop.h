/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - the one event loop of every role
 *
 * A role is one thread around one loop. Sources are embedded in the objects that they serve; adding one makes
 * the loop borrow it, removing one is always legal (also twice, also from inside its own handler, also of a
 * source whose event is already in this round's batch: it will not fire). The loop owns no source and frees
 * nothing.
 *
 *	io	level-triggered readiness of a descriptor
 *	timer	a monotonic deadline
 *	child	a pidfd; fires once, when the child can be reaped
 *	signal	blocked signals, read from a signalfd
 *
 * Time is read once per round, through kern: a test that swaps the clock and epoll_pwait2 runs the loop in
 * virtual time.
 *
 * Model: the embedded sources of dbus-broker's dispatch context and of sd-event.
 */
#pragma once

#include "base/list.h"
#include "kern/kern.h"

struct loop {
	int epfd;
	struct list timers;		/* by deadline */
	struct list ios;		/* that epoll watches */
	struct list files;		/* that it refuses, since they never block */
	uint64_t now_ns;		/* monotonic, of this round */
	bool done;
	int result;
};

struct loop_io;
struct loop_timer;
struct loop_child;
struct loop_signal;

typedef void loop_io_fn(struct loop_io *io, uint32_t events);
typedef void loop_timer_fn(struct loop_timer *timer);
typedef void loop_child_fn(struct loop_child *child, int exit_code);
typedef void loop_signal_fn(struct loop_signal *source, int signal);

struct loop_io {
	loop_io_fn *fn;
	struct loop *loop;		/* NULL: not in a loop */
	int fd;				/* borrowed */
	uint32_t events;		/* EPOLLIN, EPOLLOUT */
	bool always_ready;		/* a file, or /dev/null: epoll refuses it, it never blocks */
	struct list node;
};

struct loop_timer {
	loop_timer_fn *fn;
	uint64_t deadline_ns;
	struct list node;
};

struct loop_child {
	loop_child_fn *fn;
	struct loop_io io;
};

struct loop_signal {
	loop_signal_fn *fn;
	struct loop_io io;
	sigset_t before;		/* the mask to restore */
	int fd;				/* owned */
};

/** loop_init() - Return: 0 or negative errno; loop_fini() is legal in both cases */
int loop_init(struct loop *loop);

/** loop_fini() - close what the loop owns; sources that are still in it are forgotten */
void loop_fini(struct loop *loop);

/**
 * loop_run() - serve events until somebody calls loop_stop()
 * @loop: initialised
 *
 * Return: the result that loop_stop() was given, or negative errno from the kernel when waiting failed.
 */
int loop_run(struct loop *loop);

/** loop_stop() - let loop_run() return @result after this handler */
void loop_stop(struct loop *loop, int result);

/**
 * loop_add_io() - watch a descriptor
 * @loop:   borrows @io
 * @io:     all-zero or removed before
 * @fd:     borrowed; open until @io is removed
 * @events: EPOLLIN | EPOLLOUT, or 0 to hear of hang-up only
 * @fn:     the handler
 *
 * Return: 0 or negative errno from the kernel.
 */
int loop_add_io(struct loop *loop, struct loop_io *io, int fd, uint32_t events, loop_io_fn *fn);

/** loop_set_io() - change what is watched; Return: 0 or negative errno */
int loop_set_io(struct loop_io *io, uint32_t events);

/** loop_remove_io() - stop watching; legal at any time, also for one that was never added */
void loop_remove_io(struct loop_io *io);

/** loop_set_timer() - (re)arm; @deadline_ns is absolute and monotonic, loop->now_ns + delay */
void loop_set_timer(struct loop *loop, struct loop_timer *timer, uint64_t deadline_ns, loop_timer_fn *fn);

/** loop_remove_timer() - disarm; legal at any time, also for one that was never set */
void loop_remove_timer(struct loop_timer *timer);

/** loop_add_child() - reap a child when it ends; @pidfd is borrowed; Return: 0 or negative errno */
int loop_add_child(struct loop *loop, struct loop_child *child, int pidfd, loop_child_fn *fn);

/** loop_remove_child() - do not wait for it any more; it is not reaped then */
void loop_remove_child(struct loop_child *child);

/** loop_add_signals() - block @mask and receive it here; Return: 0 or negative errno */
int loop_add_signals(struct loop *loop, struct loop_signal *source, const sigset_t *mask, loop_signal_fn *fn);

/** loop_remove_signals() - stop receiving and restore the mask */
void loop_remove_signals(struct loop_signal *source);
