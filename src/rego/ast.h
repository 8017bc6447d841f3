/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.h - a module as it was written
 *
 * The parser makes this tree, the formatter prints it, and the compiler reads it; the shape is the one that
 * OPA's own tools show (`opa parse`). Nodes live in the arena of the module and are not changed after
 * parsing: the compiler makes new ones where it rewrites. No list, call or body is nested deeper than
 * REGO_DEPTH_MAX (the height of a node says how deep it is), so a walk over the tree may recurse. What hangs
 * at else_rule is a chain without such a bound: walk it in a loop.
 *
 *   - An infix expression is a call of the built-in behind it (`a + b` is plus(a, b), `x := 1` is assign(x,
 *     1), `x = y` is eq(x, y), `x in xs` is internal.member_2(x, xs)), and remembers that it was infix.
 *   - A reference is a head (a variable as a rule, but a call, an array, an object, a set or a comprehension
 *     may stand there) and what follows: `a.b["c"][d]` is [var a, string b, string c, var d]. `a.b` and
 *     `a["b"]` are the same but for a flag.
 *   - A variable alone is a variable, never a reference of one element. `_` gets a name of its own each time
 *     ("$0", "$1", ... unique in the module), which no policy can write.
 *   - Constants are values of json.h.
 */
#pragma once

#include "json/json.h"
#include "rego/diag.h"

enum {
	REGO_DEPTH_MAX = 512,		/* terms, bodies and calls within each other */
};

struct rego_body;
struct rego_expr;

enum rego_term_type {
	REGO_TERM_VALUE,		/* null, true, 1e3, "text" */
	REGO_TERM_VAR,
	REGO_TERM_REF,
	REGO_TERM_ARRAY,
	REGO_TERM_SET,
	REGO_TERM_OBJECT,
	REGO_TERM_ARRAY_COMPREHENSION,
	REGO_TERM_SET_COMPREHENSION,
	REGO_TERM_OBJECT_COMPREHENSION,
	REGO_TERM_CALL,
	REGO_TERM_TEMPLATE,		/* $"a {b}" */
	REGO_TERM_LOGIC,		/* infix `and`, `or` over bodies (behind the flag) */
};

enum rego_term_flags {
	REGO_TERM_DOTTED = 1 << 0,	/* a string element of a reference: it was written .name */
	REGO_TERM_INFIX = 1 << 1,	/* a call: it was written as an operator */
	REGO_TERM_GROUPED = 1 << 2,	/* it stood in parentheses */
	REGO_TERM_RAW = 1 << 3,		/* a string or template: it was written in backquotes */
	REGO_TERM_WILDCARD = 1 << 4,	/* a variable: it was written _ */
	REGO_TERM_OR = 1 << 5,		/* logic: `or`; without it `and` */
	REGO_TERM_TEXT = 1 << 6,	/* a string in a template: it stood outside of braces */
};

struct rego_pair {
	const struct rego_term *key, *value;
};

struct rego_term {
	enum rego_term_type type;
	unsigned flags;			/* enum rego_term_flags */
	unsigned height;		/* terms and bodies on the way to the deepest: 1 for a constant */
	struct rego_span at;
	union {
		const struct json *value;
		struct str name;			/* VAR; "$0" for _ */
		/*
		 * ARRAY, SET; REF: the head and what follows; CALL: the operator (a VAR or a REF), then the
		 * operands
		 */
		struct {
			const struct rego_term *const *items;
			size_t count;
		} list;
		struct {
			const struct rego_pair *pairs;
			size_t count;
		} object;
		struct {
			const struct rego_term *key;	/* OBJECT_COMPREHENSION, otherwise NULL */
			const struct rego_term *head;
			const struct rego_body *body;
		} comprehension;
		struct {
			const struct rego_body *left, *right;
		} logic;
		/*
		 * TEMPLATE: what is written one behind the other, each an expression of the type TERM, not
		 * negated; strings with the flag TEXT stood outside of braces, anything else may be undefined
		 */
		struct {
			const struct rego_expr *const *parts;
			size_t count;
		} template;
	};
};

struct rego_with {
	const struct rego_term *target, *value;
	struct rego_span at;
};

enum rego_expr_type {
	REGO_EXPR_TERM,			/* a term, a call among them */
	REGO_EXPR_SOME,			/* some x, y */
	REGO_EXPR_SOME_IN,		/* some x in xs; some k, v in xs */
	REGO_EXPR_EVERY,		/* every v in xs { ... } */
	REGO_EXPR_NOT_BODY,		/* not { ... }, not (a and b): with future.keywords.not */
};

struct rego_expr {
	enum rego_expr_type type;
	bool is_negated;		/* TERM: not ... */
	struct rego_span at;
	union {
		const struct rego_term *term;
		struct {			/* SOME: variables */
			const struct rego_term *const *vars;
			size_t count;
		} some;
		struct {			/* SOME_IN, EVERY */
			const struct rego_term *key;	/* or NULL */
			const struct rego_term *value, *domain;
			const struct rego_body *body;	/* EVERY */
		} in;
		const struct rego_body *body;	/* NOT_BODY */
	};
	const struct rego_with *withs;
	size_t with_count;
	unsigned height;		/* of the highest in it */
};

struct rego_body {
	const struct rego_expr *const *exprs;
	size_t count;			/* 1 at least */
	bool is_braced;			/* it stood in braces */
	unsigned height;		/* of the highest in it */
	struct rego_span at;
};

struct rego_rule {
	struct rego_span at;
	struct rego_span head_at;	/* up to the body; of a chained rule the body itself */
	bool is_default;		/* default r := v */
	bool is_else;			/* hangs at another rule's else_rule */
	bool is_function;		/* r(...), also with no operands */
	bool has_value;			/* := v or = v was written; otherwise value is `true` */
	bool has_assign;		/* := and not = */
	bool has_body;			/* a body was written; otherwise body is `true` */
	bool has_if;			/* `if` was written */
	bool is_chained;		/* p if {...} {...}: it has the head of the rule before it */
	const struct rego_term *ref;	/* a VAR or a REF */
	const struct rego_term *const *params;
	size_t param_count;
	const struct rego_term *contains;	/* the element, or NULL */
	const struct rego_term *value;		/* never NULL but with contains */
	const struct rego_body *body;
	const struct rego_rule *else_rule;	/* or NULL */
};

struct rego_import {
	struct rego_span at;
	const struct rego_term *path;	/* a VAR or a REF, the head is data, input, rego or future */
	struct str alias;		/* empty: none was written */
};

struct rego_comment {
	struct rego_span at;		/* of the # */
	struct str text;		/* behind the # */
};

enum rego_scope {
	REGO_SCOPE_RULE,
	REGO_SCOPE_DOCUMENT,
	REGO_SCOPE_PACKAGE,
	REGO_SCOPE_SUBPACKAGES,
};

/* A # METADATA block. */
struct rego_annotation {
	struct rego_span at;
	enum rego_scope scope;
	/* the whole object: scope, title, description, schemas, custom, ... */
	const struct json *value;
	const struct rego_rule *rule;	/* the rule below, or NULL for the package */
};

struct rego_module {
	const struct rego_source *source;
	const struct rego_term *package;	/* REF that begins with the variable data */
	struct rego_span package_at;
	const struct rego_import *imports;
	const struct rego_rule *const *rules;
	const struct rego_comment *comments;
	const struct rego_annotation *annotations;
	size_t import_count, rule_count, comment_count, annotation_count;
	bool has_not_keyword;		/* import future.keywords.not */
	bool has_and_keyword, has_or_keyword;
};

enum rego_parse_flags {
	REGO_PARSE_V1 = 0,
	REGO_PARSE_LOGIC = 1 << 0,	/* future.keywords.and and .or may be imported */
	REGO_PARSE_ANNOTATIONS = 1 << 1,	/* read # METADATA blocks; without it they are comments */
};

/**
 * rego_parse_module() - read one module
 * @source: what to read; borrowed by the tree
 * @flags:  enum rego_parse_flags
 * @arena:  owns the tree
 * @diags:  what is wrong, if anything
 *
 * Return: the tree, or NULL with at least one diagnostic (a full arena is one too).
 */
const struct rego_module *rego_parse_module(const struct rego_source *source, unsigned flags,
	struct arena *arena, struct rego_diags *diags);

/**
 * rego_parse_query() - a body as on a command line, `x := 1; data.a.b = x`; Return: as rego_parse_module()
 */
const struct rego_body *rego_parse_query(const struct rego_source *source, unsigned flags,
	struct arena *arena, struct rego_diags *diags);

/**
 * rego_parse_term() - one term, as `input_term` and `cordon policy eval -i` may have it; Return: as
 * rego_parse_module()
 */
const struct rego_term *rego_parse_term(const struct rego_source *source, unsigned flags, struct arena *arena,
	struct rego_diags *diags);

/**
 * rego_term_print() - the text of a term as OPA's errors show it
 * @term: any
 * @buf:  grows
 *
 * On one line, infix calls as calls (`plus(a, 1)`), strings quoted, variables as they were written.
 */
void rego_term_print(const struct rego_term *term, struct buf *buf);

/**
 * rego_path_print() - a path of constant keys whose first one is a name: ["schema", "a b"] as schema["a b"]
 */
void rego_path_print(const struct json *path, struct buf *buf);

/**
 * rego_package_is_within() - whether a module's package is the one of these words, or below it
 * @package: a REF that begins with data
 * @words:   "cordon.commit"; empty: data itself, which holds all
 *
 * Return: whether it is.
 */
bool rego_package_is_within(const struct rego_term *package, struct str words);

/** rego_expr_print() - the same of an expression, `not f(x) with input as 1` */
void rego_expr_print(const struct rego_expr *expr, struct buf *buf);
