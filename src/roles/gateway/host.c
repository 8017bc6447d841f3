// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - "host.cordon": the host's own loopback, at the ports that the user opened
 */
#include "roles/gateway/host.h"

#include "run/gateway_hint.h"

#include <stdio.h>
#include <string.h>

const struct net_address host_loopback[HOST_ADDRESSES] = {
	{ { 127, 0, 0, 1 }, NET_V4_BYTES },
	{ { [NET_V6_BYTES - 1] = 1 }, NET_V6_BYTES },
};

const struct net_prefix host_blocks[HOST_ADDRESSES] = {
	{ .address = { { 127, 0, 0, 1 }, NET_V4_BYTES }, .bits = 8 * NET_V4_BYTES },
	{ .address = { { [NET_V6_BYTES - 1] = 1 }, NET_V6_BYTES }, .bits = 8 * NET_V6_BYTES },
};

bool host_owns(struct str name)
{
	return str_eq(name, STR(GATEWAY_HOST_NAME)) || str_ends_with(name, STR("." GATEWAY_HOST_NAME));
}

bool host_opens(const struct gateway *gateway, struct str name, uint16_t port)
{
	const struct gateway_settings *settings = &gateway->settings;

	if (!str_eq(name, STR(GATEWAY_HOST_NAME)))
		return false;
	for (size_t i = 0; i < settings->host_port_count; i++)
		if (settings->host_ports[i] == port)
			return true;
	return false;
}

static struct net_judgement ask(struct gateway *gateway, const struct wish *wish, enum net_protocol protocol)
{
	struct str name = str_from(wish->name);
	uint64_t now_ns = gateway->loop.now_ns;

	return wish->port ?
		net_rules_judge(gateway->rules, name, wish->port, protocol, wish->who, now_ns) :
		net_rules_name(gateway->rules, name, now_ns);
}

struct net_judgement host_find(struct gateway *gateway, const struct wish *wish,
	enum net_protocol *ret_protocol)
{
	static const enum net_protocol narrower[] = { NET_TLS, NET_HTTP };
	struct net_judgement judgement;
	bool is_open = wish->port ? host_opens(gateway, str_from(wish->name), wish->port) :
		gateway->settings.host_port_count && !strcmp(wish->name, GATEWAY_HOST_NAME);

	*ret_protocol = NET_TCP;
	if (!is_open)
		return (struct net_judgement){ .verdict = NET_DENY };
	judgement = ask(gateway, wish, NET_TCP);
	for (size_t i = 0; i < ARRAY_SIZE(narrower) && judgement.verdict == NET_ALLOW; i++) {
		struct net_judgement found = ask(gateway, wish, narrower[i]);

		if (found.verdict != NET_ALLOW)
			return found;
		if (found.rule->entry.protocol == narrower[i] &&
				str_eq(found.rule->entry.name, STR(GATEWAY_HOST_NAME)))
			*ret_protocol = narrower[i];
	}
	return judgement;
}

void host_explain(struct gateway_judged *judged)
{
	(void)snprintf(judged->rule, sizeof(judged->rule), GATEWAY_RULE_HOST_PORTS);
	if (strcmp(judged->target, GATEWAY_HOST_NAME))
		(void)snprintf(judged->why, sizeof(judged->why),
			"there is no name below " GATEWAY_HOST_NAME ", which is this machine's loopback");
	else if (judged->port)
		(void)snprintf(judged->why, sizeof(judged->why),
			"network.host_ports does not have %u, so this port of the host is closed",
			judged->port);
	else
		(void)snprintf(judged->why, sizeof(judged->why),
			"network.host_ports is empty, so no port of the host is open");
}
