// SPDX-License-Identifier: Apache-2.0
/*
 * limit.c - a limit of the session's traffic was reached: counted, told, and said to the client
 */
#include "roles/gateway/limit.h"

#include <errno.h>
#include <stdio.h>

enum {
	STATUS_FORBIDDEN = 403,
	STATUS_TOO_LARGE = 413,
	STATUS_TOO_MANY = 429,
	STATUS_TIMEOUT = 504,
};

uint16_t limit_status(enum net_limit limit)
{
	switch (limit) {
	case NET_LIMIT_OPEN:
	case NET_LIMIT_CONNECTIONS:
	case NET_LIMIT_HOST_CONNECTIONS:
	case NET_LIMIT_REQUESTS:
	case NET_LIMIT_HOST_REQUESTS:
		return STATUS_TOO_MANY;
	case NET_LIMIT_REQUEST_SIZE:
		return STATUS_TOO_LARGE;
	case NET_LIMIT_IDLE:
	case NET_LIMIT_TIME:
		return STATUS_TIMEOUT;
	case NET_LIMIT_NONE:
	case NET_LIMIT_SENT:
	case NET_LIMIT_RECEIVED:
	case NET_LIMIT_HOST_SENT:
	case NET_LIMIT_HOST_RECEIVED:
	case NET_LIMIT_COUNT:
		break;
	}
	return STATUS_FORBIDDEN;
}

int limit_errno(enum net_limit limit)
{
	return limit == NET_LIMIT_IDLE || limit == NET_LIMIT_TIME ? -ETIMEDOUT : -EDQUOT;
}

/*
 * The same for every way of asking and every port, so that there is one decision of a limit and a host, and
 * whoever hears its id finds the one record of it.
 */
static void describe(const struct gateway *gateway, const struct net_host *host, enum net_limit limit,
	struct gateway_judged *ret)
{
	const char *name = host->name[0] ? host->name : "other hosts";
	char why[NET_LIMIT_TEXT_SIZE];

	net_limit_explain(limit, gateway->settings.limits.values[limit], why);
	*ret = (struct gateway_judged){ .way = GATEWAY_WAY_CONNECT };
	(void)snprintf(ret->target, sizeof(ret->target), "%s",
		net_limit_is_of_host(limit) ? name : "session");
	(void)snprintf(ret->rule, sizeof(ret->rule), "network/traffic.%s", net_limit_name(limit));
	(void)snprintf(ret->why, sizeof(ret->why), "%s", why);
}

void limit_reached(struct gateway *gateway, struct net_host *host, enum net_limit limit, struct refusal *ret,
	struct gateway_judged *ret_judged)
{
	struct gateway_message message = { .kind = GATEWAY_MESSAGE_JUDGED };

	describe(gateway, host, limit, ret_judged);
	ret_judged->count = net_traffic_reached(&gateway->traffic, host, limit);
	message.judged = *ret_judged;
	if (ret_judged->count == 1 && channel_is_open(&gateway->supervisor))
		(void)gateway_message_send(&gateway->supervisor, &message, NULL, 0);
	*ret = refusal_of(gateway, ret_judged);
	ret->limit = limit;
	ret->value = gateway->settings.limits.values[limit];
	ret->retry_s = net_traffic_wait_s(&gateway->traffic, host, limit, gateway->loop.now_ns);
	(void)snprintf(ret->hint, sizeof(ret->hint), "raise traffic.%s in your own configuration",
		net_limit_name(limit));
}
