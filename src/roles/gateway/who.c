// SPDX-License-Identifier: Apache-2.0
/*
 * who.c - which programs hold a connection, asked of the supervisor
 */
#include "roles/gateway/who.h"

#include "base/time.h"
#include "roles/gateway/flow_internal.h"

#include <stdlib.h>

static void is_late(struct loop_timer *timer);

/* Whoever is not known by now never is. */
static void known(struct flow *flow, const struct net_who *who)
{
	struct net_who *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	if (who)
		*kept = *who;
	else
		kept->hidden_pid = flow->who_wait.hidden_pid;
	who_end(&flow->who_wait);
	loop_remove_io(&flow->hangup);
	flow->who = kept;
	flow->state = FLOW_NEW;
	flow_ask(flow);
}

/* Return: whether an answer can come */
static bool ask(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	struct gateway_message message = {
		.kind = GATEWAY_MESSAGE_WHO,
		.wondered = { .number = ++gateway->last_wondered, .client = flow->client },
	};

	flow->who_wait.number = message.wondered.number;
	loop_set_timer(&gateway->loop, &flow->who_wait.patience, flow->who_wait.until_ns, is_late);
	return flow->client.len && channel_is_open(&gateway->supervisor) &&
		gateway->supervisor.queue_bytes <= RECORD_ALLOWED_BYTES &&
		gateway_message_send(&gateway->supervisor, &message, NULL, 0) >= 0;
}

/* It is time to ask again, or too late for it. */
static void is_late(struct loop_timer *timer)
{
	struct flow *flow = CONTAINER_OF(timer, struct flow, who_wait.patience);

	if (flow->gateway->loop.now_ns >= flow->who_wait.until_ns || !ask(flow))
		known(flow, NULL);
}

bool who_is_needed(const struct flow *flow)
{
	const struct wish wish = flow_wish(flow);

	return !flow->who && judge_needs_who(flow->gateway, &wish);
}

bool who_wonder(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;
	bool is_asked;

	if (!who_is_needed(flow))
		return false;
	flow->state = FLOW_WONDERING;
	flow->who_wait.until_ns = gateway->loop.now_ns + WHO_MS * NS_PER_MS;
	is_asked = ask(flow) && (flow->client_fd < 0 || flow->hangup.loop ||
		loop_add_io(&gateway->loop, &flow->hangup, flow->client_fd, 0, flow_client_left) >= 0);
	if (is_asked)
		list_append(&gateway->wondering, &flow->who_wait.node);
	else
		known(flow, NULL);
	return true;
}

void who_end(struct who_wait *wait)
{
	if (!wait->number)
		return;
	wait->number = 0;
	list_remove(&wait->node);
	loop_remove_timer(&wait->patience);
}

void who_heard(struct gateway *gateway, const struct gateway_whose *whose)
{
	LIST_FOR_EACH(flow, &gateway->wondering, struct flow, who_wait.node) {
		uint64_t again_ns = gateway->loop.now_ns + WHO_AGAIN_MS * NS_PER_MS;

		if (flow->who_wait.number != whose->number)
			continue;
		flow->who_wait.hidden_pid = whose->who.hidden_pid;
		if (whose->who.state == NET_WHO_BUSY)
			loop_set_timer(&gateway->loop, &flow->who_wait.patience,
				MIN(again_ns, flow->who_wait.until_ns), is_late);
		else
			known(flow, &whose->who);
		return;
	}
}
