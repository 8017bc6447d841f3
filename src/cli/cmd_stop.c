// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_stop.c - `cordon stop ID...`
 *
 * The supervisor sends TERM, waits, and then ends everything; this command waits for the session to settle,
 * which the end of the connection says. A connection can end before that, where the supervisor had no
 * descriptor or no memory left for it, or the question cannot be sent: then the session runs on, and is asked
 * again. Nobody waits for the answer to a question that was never put.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/time.h"
#include "cli/sessions.h"
#include "loop/channel.h"
#include "session/control.h"
#include "session/dirs.h"

#include <errno.h>

enum {
	GRACE_DEFAULT_MS = 5000,
	GRACE_MAX_MS = 3600 * 1000,
	ATTEMPTS_MAX = 5,
};

static void wait_for_the_end(int fd)
{
	struct channel_message message;
	int fds[KERN_SOCK_FDS_MAX];

	while (channel_wait(fd, &message, fds) > 0)
		while (message.fd_count)
			fd_close(fds[--message.fd_count]);
}

static bool runs_on(struct cli *cli, const char *id)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, NULL);
	struct session now;
	bool runs;

	session_init(&now, &cli->arena);
	runs = state_dir && session_open(&now, state_dir, id, NULL) >= 0 && session_is_alive(&now) &&
		now.state <= SESSION_STOPPED;	/* that is: not settled yet */
	session_fini(&now);
	return runs;
}

static int ask(struct cli *cli, const char *id, const struct control_stop *message, bool *ret_runs)
{
	struct session session;
	scoped(fd) int fd = -1;
	int code = sessions_open(cli, id, 1u << SESSION_RUNNING, &session);

	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	if (code == CLI_OK) {
		if (channel_post(fd, CONTROL_STOP, (struct str){ (const char *)message, sizeof(*message) },
				NULL, 0) >= 0)
			wait_for_the_end(fd);
		*ret_runs = runs_on(cli, session.id);
	}
	session_fini(&session);
	return code;
}

static int stop_one(struct cli *cli, const char *id)
{
	const struct stop_options *options = stop_options(cli);
	struct control_stop message = { .grace_ms = GRACE_DEFAULT_MS };
	struct error err = ERROR_INIT;
	bool runs = true;
	int code = CLI_OK;

	if (options->grace.is_set)
		message.grace_ms = (uint32_t)MIN(options->grace.value / NS_PER_MS, (uint64_t)GRACE_MAX_MS);
	for (int i = 0; i < ATTEMPTS_MAX && runs && code == CLI_OK; i++)
		code = ask(cli, id, &message, &runs);
	if (code != CLI_OK || !runs)
		return code;
	error_set(&err, -EAGAIN, "session '%s' runs on: its supervisor ended the connection", id);
	error_hint(&err,
		"`cordon ps` shows the process id of the supervisor, which ends the session when it is killed.");
	return cli_fail(cli, CLI_FAILED, &err);
}

int cmd_stop(struct cli *cli, int argc, char **argv)
{
	int code = CLI_OK;

	for (int i = 0; i < argc; i++)
		code = MAX(code, stop_one(cli, argv[i]));
	if (cli->json && code == CLI_OK)
		cli_print_json(cli, json_new_bool(&cli->arena, true));
	return code;
}
