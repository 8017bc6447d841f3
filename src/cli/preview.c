// SPDX-License-Identifier: Apache-2.0
/*
 * preview.c - the sandbox that a session would get, of which nothing is made
 */
#include "cli/preview.h"

#include "kern/file.h"
#include "run/plan.h"
#include "session/dirs.h"

int preview_plan(struct cli *cli, const struct run_request *request, const struct agent *agent,
	struct jail_plan *ret, struct error *err)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, err);
	struct session session;
	struct run_plan_inputs inputs = {
		.request = request, .session = &session, .environment = cli->envp, .preview = true,
		.agent = agent,
	};
	int r;

	session_init(&session, &cli->arena);
	r = state_dir ? session_preview(&session, state_dir, err) : -ENOENT;
	for (int i = 0; i < 3; i++)
		inputs.stdio[i] = kern_isatty(i) > 0 ? JAIL_STDIO_TTY : JAIL_STDIO_INHERIT;
	if (r >= 0)
		r = run_identity(&session, err);
	return r < 0 ? r : run_plan_build(&cli->arena, &inputs, ret, err);
}
