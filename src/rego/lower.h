/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lower.h - what the files of lowering share: where they are in a rule, and which names are visible there
 */
#pragma once

#include "rego/compile_internal.h"
#include "rego/plan.h"

/* How a name came into a scope; what may happen to it afterwards depends on it. */
enum lower_origin {
	/* used without being declared: the rule's own variable of that name */
	LOWER_SEEN,
	LOWER_PARAM,
	LOWER_ASSIGNED,			/* := */
	LOWER_DECLARED,			/* some, every */
};

struct lower_name {
	struct str name;
	enum lower_origin origin;
	uint32_t var;
	uint32_t use_count;
	struct rego_span at;
};

/* The names of one body; those that it will declare further down hide globals already. */
struct lower_scope {
	struct lower_scope *outer;
	struct lower_name *names;
	size_t count, room;
	struct str *hidden;
	size_t hidden_count, hidden_room;
};

struct lower {
	struct compiler *compiler;
	const struct rego_module *module;
	const struct rego_node *package;
	struct core_rule *rule;
	const struct rego_rule *first;	/* the rule itself, also in an `else` of it; NULL in a question */
	struct lower_scope *scope;
	struct core_body *body;		/* where exprs go */
	const struct core_with *withs;	/* of the expr at hand: what is hoisted out of it has them too */
	size_t with_count;
	const struct rego_expr *written;	/* the expr at hand */
};

/* What a name stands for. */
enum lower_meaning {
	LOWER_LOCAL,
	LOWER_INPUT,
	LOWER_DATA,
	LOWER_PATH,			/* a reference that begins with input or data */
};

struct lower_found {
	enum lower_meaning meaning;
	uint32_t var;
	bool is_input;			/* PATH */
	const struct json **keys;	/* PATH */
	size_t key_count;
};

/* ---- lower_name.c ---- */

/** lower_enter() - a scope for a body (or NULL), inside the one at hand */
void lower_enter(struct lower *lower, struct lower_scope *scope, const struct rego_body *body);

/** lower_leave() - out of it; what was declared there and never used is a mistake */
void lower_leave(struct lower *lower);

/** lower_new_var() - a variable of the rule; Return: its number */
uint32_t lower_new_var(struct lower *lower, struct str name, bool is_wildcard);

/** lower_declare() - a name of the scope at hand; says what is wrong with it; Return: its variable */
uint32_t lower_declare(struct lower *lower, const struct rego_term *term, enum lower_origin origin);

/** lower_find() - what a variable's name stands for at this place */
struct lower_found lower_find(struct lower *lower, const struct rego_term *term);

/** lower_declare_param() - as lower_declare(), where a name may stand twice and is the same variable then */
uint32_t lower_declare_param(struct lower *lower, const struct rego_term *term);

/**
 * lower_names_path() - whether a name stands for a rule, an import or a document and not for a variable or a
 * built-in
 */
bool lower_names_path(const struct lower *lower, const struct rego_term *term);

/** lower_is_shadowed() - whether a name is a local one that hides a function */
bool lower_is_shadowed(const struct lower *lower, struct str name);

/* ---- lower_term.c ---- */

/*
 * What happens inside a comprehension, `every` or `not { }` has neither the body nor the replacements at hand
 * outside.
 */
struct lower_inside {
	struct lower_scope scope;
	struct core_body *body;
	const struct core_with *withs;
	size_t with_count;
	const struct rego_expr *written;
};

/**
 * lower_go_inside() - a new body, with the names that @body (or NULL) declares; Return: what is filled from
 * here on
 */
struct core_body *lower_go_inside(struct lower *lower, struct lower_inside *inside,
	const struct rego_body *body);

/** lower_come_out() - back to the body that was left */
void lower_come_out(struct lower *lower, const struct lower_inside *inside);

/** lower_term() - a term without calls; they go into the body in front of it */
struct core_term *lower_term(struct lower *lower, const struct rego_term *term);

/** lower_simple() - as lower_term(), and references and comprehensions have become variables, too */
struct core_term *lower_simple(struct lower *lower, const struct rego_term *term);

/** lower_captured() - {x | x = term}: the set of its only value, or empty where it has none */
struct core_term *lower_captured(struct lower *lower, const struct rego_term *term);

/** lower_new_term() - a term of a type; Return: all of it zero but for type and place */
struct core_term *lower_new_term(struct lower *lower, enum core_type type, struct rego_span at);

/** lower_fresh() - a variable that nobody wrote, as a term */
struct core_term *lower_fresh(struct lower *lower, struct rego_span at);

/** lower_name_it() - a variable that equals @term from here on */
struct core_term *lower_name_it(struct lower *lower, struct core_term *term);

/* ---- lower_expr.c ---- */

/** lower_body() - all expressions of a body, into the one at hand */
void lower_body(struct lower *lower, const struct rego_body *body);

/** lower_add() - one expr more in the body at hand, with the replacements at hand */
struct core_expr *lower_add(struct lower *lower, enum core_expr_type type, struct rego_span at);

/** lower_add_eq() - unify two terms */
struct core_expr *lower_add_eq(struct lower *lower, struct core_term *left, struct core_term *right);

/** lower_call() - a call whose result is wanted; Return: the variable that has it */
struct core_term *lower_call(struct lower *lower, const struct rego_term *call);

/* ---- lower_rule.c ---- */

/** lower_rule() - all of a rule, into its own fields */
void lower_rule(struct compiler *compiler, struct core_rule *rule);

/* ---- lower_metadata.c ---- */

/**
 * lower_metadata() - what rego.metadata.* gives at this place; Return: the value, or NULL outside of rules
 */
const struct json *lower_metadata(struct lower *lower, const struct rego_builtin *builtin);

/* ---- lower_callee.c ---- */

/** lower_find_builtin() - the built-in of a name such as json.patch; Return: the row, or NULL */
const struct rego_builtin *lower_find_builtin(const struct lower *lower, const struct rego_term *operator);

/** lower_callee() - what an operator names, or a mistake; Return: whether it was found */
bool lower_callee(struct lower *lower, const struct rego_term *operator, struct core_callee * ret);

/**
 * lower_arity() - that a call has as many operands as the callee takes, or one more for the result
 * @lower:    where the call stands
 * @operator: as it was written
 * @callee:   what it names
 * @operands: lowered
 * @given:    how many
 *
 * Return: whether it does; otherwise that was said.
 */
bool lower_arity(struct lower *lower, const struct rego_term *operator, const struct core_callee * callee,
	struct core_term *const *operands, size_t given);

/** lower_check_refused() - calls of what nobody may call, unless something replaces it */
void lower_check_refused(struct compiler *compiler);

/**
 * lower_withs() - the replacements of an expression, their values in front of it; Return: as many as it has
 */
const struct core_with *lower_withs(struct lower *lower, const struct rego_expr *expr);

/* ---- lower_query.c ---- */

/* What an expression of a question stands for. */
struct lower_answer {
	struct rego_span at;
	uint32_t var;			/* that has the value; REGO_NOWHERE: it is just true */
};

struct lower_answers {
	struct lower_answer *items;
	size_t count;
};

/**
 * lower_query() - a question, whose variables are all used since they are what is asked for
 * @compiler: at work
 * @rule:     takes the body; its module says in which package the question is asked
 * @body:     as it was written
 * @answers:  what its expressions stand for; NULL: only variables are wanted
 */
void lower_query(struct compiler *compiler, struct core_rule *rule, const struct rego_body *body,
	struct lower_answers *answers);
