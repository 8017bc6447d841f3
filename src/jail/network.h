/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - the way out of a sandbox that has none: sockets of its own network namespace, for somebody
 * outside to serve
 *
 * The namespace has a loopback interface and nothing else. Where the plan wants a gateway, init does three
 * things there while it has its capabilities, and the agent can undo none of them:
 *
 *   - it opens the sockets below, which the gateway gets and serves from the host's side
 *   - it makes every address of IPv4 and IPv6 local ("local default dev lo"), so that a packet to anywhere
 *     stays here and a connection can be answered, be it with a no
 *   - it tells nf_tables to hand each TCP connection that is not to 127.0.0.0/8 or ::1 to the transparent
 *     socket ("tproxy"). Nothing is translated: that socket's connections still have the address and port
 *     that the program wanted as their own end, and no table of connections is kept
 *
 * UDP to an address finds nobody and is refused by the kernel at once (ICMP port unreachable), so a program
 * that tries QUIC goes on to TCP.
 *
 * Why tproxy and not a redirect: a redirect is a translation of addresses, costs a table entry for each
 * connection, and what was meant has to be asked for afterwards (SO_ORIGINAL_DST). It needs all addresses to
 * be local, which here is what is wanted anyhow. Both need nf_tables in the kernel; without it (and only
 * then) there are no transparent connections, and the session does not start.
 *
 * Sources: Documentation/networking/tproxy.rst of the kernel, ip(7) IP_TRANSPARENT, rtnetlink(7)
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>

enum {
	JAIL_PORT_DNS = 53,
	JAIL_PORT_PROXY = 3128,
	JAIL_PORT_TRANSPARENT = 3129,
};

/*
 * X(SOCKET, type, port, transparent): the sockets of one family, in the order in which they are handed over.
 */
#define JAIL_SOCKETS(X) \
	X(DNS_UDP, SOCK_DGRAM, JAIL_PORT_DNS, false) \
	X(DNS_TCP, SOCK_STREAM, JAIL_PORT_DNS, false) \
	X(PROXY, SOCK_STREAM, JAIL_PORT_PROXY, false)		/* HTTP and SOCKS5 */ \
	X(TRANSPARENT, SOCK_STREAM, JAIL_PORT_TRANSPARENT, true)

enum jail_socket {
#define JAIL_SOCKET_VALUE(name, type, port, transparent) JAIL_SOCKET_##name,
	JAIL_SOCKETS(JAIL_SOCKET_VALUE)
#undef JAIL_SOCKET_VALUE
	JAIL_SOCKET_COUNT,
	/* those of 127.0.0.1, then those of ::1 */
	JAIL_SOCKETS_MAX = 2 * JAIL_SOCKET_COUNT,
};

/**
 * jail_network_make_sockets() - sockets of this process's network, for somebody outside to connect
 * @ret: room for @max
 * @max: of them
 *
 * Of TCP, unconnected and non-blocking: of IPv6, which reach 127.0.0.1 as well, or where this kernel has
 * none, of IPv4.
 *
 * Return: how many there are; fewer where the kernel gives no more.
 */
size_t jail_network_make_sockets(int *ret, size_t max);

/**
 * jail_network_open() - make the way out of this process's own network namespace
 * @catches:   connections to anywhere; else only those to the sockets' own addresses are served, no address
 *             of the world is local, and a connection to one fails at once (ENETUNREACH)
 * @ret_fds:   JAIL_SOCKETS_MAX listening, non-blocking descriptors, owned by the caller; without IPv6 in this
 *             kernel the second half is -1
 * @ret_count: JAIL_SOCKETS_MAX, or half of it
 * @err:       says which part failed, and what to do
 *
 * Return: 0 or negative errno; then nothing is open.
 */
int jail_network_open(bool catches, int ret_fds[JAIL_SOCKETS_MAX], size_t *ret_count, struct error *err);
