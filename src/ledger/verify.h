/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - whether the ledgers of a user are what was written
 *
 * Verification reads, and takes no lock for longer than a look, so it can run beside sessions. What it finds
 * goes to a callback (problem.h); its return value only says whether it could look.
 */
#pragma once

#include "base/error.h"
#include "ledger/problem.h"

/**
 * ledger_verify() - check the index, and one ledger or all
 * @state_dirfd: $XDG_STATE_HOME/cordon, open for reading; borrowed
 * @session:     the session's id, LEDGER_USER_SESSION for the user's own ledger, or NULL for all of them
 * @report:      told every problem; its summary counts
 * @err:         what failed
 *
 * With one session the index is checked as a whole all the same: its chain is what makes the session's claims
 * worth anything.
 *
 * Blocks: reads everything, O(records).
 * Errors: -ENOENT neither a ledger of this session nor a word of the index about it; -EINVAL not the name of
 * a session; -EMSGSIZE the index is too large to be held; others from the kernel.
 * Return: 0, whatever was found, or negative errno.
 */
int ledger_verify(int state_dirfd, const char *session, struct ledger_report *report, struct error *err);
