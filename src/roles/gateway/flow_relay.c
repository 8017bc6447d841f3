// SPDX-License-Identifier: Apache-2.0
/*
 * flow_relay.c - the bytes of a connection: what they have to begin with, how many there may be
 *
 * Where TLS has to be spoken, its first message is looked at: before anything is asked of the rules where a
 * program believes to be connected already, and otherwise when it is connected.
 */
#include "roles/gateway/flow_internal.h"

#include "base/time.h"
#include "roles/gateway/expiry.h"
#include "roles/gateway/http.h"
#include "roles/gateway/limit.h"

#include <errno.h>

/* ---- limits ---- */

uint64_t flow_left(const struct flow *flow, enum net_way way, enum net_limit *ret_limit)
{
	return net_traffic_left(&flow->gateway->traffic, flow->host, way, ret_limit);
}

void flow_moved(struct flow *flow, enum net_way way, uint64_t bytes)
{
	net_traffic_moved(&flow->gateway->traffic, flow->host, way, bytes);
	flow->bytes[way] += bytes;
	expiry_touch(flow);
}

void flow_stop(struct flow *flow, enum net_limit limit)
{
	struct refusal refusal;
	struct gateway_judged judged;

	if (flow->stopped) {
		flow->stopped(flow, limit);
		return;
	}
	limit_reached(flow->gateway, flow->host, limit, &refusal, &judged);
	flow_report(flow, limit_errno(limit));
	flow_reset(flow);
}

/* ---- both ways ---- */

static_assert(NET_SENT == 0 && NET_RECEIVED == 1, "the client is a relay's first side");

static uint64_t relay_left(struct relay *relay, size_t i)
{
	return flow_left(CONTAINER_OF(relay, struct flow, relay), (enum net_way)i, NULL);
}

static void relay_moved(struct relay *relay, size_t i, uint64_t bytes)
{
	flow_moved(CONTAINER_OF(relay, struct flow, relay), (enum net_way)i, bytes);
}

/* Which of the two ways it was: the one of which nothing is left. */
static enum net_limit used_up(const struct flow *flow)
{
	enum net_limit limit;

	if (flow_left(flow, NET_SENT, &limit))
		(void)flow_left(flow, NET_RECEIVED, &limit);
	return limit;
}

static void relay_is_over(struct relay *relay, int error)
{
	struct flow *flow = CONTAINER_OF(relay, struct flow, relay);

	if (error == -EDQUOT) {
		flow_stop(flow, used_up(flow));
		return;
	}
	flow_report(flow, error);
	if (error)
		flow_reset(flow);
	else
		flow_free(flow);
}

int flow_start_relay(struct flow *flow)
{
	static const struct relay_meter meter = { relay_left, relay_moved };
	const int fds[] = { flow->client_fd, flow->upstream_fd };
	int r = relay_start(&flow->relay, &flow->gateway->loop, &flow->gateway->pipes, fds, relay_is_over);

	flow->stopped = NULL;
	flow->relay.meter = &meter;
	if (r >= 0 && flow_wants_tls(flow))
		hello_retry_watch(flow);
	return r;
}

bool flow_finish(struct flow *flow)
{
	int r = relay_finish(&flow->relay);

	if (r == -EAGAIN)
		return false;
	if (r < 0)
		flow_reset(flow);
	else
		flow_free(flow);
	return true;
}

/* ---- the first message ---- */

/*
 * The client hears why in its own protocol. What it sent is unread, so it is read away: a socket that is
 * closed with something in it resets the connection, and the alert would be lost.
 */
static void say_alert(const struct flow *flow, enum tls_alert alert)
{
	struct msghdr message = { 0 };
	char record[TLS_ALERT_BYTES];

	if (!alert)
		return;
	tls_alert_write(alert, record);
	if (kern_write(flow->client_fd, record, sizeof(record)) == (ssize_t)sizeof(record))
		(void)kern_recvmsg(flow->client_fd, &message, MSG_TRUNC);
}

/* It was allowed to be connected, and says something else than what that was for. */
static void refuse_bytes(struct flow *flow, const char *why, enum tls_alert alert)
{
	const struct wish wish = flow_wish(flow);
	struct gateway_judged judged;

	judge_refuse(flow->gateway, &wish, "tls", why, &judged);
	say_alert(flow, alert);
	flow_report(flow, -EPROTO);
	if (alert)
		flow_free(flow);
	else
		flow_reset(flow);
}

static void peeked(struct peek *peek, const char *why, enum tls_alert alert)
{
	struct flow *flow = CONTAINER_OF(peek, struct flow, peek);
	int r = 0;

	flow->is_encrypted |= !why && peek->hello.has_ech;
	if (why)
		refuse_bytes(flow, why, alert);
	else if (peek->is_second)
		r = relay_open(&flow->relay);
	else if (flow->state == FLOW_PEEKING)
		flow_allow(flow);
	else
		r = flow_start_relay(flow);
	if (r < 0)
		flow_reset(flow);
}

int flow_look_at_hello(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	int r = peek_start(&flow->peek, &gateway->loop, flow->client_fd, flow->name, peeked);

	flow->peek.lets_encrypted = gateway->settings.lets_encrypted_hello;
	return r;
}

int flow_look_at_second_hello(struct flow *flow)
{
	int r = flow_look_at_hello(flow);

	flow->peek.is_second = true;
	return r;
}

int flow_relay(struct flow *flow)
{
	if (flow->protocol == NET_HTTP)
		return http_take(flow);
	if (flow->way == GATEWAY_WAY_CONNECT || !flow_wants_tls(flow))
		return flow_start_relay(flow);
	return flow_look_at_hello(flow);
}
