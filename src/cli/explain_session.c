// SPDX-License-Identifier: Apache-2.0
/*
 * explain_session.c - `cordon policy explain SESSION [RULE]`
 *
 * By what was written down: the verdict, and the policies and the configuration that were kept with the
 * session. Nothing is judged again, so what is told is what was decided, however files changed since.
 */
#include "cli/explain_session.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/changes.h"
#include "cli/explanation.h"
#include "cli/paragraph.h"
#include "cli/rules.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/file.h"
#include "run/judge.h"
#include "run/policies.h"
#include "run/show.h"

#include <errno.h>
#include <fcntl.h>

enum {
	PATHS_SHOWN_MAX = 5,
};

struct explained_session {
	struct explanation e;
	struct session session;
	struct changeset changeset;
	struct judgement judgement;
};

/* One rule that found something, and what of a policy it is. */
struct explained_rule {
	const struct judged_rule *judged;
	const struct decision *first;	/* of its decisions; NULL: none was kept */
	const struct floor_rule *floor;	/* or NULL */
	bool is_opas;			/* the OPA server's, which nothing here knows more about */
	enum policy_layer_kind layer;	/* of a policy's */
	const struct policy_about *about;	/* NULL: not found */
	const struct policy_about_finding *finding;
	struct policy_about_rule rule;	/* that it comes from */
	enum verdict without;		/* what the others come to */
};

/* ---- finding out ---- */

/* Whose rule it is: "project:commit/ask" is the project's. Return: the name without the layer. */
static const char *cut_layer(const char *name, enum policy_layer_kind *ret)
{
	for (enum policy_layer_kind kind = 0; kind < POLICY_LAYER_USER; kind++) {
		size_t len = strlen(policy_layer_name(kind));

		*ret = kind;
		if (!strncmp(name, policy_layer_name(kind), len) && name[len] == ':')
			return name + len + 1;
	}
	*ret = POLICY_LAYER_USER;
	return name;
}

static void find_module(const struct explained_session *s, struct explained_rule *rule)
{
	const char *name = cut_layer(rule->judged->rule, &rule->layer);
	const struct policy_about *modules = s->e.modules[rule->layer];

	for (size_t i = 0; i < s->e.set.layers[rule->layer].count && !rule->about; i++) {
		if (!policy_about_find(&modules[i], POLICY_COMMIT, name, &rule->rule))
			continue;
		rule->about = &modules[i];
		rule->finding = policy_about_finding_of(&modules[i], name);
	}
}

static enum verdict without(const struct judgement *judgement, const struct judged_rule *left_out)
{
	enum verdict verdict = VERDICT_ALLOW;

	for (size_t i = 0; i < judgement->rule_count; i++)
		if (&judgement->rules[i] != left_out && !judgement->rules[i].is_accepted)
			verdict = verdict_worst(verdict, judgement->rules[i].verdict);
	return verdict;
}

static void find_out(const struct explained_session *s, const struct judged_rule *judged,
	struct explained_rule *ret)
{
	*ret = (struct explained_rule){ .judged = judged, .floor = rules_find(judged->rule) };
	for (size_t i = 0; i < s->judgement.count && !ret->first; i++)
		if (!strcmp(s->judgement.decisions[i].rule, judged->rule))
			ret->first = &s->judgement.decisions[i];
	ret->is_opas = s->e.set.opa && str_starts_with(str_from(judged->rule), STR("opa:"));
	if (!ret->floor && !ret->is_opas)
		find_module(s, ret);
	ret->without = without(&s->judgement, judged);
}

/* ---- for people ---- */

static void print_paths(struct explained_session *s, const struct explained_rule *rule)
{
	size_t shown = 0, count = 0;
	struct paragraph at;

	for (size_t i = 0; i < s->judgement.count; i++) {
		const struct decision *decision = &s->judgement.decisions[i];
		scoped(buf) struct buf text = BUF_INIT(64 << 10);

		if (strcmp(decision->rule, rule->judged->rule) != 0 || !decision->path.len)
			continue;
		if (count++ >= PATHS_SHOWN_MAX)
			continue;
		if (!shown++)
			paragraph_begin(&at, s->e.cli, "paths");
		(void)quote_append_bare(&text, decision->path);
		paragraph_add_word(&at, (struct str){ buf_text(&text), text.len }, "");
	}
	if (count > shown)
		paragraph_add(&at, arena_printf(&s->e.arena, "and %zu more", count - shown));
	if (shown)
		paragraph_end(&at);
}

static const char *source_text(struct explained_session *s, const struct explained_rule *rule)
{
	const char *name = rule->judged->rule;

	if (rule->floor)
		return arena_printf(&s->e.arena,
			"the floor, which no policy lifts; `cordon explain %s` says more", name);
	if (rule->is_opas)
		return arena_printf(&s->e.arena, "the OPA server at %s", quote_cstr(s->e.set.opa).text);
	if (!strcmp(name, "policy/no-allow") && s->e.set.opa)
		return arena_printf(&s->e.arena, "the OPA server at %s does not say `allow`",
			quote_cstr(s->e.set.opa).text);
	if (!strcmp(name, "policy/no-allow"))
		return "no policy of the user's layer says `allow`; the module `default` does (policy.modules)";
	if (!strcmp(name, "policy/error"))
		return "a policy gave no answer, and no answer denies";
	if (!rule->about)
		return arena_printf(&s->e.arena,
			"a policy of the %s, which puts the name of its rule together",
			policy_layer_name(rule->layer));
	return arena_printf(&s->e.arena, "%s, a policy of the %s",
		explanation_place(&s->e, rule->about, rule->rule.line, rule->rule.column),
		policy_layer_name(rule->layer));
}

/* The rule's own, or else that of its module. */
static const char *title_of(const struct explained_rule *rule)
{
	return rule->rule.title ? rule->rule.title : rule->about->title;
}

static const char *verdict_given_by(struct explained_session *s, const struct explained_rule *rule)
{
	const char *by = explanation_given_by(&s->e, rule->about,
		arena_printf(&s->e.arena, "verdicts/%s", rule->finding->name));

	return by ? by : "the session";
}

static void print_about(struct explained_session *s, const struct explained_rule *rule)
{
	const struct policy_about *about = rule->about;
	const char *by = about ? explanation_named_by(&s->e, about) : NULL;

	if (by)
		paragraph_print(s->e.cli, "named by", by);
	if (about && title_of(rule))
		paragraph_print(s->e.cli, "about", explanation_text(&s->e, title_of(rule)));
	if (rule->finding && rule->finding->what)
		paragraph_print(s->e.cli, "finds", explanation_text(&s->e, rule->finding->what));
	if (rule->finding && rule->finding->is_given)
		paragraph_print(s->e.cli, "verdict", arena_printf(&s->e.arena, "%s, given by %s",
			explanation_text(&s->e, rule->finding->verdict),
			verdict_given_by(s, rule)));
	if (about)
		explanation_print_params(&s->e, about);
}

/* What would have to be otherwise. */
static void print_ways(struct explained_session *s, const struct explained_rule *rule)
{
	const struct judged_rule *judged = rule->judged;
	const char *name = judged->rule, *id = s->session.id;
	struct cli *cli = s->e.cli;

	paragraph_print(cli, "without",
		arena_printf(&s->e.arena, "the verdict would be %s", verdict_name(rule->without)));
	if (rule->first && rule->first->hint && *rule->first->hint)
		paragraph_print(cli, "do", rule->first->hint);
	if (s->session.state == SESSION_HELD && judged->verdict == VERDICT_ASK && !judged->is_accepted)
		paragraph_print(cli, "now", arena_printf(&s->e.arena,
			"cordon commit %s --accept %s --reason TEXT", id, name));
	if (s->session.state == SESSION_HELD && rule->first && rule->first->path.len)
		paragraph_print(cli, judged->verdict == VERDICT_ASK ? "" : "now",
			arena_printf(&s->e.arena, "cordon commit %s --except PATH...", id));
	if (rule->finding)
		paragraph_print(cli, "next time",
			arena_printf(&s->e.arena,
				"parameters are policy.params.%s in the configuration, and the verdict is "
				"policy.params.%s.verdicts.%s",
				rule->about->key, rule->about->key, rule->finding->name));
}

static void print_rule(struct explained_session *s, const struct explained_rule *rule)
{
	const struct judged_rule *judged = rule->judged;
	struct cli *cli = s->e.cli;

	cli_printf(cli, "\n%s%s%s %s%s%s, %s, %llu %s%s\n",
		cli_style(cli, judged->verdict == VERDICT_DENY ? CLI_BAD : CLI_WARN),
		judged->verdict == VERDICT_ALLOW ? "warn" : verdict_name(judged->verdict),
		cli_style(cli, CLI_PLAIN), cli_style(cli, CLI_BOLD), judged->rule, cli_style(cli, CLI_PLAIN),
		severity_name(judged->severity), (unsigned long long)judged->count,
		judged->count == 1 ? "finding" : "findings", judged->is_accepted ? ", accepted" : "");
	if (rule->first)
		paragraph_print(cli, "found", rule->first->message);
	print_paths(s, rule);
	paragraph_print(cli, "by", source_text(s, rule));
	print_about(s, rule);
	print_ways(s, rule);
}

static void print_head(struct explained_session *s)
{
	struct cli *cli = s->e.cli;
	char digest[DIGEST_HEX_SIZE];

	digest_to_hex(&s->e.set.digest, digest);
	cli_page(cli);
	cli_printf(cli, "%ssession %s%s: %s\n", cli_style(cli, CLI_BOLD), s->session.id,
		cli_style(cli, CLI_PLAIN), verdict_name(s->judgement.verdict));
	paragraph_print(cli, "judged by", arena_printf(&s->e.arena,
		"the floor; modules of the user %zu, of the organisation %zu, of the project %zu",
		explanation_count(&s->e, POLICY_LAYER_USER, POLICY_COMMIT),
		explanation_count(&s->e, POLICY_LAYER_ORGANISATION, POLICY_COMMIT),
		explanation_count(&s->e, POLICY_LAYER_PROJECT, POLICY_COMMIT)));
	if (s->e.set.opa)
		paragraph_print(cli, "allows",
			arena_printf(&s->e.arena, "the OPA server at %s; the modules only add",
				quote_cstr(s->e.set.opa).text));
	paragraph_print(cli, "policies", digest);
	if (!s->judgement.rule_count)
		paragraph_print(cli, "found", "nothing");
}

/* ---- for programs ---- */

static const struct json *findings_to_json(struct explained_session *s, const struct explained_rule *rule)
{
	struct json_array_builder list;

	json_array_begin(&list, &s->e.arena);
	for (size_t i = 0; i < s->judgement.count; i++) {
		const struct decision *decision = &s->judgement.decisions[i];
		struct json_object_builder object;

		if (strcmp(decision->rule, rule->judged->rule) != 0)
			continue;
		json_object_begin(&object, &s->e.arena);
		json_object_add_text(&object, "decision", decision->id);
		json_object_add_text(&object, "message", decision->message);
		explanation_add_text(&object, "hint", decision->hint);
		json_object_add_text(&object, "root", s->changeset.roots[decision->root]);
		if (decision->path.len)
			json_object_add(&object, "path", json_new_bytes(&s->e.arena, decision->path));
		json_array_add(&list, json_object_end(&object));
	}
	return json_array_end(&list);
}

static void add_about(struct explained_session *s, const struct explained_rule *rule,
	struct json_object_builder *object)
{
	const struct policy_about *about = rule->about;

	json_object_add_text(object, "layer", rule->is_opas ? "opa" : policy_layer_name(rule->layer));
	if (!about)
		return;
	json_object_add_text(object, "file", about->file);
	json_object_add_int(object, "line", rule->rule.line);
	json_object_add_int(object, "column", rule->rule.column);
	explanation_add_text(object, "module", about->module);
	explanation_add_text(object, "title", title_of(rule));
	explanation_add_text(object, "description",
		rule->rule.title ? rule->rule.description : about->description);
	explanation_add_text(object, "origin", explanation_named_by(&s->e, about));
	json_object_add(object, "params", explanation_params_to_json(&s->e, about));
	if (rule->finding)
		explanation_add_text(object, "what", rule->finding->what);
}

static const struct json *rule_to_json(struct explained_session *s, const struct explained_rule *rule)
{
	struct json_object_builder object;

	json_object_begin(&object, &s->e.arena);
	json_object_add_text(&object, "rule", rule->judged->rule);
	json_object_add_text(&object, "verdict", rule->judged->verdict == VERDICT_ALLOW ? "warn" :
		verdict_name(rule->judged->verdict));
	json_object_add_text(&object, "severity", severity_name(rule->judged->severity));
	json_object_add_int(&object, "count", (int64_t)rule->judged->count);
	json_object_add_bool(&object, "accepted", rule->judged->is_accepted);
	json_object_add_text(&object, "without", verdict_name(rule->without));
	if (rule->floor)
		json_object_add_text(&object, "layer", "floor");
	else
		add_about(s, rule, &object);
	json_object_add(&object, "findings", findings_to_json(s, rule));
	return json_object_end(&object);
}

static int print_json(struct explained_session *s, const struct json *rules)
{
	struct json_object_builder object, layers;
	char digest[DIGEST_HEX_SIZE];
	const struct json *value;

	digest_to_hex(&s->e.set.digest, digest);
	json_object_begin(&layers, &s->e.arena);
	for (enum policy_layer_kind kind = 0; kind < POLICY_LAYERS; kind++) {
		struct json_array_builder files;

		json_array_begin(&files, &s->e.arena);
		for (size_t i = 0; i < s->e.set.layers[kind].count; i++)
			if (policy_about_answers(&s->e.modules[kind][i], POLICY_COMMIT))
				json_array_add(&files,
					json_new_text(&s->e.arena, s->e.modules[kind][i].file));
		json_object_add(&layers, policy_layer_name(kind), json_array_end(&files));
	}
	json_object_begin(&object, &s->e.arena);
	json_object_add_text(&object, "session", s->session.id);
	json_object_add_text(&object, "verdict", verdict_name(s->judgement.verdict));
	json_object_add_text(&object, "policies", digest);
	explanation_add_text(&object, "opa", s->e.set.opa);
	json_object_add(&object, "layers", json_object_end(&layers));
	json_object_add(&object, "rules", rules);
	value = json_object_end(&object);
	if (!value)
		return cli_failf(s->e.cli, CLI_FAILED, "there is too much to explain");
	cli_print_json(s->e.cli, value);
	return CLI_OK;
}

/* ---- all of it ---- */

static int say_unjudged(struct explained_session *s)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOENT, "session '%s': nobody has judged its changes yet", s->session.id);
	error_hint(&err, "`cordon policy explain commit` says what would judge them.");
	return cli_fail(s->e.cli, CLI_NO, &err);
}

/* By what the ledger says that judges it. */
static int read_policies(struct explained_session *s, struct error *err)
{
	const char *path = which_state_dir(s->e.cli, err);
	scoped(fd) int dirfd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -ENOENT;
	struct digest recorded;
	int r = dirfd;

	if (r < 0)
		return path ? error_sys(err, r, "opening '%s'", quote_cstr(path).text) : r;
	r = run_policies_recorded(dirfd, s->session.id, &recorded, err);
	if (r >= 0)
		r = run_policies_load(&s->e.arena, &s->session, &recorded, &s->e.set, err);
	return r;
}

static int read_session(struct explained_session *s)
{
	struct error err = ERROR_INIT;
	int r = changes_read_saved(s->e.cli, &s->session, &s->changeset, &err);

	if (r >= 0)
		r = changes_read_verdict(s->e.cli, &s->session, &s->judgement, &err);
	if (r == -ENOENT)
		return say_unjudged(s);
	if (r >= 0)
		r = run_read_config(&s->e.arena, &s->session, &s->e.config, &err);
	if (r >= 0)
		r = read_policies(s, &err);
	if (r >= 0)
		r = explanation_read(&s->e, &err);
	s->e.workspace = s->session.workspace;
	return r < 0 ? cli_fail(s->e.cli, CLI_FAILED, &err) : CLI_OK;
}

static int say_no_such_rule(struct explained_session *s, const char *name)
{
	const struct judgement *judgement = &s->judgement;
	const char **names = arena_alloc_array(&s->e.arena, judgement->rule_count, sizeof(*names));
	struct error err = ERROR_INIT;
	const char *near = NULL;

	for (size_t i = 0; names && i < judgement->rule_count; i++)
		names[i] = judgement->rules[i].rule;
	if (names)
		near = str_nearest(str_from(name), names, judgement->rule_count);
	error_set(&err, -ENOENT, "session '%s': the rule '%s' found nothing", s->session.id,
		quote_cstr(name).text);
	if (near)
		error_hint(&err, "Did you mean '%s'?", near);
	else
		error_hint(&err, "Without it, all rules that found something are explained.");
	return cli_fail(s->e.cli, CLI_NO, &err);
}

static int print(struct explained_session *s, const char *name)
{
	const struct judgement *judgement = &s->judgement;
	struct json_array_builder rules;
	struct explained_rule rule;
	bool is_found = !name;

	for (size_t i = 0; i < judgement->rule_count && !is_found; i++)
		is_found = !strcmp(judgement->rules[i].rule, name);
	if (!is_found)
		return say_no_such_rule(s, name);
	json_array_begin(&rules, &s->e.arena);
	if (!s->e.cli->json)
		print_head(s);
	/* what stops most comes first */
	for (enum verdict verdict = VERDICT_DENY; verdict <= VERDICT_ALLOW; verdict++)
		for (size_t i = 0; i < judgement->rule_count; i++) {
			if (judgement->rules[i].verdict != verdict ||
					(name && strcmp(judgement->rules[i].rule, name) != 0))
				continue;
			find_out(s, &judgement->rules[i], &rule);
			if (s->e.cli->json)
				json_array_add(&rules, rule_to_json(s, &rule));
			else
				print_rule(s, &rule);
		}
	return s->e.cli->json ? print_json(s, json_array_end(&rules)) : CLI_OK;
}

int explain_session(struct cli *cli, const char *word, const char *rule)
{
	struct explained_session s = { 0 };
	int code;

	explanation_init(&s.e, cli);
	code = sessions_open(cli, word, ~0u, &s.session);
	if (code == CLI_OK)
		code = read_session(&s);
	if (code == CLI_OK)
		code = print(&s, rule);
	session_fini(&s.session);
	explanation_fini(&s.e);
	return code;
}
