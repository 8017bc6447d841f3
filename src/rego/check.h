/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - what the files of the check of types share
 *
 * The check infers a type for each variable of a rule in the order of its body, and for each rule after those
 * that it asks for, and says where an expression can never hold whatever the input is. It finds what OPA
 * finds, in its words, and where the two might differ it stays silent: a policy that OPA takes is never
 * refused here.
 *
 *   check.c        bodies and expressions
 *   check_rule.c   rules in the order of their uses; the types of nodes
 *   check_ref.c    references: what stands there, and whether anything can
 *   check_schema.c what documents are, by schemas
 *   check_unify.c  terms against types
 *
 * What was learned inside a comprehension holds only there: changes to variables are logged and undone.
 *
 * Source: OPA, v1/ast/check.go and env.go (what is inferred, and the texts)
 */
#pragma once

#include "rego/compile_internal.h"

struct check_undo {
	uint32_t var;
	const struct rego_type *before;
};

/* What a schema says of a document: ["input"], ["data", "acl"]. */
struct check_document {
	const struct json *path;
	const struct rego_type *type;
};

struct check {
	struct compiler *compiler;
	struct rego_types types;
	const struct core_rule *rule;
	const struct rego_type **vars;	/* of the rule; NULL: nothing known yet */
	struct check_undo *undo;
	size_t undo_count, undo_room;
	/* that the rule is told of; the last one that fits counts */
	struct check_document *documents;
	size_t document_count, document_room;
	/* of those that were called so far, by their place in the table */
	const struct rego_type **builtins;
	size_t error_count;		/* in the rule at hand */
	bool is_lenient;		/* new variables may be anything */
	unsigned depth;			/* of the term whose type is made */
};

/* ---- check.c ---- */

/** check_body() - all of a body, in its order */
void check_body(struct check *check, const struct core_body *body);

/** check_begin() - all variables of a rule are unknown */
void check_begin(struct check *check, const struct core_rule *rule);

/** check_init() - of a compilation; @check is zero but for the compiler */
void check_init(struct check *check);

/** check_learn() - a variable has this type from here on */
void check_learn(struct check *check, uint32_t var, const struct rego_type *type);

/**
 * check_say() - a type error of OPA's; lines below the first one begin with a tab; Return: for a hint, or
 * NULL: there are too many already
 */
struct rego_diag *check_say(struct check *check, struct rego_span at, const struct buf *text);

/* ---- check_rule.c ---- */

/** check_extent() - the document of all that is below a node; Return: the type */
const struct rego_type *check_extent(struct check *check, struct rego_node *node);

/* ---- check_ref.c ---- */

/**
 * check_ref() - that a reference can lead somewhere; its free keys are known afterwards; Return: whether it
 * can
 */
bool check_ref(struct check *check, const struct core_term *ref);

/** check_type_of_ref() - what stands there; Return: the type, or NULL */
const struct rego_type *check_type_of_ref(struct check *check, const struct core_term *ref);

/* ---- check_schema.c ---- */

/** check_read_schemas() - what is known of documents, once for a compilation; mistakes are said */
void check_read_schemas(struct check *check, const struct rego_schema *schemas, size_t count);

/** check_begin_documents() - what of that is about the rule at hand */
void check_begin_documents(struct check *check);

/**
 * check_document_of() - what a schema says of the beginning of a reference
 * @check:     a rule was begun
 * @ref:       a reference to any document
 * @ret_count: of how many of its items, the document itself included
 *
 * Return: the type of what stands there, or NULL: nothing is said.
 */
const struct rego_type *check_document_of(const struct check *check, const struct core_term *ref,
	size_t *ret_count);

/** check_document() - the same of `input` or `data` as a whole; Return: the type, or NULL */
const struct rego_type *check_document(const struct check *check, const struct core_term *document);

/* ---- check_unify.c ---- */

/** check_type_of() - what a term is; Return: the type, or NULL, as may be parts of it */
const struct rego_type *check_type_of(struct check *check, const struct core_term *term);

/** check_unify_type() - whether a term may have a type; unknown variables in it have it afterwards */
bool check_unify_type(struct check *check, const struct core_term *term, const struct rego_type *type);

/** check_unify_terms() - whether two terms may be equal */
bool check_unify_terms(struct check *check, const struct core_term *a, const struct core_term *b);
