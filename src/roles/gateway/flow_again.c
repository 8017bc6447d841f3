// SPDX-License-Identifier: Apache-2.0
/*
 * flow_again.c - the rules have changed: what becomes of a connection, in whatever state it is
 */
#include "roles/gateway/flow_internal.h"

#include "roles/gateway/http.h"
#include "roles/gateway/tls_link.h"
#include "roles/gateway/upstream.h"

#include <errno.h>

/* What it has to speak now is looked for when it is connected, but where that is behind it. */
static bool speaks(struct flow *flow, enum net_protocol protocol)
{
	if (protocol == NET_TCP || protocol == flow->protocol || flow->state == FLOW_PEEKING)
		return true;
	if (flow->state == FLOW_CONNECTED || flow->way == GATEWAY_WAY_CONNECT)
		return false;
	flow->protocol = protocol;
	return true;
}

static bool is_still_allowed(struct flow *flow)
{
	const struct wish wish = flow_wish(flow);
	enum net_protocol protocol;

	return judge_quietly(flow->gateway, &wish, &protocol) && speaks(flow, protocol) &&
		(flow->state != FLOW_CONNECTED || flow_is_still_dialled(flow));
}

/* What a person said may be the answer. Return: whether it was no */
static bool hear_answer(struct flow *flow)
{
	const struct wish wish = flow_wish(flow);
	struct gateway_judged judged;
	enum net_protocol protocol;
	bool is_yes;

	if (!who_is_needed(flow) && judge_asks(flow->gateway, &wish, &judged))
		return false;
	is_yes = who_is_needed(flow) || judge_quietly(flow->gateway, &wish, &protocol);
	asking_end(&flow->asking, is_yes ? GATEWAY_ANSWER_ALLOWED : GATEWAY_ANSWER_DENIED);
	loop_remove_io(&flow->hangup);
	flow->state = FLOW_NEW;
	flow_ask(flow);
	return !is_yes;
}

/* Nothing of what was under way is heard of any more. */
static void stop_short(struct flow *flow)
{
	flow->talk = upstream_forget(flow->talk);
	flow->link = tls_link_free(flow->link);
	peek_fini(&flow->peek);
	dial_fini(&flow->dial);
	lookup_fini(&flow->lookup);
	record_end(&flow->wait);
}

bool flow_judge_again(struct flow *flow)
{
	const struct wish wish = flow_wish(flow);
	enum net_protocol protocol;
	struct gateway_judged judged;

	if (flow->state == FLOW_ASKING)
		return hear_answer(flow);
	if (flow->state <= FLOW_WONDERING || flow->state == FLOW_REFUSED || is_still_allowed(flow))
		return false;
	if (flow->state != FLOW_CONNECTED)
		stop_short(flow);
	flow_tell_end(flow, -EACCES, true);
	if (flow->state == FLOW_CONNECTED && flow->owner)
		http_lose(flow);
	else if (flow->state == FLOW_CONNECTED)
		flow_reset(flow);
	else if (judge(flow->gateway, &wish, &protocol, &judged))
		flow_fail(flow, -EACCES);
	else
		flow_refuse(flow, &judged);
	return true;
}
