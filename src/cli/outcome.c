// SPDX-License-Identifier: Apache-2.0
/*
 * outcome.c - how a commit ended, said to a person or as JSON
 */
#include "cli/outcome.h"

#include "cli/advice.h"
#include "cli/findings.h"
#include "cli/hold.h"

#include <errno.h>

enum {
	FINDINGS_SHOWN_MAX = 20,
};

static const char *const end_names[] = {
	[RUN_COMMIT_REFUSED] = "refused", [RUN_COMMIT_CONFLICT] = "conflict",
	[RUN_COMMIT_REJUDGED] = "rejudged", [RUN_COMMIT_EMPTY] = "empty", [RUN_COMMIT_DONE] = "committed",
};

static const struct json *to_json(struct cli *cli, const struct session *session,
	const struct run_commit_result *result)
{
	const struct json *judgement = judgement_to_json(&cli->arena, &result->judgement);
	struct json_object_builder object;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&result->changeset.digest, hex);
	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "id", session->id);
	json_object_add_text(&object, "state", session_state_name(session->state));
	json_object_add_text(&object, "end", end_names[result->end]);
	json_object_add_int(&object, "commit", result->number);
	json_object_add_text(&object, "changeset", hex);
	json_object_add_int(&object, "entries", (int64_t)result->changeset.count);
	json_object_add_int(&object, "remaining", (int64_t)result->remaining_count);
	json_object_add_int(&object, "duration_ns", (int64_t)result->duration_ns);
	json_object_add_int(&object, "sync_ns", (int64_t)result->answer.sync_ns);
	json_object_add_int(&object, "copied_bytes", (int64_t)result->answer.copied_bytes);
	json_object_add_int(&object, "conflict_count", (int64_t)result->answer.conflict_count);
	if (result->answer.conflicts)
		json_object_add(&object, "conflicts", result->answer.conflicts);
	if (result->answer.merges)
		json_object_add(&object, "merges", result->answer.merges);
	if (result->end != RUN_COMMIT_EMPTY)
		json_object_add(&object, "judgement", judgement);
	return json_object_end(&object);
}

/* A part that was chosen path by path is told about in words; for the rest there is a line to type. */
static const char *way_on(struct cli *cli, const struct session *session,
	const struct run_commit_request *request, const struct run_commit_result *result)
{
	const struct advice_request advice = {
		.id = session->id, .changeset = &result->changeset, .judgement = &result->judgement,
		.excepted = request->paths, .excepted_count = request->path_count,
	};

	bool is_chosen = request->choice || (request->path_count && !request->except);

	return is_chosen ? NULL : advice_commit(cli, &advice);
}

static int say_refused(struct cli *cli, const struct session *session,
	const struct run_commit_request *request, const struct run_commit_result *result)
{
	const char *line = way_on(cli, session, request, result);
	struct error err = ERROR_INIT;

	findings_print(cli, FINDINGS_TO_OUTPUT, FINDINGS_SHOWN_MAX, &result->changeset, &result->judgement,
		NULL);
	if (result->judgement.verdict == VERDICT_DENY) {
		error_set(&err, -EPERM, "session '%s': policy refuses these changes", session->id);
		if (!judgement_is_answered(&result->judgement))
			error_hint(&err,
				"No answer means no: see why there is none, and say it again, which asks again. The branch stays.");
		else if (line)
			error_hint(&err, "The rest can be committed: `%s`.", line);
		else
			error_hint(&err,
				"Leave what is denied out with --except if there is more, or drop the branch: "
				"`cordon rollback %s`.",
				session->id);
	} else {
		error_set(&err, -EPERM, "session '%s': policy asks a person first", session->id);
		if (line)
			error_hint(&err, "Look at them, then `%s`.", line);
		else
			error_hint(&err,
				"Look at them, then name each rule with --accept, and say why with --reason.");
	}
	return cli_fail(cli, CLI_NO, &err);
}

static void print_merges(struct cli *cli, const struct json *merges)
{
	for (size_t i = 0; merges && i < merges->array.count; i++) {
		const struct json *one = merges->array.items[i];
		struct str path = { 0 };

		(void)json_to_bytes(&cli->arena, json_get(one, "path"), &path);
		cli_printf(cli, "  ");
		cli_quote(cli, path);
		cli_printf(cli, ": %s\n", json_get_text(one, "message"));
	}
}

static int say_conflict(struct cli *cli, const struct session *session,
	const struct run_commit_result *result)
{
	struct error err = ERROR_INIT;

	if (result->answer.merges) {
		print_merges(cli, result->answer.merges);
		error_set(&err, -EEXIST, "session '%s': not everything can be merged, so nothing was",
			session->id);
		error_hint(&err,
			"Make the change by hand (`cordon diff %s` shows it), or commit other paths by name.",
			session->id);
		return cli_fail(cli, CLI_NO, &err);
	}
	hold_print_conflicts(cli, result->answer.conflicts, result->answer.conflict_count);
	error_set(&err, -EEXIST, "session '%s': the workspace changed under it; nothing was applied",
		session->id);
	error_hint(&err,
		"Try --merge for text files, commit the other paths by name, or, for what changed while the "
		"agent worked, look at it and --accept " RUN_ACCEPT_STALE ".");
	return cli_fail(cli, CLI_NO, &err);
}

static int say_rejudged(struct cli *cli, const struct session *session)
{
	struct error err = ERROR_INIT;

	error_set(&err, -EBADMSG, "session '%s': its branch was not what had been judged; it is judged anew",
		session->id);
	error_hint(&err, "Look at it again (`cordon diff %s`), then commit.", session->id);
	return cli_fail(cli, CLI_NO, &err);
}

static int say_done(struct cli *cli, const struct session *session, const struct run_commit_result *result)
{
	cli_printf(cli, "session %s: commit %u: %zu change%s applied in %llu ms\n", session->id,
		result->number, result->changeset.count, result->changeset.count == 1 ? "" : "s",
		(unsigned long long)(result->duration_ns / 1000000));
	if (result->remaining_count)
		cli_note(cli, "%zu change%s still held", result->remaining_count,
			result->remaining_count == 1 ? " is" : "s are");
	cli_note(cli, "`cordon undo %s` takes it back", session->id);
	return CLI_OK;
}

int outcome_say(struct cli *cli, const struct session *session, const struct run_commit_request *request,
	const struct run_commit_result *result)
{
	if (cli->json)
		cli_print_json(cli, to_json(cli, session, result));
	switch (result->end) {
	case RUN_COMMIT_DONE:
		return cli->json ? CLI_OK : say_done(cli, session, result);
	case RUN_COMMIT_EMPTY:
		return cli_failf(cli, CLI_NO, "session '%s': there is nothing to commit", session->id);
	case RUN_COMMIT_REFUSED:
		return cli->json ? CLI_NO : say_refused(cli, session, request, result);
	case RUN_COMMIT_CONFLICT:
		return cli->json ? CLI_NO : say_conflict(cli, session, result);
	case RUN_COMMIT_REJUDGED:
		break;
	}
	return say_rejudged(cli, session);
}

/* What the person can put right is "no"; the rest is ours or the system's. */
int outcome_exit_code(int code)
{
	switch (code) {
	case -EINVAL:
		return CLI_USAGE;
	case -ECANCELED:
		return CLI_INTERRUPTED;
	case -ENOENT:
	case -EPERM:
	case -EBUSY:
	case -ESRCH:
	case -ESTALE:
	case -ETIMEDOUT:
		return CLI_NO;
	default:
		return CLI_FAILED;
	}
}
