// SPDX-License-Identifier: Apache-2.0
/*
 * farewell.c - the end of a session, for its connections
 *
 * Connections that are still being made go on with that, since their programs may have said all that they
 * wanted to; but who asked for one that is a rule's for some programs cannot be found any more. All are
 * looked at again and again for that time, rather than each having to know of the end.
 */
#include "roles/gateway/farewell.h"

#include "base/time.h"
#include "kern/clock.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/flow.h"
#include "roles/gateway/summary.h"
#include "roles/gateway/tls_link.h"

enum {
	LOOK_MS = 2,
};

static bool is_being_made(const struct flow *flow)
{
	return flow->state == FLOW_RECORDING || flow->state == FLOW_LOOKING || flow->state == FLOW_DIALLING;
}

static void finish(struct gateway *gateway)
{
	gateway_close_all(gateway);
	batches_tell(gateway);
	summary_tell(gateway);
	(void)channel_finish(&gateway->supervisor);
	loop_stop(&gateway->loop, 0);
}

static void look(struct loop_timer *timer)
{
	struct gateway *gateway = CONTAINER_OF(timer, struct gateway, farewell);
	bool is_over = gateway->loop.now_ns >= gateway->farewell_ns;

	LIST_FOR_EACH(flow, &gateway->flows, struct flow, node)
		if (flow->relay.loop)
			(void)flow_finish(flow);
		else if (!is_being_made(flow))
			flow_reset(flow);
	if (is_over || (list_is_empty(&gateway->flows) && !tls_links_are_sending(gateway->upstream.links)))
		finish(gateway);
	else
		loop_set_timer(&gateway->loop, timer, gateway->loop.now_ns + LOOK_MS * NS_PER_MS, look);
}

void farewell_begin(struct gateway *gateway)
{
	gateway_close_ways(gateway);
	gateway->farewell_ns = kern_clock_monotonic_ns() + GATEWAY_FAREWELL_MS * NS_PER_MS;
	look(&gateway->farewell);
}

void farewell_fini(struct gateway *gateway)
{
	loop_remove_timer(&gateway->farewell);
}
