/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile_internal.h - what the phases of the compiler share
 *
 * modules -> tree.c (rules by path) -> lower*.c (core.h) -> safety.c (order) -> depend.c (who uses whom) ->
 * check*.c (types) -> emit*.c. A phase that found mistakes is the last one. Memory is the arena's, whose
 * limit bounds what a hostile module can make the compiler do; when it is full, compile_alloc() leaves the
 * compilation with one long jump, which is sound because nothing but that arena is held.
 */
#pragma once

#include "rego/core.h"
#include "rego/schema_type.h"

#include <setjmp.h>

/* A call of a built-in that nobody may call. */
struct compile_refused {
	const struct rego_builtin *builtin;
	struct rego_span at;
};

/* A schema that was given, and what became of it. */
struct compile_schema {
	const struct rego_schema *given;
	const struct rego_type *type;	/* NULL: nobody asked for it */
};

/* What METADATA says of a document. */
struct compile_claim {
	const struct rego_annotation *annotation;
	const struct rego_node *package;	/* of its module */
	const struct json *path;		/* ["data", "acl"] */
	const struct rego_type *type;
	const char *wrong, *what;		/* the two halves of a message; NULL: it is a schema */
};

struct compiler {
	struct arena *arena;
	struct rego_diags *diags;
	jmp_buf leave;
	const struct rego_module *const *modules;
	size_t module_count;
	bool is_strict;
	bool has_print;			/* calls of print() are kept */
	bool has_trace;			/* TRACE stands around each expression */
	bool has_index;			/* rules are looked up by what they test */
	bool has_sites;			/* calls and comprehensions are remembered */
	bool has_groups;		/* loops are looked up by what they are compared with */
	bool has_memos;			/* a function's last call is remembered */
	/* calls about what is known are remembered from one evaluation to the next */
	bool has_recall;
	bool is_direct;			/* results and operands are where their variables are */
	bool has_records;		/* constant keys of objects are sorted here */
	bool has_single;		/* a comprehension without a loop is an array of one or none */
	bool has_returns;		/* what holds ends its function where nothing else can come */
	bool has_hints, has_texts;	/* as in struct rego_plan */
	const struct rego_schema *given;
	size_t given_count;
	/* from here on check_schema.c's */
	struct compile_schema *schemas;
	struct compile_claim *claims;
	size_t schema_count, claim_count;
	bool has_schema_names;		/* claims by name mean something */
	struct rego_node root;		/* data */
	uint32_t node_count;
	struct compile_refused *refused;
	const struct rego_builtin **replaced;	/* by some `with` */
	size_t refused_count, refused_room, replaced_count, replaced_room;
};

/* ---- compile.c ---- */

/** compile_leave() - end the compilation: the arena is full */
_Noreturn void compile_leave(struct compiler *compiler);

/** compile_alloc() - zeroed memory; does not come back when the arena is full */
void *compile_alloc(struct compiler *compiler, size_t count, size_t size_bytes);

/** compile_grow() - room for one more in an array of the arena; Return: the array, which may have moved */
void *compile_grow(struct compiler *compiler, void *array, size_t count, size_t *room, size_t size_bytes);

/** compile_text() - a text with its end; does not come back when the arena is full */
const char *compile_text(struct compiler *compiler, struct str text);

/** compile_failed() - whether a phase found mistakes */
static inline bool compile_failed(const struct compiler *compiler)
{
	return compiler->diags->count > 0;
}

/* ---- tree.c ---- */

/** compile_tree() - every package and rule at its place, and rules that contradict each other there */
void compile_tree(struct compiler *compiler);

/** rego_node_child() - the child of a scalar key; Return: the node, or NULL */
struct rego_node *rego_node_child(const struct rego_node *node, const struct json *key);

/**
 * rego_node_next() - the node after @node in depth-first order below @top, children first; Return: the node,
 * or NULL
 */
struct rego_node *rego_node_next(const struct rego_node *top, const struct rego_node *node);

/** rego_node_of_package() - where a module stands; Return: NULL where its package is not in the tree */
struct rego_node *rego_node_of_package(struct compiler *compiler, const struct rego_module *module);

/** rego_node_print() - "data.a.b" */
void rego_node_print(const struct rego_node *node, struct buf *buf);

/* ---- safety.c ---- */

/**
 * compile_safety() - order the bodies of a rule and its alternatives, or say which variables nothing binds
 */
void compile_safety(struct compiler *compiler, struct core_rule *rule);

/** compile_safety_query() - order the body of a question */
void compile_safety_query(struct compiler *compiler, struct core_rule *rule);

/** compile_say_unsafe() - "var x is unsafe" */
void compile_say_unsafe(struct compiler *compiler, const struct core_rule *rule, uint32_t var,
	struct rego_span at);

/* ---- safety_print.c ---- */

/** compile_safety_print() - that print() is asked for what is known there; before the body is ordered */
void compile_safety_print(struct compiler *compiler, const struct core_rule *rule);

/* ---- depend.c ---- */

/** compile_depend() - who uses whom, and that nobody does so in a circle */
void compile_depend(struct compiler *compiler);

/* ---- steady.c ---- */

/** compile_steady() - what each node needs besides modules and data */
void compile_steady(struct compiler *compiler);

/** core_term_needs() - what a term needs, all of its variables apart; Return: enum core_needs */
unsigned core_term_needs(struct compiler *compiler, const struct core_term *term);

/** core_call_needs() - the same of a call with its operands */
unsigned core_call_needs(struct compiler *compiler, const struct core_expr *expr);

/** core_expr_needs() - the same of an expression with all that is in it */
unsigned core_expr_needs(struct compiler *compiler, const struct core_expr *expr);

/* ---- check_rule.c ---- */

/** compile_check() - the types of all rules, and what can never hold whatever the input is */
void compile_check(struct compiler *compiler);

/** compile_check_query() - the same for the body of a question */
void compile_check_query(struct compiler *compiler, const struct core_rule *rule);

/** compile_print_operands() - "(number, ???)": what is known of operands before any variable is */
void compile_print_operands(struct compiler *compiler, struct core_term *const *operands, size_t count,
	struct buf *buf);

/* ---- hint.c ---- */

/**
 * compile_hint_var() - what an unknown name in a rule could have been meant to be; Return: a hint, or NULL
 */
const char *compile_hint_var(struct compiler *compiler, const struct core_rule *rule, struct str word);

/** compile_hint_function() - the same of what is called; Return: a hint, or NULL */
const char *compile_hint_function(struct compiler *compiler, const struct rego_module *module,
	struct str word);

/** compile_hint_key() - the same of a member that there is not, by those that there are; Return: as above */
const char *compile_hint_key(struct compiler *compiler, struct str word, const struct json *const *keys,
	size_t count);
