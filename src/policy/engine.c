// SPDX-License-Identifier: Apache-2.0
/*
 * engine.c - three layers compiled, four questions, and what is said when there is no answer
 *
 * A layer is a policy of libregoc with its own data, and up to four questions that were compiled against it.
 * A question is not the package as a whole but the three sets, and `allow` where that counts: a package's
 * helpers are evaluated where a rule wants them, and nowhere else. They are asked for as members of the
 * package, each of which has its value or none. Before that the same question is compiled as it would be
 * written out, for what only a compiler finds: that `deny` is a function, say, which is nothing to be asked.
 *
 * Errors of built-ins are strict: a rule that could not be worked out has not been passed.
 *
 * There are two contexts, for the small budgets and the large one. Each keeps its memory from one evaluation
 * to the next, so a steady question takes none from the heap; a layer's answer is copied out of it before the
 * next layer is asked. What of a layer follows from its modules and data alone, parameters above all, is
 * worked out once and known from then on; with its data, that lives as long as the layer.
 */
#include "policy/engine.h"

#include "base/quote.h"
#include "policy/schemas.h"
#include "rego/regoc_json.h"
#include "rego/regoc_members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LAYER_BYTES_MAX = 256 << 20,	/* of modules, trees and plan */
	REPORT_BYTES_MAX = 4 << 20,
	RULE_PATH_BYTES_MAX = 64 << 10,
	DATA_BYTES_MAX = 1 << 30,	/* of a set; its document is bounded already */
	ENTRY_SIZE = 32,		/* "cordon/commit" */
};

enum context_kind {
	CONTEXT_QUICK,
	CONTEXT_LARGE,
	CONTEXTS,
};

static const struct policy_budget budgets[] = {
	[CONTEXT_QUICK] = { 2000000, 32 << 20 },
	[CONTEXT_LARGE] = { 500000000, (size_t)1 << 30 },
};

static const char *const answer_names[] = { "allow", "ask", "deny", "warn" };
static const struct json answer_keys[] = {
	{ .type = JSON_STRING, .text = STR("allow") }, { .type = JSON_STRING, .text = STR("ask") },
	{ .type = JSON_STRING, .text = STR("deny") }, { .type = JSON_STRING, .text = STR("warn") },
};

struct layer {
	struct regoc_policy *policy;	/* NULL: no modules */
	const struct json *data;
	struct regoc_known *known;	/* of both */
	struct regoc_query *queries[POLICY_QUESTIONS];	/* NULL: no such package */
};

struct policy_engine {
	struct arena arena;		/* the data of all layers */
	struct digest digest;
	const char *opa;		/* who has to be asked besides; NULL: nobody */
	struct layer layers[POLICY_LAYERS];
	struct regoc_context *contexts[CONTEXTS];
	const struct policy_moment *moment;	/* of the question at hand; NULL: there is none */
};

static enum context_kind context_of(enum policy_question question)
{
	return question == POLICY_COMMIT ? CONTEXT_LARGE : CONTEXT_QUICK;
}

struct policy_budget policy_budget_of(enum policy_question question)
{
	return budgets[context_of(question)];
}

/* ---- compiling ---- */

struct compiler {
	struct policy_engine *engine;
	struct buf report;
	enum policy_layer_kind kind;	/* that is being compiled */
	size_t mistakes;
	struct error *err;
};

/* The first line of the first one is the error; all of them are the report. */
static void take_report(struct compiler *c, struct regoc_report *report)
{
	const struct regoc_diagnostic *first = regoc_report_at(report, 0);

	if (first && !c->mistakes) {
		struct str line, rest;

		(void)str_cut(str_from(first->message), '\n', &line, &rest);
		error_set(c->err, -EINVAL, "a policy of the %s has a mistake: %s:%u:%u: %s",
			policy_layer_name(c->kind), quote_cstr(first->file).text, first->line, first->column,
			quote_text(line).text);
		if (first->hint)
			error_hint(c->err, "%s", quote_cstr(first->hint).text);
		else
			error_hint(c->err, "`cordon policy check FILE...` shows all mistakes in their lines");
	}
	c->mistakes += MAX(regoc_report_count(report), (size_t)1);
	(void)buf_append_str(&c->report, regoc_report_text(report));
	regoc_report_free(report);
}

/* Only of the user's policies it counts who allows, and the others are not asked for it: it stands first. */
static size_t first_answer(enum policy_layer_kind kind)
{
	return kind != POLICY_LAYER_USER;
}

/* [v | v := data.cordon.commit.deny]: the set where it is defined, and no mistake where it is not. */
static void write_query(struct buf *buf, const char *question, enum policy_layer_kind kind)
{
	for (size_t i = first_answer(kind); i < ARRAY_SIZE(answer_names); i++)
		(void)buf_printf(buf, "%s\"%s\": [v | v := data.cordon.%s.%s]",
			buf->len ? ", " : "{", answer_names[i], question, answer_names[i]);
	(void)buf_append_char(buf, '}');
}

/* A question that could not be kept must not be one that nobody has an answer to. */
static int compile_question(struct compiler *c, struct layer *layer, enum policy_question question)
{
	const char *name = policy_question_name(question);
	scoped(buf) struct buf text = BUF_INIT(1024);
	struct regoc_report *report = NULL;
	size_t first = first_answer(c->kind);
	struct regoc_query *entry;
	char path[ENTRY_SIZE];

	snprintf(path, sizeof(path), "cordon/%s", name);
	entry = regoc_query_new_entry(layer->policy, path);
	if (!entry)
		return 0;
	regoc_query_free(entry);
	write_query(&text, name, c->kind);
	/* Whatever is cut off makes it no question. */
	if (regoc_query_new(layer->policy, buf_text(&text), NULL, &entry, &report) != REGOC_OK) {
		take_report(c, report);
		return 0;
	}
	regoc_query_free(entry);
	layer->queries[question] = rego_api_query_members(layer->policy, path, answer_names + first,
		ARRAY_SIZE(answer_names) - first);
	if (!layer->queries[question])
		return error_set(c->err, -EMSGSIZE,
			"there is no memory for the question data.cordon.%s of the %s", name,
			policy_layer_name(c->kind));
	return 0;
}

static void compile_modules(struct compiler *c, const struct policy_layer *from, struct layer *layer)
{
	struct regoc_settings settings = { .memory_bytes = LAYER_BYTES_MAX };
	struct regoc_module *modules = calloc(from->count, sizeof(*modules));
	struct regoc_report *report = NULL;

	if (!modules)
		abort();
	settings.schemas = policy_schemas(&settings.schema_count);
	for (size_t i = 0; i < from->count; i++) {
		assert(from->modules[i].text.data || !from->modules[i].text.len);
		modules[i] = (struct regoc_module){
			from->modules[i].name, from->modules[i].text.data, from->modules[i].text.len,
		};
	}
	if (regoc_policy_new(modules, from->count, &settings, &layer->policy, &report) != REGOC_OK)
		take_report(c, report);
	free(modules);
}

static int compile_layer(struct compiler *c, const struct policy_layer *from)
{
	struct layer *layer = &c->engine->layers[c->kind];
	int r = 0;

	if (!from->count)
		return 0;
	compile_modules(c, from, layer);
	for (enum policy_question i = 0; i < POLICY_QUESTIONS && layer->policy && r >= 0; i++)
		r = compile_question(c, layer, i);
	if (r < 0)
		return r;
	if (from->data) {
		layer->data = json_copy(&c->engine->arena, from->data);
		if (!layer->data)
			return error_set(c->err, -EMSGSIZE, "the data of the policies is too large");
	}
	if (layer->policy)
		layer->known = regoc_known_new(layer->policy, regoc_of_json(layer->data), 0);
	return 0;
}

/* A zone that was found is kept by its context, and not asked for again. */
static bool read_zone(void *data, const char *name, const char **ret, size_t *ret_len)
{
	const struct policy_moment *moment = ((const struct policy_engine *)data)->moment;

	return moment->zone && moment->zone(moment->zone_data, name, ret, ret_len);
}

static char *take_text(const struct buf *buf)
{
	char *text = malloc(buf->len + 1);

	if (!text)
		abort();
	memcpy(text, buf_text(buf), buf->len + 1);
	return text;
}

static struct policy_engine *new_engine(const struct policy_set *set)
{
	struct policy_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		abort();
	engine->arena = (struct arena)ARENA_INIT(DATA_BYTES_MAX);
	engine->digest = set->digest;
	if (set->opa) {
		engine->opa = arena_copy(&engine->arena, set->opa, strlen(set->opa));
		assert(engine->opa);
	}
	return engine;
}

/* All layers, or those in which cordon's own modules are not alone. */
static int compile(const struct policy_set *set, bool all, struct policy_engine *engine, char **ret_report,
	struct error *err)
{
	struct compiler c = { .engine = engine, .report = BUF_INIT(REPORT_BYTES_MAX), .err = err };
	int r = 0;

	for (c.kind = 0; c.kind < POLICY_LAYERS && r >= 0; c.kind++)
		if (all || !policy_layer_is_shipped(&set->layers[c.kind]))
			r = compile_layer(&c, &set->layers[c.kind]);
	if (r >= 0 && c.mistakes)
		r = -EINVAL;
	if (ret_report)
		*ret_report = r == -EINVAL ? take_text(&c.report) : NULL;
	buf_fini(&c.report);
	return r;
}

static bool is_own(const struct policy_layer *layer, const char *file)
{
	for (size_t i = 0; i < layer->count; i++)
		if (!layer->modules[i].digest && !strcmp(layer->modules[i].name, file))
			return true;
	return false;
}

/* Whether a rule is part of the answer to a question: data.cordon.commit.deny. */
static bool is_answer(const struct regoc_rule *rule)
{
	scoped(buf) struct buf path = BUF_INIT(RULE_PATH_BYTES_MAX), prefix = BUF_INIT(RULE_PATH_BYTES_MAX);

	(void)buf_printf(&path, "%s.%s", rule->package, rule->name);
	for (enum policy_question i = 0; i < POLICY_QUESTIONS && !buf_failed(&path); i++) {
		buf_clear(&prefix);
		(void)buf_printf(&prefix, "data.cordon.%s.", policy_question_name(i));
		if (str_starts_with((struct str){ buf_text(&path), path.len },
				(struct str){ buf_text(&prefix), prefix.len }))
			return true;
	}
	return false;
}

static bool is_silent(const struct regoc_policy *policy, const struct policy_layer *layer)
{
	struct regoc_rule rule;

	if (policy_layer_is_shipped(layer))
		return false;
	for (size_t i = 0; regoc_policy_rule(policy, i, &rule); i++)
		if (is_own(layer, rule.file) && is_answer(&rule))
			return false;
	return true;
}

int policy_engine_check(const struct policy_set *set, bool ret_silent[POLICY_LAYERS], char **ret_report,
	struct error *err)
{
	struct policy_engine *engine = new_engine(set);
	int r = compile(set, false, engine, ret_report, err);

	for (size_t i = 0; i < POLICY_LAYERS && r >= 0; i++)
		ret_silent[i] = is_silent(engine->layers[i].policy, &set->layers[i]);
	policy_engine_free(engine);
	return r;
}

int policy_engine_new(const struct policy_set *set, struct policy_engine **ret, char **ret_report,
	struct error *err)
{
	struct policy_engine *engine = new_engine(set);
	int r = compile(set, true, engine, ret_report, err);

	if (r < 0) {
		policy_engine_free(engine);
		return r;
	}
	for (size_t i = 0; i < CONTEXTS; i++)
		engine->contexts[i] = regoc_context_new(&(struct regoc_limits){
			.steps = budgets[i].steps, .memory_bytes = budgets[i].memory_bytes,
			.zone = read_zone, .zone_data = engine,
		});
	*ret = engine;
	return 0;
}

struct policy_engine *policy_engine_free(struct policy_engine *engine)
{
	if (!engine)
		return NULL;
	for (size_t i = 0; i < CONTEXTS; i++)
		regoc_context_free(engine->contexts[i]);
	for (size_t i = 0; i < POLICY_LAYERS; i++) {
		for (size_t j = 0; j < POLICY_QUESTIONS; j++)
			regoc_query_free(engine->layers[i].queries[j]);
		regoc_known_free(engine->layers[i].known);
		regoc_policy_free(engine->layers[i].policy);
	}
	arena_fini(&engine->arena);
	free(engine);
	return NULL;
}

const char *policy_engine_opa(const struct policy_engine *engine)
{
	return engine->opa;
}

const struct digest *policy_engine_digest(const struct policy_engine *engine)
{
	return &engine->digest;
}

/* ---- asking ---- */

struct asking {
	struct policy_engine *engine;
	bool is_beside;			/* an OPA: who allows is not here */
	enum policy_question question;
	const struct json *input;
	struct regoc_moment moment;
	struct arena *arena;
	struct error *err;
};

/* The rule that a place lies in: the last one that begins at or before its line. */
static const char *rule_at(const struct regoc_policy *policy, const struct regoc_diagnostic *fault,
	struct regoc_rule *rule)
{
	struct regoc_rule one;
	bool is_found = false;

	for (size_t i = 0; regoc_policy_rule(policy, i, &one); i++) {
		if (strcmp(one.file, fault->file) || one.line > fault->line)
			continue;
		if (!is_found || one.line >= rule->line)
			*rule = one;
		is_found = true;
	}
	return is_found ? rule->name : NULL;
}

static int fault_code(enum regoc_status status)
{
	switch (status) {
	case REGOC_BUILTIN_ERROR:
	case REGOC_TYPE_ERROR:
	case REGOC_CONFLICT:
	case REGOC_WITH_MERGE:
		return -EDOM;
	case REGOC_STEPS:
	case REGOC_MEMORY:
	case REGOC_RESULT:
	case REGOC_DEADLINE:
	case REGOC_CANCELLED:
		return -E2BIG;
	case REGOC_OK:
	case REGOC_BAD_POLICY:
	case REGOC_BAD_JSON:
	case REGOC_BAD_CALL:
		break;
	}
	/* No document reaches the engine but as a value, and data was seen to be an object. */
	assert(false);
	return -EBADMSG;
}

static int say_fault(const struct asking *ask, enum policy_layer_kind kind, enum regoc_status status)
{
	const struct regoc_context *context = ask->engine->contexts[context_of(ask->question)];
	const struct regoc_diagnostic *fault = regoc_fault(context);
	struct regoc_rule rule = { 0 };
	const char *name = rule_at(ask->engine->layers[kind].policy, fault, &rule);
	int code = fault_code(status);

	if (name)
		error_set(ask->err, code, "a policy of the %s, rule %s.%s at %s:%u:%u: %s",
			policy_layer_name(kind), rule.package, quote_cstr(name).text,
			quote_cstr(fault->file).text, fault->line, fault->column,
			quote_cstr(fault->message).text);
	else
		error_set(ask->err, code, "a policy of the %s, data.cordon.%s: %s",
			policy_layer_name(kind), policy_question_name(ask->question),
			quote_cstr(fault->message).text);
	error_hint(ask->err, "no answer means no: correct the policy, then judge again");
	return code;
}

/* Sets are mostly empty, and one that is empty says what one that is not there says; `allow` is no set. */
static bool is_nothing(const char *name, const struct json *value)
{
	return !value || (value->type == JSON_SET && !value->array.count && strcmp(name, "allow") != 0);
}

/*
 * What the package says of the question that was just answered, {"deny": {...}}, without what says nothing.
 */
static void read_members(const struct regoc_context *context, enum policy_layer_kind kind,
	struct json_member *members, struct json *ret)
{
	size_t count = 0;

	for (size_t i = first_answer(kind); i < ARRAY_SIZE(answer_names); i++) {
		const struct json *value = regoc_to_json(rego_api_member(context, i - first_answer(kind)));

		if (!is_nothing(answer_names[i], value))
			members[count++] = (struct json_member){ &answer_keys[i], value };
	}
	*ret = (struct json){ .type = JSON_OBJECT, .object = { members, count } };
}

static enum policy_voice voice_of(const struct asking *ask, enum policy_layer_kind kind)
{
	switch (kind) {
	case POLICY_LAYER_USER:
		return ask->is_beside ? POLICY_VOICE_BESIDE : POLICY_VOICE_USER;
	case POLICY_LAYER_ORGANISATION:
		return POLICY_VOICE_ORGANISATION;
	case POLICY_LAYER_PROJECT:
	case POLICY_LAYERS:
		break;
	}
	return POLICY_VOICE_PROJECT;
}

static int ask_layer(const struct asking *ask, enum policy_layer_kind kind, struct policy_answer *ret)
{
	const struct layer *layer = &ask->engine->layers[kind];
	struct regoc_context *context = ask->engine->contexts[context_of(ask->question)];
	const struct regoc_request request = {
		.query = layer->queries[ask->question], .input = regoc_of_json(ask->input),
		.data = regoc_of_json(layer->data), .moment = &ask->moment, .flags = REGOC_STRICT_BUILTINS,
		.known = layer->known,
	};
	struct json_member members[ARRAY_SIZE(answer_names)];
	const struct json *document = NULL;
	struct json object;
	enum regoc_status status;
	int r;

	if (request.query) {
		status = regoc_evaluate(context, &request);
		if (status != REGOC_OK)
			return say_fault(ask, kind, status);
		read_members(context, kind, members, &object);
		document = &object;
	}
	r = policy_answer_read(ask->arena, ask->question, voice_of(ask, kind), document, ret, ask->err);
	return r < 0 ? error_wrap(ask->err, r, "a policy of the %s, data.cordon.%s", policy_layer_name(kind),
			policy_question_name(ask->question)) : 0;
}

static int ask_layers(struct asking *ask, const struct policy_moment *moment, struct policy_answer *ret)
{
	struct policy_answer answers[POLICY_LAYERS];
	int r = 0;

	ask->moment.now_ns = moment->now_ns;
	memcpy(ask->moment.seed, moment->seed, sizeof(ask->moment.seed));
	ask->engine->moment = moment;
	for (enum policy_layer_kind kind = 0; kind < POLICY_LAYERS && r >= 0; kind++)
		r = ask_layer(ask, kind, &answers[kind]);
	ask->engine->moment = NULL;
	return r < 0 ? r : policy_answer_join(ask->arena, answers, POLICY_LAYERS, ret, ask->err);
}

int policy_ask(struct policy_engine *engine, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err)
{
	struct asking ask = {
		.engine = engine, .question = question, .input = input, .arena = arena, .err = err,
	};

	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	if (engine->opa)
		return error_set(err, -ENOTCONN, "nobody asked the OPA server at %s, which alone allows",
			engine->opa);
	return ask_layers(&ask, moment, ret);
}

int policy_ask_beside(struct policy_engine *engine, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err)
{
	struct asking ask = {
		.engine = engine, .is_beside = true, .question = question, .input = input, .arena = arena,
		.err = err,
	};

	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	return ask_layers(&ask, moment, ret);
}

static int ask_engine(void *context, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err)
{
	return policy_ask(context, question, input, moment, arena, ret, err);
}

struct policy_oracle policy_engine_oracle(struct policy_engine *engine)
{
	return (struct policy_oracle){ ask_engine, engine, engine->digest };
}
