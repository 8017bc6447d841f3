// SPDX-License-Identifier: Apache-2.0
/*
 * changes.c - what a session's branch changes, for the commands that show it
 */
#include "cli/changes.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"
#include "overlay/subset.h"
#include "run/judge.h"
#include "run/workspace.h"

#include <errno.h>
#include <fcntl.h>

enum {
	VERDICT_MAX_BYTES = 64 << 20,
};

/* ---- the roots ---- */

static bool has_branch(const struct session *session)
{
	switch (session->state) {
	case SESSION_RUNNING:
	case SESSION_STOPPED:
	case SESSION_HELD:
		return true;
	case SESSION_INVALID:
	case SESSION_CREATING:
	case SESSION_COMMITTED:
	case SESSION_ROLLED_BACK:
		break;
	}
	return false;
}

static int open_root(const struct session_root *root, struct overlay_root *ret, struct error *err)
{
	ret->storage_dirfd = kern_open(AT_FDCWD, root->storage, O_PATH | O_DIRECTORY, 0);
	if (ret->storage_dirfd < 0)
		return error_sys(err, ret->storage_dirfd, "cannot open the branch of '%s'",
			quote_cstr(root->path).text);
	ret->lower_dirfd = kern_open(AT_FDCWD, root->path, O_RDONLY | O_DIRECTORY, 0);
	if (ret->lower_dirfd < 0)
		return error_sys(err, ret->lower_dirfd, "cannot open '%s'", quote_cstr(root->path).text);
	ret->upper_dirfd = kern_open_beneath(ret->storage_dirfd, "upper", O_RDONLY | O_DIRECTORY, 0);
	if (ret->upper_dirfd < 0)
		return error_sys(err, ret->upper_dirfd, "cannot open the branch of '%s'",
			quote_cstr(root->path).text);
	return 0;
}

static int open_roots(const struct session *session, struct changes *changes, struct error *err)
{
	for (size_t i = 0; i < session->root_count; i++) {
		struct overlay_root *root = &changes->roots[changes->root_count];
		int r;

		if (session->roots[i].live)
			continue;
		*root = (struct overlay_root){ session->roots[i].path, -1, -1, -1 };
		changes->root_count++;
		r = open_root(&session->roots[i], root, err);
		if (r < 0)
			return r;
	}
	return 0;
}

void changes_close(struct changes *changes)
{
	while (changes->root_count) {
		struct overlay_root *root = &changes->roots[--changes->root_count];

		fd_close(root->lower_dirfd);
		fd_close(root->upper_dirfd);
		fd_close(root->storage_dirfd);
	}
}

/* ---- the changeset ---- */

static int compare_branch(struct cli *cli, const struct session *session, struct changes *changes,
	struct error *err)
{
	const struct overlay_diff_options options = {
		.identity = {
			.agent_uid = session->agent_uid, .agent_gid = session->agent_gid,
			.is_stand_in = session->agent_uid != session->user_uid,
		},
		.changes_max = CHANGES_MAX, .bytes_max = RUN_BRANCH_BYTES_MAX,
		.since_ns = (int64_t)session->created_ns,
		.is_live = changes->is_live,
	};
	int r = open_roots(session, changes, err);

	if (r < 0)
		return r;
	/* Every root may be written straight through. */
	if (!changes->root_count)
		return changeset_seal(&changes->changeset);
	return overlay_diff(&cli->arena, changes->roots, changes->root_count, &options, &changes->changeset,
		err);
}

int changes_read_saved(struct cli *cli, const struct session *session, struct changeset *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	int r = kern_read_file(session->dirfd, "changeset.json", &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': reading changeset.json", session->id);
	r = changeset_parse(&cli->arena, (struct str){ buf_text(&text), text.len }, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': changeset.json", session->id) : 0;
}

int changes_read_verdict(struct cli *cli, const struct session *session, struct judgement *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(VERDICT_MAX_BYTES);
	const struct json *value;
	int r = kern_read_file(session->dirfd, "verdict.json", &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': reading verdict.json", session->id);
	r = json_read(&cli->arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, err);
	if (r >= 0)
		r = judgement_read(&cli->arena, value, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': verdict.json", session->id) : 0;
}

static int explain_nothing(struct cli *cli, const struct session *session, struct error *err)
{
	error_set(err, -ENOENT, "session '%s' has no changes to show: it is %s", session->id,
		session_state_name(session->state));
	return cli_fail(cli, CLI_NO, err);
}

int changes_open(struct cli *cli, const struct session *session, struct changes *changes)
{
	struct error err = ERROR_INIT;
	int r;

	*changes = (struct changes){ .has_branch = has_branch(session),
		.is_live = session_is_alive(session) };
	if (changes->has_branch)
		r = compare_branch(cli, session, changes, &err);
	else
		r = changes_read_saved(cli, session, &changes->changeset, &err);
	if (r >= 0)
		return CLI_OK;
	if (r == -ENOENT && !changes->has_branch)
		return explain_nothing(cli, session, &err);
	return cli_fail(cli, CLI_FAILED, &err);
}

/* ---- choosing ---- */

static int select_path(struct cli *cli, const struct changes *changes, const char *base, const char *word,
	bool *selected)
{
	const char *path = path_clean(&cli->arena, base, str_from(word));
	int root = path ? changeset_root_of(&changes->changeset, path) : -1;

	if (root < 0)
		return cli_usage(cli, "'%s' is in none of the directories that the session works on",
			quote_cstr(word).text);
	path = path_relative(path, changes->changeset.roots[root]);
	if (!overlay_select(&changes->changeset, (unsigned)root, str_from(path), selected))
		cli_note(cli, "nothing changed at '%s'", quote_cstr(word).text);
	return CLI_OK;
}

int changes_select(struct cli *cli, const struct changes *changes, char *const *paths, size_t path_count,
	const bool **ret)
{
	struct error err = ERROR_INIT;
	const char *base;
	bool *selected;

	*ret = NULL;
	if (!path_count)
		return CLI_OK;
	selected = arena_alloc_array(&cli->arena, changes->changeset.count, sizeof(*selected));
	base = run_current_dir(&cli->arena, &err);
	if (!selected || !base)
		return cli_fail(cli, CLI_FAILED, &err);
	for (size_t i = 0; i < path_count; i++) {
		int code = select_path(cli, changes, base, paths[i], selected);

		if (code != CLI_OK)
			return code;
	}
	*ret = selected;
	return CLI_OK;
}

/* ---- words ---- */

char changes_letter(enum change_kind kind)
{
	static const char letters[] = {
		[CHANGE_INVALID] = '?', [CHANGE_ADDED] = 'A', [CHANGE_MODIFIED] = 'M', [CHANGE_DELETED] = 'D',
		[CHANGE_RENAMED] = 'R', [CHANGE_METADATA] = 'm', [CHANGE_TYPE] = 'T',
	};

	return letters[kind];
}

enum cli_style changes_style(enum change_kind kind)
{
	static const enum cli_style styles[] = {
		[CHANGE_INVALID] = CLI_BAD, [CHANGE_ADDED] = CLI_GOOD, [CHANGE_MODIFIED] = CLI_WARN,
		[CHANGE_DELETED] = CLI_BAD, [CHANGE_RENAMED] = CLI_INFO, [CHANGE_METADATA] = CLI_DIM,
		[CHANGE_TYPE] = CLI_WARN,
	};

	return styles[kind];
}
