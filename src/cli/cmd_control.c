// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_control.c - `cordon control ID [--listen 127.0.0.1:PORT]`
 *
 * In the foreground, until the session ends or somebody interrupts it. It has no rights of its own: what it
 * does for a client, the user who started it could do with a command.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "cli/api.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

static void tell(struct api_server *server)
{
	struct cli *cli = server->cli;
	struct json_object_builder object;

	if (cli->json) {
		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "session", server->session.id);
		json_object_add(&object, "url",
			json_new_printf(&cli->arena, "https://127.0.0.1:%u", server->run.port));
		json_object_add(&object, "directory",
			json_new_bytes(&cli->arena, str_from(server->run.dir)));
		cli_print_json_line(cli, json_object_end(&object));
	} else {
		cli_printf(cli, "https://127.0.0.1:%u\n", server->run.port);
		cli_flush(cli);
		cli_note(cli, "ca.crt, reader.crt, reader.key, operator.crt and operator.key are in %s",
			server->run.dir);
	}
	cli_flush(cli);
}

static int open_server(struct api_server *server, uint16_t port, struct error *err)
{
	struct cli *cli = server->cli;
	const char *state_dir = which_state_dir(cli, err);
	int r = state_dir ? 0 : -ENOENT;

	if (r >= 0)
		r = server->state_dirfd = kern_open(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return err->text[0] ? r : error_sys(err, r, "opening the directory of sessions");
	r = loop_init(&server->loop);
	if (r < 0)
		return error_sys(err, r, "serving the control API");
	r = api_stats_start(server, err);
	if (r >= 0)
		r = run_api_open(&server->run, &cli->arena, cli_env(cli, "XDG_RUNTIME_DIR"),
			server->session.id, port, err);
	if (r >= 0)
		r = api_record(server, err);
	if (r >= 0)
		r = run_api_start(&server->run, cli->envp, err);
	return r;
}

static int serve(struct api_server *server, uint16_t port)
{
	struct error err = ERROR_INIT;
	int r = open_server(server, port, &err);

	if (r >= 0) {
		tell(server);
		r = api_serve(server, &err);
	}
	if (r == -EINTR)
		return CLI_INTERRUPTED;
	if (r < 0)
		return cli_fail(server->cli, r == -EBUSY || r == -EADDRINUSE ? CLI_NO : CLI_FAILED, &err);
	cli_note(server->cli, "session '%s' has ended", server->session.id);
	return CLI_OK;
}

int cmd_control(struct cli *cli, UNUSED int argc, char **argv)
{
	const char *listen = control_options(cli)->listen;
	static struct api_server server;
	struct error err = ERROR_INIT;
	uint16_t port = 0;
	int code;

	if (listen && run_api_address_read(str_from(listen), &port, &err) < 0)
		return cli_fail(cli, CLI_USAGE, &err);
	server = (struct api_server){ .cli = cli, .run = RUN_API_INIT, .state_dirfd = -1,
		.record_fd = -1,
		.stats.follow = FOLLOW_INIT };
	list_init(&server.clients);
	code = sessions_open(cli, argv[0], 1u << SESSION_RUNNING, &server.session);
	if (code == CLI_OK && !session_is_alive(&server.session)) {
		error_set(&err, -ESRCH, "session '%s' does not run", server.session.id);
		error_hint(&err, "`cordon ps` lists the sessions that run.");
		code = cli_fail(cli, CLI_NO, &err);
	}
	if (code == CLI_OK)
		code = serve(&server, port);
	run_api_close(&server.run);
	fd_close(server.record_fd);
	follow_fini(&server.stats.follow);
	loop_fini(&server.loop);
	fd_close(server.state_dirfd);
	session_fini(&server.session);
	return code;
}
