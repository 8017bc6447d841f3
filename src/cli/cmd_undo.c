// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_undo.c - `cordon undo [ID]`
 *
 * Without an id, the newest commit that any session made to this project; with one, the newest commit of that
 * session. Said again, it takes back the one before.
 */
#include "cli/commands.h"

#include "base/path.h"
#include "base/quote.h"
#include "cli/hold.h"
#include "run/commit.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>

/* The id of the session that committed last to @workspace, or NULL with the error set. */
static const char *find_last(struct cli *cli, const char *workspace, struct error *err)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, err), *found = NULL;
	const char *const *ids;
	uint64_t found_ns = 0;
	size_t count = 0;

	if (!state_dir || session_ids(&cli->arena, state_dir, &ids, &count, err) < 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct session session;
		struct error ignored = ERROR_INIT;
		unsigned number = 0, next;
		uint64_t time_ns = 0;

		session_init(&session, &cli->arena);
		if (session_open(&session, state_dir, ids[i], &ignored) >= 0 && session.workspace &&
				!strcmp(session.workspace, workspace))
			(void)run_last_commit(&session, &number, &time_ns, &next, &ignored);
		session_fini(&session);
		if (number && time_ns >= found_ns) {
			found = ids[i];
			found_ns = time_ns;
		}
	}
	if (!found) {
		error_set(err, -ENOENT, "no commit to '%s' could be undone", quote_cstr(workspace).text);
		error_hint(err,
			"`cordon ps --all` lists the sessions; those that are committed can be undone.");
	}
	return found;
}

static const struct json *to_json(struct cli *cli, const struct session *session,
	const struct run_undo_result *result)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "id", session->id);
	json_object_add_text(&object, "state", session_state_name(session->state));
	json_object_add_text(&object, "end", result->is_conflict ? "conflict" : "undone");
	json_object_add_int(&object, "commit", result->number);
	json_object_add_int(&object, "entries", (int64_t)result->answer.applied_count);
	json_object_add_int(&object, "duration_ns", (int64_t)result->duration_ns);
	json_object_add_int(&object, "conflict_count", (int64_t)result->answer.conflict_count);
	if (result->answer.conflicts)
		json_object_add(&object, "conflicts", result->answer.conflicts);
	return json_object_end(&object);
}

static int say(struct cli *cli, const struct session *session, const struct run_undo_result *result)
{
	struct error err = ERROR_INIT;

	if (cli->json)
		cli_print_json(cli, to_json(cli, session, result));
	if (result->is_conflict && cli->json)
		return CLI_NO;
	if (result->is_conflict) {
		hold_print_conflicts(cli, result->answer.conflicts, result->answer.conflict_count);
		error_set(&err, -EEXIST, "session '%s': files changed since commit %u; nothing was undone",
			session->id, result->number);
		error_hint(&err, "Undo those changes first, or go back by hand.");
		return cli_fail(cli, CLI_NO, &err);
	}
	if (!cli->json) {
		cli_printf(cli, "session %s: commit %u is undone in %llu ms\n", session->id, result->number,
			(unsigned long long)(result->duration_ns / 1000000));
		cli_note(cli, "the branch is held again: `cordon commit %s`, or `cordon rollback %s`",
			session->id, session->id);
	}
	return CLI_OK;
}

static int find_session(struct cli *cli, const char **ret_id)
{
	struct error err = ERROR_INIT;
	const char *workspace = run_find_workspace(&cli->arena, NULL, &err);

	*ret_id = workspace ? find_last(cli, workspace, &err) : NULL;
	return *ret_id ? CLI_OK : cli_fail(cli, err.code == -ENOENT ? CLI_NO : CLI_FAILED, &err);
}

static int exit_code(int code)
{
	switch (code) {
	case -ENOENT:
	case -ETIMEDOUT:
		return CLI_NO;
	case -ECANCELED:
		return CLI_INTERRUPTED;
	default:
		return CLI_FAILED;
	}
}

static int undo(struct cli *cli, struct hold *hold)
{
	const struct run_undo_request request = { .user = hold->user, .patience = hold_patience(cli, true) };
	struct run_undo_result result;
	struct error err = ERROR_INIT;
	int r;

	if (session_is_alive(&hold->session))
		return cli_failf(cli, CLI_NO, "session '%s' still runs", hold->session.id);
	if (hold->session.state == SESSION_ROLLED_BACK)
		return cli_failf(cli, CLI_NO,
			"session '%s' was rolled back: there is no branch to give its files back to",
			hold->session.id);
	r = run_undo(&cli->arena, &hold->session, &hold->ledger, &request, &result, &err);
	if (r < 0)
		return cli_fail(cli, exit_code(r), &err);
	return say(cli, &hold->session, &result);
}

int cmd_undo(struct cli *cli, int argc, char **argv)
{
	struct hold hold;
	const char *id = argc ? argv[0] : NULL;
	int code = id ? CLI_OK : find_session(cli, &id);

	if (code != CLI_OK)
		return code;
	code = hold_open(cli, id, 0, &hold);
	if (code == CLI_OK)
		code = undo(cli, &hold);
	return hold_close(cli, &hold, code);
}
