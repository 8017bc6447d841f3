// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_shape.c - GraphQL documents that are handed in as objects
 *
 * What comes out is as good as read from a text: of each node exactly the members that it has, each of its
 * type; what was left out is there as the empty text, no or 0; what was there beside is gone, as are empty
 * lists, and places. null is left out. What a node cannot be without is asked for.
 *
 * Values nest JSON_DEPTH_MAX deep at most, so this may call itself.
 */
#include "rego/graphql_internal.h"

enum shape_type {
	SHAPE_END = 0,
	SHAPE_TEXT,
	SHAPE_FLAG,
	SHAPE_KIND,			/* of a value: a number */
	SHAPE_TEXTS,
	SHAPE_NODE,
	SHAPE_NODES,
	SHAPE_SELECTIONS,
};

struct shape {
	enum graphql_key key;
	enum shape_type type;
	const struct shape *node;	/* of SHAPE_NODE and SHAPE_NODES */
	bool is_needed;
};

/* ---- the shapes ---- */

#define END { GRAPHQL_KEY_COUNT, SHAPE_END, NULL, false }
#define TEXT(key) { GRAPHQL_##key, SHAPE_TEXT, NULL, false }
#define NEEDED_TEXT(key) { GRAPHQL_##key, SHAPE_TEXT, NULL, true }
#define FLAG(key) { GRAPHQL_##key, SHAPE_FLAG, NULL, false }
#define TEXTS(key) { GRAPHQL_##key, SHAPE_TEXTS, NULL, false }
#define NODE(key, shape) { GRAPHQL_##key, SHAPE_NODE, shape, false }
#define NEEDED_NODE(key, shape) { GRAPHQL_##key, SHAPE_NODE, shape, true }
#define NODES(key, shape) { GRAPHQL_##key, SHAPE_NODES, shape, false }
#define SELECTIONS { GRAPHQL_SELECTION_SET, SHAPE_SELECTIONS, NULL, false }

static const struct shape value_shape[];

static const struct shape child_shape[] = { TEXT(NAME), NEEDED_NODE(VALUE, value_shape), END };

static const struct shape value_shape[] = {
	TEXT(RAW), { GRAPHQL_KIND, SHAPE_KIND, NULL, false }, NODES(CHILDREN, child_shape),
	FLAG(EXPECTED_TYPE_HAS_DEFAULT), END,
};

static const struct shape type_shape[] = {
	TEXT(NAMED_TYPE), FLAG(NON_NULL), NODE(ELEM, type_shape), END,
};

static const struct shape argument_shape[] = { NEEDED_TEXT(NAME), NEEDED_NODE(VALUE, value_shape), END };

static const struct shape directive_shape[] = {
	NEEDED_TEXT(NAME), TEXT(LOCATION), NODES(ARGUMENTS, argument_shape), END,
};

static const struct shape field_shape[] = {
	TEXT(ALIAS), NEEDED_TEXT(NAME), NODES(ARGUMENTS, argument_shape), NODES(DIRECTIVES, directive_shape),
	SELECTIONS, END,
};

static const struct shape spread_shape[] = { NEEDED_TEXT(NAME), NODES(DIRECTIVES, directive_shape), END };

static const struct shape inline_shape[] = {
	TEXT(TYPE_CONDITION), NODES(DIRECTIVES, directive_shape), SELECTIONS, END,
};

static const struct shape variable_shape[] = {
	NEEDED_TEXT(VARIABLE), NEEDED_NODE(TYPE, type_shape), NODE(DEFAULT_VALUE, value_shape),
	NODES(DIRECTIVES, directive_shape), FLAG(USED), END,
};

static const struct shape operation_shape[] = {
	TEXT(NAME), TEXT(OPERATION), NODES(VARIABLE_DEFINITIONS, variable_shape),
	NODES(DIRECTIVES, directive_shape), SELECTIONS, END,
};

static const struct shape fragment_shape[] = {
	NEEDED_TEXT(NAME), NODES(VARIABLE_DEFINITION, variable_shape), NEEDED_TEXT(TYPE_CONDITION),
	NODES(DIRECTIVES, directive_shape), SELECTIONS, END,
};

static const struct shape query_shape[] = {
	NODES(OPERATIONS, operation_shape), NODES(FRAGMENTS, fragment_shape), END,
};

static const struct shape input_shape[] = {
	TEXT(DESCRIPTION), NEEDED_TEXT(NAME), NODE(DEFAULT_VALUE, value_shape), NEEDED_NODE(TYPE, type_shape),
	NODES(DIRECTIVES, directive_shape), END,
};

static const struct shape member_shape[] = {
	TEXT(DESCRIPTION), NEEDED_TEXT(NAME), NODES(ARGUMENTS, input_shape), NODE(DEFAULT_VALUE, value_shape),
	NEEDED_NODE(TYPE, type_shape), NODES(DIRECTIVES, directive_shape), END,
};

static const struct shape enum_value_shape[] = {
	TEXT(DESCRIPTION), NEEDED_TEXT(NAME), NODES(DIRECTIVES, directive_shape), END,
};

static const struct shape definition_shape[] = {
	NEEDED_TEXT(KIND), TEXT(DESCRIPTION), NEEDED_TEXT(NAME), NODES(DIRECTIVES, directive_shape),
	TEXTS(INTERFACES), NODES(FIELDS, member_shape), TEXTS(TYPES), NODES(ENUM_VALUES, enum_value_shape),
	FLAG(BUILT_IN), END,
};

static const struct shape directive_definition_shape[] = {
	TEXT(DESCRIPTION), NEEDED_TEXT(NAME), NODES(ARGUMENTS, input_shape), TEXTS(LOCATIONS),
	FLAG(IS_REPEATABLE), END,
};

static const struct shape operation_type_shape[] = { NEEDED_TEXT(OPERATION), NEEDED_TEXT(TYPE), END };

static const struct shape entry_shape[] = {
	TEXT(DESCRIPTION), NODES(DIRECTIVES, directive_shape), NODES(OPERATION_TYPES, operation_type_shape),
	END,
};

static const struct shape schema_shape[] = {
	NODES(SCHEMA, entry_shape), NODES(SCHEMA_EXTENSION, entry_shape),
	NODES(DIRECTIVES, directive_definition_shape), NODES(DEFINITIONS, definition_shape),
	NODES(EXTENSIONS, definition_shape), END,
};

/* ---- what a node must be beyond its members ---- */

static bool is_operation(struct str text)
{
	return str_eq(text, STR("query")) || str_eq(text, STR("mutation")) ||
		str_eq(text, STR("subscription"));
}

static const char *flaw_of(const struct shape *shape, const struct json *node)
{
	struct str operation = graphql_text(node, GRAPHQL_OPERATION);

	if (shape == type_shape &&
			!graphql_text(node, GRAPHQL_NAMED_TYPE).len == !graphql_get(node, GRAPHQL_ELEM))
		return "a type has either NamedType or Elem";
	if (shape == definition_shape &&
			graphql_kind_of(graphql_text(node, GRAPHQL_KIND)) == GRAPHQL_KIND_COUNT)
		return "Kind is none of a definition";
	if ((shape == operation_shape && operation.len && !is_operation(operation)) ||
			(shape == operation_type_shape && !is_operation(operation)))
		return "Operation is none of query, mutation, subscription";
	return NULL;
}

/* ---- taking them ---- */

static const struct json *take_node(struct graphql *graphql, const struct shape *shape,
	const struct json *object);

/* A field has a response key, an inline fragment a condition, be it "", a spread its name alone. */
static const struct json *take_selection(struct graphql *graphql, const struct json *object)
{
	const struct shape *shape = spread_shape;
	bool has_name = graphql_get(object, GRAPHQL_NAME);

	if (graphql_get(object, GRAPHQL_ALIAS) || graphql_get(object, GRAPHQL_ARGUMENTS) ||
			(has_name && graphql_get(object, GRAPHQL_SELECTION_SET)))
		shape = field_shape;
	else if (!has_name)
		shape = inline_shape;
	return take_node(graphql, shape, object);
}

static const struct json *take_item(struct graphql *graphql, const struct shape *member,
	const struct json *item)
{
	if (member->type == SHAPE_NODES)
		return take_node(graphql, member->node, item);
	if (member->type == SHAPE_SELECTIONS)
		return take_selection(graphql, item);
	if (item->type != JSON_STRING)
		graphql_fail(graphql, NULL, "%s must be an array of strings",
			graphql_keys[member->key].text.data);
	return item;
}

static void take_list(struct graphql *graphql, const struct shape *member, const struct json *value,
	struct json_object_builder *node)
{
	struct json_array_builder list;

	if (value && value->type != JSON_ARRAY)
		graphql_fail(graphql, NULL, "%s must be an array", graphql_keys[member->key].text.data);
	json_array_begin(&list, graphql->call->arena);
	for (size_t i = 0; value && !graphql->is_over && i < value->array.count; i++)
		if (value->array.items[i]->type != JSON_NULL)
			json_array_add(&list, take_item(graphql, member, value->array.items[i]));
	graphql_add_items(node, member->key, &list);
}

static void take_kind(struct graphql *graphql, const struct shape *member, const struct json *value,
	struct json_object_builder *node)
{
	int64_t kind = !value ? GRAPHQL_VALUE_VARIABLE : value->type == JSON_INT ? value->integer : -1;

	if (kind < GRAPHQL_VALUE_VARIABLE || kind > GRAPHQL_VALUE_OBJECT)
		graphql_fail(graphql, NULL, "Kind of a value must be a number from 0 to 9");
	graphql_add(node, member->key, json_new_int(graphql->call->arena, kind));
}

static void take_scalar(struct graphql *graphql, const struct shape *member, const struct json *value,
	struct json_object_builder *node)
{
	bool is_text = member->type == SHAPE_TEXT;
	const char *name = graphql_keys[member->key].text.data;

	if (value && value->type != (is_text ? JSON_STRING : JSON_BOOL))
		graphql_fail(graphql, NULL, "%s must be a %s", name, is_text ? "string" : "boolean");
	else if (member->is_needed && (!value || !value->text.len))
		graphql_fail(graphql, NULL, "%s is missing", name);
	else if (is_text)
		graphql_add_text(node, member->key, value ? value->text : STR(""));
	else
		graphql_add_bool(node, member->key, value && value->boolean);
}

static void take_member(struct graphql *graphql, const struct shape *member, const struct json *object,
	struct json_object_builder *node)
{
	const struct json *value = graphql_get(object, member->key);

	if (value && value->type == JSON_NULL)
		value = NULL;
	if (member->type == SHAPE_KIND) {
		take_kind(graphql, member, value, node);
	} else if (member->type == SHAPE_TEXT || member->type == SHAPE_FLAG) {
		take_scalar(graphql, member, value, node);
	} else if (member->type != SHAPE_NODE) {
		take_list(graphql, member, value, node);
	} else if (value) {
		graphql_add(node, member->key, take_node(graphql, member->node, value));
	} else if (member->is_needed) {
		graphql_fail(graphql, NULL, "%s is missing", graphql_keys[member->key].text.data);
	}
}

static const struct json *take_node(struct graphql *graphql, const struct shape *shape,
	const struct json *object)
{
	struct json_object_builder builder;
	const struct json *node;
	const char *flaw;

	if (object->type != JSON_OBJECT) {
		graphql_fail(graphql, NULL, "a node of a document must be an object");
		return NULL;
	}
	json_object_begin(&builder, graphql->call->arena);
	for (const struct shape *member = shape; member->type && graphql_spend(graphql, 1); member++)
		take_member(graphql, member, object, &builder);
	node = graphql_end(graphql, &builder, 0, 0);
	flaw = node ? flaw_of(shape, node) : NULL;
	if (!flaw)
		return node;
	graphql_fail(graphql, NULL, "%s", flaw);
	return NULL;
}

/* What comes out must leave room for the lists that answers put around it. */
static const struct json *take_document(struct graphql *graphql, const struct shape *shape,
	const struct json *object)
{
	if (object->height > GRAPHQL_NEST_MAX + GRAPHQL_NEST_AROUND) {
		graphql_fail(graphql, NULL, "The document nests too deep");
		return NULL;
	}
	return take_node(graphql, shape, object);
}

const struct json *graphql_shape_query(struct graphql *graphql, const struct json *object)
{
	return take_document(graphql, query_shape, object);
}

const struct json *graphql_shape_schema(struct graphql *graphql, const struct json *object)
{
	return take_document(graphql, schema_shape, object);
}
