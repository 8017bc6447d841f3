// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_reload.c - `cordon policy reload ID...`
 *
 * The supervisor does it, since it alone knows what judges its session: it reads again what the session's
 * configuration names, and answers once, with the old and the new digest or with what is wrong.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/sessions.h"
#include "loop/channel.h"
#include "session/control.h"

#include <errno.h>

static int wait_for_answer(struct cli *cli, int fd, const struct json **ret, struct error *err)
{
	struct channel_message message;
	struct control_message body;
	int fds[KERN_SOCK_FDS_MAX], r = channel_wait(fd, &message, fds);

	while (r > 0 && message.type == CONTROL_NOTICE)
		r = channel_wait(fd, &message, fds);
	if (r <= 0)
		return error_sys(err, r ?: -ECONNRESET, "the supervisor ended the connection");
	r = control_read(message.type, message.payload, &body);
	if (r >= 0 && body.type == CONTROL_FAILED) {
		*err = body.failure.error;
		return err->code;
	}
	if (r < 0 || body.type != CONTROL_RELOADED)
		return error_set(err, -EPROTO, "the supervisor said something unexpected");
	return json_read(&cli->arena, message.payload, JSON_READ_STRICT, ret, err);
}

static int ask(struct cli *cli, const char *id, const struct json **ret, struct error *err)
{
	struct session session;
	scoped(fd) int fd = -1;
	int code = sessions_open(cli, id, 1u << SESSION_RUNNING, &session), r = 0;

	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	session_fini(&session);
	if (code != CLI_OK)
		return code;
	r = channel_post(fd, CONTROL_RELOAD, (struct str){ 0 }, NULL, 0);
	if (r < 0)
		error_sys(err, r, "asking the supervisor");
	else
		r = wait_for_answer(cli, fd, ret, err);
	return r < 0 ? cli_fail(cli, CLI_FAILED, err) : CLI_OK;
}

/* A text of an answer, whose bytes may be any. */
static struct str text_of(struct cli *cli, const struct json *answer, const char *key)
{
	const struct json *value = json_get(answer, key);
	struct str text;

	return value && json_to_bytes(&cli->arena, value, &text) >= 0 ? text : (struct str){ "", 0 };
}

static int say_kept(struct cli *cli, const struct json *answer, struct error *err)
{
	struct str text = text_of(cli, answer, "error"), hint = text_of(cli, answer, "hint"),
		   report = text_of(cli, answer, "report");

	if (report.len)
		cli_tell_text(cli, report);
	error_set(err, -EINVAL, "the session's policies stay as they were: %.*s", STR_FMT(text));
	if (hint.len)
		error_hint(err, "%.*s", STR_FMT(hint));
	return cli_fail(cli, CLI_NO, err);
}

static int reload_one(struct cli *cli, const char *id)
{
	const struct json *answer = NULL;
	struct error err = ERROR_INIT;
	int code = ask(cli, id, &answer, &err);
	const char *old, *new, *opa;

	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(cli, answer);
	if (!json_get_bool(answer, "reloaded", false))
		return say_kept(cli, answer, &err);
	old = json_get_text(answer, "old");
	new = json_get_text(answer, "new");
	if (cli->json || !old || !new)
		return CLI_OK;
	opa = json_get_text(answer, "opa");
	if (opa)
		cli_note(cli, "the policies of the OPA server at %s are its own, and were not reloaded",
			quote_cstr(opa).text);
	if (!strcmp(old, new))
		cli_printf(cli, "%s: the policies are what they were\n", id);
	else
		cli_printf(cli, "%s: policies %.12s in place of %.12s\n", id, new, old);
	return CLI_OK;
}

int cmd_policy_reload(struct cli *cli, int argc, char **argv)
{
	int code = CLI_OK;

	for (int i = 0; i < argc; i++)
		code = MAX(code, reload_one(cli, argv[i]));
	return code;
}
