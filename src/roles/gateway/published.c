// SPDX-License-Identifier: Apache-2.0
/*
 * published.c - the way in: connections from this machine's loopback to ports of the sandbox
 */
#include "roles/gateway/published.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/tcp.h"
#include "roles/gateway/sockaddr.h"
#include "roles/gateway/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
	PATIENCE_MS = 10000,		/* until somebody inside has taken it */
	ACCEPTED_AT_ONCE = 64,
	STOCK_LOW = PUBLISHED_STOCK_MAX / 2,
};

/* One connection. */
struct entrance {
	struct published *published;
	struct list node;
	int outside_fd, inside_fd;	/* owned; -1: none */
	bool is_waiting;		/* for a socket */
	bool has_tried[2];		/* 127.0.0.1, ::1 */
	bool is_v6;			/* what is tried now */
	bool is_open;
	struct loop_io io;
	struct loop_timer patience;
	struct relay relay;
};

static struct gateway *gateway_of(const struct entrance *entrance)
{
	return entrance->published->gateway;
}

/* ---- what is told ---- */

static void tell(struct published *published)
{
	struct gateway *gateway = published->gateway;
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_ENTERED, .entered = {
		.port = published->port, .host_port = published->host,
		.connections = published->connections, .failed = published->failed,
		.sent_bytes = published->sent_bytes, .received_bytes = published->received_bytes,
	} };

	published->is_told = true;
	if (channel_is_open(&gateway->supervisor))
		(void)gateway_message_send(&gateway->supervisor, &message, NULL, 0);
}

static bool is_power(uint64_t count)
{
	return count && !(count & (count - 1));
}

/* ---- the end of one ---- */

static void entrance_free(struct entrance *entrance)
{
	struct gateway *gateway = gateway_of(entrance);

	if (entrance->is_open) {
		entrance->published->received_bytes += entrance->relay.ways[0].moved_bytes;
		entrance->published->sent_bytes += entrance->relay.ways[1].moved_bytes;
		entrance->published->is_told = false;
	}
	relay_fini(&entrance->relay);
	loop_remove_io(&entrance->io);
	loop_remove_timer(&entrance->patience);
	fd_close(entrance->outside_fd);
	fd_close(entrance->inside_fd);
	list_remove(&entrance->node);
	gateway->ways_in.entrance_count--;
	free(entrance);
}

static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	if (fd >= 0)
		(void)kern_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void fail(struct entrance *entrance)
{
	struct published *published = entrance->published;

	reset(entrance->outside_fd);
	published->failed++;
	published->is_told = false;
	if (is_power(published->failed))
		tell(published);
	entrance_free(entrance);
}

static void relay_is_over(struct relay *relay, int error)
{
	struct entrance *entrance = CONTAINER_OF(relay, struct entrance, relay);

	if (error) {
		reset(entrance->outside_fd);
		reset(entrance->inside_fd);
	}
	entrance_free(entrance);
}

static void patience_is_over(struct loop_timer *timer)
{
	fail(CONTAINER_OF(timer, struct entrance, patience));
}

/* ---- sockets of the sandbox's network ---- */

static void ask_for_more(struct gateway *gateway)
{
	struct ways_in *ways = &gateway->ways_in;
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_WANT_INSIDE };

	if (ways->is_asking || ways->stock_count > STOCK_LOW || !channel_is_open(&gateway->supervisor))
		return;
	ways->is_asking = gateway_message_send(&gateway->supervisor, &message, NULL, 0) >= 0;
}

/* Return: a socket, or -EAGAIN: more are on their way */
static int take_socket(struct gateway *gateway)
{
	struct ways_in *ways = &gateway->ways_in;
	int fd = ways->stock_count ? ways->stock[--ways->stock_count] : -EAGAIN;

	ask_for_more(gateway);
	return fd;
}

/* ---- into the sandbox ---- */

/* Of IPv6, a socket reaches both: 127.0.0.1 as an address that was mapped. */
static socklen_t fill(union sockaddr_any *ret, int family, bool is_v6, uint16_t port)
{
	static const uint8_t mapped[] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	struct net_address address = { .len = family == AF_INET ? NET_V4_BYTES : NET_V6_BYTES };

	if (family == AF_INET)
		memcpy(address.bytes, mapped + sizeof(mapped) - NET_V4_BYTES, NET_V4_BYTES);
	else if (is_v6)
		address.bytes[NET_V6_BYTES - 1] = 1;
	else
		memcpy(address.bytes, mapped, sizeof(mapped));
	return sockaddr_fill(ret, &address, port);
}

static void try_next(struct entrance *entrance);

static void answered(struct loop_io *io, UNUSED uint32_t events)
{
	struct entrance *entrance = CONTAINER_OF(io, struct entrance, io);
	struct gateway *gateway = gateway_of(entrance);
	const int fds[] = { entrance->outside_fd, entrance->inside_fd };
	int error = 0, r;
	socklen_t len = sizeof(error);

	r = kern_getsockopt(entrance->inside_fd, SOL_SOCKET, SO_ERROR, &error, &len);
	loop_remove_io(&entrance->io);
	if (r < 0 || error) {
		entrance->inside_fd = fd_close(entrance->inside_fd);
		try_next(entrance);
		return;
	}
	loop_remove_timer(&entrance->patience);
	entrance->published->prefers_v6 = entrance->is_v6;
	entrance->is_open = true;
	r = relay_start(&entrance->relay, &gateway->loop, &gateway->pipes, fds, relay_is_over);
	if (r < 0)
		relay_is_over(&entrance->relay, r);
}

static int connect_inside(struct entrance *entrance, int family)
{
	union sockaddr_any address;
	socklen_t len = fill(&address, family, entrance->is_v6, entrance->published->port);
	int r;

	stream_hurry(entrance->inside_fd);
	kern_tcp_hurry(entrance->inside_fd);
	(void)kern_tcp_refuse_urgent(entrance->inside_fd);
	r = kern_connect(entrance->inside_fd, &address.any, len);
	if (r < 0 && r != -EINPROGRESS)
		return r;
	return loop_add_io(&gateway_of(entrance)->loop, &entrance->io, entrance->inside_fd, EPOLLOUT,
		answered);
}

/* The other one of the two addresses, or the end. */
static void try_next(struct entrance *entrance)
{
	int family = 0, r = -ECONNREFUSED;
	socklen_t len = sizeof(family);

	while (r < 0 && !(entrance->has_tried[0] && entrance->has_tried[1])) {
		entrance->inside_fd = take_socket(gateway_of(entrance));
		entrance->is_waiting = entrance->inside_fd < 0;
		if (entrance->is_waiting)
			return;
		entrance->is_v6 = entrance->published->prefers_v6 !=
			(entrance->has_tried[0] || entrance->has_tried[1]);
		entrance->has_tried[entrance->is_v6] = true;
		r = kern_getsockopt(entrance->inside_fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
		/* Without IPv6 in this kernel there is no ::1 to try. */
		if (r >= 0)
			r = family == AF_INET && entrance->is_v6 ? -EAFNOSUPPORT :
			connect_inside(entrance, family);
		if (r < 0)
			entrance->inside_fd = fd_close(entrance->inside_fd);
	}
	if (r < 0)
		fail(entrance);
}

/* ---- connections that come ---- */

static void enter(struct published *published, int fd)
{
	struct gateway *gateway = published->gateway;
	struct entrance *entrance;

	published->connections++;
	published->is_told = false;
	if (is_power(published->connections))
		tell(published);
	if (gateway->ways_in.entrance_count == PUBLISHED_CONNECTIONS_MAX) {
		reset(fd);
		fd_close(fd);
		published->failed++;
		return;
	}
	entrance = calloc(1, sizeof(*entrance));
	if (!entrance)
		abort();
	stream_hurry(fd);
	*entrance = (struct entrance){ .published = published, .outside_fd = fd, .inside_fd = -1 };
	list_append(&gateway->ways_in.entrances, &entrance->node);
	gateway->ways_in.entrance_count++;
	loop_set_timer(&gateway->loop, &entrance->patience,
		gateway->loop.now_ns + PATIENCE_MS * NS_PER_MS, patience_is_over);
	try_next(entrance);
}

static void accept_some(struct loop_io *io, UNUSED uint32_t events)
{
	struct published_listener *listener = CONTAINER_OF(io, struct published_listener, io);

	for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
		int fd = kern_accept4(listener->fd, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd == -ECONNABORTED || fd == -EINTR)
			continue;
		if (fd == -EMFILE || fd == -ENFILE)
			(void)gateway_turn_away(listener->published->gateway, listener->fd);
		if (fd < 0)
			return;
		enter(listener->published, fd);
	}
}

/* ---- all of it ---- */

int published_add(struct gateway *gateway, uint16_t port, uint16_t host, int *fds, size_t count)
{
	struct ways_in *ways = &gateway->ways_in;
	struct published *published = &ways->items[ways->count];
	int r = ways->count == PUBLISHED_MAX || count > ARRAY_SIZE(published->listeners) ? -ENOSPC : 0;

	if (r < 0)
		return r;
	ways->count++;
	*published = (struct published){ .gateway = gateway, .port = port, .host = host, .is_told = true,
		.listeners = { { .fd = -1 }, { .fd = -1 } } };
	for (size_t i = 0; i < count && r >= 0; i++) {
		struct published_listener *listener = &published->listeners[i];

		*listener = (struct published_listener){ .published = published, .fd = TAKE_FD(fds[i]) };
		r = loop_add_io(&gateway->loop, &listener->io, listener->fd, EPOLLIN, accept_some);
	}
	return r;
}

int published_begin(struct gateway *gateway)
{
	if (gateway->ways_in.count)
		ask_for_more(gateway);
	return 0;
}

void published_take(struct gateway *gateway, int *fds, size_t count)
{
	struct ways_in *ways = &gateway->ways_in;

	ways->is_asking = false;
	for (size_t i = 0; i < count && ways->stock_count < PUBLISHED_STOCK_MAX; i++)
		ways->stock[ways->stock_count++] = TAKE_FD(fds[i]);
	LIST_FOR_EACH(entrance, &ways->entrances, struct entrance, node)
		if (entrance->is_waiting && ways->stock_count)
			try_next(entrance);
	ask_for_more(gateway);
}

void published_end(struct gateway *gateway)
{
	struct ways_in *ways = &gateway->ways_in;

	LIST_FOR_EACH(entrance, &ways->entrances, struct entrance, node)
		entrance_free(entrance);
	for (size_t i = 0; i < ways->count; i++) {
		struct published *published = &ways->items[i];

		for (size_t j = 0; j < ARRAY_SIZE(published->listeners); j++) {
			loop_remove_io(&published->listeners[j].io);
			published->listeners[j].fd = fd_close(published->listeners[j].fd);
		}
		if (!published->is_told)
			tell(published);
	}
	while (ways->stock_count)
		fd_close(ways->stock[--ways->stock_count]);
	ways->count = 0;
}
