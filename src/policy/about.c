// SPDX-License-Identifier: Apache-2.0
/*
 * about.c - a module's METADATA and rules, with the parameters that are in force
 *
 * The block that describes a module is the one with custom.module, or else the package's. What it says is a
 * person's text: a member of another type than it should have is passed over, since the module judges all the
 * same, and its own check of parameters tells what is wrong with them.
 */
#include "policy/about.h"

#include "base/quote.h"

#include <errno.h>

static const char *const answers[] = { "deny", "ask", "warn", "allow" };

static int say_full(struct error *err)
{
	return error_set(err, -EMSGSIZE, "the policies say more about themselves than there is room for");
}

/* ---- names ---- */

/* The word at @index of a rule's whole name, data.cordon.commit.deny: the package's, then its own. */
static const struct json *word_at(const struct rego_module *module, const struct rego_rule *rule,
	size_t index, struct json *own)
{
	const struct rego_term *item = NULL;
	size_t above = module->package->list.count;

	if (index < above)
		item = module->package->list.items[index];
	else if (rule->ref->type != REGO_TERM_REF)
		item = index == above ? rule->ref : NULL;
	else if (index - above < rule->ref->list.count)
		item = rule->ref->list.items[index - above];
	if (!item)
		return NULL;
	if (item->type != REGO_TERM_VAR)
		return item->type == REGO_TERM_VALUE ? item->value : NULL;
	*own = (struct json){ .type = JSON_STRING, .text = item->name };
	return own;
}

static bool is_word(const struct rego_module *module, const struct rego_rule *rule, size_t index,
	const char *word)
{
	struct json own;
	const struct json *value = word_at(module, rule, index, &own);

	return value && value->type == JSON_STRING && str_eq(value->text, str_from(word));
}

/* Whether a rule is data.cordon.QUESTION.ANSWER; @ret gets which. */
static bool is_answer(const struct rego_module *module, const struct rego_rule *rule,
	struct policy_about_rule *ret)
{
	if (!is_word(module, rule, 1, "cordon"))
		return false;
	for (enum policy_question question = 0; question < POLICY_QUESTIONS; question++) {
		if (!is_word(module, rule, 2, policy_question_name(question)))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
			if (is_word(module, rule, 3, answers[i])) {
				ret->question = question;
				ret->answer = answers[i];
				return true;
			}
	}
	return false;
}

/* ---- METADATA ---- */

static const struct json *object_of(const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);

	return value && value->type == JSON_OBJECT ? value : NULL;
}

static const struct rego_annotation *annotation_of(const struct rego_module *module)
{
	const struct rego_annotation *package = NULL;

	for (size_t i = 0; i < module->annotation_count; i++) {
		const struct rego_annotation *annotation = &module->annotations[i];

		if (json_get_text(object_of(annotation->value, "custom"), "module"))
			return annotation;
		if (!annotation->rule && !package)
			package = annotation;
	}
	return package;
}

static void describe_rule(const struct rego_module *module, const struct rego_rule *rule,
	struct policy_about_rule *ret)
{
	for (size_t i = 0; i < module->annotation_count; i++) {
		const struct rego_annotation *annotation = &module->annotations[i];

		if (annotation->rule != rule)
			continue;
		ret->title = json_get_text(annotation->value, "title");
		ret->description = json_get_text(annotation->value, "description");
	}
}

static int read_rules(struct arena *arena, struct policy_about *about)
{
	const struct rego_module *module = about->parsed;
	struct policy_about_rule *rules = arena_alloc_array(arena, module->rule_count, sizeof(*rules));

	if (!rules)
		return -EMSGSIZE;
	for (size_t i = 0; i < module->rule_count; i++) {
		struct policy_about_rule rule = {
			.line = module->rules[i]->at.line, .column = module->rules[i]->at.column,
		};

		if (!is_answer(module, module->rules[i], &rule))
			continue;
		describe_rule(module, module->rules[i], &rule);
		rules[about->rule_count++] = rule;
	}
	about->rules = rules;
	return 0;
}

/* ---- parameters ---- */

/* "time_windows" of time-windows. */
static const char *key_of(struct arena *arena, const char *module)
{
	char *key = arena_copy(arena, module, strlen(module));

	for (char *c = key; c && *c; c++)
		*c = *c == '-' ? '_' : *c;
	return key;
}

static const struct json *given_to(const struct json *data, const char *key)
{
	return object_of(object_of(object_of(data, "cordon"), "params"), key);
}

static int read_params(struct arena *arena, const struct json *custom, const struct json *given,
	struct policy_about *about)
{
	const struct json *listed = object_of(custom, "params");
	size_t count = listed ? listed->object.count : 0;
	struct policy_about_param *params = arena_alloc_array(arena, count, sizeof(*params));

	if (!params)
		return -EMSGSIZE;
	for (size_t i = 0; i < count; i++) {
		const struct json_member *member = &listed->object.members[i];
		const struct json *own;

		if (member->value->type != JSON_OBJECT)
			continue;
		params[about->param_count].name = arena_copy(arena, member->key->text.data,
			member->key->text.len);
		if (!params[about->param_count].name)
			return -EMSGSIZE;
		own = json_get(given, params[about->param_count].name);
		params[about->param_count].description = json_get_text(member->value, "description");
		params[about->param_count].value = own ? own : json_get(member->value, "default");
		params[about->param_count].is_given = own;
		about->param_count++;
	}
	about->params = params;
	return 0;
}

static int read_findings(struct arena *arena, const struct json *custom, const struct json *given,
	struct policy_about *about)
{
	const struct json *listed = object_of(custom, "findings"), *verdicts = object_of(given, "verdicts");
	size_t count = listed ? listed->object.count : 0;
	struct policy_about_finding *findings = arena_alloc_array(arena, count, sizeof(*findings));

	if (!findings)
		return -EMSGSIZE;
	for (size_t i = 0; i < count; i++) {
		const struct json_member *member = &listed->object.members[i];
		struct policy_about_finding *finding = &findings[about->finding_count];
		const char *own;

		finding->name = arena_copy(arena, member->key->text.data, member->key->text.len);
		if (!finding->name)
			return -EMSGSIZE;
		own = json_get_text(verdicts, finding->name);
		finding->is_given = own;
		finding->verdict = own ? own : json_get_text(member->value, "verdict");
		/* as lib/findings.rego: whatever is not known denies */
		finding->verdict = finding->verdict ? finding->verdict : "deny";
		finding->severity = json_get_text(member->value, "severity");
		finding->what = json_get_text(member->value, "what");
		finding->hint = json_get_text(member->value, "hint");
		about->finding_count++;
	}
	about->findings = findings;
	return 0;
}

static int describe(struct arena *arena, const struct json *data, struct policy_about *about)
{
	const struct rego_annotation *annotation = annotation_of(about->parsed);
	const struct json *custom = annotation ? object_of(annotation->value, "custom") : NULL, *given = NULL;
	int r;

	if (annotation) {
		about->title = json_get_text(annotation->value, "title");
		about->description = json_get_text(annotation->value, "description");
		about->module = json_get_text(custom, "module");
	}
	if (about->module) {
		about->key = key_of(arena, about->module);
		if (!about->key)
			return -EMSGSIZE;
		given = given_to(data, about->key);
	}
	r = read_params(arena, custom, given, about);
	return r < 0 ? r : read_findings(arena, custom, given, about);
}

int policy_about_read(struct arena *arena, const struct policy_module *module, const struct json *data,
	struct policy_about *ret, struct error *err)
{
	struct rego_source *source = arena_alloc(arena, sizeof(*source));
	struct rego_diags diags = REGO_DIAGS_INIT(arena);
	struct policy_about about = { .file = module->name };
	int r;

	if (!source)
		return say_full(err);
	*source = (struct rego_source){ module->name, module->text };
	about.parsed = rego_parse_module(source, REGO_PARSE_ANNOTATIONS, arena, &diags);
	if (!about.parsed || diags.count)
		return error_set(err, -EINVAL, "'%s' is no module: %s", quote_cstr(module->name).text,
			diags.first ? quote_cstr(diags.first->text).text : "it is too large");
	r = rego_lex(source, arena, &about.tokens);
	if (r >= 0)
		r = read_rules(arena, &about);
	if (r >= 0)
		r = describe(arena, data, &about);
	if (r < 0)
		return say_full(err);
	*ret = about;
	return 0;
}

/* ---- asking ---- */

bool policy_about_answers(const struct policy_about *about, enum policy_question question)
{
	for (size_t i = 0; i < about->rule_count; i++)
		if (about->rules[i].question == question)
			return true;
	return false;
}

/* "count" of "deletions/count", for the module deletions; NULL: it is not the module's. */
static const char *own_name(const struct policy_about *about, const char *name)
{
	size_t len = about->module ? strlen(about->module) : 0;

	return len && !strncmp(name, about->module, len) && name[len] == '/' ? name + len + 1 : NULL;
}

const struct policy_about_finding *policy_about_finding_of(const struct policy_about *about, const char *name)
{
	const char *own = own_name(about, name);

	for (size_t i = 0; own && i < about->finding_count; i++)
		if (!strcmp(about->findings[i].name, own))
			return &about->findings[i];
	return NULL;
}

/* The last rule that begins at or before a line. */
static const struct rego_rule *rule_at(const struct rego_module *module, uint32_t line)
{
	const struct rego_rule *found = NULL;

	for (size_t i = 0; i < module->rule_count && module->rules[i]->at.line <= line; i++)
		found = module->rules[i];
	return found;
}

/* Where a text stands as a string: names have no characters that would have to be escaped. */
static bool find_text(const struct policy_about *about, const char *text, struct policy_about_rule *ret)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < about->tokens.count; i++) {
		const struct rego_token *token = &about->tokens.items[i];
		const struct rego_rule *rule;

		if (token->type != REGO_TOKEN_STRING || token->length != len + 2 ||
				memcmp(about->tokens.source->text.data + token->offset + 1, text, len))
			continue;
		rule = rule_at(about->parsed, token->line);
		if (!rule)
			continue;
		*ret = (struct policy_about_rule){ .line = rule->at.line, .column = rule->at.column };
		(void)is_answer(about->parsed, rule, ret);
		describe_rule(about->parsed, rule, ret);
		return true;
	}
	return false;
}

/* "commit/deny": a rule that gave no name. */
static bool find_unnamed(const struct policy_about *about, enum policy_question question, const char *name,
	struct policy_about_rule *ret)
{
	size_t len = strlen(policy_question_name(question));

	if (strncmp(name, policy_question_name(question), len) != 0 || name[len] != '/')
		return false;
	for (size_t i = 0; i < about->rule_count; i++) {
		if (about->rules[i].question != question ||
				strcmp(about->rules[i].answer, name + len + 1) != 0)
			continue;
		*ret = about->rules[i];
		return true;
	}
	return false;
}

bool policy_about_find(const struct policy_about *about, enum policy_question question, const char *name,
	struct policy_about_rule *ret)
{
	const char *own = own_name(about, name);

	if (!policy_about_answers(about, question))
		return false;
	if (own && find_text(about, own, ret))
		return true;
	if (!about->module && find_unnamed(about, question, name, ret))
		return true;
	return find_text(about, name, ret);
}
