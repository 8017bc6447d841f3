/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome.h - how a commit ended, for every command that makes one
 */
#pragma once

#include "cli/cli.h"
#include "run/commit.h"

/**
 * outcome_say() - tell how it ended, and the way on
 * @cli:     the frame
 * @session: whose branch it was
 * @request: what was asked
 * @result:  what came of it
 *
 * Return: the exit code.
 */
int outcome_say(struct cli *cli, const struct session *session, const struct run_commit_request *request,
	const struct run_commit_result *result);

/**
 * outcome_exit_code() - of a commit that could not even be tried: what a person can put right is CLI_NO
 * @code: negative errno
 *
 * Return: the exit code.
 */
int outcome_exit_code(int code);
