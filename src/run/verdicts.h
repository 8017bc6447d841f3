/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdicts.h - verdict.json, believed where the ledger names it
 *
 * Each record of kind "verdict" has the digest of the document that says the same at length. Whoever acts on
 * verdict.json asks here first: what no record names was written by somebody else, and nothing follows from
 * it. What a record names, but not the last one about its changeset, was once true: a crash came between that
 * last record and its document, so the branch is judged once more. Records of an earlier cordon name no
 * document; nobody can tell then whether it is the one that was written, so it may be shown, and is judged
 * once more before it counts.
 *
 * A record is always older than its document, so nobody who reads the one after the other finds too little.
 */
#pragma once

#include "policy/judge.h"
#include "session/session.h"

enum run_verdict_standing {
	RUN_VERDICT_UNKNOWN,		/* no record names it */
	/* a record names it, and there is a later one about the same changeset */
	RUN_VERDICT_PAST,
	RUN_VERDICT_UNNAMED,		/* the last record about its changeset names no document at all */
	RUN_VERDICT_LAST,		/* the last record about its changeset names it: it can be believed */
};

/**
 * run_verdict_standing() - what a ledger says about a document
 * @state_dirfd: borrowed
 * @session:     its id
 * @document:    digest of every byte of verdict.json
 * @changeset:   that it speaks of
 * @ret:         how far it is to be believed
 * @err:         what is wrong with the ledger
 *
 * Errors: -EBADMSG there is no ledger, or a line of it is no record; -EKEYREJECTED a record was changed;
 * others from the kernel.
 * Return: 0 or negative errno.
 */
int run_verdict_standing(int state_dirfd, const char *session, const struct digest *document,
	const struct digest *changeset, enum run_verdict_standing *ret, struct error *err);

/**
 * run_verdict_read() - the judgement that a session keeps
 * @arena:       owns the judgement
 * @session:     open
 * @state_dirfd: borrowed
 * @ret:         as verdict.json has it
 * @ret_standing: RUN_VERDICT_PAST or better
 * @err:         what is wrong, and what to do about it
 *
 * Errors: -ENOENT nothing is kept; -EBADMSG it is no judgement, or one that no record names; else as
 * run_verdict_standing().
 * Return: 0 or negative errno.
 */
int run_verdict_read(struct arena *arena, const struct session *session, int state_dirfd,
	struct judgement *ret, enum run_verdict_standing *ret_standing, struct error *err);
