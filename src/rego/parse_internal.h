/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_internal.h - what the files of the parser share
 *
 * Recursive descent over the row of tokens. The state that changes is small (struct parse_mark), so a try
 * that fails is undone by going back to a mark; what it allocated stays in the arena. Tries are bounded: a
 * bracket that turned out to be no comprehension is marked as such in its token, so that no text is read more
 * than twice on any level, and levels are bounded by REGO_DEPTH_MAX.
 *
 * A function that makes something returns NULL where it cannot, and then has said why: with an error, or with
 * is_full set. Nothing is made behind a NULL.
 *
 *	parse.c			state, errors, lists, the three entry points
 *	parse_term.c		terms: precedence, references, calls
 *	parse_list.c		what stands in brackets and braces
 *	parse_scalar.c		numbers, strings, templates
 *	parse_body.c		expressions and bodies
 *	parse_logic.c		infix `and`, `or`, and what `not` takes with future.keywords.not
 *	parse_rule.c		rules with a body
 *	parse_statement.c	expressions that are rules; what v1 demands of rules
 *	parse_module.c		package, imports, and the module as a whole
 */
#pragma once

#include "rego/ast.h"
#include "rego/lex.h"

enum {
	PARSE_ERROR_MAX = REGO_DIAGS_MAX,
};

struct parse_error {
	struct rego_span at;
	const char *text, *hint;
};

/* What a failed try must not change. */
struct parse_mark {
	size_t at;
	size_t error_count;
	unsigned wildcard_count;
};

struct parser {
	struct arena *arena;
	struct rego_tokens tokens;
	struct parse_mark now;
	struct parse_error errors[PARSE_ERROR_MAX];
	unsigned flags;			/* enum rego_parse_flags */
	unsigned depth;
	bool is_full;			/* the arena is */
	bool has_not, has_and, has_or;	/* future.keywords.* that were imported */
};

/* A list that grows in the arena. */
struct parse_list {
	const void **items;
	size_t count, room;
};

/* ---- parse.c ---- */

static inline const struct rego_token *parse_token(const struct parser *p)
{
	return &p->tokens.items[p->now.at];
}

static inline bool parse_is(const struct parser *p, enum rego_token_type type)
{
	return parse_token(p)->type == type;
}

/** parse_is_tight() - whether a token comes next and no space is in front of it */
static inline bool parse_is_tight(const struct parser *p, enum rego_token_type type)
{
	return parse_is(p, type) && !(parse_token(p)->flags & REGO_TOKEN_SPACED);
}

/** parse_next() - pass a token; the last one, EOF, stays */
static inline void parse_next(struct parser *p)
{
	if (p->now.at + 1 < p->tokens.count)
		p->now.at++;
}

/** parse_take() - pass a token if it is of that type; Return: whether it was */
static inline bool parse_take(struct parser *p, enum rego_token_type type)
{
	if (!parse_is(p, type))
		return false;
	parse_next(p);
	return true;
}

static inline struct str parse_text(const struct parser *p)
{
	return rego_token_text(&p->tokens, parse_token(p));
}

/**
 * parse_is_before_ref() - whether a dot or a bracket follows the token at once, so that a keyword is a name
 */
bool parse_is_before_ref(const struct parser *p);

/** parse_is_keyword() - whether a keyword comes next, and is none of those names */
static inline bool parse_is_keyword(const struct parser *p, enum rego_token_type type)
{
	return parse_is(p, type) && !parse_is_before_ref(p);
}

/** parse_is_keyword_name() - whether a keyword comes next that is a name */
static inline bool parse_is_keyword_name(const struct parser *p)
{
	return rego_token_is_keyword((enum rego_token_type)parse_token(p)->type) && parse_is_before_ref(p);
}

/** parse_is_logic_word() - whether `and` or `or` comes next, and was imported */
bool parse_is_logic_word(const struct parser *p);

/** parse_is_word() - whether an identifier with that text comes next: a keyword that was imported */
bool parse_is_word(const struct parser *p, struct str word);

/** parse_here() - the place of the token that comes next */
struct rego_span parse_here(const struct parser *p);

/** parse_up_to_here() - @from, made to end behind the last token that was passed */
struct rego_span parse_up_to_here(const struct parser *p, struct rego_span from);

/** parse_fail() - say what is wrong; Return: NULL */
void *parse_fail(struct parser *p, struct rego_span at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * parse_unexpected() - "unexpected TOKEN token: NOTE" of the next token, without NOTE where it is NULL;
 * Return: NULL
 */
void *parse_unexpected(struct parser *p, const char *note);

/** parse_hint() - say what to do about the last error */
void parse_hint(struct parser *p, const char *hint);

/** parse_has_failed() - whether there is an error that was not taken back */
static inline bool parse_has_failed(const struct parser *p)
{
	return p->is_full || p->now.error_count;
}

/** parse_alloc() - zeroed memory; Return: NULL with is_full set */
void *parse_alloc(struct parser *p, size_t size_bytes);

/** parse_enter() - one level deeper; Return: false with an error where that is too deep */
bool parse_enter(struct parser *p);
static inline void parse_leave(struct parser *p)
{
	p->depth--;
}

/** parse_list_add() - one item more; Return: false for a NULL item or a full arena */
bool parse_list_add(struct parser *p, struct parse_list *list, const void *item);

/* ---- terms ---- */

/** parse_new_term() - a term of a type, at a place; Return: the term, or NULL with is_full set */
struct rego_term *parse_new_term(struct parser *p, enum rego_term_type type, struct rego_span at);

/** parse_new_list() - an array, a set, a reference or a call of what is in a list; checks the height */
struct rego_term *parse_new_list(struct parser *p, enum rego_term_type type, struct rego_span at,
	const struct parse_list *list);

/** parse_new_var() - a variable; `_` becomes a wildcard */
struct rego_term *parse_new_var(struct parser *p, struct str name, struct rego_span at);

/** parse_new_string() - a string */
struct rego_term *parse_new_string(struct parser *p, struct str text, struct rego_span at);

/** parse_new_constant() - of a value, which is NULL where the arena is full */
struct rego_term *parse_new_constant(struct parser *p, const struct json *value, struct rego_span at);

/** parse_new_true() - the constant that stands for what was not written */
static inline struct rego_term *parse_new_true(struct parser *p, struct rego_span at)
{
	return parse_new_constant(p, json_new_bool(p->arena, true), at);
}

/** parse_type_name() - "var", "ref", "number", "setcomprehension" */
const char *parse_type_name(const struct rego_term *term);

/** parse_new_infix() - a call of a built-in that was written as an operator; @second may be NULL */
struct rego_term *parse_new_infix(struct parser *p, struct rego_term *op,
	const struct rego_term *first, const struct rego_term *second, const struct rego_term *third);

/** parse_set_height() - one more than @below; Return: @term, or NULL with an error where that is too high */
struct rego_term *parse_set_height(struct parser *p, struct rego_term *term, unsigned below);

/** parse_operator() - the next token as the name of the built-in behind it, and pass it */
struct rego_term *parse_operator(struct parser *p);

/** parse_term() - a term without operators */
struct rego_term *parse_term(struct parser *p);

/** parse_term_infix() - a term with operators; @with_key: `k, v in xs` too */
struct rego_term *parse_term_infix(struct parser *p, bool with_key);

/** parse_term_infix_from() - the same where the first operand is there already */
struct rego_term *parse_term_infix_from(struct parser *p, struct rego_term *first, bool with_key);

/** parse_name() - a reference or variable whose first word may be a keyword */
struct rego_term *parse_name(struct parser *p);

/** parse_head_name() - the same at the head of a rule, where space may stand before the first bracket */
struct rego_term *parse_head_name(struct parser *p);

/** parse_array() - from the opening bracket to behind the closing one */
struct rego_term *parse_array(struct parser *p);

/** parse_braces() - the same: a set, an object, or a comprehension */
struct rego_term *parse_braces(struct parser *p);

/**
 * parse_terms() - terms up to @end, which is passed; a comma may stand behind the last; Return: false with an
 * error
 */
bool parse_terms(struct parser *p, enum rego_token_type end, struct parse_list *list);

/** parse_number() - a number, with the minus sign or the point in front of it */
struct rego_term *parse_number(struct parser *p);

/** parse_string() - a string of either kind */
struct rego_term *parse_string(struct parser *p);

/** parse_template() - from its first part to behind its last */
struct rego_term *parse_template(struct parser *p);

/** parse_is_member() - whether a term was written `x in xs` (2) or `k, v in xs` (3) */
bool parse_is_member(const struct rego_term *term, size_t operands);

/* ---- bodies ---- */

/** parse_new_body() - of expressions, with their height; @list: struct rego_expr */
struct rego_body *parse_new_body(struct parser *p, struct rego_span at, const struct parse_list *list);

/** parse_new_true_body() - the body of a rule that has none */
struct rego_body *parse_new_true_body(struct parser *p, struct rego_span at);

/** parse_new_single_body() - a body of one expression */
struct rego_body *parse_new_single_body(struct parser *p, struct rego_expr *expr);

/** parse_body() - expressions up to @end, which is passed */
struct rego_body *parse_body(struct parser *p, enum rego_token_type end);

/** parse_braced_body() - the same with the braces around it */
struct rego_body *parse_braced_body(struct parser *p);

/** parse_expr() - one expression of a body, with its modifiers */
struct rego_expr *parse_expr(struct parser *p);

/** parse_new_expr() - a term as an expression */
struct rego_expr *parse_new_expr(struct parser *p, struct rego_span at, const struct rego_term *term);

/** parse_plain() - `a`, `a = b`, `a := b`, without negation and modifiers */
struct rego_expr *parse_plain(struct parser *p);

/** parse_withs() - `with a as b`, any number of them behind those that it has; Return: false with an error */
bool parse_withs(struct parser *p, struct rego_expr *expr);

/**
 * parse_logic() - an expression where `and`, `or` or the new `not` are known, without modifiers at its end
 */
struct rego_expr *parse_logic(struct parser *p);

/** parse_is_logic_body() - whether the brace that comes next opens a body and `and` or `or` follows it */
bool parse_is_logic_body(const struct parser *p);

/* ---- statements ---- */

/** parse_module() - the whole text */
struct rego_module *parse_module(struct parser *p);

/**
 * parse_rules() - a rule, or several where bodies are chained; Return: false where it is none, with or
 * without an error
 */
bool parse_rules(struct parser *p, struct parse_list *rules);

/** parse_statement() - an expression that is a rule; Return: false with an error */
bool parse_statement(struct parser *p, struct parse_list *rules);

/**
 * parse_set_head() - take a rule's name and parameters from a term; Return: false where it has neither, with
 * or without an error
 */
bool parse_set_head(struct parser *p, struct rego_rule *rule, const struct rego_term *head);

/** parse_is_ground() - whether a term has no variables, but at the head of references */
bool parse_is_ground(const struct rego_term *term);

/** parse_check_rule() - what v1 demands of a rule and of those behind `else` */
void parse_check_rule(struct parser *p, const struct rego_rule *rule);
