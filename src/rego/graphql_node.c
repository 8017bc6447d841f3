// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_node.c - building and reading the nodes of GraphQL documents, and what is wrong with them
 *
 * The keys are constants that all nodes share: a document of many nodes pays for none of them, and looking
 * one up mostly compares addresses.
 */
#include "rego/graphql_internal.h"
#include "rego/text.h"

enum {
	FEW = 16,			/* names to compare with each other, without an index */
};

const struct json graphql_keys[GRAPHQL_KEY_COUNT] = {
#define GRAPHQL_KEY(name, literal) \
	[GRAPHQL_##name] = { .type = JSON_STRING, .text = { literal, sizeof(literal) - 1 } },
	GRAPHQL_KEYS(GRAPHQL_KEY)
#undef GRAPHQL_KEY
};

/* ---- reading ---- */

struct str graphql_text(const struct json *node, enum graphql_key key)
{
	const struct json *value = graphql_get(node, key);

	return value ? value->text : STR("");
}

struct graphql_list graphql_items(const struct json *node, enum graphql_key key)
{
	const struct json *value = graphql_get(node, key);

	return value ? (struct graphql_list){ value->array.items, value->array.count } :
		(struct graphql_list){ NULL, 0 };
}

bool graphql_is(const struct json *node, enum graphql_key key)
{
	const struct json *value = graphql_get(node, key);

	return value && value->boolean;
}

enum graphql_value graphql_value_of(const struct json *value)
{
	return (enum graphql_value)graphql_get(value, GRAPHQL_KIND)->integer;
}

const struct json *graphql_find(struct graphql *graphql, struct graphql_list list, enum graphql_key key,
	struct str name)
{
	for (size_t i = 0; i < list.count; i++) {
		if (!graphql_spend(graphql, 1))
			return NULL;
		if (str_eq(graphql_text(list.items[i], key), name))
			return list.items[i];
	}
	return NULL;
}

static const struct json *repeated_of_many(struct graphql *graphql, struct graphql_list list,
	enum graphql_key key)
{
	struct json_object_builder names;

	json_object_begin(&names, graphql->call->arena);
	for (size_t i = 0; i < list.count; i++)
		json_object_add_value(&names, graphql_get(list.items[i], key), list.items[i]);
	if (!json_object_end(&names) && !names.conflict)
		return graphql_stop(graphql);
	return names.conflict ? names.conflict->value : NULL;
}

const struct json *graphql_repeated(struct graphql *graphql, struct graphql_list list, enum graphql_key key)
{
	if (!graphql_spend(graphql, list.count))
		return NULL;
	if (list.count > FEW)
		return repeated_of_many(graphql, list, key);
	for (size_t i = 1; i < list.count; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(graphql_text(list.items[i], key), graphql_text(list.items[j], key)))
				return list.items[i];
	return NULL;
}

struct str graphql_type_name(const struct json *type)
{
	const struct json *element;

	while ((element = graphql_get(type, GRAPHQL_ELEM)))
		type = element;
	return graphql_text(type, GRAPHQL_NAMED_TYPE);
}

/* ---- building ---- */

void graphql_add_text(struct json_object_builder *node, enum graphql_key key, struct str text)
{
	static const struct json empty = { .type = JSON_STRING, .text = { "", 0 } };

	graphql_add(node, key, text.len ? json_new_string(node->arena, text) : &empty);
}

void graphql_add_bool(struct json_object_builder *node, enum graphql_key key, bool is_true)
{
	graphql_add(node, key, json_new_bool(node->arena, is_true));
}

void graphql_add_items(struct json_object_builder *node, enum graphql_key key,
	struct json_array_builder *items)
{
	if (items->count || items->failed)
		graphql_add(node, key, json_array_end(items));
}

const struct json *graphql_end(struct graphql *graphql, struct json_object_builder *node, uint32_t line,
	uint32_t column)
{
	const struct json *value = json_object_end(node);
	struct json *placed;

	if (graphql->is_over)
		return NULL;
	placed = value ? arena_alloc_raw(graphql->call->arena, sizeof(*placed)) : NULL;
	if (!placed)
		return graphql_stop(graphql);
	*placed = *value;
	placed->line = line;
	placed->column = column;
	return placed;
}

/* ---- ends ---- */

bool graphql_spend(struct graphql *graphql, uint64_t steps)
{
	if (!graphql->is_over && !rego_spend(graphql->call->budget, steps))
		graphql->is_over = true;
	return !graphql->is_over;
}

void *graphql_stop(struct graphql *graphql)
{
	graphql->is_over = true;
	return NULL;
}

static void fail(struct graphql *graphql, uint32_t line, uint32_t column, const char *fmt, va_list args)
	PRINTF_LIKE(4, 0);

static void fail(struct graphql *graphql, uint32_t line, uint32_t column, const char *fmt, va_list args)
{
	struct arena *arena = graphql->call->arena;
	const char *text;

	if (graphql->is_over)
		return;
	graphql->is_over = true;
	text = arena_vprintf(arena, fmt, args);
	if (text && line)
		text = arena_printf(arena, "%s in GraphQL %sstring at location %u:%u", text, graphql->what,
			line, column);
	graphql->wrong = text;
}

void *graphql_fail_at(struct graphql *graphql, uint32_t line, uint32_t column, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(graphql, line, column, fmt, args);
	va_end(args);
	return NULL;
}

void graphql_fail(struct graphql *graphql, const struct json *node, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fail(graphql, node ? node->line : 0, node ? node->column : 0, fmt, args);
	va_end(args);
}

/* ---- as text ---- */

static void add_type(struct rego_text *text, const struct json *type)
{
	const struct json *element = graphql_get(type, GRAPHQL_ELEM);

	if (element) {
		rego_text_add_char(text, '[');
		add_type(text, element);
		rego_text_add_char(text, ']');
	} else {
		rego_text_add_str(text, graphql_text(type, GRAPHQL_NAMED_TYPE));
	}
	if (graphql_is(type, GRAPHQL_NON_NULL))
		rego_text_add_char(text, '!');
}

static const char *end_text(struct graphql *graphql, struct rego_text *text)
{
	struct str whole;

	if (rego_text_end(text, &whole))
		return whole.data;
	graphql_stop(graphql);
	return "";
}

const char *graphql_type_text(struct graphql *graphql, const struct json *type)
{
	struct rego_text text = REGO_TEXT_INIT(graphql->call->arena);

	add_type(&text, type);
	return end_text(graphql, &text);
}

static void add_value(struct rego_text *text, const struct json *value)
{
	enum graphql_value kind = graphql_value_of(value);
	struct graphql_list children = graphql_items(value, GRAPHQL_CHILDREN);
	struct str raw = graphql_text(value, GRAPHQL_RAW);
	bool is_object = kind == GRAPHQL_VALUE_OBJECT;

	if (kind == GRAPHQL_VALUE_STRING || kind == GRAPHQL_VALUE_BLOCK) {
		rego_text_add_quoted(text, raw);
	} else if (is_object || kind == GRAPHQL_VALUE_LIST) {
		rego_text_add_char(text, is_object ? '{' : '[');
		for (size_t i = 0; i < children.count; i++) {
			rego_text_add_text(text, i ? "," : "");
			rego_text_add_str(text, graphql_text(children.items[i], GRAPHQL_NAME));
			rego_text_add_text(text, is_object ? ":" : "");
			add_value(text, graphql_get(children.items[i], GRAPHQL_VALUE));
		}
		rego_text_add_char(text, is_object ? '}' : ']');
	} else {
		rego_text_add_text(text, kind == GRAPHQL_VALUE_VARIABLE ? "$" : "");
		rego_text_add_str(text, raw);
	}
}

const char *graphql_value_text(struct graphql *graphql, const struct json *value)
{
	struct rego_text text = REGO_TEXT_INIT(graphql->call->arena);

	add_value(&text, value);
	return end_text(graphql, &text);
}
