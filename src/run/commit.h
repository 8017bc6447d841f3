/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit.h - a held branch becomes the workspace, or what a commit did is taken back
 *
 * This is where a person's word, the judgement, the ledger and the committer meet. The order is always the
 * same: what was judged is looked up, what a person accepts is recorded, that the commit begins is recorded,
 * and only then the committer is started; how it ended is recorded last. A commit never lists the branch
 * anew: what is applied is the changeset that was judged and shown, or nothing.
 *
 * Session and ledger are the caller's, open and locked. Each commit keeps what the session's changeset.json
 * and verdict.json were before it, so that its undo can bring them back.
 */
#pragma once

#include "run/committer.h"
#include "run/compose.h"
#include "run/judge.h"

/* What `--accept` takes for CONFLICT_STALE, which is no rule of the policy. */
#define RUN_ACCEPT_STALE "conflict/stale"

struct run_commit_request {
	/* what to take of the changeset that it names, without @paths; NULL: @paths say it */
	const struct run_choice *choice;
	const char *const *paths;	/* absolute, clean; none: everything */
	size_t path_count;
	bool except;			/* everything but these paths; there is at least one */
	const char *const *accept;	/* rules */
	size_t accept_count;
	const char *reason;		/* NULL unless something is accepted */
	bool merge;
	const char *user;		/* for the ledger */
	uid_t uid;
	struct run_patience patience;	/* with other commits to the same workspace */
};

enum run_commit_end {
	RUN_COMMIT_REFUSED,		/* the judgement does not allow it */
	RUN_COMMIT_CONFLICT,		/* the workspace changed; see the answer's conflicts and merges */
	/* the branch was not what was judged: it was judged anew, nothing was applied */
	RUN_COMMIT_REJUDGED,
	RUN_COMMIT_EMPTY,		/* there is nothing to commit */
	RUN_COMMIT_DONE,
};

struct run_commit_result {
	enum run_commit_end end;
	unsigned number;
	struct changeset changeset;	/* that was or would be committed */
	struct judgement judgement;
	struct committer_answer answer;
	size_t remaining_count;		/* changes that the branch still holds afterwards */
	uint64_t duration_ns;
};

/**
 * run_commit() - commit
 * @arena:   owns the result
 * @session: open and locked; its state follows
 * @ledger:  of the session, open
 * @request: what the person wants
 * @ret:     how it ended
 * @err:     why it could not end
 *
 * What is not committed stays in the branch, which is held; it is judged anew as what it is then.
 *
 * Errors: -EBUSY the session runs; -ETIMEDOUT another commit to the workspace does not end; -EINVAL a path
 * outside the session's roots; -ENOENT a path at which nothing changed; -EPERM, -ENOENT, -EINVAL a rule that
 * cannot be accepted (judgement_accept()); -ESRCH the branch is not there any more; -ESTALE what is
 * held is not what was chosen from; -EINPROGRESS the committer was cut off; others from below.
 * Return: 0 or negative errno.
 */
int run_commit(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_commit_request *request, struct run_commit_result *ret, struct error *err);

/**
 * run_open_judged() - what a commit would be of
 * @arena:         owns what is returned
 * @session:       open and locked; where it was not judged at its end it is judged now, and held
 * @ledger:        of the session, open
 * @ret:           what the branch holds
 * @ret_judgement: of it
 * @err:           why there is nothing
 *
 * Errors: -EBUSY, -ESRCH as run_commit(); others from below.
 * Return: 0 or negative errno.
 */
int run_open_judged(struct arena *arena, struct session *session, struct ledger *ledger,
	struct changeset *ret, struct judgement *ret_judgement, struct error *err);

struct run_undo_request {
	const char *user;		/* for the ledger */
	struct run_patience patience;	/* as above */
};

struct run_undo_result {
	unsigned number;
	struct committer_answer answer;
	bool is_conflict;		/* files changed since; nothing was done */
	uint64_t duration_ns;
};

/**
 * run_last_commit() - the newest commit of a session that can be undone
 * @session:     open
 * @ret_number:  its number; 0: there is none
 * @ret_time_ns: when it was made
 * @ret_next:    the number for another commit
 * @err:         what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int run_last_commit(const struct session *session, unsigned *ret_number, uint64_t *ret_time_ns,
	unsigned *ret_next, struct error *err);

/**
 * run_undo() - take the session's newest commit back; its branch is held again
 * @arena:   owns the result
 * @session: open and locked; its state follows
 * @ledger:  of the session, open
 * @request: who asks
 * @ret:     how it ended
 * @err:     why it could not end
 *
 * Errors: -ENOENT there is no commit to undo; as run_commit().
 * Return: 0 or negative errno.
 */
int run_undo(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_undo_request *request, struct run_undo_result *ret, struct error *err);

/**
 * run_recover() - finish or take back what a crash cut off in this session
 * @arena:    scratch
 * @session:  open and locked; its state follows
 * @ledger:   of the session, open
 * @patience: with the committer that may still be at it, or another one
 * @ret:      what was done
 * @err:      what stands in the way
 *
 * Errors: -ETIMEDOUT it, or another one, is at work and does not end; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_recover(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_patience *patience, struct committer_answer *ret, struct error *err);
