// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - what judges the session: found out, kept, and found out again
 *
 * At a start that is done before the first record, which has the digest of it. Modules that came with cordon
 * are known without being read (policy/shipped.h). Where files of somebody are named, cordon-checker reads
 * and compiles them (run/checker.h), and nothing is executed before it has found no mistake. Nothing of all
 * this is held in memory: whoever judges compiles what was kept (run/policies.h).
 *
 * `cordon policy reload` does the same while the session goes on, one at a time. Where it succeeds it is
 * recorded and takes the place of what judges, in one turn of the loop; otherwise all stays as it was.
 *
 * Of bundles that were verified the revision is held against what was used before, and remembered when the
 * agent has started or the reload has succeeded (run/revisions.h).
 *
 * Where an OPA allows, it is not read and not compiled: its policies are its own business, and a reload is
 * one of those that the session has here. What is needed to ask it is there before anything is executed.
 *
 * What is named and how it has to be signed is the session's configuration, which does not change. So a
 * reload cannot be weaker in what an organisation demanded.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/time.h"
#include "kern/clock.h"
#include "run/policies.h"
#include "run/revisions.h"

enum {
	REPORT_LINES_MAX = 100,
	TAB_COLUMNS = 8,
	INDENT_MAX = 64,
	ANSWER_ARENA_BYTES = 64 << 20,
};

static bool has_files(const struct supervisor *s)
{
	return s->request.config->settings.policy.files.count > 0;
}

/* ---- cordon's own ---- */

/* Nothing is read but names, and no document written that an earlier session has. */
static int keep_known(struct supervisor *s, enum run_policies_place place, struct checker_answer *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_POLICIES_ARENA_BYTES);
	const struct run_policies_options options = {
		.config = s->request.config, .workspace = s->request.workspace,
	};
	uint64_t start_ns = kern_clock_monotonic_ns();
	struct policy_set set;
	int r = run_policies_read(&arena, &options, &set, &ret->bundles, &ret->error);

	ret->digest = set.digest;
	if (r >= 0 && (place == RUN_POLICIES_FIRST || !digest_eq(&set.digest, &s->policies)))
		r = run_policies_keep(&arena, s->state_dirfd, &s->session, &set, place, &ret->error);
	ret->read_ns = kern_clock_monotonic_ns() - start_ns;
	return r;
}

/* ---- somebody's ---- */

static int ask_checker(struct supervisor *s, struct checker *checker, struct error *err)
{
	const struct checker_request request = { s->request.config, s->request.workspace };
	scoped(fd) int document_fd = run_policies_draft(&s->session);

	if (document_fd < 0)
		return error_sys(err, document_fd, "session '%s': writing its policies", s->session.id);
	return checker_start(&request, document_fd, s->state_dirfd, checker, err);
}

/* @exit_code: of the checker. */
static int take_answer(struct supervisor *s, struct arena *arena, const struct checker *checker,
	int exit_code, enum run_policies_place place, struct checker_answer *ret)
{
	struct error err = ERROR_INIT;
	int r = checker_read(arena, checker, exit_code, ret, &err);

	if (r < 0)
		ret->error = err;
	for (size_t i = 0; i < ret->note_count; i++)
		client_notice(s, "%s", ret->notes[i]);
	r = ret->error.code ?: run_revisions_check(s->state_dirfd, &ret->bundles, &ret->error);
	if (r >= 0 && (place == RUN_POLICIES_FIRST || !digest_eq(&ret->digest, &s->policies)))
		r = run_policies_take_draft(s->state_dirfd, &s->session, &ret->digest, place, &ret->error);
	run_policies_drop_draft(&s->session);
	return r;
}

static void remember(struct supervisor *s, const struct policy_bundles *bundles)
{
	struct error err = ERROR_INIT;

	if (run_revisions_keep(s->state_dirfd, bundles, &err) < 0)
		client_notice(s, "an older revision of the policies will not be noticed: %s", err.text);
}

/* ---- the start ---- */

/* Each line of it is a line of the user's terminal, and stays under the one that it belongs to. */
static void tell_report(struct supervisor *s, struct str report)
{
	struct str line, rest = report;

	for (size_t i = 0; i < REPORT_LINES_MAX && rest.len; i++) {
		int indent = 0;

		(void)str_cut(rest, '\n', &line, &rest);
		/* A tab would be shown as one that somebody wants to deceive with. */
		for (; str_starts_with(line, STR("\t")) && indent < INDENT_MAX; indent += TAB_COLUMNS)
			line = (struct str){ line.data + 1, line.len - 1 };
		client_notice(s, "%*s%.*s", indent, "", STR_FMT(line));
	}
}

/* They are needed until the agent has started. */
static int copy_bundles(struct supervisor *s, const struct policy_bundles *bundles, struct error *err)
{
	struct policy_bundle *items = arena_alloc_array(&s->arena, bundles->count, sizeof(*items));

	for (size_t i = 0; items && i < bundles->count; i++) {
		items[i].path = arena_printf(&s->arena, "%s", bundles->items[i].path);
		items[i].revision = arena_printf(&s->arena, "%s", bundles->items[i].revision);
		if (!items[i].path || !items[i].revision)
			items = NULL;
	}
	if (!items)
		return error_set(err, -ENOMEM, "no memory for the names of policies");
	s->bundles = (struct policy_bundles){ items, bundles->count };
	return 0;
}

void supervisor_remember_policies(struct supervisor *s)
{
	remember(s, &s->bundles);
}

static int check_files(struct supervisor *s, struct checker_answer *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct checker checker = CHECKER_INIT;
	int r = ask_checker(s, &checker, &ret->error);

	if (r >= 0)
		r = checker_wait(&checker, &ret->error);
	if (r >= 0) {
		checker.pidfd = fd_close(checker.pidfd);
		r = take_answer(s, &arena, &checker, r, RUN_POLICIES_FIRST, ret);
	}
	if (r >= 0)
		r = copy_bundles(s, &ret->bundles, &ret->error);
	checker_fini(&checker);
	if (r < 0 && ret->report.len) {
		tell_report(s, ret->report);
		error_hint(&ret->error, "Correct it; `cordon policy check PATH` says when it is.");
	}
	return r;
}

int supervisor_find_policies(struct supervisor *s, struct error *err)
{
	struct checker_answer answer = { 0 };
	int r = has_files(s) ? check_files(s, &answer) : keep_known(s, RUN_POLICIES_FIRST, &answer);

	if (r < 0) {
		run_policies_drop_draft(&s->session);
		*err = answer.error;
	} else {
		s->policies = answer.digest;
		s->has_policies = true;
	}
	return r;
}

/* That the server answers is seen when it is asked; that it can be asked, before anything is executed. */
int supervisor_start_opa(struct supervisor *s, struct error *err)
{
	int r = run_opa_new(s->request.config, &s->opa, err);

	return r < 0 || !s->opa ? r : run_opa_start(s->opa, err);
}

/* ---- again ---- */

static void add_digest(struct json_object_builder *object, const char *key, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	json_object_add_text(object, key, hex);
}

static int record_reload(struct supervisor *s, const struct checker_answer *answer, struct error *err)
{
	struct json_object_builder fields;
	int r;

	json_object_begin(&fields, &s->scratch);
	add_digest(&fields, "old", &s->policies);
	add_digest(&fields, "new", &answer->digest);
	r = ledger_append(&s->ledger, LEDGER_POLICY_RELOADED, json_object_end(&fields), 0, err);
	arena_reset(&s->scratch);
	return r;
}

/*
 * In the ledger before it happens. Where that fails, the record may be there all the same; both sets stay,
 * and what the ledger says is what judges.
 */
static int swap(struct supervisor *s, const struct checker_answer *answer, uint64_t *ret_ns,
	struct error *err)
{
	bool is_other = !digest_eq(&s->policies, &answer->digest);
	uint64_t start_ns = kern_clock_monotonic_ns();
	int r = record_reload(s, answer, err);

	if (r < 0)
		return error_wrap(err, r, "session '%s': which policies judge is what its ledger says",
			s->session.id);
	s->policies = answer->digest;
	if (is_other)
		r = run_policies_take_next(&s->session, &s->policies);
	if (r < 0)
		log_error("session %s: policy.json could not be replaced", s->session.id);
	*ret_ns = kern_clock_monotonic_ns() - start_ns;
	remember(s, &answer->bundles);
	return 0;
}

static void add_failure(struct json_object_builder *object, struct arena *arena,
	const struct checker_answer *answer)
{
	json_object_add(object, "error", json_new_bytes(arena, str_from(answer->error.text)));
	if (answer->error.hint[0])
		json_object_add_text(object, "hint", answer->error.hint);
	if (answer->report.len)
		json_object_add(object, "report", json_new_bytes(arena, answer->report));
}

static void tell_who_asked(struct supervisor *s, const struct json *answer)
{
	LIST_FOR_EACH(client, &s->clients, struct client, node) {
		if (client->awaits_reload)
			client_send_json(client, CONTROL_RELOADED, answer);
		client->awaits_reload = false;
	}
}

static void tell_unrecorded(struct supervisor *s, const struct error *err)
{
	LIST_FOR_EACH(client, &s->clients, struct client, node) {
		if (client->awaits_reload)
			client_fail(client, err);
		client->awaits_reload = false;
	}
}

/* @r: of what led to the answer. */
static void finish_reload(struct supervisor *s, struct checker_answer *answer, int r)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct json_object_builder object;
	uint64_t swap_ns = 0;

	json_object_begin(&object, &arena);
	add_digest(&object, "old", &s->policies);
	if (r >= 0 && swap(s, answer, &swap_ns, &answer->error) < 0) {
		tell_unrecorded(s, &answer->error);
		return;
	}
	json_object_add_bool(&object, "reloaded", r >= 0);
	if (s->opa)
		json_object_add_text(&object, "opa", run_opa_url(s->opa));
	json_object_add_int(&object, "read_ns", (int64_t)answer->read_ns);
	json_object_add_int(&object, "compile_ns", (int64_t)answer->compile_ns);
	if (r >= 0) {
		add_digest(&object, "new", &answer->digest);
		json_object_add_int(&object, "swap_ns", (int64_t)swap_ns);
	} else {
		add_failure(&object, &arena, answer);
	}
	tell_who_asked(s, json_object_end(&object));
}

static void refuse_reload(struct supervisor *s, int code, const char *why)
{
	struct checker_answer answer = { 0 };

	error_set(&answer.error, code, "session '%s' %s", s->session.id, why);
	finish_reload(s, &answer, code);
}

/* One that was killed has answered nothing, and is reaped here. */
static void checked(struct loop_child *child, int exit_code)
{
	struct policy_reload *reload = CONTAINER_OF(child, struct policy_reload, child);
	struct supervisor *s = CONTAINER_OF(reload, struct supervisor, reload);
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct checker_answer answer = { 0 };
	int r;

	loop_remove_timer(&reload->patience);
	reload->checker.pidfd = fd_close(reload->checker.pidfd);
	reload->is_under_way = false;
	if (!reload->is_late) {
		r = take_answer(s, &arena, &reload->checker, exit_code, RUN_POLICIES_NEXT, &answer);
		finish_reload(s, &answer, r);
	}
	checker_fini(&reload->checker);
}

static void is_slow(struct loop_timer *timer)
{
	struct policy_reload *reload = CONTAINER_OF(timer, struct policy_reload, patience);
	struct supervisor *s = CONTAINER_OF(reload, struct supervisor, reload);
	struct checker_answer answer = { 0 };

	reload->is_late = true;
	(void)kern_pidfd_send_signal(reload->checker.pidfd, SIGKILL);
	run_policies_drop_draft(&s->session);
	finish_reload(s, &answer, checker_say_slow(&answer.error));
}

static int begin_reload(struct supervisor *s, struct error *err)
{
	struct policy_reload *reload = &s->reload;
	int r = ask_checker(s, &reload->checker, err);

	if (r >= 0) {
		r = loop_add_child(&s->loop, &reload->child, reload->checker.pidfd, checked);
		if (r < 0)
			error_sys(err, r, "watching the checker");
	}
	if (r < 0) {
		checker_fini(&reload->checker);
		run_policies_drop_draft(&s->session);
		return r;
	}
	reload->is_under_way = true;
	reload->is_late = false;
	loop_set_timer(&s->loop, &reload->patience, s->loop.now_ns + CHECKER_PATIENCE_MS * NS_PER_MS,
		is_slow);
	return 0;
}

void supervisor_reload_policies(struct client *client)
{
	struct supervisor *s = client->supervisor;
	struct checker_answer answer = { 0 };
	int r;

	if (s->reload.is_under_way) {
		struct control_failure failure = { .exit_code = 1 };

		error_set(&failure.error, -EBUSY, "session '%s' reads its policies already", s->session.id);
		client_send(client, CONTROL_FAILED, &failure, sizeof(failure));
		return;
	}
	client->awaits_reload = true;
	if (!s->has_policies || s->is_gone) {
		refuse_reload(s, -EBUSY, "has no policies to replace: it is starting or ending");
		return;
	}
	r = has_files(s) ? begin_reload(s, &answer.error) : keep_known(s, RUN_POLICIES_NEXT, &answer);
	if (r < 0 || !has_files(s))
		finish_reload(s, &answer, r);
}

void supervisor_forget_reload(struct supervisor *s)
{
	if (!s->reload.is_under_way)
		return;
	loop_remove_timer(&s->reload.patience);
	loop_remove_child(&s->reload.child);
	checker_fini(&s->reload.checker);
	s->reload.is_under_way = false;
	run_policies_drop_draft(&s->session);
	refuse_reload(s, -EBUSY, "ends: its policies stay as they are");
}
