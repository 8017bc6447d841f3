// SPDX-License-Identifier: Apache-2.0
/*
 * schema_check.c - whether a value is a JSON Schema that can be used
 *
 * Each keyword has one shape that its value must have, a row of the table below. Keywords that nobody knows
 * are passed by, as the standard wants it; so are those that only describe ("title", "default", "$comment").
 * What is found here is what schema_match.c need not look for: it takes a keyword's value for what the row
 * says.
 *
 * The walk goes through the schema once, and once more into everything that a reference leads to, since that
 * may be a place which no keyword leads to ("#/x/y").
 */
#include "rego/number.h"
#include "rego/pattern.h"
#include "rego/schema.h"
#include "rego/text.h"
#include "rego/uri.h"

enum shape {
	SCHEMA,				/* an object, true or false */
	SCHEMAS,			/* a list of them, not empty */
	SCHEMA_MAP,			/* an object of them */
	ITEMS,				/* one, or a list of them */
	DEPENDENCIES,			/* an object of schemas and lists of names */
	PATTERN_MAP,			/* an object of schemas by pattern */
	TYPES,				/* one name of a type, or a list of different ones */
	COUNT,				/* an integer, 0 or more */
	NUMBER,
	POSITIVE,			/* a number above 0 */
	BOUND,				/* a number, or as in draft 4 a boolean */
	BOOLEAN,
	TEXT,
	PATTERN,
	NAMES,				/* a list of different strings */
	LIST,
	REFERENCE,
};

static const struct keyword {
	const char *name;
	enum shape shape;
} keywords[] = {
	{ "$ref", REFERENCE },
	{ "additionalItems", SCHEMA },
	{ "additionalProperties", SCHEMA },
	{ "allOf", SCHEMAS },
	{ "anyOf", SCHEMAS },
	{ "contains", SCHEMA },
	{ "definitions", SCHEMA_MAP },
	{ "$defs", SCHEMA_MAP },
	{ "dependencies", DEPENDENCIES },
	{ "else", SCHEMA },
	{ "enum", LIST },
	{ "exclusiveMaximum", BOUND },
	{ "exclusiveMinimum", BOUND },
	{ "format", TEXT },
	{ "if", SCHEMA },
	{ "items", ITEMS },
	{ "maxItems", COUNT },
	{ "maxLength", COUNT },
	{ "maxProperties", COUNT },
	{ "maximum", NUMBER },
	{ "minItems", COUNT },
	{ "minLength", COUNT },
	{ "minProperties", COUNT },
	{ "minimum", NUMBER },
	{ "multipleOf", POSITIVE },
	{ "not", SCHEMA },
	{ "oneOf", SCHEMAS },
	{ "pattern", PATTERN },
	{ "patternProperties", PATTERN_MAP },
	{ "properties", SCHEMA_MAP },
	{ "propertyNames", SCHEMA },
	{ "required", NAMES },
	{ "then", SCHEMA },
	{ "type", TYPES },
	{ "uniqueItems", BOOLEAN },
};

static const char *const types[] = { "array", "boolean", "integer", "number", "null", "object", "string" };

/* What a reference led to. */
struct target {
	const struct json *schema;
	const struct target *before;
};

struct check {
	struct rego_call *call;
	const struct json *root;
	const struct target *targets;
	struct str *what;
	unsigned depth;			/* of references */
};

/* All below give false where the walk is to end: something is wrong, or the evaluation is over. */

static bool wrong(struct check *check, const char *before, const char *name, const char *after)
{
	struct rego_text text = REGO_TEXT_INIT(check->call->arena);

	rego_text_add_text(&text, before);
	rego_text_add_text(&text, name);
	rego_text_add_text(&text, after);
	if (!rego_text_end(&text, check->what))
		(void)rego_stopped(check->call);
	return false;
}

static bool look_at_schema(struct check *check, const char *name, const struct json *schema);

static bool look_at_all(struct check *check, const char *name, const struct json *list)
{
	if (list->type != JSON_ARRAY || !list->array.count)
		return wrong(check, "", name, " must be of an array of valid schemas");
	for (size_t i = 0; i < list->array.count; i++)
		if (!look_at_schema(check, name, list->array.items[i]))
			return false;
	return true;
}

static bool look_at_map(struct check *check, const char *name, const struct json *map)
{
	if (map->type != JSON_OBJECT)
		return wrong(check, "", name, " must be of an object");
	for (size_t i = 0; i < map->object.count; i++)
		if (!look_at_schema(check, name, map->object.members[i].value))
			return false;
	return true;
}

static bool look_at_names(struct check *check, const char *name, const struct json *list)
{
	if (list->type != JSON_ARRAY)
		return wrong(check, "", name, " must be of an array");
	for (size_t i = 0; i < list->array.count; i++) {
		if (list->array.items[i]->type != JSON_STRING)
			return wrong(check, "", name, " items must be string");
		if (!rego_spend(check->call->budget, 1 + i))
			return false;
		for (size_t j = 0; j < i; j++)
			if (json_equal(list->array.items[i], list->array.items[j]))
				return wrong(check, "", name, " items must be unique");
	}
	return true;
}

static bool look_at_dependencies(struct check *check, const char *name, const struct json *map)
{
	if (map->type != JSON_OBJECT)
		return wrong(check, "", name, " must be of an object");
	for (size_t i = 0; i < map->object.count; i++) {
		const struct json *one = map->object.members[i].value;

		if (one->type == JSON_ARRAY ? !look_at_names(check, name, one) :
				!look_at_schema(check, name, one))
			return false;
	}
	return true;
}

static bool look_at_pattern(struct check *check, const char *name, struct str text)
{
	struct rego_pattern pattern;

	if (rego_pattern_regex(check->call, text, &pattern))
		return true;
	if (!check->call->error)
		return false;
	check->call->error = NULL;
	return wrong(check, "", name, " must be a valid regex");
}

static bool look_at_patterns(struct check *check, const char *name, const struct json *map)
{
	if (!look_at_map(check, name, map))
		return false;
	for (size_t i = 0; i < map->object.count; i++)
		if (!look_at_pattern(check, name, map->object.members[i].key->text))
			return false;
	return true;
}

/* ---- types ---- */

static bool look_at_type(struct check *check, const struct json *name)
{
	struct rego_text text = REGO_TEXT_INIT(check->call->arena);

	if (name->type != JSON_STRING)
		return wrong(check, "", "type", " must be of a string/array of strings");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(name->text, str_from(types[i])))
			return true;
	rego_text_add_text(&text, "has a primitive type that is NOT VALID -- given: /");
	rego_text_add_str(&text, name->text);
	rego_text_add_text(&text, "/ Expected valid values are:"
				  "[array boolean integer number null object string]");
	if (!rego_text_end(&text, check->what))
		(void)rego_stopped(check->call);
	return false;
}

static bool look_at_types(struct check *check, const struct json *value)
{
	if (value->type != JSON_ARRAY)
		return look_at_type(check, value);
	for (size_t i = 0; i < value->array.count; i++) {
		if (!look_at_type(check, value->array.items[i]))
			return false;
		for (size_t j = 0; j < i; j++)
			if (json_equal(value->array.items[i], value->array.items[j]))
				return wrong(check, "", value->array.items[i]->text.data,
					" type is duplicated");
	}
	return true;
}

/* ---- values that are no schemas ---- */

static bool is_above(const struct json *value, int64_t limit)
{
	struct json bound = { .type = JSON_INT, .integer = limit };

	return json_compare(value, &bound) > 0;
}

static bool look_at_number(struct check *check, const struct keyword *keyword, const struct json *value)
{
	if (keyword->shape == BOUND && value->type == JSON_BOOL)
		return true;
	if (!rego_is_number(value))
		return wrong(check, "", keyword->name, " must be of a number");
	if (keyword->shape == POSITIVE && !is_above(value, 0))
		return wrong(check, "", keyword->name, " must be strictly greater than 0");
	return true;
}

static bool look_at_count(struct check *check, const char *name, const struct json *value)
{
	struct rego_number number = { .is_integer = false };

	if (rego_is_number(value) && !rego_number_read(check->call, value, &number))
		return false;
	if (!number.is_integer)
		return wrong(check, "", name, " must be of an integer");
	return !number.as_integer.is_negative ||
	       wrong(check, "", name, " must be greater than or equal to 0");
}

static bool look_at_target(struct check *check, const struct json *schema)
{
	struct target *target = arena_alloc(check->call->arena, sizeof(*target));
	bool is_fine;

	for (const struct target *one = check->targets; one; one = one->before) {
		if (!rego_spend(check->call->budget, 1))
			return false;
		if (one->schema == schema)
			return true;
	}
	if (check->depth == REGO_SCHEMA_DEPTH_MAX)
		return wrong(check, "", "$ref", " leads on too often");
	if (!target)
		return rego_stopped(check->call) != REGO_ANSWER_STOP;
	*target = (struct target){ .schema = schema, .before = check->targets };
	check->targets = target;
	check->depth++;
	is_fine = look_at_schema(check, "$ref", schema);
	check->depth--;
	return is_fine;
}

static bool look_at_reference(struct check *check, const struct json *value)
{
	const struct json *schema;

	if (value->type != JSON_STRING)
		return wrong(check, "", "$ref", " must be of a string");
	if (!rego_schema_refer(check->call, check->root, value->text, &schema))
		return false;
	if (!schema)
		return wrong(check, "Reference ", value->text.data,
			" leads out of the schema or to nothing in it");
	return look_at_target(check, schema);
}

static bool look_at_keyword(struct check *check, const struct keyword *keyword, const struct json *value)
{
	switch (keyword->shape) {
	case SCHEMA:
		return look_at_schema(check, keyword->name, value);
	case SCHEMAS:
		return look_at_all(check, keyword->name, value);
	case SCHEMA_MAP:
		return look_at_map(check, keyword->name, value);
	case ITEMS:
		return value->type == JSON_ARRAY ? look_at_all(check, keyword->name, value) :
			look_at_schema(check, keyword->name, value);
	case DEPENDENCIES:
		return look_at_dependencies(check, keyword->name, value);
	case PATTERN_MAP:
		return look_at_patterns(check, keyword->name, value);
	case TYPES:
		return look_at_types(check, value);
	case COUNT:
		return look_at_count(check, keyword->name, value);
	case NUMBER:
	case POSITIVE:
	case BOUND:
		return look_at_number(check, keyword, value);
	case BOOLEAN:
		return value->type == JSON_BOOL ||
		       wrong(check, "", keyword->name, " must be of a boolean");
	case TEXT:
		return value->type == JSON_STRING ||
		       wrong(check, "", keyword->name, " must be of a string");
	case PATTERN:
		if (value->type != JSON_STRING)
			return wrong(check, "", keyword->name, " must be of a string");
		return look_at_pattern(check, keyword->name, value->text);
	case NAMES:
		return look_at_names(check, keyword->name, value);
	case LIST:
		return value->type == JSON_ARRAY ||
		       wrong(check, "", keyword->name, " must be of an array");
	case REFERENCE:
		return look_at_reference(check, value);
	}
	return false;
}

/* ---- two keywords together ---- */

static bool look_at_order(struct check *check, const struct json *schema)
{
	static const char *const pairs[][2] = {
		{ "minLength", "maxLength" }, { "minItems", "maxItems" },
		{ "minProperties", "maxProperties" }, { "minimum", "maximum" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct json *low = json_get(schema, pairs[i][0]), *high = json_get(schema, pairs[i][1]);

		if (low && high && json_compare(low, high) > 0)
			return wrong(check, pairs[i][0], " cannot be greater than ", pairs[i][1]);
	}
	return true;
}

static bool look_at_schema(struct check *check, const char *name, const struct json *schema)
{
	bool is_fine = true;

	if (schema->type == JSON_BOOL)
		return true;
	if (schema->type != JSON_OBJECT)
		return wrong(check, "", name, " must be of a valid schema");
	if (!rego_spend(check->call->budget, 1 + ARRAY_SIZE(keywords)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keywords) && is_fine; i++) {
		const struct json *value = json_get(schema, keywords[i].name);

		is_fine = !value || look_at_keyword(check, &keywords[i], value);
	}
	return is_fine && look_at_order(check, schema);
}

bool rego_schema_refer(struct rego_call *call, const struct json *root, struct str reference,
	const struct json **ret)
{
	const char *error = "";
	struct str pointer;

	*ret = NULL;
	if (!rego_spend(call->budget, 1 + reference.len))
		return false;
	if (!str_starts_with(reference, STR("#")))
		return true;
	reference = (struct str){ reference.data + 1, reference.len - 1 };
	if (rego_uri_unescape(call->arena, reference, REGO_URI_FRAGMENT, &pointer, &error) >= 0)
		*ret = json_pointer(root, pointer);
	return error || rego_stopped(call) != REGO_ANSWER_STOP;
}

bool rego_schema_check(struct rego_call *call, const struct json *schema, struct str *ret)
{
	struct check check = { .call = call, .root = schema, .what = ret };

	*ret = STR("");
	return look_at_schema(&check, "schema", schema) || (!call->budget->stop && ret->len);
}
