// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_schema.c - the types that a GraphQL schema document makes
 *
 * A type is its definition with all extensions behind it, or extensions alone. In front of the document stand
 * the types and directives that every schema has; a document may say the directives anew. They are read from
 * a text once, and are kept where compiled patterns are (cache.h): values that nobody changes, in the arena
 * of the cache, which outlives the call. Reading them there is not paid for, so that what an evaluation may
 * do does not depend on who came first; where there is no cache, or no room in it, each call reads its own.
 *
 * Source: GraphQL, October 2021 edition, sections 3 and 4; for what is in front gqlparser, which has @defer
 * and @oneOf as well
 */
#include "rego/cache.h"
#include "rego/graphql_schema_internal.h"

#include <assert.h>

/* Introspection, as section 4.2 lists it. */
static const char prelude[] =
	"scalar Int scalar Float scalar String scalar Boolean scalar ID\n"
	"directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
	"directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
	"directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT\n"
	"directive @deprecated(reason: String = \"No longer supported\")\n"
	"  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE\n"
	"directive @specifiedBy(url: String!) on SCALAR\n"
	"directive @oneOf on INPUT_OBJECT\n"
	"type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type\n"
	"  subscriptionType: __Type directives: [__Directive!]! }\n"
	"type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String\n"
	"  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!]\n"
	"  possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!]\n"
	"  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean }\n"
	"enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }\n"
	"type __Field { name: String! description: String\n"
	"  args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type! isDeprecated: Boolean!\n"
	"  deprecationReason: String }\n"
	"type __InputValue { name: String! description: String type: __Type! defaultValue: String\n"
	"  isDeprecated: Boolean! deprecationReason: String }\n"
	"type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }\n"
	"type __Directive { name: String! description: String isRepeatable: Boolean!\n"
	"  locations: [__DirectiveLocation!]! args(includeDeprecated: Boolean = false): [__InputValue!]! }\n"
	"enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD\n"
	"  INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION\n"
	"  INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION }\n";

/* Fields that are never defined: of every type, and of the one that queries begin with. */
static const char meta[] =
	"type Meta { __typename: String! __schema: __Schema! __type(name: String!): __Type }";

enum {
	TEXT_STEPS_MAX = 100000,	/* far more than reading them takes */
};

static const char *const kinds[GRAPHQL_KIND_COUNT] = {
	[GRAPHQL_SCALAR] = "SCALAR",
	[GRAPHQL_OBJECT] = "OBJECT",
	[GRAPHQL_INTERFACE] = "INTERFACE",
	[GRAPHQL_UNION] = "UNION",
	[GRAPHQL_ENUM] = "ENUM",
	[GRAPHQL_INPUT_OBJECT] = "INPUT_OBJECT",
};

const char *graphql_kind_text(enum graphql_kind kind)
{
	return kinds[kind];
}

enum graphql_kind graphql_kind_of(struct str text)
{
	unsigned kind = 0;

	while (kind < GRAPHQL_KIND_COUNT && !str_eq(text, str_from(kinds[kind])))
		kind++;
	return (enum graphql_kind)kind;
}

struct graphql_type *graphql_type_find(const struct graphql_schema *schema, struct str name)
{
	const struct json *place = json_get_str(schema->index, name);

	return place ? &schema->types[place->integer] : NULL;
}

struct graphql_type *graphql_type_of(const struct graphql_schema *schema, const struct json *type)
{
	return type ? graphql_type_find(schema, graphql_type_name(type)) : NULL;
}

bool graphql_has_location(struct graphql *graphql, const struct json *directive, const char *location)
{
	struct graphql_list locations = graphql_items(directive, GRAPHQL_LOCATIONS);

	for (size_t i = 0; i < locations.count && graphql_spend(graphql, 1); i++)
		if (str_eq(locations.items[i]->text, str_from(location)))
			return true;
	return false;
}

/* ---- what every schema has ---- */

/* Both texts, read. */
struct rego_graphql {
	const struct json *prelude, *meta;
};

static bool read_texts(struct graphql *graphql, struct rego_graphql *ret)
{
	ret->prelude = graphql_parse_schema(graphql, (struct str){ prelude, sizeof(prelude) - 1 });
	ret->meta = graphql->is_over ? NULL :
		graphql_parse_schema(graphql, (struct str){ meta, sizeof(meta) - 1 });
	return !graphql->is_over;
}

/* Return: NULL where there is no room. */
static const struct rego_graphql *read_to_cache(const struct graphql *graphql)
{
	struct rego_cache *cache = graphql->call->cache;
	struct rego_call call = *graphql->call;
	struct graphql own = { .call = &call, .what = "" };
	struct rego_graphql *texts;
	struct rego_budget budget;

	rego_budget_init(&budget, TEXT_STEPS_MAX, NULL, NULL);
	call.budget = &budget;
	call.arena = rego_cache_begin(cache);
	texts = arena_alloc(call.arena, sizeof(*texts));
	return texts && read_texts(&own, texts) ? texts : NULL;
}

static bool take_texts(struct graphql *graphql, struct rego_graphql *ret)
{
	struct rego_cache *cache = graphql->call->cache;

	if (cache && cache->has_texts && !cache->graphql)
		cache->graphql = read_to_cache(graphql);
	if (!cache || !cache->has_texts || !cache->graphql)
		return read_texts(graphql, ret);
	*ret = *cache->graphql;
	return true;
}

/* ---- types ---- */

/* The schema while it is made: two documents, of which the first is the prelude. */
struct loader {
	struct graphql *graphql;
	struct graphql_schema *schema;
	const struct json *documents[2];
	const struct json *meta;
};

static struct graphql_type *add_type(struct loader *loader, const struct json *node, bool is_builtin)
{
	struct graphql_type *type = &loader->schema->types[loader->schema->type_count++];
	struct arena *arena = loader->graphql->call->arena;

	assert(loader->schema->types);
	*type = (struct graphql_type){
		.name = graphql_text(node, GRAPHQL_NAME),
		.kind = graphql_kind_of(graphql_text(node, GRAPHQL_KIND)),
		.node = node,
		.is_builtin = is_builtin || graphql_is(node, GRAPHQL_BUILT_IN),
	};
	json_array_begin(&type->fields, arena);
	json_array_begin(&type->interfaces, arena);
	json_array_begin(&type->members, arena);
	json_array_begin(&type->values, arena);
	json_array_begin(&type->directives, arena);
	return type;
}

static void append(struct json_array_builder *list, const struct json *node, enum graphql_key key)
{
	struct graphql_list items = graphql_items(node, key);

	for (size_t i = 0; i < items.count; i++)
		json_array_add(list, items.items[i]);
}

static void extend(struct loader *loader, struct graphql_type *type, const struct json *node)
{
	append(&type->fields, node, GRAPHQL_FIELDS);
	append(&type->interfaces, node, GRAPHQL_INTERFACES);
	append(&type->members, node, GRAPHQL_TYPES);
	append(&type->values, node, GRAPHQL_ENUM_VALUES);
	append(&type->directives, node, GRAPHQL_DIRECTIVES);
	if (type->fields.failed || type->interfaces.failed || type->members.failed || type->values.failed ||
			type->directives.failed)
		graphql_stop(loader->graphql);
}

/* Names of all types so far to their places. */
static bool index_types(struct loader *loader)
{
	struct graphql_schema *schema = loader->schema;
	struct arena *arena = loader->graphql->call->arena;
	struct json_object_builder index;

	json_object_begin(&index, arena);
	for (size_t i = 0; i < schema->type_count; i++)
		json_object_add_str(&index, schema->types[i].name, json_new_int(arena, (int64_t)i));
	schema->index = json_object_end(&index);
	if (schema->index)
		return true;
	if (index.conflict) {
		const struct graphql_type *type = &schema->types[index.conflict->value->integer];

		graphql_fail(loader->graphql, type->node, "Cannot redeclare type %.*s", STR_FMT(type->name));
		return false;
	}
	graphql_stop(loader->graphql);
	return false;
}

static void define_all(struct loader *loader)
{
	for (unsigned i = 0; i < ARRAY_SIZE(loader->documents); i++) {
		struct graphql_list list = graphql_items(loader->documents[i], GRAPHQL_DEFINITIONS);

		for (size_t j = 0; j < list.count && graphql_spend(loader->graphql, 1); j++)
			extend(loader, add_type(loader, list.items[j], i == 0), list.items[j]);
	}
}

/* Of extensions to nothing the first one makes the type. */
static void define_extended(struct loader *loader, struct graphql_list extensions)
{
	struct json_object_builder names;
	const struct json *first;

	json_object_begin(&names, loader->graphql->call->arena);
	for (size_t i = extensions.count; i-- > 0;)
		if (!graphql_type_find(loader->schema, graphql_text(extensions.items[i], GRAPHQL_NAME)))
			json_object_add_value(&names, graphql_get(extensions.items[i], GRAPHQL_NAME),
				extensions.items[i]);
	first = json_object_end_last(&names);
	if (!first)
		graphql_stop(loader->graphql);
	for (size_t i = 0; first && i < first->object.count; i++)
		(void)add_type(loader, first->object.members[i].value, false);
}

static void extend_all(struct loader *loader, struct graphql_list extensions)
{
	for (size_t i = 0; i < extensions.count && graphql_spend(loader->graphql, 1); i++) {
		const struct json *node = extensions.items[i];
		struct graphql_type *type = graphql_type_find(loader->schema,
			graphql_text(node, GRAPHQL_NAME));

		if (type->kind != graphql_kind_of(graphql_text(node, GRAPHQL_KIND))) {
			graphql_fail(loader->graphql, node,
				"Cannot extend type %.*s because the base type is a %s, not %.*s",
				STR_FMT(type->name), graphql_kind_text(type->kind),
				STR_FMT(graphql_text(node, GRAPHQL_KIND)));
			return;
		}
		extend(loader, type, node);
	}
}

static void load_types(struct loader *loader)
{
	struct graphql_list extensions = graphql_items(loader->documents[1], GRAPHQL_EXTENSIONS);
	size_t count = graphql_items(loader->documents[0], GRAPHQL_DEFINITIONS).count +
		graphql_items(loader->documents[1], GRAPHQL_DEFINITIONS).count + extensions.count;

	loader->schema->types = arena_alloc_array(loader->graphql->call->arena, count,
		sizeof(*loader->schema->types));
	if (!loader->schema->types) {
		graphql_stop(loader->graphql);
		return;
	}
	define_all(loader);
	if (loader->graphql->is_over || !index_types(loader))
		return;
	define_extended(loader, extensions);
	if (!loader->graphql->is_over && index_types(loader))
		extend_all(loader, extensions);
}

/* ---- which types a value may have ---- */

static void add_possible(struct loader *loader, struct graphql_type *type, struct graphql_type *possible)
{
	if (!type || !possible || !graphql_spend(loader->graphql, 1))
		return;
	type->possible = arena_grow(loader->graphql->call->arena, type->possible, type->possible_count,
		&type->possible_room, sizeof(struct graphql_type *));
	if (type->possible)
		type->possible[type->possible_count++] = possible;
	else
		graphql_stop(loader->graphql);
}

static void relate_types(struct loader *loader)
{
	struct graphql_schema *schema = loader->schema;

	for (size_t i = 0; i < schema->type_count && !loader->graphql->is_over; i++) {
		struct graphql_type *type = &schema->types[i];

		for (size_t j = 0; j < type->members.count && !loader->graphql->is_over; j++)
			add_possible(loader, type, graphql_type_find(schema, type->members.items[j]->text));
		for (size_t j = 0; j < type->interfaces.count && !loader->graphql->is_over; j++)
			add_possible(loader, graphql_type_find(schema, type->interfaces.items[j]->text),
				type);
		if (type->kind == GRAPHQL_OBJECT && !loader->graphql->is_over)
			add_possible(loader, type, type);
	}
}

/* ---- directives ---- */

static bool may_be_redeclared(struct str name)
{
	static const char *const names[] = {
		"include", "skip", "deprecated", "specifiedBy", "defer", "oneOf",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, str_from(names[i])))
			return true;
	return false;
}

static void load_directives(struct loader *loader)
{
	struct json_object_builder all, own;
	const struct json *names;

	json_object_begin(&all, loader->graphql->call->arena);
	json_object_begin(&own, loader->graphql->call->arena);
	for (unsigned i = 0; i < ARRAY_SIZE(loader->documents); i++) {
		struct graphql_list list = graphql_items(loader->documents[i], GRAPHQL_DIRECTIVES);

		for (size_t j = 0; j < list.count && graphql_spend(loader->graphql, 1); j++) {
			const struct json *name = graphql_get(list.items[j], GRAPHQL_NAME);

			json_object_add_value(&all, name, list.items[j]);
			if (!may_be_redeclared(name->text))
				json_object_add_value(&own, name, list.items[j]);
		}
	}
	names = json_object_end(&own);
	loader->schema->directives = json_object_end_last(&all);
	if (own.conflict)
		graphql_fail(loader->graphql, own.conflict->value, "Cannot redeclare directive %.*s",
			STR_FMT(own.conflict->key->text));
	else if (!names || !loader->schema->directives)
		graphql_stop(loader->graphql);
}

/* ---- where operations begin ---- */

static void take_entries(struct loader *loader, const struct json *node)
{
	struct graphql_list list = graphql_items(node, GRAPHQL_OPERATION_TYPES);

	for (size_t i = 0; i < list.count && graphql_spend(loader->graphql, 1); i++) {
		struct str operation = graphql_text(list.items[i], GRAPHQL_OPERATION);
		struct str name = graphql_text(list.items[i], GRAPHQL_TYPE);
		struct graphql_type *type = graphql_type_find(loader->schema, name);

		if (!type)
			graphql_fail(loader->graphql, list.items[i],
				"Schema root %.*s refers to a type %.*s that does not exist",
				STR_FMT(operation), STR_FMT(name));
		else if (str_eq(operation, STR("query")))
			loader->schema->query = type;
		else if (str_eq(operation, STR("mutation")))
			loader->schema->mutation = type;
		else
			loader->schema->subscription = type;
	}
}

static void load_entries(struct loader *loader)
{
	struct graphql_list entries = graphql_items(loader->documents[1], GRAPHQL_SCHEMA);
	struct graphql_list extensions = graphql_items(loader->documents[1], GRAPHQL_SCHEMA_EXTENSION);

	if (entries.count > 1)
		graphql_fail(loader->graphql, entries.items[1],
			"Cannot have multiple schema entry points, consider schema extensions instead");
	for (size_t i = 0; i < entries.count && !loader->graphql->is_over; i++)
		take_entries(loader, entries.items[i]);
	for (size_t i = 0; i < extensions.count && !loader->graphql->is_over; i++)
		take_entries(loader, extensions.items[i]);
}

/* Where the document does not say it, names do. */
static void guess_entries(struct graphql_schema *schema)
{
	if (!schema->query)
		schema->query = graphql_type_find(schema, STR("Query"));
	if (!schema->mutation)
		schema->mutation = graphql_type_find(schema, STR("Mutation"));
	if (!schema->subscription)
		schema->subscription = graphql_type_find(schema, STR("Subscription"));
}

static void add_meta(struct loader *loader)
{
	struct graphql_schema *schema = loader->schema;
	struct graphql_list types = graphql_items(loader->meta, GRAPHQL_DEFINITIONS);
	struct graphql_list fields = graphql_items(types.items[0], GRAPHQL_FIELDS);

	schema->type_name_field = fields.items[0];
	for (size_t i = 1; schema->query && i < fields.count; i++)
		json_array_add(&schema->query->fields, fields.items[i]);
	if (schema->query && schema->query->fields.failed)
		graphql_stop(loader->graphql);
}

bool graphql_schema_load(struct graphql *graphql, const struct json *document, struct graphql_schema *ret)
{
	struct loader loader = { .graphql = graphql, .schema = ret, .documents[1] = document };
	struct rego_graphql texts;

	*ret = (struct graphql_schema){ .type_count = 0 };
	if (!take_texts(graphql, &texts))
		return false;
	loader.documents[0] = texts.prelude;
	loader.meta = texts.meta;
	graphql->what = "schema ";
	load_types(&loader);
	if (!graphql->is_over)
		relate_types(&loader);
	if (!graphql->is_over)
		load_directives(&loader);
	if (!graphql->is_over)
		load_entries(&loader);
	if (graphql->is_over || !graphql_check(graphql, ret, document))
		return false;
	if (!graphql_items(document, GRAPHQL_SCHEMA).count)
		guess_entries(ret);
	add_meta(&loader);
	return !graphql->is_over;
}
