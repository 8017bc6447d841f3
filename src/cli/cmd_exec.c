// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_exec.c - `cordon exec ID [--] PROGRAM [ARGUMENT...]`
 *
 * The program runs in the same sandbox, started by its init, with a terminal of its own where this command
 * has one.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "cli/attach.h"
#include "cli/guard.h"
#include "cli/sessions.h"
#include "cli/terminal.h"
#include "kern/kern.h"
#include "loop/channel.h"

#include <errno.h>
#include <unistd.h>

static int send_request(struct cli *cli, int fd, int argc, char **argv)
{
	scoped(buf) struct buf text = BUF_INIT(CHANNEL_PAYLOAD_MAX);
	static const int stdio[] = { 0, 1, 2 };
	struct control_command command = { .argv = (const char *const *)argv, .argc = (size_t)argc };
	struct terminal terminal;
	const struct json *value;

	terminal_init(&terminal);
	command.size = terminal_size(&terminal);
	value = control_command_to_json(&cli->arena, &command);
	if (!value || json_write(&text, value, JSON_WRITE_CANONICAL) < 0)
		return -E2BIG;
	return channel_post(fd, CONTROL_EXEC, (struct str){ text.data, text.len }, stdio, ARRAY_SIZE(stdio));
}

static int attach(struct cli *cli, int fd, const char *detach_keys, bool is_unfiltered)
{
	const struct attach_request request = {
		.kind = ATTACH_COMMAND, .channel_fd = fd, .with_stdin = kern_isatty(STDIN_FILENO) > 0,
		.detach_keys = detach_keys, .is_unfiltered = is_unfiltered,
	};
	struct attach_result result;
	struct error err = ERROR_INIT;

	if (attach_run(cli, &request, &result, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (result.failure_code)
		return cli_fail(cli, result.failure_code, &err);
	if (result.is_detached)
		cli_note(cli, "the program goes on in its session; what it prints is not kept");
	return result.is_detached ? CLI_OK : result.exit_code;
}

int cmd_exec(struct cli *cli, int argc, char **argv)
{
	struct session session;
	struct error err = ERROR_INIT;
	bool is_unfiltered = false;
	const char *keys = exec_options(cli)->detach_keys;
	int fd = -1, r, code = sessions_open(cli, argv[0], 0, &session);

	if (code == CLI_OK)
		code = sessions_detach_keys(cli, &session, &keys);
	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	if (code == CLI_OK)
		is_unfiltered = guard_is_off(&session, exec_options(cli)->terminal_filter);
	session_fini(&session);
	if (code != CLI_OK)
		return code;
	r = send_request(cli, fd, argc - 1, argv + 1);
	if (r >= 0)
		return attach(cli, TAKE_FD(fd), keys, is_unfiltered);
	fd_close(fd);
	error_sys(&err, r, "asking the session to run '%s'", argv[1]);
	return cli_fail(cli, CLI_FAILED, &err);
}
