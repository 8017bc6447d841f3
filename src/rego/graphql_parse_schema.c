// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_parse_schema.c - definitions of types, directives and the schema, and what extends them
 *
 * A definition and an extension of one kind are read by the same function. What has no description and must
 * say something is the extension.
 *
 * Source: GraphQL, October 2021 edition, section 3
 */
#include "rego/graphql_internal.h"

struct reader {
	const char *word;
	enum graphql_kind kind;
	enum graphql_key list;		/* what stands in braces; GRAPHQL_TYPES: members of a union */
	const struct json *(*element)(struct graphql_parser *parser);
};

/* ---- parts ---- */

static struct str parse_description(struct graphql_parser *parser)
{
	struct str description = parser->token.text;

	if (graphql_skip(parser, GRAPHQL_TOKEN_STRING) || graphql_skip(parser, GRAPHQL_TOKEN_BLOCK))
		return description;
	return STR("");
}

/* What a field, an argument and an input field have in common; @has_arguments or a default value. */
static const struct json *parse_member(struct graphql_parser *parser, bool has_arguments);

static const struct json *parse_field(struct graphql_parser *parser)
{
	return parse_member(parser, true);
}

static const struct json *parse_input(struct graphql_parser *parser)
{
	return parse_member(parser, false);
}

static size_t parse_list(struct graphql_parser *parser, enum graphql_key key, bool is_braced,
	const struct json *(*element)(struct graphql_parser *parser), struct json_object_builder *node)
{
	struct json_array_builder list;

	json_array_begin(&list, node->arena);
	graphql_parse_some(parser, is_braced ? GRAPHQL_TOKEN_BRACE_L : GRAPHQL_TOKEN_PAREN_L,
		is_braced ? GRAPHQL_TOKEN_BRACE_R : GRAPHQL_TOKEN_PAREN_R, element, &list);
	graphql_add_items(node, key, &list);
	return list.count;
}

static const struct json *parse_member(struct graphql_parser *parser, bool has_arguments)
{
	struct graphql_token start = parser->token;
	struct json_object_builder member;

	json_object_begin(&member, parser->graphql->call->arena);
	graphql_add_text(&member, GRAPHQL_DESCRIPTION, parse_description(parser));
	graphql_add_text(&member, GRAPHQL_NAME, graphql_expect_name(parser));
	if (has_arguments)
		parse_list(parser, GRAPHQL_ARGUMENTS, false, parse_input, &member);
	graphql_expect(parser, GRAPHQL_TOKEN_COLON);
	graphql_add(&member, GRAPHQL_TYPE, graphql_parse_type(parser));
	if (!has_arguments && graphql_skip(parser, GRAPHQL_TOKEN_EQUALS))
		graphql_add(&member, GRAPHQL_DEFAULT_VALUE, graphql_parse_value(parser, true));
	graphql_parse_directives(parser, true, &member);
	return graphql_end(parser->graphql, &member, start.line, start.column);
}

static const struct json *parse_enum_value(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder value;

	json_object_begin(&value, parser->graphql->call->arena);
	graphql_add_text(&value, GRAPHQL_DESCRIPTION, parse_description(parser));
	graphql_add_text(&value, GRAPHQL_NAME, graphql_expect_name(parser));
	graphql_parse_directives(parser, true, &value);
	return graphql_end(parser->graphql, &value, start.line, start.column);
}

static const struct json *parse_operation_type(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder operation;

	json_object_begin(&operation, parser->graphql->call->arena);
	if (!graphql_sees_word(parser, "query") && !graphql_sees_word(parser, "mutation") &&
			!graphql_sees_word(parser, "subscription"))
		graphql_unexpected(parser, &start);
	graphql_add_text(&operation, GRAPHQL_OPERATION, graphql_expect_name(parser));
	graphql_expect(parser, GRAPHQL_TOKEN_COLON);
	graphql_add_text(&operation, GRAPHQL_TYPE, graphql_expect_name(parser));
	return graphql_end(parser->graphql, &operation, start.line, start.column);
}

/* "A & B", "A | B", with one more in front if one likes. */
static size_t parse_names(struct graphql_parser *parser, enum graphql_token_kind between,
	enum graphql_key key, struct json_object_builder *node)
{
	struct json_array_builder names;

	json_array_begin(&names, node->arena);
	(void)graphql_skip(parser, between);
	do {
		json_array_add(&names, json_new_string(node->arena, graphql_expect_name(parser)));
	} while (graphql_skip(parser, between));
	if (names.failed)
		graphql_stop(parser->graphql);
	graphql_add_items(node, key, &names);
	return names.count;
}

/* ---- types ---- */

static size_t parse_interfaces(struct graphql_parser *parser, struct json_object_builder *node)
{
	if (!graphql_sees_word(parser, "implements"))
		return 0;
	graphql_next(parser);
	return parse_names(parser, GRAPHQL_TOKEN_AMP, GRAPHQL_INTERFACES, node);
}

static size_t parse_content(struct graphql_parser *parser, const struct reader *reader,
	struct json_object_builder *node)
{
	if (reader->kind == GRAPHQL_SCALAR)
		return 0;
	if (reader->kind != GRAPHQL_UNION)
		return parse_list(parser, reader->list, true, reader->element, node);
	if (!graphql_skip(parser, GRAPHQL_TOKEN_EQUALS))
		return 0;
	return parse_names(parser, GRAPHQL_TOKEN_PIPE, GRAPHQL_TYPES, node);
}

static const struct json *parse_definition(struct graphql_parser *parser, const struct reader *reader,
	struct str description, bool is_extension)
{
	struct json_object_builder definition;
	struct graphql_token start;
	size_t parts = 0;

	json_object_begin(&definition, parser->graphql->call->arena);
	graphql_next(parser);
	start = parser->token;
	graphql_add_text(&definition, GRAPHQL_KIND, str_from(graphql_kind_text(reader->kind)));
	graphql_add_text(&definition, GRAPHQL_DESCRIPTION, description);
	graphql_add_text(&definition, GRAPHQL_NAME, graphql_expect_name(parser));
	graphql_add_bool(&definition, GRAPHQL_BUILT_IN, false);
	if (reader->kind == GRAPHQL_OBJECT || reader->kind == GRAPHQL_INTERFACE)
		parts += parse_interfaces(parser, &definition);
	parts += graphql_parse_directives(parser, true, &definition);
	parts += parse_content(parser, reader, &definition);
	if (is_extension && !parts)
		graphql_unexpected(parser, &parser->token);
	return graphql_end(parser->graphql, &definition, start.line, start.column);
}

static const struct reader *reader_of(const struct graphql_parser *parser)
{
	static const struct reader readers[] = {
		{ "scalar", GRAPHQL_SCALAR, GRAPHQL_KEY_COUNT, NULL },
		{ "type", GRAPHQL_OBJECT, GRAPHQL_FIELDS, parse_field },
		{ "interface", GRAPHQL_INTERFACE, GRAPHQL_FIELDS, parse_field },
		{ "union", GRAPHQL_UNION, GRAPHQL_TYPES, NULL },
		{ "enum", GRAPHQL_ENUM, GRAPHQL_ENUM_VALUES, parse_enum_value },
		{ "input", GRAPHQL_INPUT_OBJECT, GRAPHQL_FIELDS, parse_input },
	};

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (graphql_sees_word(parser, readers[i].word))
			return &readers[i];
	return NULL;
}

/* ---- the schema and directives ---- */

static const struct json *parse_schema(struct graphql_parser *parser, struct str description,
	bool is_extension)
{
	struct json_object_builder schema;
	struct graphql_token start;
	size_t parts;

	json_object_begin(&schema, parser->graphql->call->arena);
	graphql_next(parser);
	start = parser->token;
	graphql_add_text(&schema, GRAPHQL_DESCRIPTION, description);
	parts = graphql_parse_directives(parser, true, &schema);
	parts += parse_list(parser, GRAPHQL_OPERATION_TYPES, true, parse_operation_type, &schema);
	if (is_extension && !parts)
		graphql_unexpected(parser, &parser->token);
	return graphql_end(parser->graphql, &schema, start.line, start.column);
}

static bool is_location(struct str name)
{
	static const char *const locations[] = {
		"QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD",
		"INLINE_FRAGMENT", "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
		"ARGUMENT_DEFINITION", "INTERFACE", "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT",
		"INPUT_FIELD_DEFINITION",
	};

	for (size_t i = 0; i < ARRAY_SIZE(locations); i++)
		if (str_eq(name, str_from(locations[i])))
			return true;
	return false;
}

static void parse_locations(struct graphql_parser *parser, struct json_object_builder *node)
{
	struct json_array_builder locations;

	json_array_begin(&locations, node->arena);
	(void)graphql_skip(parser, GRAPHQL_TOKEN_PIPE);
	do {
		struct graphql_token token = parser->token;

		graphql_expect(parser, GRAPHQL_TOKEN_NAME);
		if (!is_location(token.text))
			graphql_unexpected(parser, &token);
		json_array_add(&locations, json_new_string(node->arena, token.text));
	} while (graphql_skip(parser, GRAPHQL_TOKEN_PIPE));
	graphql_add_items(node, GRAPHQL_LOCATIONS, &locations);
}

static const struct json *parse_directive(struct graphql_parser *parser, struct str description)
{
	struct json_object_builder directive;
	struct graphql_token start;
	bool is_repeatable;

	json_object_begin(&directive, parser->graphql->call->arena);
	graphql_next(parser);
	graphql_expect(parser, GRAPHQL_TOKEN_AT);
	start = parser->token;
	graphql_add_text(&directive, GRAPHQL_DESCRIPTION, description);
	graphql_add_text(&directive, GRAPHQL_NAME, graphql_expect_name(parser));
	parse_list(parser, GRAPHQL_ARGUMENTS, false, parse_input, &directive);
	is_repeatable = graphql_sees_word(parser, "repeatable");
	if (is_repeatable)
		graphql_next(parser);
	graphql_add_bool(&directive, GRAPHQL_IS_REPEATABLE, is_repeatable);
	graphql_expect_word(parser, "on");
	parse_locations(parser, &directive);
	return graphql_end(parser->graphql, &directive, start.line, start.column);
}

/* ---- documents ---- */

struct document {
	struct json_array_builder schema, schema_extension, directives, definitions, extensions;
};

static void parse_extension(struct graphql_parser *parser, struct document *document)
{
	const struct reader *reader;

	graphql_next(parser);
	reader = reader_of(parser);
	if (graphql_sees_word(parser, "schema"))
		json_array_add(&document->schema_extension, parse_schema(parser, STR(""), true));
	else if (reader)
		json_array_add(&document->extensions, parse_definition(parser, reader, STR(""), true));
	else
		graphql_unexpected(parser, &parser->token);
}

static void parse_one(struct graphql_parser *parser, struct document *document)
{
	struct graphql_token first = parser->token;
	struct str description = parse_description(parser);
	const struct reader *reader = reader_of(parser);

	if (reader) {
		json_array_add(&document->definitions, parse_definition(parser, reader, description, false));
	} else if (graphql_sees_word(parser, "schema")) {
		json_array_add(&document->schema, parse_schema(parser, description, false));
	} else if (graphql_sees_word(parser, "directive")) {
		json_array_add(&document->directives, parse_directive(parser, description));
	} else if (graphql_sees_word(parser, "extend")) {
		if (first.kind != GRAPHQL_TOKEN_NAME)
			graphql_unexpected(parser, &first);
		parse_extension(parser, document);
	} else {
		graphql_unexpected(parser, &parser->token);
	}
}

const struct json *graphql_parse_schema(struct graphql *graphql, struct str text)
{
	struct arena *arena = graphql->call->arena;
	struct json_object_builder node;
	struct graphql_parser parser;
	struct document document;

	json_array_begin(&document.schema, arena);
	json_array_begin(&document.schema_extension, arena);
	json_array_begin(&document.directives, arena);
	json_array_begin(&document.definitions, arena);
	json_array_begin(&document.extensions, arena);
	graphql_parse_begin(&parser, graphql, text);
	while (!graphql->is_over && !graphql_sees(&parser, GRAPHQL_TOKEN_EOF))
		parse_one(&parser, &document);
	json_object_begin(&node, arena);
	graphql_add_items(&node, GRAPHQL_SCHEMA, &document.schema);
	graphql_add_items(&node, GRAPHQL_SCHEMA_EXTENSION, &document.schema_extension);
	graphql_add_items(&node, GRAPHQL_DIRECTIVES, &document.directives);
	graphql_add_items(&node, GRAPHQL_DEFINITIONS, &document.definitions);
	graphql_add_items(&node, GRAPHQL_EXTENSIONS, &document.extensions);
	return graphql_end(graphql, &node, 1, 1);
}
