// SPDX-License-Identifier: Apache-2.0
/*
 * asking.c - connections that wait for a person's answer
 */
#include "roles/gateway/asking.h"

#include "base/time.h"
#include "roles/gateway/gateway.h"

#include <stdio.h>
#include <string.h>

void askings_init(struct gateway *gateway)
{
	list_init(&gateway->askings.waiting);
	net_bucket_init(&gateway->askings.bucket, ASKING_AT_ONCE_MAX, ASKING_PERIOD_S * NS_PER_SEC,
		gateway->loop.now_ns);
}

/* The number of a question about the same place that is open. */
static uint64_t find_open(const struct asking *asking)
{
	LIST_FOR_EACH(other, &asking->gateway->askings.waiting, struct asking, node)
		if (other->port == asking->port && !strcmp(other->target, asking->target))
			return other->number;
	return 0;
}

static bool is_open(const struct gateway *gateway, uint64_t number)
{
	LIST_FOR_EACH(other, &gateway->askings.waiting, struct asking, node)
		if (other->number == number)
			return true;
	return false;
}

static bool ask(struct gateway *gateway, const struct gateway_judged *judged)
{
	struct askings *askings = &gateway->askings;
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_ASKED };
	struct gateway_asked *asked = &message.asked;

	if (askings->last_number == ASKING_SESSION_MAX || !channel_is_open(&gateway->supervisor) ||
			!net_bucket_take(&askings->bucket, 1, gateway->loop.now_ns))
		return false;
	*asked = (struct gateway_asked){
		.number = ++askings->last_number, .wait_ns = gateway->settings.ask_ns, .way = judged->way,
		.port = judged->port,
	};
	memcpy(asked->target, judged->target, sizeof(asked->target));
	memcpy(asked->rule, judged->rule, sizeof(asked->rule));
	memcpy(asked->source, judged->source, sizeof(asked->source));
	return gateway_message_send(&gateway->supervisor, &message, NULL, 0) >= 0;
}

static void is_late(struct loop_timer *timer)
{
	struct asking *asking = CONTAINER_OF(timer, struct asking, patience);

	asking->late(asking);
}

bool asking_begin(struct asking *asking, struct gateway *gateway, const struct gateway_judged *judged,
	asking_fn *late)
{
	struct askings *askings = &gateway->askings;

	if (askings->count == ASKING_MAX)
		return false;
	*asking = (struct asking){ .gateway = gateway, .port = judged->port, .late = late };
	memcpy(asking->target, judged->target, sizeof(asking->target));
	asking->number = find_open(asking);
	if (!asking->number) {
		if (!ask(gateway, judged))
			return false;
		asking->number = askings->last_number;
	}
	list_append(&askings->waiting, &asking->node);
	askings->count++;
	loop_set_timer(&gateway->loop, &asking->patience, gateway->loop.now_ns + gateway->settings.ask_ns,
		is_late);
	return true;
}

void asking_end(struct asking *asking, enum gateway_answer answer)
{
	struct gateway *gateway = asking->gateway;
	struct gateway_message message = {
		.kind = GATEWAY_MESSAGE_ANSWERED, .answered = { asking->number, answer },
	};

	if (!asking->number)
		return;
	asking->number = 0;
	list_remove(&asking->node);
	loop_remove_timer(&asking->patience);
	gateway->askings.count--;
	if (!is_open(gateway, message.answered.number) && channel_is_open(&gateway->supervisor))
		(void)gateway_message_send(&gateway->supervisor, &message, NULL, 0);
}
