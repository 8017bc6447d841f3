// SPDX-License-Identifier: Apache-2.0
/*
 * traffic.c - how much a session does with its hosts, and how much it may
 */
#include "net/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CONNECTIONS,
	REQUESTS,
};

#define MINUTE_NS (UINT64_C(60) * 1000 * 1000 * 1000)
#define SECOND_NS (UINT64_C(1000) * 1000 * 1000)

/* What a limit lets through, with its number between. */
static const struct {
	const char *name, *before, *after;
	uint64_t unit;
	bool is_of_host;
} words[NET_LIMIT_COUNT] = {
	[NET_LIMIT_NONE] = { "", "", "", 1, false },
	[NET_LIMIT_OPEN] = { "open", "no more than", "connections at the same time", 1, false },
	[NET_LIMIT_CONNECTIONS] = { "connections", "no more than", "connections in a minute", 1, false },
	[NET_LIMIT_HOST_CONNECTIONS] = { "host_connections", "no more than",
		"connections to one host in a minute", 1, true },
	[NET_LIMIT_REQUESTS] = { "requests", "no more than", "requests in a minute", 1, false },
	[NET_LIMIT_HOST_REQUESTS] = { "host_requests", "no more than", "requests to one host in a minute", 1,
		true },
	[NET_LIMIT_REQUEST_SIZE] = { "request_size", "no more than", "bytes in the body of a request", 1,
		true },
	[NET_LIMIT_SENT] = { "sent", "no more than", "bytes may leave in this session", 1, false },
	[NET_LIMIT_RECEIVED] = { "received", "no more than", "bytes may come in in this session", 1, false },
	[NET_LIMIT_HOST_SENT] = { "host_sent", "no more than", "bytes may leave for one host", 1, true },
	[NET_LIMIT_HOST_RECEIVED] = { "host_received", "no more than", "bytes may come from one host", 1,
		true },
	[NET_LIMIT_IDLE] = { "idle", "a connection is closed when nothing was said for", "seconds", SECOND_NS,
		true },
	[NET_LIMIT_TIME] = { "time", "a connection is closed after", "seconds", SECOND_NS, true },
};

const char *net_limit_name(enum net_limit limit)
{
	return words[limit].name;
}

bool net_limit_is_of_host(enum net_limit limit)
{
	return words[limit].is_of_host;
}

void net_limit_explain(enum net_limit limit, uint64_t value, char ret[NET_LIMIT_TEXT_SIZE])
{
	(void)snprintf(ret, NET_LIMIT_TEXT_SIZE, "%s %" PRIu64 " %s (traffic.%s)", words[limit].before,
		value / words[limit].unit, words[limit].after, words[limit].name);
}

/* ---- rows ---- */

static uint64_t limit_of(const struct net_traffic *traffic, enum net_limit limit)
{
	return traffic->limits.values[limit];
}

/* A bucket takes no larger number, and none that large is ever empty. */
static void fill(struct net_bucket *bucket, uint64_t limit, uint64_t now_ns)
{
	net_bucket_init(bucket, MIN(limit, (uint64_t)NET_BUCKET_MAX), MINUTE_NS, now_ns);
}

void net_traffic_init(struct net_traffic *traffic, const struct net_limits *limits, const uint64_t seed[2],
	uint64_t now_ns)
{
	*traffic = (struct net_traffic){ .limits = *limits,
		.hosts = MAP_INIT(NET_HOSTS_MAX, seed[0], seed[1]) };
	traffic->rows = calloc(NET_HOSTS_MAX, sizeof(*traffic->rows));
	if (!traffic->rows)
		abort();
	fill(&traffic->all.a_minute[CONNECTIONS], limit_of(traffic, NET_LIMIT_CONNECTIONS), now_ns);
	fill(&traffic->all.a_minute[REQUESTS], limit_of(traffic, NET_LIMIT_REQUESTS), now_ns);
	fill(&traffic->others.a_minute[CONNECTIONS], limit_of(traffic, NET_LIMIT_HOST_CONNECTIONS), now_ns);
	fill(&traffic->others.a_minute[REQUESTS], limit_of(traffic, NET_LIMIT_HOST_REQUESTS), now_ns);
}

void net_traffic_fini(struct net_traffic *traffic)
{
	map_fini(&traffic->hosts);
	for (size_t i = 0; i < traffic->count; i++)
		free(traffic->rows[i]);
	free(traffic->rows);
	*traffic = (struct net_traffic){ 0 };
}

struct net_host *net_traffic_host(struct net_traffic *traffic, struct str name, uint64_t now_ns)
{
	struct net_host *host = map_get(&traffic->hosts, name.data, name.len);

	assert(name.len && name.len < NET_HOST_NAME_SIZE);
	if (host)
		return host;
	if (traffic->count == NET_HOSTS_MAX)
		return &traffic->others;
	host = calloc(1, sizeof(*host));
	if (!host)
		abort();
	memcpy(host->name, name.data, name.len);
	if (map_put(&traffic->hosts, host->name, name.len, host) < 0) {
		free(host);
		return &traffic->others;
	}
	fill(&host->a_minute[CONNECTIONS], limit_of(traffic, NET_LIMIT_HOST_CONNECTIONS), now_ns);
	fill(&host->a_minute[REQUESTS], limit_of(traffic, NET_LIMIT_HOST_REQUESTS), now_ns);
	traffic->rows[traffic->count++] = host;
	return host;
}

/* ---- so many in a minute ---- */

/* Of the session and of the host, or of neither. */
static bool take(struct net_traffic *traffic, struct net_host *host, unsigned what, uint64_t now_ns,
	bool *ret_is_host)
{
	*ret_is_host = false;
	if (!net_bucket_take(&traffic->all.a_minute[what], 1, now_ns))
		return false;
	*ret_is_host = true;
	if (net_bucket_take(&host->a_minute[what], 1, now_ns))
		return true;
	net_bucket_give(&traffic->all.a_minute[what], 1);
	return false;
}

enum net_limit net_traffic_connect(struct net_traffic *traffic, struct net_host *host, uint64_t now_ns)
{
	bool is_host;

	if (!take(traffic, host, CONNECTIONS, now_ns, &is_host))
		return is_host ? NET_LIMIT_HOST_CONNECTIONS : NET_LIMIT_CONNECTIONS;
	traffic->all.connections++;
	host->connections++;
	return NET_LIMIT_NONE;
}

enum net_limit net_traffic_request(struct net_traffic *traffic, struct net_host *host, uint64_t now_ns)
{
	bool is_host;

	if (!take(traffic, host, REQUESTS, now_ns, &is_host))
		return is_host ? NET_LIMIT_HOST_REQUESTS : NET_LIMIT_REQUESTS;
	traffic->all.requests++;
	host->requests++;
	return NET_LIMIT_NONE;
}

unsigned net_traffic_wait_s(const struct net_traffic *traffic, const struct net_host *host,
	enum net_limit limit, uint64_t now_ns)
{
	const struct net_host *row = net_limit_is_of_host(limit) ? host : &traffic->all;
	uint64_t wait_ns = 0;

	if (limit == NET_LIMIT_CONNECTIONS || limit == NET_LIMIT_HOST_CONNECTIONS)
		wait_ns = net_bucket_wait_ns(&row->a_minute[CONNECTIONS], now_ns);
	else if (limit == NET_LIMIT_REQUESTS || limit == NET_LIMIT_HOST_REQUESTS)
		wait_ns = net_bucket_wait_ns(&row->a_minute[REQUESTS], now_ns);
	else if (limit != NET_LIMIT_OPEN)
		return 0;
	/* Rounded up: what comes back at the end of a whole second is there then. */
	return wait_ns >= MINUTE_NS ? 60 : MAX((unsigned)((wait_ns + SECOND_NS - 1) / SECOND_NS), 1u);
}

/* ---- bytes ---- */

uint64_t net_traffic_left(const struct net_traffic *traffic, const struct net_host *host, enum net_way way,
	enum net_limit *ret_limit)
{
	static const enum net_limit limits[NET_WAY_COUNT][2] = {
		[NET_SENT] = { NET_LIMIT_SENT, NET_LIMIT_HOST_SENT },
		[NET_RECEIVED] = { NET_LIMIT_RECEIVED, NET_LIMIT_HOST_RECEIVED },
	};
	const struct net_host *rows[] = { &traffic->all, host };
	uint64_t left = NET_UNLIMITED;

	if (ret_limit)
		*ret_limit = NET_LIMIT_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t limit = limit_of(traffic, limits[way][i]), done = rows[i]->bytes[way];

		if (limit >= NET_UNLIMITED || (limit > done && limit - done >= left))
			continue;
		left = limit > done ? limit - done : 0;
		if (ret_limit)
			*ret_limit = limits[way][i];
	}
	return left;
}

void net_traffic_moved(struct net_traffic *traffic, struct net_host *host, enum net_way way, uint64_t bytes)
{
	traffic->all.bytes[way] += bytes;
	host->bytes[way] += bytes;
}

uint64_t net_traffic_reached(struct net_traffic *traffic, struct net_host *host, enum net_limit limit)
{
	traffic->all.reached[limit]++;
	return net_limit_is_of_host(limit) ? ++host->reached[limit] : traffic->all.reached[limit];
}
