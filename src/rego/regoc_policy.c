// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_policy.c - the public header's policies, questions, documents, and reports of what is wrong with them
 *
 * Each is one object on the heap with an arena of its own, so that it goes as a whole. A report copies what
 * it says, since the object that it is about is gone when it is read.
 */
#include "rego/disasm.h"
#include "rego/regoc_internal.h"

struct regoc_policy {
	struct arena arena;		/* sources and trees */
	const struct rego_module **modules;
	size_t count;
	struct regoc_rule *rules;
	size_t rule_count;
	struct regoc_place *places;	/* of REGOC_TRACE */
	size_t place_count;
	struct rego_policy *compiled;
};

struct regoc_document {
	struct arena arena;
	const struct json *value;
};

struct regoc_report {
	struct arena arena;
	struct regoc_diagnostic *items;
	size_t count;
	const char *text;
};

static void *new_object(size_t bytes)
{
	void *object = calloc(1, bytes);

	if (!object)
		abort();
	return object;
}

/* ---- reports ---- */

static const char *kept(struct regoc_report *report, const char *text)
{
	const char *copy = text ? arena_copy(&report->arena, text, strlen(text)) : NULL;

	return copy || !text ? copy : "...";
}

static void take_diag(struct regoc_report *report, const struct rego_diag *diag)
{
	report->items[report->count++] = (struct regoc_diagnostic){
		.code = rego_code_name(diag->code), .message = kept(report, diag->text),
		.hint = kept(report, diag->hint),
		.file = kept(report, diag->at.source ? diag->at.source->name : ""),
		.line = diag->at.line, .column = diag->at.column,
	};
}

static struct regoc_report *report_new(size_t count)
{
	struct regoc_report *report = new_object(sizeof(*report));

	report->arena = (struct arena)ARENA_INIT(REGOC_REPORT_BYTES);
	report->items = arena_alloc_array(&report->arena, count, sizeof(*report->items));
	report->text = "";
	return report;
}

static void report_diags(const struct rego_diags *diags, struct regoc_report **ret)
{
	scoped(buf) struct buf buf = BUF_INIT(REGOC_REPORT_BYTES / 2);
	struct regoc_report *report;

	if (!ret || !diags->count)
		return;
	report = report_new(diags->count);
	for (const struct rego_diag *diag = diags->first; diag; diag = diag->next)
		take_diag(report, diag);
	(void)rego_diags_print(diags, &buf);
	report->text = buf.len ? arena_copy(&report->arena, buf.data, buf.len) : NULL;
	report->text = report->text ? report->text : "there are mistakes, and too many to show\n";
	*ret = report;
}

static void report_json(const struct error *err, struct regoc_report **ret)
{
	struct regoc_report *report;

	if (!ret)
		return;
	report = report_new(1);
	report->items[0] = (struct regoc_diagnostic){
		.code = "json_error", .message = kept(report, err->text), .file = "",
	};
	report->count = 1;
	report->text = arena_printf(&report->arena, "%s\n", err->text);
	*ret = report;
}

size_t regoc_report_count(const struct regoc_report *report)
{
	return report ? report->count : 0;
}

const struct regoc_diagnostic *regoc_report_at(const struct regoc_report *report, size_t index)
{
	return index < regoc_report_count(report) ? &report->items[index] : NULL;
}

const char *regoc_report_text(const struct regoc_report *report)
{
	return report ? report->text : "";
}

void regoc_report_free(struct regoc_report *report)
{
	if (report)
		arena_fini(&report->arena);
	free(report);
}

/* ---- rules ---- */

static const char *text_of(struct arena *arena, const struct rego_term *term)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	rego_term_print(term, &buf);
	return arena_copy(arena, buf.data, buf.len);
}

/* How many elements of a rule's path are known without evaluating: r.a[x].b has two. */
static size_t ground_count(const struct rego_term *ref)
{
	size_t count = 1;

	while (count < ref->list.count && ref->list.items[count]->type == REGO_TERM_VALUE)
		count++;
	return count;
}

static void name_rule(struct arena *arena, const struct rego_rule *rule, struct regoc_rule *ret)
{
	struct rego_term name = *rule->ref;

	ret->is_partial = rule->contains;
	if (name.type == REGO_TERM_REF) {
		name.list.count = ground_count(rule->ref);
		ret->is_partial |= name.list.count < rule->ref->list.count;
	}
	if (name.type == REGO_TERM_REF && name.list.count == 1)
		ret->name = text_of(arena, name.list.items[0]);
	else
		ret->name = text_of(arena, &name);
}

static bool list_rule(struct regoc_policy *policy, const struct rego_module *module,
	const struct rego_rule *rule)
{
	struct regoc_rule *ret = &policy->rules[policy->rule_count++];

	*ret = (struct regoc_rule){
		.package = text_of(&policy->arena, module->package), .file = module->source->name,
		.line = rule->at.line, .column = rule->at.column,
		.is_default = rule->is_default, .is_function = rule->is_function,
	};
	name_rule(&policy->arena, rule, ret);
	return ret->package && ret->name;
}

static bool list_rules(struct regoc_policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->count; i++)
		count += policy->modules[i]->rule_count;
	policy->rules = arena_alloc_array(&policy->arena, count, sizeof(*policy->rules));
	if (!policy->rules)
		return false;
	for (size_t i = 0; i < policy->count; i++)
		for (size_t j = 0; j < policy->modules[i]->rule_count; j++)
			if (!list_rule(policy, policy->modules[i], policy->modules[i]->rules[j]))
				return false;
	return true;
}

bool regoc_policy_rule(const struct regoc_policy *policy, size_t index, struct regoc_rule *ret)
{
	if (index >= policy->rule_count)
		return false;
	*ret = policy->rules[index];
	return true;
}

/* ---- places ---- */

/* What is told is what can be covered: the instructions that tell it are looked for. */
static bool is_place(const struct rego_insn *insn)
{
	return insn->op == REGO_OP_TRACE && (insn->a == REGO_EVENT_ENTER || insn->a == REGO_EVENT_EVAL);
}

static void take_places(struct regoc_policy *policy, const struct rego_function *function)
{
	for (size_t i = 0; i < function->count; i++) {
		const struct rego_span *at = &function->spans[i];

		if (!is_place(&function->insns[i]) || !at->source)
			continue;
		if (policy->places)
			policy->places[policy->place_count] = (struct regoc_place){
				.file = at->source->name, .line = at->line, .column = at->column,
				.is_rule = function->insns[i].a == REGO_EVENT_ENTER,
			};
		policy->place_count++;
	}
}

/* Counted first, and then listed. */
static bool list_places(struct regoc_policy *policy)
{
	const struct rego_plan *plan = rego_policy_plan(policy->compiled);

	for (size_t i = 0; i < plan->place_count; i++)
		take_places(policy, &plan->functions[i]);
	if (!policy->place_count)
		return true;
	policy->places = arena_alloc_array(&policy->arena, policy->place_count, sizeof(*policy->places));
	policy->place_count = 0;
	for (size_t i = 0; policy->places && i < plan->place_count; i++)
		take_places(policy, &plan->functions[i]);
	return policy->places;
}

bool regoc_policy_place(const struct regoc_policy *policy, size_t index, struct regoc_place *ret)
{
	if (index >= policy->place_count)
		return false;
	*ret = policy->places[index];
	return true;
}

/* ---- policies ---- */

static const struct rego_source *keep_source(struct arena *arena, const char *name, const char *text,
	size_t len)
{
	struct rego_source *source = arena_alloc(arena, sizeof(*source));
	const char *copy = arena_copy(arena, text, len), *called = arena_copy(arena, name, strlen(name));

	if (!source || !copy || !called)
		return NULL;
	*source = (struct rego_source){ .name = called, .text = { copy, len } };
	return source;
}

static void say_full(struct rego_diags *diags)
{
	rego_diag_add(diags, REGO_CODE_COMPILE, (struct rego_span){ 0 },
		"the modules need more memory than they may have");
}

/* All are read before anything is said, so that the mistakes of all are told. */
static void parse_all(struct regoc_policy *policy, const struct regoc_module *modules, size_t count,
	struct rego_diags *diags)
{
	policy->modules = arena_alloc_array(&policy->arena, count, sizeof(*policy->modules));
	if (!policy->modules) {
		say_full(diags);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct rego_source *source =
			keep_source(&policy->arena, modules[i].name, modules[i].text, modules[i].len);

		if (!source) {
			say_full(diags);
			return;
		}
		policy->modules[policy->count++] =
			rego_parse_module(source, REGO_PARSE_ANNOTATIONS, &policy->arena, diags);
	}
}

static unsigned flags_of(const struct regoc_settings *settings)
{
	static const unsigned flags[][2] = {
		{ REGOC_STRICT, REGO_POLICY_STRICT }, { REGOC_PRINT, REGO_POLICY_PRINT },
		{ REGOC_TRACE, REGO_POLICY_TRACE },
	};
	unsigned found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (settings->flags & flags[i][0])
			found |= flags[i][1];
	return found;
}

static void compile_all(struct regoc_policy *policy, const struct regoc_settings *settings, size_t limit,
	struct rego_diags *diags)
{
	if (diags->count)
		return;
	if (settings->flags & REGOC_TESTS &&
			!regoc_rename_tests(policy->modules, policy->count, &policy->arena)) {
		say_full(diags);
		return;
	}
	if (!list_rules(policy)) {
		say_full(diags);
		return;
	}
	policy->compiled = rego_policy_new(policy->modules, policy->count, flags_of(settings), limit, diags);
	if (policy->compiled && !list_places(policy))
		say_full(diags);
}

enum regoc_status regoc_policy_new(const struct regoc_module *modules, size_t count,
	const struct regoc_settings *settings, struct regoc_policy **ret, struct regoc_report **ret_report)
{
	static const struct regoc_settings none = { 0 };
	scoped(arena) struct arena scratch = ARENA_INIT(REGOC_REPORT_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&scratch);
	struct regoc_policy *policy = new_object(sizeof(*policy));
	size_t limit;

	settings = settings ? settings : &none;
	limit = settings->memory_bytes ? settings->memory_bytes : REGOC_MEMORY_BYTES;
	policy->arena = (struct arena)ARENA_INIT(limit);
	*ret = NULL;
	if (ret_report)
		*ret_report = NULL;
	parse_all(policy, modules, count, &diags);
	compile_all(policy, settings, limit, &diags);
	if (policy->compiled && !diags.count) {
		*ret = policy;
		return REGOC_OK;
	}
	rego_diags_sort(&diags);
	report_diags(&diags, ret_report);
	regoc_policy_free(policy);
	return REGOC_BAD_POLICY;
}

void regoc_policy_free(struct regoc_policy *policy)
{
	if (policy) {
		rego_policy_free(policy->compiled);
		arena_fini(&policy->arena);
	}
	free(policy);
}

const struct rego_plan *regoc_policy_plan(const struct regoc_policy *policy)
{
	return rego_policy_plan(policy->compiled);
}

/* ---- code ---- */

/* "authz/allow" as words; more than a path can have is no path. */
static bool cut_path(struct arena *arena, const char *path, const char **words, size_t *ret_count)
{
	struct str rest = str_from(path), word;

	*ret_count = 0;
	while (rest.len && *ret_count < REGO_DEPTH_MAX) {
		(void)str_cut(rest, '/', &word, &rest);
		words[*ret_count] = arena_copy(arena, word.data, word.len);
		if (!words[(*ret_count)++])
			return false;
	}
	return !rest.len;
}

static bool is_below(const struct rego_plan *plan, uint32_t place, uint32_t top)
{
	while (place != top && plan->places[place].parent != place)
		place = plan->places[place].parent;
	return place == top;
}

enum regoc_status regoc_disassemble(const struct regoc_policy *policy, const char *path,
	void (*line)(void *data, const char *text, size_t len), void *data)
{
	scoped(arena) struct arena arena = ARENA_INIT(REGOC_REPORT_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(REGOC_MEMORY_BYTES);
	const struct rego_plan *plan = regoc_policy_plan(policy);
	const struct rego_function *top;
	const char *words[REGO_DEPTH_MAX];
	size_t count = 0;

	if (!cut_path(&arena, path ? path : "", words, &count))
		return REGOC_BAD_CALL;
	top = rego_policy_find(policy->compiled, words, count);
	if (!top)
		return REGOC_BAD_CALL;
	for (uint32_t i = 0; i < plan->place_count; i++)
		if (is_below(plan, i, top->place))
			rego_disassemble(plan, &plan->functions[i], &buf, line, data);
	return REGOC_OK;
}

/* ---- questions ---- */

static bool list_names(struct regoc_query *query)
{
	query->names = arena_alloc_array(&query->arena, query->rows->name_count + 1, sizeof(*query->names));
	for (size_t i = 0; query->names && i < query->rows->name_count; i++) {
		query->names[i] = arena_copy(&query->arena, query->rows->names[i].data,
			query->rows->names[i].len);
		if (!query->names[i])
			return false;
	}
	return query->names;
}

static bool list_exprs(struct regoc_query *query)
{
	query->exprs = arena_alloc_array(&query->arena, query->rows->expr_count, sizeof(*query->exprs));
	for (size_t i = 0; query->exprs && i < query->rows->expr_count; i++) {
		const struct rego_span *at = &query->rows->exprs[i].at;

		query->exprs[i].text = arena_copy(&query->arena, at->source->text.data + at->offset,
			at->length);
		query->exprs[i].line = at->line;
		query->exprs[i].column = at->column;
		if (!query->exprs[i].text)
			return false;
	}
	return query->exprs;
}

/* "data.a.b" as a module's package has it; NULL with a diagnostic for anything else. */
static const struct rego_term *parse_package(struct arena *arena, const char *text, struct rego_diags *diags)
{
	const struct rego_source *source = keep_source(arena, "package", text, strlen(text));
	const struct rego_term *term = source ? rego_parse_term(source, 0, arena, diags) : NULL;

	if (!source)
		say_full(diags);
	if (!term)
		return NULL;
	if (term->type == REGO_TERM_REF && ground_count(term) == term->list.count &&
			term->list.items[0]->type == REGO_TERM_VAR &&
			str_eq(term->list.items[0]->name, STR("data")))
		return term;
	rego_diag_add(diags, REGO_CODE_PARSE, term->at, "a package is written data.NAME...");
	return NULL;
}

static void compile_query(struct regoc_query *query, const char *text, const char *package,
	struct rego_diags *diags)
{
	struct rego_query_options options = { .has_values = true };
	const struct rego_source *source = keep_source(&query->arena, "query", text, strlen(text));
	const struct rego_body *body = NULL;

	if (package)
		options.package = parse_package(&query->arena, package, diags);
	if (source)
		body = rego_parse_query(source, 0, &query->arena, diags);
	else
		say_full(diags);
	if (diags->count)
		return;
	query->rows = rego_query_new(query->policy->compiled, body, &options, &query->arena, diags);
	if (query->rows && (!list_names(query) || !list_exprs(query)))
		say_full(diags);
}

static struct regoc_query *query_new(const struct regoc_policy *policy)
{
	struct regoc_query *query = new_object(sizeof(*query));

	query->arena = (struct arena)ARENA_INIT(REGOC_MEMORY_BYTES);
	query->policy = policy;
	return query;
}

enum regoc_status regoc_query_new(const struct regoc_policy *policy, const char *text, const char *package,
	struct regoc_query **ret, struct regoc_report **ret_report)
{
	scoped(arena) struct arena scratch = ARENA_INIT(REGOC_REPORT_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&scratch);
	struct regoc_query *query = query_new(policy);

	*ret = NULL;
	if (ret_report)
		*ret_report = NULL;
	compile_query(query, text, package, &diags);
	if (diags.count) {
		report_diags(&diags, ret_report);
		regoc_query_free(query);
		return REGOC_BAD_POLICY;
	}
	query->function = query->rows->function;
	*ret = query;
	return REGOC_OK;
}

static const struct rego_function *find_entry(struct regoc_query *query, const char *path)
{
	const char *words[REGO_DEPTH_MAX];
	size_t count;

	return cut_path(&query->arena, path, words, &count) ?
		rego_policy_find(query->policy->compiled, words, count) : NULL;
}

struct regoc_query *regoc_query_new_entry(const struct regoc_policy *policy, const char *path)
{
	struct regoc_query *query = query_new(policy);

	query->function = find_entry(query, path);
	if (query->function && !query->function->operand_count)
		return query;
	regoc_query_free(query);
	return NULL;
}

void regoc_query_free(struct regoc_query *query)
{
	if (query)
		arena_fini(&query->arena);
	free(query);
}

const char *regoc_query_variable(const struct regoc_query *query, size_t index)
{
	return query->rows && index < query->rows->name_count ? query->names[index] : NULL;
}

bool regoc_query_expression(const struct regoc_query *query, size_t index, struct regoc_expression *ret)
{
	if (!query->rows || index >= query->rows->expr_count)
		return false;
	*ret = query->exprs[index];
	return true;
}

/* ---- documents ---- */

enum regoc_status regoc_document_new(const char *text, size_t len, size_t memory_bytes,
	struct regoc_document **ret, struct regoc_report **ret_report)
{
	struct regoc_document *document = new_object(sizeof(*document));
	struct error err = ERROR_INIT;

	document->arena = (struct arena)ARENA_INIT(memory_bytes ? memory_bytes : REGOC_MEMORY_BYTES);
	*ret = NULL;
	if (ret_report)
		*ret_report = NULL;
	if (json_read(&document->arena, (struct str){ text, len }, 0, &document->value, &err) == 0) {
		*ret = document;
		return REGOC_OK;
	}
	report_json(&err, ret_report);
	regoc_document_free(document);
	return REGOC_BAD_JSON;
}

const struct regoc_value *regoc_document_value(const struct regoc_document *document)
{
	return document ? regoc_of_json(document->value) : NULL;
}

void regoc_document_free(struct regoc_document *document)
{
	if (document)
		arena_fini(&document->arena);
	free(document);
}
