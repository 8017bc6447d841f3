// SPDX-License-Identifier: Apache-2.0
/*
 * stream.c - one end of a conversation that has to be understood
 */
#include "roles/gateway/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

void stream_hurry(int fd)
{
	const int now = 1;

	/* It may have left: then nothing is written to it anyway. */
	(void)kern_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
}

int stream_start(struct stream *stream, struct loop *loop, int fd, loop_io_fn *fn)
{
	stream->fd = fd;
	stream->has_ended = stream->is_dry = false;
	return loop_add_io(loop, &stream->io, fd, 0, fn);
}

void stream_stop(struct stream *stream)
{
	loop_remove_io(&stream->io);
	stream->fd = -1;
	buf_clear(&stream->in);
	buf_clear(&stream->out);
}

void stream_fini(struct stream *stream)
{
	stream_stop(stream);
	buf_fini(&stream->in);
	buf_fini(&stream->out);
}

ssize_t stream_read(struct stream *stream)
{
	size_t room = (size_t)STREAM_IN_MAX - stream->in.len;
	ssize_t n;
	char *place;

	if (!room)
		return -ENOBUFS;
	if (stream->is_dry)
		return -EAGAIN;
	/* All of it at once: what has been read of a head points into the buffer, which must not move. */
	place = buf_reserve(&stream->in, room);
	do
		n = kern_read(stream->fd, place, MIN(room, (size_t)STREAM_READ_BYTES));
	while (n == -EINTR);
	stream->is_dry = n == -EAGAIN || (n > 0 && (size_t)n < MIN(room, (size_t)STREAM_READ_BYTES));
	if (n > 0)
		buf_commit(&stream->in, (size_t)n);
	else if (!n)
		stream->has_ended = true;
	return n;
}

int stream_write(struct stream *stream)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < stream->out.len) {
		n = kern_write(stream->fd, stream->out.data + done, stream->out.len - done);
		if (n == -EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	buf_consume(&stream->out, done);
	return n < 0 && n != -EAGAIN ? (int)n : 0;
}

int stream_wait(struct stream *stream, bool for_input)
{
	return loop_set_io(&stream->io,
		(for_input && !stream->has_ended ? EPOLLIN : 0u) | (stream->out.len ? EPOLLOUT : 0u));
}
