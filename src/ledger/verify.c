// SPDX-License-Identifier: Apache-2.0
/*
 * verify.c - whether the ledgers of a user are what was written
 *
 * Per session: the head file, then whatever the index gained meanwhile, then the records. So each of the
 * three is at least as new as the one before it, and a session that goes on while we read never looks cut.
 * The end of a ledger is in motion while its writer lives; a writer that came and went between our looks
 * shows by a file that grew.
 */
#include "ledger/verify.h"

#include "kern/kern.h"
#include "ledger/audit.h"
#include "ledger/chain.h"
#include "ledger/index.h"
#include "ledger/source.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/file.h>

enum {
	NAMES_BYTES_MAX = 128 << 20,
};

struct verify {
	int state_dirfd;
	int index_fd;			/* owned; -1: there is no index */
	struct ledger_report *report;
	struct view view;
};

static void verify_scope_exit(struct verify *verify)
{
	view_fini(&verify->view);
	fd_close(verify->index_fd);
}

static int refresh(struct verify *verify, uint64_t *ret_torn, struct error *err)
{
	int r;

	*ret_torn = 0;
	/* It may be that the first session of all began a moment ago. */
	if (verify->index_fd < 0) {
		r = source_open_index(verify->state_dirfd, err);
		if (r == -ENOENT)
			return 0;
		if (r < 0)
			return r;
		verify->index_fd = r;
	}
	r = view_refresh(&verify->view, verify->index_fd, ret_torn);
	return r < 0 ? error_sys(err, r, "reading " INDEX_NAME) : 0;
}

static int feed_all(struct audit *audit, const struct source *source)
{
	scoped(chain_lines) struct chain_lines lines;
	struct chain_line line;
	uint64_t size;
	int r;

	chain_lines_init(&lines, source->fd, 0, UINT64_MAX, LEDGER_LINE_MAX);
	while ((r = chain_lines_next(&lines, &line)) > 0)
		audit_feed(audit, &line);
	if (r < 0)
		return r;
	r = chain_size(source->fd, &size);
	if (r >= 0 && (size != line.offset || source_is_live(source)))
		audit->live = true;
	return r;
}

static void tell_missing(struct verify *verify, const struct source *source, const struct view_session *known)
{
	const struct ledger_problem problem = {
		.kind = LEDGER_PROBLEM_REMOVED, .session = source->session, .file = source->path,
	};

	ledger_report_problem(verify->report, &problem,
		"the ledger is gone; the index knows %" PRIu64 " records of it (%s:%" PRIu64 ")",
		known->last->head.sequence, verify->view.file, known->last->line);
}

/* @ret_known is cleared where neither the disk nor the index has heard of the session. */
static int verify_one(struct verify *verify, const char *session, bool *ret_known, struct error *err)
{
	scoped(source) struct source source = SOURCE_INIT;
	scoped(audit) struct audit audit = { 0 };
	struct view_session *known;
	uint64_t torn;
	int r = source_open(&source, verify->state_dirfd, session, err);

	if (r >= 0)
		r = refresh(verify, &torn, err);
	if (r < 0)
		return r;
	known = view_find(&verify->view, str_from(session));
	*ret_known = known || source.fd >= 0;
	if (known)
		known->seen = true;
	if (source.fd < 0) {
		if (known && !known->removed)
			tell_missing(verify, &source, known);
		return 0;
	}
	audit = (struct audit){
		.report = verify->report, .view = &verify->view, .session = session, .file = source.path,
		.head = source.has_head ? &source.head : NULL, .live = source.live,
	};
	audit_begin(&audit);
	r = feed_all(&audit, &source);
	if (r < 0)
		return error_sys(err, r, "reading %s", source.path);
	audit_finish(&audit);
	return 0;
}

static int verify_all(struct verify *verify, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(NAMES_BYTES_MAX);
	const char *const *names;
	size_t count;
	bool known;
	int r = source_list(&arena, verify->state_dirfd, &names, &count, err);

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = verify_one(verify, names[i], &known, err);
	/* What was not on the list is gone, or began meanwhile. */
	for (struct view_session *session = verify->view.first; r >= 0 && session; session = session->next)
		if (!session->seen)
			r = verify_one(verify, session->name.data, &known, err);
	return r;
}

/* An unfinished line is a writer's, as long as one holds the lock. */
static void check_index_end(struct verify *verify, uint64_t torn)
{
	const struct ledger_problem problem = {
		.kind = LEDGER_PROBLEM_TORN, .file = verify->view.file, .line = verify->view.line + 1,
	};

	if (torn && chain_lock(verify->index_fd, CHAIN_LOCK_WAIT_MS) >= 0) {
		if (view_refresh(&verify->view, verify->index_fd, &torn) >= 0 && torn)
			ledger_report_problem(verify->report, &problem,
				"the last line is unfinished: %" PRIu64 " bytes without an end", torn);
		(void)kern_flock(verify->index_fd, LOCK_UN);
	}
}

int ledger_verify(int state_dirfd, const char *session, struct ledger_report *report, struct error *err)
{
	scoped(verify) struct verify verify = { .state_dirfd = state_dirfd,
		.index_fd = -1,
		.report = report };
	bool known = true;
	uint64_t torn;
	int r;

	view_init(&verify.view, report, INDEX_NAME);
	r = refresh(&verify, &torn, err);
	if (r < 0)
		return r;
	check_index_end(&verify, torn);
	r = session ? verify_one(&verify, session, &known, err) : verify_all(&verify, err);
	if (r < 0 || known)
		return r;
	error_set(err, -ENOENT, "there is no session '%s', and none was ever recorded", session);
	error_hint(err, "`cordon audit verify` without an ID looks at all of them.");
	return -ENOENT;
}
