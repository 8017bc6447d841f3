// SPDX-License-Identifier: Apache-2.0
/*
 * judge.c - what the rules say of one wish
 */
#include "roles/gateway/judge.h"

#include <stdio.h>
#include <string.h>

/* What the agent and the person read: it names the file's key, and what to write there. */
static void explain(const struct wish *wish, struct gateway_judged *judged)
{
	(void)snprintf(judged->why, sizeof(judged->why), wish->port ?
		"no entry of network.allow has %s:%u" : "no entry of network.allow has %s", judged->target,
		wish->port);
}

static void begin(const struct wish *wish, struct gateway_judged *ret)
{
	*ret = (struct gateway_judged){
		.way = wish->way, .port = wish->port, .client_port = wish->client_port,
	};
	if (wish->name[0])
		(void)snprintf(ret->target, sizeof(ret->target), "%s", wish->name);
	else
		net_address_print(&wish->address, ret->target);
}

void judge_refuse(struct gateway *gateway, const struct wish *wish, const char *rule, const char *why,
	struct gateway_judged *ret)
{
	begin(wish, ret);
	(void)snprintf(ret->rule, sizeof(ret->rule), "network/%s", rule);
	(void)snprintf(ret->why, sizeof(ret->why), "%s", why);
	refusals_report(gateway, ret);
}

bool judge(struct gateway *gateway, const struct wish *wish, struct gateway_judged *ret)
{
	begin(wish, ret);
	explain(wish, ret);
	refusals_report(gateway, ret);
	return false;
}
