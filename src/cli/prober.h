/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prober.h - ask the launcher what it could do here
 *
 * The command line enters no namespace, and a right may hang on the program that uses it: so the launcher
 * itself tries (jail/probe.h), as the user who asks and for the workspace that is asked about.
 */
#pragma once

#include "cli/cli.h"
#include "jail/probe.h"

/* Where it was tried. */
struct prober_places {
	const char *workspace;		/* NULL: none, the current directory cannot be one */
	const char *state_dir, *storage;	/* as a session would have them; they need not exist */
	uid_t agent_uid;
};

/**
 * prober_run() - find the places and the facts
 * @cli:        owns what @ret_places points to
 * @workspace:  absolute, without links, or NULL
 * @ret_places: set
 * @ret_facts:  set; not all of it is there where the prober came to a bad end, and a warning says so
 * @err:        says why the prober could not be asked
 *
 * Return: 0 or negative errno.
 */
int prober_run(struct cli *cli, const char *workspace, struct prober_places *ret_places,
	struct jail_facts *ret_facts, struct error *err);
