// SPDX-License-Identifier: Apache-2.0
/*
 * relay.c - bytes from one connection to another, both ways, without looking at them
 */
#include "roles/gateway/relay.h"

#include "base/fd.h"
#include "base/macro.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

enum {
	PIPE_BYTES = 1 << 20,
	FEW_BYTES = 16 << 10,		/* behind them there is most likely nothing yet */
};

/* ---- the stock of pipes ---- */

static int take_pipe(struct relay_pipes *pipes, int ret[2])
{
	int r;

	if (pipes->count) {
		pipes->count--;
		ret[0] = pipes->fds[pipes->count][0];
		ret[1] = pipes->fds[pipes->count][1];
		return 0;
	}
	r = kern_pipe2(ret, O_CLOEXEC | O_NONBLOCK);
	if (r < 0)
		ret[0] = ret[1] = -1;
	else
		/* Larger where the user may have more; else it is the kernel's own size. */
		(void)kern_fcntl(ret[1], F_SETPIPE_SZ, PIPE_BYTES);
	return r;
}

static void close_pipe(int pipe[2])
{
	pipe[0] = fd_close(pipe[0]);
	pipe[1] = fd_close(pipe[1]);
}

static void give_pipe(struct relay_pipes *pipes, int pipe[2])
{
	if (pipes->count == RELAY_PIPES_KEPT) {
		close_pipe(pipe);
		return;
	}
	pipes->fds[pipes->count][0] = TAKE_FD(pipe[0]);
	pipes->fds[pipes->count][1] = TAKE_FD(pipe[1]);
	pipes->count++;
}

void relay_pipes_fini(struct relay_pipes *pipes)
{
	while (pipes->count)
		close_pipe(pipes->fds[--pipes->count]);
}

/* ---- moving ---- */

/*
 * Nothing more may go. Return: 0 nothing more comes, either, -EAGAIN nobody knows yet, -EDQUOT something does
 */
static ssize_t look_for_more(int from)
{
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n = kern_recvmsg(from, &message, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 ? -EDQUOT : n;
}

static bool is_shut(const struct relay_way *way)
{
	return way->is_gated && !way->gate_bytes;
}

/* Return: bytes, 0 at the end, -EAGAIN nothing is there, or negative errno */
static ssize_t fill(struct relay *relay, size_t i)
{
	struct relay_way *way = &relay->ways[i];
	int from = relay->sides[i].fd, r;
	uint64_t left = relay->meter ? relay->meter->left(relay, i) : PIPE_BYTES;
	ssize_t n;

	if (is_shut(way))
		return -EAGAIN;
	if (way->is_gated)
		left = MIN(left, way->gate_bytes);
	if (!left) {
		n = look_for_more(from);
	} else {
		r = way->pipe[0] < 0 ? take_pipe(relay->pipes, way->pipe) : 0;
		if (r < 0)
			return r;
		n = kern_splice(from, way->pipe[1], (size_t)MIN(left, (uint64_t)PIPE_BYTES),
			SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	}
	if (n > 0 && way->is_gated)
		way->gate_bytes -= (uint64_t)n;
	if (n > 0)
		way->held_bytes = (size_t)n;
	else if (!n)
		way->is_ended = true;
	if (n > 0 && relay->meter)
		relay->meter->moved(relay, i, (uint64_t)n);
	return n;
}

/* Return: 0 the pipe is empty, -EAGAIN the other side does not read, or negative errno */
static int drain(struct relay_way *way, int to)
{
	while (way->held_bytes) {
		ssize_t n = kern_splice(way->pipe[0], to, way->held_bytes,
			SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		way->held_bytes -= (size_t)n;
		way->moved_bytes += (uint64_t)n;
	}
	return 0;
}

/* Moves what there is. Return: 0, or negative errno: a connection is broken */
static int move(struct relay *relay, size_t i)
{
	struct relay_way *way = &relay->ways[i];
	uint64_t before = way->moved_bytes;
	int to = relay->sides[!i].fd, r = drain(way, to);

	if (i == 1 && relay->first_answer && r >= 0)
		r = relay->first_answer(relay);
	while (r >= 0 && !way->is_ended && way->moved_bytes - before < RELAY_ROUND_BYTES) {
		ssize_t n = fill(relay, i);

		r = n < 0 ? (int)n : drain(way, to);
		/* The loop says when there is more: a word and its answer are not asked after twice. */
		if (n > 0 && n < FEW_BYTES)
			break;
	}
	if (!way->held_bytes && way->pipe[0] >= 0)
		give_pipe(relay->pipes, way->pipe);
	if (r < 0 && r != -EAGAIN)
		return r;
	if (!way->is_ended || way->held_bytes || way->is_done)
		return 0;
	way->is_done = true;
	/* Who has closed altogether needs not be told. */
	r = kern_shutdown(to, SHUT_WR);
	return r == -ENOTCONN ? 0 : r;
}

/* ---- waiting ---- */

/* What a side is waited for: bytes, where its way has room; room, where the other way holds some for it. */
static uint32_t wanted(const struct relay *relay, size_t i)
{
	const struct relay_way *out = &relay->ways[i], *in = &relay->ways[!i];

	const uint32_t more = !is_shut(out) ? EPOLLIN : !out->ends_later ? EPOLLRDHUP : 0u;

	return (!out->is_ended && !out->held_bytes ? more : 0u) | (in->held_bytes ? EPOLLOUT : 0u);
}

/* A side has ended whose gate is shut. Nothing can come any more, so that the gate is for what is there. */
static void look_behind_gate(struct relay *relay, size_t i)
{
	struct relay_way *way = &relay->ways[i];

	if (look_for_more(relay->sides[i].fd) == -EDQUOT)
		way->ends_later = true;
	else
		way->is_gated = false;
}

static int wait_for_more(struct relay *relay)
{
	int r = 0;

	for (size_t i = 0; i < 2 && r >= 0; i++)
		if (relay->sides[i].io.loop)
			r = loop_set_io(&relay->sides[i].io, wanted(relay, i));
	return r;
}

static void end(struct relay *relay, int error)
{
	relay_fini(relay);
	relay->fn(relay, error);
}

static void serve(struct relay *relay, size_t i, uint32_t events)
{
	int r = 0;

	if (events & EPOLLRDHUP && is_shut(&relay->ways[i]))
		look_behind_gate(relay, i);
	/* A hang-up of a side that still has bytes for us is found by reading them. */
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		r = move(relay, i);
	if (r >= 0 && events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		r = move(relay, !i);
	if (r >= 0 && relay->ways[0].is_done && relay->ways[1].is_done) {
		end(relay, 0);
		return;
	}
	/*
	 * Both its ways are shut or broken and the other side takes nothing: epoll would say so for ever, and
	 * nothing can be moved but what the pipe holds.
	 */
	if (r >= 0 && events & (EPOLLHUP | EPOLLERR) && !wanted(relay, i))
		loop_remove_io(&relay->sides[i].io);
	if (r >= 0)
		r = wait_for_more(relay);
	if (r < 0)
		end(relay, r);
}

static void first_ready(struct loop_io *io, uint32_t events)
{
	serve(CONTAINER_OF(io, struct relay, sides[0].io), 0, events);
}

static void second_ready(struct loop_io *io, uint32_t events)
{
	serve(CONTAINER_OF(io, struct relay, sides[1].io), 1, events);
}

int relay_start(struct relay *relay, struct loop *loop, struct relay_pipes *pipes, const int fds[2],
	relay_fn *fn)
{
	int r;

	*relay = (struct relay){
		.loop = loop, .pipes = pipes, .fn = fn,
		.sides = { { .fd = fds[0] }, { .fd = fds[1] } },
		.ways = { { .pipe = { -1, -1 } }, { .pipe = { -1, -1 } } },
	};
	r = loop_add_io(loop, &relay->sides[0].io, fds[0], EPOLLIN, first_ready);
	if (r >= 0)
		r = loop_add_io(loop, &relay->sides[1].io, fds[1], EPOLLIN, second_ready);
	return r;
}

void relay_gate(struct relay *relay, uint64_t bytes)
{
	relay->ways[0].is_gated = true;
	relay->ways[0].gate_bytes = bytes;
}

void relay_leave(struct relay *relay)
{
	loop_remove_io(&relay->sides[0].io);
}

int relay_open(struct relay *relay)
{
	struct relay_side *side = &relay->sides[0];

	relay->ways[0].is_gated = false;
	/* It was left to somebody, or had hung up while nothing was wanted of it. */
	return side->io.loop ? loop_set_io(&side->io, wanted(relay, 0)) :
		loop_add_io(relay->loop, &side->io, side->fd, wanted(relay, 0), first_ready);
}

static void read_away(int fd)
{
	struct msghdr message = { 0 };
	char bytes[4096];
	struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };

	message.msg_iov = &part;
	message.msg_iovlen = 1;
	for (int i = 0; i < RELAY_ROUND_BYTES / (int)sizeof(bytes); i++)
		if (kern_recvmsg(fd, &message, MSG_DONTWAIT) <= 0)
			return;
}

int relay_finish(struct relay *relay)
{
	struct relay_way *way = &relay->ways[0];
	uint64_t first = way->moved_bytes, before;
	int r;

	do {
		before = way->moved_bytes;
		r = move(relay, 0);
	} while (r >= 0 && !way->is_done && !way->held_bytes && way->moved_bytes != before);
	relay->quiet_looks = way->moved_bytes != first ? 0 : relay->quiet_looks + 1;
	if (r >= 0 && (way->held_bytes || (!way->is_ended && relay->quiet_looks < RELAY_QUIET_LOOKS)))
		return -EAGAIN;
	if (r >= 0)
		read_away(relay->sides[1].fd);
	return r;
}

void relay_fini(struct relay *relay)
{
	for (size_t i = 0; i < 2 && relay->loop; i++) {
		loop_remove_io(&relay->sides[i].io);
		close_pipe(relay->ways[i].pipe);
	}
}
