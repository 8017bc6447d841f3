/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream.h - a server of DNS on the loopback interface, in the loop of the test, and a clock that moves
 * only when nothing else does
 *
 * What it says to the next questions is a row of enum upstream_mood; behind its end, the last one goes on.
 */
#pragma once

#include "base/fd.h"
#include "base/time.h"
#include "lib/dns_wire.h"
#include "loop/loop.h"
#include "roles/gateway/resolver.h"
#include "roles/gateway/sockaddr.h"

enum upstream_mood {
	UPSTREAM_ANSWERS,		/* two addresses, 100 seconds */
	UPSTREAM_SILENT,
	UPSTREAM_FAILS,			/* SERVFAIL */
	UPSTREAM_HAS_NO_NAME,		/* NXDOMAIN, with an SOA of 30 seconds */
	UPSTREAM_CUTS,
	UPSTREAM_LOWERS,		/* the capitals of the name */
	UPSTREAM_IS_FORGED,		/* other ids before the true one */
	UPSTREAM_TALKS_NONSENSE,	/* a record that is cut off */
	UPSTREAM_SAYS_PRIVATE,		/* 10.0.0.1 */
};

struct upstream {
	struct loop *loop;
	int udp, tcp, connection;
	uint16_t port;
	struct loop_io udp_io, tcp_io, connection_io;
	const enum upstream_mood *moods;
	size_t mood_count;
	unsigned asked, asked_by_tcp;
	struct dns_query last;
	char last_question[DNS_NAME_BYTES + 4];
	size_t last_len;
};

static uint64_t virtual_ns = 5 * NS_PER_SEC;

static inline int virtual_clock(UNUSED clockid_t clock, struct timespec *ret)
{
	*ret = (struct timespec){ (time_t)(virtual_ns / NS_PER_SEC), (long)(virtual_ns % NS_PER_SEC) };
	return 0;
}

/* What is ready is served first; then the time is that of the next timer. */
static inline int virtual_wait(int epfd, struct epoll_event *ret, int count, const struct timespec *timeout)
{
	const struct timespec at_once = { 0 };
	int n = kern_ops_real.epoll_pwait2(epfd, ret, count, &at_once);

	if (n)
		return n;
	CHECK(timeout);
	virtual_ns += (uint64_t)timeout->tv_sec * NS_PER_SEC + (uint64_t)timeout->tv_nsec;
	return 0;
}

static inline enum upstream_mood upstream_mood(struct upstream *upstream)
{
	size_t at = MIN((size_t)upstream->asked++, upstream->mood_count - 1);

	return upstream->moods[at];
}

static inline void upstream_reply(struct upstream *upstream, enum upstream_mood mood, struct wire *ret)
{
	static const struct str soa = STR("\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\36");
	bool is_a = upstream->last.type == DNS_A;
	unsigned answers = mood == UPSTREAM_ANSWERS || mood == UPSTREAM_IS_FORGED || mood == UPSTREAM_LOWERS ?
		2 :
		mood == UPSTREAM_SAYS_PRIVATE || mood == UPSTREAM_TALKS_NONSENSE;
	unsigned flags = mood == UPSTREAM_FAILS ? 0x8182 : mood == UPSTREAM_HAS_NO_NAME ? 0x8183 :
		mood == UPSTREAM_CUTS ? 0x8380 : 0x8180;

	if (upstream->last.type != DNS_A && upstream->last.type != DNS_AAAA)
		answers = 1;
	wire_header(ret, upstream->last.id, flags, WIRE_COUNTS(1, answers, mood == UPSTREAM_HAS_NO_NAME, 0));
	wire_bytes(ret, (struct str){ upstream->last_question, upstream->last_len });
	if (mood == UPSTREAM_LOWERS)
		for (size_t i = 12; i < ret->len; i++)
			ret->bytes[i] = (uint8_t)ascii_lower((char)ret->bytes[i]);
	if (mood == UPSTREAM_HAS_NO_NAME)
		wire_record(ret, "@", DNS_SOA, 50, soa);
	else if (mood == UPSTREAM_SAYS_PRIVATE)
		wire_record(ret, "@", DNS_A, 100, STR("\12\0\0\1"));
	else if (answers == 1)
		wire_record(ret, "@", upstream->last.type, 100, STR("\5hello"));
	for (unsigned i = 0; i < 2 && answers == 2; i++)
		wire_record(ret, "@", upstream->last.type, 100,
			is_a ? STR("\1\1\1\1") : STR("\046\6\107\0\0\0\0\0\0\0\0\0\0\0\21\21"));
	if (mood == UPSTREAM_TALKS_NONSENSE)
		ret->len -= 3;
}

static inline void upstream_read(struct upstream *upstream, const char *bytes, size_t len)
{
	CHECK_INT(dns_query_read((struct str){ bytes, len }, &upstream->last), DNS_QUERY_OK);
	upstream->last_len = upstream->last.question.len;
	memcpy(upstream->last_question, upstream->last.question.data, upstream->last_len);
}

static inline void upstream_udp(struct loop_io *io, UNUSED uint32_t events)
{
	struct upstream *upstream = CONTAINER_OF(io, struct upstream, udp_io);
	union sockaddr_any from;
	char bytes[DNS_ASK_BYTES];
	struct iovec part = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part,
		.msg_iovlen = 1 };
	ssize_t n = kern_recvmsg(upstream->udp, &message, 0);
	enum upstream_mood mood = upstream_mood(upstream);
	static struct wire reply;

	CHECK(n > 0);
	upstream_read(upstream, bytes, (size_t)n);
	if (mood == UPSTREAM_SILENT)
		return;
	upstream_reply(upstream, mood, &reply);
	part.iov_base = reply.bytes;
	part.iov_len = reply.len;
	for (unsigned i = 0; i < 5 && mood == UPSTREAM_IS_FORGED; i++) {
		reply.bytes[1] ^= (uint8_t)(1 << i);
		CHECK_INT(kern_sendmsg(upstream->udp, &message, 0), reply.len);
		reply.bytes[1] ^= (uint8_t)(1 << i);
	}
	CHECK_INT(kern_sendmsg(upstream->udp, &message, 0), reply.len);
}

static inline void upstream_connection(struct loop_io *io, UNUSED uint32_t events)
{
	struct upstream *upstream = CONTAINER_OF(io, struct upstream, connection_io);
	char bytes[2 + DNS_ASK_BYTES];
	ssize_t n = kern_read(upstream->connection, bytes, sizeof(bytes));
	static struct wire reply, framed;

	if (n > 2) {
		upstream->asked_by_tcp++;
		upstream_read(upstream, bytes + 2, (size_t)n - 2);
		upstream_reply(upstream, UPSTREAM_ANSWERS, &reply);
		framed.len = 0;
		wire_16(&framed, (unsigned)reply.len);
		wire_bytes(&framed, wire_message(&reply));
		/* In two pieces. */
		CHECK_INT(kern_write(upstream->connection, framed.bytes, 20), 20);
		CHECK_INT(kern_write(upstream->connection, framed.bytes + 20, framed.len - 20),
			framed.len - 20);
		return;
	}
	loop_remove_io(&upstream->connection_io);
	upstream->connection = fd_close(upstream->connection);
}

static inline void upstream_tcp(struct loop_io *io, UNUSED uint32_t events)
{
	struct upstream *upstream = CONTAINER_OF(io, struct upstream, tcp_io);

	upstream->connection = kern_accept4(upstream->tcp, SOCK_NONBLOCK | SOCK_CLOEXEC);
	CHECK(upstream->connection >= 0);
	CHECK_INT(loop_add_io(upstream->loop, &upstream->connection_io, upstream->connection, EPOLLIN,
		upstream_connection), 0);
}

static inline int loopback_socket(int type, uint16_t *port)
{
	static const struct net_address here = { { 127, 0, 0, 1 }, NET_V4_BYTES };
	union sockaddr_any address;
	socklen_t len = sockaddr_fill(&address, &here, *port);
	struct net_address unused;
	int fd = kern_socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_INT(kern_bind(fd, &address.any, len), 0);
	CHECK(type != SOCK_STREAM || kern_listen(fd, 16) == 0);
	CHECK(kern_getsockname(fd, &address.any, &len) == 0 && sockaddr_read(&address, &unused, port));
	return fd;
}

static inline void upstream_start(struct upstream *upstream, struct loop *loop,
	const enum upstream_mood *moods, size_t mood_count)
{
	*upstream =
		(struct upstream){ .loop = loop, .moods = moods, .mood_count = mood_count, .connection = -1 };
	upstream->tcp = loopback_socket(SOCK_STREAM, &upstream->port);
	upstream->udp = loopback_socket(SOCK_DGRAM, &upstream->port);
	CHECK_INT(loop_add_io(loop, &upstream->udp_io, upstream->udp, EPOLLIN, upstream_udp), 0);
	CHECK_INT(loop_add_io(loop, &upstream->tcp_io, upstream->tcp, EPOLLIN, upstream_tcp), 0);
}

static inline void upstream_stop(struct upstream *upstream)
{
	loop_remove_io(&upstream->udp_io);
	loop_remove_io(&upstream->tcp_io);
	loop_remove_io(&upstream->connection_io);
	fd_close(upstream->udp);
	fd_close(upstream->tcp);
	fd_close(upstream->connection);
}
