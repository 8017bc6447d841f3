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
#include "roles/gateway/host.h"
#include "roles/gateway/http.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/sockaddr.h"

#include <errno.h>

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

static void accept_other(struct gateway *gateway, int fd, const struct jail_diag_pair *client,
	const struct http_place *place)
{
	static const struct flow_speech speech = { refused, failed, flow_relay };
	struct flow *flow = flow_new(gateway, fd, GATEWAY_WAY_CONNECT, &speech, NULL);

	if (!flow)
		return;
	flow->client = *client;
	flow->address = place->address;
	flow->port = place->port;
	if (place->name[0])
		flow_want_name(flow, str_from(place->name), place->port);
	flow_ask(flow);
}

void transparent_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client)
{
	struct http_place place = { .name = "" };
	union sockaddr_any wanted;
	socklen_t len = sizeof(wanted);
	struct str name;
	int r = kern_getsockname(fd, &wanted.any, &len);

	if (r >= 0 && !sockaddr_read(&wanted, &place.address, &place.port))
		r = -EAFNOSUPPORT;
	if (r < 0)
		judge_refuse_unserved(gateway, client, r);
	if (r < 0 || is_loopback(&place.address)) {
		fd_close(fd);
		return;
	}
	if (names_of(gateway, &place.address, &name)) {
		place.name = name.data;
		place.address = (struct net_address){ 0 };
	}
	/* What is spoken at a port of the host's is nobody's business but its own. */
	if (place.port == HTTP_PORT && !host_opens(gateway, str_from(place.name), place.port))
		http_accept_at(gateway, fd, client, &place);
	else
		accept_other(gateway, fd, client, &place);
}
