// SPDX-License-Identifier: Apache-2.0
/*
 * check_unify.c - terms against types
 *
 * A pattern is taken apart as far as the type is known, and its variables learn what they must be. Against a
 * union each member is tried, and a variable may then be any of what the tries say. Constants are taken apart
 * in the same way, since an operand that wants known members and allows others takes a constant that lacks
 * some.
 */
#include "rego/check.h"

/* ---- terms and constants alike ---- */

static enum core_type shape_of(const struct core_term *term)
{
	if (term->type != CORE_CONST)
		return term->type;
	switch (term->value->type) {
	case JSON_ARRAY:
		return CORE_ARRAY;
	case JSON_OBJECT:
		return CORE_OBJECT;
	case JSON_SET:
		return CORE_SET;
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_INT:
	case JSON_NUMBER:
	case JSON_STRING:
		break;
	}
	return CORE_CONST;
}

/* Elements, or members. */
static size_t count_of(const struct core_term *term)
{
	if (term->type == CORE_OBJECT)
		return term->list.count / 2;
	if (term->type != CORE_CONST)
		return term->list.count;
	return term->value->type == JSON_OBJECT ? term->value->object.count : term->value->array.count;
}

static struct core_term constant(const struct core_term *of, const struct json *value)
{
	return (struct core_term){ .type = CORE_CONST, .at = of->at, .value = value };
}

static struct core_term element_at(const struct core_term *term, size_t index)
{
	if (term->type == CORE_CONST)
		return constant(term, term->value->array.items[index]);
	return *term->list.items[index];
}

static struct core_term key_at(const struct core_term *term, size_t index)
{
	if (term->type == CORE_CONST)
		return constant(term, term->value->object.members[index].key);
	return *term->list.items[2 * index];
}

static struct core_term value_at(const struct core_term *term, size_t index)
{
	if (term->type == CORE_CONST)
		return constant(term, term->value->object.members[index].value);
	return *term->list.items[2 * index + 1];
}

/* ---- what a term is ---- */

static const struct rego_type *of_array(struct check *check, const struct core_term *term)
{
	const struct rego_type *items[TYPE_SIZE_MAX];

	if (term->list.count >= TYPE_SIZE_MAX)
		return rego_type_array(&check->types, NULL, 0, &rego_type_any);
	for (size_t i = 0; i < term->list.count; i++)
		items[i] = check_type_of(check, term->list.items[i]);
	return rego_type_array(&check->types, items, term->list.count, NULL);
}

static const struct rego_type *of_set(struct check *check, const struct core_term *term)
{
	const struct rego_type *of = NULL;

	for (size_t i = 0; i < term->list.count; i++)
		of = rego_type_or(&check->types, of, check_type_of(check, term->list.items[i]));
	return rego_type_set(&check->types, of ? of : &rego_type_any);
}

struct members {
	const struct json *keys[TYPE_SIZE_MAX];
	const struct rego_type *items[TYPE_SIZE_MAX];
	size_t count;
};

/* In order; of two values for one key, either. */
static void insert_member(struct check *check, struct members *members, const struct json *key,
	const struct rego_type *item)
{
	size_t at = members->count;

	while (at && json_compare(members->keys[at - 1], key) > 0)
		at--;
	if (at && json_compare(members->keys[at - 1], key) == 0) {
		members->items[at - 1] = rego_type_or(&check->types, members->items[at - 1], item);
		return;
	}
	memmove(&members->keys[at + 1], &members->keys[at], (members->count - at) * sizeof(members->keys[0]));
	memmove(&members->items[at + 1], &members->items[at],
		(members->count - at) * sizeof(members->items[0]));
	members->keys[at] = key;
	members->items[at] = item;
	members->count++;
}

static const struct rego_type *of_object(struct check *check, const struct core_term *term)
{
	const struct rego_type *key = NULL, *rest = NULL;
	struct members members = { .count = 0 };

	if (term->list.count / 2 >= TYPE_SIZE_MAX)
		return rego_type_object(&check->types, NULL, NULL, 0, &rego_type_any, &rego_type_any);
	for (size_t i = 0; i < term->list.count; i += 2) {
		const struct core_term *name = term->list.items[i];
		const struct rego_type *item = check_type_of(check, term->list.items[i + 1]);

		if (name->type == CORE_CONST) {
			insert_member(check, &members, name->value, item);
			continue;
		}
		key = rego_type_or(&check->types, key, check_type_of(check, name));
		key = key ? key : &rego_type_any;
		rest = rego_type_or(&check->types, rest, item);
	}
	return rego_type_object(&check->types, members.keys, members.items, members.count, key, rest);
}

static const struct rego_type *of_document(struct check *check, const struct core_term *term)
{
	const struct rego_type *known = check_document(check, term);

	if (known)
		return known;
	return term->type == CORE_DATA ? check_extent(check, &check->compiler->root) : &rego_type_any;
}

/* What is nested deeper than a type can be is anything. */
static const struct rego_type *of_list(struct check *check, const struct core_term *term)
{
	const struct rego_type *type = &rego_type_any;

	if (check->depth >= TYPE_HEIGHT_MAX)
		return type;
	check->depth++;
	if (term->type == CORE_ARRAY)
		type = of_array(check, term);
	else if (term->type == CORE_SET)
		type = of_set(check, term);
	else
		type = of_object(check, term);
	check->depth--;
	return type;
}

const struct rego_type *check_type_of(struct check *check, const struct core_term *term)
{
	if (!rego_types_step(&check->types))
		return &rego_type_any;
	switch (term->type) {
	case CORE_CONST:
		return rego_type_of(&check->types, term->value);
	case CORE_VAR:
		return check->vars ? check->vars[term->var] : NULL;
	case CORE_INPUT:
	case CORE_DATA:
		return of_document(check, term);
	case CORE_REF:
		return check_type_of_ref(check, term);
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		return of_list(check, term);
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	return term->comprehension.type;
}

/* ---- a term against a type ---- */

/* One of several tries: what a variable learns is added to what it was. */
static bool unify(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try);

static bool unify_var(struct check *check, uint32_t var, const struct rego_type *type, bool is_try)
{
	const struct rego_type *known = check->vars[var];

	if (is_try)
		check_learn(check, var, rego_type_or(&check->types, known, type));
	else if (known)
		return rego_type_unifies(&check->types, known, type);
	else
		check_learn(check, var, type);
	return true;
}

static bool unify_array(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try)
{
	size_t count = count_of(term);

	if (type->kind != REGO_TYPE_ARRAY || (count != type->count && !type->rest))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct core_term element = element_at(term, i);

		if (!unify(check, &element, i < type->count ? type->items[i] : type->rest, is_try))
			return false;
	}
	return true;
}

static bool unify_object(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try)
{
	size_t count = count_of(term);

	if (type->kind != REGO_TYPE_OBJECT || (count != type->count && !type->key))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct core_term key = key_at(term, i), value = value_at(term, i);
		const struct rego_type *wanted = &rego_type_any;

		if (key.type == CORE_CONST)
			wanted = rego_type_select(&check->types, type, key.value);
		if (!wanted)
			return false;
		if (!unify(check, &value, wanted, is_try) && key.type == CORE_CONST)
			return false;
	}
	return true;
}

static bool unify_set(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try)
{
	size_t count = count_of(term);

	if (type->kind != REGO_TYPE_SET)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct core_term element = element_at(term, i);

		if (!unify(check, &element, type->rest, is_try))
			return false;
	}
	return true;
}

/* Anything goes; what is unknown in the pattern may be anything then. */
static bool unify_any(struct check *check, const struct core_term *term)
{
	if (term->type == CORE_CONST)
		return true;
	for (size_t i = 0; i < term->list.count; i++)
		unify(check, term->list.items[i], &rego_type_any, true);
	return true;
}

static bool unify_pattern(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try)
{
	bool unifies = false;

	if (type->kind == REGO_TYPE_ANY && !type->count)
		return unify_any(check, term);
	if (type->kind == REGO_TYPE_ANY) {
		for (size_t i = 0; i < type->count; i++)
			unifies |= unify(check, term, type->items[i], true);
		return unifies;
	}
	if (shape_of(term) == CORE_ARRAY)
		return unify_array(check, term, type, is_try);
	if (shape_of(term) == CORE_OBJECT)
		return unify_object(check, term, type, is_try);
	return unify_set(check, term, type, is_try);
}

/* Depth: that of a term. */
static bool unify(struct check *check, const struct core_term *term, const struct rego_type *type,
	bool is_try)
{
	if (!rego_types_step(&check->types))
		return true;
	if (!type)
		type = &rego_type_any;
	switch (shape_of(term)) {
	case CORE_VAR:
		return unify_var(check, term->var, type, is_try);
	case CORE_ARRAY:
	case CORE_OBJECT:
	case CORE_SET:
		return unify_pattern(check, term, type, is_try);
	case CORE_CONST:
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_REF:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		break;
	}
	return rego_type_unifies(&check->types, check_type_of(check, term), type);
}

bool check_unify_type(struct check *check, const struct core_term *term, const struct rego_type *type)
{
	return unify(check, term, type, false);
}

/* ---- a term against a term ---- */

static bool unify_arrays(struct check *check, const struct core_term *a, const struct core_term *b)
{
	if (count_of(a) != count_of(b))
		return false;
	for (size_t i = 0; i < count_of(a); i++) {
		struct core_term one = element_at(a, i), other = element_at(b, i);

		if (!check_unify_terms(check, &one, &other))
			return false;
	}
	return true;
}

/* Neither is known. What one says of the other is found out from both sides. */
static bool unify_unknown(struct check *check, const struct core_term *a, const struct core_term *b)
{
	if (shape_of(a) == CORE_ARRAY && shape_of(b) == CORE_ARRAY)
		return unify_arrays(check, a, b);
	if (a->type != CORE_VAR && b->type == CORE_VAR)
		return unify_unknown(check, b, a);
	unify(check, b, &rego_type_any, false);
	if (a->type == CORE_VAR)
		return unify(check, a, check_type_of(check, b), false);
	return unify(check, a, &rego_type_any, false);
}

bool check_unify_terms(struct check *check, const struct core_term *a, const struct core_term *b)
{
	const struct rego_type *type_a = check_type_of(check, a), *type_b = check_type_of(check, b);
	bool is_known_a = rego_type_is_known(type_a), is_known_b = rego_type_is_known(type_b);

	if (is_known_a && is_known_b)
		return rego_type_unifies(&check->types, type_a, type_b);
	if (is_known_b)
		return unify(check, a, type_b, false);
	if (is_known_a)
		return unify(check, b, type_a, false);
	return unify_unknown(check, a, b);
}
