// SPDX-License-Identifier: Apache-2.0
/*
 * json.c - looking into documents
 *
 * Members are sorted, so a lookup among many is a binary search. Walks recurse as far as JSON_DEPTH_MAX and
 * no further (json.h).
 */
#include "json/json.h"

enum {
	FEW_COUNT = 8,
};

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = {
		[JSON_NULL] = "null", [JSON_BOOL] = "boolean", [JSON_INT] = "integer",
		[JSON_NUMBER] = "number", [JSON_STRING] = "string", [JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object", [JSON_SET] = "set",
	};

	return names[type];
}

/* Orders a key that is a string against what is looked for, as str_compare() does. */
typedef int compare_fn(struct str key, struct str wanted);

static inline const struct json_member *find_name(const struct json *object, struct str wanted,
	compare_fn *compare)
{
	size_t low = 0, high = object->object.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct json_member *member = &object->object.members[middle];
		/* Types are in their order. */
		int r = member->key->type == JSON_STRING ? compare(member->key->text, wanted) :
			member->key->type - JSON_STRING;

		if (!r)
			return member;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* In a few members it is quicker to look at each than to ask for an order: lengths tell most apart. */
static const struct json_member *find_text(const struct json *object, struct str wanted)
{
	if (object->object.count > FEW_COUNT)
		return find_name(object, wanted, str_compare);
	for (size_t i = 0; i < object->object.count; i++) {
		const struct json *key = object->object.members[i].key;

		if (key->type == JSON_STRING && str_eq_short(key->text, wanted))
			return &object->object.members[i];
	}
	return NULL;
}

static const struct json *value_of(const struct json_member *member)
{
	return member ? member->value : NULL;
}

const struct json *json_get_str(const struct json *object, struct str key)
{
	return object && object->type == JSON_OBJECT ? value_of(find_text(object, key)) : NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	return json_get_str(object, str_from(key));
}

const char *json_get_text(const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);

	if (!value || value->type != JSON_STRING || memchr(value->text.data, '\0', value->text.len))
		return NULL;
	return value->text.data;
}

int64_t json_get_int(const struct json *object, const char *key, int64_t otherwise)
{
	const struct json *value = json_get(object, key);

	return value && value->type == JSON_INT ? value->integer : otherwise;
}

bool json_get_bool(const struct json *object, const char *key, bool otherwise)
{
	const struct json *value = json_get(object, key);

	return value && value->type == JSON_BOOL ? value->boolean : otherwise;
}

/* ---- JSON Pointer ---- */

/* Takes one character off a reference token; "~0" and "~1" are one each. */
static char token_next(struct str *token)
{
	char c = token->data[0];
	size_t used = 1;

	if (c == '~') {
		c = token->data[1] == '0' ? '~' : '/';
		used = 2;
	}
	token->data += used;
	token->len -= used;
	return c;
}

static bool token_is_valid(struct str token)
{
	for (size_t i = 0; i < token.len; i++) {
		if (token.data[i] != '~')
			continue;
		if (i + 1 == token.len || (token.data[i + 1] != '0' && token.data[i + 1] != '1'))
			return false;
	}
	return true;
}

static int compare_token(struct str key, struct str token)
{
	for (; key.len && token.len; key.data++, key.len--) {
		unsigned char k = (unsigned char)key.data[0], t = (unsigned char)token_next(&token);

		if (k != t)
			return k < t ? -1 : 1;
	}
	return key.len ? 1 : token.len ? -1 : 0;
}

static const struct json *step_into(const struct json *value, struct str token)
{
	uint64_t index;

	if (!token_is_valid(token))
		return NULL;
	if (value->type == JSON_OBJECT)
		return value_of(find_name(value, token, compare_token));
	if (value->type != JSON_ARRAY || !value->array.count ||
			str_to_u64(token, value->array.count - 1, &index) < 0)
		return NULL;
	return value->array.items[index];
}

const struct json *json_pointer(const struct json *value, struct str pointer)
{
	struct str token, rest;

	if (!pointer.len)
		return value;
	if (pointer.data[0] != '/')
		return NULL;
	rest = (struct str){ .data = pointer.data + 1, .len = pointer.len - 1 };
	for (bool more = true; value && more;) {
		more = str_cut(rest, '/', &token, &rest);
		value = step_into(value, token);
	}
	return value;
}

/* ---- any key ---- */

const struct json *json_at(const struct json *array, size_t index)
{
	return array && array->type == JSON_ARRAY && index < array->array.count ? array->array.items[index] :
		NULL;
}

const struct json_member *json_find_member(const struct json *object, const struct json *key)
{
	size_t low = 0, high = object->object.count;

	if (key->type == JSON_STRING)
		return find_text(object, key->text);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(object->object.members[middle].key, key);

		if (!r)
			return &object->object.members[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct json *find_in_set(const struct json *set, const struct json *wanted)
{
	size_t low = 0, high = set->array.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(set->array.items[middle], wanted);

		if (!r)
			return set->array.items[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct json *json_find(const struct json *list, const struct json *key)
{
	if (!list)
		return NULL;
	if (list->type == JSON_OBJECT)
		return value_of(json_find_member(list, key));
	if (list->type == JSON_SET)
		return find_in_set(list, key);
	return key->type == JSON_INT && key->integer >= 0 ? json_at(list, (size_t)key->integer) : NULL;
}
