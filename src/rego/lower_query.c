// SPDX-License-Identifier: Apache-2.0
/*
 * lower_query.c - a question: a body of which the variables are wanted, and perhaps each expression's value
 *
 * Whoever asks `data.a.allow` on a command line wants to see false, too. So where the values are wanted, an
 * expression that stands for one is unified with a variable of its own instead of being tested. A question
 * of one expression that does not iterate is answered with whatever that variable then is; in all others it
 * is tested behind, since there false means that this is no solution. Which expressions have values, and
 * when they are tested, is as in OPA (v1/rego/rego.go of its source, where queries are rewritten to capture
 * values): negations, `=`, `:=`, `some` and `every` are just true.
 */
#include "rego/lower.h"

/* ---- iteration ---- */

static bool iterates(const struct rego_term *term);

static bool any_iterates(const struct rego_term *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (iterates(items[i]))
			return true;
	return false;
}

static bool is_relation(const struct rego_term *operator)
{
	const struct rego_builtin *builtin = operator->type == REGO_TERM_VAR ?
		rego_builtin_find(operator->name) : NULL;

	return builtin && builtin->flags & REGO_BUILTIN_RELATION;
}

static bool object_iterates(const struct rego_term *term)
{
	for (size_t i = 0; i < term->object.count; i++)
		if (iterates(term->object.pairs[i].key) || iterates(term->object.pairs[i].value))
			return true;
	return false;
}

static bool ref_iterates(const struct rego_term *ref)
{
	for (size_t i = 1; i < ref->list.count; i++)
		if (ref->list.items[i]->type == REGO_TERM_VAR)
			return true;
	return any_iterates(ref->list.items, ref->list.count);
}

/* Whether a term may stand for several values in turn: a key is a variable, or a relation is called. */
static bool iterates(const struct rego_term *term)
{
	switch (term->type) {
	case REGO_TERM_REF:
		return ref_iterates(term);
	case REGO_TERM_CALL:
		return is_relation(term->list.items[0]) ||
			any_iterates(term->list.items + 1, term->list.count - 1);
	case REGO_TERM_ARRAY:
	case REGO_TERM_SET:
		return any_iterates(term->list.items, term->list.count);
	case REGO_TERM_OBJECT:
		return object_iterates(term);
	case REGO_TERM_VALUE:
	case REGO_TERM_VAR:
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
	case REGO_TERM_TEMPLATE:
	case REGO_TERM_LOGIC:
		return false;
	}
	return false;
}

static bool needs_tests(const struct rego_body *body)
{
	return body->count > 1 || (body->exprs[0]->type == REGO_EXPR_TERM && iterates(body->exprs[0]->term));
}

/* ---- values ---- */

/* `==` was lowered to a unification, which has no value: it becomes the call that it was written as. */
static bool make_call(struct lower *lower, struct core_expr *expr)
{
	struct core_callee callee = { .builtin = rego_builtin_find(STR("equal")), .operand_count = 2 };
	struct core_term *left = expr->eq.left, *right = expr->eq.right;

	if (!expr->is_compare || !callee.builtin)
		return false;
	expr->type = CORE_CALL;
	expr->is_compare = false;
	expr->call.callee = callee;
	expr->call.operands = compile_alloc(lower->compiler, 3, sizeof(struct core_term *));
	expr->call.operands[0] = left;
	expr->call.operands[1] = right;
	expr->call.count = 2;
	expr->call.has_result = false;
	return true;
}

static bool gives_value(struct lower *lower, struct core_expr *expr)
{
	const struct core_callee *callee = &expr->call.callee;

	if (expr->is_negated || expr->is_assign)
		return false;
	if (expr->type == CORE_EQ)
		return make_call(lower, expr);
	if (expr->type == CORE_CALL)
		return expr->call.count == callee->operand_count &&
			(!callee->builtin || !(callee->builtin->flags & REGO_BUILTIN_VOID));
	return expr->type == CORE_TERM;
}

/* Return: the variable that has the value of an expression, or NULL where it has none. */
static struct core_term *capture(struct lower *lower, struct core_expr *expr)
{
	struct core_term *value, *term;

	if (!gives_value(lower, expr))
		return NULL;
	value = lower_fresh(lower, expr->at);
	if (expr->type == CORE_CALL) {
		expr->call.operands[expr->call.count++] = value;
		expr->call.has_result = true;
		return value;
	}
	term = expr->term;
	expr->type = CORE_EQ;
	expr->eq.left = value;
	expr->eq.right = term;
	return value;
}

/* One expression of the question, with everything that stands in front of it. */
static void lower_asked(struct lower *lower, const struct rego_body *body, size_t index, bool is_tested,
	struct lower_answer *answer)
{
	struct rego_body one = { .exprs = body->exprs + index, .count = 1, .at = body->at };
	size_t before = lower->body->count;
	struct core_term *value;

	lower_body(lower, &one);
	answer->at = body->exprs[index]->at;
	answer->var = REGO_NOWHERE;
	if (body->exprs[index]->type != REGO_EXPR_TERM || lower->body->count == before)
		return;
	value = capture(lower, lower->body->exprs[lower->body->count - 1]);
	if (!value)
		return;
	answer->var = value->var;
	if (is_tested)
		lower_add(lower, CORE_TERM, answer->at)->term = value;
}

static void lower_answers(struct lower *lower, const struct rego_body *body, struct lower_answers *answers)
{
	bool is_tested = needs_tests(body);

	answers->items = compile_alloc(lower->compiler, body->count, sizeof(*answers->items));
	for (size_t i = 0; i < body->count; i++) {
		lower_asked(lower, body, i, is_tested, &answers->items[answers->count]);
		answers->count += body->exprs[i]->type != REGO_EXPR_SOME;
	}
}

/* ---- the question ---- */

void lower_query(struct compiler *compiler, struct core_rule *rule, const struct rego_body *body,
	struct lower_answers *answers)
{
	struct lower_scope scope;
	struct lower lower = {
		.compiler = compiler, .module = rule->module, .rule = rule, .body = &rule->body,
		.package = rego_node_of_package(compiler, rule->module),
	};

	if (!lower.package) {
		rego_diag_add(compiler->diags, REGO_CODE_COMPILE, rule->module->package->at,
			"no module is of the package that the query is in");
		return;
	}
	lower_enter(&lower, &scope, body);
	if (answers)
		lower_answers(&lower, body, answers);
	else
		lower_body(&lower, body);
	for (size_t i = 0; i < scope.count; i++)
		scope.names[i].use_count++;
	lower_leave(&lower);
}
