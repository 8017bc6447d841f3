// SPDX-License-Identifier: Apache-2.0
/*
 * schema_type.c - JSON Schemas as types of documents
 *
 * A schema is read from its root, and a reference as if what it leads to stood in its place. References may
 * go in circles, and may double at each step; so the way down is no longer than a type is high, and all of it
 * takes steps out of one budget. What lies beyond is `any`.
 */
#include "rego/schema_type.h"

#include <errno.h>

struct reader {
	struct rego_types *types;
	const struct json *root;
	unsigned steps, depth;
	const char *what;		/* is wrong; NULL: nothing so far */
};

static const struct rego_type *type_of(struct reader *in, const struct json *schema);
static const struct rego_type *of_object(struct reader *in, const struct json *schema);

static const struct rego_type *refuse(struct reader *in, const char *what)
{
	in->what = in->what ? in->what : what;
	return &rego_type_any;
}

/* ---- words ---- */

/* Of a shape that types cannot say. */
static bool has_more(const struct json *schema)
{
	static const char *const words[] = {
		"not", "if", "patternProperties", "prefixItems", "dependentSchemas", "propertyNames",
		"additionalItems", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef",
		"$recursiveRef",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (json_get(schema, words[i]))
			return true;
	return false;
}

/* anyOf, oneOf: whatever one of them accepts, or what the schema around them says of members. */
static const struct rego_type *one_of(struct reader *in, const struct json *schema, const struct json *list)
{
	const struct rego_type *type = json_get(schema, "properties") ? of_object(in, schema) : NULL;

	if (list->type != JSON_ARRAY || !list->array.count)
		return refuse(in, "anyOf and oneOf want a list of schemas");
	for (size_t i = 0; i < list->array.count; i++)
		type = rego_type_or(in->types, type, type_of(in, list->array.items[i]));
	return type ? type : &rego_type_any;
}

/*
 * What is both: the members of two objects. Anything else that is not one and the same may be whatever it is.
 */
static const struct rego_type *join(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b)
{
	const struct rego_type *items[TYPE_SIZE_MAX];
	const struct json *keys[TYPE_SIZE_MAX];
	size_t count = 0, i = 0, j = 0;

	if (!a || !rego_type_compare(a, b))
		return b;
	if (a->kind != REGO_TYPE_OBJECT || b->kind != REGO_TYPE_OBJECT ||
			a->count + b->count >= TYPE_SIZE_MAX)
		return &rego_type_any;
	while (i < a->count || j < b->count) {
		int r = i == a->count ? 1 : j == b->count ? -1 : json_compare(a->keys[i], b->keys[j]);

		keys[count] = r <= 0 ? a->keys[i] : b->keys[j];
		items[count++] = r < 0 ? a->items[i] : r > 0 ? b->items[j] :
			join(types, a->items[i], b->items[j]);
		i += r <= 0;
		j += r >= 0;
	}
	return rego_type_object(types, keys, items, count, a->key && b->key ? a->key : NULL,
		a->key && b->key ? rego_type_or(types, a->rest, b->rest) : NULL);
}

/* allOf, and what the schema around it says of members. */
static const struct rego_type *all_of(struct reader *in, const struct json *schema, const struct json *list)
{
	const struct rego_type *type = json_get(schema, "properties") ? of_object(in, schema) : NULL;

	if (list->type != JSON_ARRAY || !list->array.count)
		return refuse(in, "allOf wants a list of schemas");
	for (size_t i = 0; i < list->array.count; i++)
		type = join(in->types, type, type_of(in, list->array.items[i]));
	return type ? type : &rego_type_any;
}

/* enum: the kinds of its values. */
static const struct rego_type *of_values(struct reader *in, const struct json *list)
{
	const struct rego_type *type = NULL;

	if (list->type != JSON_ARRAY || !list->array.count)
		return refuse(in, "enum wants a list of values");
	for (size_t i = 0; i < list->array.count; i++)
		type = rego_type_or(in->types, type, rego_type_of(in->types, list->array.items[i]));
	return type ? type : &rego_type_any;
}

static const struct rego_type *referred(struct reader *in, const struct json *reference)
{
	const struct json *schema;

	if (reference->type != JSON_STRING || !str_starts_with(reference->text, STR("#")))
		return refuse(in, "$ref leads out of the document");
	schema = json_pointer(in->root,
		(struct str){ reference->text.data + 1, reference->text.len - 1 });
	return schema ? type_of(in, schema) : refuse(in, "$ref leads nowhere");
}

/* ---- lists ---- */

static const struct rego_type *of_items(struct reader *in, const struct json *schema)
{
	const struct json *items = json_get(schema, "items");

	/* Before 2020-12, a list of schemas for the first items. */
	if (!items || items->type == JSON_ARRAY)
		return rego_type_array(in->types, NULL, 0, &rego_type_any);
	return rego_type_array(in->types, NULL, 0, type_of(in, items));
}

/* What may stand besides the properties; NULL: nothing. */
static const struct rego_type *of_others(struct reader *in, const struct json *schema, bool has_properties)
{
	const struct json *others = json_get(schema, "additionalProperties");

	if (!others)
		return has_properties ? NULL : &rego_type_any;
	if (others->type == JSON_BOOL)
		return others->boolean ? &rego_type_any : NULL;
	return type_of(in, others);
}

static const struct rego_type *of_object(struct reader *in, const struct json *schema)
{
	const struct json *properties = json_get(schema, "properties");
	const struct rego_type *items[TYPE_SIZE_MAX], *others = of_others(in, schema, properties);
	const struct json *keys[TYPE_SIZE_MAX];
	size_t count = 0;

	if (properties && properties->type != JSON_OBJECT)
		return refuse(in, "properties wants an object");
	if (properties && properties->object.count >= TYPE_SIZE_MAX)
		return rego_type_object(in->types, NULL, NULL, 0, &rego_type_any, &rego_type_any);
	for (; properties && count < properties->object.count; count++) {
		keys[count] = properties->object.members[count].key;
		items[count] = type_of(in, properties->object.members[count].value);
	}
	return rego_type_object(in->types, keys, items, count, others ? &rego_type_string : NULL, others);
}

/* ---- the word `type` ---- */

static const struct rego_type *of_name(struct reader *in, const struct json *schema, struct str name)
{
	if (str_eq(name, STR("object")))
		return of_object(in, schema);
	if (str_eq(name, STR("array")))
		return of_items(in, schema);
	if (str_eq(name, STR("string")))
		return &rego_type_string;
	if (str_eq(name, STR("integer")) || str_eq(name, STR("number")))
		return &rego_type_number;
	if (str_eq(name, STR("boolean")))
		return &rego_type_boolean;
	if (str_eq(name, STR("null")))
		return &rego_type_null;
	return refuse(in, "type is none of JSON's");
}

static const struct rego_type *named(struct reader *in, const struct json *schema, const struct json *name)
{
	const struct rego_type *type = NULL;

	if (name->type == JSON_STRING)
		return of_name(in, schema, name->text);
	if (name->type != JSON_ARRAY || !name->array.count)
		return refuse(in, "type wants a name, or a list of names");
	for (size_t i = 0; i < name->array.count; i++) {
		if (name->array.items[i]->type != JSON_STRING)
			return refuse(in, "type wants a name, or a list of names");
		type = rego_type_or(in->types, type, of_name(in, schema, name->array.items[i]->text));
	}
	return type;
}

/* ---- the whole ---- */

/* The words of which one says what a schema is about, as far as there are several: the first of these. */
static const struct rego_type *by_words(struct reader *in, const struct json *schema)
{
	const struct json *word;

	if (has_more(schema))
		return &rego_type_any;
	word = json_get(schema, "$ref");
	if (word)
		return referred(in, word);
	word = json_get(schema, "anyOf");
	word = word ? word : json_get(schema, "oneOf");
	if (word)
		return one_of(in, schema, word);
	word = json_get(schema, "allOf");
	if (word)
		return all_of(in, schema, word);
	word = json_get(schema, "type");
	if (word)
		return named(in, schema, word);
	word = json_get(schema, "const");
	if (word)
		return rego_type_of(in->types, word);
	word = json_get(schema, "enum");
	if (word)
		return of_values(in, word);
	if (json_get(schema, "properties"))
		return of_object(in, schema);
	return json_get(schema, "items") ? of_items(in, schema) : &rego_type_any;
}

static const struct rego_type *type_of(struct reader *in, const struct json *schema)
{
	const struct rego_type *type;

	if (schema->type == JSON_BOOL)
		return &rego_type_any;
	if (schema->type != JSON_OBJECT)
		return refuse(in, "a schema is an object, or true or false");
	if (!in->steps || in->depth >= TYPE_HEIGHT_MAX || in->what)
		return &rego_type_any;
	in->steps--;
	in->depth++;
	type = by_words(in, schema);
	in->depth--;
	return type;
}

int rego_type_of_schema(struct rego_types *types, const struct json *schema, const struct rego_type **ret,
	const char **ret_what)
{
	struct reader in = { .types = types, .root = schema, .steps = REGO_SCHEMA_STEPS_MAX };
	const struct rego_type *type = type_of(&in, schema);

	if (in.what) {
		*ret_what = in.what;
		return -EBADMSG;
	}
	*ret = type;
	return 0;
}
