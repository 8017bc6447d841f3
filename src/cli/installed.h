/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installed.h - whether a known agent is there to be run, before anything is prepared for it
 */
#pragma once

#include "cli/cli.h"
#include "config/agent.h"
#include "run/request.h"

/**
 * installed_check() - look for the agent where its sandbox will look
 * @cli:     the frame
 * @request: with its configuration
 * @agent:   that argv[0] names
 *
 * What is found may fail to run all the same, and a plan that cannot be made is for the supervisor to tell
 * about: both count as there.
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int installed_check(struct cli *cli, const struct run_request *request, const struct agent *agent);

/**
 * installed_is_seen() - whether the sandbox of a session in @workspace would find the agent
 * @cli:       the frame
 * @workspace: absolute; a project file in it counts
 * @profile:   instead of the configured one; NULL: that
 * @agent:     a known one
 *
 * Return: true; also where it cannot be told.
 */
bool installed_is_seen(struct cli *cli, const char *workspace, const char *profile,
	const struct agent *agent);
