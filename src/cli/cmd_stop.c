// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_stop.c - `cordon stop ID...`
 *
 * The supervisor sends TERM, waits, and then ends everything; this command waits for the session to settle,
 * which the end of the connection says.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/time.h"
#include "cli/sessions.h"
#include "kern/sock.h"
#include "loop/channel.h"
#include "session/control.h"

#include <errno.h>
#include <fcntl.h>

enum {
	GRACE_DEFAULT_MS = 5000,
	GRACE_MAX_MS = 3600 * 1000,
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

static int stop_one(struct cli *cli, const char *id)
{
	const struct stop_options *options = stop_options(cli);
	struct control_stop message = { .grace_ms = GRACE_DEFAULT_MS };
	struct error err = ERROR_INIT;
	struct session session;
	scoped(fd) int fd = -1;
	int r, code = sessions_open(cli, id, 1u << SESSION_RUNNING, &session);

	if (options->grace.is_set)
		message.grace_ms = (uint32_t)MIN(options->grace.value / NS_PER_MS, (uint64_t)GRACE_MAX_MS);
	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	session_fini(&session);
	if (code != CLI_OK)
		return code;
	r = channel_post(fd, CONTROL_STOP, (struct str){ (const char *)&message, sizeof(message) }, NULL, 0);
	if (r < 0) {
		error_sys(&err, r, "asking session '%s' to stop", id);
		return cli_fail(cli, CLI_FAILED, &err);
	}
	wait_for_the_end(fd);
	return CLI_OK;
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
