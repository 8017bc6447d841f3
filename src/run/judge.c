// SPDX-License-Identifier: Apache-2.0
/*
 * judge.c - what becomes of a branch: listed, judged, settled
 *
 * This is where overlay (which knows no policy), policy (which does no I/O) and ledger meet. Files of base
 * and branch are opened beneath their roots and nowhere else; the branch's are in `upper`, so what the policy
 * is shown as new is exactly what the committer would take.
 *
 * The policies are those that the session began with, or was told to reload: they are compiled from its
 * policy.json when there is something to judge, and forgotten afterwards. Where an OPA allows in their
 * place, it is asked beside them, by the supervisor over a connection that it keeps. Where one of the two
 * cannot be had, or is not what the ledger says, the judgement says so and denies.
 */
#include "run/judge.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "overlay/compose.h"
#include "overlay/diff.h"
#include "overlay/facts.h"
#include "policy/rules.h"
#include "run/commit_internal.h"
#include "run/places.h"
#include "run/policies.h"
#include "run/roots.h"
#include "run/zones.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>

enum {
	RESULT_MAX_BYTES = 512 << 20,
	/* in the record; all of them are in verdict.json, bound by its digest */
	LEDGER_FINDINGS_MAX = 50,
};

/* ---- the policy's eyes ---- */

struct view {
	const struct run_roots *roots;
	const struct changeset *changeset;	/* that is judged */
};

/* Of a file that is taken in part, the branch's side is what was composed. */
static int open_composed(const struct overlay_root *root, const struct change *change)
{
	char path[sizeof(COMPOSED_DIR) + DIGEST_HEX_SIZE] = COMPOSED_DIR "/";

	digest_to_hex(&change->new_file.digest, path + sizeof(COMPOSED_DIR));
	return kern_open_beneath(root->storage_dirfd, path, O_RDONLY | O_NOCTTY, 0);
}

static int open_side(const struct view *view, enum policy_side side, unsigned root, const char *path)
{
	const struct overlay_root *one = &view->roots->items[root];
	const struct change *change = changeset_find(view->changeset, root, str_from(path));

	if (side == POLICY_BRANCH && change && (change->flags & CHANGE_COMPOSED))
		return open_composed(one, change);
	return kern_open_beneath(side == POLICY_BASE ? one->lower_dirfd : one->upper_dirfd, path,
		O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

static int view_read(void *context, enum policy_side side, unsigned root, const char *path, struct buf *ret)
{
	scoped(fd) int fd = open_side(context, side, root, path);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = kern_fstat(fd, &st);
	if (r < 0)
		return r;
	return S_ISREG(st.st_mode) ? kern_read_all(fd, ret) : -EINVAL;
}

static int view_look(void *context, unsigned root, const char *path, struct policy_file *ret)
{
	const struct view *view = context;
	scoped(fd) int fd = kern_open_beneath(view->roots->items[root].lower_dirfd, path, O_PATH, 0);
	struct stat st;
	ssize_t n;
	int r;

	*ret = (struct policy_file){ .type = FILE_NONE };
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	r = fd < 0 ? fd : kern_fstat(fd, &st);
	if (r < 0)
		return r;
	ret->type = file_type_from_mode(st.st_mode);
	ret->mode = st.st_mode & 07777;
	if (ret->type != FILE_SYMLINK)
		return 0;
	n = kern_read_link(fd, "", ret->target, sizeof(ret->target));
	if (n < 0)
		return (int)n;
	ret->target_len = (size_t)n;
	return 0;
}

/* ---- listing ---- */

static int open_roots(const struct session *session, struct run_roots *roots, struct error *err)
{
	int r = run_roots_open(session, roots, err);

	if (r < 0)
		run_roots_close(roots);
	return r;
}

static int diff_roots(struct arena *arena, const struct session *session, const struct run_roots *roots,
	struct changeset *ret, struct error *err)
{
	struct overlay_diff_options options = {
		.identity = {
			.agent_uid = session->agent_uid, .agent_gid = session->agent_gid,
			.is_stand_in = session->agent_uid != session->user_uid,
		},
		.changes_max = CHANGES_MAX, .bytes_max = RUN_BRANCH_BYTES_MAX,
		.since_ns = (int64_t)session->created_ns, .progress = session->progress,
	};

	if (!roots->count) {
		*ret = (struct changeset){ 0 };
		return changeset_seal(ret);
	}
	return overlay_diff(arena, roots->items, roots->count, &options, ret, err);
}

int run_diff(struct arena *arena, const struct session *session, struct changeset *ret, struct error *err)
{
	struct run_roots *roots = arena_alloc(arena, sizeof(*roots));
	int r = roots ? open_roots(session, roots, err) : -ENOMEM;

	if (r < 0)
		return r;
	r = diff_roots(arena, session, roots, ret, err);
	run_roots_close(roots);
	return r < 0 ? error_wrap(err, r, "session '%s': listing what changed", session->id) : 0;
}

/* ---- records ---- */

/* @r: whether there is a text. */
static int write_text(struct session *session, const char *name, const struct buf *text, int r,
	struct error *err)
{
	if (r >= 0)
		r = kern_write_file(session->dirfd, name, (struct str){ text->data, text->len }, 0600, false);
	return r < 0 ? error_sys(err, r, "session '%s': writing %s", session->id, name) : 0;
}

static int write_changeset(struct session *session, const struct changeset *changeset, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RESULT_MAX_BYTES);

	return write_text(session, "changeset.json", &text, changeset_write(&text, changeset), err);
}

/* What verdict.json is. */
static int render_verdict(struct arena *arena, const struct judgement *judgement, struct buf *text)
{
	const struct json *verdict = judgement_to_json(arena, judgement);

	return verdict ? json_write(text, verdict, JSON_WRITE_CANONICAL) : -EMSGSIZE;
}

static int write_verdict(struct arena *arena, struct session *session, const struct judgement *judgement,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RESULT_MAX_BYTES);

	return write_text(session, "verdict.json", &text, render_verdict(arena, judgement, &text), err);
}

static void count_kinds(const struct changeset *changeset, int64_t counts[CHANGE_TYPE + 1])
{
	for (size_t i = 0; i < changeset->count; i++)
		counts[changeset->changes[i].kind]++;
}

static void add_counts(struct json_object_builder *object, const struct changeset *changeset)
{
	int64_t counts[CHANGE_TYPE + 1] = { 0 };

	count_kinds(changeset, counts);
	json_object_add_int(object, "entries", (int64_t)changeset->count);
	json_object_add_int(object, "total_bytes", (int64_t)changeset->total_bytes);
	for (int kind = CHANGE_ADDED; kind <= CHANGE_TYPE; kind++)
		json_object_add_int(object, change_kind_name((enum change_kind)kind), counts[kind]);
}

static int record_changeset(struct arena *arena, struct ledger *ledger, const struct changeset *changeset,
	struct error *err)
{
	struct json_object_builder fields;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&changeset->digest, hex);
	json_object_begin(&fields, arena);
	json_object_add_text(&fields, "changeset", hex);
	add_counts(&fields, changeset);
	return ledger_append(ledger, LEDGER_CHANGESET, json_object_end(&fields), 0, err);
}

static const struct json *findings_to_json(struct arena *arena, const struct judgement *judgement,
	size_t limit)
{
	struct json_array_builder findings;

	json_array_begin(&findings, arena);
	for (size_t i = 0; i < MIN(judgement->count, limit); i++) {
		const struct decision *decision = &judgement->decisions[i];
		struct json_object_builder one;

		json_object_begin(&one, arena);
		json_object_add_text(&one, "decision", decision->id);
		json_object_add_text(&one, "rule", decision->rule);
		json_object_add_text(&one, "verdict", verdict_name(decision->verdict));
		json_object_add_text(&one, "message", decision->message);
		if (decision->path.len)
			json_object_add(&one, "path", json_new_bytes(arena, decision->path));
		/* The floor's own stand in its table. */
		if (!floor_find_rule(decision->rule))
			json_object_add_text(&one, "hint", decision->hint);
		json_array_add(&findings, json_object_end(&one));
	}
	return json_array_end(&findings);
}

/* Also those that are too many to be listed. */
static uint64_t count_findings(const struct judgement *judgement)
{
	uint64_t count = 0;

	for (size_t i = 0; i < judgement->rule_count; i++)
		count += judgement->rules[i].count;
	return count;
}

static void add_digest(struct json_object_builder *object, const char *key, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	json_object_add_text(object, key, hex);
}

/* Before verdict.json is written, which counts where a record names it (run/verdicts.h). */
static int record_verdict(struct arena *arena, struct ledger *ledger, const struct judgement *judgement,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RESULT_MAX_BYTES);
	struct json_object_builder fields;
	struct digest document;
	int r = render_verdict(arena, judgement, &text);

	if (r < 0)
		return error_sys(err, r, "verdict.json");
	document = hash_bytes(text.data, text.len);
	json_object_begin(&fields, arena);
	json_object_add_text(&fields, "verdict", verdict_name(judgement->verdict));
	add_digest(&fields, "changeset", &judgement->changeset);
	add_digest(&fields, "input", &judgement->input);
	add_digest(&fields, "document", &document);
	json_object_add(&fields, "findings", findings_to_json(arena, judgement, LEDGER_FINDINGS_MAX));
	json_object_add_int(&fields, "findings_count", (int64_t)count_findings(judgement));
	return ledger_append(ledger, LEDGER_VERDICT, json_object_end(&fields), 0, err);
}

/* ---- judging ---- */

/* Who answers for the policies, and what is told about the session. */
struct court {
	const struct session *session;
	const struct config *config;
	struct ledger *ledger;
	struct run_judges judges;
};

/* Nothing that is damaged is believed; what it was can be made again. */
static int load_kept(const struct court *court, struct arena *arena, const struct digest *recorded,
	struct policy_set *ret, struct error *err)
{
	const struct session *session = court->session;
	struct error damage = ERROR_INIT, failure = ERROR_INIT;
	int r = run_policies_load(arena, session, recorded, ret, &damage);

	if (r >= 0)
		return 0;
	if (run_policies_mend(session, court->config, court->ledger, recorded, &damage, &failure) < 0) {
		error_set(err, r, "%s; and it cannot be made again: %s", damage.text, failure.text);
		error_hint(err, "%s", *failure.hint ? failure.hint : damage.hint);
		return r;
	}
	arena_reset(arena);
	return run_policies_load(arena, session, recorded, ret, err);
}

static int compile_kept(const struct court *court, struct policy_engine **ret, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_POLICIES_ARENA_BYTES);
	const struct session *session = court->session;
	struct digest recorded;
	struct policy_set set;
	int r = 0;

	if (court->judges.policies)
		recorded = *court->judges.policies;
	else
		r = run_policies_recorded(court->ledger->state_dirfd, session->id, &recorded, err);
	if (r >= 0)
		r = load_kept(court, &arena, &recorded, &set, err);
	if (r < 0)
		return r;
	r = policy_engine_new(&set, ret, NULL, err);
	return r < 0 ? error_wrap(err, r, "policy.json of session '%s'", session->id) : 0;
}

static void describe_session(struct arena *arena, const struct session *session, struct policy_session *ret)
{
	*ret = (struct policy_session){
		.id = session->id, .workspace = session->workspace, .profile = session->profile,
		.level = session->level ? session->level : "namespaces", .user = dirs_user_name(arena),
		.argv = session->argv, .argc = session->argc, .created_ns = session->created_ns,
		.exit_code = session->exit_code,
	};
}

/* What was made for one judgement, and is given back behind it. */
struct summoned {
	struct policy_engine *engine;
	struct run_opa *opa;
};

/* Where it fails nobody answers, and @err says why: that is for the judgement to tell. */
static int summon(const struct court *court, struct summoned *summoned, struct policy_oracle *ret,
	struct error *err)
{
	struct run_opa *opa = court->judges.opa;
	int r = compile_kept(court, &summoned->engine, err);

	if (r >= 0 && !opa && policy_engine_opa(summoned->engine)) {
		r = run_opa_new(court->config, &summoned->opa, err);
		opa = summoned->opa;
	}
	if (r < 0)
		return r;
	*ret = opa ? run_opa_oracle(opa, summoned->engine) : policy_engine_oracle(summoned->engine);
	return 0;
}

static int ask_all(struct arena *arena, const struct court *court, const struct policy_settings *settings,
	const struct changeset *changeset, struct judgement *ret, struct error *err)
{
	struct policy_settings asked = *settings;	/* with what lives no longer than this */
	scoped(run_zones) struct run_zones zones = RUN_ZONES_INIT;
	struct summoned summoned = { 0 };
	struct error why = ERROR_INIT;
	struct policy_session facts;
	struct policy_oracle oracle;
	int r;

	/* Where nothing changed there is nothing to ask about, and nothing that an answer would hold. */
	if (!changeset->count)
		return policy_judge_floor(arena, changeset, settings, ret, err);
	if (summon(court, &summoned, &oracle, &why) >= 0)
		asked.oracle = &oracle;
	describe_session(arena, court->session, &facts);
	asked.no_oracle = why.text;
	asked.session = &facts;
	asked.now_ns = (int64_t)kern_clock_real_ns();
	asked.zone = run_zones_read;
	asked.zone_data = &zones;
	r = policy_judge_changeset(arena, changeset, &asked, ret, err);
	policy_engine_free(summoned.engine);
	run_opa_free(summoned.opa);
	return r;
}

static int judge(struct arena *arena, const struct court *court, struct run_roots *roots,
	const struct changeset *changeset, struct judgement *ret, struct error *err)
{
	const struct config *config = court->config;
	struct view view = { .roots = roots, .changeset = changeset };
	const struct config_list *protect = &config->settings.commit.protect;
	const char **patterns = arena_alloc_array(arena, protect->count + 1, sizeof(*patterns));
	struct policy_settings settings = {
		.protect = patterns, .protect_count = protect->count, .changes_max = POLICY_CHANGES_DEFAULT,
		.bytes_max = POLICY_BYTES_DEFAULT, .level = court->session->level,
		.view = { .context = &view, .read = view_read, .look = view_look },
	};

	struct run_places denied, hidden;
	int r = run_places_find(arena, changeset, &config->settings.filesystem.deny, &denied);

	if (r >= 0)
		r = run_places_find(arena, changeset, &config->settings.filesystem.hide, &hidden);
	if (r < 0)
		return error_sys(err, r, "filesystem.deny and .hide");
	settings.denied = denied.items;
	settings.denied_count = denied.count;
	settings.hidden = hidden.items;
	settings.hidden_count = hidden.count;
	if (!patterns)
		return error_set(err, -ENOMEM, "too many protected paths");
	for (size_t i = 0; i < protect->count; i++)
		patterns[i] = protect->items[i].text;
	return ask_all(arena, court, &settings, changeset, ret, err);
}

int run_judge_changeset(struct arena *arena, const struct session *session, struct ledger *ledger,
	const struct config *config, const struct changeset *changeset, struct judgement *ret,
	struct error *err)
{
	const struct court court = { session, config, ledger, { 0 } };
	struct run_roots *roots = arena_alloc(arena, sizeof(*roots));
	int r = roots ? open_roots(session, roots, err) : -ENOMEM;

	if (r < 0)
		return r;
	r = record_changeset(arena, ledger, changeset, err);
	if (r >= 0)
		r = judge(arena, &court, roots, changeset, ret, err);
	if (r >= 0)
		r = record_verdict(arena, ledger, ret, err);
	run_roots_close(roots);
	return r < 0 ? error_wrap(err, r, "session '%s': judging its branch", session->id) : 0;
}

int run_keep_judged(struct arena *arena, struct session *session, const struct changeset *changeset,
	const struct judgement *judgement, struct error *err)
{
	int r = write_changeset(session, changeset, err);

	return r < 0 ? r : write_verdict(arena, session, judgement, err);
}

int run_judge(struct arena *arena, struct session *session, struct ledger *ledger,
	const struct config *config, const struct run_judges *judges, struct run_outcome *ret,
	struct error *err)
{
	const struct court court = { session, config, ledger, judges ? *judges : (struct run_judges){ 0 } };
	struct run_roots *roots = arena_alloc(arena, sizeof(*roots));
	int r = roots ? open_roots(session, roots, err) : -ENOMEM;

	*ret = (struct run_outcome){ .on_exit = config->settings.commit.on_exit };
	if (r < 0)
		return r;
	r = diff_roots(arena, session, roots, &ret->changeset, err);
	ret->is_empty = r >= 0 && !ret->changeset.count;
	if (r >= 0)
		r = write_changeset(session, &ret->changeset, err);
	if (r >= 0)
		r = record_changeset(arena, ledger, &ret->changeset, err);
	if (r >= 0)
		r = judge(arena, &court, roots, &ret->changeset, &ret->judgement, err);
	if (r >= 0)
		r = record_verdict(arena, ledger, &ret->judgement, err);
	if (r >= 0)
		r = write_verdict(arena, session, &ret->judgement, err);
	run_roots_close(roots);
	return r < 0 ? error_wrap(err, r, "session '%s': judging its branch", session->id) : 0;
}

void run_policy_digest(char ret[DIGEST_HEX_SIZE])
{
	struct digest digest = policy_digest();

	digest_to_hex(&digest, ret);
}

const struct json *run_outcome_to_json(struct arena *arena, const struct session *session,
	const struct run_outcome *outcome)
{
	struct json_object_builder object, changes;

	json_object_begin(&changes, arena);
	add_counts(&changes, &outcome->changeset);
	json_object_begin(&object, arena);
	json_object_add_text(&object, "id", session->id);
	json_object_add_text(&object, "state", session_state_name(session->state));
	json_object_add_int(&object, "exit_code", session->exit_code);
	json_object_add(&object, "changes", json_object_end(&changes));
	json_object_add_text(&object, "verdict", verdict_name(outcome->judgement.verdict));
	json_object_add(&object, "findings",
		findings_to_json(arena, &outcome->judgement, LEDGER_FINDINGS_MAX));
	if (outcome->limits)
		json_object_add(&object, "limits", outcome->limits);
	json_object_add_int(&object, "refused", (int64_t)outcome->refused_count);
	json_object_add_bool(&object, "review", outcome->on_exit == CONFIG_ON_EXIT_REVIEW);
	json_object_add_bool(&object, "auto", outcome->on_exit == CONFIG_ON_EXIT_AUTO);
	return json_object_end(&object);
}
