// SPDX-License-Identifier: Apache-2.0
/*
 * batch.c - connections that are alike are written down many at a time
 */
#include "roles/gateway/batch.h"

#include "base/map.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_ALONE = 64,		/* in a minute */
	BATCH_FIRST = 64,
	BATCH_MAX = 4096,
	BATCHES_MAX = 1024,
	TELL_MS = 1000,
};

struct batch {
	struct list by_use, by_key;
	struct gateway *gateway;
	struct list waiting;		/* flows, by their waits */
	struct record_wait record;	/* of the reservation that is being written down */
	struct gateway_judged judged;	/* what they have in common */
	uint64_t minute_ns;		/* when the minute began */
	unsigned alone;			/* in it */
	uint64_t reserved, next;	/* on record and not used; how many are asked for */
	bool is_asking;
	size_t flow_count;
	struct gateway_closings over;	/* and not told */
};

static struct list *slot_of(struct gateway *gateway, const struct gateway_judged *judged)
{
	uint64_t hash = siphash24(gateway->zones.seed, judged->target, strlen(judged->target));

	return &gateway->batch_slots[(hash + judged->port) % GATEWAY_BATCH_SLOTS];
}

static bool is_alike(const struct gateway_judged *a, const struct gateway_judged *b)
{
	return a->port == b->port && !strcmp(a->target, b->target) && !strcmp(a->rule, b->rule) &&
		!strcmp(a->source, b->source);
}

static void batch_free(struct batch *batch)
{
	list_remove(&batch->by_use);
	list_remove(&batch->by_key);
	record_end(&batch->record);
	batch->gateway->batch_count--;
	free(batch);
}

/* The one that was not used for longest, if nothing is left to be said of it. */
static bool make_room(struct gateway *gateway)
{
	if (gateway->batch_count < BATCHES_MAX)
		return true;
	LIST_FOR_EACH(batch, &gateway->batches, struct batch, by_use) {
		if (batch->flow_count || batch->is_asking || batch->over.count)
			continue;
		batch_free(batch);
		return true;
	}
	return false;
}

static struct batch *find(struct gateway *gateway, const struct gateway_judged *judged)
{
	struct list *slot = slot_of(gateway, judged);
	struct batch *batch;

	LIST_FOR_EACH(old, slot, struct batch, by_key)
		if (is_alike(&old->judged, judged)) {
			list_remove(&old->by_use);
			list_append(&gateway->batches, &old->by_use);
			return old;
		}
	if (!make_room(gateway))
		return NULL;
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		abort();
	*batch = (struct batch){ .gateway = gateway, .judged = *judged, .next = BATCH_FIRST,
		.minute_ns = gateway->loop.now_ns };
	batch->over.port = judged->port;
	memcpy(batch->over.target, judged->target, sizeof(batch->over.target));
	memcpy(batch->over.rule, judged->rule, sizeof(batch->over.rule));
	list_init(&batch->waiting);
	list_append(&gateway->batches, &batch->by_use);
	list_append(slot, &batch->by_key);
	gateway->batch_count++;
	return batch;
}

/* ---- before ---- */

static int begin_alone(struct flow *flow, struct gateway_judged *judged)
{
	int r = record_begin(flow->gateway, &flow->wait, judged);

	if (r >= 0)
		flow->id = flow->wait.id;
	return MIN(r, 0);
}

static int reserve(struct batch *batch);

/* One of them may end others, and even be the last of all that wait. */
static void is_recorded(struct record_wait *record)
{
	struct batch *batch = CONTAINER_OF(record, struct batch, record);

	batch->is_asking = false;
	batch->reserved += batch->next;
	batch->next = MIN(batch->next * 2, (uint64_t)BATCH_MAX);
	while (batch->reserved && !list_is_empty(&batch->waiting)) {
		struct record_wait *wait = CONTAINER_OF(batch->waiting.next, struct record_wait, node);

		record_end(wait);
		batch->reserved--;
		wait->recorded(wait);
	}
	if (!list_is_empty(&batch->waiting))
		(void)reserve(batch);
}

static int reserve(struct batch *batch)
{
	struct gateway_judged judged = batch->judged;
	int r;

	judged.reserved = batch->next;
	batch->record.recorded = is_recorded;
	r = record_begin(batch->gateway, &batch->record, &judged);
	batch->is_asking = r >= 0;
	return r;
}

static bool is_alone(struct batch *batch)
{
	uint64_t now_ns = batch->gateway->loop.now_ns;

	if (now_ns - batch->minute_ns >= 60 * NS_PER_SEC) {
		batch->minute_ns = now_ns;
		batch->alone = 0;
	}
	return batch->alone < BATCH_ALONE;
}

int batch_begin(struct flow *flow, struct gateway_judged *judged)
{
	struct batch *batch = find(flow->gateway, judged);
	int r;

	if (!batch || is_alone(batch)) {
		if (batch)
			batch->alone++;
		return begin_alone(flow, judged);
	}
	if (!batch->reserved && !batch->is_asking) {
		r = reserve(batch);
		if (r < 0)
			return r;
	}
	flow->batch = batch;
	batch->flow_count++;
	if (!batch->reserved) {
		list_append(&batch->waiting, &flow->wait.node);
		return 0;
	}
	batch->reserved--;
	return 1;
}

/* ---- behind ---- */

static void tell(struct batch *batch)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_CLOSINGS, .closings = batch->over };

	if (batch->over.count && channel_is_open(&batch->gateway->supervisor))
		(void)gateway_message_send(&batch->gateway->supervisor, &message, NULL, 0);
	batch->over.count = batch->over.failed_count = batch->over.encrypted_count = batch->over.sent_bytes =
		batch->over.received_bytes = 0;
}

void batches_tell(struct gateway *gateway)
{
	LIST_FOR_EACH(batch, &gateway->batches, struct batch, by_use)
		tell(batch);
}

static void it_is_time(struct loop_timer *timer)
{
	batches_tell(CONTAINER_OF(timer, struct gateway, batches_time));
}

void batch_closed(struct flow *flow, int error)
{
	struct batch *batch = flow->batch;
	struct gateway *gateway = flow->gateway;

	if (!batch)
		return;
	flow->batch = NULL;
	batch->flow_count--;
	/* It never was one of a reservation, and has sent nothing. */
	if (list_is_linked(&flow->wait.node))
		return;
	batch->over.count++;
	batch->over.failed_count += error != 0;
	batch->over.encrypted_count += flow->is_encrypted;
	batch->over.sent_bytes += flow->bytes[NET_SENT];
	batch->over.received_bytes += flow->bytes[NET_RECEIVED];
	if (!list_is_linked(&gateway->batches_time.node))
		loop_set_timer(&gateway->loop, &gateway->batches_time,
			gateway->loop.now_ns + TELL_MS * NS_PER_MS, it_is_time);
}

/* ---- life ---- */

void batches_init(struct gateway *gateway)
{
	list_init(&gateway->batches);
	for (size_t i = 0; i < ARRAY_SIZE(gateway->batch_slots); i++)
		list_init(&gateway->batch_slots[i]);
}

void batches_fini(struct gateway *gateway)
{
	loop_remove_timer(&gateway->batches_time);
	LIST_FOR_EACH(batch, &gateway->batches, struct batch, by_use)
		batch_free(batch);
}
