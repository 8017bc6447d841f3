/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - the rules that a person can name: the floor's, the one that a commit itself asks about, and
 * whatever policies call theirs
 */
#pragma once

#include "cli/cli.h"
#include "policy/rules.h"

/** rules_find() - the rule of that name, conflict/stale included, or NULL */
const struct floor_rule *rules_find(const char *name);

/** rules_may_be() - whether a name is that of such a rule, or could be that of one of a policy */
bool rules_may_be(const char *name);

/**
 * rules_find_call() - the rule about a system call, "seccomp/NAME"
 * @cli:  owns it
 * @name: as the ledger has it
 *
 * Such rules judge a program while it runs; nothing about them can be accepted.
 *
 * Return: the rule, or NULL where the sandbox does not refuse such a call.
 */
const struct floor_rule *rules_find_call(struct cli *cli, const char *name);

/** rules_fail_unknown() - say that there is no such rule, and which was probably meant; Return: @exit_code */
int rules_fail_unknown(struct cli *cli, int exit_code, const char *name);
