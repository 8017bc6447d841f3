/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.h - what has a name and a file each, listed: agents, presets
 *
 * A file that is wrong is listed with its mistake: who looks for one should find it.
 */
#pragma once

#include "cli/cli.h"
#include "cli/table.h"
#include "config/load.h"

/* A kind of such files. */
struct listing {
	const struct cli_column *columns;
	size_t column_count;
	/* their names, sorted; as agent_list() */
	int (*list)(struct arena *arena, const struct config_places *places, const char *const **ret,
		size_t *ret_count, struct error *err);
	/* one as a row */
	void (*row)(struct cli *cli, struct cli_table *table, const struct config_places *places,
		const char *name);
	/* one as a document; NULL: @err says why not */
	const struct json *(*to_json)(struct cli *cli, const struct config_places *places, const char *name,
		struct error *err);
};

/** listing_places() - where they are looked for; Return: CLI_OK, or an exit code behind its message */
int listing_places(struct cli *cli, struct config_places *ret);

/** listing_print() - all of them, as a table or, where that is wanted, as JSON; Return: an exit code */
int listing_print(struct cli *cli, const struct listing *listing);
