/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sessions.h - finding the session that a command means
 */
#pragma once

#include "cli/cli.h"
#include "session/session.h"

/**
 * sessions_open() - the session of an operand, or the latest of this project
 * @cli:     the frame
 * @id:      a whole id or a prefix; NULL: the latest session of the workspace in one of @wanted
 * @wanted:  bit (1 << enum session_state) of each state that counts without an id
 * @session: initialised here; the caller calls session_fini() in any case
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int sessions_open(struct cli *cli, const char *id, unsigned wanted, struct session *session);

/**
 * sessions_connect() - talk to a running session's supervisor
 * @cli:     the frame
 * @session: open
 * @ret_fd:  a connected socket, owned by the caller
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int sessions_connect(struct cli *cli, const struct session *session, int *ret_fd);

/**
 * sessions_detach_keys() - the keys that leave the terminal of a session
 * @cli:     the frame
 * @session: open
 * @keys:    what --detach-keys said, checked; NULL: becomes what the session was started with
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int sessions_detach_keys(struct cli *cli, const struct session *session, const char **keys);
