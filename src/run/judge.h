/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h - what becomes of a branch: listed, judged, settled
 *
 * The supervisor calls this at the end of a session, and a command does when a session's supervisor could
 * not. The branch must be quiet: nothing of its sandbox runs. Each step is in the ledger and in the session
 * directory (changeset.json, verdict.json) before the next one builds on it; of a verdict the ledger has the
 * digest before there is a document (run/verdicts.h).
 */
#pragma once

#include "config/config.h"
#include "ledger/ledger.h"
#include "overlay/changeset.h"
#include "policy/judge.h"
#include "run/opa.h"
#include "session/session.h"

/*
 * Most bytes of files in a branch, holes included. All of them are hashed, holes as well, so a file that
 * costs an agent nothing would cost its user hours.
 */
#define RUN_BRANCH_BYTES_MAX (UINT64_C(64) << 30)

/*
 * What a session that runs is judged by, and who is at hand to answer; borrowed, and either may be missing.
 */
struct run_judges {
	const struct digest *policies;	/* of its policy.json; NULL: what the ledger says */
	/* NULL: one is started for the occasion, where the configuration has an OPA asked */
	struct run_opa *opa;
};

struct run_outcome {
	struct changeset changeset;
	struct judgement judgement;
	enum config_on_exit on_exit;
	bool is_empty;			/* the branch changes nothing */
	const struct json *limits;	/* borrowed: those that were reached; NULL: none, or not known */
	uint64_t refused_count;		/* records of hosts that were refused */
};

/** run_read_config() - the configuration that a session runs or ran under; Return: 0 or negative errno */
int run_read_config(struct arena *arena, const struct session *session, const struct config **ret,
	struct error *err);

/**
 * run_believe_config() - the same, where something is judged by it: held against the ledger's first record
 * @arena:       owns the configuration
 * @session:     open
 * @state_dirfd: borrowed
 * @ret:         as it was when the session started
 * @err:         what is wrong, and what to do about it
 *
 * Errors: -EBADMSG it is no configuration, or another one than the session started with; -ENOENT one of the
 * two is not there; -EKEYREJECTED the ledger was changed; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_believe_config(struct arena *arena, const struct session *session, int state_dirfd,
	const struct config **ret, struct error *err);

/** run_policy_digest() - what judges: the floor of this build, in hexadecimal */
void run_policy_digest(char ret[DIGEST_HEX_SIZE]);

/**
 * run_diff() - list what the session's branch would change, as it is now
 * @arena:   owns the changeset
 * @session: open, not running
 * @ret:     sealed
 * @err:     what failed
 *
 * Return: 0 or negative errno.
 */
int run_diff(struct arena *arena, const struct session *session, struct changeset *ret, struct error *err);

/**
 * run_judge() - list, judge, record
 * @arena:   owns the outcome
 * @session: open, not running
 * @ledger:  of the session, open
 * @config:  of the session
 * @judges:  who answers; NULL: what the ledger says judges, and nobody is at hand
 * @ret:     the outcome
 * @err:     what failed
 *
 * Return: 0 or negative errno; a branch that could not be judged is held by the caller, never committed.
 */
int run_judge(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct config *config, const struct run_judges *judges, struct run_outcome *ret,
	struct error *err);

/**
 * run_judge_changeset() - judge a changeset that is at hand, a part of the branch perhaps, and record that
 * @arena:     owns the judgement
 * @session:   open, not running
 * @ledger:    of the session, open
 * @config:    of the session
 * @changeset: sealed
 * @ret:       the judgement
 * @err:       what failed
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int run_judge_changeset(struct arena *arena, const struct session *session, struct ledger *ledger,
	const struct config *config, const struct changeset *changeset, struct judgement *ret,
	struct error *err);

/**
 * run_keep_judged() - write changeset.json and verdict.json, of what run_judge_changeset() has recorded
 * @arena:     scratch
 * @session:   open
 * @changeset: sealed
 * @judgement: of it
 * @err:       what failed
 *
 * Errors: -EMSGSIZE too large to be written; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_keep_judged(struct arena *arena, struct session *session, const struct changeset *changeset,
	const struct judgement *judgement, struct error *err);

/**
 * run_settle() - hold or drop, as the configuration says
 * @arena:   scratch
 * @session: judged
 * @ledger:  of the session
 * @outcome: from run_judge()
 * @err:     what failed
 *
 * A session without changes counts as committed. Any other is held, or rolled back where commit.on_exit is
 * `rollback`; nothing here writes the workspace, and run_tidy() removes what is no longer needed.
 *
 * Return: 0 or negative errno.
 */
int run_settle(struct arena *arena, struct session *session, struct ledger *ledger,
	struct run_outcome *outcome, struct error *err);

/**
 * run_tidy() - remove what a session that came to its end no longer needs
 * @session: held, committed or rolled back; nothing of it is mounted any more
 * @err:     what failed
 *
 * Of a held session that is the overlay's work directory, of any other the whole branch.
 *
 * Return: 0 or negative errno.
 */
int run_tidy(struct session *session, struct error *err);

/** run_tidy_elsewhere() - the same, only for what lies outside the session's directory; Return: likewise */
int run_tidy_elsewhere(struct session *session, struct error *err);

/**
 * run_remove_storage() - remove everything that is kept for the session's roots; Return: 0 or negative errno
 */
int run_remove_storage(struct session *session, struct error *err);

/**
 * run_has_work() - whether anything was written to a branch; Return: true also where that cannot be seen
 */
bool run_has_work(const struct session *session);

/**
 * run_drop() - the branch is no longer wanted: remove its storage, state "rolled-back"; Return: 0 or negative
 * errno
 */
int run_drop(struct session *session, struct error *err);

/**
 * run_outcome_to_json() - what the user's terminal is told at the end (docs/formats/session.md, "settled")
 */
const struct json *run_outcome_to_json(struct arena *arena, const struct session *session,
	const struct run_outcome *outcome);
