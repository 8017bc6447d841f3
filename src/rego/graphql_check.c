// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_check.c - what a GraphQL schema must keep to
 *
 * Types in the order of their names, then directives. What is asked of a type: that all names in it mean
 * something of the right kind, that it has fields or values at all and none twice, that it has the fields of
 * its interfaces, and that names with two underscores are left to GraphQL. Entries are looked at for their
 * directives.
 *
 * Source: GraphQL, October 2021 edition, sections 3.6 to 3.13, as far as gqlparser asks for them; unlike
 * there, a union has members, enums have each value once, and a directive has each argument once
 */
#include "rego/graphql_schema_internal.h"

struct checker {
	struct graphql *graphql;
	const struct graphql_schema *schema;
};

/* ---- names, directives, arguments ---- */

static void check_name(struct checker *checker, const struct json *node)
{
	struct str name = graphql_text(node, GRAPHQL_NAME);

	if (str_starts_with(name, STR("__")))
		graphql_fail(checker->graphql, node,
			"Name \"%.*s\" must not begin with \"__\", which is reserved by GraphQL introspection",
			STR_FMT(name));
}

/* Whether a directive is given what it takes, and all that it needs; of what type is not asked. */
static void check_given_arguments(struct checker *checker, const struct json *directive,
	const struct json *definition)
{
	struct graphql_list given = graphql_items(directive, GRAPHQL_ARGUMENTS);
	struct graphql_list wanted = graphql_items(definition, GRAPHQL_ARGUMENTS);
	struct str of = graphql_text(directive, GRAPHQL_NAME);

	for (size_t i = 0; i < given.count && graphql_spend(checker->graphql, 1); i++) {
		struct str name = graphql_text(given.items[i], GRAPHQL_NAME);

		if (!graphql_find(checker->graphql, wanted, GRAPHQL_NAME, name))
			graphql_fail(checker->graphql, given.items[i],
				"Undefined argument %.*s for directive %.*s", STR_FMT(name), STR_FMT(of));
	}
	for (size_t i = 0; i < wanted.count && graphql_spend(checker->graphql, 1); i++) {
		struct str name = graphql_text(wanted.items[i], GRAPHQL_NAME);
		const struct json *found;

		if (!graphql_is(graphql_get(wanted.items[i], GRAPHQL_TYPE), GRAPHQL_NON_NULL) ||
				graphql_get(wanted.items[i], GRAPHQL_DEFAULT_VALUE))
			continue;
		found = graphql_find(checker->graphql, given, GRAPHQL_NAME, name);
		if (!found || graphql_value_of(graphql_get(found, GRAPHQL_VALUE)) == GRAPHQL_VALUE_NULL)
			graphql_fail(checker->graphql, directive,
				"Argument %.*s for directive %.*s cannot be null", STR_FMT(name),
				STR_FMT(of));
	}
}

static void check_directive(struct checker *checker, const struct json *directive, const char *location,
	const struct json *current)
{
	struct str name = graphql_text(directive, GRAPHQL_NAME);
	const struct json *definition = json_get_str(checker->schema->directives, name);

	check_name(checker, directive);
	if (current && str_eq(name, graphql_text(current, GRAPHQL_NAME)))
		graphql_fail(checker->graphql, directive, "Directive %.*s cannot refer to itself",
			STR_FMT(name));
	else if (!definition)
		graphql_fail(checker->graphql, directive, "Undefined directive %.*s", STR_FMT(name));
	else if (!graphql_has_location(checker->graphql, definition, location))
		graphql_fail(checker->graphql, directive, "Directive %.*s is not applicable on %s",
			STR_FMT(name), location);
	else
		check_given_arguments(checker, directive, definition);
}

/* @current: the directive whose arguments they stand at, or NULL. */
static void check_directives(struct checker *checker, struct graphql_list directives, const char *location,
	const struct json *current)
{
	for (size_t i = 0; i < directives.count && graphql_spend(checker->graphql, 1); i++)
		check_directive(checker, directives.items[i], location, current);
}

static struct graphql_type *check_type_use(struct checker *checker, const struct json *type)
{
	struct graphql_type *definition = graphql_type_of(checker->schema, type);

	if (!definition)
		graphql_fail(checker->graphql, type, "Undefined type %.*s", STR_FMT(graphql_type_name(type)));
	return definition;
}

static void check_argument(struct checker *checker, const struct json *argument, const struct json *directive)
{
	const struct json *type = graphql_get(argument, GRAPHQL_TYPE);
	const struct graphql_type *definition;

	check_name(checker, argument);
	definition = check_type_use(checker, type);
	if (definition && !graphql_is_input(definition))
		graphql_fail(checker->graphql, argument,
			"cannot use %s as argument %.*s because %s is not a valid input type",
			graphql_type_text(checker->graphql, type),
			STR_FMT(graphql_text(argument, GRAPHQL_NAME)), graphql_kind_text(definition->kind));
	check_directives(checker, graphql_items(argument, GRAPHQL_DIRECTIVES), "ARGUMENT_DEFINITION",
		directive);
}

static void check_arguments(struct checker *checker, const struct json *node, const struct json *directive)
{
	struct graphql_list arguments = graphql_items(node, GRAPHQL_ARGUMENTS);
	const struct json *repeated;

	for (size_t i = 0; i < arguments.count && graphql_spend(checker->graphql, 1); i++)
		check_argument(checker, arguments.items[i], directive);
	repeated = graphql_repeated(checker->graphql, arguments, GRAPHQL_NAME);
	if (repeated)
		graphql_fail(checker->graphql, repeated, "Argument %.*s can only be defined once",
			STR_FMT(graphql_text(repeated, GRAPHQL_NAME)));
}

/* ---- interfaces ---- */

static bool is_possible(struct checker *checker, struct str wanted, struct str name)
{
	const struct graphql_type *type = graphql_type_find(checker->schema, wanted);

	for (size_t i = 0; type && i < type->possible_count && graphql_spend(checker->graphql, 1); i++)
		if (str_eq(type->possible[i]->name, name))
			return true;
	return false;
}

/* Whether what a field gives is as good as what the interface says. */
static bool is_covariant(struct checker *checker, const struct json *wanted, const struct json *actual)
{
	const struct json *element;
	struct str name;

	for (;;) {
		if (graphql_is(wanted, GRAPHQL_NON_NULL) && !graphql_is(actual, GRAPHQL_NON_NULL))
			return false;
		element = graphql_get(wanted, GRAPHQL_ELEM);
		if (!element != !graphql_get(actual, GRAPHQL_ELEM))
			return false;
		if (!element)
			break;
		wanted = element;
		actual = graphql_get(actual, GRAPHQL_ELEM);
	}
	name = graphql_text(wanted, GRAPHQL_NAMED_TYPE);
	return str_eq(name, graphql_text(actual, GRAPHQL_NAMED_TYPE)) ||
		is_possible(checker, name, graphql_text(actual, GRAPHQL_NAMED_TYPE));
}

static void check_wanted_arguments(struct checker *checker, const struct graphql_type *type,
	const struct graphql_type *interface, const struct json *wanted, const struct json *field)
{
	struct graphql_list arguments = graphql_items(wanted, GRAPHQL_ARGUMENTS);

	for (size_t i = 0; i < arguments.count && !checker->graphql->is_over; i++) {
		struct str name = graphql_text(arguments.items[i], GRAPHQL_NAME);
		const struct json *found = graphql_find(checker->graphql,
			graphql_items(field, GRAPHQL_ARGUMENTS), GRAPHQL_NAME, name);

		if (!found)
			graphql_fail(checker->graphql, field,
				"For %.*s to implement %.*s the field %.*s must have the same arguments but it is missing %.*s",
				STR_FMT(type->name), STR_FMT(interface->name),
				STR_FMT(graphql_text(wanted, GRAPHQL_NAME)), STR_FMT(name));
		else if (!json_equal(graphql_get(found, GRAPHQL_TYPE),
				graphql_get(arguments.items[i], GRAPHQL_TYPE)))
			graphql_fail(checker->graphql, found,
				"For %.*s to implement %.*s the field %.*s must have the same arguments but %.*s has the wrong type",
				STR_FMT(type->name), STR_FMT(interface->name),
				STR_FMT(graphql_text(wanted, GRAPHQL_NAME)), STR_FMT(name));
	}
}

static void check_other_arguments(struct checker *checker, const struct graphql_type *type,
	const struct graphql_type *interface, const struct json *wanted, const struct json *field)
{
	struct graphql_list arguments = graphql_items(field, GRAPHQL_ARGUMENTS);

	for (size_t i = 0; i < arguments.count && !checker->graphql->is_over; i++) {
		const struct json *argument = arguments.items[i];
		struct str name = graphql_text(argument, GRAPHQL_NAME);

		if (!graphql_is(graphql_get(argument, GRAPHQL_TYPE), GRAPHQL_NON_NULL) ||
				graphql_get(argument, GRAPHQL_DEFAULT_VALUE) ||
				graphql_find(checker->graphql, graphql_items(wanted, GRAPHQL_ARGUMENTS),
					GRAPHQL_NAME, name))
			continue;
		graphql_fail(checker->graphql, argument,
			"For %.*s to implement %.*s any additional arguments on %.*s must be optional or have a default value but %.*s is required",
			STR_FMT(type->name), STR_FMT(interface->name),
			STR_FMT(graphql_text(field, GRAPHQL_NAME)), STR_FMT(name));
	}
}

static void check_wanted_field(struct checker *checker, const struct graphql_type *type,
	const struct graphql_type *interface, const struct json *wanted)
{
	struct str name = graphql_text(wanted, GRAPHQL_NAME);
	const struct json *field = graphql_find(checker->graphql, graphql_list_of(&type->fields),
		GRAPHQL_NAME, name);

	if (!field) {
		graphql_fail(checker->graphql, type->node,
			"For %.*s to implement %.*s it must have a field called %.*s", STR_FMT(type->name),
			STR_FMT(interface->name), STR_FMT(name));
	} else if (!is_covariant(checker, graphql_get(wanted, GRAPHQL_TYPE),
			graphql_get(field, GRAPHQL_TYPE))) {
		graphql_fail(checker->graphql, field,
			"For %.*s to implement %.*s the field %.*s must have type %s", STR_FMT(type->name),
			STR_FMT(interface->name), STR_FMT(name),
			graphql_type_text(checker->graphql, graphql_get(wanted, GRAPHQL_TYPE)));
	} else {
		check_wanted_arguments(checker, type, interface, wanted, field);
		check_other_arguments(checker, type, interface, wanted, field);
	}
}

static bool implements(struct checker *checker, const struct graphql_type *type, struct str name)
{
	for (size_t i = 0; i < type->interfaces.count && graphql_spend(checker->graphql, 1); i++)
		if (str_eq(type->interfaces.items[i]->text, name))
			return true;
	return false;
}

static void check_ancestors(struct checker *checker, const struct graphql_type *type,
	const struct graphql_type *interface)
{
	for (size_t i = 0; i < interface->interfaces.count && !checker->graphql->is_over; i++) {
		struct str name = interface->interfaces.items[i]->text;

		if (str_eq(name, type->name))
			graphql_fail(checker->graphql, type->node,
				"Type %.*s cannot implement %.*s because it would create a circular reference",
				STR_FMT(type->name), STR_FMT(interface->name));
		else if (!implements(checker, type, name))
			graphql_fail(checker->graphql, type->node,
				"Type %.*s must implement %.*s because it is implemented by %.*s",
				STR_FMT(type->name), STR_FMT(name), STR_FMT(interface->name));
	}
}

static void check_interface(struct checker *checker, const struct graphql_type *type, struct str name)
{
	const struct graphql_type *interface = graphql_type_find(checker->schema, name);

	if (!interface) {
		graphql_fail(checker->graphql, type->node, "Undefined type \"%.*s\"", STR_FMT(name));
		return;
	}
	if (interface->kind != GRAPHQL_INTERFACE)
		graphql_fail(checker->graphql, type->node, "\"%.*s\" is a non interface type %s",
			STR_FMT(name), graphql_kind_text(interface->kind));
	for (size_t i = 0; i < interface->fields.count && !checker->graphql->is_over; i++)
		check_wanted_field(checker, type, interface, interface->fields.items[i]);
	check_ancestors(checker, type, interface);
}

/* ---- types ---- */

static void check_field(struct checker *checker, const struct graphql_type *type, const struct json *field)
{
	bool is_input = type->kind == GRAPHQL_INPUT_OBJECT;
	const struct graphql_type *definition;

	check_name(checker, field);
	definition = check_type_use(checker, graphql_get(field, GRAPHQL_TYPE));
	check_arguments(checker, field, NULL);
	check_directives(checker, graphql_items(field, GRAPHQL_DIRECTIVES),
		is_input ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION", NULL);
	if (definition && is_input && !graphql_is_input(definition))
		graphql_fail(checker->graphql, field,
			"%s %.*s: field must be one of SCALAR, ENUM, INPUT_OBJECT",
			graphql_kind_text(definition->kind), STR_FMT(graphql_text(field, GRAPHQL_NAME)));
	if (definition && !is_input && definition->kind == GRAPHQL_INPUT_OBJECT)
		graphql_fail(checker->graphql, field,
			"%s %.*s: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM",
			graphql_kind_text(type->kind), STR_FMT(type->name));
}

static void check_fields(struct checker *checker, const struct graphql_type *type)
{
	bool has_fields = type->kind == GRAPHQL_OBJECT || type->kind == GRAPHQL_INTERFACE ||
		type->kind == GRAPHQL_INPUT_OBJECT;
	const struct json *repeated;

	if (has_fields && !type->fields.count)
		graphql_fail(checker->graphql, type->node, "%s %.*s: must define one or more %sfields",
			graphql_kind_text(type->kind), STR_FMT(type->name),
			type->kind == GRAPHQL_INPUT_OBJECT ? "input " : "");
	for (size_t i = 0; i < type->fields.count && graphql_spend(checker->graphql, 1); i++)
		check_field(checker, type, type->fields.items[i]);
	repeated = graphql_repeated(checker->graphql, graphql_list_of(&type->fields), GRAPHQL_NAME);
	if (repeated)
		graphql_fail(checker->graphql, repeated, "Field %.*s.%.*s can only be defined once",
			STR_FMT(type->name), STR_FMT(graphql_text(repeated, GRAPHQL_NAME)));
}

static void check_members(struct checker *checker, const struct graphql_type *type)
{
	if (type->kind == GRAPHQL_UNION && !type->members.count)
		graphql_fail(checker->graphql, type->node,
			"UNION %.*s: must define one or more unique member types", STR_FMT(type->name));
	for (size_t i = 0; i < type->members.count && graphql_spend(checker->graphql, 1); i++) {
		struct str name = type->members.items[i]->text;
		const struct graphql_type *member = graphql_type_find(checker->schema, name);

		if (!member)
			graphql_fail(checker->graphql, type->node, "Undefined type \"%.*s\"", STR_FMT(name));
		else if (member->kind != GRAPHQL_OBJECT)
			graphql_fail(checker->graphql, type->node, "%s type \"%.*s\" must be OBJECT",
				graphql_kind_text(type->kind), STR_FMT(name));
	}
}

static void check_values(struct checker *checker, const struct graphql_type *type)
{
	const struct json *repeated = graphql_repeated(checker->graphql, graphql_list_of(&type->values),
		GRAPHQL_NAME);

	if (repeated || (type->kind == GRAPHQL_ENUM && !type->values.count))
		graphql_fail(checker->graphql, repeated ? repeated : type->node,
			"%s %.*s: must define one or more unique enum values", graphql_kind_text(type->kind),
			STR_FMT(type->name));
	for (size_t i = 0; i < type->values.count && graphql_spend(checker->graphql, 1); i++) {
		struct str name = graphql_text(type->values.items[i], GRAPHQL_NAME);

		if (str_eq(name, STR("true")) || str_eq(name, STR("false")) || str_eq(name, STR("null")))
			graphql_fail(checker->graphql, type->node, "%s %.*s: non-enum value %.*s",
				graphql_kind_text(type->kind), STR_FMT(type->name), STR_FMT(name));
		check_directives(checker, graphql_items(type->values.items[i], GRAPHQL_DIRECTIVES),
			"ENUM_VALUE", NULL);
	}
}

static void check_type(struct checker *checker, const struct graphql_type *type)
{
	check_fields(checker, type);
	check_members(checker, type);
	for (size_t i = 0; i < type->interfaces.count && graphql_spend(checker->graphql, 1); i++)
		check_interface(checker, type, type->interfaces.items[i]->text);
	check_values(checker, type);
	if (!type->is_builtin)
		check_name(checker, type->node);
	check_directives(checker, graphql_list_of(&type->directives), graphql_kind_text(type->kind), NULL);
}

static void check_entries(struct checker *checker, struct graphql_list entries)
{
	for (size_t i = 0; i < entries.count && graphql_spend(checker->graphql, 1); i++)
		check_directives(checker, graphql_items(entries.items[i], GRAPHQL_DIRECTIVES), "SCHEMA",
			NULL);
}

bool graphql_check(struct graphql *graphql, const struct graphql_schema *schema, const struct json *document)
{
	struct checker checker = { graphql, schema };

	check_entries(&checker, graphql_items(document, GRAPHQL_SCHEMA));
	check_entries(&checker, graphql_items(document, GRAPHQL_SCHEMA_EXTENSION));
	for (size_t i = 0; i < schema->index->object.count && !graphql->is_over; i++)
		check_type(&checker, &schema->types[schema->index->object.members[i].value->integer]);
	for (size_t i = 0; i < schema->directives->object.count && !graphql->is_over; i++) {
		const struct json *directive = schema->directives->object.members[i].value;

		check_name(&checker, directive);
		check_arguments(&checker, directive, directive);
	}
	return !graphql->is_over;
}
