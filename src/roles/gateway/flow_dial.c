// SPDX-License-Identifier: Apache-2.0
/*
 * flow_dial.c - a connection that is on record is made
 *
 * A name is looked up and what comes is vetted; a name of the host's own is its loopback; what goes through
 * another proxy is asked of that one.
 */
#include "roles/gateway/flow_internal.h"

#include "base/time.h"
#include "roles/gateway/expiry.h"
#include "roles/gateway/host.h"
#include "roles/gateway/http.h"
#include "roles/gateway/tls_link.h"
#include "roles/gateway/upstream.h"

#include <errno.h>
#include <stdio.h>

/* ---- connected ---- */

/* An address behind a name that was dialled only because the user's rules had it as an address. */
bool flow_is_still_dialled(const struct flow *flow)
{
	const struct net_vet_rules rules = {
		.named = flow->gateway->named, .named_count = flow->gateway->named_count,
	};
	struct net_vetted vetted;

	if (!flow->name[0] || !flow->address.len || host_owns(str_from(flow->name)))
		return true;
	net_vet(&rules, &flow->address, 1, &vetted);
	return vetted.count;
}

static void established(struct flow *flow)
{
	int r;

	/* The rules may have changed since it was vetted. */
	if (!flow_is_still_dialled(flow)) {
		flow_fail(flow, -EACCES);
		return;
	}
	flow->is_connected = true;
	flow->state = FLOW_CONNECTED;
	expiry_begin(flow);
	r = flow->speech->connected(flow);
	if (r < 0) {
		flow_report(flow, r);
		flow_reset(flow);
	}
}

static void upstream_answered(void *owner, int error)
{
	struct flow *flow = owner;

	flow->talk = upstream_forget(flow->talk);
	if (error)
		flow_fail(flow, error);
	else
		established(flow);
}

/* As a URL has it: an address of IPv6 in brackets. */
static int ask_upstream(struct flow *flow)
{
	char address[NET_ADDRESS_SIZE] = "", target[NET_NAME_MAX + sizeof("[]:65535")];
	bool is_v6 = !flow->name[0] && flow->address.len == NET_V6_BYTES;

	if (!flow->name[0])
		net_address_print(&flow->address, address);
	(void)snprintf(target, sizeof(target), "%s%s%s:%u", is_v6 ? "[" : "",
		flow->name[0] ? flow->name : address, is_v6 ? "]" : "", flow->port);
	return upstream_ask(flow->gateway, flow->upstream_fd, target, upstream_answered, flow, &flow->talk);
}

/*
 * HTTP in the clear is asked of a proxy as every program does it, since many connect to port 443 alone. The
 * flow may be gone then. Return: 0 or negative errno
 */
static int begin_upstream(struct flow *flow)
{
	flow->is_by_request = !flow->wants_tunnel &&
		(flow->way == GATEWAY_WAY_REQUEST || flow->protocol == NET_HTTP);
	if (!flow->is_by_request)
		return ask_upstream(flow);
	established(flow);
	return 0;
}

/* What the proxy is spoken to by is there, or it is not, or not any more. */
static void linked(void *owner, int error)
{
	struct flow *flow = owner;
	int r;

	if (flow->state == FLOW_CONNECTED) {
		flow_report(flow, error);
		if (flow->owner)
			http_lose(flow);
		else
			flow_reset(flow);
		return;
	}
	r = error ? error : begin_upstream(flow);
	if (r < 0)
		flow_fail(flow, r);
}

/* @fd: connected to the proxy; owned */
static int speak_to_upstream(struct flow *flow, int fd)
{
	struct tls_links *links = flow->gateway->upstream.links;

	if (links)
		return tls_link_new(links, fd, linked, flow, &flow->upstream_fd, &flow->link);
	flow->upstream_fd = fd;
	return begin_upstream(flow);
}

static void dialled(struct dial *dial, int fd, const struct net_address *address)
{
	struct flow *flow = CONTAINER_OF(dial, struct flow, dial);
	int r = 0;

	flow->dialled = *address;
	if (!flow->is_through)
		flow->address = *address;
	loop_remove_io(&flow->hangup);
	if (fd < 0) {
		flow_fail(flow, flow->is_through ? -EHOSTDOWN : fd);
		return;
	}
	if (flow->is_through) {
		r = speak_to_upstream(flow, fd);
	} else {
		flow->upstream_fd = fd;
		established(flow);
	}
	if (r < 0)
		flow_fail(flow, r);
}

/* ---- where to ---- */

static void dial_to(struct flow *flow, const struct net_address *addresses, size_t count)
{
	flow->state = FLOW_DIALLING;
	dial_start(&flow->dial, &flow->gateway->loop, addresses, MIN(count, (size_t)DIAL_ADDRESSES_MAX),
		flow->is_through ? flow->gateway->settings.proxy.port : flow->port,
		GATEWAY_DIAL_MS * NS_PER_MS, dialled);
}

/* What a name leads to must not be reached by it: the user would have to name that itself. */
static void refuse_addresses(struct flow *flow, const struct net_vetted *vetted)
{
	const struct wish wish = flow_wish(flow);
	struct gateway_judged judged;
	char why[GATEWAY_TEXT_SIZE], fallen[GATEWAY_TEXT_SIZE - 64];

	net_vet_explain(&vetted->fallen[0], fallen, sizeof(fallen));
	(void)snprintf(why, sizeof(why), "the name leads where no name may: %s", fallen);
	judge_refuse(flow->gateway, &wish, "address", why, &judged);
	flow_report(flow, -EACCES);
	flow_refuse(flow, &judged);
}

static void looked_up(struct lookup *lookup, const struct net_vetted *vetted, int error)
{
	struct flow *flow = CONTAINER_OF(lookup, struct flow, lookup);

	if (!error)
		dial_to(flow, vetted->addresses, vetted->count);
	else if (flow->is_through)
		flow_fail(flow, -EHOSTDOWN);
	else if (error == -EACCES)
		refuse_addresses(flow, vetted);
	else
		flow_fail(flow, error);
}

/* The person named it, so its name may lead anywhere. */
static void dial_upstream(struct flow *flow)
{
	const struct upstream *upstream = &flow->gateway->upstream;
	int r;

	if (upstream->address.len) {
		dial_to(flow, &upstream->address, 1);
		return;
	}
	flow->state = FLOW_LOOKING;
	r = lookup_start(&flow->lookup, flow->gateway, upstream->name, looked_up);
	flow->lookup.may_lead_anywhere = true;
	if (r < 0)
		flow_fail(flow, r);
}

void flow_dial(struct record_wait *wait)
{
	struct flow *flow = CONTAINER_OF(wait, struct flow, wait);
	int r = 0;

	if (flow->is_through) {
		dial_upstream(flow);
		return;
	}
	if (!flow->name[0]) {
		dial_to(flow, &flow->address, 1);
		return;
	}
	if (host_owns(str_from(flow->name))) {
		dial_to(flow, host_loopback, HOST_ADDRESSES);
		return;
	}
	flow->state = FLOW_LOOKING;
	r = lookup_start(&flow->lookup, flow->gateway, str_from(flow->name), looked_up);
	if (r < 0)
		flow_fail(flow, r);
}
