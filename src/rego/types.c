// SPDX-License-Identifier: Apache-2.0
/*
 * types.c - making types, their order, and unions
 *
 * A type knows its height and how many parts it has, each counted as often as it is reached, so no type can
 * cost more than its size to walk. What would pass a limit keeps its kind and forgets the rest: a large
 * object is still an object.
 */
#include "rego/types.h"

#define PLAIN(what) { .kind = (what), .height = 1, .size = 1 }

const struct rego_type rego_type_any = PLAIN(REGO_TYPE_ANY), rego_type_null = PLAIN(REGO_TYPE_NULL),
	rego_type_boolean = PLAIN(REGO_TYPE_BOOLEAN), rego_type_number = PLAIN(REGO_TYPE_NUMBER),
	rego_type_string = PLAIN(REGO_TYPE_STRING);

/* What is left of an array, a set, an object that is too large. */
static const struct rego_type any_array = {
	.kind = REGO_TYPE_ARRAY, .height = 2, .size = 2, .rest = &rego_type_any,
};
static const struct rego_type any_set = {
	.kind = REGO_TYPE_SET, .height = 2, .size = 2, .rest = &rego_type_any,
};
static const struct rego_type any_object = {
	.kind = REGO_TYPE_OBJECT, .height = 2, .size = 3, .key = &rego_type_any, .rest = &rego_type_any,
};

bool rego_types_step(struct rego_types *types)
{
	if (!types->steps)
		return false;
	types->steps--;
	return true;
}

/* ---- making ---- */

struct extent {
	size_t size;
	unsigned height;
};

static void count_in(struct extent *extent, const struct rego_type *part)
{
	extent->size += part ? part->size : 1;
	extent->height = MAX(extent->height, part ? part->height : 1u);
}

/* The outline of a type whose parts @parts names; Return: NULL where a limit would be passed. */
static struct rego_type *new_type(struct rego_types *types, const struct rego_type *parts)
{
	struct extent extent = { .size = 1 };
	struct rego_type *type;

	for (size_t i = 0; i < parts->count && extent.size <= TYPE_SIZE_MAX; i++)
		count_in(&extent, parts->items[i]);
	if (parts->key)
		count_in(&extent, parts->key);
	if (parts->key || parts->rest)
		count_in(&extent, parts->rest);
	if (extent.size > TYPE_SIZE_MAX || extent.height >= TYPE_HEIGHT_MAX || !types->steps)
		return NULL;
	type = arena_alloc(types->arena, sizeof(*type));
	if (!type) {
		types->steps = 0;
		return NULL;
	}
	*type = *parts;
	type->size = (uint16_t)extent.size;
	type->height = (uint16_t)(extent.height + 1);
	return type;
}

/* Return: a copy of pointers, or NULL where the arena is full. */
static const void *keep(struct rego_types *types, const void *pointers, size_t count)
{
	void *copy = arena_alloc_array(types->arena, count, sizeof(void *));

	if (copy && count)
		memcpy(copy, pointers, count * sizeof(void *));
	if (!copy)
		types->steps = 0;
	return copy;
}

const struct rego_type *rego_type_array(struct rego_types *types, const struct rego_type *const *items,
	size_t count, const struct rego_type *rest)
{
	struct rego_type parts = { .kind = REGO_TYPE_ARRAY, .items = items, .count = count, .rest = rest };
	struct rego_type *type = new_type(types, &parts);

	if (!type)
		return &any_array;
	type->items = keep(types, items, count);
	return type->items ? type : &any_array;
}

const struct rego_type *rego_type_set(struct rego_types *types, const struct rego_type *of)
{
	struct rego_type parts = { .kind = REGO_TYPE_SET, .rest = of };
	const struct rego_type *type = new_type(types, &parts);

	return type ? type : &any_set;
}

const struct rego_type *rego_type_object(struct rego_types *types, const struct json *const *keys,
	const struct rego_type *const *items, size_t count, const struct rego_type *key,
	const struct rego_type *rest)
{
	struct rego_type parts = {
		.kind = REGO_TYPE_OBJECT, .items = items, .count = count, .key = key, .rest = rest,
	};
	struct rego_type *type = new_type(types, &parts);

	if (!type)
		return &any_object;
	type->items = keep(types, items, count);
	type->keys = keep(types, keys, count);
	return type->items && type->keys ? type : &any_object;
}

const struct rego_type *rego_type_function(struct rego_types *types, const struct rego_type *const *items,
	size_t count, const struct rego_type *result)
{
	struct rego_type parts = { .kind = REGO_TYPE_FUNCTION, .items = items, .count = count,
		.rest = result };
	struct rego_type *type = new_type(types, &parts);

	if (!type)
		return &rego_type_any;
	type->items = keep(types, items, count);
	return type->items ? type : &rego_type_any;
}

static const struct rego_type *new_union(struct rego_types *types, const struct rego_type *const *items,
	size_t count)
{
	struct rego_type parts = { .kind = REGO_TYPE_ANY, .items = items, .count = count };
	struct rego_type *type = new_type(types, &parts);

	if (!type)
		return &rego_type_any;
	type->items = keep(types, items, count);
	return type->items ? type : &rego_type_any;
}

/* ---- of values ---- */

static const struct rego_type *of_array(struct rego_types *types, const struct json *value)
{
	const struct rego_type *items[TYPE_SIZE_MAX];

	if (value->array.count >= TYPE_SIZE_MAX || !value->array.count)
		return &any_array;
	for (size_t i = 0; i < value->array.count; i++)
		items[i] = rego_type_of(types, value->array.items[i]);
	return rego_type_array(types, items, value->array.count, NULL);
}

static const struct rego_type *of_object(struct rego_types *types, const struct json *value)
{
	const struct rego_type *items[TYPE_SIZE_MAX];
	const struct json *keys[TYPE_SIZE_MAX];

	if (value->object.count >= TYPE_SIZE_MAX || !value->object.count)
		return &any_object;
	for (size_t i = 0; i < value->object.count; i++) {
		keys[i] = value->object.members[i].key;
		items[i] = rego_type_of(types, value->object.members[i].value);
	}
	return rego_type_object(types, keys, items, value->object.count, NULL, NULL);
}

static const struct rego_type *of_set(struct rego_types *types, const struct json *value)
{
	const struct rego_type *of = NULL;

	for (size_t i = 0; i < value->array.count && of != &rego_type_any; i++)
		of = rego_type_or(types, of, rego_type_of(types, value->array.items[i]));
	return rego_type_set(types, of ? of : &rego_type_any);
}

const struct rego_type *rego_type_of(struct rego_types *types, const struct json *value)
{
	if (!rego_types_step(types) || value->height >= TYPE_HEIGHT_MAX)
		return &rego_type_any;
	switch (value->type) {
	case JSON_NULL:
		return &rego_type_null;
	case JSON_BOOL:
		return &rego_type_boolean;
	case JSON_INT:
	case JSON_NUMBER:
		return &rego_type_number;
	case JSON_STRING:
		return &rego_type_string;
	case JSON_ARRAY:
		return of_array(types, value);
	case JSON_OBJECT:
		return of_object(types, value);
	case JSON_SET:
		return of_set(types, value);
	}
	return &rego_type_any;
}

/* ---- order ---- */

/* Unions come behind everything but functions. */
static int rank(const struct rego_type *type)
{
	if (!type)
		return -1;
	return type->kind == REGO_TYPE_ANY ? REGO_TYPE_SET * 2 + 1 : (int)type->kind * 2;
}

static int compare_items(const struct rego_type *a, const struct rego_type *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int r = a->keys && b->keys ? json_compare(a->keys[i], b->keys[i]) : 0;

		if (!r)
			r = rego_type_compare(a->items[i], b->items[i]);
		if (r)
			return r;
	}
	return a->count < b->count ? -1 : a->count > b->count;
}

/* Depth: that of the types, which is bounded. */
int rego_type_compare(const struct rego_type *a, const struct rego_type *b)
{
	int r = rank(a) - rank(b);

	if (r || a == b || !a)
		return r;
	if (a->kind == REGO_TYPE_FUNCTION && a->count != b->count)
		return a->count < b->count ? -1 : 1;
	r = rego_type_compare(a->key, b->key);
	if (!r && a->kind != REGO_TYPE_FUNCTION)
		r = rego_type_compare(a->rest, b->rest);
	if (!r)
		r = compare_items(a, b);
	return r || a->kind != REGO_TYPE_FUNCTION ? r : rego_type_compare(a->rest, b->rest);
}

/* ---- unions ---- */

struct members {
	const struct rego_type *const *items;
	size_t count;
};

static struct members members_of(const struct rego_type *const *type)
{
	if ((*type)->kind == REGO_TYPE_ANY)
		return (struct members){ (*type)->items, (*type)->count };
	return (struct members){ type, 1 };
}

/* Two sorted lists to one. */
static const struct rego_type *unite(struct rego_types *types, struct members a, struct members b)
{
	const struct rego_type *items[2 * TYPE_SIZE_MAX];
	size_t count = 0, i = 0, k = 0;

	while (i < a.count || k < b.count) {
		int r = i == a.count ? 1 : k == b.count ? -1 : rego_type_compare(a.items[i], b.items[k]);

		items[count++] = r <= 0 ? a.items[i] : b.items[k];
		i += r <= 0;
		k += r >= 0;
	}
	return count == 1 ? items[0] : new_union(types, items, count);
}

/* Functions of the same number of operands: each operand may be of either type. */
static const struct rego_type *unite_functions(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b)
{
	const struct rego_type *items[TYPE_SIZE_MAX];

	if (a->kind != b->kind || a->count != b->count)
		return &rego_type_any;
	for (size_t i = 0; i < a->count; i++)
		items[i] = rego_type_or(types, a->items[i], b->items[i]);
	return rego_type_function(types, items, a->count, rego_type_or(types, a->rest, b->rest));
}

const struct rego_type *rego_type_or(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a == b)
		return a;
	if (!rego_types_step(types) || a == &rego_type_any || b == &rego_type_any)
		return &rego_type_any;
	if (a->kind == REGO_TYPE_FUNCTION || b->kind == REGO_TYPE_FUNCTION)
		return unite_functions(types, a, b);
	if ((a->kind == REGO_TYPE_ANY && !a->count) || (b->kind == REGO_TYPE_ANY && !b->count))
		return &rego_type_any;
	return unite(types, members_of(&a), members_of(&b));
}

/* ---- rules of one name ---- */

static bool is_plain_object(const struct rego_type *type)
{
	return type->kind == REGO_TYPE_OBJECT && !type->count && type->key;
}

/* Objects without known members grow together, one among a union's members too. */
static const struct rego_type *merge_into_union(struct rego_types *types, const struct rego_type *object,
	const struct rego_type *many)
{
	const struct rego_type *result = NULL;

	for (size_t i = 0; i < many->count; i++) {
		const struct rego_type *member = many->items[i];

		if (object && is_plain_object(member)) {
			member = rego_type_merge(types, member, object);
			object = NULL;
		}
		result = rego_type_or(types, result, member);
	}
	return rego_type_or(types, result, object);
}

const struct rego_type *rego_type_merge(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b)
{
	if (!a || !b || !rego_types_step(types))
		return rego_type_or(types, a, b);
	if (is_plain_object(a) && is_plain_object(b))
		return rego_type_object(types, NULL, NULL, 0, rego_type_or(types, a->key, b->key),
			rego_type_merge(types, a->rest, b->rest));
	if (a->kind == REGO_TYPE_SET && b->kind == REGO_TYPE_SET)
		return rego_type_set(types, rego_type_or(types, a->rest, b->rest));
	if (is_plain_object(a) && b->kind == REGO_TYPE_ANY && b->count)
		return merge_into_union(types, a, b);
	if (is_plain_object(b) && a->kind == REGO_TYPE_ANY && a->count)
		return merge_into_union(types, b, a);
	return rego_type_or(types, a, b);
}
