/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice.h - the command line that would commit what may be committed
 *
 * Who is told "no" is told the way on: which paths to leave out, which rules to answer for. The text is a
 * line for a shell, whatever the names in it are made of, and it does what it says: a path that stands in it
 * is one that the session changed.
 */
#pragma once

#include "cli/cli.h"
#include "overlay/changeset.h"
#include "policy/judge.h"

enum {
	ADVICE_PATHS_MAX = 12,
};

struct advice_request {
	const char *id;			/* of the session */
	const struct changeset *changeset;
	const struct judgement *judgement;	/* of it */
	/* absolute, clean: what the person left out already; the changeset is what remained */
	const char *const *excepted;
	size_t excepted_count;
};

/**
 * advice_commit() - the `cordon commit` that passes this judgement
 * @cli:     owns the text
 * @request: borrowed
 *
 * Denied paths are left out, a new Python environment as a whole; rules that ask about the rest are accepted,
 * for a reason that the person has to fill in.
 *
 * Return: the command line, or NULL where too many paths would have to be named or nothing would be left.
 */
const char *advice_commit(struct cli *cli, const struct advice_request *request);

/** advice_quote() - add a word as a shell takes it literally, without any byte that acts on a terminal */
void advice_quote(struct buf *buf, struct str word);
