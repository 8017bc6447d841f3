// SPDX-License-Identifier: Apache-2.0
/*
 * policies_mend.c - the policies of a session, made again where their document is damaged
 *
 * The ledger has the digest of the set that judges, and the configuration says where it came from. So it can
 * be made once more, and is the same where its digest is; a damaged document is nobody's word and is not
 * looked at. It takes the place of policy.json as that of a reload does: beside it, then recorded, then
 * renamed (policies_kept.c). Where the files have changed since the start there is nothing to make it of, and
 * the session stays denied.
 */
#include "run/policies.h"

#include "base/fd.h"
#include "base/log.h"
#include "run/checker.h"

#include <errno.h>

enum {
	ANSWER_ARENA_BYTES = 64 << 20,
};

/* One repair. */
struct mending {
	const struct session *session;
	const struct config *config;
	int state_dirfd;
	const struct digest *recorded;
	struct error *err;
};

static int say_other(const struct mending *m)
{
	error_set(m->err, -ESTALE, "the policies are other ones than when the session started");
	error_hint(m->err,
		"`cordon rollback %s` drops what it made; where the files of policy.files are put back as "
		"they were, `cordon commit %s` judges it.",
		m->session->id, m->session->id);
	return -ESTALE;
}

/* Those that came with cordon. */
static int keep_known(const struct mending *m)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_POLICIES_ARENA_BYTES);
	const struct run_policies_options options = {
		.config = m->config, .workspace = m->session->workspace,
	};
	struct policy_bundles bundles;
	struct policy_set set;
	int r = run_policies_read(&arena, &options, &set, &bundles, m->err);

	if (r < 0)
		return r;
	return digest_eq(&set.digest, m->recorded) ?
		run_policies_keep(&arena, m->state_dirfd, m->session, &set, RUN_POLICIES_NEXT, m->err) :
		say_other(m);
}

static int ask(const struct mending *m, struct arena *arena, struct checker_answer *ret)
{
	const struct checker_request request = { m->config, m->session->workspace };
	scoped(fd) int document_fd = run_policies_draft(m->session);
	struct checker checker = CHECKER_INIT;
	int r;

	if (document_fd < 0)
		return error_sys(m->err, document_fd, "session '%s': writing its policies", m->session->id);
	r = checker_start(&request, document_fd, m->state_dirfd, &checker, m->err);
	if (r >= 0)
		r = checker_wait(&checker, m->err);
	if (r >= 0) {
		checker.pidfd = fd_close(checker.pidfd);
		r = checker_read(arena, &checker, r, ret, m->err);
	}
	checker_fini(&checker);
	if (r >= 0 && ret->error.code < 0) {
		*m->err = ret->error;
		r = ret->error.code;
	}
	return r;
}

/* Those that somebody wrote, too. */
static int keep_files(const struct mending *m)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct checker_answer answer = { 0 };
	int r = ask(m, &arena, &answer);

	if (r >= 0 && !digest_eq(&answer.digest, m->recorded))
		r = say_other(m);
	if (r >= 0)
		r = run_policies_take_draft(m->state_dirfd, m->session, m->recorded, RUN_POLICIES_NEXT,
			m->err);
	run_policies_drop_draft(m->session);
	return r;
}

static int record(struct ledger *ledger, const struct digest *recorded, const struct error *why,
	struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(LEDGER_LINE_MAX);
	struct json_object_builder fields;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(recorded, hex);
	json_object_begin(&fields, &arena);
	json_object_add_text(&fields, "policies", hex);
	json_object_add_text(&fields, "error", why->text);
	return ledger_append(ledger, LEDGER_POLICIES_MENDED, json_object_end(&fields), 0, err);
}

int run_policies_mend(const struct session *session, const struct config *config, struct ledger *ledger,
	const struct digest *recorded, const struct error *why, struct error *err)
{
	const struct mending m = { session, config, ledger->state_dirfd, recorded, err };
	int r = config->settings.policy.files.count ? keep_files(&m) : keep_known(&m);

	if (r >= 0)
		r = record(ledger, recorded, why, err);
	if (r < 0)
		return r;
	r = run_policies_take_next(session, recorded);
	if (r < 0)
		return error_sys(err, r, "session '%s': replacing policy.json", session->id);
	log_warning("%s: it was made again", why->text);
	return 0;
}
