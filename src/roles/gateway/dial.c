// SPDX-License-Identifier: Apache-2.0
/*
 * dial.c - a connection to one of several addresses, the first that answers
 */
#include "roles/gateway/dial.h"

#include "base/fd.h"
#include "base/macro.h"
#include "base/time.h"
#include "kern/tcp.h"
#include "roles/gateway/sockaddr.h"
#include "roles/gateway/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void drop(struct dial_attempt *attempt)
{
	loop_remove_io(&attempt->io);
	attempt->fd = fd_close(attempt->fd);
}

void dial_fini(struct dial *dial)
{
	if (!dial->loop)
		return;
	loop_remove_timer(&dial->delay);
	loop_remove_timer(&dial->patience);
	for (size_t i = 0; i < dial->next; i++)
		drop(&dial->attempts[i]);
	dial->loop = NULL;
}

static void end(struct dial *dial, int fd, size_t index)
{
	const struct net_address address = dial->addresses[index];

	dial_fini(dial);
	dial->fn(dial, fd, &address);
}

static void try_next(struct dial *dial);

static void fail(struct dial_attempt *attempt, int error)
{
	struct dial *dial = attempt->dial;

	drop(attempt);
	dial->pending--;
	dial->failure = error;
	dial->failed_index = attempt->index;
	if (dial->next < dial->count)
		try_next(dial);
	else if (!dial->pending)
		end(dial, dial->failure, dial->failed_index);
}

static void answered(struct loop_io *io, UNUSED uint32_t events)
{
	struct dial_attempt *attempt = CONTAINER_OF(io, struct dial_attempt, io);
	int error = 0, r, fd;
	socklen_t len = sizeof(error);

	r = kern_getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (r < 0 || error) {
		fail(attempt, r < 0 ? r : -error);
		return;
	}
	loop_remove_io(&attempt->io);
	fd = TAKE_FD(attempt->fd);
	end(attempt->dial, fd, attempt->index);
}

/* One of the host's own: 127.0.0.0/8, ::1. */
static bool stays_here(const struct net_address *address)
{
	static const uint8_t loopback[NET_V6_BYTES] = { [NET_V6_BYTES - 1] = 1 };

	return address->len == NET_V4_BYTES ? address->bytes[0] == 127 :
		!memcmp(address->bytes, loopback, sizeof(loopback));
}

static int begin(struct dial_attempt *attempt)
{
	struct dial *dial = attempt->dial;
	union sockaddr_any address;
	socklen_t len = sockaddr_fill(&address, &dial->addresses[attempt->index], dial->port);
	int r;

	attempt->fd = kern_socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->fd < 0)
		return attempt->fd;
	stream_hurry(attempt->fd);
	if (stays_here(&dial->addresses[attempt->index]))
		kern_tcp_hurry(attempt->fd);
	(void)kern_tcp_refuse_urgent(attempt->fd);
	r = kern_connect(attempt->fd, &address.any, len);
	if (r < 0 && r != -EINPROGRESS)
		return r;
	return loop_add_io(dial->loop, &attempt->io, attempt->fd, EPOLLOUT, answered);
}

static void delay_is_over(struct loop_timer *timer)
{
	try_next(CONTAINER_OF(timer, struct dial, delay));
}

/* As many as fail at once, and then one that has to be waited for. */
static void try_next(struct dial *dial)
{
	while (dial->next < dial->count) {
		struct dial_attempt *attempt = &dial->attempts[dial->next];
		int r;

		*attempt = (struct dial_attempt){ .dial = dial, .fd = -1, .index = dial->next++ };
		r = begin(attempt);
		if (r >= 0) {
			dial->pending++;
			break;
		}
		attempt->fd = fd_close(attempt->fd);
		dial->failure = r;
		dial->failed_index = attempt->index;
	}
	if (dial->next < dial->count)
		loop_set_timer(dial->loop, &dial->delay, dial->loop->now_ns + DIAL_DELAY_MS * NS_PER_MS,
			delay_is_over);
	else if (!dial->pending)
		end(dial, dial->failure, dial->failed_index);
}

static void patience_is_over(struct loop_timer *timer)
{
	struct dial *dial = CONTAINER_OF(timer, struct dial, patience);

	end(dial, -ETIMEDOUT, dial->next ? dial->next - 1 : 0);
}

void dial_start(struct dial *dial, struct loop *loop, const struct net_address *addresses, size_t count,
	uint16_t port, uint64_t timeout_ns, dial_fn *fn)
{
	assert(count && count <= DIAL_ADDRESSES_MAX);
	*dial = (struct dial){ .loop = loop, .count = count, .port = port, .fn = fn };
	memcpy(dial->addresses, addresses, count * sizeof(*addresses));
	loop_set_timer(loop, &dial->patience, loop->now_ns + timeout_ns, patience_is_over);
	/* In the next round of the loop, so that who started it never hears of it before it returned. */
	loop_set_timer(loop, &dial->delay, loop->now_ns, delay_is_over);
}
