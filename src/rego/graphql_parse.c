// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_parse.c - what both kinds of GraphQL documents are made of
 *
 * The parser sees one token ahead. Where something is wrong, the rest of the reading falls through: nothing
 * is seen any more, nothing is taken, and nodes are NULL up to the document.
 *
 * Source: GraphQL, October 2021 edition, appendix B
 */
#include "rego/graphql_internal.h"
#include "rego/text.h"

/* ---- tokens ---- */

void graphql_parse_begin(struct graphql_parser *parser, struct graphql *graphql, struct str text)
{
	*parser = (struct graphql_parser){
		.graphql = graphql,
		.lexer = { .graphql = graphql, .text = text, .line = 1, .column = 1 },
	};
	graphql_next(parser);
}

void graphql_next(struct graphql_parser *parser)
{
	if (!parser->graphql->is_over)
		parser->token = graphql_lex(&parser->lexer);
}

bool graphql_sees(const struct graphql_parser *parser, enum graphql_token_kind kind)
{
	return !parser->graphql->is_over && parser->token.kind == kind;
}

bool graphql_sees_word(const struct graphql_parser *parser, const char *word)
{
	return graphql_sees(parser, GRAPHQL_TOKEN_NAME) && str_eq(parser->token.text, str_from(word));
}

bool graphql_skip(struct graphql_parser *parser, enum graphql_token_kind kind)
{
	if (!graphql_sees(parser, kind))
		return false;
	graphql_next(parser);
	return true;
}

/* "Name "x"", as errors show what was found where a word was expected. */
static const char *token_text(struct graphql_parser *parser, const struct graphql_token *token)
{
	struct rego_text text = REGO_TEXT_INIT(parser->graphql->call->arena);
	struct str whole;

	rego_text_add_text(&text, graphql_token_text(token->kind));
	if (token->text.len) {
		rego_text_add_char(&text, ' ');
		rego_text_add_quoted(&text, token->text);
	}
	if (rego_text_end(&text, &whole))
		return whole.data;
	graphql_stop(parser->graphql);
	return "";
}

void graphql_unexpected(struct graphql_parser *parser, const struct graphql_token *token)
{
	graphql_fail_at(parser->graphql, token->line, token->column, "Unexpected %s",
		token_text(parser, token));
}

void graphql_expect(struct graphql_parser *parser, enum graphql_token_kind kind)
{
	const struct graphql_token *token = &parser->token;

	if (!graphql_skip(parser, kind))
		graphql_fail_at(parser->graphql, token->line, token->column, "Expected %s, found %s",
			graphql_token_text(kind), graphql_token_text(token->kind));
}

void graphql_expect_word(struct graphql_parser *parser, const char *word)
{
	const struct graphql_token *token = &parser->token;

	if (graphql_sees_word(parser, word))
		graphql_next(parser);
	else
		graphql_fail_at(parser->graphql, token->line, token->column, "Expected \"%s\", found %s",
			word, token_text(parser, token));
}

struct str graphql_expect_name(struct graphql_parser *parser)
{
	struct str name = parser->token.text;

	graphql_expect(parser, GRAPHQL_TOKEN_NAME);
	return name;
}

bool graphql_enter(struct graphql_parser *parser, unsigned lists)
{
	const struct graphql_token *token = &parser->token;

	parser->nested += lists;
	if (parser->nested > GRAPHQL_NEST_MAX)
		graphql_fail_at(parser->graphql, token->line, token->column, "The document nests too deep");
	return !parser->graphql->is_over;
}

/* ---- lists ---- */

void graphql_parse_some(struct graphql_parser *parser, enum graphql_token_kind open,
	enum graphql_token_kind close, const struct json *(*element)(struct graphql_parser *parser),
	struct json_array_builder *ret)
{
	const struct graphql_token *token = &parser->token;

	if (!graphql_skip(parser, open))
		return;
	if (graphql_sees(parser, close))
		graphql_fail_at(parser->graphql, token->line, token->column,
			"expected at least one definition, found %s", graphql_token_text(close));
	while (!parser->graphql->is_over && !graphql_sees(parser, close))
		json_array_add(ret, element(parser));
	if (ret->failed)
		graphql_stop(parser->graphql);
	graphql_expect(parser, close);
}

/* ---- values ---- */

static const struct json *end_value(struct graphql_parser *parser, enum graphql_value kind, struct str raw,
	struct json_array_builder *children, const struct graphql_token *start)
{
	struct arena *arena = parser->graphql->call->arena;
	struct json_object_builder node;

	json_object_begin(&node, arena);
	graphql_add(&node, GRAPHQL_KIND, json_new_int(arena, kind));
	graphql_add_text(&node, GRAPHQL_RAW, raw);
	graphql_add_bool(&node, GRAPHQL_EXPECTED_TYPE_HAS_DEFAULT, false);
	if (children)
		graphql_add_items(&node, GRAPHQL_CHILDREN, children);
	return graphql_end(parser->graphql, &node, start->line, start->column);
}

static const struct json *parse_child(struct graphql_parser *parser, bool is_constant, bool is_object)
{
	struct graphql_token start = parser->token;
	struct json_object_builder child;

	json_object_begin(&child, parser->graphql->call->arena);
	if (is_object) {
		graphql_add_text(&child, GRAPHQL_NAME, graphql_expect_name(parser));
		graphql_expect(parser, GRAPHQL_TOKEN_COLON);
	} else {
		graphql_add_text(&child, GRAPHQL_NAME, STR(""));
	}
	graphql_add(&child, GRAPHQL_VALUE, graphql_parse_value(parser, is_constant));
	return graphql_end(parser->graphql, &child, start.line, start.column);
}

/* These may be empty, other than what graphql_parse_some() reads. */
static const struct json *parse_children(struct graphql_parser *parser, bool is_constant, bool is_object)
{
	enum graphql_token_kind close = is_object ? GRAPHQL_TOKEN_BRACE_R : GRAPHQL_TOKEN_BRACKET_R;
	struct graphql_token start = parser->token;
	struct json_array_builder children;

	if (!graphql_enter(parser, 3))
		return NULL;
	graphql_next(parser);
	json_array_begin(&children, parser->graphql->call->arena);
	while (!parser->graphql->is_over && !graphql_sees(parser, close))
		json_array_add(&children, parse_child(parser, is_constant, is_object));
	graphql_expect(parser, close);
	graphql_leave(parser, 3);
	return end_value(parser, is_object ? GRAPHQL_VALUE_OBJECT : GRAPHQL_VALUE_LIST, STR(""), &children,
		&start);
}

static enum graphql_value scalar_of(const struct graphql_parser *parser)
{
	static const enum graphql_value kinds[] = {
		[GRAPHQL_TOKEN_INT] = GRAPHQL_VALUE_INT,
		[GRAPHQL_TOKEN_FLOAT] = GRAPHQL_VALUE_FLOAT,
		[GRAPHQL_TOKEN_STRING] = GRAPHQL_VALUE_STRING,
		[GRAPHQL_TOKEN_BLOCK] = GRAPHQL_VALUE_BLOCK,
	};

	if (graphql_sees_word(parser, "true") || graphql_sees_word(parser, "false"))
		return GRAPHQL_VALUE_BOOLEAN;
	if (graphql_sees_word(parser, "null"))
		return GRAPHQL_VALUE_NULL;
	if (graphql_sees(parser, GRAPHQL_TOKEN_NAME))
		return GRAPHQL_VALUE_ENUM;
	return kinds[parser->token.kind];
}

const struct json *graphql_parse_value(struct graphql_parser *parser, bool is_constant)
{
	struct graphql_token start = parser->token;
	enum graphql_value kind = scalar_of(parser);
	struct str raw = start.text;

	if (graphql_sees(parser, GRAPHQL_TOKEN_BRACKET_L) || graphql_sees(parser, GRAPHQL_TOKEN_BRACE_L))
		return parse_children(parser, is_constant, start.kind == GRAPHQL_TOKEN_BRACE_L);
	if (!kind && (is_constant || !graphql_sees(parser, GRAPHQL_TOKEN_DOLLAR))) {
		graphql_unexpected(parser, &start);
		return NULL;
	}
	graphql_next(parser);
	if (!kind)
		raw = graphql_expect_name(parser);
	return end_value(parser, kind, raw, NULL, &start);
}

/* ---- types ---- */

const struct json *graphql_parse_type(struct graphql_parser *parser)
{
	struct graphql_token start = parser->token;
	struct json_object_builder type;

	json_object_begin(&type, parser->graphql->call->arena);
	if (graphql_skip(parser, GRAPHQL_TOKEN_BRACKET_L)) {
		if (!graphql_enter(parser, 1))
			return NULL;
		graphql_add_text(&type, GRAPHQL_NAMED_TYPE, STR(""));
		graphql_add(&type, GRAPHQL_ELEM, graphql_parse_type(parser));
		graphql_expect(parser, GRAPHQL_TOKEN_BRACKET_R);
		graphql_leave(parser, 1);
	} else {
		graphql_add_text(&type, GRAPHQL_NAMED_TYPE, graphql_expect_name(parser));
	}
	graphql_add_bool(&type, GRAPHQL_NON_NULL, graphql_skip(parser, GRAPHQL_TOKEN_BANG));
	return graphql_end(parser->graphql, &type, start.line, start.column);
}

/* ---- arguments and directives ---- */

static const struct json *parse_argument(struct graphql_parser *parser)
{
	return parse_child(parser, false, true);
}

static const struct json *parse_constant_argument(struct graphql_parser *parser)
{
	return parse_child(parser, true, true);
}

void graphql_parse_arguments(struct graphql_parser *parser, bool is_constant,
	struct json_object_builder *node)
{
	struct json_array_builder arguments;

	json_array_begin(&arguments, node->arena);
	graphql_parse_some(parser, GRAPHQL_TOKEN_PAREN_L, GRAPHQL_TOKEN_PAREN_R,
		is_constant ? parse_constant_argument : parse_argument, &arguments);
	graphql_add_items(node, GRAPHQL_ARGUMENTS, &arguments);
}

static const struct json *parse_directive(struct graphql_parser *parser, bool is_constant)
{
	struct graphql_token start = parser->token;
	struct json_object_builder directive;

	json_object_begin(&directive, parser->graphql->call->arena);
	graphql_add_text(&directive, GRAPHQL_NAME, graphql_expect_name(parser));
	graphql_add_text(&directive, GRAPHQL_LOCATION, STR(""));
	graphql_parse_arguments(parser, is_constant, &directive);
	return graphql_end(parser->graphql, &directive, start.line, start.column);
}

size_t graphql_parse_directives(struct graphql_parser *parser, bool is_constant,
	struct json_object_builder *node)
{
	struct json_array_builder directives;

	json_array_begin(&directives, node->arena);
	while (graphql_skip(parser, GRAPHQL_TOKEN_AT))
		json_array_add(&directives, parse_directive(parser, is_constant));
	if (directives.failed)
		graphql_stop(parser->graphql);
	graphql_add_items(node, GRAPHQL_DIRECTIVES, &directives);
	return directives.count;
}
