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

/* Whoever connected to the socket itself wants nothing that exists. */
static bool is_loopback(const struct net_address *address)
{
	static const struct net_address six = { .len = NET_V6_BYTES, .bytes = { [NET_V6_BYTES - 1] = 1 } };

	return address->len == NET_V4_BYTES ? address->bytes[0] == 127 : !net_address_compare(address, &six);
}

void transparent_accept(struct gateway *gateway, int fd, uint16_t client_port)
{
	static const struct flow_speech speech = { refused, failed, flow_relay };
	struct flow *flow = flow_new(gateway, fd, GATEWAY_WAY_CONNECT, &speech, NULL);
	union sockaddr_any wanted;
	socklen_t len = sizeof(wanted);

	if (!flow)
		return;
	flow->client_port = client_port;
	if (kern_getsockname(fd, &wanted.any, &len) < 0 ||
			!sockaddr_read(&wanted, &flow->address, &flow->port) || is_loopback(&flow->address)) {
		flow_reset(flow);
		return;
	}
	flow_ask(flow);
}
