/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit_internal.h - one commit on its way; shared by commit.c, merge.c, record.c and undo.c
 */
#pragma once

#include "run/commit.h"

enum {
	COMMIT_NAME_SIZE = 64,
};

struct committing {
	struct arena *arena;
	struct session *session;
	struct ledger *ledger;
	const struct run_commit_request *request;
	struct run_commit_result *result;
	struct error *err;
	const struct config *config;
	struct run_locks locks;

	struct changeset whole, rest;	/* what the branch holds; what it holds after this */
	struct judgement judgement;	/* of the whole */
	bool is_part, accept_stale;
	unsigned number;
	char file[COMMIT_NAME_SIZE];	/* in the session directory: the changeset for the committer */
	uint64_t began_ns;
};

/* ---- documents of the session (documents.c) ---- */

/**
 * document_read() - one of the session's JSON files
 * @arena:   owns the value
 * @session: open
 * @name:    below its directory
 * @ret:     the value
 * @err:     what failed
 *
 * Errors: -ENOENT there is none; -EBADMSG, -EMSGSIZE as json_read(); others from the kernel.
 * Return: 0 or negative errno.
 */
int document_read(struct arena *arena, const struct session *session, const char *name,
	const struct json **ret, struct error *err);

/** document_changeset() - one of the changesets; Return: as document_read() and changeset_parse() */
int document_changeset(struct arena *arena, const struct session *session, const char *name,
	struct changeset *ret, struct error *err);

/**
 * document_copy() - keep a copy of a file under another name
 * @session: open
 * @from:    below its directory
 * @to_dir:  directory below it
 * @to:      name in that
 * @err:     what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int document_copy(const struct session *session, const char *from, const char *to_dir, const char *to,
	struct error *err);

/**
 * document_keep() - let what a file says now have another name, whatever becomes of the file
 * @session: open
 * @from:    below its directory
 * @to_dir:  directory below it
 * @to:      name in that; one that is there is replaced
 * @err:     what failed
 *
 * Nobody writes to a document: a new one takes its place. So the two names are of one file where that can be.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int document_keep(const struct session *session, const char *from, const char *to_dir, const char *to,
	struct error *err);

/* ---- records (record.c): what cannot be recorded is not done ---- */

/** record_acceptance() - a person answers for rules; Return: 0 or negative errno */
int record_acceptance(struct committing *c);

/** record_start() - the committer is about to be started; Return: 0 or negative errno */
int record_start(struct committing *c);

/** record_end() - the commit was made; Return: 0 or negative errno */
int record_end(struct committing *c);

/** record_failure() - it ended with the answer's error; Return: 0 or negative errno */
int record_failure(struct committing *c);

/**
 * record_undo_start() - a commit is about to be taken back
 * @arena:     scratch
 * @ledger:    of the session
 * @number:    of the commit
 * @changeset: what it had applied
 * @user:      who asked
 * @err:       what failed
 *
 * Errors: as ledger_append().
 * Return: 0 or negative errno.
 */
int record_undo_start(struct arena *arena, struct ledger *ledger, unsigned number,
	const struct changeset *changeset, const char *user, struct error *err);
/**
 * record_undo_end() - how that ended
 * @arena:     scratch
 * @ledger:    of the session
 * @result:    the answer is in it
 * @changeset: what the commit had applied
 * @err:       what failed
 *
 * Errors: as ledger_append().
 * Return: 0 or negative errno.
 */
int record_undo_end(struct arena *arena, struct ledger *ledger, const struct run_undo_result *result,
	const struct changeset *changeset, struct error *err);
/**
 * record_recovery() - what a crash had cut off is settled
 * @arena:  scratch
 * @ledger: of the session
 * @answer: how
 * @err:    what failed
 *
 * Errors: as ledger_append().
 * Return: 0 or negative errno.
 */
int record_recovery(struct arena *arena, struct ledger *ledger, const struct committer_answer *answer,
	struct error *err);

/* ---- steps ---- */

/**
 * committing_select() - what of the branch is meant, and how that is judged (commit.c); Return: 0 or negative
 * errno
 */
int committing_select(struct committing *c);

/** committing_accept() - what a person takes responsibility for (commit.c); Return: 0 or negative errno */
int committing_accept(struct committing *c);

/** committing_ask() - one deed of the committer (commit.c); Return: 0 with an answer, or negative errno */
int committing_ask(struct committing *c, enum committer_action action, struct committer_answer *answer);

/**
 * committing_merge() - merge what is in conflict into the branch (merge.c)
 * @c: selected and allowed
 *
 * Return: 0 go on, with a changeset that was judged anew where something was merged; 1 it is over, the result
 * says how; or negative errno.
 */
int committing_merge(struct committing *c);
