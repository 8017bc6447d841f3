// SPDX-License-Identifier: Apache-2.0
/*
 * format_logic.c - infix `and` and `or`, and `not` with a body
 *
 * Parentheses stay where they mean something: around an `or` below an `and`, around a chain on the right side
 * of its like, around an operand with modifiers, and around what would read as a body because a brace comes
 * first. Bodies in braces stay bodies. A line that was broken stays broken, and its rest is indented once,
 * however many breaks follow.
 *
 * A brace followed by `x | y` reads as a comprehension, so such a union gets parentheses in front of a body.
 */
#include "rego/format_internal.h"

/* ---- what comes first ---- */

static bool leads(const struct rego_term *term, bool has_parens)
{
	switch (term->type) {
	case REGO_TERM_SET:
		return term->list.count;
	case REGO_TERM_OBJECT:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
		return true;
	case REGO_TERM_REF:
		return leads(term->list.items[0], false);
	case REGO_TERM_CALL:
		if (format_infix(term))
			return !has_parens && leads(term->list.items[1], true);
		return term->flags & REGO_TERM_INFIX && term->list.count == 3 &&
			leads(term->list.items[1], true);
	case REGO_TERM_VALUE:
	case REGO_TERM_VAR:
	case REGO_TERM_ARRAY:
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_TEMPLATE:
	case REGO_TERM_LOGIC:
		break;
	}
	return false;
}

bool format_leads_with_brace(const struct rego_expr *expr)
{
	const struct rego_term *term = expr->type == REGO_EXPR_TERM ? expr->term : NULL;

	if (!term)
		return false;
	/* on the first level the first operand has no parentheses of its own */
	if (format_infix(term))
		return leads(term->list.items[1], false);
	return leads(term, false);
}

/* ---- operands ---- */

static bool is_logic(const struct rego_expr *expr)
{
	return expr->type == REGO_EXPR_TERM && expr->term->type == REGO_TERM_LOGIC;
}

static bool is_or(const struct rego_term *term)
{
	return term->flags & REGO_TERM_OR;
}

static bool needs_parens(const struct rego_term *chain, const struct rego_expr *expr, bool is_right)
{
	if (expr->with_count)
		return true;
	if (!is_logic(expr))
		return !expr->is_negated && format_leads_with_brace(expr);
	if (is_or(chain) != is_or(expr->term))
		return is_or(expr->term);
	return is_right;
}

const struct rego_term *format_find_union(const struct rego_expr *expr)
{
	while (expr->type == REGO_EXPR_TERM && !expr->is_negated) {
		const struct rego_term *term = expr->term;

		if (format_is_union(term))
			return term;
		if (format_infix(term))
			return format_is_union(term->list.items[1]) ? term->list.items[1] : NULL;
		if (term->type != REGO_TERM_LOGIC || term->logic.left->is_braced ||
				needs_parens(term, term->logic.left->exprs[0], false))
			return NULL;
		expr = term->logic.left->exprs[0];
	}
	return NULL;
}

/* { ... }, with a space before the brace that closes where it is on the same line */
static int write_braced(struct formatter *f, const struct rego_body *body)
{
	const struct rego_expr *last = body->exprs[body->count - 1];
	const struct rego_term *wrapped = f->wrapped;
	bool in_logic_line = f->in_logic_line;
	int r;

	f->wrapped = format_find_union(body->exprs[0]);
	f->in_logic_line = false;
	format_write(f, "{");
	r = format_inner_body(f, body, &body->at, format_end_row(&body->at));
	f->wrapped = wrapped;
	f->in_logic_line = in_logic_line;
	if (last->at.line == body->at.line)
		format_write(f, " ");
	format_write(f, "}");
	return r;
}

static int write_operand(struct formatter *f, const struct rego_term *chain, const struct rego_body *body,
	bool is_right)
{
	bool has_parens;
	int r;

	if (body->is_braced) {
		r = format_comments(f, format_row(&body->at));
		if (r)
			return FORMAT_LOST;
		if (!f->in_line)
			format_start_line(f);
		return write_braced(f, body);
	}
	has_parens = needs_parens(chain, body->exprs[0], is_right);
	format_write(f, has_parens ? "(" : "");
	r = format_expr(f, body->exprs[0]);
	format_write(f, has_parens ? ")" : "");
	return r && has_parens ? FORMAT_LOST : r;
}

/* ---- chains ---- */

static int write_right(struct formatter *f, const struct rego_term *term)
{
	const struct rego_body *right = term->logic.right;
	bool is_broken = format_row(&right->at) > format_end_row(&term->logic.left->at),
		is_first = is_broken && !f->in_logic_line;
	int r;

	if (!is_broken) {
		format_write(f, " ");
		return write_operand(f, term, right, true);
	}
	format_end_line(f);
	f->level += is_first;
	f->in_logic_line = true;
	format_write_comments(f, format_comments_above(f, format_row(&right->at)));
	format_start_line(f);
	r = write_operand(f, term, right, true);
	f->level -= is_first;
	if (is_first)
		f->in_logic_line = false;
	return r;
}

int format_logic(struct formatter *f, const struct rego_term *term)
{
	int r = write_operand(f, term, term->logic.left, false);

	if (r)
		return FORMAT_LOST;
	format_write(f, is_or(term) ? " or" : " and");
	return write_right(f, term);
}

/* ---- not ---- */

static bool needs_parens_behind_not(const struct rego_expr *expr)
{
	return expr->with_count || is_logic(expr) || expr->is_negated || expr->type != REGO_EXPR_TERM ||
		format_leads_with_brace(expr);
}

/* not (...) of an expression that is negated itself: the term alone */
static int write_negated(struct formatter *f, const struct rego_expr *expr)
{
	int r;

	format_write(f, "not (");
	r = expr->term->type == REGO_TERM_CALL ? format_top_call(f, expr->term) : format_term(f, expr->term);
	format_write(f, ")");
	return r;
}

int format_not(struct formatter *f, const struct rego_expr *expr)
{
	const struct rego_expr *inner;
	bool has_parens;
	int r;

	if (expr->type == REGO_EXPR_TERM)
		return write_negated(f, expr);
	format_write(f, "not ");
	if (expr->body->is_braced)
		return write_braced(f, expr->body);
	inner = expr->body->exprs[0];
	has_parens = needs_parens_behind_not(inner);
	format_write(f, has_parens ? "(" : "");
	r = format_expr(f, inner);
	format_write(f, has_parens ? ")" : "");
	return r && has_parens ? FORMAT_LOST : r;
}
