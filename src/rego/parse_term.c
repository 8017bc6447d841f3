// SPDX-License-Identifier: Apache-2.0
/*
 * parse_term.c - terms: operators, references and calls
 *
 * From loose to tight: `in`; == != < > <= >=; |; &; + -; * / %. All lean to the left. `k, v in xs` has a
 * comma in it, so it is only looked for where a comma cannot mean anything else.
 *
 * What follows a name at once belongs to it: a dot, a bracket, a parenthesis. With space between it does not,
 * except at the head of a rule.
 *
 * Source: OPA, v1/ast/parser.go and docs/policy-reference, "grammar"
 */
#include "rego/parse_internal.h"

/* ---- making ---- */

struct rego_term *parse_new_term(struct parser *p, enum rego_term_type type, struct rego_span at)
{
	struct rego_term *term = parse_alloc(p, sizeof(*term));

	if (term) {
		term->type = type;
		term->at = at;
		term->height = 1;
	}
	return term;
}

struct rego_term *parse_set_height(struct parser *p, struct rego_term *term, unsigned below)
{
	if (term && below >= REGO_DEPTH_MAX)
		return parse_fail(p, term->at, "max parsing recursion depth exceeded");
	if (term)
		term->height = below + 1;
	return term;
}

struct rego_term *parse_new_list(struct parser *p, enum rego_term_type type, struct rego_span at,
	const struct parse_list *list)
{
	struct rego_term *term = parse_new_term(p, type, at);
	unsigned below = 0;

	if (!term)
		return NULL;
	term->list.items = (const struct rego_term *const *)list->items;
	term->list.count = list->count;
	for (size_t i = 0; i < list->count; i++)
		below = MAX(below, term->list.items[i]->height);
	return parse_set_height(p, term, below);
}

struct rego_term *parse_new_var(struct parser *p, struct str name, struct rego_span at)
{
	struct rego_term *term = parse_new_term(p, REGO_TERM_VAR, at);

	if (!term)
		return NULL;
	term->name = name;
	if (str_eq(name, STR("_"))) {
		char *unique = arena_printf(p->arena, "$%u", p->now.wildcard_count++);

		p->is_full = !unique;
		if (!unique)
			return NULL;
		term->name = str_from(unique);
		term->flags = REGO_TERM_WILDCARD;
	}
	return term;
}

struct rego_term *parse_new_constant(struct parser *p, const struct json *value, struct rego_span at)
{
	struct rego_term *term = parse_new_term(p, REGO_TERM_VALUE, at);

	p->is_full |= !value;
	if (p->is_full)
		return NULL;
	term->value = value;
	return term;
}

struct rego_term *parse_new_string(struct parser *p, struct str text, struct rego_span at)
{
	return parse_new_constant(p, json_new_string(p->arena, text), at);
}

struct rego_term *parse_new_infix(struct parser *p, struct rego_term *op,
	const struct rego_term *first, const struct rego_term *second, const struct rego_term *third)
{
	struct parse_list list = { 0 };
	struct rego_term *term;

	if (!parse_list_add(p, &list, op) || !parse_list_add(p, &list, first) ||
			!parse_list_add(p, &list, second) || (third && !parse_list_add(p, &list, third)))
		return NULL;
	term = parse_new_list(p, REGO_TERM_CALL, parse_up_to_here(p, first->at), &list);
	if (term)
		term->flags = REGO_TERM_INFIX;
	return term;
}

/* ---- references and calls ---- */

static const char *const value_names[] = {
	[REGO_TERM_VAR] = "var",
	[REGO_TERM_REF] = "ref",
	[REGO_TERM_ARRAY] = "array",
	[REGO_TERM_SET] = "set",
	[REGO_TERM_OBJECT] = "object",
	[REGO_TERM_ARRAY_COMPREHENSION] = "arraycomprehension",
	[REGO_TERM_SET_COMPREHENSION] = "setcomprehension",
	[REGO_TERM_OBJECT_COMPREHENSION] = "objectcomprehension",
	[REGO_TERM_CALL] = "call",
	[REGO_TERM_TEMPLATE] = "templatestring",
	[REGO_TERM_LOGIC] = "expression",
};

const char *parse_type_name(const struct rego_term *term)
{
	if (term->type != REGO_TERM_VALUE)
		return value_names[term->type];
	return term->value->type == JSON_INT ? "number" : json_type_name(term->value->type);
}

static bool is_ref_head(const struct rego_term *term)
{
	return term->type != REGO_TERM_VALUE && term->type != REGO_TERM_REF &&
		term->type != REGO_TERM_TEMPLATE;
}

/* .name */
static struct rego_term *parse_dotted(struct parser *p)
{
	struct rego_term *term;

	parse_next(p);
	if (parse_token(p)->flags & REGO_TOKEN_SPACED)
		return parse_fail(p, parse_here(p), "unexpected whitespace token: expected identifier");
	if (!parse_is(p, REGO_TOKEN_IDENT) && !rego_token_is_keyword(parse_token(p)->type))
		return parse_unexpected(p, "expected identifier");
	term = parse_new_string(p, parse_text(p), parse_here(p));
	if (term)
		term->flags = REGO_TERM_DOTTED;
	parse_next(p);
	return term;
}

/* [term] */
static struct rego_term *parse_indexed(struct parser *p)
{
	struct rego_term *term;

	parse_next(p);
	term = parse_term_infix(p, true);
	if (term && !parse_take(p, REGO_TOKEN_RBRACK))
		return parse_unexpected(p, "expected ]");
	return term;
}

/* What was read so far: the head alone, or a reference. */
static struct rego_term *end_ref(struct parser *p, struct rego_term *head, const struct parse_list *list)
{
	if (list->count == 1)
		return head;
	return parse_new_list(p, REGO_TERM_REF, parse_up_to_here(p, head->at), list);
}

static struct rego_term *parse_call(struct parser *p, struct rego_term *op)
{
	struct parse_list list = { 0 };
	bool is_set = op && op->type == REGO_TERM_VAR && str_eq(op->name, STR("set"));

	if (!op)
		return NULL;
	if (op->type != REGO_TERM_VAR && op->type != REGO_TERM_REF)
		return parse_fail(p, op->at, "illegal call (operator cannot be %s)",
			parse_type_name(op));
	parse_next(p);
	if (is_set && parse_take(p, REGO_TOKEN_RPAREN))
		return parse_new_term(p, REGO_TERM_SET, parse_up_to_here(p, op->at));
	if (!parse_list_add(p, &list, op) || !parse_terms(p, REGO_TOKEN_RPAREN, &list))
		return NULL;
	return parse_new_list(p, REGO_TERM_CALL, parse_up_to_here(p, op->at), &list);
}

/* From the first dot, bracket or parenthesis on, which may have space in front. */
static struct rego_term *parse_ref(struct parser *p, struct rego_term *head)
{
	struct parse_list list = { 0 };
	bool may_call = true;

	if (!is_ref_head(head))
		return parse_fail(p, head->at, "illegal ref (head cannot be %s)", parse_type_name(head));
	if (!parse_list_add(p, &list, head))
		return NULL;
	do {
		if (parse_is(p, REGO_TOKEN_LPAREN)) {
			head = parse_call(p, end_ref(p, head, &list));
			list = (struct parse_list){ 0 };
			if (!parse_list_add(p, &list, head))
				return NULL;
			may_call = false;
		} else {
			bool is_dot = parse_is(p, REGO_TOKEN_DOT);

			if (!parse_list_add(p, &list, is_dot ? parse_dotted(p) : parse_indexed(p)))
				return NULL;
			may_call = true;
		}
	} while (parse_is_tight(p, REGO_TOKEN_DOT) || parse_is_tight(p, REGO_TOKEN_LBRACK) ||
		(may_call && parse_is_tight(p, REGO_TOKEN_LPAREN)));
	return end_ref(p, head, &list);
}

static struct rego_term *parse_behind(struct parser *p, struct rego_term *head)
{
	if (head && (parse_is_tight(p, REGO_TOKEN_DOT) || parse_is_tight(p, REGO_TOKEN_LBRACK) ||
			parse_is_tight(p, REGO_TOKEN_LPAREN)))
		return parse_ref(p, head);
	return head;
}

static struct rego_term *parse_var(struct parser *p)
{
	struct rego_term *term = parse_new_var(p, parse_text(p), parse_here(p));

	parse_next(p);
	return term;
}

struct rego_term *parse_name(struct parser *p)
{
	return parse_behind(p, parse_var(p));
}

/* ---- operators ---- */

/* How tight the operator binds that comes next; 0: none does. */
static unsigned level(const struct parser *p)
{
	switch (parse_token(p)->type) {
	case REGO_TOKEN_EQUAL:
	case REGO_TOKEN_NEQ:
	case REGO_TOKEN_LT:
	case REGO_TOKEN_GT:
	case REGO_TOKEN_LTE:
	case REGO_TOKEN_GTE:
		return 1;
	case REGO_TOKEN_OR:
		return 2;
	case REGO_TOKEN_AND:
		return 3;
	case REGO_TOKEN_PLUS:
	case REGO_TOKEN_MINUS:
		return 4;
	case REGO_TOKEN_MUL:
	case REGO_TOKEN_DIV:
	case REGO_TOKEN_REM:
		return 5;
	default:
		return 0;
	}
}

struct rego_term *parse_head_name(struct parser *p)
{
	struct rego_term *head = parse_var(p);

	if (head && level(p) && !(parse_token(p)->flags & REGO_TOKEN_SPACED))
		return parse_unexpected(p, NULL);
	if (head && (parse_is(p, REGO_TOKEN_DOT) || parse_is(p, REGO_TOKEN_LBRACK) ||
			parse_is(p, REGO_TOKEN_LPAREN)))
		return parse_ref(p, head);
	return head;
}

struct rego_term *parse_operator(struct parser *p)
{
	const char *name = rego_token_name(parse_token(p)->type);
	struct rego_term *term = parse_new_var(p, str_from(name), parse_here(p));

	parse_next(p);
	return term;
}

/* internal.member_2 or internal.member_3 */
static struct rego_term *parse_in(struct parser *p, struct str name)
{
	struct rego_span at = parse_here(p);
	struct rego_term *head = parse_new_var(p, STR("internal"), at),
		*member = parse_new_string(p, name, at);
	struct parse_list list = { 0 };

	parse_next(p);
	if (member)
		member->flags = REGO_TERM_DOTTED;
	if (!parse_list_add(p, &list, head) || !parse_list_add(p, &list, member))
		return NULL;
	return parse_new_list(p, REGO_TERM_REF, at, &list);
}

/* Operators that bind at least as tight as @lowest, with what is on the left of the first. */
static struct rego_term *parse_operators(struct parser *p, struct rego_term *left, unsigned lowest)
{
	while (left && level(p) >= lowest) {
		unsigned here = level(p);
		struct rego_term *op = parse_operator(p), *right = op ? parse_term(p) : NULL;

		if (right && level(p) > here)
			right = parse_operators(p, right, here + 1);
		left = parse_new_infix(p, op, left, right, NULL);
	}
	return left;
}

static struct rego_term *parse_relation(struct parser *p)
{
	return parse_operators(p, parse_term(p), 1);
}

/* `, value in xs` behind a key; NULL without an error where it is something else. */
static struct rego_term *try_key(struct parser *p, struct rego_term *key)
{
	struct parse_mark mark = p->now;
	struct rego_term *value, *op, *domain;

	parse_next(p);
	value = parse_relation(p);
	if (p->is_full)
		return NULL;
	if (!value || !parse_is_keyword(p, REGO_TOKEN_IN)) {
		p->now = mark;
		return NULL;
	}
	op = parse_in(p, STR("member_3"));
	domain = op ? parse_relation(p) : NULL;
	return domain ? parse_new_infix(p, op, key, value, domain) : NULL;
}

static struct rego_term *parse_member(struct parser *p, struct rego_term *element)
{
	struct rego_term *op = parse_in(p, STR("member_2")), *domain = op ? parse_relation(p) : NULL;

	return domain ? parse_new_infix(p, op, element, domain, NULL) : NULL;
}

static struct rego_term *parse_memberships(struct parser *p, struct rego_term *left, bool with_key)
{
	while (left) {
		if (with_key && parse_is(p, REGO_TOKEN_COMMA)) {
			struct rego_term *whole = try_key(p, left);

			if (!whole)
				return parse_is(p, REGO_TOKEN_COMMA) && !p->is_full ? left : NULL;
			left = whole;
		}
		if (!parse_is_keyword(p, REGO_TOKEN_IN))
			break;
		left = parse_member(p, left);
	}
	return left;
}

struct rego_term *parse_term_infix(struct parser *p, bool with_key)
{
	return parse_memberships(p, parse_relation(p), with_key);
}

struct rego_term *parse_term_infix_from(struct parser *p, struct rego_term *first, bool with_key)
{
	return parse_memberships(p, parse_operators(p, first, 1), with_key);
}

bool parse_is_member(const struct rego_term *term, size_t operands)
{
	return term->type == REGO_TERM_CALL && term->flags & REGO_TERM_INFIX &&
		term->list.items[0]->type == REGO_TERM_REF && term->list.count == operands + 1;
}

/* ---- a term ---- */

/* null, true, false */
static struct rego_term *parse_word(struct parser *p)
{
	const struct json *value = parse_is(p, REGO_TOKEN_NULL) ? json_new_null(p->arena) :
		json_new_bool(p->arena, parse_is(p, REGO_TOKEN_TRUE));
	struct rego_term *term = parse_new_constant(p, value, parse_here(p));

	parse_next(p);
	return term;
}

/* (term): the parentheses belong to its text. */
static struct rego_term *parse_group(struct parser *p)
{
	struct rego_span open = parse_here(p);
	struct rego_term *term;

	parse_next(p);
	term = parse_term_infix(p, true);
	if (!term)
		return NULL;
	if (!parse_take(p, REGO_TOKEN_RPAREN))
		return parse_fail(p, parse_here(p), "non-terminated expression");
	term->at.offset = open.offset;
	term->at = parse_up_to_here(p, term->at);
	term->flags |= REGO_TERM_GROUPED;
	return term;
}

static struct rego_term *parse_identifier(struct parser *p)
{
	const struct rego_token *next = parse_token(p) + 1;
	struct str word = parse_text(p);

	if (parse_is_logic_word(p) && (next->flags & REGO_TOKEN_SPACED || next->type != REGO_TOKEN_LPAREN))
		return parse_fail(p, parse_here(p), "unexpected %.*s keyword", STR_FMT(word));
	return parse_name(p);
}

static struct rego_term *parse_primary(struct parser *p)
{
	switch (parse_token(p)->type) {
	case REGO_TOKEN_NULL:
	case REGO_TOKEN_TRUE:
	case REGO_TOKEN_FALSE:
		return parse_word(p);
	case REGO_TOKEN_MINUS:
	case REGO_TOKEN_DOT:
	case REGO_TOKEN_NUMBER:
		return parse_number(p);
	case REGO_TOKEN_STRING:
		return parse_string(p);
	case REGO_TOKEN_TEMPLATE_PART:
	case REGO_TOKEN_TEMPLATE_END:
		return parse_template(p);
	case REGO_TOKEN_IDENT:
	case REGO_TOKEN_CONTAINS:
		return parse_identifier(p);
	case REGO_TOKEN_LBRACK:
		return parse_array(p);
	case REGO_TOKEN_LBRACE:
		return parse_braces(p);
	case REGO_TOKEN_LPAREN:
		return parse_group(p);
	default:
		return parse_unexpected(p, NULL);
	}
}

struct rego_term *parse_term(struct parser *p)
{
	struct rego_term *term;

	if (!parse_enter(p))
		return NULL;
	term = parse_behind(p, parse_primary(p));
	parse_leave(p);
	return term;
}
