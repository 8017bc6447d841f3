// SPDX-License-Identifier: Apache-2.0
/*
 * relay.c - copying one descriptor to another inside the event loop
 *
 * A relay is in one of two states: empty, watching its source; or holding bytes, watching its sink. The
 * descriptors that the user gave may be blocking, and must stay as they are (the open file is shared with the
 * user's shell), so a write to anything but a file is no larger than PIPE_BUF, which a ready descriptor takes
 * without blocking.
 */
#include "roles/supervisor/relay.h"

#include "base/fd.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

enum stdio_kind stdio_classify(int fd)
{
	struct statfs fs;
	struct stat st;

	if (kern_fstat(fd, &st) < 0)
		return STDIO_NULL;
	if (kern_isatty(fd) > 0)
		return STDIO_TERMINAL;
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return STDIO_NULL;
	if (S_ISFIFO(st.st_mode) && kern_fstatfs(fd, &fs) >= 0 && fs.f_type == PIPEFS_MAGIC)
		return STDIO_PIPE;
	return S_ISDIR(st.st_mode) ? STDIO_NULL : STDIO_RELAY;
}

void relay_fini(struct relay *relay)
{
	if (!relay->loop)
		return;
	loop_remove_io(&relay->source);
	loop_remove_io(&relay->sink);
	relay->source_fd = fd_close(relay->source_fd);
	relay->sink_fd = fd_close(relay->sink_fd);
	free(TAKE_PTR(relay->buffer));
	relay->loop = NULL;
}

static void end(struct relay *relay, int error)
{
	relay->error = error;
	relay_fini(relay);
	relay->fn(relay);
}

static void source_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct relay *relay = CONTAINER_OF(io, struct relay, source);
	ssize_t n = kern_read(relay->source_fd, relay->buffer, RELAY_BUFFER_BYTES);
	int r;

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		end(relay, (int)n);
		return;
	}
	relay->at = 0;
	relay->len = (size_t)n;
	relay->total_bytes += (uint64_t)n;
	/*
	 * Out of the loop, not just unwatched: hang-up is reported to every watcher, and would have us read
	 * over these bytes.
	 */
	loop_remove_io(&relay->source);
	r = loop_set_io(&relay->sink, EPOLLOUT);
	if (r < 0)
		end(relay, r);
}

static void sink_ready(struct loop_io *io, uint32_t events)
{
	struct relay *relay = CONTAINER_OF(io, struct relay, sink);
	ssize_t n;
	int r;

	if (relay->at == relay->len) {
		/* Only hang-up is reported while nothing waits: nobody will read any more. */
		if (events & (EPOLLERR | EPOLLHUP))
			end(relay, 0);
		return;
	}
	n = kern_write(relay->sink_fd, relay->buffer + relay->at,
		MIN(relay->len - relay->at, relay->step_bytes));
	if (n == -EAGAIN)
		return;
	if (n < 0) {
		end(relay, n == -EPIPE ? 0 : (int)n);
		return;
	}
	relay->at += (size_t)n;
	if (relay->at < relay->len)
		return;
	r = loop_set_io(&relay->sink, 0);
	if (r >= 0)
		r = loop_add_io(relay->loop, &relay->source, relay->source_fd, EPOLLIN, source_ready);
	if (r < 0)
		end(relay, r);
}

int relay_start(struct relay *relay, struct loop *loop, int source_fd, int sink_fd, relay_fn *fn)
{
	struct stat st;
	int r;

	*relay = (struct relay){
		.fn = fn, .context = relay->context, .loop = loop, .source_fd = source_fd, .sink_fd = sink_fd,
	};
	relay->buffer = malloc(RELAY_BUFFER_BYTES);
	if (!relay->buffer)
		abort();
	r = kern_fstat(sink_fd, &st);
	relay->step_bytes = r >= 0 && S_ISREG(st.st_mode) ? RELAY_BUFFER_BYTES : PIPE_BUF;
	if (r >= 0)
		r = loop_add_io(loop, &relay->source, source_fd, EPOLLIN, source_ready);
	if (r >= 0)
		r = loop_add_io(loop, &relay->sink, sink_fd, 0, sink_ready);
	if (r < 0)
		relay_fini(relay);
	return r;
}
