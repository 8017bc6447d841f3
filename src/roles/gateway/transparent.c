// SPDX-License-Identifier: Apache-2.0
/*
 * transparent.c - connections of programs that know of no proxy
 *
 * One to port 80 speaks HTTP in the clear: it is read, and a no is an answer in it.
 */
#include "roles/gateway/transparent.h"

#include "base/fd.h"
#include "codec/http.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/http.h"
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

static void accept_http(struct gateway *gateway, int fd, uint16_t client_port,
	const struct net_address *address, uint16_t port)
{
	const struct http_place place = { .name = "", .address = *address, .port = port };

	http_accept_at(gateway, fd, client_port, &place);
}

static void accept_other(struct gateway *gateway, int fd, uint16_t client_port,
	const struct net_address *address, uint16_t port)
{
	static const struct flow_speech speech = { refused, failed, flow_relay };
	struct flow *flow = flow_new(gateway, fd, GATEWAY_WAY_CONNECT, &speech, NULL);

	if (!flow)
		return;
	flow->client_port = client_port;
	flow->address = *address;
	flow->port = port;
	flow_ask(flow);
}

void transparent_accept(struct gateway *gateway, int fd, uint16_t client_port)
{
	union sockaddr_any wanted;
	socklen_t len = sizeof(wanted);
	struct net_address address;
	uint16_t port;

	if (kern_getsockname(fd, &wanted.any, &len) < 0 || !sockaddr_read(&wanted, &address, &port) ||
			is_loopback(&address))
		fd_close(fd);
	else if (port == HTTP_PORT)
		accept_http(gateway, fd, client_port, &address, port);
	else
		accept_other(gateway, fd, client_port, &address, port);
}
