// SPDX-License-Identifier: Apache-2.0
/*
 * transparent.c - connections of programs that know of no proxy
 */
#include "roles/gateway/transparent.h"

#include "base/fd.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/sockaddr.h"

static void refused(UNUSED struct flow *flow, UNUSED const struct refusal *refusal)
{
}

static void failed(UNUSED struct flow *flow, UNUSED int error)
{
}

static int connected(UNUSED struct flow *flow)
{
	return 0;
}

/* Whoever connected to the socket itself wants nothing that exists. */
static bool is_loopback(const struct net_address *address)
{
	static const struct net_address six = { .len = NET_V6_BYTES, .bytes = { [NET_V6_BYTES - 1] = 1 } };

	return address->len == NET_V4_BYTES ? address->bytes[0] == 127 : !net_address_compare(address, &six);
}

void transparent_accept(struct gateway *gateway, int fd)
{
	static const struct flow_speech speech = { refused, failed, connected };
	struct flow *flow = flow_new(gateway, fd, GATEWAY_WAY_CONNECT, &speech);
	union sockaddr_any wanted, client;
	socklen_t wanted_len = sizeof(wanted), client_len = sizeof(client);
	struct net_address from;

	if (!flow)
		return;
	if (kern_getsockname(fd, &wanted.any, &wanted_len) < 0 ||
			kern_getpeername(fd, &client.any, &client_len) < 0 ||
			!sockaddr_read(&wanted, &flow->address, &flow->port) ||
			!sockaddr_read(&client, &from, &flow->client_port) || is_loopback(&flow->address)) {
		flow_reset(flow);
		return;
	}
	flow_ask(flow);
}
