/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h - the small language that modules are lowered to
 *
 * Rego has a dozen forms for a few things. Lowering (lower*.c) resolves every name, gives every variable of a
 * rule a number, and leaves
 *
 *   EQ     two terms are unified; whichever variables are not bound yet become bound
 *   CALL   a built-in or a function, its operands, and perhaps one term more that the result is unified with
 *   TERM   a term must be defined and not false
 *   EVERY  a body holds for all elements of a domain
 *   BODY   all of a body, of which nothing becomes bound outside (what `not { ... }` negates)
 *   EITHER one of two such bodies
 *
 * each perhaps negated and with replacements (`with`). Calls stand only there and never inside a term: a
 * nested call is made before, and its result has a variable. References may stand inside of terms. That is
 * where OPA's own stages leave a module before it is evaluated (v1/ast/compile.go of its source, from
 * ResolveRefs to RewriteWithValues), and what is observable of them is kept: what is hoisted out of a negated
 * expression is evaluated outside of the negation.
 *
 * Rules hang in a tree by the ground part of their path, below the document `data`. Everything lives in the
 * compilation's arena; only what the plan needs is copied out of it.
 */
#pragma once

#include "rego/ast.h"
#include "rego/builtin.h"
#include "rego/types.h"

struct core_body;
struct rego_node;

enum core_type {
	CORE_CONST,
	CORE_VAR,
	CORE_INPUT,			/* the documents themselves; heads of references, too */
	CORE_DATA,
	CORE_REF,			/* head, then keys */
	CORE_ARRAY,
	CORE_SET,
	CORE_OBJECT,			/* key, value, key, value, ... */
	CORE_ARRAY_COMPREHENSION,
	CORE_SET_COMPREHENSION,
	CORE_OBJECT_COMPREHENSION,
};

struct core_term {
	enum core_type type;
	struct rego_span at;
	union {
		const struct json *value;
		uint32_t var;			/* index into core_rule.vars */
		struct {
			struct core_term **items;
			size_t count;
		} list;				/* REF, ARRAY, SET, OBJECT */
		struct {
			struct core_term *key;	/* OBJECT_COMPREHENSION */
			struct core_term *head;
			struct core_body *body;
			const struct rego_type *type;	/* what check.c found, or NULL */
		} comprehension;
	};
};

enum core_expr_type {
	CORE_EQ,
	CORE_CALL,
	CORE_TERM,
	CORE_EVERY,
	CORE_BODY,
	CORE_EITHER,
};

/* What a call calls: exactly one of the two. */
struct core_callee {
	const struct rego_builtin *builtin;
	struct rego_node *function;
	size_t operand_count;		/* that it takes */
};

enum core_target {
	CORE_TARGET_INPUT,
	CORE_TARGET_DATA,
	CORE_TARGET_FUNCTION,		/* a function or a built-in is replaced */
};

struct core_with {
	enum core_target target;
	struct rego_span at;
	const struct json *const *path;	/* INPUT, DATA: the keys below the document, strings */
	size_t path_count;
	struct core_callee callee;	/* FUNCTION: what is replaced */
	struct core_term *value;	/* a value, or NULL where a function takes its place */
	struct core_callee by;
};

struct core_expr {
	enum core_expr_type type;
	bool is_negated;
	bool is_generated;		/* made by lowering, not written */
	bool is_assign;			/* EQ: it was := and nothing on the right becomes bound */
	bool is_compare;		/* EQ: it was == and nothing becomes bound but by references */
	struct rego_span at;
	union {
		struct {
			struct core_term *left, *right;
		} eq;
		struct {
			struct core_callee callee;
			struct core_term **operands;	/* count of the callee, and one more where is_bound */
			size_t count;
			bool has_result;
		} call;
		struct core_term *term;
		struct {
			struct core_term *key, *value, *domain;	/* key may be NULL; variables */
			struct core_body *body;
		} every;
		struct {
			struct core_body *body;
			struct core_body *other;	/* EITHER */
		} inner;
	};
	const struct core_with *withs;
	size_t with_count;
	/* what it is a part of, of several that became of one; NULL: of none */
	const struct rego_expr *written;
};

struct core_body {
	struct core_expr **exprs;
	size_t count, room;
};

struct core_var {
	struct str name;		/* as it was written; empty: made by lowering */
	bool is_wildcard;		/* it stands in one place: nobody looks at its value */
	bool is_undeclared;		/* the rule's own one of that name */
};

/* One rule, or one `else` of it. */
struct core_rule {
	const struct rego_module *module;
	const struct rego_rule *ast;
	struct rego_node *node;
	struct core_rule *next;		/* of the same node, in the order of the modules */
	struct core_rule *otherwise;	/* else */
	struct core_var *vars;
	size_t var_count, var_room;
	struct core_term **params;	/* of a function */
	size_t param_count;
	struct core_term **keys;	/* of the head's path, from the first one on that is not ground */
	size_t key_count;
	struct core_term *element;	/* contains */
	struct core_term *value;
	struct core_body body;
};

/* What a value follows from besides modules and data, and what may happen while it is worked out. */
enum core_needs {
	CORE_NEEDS_INPUT = 1 << 0,	/* the input, the moment, or nobody knows */
	CORE_NEEDS_LISTENER = 1 << 1,	/* something is said */
	CORE_NEEDS_CARE = 1 << 2,	/* it may end the evaluation with an error */
	/* rules that may do so, and all are asked for whenever the expression holds */
	CORE_NEEDS_RULES = 1 << 3,
	/* one of these: it is not the same in all evaluations, or more than a value */
	CORE_NEEDS_OTHERS = CORE_NEEDS_INPUT | CORE_NEEDS_LISTENER,
};

enum rego_node_kind {
	REGO_NODE_NONE = 0,		/* no rule: a package, or the way to one */
	REGO_NODE_COMPLETE,
	REGO_NODE_SET,			/* contains, at this very node */
	REGO_NODE_GENERAL,		/* keys that are found while evaluating: partial objects and more */
	REGO_NODE_FUNCTION,
};

/* A place below `data`. */
struct rego_node {
	const struct json *key;		/* a scalar; NULL at the root */
	struct rego_node *parent;
	struct rego_node **children;	/* in the order of their keys */
	size_t child_count, position;	/* its own among its parent's */
	struct core_rule *rules, *last_rule;
	const struct core_rule *default_rule;
	enum rego_node_kind kind;
	size_t depth;			/* 0 at the root */
	bool is_package;		/* a module stands here */
	const struct json **exports;	/* of a package: the names that its rules begin with, sorted */
	size_t export_count, export_room;
	uint32_t index;			/* among all nodes */
	/* what it needs to know of others (depend.c) */
	struct rego_node **uses;
	size_t use_count, use_room;
	bool is_replaced;		/* some `with` replaces this node or what is above it */
	bool has_function_below;
	unsigned needs;			/* enum core_needs (steady.c) */
	/* of its value, and of a document of all that is below it (check*.c); NULL: not looked at yet */
	const struct rego_type *type, *extent;
};

/**
 * core_expr_term() - the terms that stand in an expression itself, whatever it is
 * @expr:  any
 * @index: from 0: both sides, the operands, the term, or what `every` goes over
 *
 * Return: NULL behind the last.
 */
struct core_term *core_expr_term(const struct core_expr *expr, size_t index);

/** core_expr_body() - the bodies in an expression itself, from 0; Return: NULL behind the last */
struct core_body *core_expr_body(const struct core_expr *expr, size_t index);

/** core_needs_evaluation() - whether a term holds a reference or a comprehension */
bool core_needs_evaluation(const struct core_term *term);

/**
 * core_term_print() - a term with its names resolved, as OPA's errors show it: "data.a.b[x]"
 * @term: any
 * @vars: of its rule, or NULL
 * @buf:  grows
 */
void core_term_print(const struct core_term *term, const struct core_var *vars, struct buf *buf);

/** core_is_same() - whether two terms are the same constant or the same variable */
bool core_is_same(const struct core_term *a, const struct core_term *b);

/** core_member() - the value of an object term under a key that is the same term; Return: it, or NULL */
struct core_term *core_member(const struct core_term *object, const struct core_term *key);
