/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checker.h - asking cordon-checker for the policies that somebody wrote
 *
 * What came with cordon is known without being read. Files, directories and bundles of a user, a project or
 * an organisation are read and compiled by a process of its own: it may take as long as their file system
 * lets it, while the supervisor serves its session or gives up, and what a bundle of a project does to its
 * reader it does to one that can write nothing but its answer.
 *
 *	request		a sealed text: the session's configuration, and where its workspace is
 *	answer		a text: the digest of the set, or what is wrong
 *	document	what policy.json will be, where no earlier session has it (run/policies.h)
 *	state		the state directory, to know that
 *
 * The answer is good once the checker has ended with 0.
 */
#pragma once

#include "base/hash.h"
#include "config/config.h"
#include "policy/revision.h"

enum checker_fd {
	CHECKER_FD_REQUEST = 3,
	CHECKER_FD_ANSWER,
	CHECKER_FD_DOCUMENT,
	CHECKER_FD_STATE,
	CHECKER_FD_COUNT,
};

enum {
	CHECKER_PATIENCE_MS = 10000,
	CHECKER_REPORT_BYTES_MAX = 32 << 10,
	CHECKER_NOTES_MAX = 100,
};

struct checker_request {
	const struct config *config;
	const char *workspace;		/* absolute, clean, without links */
};

struct checker_answer {
	struct error error;		/* code 0: the policies are good */
	/* their mistakes as a compiler shows them; empty: none of that kind */
	struct str report;
	const char *const *notes;	/* what was left out; a NULL behind them */
	size_t note_count;
	uint64_t read_ns, compile_ns;
	struct digest digest;
	struct policy_bundles bundles;	/* those that were verified */
};

/* One that was asked. */
struct checker {
	int pidfd, answer_fd;		/* owned; -1: none */
};

#define CHECKER_INIT { -1, -1 }

/**
 * checker_start() - ask
 * @request:     borrowed
 * @document_fd: open for writing, empty; borrowed
 * @state_dirfd: borrowed
 * @ret:         checker_fini() in any case
 * @err:         what failed
 *
 * Return: 0 or negative errno.
 */
int checker_start(const struct checker_request *request, int document_fd, int state_dirfd,
	struct checker *ret, struct error *err);

/**
 * checker_wait() - wait for its end, but not longer than CHECKER_PATIENCE_MS
 * @checker: asked
 * @err:     it has not ended, or nobody can tell
 *
 * Errors: -ETIMEDOUT it still reads.
 * Return: 0..255 its exit code, 128+n for signal n, or negative errno.
 */
int checker_wait(const struct checker *checker, struct error *err);

/** checker_say_slow() - set @err; Return: -ETIMEDOUT */
int checker_say_slow(struct error *err);

/**
 * checker_read() - what it answered
 * @arena:     owns the texts of the answer
 * @checker:   that has ended
 * @exit_code: of it
 * @ret:       the answer
 * @err:       there is none
 *
 * Errors: -EPROTO it ended otherwise, or its answer is none.
 * Return: 0 or negative errno.
 */
int checker_read(struct arena *arena, const struct checker *checker, int exit_code,
	struct checker_answer *ret, struct error *err);

/** checker_fini() - nobody waits for it any more: it is killed if it has not ended */
void checker_fini(struct checker *checker);

/* ---- the checker's own side ---- */

/** checker_request_receive() - what is asked; @arena owns the result; Return: 0 or negative errno */
int checker_request_receive(struct arena *arena, struct checker_request *ret, struct error *err);

/** checker_answer_send() - Return: 0 or negative errno */
int checker_answer_send(struct arena *arena, const struct checker_answer *answer);
