// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_validate.c - a GraphQL query against a schema: the walk, and the rules for its parts
 *
 * Operations are walked with the fragments that they spread, each fragment once, since variables are the
 * operation's; then each fragment by itself. Where the type of something is unknown that has been told where
 * it was found out, and the rules that would need it pass over it. That no fragment leads to itself is found
 * out first of all, so that everything later may follow them.
 *
 * Source: GraphQL, October 2021 edition, section 5; the texts and the order are gqlparser's
 */
#include "rego/graphql_schema_internal.h"

/* ---- finding ---- */

struct graphql_fragment *graphql_fragment_find(const struct graphql_validation *validation, struct str name)
{
	const struct json *place = json_get_str(validation->fragment_index, name);

	return place ? &validation->fragments[place->integer] : NULL;
}

const struct json *graphql_field_find(struct graphql_validation *validation,
	const struct graphql_type *parent, struct str name)
{
	if (str_eq(name, STR("__typename")))
		return validation->schema->type_name_field;
	return parent ? graphql_find(validation->graphql, graphql_list_of(&parent->fields), GRAPHQL_NAME,
		name) : NULL;
}

bool graphql_descend(struct graphql_validation *validation)
{
	if (++validation->depth > GRAPHQL_DEPTH_MAX)
		graphql_fail(validation->graphql, NULL, "Selections lead into each other too often");
	return graphql_spend(validation->graphql, 1);
}

/* ---- arguments ---- */

static void check_needed_arguments(struct graphql_validation *validation, const struct json *node,
	const struct json *definition, const char *what)
{
	struct graphql_list wanted = graphql_items(definition, GRAPHQL_ARGUMENTS);

	for (size_t i = 0; i < wanted.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *type = graphql_get(wanted.items[i], GRAPHQL_TYPE);
		struct str name = graphql_text(wanted.items[i], GRAPHQL_NAME);

		if (!graphql_is(type, GRAPHQL_NON_NULL) ||
				graphql_get(wanted.items[i], GRAPHQL_DEFAULT_VALUE) ||
				graphql_find(validation->graphql, graphql_items(node, GRAPHQL_ARGUMENTS),
					GRAPHQL_NAME, name))
			continue;
		graphql_fail(validation->graphql, node,
			"%s%.*s\" argument \"%.*s\" of type \"%s\" is required, but it was not provided",
			what, STR_FMT(graphql_text(node, GRAPHQL_NAME)), STR_FMT(name),
			graphql_type_text(validation->graphql, type));
	}
}

static void check_known_arguments(struct graphql_validation *validation, const struct json *node,
	const struct json *definition, const struct graphql_type *parent)
{
	struct graphql_list arguments = graphql_items(node, GRAPHQL_ARGUMENTS);
	struct str of = graphql_text(node, GRAPHQL_NAME);

	for (size_t i = 0; i < arguments.count && graphql_spend(validation->graphql, 1); i++) {
		struct str name = graphql_text(arguments.items[i], GRAPHQL_NAME);

		if (graphql_find(validation->graphql, graphql_items(definition, GRAPHQL_ARGUMENTS),
				GRAPHQL_NAME, name))
			continue;
		if (parent)
			graphql_fail(validation->graphql, node,
				"Unknown argument \"%.*s\" on field \"%.*s.%.*s\"", STR_FMT(name),
				STR_FMT(parent->name), STR_FMT(of));
		else
			graphql_fail(validation->graphql, node,
				"Unknown argument \"%.*s\" on directive \"@%.*s\"", STR_FMT(name),
				STR_FMT(of));
	}
}

static void check_unique_arguments(struct graphql_validation *validation, const struct json *node)
{
	const struct json *repeated = graphql_repeated(validation->graphql,
		graphql_items(node, GRAPHQL_ARGUMENTS), GRAPHQL_NAME);

	if (repeated)
		graphql_fail(validation->graphql, repeated, "There can be only one argument named \"%.*s\"",
			STR_FMT(graphql_text(repeated, GRAPHQL_NAME)));
}

static void walk_arguments(struct graphql_validation *validation, const struct json *node,
	const struct json *definition)
{
	struct graphql_list arguments = graphql_items(node, GRAPHQL_ARGUMENTS);

	for (size_t i = 0; i < arguments.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *wanted = graphql_find(validation->graphql,
			graphql_items(definition, GRAPHQL_ARGUMENTS), GRAPHQL_NAME,
			graphql_text(arguments.items[i], GRAPHQL_NAME));
		const struct json *otherwise = graphql_get(wanted, GRAPHQL_DEFAULT_VALUE);
		struct graphql_expected expected = {
			.type = graphql_get(wanted, GRAPHQL_TYPE),
			.has_default = otherwise && graphql_value_of(otherwise) != GRAPHQL_VALUE_NULL,
		};

		expected.definition = graphql_type_of(validation->schema, expected.type);
		graphql_validate_value(validation, graphql_get(arguments.items[i], GRAPHQL_VALUE), &expected);
	}
}

/* ---- directives ---- */

static void check_directive(struct graphql_validation *validation, const struct json *directive,
	const struct json *definition, const char *location)
{
	struct str name = graphql_text(directive, GRAPHQL_NAME);

	if (!definition) {
		graphql_fail(validation->graphql, directive, "Unknown directive \"@%.*s\"", STR_FMT(name));
		return;
	}
	check_known_arguments(validation, directive, definition, NULL);
	if (!graphql_has_location(validation->graphql, definition, location))
		graphql_fail(validation->graphql, directive, "Directive \"@%.*s\" may not be used on %s",
			STR_FMT(name), location);
	check_needed_arguments(validation, directive, definition, "Directive \"@");
	check_unique_arguments(validation, directive);
}

static void check_unique_directives(struct graphql_validation *validation, struct graphql_list directives)
{
	for (size_t i = 1; i < directives.count && graphql_spend(validation->graphql, i); i++) {
		struct str name = graphql_text(directives.items[i], GRAPHQL_NAME);
		struct graphql_list before = { directives.items, i };

		if (graphql_is(json_get_str(validation->schema->directives, name), GRAPHQL_IS_REPEATABLE))
			continue;
		if (graphql_find(validation->graphql, before, GRAPHQL_NAME, name))
			graphql_fail(validation->graphql, directives.items[i],
				"The directive \"@%.*s\" can only be used once at this location",
				STR_FMT(name));
	}
}

static void walk_directives(struct graphql_validation *validation, const struct json *node,
	const char *location)
{
	struct graphql_list directives = graphql_items(node, GRAPHQL_DIRECTIVES);

	for (size_t i = 0; i < directives.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *definition = json_get_str(validation->schema->directives,
			graphql_text(directives.items[i], GRAPHQL_NAME));

		walk_arguments(validation, directives.items[i], definition);
		check_directive(validation, directives.items[i], definition, location);
	}
	check_unique_directives(validation, directives);
}

/* ---- fields ---- */

static void check_leaf(struct graphql_validation *validation, const struct json *field,
	const struct json *definition)
{
	const struct json *type = graphql_get(definition, GRAPHQL_TYPE);
	const struct graphql_type *leads_to = graphql_type_of(validation->schema, type);
	bool is_leaf, has_selection = graphql_items(field, GRAPHQL_SELECTION_SET).count > 0;
	struct str name = graphql_text(field, GRAPHQL_NAME);

	if (!leads_to)
		return;
	is_leaf = leads_to->kind == GRAPHQL_ENUM || leads_to->kind == GRAPHQL_SCALAR;
	if (is_leaf && has_selection)
		graphql_fail(validation->graphql, field,
			"Field \"%.*s\" must not have a selection since type \"%.*s\" has no subfields",
			STR_FMT(name), STR_FMT(leads_to->name));
	if (!is_leaf && !has_selection)
		graphql_fail(validation->graphql, field,
			"Field \"%.*s\" of type \"%s\" must have a selection of subfields. Did you mean \"%.*s { ... }\"?",
			STR_FMT(name), graphql_type_text(validation->graphql, type), STR_FMT(name));
}

static void check_field(struct graphql_validation *validation, const struct json *field,
	const struct json *definition, const struct graphql_type *parent)
{
	if (parent && !definition)
		graphql_fail(validation->graphql, field, "Cannot query field \"%.*s\" on type \"%.*s\"",
			STR_FMT(graphql_text(field, GRAPHQL_NAME)), STR_FMT(parent->name));
	if (parent && definition)
		check_known_arguments(validation, field, definition, parent);
	graphql_validate_introspection(validation, field);
	if (validation->operation)
		graphql_validate_merge(validation, field,
			graphql_type_of(validation->schema, graphql_get(definition, GRAPHQL_TYPE)));
	if (definition) {
		check_needed_arguments(validation, field, definition, "Field \"");
		check_leaf(validation, field, definition);
	}
	check_unique_arguments(validation, field);
}

/* ---- selections ---- */

static void walk_selections(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent);

static void walk_field(struct graphql_validation *validation, const struct json *field,
	struct graphql_type *parent)
{
	const struct json *definition = graphql_field_find(validation, parent,
		graphql_text(field, GRAPHQL_NAME));

	walk_arguments(validation, field, definition);
	walk_directives(validation, field, "FIELD");
	walk_selections(validation, field,
		graphql_type_of(validation->schema, graphql_get(definition, GRAPHQL_TYPE)));
	check_field(validation, field, definition, parent);
}

static void walk_inline(struct graphql_validation *validation, const struct json *fragment,
	struct graphql_type *parent)
{
	struct str condition = graphql_text(fragment, GRAPHQL_TYPE_CONDITION);
	struct graphql_type *type = condition.len ? graphql_type_find(validation->schema, condition) : parent;

	walk_directives(validation, fragment, "INLINE_FRAGMENT");
	walk_selections(validation, fragment, type);
	if (condition.len && !type)
		graphql_fail(validation->graphql, fragment, "Unknown type \"%.*s\"", STR_FMT(condition));
	else if (condition.len && !graphql_is_composite(type))
		graphql_fail(validation->graphql, fragment,
			"Fragment cannot condition on non composite type \"%.*s\"", STR_FMT(condition));
	graphql_validate_merge(validation, fragment, type);
	if (condition.len)
		graphql_validate_spread(validation, parent, condition, fragment);
}

static void walk_spread(struct graphql_validation *validation, const struct json *spread,
	struct graphql_type *parent)
{
	struct str name = graphql_text(spread, GRAPHQL_NAME);
	struct graphql_fragment *fragment = graphql_fragment_find(validation, name);

	walk_directives(validation, spread, "FRAGMENT_SPREAD");
	if (!fragment) {
		graphql_fail(validation->graphql, spread, "Unknown fragment \"%.*s\"", STR_FMT(name));
		return;
	}
	if (validation->operation) {
		fragment->is_used = true;
		if (fragment->walked_by != validation->operation) {
			fragment->walked_by = validation->operation;
			walk_selections(validation, fragment->node, fragment->type);
		}
	}
	graphql_validate_spread(validation, parent, graphql_text(fragment->node, GRAPHQL_TYPE_CONDITION),
		spread);
}

static void walk_selections(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent)
{
	struct graphql_list selections = graphql_items(node, GRAPHQL_SELECTION_SET);

	if (!graphql_descend(validation))
		return;
	for (size_t i = 0; i < selections.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *selection = selections.items[i];

		if (graphql_get(selection, GRAPHQL_ALIAS))
			walk_field(validation, selection, parent);
		else if (graphql_get(selection, GRAPHQL_TYPE_CONDITION))
			walk_inline(validation, selection, parent);
		else
			walk_spread(validation, selection, parent);
	}
	validation->depth--;
}

/* ---- operations ---- */

static void walk_variable_types(struct graphql_validation *validation, struct graphql_list variables)
{
	for (size_t i = 0; i < variables.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *type = graphql_get(variables.items[i], GRAPHQL_TYPE);

		if (!graphql_type_of(validation->schema, type))
			graphql_fail(validation->graphql, variables.items[i], "Unknown type \"%.*s\"",
				STR_FMT(graphql_type_name(type)));
	}
}

static void walk_variable_values(struct graphql_validation *validation, struct graphql_list variables)
{
	for (size_t i = 0; i < variables.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *value = graphql_get(variables.items[i], GRAPHQL_DEFAULT_VALUE);
		struct graphql_expected expected = { .type = graphql_get(variables.items[i], GRAPHQL_TYPE) };

		expected.definition = graphql_type_of(validation->schema, expected.type);
		if (value)
			graphql_validate_value(validation, value, &expected);
		walk_directives(validation, variables.items[i], "VARIABLE_DEFINITION");
	}
}

static void check_used_variables(struct graphql_validation *validation, struct graphql_list variables)
{
	struct str name = graphql_text(validation->operation, GRAPHQL_NAME);

	for (size_t i = 0; i < variables.count && graphql_spend(validation->graphql, 1); i++) {
		struct str variable = graphql_text(variables.items[i], GRAPHQL_VARIABLE);

		if (validation->used_variables[i])
			continue;
		if (name.len)
			graphql_fail(validation->graphql, variables.items[i],
				"Variable \"$%.*s\" is never used in operation \"%.*s\"", STR_FMT(variable),
				STR_FMT(name));
		else
			graphql_fail(validation->graphql, variables.items[i],
				"Variable \"$%.*s\" is never used", STR_FMT(variable));
	}
}

static void check_variables(struct graphql_validation *validation, struct graphql_list variables)
{
	const struct json *repeated = graphql_repeated(validation->graphql, variables, GRAPHQL_VARIABLE);

	if (repeated)
		graphql_fail(validation->graphql, repeated, "There can be only one variable named \"$%.*s\"",
			STR_FMT(graphql_text(repeated, GRAPHQL_VARIABLE)));
	for (size_t i = 0; i < variables.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *type = graphql_get(variables.items[i], GRAPHQL_TYPE);
		const struct graphql_type *definition = graphql_type_of(validation->schema, type);

		if (definition && !graphql_is_input(definition))
			graphql_fail(validation->graphql, variables.items[i],
				"Variable \"$%.*s\" cannot be non-input type \"%s\"",
				STR_FMT(graphql_text(variables.items[i], GRAPHQL_VARIABLE)),
				graphql_type_text(validation->graphql, type));
	}
}

static struct graphql_type *root_of(const struct graphql_schema *schema, struct str operation,
	const char **ret_location)
{
	if (str_eq(operation, STR("mutation"))) {
		*ret_location = "MUTATION";
		return schema->mutation;
	}
	if (str_eq(operation, STR("subscription"))) {
		*ret_location = "SUBSCRIPTION";
		return schema->subscription;
	}
	*ret_location = "QUERY";
	return schema->query;
}

static void check_operation(struct graphql_validation *validation, const struct json *operation,
	struct graphql_type *root, struct graphql_list variables)
{
	if (!root)
		graphql_fail(validation->graphql, operation,
			"Schema does not support operation type \"%.*s\"",
			STR_FMT(graphql_text(operation, GRAPHQL_OPERATION)));
	if (!graphql_text(operation, GRAPHQL_NAME).len && validation->operations.count > 1)
		graphql_fail(validation->graphql, operation,
			"This anonymous operation must be the only defined operation");
	check_used_variables(validation, variables);
	graphql_validate_merge(validation, operation, root);
	graphql_validate_subscription(validation, operation);
	check_variables(validation, variables);
}

static void walk_operation(struct graphql_validation *validation, const struct json *operation)
{
	struct graphql_list variables = graphql_items(operation, GRAPHQL_VARIABLE_DEFINITIONS);
	const char *location;
	struct graphql_type *root = root_of(validation->schema, graphql_text(operation, GRAPHQL_OPERATION),
		&location);

	validation->operation = operation;
	validation->used_variables = arena_alloc_array(validation->graphql->call->arena, variables.count,
		sizeof(bool));
	if (!validation->used_variables) {
		graphql_stop(validation->graphql);
		return;
	}
	walk_variable_types(validation, variables);
	walk_variable_values(validation, variables);
	walk_directives(validation, operation, location);
	walk_selections(validation, operation, root);
	check_operation(validation, operation, root, variables);
	validation->operation = NULL;
}

/* ---- fragments ---- */

static void walk_fragment(struct graphql_validation *validation, struct graphql_fragment *fragment)
{
	struct str name = graphql_text(fragment->node, GRAPHQL_NAME);
	struct str condition = graphql_text(fragment->node, GRAPHQL_TYPE_CONDITION);

	walk_directives(validation, fragment->node, "FRAGMENT_DEFINITION");
	walk_selections(validation, fragment->node, fragment->type);
	if (!fragment->type)
		graphql_fail(validation->graphql, fragment->node, "Unknown type \"%.*s\"",
			STR_FMT(condition));
	else if (!graphql_is_composite(fragment->type))
		graphql_fail(validation->graphql, fragment->node,
			"Fragment \"%.*s\" cannot condition on non composite type \"%.*s\"", STR_FMT(name),
			STR_FMT(condition));
	if (!fragment->is_used)
		graphql_fail(validation->graphql, fragment->node, "Fragment \"%.*s\" is never used",
			STR_FMT(name));
	graphql_validate_merge(validation, fragment->node, fragment->type);
}

static void index_fragments(struct graphql_validation *validation, struct graphql_list list)
{
	struct arena *arena = validation->graphql->call->arena;
	struct json_object_builder index;

	validation->fragments = arena_alloc_array(arena, list.count, sizeof(*validation->fragments));
	validation->fragment_count = list.count;
	json_object_begin(&index, arena);
	for (size_t i = 0; validation->fragments && i < list.count && graphql_spend(validation->graphql, 1);
			i++) {
		validation->fragments[i].node = list.items[i];
		validation->fragments[i].type = graphql_type_find(validation->schema,
			graphql_text(list.items[i], GRAPHQL_TYPE_CONDITION));
		json_object_add_value(&index, graphql_get(list.items[i], GRAPHQL_NAME),
			json_new_int(arena, (int64_t)i));
	}
	validation->fragment_index = validation->fragments ? json_object_end(&index) : NULL;
	if (validation->fragments && index.conflict)
		graphql_fail(validation->graphql, list.items[index.conflict->value->integer],
			"There can be only one fragment named \"%.*s\"", STR_FMT(index.conflict->key->text));
	else if (!validation->fragment_index)
		graphql_stop(validation->graphql);
}

bool graphql_validate(struct graphql *graphql, const struct graphql_schema *schema,
	const struct json *document)
{
	struct graphql_validation validation = {
		.graphql = graphql,
		.schema = schema,
		.operations = graphql_items(document, GRAPHQL_OPERATIONS),
	};
	const struct json *repeated;

	graphql->what = "query ";
	index_fragments(&validation, graphql_items(document, GRAPHQL_FRAGMENTS));
	if (!graphql->is_over)
		graphql_validate_cycles(&validation);
	for (size_t i = 0; i < validation.operations.count && !graphql->is_over; i++)
		walk_operation(&validation, validation.operations.items[i]);
	repeated = graphql_repeated(graphql, validation.operations, GRAPHQL_NAME);
	if (repeated)
		graphql_fail(graphql, repeated, "There can be only one operation named \"%.*s\"",
			STR_FMT(graphql_text(repeated, GRAPHQL_NAME)));
	for (size_t i = 0; i < validation.fragment_count && !graphql->is_over; i++)
		walk_fragment(&validation, &validation.fragments[i]);
	return !graphql->is_over;
}
