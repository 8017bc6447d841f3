// SPDX-License-Identifier: Apache-2.0
/*
 * commit.c - a held branch becomes the workspace, or what a commit did is taken back
 */
#include "run/commit_internal.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "overlay/subset.h"
#include "run/verdicts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	DOCUMENT_MAX_BYTES = 512 << 20,
};

static int judge_anew(struct committing *c)
{
	struct run_outcome outcome;
	int r = run_judge(c->arena, c->session, c->ledger, c->config, NULL, &outcome, c->err);

	if (r < 0)
		return r;
	c->whole = outcome.changeset;
	c->judgement = outcome.judgement;
	return 0;
}

/*
 * The same changes once more. What kept the policies from an answer may have passed: a full disk, want of
 * memory. A mistake of theirs stays.
 */
static int ask_again(struct committing *c)
{
	int r = run_judge_changeset(c->arena, c->session, c->ledger, c->config, &c->whole, &c->judgement,
		c->err);

	return r < 0 ? r : run_keep_judged(c->arena, c->session, &c->whole, &c->judgement, c->err);
}

/*
 * What was judged, with its judgement. A session that could not be judged at its end is judged now, and so is
 * one of which a crash left a judgement of something else, or one that cannot be believed by what the ledger
 * says about it (run/verdicts.h).
 */
static int load_judged(struct committing *c)
{
	enum run_verdict_standing standing;
	int r;

	if (c->session->state != SESSION_HELD)
		return judge_anew(c);
	r = document_changeset(c->arena, c->session, "changeset.json", &c->whole, c->err);
	if (r >= 0)
		r = run_verdict_read(c->arena, c->session, c->ledger->state_dirfd, &c->judgement, &standing,
			c->err);
	if (r == -ENOENT)
		return judge_anew(c);
	if (r < 0)
		return r;
	if (!digest_eq(&c->judgement.changeset, &c->whole.digest))
		return judge_anew(c);
	return standing == RUN_VERDICT_LAST && judgement_is_answered(&c->judgement) ? 0 : ask_again(c);
}

/* ---- what a person chose ---- */

static int select_path(struct committing *c, const char *path, bool *selected)
{
	int root = changeset_root_of(&c->whole, path);
	struct str below;
	size_t count;

	if (root < 0)
		return error_set(c->err, -EINVAL, "'%s' is in no directory that session '%s' could write",
			quote_cstr(path).text, c->session->id);
	below = str_from(path_relative(path, c->whole.roots[root]));
	count = c->request->except ? overlay_deselect(&c->whole, (unsigned)root, below, selected) :
		overlay_select(&c->whole, (unsigned)root, below, selected);
	return count ? 0 : error_set(c->err, -ENOENT, "nothing changed at '%s'", quote_cstr(path).text);
}

static int select_paths(struct committing *c, struct changeset *ret)
{
	bool *selected = arena_alloc_array(c->arena, c->whole.count + 1, sizeof(*selected));
	int r = selected ? 0 : -EMSGSIZE;

	for (size_t i = 0; r >= 0 && i < c->whole.count; i++)
		selected[i] = c->request->except;
	for (size_t i = 0; r >= 0 && i < c->request->path_count; i++)
		r = select_path(c, c->request->paths[i], selected);
	return r < 0 ? r : overlay_subset(c->arena, &c->whole, selected, true, ret);
}

/* By what was shown, which has to be what is held now. */
static int select_choice(struct committing *c, struct changeset *ret)
{
	const struct run_choice *choice = c->request->choice;
	struct changeset changed = c->whole;
	int r = 0;

	if (!digest_eq(&choice->changeset, &c->whole.digest)) {
		error_set(c->err, -ESTALE, "session '%s': what it holds is not what was chosen from",
			c->session->id);
		error_hint(c->err, "Somebody committed some of it meanwhile, or it was judged anew: "
			"`cordon review %s` shows what is left.", c->session->id);
		return -ESTALE;
	}
	if (choice->part_count)
		r = run_compose(c->arena, c->session, choice, &c->whole, &changed, c->err);
	return r < 0 ? r : overlay_subset(c->arena, &changed, choice->selected, true, ret);
}

int committing_select(struct committing *c)
{
	struct changeset *part = &c->result->changeset;
	int r;

	c->result->judgement = c->judgement;
	if (!c->request->choice && !c->request->path_count) {
		*part = c->whole;
		return 0;
	}
	r = c->request->choice ? select_choice(c, part) : select_paths(c, part);
	if (r >= 0)
		r = compose_remainder(c->arena, &c->whole, part, &c->rest);
	if (r < 0)
		return r;
	if (!c->rest.count) {
		*part = c->whole;
		return 0;
	}
	c->is_part = true;
	/* A part is a changeset of its own: what is said about the whole is not said about it. */
	return r < 0 ? r :
		run_judge_changeset(c->arena, c->session, c->ledger, c->config, part,
			&c->result->judgement, c->err);
}

int committing_accept(struct committing *c)
{
	const struct run_commit_request *request = c->request;
	const char **rules = arena_alloc_array(c->arena, request->accept_count + 1, sizeof(*rules));
	size_t count = 0;
	int r = 0;

	if (!request->accept_count)
		return 0;
	if (!rules)
		return error_set(c->err, -EMSGSIZE, "too many rules");
	for (size_t i = 0; i < request->accept_count; i++) {
		if (!strcmp(request->accept[i], RUN_ACCEPT_STALE))
			c->accept_stale = true;
		else
			rules[count++] = request->accept[i];
	}
	if (count)
		r = judgement_accept(c->arena, &c->result->judgement, rules, count, request->reason, c->err);
	return r < 0 ? r : record_acceptance(c);
}

/* ---- the commit ---- */

/* The part that is committed, in a file that only this commit has. */
static int write_part(struct committing *c, const char *name)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
	scoped(fd) int dirfd = kern_open(c->session->dirfd, COMMITTER_JOURNAL_DIR, O_PATH | O_DIRECTORY, 0);
	int r = dirfd < 0 ? dirfd : changeset_write(&text, &c->result->changeset);

	if (r >= 0)
		r = kern_write_file(dirfd, name, (struct str){ text.data, text.len }, 0600, false);
	return r < 0 ? error_sys(c->err, r, "session '%s': writing %s", c->session->id, name) : 0;
}

/* Keeps what undo needs besides files, and names the file that the committer finds its changeset in. */
static int keep_documents(struct committing *c)
{
	char changeset[COMMIT_NAME_SIZE / 2], verdict[COMMIT_NAME_SIZE / 2], part[COMMIT_NAME_SIZE / 2];
	int r = kern_mkdirat(c->session->dirfd, COMMITTER_JOURNAL_DIR, 0700);

	if (r < 0 && r != -EEXIST)
		return error_sys(c->err, r, "session '%s': making the directory of its journals",
			c->session->id);
	snprintf(changeset, sizeof(changeset), "%u.changeset.json", c->number);
	snprintf(verdict, sizeof(verdict), "%u.verdict.json", c->number);
	snprintf(part, sizeof(part), "%u.part.json", c->number);
	snprintf(c->file, sizeof(c->file), COMMITTER_JOURNAL_DIR "/%s", c->is_part ? part : changeset);
	r = document_keep(c->session, "changeset.json", COMMITTER_JOURNAL_DIR, changeset, c->err);
	if (r >= 0)
		r = document_keep(c->session, "verdict.json", COMMITTER_JOURNAL_DIR, verdict, c->err);
	if (r >= 0 && c->is_part)
		r = write_part(c, part);
	return r;
}

int committing_ask(struct committing *c, enum committer_action action, struct committer_answer *answer)
{
	struct committer_request request;
	int r = keep_documents(c);

	if (r < 0)
		return r;
	committer_request_init(&request, c->session);
	request.action = action;
	request.number = c->number;
	request.changeset_file = c->file;
	request.changeset = c->result->changeset.digest;
	request.keep_branch = c->is_part;
	request.accept_stale = c->accept_stale;
	request.time_ns = kern_clock_real_ns();
	return committer_run(c->arena, &request, &c->locks, answer, c->err);
}

/* The workspace is as it was; the answer says why. */
static int end_failed(struct committing *c)
{
	struct committer_answer *answer = &c->result->answer;
	struct error why = answer->error;
	int r = record_failure(c);

	if (r < 0)
		return r;
	if (why.code == -EEXIST && answer->conflict_count) {
		c->result->end = RUN_COMMIT_CONFLICT;
		return 0;
	}
	if (why.code == -EBADMSG) {
		c->result->end = RUN_COMMIT_REJUDGED;
		return judge_anew(c);
	}
	if (c->err)
		*c->err = why;
	return why.code;
}

/* What is left in the branch is what was not chosen: it is judged as what it is now. */
static int end_done(struct committing *c)
{
	struct judgement judgement;
	int r;

	c->result->end = RUN_COMMIT_DONE;
	c->result->remaining_count = c->rest.count;
	r = record_end(c);
	if (r < 0 || !c->rest.count)
		return r < 0 ? r : session_set_state(c->session, SESSION_COMMITTED, c->err);
	r = run_judge_changeset(c->arena, c->session, c->ledger, c->config, &c->rest, &judgement, c->err);
	if (r >= 0)
		r = run_keep_judged(c->arena, c->session, &c->rest, &judgement, c->err);
	return r < 0 ? r : session_set_state(c->session, SESSION_HELD, c->err);
}

/*
 * There is no answer. A committer that was cut off has left something to be found out, which the next command
 * does; without a committer nothing was done.
 */
static int end_unanswered(struct committing *c, int r)
{
	struct error why = *c->err;

	c->result->answer.error = why;
	if (r != -EPROTO && record_failure(c) >= 0)
		(void)committer_close(c->session, NULL);
	*c->err = why;
	return r;
}

static int apply(struct committing *c)
{
	struct committer_answer *answer = &c->result->answer;
	int r = committer_open(c->session, COMMITTER_APPLY, c->number, c->err);

	/* A record that failed may stand in the ledger all the same: it is the next command that knows. */
	if (r >= 0)
		r = record_start(c);
	if (r < 0)
		return r;
	c->began_ns = kern_clock_monotonic_ns();
	r = committing_ask(c, COMMITTER_APPLY, answer);
	c->result->duration_ns = kern_clock_monotonic_ns() - c->began_ns;
	if (r < 0)
		return end_unanswered(c, r);
	if (answer->error.code == -EINPROGRESS) {
		*c->err = answer->error;
		return -EINPROGRESS;
	}
	r = answer->error.code < 0 ? end_failed(c) : end_done(c);
	/* An error that is not ours to mend is an end, too. */
	return r < 0 && r != answer->error.code ? r : MIN(committer_close(c->session, c->err), r);
}

/* ---- putting it together ---- */

static int check_state(struct committing *c)
{
	struct session *session = c->session;

	if (session_is_alive(session)) {
		error_set(c->err, -EBUSY, "session '%s' still runs", session->id);
		error_hint(c->err, "End it with `cordon stop %s` first.", session->id);
		return -EBUSY;
	}
	if (session->state == SESSION_COMMITTED || session->state == SESSION_ROLLED_BACK)
		return error_set(c->err, -ESRCH, "session '%s' is %s: it has no branch any more", session->id,
			session_state_name(session->state));
	if (session->state == SESSION_HELD || session->state == SESSION_STOPPED || session_is_orphan(session))
		return 0;
	return error_set(c->err, -ESRCH, "session '%s' is %s", session->id,
		session_state_name(session->state));
}

/* From here on the session is one that is held, and judged. */
static int open_judged(struct committing *c)
{
	int r = check_state(c);

	if (r >= 0)
		r = run_believe_config(c->arena, c->session, c->ledger->state_dirfd, &c->config, c->err);
	if (r >= 0)
		r = load_judged(c);
	if (r >= 0 && c->session->state != SESSION_HELD)
		r = session_set_state(c->session, SESSION_HELD, c->err);
	return r;
}

int run_open_judged(struct arena *arena, struct session *session, struct ledger *ledger,
	struct changeset *ret, struct judgement *ret_judgement, struct error *err)
{
	struct committing c = { .arena = arena, .session = session, .ledger = ledger, .err = err };
	int r = open_judged(&c);

	if (r < 0)
		return r;
	*ret = c.whole;
	*ret_judgement = c.judgement;
	return 0;
}

static int prepare(struct committing *c)
{
	uint64_t last_time_ns;
	unsigned last;
	int r = open_judged(c);

	if (r >= 0)
		r = run_last_commit(c->session, &last, &last_time_ns, &c->number, c->err);
	c->result->number = c->number;
	if (r >= 0)
		r = committing_select(c);
	return r < 0 ? r : committing_accept(c);
}

/* From the merge on, nobody else commits to the workspace. */
static int merge_and_apply(struct committing *c)
{
	const struct run_commit_result *result = c->result;
	int r;

	if (!result->changeset.count || result->judgement.verdict != VERDICT_ALLOW)
		return 0;
	r = run_locks_take(&c->locks, c->session, &c->request->patience, c->err);
	if (r >= 0 && c->request->merge)
		r = committing_merge(c);
	if (r)
		return MIN(r, 0);
	return result->changeset.count && result->judgement.verdict == VERDICT_ALLOW ? apply(c) : 0;
}

int run_commit(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct run_commit_request *request, struct run_commit_result *ret, struct error *err)
{
	struct committing c = {
		.arena = arena,
		.session = session,
		.ledger = ledger,
		.request = request,
		.result = ret,
		.err = err,
	};
	int r;

	assert(!request->choice || !request->merge);
	*ret = (struct run_commit_result){ 0 };
	r = prepare(&c);
	if (r >= 0)
		r = merge_and_apply(&c);
	run_locks_drop(&c.locks);
	/* Of this commit, or of one that was killed. */
	run_compose_remove(session);
	if (r >= 0 && !ret->changeset.count)
		ret->end = RUN_COMMIT_EMPTY;
	return r;
}
