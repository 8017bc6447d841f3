// SPDX-License-Identifier: Apache-2.0
/*
 * lower_expr.c - expressions, and what stands in front of them
 */
#include "rego/lower.h"

struct core_expr *lower_add(struct lower *lower, enum core_expr_type type, struct rego_span at)
{
	struct core_expr *expr = compile_alloc(lower->compiler, 1, sizeof(*expr));
	struct core_body *body = lower->body;

	expr->type = type;
	expr->at = at;
	expr->withs = lower->withs;
	expr->with_count = lower->with_count;
	expr->written = lower->written;
	body->exprs = compile_grow(lower->compiler, body->exprs, body->count, &body->room,
		sizeof(struct core_expr *));
	body->exprs[body->count++] = expr;
	return expr;
}

struct core_expr *lower_add_eq(struct lower *lower, struct core_term *left, struct core_term *right)
{
	struct core_expr *expr = lower_add(lower, CORE_EQ, right->at);

	expr->eq.left = left;
	expr->eq.right = right;
	return expr;
}

/* ---- calls ---- */

/* The operands are lowered first, so that what they hoist stands in front of the call. */
static struct core_expr *add_call(struct lower *lower, const struct rego_term *call, bool wants_result)
{
	size_t given = call->list.count - 1;
	struct core_term **operands = compile_alloc(lower->compiler, given + 1, sizeof(struct core_term *));
	struct core_callee callee = { 0 };
	bool is_found = lower_callee(lower, call->list.items[0], &callee);
	struct core_expr *expr;

	for (size_t i = 0; i < given; i++)
		operands[i] = lower_term(lower, call->list.items[1 + i]);
	wants_result &= is_found && lower_arity(lower, call->list.items[0], &callee, operands, given);
	if (wants_result)
		operands[given] = lower_fresh(lower, call->at);
	expr = lower_add(lower, CORE_CALL, call->at);
	expr->call.callee = callee;
	expr->call.operands = operands;
	expr->call.count = given + wants_result;
	expr->call.has_result = expr->call.count == callee.operand_count + 1;
	return expr;
}

/* rego.metadata.chain() and .rule() are known now. */
static struct core_term *constant_call(struct lower *lower, const struct rego_term *call)
{
	const struct rego_builtin *builtin = lower_find_builtin(lower, call->list.items[0]);
	struct core_term *term;
	const struct json *value;

	if (!builtin || !(builtin->flags & REGO_BUILTIN_COMPILED) || call->list.count != 1)
		return NULL;
	value = lower_metadata(lower, builtin);
	if (!value)
		return NULL;
	term = lower_new_term(lower, CORE_CONST, call->at);
	term->value = value;
	return term;
}

struct core_term *lower_call(struct lower *lower, const struct rego_term *call)
{
	struct core_term *constant = constant_call(lower, call);
	struct core_expr *expr;

	if (constant)
		return constant;
	expr = add_call(lower, call, true);
	expr->is_generated = true;
	return expr->call.has_result ? expr->call.operands[expr->call.count - 1] :
		lower_fresh(lower, call->at);
}

static bool is_operator(const struct rego_term *call, struct str name)
{
	return call->type == REGO_TERM_CALL && call->list.count == 3 &&
		call->list.items[0]->type == REGO_TERM_VAR && str_eq(call->list.items[0]->name, name);
}

static bool is_print(const struct rego_term *term)
{
	return term->type == REGO_TERM_CALL && term->list.items[0]->type == REGO_TERM_VAR &&
		str_eq(term->list.items[0]->name, STR("print"));
}

/*
 * Each operand stands in a set of its own, {x | x = operand}, so that what is undefined is said to be that
 * and does not end the body.
 */
static struct core_expr *add_print(struct lower *lower, const struct rego_term *call)
{
	size_t count = call->list.count - 1;
	struct core_term **operands = compile_alloc(lower->compiler, count + 1, sizeof(struct core_term *));
	struct core_expr *expr;

	for (size_t i = 0; i < count; i++)
		operands[i] = lower_captured(lower, call->list.items[1 + i]);
	expr = lower_add(lower, CORE_CALL, call->at);
	expr->call.callee.builtin = rego_builtin_find(STR("print"));
	expr->call.callee.operand_count = count;
	expr->call.operands = operands;
	expr->call.count = count;
	return expr;
}

/* ---- declarations ---- */

static const char *pattern_fault(const struct rego_term *term)
{
	static const char *const names[] = {
		[REGO_TERM_REF] = "ref", [REGO_TERM_SET] = "set", [REGO_TERM_CALL] = "call",
		[REGO_TERM_ARRAY_COMPREHENSION] = "arraycomprehension",
		[REGO_TERM_SET_COMPREHENSION] = "setcomprehension",
		[REGO_TERM_OBJECT_COMPREHENSION] = "objectcomprehension",
		[REGO_TERM_TEMPLATE] = "templatestring",
		[REGO_TERM_LOGIC] = "logical",
	};

	return term->type == REGO_TERM_VALUE ? json_type_name(term->value->type) : names[term->type];
}

/* The left side of :=, whose variables are new ones. */
static struct core_term *lower_pattern(struct lower *lower, const struct rego_term *term)
{
	struct core_term *list;

	if (term->type == REGO_TERM_VAR) {
		list = lower_new_term(lower, CORE_VAR, term->at);
		list->var = lower_declare(lower, term, LOWER_ASSIGNED);
		return list;
	}
	if (term->type != REGO_TERM_ARRAY && term->type != REGO_TERM_OBJECT) {
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at, "cannot assign to %s",
			pattern_fault(term));
		return lower_fresh(lower, term->at);
	}
	list = lower_new_term(lower, term->type == REGO_TERM_ARRAY ? CORE_ARRAY : CORE_OBJECT, term->at);
	list->list.count = term->type == REGO_TERM_ARRAY ? term->list.count : 2 * term->object.count;
	list->list.items = compile_alloc(lower->compiler, list->list.count, sizeof(struct core_term *));
	for (size_t i = 0; term->type == REGO_TERM_ARRAY && i < term->list.count; i++)
		list->list.items[i] = lower_pattern(lower, term->list.items[i]);
	for (size_t i = 0; term->type == REGO_TERM_OBJECT && i < term->object.count; i++) {
		list->list.items[2 * i] = lower_term(lower, term->object.pairs[i].key);
		list->list.items[2 * i + 1] = lower_pattern(lower, term->object.pairs[i].value);
	}
	return list;
}

static void lower_assignment(struct lower *lower, const struct rego_expr *expr)
{
	const struct rego_term *call = expr->term;
	struct core_term *right, *left;
	struct core_expr *eq;

	if (expr->is_negated) {
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, expr->at,
			"cannot assign vars inside negated expression");
		return;
	}
	right = lower_term(lower, call->list.items[2]);
	left = lower_pattern(lower, call->list.items[1]);
	eq = lower_add_eq(lower, left, right);
	eq->is_assign = true;
	eq->at = expr->at;
}

static void declare_pattern(struct lower *lower, const struct rego_term *term)
{
	if (term->type == REGO_TERM_VAR)
		lower_declare(lower, term, LOWER_DECLARED);
	else if (term->type == REGO_TERM_ARRAY)
		for (size_t i = 0; i < term->list.count; i++)
			declare_pattern(lower, term->list.items[i]);
	else if (term->type == REGO_TERM_OBJECT)
		for (size_t i = 0; i < term->object.count; i++)
			declare_pattern(lower, term->object.pairs[i].value);
}

/* `some k, v in xs` is v = xs[k] with variables of its own. */
static void lower_some_in(struct lower *lower, const struct rego_expr *expr)
{
	struct core_term *domain = lower_term(lower, expr->in.domain), *ref, *value;
	size_t count = domain->type == CORE_REF ? domain->list.count : 1;
	struct core_expr *eq;

	if (domain->type != CORE_REF && domain->type != CORE_VAR && domain->type != CORE_INPUT &&
			domain->type != CORE_DATA)
		domain = lower_name_it(lower, domain);
	ref = lower_new_term(lower, CORE_REF, expr->in.domain->at);
	ref->list.count = count + 1;
	ref->list.items = compile_alloc(lower->compiler, count + 1, sizeof(struct core_term *));
	for (size_t i = 0; i < count; i++)
		ref->list.items[i] = domain->type == CORE_REF ? domain->list.items[i] : domain;
	if (expr->in.key)
		declare_pattern(lower, expr->in.key);
	declare_pattern(lower, expr->in.value);
	if (expr->in.key) {
		ref->list.items[count] = lower_term(lower, expr->in.key);
	} else {
		ref->list.items[count] = lower_fresh(lower, ref->at);
		lower->rule->vars[ref->list.items[count]->var].is_wildcard = true;
	}
	value = lower_term(lower, expr->in.value);
	eq = lower_add_eq(lower, value, ref);
	eq->at = expr->at;
}

static void lower_every(struct lower *lower, const struct rego_expr *expr)
{
	struct core_term *domain = lower_name_it(lower, lower_term(lower, expr->in.domain));
	struct core_term *key = NULL, *value;
	struct lower_scope names;
	struct lower_inside inside;
	struct core_body *body;
	struct core_expr *every;

	lower_enter(lower, &names, NULL);
	if (expr->in.key) {
		declare_pattern(lower, expr->in.key);
		key = lower_term(lower, expr->in.key);
	}
	declare_pattern(lower, expr->in.value);
	value = lower_term(lower, expr->in.value);
	for (size_t i = 0; i < names.count; i++)
		names.names[i].use_count = 0;
	body = lower_go_inside(lower, &inside, expr->in.body);
	lower_body(lower, expr->in.body);
	lower_come_out(lower, &inside);
	lower_leave(lower);
	every = lower_add(lower, CORE_EVERY, expr->at);
	every->is_negated = expr->is_negated;
	every->every.key = key;
	every->every.value = value;
	every->every.domain = domain;
	every->every.body = body;
}

/* ---- bodies within ---- */

static struct core_body *lower_inner(struct lower *lower, const struct rego_body *body)
{
	struct lower_inside inside;
	struct core_body *inner = lower_go_inside(lower, &inside, body);

	lower_body(lower, body);
	lower_come_out(lower, &inside);
	return inner;
}

/* Both sides are closed: nothing that they bind is seen outside, and nothing is decided twice. */
static void lower_logic(struct lower *lower, const struct rego_expr *expr)
{
	const struct rego_term *term = expr->term;
	struct core_body *left = lower_inner(lower, term->logic.left),
			 *right = lower_inner(lower, term->logic.right);
	struct core_expr *either;

	if (!(term->flags & REGO_TERM_OR)) {
		lower_add(lower, CORE_BODY, expr->at)->inner.body = left;
		lower_add(lower, CORE_BODY, expr->at)->inner.body = right;
		return;
	}
	either = lower_add(lower, CORE_EITHER, expr->at);
	either->inner.body = left;
	either->inner.other = right;
}

/* ---- one expression ---- */

static void lower_plain(struct lower *lower, const struct rego_expr *expr)
{
	const struct rego_term *term = expr->term;
	struct core_expr *lowered;

	if (term->type == REGO_TERM_LOGIC) {
		lower_logic(lower, expr);
		return;
	}
	if (is_operator(term, STR("assign"))) {
		lower_assignment(lower, expr);
		return;
	}
	if (is_print(term) && !lower->compiler->has_print)
		return;
	if (is_operator(term, STR("eq")) || is_operator(term, STR("equal"))) {
		struct core_term *left = lower_term(lower, term->list.items[1]);

		lowered = lower_add_eq(lower, left, lower_term(lower, term->list.items[2]));
		lowered->at = expr->at;
		lowered->is_compare = is_operator(term, STR("equal"));
	} else if (is_print(term)) {
		lowered = add_print(lower, term);
		lowered->at = expr->at;
	} else if (term->type == REGO_TERM_CALL) {
		lowered = add_call(lower, term, false);
		lowered->at = expr->at;
	} else {
		struct core_term *value = lower_term(lower, term);

		lowered = lower_add(lower, CORE_TERM, expr->at);
		lowered->term = value;
	}
	lowered->is_negated = expr->is_negated;
}

/* With future.keywords.not, all of what is negated is evaluated inside of the negation. */
static void lower_negated_whole(struct lower *lower, const struct rego_expr *expr)
{
	struct rego_expr positive = *expr;
	struct lower_inside inside;
	struct core_body *body = lower_go_inside(lower, &inside, NULL);
	struct core_expr *negated;

	positive.is_negated = false;
	lower_plain(lower, &positive);
	lower_come_out(lower, &inside);
	negated = lower_add(lower, CORE_BODY, expr->at);
	negated->is_negated = true;
	negated->inner.body = body;
}

static void lower_one(struct lower *lower, const struct rego_expr *expr)
{
	struct core_expr *body;

	switch (expr->type) {
	case REGO_EXPR_SOME:
		for (size_t i = 0; i < expr->some.count; i++)
			lower_declare(lower, expr->some.vars[i], LOWER_DECLARED);
		break;
	case REGO_EXPR_SOME_IN:
		lower_some_in(lower, expr);
		break;
	case REGO_EXPR_EVERY:
		lower_every(lower, expr);
		break;
	case REGO_EXPR_NOT_BODY: {
		struct core_body *inner = lower_inner(lower, expr->body);

		body = lower_add(lower, CORE_BODY, expr->at);
		body->is_negated = true;
		body->inner.body = inner;
		break;
	}
	case REGO_EXPR_TERM:
		if (expr->is_negated && lower->module->has_not_keyword)
			lower_negated_whole(lower, expr);
		else
			lower_plain(lower, expr);
		break;
	}
}

void lower_body(struct lower *lower, const struct rego_body *body)
{
	const struct core_with *withs = lower->withs;
	const struct rego_expr *written = lower->written;
	size_t with_count = lower->with_count;

	for (size_t i = 0; i < body->count; i++) {
		const struct core_with *own;

		lower->written = body->exprs[i];
		own = lower_withs(lower, body->exprs[i]);
		lower->withs = own;
		lower->with_count = body->exprs[i]->with_count;
		lower_one(lower, body->exprs[i]);
		lower->withs = withs;
		lower->with_count = with_count;
		lower->written = written;
	}
}
