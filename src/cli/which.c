// SPDX-License-Identifier: Apache-2.0
/*
 * which.c - the session that a command line means
 */
#include "cli/which.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "ledger/schema.h"
#include "session/dirs.h"
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>

const char *which_state_dir(struct cli *cli, struct error *err)
{
	return dirs_find(&cli->arena, DIRS_STATE, err);
}

static int named_session(struct cli *cli, const char *state_dir, const char *word, const char **ret_id,
	struct error *err)
{
	struct session session;
	int r;

	session_init(&session, &cli->arena);
	r = session_open(&session, state_dir, word, err);
	/* An id that was found is an id, whatever the state of its file. */
	if (session.id[0]) {
		*ret_id = arena_copy(&cli->arena, session.id, strlen(session.id));
		r = *ret_id ? 0 : -ENOMEM;
	}
	session_fini(&session);
	return r;
}

static int latest_session(struct cli *cli, const char *state_dir, const char *workspace, const char **ret_id,
	struct error *err)
{
	struct session session;
	int r;

	session_init(&session, &cli->arena);
	r = session_latest(&session, state_dir, workspace, ~0u, err);
	if (r >= 0) {
		*ret_id = arena_copy(&cli->arena, session.id, strlen(session.id));
		r = *ret_id ? 0 : -ENOMEM;
	}
	session_fini(&session);
	return r;
}

static int project_session(struct cli *cli, const char *state_dir, const char **ret_id, struct error *err)
{
	char path[PATH_TEXT_MAX];
	ssize_t n = kern_read_link(AT_FDCWD, "/proc/self/cwd", path, sizeof(path));

	if (n < 0)
		return error_sys(err, (int)n, "finding the current directory");
	for (;;) {
		struct str parent = path_parent(str_from(path));
		int r = latest_session(cli, state_dir, path, ret_id, err);

		if (r != -ENOENT)
			return r;
		if (!parent.len)
			break;
		path[parent.len] = '\0';
	}
	error_set(err, -ENOENT, "the current directory belongs to no project that has had a session");
	if (err)
		err->hint[0] = '\0';
	error_hint(err, "Name a session; `cordon ps --all` lists them.");
	return -ENOENT;
}

int which_session(struct cli *cli, const char *word, const char **ret_id, struct error *err)
{
	const char *state_dir = which_state_dir(cli, err);

	if (!state_dir)
		return -ENOENT;
	return word ? named_session(cli, state_dir, word, ret_id, err) :
		project_session(cli, state_dir, ret_id, err);
}

static bool could_be_session(const char *word)
{
	return word && !strchr(word, '/') && strcmp(word, ".") != 0;
}

bool which_names_session(struct cli *cli, const char *word)
{
	struct error err = ERROR_INIT;
	const char *id;

	return could_be_session(word) && which_session(cli, word, &id, &err) != -ENOENT;
}

void which_note_path(struct cli *cli, const char *word)
{
	if (could_be_session(word))
		cli_note(cli, "'%s' is no session, and was taken for a path", quote_cstr(word).text);
}

int which_time(struct cli *cli, const char *option, const char *word, uint64_t *ret_ns)
{
	struct error err = ERROR_INIT;
	uint64_t ago_ns, now_ns = kern_clock_real_ns();

	if (!word || time_from_text(str_from(word), ret_ns) >= 0)
		return CLI_OK;
	if (units_parse_duration(str_from(word), &ago_ns) >= 0 && ago_ns <= now_ns) {
		*ret_ns = now_ns - ago_ns;
		return CLI_OK;
	}
	error_set(&err, -EINVAL, "%s: '%s' is no time", option, quote_cstr(word).text);
	error_hint(&err, "Write 2026-01-31, 2026-01-31T14:05:00Z (UTC), or how long ago: 90m, 2h, 7d.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int which_kind(struct cli *cli, struct str word, enum ledger_kind *ret)
{
	const char *nearest = ledger_kind_nearest(word);
	struct error err = ERROR_INIT;

	*ret = ledger_kind_from_name(word);
	if (*ret)
		return CLI_OK;
	error_set(&err, -EINVAL, "there is no kind of record '%s'", quote_text(word).text);
	if (nearest)
		error_hint(&err, "Did you mean '%s'?", nearest);
	error_hint(&err, "cordon-ledger(5) lists the kinds.");
	return cli_fail(cli, CLI_USAGE, &err);
}
