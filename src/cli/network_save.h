/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_save.h - hosts that a person allowed or denied, written into a configuration file
 *
 * The file stays as its writer left it, but for the entries that are new (json/json_edit.h), and is replaced
 * as a whole or not at all. What is there already is not written again.
 *
 * A project's file counts for nothing that goes beyond the user's own until they trust its content, and any
 * change of it ends that. Who has just allowed a host, and said that it shall be kept, has said all that
 * trust is about, if nothing else in the file waits for it: so a file that was trusted, or that needed no
 * trust, is trusted with the new entry, on record as if `cordon trust` had been said. One that waits for
 * trust is not touched.
 */
#pragma once

#include "cli/cli.h"
#include "config/config.h"
#include "net/entry.h"

struct network_saving {
	const char *workspace;
	bool is_users;			/* the user's own file, not the project's */
	enum config_key key;		/* network.allow or network.deny */
	const struct net_entry *entries;
	size_t count;
};

/**
 * network_save() - write them down, and say where
 * @cli:    the frame
 * @saving: what, and where
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int network_save(struct cli *cli, const struct network_saving *saving);
