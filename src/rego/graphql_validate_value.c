// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_validate_value.c - values against the types that are expected where they stand
 *
 * A value that is no list may stand where a list is expected: it is its only item. Scalars that a schema
 * defines take any value. What is in lists and objects is looked at before what it is in.
 *
 * Values nest JSON_DEPTH_MAX deep at most, so this may call itself.
 *
 * Source: GraphQL, October 2021 edition, sections 3.5, 5.6 and 5.8; unlike gqlparser an object in the place
 * of a scalar that everybody knows, or of an enum, is refused whatever is in it
 */
#include "rego/graphql_schema_internal.h"
#include "rego/number.h"

enum {
	DOUBLE_BITS = 53,
	DOUBLE_EXPONENT_MAX = 1024,	/* all doubles are less than 2 to this */
	MANTISSA_BITS = 64,
};

static bool is_one_of(const struct graphql_type *type, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(type->name, str_from(*names)))
			return true;
	return false;
}

/* ---- what is said ---- */

static bool is_int(struct str text, int64_t least, int64_t most)
{
	bool is_negative = str_starts_with(text, STR("-"));
	struct str digits = { text.data + is_negative, text.len - is_negative };
	uint64_t magnitude;

	if (str_to_u64(digits, is_negative ? (uint64_t) - (least + 1) + 1 : (uint64_t)most, &magnitude) < 0)
		return false;
	return true;
}

/* A number that is written right and too large for an Int is told from what is none. */
static bool is_large_int(const struct json *value)
{
	struct str raw = graphql_text(value, GRAPHQL_RAW);

	return graphql_value_of(value) == GRAPHQL_VALUE_INT && !is_int(raw, INT32_MIN, INT32_MAX);
}

static void fail_type(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	static const struct {
		const char *type, *text;
	} texts[] = {
		{ "String", "String cannot represent a non string value: " },
		{ "String!", "String cannot represent a non string value: " },
		{ "[String]", "String cannot represent a non string value: " },
		{ "Boolean", "Boolean cannot represent a non boolean value: " },
		{ "Boolean!", "Boolean cannot represent a non boolean value: " },
		{ "Float", "Float cannot represent non numeric value: " },
		{ "Float!", "Float cannot represent non numeric value: " },
		{ "ID", "ID cannot represent a non-string and non-integer value: " },
		{ "ID!", "ID cannot represent a non-string and non-integer value: " },
	};
	const char *type = graphql_type_text(validation->graphql, expected->type);
	const char *text = graphql_value_text(validation->graphql, value);

	if (!strcmp(type, "Int") || !strcmp(type, "Int!"))
		graphql_fail(validation->graphql, value, "Int cannot represent non%s value: %s",
			is_large_int(value) ? " 32-bit signed integer" : "-integer", text);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(type, texts[i].type))
			graphql_fail(validation->graphql, value, "%s%s", texts[i].text, text);
	if (expected->definition->kind == GRAPHQL_ENUM)
		graphql_fail(validation->graphql, value, "Enum \"%s\" cannot represent non-enum value: %s",
			type, text);
	else
		graphql_fail(validation->graphql, value, "Expected value of type \"%s\", found %s", type,
			text);
}

/* ---- variables ---- */

/* Whether values of one type are values of another; @is_nullable: null is taken there, whatever it says. */
static bool is_compatible(const struct json *type, const struct json *other, bool is_nullable)
{
	for (;;) {
		const struct json *element = graphql_get(type, GRAPHQL_ELEM);
		const struct json *other_element = graphql_get(other, GRAPHQL_ELEM);

		if (!is_nullable && graphql_is(other, GRAPHQL_NON_NULL) &&
				!graphql_is(type, GRAPHQL_NON_NULL))
			return false;
		if (!element || !other_element)
			return !element && !other_element && str_eq(graphql_text(type, GRAPHQL_NAMED_TYPE),
				graphql_text(other, GRAPHQL_NAMED_TYPE));
		is_nullable = false;
		type = element;
		other = other_element;
	}
}

static const struct json *find_variable(struct graphql_validation *validation, struct str name)
{
	struct graphql_list variables = graphql_items(validation->operation, GRAPHQL_VARIABLE_DEFINITIONS);

	for (size_t i = 0; i < variables.count && graphql_spend(validation->graphql, 1); i++) {
		if (!str_eq(graphql_text(variables.items[i], GRAPHQL_VARIABLE), name))
			continue;
		validation->used_variables[i] = true;
		return variables.items[i];
	}
	return NULL;
}

static void fail_undefined(struct graphql_validation *validation, const struct json *value)
{
	struct str name = graphql_text(value, GRAPHQL_RAW);
	struct str operation = graphql_text(validation->operation, GRAPHQL_NAME);

	if (operation.len)
		graphql_fail(validation->graphql, value,
			"Variable \"$%.*s\" is not defined by operation \"%.*s\"", STR_FMT(name),
			STR_FMT(operation));
	else
		graphql_fail(validation->graphql, value, "Variable \"$%.*s\" is not defined", STR_FMT(name));
}

/* In a fragment by itself nobody knows what its variables are. */
static void check_variable(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	const struct json *variable, *type, *otherwise;
	struct str name = graphql_text(value, GRAPHQL_RAW);
	bool has_default;

	if (!validation->operation)
		return;
	variable = find_variable(validation, name);
	if (!variable) {
		fail_undefined(validation, value);
		return;
	}
	type = graphql_get(variable, GRAPHQL_TYPE);
	otherwise = graphql_get(variable, GRAPHQL_DEFAULT_VALUE);
	has_default = otherwise && graphql_value_of(otherwise) != GRAPHQL_VALUE_NULL;
	if (expected->type && !is_compatible(type, expected->type, has_default || expected->has_default))
		graphql_fail(validation->graphql, value,
			"Variable \"$%.*s\" of type \"%s\" used in position expecting type \"%s\"",
			STR_FMT(name), graphql_type_text(validation->graphql, type),
			graphql_type_text(validation->graphql, expected->type));
}

/* ---- objects ---- */

/* "@oneOf": one member, which is there. */
static void check_only_member(struct graphql_validation *validation, const struct json *value,
	const struct graphql_type *type)
{
	struct graphql_list children = graphql_items(value, GRAPHQL_CHILDREN);
	const struct json *child, *variable;
	struct str raw;

	if (children.count != 1) {
		graphql_fail(validation->graphql, value,
			"OneOf Input Object \"%.*s\" must specify exactly one key", STR_FMT(type->name));
		return;
	}
	child = graphql_get(children.items[0], GRAPHQL_VALUE);
	raw = graphql_text(child, GRAPHQL_RAW);
	if (graphql_value_of(child) == GRAPHQL_VALUE_NULL)
		graphql_fail(validation->graphql, child, "Field \"%.*s.%.*s\" must be non-null",
			STR_FMT(type->name), STR_FMT(graphql_text(children.items[0], GRAPHQL_NAME)));
	if (graphql_value_of(child) != GRAPHQL_VALUE_VARIABLE || !validation->operation)
		return;
	variable = find_variable(validation, raw);
	if (variable && !graphql_is(graphql_get(variable, GRAPHQL_TYPE), GRAPHQL_NON_NULL))
		graphql_fail(validation->graphql, child,
			"Variable \"%.*s\" must be non-nullable to be used for OneOf Input Object \"%.*s\"",
			STR_FMT(raw), STR_FMT(type->name));
}

static void check_needed_members(struct graphql_validation *validation, const struct json *value,
	const struct graphql_type *type)
{
	for (size_t i = 0; i < type->fields.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *field = type->fields.items[i], *wanted = graphql_get(field, GRAPHQL_TYPE);
		struct str name = graphql_text(field, GRAPHQL_NAME);

		if (!graphql_is(wanted, GRAPHQL_NON_NULL) || graphql_get(field, GRAPHQL_DEFAULT_VALUE) ||
				graphql_find(validation->graphql, graphql_items(value, GRAPHQL_CHILDREN),
					GRAPHQL_NAME, name))
			continue;
		graphql_fail(validation->graphql, value,
			"Field \"%.*s.%.*s\" of required type \"%s\" was not provided", STR_FMT(type->name),
			STR_FMT(name), graphql_type_text(validation->graphql, wanted));
	}
}

static void check_object(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	const struct graphql_type *type = expected->definition;
	struct graphql_list children = graphql_items(value, GRAPHQL_CHILDREN);

	if (type->kind != GRAPHQL_INPUT_OBJECT) {
		fail_type(validation, value, expected);
		return;
	}
	if (graphql_find(validation->graphql, graphql_list_of(&type->directives), GRAPHQL_NAME, STR("oneOf")))
		check_only_member(validation, value, type);
	check_needed_members(validation, value, type);
	for (size_t i = 0; i < children.count && graphql_spend(validation->graphql, 1); i++) {
		struct str name = graphql_text(children.items[i], GRAPHQL_NAME);

		if (!graphql_find(validation->graphql, graphql_list_of(&type->fields), GRAPHQL_NAME, name))
			graphql_fail(validation->graphql, children.items[i],
				"Field \"%.*s\" is not defined by type \"%.*s\"", STR_FMT(name),
				STR_FMT(type->name));
	}
}

/* ---- scalars ---- */

static bool is_double(struct graphql_validation *validation, struct str raw)
{
	struct rego_call *call = validation->graphql->call;
	const struct json *number = json_new_number(call->arena, raw);
	struct rego_float value;

	if (!number)
		return false;
	if (!rego_float_read(call, raw, DOUBLE_BITS, &value)) {
		graphql_stop(validation->graphql);
		return false;
	}
	return !value.mantissa || value.exponent <= DOUBLE_EXPONENT_MAX - MANTISSA_BITS;
}

static bool is_fitting_scalar(struct graphql_validation *validation, const struct json *value,
	const struct graphql_type *type)
{
	struct str raw = graphql_text(value, GRAPHQL_RAW);

	switch (graphql_value_of(value)) {
	case GRAPHQL_VALUE_INT:
		return is_one_of(type, (const char *const[]){ "Int", "Float", "ID", NULL }) &&
			is_int(raw, INT64_MIN, INT64_MAX);
	case GRAPHQL_VALUE_FLOAT:
		return is_one_of(type, (const char *const[]){ "Float", NULL }) && is_double(validation, raw);
	case GRAPHQL_VALUE_STRING:
	case GRAPHQL_VALUE_BLOCK:
		return is_one_of(type, (const char *const[]){ "String", "ID", NULL });
	case GRAPHQL_VALUE_BOOLEAN:
		return is_one_of(type, (const char *const[]){ "Boolean", NULL }) &&
			(str_eq(raw, STR("true")) || str_eq(raw, STR("false")));
	case GRAPHQL_VALUE_ENUM:
		return type->kind == GRAPHQL_ENUM;
	case GRAPHQL_VALUE_VARIABLE:
	case GRAPHQL_VALUE_NULL:
	case GRAPHQL_VALUE_LIST:
	case GRAPHQL_VALUE_OBJECT:
	default:
		return false;
	}
}

static void check_scalar(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	const struct graphql_type *type = expected->definition;

	if (!is_fitting_scalar(validation, value, type)) {
		fail_type(validation, value, expected);
		return;
	}
	if (graphql_value_of(value) == GRAPHQL_VALUE_ENUM && !graphql_find(validation->graphql,
			graphql_list_of(&type->values), GRAPHQL_NAME, graphql_text(value, GRAPHQL_RAW)))
		graphql_fail(validation->graphql, value, "Value \"%.*s\" does not exist in \"%s\" enum",
			STR_FMT(graphql_text(value, GRAPHQL_RAW)),
			graphql_type_text(validation->graphql, expected->type));
}

/* ---- values ---- */

static void check_value(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	static const char *const scalars[] = { "Int", "Float", "String", "Boolean", "ID", NULL };
	enum graphql_value kind = graphql_value_of(value);

	if (kind == GRAPHQL_VALUE_VARIABLE) {
		check_variable(validation, value, expected);
		return;
	}
	if (!expected->definition || !expected->type)
		return;
	if (kind == GRAPHQL_VALUE_NULL) {
		if (graphql_is(expected->type, GRAPHQL_NON_NULL))
			graphql_fail(validation->graphql, value, "Expected value of type \"%s\", found %s",
				graphql_type_text(validation->graphql, expected->type),
				graphql_value_text(validation->graphql, value));
	} else if (expected->definition->kind == GRAPHQL_SCALAR &&
			!is_one_of(expected->definition, scalars)) {
		return;
	} else if (kind == GRAPHQL_VALUE_LIST) {
		if (!graphql_get(expected->type, GRAPHQL_ELEM))
			fail_type(validation, value, expected);
	} else if (kind == GRAPHQL_VALUE_OBJECT) {
		check_object(validation, value, expected);
	} else {
		check_scalar(validation, value, expected);
	}
}

static struct graphql_expected expected_of_child(struct graphql_validation *validation,
	enum graphql_value kind, struct str name, const struct graphql_expected *expected)
{
	struct graphql_expected child = { .type = NULL };
	const struct json *field, *otherwise;

	if (kind == GRAPHQL_VALUE_LIST) {
		child.type = graphql_get(expected->type, GRAPHQL_ELEM);
		child.definition = child.type ? expected->definition : NULL;
		return child;
	}
	field = expected->definition ? graphql_find(validation->graphql,
		graphql_list_of(&expected->definition->fields), GRAPHQL_NAME, name) : NULL;
	otherwise = graphql_get(field, GRAPHQL_DEFAULT_VALUE);
	child.type = graphql_get(field, GRAPHQL_TYPE);
	child.definition = graphql_type_of(validation->schema, child.type);
	child.has_default = otherwise && graphql_value_of(otherwise) != GRAPHQL_VALUE_NULL;
	return child;
}

void graphql_validate_value(struct graphql_validation *validation, const struct json *value,
	const struct graphql_expected *expected)
{
	struct graphql_list children = graphql_items(value, GRAPHQL_CHILDREN);
	enum graphql_value kind = graphql_value_of(value);
	const struct json *repeated = NULL;

	for (size_t i = 0; i < children.count && graphql_spend(validation->graphql, 1); i++) {
		struct graphql_expected child = expected_of_child(validation, kind,
			graphql_text(children.items[i], GRAPHQL_NAME), expected);

		graphql_validate_value(validation, graphql_get(children.items[i], GRAPHQL_VALUE), &child);
	}
	if (kind == GRAPHQL_VALUE_OBJECT)
		repeated = graphql_repeated(validation->graphql, children, GRAPHQL_NAME);
	if (repeated)
		graphql_fail(validation->graphql, repeated,
			"There can be only one input field named \"%.*s\"",
			STR_FMT(graphql_text(repeated, GRAPHQL_NAME)));
	if (graphql_spend(validation->graphql, 1))
		check_value(validation, value, expected);
}
