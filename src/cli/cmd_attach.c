// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_attach.c - `cordon attach [ID]`
 *
 * Being one of the terminals of a session that runs already: as many as there are see what its program
 * prints, and all but those that only read type to it. This command leaves by its keys, by a signal or with
 * its terminal, and the session goes on; when the session ends, it ends as `cordon run` would have.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "cli/attach.h"
#include "cli/guard.h"
#include "cli/review.h"
#include "cli/sessions.h"
#include "kern/kern.h"

#include <unistd.h>

static int attach(struct cli *cli, int channel_fd, const char *keys, bool is_unfiltered)
{
	const struct attach_request request = {
		.kind = ATTACH_SESSION, .channel_fd = channel_fd, .with_stdin = kern_isatty(STDIN_FILENO) > 0,
		.is_joining = true, .is_read_only = attach_options(cli)->read_only, .detach_keys = keys,
		.is_unfiltered = is_unfiltered,
	};
	struct attach_result result;
	struct error err = ERROR_INIT;

	cli_flush(cli);
	if (attach_run(cli, &request, &result, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	return review_attached(cli, &result, &err);
}

int cmd_attach(struct cli *cli, UNUSED int argc, char **argv)
{
	const char *keys = attach_options(cli)->detach_keys;
	struct session session;
	bool is_unfiltered = false;
	int fd = -1, code = sessions_open(cli, argv[0], 1u << SESSION_RUNNING, &session);

	if (code == CLI_OK)
		code = sessions_detach_keys(cli, &session, &keys);
	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	if (code == CLI_OK)
		is_unfiltered = guard_is_off(&session, attach_options(cli)->terminal_filter);
	session_fini(&session);
	return code == CLI_OK ? attach(cli, fd, keys, is_unfiltered) : code;
}
