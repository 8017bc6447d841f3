// SPDX-License-Identifier: Apache-2.0
/*
 * hints.c - what to type so that what was refused is allowed
 */
#include "roles/gateway/hints.h"

#include "roles/gateway/host.h"

#include <stdio.h>
#include <string.h>

void hint_target(const struct gateway_judged *judged, char ret[HINT_TARGET_SIZE])
{
	bool is_v6 = strchr(judged->target, ':');

	(void)snprintf(ret, HINT_TARGET_SIZE, "%s%s%s:%u", is_v6 ? "[" : "", judged->target, is_v6 ? "]" : "",
		judged->port);
}

void hint_of(const struct gateway *gateway, const struct gateway_judged *judged, char ret[HINT_SIZE])
{
	const char *session = gateway->settings.session;
	char target[HINT_TARGET_SIZE];

	ret[0] = '\0';
	hint_target(judged, target);
	if (judged->program[0])
		(void)snprintf(ret, HINT_SIZE, "cordon allow %s %s --by %s", session, target,
			judged->program);
	else if (!strcmp(judged->rule, HOST_RULE))
		host_hint(judged, ret, HINT_SIZE);
	else if (judged->rule[0] == '!' && !strcmp(judged->source, "cordon deny"))
		(void)snprintf(ret, HINT_SIZE,
			"cordon rules %s shows the rule, and takes it out with --remove", session);
	else if (!judged->rule[0] || !strncmp(judged->why, JUDGE_ASKED, strlen(JUDGE_ASKED)))
		(void)snprintf(ret, HINT_SIZE,
			judged->rule[0] ? "cordon allow %s %s (while it waits: `cordon rules %s` shows it)" :
				"cordon allow %s %s (for good: put \"%s\" into network.allow of your configuration)",
			session, target, judged->rule[0] ? session : target);
}
