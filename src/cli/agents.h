/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents.h - the known agents that are installed here
 *
 * Known is what has a file (config/agent.h), here is what PATH leads to. Nothing is executed: a program of
 * that name is taken to be the agent, as `cordon run NAME` takes it.
 */
#pragma once

#include "cli/cli.h"

/* Owned by the frame's arena. */
struct agents_here {
	const struct agent *items;		/* sorted by name; those that a sandbox would find */
	size_t count;
	const char *unseen;			/* one that it would not; NULL: none */
};

/**
 * agents_find_here() - which agents a person could start by their names
 * @cli:       for the arena and the environment
 * @workspace: that they would work on
 * @profile:   that they would have; NULL: the configured one
 * @ret:       those that were found; none where it cannot be told
 *
 * A file that is wrong is a warning, and its agent is not suggested: `cordon run` would refuse it.
 */
void agents_find_here(struct cli *cli, const char *workspace, const char *profile, struct agents_here *ret);
