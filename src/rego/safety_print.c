// SPDX-License-Identifier: Apache-2.0
/*
 * safety_print.c - what print() may be asked to say
 *
 * An operand of print() stands in a comprehension of its own, where a variable that nothing binds would be a
 * new one. What was meant is a variable of the body, so each one must have been met before the call: in an
 * expression in front of it, in the head of a function, or in a body around it.
 */
#include "rego/vars.h"

struct walk {
	struct compiler *compiler;
	const struct core_rule *rule;
};

static void walk_body(struct walk *walk, const struct core_body *body, const struct varset *around);

/* Variables that are written below an operand, but for those of comprehensions in it. */
static void check_operand(struct walk *walk, const struct core_term *set, const struct varset *known)
{
	struct varset used = varset_new(walk->compiler, walk->rule);

	varset_of_body(&used, set->comprehension.body, 0);
	varset_of_term(&used, set->comprehension.head, 0);
	for (uint32_t var = 0; var < walk->rule->var_count; var++) {
		const struct core_var *named = &walk->rule->vars[var];

		if (!varset_has(&used, var) || varset_has(known, var) || !named->name.len)
			continue;
		rego_diag_add(walk->compiler->diags, REGO_CODE_COMPILE, set->at, "var %.*s is undeclared",
			STR_FMT(named->is_wildcard ? STR("_") : named->name));
	}
}

static void walk_term(struct walk *walk, const struct core_term *term, const struct varset *known)
{
	switch (term->type) {
	case CORE_REF:
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			walk_term(walk, term->list.items[i], known);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		walk_body(walk, term->comprehension.body, known);
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
		break;
	}
}

static void check_print(struct walk *walk, const struct core_expr *expr, const struct varset *known)
{
	const struct rego_builtin *builtin = expr->type == CORE_CALL ? expr->call.callee.builtin : NULL;

	if (!builtin || !(builtin->flags & REGO_BUILTIN_VARIADIC))
		return;
	for (size_t i = 0; i < expr->call.count; i++)
		check_operand(walk, expr->call.operands[i], known);
}

static void walk_every(struct walk *walk, const struct core_expr *expr, const struct varset *known)
{
	struct varset inside = varset_new(walk->compiler, walk->rule);

	varset_add_all(&inside, known);
	if (expr->every.key)
		varset_of_term(&inside, expr->every.key, 0);
	varset_of_term(&inside, expr->every.value, 0);
	walk_body(walk, expr->every.body, &inside);
}

static void walk_expr(struct walk *walk, const struct core_expr *expr, const struct varset *known)
{
	const struct core_term *term;
	const struct core_body *body;

	if (expr->type == CORE_EVERY) {
		walk_every(walk, expr, known);
		return;
	}
	check_print(walk, expr, known);
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		walk_term(walk, term, known);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		walk_body(walk, body, known);
}

static void walk_body(struct walk *walk, const struct core_body *body, const struct varset *around)
{
	struct varset known = varset_new(walk->compiler, walk->rule);

	varset_add_all(&known, around);
	for (size_t i = 0; i < body->count; i++) {
		walk_expr(walk, body->exprs[i], &known);
		varset_of_expr(&known, body->exprs[i], 0);
	}
}

void compile_safety_print(struct compiler *compiler, const struct core_rule *rule)
{
	struct walk walk = { .compiler = compiler, .rule = rule };
	struct varset params = varset_new(compiler, rule);

	if (!compiler->has_print)
		return;
	for (size_t i = 0; i < rule->param_count; i++)
		varset_of_term(&params, rule->params[i], 0);
	walk_body(&walk, &rule->body, &params);
}
