// SPDX-License-Identifier: Apache-2.0
/*
 * gateway_hint.c - what to type so that what was refused is allowed
 */
#include "run/gateway_hint.h"

#include <stdio.h>
#include <string.h>

void hint_target(const struct gateway_judged *judged, char ret[HINT_TARGET_SIZE])
{
	bool is_v6 = strchr(judged->target, ':');

	(void)snprintf(ret, HINT_TARGET_SIZE, "%s%s%s:%u", is_v6 ? "[" : "", judged->target, is_v6 ? "]" : "",
		judged->port);
}

static void hint_of_host(const struct gateway_judged *judged, char ret[HINT_SIZE])
{
	if (!strcmp(judged->target, GATEWAY_HOST_NAME) && judged->port)
		(void)snprintf(ret, HINT_SIZE,
			"put %u into network.host_ports of your own configuration, or say --host-port %u",
			judged->port, judged->port);
}

void hint_of(const char *session, const struct gateway_judged *judged, char ret[HINT_SIZE])
{
	char target[HINT_TARGET_SIZE];

	ret[0] = '\0';
	hint_target(judged, target);
	if (judged->program[0])
		(void)snprintf(ret, HINT_SIZE, "cordon allow %s %s --by %s", session, target,
			judged->program);
	else if (!strcmp(judged->rule, GATEWAY_RULE_PROGRAM))
		(void)snprintf(ret, HINT_SIZE, "cordon allow %s %s (for every program)", session, target);
	else if (!strcmp(judged->rule, GATEWAY_RULE_HOST_PORTS))
		hint_of_host(judged, ret);
	else if (judged->rule[0] == '!' && !strcmp(judged->source, "cordon deny"))
		(void)snprintf(ret, HINT_SIZE,
			"cordon rules %s shows the rule, and takes it out with --remove", session);
	else if (!judged->rule[0] || !strncmp(judged->why, GATEWAY_WHY_ASKED, strlen(GATEWAY_WHY_ASKED)))
		(void)snprintf(ret, HINT_SIZE,
			judged->rule[0] ? "cordon allow %s %s (while it waits: `cordon rules %s` shows it)" :
				"cordon allow %s %s (for good: put \"%s\" into network.allow of your configuration)",
			session, target, judged->rule[0] ? session : target);
}
