// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_explain.c - `cordon policy explain QUESTION|SESSION [RULE]`
 *
 * Of a question: what would judge it in a session that started here and now, with the parameters in force and
 * who gave them. Of a session: explain_session.c.
 */
#include "cli/commands.h"
#include "cli/explain_session.h"
#include "cli/explanation.h"
#include "cli/paragraph.h"
#include "cli/settings.h"

#include "base/quote.h"
#include "run/policies.h"
#include "run/workspace.h"

/* In the order in which a person wants them: whose word counts most comes first. */
static const struct {
	enum policy_layer_kind kind;
	const char *what;
} layers[] = {
	{ POLICY_LAYER_USER, "its `allow` counts, and what it denies, asks and warns about" },
	{ POLICY_LAYER_ORGANISATION, "adds what it denies, asks and warns about" },
	{ POLICY_LAYER_PROJECT, "adds what it denies, asks and warns about" },
};

static const char *const questions[] = {
	[POLICY_COMMIT] = "may this changeset become real?",
	[POLICY_EXEC] = "may this program be executed?",
	[POLICY_NET] = "may this connection be made?",
	[POLICY_FILE] = "may this file be opened?",
};

/* ---- for people ---- */

static void print_findings(struct explanation *e, const struct policy_about *about)
{
	for (size_t i = 0; i < about->finding_count; i++) {
		const struct policy_about_finding *finding = &about->findings[i];

		paragraph_print(e->cli, i ? "" : "finds",
			arena_printf(&e->arena, "%s/%s: %s%s, %s: %s", explanation_text(e, about->module),
				explanation_text(e, finding->name), explanation_text(e, finding->verdict),
				finding->is_given ? " (given)" : "",
				explanation_text(e, finding->severity ? finding->severity : "medium"),
				explanation_text(e, finding->what ? finding->what : "?")));
	}
}

static void print_rules(struct explanation *e, enum policy_question question,
	const struct policy_about *about)
{
	const char *label = "rules";

	for (size_t i = 0; i < about->rule_count; i++) {
		const struct policy_about_rule *rule = &about->rules[i];

		if (rule->question != question)
			continue;
		paragraph_print(e->cli, label, arena_printf(&e->arena, "%s at %s%s%s", rule->answer,
			explanation_place(e, about, rule->line, rule->column), rule->title ? ": " : "",
			rule->title ? explanation_text(e, rule->title) : ""));
		label = "";
	}
}

static void print_module(struct explanation *e, enum policy_question question,
	const struct policy_about *about)
{
	const char *by = explanation_named_by(e, about);

	cli_printf(e->cli, "\n%s%s%s%s%s\n", cli_style(e->cli, CLI_BOLD),
		explanation_text(e, about->module ? about->module : about->file),
		cli_style(e->cli, CLI_PLAIN), about->title ? ": " : "",
		about->title ? explanation_text(e, about->title) : "");
	if (about->module)
		paragraph_print(e->cli, "file", explanation_text(e, about->file));
	if (by)
		paragraph_print(e->cli, "named by", by);
	/* What a module lists says more than its few rules. */
	if (about->finding_count)
		print_findings(e, about);
	else
		print_rules(e, question, about);
	explanation_print_params(e, about);
}

static void print_layer(struct explanation *e, enum policy_question question, size_t index)
{
	const struct policy_layer *layer = &e->set.layers[layers[index].kind];
	const struct policy_about *modules = e->modules[layers[index].kind];

	cli_printf(e->cli, "\n%s%s%s: ", cli_style(e->cli, CLI_BOLD), policy_layer_name(layers[index].kind),
		cli_style(e->cli, CLI_PLAIN));
	/* Where an OPA allows, the user's layer is one like the others. */
	if (explanation_count(e, layers[index].kind, question))
		cli_printf(e->cli, "%s\n", layers[e->set.opa && !index ? 1 : index].what);
	else
		cli_printf(e->cli, "no policy of it answers%s\n",
			index || e->set.opa ? "" : ", so all of this is denied (policy/no-allow)");
	for (size_t i = 0; i < layer->count; i++)
		if (policy_about_answers(&modules[i], question))
			print_module(e, question, &modules[i]);
}

static void print_question(struct explanation *e, enum policy_question question)
{
	cli_page(e->cli);
	cli_printf(e->cli, "%s%s%s: %s\n", cli_style(e->cli, CLI_BOLD), policy_question_name(question),
		cli_style(e->cli, CLI_PLAIN), questions[question]);
	paragraph_print(e->cli, "package",
		arena_printf(&e->arena, "cordon.%s", policy_question_name(question)));
	if (question == POLICY_COMMIT)
		paragraph_print(e->cli, "first", "the floor, which no policy lifts: `cordon policy rules`");
	else
		paragraph_print(e->cli, "asked", "by nobody yet: in this version only changesets are judged");
	if (e->set.opa)
		paragraph_print(e->cli, "allows",
			arena_printf(&e->arena, "the OPA server at %s, data.cordon.%s",
				quote_cstr(e->set.opa).text, policy_question_name(question)));
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		print_layer(e, question, i);
}

/* ---- for programs ---- */

static const struct json *rules_to_json(struct explanation *e, enum policy_question question,
	const struct policy_about *about)
{
	struct json_array_builder list;

	json_array_begin(&list, &e->arena);
	for (size_t i = 0; i < about->rule_count; i++) {
		const struct policy_about_rule *rule = &about->rules[i];
		struct json_object_builder object;

		if (rule->question != question)
			continue;
		json_object_begin(&object, &e->arena);
		json_object_add_text(&object, "answer", rule->answer);
		json_object_add_int(&object, "line", rule->line);
		json_object_add_int(&object, "column", rule->column);
		explanation_add_text(&object, "title", rule->title);
		explanation_add_text(&object, "description", rule->description);
		json_array_add(&list, json_object_end(&object));
	}
	return json_array_end(&list);
}

static const struct json *module_to_json(struct explanation *e, enum policy_question question,
	const struct policy_about *about)
{
	struct json_object_builder object;
	struct json_array_builder findings;

	json_array_begin(&findings, &e->arena);
	for (size_t i = 0; i < about->finding_count; i++)
		json_array_add(&findings, explanation_finding_to_json(e, about, &about->findings[i]));
	json_object_begin(&object, &e->arena);
	json_object_add_text(&object, "file", about->file);
	explanation_add_text(&object, "module", about->module);
	explanation_add_text(&object, "title", about->title);
	explanation_add_text(&object, "description", about->description);
	explanation_add_text(&object, "origin", explanation_named_by(e, about));
	json_object_add(&object, "rules", rules_to_json(e, question, about));
	json_object_add(&object, "findings", json_array_end(&findings));
	json_object_add(&object, "params", explanation_params_to_json(e, about));
	return json_object_end(&object);
}

static const struct json *layer_to_json(struct explanation *e, enum policy_question question,
	enum policy_layer_kind kind)
{
	struct json_object_builder object;
	struct json_array_builder modules;

	json_array_begin(&modules, &e->arena);
	for (size_t i = 0; i < e->set.layers[kind].count; i++)
		if (policy_about_answers(&e->modules[kind][i], question))
			json_array_add(&modules, module_to_json(e, question, &e->modules[kind][i]));
	json_object_begin(&object, &e->arena);
	json_object_add_text(&object, "layer", policy_layer_name(kind));
	json_object_add_bool(&object, "allows", kind == POLICY_LAYER_USER && !e->set.opa);
	json_object_add(&object, "modules", json_array_end(&modules));
	return json_object_end(&object);
}

static int print_question_json(struct explanation *e, enum policy_question question)
{
	struct json_object_builder object;
	struct json_array_builder list;
	char digest[DIGEST_HEX_SIZE];
	const struct json *value;

	json_array_begin(&list, &e->arena);
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		json_array_add(&list, layer_to_json(e, question, layers[i].kind));
	digest_to_hex(&e->set.digest, digest);
	json_object_begin(&object, &e->arena);
	json_object_add_text(&object, "question", policy_question_name(question));
	json_object_add_bool(&object, "asked", question == POLICY_COMMIT);
	json_object_add_text(&object, "policies", digest);
	explanation_add_text(&object, "opa", e->set.opa);
	json_object_add(&object, "layers", json_array_end(&list));
	value = json_object_end(&object);
	if (!value)
		return cli_failf(e->cli, CLI_FAILED, "there is too much to explain");
	cli_print_json(e->cli, value);
	return CLI_OK;
}

/* ---- the command ---- */

static void note(void *context, const char *text)
{
	cli_note(context, "%s", text);
}

static int read_policies(struct explanation *e)
{
	const char *workspace = policy_explain_options(e->cli)->workspace;
	struct run_policies_options options = { .note = note, .context = e->cli };
	struct settings_request request = { 0 };
	struct error err = ERROR_INIT;
	struct policy_bundles bundles;
	int code, r;

	request.workspace = run_find_workspace(&e->cli->arena, workspace, &err);
	if (!request.workspace)
		return cli_fail(e->cli, CLI_USAGE, &err);
	code = settings_load(e->cli, &request, NULL, &e->config);
	if (code != CLI_OK)
		return code;
	options.config = e->config;
	options.workspace = e->workspace = request.workspace;
	r = run_policies_read(&e->arena, &options, &e->set, &bundles, &err);
	if (r >= 0)
		r = policy_shipped_fetch(&e->arena, NULL, &e->set, &err);
	if (r >= 0)
		r = explanation_read(e, &err);
	return r < 0 ? cli_fail(e->cli, CLI_USAGE, &err) : CLI_OK;
}

static int explain_question(struct cli *cli, enum policy_question question)
{
	struct explanation e;
	int code;

	explanation_init(&e, cli);
	code = read_policies(&e);
	if (code == CLI_OK && cli->json)
		code = print_question_json(&e, question);
	else if (code == CLI_OK)
		print_question(&e, question);
	explanation_fini(&e);
	return code;
}

int cmd_policy_explain(struct cli *cli, int argc, char **argv)
{
	static const struct str package = { "cordon.", 7 };
	enum policy_question question;
	const char *name = argv[0];

	/* A question is called as its package is, too: no session has a dot in its name. */
	if (str_starts_with(str_from(name), package))
		name += package.len;
	if (policy_question_from_name(name, &question) < 0)
		return explain_session(cli, argv[0], argc > 1 ? argv[1] : NULL);
	if (argc > 1)
		return cli_usage(cli, "a rule is asked about with the session in which it found something");
	return explain_question(cli, question);
}
