// SPDX-License-Identifier: Apache-2.0
/*
 * lower_name.c - which name stands for what
 *
 * A name is, in this order: what an enclosing body declares (also further down: a body that says `x := 1`
 * means its own x from its first line on, and using it above is a mistake), a rule of the package, an import,
 * `input` or `data`, and otherwise a variable of the rule that nobody declared. Such a variable is the same
 * one in all of the rule.
 */
#include "rego/lower.h"

static bool is_hidden(const struct lower *lower, struct str name)
{
	for (const struct lower_scope *scope = lower->scope; scope; scope = scope->outer) {
		for (size_t i = 0; i < scope->hidden_count; i++)
			if (str_eq(scope->hidden[i], name))
				return true;
		for (size_t i = 0; i < scope->count; i++)
			if (scope->names[i].origin == LOWER_PARAM && str_eq(scope->names[i].name, name))
				return true;
	}
	return false;
}

static struct lower_name *find_here(struct lower_scope *scope, struct str name)
{
	for (size_t i = scope->count; i-- > 0;)
		if (str_eq(scope->names[i].name, name))
			return &scope->names[i];
	return NULL;
}

static struct lower_name *find_local(const struct lower *lower, struct str name)
{
	for (struct lower_scope *scope = lower->scope; scope; scope = scope->outer) {
		struct lower_name *found = find_here(scope, name);

		if (found)
			return found;
	}
	return NULL;
}

bool lower_is_shadowed(const struct lower *lower, struct str name)
{
	const struct lower_name *found = find_local(lower, name);

	return found && found->origin != LOWER_SEEN;
}

/* ---- what a body will declare ---- */

static void hide(struct lower *lower, struct lower_scope *scope, struct str name)
{
	scope->hidden = compile_grow(lower->compiler, scope->hidden, scope->hidden_count, &scope->hidden_room,
		sizeof(*scope->hidden));
	scope->hidden[scope->hidden_count++] = name;
}

static void hide_pattern(struct lower *lower, struct lower_scope *scope, const struct rego_term *term)
{
	if (term->type == REGO_TERM_VAR)
		hide(lower, scope, term->name);
	else if (term->type == REGO_TERM_ARRAY)
		for (size_t i = 0; i < term->list.count; i++)
			hide_pattern(lower, scope, term->list.items[i]);
	else if (term->type == REGO_TERM_OBJECT)
		for (size_t i = 0; i < term->object.count; i++)
			hide_pattern(lower, scope, term->object.pairs[i].value);
}

static bool is_assignment(const struct rego_expr *expr)
{
	const struct rego_term *call = expr->term;

	return expr->type == REGO_EXPR_TERM && call->type == REGO_TERM_CALL && call->list.count == 3 &&
		call->list.items[0]->type == REGO_TERM_VAR &&
		str_eq(call->list.items[0]->name, STR("assign"));
}

static void hide_declared(struct lower *lower, struct lower_scope *scope, const struct rego_body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct rego_expr *expr = body->exprs[i];

		if (is_assignment(expr))
			hide_pattern(lower, scope, expr->term->list.items[1]);
		for (size_t k = 0; expr->type == REGO_EXPR_SOME && k < expr->some.count; k++)
			hide(lower, scope, expr->some.vars[k]->name);
		if (expr->type != REGO_EXPR_SOME_IN)
			continue;
		if (expr->in.key)
			hide_pattern(lower, scope, expr->in.key);
		hide_pattern(lower, scope, expr->in.value);
	}
}

void lower_enter(struct lower *lower, struct lower_scope *scope, const struct rego_body *body)
{
	*scope = (struct lower_scope){ .outer = lower->scope };
	if (body)
		hide_declared(lower, scope, body);
	lower->scope = scope;
}

void lower_leave(struct lower *lower)
{
	const struct lower_scope *scope = lower->scope;

	for (size_t i = 0; i < scope->count; i++) {
		const struct lower_name *name = &scope->names[i];
		bool is_declared = name->origin == LOWER_DECLARED,
			is_assigned = name->origin == LOWER_ASSIGNED && lower->compiler->is_strict;

		if (name->use_count || lower->rule->vars[name->var].is_wildcard ||
				(!is_declared && !is_assigned))
			continue;
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, name->at, "%s var %.*s unused",
			is_declared ? "declared" : "assigned", (int)name->name.len, name->name.data);
	}
	lower->scope = scope->outer;
}

/* ---- declaring and finding ---- */

uint32_t lower_new_var(struct lower *lower, struct str name, bool is_wildcard)
{
	struct core_rule *rule = lower->rule;

	rule->vars = compile_grow(lower->compiler, rule->vars, rule->var_count, &rule->var_room,
		sizeof(*rule->vars));
	rule->vars[rule->var_count] = (struct core_var){ .name = name, .is_wildcard = is_wildcard };
	return (uint32_t)rule->var_count++;
}

static uint32_t insert(struct lower *lower, const struct rego_term *term, enum lower_origin origin,
	uint32_t var)
{
	struct lower_scope *scope = lower->scope;

	scope->names = compile_grow(lower->compiler, scope->names, scope->count, &scope->room,
		sizeof(*scope->names));
	scope->names[scope->count++] = (struct lower_name){
		.name = term->name, .origin = origin, .var = var, .at = term->at,
	};
	return var;
}

uint32_t lower_declare(struct lower *lower, const struct rego_term *term, enum lower_origin origin)
{
	const struct lower_name *found = find_here(lower->scope, term->name);

	if (found && found->origin == LOWER_SEEN)
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at,
			"var %.*s referenced above", (int)term->name.len, term->name.data);
	else if (found && found->origin == LOWER_PARAM)
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at, "arg %.*s redeclared",
			(int)term->name.len, term->name.data);
	else if (found)
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at, "var %.*s %s above",
			(int)term->name.len, term->name.data,
			found->origin == LOWER_ASSIGNED ? "assigned" : "declared");
	if (str_eq(term->name, STR("input")) || str_eq(term->name, STR("data")))
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at,
			"%s must not shadow %.*s (use a different variable name)",
			origin == LOWER_PARAM ? "args" : "variables", (int)term->name.len, term->name.data);
	return insert(lower, term, origin,
		lower_new_var(lower, term->name, term->flags & REGO_TERM_WILDCARD));
}

uint32_t lower_declare_param(struct lower *lower, const struct rego_term *term)
{
	const struct lower_name *found = find_here(lower->scope, term->name);

	return found && found->origin == LOWER_PARAM ? found->var : lower_declare(lower, term, LOWER_PARAM);
}

static bool is_exported(const struct rego_node *package, struct str name)
{
	size_t low = 0, high = package->export_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = str_compare(package->exports[middle]->text, name);

		if (r == 0)
			return true;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static struct lower_found path_of_rule(struct lower *lower, const struct rego_term *term)
{
	struct lower_found found = { .meaning = LOWER_PATH, .key_count = lower->package->depth + 1 };
	const struct rego_node *node = lower->package;

	found.keys = compile_alloc(lower->compiler, found.key_count, sizeof(*found.keys));
	found.keys[node->depth] = json_new_string(lower->compiler->arena, term->name);
	if (!found.keys[node->depth])
		compile_leave(lower->compiler);
	for (; node->parent; node = node->parent)
		found.keys[node->depth - 1] = node->key;
	return found;
}

/* The last element of the path, unless `as` says otherwise. */
static struct str import_name(const struct rego_import *import)
{
	const struct rego_term *path = import->path;

	if (import->alias.len)
		return import->alias;
	if (path->type == REGO_TERM_VAR)
		return path->name;
	return path->list.items[path->list.count - 1]->value->text;
}

static struct lower_found path_of_import(struct lower *lower, const struct rego_import *import)
{
	const struct rego_term *path = import->path;
	bool is_var = path->type == REGO_TERM_VAR;
	struct str head = is_var ? path->name : path->list.items[0]->name;
	struct lower_found found = { .is_input = str_eq(head, STR("input")) };

	if (is_var) {
		found.meaning = found.is_input ? LOWER_INPUT : LOWER_DATA;
		return found;
	}
	found.meaning = LOWER_PATH;
	found.key_count = path->list.count - 1;
	found.keys = compile_alloc(lower->compiler, found.key_count, sizeof(*found.keys));
	for (size_t i = 0; i < found.key_count; i++)
		found.keys[i] = path->list.items[i + 1]->value;
	return found;
}

static const struct rego_import *find_import(const struct lower *lower, struct str name)
{
	for (size_t i = lower->module->import_count; i-- > 0;) {
		const struct rego_import *import = &lower->module->imports[i];
		const struct rego_term *path = import->path;
		struct str head = path->type == REGO_TERM_VAR ? path->name : path->list.items[0]->name;

		if ((str_eq(head, STR("data")) || str_eq(head, STR("input"))) &&
				str_eq(import_name(import), name))
			return import;
	}
	return NULL;
}

static uint32_t undeclared_var(struct lower *lower, const struct rego_term *term)
{
	const struct core_rule *rule = lower->rule;
	uint32_t var;

	for (var = 0; var < rule->var_count; var++)
		if (rule->vars[var].is_undeclared && str_eq(rule->vars[var].name, term->name))
			return var;
	var = lower_new_var(lower, term->name, term->flags & REGO_TERM_WILDCARD);
	rule->vars[var].is_undeclared = true;
	return var;
}

bool lower_names_path(const struct lower *lower, const struct rego_term *term)
{
	return !is_hidden(lower, term->name) &&
		(find_import(lower, term->name) || is_exported(lower->package, term->name) ||
			str_eq(term->name, STR("input")) || str_eq(term->name, STR("data")));
}

struct lower_found lower_find(struct lower *lower, const struct rego_term *term)
{
	struct lower_name *local;
	const struct rego_import *import = find_import(lower, term->name);

	if (!is_hidden(lower, term->name)) {
		if (import)
			return path_of_import(lower, import);
		if (is_exported(lower->package, term->name))
			return path_of_rule(lower, term);
		if (str_eq(term->name, STR("input")))
			return (struct lower_found){ .meaning = LOWER_INPUT };
		if (str_eq(term->name, STR("data")))
			return (struct lower_found){ .meaning = LOWER_DATA };
	}
	local = find_local(lower, term->name);
	if (local) {
		local->use_count++;
		return (struct lower_found){ .meaning = LOWER_LOCAL, .var = local->var };
	}
	return (struct lower_found){
		.meaning = LOWER_LOCAL, .var = insert(lower, term, LOWER_SEEN, undeclared_var(lower, term)),
	};
}
