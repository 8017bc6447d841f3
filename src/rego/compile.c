// SPDX-License-Identifier: Apache-2.0
/*
 * compile.c - from modules to a plan: the phases in their order
 */
#include "rego/emit.h"
#include "rego/known.h"
#include "rego/lower.h"
#include "rego/policy.h"

#include <errno.h>

struct rego_policy {
	struct arena arena;
	struct compiler compiler;
	struct rego_plan plan;
};

/* ---- memory ---- */

void compile_leave(struct compiler *compiler)
{
	longjmp(compiler->leave, 1);
}

void *compile_alloc(struct compiler *compiler, size_t count, size_t size_bytes)
{
	void *memory = arena_alloc_array(compiler->arena, count, size_bytes);

	if (!memory)
		compile_leave(compiler);
	return memory;
}

void *compile_grow(struct compiler *compiler, void *array, size_t count, size_t *room, size_t size_bytes)
{
	void *grown = arena_grow(compiler->arena, array, count, room, size_bytes);

	if (!grown)
		compile_leave(compiler);
	return grown;
}

const char *compile_text(struct compiler *compiler, struct str text)
{
	const char *copy = arena_copy(compiler->arena, text.data, text.len);

	if (!copy)
		compile_leave(compiler);
	return copy;
}

static void say_full(struct compiler *compiler)
{
	rego_diag_add(compiler->diags, REGO_CODE_COMPILE, (struct rego_span){ 0 },
		"the modules need more memory than they may have");
}

/* ---- the phases ---- */

static void lower_all(struct compiler *compiler)
{
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		for (struct core_rule *rule = node->rules; rule; rule = rule->next)
			lower_rule(compiler, rule);
	lower_check_refused(compiler);
}

static void order_all(struct compiler *compiler)
{
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		for (struct core_rule *rule = node->rules; rule; rule = rule->next)
			compile_safety(compiler, rule);
}

/* ---- the plan ---- */

static void take_tables(struct rego_unit *unit, const struct emit_tables *tables)
{
	*unit = (struct rego_unit){
		.consts = tables->consts, .paths = tables->paths, .builtins = tables->builtins,
		.withs = tables->withs, .choices = tables->choices, .choice_count = tables->choice_count,
		.const_count = tables->const_count, .path_count = tables->path_count,
		.builtin_count = tables->builtin_count, .with_count = tables->with_count,
	};
}

static struct rego_path path_of(struct compiler *compiler, const struct rego_node *node)
{
	const struct json **keys = compile_alloc(compiler, node->depth, sizeof(*keys));
	size_t count = node->depth;

	for (; node->parent; node = node->parent)
		keys[node->depth - 1] = node->key;
	return (struct rego_path){ .keys = keys, .count = count };
}

static const char *name_of(struct compiler *compiler, const struct rego_node *node)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	char *name;

	rego_node_print(node, &buf);
	name = arena_copy(compiler->arena, buf.data, buf.len);
	return name ? name : "...";
}

/* What says something says it each time. */
static bool has_memo(const struct compiler *compiler, const struct rego_node *node)
{
	return compiler->has_memos && node->kind == REGO_NODE_FUNCTION &&
		!(node->needs & CORE_NEEDS_LISTENER);
}

static void make_plan(struct compiler *compiler, struct rego_plan *plan)
{
	size_t count = compiler->node_count, at = 0;
	struct rego_place *places = compile_alloc(compiler, count, sizeof(*places));
	struct rego_function *functions = compile_alloc(compiler, count, sizeof(*functions));
	uint32_t *children = compile_alloc(compiler, count, sizeof(*children)), memo_count = 0;
	struct emit_tables tables = { .compiler = compiler, .has_sites = compiler->has_sites,
		.has_groups = compiler->has_groups };

	for (const struct rego_node *node = &compiler->root; node;
			node = rego_node_next(&compiler->root, node)) {
		struct rego_place *place = &places[node->index];

		place->cursor.type = (enum json_type)REGO_CURSOR;
		place->path = path_of(compiler, node);
		place->parent = node->parent ? node->parent->index : node->index;
		place->first_child = (uint32_t)at;
		place->child_count = (uint32_t)node->child_count;
		for (size_t i = 0; i < node->child_count; i++)
			children[at++] = node->children[i]->index;
		emit_node(compiler, &tables, node, &functions[node->index]);
		functions[node->index].unit = &plan->unit;
		functions[node->index].is_steady = compiler->has_sites && node->rules &&
			!(node->needs & CORE_NEEDS_OTHERS);
		functions[node->index].memo = has_memo(compiler, node) ? memo_count++ : REGO_NOWHERE;
		functions[node->index].is_recalled = compiler->has_recall &&
			functions[node->index].is_steady &&
			functions[node->index].memo != REGO_NOWHERE &&
			functions[node->index].operand_count <= REGO_RECALL_OPERANDS_MAX;
		functions[node->index].name = name_of(compiler, node);
	}
	take_tables(&plan->unit, &tables);
	plan->functions = functions;
	plan->places = places;
	plan->children = children;
	plan->place_count = count;
	plan->value_count = count + tables.site_count;
	plan->memo_count = memo_count;
	plan->has_hints = compiler->has_hints;
	plan->has_texts = compiler->has_texts;
}

static void compile(struct compiler *compiler, struct rego_plan *plan)
{
	static void (*const phases[])(struct compiler * compiler) = {
		compile_tree,
		lower_all,
		order_all,
		compile_depend,
		compile_check,
		compile_steady,
	};

	if (setjmp(compiler->leave)) {
		say_full(compiler);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		phases[i](compiler);
		if (compile_failed(compiler))
			return;
	}
	make_plan(compiler, plan);
}

/* ---- policies ---- */

struct rego_policy *rego_policy_new(const struct rego_module *const *modules, size_t count, unsigned flags,
	size_t limit_bytes, struct rego_diags *diags)
{
	const struct rego_policy_settings settings = { .flags = flags, .limit_bytes = limit_bytes };

	return rego_policy_new_as(modules, count, &settings, diags);
}

struct rego_policy *rego_policy_new_as(const struct rego_module *const *modules, size_t count,
	const struct rego_policy_settings *settings, struct rego_diags *diags)
{
	struct rego_policy *policy = malloc(sizeof(*policy));
	unsigned flags = settings->flags;

	if (!policy)
		abort();
	*policy = (struct rego_policy){ .arena = ARENA_INIT(settings->limit_bytes) };
	policy->compiler = (struct compiler){
		.arena = &policy->arena, .diags = diags, .modules = modules, .module_count = count,
		.is_strict = flags & REGO_POLICY_STRICT, .has_print = flags & REGO_POLICY_PRINT,
		.has_trace = flags & REGO_POLICY_TRACE,
		.has_index = !(flags & (REGO_POLICY_NO_INDEX | REGO_POLICY_TRACE)),
		.has_sites = !(flags & (REGO_POLICY_NO_SITES | REGO_POLICY_TRACE)),
		.has_groups = !(flags & (REGO_POLICY_NO_GROUPS | REGO_POLICY_TRACE)),
		.has_memos = !(flags & (REGO_POLICY_NO_MEMOS | REGO_POLICY_TRACE)),
		.is_direct = !(flags & REGO_POLICY_NO_DIRECT),
		.has_records = !(flags & REGO_POLICY_NO_RECORDS),
		.has_returns = !(flags & REGO_POLICY_NO_RETURNS),
		.has_single = !(flags & REGO_POLICY_NO_SINGLE),
		.has_hints = !(flags & REGO_POLICY_NO_HINTS),
		.has_texts = !(flags & REGO_POLICY_NO_TEXTS),
		.has_recall = !(flags & (REGO_POLICY_NO_RECALL | REGO_POLICY_TRACE)),
		.given = settings->schemas, .given_count = settings->schema_count,
	};
	compile(&policy->compiler, &policy->plan);
	policy->compiler.diags = NULL;
	if (!diags->count)
		return policy;
	rego_diags_sort(diags);
	return rego_policy_free(policy);
}

struct rego_policy *rego_policy_free(struct rego_policy *policy)
{
	if (policy)
		arena_fini(&policy->arena);
	free(policy);
	return NULL;
}

size_t rego_policy_memory(const struct rego_policy *policy)
{
	return sizeof(*policy) + policy->arena.used_bytes;
}

const struct rego_plan *rego_policy_plan(const struct rego_policy *policy)
{
	return &policy->plan;
}

static const struct rego_node *node_at(const struct rego_policy *policy, const char *const *path,
	size_t count)
{
	const struct rego_node *node = &policy->compiler.root;

	for (size_t i = 0; node && i < count; i++) {
		struct json key = { .type = JSON_STRING, .text = str_from(path[i]) };

		node = rego_node_child(node, &key);
	}
	return node;
}

const struct rego_function *rego_policy_find(const struct rego_policy *policy, const char *const *path,
	size_t count)
{
	const struct rego_node *node = node_at(policy, path, count);

	return node ? &policy->plan.functions[node->index] : NULL;
}

/* The keys @from and what follows in a path with one more behind it. */
static int write_path(struct arena *arena, const char *const *path, size_t from, size_t count,
	const char *name, struct rego_path *ret)
{
	const struct json **keys = arena_alloc_array(arena, count + 1, sizeof(*keys));

	if (!keys)
		return -EMSGSIZE;
	for (size_t i = from; i <= count; i++) {
		keys[i - from] = json_new_text(arena, i < count ? path[i] : name);
		if (!keys[i - from])
			return -EMSGSIZE;
	}
	*ret = (struct rego_path){ keys, count - from + 1 };
	return 0;
}

int rego_policy_member(const struct rego_policy *policy, const char *const *path, size_t count,
	const char *name, struct arena *arena, struct rego_entry *ret)
{
	const struct json key = { .type = JSON_STRING, .text = str_from(name) };
	const struct rego_function *function = rego_policy_find(policy, path, count);
	const struct rego_node *child;

	if (!function || function->kind == REGO_FUNCTION_CALLED)
		return -ENOENT;
	*ret = (struct rego_entry){ .place = function->place };
	if (function->kind == REGO_FUNCTION_RULE)
		return write_path(arena, path, count, count, name, &ret->path);
	child = rego_node_child(node_at(policy, path, count), &key);
	if (child && policy->plan.functions[child->index].kind == REGO_FUNCTION_CALLED)
		return -ENOENT;
	ret->place = child ? child->index : REGO_NOWHERE;
	return child ? 0 : write_path(arena, path, 0, count, name, &ret->path);
}

/* ---- queries ---- */

struct compiled_query {
	struct rego_query query;
	struct rego_unit unit;
	struct rego_function function;
};

static int compare_names(const void *left, const void *right)
{
	return str_compare(*(const struct str *)left, *(const struct str *)right);
}

/* The variables that a person asked for, and that the body binds. */
static void name_vars(struct emitter *emitter, struct rego_query *query)
{
	const struct core_rule *rule = emitter->rule;
	struct str *names = compile_alloc(emitter->compiler, rule->var_count, sizeof(*names));

	for (uint32_t var = 0; var < rule->var_count; var++)
		if (rule->vars[var].name.len && !rule->vars[var].is_wildcard &&
				varset_has(&emitter->bound, var))
			names[query->name_count++] = rule->vars[var].name;
	qsort(names, query->name_count, sizeof(*names), compare_names);
	query->names = names;
}

static uint32_t var_of(const struct emitter *emitter, struct str name)
{
	const struct core_rule *rule = emitter->rule;
	uint32_t var = 0;

	while (!str_eq(rule->vars[var].name, name) || !varset_has(&emitter->bound, var))
		var++;
	return var;
}

/* The expressions' values stand behind the variables in a row. */
static uint32_t name_exprs(struct emitter *emitter, const struct lower_answers *answers,
	struct rego_query *query)
{
	struct rego_query_expr *exprs = compile_alloc(emitter->compiler, answers->count, sizeof(*exprs));
	uint32_t item = (uint32_t)query->name_count;

	for (size_t i = 0; i < answers->count; i++) {
		exprs[i].at = answers->items[i].at;
		exprs[i].item = answers->items[i].var == REGO_NOWHERE ? REGO_NOWHERE : item++;
	}
	query->exprs = exprs;
	query->expr_count = answers->count;
	return item;
}

static void emit_row(struct emitter *emitter, const struct lower_answers *answers, struct rego_query *query)
{
	uint32_t count, row;

	name_vars(emitter, query);
	count = name_exprs(emitter, answers, query);
	row = emit_regs(emitter, count);
	for (size_t i = 0; i < query->name_count; i++)
		emit_insn(emitter, REGO_OP_MOVE, row + (uint32_t)i,
			emitter->reg_of[var_of(emitter, query->names[i])], 0, 0);
	for (size_t i = 0; i < query->expr_count; i++)
		if (query->exprs[i].item != REGO_NOWHERE)
			emit_insn(emitter, REGO_OP_MOVE, row + query->exprs[i].item,
				emitter->reg_of[answers->items[i].var], 0, 0);
	emit_insn(emitter, REGO_OP_ROW, row, count, 0, 0);
}

static void emit_query(struct compiler *compiler, const struct core_rule *rule,
	const struct lower_answers *answers, struct rego_span at, struct compiled_query *compiled)
{
	struct emit_tables tables = { .compiler = compiler };
	struct emitter emitter = { .compiler = compiler, .tables = &tables };
	uint32_t end = emit_label(&emitter);

	emit_begin_rule(&emitter, rule, 1);
	emitter.fail = end;
	emitter.at = at;
	emit_event(&emitter, REGO_EVENT_ENTER, 0);
	emit_body(&emitter, &rule->body);
	emit_row(&emitter, answers, &compiled->query);
	emitter.at = at;
	emit_event(&emitter, REGO_EVENT_EXIT, 0);
	emit_event(&emitter, REGO_EVENT_AGAIN, 0);
	emit_insn(&emitter, REGO_OP_JUMP, 0, 0, 0, emitter.fail);
	emit_here(&emitter, end);
	emit_insn(&emitter, REGO_OP_FAIL, 0, 0, 0, 0);
	emit_finish(&emitter, &compiled->function);
	take_tables(&compiled->unit, &tables);
	compiled->function.kind = REGO_FUNCTION_QUERY;
	compiled->function.memo = REGO_NOWHERE;
	compiled->function.name = "query";
	compiled->function.unit = &compiled->unit;
	compiled->query.function = &compiled->function;
}

static void compile_query(struct compiler *compiler, const struct rego_body *body,
	const struct rego_query_options *options, struct compiled_query *compiled)
{
	static const struct rego_term head = { .type = REGO_TERM_VAR, .name = STR("data") };
	static const struct rego_term *const heads[] = { &head };
	static const struct rego_term package = { .type = REGO_TERM_REF, .list = { heads, 1 } };
	struct rego_module module = {
		.package = options->package ? options->package : &package,
		.imports = options->imports, .import_count = options->import_count,
	};
	struct core_rule rule = { .module = &module };
	struct lower_answers answers = { 0 };

	if (setjmp(compiler->leave)) {
		say_full(compiler);
		return;
	}
	lower_query(compiler, &rule, body, options->has_values ? &answers : NULL);
	if (!compile_failed(compiler))
		compile_safety_query(compiler, &rule);
	if (!compile_failed(compiler))
		compile_check_query(compiler, &rule);
	if (!compile_failed(compiler))
		emit_query(compiler, &rule, &answers, body->at, compiled);
}

const struct rego_query *rego_query_new(const struct rego_policy *policy, const struct rego_body *body,
	const struct rego_query_options *options, struct arena *arena, struct rego_diags *diags)
{
	static const struct rego_query_options none = { 0 };
	struct compiled_query *compiled = arena_alloc(arena, sizeof(*compiled));
	struct compiler compiler = policy->compiler;

	compiler.arena = arena;
	compiler.diags = diags;
	if (compiled)
		compile_query(&compiler, body, options ? options : &none, compiled);
	else
		say_full(&compiler);
	rego_diags_sort(diags);
	return diags->count ? NULL : &compiled->query;
}
