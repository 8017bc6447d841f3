/* SPDX-License-Identifier: Apache-2.0 */
/*
 * which.h - the session that a command line means
 *
 * A word is a whole id or the beginning of one. No word means the latest session of the project that the
 * current directory belongs to: of the current directory itself, or else of the nearest directory above that
 * has one.
 *
 * Times and kinds of records stand here too: like a session, one is written in several ways, or mistyped.
 */
#pragma once

#include "cli/cli.h"
#include "ledger/kinds.h"

/**
 * which_state_dir() - where the user's sessions are
 * @cli: for its arena
 * @err: what failed
 *
 * Return: an absolute clean path, which need not exist, or NULL.
 */
const char *which_state_dir(struct cli *cli, struct error *err);

/**
 * which_session() - the id of the session that is meant
 * @cli:    owns the id
 * @word:   what the person wrote, or NULL
 * @ret_id: the id; its session.json may be damaged all the same
 * @err:    names what could have been meant
 *
 * Errors: -ENOENT there is none; -EEXIST the word could mean several; others from the kernel.
 * Return: 0 or negative errno.
 */
int which_session(struct cli *cli, const char *word, const char **ret_id, struct error *err);

/**
 * which_names_session() - whether the first word of a command is a session, or a path already
 * @cli:  the frame
 * @word: what the person wrote, or NULL
 *
 * Return: true where it names a session, or could name several; never for "." or with a slash.
 */
bool which_names_session(struct cli *cli, const char *word);

/**
 * which_note_path() - say that the first word was taken for a path, where that led to nothing
 * @cli:  the frame
 * @word: what which_names_session() said no to, or NULL; nothing is said of what can only be a path
 */
void which_note_path(struct cli *cli, const char *word);

/**
 * which_time() - the point in time that is meant
 * @cli:    the frame
 * @option: its name, for the message
 * @word:   a time (base/time.h), or how long ago (base/units.h); NULL: @ret_ns stays as it is
 * @ret_ns: since the epoch
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int which_time(struct cli *cli, const char *option, const char *word, uint64_t *ret_ns);

/**
 * which_kind() - the kind of record that is meant
 * @cli:  the frame
 * @word: its name
 * @ret:  the kind
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int which_kind(struct cli *cli, struct str word, enum ledger_kind *ret);
