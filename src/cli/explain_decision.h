/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_decision.h - the decision behind an id that the ledger has, or the last one of a policy's rule
 */
#pragma once

#include "cli/cli.h"

/* Where it stands, and what it says. Everything is the arena's of the frame. */
struct explained_decision {
	const char *id;
	const char *session;
	uint64_t time_ns, sequence;	/* of the record */
	const char *kind;		/* "denied" or "verdict" */
	/* the record's fields, or one finding of a verdict */
	const struct json *facts;
};

/** explain_is_decision() - whether a word is written as a decision's id, "d-" and twelve hex digits */
bool explain_is_decision(const char *word);

/**
 * explain_find_decision() - look it up in the ledgers of all sessions
 * @cli:  owns the texts; damaged lines are said and passed
 * @word: an id as above, or else the name of a rule
 * @ret:  the latest one, where several sessions decided the very same, or that the rule found
 * @err:  what failed
 *
 * Errors: -ENOENT no ledger has it; others from the kernel.
 * Return: 0 or negative errno.
 */
int explain_find_decision(struct cli *cli, const char *word, struct explained_decision *ret,
	struct error *err);
