// SPDX-License-Identifier: Apache-2.0
/*
 * summary.c - what a session did with the network, told once at its end
 */
#include "roles/gateway/summary.h"

#include <stdlib.h>
#include <string.h>

static uint64_t stopped(const struct net_host *host)
{
	uint64_t count = 0;

	for (size_t i = 0; i < NET_LIMIT_COUNT; i++)
		count += host->reached[i];
	return count;
}

static void fill(struct gateway_summary_row *row, const struct net_host *host)
{
	*row = (struct gateway_summary_row){
		.connections = host->connections, .requests = host->requests,
		.sent_bytes = host->bytes[NET_SENT], .received_bytes = host->bytes[NET_RECEIVED],
		.stopped = stopped(host),
	};
	memcpy(row->name, host->name, sizeof(row->name));
}

static void take_away(struct gateway_summary_row *from, const struct gateway_summary_row *row)
{
	from->connections -= row->connections;
	from->requests -= row->requests;
	from->sent_bytes -= row->sent_bytes;
	from->received_bytes -= row->received_bytes;
	from->stopped -= MIN(from->stopped, row->stopped);
}

/* By bytes, then by connections; what is alike, by who came first. */
static bool is_more(const struct net_host *a, const struct net_host *b)
{
	uint64_t of_a = a->bytes[NET_SENT] + a->bytes[NET_RECEIVED];
	uint64_t of_b = b->bytes[NET_SENT] + b->bytes[NET_RECEIVED];

	return of_a != of_b ? of_a > of_b : a->connections > b->connections;
}

/* The ones with the most, in that order: one look at each row. Return: how many */
static size_t find_top(const struct net_traffic *traffic, const struct net_host *ret[GATEWAY_SUMMARY_HOSTS])
{
	size_t count = 0;

	for (size_t i = 0; i < traffic->count; i++) {
		size_t at = count;

		while (at > 0 && is_more(traffic->rows[i], ret[at - 1]))
			at--;
		if (at == GATEWAY_SUMMARY_HOSTS)
			continue;
		count = MIN(count + 1, (size_t)GATEWAY_SUMMARY_HOSTS);
		memmove(&ret[at + 1], &ret[at], (count - at - 1) * sizeof(*ret));
		ret[at] = traffic->rows[i];
	}
	return count;
}

void summary_tell(struct gateway *gateway)
{
	const struct net_traffic *traffic = &gateway->traffic;
	const struct net_host *top[GATEWAY_SUMMARY_HOSTS];
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_SUMMARY };
	struct gateway_summary *summary = &message.summary;

	if (!traffic->count || !channel_is_open(&gateway->supervisor))
		return;
	fill(&summary->all, &traffic->all);
	summary->others = summary->all;
	summary->top_count = (uint32_t)find_top(traffic, top);
	for (size_t i = 0; i < summary->top_count; i++) {
		fill(&summary->top[i], top[i]);
		take_away(&summary->others, &summary->top[i]);
	}
	summary->host_count = (uint32_t)traffic->count;
	memcpy(summary->reached, traffic->all.reached, sizeof(summary->reached));
	(void)gateway_message_send(&gateway->supervisor, &message, NULL, 0);
}
