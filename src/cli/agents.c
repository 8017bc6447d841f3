// SPDX-License-Identifier: Apache-2.0
/*
 * agents.c - the known agents that are installed here
 */
#include "cli/agents.h"

#include "cli/installed.h"
#include "cli/program.h"
#include "config/agent.h"

void agents_find_here(struct cli *cli, const char *workspace, const char *profile, struct agents_here *ret)
{
	struct error err = ERROR_INIT;
	struct config_places places;
	const char *const *names;
	struct agent *items = NULL;
	size_t count = 0;

	*ret = (struct agents_here){ 0 };
	if (config_places_init(&cli->arena, &places, &err) >= 0 &&
			agent_list(&cli->arena, &places, &names, &count, &err) >= 0)
		items = arena_alloc_array(&cli->arena, count, sizeof(*items));
	if (!items) {
		cli_warn(cli, "no agent is suggested: %s", err.code ? err.text : "out of memory");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		err = (struct error)ERROR_INIT;
		if (!program_is_here(cli, names[i]))
			continue;
		if (agent_find(&cli->arena, &places, names[i], &items[ret->count], &err) < 0)
			cli_warn(cli, "agent '%s' is not suggested: %s", names[i], err.text);
		else if (installed_is_seen(cli, workspace, profile, &items[ret->count]))
			ret->count++;
		else
			ret->unseen = names[i];
	}
	ret->items = items;
}
