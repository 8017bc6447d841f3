// SPDX-License-Identifier: Apache-2.0
/*
 * flow_ask.c - may a connection be made: the rules, a person, the limits of the traffic, the record
 *
 * A yes ends in flow_dial(), once it is on record. A no ends in what the client is told.
 */
#include "roles/gateway/flow_internal.h"

#include "base/time.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/limit.h"
#include "roles/gateway/upstream.h"

#include <errno.h>
#include <stdlib.h>

/* ---- no ---- */

struct refusal refusal_of(const struct gateway *gateway, const struct gateway_judged *judged)
{
	struct refusal refusal = {
		.target = judged->target, .port = judged->port, .rule = judged->rule,
		.source = judged->source,
		.why = judged->why,
	};

	gateway_decision(gateway->settings.session, judged, refusal.decision);
	hint_of(gateway->settings.session, judged, refusal.hint);
	return refusal;
}

static void say_no(struct flow *flow, const struct gateway_judged *judged)
{
	const struct refusal refusal = refusal_of(flow->gateway, judged);

	flow->speech->refused(flow, &refusal);
	flow_reset(flow);
}

static void refusal_recorded(struct record_wait *wait)
{
	struct flow *flow = CONTAINER_OF(wait, struct flow, wait);

	loop_remove_io(&flow->hangup);
	say_no(flow, flow->refused);
}

/* A program that has its answer may be gone before anybody has seen which it was. */
void flow_refuse(struct flow *flow, const struct gateway_judged *judged)
{
	struct gateway_judged *kept = judged->flow ? malloc(sizeof(*kept)) : NULL;

	if (!kept) {
		say_no(flow, judged);
		return;
	}
	*kept = *judged;
	flow->refused = kept;
	flow->state = FLOW_REFUSED;
	flow->wait.recorded = refusal_recorded;
	/* Whoever was allowed first, and then led where no name may, is watched already. */
	if (flow->client_fd >= 0 && !flow->hangup.loop &&
			loop_add_io(&flow->gateway->loop, &flow->hangup, flow->client_fd, 0,
				flow_client_left) < 0) {
		say_no(flow, judged);
		return;
	}
	record_await(flow->gateway, &flow->wait, judged->flow);
}

static void refuse_one_more(struct flow *flow, enum net_limit limit)
{
	struct refusal refusal;
	struct gateway_judged judged;

	limit_reached(flow->gateway, flow->host, limit, &refusal, &judged);
	flow->speech->refused(flow, &refusal);
	flow_reset(flow);
}

/* ---- a person ---- */

/* Nobody said yes, or nobody could be asked. */
static void refuse_unanswered(struct flow *flow)
{
	const struct wish wish = flow_wish(flow);
	struct gateway_judged judged;
	enum net_protocol protocol;

	loop_remove_io(&flow->hangup);
	if (judge(flow->gateway, &wish, &protocol, &judged))
		flow_fail(flow, -EACCES);
	else
		flow_refuse(flow, &judged);
}

static void nobody_answers(struct asking *asking)
{
	struct flow *flow = CONTAINER_OF(asking, struct flow, asking);

	asking_end(asking, GATEWAY_ANSWER_LATE);
	refuse_unanswered(flow);
}

static void ask(struct flow *flow, const struct gateway_judged *question)
{
	bool is_waiting = asking_begin(&flow->asking, flow->gateway, question, nobody_answers);

	flow->state = FLOW_ASKING;
	if (is_waiting && flow->client_fd >= 0 &&
			loop_add_io(&flow->gateway->loop, &flow->hangup, flow->client_fd, EPOLLRDHUP,
				flow_client_left) < 0) {
		asking_end(&flow->asking, GATEWAY_ANSWER_GONE);
		is_waiting = false;
	}
	if (!is_waiting)
		refuse_unanswered(flow);
}

/* ---- yes ---- */

/* May it be one more? Counted, if so. */
static enum net_limit admit(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	char address[NET_ADDRESS_SIZE];
	enum net_limit limit;

	if (!flow->name[0])
		net_address_print(&flow->address, address);
	flow->host = net_traffic_host(&gateway->traffic, str_from(flow->name[0] ? flow->name : address),
		gateway->loop.now_ns);
	if (gateway->flow_count > gateway->settings.limits.values[NET_LIMIT_OPEN])
		return NET_LIMIT_OPEN;
	limit = net_traffic_connect(&gateway->traffic, flow->host, gateway->loop.now_ns);
	if (!limit && flow->way == GATEWAY_WAY_REQUEST)
		limit = net_traffic_request(&gateway->traffic, flow->host, gateway->loop.now_ns);
	return limit;
}

/* Judged here and not before, since the rules may have changed while it was looked at. */
void flow_allow(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	const struct wish wish = flow_wish(flow);
	struct gateway_judged judged;
	enum net_limit limit;
	int r = 0;

	if (who_wonder(flow))
		return;
	if (judge_asks(gateway, &wish, &judged)) {
		ask(flow, &judged);
		return;
	}
	if (!judge(gateway, &wish, &flow->protocol, &judged)) {
		flow_refuse(flow, &judged);
		return;
	}
	/* What a proxy is asked for in the clear would go on in the clear. */
	if (flow->way == GATEWAY_WAY_REQUEST && flow_wants_tls(flow)) {
		judge_refuse(gateway, &wish, "tls", "it is not TLS, which has to be spoken here", &judged);
		flow_refuse(flow, &judged);
		return;
	}
	limit = admit(flow);
	if (limit) {
		refuse_one_more(flow, limit);
		return;
	}
	flow->is_through = upstream_takes(gateway, flow->name, &flow->address, flow->port);
	if (flow->is_through)
		upstream_note(gateway, &judged);
	flow->state = FLOW_RECORDING;
	flow->wait.recorded = flow_dial;
	if (flow->client_fd >= 0)
		r = loop_add_io(&gateway->loop, &flow->hangup, flow->client_fd, 0, flow_client_left);
	if (r >= 0)
		r = batch_begin(flow, &judged);
	if (r < 0) {
		judge_refuse_unserved(gateway, &flow->client, r);
		flow_fail(flow, r);
	} else if (r > 0) {
		flow_dial(&flow->wait);
	}
}

void flow_ask(struct flow *flow)
{
	const struct wish wish = flow_wish(flow);
	int r;

	if (!judge_quietly(flow->gateway, &wish, &flow->protocol) || flow->way != GATEWAY_WAY_CONNECT ||
			!flow_wants_tls(flow)) {
		flow_allow(flow);
		return;
	}
	flow->state = FLOW_PEEKING;
	r = flow_look_at_hello(flow);
	if (r < 0)
		flow_reset(flow);
}
