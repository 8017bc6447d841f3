// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-committer: the process that may write a workspace
 *
 * One request, one deed, one answer (run/committer.h). Paths of the request are the session's own and were
 * resolved when the session began: none of their components may be a link now. The roots come open and
 * locked, and nothing is begun unless they are: one committer at a time works on a workspace (run/locks.h).
 * The locks go away with asker and committer, however those end.
 */
#include "roles/committer/committer.h"

#include "base/fd.h"
#include "kern/file.h"
#include "overlay/undo.h"
#include "run/committer.h"
#include "run/news.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

enum {
	ARENA_BYTES = 1 << 30,
	CHANGESET_MAX_BYTES = 512 << 20,
	EXIT_BROKEN = 125,
};

struct committer {
	struct arena arena;
	struct committer_request request;
	struct committer_answer answer;
	struct changeset changeset;
	struct conflict_list conflicts;
	struct overlay_target targets[SESSION_ROOTS_MAX];
	struct news_teller news;
	int session_dirfd, journal_dirfd;
};

/* ---- opening ---- */

/* A path that was resolved once: there is no link in it now. */
static int open_resolved(const char *path)
{
	return kern_open_plain(path, O_RDONLY | O_DIRECTORY);
}

static int open_targets(struct committer *c, struct error *err)
{
	for (size_t i = 0; i < c->request.root_count; i++) {
		const struct committer_root *root = &c->request.roots[i];
		struct overlay_target *target = &c->targets[i];

		*target = (struct overlay_target){ .path = root->path,
			.storage = root->storage,
			.root_dirfd = COMMITTER_FD_ROOTS + (int)i,
			.storage_dirfd = -1 };
		target->storage_dirfd = open_resolved(root->storage);
		if (target->storage_dirfd < 0)
			return error_sys(err, target->storage_dirfd, "the branch of '%s'", root->path);
	}
	return 0;
}

/* The asker holds the locks, and the descriptors that it gave us share them. */
static int confirm_locks(const struct committer *c, struct error *err)
{
	int fds[RUN_LOCKS_MAX], r;

	for (size_t i = 0; i <= c->request.root_count; i++)
		fds[i] = COMMITTER_FD_LOCKS + (int)i;
	r = run_locks_confirm(fds, c->request.root_count + 1);
	return r < 0 ? error_sys(err, r, "session '%s': the locks of its workspace", c->request.id) : 0;
}

static int open_session(struct committer *c, struct error *err)
{
	int r = c->session_dirfd = open_resolved(c->request.session_dir);

	if (r >= 0)
		r = kern_mkdirat(c->session_dirfd, COMMITTER_JOURNAL_DIR, 0700);
	if (r >= 0 || r == -EEXIST)
		r = c->journal_dirfd = kern_open_beneath(c->session_dirfd, COMMITTER_JOURNAL_DIR,
			O_RDONLY | O_DIRECTORY, 0);
	return r < 0 ? error_sys(err, r, "the directory of session '%s'", c->request.id) : 0;
}

/* The changeset that was judged, or nothing. */
static int load_changeset(struct committer *c, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(CHANGESET_MAX_BYTES);
	const char *name = c->request.changeset_file;
	int fd = kern_open_beneath(c->session_dirfd, name, O_RDONLY, 0), r = fd;

	if (fd >= 0)
		r = kern_read_all(fd, &text);
	fd_close(fd);
	if (r < 0)
		return error_sys(err, r, "session '%s': reading %s", c->request.id, name);
	r = changeset_parse(&c->arena, (struct str){ buf_text(&text), text.len }, &c->changeset, err);
	if (r < 0)
		return error_wrap(err, r, "%s", name);
	if (!digest_eq(&c->changeset.digest, &c->request.changeset))
		return error_set(err, -EBADMSG, "%s is not the changeset that was judged", name);
	if (c->changeset.root_count != c->request.root_count)
		return error_set(err, -EBADMSG, "%s has other roots than the session", name);
	return 0;
}

static bool needs_changeset(enum committer_action action)
{
	return action == COMMITTER_CHECK || action == COMMITTER_APPLY || action == COMMITTER_MERGE;
}

/* ---- confinement ---- */

static int confine(struct committer *c, struct error *err)
{
	int dirfds[SESSION_ROOTS_MAX * 2 + 1];
	size_t count = 0;

	dirfds[count++] = c->journal_dirfd;
	for (size_t i = 0; i < c->request.root_count; i++) {
		dirfds[count++] = c->targets[i].root_dirfd;
		dirfds[count++] = c->targets[i].storage_dirfd;
	}
	return committer_confine(dirfds, count, err);
}

/* Whoever wants us to stop is answered when the workspace is in one of its two states. */
static void block_signals(void)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGSEGV);
	sigdelset(&set, SIGBUS);
	sigdelset(&set, SIGABRT);
	sigdelset(&set, SIGILL);
	sigdelset(&set, SIGFPE);
	sigdelset(&set, SIGSYS);
	(void)kern_sigprocmask(SIG_SETMASK, &set, NULL);
}

/* ---- deeds ---- */

static struct overlay_commit commit_of(const struct committer *c)
{
	return (struct overlay_commit){
		.changeset = &c->changeset,
		.targets = c->targets,
		.journal_dirfd = c->journal_dirfd,
		.number = c->request.number,
		.id = c->request.id,
		.keep_branch = c->request.keep_branch,
		.accept_stale = c->request.accept_stale,
		.time_ns = c->request.time_ns,
		.progress = &c->news.progress,
	};
}

static int check(struct committer *c, struct error *err)
{
	const struct overlay_commit commit = commit_of(c);

	return overlay_check(&commit, &c->conflicts, err);
}

static int apply(struct committer *c, struct error *err)
{
	const struct overlay_commit commit = commit_of(c);
	struct overlay_result result = { 0 };
	int r = overlay_apply(&commit, &c->arena, &c->conflicts, &result, err);

	c->answer.applied_count = result.applied_count;
	c->answer.swap_count = result.swap_count;
	c->answer.sync_ns = result.sync_ns;
	c->answer.copied_bytes = result.copied_bytes;
	return r;
}

static int undo(struct committer *c, struct error *err)
{
	const struct overlay_undo undo = {
		.targets = c->targets,
		.target_count = c->request.root_count,
		.journal_dirfd = c->journal_dirfd,
		.number = c->request.number,
		.id = c->request.id,
		.time_ns = c->request.time_ns,
		.progress = &c->news.progress,
	};
	struct overlay_result result = { 0 };
	int r = overlay_undo(&undo, &c->arena, &c->conflicts, &result, err);

	c->answer.applied_count = result.applied_count;
	c->answer.swap_count = result.swap_count;
	c->answer.sync_ns = result.sync_ns;
	return r;
}

/* What the mark says was begun, whose end nobody heard of; 0 for nothing that has an end to tell. */
static unsigned read_mark(struct committer *c, enum journal_kind *ret_kind)
{
	scoped(buf) struct buf text = BUF_INIT(COMMITTER_MARK_BYTES);
	scoped(fd) int fd = kern_open_beneath(c->journal_dirfd, COMMITTER_OPEN_MARK, O_RDONLY, 0);
	struct str action, rest, number;
	uint64_t value;

	if (fd < 0 || kern_read_all(fd, &text) < 0 ||
			!str_cut((struct str){ buf_text(&text), text.len }, ' ', &action, &rest) ||
			!str_cut(rest, '\n', &number, &rest) || str_to_u64(number, UINT32_MAX, &value) < 0)
		return 0;
	*ret_kind = str_eq(action, str_from(committer_action_name(COMMITTER_UNDO))) ? JOURNAL_UNDO :
		JOURNAL_COMMIT;
	return str_eq(action, str_from(committer_action_name(COMMITTER_APPLY))) || *ret_kind == JOURNAL_UNDO ?
		(unsigned)value :
		0;
}

/* Nothing is pending: it was done, or it had not begun. */
static int find_end(struct committer *c, struct error *err)
{
	enum journal_kind kind;
	unsigned number = read_mark(c, &kind);
	struct journal commit;
	bool is_applied, is_undone;
	int r;

	if (!number)
		return 0;
	r = journal_load_head(c->journal_dirfd, JOURNAL_COMMIT, number, &c->arena, &commit, err);
	if (r < 0 && r != -ENOENT)
		return r;
	is_applied = r >= 0 && (commit.state == JOURNAL_APPLIED || commit.state == JOURNAL_CLEANED);
	is_undone = r >= 0 && commit.state == JOURNAL_UNDONE;
	c->answer.recovered = (kind == JOURNAL_COMMIT ? is_applied : is_undone) ? RECOVER_FINISHED :
		RECOVER_REVERTED;
	c->answer.recovered_kind = kind;
	c->answer.recovered_number = number;
	return 0;
}

static int recover(struct committer *c, struct error *err)
{
	struct overlay_pending pending;
	int r = overlay_pending(c->journal_dirfd, &c->arena, &pending, err);

	if (r < 0)
		return r;
	c->answer.recovered_kind = pending.kind;
	c->answer.recovered_number = pending.number;
	r = overlay_recover(c->journal_dirfd, c->targets, c->request.root_count, &c->news.progress,
		&c->answer.recovered, err);
	return r < 0 || c->answer.recovered != RECOVER_NOTHING ? r : find_end(c, err);
}

static int merge(struct committer *c, struct error *err)
{
	const struct overlay_commit commit = commit_of(c);
	struct merged_file *files = NULL;
	int r = overlay_check(&commit, &c->conflicts, err);

	if (r < 0 || !c->conflicts.total)
		return r;
	r = overlay_merge(&commit, &c->conflicts, &c->arena, &files, err);
	c->answer.merges = merged_to_json(&c->arena, files, files ? c->conflicts.count : 0);
	return r;
}

static int do_deed(struct committer *c, struct error *err)
{
	switch (c->request.action) {
	case COMMITTER_CHECK:
		return check(c, err);
	case COMMITTER_APPLY:
		return apply(c, err);
	case COMMITTER_MERGE:
		return merge(c, err);
	case COMMITTER_UNDO:
		return undo(c, err);
	case COMMITTER_RECOVER:
		return recover(c, err);
	case COMMITTER_INVALID:
		break;
	}
	return -EINVAL;
}

/*
 * The mark of a deed that changes the workspace is the asker's, from before the ledger heard of it until it
 * knows how that ended, and what is to be recovered is what it says.
 */
static bool is_marked(enum committer_action action)
{
	return action == COMMITTER_APPLY || action == COMMITTER_UNDO || action == COMMITTER_RECOVER;
}

static int mark_open(struct committer *c, struct error *err)
{
	enum committer_action action = c->request.action;
	char text[COMMITTER_MARK_BYTES];
	int r, len, fd;

	if (is_marked(action))
		return 0;
	len = snprintf(text, sizeof(text), "%s %u\n", committer_action_name(action), c->request.number);
	r = fd = kern_open_beneath(c->journal_dirfd, COMMITTER_OPEN_MARK, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0)
		r = kern_write_all(fd, text, (size_t)len);
	fd_close(fd);
	return r < 0 ? error_sys(err, r, "session '%s': marking its commit as open", c->request.id) : 0;
}

static int run(struct committer *c, struct error *err)
{
	int r = confirm_locks(c, err);

	if (r >= 0)
		r = open_session(c, err);
	if (r >= 0)
		r = open_targets(c, err);
	if (r >= 0 && needs_changeset(c->request.action))
		r = load_changeset(c, err);
	if (r >= 0)
		r = confine(c, err);
	if (r >= 0)
		r = mark_open(c, err);
	if (r < 0)
		return r;
	r = do_deed(c, err);
	if (!is_marked(c->request.action))
		(void)kern_unlinkat(c->journal_dirfd, COMMITTER_OPEN_MARK, 0);
	return r;
}

int main(void)
{
	static struct committer c = { .arena = ARENA_INIT(ARENA_BYTES) };
	struct error *err = &c.answer.error;
	int r;

	block_signals();
	news_teller_init(&c.news, COMMITTER_FD_NEWS);
	r = committer_request_receive(&c.arena, COMMITTER_FD_REQUEST, &c.request, err);
	if (r >= 0)
		r = run(&c, err);
	if (r >= 0)
		*err = (struct error)ERROR_INIT;
	else
		err->code = r;
	if (c.conflicts.total)
		c.answer.conflicts = conflicts_to_json(&c.arena, &c.conflicts);
	c.answer.conflict_count = c.conflicts.total;
	return committer_answer_send(COMMITTER_FD_ANSWER, &c.answer) < 0 ? EXIT_BROKEN : 0;
}
