/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graphql_schema_internal.h - the types of a GraphQL schema, and queries held against them
 *
 * A schema is made of a document, checked as a whole, and read from then on. A validation is one walk over a
 * query with what it finds out on its way; it looks at nothing twice that it could note. graphql_internal.h
 * says which files there are and what bounds them.
 */
#pragma once

#include "rego/graphql_internal.h"

/* ---- schemas (graphql_schema.c, graphql_check.c) ---- */

/* A definition with all that extends it. The lists are never ended: their items are read as they grow. */
struct graphql_type {
	struct str name;
	enum graphql_kind kind;
	const struct json *node;	/* for its place */
	bool is_builtin;
	struct json_array_builder fields, interfaces, members, values, directives;
	struct graphql_type **possible;	/* object types that a value of this one may have */
	size_t possible_count, possible_room;
};

struct graphql_schema {
	struct graphql_type *types;
	size_t type_count;
	const struct json *index;	/* name to place in types */
	const struct json *directives;	/* name to definition */
	struct graphql_type *query, *mutation, *subscription;
	const struct json *type_name_field;	/* __typename */
};

/** graphql_is_input() - whether values of a type may be handed in */
static inline bool graphql_is_input(const struct graphql_type *type)
{
	return type->kind == GRAPHQL_SCALAR || type->kind == GRAPHQL_ENUM ||
		type->kind == GRAPHQL_INPUT_OBJECT;
}

/** graphql_is_composite() - whether values of a type have fields to select */
static inline bool graphql_is_composite(const struct graphql_type *type)
{
	return type->kind == GRAPHQL_OBJECT || type->kind == GRAPHQL_INTERFACE || type->kind == GRAPHQL_UNION;
}

/** graphql_list_of() - a list of a type */
static inline struct graphql_list graphql_list_of(const struct json_array_builder *list)
{
	return (struct graphql_list){ list->items, list->count };
}

/** graphql_type_find() - by name; Return: the type, or NULL */
struct graphql_type *graphql_type_find(const struct graphql_schema *schema, struct str name);

/** graphql_type_of() - what a type that is used leads to; Return: the type, or NULL */
struct graphql_type *graphql_type_of(const struct graphql_schema *schema, const struct json *type);

/** graphql_has_location() - whether a directive may stand at "FIELD", as its definition says */
bool graphql_has_location(struct graphql *graphql, const struct json *directive, const char *location);

/** graphql_schema_load() - make types of a document, and check them; Return: false where it is over */
bool graphql_schema_load(struct graphql *graphql, const struct json *document, struct graphql_schema *ret);

/**
 * graphql_check() - what the schema of a document must keep to, type by type; Return: false where it is over
 */
bool graphql_check(struct graphql *graphql, const struct graphql_schema *schema, const struct json *document);

/* ---- validation (graphql_validate*.c) ---- */

struct graphql_fields;

/* A fragment of the document. */
struct graphql_fragment {
	const struct json *node;
	struct graphql_type *type;	/* NULL: its condition names none */
	bool is_used;			/* spread by an operation, directly or not */
	bool is_done;			/* looked at for where it leads */
	bool is_open;			/* on the way that is looked at */
	const struct json *walked_by;	/* the operation whose walk came here last */
	struct graphql_fields *fields;	/* NULL: not gathered yet */
	unsigned char *compared;	/* with the others, by their places; NULL: with none */
	unsigned round;			/* in which it was compared with fields */
};

struct graphql_validation {
	struct graphql *graphql;
	const struct graphql_schema *schema;
	struct graphql_list operations;
	struct graphql_fragment *fragments;
	size_t fragment_count;
	const struct json *fragment_index;	/* name to place; the first of equal names */
	const struct json *operation;	/* around the walk; NULL in fragments */
	bool *used_variables;		/* of that operation, by their places */
	unsigned depth;			/* of selections */
	unsigned round;			/* of comparing fields with fragments */
};

/* What a value stands in. */
struct graphql_expected {
	const struct json *type;	/* NULL: unknown */
	struct graphql_type *definition;	/* NULL: unknown */
	bool has_default;		/* the value may be left out, or be null */
};

/** graphql_validate() - hold a query against a schema; Return: false where it is over */
bool graphql_validate(struct graphql *graphql, const struct graphql_schema *schema,
	const struct json *document);

/** graphql_descend() - one selection deeper; Return: false where it is over */
bool graphql_descend(struct graphql_validation *validation);

/** graphql_fragment_find() - by name; Return: the fragment, or NULL */
struct graphql_fragment *graphql_fragment_find(const struct graphql_validation *validation, struct str name);

/** graphql_field_find() - the definition of a selected field; Return: the node, or NULL */
const struct json *graphql_field_find(struct graphql_validation *validation,
	const struct graphql_type *parent, struct str name);

/** graphql_validate_value() - a value and all in it; fails where it does not fit */
void graphql_validate_value(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected);

/** graphql_validate_cycles() - no fragment leads to itself */
void graphql_validate_cycles(struct graphql_validation *validation);

/** graphql_validate_spread() - whether an object of @parent may have the type of the fragment at @node */
void graphql_validate_spread(struct graphql_validation *validation, const struct graphql_type *parent,
	struct str condition, const struct json *node);

/** graphql_validate_introspection() - a field that asks for the schema does not ask in circles */
void graphql_validate_introspection(struct graphql_validation *validation, const struct json *field);

/** graphql_validate_subscription() - an operation that subscribes does so to one thing */
void graphql_validate_subscription(struct graphql_validation *validation, const struct json *operation);

/** graphql_validate_merge() - fields of one name in a selection can be one */
void graphql_validate_merge(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent);
