/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - one end of a conversation that has to be understood: bytes that came, and bytes that are to go
 *
 * For what a relay cannot do, since it looks at nothing. Both buffers are bounded: who fills `out` looks at
 * stream_has_room(), and what is not read stays with the kernel, which slows the other end down.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "loop/loop.h"

enum {
	STREAM_IN_MAX = 96 << 10,	/* a whole head, and some of what follows */
	STREAM_OUT_MAX = 256 << 10,
	STREAM_OUT_ENOUGH = 64 << 10,	/* no more is added while so much waits */
	STREAM_READ_BYTES = 64 << 10,
};

struct stream {
	int fd;				/* borrowed; -1: none */
	struct loop_io io;
	struct buf in, out;
	bool is_dry;			/* nothing is left to read, as far as is known */
	bool has_ended;			/* the other end sends no more */
};

#define STREAM_INIT { .fd = -1, .in = BUF_INIT(STREAM_IN_MAX), .out = BUF_INIT(STREAM_OUT_MAX) }

/** stream_start() - over a socket; Return: 0 or negative errno */
int stream_start(struct stream *stream, struct loop *loop, int fd, loop_io_fn *fn);

/** stream_stop() - leave the socket; what was buffered is forgotten; legal twice */
void stream_stop(struct stream *stream);

/** stream_fini() - the same, and its memory is given back */
void stream_fini(struct stream *stream);

/**
 * stream_read() - take what came, up to STREAM_READ_BYTES or a full buffer
 * @stream: goes on
 *
 * When all that came was read, nothing more is looked for until stream_heard().
 * Errors: -EAGAIN nothing came; -ENOBUFS the buffer is full; others from the kernel: the connection is
 * broken.
 * Return: how many bytes, 0 at the end (`has_ended`), or negative errno.
 */
ssize_t stream_read(struct stream *stream);

/** stream_heard() - the loop says that something came, or that the connection is over */
static inline void stream_heard(struct stream *stream)
{
	stream->is_dry = false;
}

/** stream_write() - send what is to go, as much as is taken; Return: 0 or negative errno, but not -EAGAIN */
int stream_write(struct stream *stream);

/** stream_wait() - be called when it can go on; Return: 0 or negative errno */
int stream_wait(struct stream *stream, bool for_input);

/**
 * stream_hurry() - let what is written go at once
 * @fd: a connection
 *
 * Left alone, the kernel keeps a short write back until an earlier one was acknowledged, and the other end
 * acknowledges late (RFC 9293, 3.7.4): 40 ms for a chunk of an answer. What belongs together is put together
 * here before it is written.
 */
void stream_hurry(int fd);

/** stream_has_room() - whether more may be put into `out` */
static inline bool stream_has_room(const struct stream *stream)
{
	return stream->out.len < STREAM_OUT_ENOUGH;
}

/** stream_input() - what came and was not used yet */
static inline struct str stream_input(const struct stream *stream)
{
	return (struct str){ buf_text(&stream->in), stream->in.len };
}
