// SPDX-License-Identifier: Apache-2.0
/*
 * parse_list.c - arrays, sets, objects and their comprehensions
 *
 * [a | b] may be a comprehension or an array of one union. It is a comprehension if b can be read as a body;
 * if that ends at a comma, [a | b, c] is read again as an array, and the | is marked so that a third time
 * never comes. In an object the comma cannot stand behind a body either, so {k: a | b, ...} is read again for
 * whatever went wrong.
 *
 * Source: OPA, v1/ast/parser.go
 */
#include "rego/parse_internal.h"

bool parse_terms(struct parser *p, enum rego_token_type end, struct parse_list *list)
{
	while (!parse_take(p, end)) {
		if (!parse_list_add(p, list, parse_term_infix(p, false)))
			return false;
		if (!parse_is(p, REGO_TOKEN_COMMA) && !parse_is(p, end)) {
			parse_unexpected(p, end == REGO_TOKEN_RPAREN ? "expected \",\" or \")\"" :
				end == REGO_TOKEN_RBRACK ? "expected \",\" or \"]\"" :
				"expected \",\" or \"}\"");
			return false;
		}
		parse_take(p, REGO_TOKEN_COMMA);
	}
	return true;
}

/* The rest of an array or set whose first item is known. */
static struct rego_term *parse_items(struct parser *p, enum rego_term_type type, struct rego_span at,
	struct rego_term *first)
{
	enum rego_token_type end = type == REGO_TERM_ARRAY ? REGO_TOKEN_RBRACK : REGO_TOKEN_RBRACE;
	struct parse_list list = { 0 };

	if (!parse_list_add(p, &list, first))
		return NULL;
	if (!parse_is(p, end) && !parse_is(p, REGO_TOKEN_COMMA)) {
		if (type == REGO_TERM_SET)
			return parse_unexpected(p, "non-terminated set");
		return parse_unexpected(p, "expected \",\" or \"]\"");
	}
	parse_take(p, REGO_TOKEN_COMMA);
	if (!parse_terms(p, end, &list))
		return NULL;
	return parse_new_list(p, type, parse_up_to_here(p, at), &list);
}

/* ---- comprehensions ---- */

static struct rego_term *new_comprehension(struct parser *p, enum rego_term_type type, struct rego_span at,
	const struct rego_term *key, const struct rego_term *head, const struct rego_body *body)
{
	struct rego_term *term = parse_new_term(p, type, parse_up_to_here(p, at));
	unsigned below;

	if (!term)
		return NULL;
	term->comprehension.key = key;
	term->comprehension.head = head;
	term->comprehension.body = body;
	below = MAX(head->height, body->height);
	return parse_set_height(p, term, key ? MAX(below, key->height) : below);
}

static bool may_be_comprehension(const struct parser *p)
{
	return parse_is(p, REGO_TOKEN_OR) && !(parse_token(p)->flags & REGO_TOKEN_NO_COMPREHENSION);
}

/*
 * From the | on. NULL with an error where what stands there must be a body; NULL without one, and the |
 * marked, where it may be something else.
 */
static struct rego_term *try_comprehension(struct parser *p, enum rego_term_type type, struct rego_span at,
	const struct rego_term *key, const struct rego_term *head)
{
	enum rego_token_type end = type == REGO_TERM_ARRAY_COMPREHENSION ? REGO_TOKEN_RBRACK :
		REGO_TOKEN_RBRACE;
	struct parse_mark mark = p->now;
	struct rego_body *body;

	parse_next(p);
	body = parse_body(p, end);
	if (body)
		return new_comprehension(p, type, at, key, head, body);
	if (p->is_full || (!key && !parse_is(p, REGO_TOKEN_COMMA)))
		return NULL;
	p->now = mark;
	p->tokens.items[p->now.at].flags |= REGO_TOKEN_NO_COMPREHENSION;
	return NULL;
}

/* ---- arrays ---- */

struct rego_term *parse_array(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct parse_list none = { 0 };
	struct rego_term *head, *term;
	bool has_comma;

	parse_next(p);
	if (parse_take(p, REGO_TOKEN_RBRACK))
		return parse_new_list(p, REGO_TERM_ARRAY, parse_up_to_here(p, at), &none);
	has_comma = parse_take(p, REGO_TOKEN_COMMA);
	head = parse_term(p);
	if (!head)
		return NULL;
	if (!has_comma && may_be_comprehension(p)) {
		term = try_comprehension(p, REGO_TERM_ARRAY_COMPREHENSION, at, NULL, head);
		if (term || parse_has_failed(p))
			return term;
	}
	return parse_items(p, REGO_TERM_ARRAY, at, parse_term_infix_from(p, head, false));
}

/* ---- objects ---- */

struct pairs {
	struct parse_list keys, values;
};

static struct rego_term *new_object(struct parser *p, struct rego_span at, const struct pairs *pairs)
{
	struct rego_term *term = parse_new_term(p, REGO_TERM_OBJECT, parse_up_to_here(p, at));
	struct rego_pair *copy = arena_alloc_array(p->arena, pairs->keys.count, sizeof(*copy));
	unsigned below = 0;

	p->is_full |= !copy;
	if (p->is_full)
		return NULL;
	for (size_t i = 0; i < pairs->keys.count; i++) {
		copy[i] = (struct rego_pair){ .key = pairs->keys.items[i], .value = pairs->values.items[i] };
		below = MAX(below, copy[i].key->height);
		below = MAX(below, copy[i].value->height);
	}
	term->object.pairs = copy;
	term->object.count = pairs->keys.count;
	return parse_set_height(p, term, below);
}

/* `, key: value` as often as it comes, and the brace. */
static bool parse_pairs(struct parser *p, struct pairs *pairs)
{
	while (!parse_take(p, REGO_TOKEN_RBRACE)) {
		if (!parse_take(p, REGO_TOKEN_COMMA)) {
			parse_unexpected(p, "expected \",\" or \"}\"");
			return false;
		}
		if (parse_take(p, REGO_TOKEN_RBRACE))
			break;
		if (!parse_list_add(p, &pairs->keys, parse_term_infix(p, false)))
			return false;
		if (!parse_take(p, REGO_TOKEN_COLON)) {
			parse_unexpected(p, "expected \":\"");
			return false;
		}
		if (!parse_list_add(p, &pairs->values, parse_term_infix(p, false)))
			return false;
	}
	return true;
}

/* From the first colon on. */
static struct rego_term *parse_object(struct parser *p, struct rego_span at, struct rego_term *key,
	bool has_comma)
{
	struct pairs pairs = { 0 };
	struct rego_term *value, *term;

	parse_next(p);
	value = parse_term(p);
	if (!value)
		return NULL;
	if (!has_comma && may_be_comprehension(p)) {
		term = try_comprehension(p, REGO_TERM_OBJECT_COMPREHENSION, at, key, value);
		if (term || p->is_full)
			return term;
	}
	value = parse_term_infix_from(p, value, false);
	if (!parse_list_add(p, &pairs.keys, key) || !parse_list_add(p, &pairs.values, value))
		return NULL;
	if (!parse_is(p, REGO_TOKEN_COMMA) && !parse_is(p, REGO_TOKEN_RBRACE))
		return parse_unexpected(p, "non-terminated object");
	return parse_pairs(p, &pairs) ? new_object(p, at, &pairs) : NULL;
}

/* ---- sets, or objects ---- */

struct rego_term *parse_braces(struct parser *p)
{
	struct rego_span at = parse_here(p);
	struct pairs none = { 0 };
	struct rego_term *head, *term;
	bool has_comma;

	parse_next(p);
	if (parse_take(p, REGO_TOKEN_RBRACE))
		return new_object(p, at, &none);
	has_comma = parse_take(p, REGO_TOKEN_COMMA);
	head = parse_term(p);
	if (!head)
		return NULL;
	if (!has_comma && may_be_comprehension(p)) {
		term = try_comprehension(p, REGO_TERM_SET_COMPREHENSION, at, NULL, head);
		if (term || parse_has_failed(p))
			return term;
	}
	if (!parse_is(p, REGO_TOKEN_COLON))
		head = parse_term_infix_from(p, head, false);
	if (head && parse_is(p, REGO_TOKEN_COLON))
		return parse_object(p, at, head, has_comma);
	return parse_items(p, REGO_TERM_SET, at, head);
}
