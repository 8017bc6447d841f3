// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_rollback.c - `cordon rollback ID...`
 *
 * The branch is dropped for good. What was committed of it stays committed, and can still be undone file by
 * file of what was kept: only the branch itself goes.
 */
#include "cli/commands.h"

#include "cli/hold.h"
#include "run/judge.h"

#include <errno.h>

static int record(struct cli *cli, struct hold *hold, struct error *err)
{
	const char *reason = rollback_options(cli)->reason;
	struct json_object_builder fields;

	json_object_begin(&fields, &cli->arena);
	json_object_add_text(&fields, "reason", reason ? reason : "cordon rollback");
	json_object_add_text(&fields, "user", hold->user);
	return ledger_append(&hold->ledger, LEDGER_ROLLED_BACK, json_object_end(&fields), LEDGER_SYNC, err);
}

static int drop(struct cli *cli, struct hold *hold)
{
	struct session *session = &hold->session;
	struct error err = ERROR_INIT;
	int r;

	if (session_is_alive(session)) {
		error_set(&err, -EBUSY, "session '%s' still runs", session->id);
		error_hint(&err, "End it with `cordon stop %s` first.", session->id);
		return cli_fail(cli, CLI_NO, &err);
	}
	if (session->state == SESSION_COMMITTED || session->state == SESSION_ROLLED_BACK)
		return cli_failf(cli, CLI_NO, "session '%s' is %s: there is no branch to drop", session->id,
			session_state_name(session->state));
	r = record(cli, hold, &err);
	if (r >= 0)
		r = run_drop(session, &err);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (!cli->json)
		cli_printf(cli, "session %s: its branch is dropped\n", session->id);
	return CLI_OK;
}

static int rollback_one(struct cli *cli, const char *id)
{
	struct hold hold;
	int code = hold_open(cli, id, 1u << SESSION_HELD, &hold);

	if (code == CLI_OK)
		code = drop(cli, &hold);
	return hold_close(cli, &hold, code);
}

int cmd_rollback(struct cli *cli, int argc, char **argv)
{
	int code = CLI_OK;

	for (int i = 0; i < argc; i++)
		code = MAX(code, rollback_one(cli, argv[i]));
	if (cli->json && code == CLI_OK)
		cli_print_json(cli, json_new_words(&cli->arena, (const char *const *)argv, (size_t)argc));
	return code;
}
