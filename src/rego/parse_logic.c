// SPDX-License-Identifier: Apache-2.0
/*
 * parse_logic.c - infix `and`, `or`, and the `not` that takes a body
 *
 * `not` binds tighter than `and`, and that tighter than `or`; both lean to the left; modifiers at the end
 * belong to the whole. An operand is an expression, or a body in braces: behind an operator or `not` a brace
 * always opens a body, at the beginning it does where an operator follows the closing one. So a set as an
 * operand has to stand in parentheses. A parenthesis is a group of expressions where it holds an operator,
 * `not` or a modifier of its own, and otherwise a term.
 *
 * Braces and parentheses were paired by the lexer, so nothing is tried here that could fail.
 */
#include "rego/parse_internal.h"

static bool is_operator_word(const struct parser *p, size_t at)
{
	const struct rego_token *token = &p->tokens.items[at];
	struct str text = rego_token_text(&p->tokens, token);

	if (token->type != REGO_TOKEN_IDENT)
		return false;
	return (p->has_and && str_eq(text, STR("and"))) || (p->has_or && str_eq(text, STR("or")));
}

/* Where the bracket at @at is closed by @type, or 0. */
static size_t closed_at(const struct parser *p, size_t at, enum rego_token_type type)
{
	size_t match = p->tokens.items[at].match;

	return match > at && p->tokens.items[match].type == type ? match : 0;
}

bool parse_is_logic_body(const struct parser *p)
{
	size_t end = parse_is(p, REGO_TOKEN_LBRACE) ? closed_at(p, p->now.at, REGO_TOKEN_RBRACE) : 0;

	return end && is_operator_word(p, end + 1);
}

/* A word that could be an operator is the name of a function where an operand is due. */
static bool is_operand_due(unsigned char before)
{
	switch (before) {
	case REGO_TOKEN_IDENT:
	case REGO_TOKEN_NUMBER:
	case REGO_TOKEN_STRING:
	case REGO_TOKEN_TEMPLATE_END:
	case REGO_TOKEN_NULL:
	case REGO_TOKEN_TRUE:
	case REGO_TOKEN_FALSE:
	case REGO_TOKEN_RPAREN:
	case REGO_TOKEN_RBRACE:
	case REGO_TOKEN_RBRACK:
		return false;
	default:
		return true;
	}
}

/* The same as parse_is_before_ref() further on. */
static bool is_before_ref(const struct rego_token *token)
{
	return (token[1].type == REGO_TOKEN_DOT || token[1].type == REGO_TOKEN_LBRACK) &&
		!(token[1].flags & REGO_TOKEN_SPACED);
}

static bool is_logic_token(const struct parser *p, size_t at)
{
	const struct rego_token *token = &p->tokens.items[at];

	if (token->type == REGO_TOKEN_WITH || token->type == REGO_TOKEN_NOT)
		return token[-1].type != REGO_TOKEN_DOT && !is_before_ref(token);
	return is_operator_word(p, at) && token[-1].type != REGO_TOKEN_DOT && !is_operand_due(token[-1].type);
}

static bool is_open(unsigned char type)
{
	return type == REGO_TOKEN_LPAREN || type == REGO_TOKEN_LBRACK || type == REGO_TOKEN_LBRACE;
}

/* Whether the parenthesis that comes next holds expressions and not a term. */
static bool is_group(const struct parser *p)
{
	size_t first = p->now.at + 1, end;

	if (!parse_is(p, REGO_TOKEN_LPAREN))
		return false;
	end = closed_at(p, p->now.at, REGO_TOKEN_RPAREN);
	for (size_t at = first; at < end; at++) {
		const struct rego_token *token = &p->tokens.items[at];

		if (is_logic_token(p, at))
			return true;
		if (!is_open(token->type))
			continue;
		if (token->match <= at || token->match > end)
			return false;
		if (at == first && token->type == REGO_TOKEN_LPAREN && token->match + 1 == end) {
			/* ((...)) is what it holds */
			first = at + 1;
			end = token->match;
		} else {
			at = token->match;
		}
	}
	return false;
}

static struct rego_expr *parse_group(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct rego_expr *expr;

	if (!parse_enter(p))
		return NULL;
	parse_next(p);
	expr = parse_logic(p);
	if (expr && !parse_withs(p, expr))
		expr = NULL;
	parse_leave(p);
	if (!expr)
		return NULL;
	if (!parse_take(p, REGO_TOKEN_RPAREN))
		return parse_fail(p, parse_here(p), "non-terminated expression");
	expr->at = parse_up_to_here(p, at);
	return expr;
}

static struct rego_expr *new_not(struct parser *p, struct rego_span at, struct rego_body *body)
{
	struct rego_expr *expr = body ? parse_alloc(p, sizeof(*expr)) : NULL;

	if (!expr)
		return NULL;
	expr->type = REGO_EXPR_NOT_BODY;
	expr->body = body;
	expr->height = body->height;
	expr->at = parse_up_to_here(p, at);
	return expr;
}

static struct rego_expr *parse_not(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct rego_expr *expr;

	parse_next(p);
	if (parse_is_keyword(p, REGO_TOKEN_SOME))
		return parse_unexpected(p, "illegal negation of 'some'");
	if (parse_is_keyword(p, REGO_TOKEN_EVERY))
		return parse_unexpected(p, "illegal negation of 'every'");
	if (p->has_not && parse_is(p, REGO_TOKEN_LBRACE))
		return new_not(p, at, parse_braced_body(p));
	if (is_group(p)) {
		expr = parse_group(p);
		return expr ? new_not(p, at, parse_new_single_body(p, expr)) : NULL;
	}
	expr = parse_plain(p);
	if (expr) {
		expr->is_negated = true;
		expr->at = parse_up_to_here(p, at);
	}
	return expr;
}

static struct rego_expr *parse_operand_expr(struct parser *p)
{
	if (parse_is_keyword(p, REGO_TOKEN_NOT))
		return parse_not(p);
	return is_group(p) ? parse_group(p) : parse_plain(p);
}

/* An operand as a body; behind an operator braces need nothing more. */
static struct rego_body *parse_operand(struct parser *p)
{
	struct rego_expr *expr;

	if (parse_is(p, REGO_TOKEN_LBRACE))
		return parse_braced_body(p);
	expr = parse_operand_expr(p);
	return expr ? parse_new_single_body(p, expr) : NULL;
}

static struct rego_expr *new_logic(struct parser *p, bool is_or, const struct rego_body *left,
	const struct rego_body *right)
{
	struct rego_term *term;

	if (!left || !right)
		return NULL;
	term = parse_new_term(p, REGO_TERM_LOGIC, parse_up_to_here(p, left->at));
	if (!term)
		return NULL;
	term->logic.left = left;
	term->logic.right = right;
	term->flags = is_or ? REGO_TERM_OR : 0;
	term = parse_set_height(p, term, MAX(left->height, right->height));
	return term ? parse_new_expr(p, term->at, term) : NULL;
}

static bool take_word(struct parser *p, bool is_or)
{
	struct str word = is_or ? STR("or") : STR("and");

	if (!(is_or ? p->has_or : p->has_and) || !parse_is_word(p, word))
		return false;
	parse_next(p);
	return true;
}

/* `and`s: of bodies where there is one at least, otherwise what stands there alone. */
static struct rego_expr *parse_ands(struct parser *p, struct rego_body *left, struct rego_expr *alone)
{
	while ((left || alone) && take_word(p, false)) {
		struct rego_body *right = parse_operand(p);

		if (alone)
			left = right ? parse_new_single_body(p, alone) : NULL;
		alone = new_logic(p, false, left, right);
		left = NULL;
	}
	return alone;
}

static struct rego_body *parse_or_operand(struct parser *p)
{
	struct rego_body *body = parse_operand(p);
	struct rego_expr *expr;

	if (!body || !p->has_and || !parse_is_word(p, STR("and")))
		return body;
	expr = parse_ands(p, body, NULL);
	return expr ? parse_new_single_body(p, expr) : NULL;
}

static struct rego_expr *parse_ors(struct parser *p)
{
	struct rego_body *left = parse_is_logic_body(p) ? parse_braced_body(p) : NULL;
	struct rego_expr *alone = left || parse_has_failed(p) ? NULL : parse_operand_expr(p);

	if (!left && !alone)
		return NULL;
	if (alone || parse_is_word(p, STR("and"))) {
		alone = parse_ands(p, left, alone);
		left = NULL;
		if (!alone)
			return NULL;
	}
	while (take_word(p, true)) {
		struct rego_body *right = parse_or_operand(p);

		if (alone)
			left = right ? parse_new_single_body(p, alone) : NULL;
		alone = new_logic(p, true, left, right);
		if (!alone)
			return NULL;
	}
	return alone;
}

struct rego_expr *parse_logic(struct parser *p)
{
	return parse_ors(p);
}
