/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graphql_internal.h - documents of GraphQL: read, kept as values, and held against a schema
 *
 *	graphql_lex.c			text to tokens
 *	graphql_parse.c			what both kinds of documents are made of: values, types, directives
 *	graphql_parse_query.c		operations and fragments
 *	graphql_parse_schema.c		definitions and extensions
 *	graphql_shape.c			the same documents, given as objects
 *	graphql_node.c			building and reading nodes, and what is wrong with them
 *	graphql_schema.c		the types that a schema document makes, with those that are always there
 *	graphql_check.c			what a schema must keep to
 *	graphql_validate.c		the walk over a query, and the rules for its parts
 *	graphql_validate_value.c	values against the types that are expected
 *	graphql_validate_fragment.c	where fragments may stand, and where they lead
 *	graphql_validate_merge.c	fields that would be one member of the answer
 *
 * A document is a value (json.h) from the moment it is read: an object for each node, with the members that
 * OPA's answers have, so that what a policy is given is what is validated here, and a document that a policy
 * hands in is no other thing than one that was read. A node that came from a text knows its line and column;
 * one that was handed in has line 0.
 *
 * Documents come from anybody. Every token, node and comparison spends; everything lies in the evaluation's
 * arena; whoever calls himself counts the levels: a document nests GRAPHQL_NEST_MAX lists deep, selections
 * lead into each other, through fragments, GRAPHQL_DEPTH_MAX deep. The first thing that is wrong ends the
 * work.
 *
 * Sources: GraphQL, October 2021 edition: section 2 (language), 3 (type system), 4 (introspection), 5
 * (validation); members, texts and the order of rules are those of gqlparser, which OPA uses.
 */
#pragma once

#include "rego/builtin.h"

enum {
	/* lists within each other as deep as the text says, of JSON_DEPTH_MAX */
	GRAPHQL_NEST_MAX = 100,
	GRAPHQL_NEST_AROUND = 20,	/* those that are around and within them in every document */
	GRAPHQL_DEPTH_MAX = 256,
};

/* One look at documents, from text to verdict. */
struct graphql {
	struct rego_call *call;
	const char *what;		/* "query ", "schema ": where a place is; "" while reading */
	const char *wrong;		/* with its place; in the arena */
	bool is_over;			/* something is wrong, or, without wrong, the evaluation is over */
};

/* ---- nodes (graphql_node.c) ---- */

#define GRAPHQL_KEYS(X) \
	X(ALIAS, "Alias") \
	X(ARGUMENTS, "Arguments") \
	X(BUILT_IN, "BuiltIn") \
	X(CHILDREN, "Children") \
	X(DEFAULT_VALUE, "DefaultValue") \
	X(DEFINITIONS, "Definitions") \
	X(DESCRIPTION, "Description") \
	X(DIRECTIVES, "Directives") \
	X(ELEM, "Elem") \
	X(ENUM_VALUES, "EnumValues") \
	X(EXPECTED_TYPE_HAS_DEFAULT, "ExpectedTypeHasDefault") \
	X(EXTENSIONS, "Extensions") \
	X(FIELDS, "Fields") \
	X(FRAGMENTS, "Fragments") \
	X(INTERFACES, "Interfaces") \
	X(IS_REPEATABLE, "IsRepeatable") \
	X(KIND, "Kind") \
	X(LOCATION, "Location") \
	X(LOCATIONS, "Locations") \
	X(NAME, "Name") \
	X(NAMED_TYPE, "NamedType") \
	X(NON_NULL, "NonNull") \
	X(OPERATION, "Operation") \
	X(OPERATIONS, "Operations") \
	X(OPERATION_TYPES, "OperationTypes") \
	X(RAW, "Raw") \
	X(SCHEMA, "Schema") \
	X(SCHEMA_EXTENSION, "SchemaExtension") \
	X(SELECTION_SET, "SelectionSet") \
	X(TYPE, "Type") \
	X(TYPES, "Types") \
	X(TYPE_CONDITION, "TypeCondition") \
	X(USED, "Used") \
	X(VALUE, "Value") \
	X(VARIABLE, "Variable") \
	X(VARIABLE_DEFINITION, "VariableDefinition") \
	X(VARIABLE_DEFINITIONS, "VariableDefinitions")

enum graphql_key {
#define GRAPHQL_KEY(name, text) GRAPHQL_##name,
	GRAPHQL_KEYS(GRAPHQL_KEY)
#undef GRAPHQL_KEY
	GRAPHQL_KEY_COUNT,
};

extern const struct json graphql_keys[GRAPHQL_KEY_COUNT];

/* What a value is; the numbers are part of the documents. */
enum graphql_value {
	GRAPHQL_VALUE_VARIABLE = 0,
	GRAPHQL_VALUE_INT,
	GRAPHQL_VALUE_FLOAT,
	GRAPHQL_VALUE_STRING,
	GRAPHQL_VALUE_BLOCK,
	GRAPHQL_VALUE_BOOLEAN,
	GRAPHQL_VALUE_NULL,
	GRAPHQL_VALUE_ENUM,
	GRAPHQL_VALUE_LIST,
	GRAPHQL_VALUE_OBJECT,
};

struct graphql_list {
	const struct json *const *items;
	size_t count;
};

/** graphql_get() - a member of a node; Return: the value, or NULL where there is none */
static inline const struct json *graphql_get(const struct json *node, enum graphql_key key)
{
	return json_find(node, &graphql_keys[key]);
}

/** graphql_text() - a member that is a text; "" where there is none */
struct str graphql_text(const struct json *node, enum graphql_key key);

/** graphql_items() - a member that is a list; empty where there is none */
struct graphql_list graphql_items(const struct json *node, enum graphql_key key);

/** graphql_is() - whether a member is true */
bool graphql_is(const struct json *node, enum graphql_key key);

/** graphql_value_of() - what a value is */
enum graphql_value graphql_value_of(const struct json *value);

/**
 * graphql_find() - the node of a list with a name
 * @graphql: spends a step for each that is looked at
 * @list:    nodes
 * @key:     which member the name is
 * @name:    to find
 *
 * Return: the first, or NULL where there is none, or the evaluation is over.
 */
const struct json *graphql_find(struct graphql *graphql, struct graphql_list list, enum graphql_key key,
	struct str name);

/** graphql_repeated() - the first node of a list whose name was there before; Return: it, or NULL as above */
const struct json *graphql_repeated(struct graphql *graphql, struct graphql_list list, enum graphql_key key);

/** graphql_add() - one member more for a node */
static inline void graphql_add(struct json_object_builder *node, enum graphql_key key,
	const struct json *value)
{
	json_object_add_value(node, &graphql_keys[key], value);
}

/** graphql_add_text() - a member that is a text, and one that is a truth below */
void graphql_add_text(struct json_object_builder *node, enum graphql_key key, struct str text);
void graphql_add_bool(struct json_object_builder *node, enum graphql_key key, bool is_true);

/** graphql_add_items() - a member that is a list; an empty one is left out */
void graphql_add_items(struct json_object_builder *node, enum graphql_key key,
	struct json_array_builder *items);

/** graphql_end() - the node, with its place, if any; Return: it, or NULL where the evaluation is over */
const struct json *graphql_end(struct graphql *graphql, struct json_object_builder *node, uint32_t line,
	uint32_t column);

/* ---- ends (graphql_node.c) ---- */

/** graphql_spend() - ask for leave; Return: false where it is over, for whatever reason */
bool graphql_spend(struct graphql *graphql, uint64_t steps);

/** graphql_stop() - the arena is full; Return: NULL */
void *graphql_stop(struct graphql *graphql);

/** graphql_fail_at() - note what is wrong at a place, unless it is over already; Return: NULL */
void *graphql_fail_at(struct graphql *graphql, uint32_t line, uint32_t column, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/** graphql_fail() - the same at the place of a node, if it has one; a NULL node has none */
void graphql_fail(struct graphql *graphql, const struct json *node, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** graphql_type_text() - a type as it is written, "[Int!]!"; "" where the arena is full */
const char *graphql_type_text(struct graphql *graphql, const struct json *type);

/** graphql_value_text() - a value as errors show it; "" where the arena is full */
const char *graphql_value_text(struct graphql *graphql, const struct json *value);

/** graphql_type_name() - the name in the midst of a type */
struct str graphql_type_name(const struct json *type);

/* ---- tokens (graphql_lex.c) ---- */

enum graphql_token_kind {
	GRAPHQL_TOKEN_INVALID = 0,
	GRAPHQL_TOKEN_EOF,
	GRAPHQL_TOKEN_BANG,
	GRAPHQL_TOKEN_DOLLAR,
	GRAPHQL_TOKEN_AMP,
	GRAPHQL_TOKEN_PAREN_L,
	GRAPHQL_TOKEN_PAREN_R,
	GRAPHQL_TOKEN_SPREAD,
	GRAPHQL_TOKEN_COLON,
	GRAPHQL_TOKEN_EQUALS,
	GRAPHQL_TOKEN_AT,
	GRAPHQL_TOKEN_BRACKET_L,
	GRAPHQL_TOKEN_BRACKET_R,
	GRAPHQL_TOKEN_BRACE_L,
	GRAPHQL_TOKEN_BRACE_R,
	GRAPHQL_TOKEN_PIPE,
	GRAPHQL_TOKEN_NAME,
	GRAPHQL_TOKEN_INT,
	GRAPHQL_TOKEN_FLOAT,
	GRAPHQL_TOKEN_STRING,
	GRAPHQL_TOKEN_BLOCK,
};

struct graphql_token {
	enum graphql_token_kind kind;
	struct str text;		/* of a name, a number or a string, without quotes and escapes */
	uint32_t line, column;		/* from 1; a column is a character */
};

struct graphql_lexer {
	struct graphql *graphql;
	struct str text;
	size_t at;
	uint32_t line, column;		/* of what is at @at */
};

/** graphql_lex() - the next token; GRAPHQL_TOKEN_INVALID for what is none */
struct graphql_token graphql_lex(struct graphql_lexer *lexer);

/** graphql_token_text() - a kind as errors name it: "Name", "{", "<EOF>" */
const char *graphql_token_text(enum graphql_token_kind kind);

/* ---- reading (graphql_parse*.c) ---- */

struct graphql_parser {
	struct graphql *graphql;
	struct graphql_lexer lexer;
	struct graphql_token token;	/* the next one */
	unsigned nested;		/* lists around what is read */
};

/** graphql_parse_query() - a document of operations; Return: the node, or NULL where it is over */
const struct json *graphql_parse_query(struct graphql *graphql, struct str text);

/** graphql_parse_schema() - a document of definitions; Return: as above */
const struct json *graphql_parse_schema(struct graphql *graphql, struct str text);

/** graphql_parse_begin() - a parser before the first token */
void graphql_parse_begin(struct graphql_parser *parser, struct graphql *graphql, struct str text);

/** graphql_next() - go on to the next token */
void graphql_next(struct graphql_parser *parser);

/** graphql_sees() - whether the next token is of a kind; false where it is over */
bool graphql_sees(const struct graphql_parser *parser, enum graphql_token_kind kind);

/** graphql_sees_word() - whether it is this name */
bool graphql_sees_word(const struct graphql_parser *parser, const char *word);

/** graphql_skip() - take a token of a kind, if it is next; Return: whether it was */
bool graphql_skip(struct graphql_parser *parser, enum graphql_token_kind kind);

/** graphql_expect() - take a token of a kind, or fail; a word, and the text of a name below */
void graphql_expect(struct graphql_parser *parser, enum graphql_token_kind kind);
void graphql_expect_word(struct graphql_parser *parser, const char *word);
struct str graphql_expect_name(struct graphql_parser *parser);

/** graphql_unexpected() - fail, since a token cannot stand where it does */
void graphql_unexpected(struct graphql_parser *parser, const struct graphql_token *token);

/** graphql_enter() - so many lists more around what follows; Return: false where they are too many */
bool graphql_enter(struct graphql_parser *parser, unsigned lists);

/** graphql_leave() - and out of them */
static inline void graphql_leave(struct graphql_parser *parser, unsigned lists)
{
	parser->nested -= lists;
}

/**
 * graphql_parse_some() - what stands between two tokens, if the first one is next
 * @parser:  goes on behind the second token
 * @open:    the first
 * @close:   the second
 * @element: reads one of what is between; there must be one
 * @ret:     ended by who asked
 */
void graphql_parse_some(struct graphql_parser *parser, enum graphql_token_kind open,
	enum graphql_token_kind close, const struct json *(*element)(struct graphql_parser *parser),
	struct json_array_builder *ret);

/** graphql_parse_value() - a value; one that is constant has no variables; Return: the node, or NULL */
const struct json *graphql_parse_value(struct graphql_parser *parser, bool is_constant);

/** graphql_parse_type() - a type where it is used; Return: as above */
const struct json *graphql_parse_type(struct graphql_parser *parser);

/** graphql_parse_arguments() - "(a: 1)", if they are next; a member of @node */
void graphql_parse_arguments(struct graphql_parser *parser, bool is_constant,
	struct json_object_builder *node);

/**
 * graphql_parse_directives() - what begins with an at sign, as many as come; a member of @node; Return: how
 * many
 */
size_t graphql_parse_directives(struct graphql_parser *parser, bool is_constant,
	struct json_object_builder *node);

/* ---- objects (graphql_shape.c) ---- */

/**
 * graphql_shape_query() - a document that was handed in; Return: the node with all of its members, or NULL
 */
const struct json *graphql_shape_query(struct graphql *graphql, const struct json *object);

/** graphql_shape_schema() - likewise, of definitions */
const struct json *graphql_shape_schema(struct graphql *graphql, const struct json *object);

/* ---- kinds of types (graphql_schema.c) ---- */

enum graphql_kind {
	GRAPHQL_SCALAR = 0,
	GRAPHQL_OBJECT,
	GRAPHQL_INTERFACE,
	GRAPHQL_UNION,
	GRAPHQL_ENUM,
	GRAPHQL_INPUT_OBJECT,
	GRAPHQL_KIND_COUNT,
};

/** graphql_kind_text() - "SCALAR", as documents say it */
const char *graphql_kind_text(enum graphql_kind kind);

/** graphql_kind_of() - of a definition; GRAPHQL_KIND_COUNT for what is none */
enum graphql_kind graphql_kind_of(struct str text);
