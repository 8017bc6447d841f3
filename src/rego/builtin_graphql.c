// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_graphql.c - graphql.*: queries and schemas, read and held against each other
 *
 * A document is a text, or the object that graphql.parse_query() or graphql.parse_schema() made of one. Some
 * of these say what is wrong, as an error; the others say that something is.
 *
 * Source: OPA, v1/topdown/graphql.go
 */
#include "rego/builtin_table.h"
#include "rego/graphql_schema_internal.h"

#define DOCUMENT "one of {string, object}"

static const struct json *take_query(struct graphql *graphql, const struct json *operand)
{
	return operand->type == JSON_STRING ? graphql_parse_query(graphql, operand->text) :
		graphql_shape_query(graphql, operand);
}

static const struct json *take_schema(struct graphql *graphql, const struct json *operand)
{
	return operand->type == JSON_STRING ? graphql_parse_schema(graphql, operand->text) :
		graphql_shape_schema(graphql, operand);
}

static bool is_document(const struct json *operand)
{
	return operand->type == JSON_STRING || operand->type == JSON_OBJECT;
}

/* Both documents, the query valid by the schema. */
static bool take_both(struct graphql *graphql, const struct json **ret_query, const struct json **ret_schema)
{
	struct graphql_schema schema;

	*ret_query = take_query(graphql, graphql->call->operands[0]);
	*ret_schema = graphql->is_over ? NULL : take_schema(graphql, graphql->call->operands[1]);
	return !graphql->is_over && graphql_schema_load(graphql, *ret_schema, &schema) &&
		graphql_validate(graphql, &schema, *ret_query);
}

/* The answer of those that say what is wrong. */
static enum rego_answer give_wrong(const struct graphql *graphql)
{
	return graphql->wrong ? rego_fail(graphql->call, "%s", graphql->wrong) : rego_stopped(graphql->call);
}

/* The answer of those that only say whether. */
static enum rego_answer give_whether(const struct graphql *graphql)
{
	if (graphql->is_over && !graphql->wrong)
		return rego_stopped(graphql->call);
	return rego_give(graphql->call, json_new_bool(graphql->call->arena, !graphql->is_over));
}

enum rego_answer rego_do_graphql_parse_query(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *document;
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	document = graphql_parse_query(&graphql, text);
	return graphql.is_over ? give_wrong(&graphql) : rego_give(call, document);
}

enum rego_answer rego_do_graphql_parse_schema(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *document;
	struct str text;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	document = graphql_parse_schema(&graphql, text);
	return graphql.is_over ? give_wrong(&graphql) : rego_give(call, document);
}

enum rego_answer rego_do_graphql_parse(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *query, *schema;
	struct json_array_builder pair;

	for (size_t i = 0; i < 2; i++)
		if (!is_document(call->operands[i]))
			return rego_operand(call, i, DOCUMENT);
	if (!take_both(&graphql, &query, &schema))
		return give_wrong(&graphql);
	json_array_begin(&pair, call->arena);
	json_array_add(&pair, query);
	json_array_add(&pair, schema);
	return rego_give(call, json_array_end(&pair));
}

enum rego_answer rego_do_graphql_parse_and_verify(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *query = NULL, *schema = NULL;
	struct json_object_builder nothing;
	struct json_array_builder answer;
	bool is_valid = is_document(call->operands[0]) && is_document(call->operands[1]) &&
		take_both(&graphql, &query, &schema);

	if (graphql.is_over && !graphql.wrong)
		return rego_stopped(call);
	json_object_begin(&nothing, call->arena);
	if (!is_valid)
		query = schema = json_object_end(&nothing);
	json_array_begin(&answer, call->arena);
	json_array_add(&answer, json_new_bool(call->arena, is_valid));
	json_array_add(&answer, query);
	json_array_add(&answer, schema);
	return rego_give(call, json_array_end(&answer));
}

enum rego_answer rego_do_graphql_is_valid(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *query, *schema;

	if (!is_document(call->operands[0]) || !is_document(call->operands[1]))
		return rego_give(call, json_new_bool(call->arena, false));
	(void)take_both(&graphql, &query, &schema);
	return give_whether(&graphql);
}

enum rego_answer rego_do_graphql_schema_is_valid(struct rego_call *call)
{
	struct graphql graphql = { .call = call, .what = "" };
	const struct json *document;
	struct graphql_schema schema;

	if (!is_document(call->operands[0]))
		return rego_give(call, json_new_bool(call->arena, false));
	document = take_schema(&graphql, call->operands[0]);
	if (!graphql.is_over)
		(void)graphql_schema_load(&graphql, document, &schema);
	return give_whether(&graphql);
}
