// SPDX-License-Identifier: Apache-2.0
/*
 * gateway.c - what a gateway is made of, from its first breath to its last
 */
#include "roles/gateway/gateway.h"

#include "base/fd.h"
#include "roles/gateway/batch.h"
#include "roles/gateway/expiry.h"
#include "roles/gateway/farewell.h"
#include "roles/gateway/http.h"
#include "roles/gateway/proxy.h"
#include "roles/gateway/published.h"
#include "roles/gateway/rules.h"
#include "roles/gateway/tls_link.h"

void gateway_init(struct gateway *gateway)
{
	list_init(&gateway->flows);
	list_init(&gateway->recording);
	list_init(&gateway->proxies);
	batches_init(gateway);
	expiry_init(gateway);
	list_init(&gateway->https);
	list_init(&gateway->ways_in.entrances);
}

void gateway_close_ways(struct gateway *gateway)
{
	for (size_t i = 0; i < ARRAY_SIZE(gateway->listeners); i++)
		listener_fini(&gateway->listeners[i]);
	published_end(gateway);
	proxy_free_all(gateway);
	http_free_all(gateway);
}

void gateway_close_all(struct gateway *gateway)
{
	gateway_close_ways(gateway);
	LIST_FOR_EACH(flow, &gateway->flows, struct flow, node)
		flow_reset(flow);
}

void gateway_fini(struct gateway *gateway)
{
	gateway_close_all(gateway);
	farewell_fini(gateway);
	gateway->upstream.links = tls_links_free(gateway->upstream.links);
	batches_fini(gateway);
	expiry_fini(gateway);
	names_fini(gateway);
	net_traffic_fini(&gateway->traffic);
	record_fini(gateway);
	gateway->spare_fd = fd_close(gateway->spare_fd);
	relay_pipes_fini(&gateway->pipes);
	rules_fini(gateway);
	channel_fini(&gateway->supervisor);
	loop_fini(&gateway->loop);
	arena_fini(&gateway->arena);
}
