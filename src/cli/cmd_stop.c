// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_stop.c - `cordon stop ID...`
 *
 * The supervisor sends TERM, waits, and then ends everything; this command waits for the session to settle,
 * which the end of the connection says. A connection can end before that, where the supervisor had no
 * descriptor or no memory left for it: then the session runs on, and is asked again.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/time.h"
#include "cli/sessions.h"
#include "kern/sock.h"
#include "loop/channel.h"
#include "session/control.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>

enum {
	GRACE_DEFAULT_MS = 5000,
	GRACE_MAX_MS = 3600 * 1000,
	ATTEMPTS_MAX = 5,
};

static void wait_for_the_end(int fd)
{
	static char packet[CHANNEL_PAYLOAD_MAX + 64];
	int fds[KERN_SOCK_FDS_MAX];
	size_t fd_count;
	ssize_t n;

	(void)kern_fcntl(fd, F_SETFL, 0);
	do {
		n = kern_sock_recv(fd, packet, sizeof(packet), fds, &fd_count);
		while (fd_count)
			fd_close(fds[--fd_count]);
	} while (n > 0);
}

static bool runs_on(struct cli *cli, const char *id)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, NULL);
	struct session now;
	bool runs;

	session_init(&now, &cli->arena);
	runs = state_dir && session_open(&now, state_dir, id, NULL) >= 0 && session_is_alive(&now) &&
		now.state == SESSION_RUNNING;
	session_fini(&now);
	return runs;
}

/* A message that could not be sent is one to a supervisor that leaves, or that is asked again. */
static int ask(struct cli *cli, const char *id, const struct control_stop *message, bool *ret_runs)
{
	struct session session;
	scoped(fd) int fd = -1;
	int code = sessions_open(cli, id, 1u << SESSION_RUNNING, &session);

	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	if (code == CLI_OK) {
		(void)channel_post(fd, CONTROL_STOP,
			(struct str){ (const char *)message, sizeof(*message) }, NULL, 0);
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
