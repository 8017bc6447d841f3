// SPDX-License-Identifier: Apache-2.0
/*
 * flow.c - one connection of the sandbox, from its wish to its end
 */
#include "roles/gateway/flow.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "roles/gateway/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- the end ---- */

static void tell_closed(struct flow *flow, int error)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_CLOSED };
	struct gateway_closed *closed = &message.closed;

	if (!flow->id || !channel_is_open(&flow->gateway->supervisor))
		return;
	*closed = (struct gateway_closed){
		.flow = flow->id, .error = error, .is_connected = flow->is_connected,
		.sent_bytes = flow->sent_bytes + flow->relay.ways[0].moved_bytes,
		.received_bytes = flow->received_bytes + flow->relay.ways[1].moved_bytes,
		.duration_ns = kern_clock_monotonic_ns() - flow->begun_ns,
	};
	if (flow->address.len)
		net_address_print(&flow->address, closed->address);
	(void)gateway_message_send(&flow->gateway->supervisor, &message, NULL, 0);
	flow->id = 0;
}

struct flow *flow_free(struct flow *flow)
{
	if (!flow)
		return NULL;
	tell_closed(flow, 0);
	relay_fini(&flow->relay);
	dial_fini(&flow->dial);
	loop_remove_io(&flow->hangup);
	fd_close(flow->client_fd);
	fd_close(flow->upstream_fd);
	list_remove(&flow->node);
	list_remove(&flow->recording);
	flow->gateway->flow_count--;
	free(flow);
	return NULL;
}

/* Closed with something unread or unsent, a socket says so by a reset; this one always does. */
static void make_abrupt(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	if (fd >= 0)
		(void)kern_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void flow_reset(struct flow *flow)
{
	make_abrupt(flow->client_fd);
	make_abrupt(flow->upstream_fd);
	flow_free(flow);
}

/* ---- connected ---- */

static void relay_is_over(struct relay *relay, int error)
{
	struct flow *flow = CONTAINER_OF(relay, struct flow, relay);

	tell_closed(flow, error);
	if (error)
		flow_reset(flow);
	else
		flow_free(flow);
}

int flow_relay(struct flow *flow)
{
	const int fds[] = { flow->client_fd, flow->upstream_fd };

	return relay_start(&flow->relay, &flow->gateway->loop, &flow->gateway->pipes, fds, relay_is_over);
}

static void dialled(struct dial *dial, int fd, const struct net_address *address)
{
	struct flow *flow = CONTAINER_OF(dial, struct flow, dial);
	int r;

	flow->address = *address;
	loop_remove_io(&flow->hangup);
	if (fd < 0) {
		tell_closed(flow, fd);
		flow->speech->failed(flow, fd);
		flow_reset(flow);
		return;
	}
	flow->upstream_fd = fd;
	flow->is_connected = true;
	flow->state = FLOW_CONNECTED;
	r = flow->speech->connected(flow);
	if (r < 0) {
		tell_closed(flow, r);
		flow_reset(flow);
	}
}

/* ---- asked for ---- */

/* Nobody is left to be connected. */
static void client_left(struct loop_io *io, UNUSED uint32_t events)
{
	flow_free(CONTAINER_OF(io, struct flow, hangup));
}

static void dial_address(struct flow *flow)
{
	flow->state = FLOW_DIALLING;
	dial_start(&flow->dial, &flow->gateway->loop, &flow->address, 1, flow->port,
		GATEWAY_DIAL_MS * NS_PER_MS, dialled);
}

void flow_recorded(struct gateway *gateway, uint64_t id)
{
	struct flow *flow;

	if (list_is_empty(&gateway->recording))
		return;
	/* One whose client left meanwhile is not in the list any more. */
	flow = CONTAINER_OF(gateway->recording.next, struct flow, recording);
	if (flow->id != id)
		return;
	list_remove(&flow->recording);
	dial_address(flow);
}

static void refuse(struct flow *flow, const struct gateway_judged *judged)
{
	struct refusal refusal = {
		.target = judged->target, .port = judged->port, .rule = judged->rule,
		.source = judged->source,
		.why = judged->why,
	};

	gateway_decision(flow->gateway->settings.session, judged, refusal.decision);
	if (!judged->rule[0])
		(void)snprintf(refusal.hint, sizeof(refusal.hint),
			"put \"%s:%u\" into network.allow of your configuration", judged->target,
			judged->port);
	flow->speech->refused(flow, &refusal);
	flow_reset(flow);
}

void flow_ask(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	const struct wish wish = {
		.way = flow->way, .name = flow->name, .address = flow->address, .port = flow->port,
		.client_port = flow->client_port,
	};
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_JUDGED };
	int r = 0;

	if (!judge(gateway, &wish, &message.judged)) {
		refuse(flow, &message.judged);
		return;
	}
	flow->id = message.judged.flow = ++gateway->last_flow;
	flow->state = FLOW_RECORDING;
	list_append(&gateway->recording, &flow->recording);
	if (flow->client_fd >= 0)
		r = loop_add_io(&gateway->loop, &flow->hangup, flow->client_fd, 0, client_left);
	if (r >= 0)
		r = gateway_message_send(&gateway->supervisor, &message, NULL, 0);
	if (r >= 0)
		return;
	flow->speech->failed(flow, r);
	flow_reset(flow);
}

void flow_want_name(struct flow *flow, struct str name, uint16_t port)
{
	assert(name.len < sizeof(flow->name));
	memcpy(flow->name, name.data, name.len);
	flow->name[name.len] = '\0';
	flow->port = port;
}

struct flow *flow_new(struct gateway *gateway, int fd, enum gateway_way way, const struct flow_speech *speech,
	void *owner)
{
	struct flow *flow;

	if (gateway->flow_count == GATEWAY_FLOWS_MAX) {
		make_abrupt(fd);
		fd_close(fd);
		return NULL;
	}
	flow = calloc(1, sizeof(*flow));
	if (!flow)
		abort();
	*flow = (struct flow){
		.gateway = gateway, .speech = speech, .owner = owner, .way = way, .client_fd = fd,
		.upstream_fd = -1, .begun_ns = gateway->loop.now_ns,
	};
	list_append(&gateway->flows, &flow->node);
	gateway->flow_count++;
	return flow;
}
