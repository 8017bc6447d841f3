// SPDX-License-Identifier: Apache-2.0
/*
 * changes.c - what a session's branch changes, for the commands that show it
 */
#include "cli/changes.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/which.h"
#include "kern/file.h"
#include "overlay/subset.h"
#include "run/judge.h"
#include "run/verdicts.h"
#include "run/workcopy.h"
#include "run/workspace.h"

#include <errno.h>
#include <fcntl.h>

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

void changes_close(struct changes *changes)
{
	run_roots_close(&changes->roots);
}

/* ---- the changeset ---- */

/*
 * What a commit of ours put into the workspace is newer than the branch, too. It is known: the judged
 * changeset has it as its base and does not call it stale.
 */
static int forgive_own(struct cli *cli, const struct session *session, struct changeset *changeset)
{
	struct change *changes = arena_alloc_array(&cli->arena, changeset->count + 1, sizeof(*changes));
	struct changeset saved;

	if (session->state != SESSION_HELD || changes_read_saved(cli, session, &saved, NULL) < 0)
		return 0;
	if (!changes)
		return -EMSGSIZE;
	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];
		const struct change *judged = changeset_find(&saved, change->root, change->path);

		changes[i] = *change;
		if (judged && !(judged->flags & CHANGE_STALE) &&
				digest_eq(&judged->old_file.digest, &change->old_file.digest))
			changes[i].flags &= ~(unsigned)CHANGE_STALE;
	}
	changeset->changes = changes;
	return changeset_seal(changeset);
}

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
		.is_live = changes->is_live, .progress = &cli->listener,
	};
	int r;

	if (run_is_workcopy(session) && changes->is_live) {
		error_set(err, -EBUSY,
			"session '%s' works in a copy, and what it changes is gathered when it has ended",
			session->id);
		error_hint(err, "Until then, look into the copy itself: `cordon show %s` names it.",
			session->id);
		return -EBUSY;
	}
	r = run_roots_open(session, &changes->roots, err);
	if (r < 0)
		return r;
	/* Every root may be written straight through. */
	if (!changes->roots.count)
		return changeset_seal(&changes->changeset);
	r = overlay_diff(&cli->arena, changes->roots.items, changes->roots.count, &options,
		&changes->changeset, err);
	cli_progress_end(cli);
	return r < 0 ? r : forgive_own(cli, session, &changes->changeset);
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
	const char *path = which_state_dir(cli, err);
	scoped(fd) int state_dirfd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -ENOENT;
	enum run_verdict_standing standing;

	if (state_dirfd < 0)
		return path ? error_sys(err, state_dirfd, "opening '%s'", quote_cstr(path).text) :
		state_dirfd;
	return run_verdict_read(&cli->arena, session, state_dirfd, ret, &standing, err);
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
	return cli_fail(cli, r == -EBUSY ? CLI_NO : CLI_FAILED, &err);
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
