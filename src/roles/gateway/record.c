// SPDX-License-Identifier: Apache-2.0
/*
 * record.c - what has to be on record before it is done
 */
#include "roles/gateway/record.h"

#include "roles/gateway/gateway.h"

#include <errno.h>

int record_begin(struct gateway *gateway, struct record_wait *wait, struct gateway_judged *judged)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_JUDGED };
	int r;

	if (gateway->supervisor.queue_bytes > RECORD_ALLOWED_BYTES)
		return -EBUSY;
	wait->id = judged->flow = ++gateway->last_flow;
	message.judged = *judged;
	r = channel_is_open(&gateway->supervisor) ?
		gateway_message_send(&gateway->supervisor, &message, NULL, 0) : -EPIPE;
	if (r >= 0)
		list_append(&gateway->recording, &wait->node);
	return r;
}

void record_await(struct gateway *gateway, struct record_wait *wait, uint64_t flow)
{
	wait->id = flow;
	list_append(&gateway->recording, &wait->node);
}

void record_end(struct record_wait *wait)
{
	list_remove(&wait->node);
}

void record_answered(struct gateway *gateway, uint64_t id)
{
	struct record_wait *wait;

	if (list_is_empty(&gateway->recording))
		return;
	wait = CONTAINER_OF(gateway->recording.next, struct record_wait, node);
	if (wait->id != id)
		return;
	record_end(wait);
	wait->recorded(wait);
}

void record_fini(struct gateway *gateway)
{
	LIST_FOR_EACH(wait, &gateway->recording, struct record_wait, node) {
		record_end(wait);
		if (wait->lost)
			wait->lost(wait);
	}
}
