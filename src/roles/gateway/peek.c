// SPDX-License-Identifier: Apache-2.0
/*
 * peek.c - what a client is about to send, looked at while it is still in its socket
 */
#include "roles/gateway/peek.h"

#include "base/time.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_BYTES = 128 << 10,
	PATIENCE_MS = 30000,
	RECORD_CHANGE = 20,		/* RFC 8446, 5.1 */
	RECORD_ALERT = 21,
	RECORD_DATA = 23,
	RECORD_HEAD_BYTES = 5,
};

static void set_low_water(const struct peek *peek, size_t bytes)
{
	const int mark = (int)bytes;

	(void)kern_setsockopt(peek->fd, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof(mark));
}

void peek_fini(struct peek *peek)
{
	if (!peek->loop)
		return;
	loop_remove_io(&peek->io);
	loop_remove_timer(&peek->patience);
	set_low_water(peek, 1);
	arena_fini(&peek->arena);
	buf_fini(&peek->bytes);
	peek->loop = NULL;
}

static void end(struct peek *peek, const char *why, enum tls_alert alert)
{
	peek_fini(peek);
	peek->fn(peek, why, alert);
}

/* Where nobody asked for a name, whatever it calls the host is not what was judged. */
static const char *check_name(const struct peek *peek)
{
	const struct client_hello *hello = &peek->hello;

	if (hello->has_ech && !peek->lets_encrypted)
		return "the TLS hello is encrypted (ECH), so nobody can see which host it is for";
	if (!peek->name[0])
		return hello->server_name.len ?
			"the TLS hello names a host, and an address was connected to" :
			NULL;
	if (!hello->server_name.len)
		return "the TLS hello names no host";
	return str_eq(hello->server_name, str_from(peek->name)) ? NULL :
		"the TLS hello names another host than the one that was connected to";
}

static bool stands_before(char record)
{
	return record == RECORD_CHANGE || record == RECORD_ALERT || record == RECORD_DATA;
}

/*
 * Where the hello begins: behind the records that may stand before it. Of these, one that is not whole is all
 * that there is, so that nothing is left.
 */
static struct str find_hello(const struct peek *peek)
{
	struct str bytes = { buf_text(&peek->bytes), peek->bytes.len };

	while (peek->is_second && bytes.len && stands_before(bytes.data[0])) {
		const unsigned char *head = (const unsigned char *)bytes.data;
		size_t record_bytes = bytes.len < RECORD_HEAD_BYTES ? bytes.len :
			MIN(bytes.len, RECORD_HEAD_BYTES + ((size_t)head[3] << 8 | head[4]));

		bytes = (struct str){ bytes.data + record_bytes, bytes.len - record_bytes };
	}
	return bytes;
}

/* Nothing was found, and nothing more comes: all that it sent is here, and it has ended. */
static bool has_left(const struct peek *peek, uint32_t events)
{
	return peek->is_second && events & EPOLLRDHUP && peek->bytes.len < CLIENT_HELLO_WIRE_MAX &&
		!find_hello(peek).len;
}

static void look(struct peek *peek)
{
	struct str bytes = find_hello(peek);
	struct client_hello_refusal refusal;
	const char *why;

	if (!bytes.len) {
		set_low_water(peek, peek->bytes.len + 1);
		return;
	}
	switch (client_hello_read(&peek->hello, &peek->arena, bytes, &refusal)) {
	case CLIENT_HELLO_MORE:
		set_low_water(peek, peek->bytes.len + 1);
		return;
	case CLIENT_HELLO_DONE:
		why = check_name(peek);
		end(peek, why, why ? TLS_ALERT_UNRECOGNIZED_NAME : 0);
		return;
	case CLIENT_HELLO_NOT_TLS:
		end(peek, "it is not TLS, which has to be spoken here", 0);
		return;
	case CLIENT_HELLO_MALFORMED:
	default:
		end(peek, refusal.why, refusal.alert);
	}
}

static void ready(struct loop_io *io, uint32_t events)
{
	struct peek *peek = CONTAINER_OF(io, struct peek, io);
	char *place = buf_reserve(&peek->bytes, CLIENT_HELLO_WIRE_MAX - peek->bytes.len);
	struct iovec part = { .iov_len = CLIENT_HELLO_WIRE_MAX };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t before = peek->bytes.len;
	ssize_t n;

	/* From the beginning, as it is still all there; the buffer does not move. */
	part.iov_base = place - before;
	n = kern_recvmsg(peek->fd, &message, MSG_PEEK);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n >= 0 && (size_t)n <= before && has_left(peek, events)) {
		end(peek, NULL, 0);
		return;
	}
	if (n < 0 || (size_t)n <= before) {
		end(peek, "the connection ended before it had said what it wants", 0);
		return;
	}
	buf_commit(&peek->bytes, (size_t)n - before);
	look(peek);
}

static void patience_is_over(struct loop_timer *timer)
{
	end(CONTAINER_OF(timer, struct peek, patience), "no TLS hello came in time", 0);
}

int peek_start(struct peek *peek, struct loop *loop, int fd, const char *name, peek_fn *fn)
{
	*peek = (struct peek){
		.loop = loop, .fd = fd, .fn = fn, .arena = ARENA_INIT(ARENA_BYTES),
		.bytes = BUF_INIT(CLIENT_HELLO_WIRE_MAX),
	};
	(void)snprintf(peek->name, sizeof(peek->name), "%s", name);
	loop_set_timer(loop, &peek->patience, loop->now_ns + PATIENCE_MS * NS_PER_MS, patience_is_over);
	return loop_add_io(loop, &peek->io, fd, EPOLLIN | EPOLLRDHUP, ready);
}
