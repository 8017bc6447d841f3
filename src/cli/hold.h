/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h - a session that a command is about to change, and what a crash left of earlier ones
 *
 * Whoever commits, undoes, or drops a branch holds the session's lock and its ledger while they do.
 */
#pragma once

#include "cli/cli.h"
#include "ledger/ledger.h"
#include "run/locks.h"
#include "session/session.h"

struct hold {
	struct session session;
	struct ledger ledger;
	int state_dirfd;		/* owned */
	const char *user;		/* who is at it, for the ledger */
};

/**
 * hold_open() - the session of an operand, locked, with its ledger, recovered where that was needed
 * @cli:    the frame
 * @id:     a whole id or a prefix; NULL: the latest session of the workspace in one of @wanted
 * @wanted: bit (1 << enum session_state) of each state that counts without an id
 * @ret:    to be closed with hold_close() in any case
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int hold_open(struct cli *cli, const char *id, unsigned wanted, struct hold *ret);

/** hold_close() - let go; Return: @exit_code, or CLI_FAILED where the ledger could not be finished */
int hold_close(struct cli *cli, struct hold *hold, int exit_code);

/**
 * hold_user() - the name of the user who runs this, for the ledger: the password file's, not the
 * environment's
 */
const char *hold_user(struct cli *cli);

/**
 * hold_patience() - wait for other commits to the workspace, and say so where that takes longer than a moment
 * @cli:        the frame
 * @until_free: as long as it takes; Ctrl-C ends it, and nothing was begun
 *
 * Return: for run/commit.h.
 */
struct run_patience hold_patience(struct cli *cli, bool until_free);

/**
 * hold_remove_unbegun() - remove a session whose supervisor was killed before it wrote the first record
 * @session: open
 *
 * Nothing ran, nothing was made, and nothing can be recorded about it any more.
 *
 * Return: true where it was one, and is gone.
 */
bool hold_remove_unbegun(struct session *session);

/**
 * hold_recover_all() - finish or take back what a crash cut off, in any session
 * @cli: the frame
 *
 * Every command begins with it, since the workspace may be half old and half new. Costs one look for each
 * session where there is nothing to do. What cannot be settled now is said, and the command goes on.
 */
void hold_recover_all(struct cli *cli);

/**
 * hold_print_conflicts() - say which paths stand in the way
 * @cli:       the frame
 * @conflicts: conflicts_to_json(); may be NULL
 * @total:     all of them
 */
void hold_print_conflicts(struct cli *cli, const struct json *conflicts, uint64_t total);
