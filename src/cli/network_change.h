/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_change.h - hosts that a running session is to be allowed or denied, by a command or the control API
 *
 * What a person allows a session that runs is what `cordon run --allow` would have: the configuration is
 * resolved with it, so that the organisation's policy has its say, and only what is left whole is asked for.
 * The supervisor then judges it by itself once more.
 */
#pragma once

#include "cli/cli.h"
#include "run/rules_change.h"

struct network_change {
	const char *session;		/* its id, or a prefix */
	enum rules_change_kind kind;	/* allow or deny */
	const char *const *hosts;
	size_t count;
	uint64_t for_ns;		/* how long; 0: without an end */
	bool through_api;
};

/**
 * network_change_make() - check it, ask for it, and wait until it is in force
 * @cli:           owns what is returned; told what is wrong
 * @change:        what is wanted
 * @ret:           the change as the supervisor reads it; NULL where nobody wants to know
 * @ret_workspace: of the session; NULL as above
 * @ret_answer:    docs/formats/session.md, "ruled"
 *
 * Return: CLI_OK, or the exit code after the error was printed; then nothing has changed.
 */
int network_change_make(struct cli *cli, const struct network_change *change, struct rules_change *ret,
	const char **ret_workspace, const struct json **ret_answer);
