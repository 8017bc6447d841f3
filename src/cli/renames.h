/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renames.h - files that were moved and edited, as `cordon diff` and `cordon review` show them
 *
 * cordon-differ is asked once, before anything is shown, and all views of one command show the same renames
 * (overlay/renames.h).
 */
#pragma once

#include "cli/cli.h"
#include "overlay/renames.h"
#include "run/roots.h"

/**
 * renames_percent() - what --find-renames=N% and --no-renames mean
 * @cli:     the frame
 * @wanted:  the option's argument, or NULL
 * @refused: whether there are to be none
 * @ret:     percent, 1..100; 0: none are looked for
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int renames_percent(struct cli *cli, const char *wanted, bool refused, unsigned *ret);

/**
 * renames_look() - look for them
 * @cli:       owns the list
 * @changeset: of which branch and base are open
 * @selected:  changeset->count flags: both ends have to be; NULL: all
 * @roots:     of the changeset
 * @is_live:   the session still works in its branch
 * @percent:   at least so similar; 0: there are to be none
 * @ret:       the renames; none where they could not be looked for
 *
 * What a limit kept from being found is said, and also that nothing could be found.
 */
void renames_look(struct cli *cli, const struct changeset *changeset, const bool *selected,
	const struct run_roots *roots, bool is_live, unsigned percent, struct rename_list *ret);
