// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_policy.c - the public header's policies and documents
 *
 * Each is one object on the heap with an arena of its own, so that it goes as a whole.
 */
#include "rego/disasm.h"
#include "rego/regoc_internal.h"

struct regoc_policy {
	struct arena arena;		/* sources and trees */
	unsigned parse_flags;		/* enum rego_parse_flags, also of questions */
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

/* ---- rules ---- */

static const char *text_of(struct arena *arena, const struct rego_term *term)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	rego_term_print(term, &buf);
	return arena_copy(arena, buf.data, buf.len);
}

static void name_rule(struct arena *arena, const struct rego_rule *rule, struct regoc_rule *ret)
{
	struct rego_term name = *rule->ref;

	ret->is_partial = rule->contains;
	if (name.type == REGO_TERM_REF) {
		name.list.count = rego_api_ground_count(rule->ref);
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

/* All are read before anything is said, so that the mistakes of all are told. */
static void parse_all(struct regoc_policy *policy, const struct regoc_module *modules, size_t count,
	struct rego_diags *diags)
{
	policy->modules = arena_alloc_array(&policy->arena, count, sizeof(*policy->modules));
	if (!policy->modules) {
		rego_api_say_full(diags);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct rego_source *source =
			rego_api_source(&policy->arena, modules[i].name, modules[i].text, modules[i].len);

		if (!source) {
			rego_api_say_full(diags);
			return;
		}
		policy->modules[policy->count++] = rego_parse_module(source,
			REGO_PARSE_ANNOTATIONS | policy->parse_flags, &policy->arena, diags);
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

static const char *copy_text(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

static bool read_schema(struct regoc_policy *policy, const struct regoc_schema *schema,
	struct rego_schema *ret, struct rego_diags *diags)
{
	struct error err = ERROR_INIT;

	ret->name = copy_text(&policy->arena, schema->name);
	ret->package = copy_text(&policy->arena, schema->package);
	if (!ret->name != !schema->name || !ret->package != !schema->package) {
		rego_api_say_full(diags);
		return false;
	}
	if (json_read(&policy->arena, (struct str){ schema->text, schema->len }, JSON_READ_STRICT,
			&ret->value, &err) >= 0)
		return true;
	rego_diag_add(diags, REGO_CODE_TYPE, (struct rego_span){ 0 }, "unable to compile the schema: %s",
		err.text);
	return false;
}

/* One of packages alone is read where it is about a module. */
static bool is_wanted(const struct regoc_policy *policy, const struct regoc_schema *schema)
{
	if (schema->name || !*schema->package)
		return true;
	for (size_t i = 0; i < policy->count; i++)
		if (rego_package_is_within(policy->modules[i]->package, str_from(schema->package)))
			return true;
	return false;
}

/* As values of the policy's own. Return: false: something was said. */
static bool read_schemas(struct regoc_policy *policy, const struct regoc_settings *settings,
	struct rego_policy_settings *ret, struct rego_diags *diags)
{
	struct rego_schema *schemas = arena_alloc_array(&policy->arena, settings->schema_count,
		sizeof(*schemas));

	if (!schemas) {
		rego_api_say_full(diags);
		return false;
	}
	ret->schemas = schemas;
	for (size_t i = 0; i < settings->schema_count; i++)
		if (is_wanted(policy, &settings->schemas[i]) &&
				!read_schema(policy, &settings->schemas[i], &schemas[ret->schema_count++],
					diags))
			return false;
	return true;
}

static void compile_all(struct regoc_policy *policy, const struct regoc_settings *settings, size_t limit,
	struct rego_diags *diags)
{
	struct rego_policy_settings of_policy = {
		.flags = flags_of(settings), .limit_bytes = limit,
	};

	if (diags->count)
		return;
	if (settings->flags & REGOC_TESTS &&
			!rego_api_rename_tests(policy->modules, policy->count, &policy->arena)) {
		rego_api_say_full(diags);
		return;
	}
	if (!list_rules(policy)) {
		rego_api_say_full(diags);
		return;
	}
	if (!read_schemas(policy, settings, &of_policy, diags))
		return;
	policy->compiled = rego_policy_new_as(policy->modules, policy->count, &of_policy, diags);
	if (policy->compiled && !list_places(policy))
		rego_api_say_full(diags);
}

enum regoc_status regoc_policy_new(const struct regoc_module *modules, size_t count,
	const struct regoc_settings *settings, struct regoc_policy **ret, struct regoc_report **ret_report)
{
	static const struct regoc_settings none = { 0 };
	scoped(arena) struct arena scratch = ARENA_INIT(REGOC_REPORT_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&scratch);
	struct regoc_policy *policy = rego_api_new(sizeof(*policy));
	size_t limit;

	settings = settings ? settings : &none;
	limit = settings->memory_bytes ? settings->memory_bytes : REGOC_MEMORY_BYTES;
	policy->arena = (struct arena)ARENA_INIT(limit);
	policy->parse_flags = settings->flags & REGOC_LOGICAL_KEYWORDS ? REGO_PARSE_LOGIC : 0u;
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
	rego_api_report(&diags, ret_report);
	regoc_policy_free(policy);
	return REGOC_BAD_POLICY;
}

const struct rego_policy *rego_api_compiled(const struct regoc_policy *policy)
{
	return policy->compiled;
}

unsigned rego_api_parse_flags(const struct regoc_policy *policy)
{
	return policy->parse_flags;
}

void regoc_policy_free(struct regoc_policy *policy)
{
	if (policy) {
		rego_policy_free(policy->compiled);
		arena_fini(&policy->arena);
	}
	free(policy);
}

/* ---- code ---- */

static bool is_below(const struct rego_plan *plan, uint32_t place, uint32_t top)
{
	while (place != top && plan->places[place].parent != place)
		place = plan->places[place].parent;
	return place == top;
}

enum regoc_status regoc_disassemble(const struct regoc_policy *policy, const char *path,
	void (*line)(void *data, const char *text, size_t len), void *data)
{
	scoped(buf) struct buf buf = BUF_INIT(REGOC_MEMORY_BYTES);
	const struct rego_plan *plan = rego_policy_plan(rego_api_compiled(policy));
	const struct rego_function *top = rego_api_find(policy->compiled, path ? path : "");

	if (!top)
		return REGOC_BAD_CALL;
	for (uint32_t i = 0; i < plan->place_count; i++)
		if (is_below(plan, i, top->place))
			rego_disassemble(plan, &plan->functions[i], &buf, line, data);
	return REGOC_OK;
}

/* ---- documents ---- */

enum regoc_status regoc_document_new(const char *text, size_t len, size_t memory_bytes,
	struct regoc_document **ret, struct regoc_report **ret_report)
{
	struct regoc_document *document = rego_api_new(sizeof(*document));
	struct error err = ERROR_INIT;

	document->arena = (struct arena)ARENA_INIT(memory_bytes ? memory_bytes : REGOC_MEMORY_BYTES);
	*ret = NULL;
	if (ret_report)
		*ret_report = NULL;
	if (json_read(&document->arena, (struct str){ text, len }, 0, &document->value, &err) == 0) {
		*ret = document;
		return REGOC_OK;
	}
	rego_api_report_json(&err, ret_report);
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
