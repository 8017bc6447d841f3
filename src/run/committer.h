/* SPDX-License-Identifier: Apache-2.0 */
/*
 * committer.h - asking the one process that may write a workspace
 *
 * cordon-committer is started for one deed: it reads a request, opens what that names, confines itself to it,
 * does the deed, writes an answer and leaves. It knows no policy: whoever asks has judged, and has written
 * into the ledger what is about to happen. This file is both sides of the conversation.
 *
 *	descriptor 3	the request: JSON in a sealed memfd
 *	descriptor 4	the answer: an empty memfd that it fills
 *	descriptor 5	how far it is, and whether to give up (run/news.h)
 *	descriptor 6	the lock of all commits, held (run/locks.h)
 *	7 and up	each root of the request, open and locked
 *
 * The deed goes on when the asker dies (a terminal that is closed, a kill), and the locks with it: one
 * committer at a time works on a workspace. Before the ledger hears that a workspace is to be changed, the
 * asker leaves a file `open` in the session's directory commit/, which says how ("apply 3", "undo 3"), and
 * removes it when session and ledger say how that ended. So each record of a beginning gets one of its end,
 * whoever is killed when: the next command, of whatever kind, finds the file and settles it, also where the
 * deed was done and nobody heard of it, and where it had not begun.
 */
#pragma once

#include "overlay/merge.h"
#include "overlay/recover.h"
#include "run/locks.h"
#include "session/session.h"

#define COMMITTER_JOURNAL_DIR "commit"	/* below the session directory */
#define COMMITTER_OPEN_MARK "open"	/* in it */

enum {
	COMMITTER_MARK_BYTES = 32,	/* the longest action, and a number */
};

enum committer_action {
	COMMITTER_INVALID,
	COMMITTER_CHECK,
	COMMITTER_APPLY,
	COMMITTER_MERGE,
	COMMITTER_UNDO,
	COMMITTER_RECOVER,
};

enum committer_fd {
	COMMITTER_FD_REQUEST = 3,
	COMMITTER_FD_ANSWER = 4,
	COMMITTER_FD_NEWS = 5,
	COMMITTER_FD_LOCKS = 6,
	COMMITTER_FD_ROOTS = 7,
};

struct committer_root {
	const char *path, *storage;	/* absolute */
};

struct committer_request {
	enum committer_action action;
	const char *id;			/* of the session */
	const char *session_dir;	/* absolute */
	struct committer_root roots[SESSION_ROOTS_MAX];	/* those with a branch, in the changeset's order */
	size_t root_count;
	unsigned number;		/* of the commit */
	const char *changeset_file;	/* in the session directory */
	struct digest changeset;	/* that it must have */
	bool keep_branch, accept_stale;
	uint64_t time_ns;
	const struct progress *progress;	/* who is told how far it is; not sent; may be NULL */
};

struct committer_answer {
	struct error error;		/* code 0: it was done */
	uint64_t applied_count, swap_count, copied_bytes, sync_ns;
	const struct json *conflicts;	/* conflicts_to_json(); NULL where there are none */
	uint64_t conflict_count;	/* all of them, where the list is cut */
	const struct json *merges;	/* [{"outcome", "path", "root"}]; of COMMITTER_MERGE */
	enum recover_result recovered;
	enum journal_kind recovered_kind;
	unsigned recovered_number;
};

/**
 * committer_request_init() - a request about a session
 * @request: filled but for the action and what belongs to it
 * @session: open
 */
void committer_request_init(struct committer_request *request, const struct session *session);

/**
 * committer_run() - start the committer and wait for its answer
 * @arena:   owns what @ret points to
 * @request: what is asked
 * @locks:   taken for the request's session, with the interrupts that come meanwhile
 * @ret:     the answer, also where the deed failed
 * @err:     why there is no answer
 *
 * An interrupt that comes before the first change ends it with the answer -ECANCELED; one that comes later
 * changes nothing, and who waits is told so (run/interrupt.h).
 *
 * Errors: -EPROTO it ran, and what became of it is for the next command to find out; others from the kernel,
 * and it did not run.
 * Return: 0 with an answer, or negative errno.
 */
int committer_run(struct arena *arena, const struct committer_request *request, struct run_locks *locks,
	struct committer_answer *ret, struct error *err);

/**
 * committer_open() - a deed is about to be recorded, and then asked for
 * @session: open and locked
 * @action:  that changes the workspace: COMMITTER_APPLY or COMMITTER_UNDO
 * @number:  of the commit
 * @err:     what failed
 *
 * Return: 0 or negative errno.
 */
int committer_open(const struct session *session, enum committer_action action, unsigned number,
	struct error *err);

/**
 * committer_is_open() - whether a committer was cut off in this session
 * @session: open
 *
 * Return: true where recovery has to look.
 */
bool committer_is_open(const struct session *session);

/** committer_close() - session and ledger say how the last deed ended; Return: 0 or negative errno */
int committer_close(const struct session *session, struct error *err);

/* ---- the committer's side ---- */

/**
 * committer_action_name() - "apply", "undo" and so on, as request and mark have them
 */
const char *committer_action_name(enum committer_action action);

/** committer_request_receive() - read the request; Return: 0 or negative errno */
int committer_request_receive(struct arena *arena, int fd, struct committer_request *ret, struct error *err);

/* ---- as documents ---- */

/** committer_request_to_json() - what is sent; NULL when the arena is full */
const struct json *committer_request_to_json(struct arena *arena, const struct committer_request *request);

/**
 * committer_request_read() - read what was sent
 * @arena: owns what @ret points to, with @value
 * @value: the document
 * @ret:   the request
 * @err:   says which member is wrong
 *
 * Errors: -EINVAL no request.
 * Return: 0 or negative errno.
 */
int committer_request_read(struct arena *arena, const struct json *value, struct committer_request *ret,
	struct error *err);

/** committer_answer_to_json() - what is answered; NULL when the arena is full */
const struct json *committer_answer_to_json(struct arena *arena, const struct committer_answer *answer);

/**
 * committer_answer_read() - read what was answered
 * @arena: owns what @ret points to, with @value
 * @value: the document
 * @ret:   the answer; its lists are lists of objects
 * @err:   may be NULL
 *
 * Errors: -EPROTO no answer.
 * Return: 0 or negative errno.
 */
int committer_answer_read(struct arena *arena, const struct json *value, struct committer_answer *ret,
	struct error *err);

/** committer_answer_send() - write the answer; Return: 0 or negative errno */
int committer_answer_send(int fd, const struct committer_answer *answer);
