/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_rules.h - asking a running session for the rules of its network, and for others
 */
#pragma once

#include "cli/cli.h"

/**
 * network_rules_ask() - one question to the supervisor of a session, and its answer
 * @cli:    owns the answer
 * @id:     of the session, or a prefix
 * @change: of run/rules_change.h; NULL: only which rules there are
 * @ret:    docs/formats/session.md, "rules"
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int network_rules_ask(struct cli *cli, const char *id, const struct json *change, const struct json **ret);

/** network_rules_print() - the rules of an answer as a table */
void network_rules_print(struct cli *cli, const struct json *answer);
