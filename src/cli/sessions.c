// SPDX-License-Identifier: Apache-2.0
/*
 * sessions.c - finding the session that a command means
 */
#include "cli/sessions.h"

#include "kern/sock.h"
#include "run/workspace.h"
#include "run/judge.h"
#include "session/detach_keys.h"
#include "session/dirs.h"

#include <errno.h>

int sessions_open(struct cli *cli, const char *id, unsigned wanted, struct session *session)
{
	struct error err = ERROR_INIT;
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, &err), *workspace;
	int r = -ENOENT;

	session_init(session, &cli->arena);
	if (!state_dir)
		return cli_fail(cli, CLI_FAILED, &err);
	if (id) {
		r = session_open(session, state_dir, id, &err);
	} else {
		workspace = run_find_workspace(&cli->arena, NULL, &err);
		if (workspace)
			r = session_latest(session, state_dir, workspace, wanted, &err);
	}
	session->progress = &cli->listener;
	if (r >= 0)
		return CLI_OK;
	return cli_fail(cli, r == -ENOENT || r == -EEXIST ? CLI_NO : CLI_FAILED, &err);
}

int sessions_connect(struct cli *cli, const struct session *session, int *ret_fd)
{
	struct error err = ERROR_INIT;
	int r;

	if (!session_is_alive(session)) {
		error_set(&err, -ESRCH, "session '%s' does not run: it is %s", session->id,
			session_is_orphan(session) ? "orphaned (its supervisor is gone)" :
			session_state_name(session->state));
		error_hint(&err, "`cordon ps` lists the sessions that run.");
		return cli_fail(cli, CLI_NO, &err);
	}
	r = kern_sock_connect(session->dirfd, "control.sock");
	if (r < 0) {
		error_sys(&err, r, "talking to the supervisor of session '%s'", session->id);
		return cli_fail(cli, CLI_FAILED, &err);
	}
	*ret_fd = r;
	return CLI_OK;
}

int sessions_detach_keys(struct cli *cli, const struct session *session, const char **keys)
{
	const struct config *config;
	struct detach_keys parsed;
	struct error err = ERROR_INIT;

	if (*keys)
		return detach_keys_parse(&parsed, *keys, &err) < 0 ? cli_fail(cli, CLI_USAGE, &err) : CLI_OK;
	if (run_read_config(&cli->arena, session, &config, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	*keys = config->settings.terminal.detach_keys;
	return CLI_OK;
}
