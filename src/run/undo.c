// SPDX-License-Identifier: Apache-2.0
/*
 * undo.c - a commit is taken back, and what a crash cut off is settled
 */
#include "run/commit_internal.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	JOURNAL_ARENA_BYTES = 1 << 30,
};

/* ---- undo ---- */

int run_last_commit(const struct session *session, unsigned *ret_number, uint64_t *ret_time_ns,
	unsigned *ret_next, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(JOURNAL_ARENA_BYTES);
	scoped(fd) int dirfd = kern_open(session->dirfd, COMMITTER_JOURNAL_DIR, O_RDONLY | O_DIRECTORY, 0);

	*ret_number = 0;
	*ret_time_ns = 0;
	*ret_next = 1;
	if (dirfd == -ENOENT)
		return 0;
	if (dirfd < 0)
		return error_sys(err, dirfd, "session '%s': its journals", session->id);
	return overlay_last_commit(dirfd, &arena, ret_number, ret_time_ns, ret_next, err);
}

/* What the commit had applied, as the ledger wants it. */
static int read_applied(struct arena *arena, const struct session *session, unsigned number,
	struct changeset *ret, struct error *err)
{
	char name[COMMIT_NAME_SIZE];
	int r;

	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.part.json", number);
	r = document_changeset(arena, session, name, ret, err);
	if (r != -ENOENT)
		return r;
	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.changeset.json", number);
	return document_changeset(arena, session, name, ret, err);
}

/* The branch is as it was before the commit, and so is what was said about it. */
static int bring_back(struct session *session, unsigned number, struct error *err)
{
	char name[COMMIT_NAME_SIZE];
	int r;

	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.changeset.json", number);
	r = document_copy(session, name, ".", "changeset.json", err);
	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.verdict.json", number);
	if (r >= 0)
		r = document_copy(session, name, ".", "verdict.json", err);
	return r < 0 ? r : session_set_state(session, SESSION_HELD, err);
}

/* Between the two records of it. */
static int ask_for_undo(struct arena *arena, struct session *session, struct run_locks *locks,
	struct run_undo_result *result, struct error *err)
{
	struct committer_request request;
	uint64_t began_ns = kern_clock_monotonic_ns();
	int r;

	committer_request_init(&request, session);
	request.action = COMMITTER_UNDO;
	request.number = result->number;
	request.time_ns = kern_clock_real_ns();
	r = committer_run(arena, &request, locks, &result->answer, err);
	result->duration_ns = kern_clock_monotonic_ns() - began_ns;
	return r;
}

static int undo(struct arena *arena, struct session *session, struct ledger *ledger, const char *user,
	struct run_locks *locks, struct run_undo_result *ret, struct error *err)
{
	struct changeset changeset;
	int r = read_applied(arena, session, ret->number, &changeset, err);

	if (r >= 0)
		r = committer_open(session, COMMITTER_UNDO, ret->number, err);
	if (r >= 0)
		r = record_undo_start(arena, ledger, ret->number, &changeset, user, err);
	if (r < 0)
		return r;
	r = ask_for_undo(arena, session, locks, ret, err);
	/* As with a commit: what became of a committer that was cut off is for the next command to see. */
	if (r == -EPROTO)
		return r;
	if (r < 0)
		ret->answer.error = *err;
	ret->is_conflict = ret->answer.error.code == -EEXIST && ret->answer.conflict_count;
	if (ret->answer.error.code != -EINPROGRESS)
		r = record_undo_end(arena, ledger, ret, &changeset, err);
	if (r >= 0 && !ret->answer.error.code)
		r = bring_back(session, ret->number, err);
	if (r >= 0 && ret->answer.error.code != -EINPROGRESS)
		r = committer_close(session, err);
	if (r < 0 || ret->is_conflict || !ret->answer.error.code)
		return r;
	*err = ret->answer.error;
	return ret->answer.error.code;
}

int run_undo(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_undo_request *request, struct run_undo_result *ret, struct error *err)
{
	struct run_locks locks = { 0 };
	uint64_t time_ns;
	unsigned next;
	int r;

	*ret = (struct run_undo_result){ 0 };
	r = run_last_commit(session, &ret->number, &time_ns, &next, err);
	if (r >= 0 && !ret->number)
		r = error_set(err, -ENOENT, "session '%s' has no commit that could be undone", session->id);
	if (r >= 0)
		r = run_locks_take(&locks, session, &request->patience, err);
	if (r >= 0)
		r = undo(arena, session, ledger, request->user, &locks, ret, err);
	run_locks_drop(&locks);
	return r;
}

/* ---- recovery ---- */

/* After a part, the rest of the branch is what was kept before it, less the part. */
static int settle_recovered_part(struct arena *arena, struct session *session, struct ledger *ledger,
	unsigned number, struct error *err)
{
	struct committing c = { .arena = arena, .session = session, .ledger = ledger, .err = err };
	struct changeset part;
	char name[COMMIT_NAME_SIZE];
	int r = run_believe_config(arena, session, ledger->state_dirfd, &c.config, err);

	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.changeset.json", number);
	if (r >= 0)
		r = document_changeset(arena, session, name, &c.whole, err);
	if (r >= 0)
		r = read_applied(arena, session, number, &part, err);
	if (r < 0)
		return r;
	r = compose_remainder(arena, &c.whole, &part, &c.rest);
	if (r >= 0)
		r = run_judge_changeset(arena, session, ledger, c.config, &c.rest, &c.judgement, err);
	if (r >= 0)
		r = run_keep_judged(arena, session, &c.rest, &c.judgement, err);
	return r < 0 ? r : session_set_state(session, SESSION_HELD, err);
}

static int settle_recovered(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct committer_answer *answer, struct error *err)
{
	char name[COMMIT_NAME_SIZE];
	struct stat st;

	if (answer->recovered != RECOVER_FINISHED)
		return 0;
	if (answer->recovered_kind == JOURNAL_UNDO)
		return bring_back(session, answer->recovered_number, err);
	snprintf(name, sizeof(name), COMMITTER_JOURNAL_DIR "/%u.part.json", answer->recovered_number);
	if (kern_fstatat(session->dirfd, name, &st, 0) >= 0)
		return settle_recovered_part(arena, session, ledger, answer->recovered_number, err);
	return session_set_state(session, SESSION_COMMITTED, err);
}

int run_recover(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_patience *patience, struct committer_answer *ret, struct error *err)
{
	struct committer_request request;
	struct run_locks locks;
	int r = run_locks_take(&locks, session, patience, err);

	if (r < 0)
		return r;
	committer_request_init(&request, session);
	request.action = COMMITTER_RECOVER;
	r = committer_run(arena, &request, &locks, ret, err);
	if (r >= 0 && ret->error.code < 0) {
		*err = ret->error;
		r = ret->error.code;
	}
	if (r >= 0 && ret->recovered != RECOVER_NOTHING)
		r = record_recovery(arena, ledger, ret, err);
	if (r >= 0 && ret->recovered != RECOVER_NOTHING)
		r = settle_recovered(arena, session, ledger, ret, err);
	if (r >= 0)
		r = committer_close(session, err);
	run_locks_drop(&locks);
	return r;
}
