/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.h - what a session's branch changes, for the commands that show it
 *
 * While there is a branch it is compared with the workspace as both are now. Afterwards there is only what
 * was written down when the branch was judged (changeset.json): names and numbers, no content.
 */
#pragma once

#include "cli/cli.h"
#include "policy/judge.h"
#include "run/roots.h"

struct changes {
	struct changeset changeset;
	struct run_roots roots;		/* open only with a branch */
	bool has_branch;		/* content can be shown */
	bool is_live;			/* the session still works in it: this is a snapshot */
};

/**
 * changes_open() - list the changes of a session
 * @cli:     owns the changeset
 * @session: open
 * @changes: set in any case; the caller calls changes_close()
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int changes_open(struct cli *cli, const struct session *session, struct changes *changes);

/** changes_close() - close the descriptors */
void changes_close(struct changes *changes);

/**
 * changes_read_saved() - what was written down when the branch was judged
 * @cli:     owns the changeset
 * @session: open
 * @ret:     the changeset
 * @err:     what failed
 *
 * Errors: -ENOENT nothing was judged yet; -EBADMSG the file was altered; others from the kernel.
 * Return: 0 or negative errno.
 */
int changes_read_saved(struct cli *cli, const struct session *session, struct changeset *ret,
	struct error *err);

/**
 * changes_read_verdict() - how the saved changeset was judged
 * @cli:     owns the judgement
 * @session: open
 * @ret:     the judgement
 * @err:     what failed
 *
 * Errors: -ENOENT nothing was judged yet; -EBADMSG the file was altered; others from the kernel.
 * Return: 0 or negative errno.
 */
int changes_read_verdict(struct cli *cli, const struct session *session, struct judgement *ret,
	struct error *err);

/**
 * changes_select() - the entries that some paths mean
 * @cli:        owns the result
 * @changes:    open
 * @paths:      as a person wrote them, relative to the current directory or absolute
 * @path_count: how many; 0 means everything
 * @ret:        changeset.count flags, or NULL for everything
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int changes_select(struct cli *cli, const struct changes *changes, char *const *paths, size_t path_count,
	const bool **ret);

/** changes_letter() - A, M, D, R, T, and m where only metadata changes */
char changes_letter(enum change_kind kind);

/** changes_style() - the colour of a kind */
enum cli_style changes_style(enum change_kind kind);
