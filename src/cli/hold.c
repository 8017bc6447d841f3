// SPDX-License-Identifier: Apache-2.0
/*
 * hold.c - a session that a command is about to change, and what a crash left of earlier ones
 */
#include "cli/hold.h"

#include "base/fd.h"
#include "base/path.h"
#include "cli/sessions.h"
#include "kern/file.h"
#include "run/commit.h"
#include "run/groups.h"
#include "run/judge.h"
#include "run/unfinished.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	CONFLICTS_SHOWN_MAX = 50,
};

const char *hold_user(struct cli *cli)
{
	return dirs_user_name(&cli->arena);
}

static void say_waiting(void *data, const char *holder)
{
	struct cli *cli = data;

	cli_note(cli, "waiting for another commit on this workspace%s", holder);
	cli_flush(cli);
}

static void say_too_late(void *data)
{
	struct cli *cli = data;

	cli_note(cli, "finishing what was begun: nothing is half done");
}

struct run_patience hold_patience(struct cli *cli, bool until_free)
{
	return (struct run_patience){
		.until_free = until_free, .tell = say_waiting, .too_late = say_too_late, .data = cli,
	};
}

static int open_ledger(struct cli *cli, struct hold *hold, struct error *err)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, err);
	struct ledger_place place = {
		.session_dirfd = hold->session.dirfd,
		.session = hold->session.id,
		.actor = "cli",
	};
	int r;

	if (!state_dir)
		return -ENOENT;
	r = kern_open(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return error_sys(err, r, "'%s'", state_dir);
	place.state_dirfd = hold->state_dirfd = r;
	return ledger_open(&hold->ledger, &place, 0, err);
}

/* Holding the lock: what an earlier commit or undo left open is settled before anything else is begun. */
static int recover(struct cli *cli, struct hold *hold, struct error *err)
{
	const struct run_patience patience = hold_patience(cli, false);
	struct committer_answer answer;
	int r;

	if (!committer_is_open(&hold->session))
		return 0;
	r = run_recover(&cli->arena, &hold->session, &hold->ledger, &patience, &answer, err);
	if (r < 0)
		return error_wrap(err, r, "session '%s' was cut off in the middle of a change",
			hold->session.id);
	if (answer.recovered != RECOVER_NOTHING)
		cli_note(cli, "session %s: %s %u was cut off and is now %s", hold->session.id,
			answer.recovered_kind == JOURNAL_UNDO ? "the undo of commit" : "commit",
			answer.recovered_number,
			answer.recovered == RECOVER_FINISHED ? "finished" : "taken back");
	return 0;
}

/* It was read before we had the lock, and may have been settled meanwhile. */
static bool is_still_so(struct cli *cli, const struct session *session)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, NULL);
	struct session now;
	bool ret;

	session_init(&now, &cli->arena);
	ret = state_dir && session_open(&now, state_dir, session->id, NULL) >= 0 &&
			now.state == session->state && now.supervisor_pid == session->supervisor_pid;
	session_fini(&now);
	return ret;
}

/*
 * The supervisor died before it could settle its session. That is written down by the first command that may
 * touch the branch, once: from then on the session is one that stopped, with nobody behind it.
 */
static int record_lost(struct cli *cli, struct hold *hold, struct error *err)
{
	struct session *session = &hold->session;
	struct json_object_builder fields;
	int r;

	if (!session_is_orphan(session) || !session->supervisor_pid || !is_still_so(cli, session))
		return 0;
	json_object_begin(&fields, &cli->arena);
	json_object_add_int(&fields, "pid", session->supervisor_pid);
	json_object_add_text(&fields, "state", session_state_name(session->state));
	r = ledger_append(&hold->ledger, LEDGER_SUPERVISOR_LOST, json_object_end(&fields), 0, err);
	if (r < 0)
		return r;
	session->supervisor_pid = 0;
	session->supervisor_start = 0;
	return session_set_state(session, SESSION_STOPPED, err);
}

static void forget(struct hold *hold)
{
	ledger_fini(&hold->ledger);
	session_fini(&hold->session);
	hold->state_dirfd = fd_close(hold->state_dirfd);
}

static int lock_and_open(struct cli *cli, struct hold *hold, struct error *err)
{
	int r = session_lock(&hold->session, err);

	if (r >= 0)
		r = open_ledger(cli, hold, err);
	if (r >= 0)
		r = recover(cli, hold, err);
	return r < 0 ? r : record_lost(cli, hold, err);
}

/* ---- what never began ---- */

static bool has_record(const struct session *session)
{
	struct stat st;

	return kern_fstatat(session->dirfd, "ledger.jsonl", &st, AT_SYMLINK_NOFOLLOW) >= 0 && st.st_size;
}

bool hold_remove_unbegun(struct session *session)
{
	struct str parent = path_parent(str_from(session->path));
	struct error ignored = ERROR_INIT;
	char text[PATH_TEXT_MAX];
	scoped(fd) int dirfd = -1;

	if (session->state != SESSION_CREATING || !session_is_orphan(session) || has_record(session))
		return false;
	if (run_remove_storage(session, &ignored) < 0)
		return false;		/* it is not forgotten before all of it is gone */
	snprintf(text, sizeof(text), "%.*s", STR_FMT(parent));
	dirfd = kern_open(AT_FDCWD, text, O_PATH | O_DIRECTORY, 0);
	return dirfd >= 0 && kern_remove_tree(dirfd, session->id) >= 0;
}

int hold_open(struct cli *cli, const char *id, unsigned wanted, struct hold *ret)
{
	struct error err = ERROR_INIT;
	int r, code;

	*ret = (struct hold){ .ledger = LEDGER_INIT, .state_dirfd = -1, .user = hold_user(cli) };
	code = sessions_open(cli, id, wanted, &ret->session);
	if (code != CLI_OK)
		return code;
	if (hold_remove_unbegun(&ret->session))
		return cli_failf(cli, CLI_NO, "session '%s' never began, and is removed", ret->session.id);
	r = lock_and_open(cli, ret, &err);
	if (r >= 0)
		return CLI_OK;
	/* There is nothing in the ledger that hold_close() would have to finish. */
	ledger_fini(&ret->ledger);
	return cli_fail(cli, r == -EBUSY || r == -ETIMEDOUT ? CLI_NO : CLI_FAILED, &err);
}

int hold_close(struct cli *cli, struct hold *hold, int exit_code)
{
	struct error err = ERROR_INIT;

	if (hold->ledger.fd >= 0 && ledger_close(&hold->ledger, &err) < 0)
		exit_code = cli_fail(cli, CLI_FAILED, &err);
	forget(hold);
	return exit_code;
}

/* ---- after a crash ---- */

static void recover_one(struct cli *cli, const char *state_dir, const char *id)
{
	struct hold hold = { .ledger = LEDGER_INIT, .state_dirfd = -1 };
	struct error err = ERROR_INIT;
	int r;

	session_init(&hold.session, &cli->arena);
	r = session_open(&hold.session, state_dir, id, &err);
	if (r >= 0)
		r = lock_and_open(cli, &hold, &err);
	/* Somebody else is at it, with all that this needs. */
	if (r < 0 && r != -EBUSY) {
		cli_warn(cli, "%s", err.text);
		if (err.hint[0])
			cli_warn(cli, "%s", err.hint);
	}
	if (r >= 0)
		(void)ledger_close(&hold.ledger, &err);
	forget(&hold);
}

static void finish_one(struct cli *cli, const char *state_dir, const char *id)
{
	const char *path = arena_printf(&cli->arena, "%s/sessions/%s", state_dir, id);
	struct session session;

	if (!path || !unfinished_check(path))
		return;
	session_init(&session, &cli->arena);
	if (session_open(&session, state_dir, id, NULL) >= 0) {
		if (committer_is_open(&session))
			recover_one(cli, state_dir, id);
		/* Of a supervisor that was killed; one that lives removes them itself. */
		if (!session_is_alive(&session))
			(void)run_groups_remove(&session);
	}
	session_fini(&session);
	(void)unfinished_check(path);
}

void hold_recover_all(struct cli *cli)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, NULL), *const * ids;
	size_t count = 0;
	int r = state_dir ? unfinished_list(&cli->arena, state_dir, &ids, &count) : -ENOENT;

	for (size_t i = 0; r >= 0 && i < count; i++)
		finish_one(cli, state_dir, ids[i]);
	if (r == 1 && count)
		unfinished_all_checked(state_dir);
}

/* ---- conflicts ---- */

void hold_print_conflicts(struct cli *cli, const struct json *conflicts, uint64_t total)
{
	size_t count = conflicts && conflicts->type == JSON_ARRAY ? conflicts->array.count : 0, shown = 0;

	for (; shown < MIN(count, (size_t)CONFLICTS_SHOWN_MAX); shown++) {
		const struct json *one = conflicts->array.items[shown];
		const char *message = json_get_text(one, "message");
		struct str path = { 0 };

		if (json_get(one, "path"))
			(void)json_to_bytes(&cli->arena, json_get(one, "path"), &path);
		cli_printf(cli, "  %s", cli_style(cli, CLI_BAD));
		cli_quote(cli, path);
		cli_printf(cli, "%s: %s\n", cli_style(cli, CLI_PLAIN), message ? message : "");
	}
	if (total > shown)
		cli_printf(cli, "  ... and %llu more\n", (unsigned long long)(total - shown));
}
