// SPDX-License-Identifier: Apache-2.0
/*
 * parse_body.c - expressions and bodies
 *
 * Expressions of a body stand on lines of their own or have a semicolon between them. A keyword with a dot or
 * a bracket right behind it is a name (`not.x`), and everything that looks for keywords asks that first.
 *
 * Source: OPA, v1/ast/parser.go
 */
#include "rego/parse_internal.h"

/* ---- making ---- */

static void raise_height(struct rego_expr *expr, unsigned height)
{
	expr->height = MAX(expr->height, height);
}

static struct rego_expr *new_expr(struct parser *p, struct rego_span at, enum rego_expr_type type)
{
	struct rego_expr *expr = parse_alloc(p, sizeof(*expr));

	if (expr) {
		expr->type = type;
		expr->at = at;
	}
	return expr;
}

struct rego_expr *parse_new_expr(struct parser *p, struct rego_span at, const struct rego_term *term)
{
	struct rego_expr *expr = term ? new_expr(p, at, REGO_EXPR_TERM) : NULL;

	if (expr) {
		expr->term = term;
		expr->height = term->height;
	}
	return expr;
}

struct rego_body *parse_new_body(struct parser *p, struct rego_span at, const struct parse_list *list)
{
	struct rego_body *body = parse_alloc(p, sizeof(*body));

	if (!body)
		return NULL;
	body->exprs = (const struct rego_expr *const *)list->items;
	body->count = list->count;
	body->at = at;
	for (size_t i = 0; i < list->count; i++)
		body->height = MAX(body->height, body->exprs[i]->height);
	if (body->height++ < REGO_DEPTH_MAX)
		return body;
	return parse_fail(p, at, "max parsing recursion depth exceeded");
}

struct rego_body *parse_new_single_body(struct parser *p, struct rego_expr *expr)
{
	struct parse_list list = { 0 };

	return parse_list_add(p, &list, expr) ? parse_new_body(p, expr->at, &list) : NULL;
}

struct rego_body *parse_new_true_body(struct parser *p, struct rego_span at)
{
	return parse_new_single_body(p, parse_new_expr(p, at, parse_new_true(p, at)));
}

/* ---- bodies ---- */

static bool add_exprs(struct parser *p, enum rego_token_type end, struct parse_list *list)
{
	if (parse_is(p, end)) {
		parse_fail(p, parse_here(p), "found empty body");
		return false;
	}
	do {
		if (!parse_list_add(p, list, parse_expr(p)))
			return false;
		if (parse_take(p, REGO_TOKEN_SEMICOLON))
			continue;
		if (parse_is(p, end))
			return true;
	} while (parse_token(p)[-1].type == REGO_TOKEN_SEMICOLON ||
		parse_token(p)->flags & REGO_TOKEN_NEW_LINE);
	parse_unexpected(p, end == REGO_TOKEN_EOF ? "expected \\n or ; or eof" :
		end == REGO_TOKEN_RBRACK ? "expected \\n or ; or ]" : "expected \\n or ; or }");
	return false;
}

struct rego_body *parse_body(struct parser *p, enum rego_token_type end)
{
	struct rego_span at = parse_here(p);
	struct parse_list list = { 0 };
	bool is_read;

	if (!parse_enter(p))
		return NULL;
	is_read = add_exprs(p, end, &list);
	parse_leave(p);
	if (!is_read)
		return NULL;
	at = parse_up_to_here(p, at);
	parse_next(p);
	return parse_new_body(p, at, &list);
}

struct rego_body *parse_braced_body(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct rego_body *body;

	parse_next(p);
	body = parse_body(p, REGO_TOKEN_RBRACE);
	if (body) {
		body->is_braced = true;
		body->at = parse_up_to_here(p, at);
	}
	return body;
}

/* ---- with ---- */

static bool parse_with(struct parser *p, struct rego_with *with)
{
	struct rego_span at = parse_here(p);

	parse_next(p);
	if (!parse_is(p, REGO_TOKEN_IDENT)) {
		parse_unexpected(p, "expected ident");
		return false;
	}
	with->target = parse_term(p);
	if (!with->target)
		return false;
	if (with->target->type != REGO_TERM_VAR && with->target->type != REGO_TERM_REF) {
		parse_unexpected(p, "expected with target path");
		return false;
	}
	if (!parse_take(p, REGO_TOKEN_AS)) {
		parse_unexpected(p, "expected as keyword");
		return false;
	}
	with->value = parse_term_infix(p, true);
	with->at = parse_up_to_here(p, at);
	return with->value;
}

bool parse_withs(struct parser *p, struct rego_expr *expr)
{
	struct parse_list list = { 0 };
	struct rego_with *withs;

	for (size_t i = 0; i < expr->with_count; i++)
		if (!parse_list_add(p, &list, &expr->withs[i]))
			return false;
	while (parse_is_keyword(p, REGO_TOKEN_WITH)) {
		struct rego_with *with = parse_alloc(p, sizeof(*with));

		if (!with || !parse_with(p, with) || !parse_list_add(p, &list, with))
			return false;
		raise_height(expr, MAX(with->target->height, with->value->height));
	}
	if (list.count == expr->with_count)
		return true;
	withs = parse_alloc(p, list.count * sizeof(*withs));
	if (!withs)
		return false;
	for (size_t i = 0; i < list.count; i++)
		withs[i] = *(const struct rego_with *)list.items[i];
	expr->withs = withs;
	expr->with_count = list.count;
	expr->at = parse_up_to_here(p, expr->at);
	return true;
}

/* ---- some and every ---- */

/* x in xs; k, v in xs: what `some` and `every` have in common. */
static struct rego_expr *new_membership(struct parser *p, enum rego_expr_type type, struct rego_span at,
	const struct rego_term *term)
{
	struct rego_expr *expr = new_expr(p, at, type);
	const struct rego_term *const *items = term->list.items;

	if (!expr)
		return NULL;
	expr->in.key = term->list.count == 4 ? items[1] : NULL;
	expr->in.value = items[term->list.count - 2];
	expr->in.domain = items[term->list.count - 1];
	expr->height = term->height;
	return expr;
}

static struct rego_expr *parse_some_vars(struct parser *p, struct rego_span at)
{
	struct rego_expr *expr = new_expr(p, at, REGO_EXPR_SOME);
	struct parse_list list = { 0 };

	if (!expr)
		return NULL;
	do {
		struct rego_term *var;

		if (!parse_is(p, REGO_TOKEN_IDENT))
			return parse_unexpected(p, "expected var");
		var = parse_new_var(p, parse_text(p), parse_here(p));
		if (!parse_list_add(p, &list, var))
			return NULL;
		parse_next(p);
	} while (parse_take(p, REGO_TOKEN_COMMA));
	expr->some.vars = (const struct rego_term *const *)list.items;
	expr->some.count = list.count;
	expr->height = 1;
	expr->at = parse_up_to_here(p, at);
	return expr;
}

static struct rego_expr *parse_some(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct parse_mark mark;
	struct rego_term *term;
	struct rego_expr *expr;

	parse_next(p);
	mark = p->now;
	term = parse_term_infix(p, true);
	if (!term || term->type != REGO_TERM_CALL) {
		p->now = mark;
		return p->is_full ? NULL : parse_some_vars(p, at);
	}
	if (!parse_is_member(term, 2) && !parse_is_member(term, 3))
		return parse_unexpected(p, "expected `x in xs` or `x, y in xs` expression");
	expr = new_membership(p, REGO_EXPR_SOME_IN, parse_up_to_here(p, at), term);
	return expr && parse_withs(p, expr) ? expr : NULL;
}

static bool check_every(struct parser *p, const struct rego_term *term)
{
	const char *problem = NULL;

	if (!parse_is_member(term, 2) && !parse_is_member(term, 3))
		problem = "expected `x[, y] in xs { ... }` expression";
	else if (term->list.count == 4 && term->list.items[1]->type != REGO_TERM_VAR)
		problem = "expected key to be a variable";
	else if (term->list.items[term->list.count - 2]->type != REGO_TERM_VAR)
		problem = "expected value to be a variable";
	else if (!parse_is(p, REGO_TOKEN_LBRACE))
		problem = "missing body";
	if (problem)
		parse_unexpected(p, problem);
	return !problem;
}

static struct rego_expr *parse_every(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct rego_expr *expr;
	struct rego_body *body;
	struct rego_term *term;

	parse_next(p);
	term = parse_term_infix(p, true);
	if (!term || !check_every(p, term))
		return NULL;
	body = parse_braced_body(p);
	expr = body ? new_membership(p, REGO_EXPR_EVERY, parse_up_to_here(p, at), term) : NULL;
	if (!expr)
		return NULL;
	expr->in.body = body;
	raise_height(expr, body->height);
	return parse_withs(p, expr) ? expr : NULL;
}

/* ---- expressions ---- */

struct rego_expr *parse_plain(struct parser *p)
{
	bool is_name = parse_is_keyword_name(p);
	struct rego_term *left = is_name ? parse_term_infix_from(p, parse_name(p), true) :
		parse_term_infix(p, true);

	if (left && (parse_is(p, REGO_TOKEN_ASSIGN) || parse_is(p, REGO_TOKEN_UNIFY))) {
		struct rego_term *op = parse_operator(p),
			*right = op ? parse_term_infix(p, true) : NULL;

		left = right ? parse_new_infix(p, op, left, right, NULL) : NULL;
	}
	return left ? parse_new_expr(p, left->at, left) : NULL;
}

static struct rego_expr *parse_negated(struct parser *p)
{
	struct rego_expr *expr;

	parse_next(p);
	if (parse_is_keyword(p, REGO_TOKEN_SOME))
		return parse_unexpected(p, "illegal negation of 'some'");
	if (parse_is_keyword(p, REGO_TOKEN_EVERY))
		return parse_unexpected(p, "illegal negation of 'every'");
	expr = parse_plain(p);
	if (expr)
		expr->is_negated = true;
	return expr;
}

struct rego_expr *parse_expr(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct rego_expr *expr;

	if (parse_is_before_ref(p))
		expr = p->has_and || p->has_or ? parse_logic(p) : parse_plain(p);
	else if (parse_is(p, REGO_TOKEN_SOME))
		return parse_some(p);
	else if (parse_is(p, REGO_TOKEN_EVERY))
		return parse_every(p);
	else if (p->has_and || p->has_or || p->has_not)
		expr = parse_logic(p);
	else
		expr = parse_is(p, REGO_TOKEN_NOT) ? parse_negated(p) : parse_plain(p);
	if (!expr)
		return NULL;
	expr->at = parse_up_to_here(p, at);
	return parse_withs(p, expr) ? expr : NULL;
}
