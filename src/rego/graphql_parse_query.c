// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_parse_query.c - operations and fragments
 *
 * Source: GraphQL, October 2021 edition, sections 2.2 to 2.10, and the variables of fragments, which were
 * proposed and are read by gqlparser
 */
#include "rego/graphql_internal.h"

/* ---- selections ---- */

static const struct json *parse_selection(struct graphql_parser *parser);

static void parse_selections(struct graphql_parser *parser, struct json_object_builder *node)
{
	struct json_array_builder selections;

	if (!graphql_enter(parser, 2))
		return;
	json_array_begin(&selections, node->arena);
	graphql_parse_some(parser, GRAPHQL_TOKEN_BRACE_L, GRAPHQL_TOKEN_BRACE_R, parse_selection,
		&selections);
	graphql_add_items(node, GRAPHQL_SELECTION_SET, &selections);
	graphql_leave(parser, 2);
}

static void parse_needed_selections(struct graphql_parser *parser, struct json_object_builder *node)
{
	const struct graphql_token *token = &parser->token;

	if (graphql_sees(parser, GRAPHQL_TOKEN_BRACE_L))
		parse_selections(parser, node);
	else
		graphql_fail_at(parser->graphql, token->line, token->column, "Expected {, found %s",
			graphql_token_text(token->kind));
}

static const struct json *parse_field(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder field;
	struct str alias, name;

	json_object_begin(&field, parser->graphql->call->arena);
	alias = graphql_expect_name(parser);
	name = graphql_skip(parser, GRAPHQL_TOKEN_COLON) ? graphql_expect_name(parser) : alias;
	graphql_add_text(&field, GRAPHQL_ALIAS, alias);
	graphql_add_text(&field, GRAPHQL_NAME, name);
	graphql_parse_arguments(parser, false, &field);
	graphql_parse_directives(parser, false, &field);
	if (graphql_sees(parser, GRAPHQL_TOKEN_BRACE_L))
		parse_selections(parser, &field);
	return graphql_end(parser->graphql, &field, start.line, start.column);
}

static const struct json *parse_fragment_use(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder use;

	json_object_begin(&use, parser->graphql->call->arena);
	if (graphql_sees(parser, GRAPHQL_TOKEN_NAME) && !graphql_sees_word(parser, "on")) {
		graphql_add_text(&use, GRAPHQL_NAME, graphql_expect_name(parser));
		graphql_parse_directives(parser, false, &use);
	} else {
		struct str condition = STR("");

		if (graphql_skip(parser, GRAPHQL_TOKEN_NAME))
			condition = graphql_expect_name(parser);
		graphql_add_text(&use, GRAPHQL_TYPE_CONDITION, condition);
		graphql_parse_directives(parser, false, &use);
		parse_needed_selections(parser, &use);
	}
	return graphql_end(parser->graphql, &use, start.line, start.column);
}

static const struct json *parse_selection(struct graphql_parser *parser)
{
	return graphql_skip(parser, GRAPHQL_TOKEN_SPREAD) ? parse_fragment_use(parser) : parse_field(parser);
}

/* ---- definitions ---- */

static const struct json *parse_variable(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder variable;

	json_object_begin(&variable, parser->graphql->call->arena);
	graphql_expect(parser, GRAPHQL_TOKEN_DOLLAR);
	graphql_add_text(&variable, GRAPHQL_VARIABLE, graphql_expect_name(parser));
	graphql_expect(parser, GRAPHQL_TOKEN_COLON);
	graphql_add(&variable, GRAPHQL_TYPE, graphql_parse_type(parser));
	if (graphql_skip(parser, GRAPHQL_TOKEN_EQUALS))
		graphql_add(&variable, GRAPHQL_DEFAULT_VALUE, graphql_parse_value(parser, true));
	graphql_parse_directives(parser, true, &variable);
	graphql_add_bool(&variable, GRAPHQL_USED, false);
	return graphql_end(parser->graphql, &variable, start.line, start.column);
}

static void parse_variables(struct graphql_parser *parser, enum graphql_key key,
	struct json_object_builder *node)
{
	struct json_array_builder variables;

	json_array_begin(&variables, node->arena);
	graphql_parse_some(parser, GRAPHQL_TOKEN_PAREN_L, GRAPHQL_TOKEN_PAREN_R, parse_variable, &variables);
	graphql_add_items(node, key, &variables);
}

static const struct json *parse_operation(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder operation;
	bool is_short = start.kind == GRAPHQL_TOKEN_BRACE_L;
	struct str name = STR("");

	json_object_begin(&operation, parser->graphql->call->arena);
	graphql_add_text(&operation, GRAPHQL_OPERATION, is_short ? STR("query") : start.text);
	if (!is_short) {
		graphql_next(parser);
		if (graphql_sees(parser, GRAPHQL_TOKEN_NAME))
			name = graphql_expect_name(parser);
		parse_variables(parser, GRAPHQL_VARIABLE_DEFINITIONS, &operation);
		graphql_parse_directives(parser, false, &operation);
	}
	graphql_add_text(&operation, GRAPHQL_NAME, name);
	parse_needed_selections(parser, &operation);
	return graphql_end(parser->graphql, &operation, start.line, start.column);
}

static const struct json *parse_fragment(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder fragment;

	json_object_begin(&fragment, parser->graphql->call->arena);
	graphql_expect_word(parser, "fragment");
	if (graphql_sees_word(parser, "on"))
		graphql_unexpected(parser, &parser->token);
	graphql_add_text(&fragment, GRAPHQL_NAME, graphql_expect_name(parser));
	parse_variables(parser, GRAPHQL_VARIABLE_DEFINITION, &fragment);
	graphql_expect_word(parser, "on");
	graphql_add_text(&fragment, GRAPHQL_TYPE_CONDITION, graphql_expect_name(parser));
	graphql_parse_directives(parser, false, &fragment);
	parse_needed_selections(parser, &fragment);
	return graphql_end(parser->graphql, &fragment, start.line, start.column);
}

const struct json *graphql_parse_query(struct graphql *graphql, struct str text)
{
	struct json_array_builder operations, fragments;
	struct json_object_builder document;
	struct graphql_parser parser;

	json_array_begin(&operations, graphql->call->arena);
	json_array_begin(&fragments, graphql->call->arena);
	graphql_parse_begin(&parser, graphql, text);
	while (!graphql->is_over && !graphql_sees(&parser, GRAPHQL_TOKEN_EOF)) {
		if (graphql_sees_word(&parser, "fragment"))
			json_array_add(&fragments, parse_fragment(&parser));
		else if (graphql_sees_word(&parser, "query") || graphql_sees_word(&parser, "mutation") ||
				graphql_sees_word(&parser, "subscription") ||
				graphql_sees(&parser, GRAPHQL_TOKEN_BRACE_L))
			json_array_add(&operations, parse_operation(&parser));
		else
			graphql_unexpected(&parser, &parser.token);
	}
	json_object_begin(&document, graphql->call->arena);
	graphql_add_items(&document, GRAPHQL_OPERATIONS, &operations);
	graphql_add_items(&document, GRAPHQL_FRAGMENTS, &fragments);
	return graphql_end(graphql, &document, 1, 1);
}
