// SPDX-License-Identifier: Apache-2.0
/*
 * expiry.c - connections that nobody uses, and those that last too long
 */
#include "roles/gateway/expiry.h"

static uint64_t limit_ns(const struct gateway *gateway, enum net_limit limit)
{
	return gateway->settings.limits.values[limit];
}

/* When the head of a list runs out; UINT64_MAX: never. */
static uint64_t idle_until(const struct gateway *gateway)
{
	uint64_t limit = limit_ns(gateway, NET_LIMIT_IDLE);

	if (limit >= NET_UNLIMITED || list_is_empty(&gateway->by_use))
		return UINT64_MAX;
	return CONTAINER_OF(gateway->by_use.next, struct flow, by_use)->used_ns + limit;
}

static uint64_t lasts_until(const struct gateway *gateway)
{
	uint64_t limit = limit_ns(gateway, NET_LIMIT_TIME);

	if (limit >= NET_UNLIMITED || list_is_empty(&gateway->by_age))
		return UINT64_MAX;
	return CONTAINER_OF(gateway->by_age.next, struct flow, by_age)->connected_ns + limit;
}

static void look(struct loop_timer *timer);

static void wait_for_next(struct gateway *gateway)
{
	uint64_t idle_ns = idle_until(gateway), lasts_ns = lasts_until(gateway);
	uint64_t next_ns = MIN(idle_ns, lasts_ns);

	if (next_ns != UINT64_MAX)
		loop_set_timer(&gateway->loop, &gateway->expiry, next_ns, look);
}

/* A flow that is stopped leaves both lists, so that each round has one less. */
static void look(struct loop_timer *timer)
{
	struct gateway *gateway = CONTAINER_OF(timer, struct gateway, expiry);
	uint64_t now_ns = gateway->loop.now_ns;

	while (idle_until(gateway) <= now_ns) {
		struct flow *flow = CONTAINER_OF(gateway->by_use.next, struct flow, by_use);

		expiry_end(flow);
		flow_stop(flow, NET_LIMIT_IDLE);
	}
	while (lasts_until(gateway) <= now_ns) {
		struct flow *flow = CONTAINER_OF(gateway->by_age.next, struct flow, by_age);

		expiry_end(flow);
		flow_stop(flow, NET_LIMIT_TIME);
	}
	wait_for_next(gateway);
}

void expiry_init(struct gateway *gateway)
{
	list_init(&gateway->by_use);
	list_init(&gateway->by_age);
}

void expiry_begin(struct flow *flow)
{
	struct gateway *gateway = flow->gateway;

	flow->used_ns = flow->connected_ns = gateway->loop.now_ns;
	list_append(&gateway->by_use, &flow->by_use);
	list_append(&gateway->by_age, &flow->by_age);
	if (!list_is_linked(&gateway->expiry.node))
		wait_for_next(gateway);
}

void expiry_touch(struct flow *flow)
{
	if (!list_is_linked(&flow->by_use))
		return;
	flow->used_ns = flow->gateway->loop.now_ns;
	list_remove(&flow->by_use);
	list_append(&flow->gateway->by_use, &flow->by_use);
}

void expiry_end(struct flow *flow)
{
	list_remove(&flow->by_use);
	list_remove(&flow->by_age);
}

void expiry_fini(struct gateway *gateway)
{
	loop_remove_timer(&gateway->expiry);
}
