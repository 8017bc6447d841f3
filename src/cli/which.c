// SPDX-License-Identifier: Apache-2.0
/*
 * which.c - the session that a command line means
 */
#include "cli/which.h"

#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"
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

bool which_names_session(struct cli *cli, const char *word)
{
	struct error err = ERROR_INIT;
	const char *id;

	if (!word || strchr(word, '/') || !strcmp(word, "."))
		return false;
	return which_session(cli, word, &id, &err) != -ENOENT;
}
