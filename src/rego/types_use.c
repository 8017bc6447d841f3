// SPDX-License-Identifier: Apache-2.0
/*
 * types_use.c - what stands at a key of a type, and whether two types have a value in common
 */
#include "rego/types.h"

bool rego_type_is_known(const struct rego_type *type)
{
	if (!type)
		return false;
	if (type->kind == REGO_TYPE_ANY)
		return true;
	for (size_t i = 0; i < type->count; i++)
		if (!rego_type_is_known(type->items[i]))
			return false;
	if (type->kind == REGO_TYPE_OBJECT && !type->key)
		return true;
	if (type->kind == REGO_TYPE_OBJECT && !rego_type_is_known(type->key))
		return false;
	return type->rest ? rego_type_is_known(type->rest) : type->kind != REGO_TYPE_SET;
}

/* ---- inside ---- */

/* Whether @type is @part, or a union that has it. */
static bool has(const struct rego_type *type, const struct rego_type *part)
{
	if (!type || type->kind != REGO_TYPE_ANY)
		return rego_type_compare(type, part) == 0;
	for (size_t i = 0; i < type->count; i++)
		if (rego_type_compare(type->items[i], part) == 0)
			return true;
	return !type->count;
}

static const struct rego_type *select_element(const struct rego_type *type, const struct json *key)
{
	if (key->type == JSON_NUMBER)
		return &rego_type_any;
	if (key->type != JSON_INT || key->integer < 0)
		return NULL;
	return (uint64_t)key->integer < type->count ? type->items[key->integer] : type->rest;
}

/* The type of a known member; Return: NULL where the key is none of those. */
static const struct rego_type *known_member(const struct rego_type *type, const struct json *key)
{
	size_t low = 0, high = type->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(type->keys[middle], key);

		if (r == 0)
			return type->items[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct rego_type *select_member(struct rego_types *types, const struct rego_type *type,
	const struct json *key)
{
	const struct rego_type *known = known_member(type, key);

	if (known || !type->key)
		return known;
	return has(type->key, rego_type_of(types, key)) ? type->rest : NULL;
}

static const struct rego_type *select_of_set(struct rego_types *types, const struct rego_type *type,
	const struct json *key)
{
	const struct rego_type *of = rego_type_of(types, key);

	return has(type->rest, of) ? of : NULL;
}

const struct rego_type *rego_type_select(struct rego_types *types, const struct rego_type *type,
	const struct json *key)
{
	const struct rego_type *result = NULL;

	if (!type)
		return NULL;
	if (!rego_types_step(types))
		return &rego_type_any;
	switch (type->kind) {
	case REGO_TYPE_ARRAY:
		return select_element(type, key);
	case REGO_TYPE_OBJECT:
		return select_member(types, type, key);
	case REGO_TYPE_SET:
		return select_of_set(types, type, key);
	case REGO_TYPE_ANY:
		for (size_t i = 0; i < type->count; i++)
			result = rego_type_or(types, result, rego_type_select(types, type->items[i], key));
		return type->count ? result : &rego_type_any;
	case REGO_TYPE_NULL:
	case REGO_TYPE_BOOLEAN:
	case REGO_TYPE_NUMBER:
	case REGO_TYPE_STRING:
	case REGO_TYPE_FUNCTION:
		break;
	}
	return NULL;
}

/* The keys or the values of an array or an object. */
static const struct rego_type *of_members(struct rego_types *types, const struct rego_type *type, bool is_key)
{
	const struct rego_type *result = NULL;

	if (is_key && type->kind == REGO_TYPE_ARRAY)
		return &rego_type_number;
	for (size_t i = 0; i < type->count; i++)
		result = rego_type_or(types, result,
			is_key ? rego_type_of(types, type->keys[i]) : type->items[i]);
	return rego_type_or(types, result, is_key ? type->key : type->rest);
}

static const struct rego_type *in_loop(struct rego_types *types, const struct rego_type *type, bool is_key)
{
	const struct rego_type *result = NULL;

	if (!type)
		return NULL;
	if (!rego_types_step(types))
		return &rego_type_any;
	switch (type->kind) {
	case REGO_TYPE_ARRAY:
	case REGO_TYPE_OBJECT:
		return of_members(types, type, is_key);
	case REGO_TYPE_SET:
		return type->rest;
	case REGO_TYPE_ANY:
		for (size_t i = 0; i < type->count; i++)
			result = rego_type_or(types, result, in_loop(types, type->items[i], is_key));
		return type->count ? result : &rego_type_any;
	case REGO_TYPE_NULL:
	case REGO_TYPE_BOOLEAN:
	case REGO_TYPE_NUMBER:
	case REGO_TYPE_STRING:
	case REGO_TYPE_FUNCTION:
		break;
	}
	return NULL;
}

const struct rego_type *rego_type_keys(struct rego_types *types, const struct rego_type *type)
{
	return in_loop(types, type, true);
}

const struct rego_type *rego_type_values(struct rego_types *types, const struct rego_type *type)
{
	return in_loop(types, type, false);
}

/* ---- two types ---- */

/* @a is a union. */
static bool some_unifies(struct rego_types *types, const struct rego_type *a, const struct rego_type *b)
{
	if (b->kind == REGO_TYPE_FUNCTION)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (rego_type_unifies(types, a->items[i], b))
			return true;
	return !a->count || (b->kind == REGO_TYPE_ANY && !b->count);
}

/* Both have the same items in front; where one has more, the other must have room for them. */
static bool arrays_unify(struct rego_types *types, const struct rego_type *a, const struct rego_type *b)
{
	size_t count = MAX(a->count, b->count);

	for (size_t i = 0; i < count; i++)
		if (!rego_type_unifies(types, i < a->count ? a->items[i] : a->rest,
				i < b->count ? b->items[i] : b->rest))
			return false;
	return !a->rest || !b->rest || rego_type_unifies(types, a->rest, b->rest);
}

/* The members of @a, or those that only @a knows: each pair once, or the work doubles per level. */
static bool members_unify(struct rego_types *types, const struct rego_type *a, const struct rego_type *b,
	bool only_a)
{
	for (size_t i = 0; i < a->count; i++)
		if (!(only_a && known_member(b, a->keys[i])) &&
				!rego_type_unifies(types, a->items[i],
					rego_type_select(types, b, a->keys[i])))
			return false;
	return true;
}

static bool objects_unify(struct rego_types *types, const struct rego_type *a, const struct rego_type *b)
{
	if (!members_unify(types, a, b, false) || !members_unify(types, b, a, true))
		return false;
	return !a->rest || !b->rest || rego_type_unifies(types, a->rest, b->rest);
}

static bool functions_unify(struct rego_types *types, const struct rego_type *a, const struct rego_type *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!rego_type_unifies(types, a->items[i], b->items[i]))
			return false;
	return true;
}

bool rego_type_unifies(struct rego_types *types, const struct rego_type *a, const struct rego_type *b)
{
	if (!a || !b)
		return false;
	if (a == b || !rego_types_step(types))
		return true;
	if (a->kind == REGO_TYPE_ANY)
		return some_unifies(types, a, b);
	if (b->kind == REGO_TYPE_ANY)
		return some_unifies(types, b, a);
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case REGO_TYPE_ARRAY:
		return arrays_unify(types, a, b);
	case REGO_TYPE_OBJECT:
		return objects_unify(types, a, b);
	case REGO_TYPE_SET:
		return rego_type_unifies(types, a->rest, b->rest);
	case REGO_TYPE_FUNCTION:
		return functions_unify(types, a, b);
	case REGO_TYPE_ANY:
	case REGO_TYPE_NULL:
	case REGO_TYPE_BOOLEAN:
	case REGO_TYPE_NUMBER:
	case REGO_TYPE_STRING:
		break;
	}
	return true;
}
