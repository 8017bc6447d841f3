// SPDX-License-Identifier: Apache-2.0
/*
 * check.c - the types of bodies and expressions
 *
 * Of each expression, first the comprehensions in it are looked at, then its references, then itself. Where
 * one of the first two is wrong, the third is not said to be wrong as well for want of a type.
 *
 * Of bodies within (`every`, `not { }`), only references are looked at, and what is new there may be
 * anything.
 */
#include "rego/check.h"

enum {
	SHARE_OF_MEMORY = 4,		/* types take a quarter of what is left at most */
};

void check_init(struct check *check)
{
	const struct arena *arena = check->compiler->arena;
	size_t left = arena->limit_bytes - MIN(arena->used_bytes, arena->limit_bytes), count = 0;

	while (rego_builtin_at(count))
		count++;
	check->builtins = compile_alloc(check->compiler, count, sizeof(*check->builtins));
	check->types.arena = check->compiler->arena;
	/* a step makes one small type at most, but for lists, whose items took steps, too */
	check->types.steps = MIN((size_t)TYPE_STEPS_MAX, left / SHARE_OF_MEMORY / sizeof(struct rego_type));
}

void check_begin(struct check *check, const struct core_rule *rule)
{
	check->rule = rule;
	check->vars = compile_alloc(check->compiler, rule->var_count, sizeof(*check->vars));
	check->undo_count = 0;
	check->error_count = 0;
	check->is_lenient = false;
	check_begin_documents(check);
}

void check_learn(struct check *check, uint32_t var, const struct rego_type *type)
{
	check->undo = compile_grow(check->compiler, check->undo, check->undo_count, &check->undo_room,
		sizeof(*check->undo));
	check->undo[check->undo_count++] = (struct check_undo){ .var = var, .before = check->vars[var] };
	check->vars[var] = type;
}

static void forget(struct check *check, size_t mark)
{
	while (check->undo_count > mark) {
		const struct check_undo *undo = &check->undo[--check->undo_count];

		check->vars[undo->var] = undo->before;
	}
}

struct rego_diag *check_say(struct check *check, struct rego_span at, const struct buf *text)
{
	check->error_count++;
	return rego_diag_add(check->compiler->diags, REGO_CODE_TYPE, at, "%.*s", (int)text->len, text->data);
}

/* ---- terms ---- */

/* What is done with each comprehension and each reference of an expression. */
struct visitor {
	void (*comprehension)(struct check *check, struct core_term *term);
	bool (*reference)(struct check *check, const struct core_term *ref);
};

/* Depth: that of a term. */
static void visit(struct check *check, const struct visitor *visitor, struct core_term *term)
{
	switch (term->type) {
	case CORE_REF:
		if (visitor->reference && !visitor->reference(check, term))
			return;
		break;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		if (visitor->comprehension)
			visitor->comprehension(check, term);
		return;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
		return;
	}
	for (size_t i = 0; i < term->list.count; i++)
		visit(check, visitor, term->list.items[i]);
}

static void visit_expr(struct check *check, const struct visitor *visitor, const struct core_expr *expr)
{
	struct core_term *term;

	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		visit(check, visitor, term);
}

/* ---- comprehensions ---- */

static const struct rego_type *known_or_any(struct check *check, const struct core_term *term)
{
	const struct rego_type *type = check_type_of(check, term);

	return rego_type_is_known(type) ? type : &rego_type_any;
}

static void check_comprehension(struct check *check, struct core_term *term)
{
	size_t mark = check->undo_count, errors = check->error_count;
	const struct rego_type *head;

	check_body(check, term->comprehension.body);
	head = known_or_any(check, term->comprehension.head);
	if (term->type == CORE_ARRAY_COMPREHENSION)
		term->comprehension.type = rego_type_array(&check->types, NULL, 0, head);
	else if (term->type == CORE_SET_COMPREHENSION)
		term->comprehension.type = rego_type_set(&check->types, head);
	else
		term->comprehension.type = rego_type_object(&check->types, NULL, NULL, 0,
			known_or_any(check, term->comprehension.key), head);
	if (check->error_count > errors)
		term->comprehension.type = NULL;
	forget(check, mark);
}

/* ---- calls ---- */

static const struct rego_type *type_of_builtin(struct check *check, const struct rego_builtin *builtin)
{
	size_t index = (size_t)(builtin - rego_builtin_at(0));
	const struct rego_type *operands[UINT8_MAX];
	const struct rego_type *result = NULL;

	if (check->builtins[index])
		return check->builtins[index];
	for (size_t i = 0; i < builtin->operand_count; i++)
		operands[i] = rego_type_read(&check->types, builtin->operands[i]);
	if (builtin->result)
		result = rego_type_read(&check->types, builtin->result);
	if (builtin->flags & REGO_BUILTIN_RELATION)
		result = &rego_type_any;
	check->builtins[index] = rego_type_function(&check->types, operands, builtin->operand_count, result);
	return check->builtins[index];
}

static const struct rego_type *type_of_callee(struct check *check, const struct core_callee *callee)
{
	if (callee->builtin)
		return type_of_builtin(check, callee->builtin);
	return callee->function->type ? callee->function->type : &rego_type_any;
}

static void print_callee(const struct core_callee *callee, struct buf *buf)
{
	if (callee->builtin)
		buf_append_str(buf, callee->builtin->name);
	else
		rego_node_print(callee->function, buf);
}

/* The operands, and behind them the result, which a call may also take. */
static size_t wanted_of(const struct rego_type *function, const struct rego_type **ret)
{
	size_t count = 0;

	for (; count < function->count; count++)
		ret[count] = function->items[count];
	if (function->rest)
		ret[count++] = function->rest;
	return count;
}

static void say_operands(struct check *check, const struct core_expr *expr, const struct rego_type **want,
	size_t want_count)
{
	const struct rego_type *have[TYPE_SIZE_MAX];
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	for (size_t i = 0; i < expr->call.count; i++)
		have[i] = check_type_of(check, expr->call.operands[i]);
	print_callee(&expr->call.callee, &buf);
	buf_append_str(&buf, ": invalid argument(s)\n\thave: ");
	rego_type_print_list(have, expr->call.count, &buf);
	buf_append_str(&buf, "\n\twant: ");
	rego_type_print_list(want, want_count, &buf);
	check_say(check, expr->at, &buf);
}

/* Whether something in it is unknown since what it stands for is wrong. */
static bool lacks_type(struct check *check, const struct core_expr *expr)
{
	for (size_t i = 0; i < expr->call.count; i++)
		if (!rego_type_is_known(check_type_of(check, expr->call.operands[i])))
			return true;
	return false;
}

static void check_call(struct check *check, const struct core_expr *expr, bool had_errors)
{
	const struct rego_type *function = type_of_callee(check, &expr->call.callee);
	const struct rego_builtin *builtin = expr->call.callee.builtin;
	const struct rego_type *want[TYPE_SIZE_MAX + 1];
	size_t want_count;

	if (function->kind != REGO_TYPE_FUNCTION || (builtin && builtin->flags & REGO_BUILTIN_VARIADIC))
		return;
	want_count = wanted_of(function, want);
	for (size_t i = 0; i < expr->call.count && i < want_count; i++) {
		if (check_unify_type(check, expr->call.operands[i], want[i]))
			continue;
		if (!had_errors || !lacks_type(check, expr))
			say_operands(check, expr, want, want_count);
		return;
	}
}

/* ---- equality and replacements ---- */

static void check_eq(struct check *check, const struct core_expr *expr, bool had_errors)
{
	const struct rego_type *left = check_type_of(check, expr->eq.left),
			       *right = check_type_of(check, expr->eq.right);
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	if (check_unify_terms(check, expr->eq.left, expr->eq.right))
		return;
	if (had_errors && (!rego_type_is_known(left) || !rego_type_is_known(right)))
		return;
	buf_append_str(&buf, "match error\n\tleft  : ");
	rego_type_print(left, &buf);
	buf_append_str(&buf, "\n\tright : ");
	rego_type_print(right, &buf);
	check_say(check, expr->at, &buf);
}

static bool replacement_fits(struct check *check, const struct core_with *with)
{
	if (with->by.operand_count != with->callee.operand_count)
		return false;
	return check->is_lenient || rego_type_unifies(&check->types, type_of_callee(check, &with->callee),
		type_of_callee(check, &with->by));
}

static void print_operands(struct check *check, const struct core_callee *callee, struct buf *buf)
{
	const struct rego_type *type = type_of_callee(check, callee);

	if (type->kind == REGO_TYPE_FUNCTION)
		rego_type_print_list(type->items, type->count, buf);
	else
		rego_type_print(type, buf);
}

/* One function in the place of another must take what that one takes. */
static void check_with(struct check *check, const struct core_with *with)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	if ((!with->by.builtin && !with->by.function) || replacement_fits(check, with))
		return;
	print_callee(&with->callee, &buf);
	buf_append_str(&buf, ": arity mismatch\n\thave: ");
	print_operands(check, &with->by, &buf);
	buf_append_str(&buf, "\n\twant: ");
	print_operands(check, &with->callee, &buf);
	check_say(check, with->at, &buf);
}

static void check_withs(struct check *check, const struct core_expr *expr)
{
	for (size_t i = 0; i < expr->with_count; i++)
		check_with(check, &expr->withs[i]);
}

/* ---- bodies within ---- */

static void check_inner(struct check *check, const struct core_body *body);

/* Only what is wrong with references, and whatever is new there may be anything. */
static void check_bodies_of(struct check *check, const struct core_expr *expr)
{
	if (expr->type == CORE_EVERY)
		check_inner(check, expr->every.body);
	if (expr->type == CORE_BODY || expr->type == CORE_EITHER)
		check_inner(check, expr->inner.body);
	if (expr->type == CORE_EITHER)
		check_inner(check, expr->inner.other);
}

static void check_inner(struct check *check, const struct core_body *body)
{
	static const struct visitor visitor = { .reference = check_ref };
	size_t mark = check->undo_count;
	bool was_lenient = check->is_lenient;

	check->is_lenient = true;
	for (size_t i = 0; i < body->count; i++) {
		visit_expr(check, &visitor, body->exprs[i]);
		check_withs(check, body->exprs[i]);
		check_bodies_of(check, body->exprs[i]);
	}
	check->is_lenient = was_lenient;
	forget(check, mark);
}

/* ---- in their order ---- */

static void check_expr(struct check *check, const struct core_expr *expr)
{
	static const struct visitor comprehensions = { .comprehension = check_comprehension };
	static const struct visitor references = { .reference = check_ref };
	size_t errors = check->error_count;

	visit_expr(check, &comprehensions, expr);
	for (size_t i = 0; i < expr->with_count; i++)
		if (expr->withs[i].value)
			visit(check, &comprehensions, expr->withs[i].value);
	visit_expr(check, &references, expr);
	check_withs(check, expr);
	if (expr->type == CORE_EQ)
		check_eq(check, expr, check->error_count > errors);
	else if (expr->type == CORE_CALL)
		check_call(check, expr, check->error_count > errors);
	else if (expr->type != CORE_TERM)
		check_bodies_of(check, expr);
}

void check_body(struct check *check, const struct core_body *body)
{
	for (size_t i = 0; i < body->count; i++)
		check_expr(check, body->exprs[i]);
}
