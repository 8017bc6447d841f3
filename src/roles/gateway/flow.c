// SPDX-License-Identifier: Apache-2.0
/*
 * flow.c - one connection of the sandbox: how it begins, and how it ends
 */
#include "roles/gateway/flow_internal.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/expiry.h"
#include "roles/gateway/tls_link.h"
#include "roles/gateway/upstream.h"

#include <stdlib.h>
#include <string.h>

/* ---- the end ---- */

void flow_tell_end(struct flow *flow, int error, bool is_by_rule)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_CLOSED };
	struct gateway_closed *closed = &message.closed;

	batch_closed(flow, error);
	if (!flow->id || !channel_is_open(&flow->gateway->supervisor))
		return;
	*closed = (struct gateway_closed){
		.flow = flow->id, .error = error, .is_connected = flow->is_connected,
		.is_by_rule = is_by_rule, .is_encrypted = flow->is_encrypted,
		.sent_bytes = flow->bytes[NET_SENT], .received_bytes = flow->bytes[NET_RECEIVED],
		.duration_ns = kern_clock_monotonic_ns() - flow->begun_ns,
	};
	if (flow->dialled.len)
		net_address_print(&flow->dialled, closed->address);
	else if (flow->address.len && !flow->is_through)
		net_address_print(&flow->address, closed->address);
	(void)gateway_message_send(&flow->gateway->supervisor, &message, NULL, 0);
	flow->id = 0;
}

void flow_report(struct flow *flow, int error)
{
	flow_tell_end(flow, error, false);
}

struct flow *flow_free(struct flow *flow)
{
	if (!flow)
		return NULL;
	flow_report(flow, 0);
	flow->talk = upstream_forget(flow->talk);
	flow->link = tls_link_leave(flow->link);
	asking_end(&flow->asking, GATEWAY_ANSWER_GONE);
	who_end(&flow->who_wait);
	free(flow->who);
	peek_fini(&flow->peek);
	relay_fini(&flow->relay);
	dial_fini(&flow->dial);
	loop_remove_io(&flow->hangup);
	fd_close(flow->client_fd);
	fd_close(flow->upstream_fd);
	list_remove(&flow->node);
	expiry_end(flow);
	record_end(&flow->wait);
	free(flow->refused);
	lookup_fini(&flow->lookup);
	flow->gateway->flow_count--;
	free(flow);
	return NULL;
}

/* Closed with something unread or unsent, a socket says so by a reset; this one always does. */
void flow_make_abrupt(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	if (fd >= 0)
		(void)kern_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

void flow_cut(struct flow *flow)
{
	flow->link = tls_link_free(flow->link);
	flow_make_abrupt(flow->upstream_fd);
}

void flow_reset(struct flow *flow)
{
	flow_make_abrupt(flow->client_fd);
	flow_cut(flow);
	flow_free(flow);
}

void flow_fail(struct flow *flow, int error)
{
	flow_report(flow, error);
	flow->speech->failed(flow, error);
	flow_reset(flow);
}

/* Nobody is left to be connected. */
void flow_client_left(struct loop_io *io, UNUSED uint32_t events)
{
	flow_free(CONTAINER_OF(io, struct flow, hangup));
}

/* ---- the beginning ---- */

/* The wish of a flow. */
struct wish flow_wish(const struct flow *flow)
{
	return (struct wish){
		.way = flow->way, .name = flow->name, .address = flow->address, .port = flow->port,
		.client = flow->client, .who = flow->who,
	};
}

bool flow_wants_tls(const struct flow *flow)
{
	return flow->protocol == NET_TLS;
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
		flow_make_abrupt(fd);
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
