// SPDX-License-Identifier: Apache-2.0
/*
 * schema_list.c - arrays and objects against a schema
 *
 * Members are looked at in the order of their names, so that the same document always has the same flaws in
 * the same order.
 */
#include "rego/schema_internal.h"

#include <stdio.h>

/* ---- lists ---- */

static void look_below(struct schema_match *match, const struct json *schema, const struct json *value,
	struct str name, const struct schema_place *above, struct schema_result *ret)
{
	struct schema_place place = { .name = name, .above = above };

	schema_look(match, schema, value, &place, ret);
}

static void look_at_item(struct schema_match *match, const struct json *schema, const struct json *array,
	size_t index, const struct schema_place *above, struct schema_result *ret)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%zu", index);
	look_below(match, schema, array->array.items[index], str_from(digits), above, ret);
}

static void look_at_items(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *items = json_get(schema, "items"), *more = json_get(schema, "additionalItems");
	bool is_list = items && items->type == JSON_ARRAY;
	size_t listed = is_list ? items->array.count : 0;

	if (is_list && more && more->type == JSON_BOOL && !more->boolean && listed < value->array.count) {
		schema_add_plain(match, ret, place, "array_no_additional_items",
			"No additional items allowed on array");
		more = NULL;
	}
	for (size_t i = 0; items && i < value->array.count && !match->is_over; i++) {
		const struct json *one = !is_list ? items : i < listed ? items->array.items[i] : more;

		if (one)
			look_at_item(match, one, value, i, place, ret);
	}
}

static void look_for_twins(struct schema_match *match, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	char where[80];

	for (size_t j = 1; j < value->array.count; j++) {
		if (!rego_spend(match->call->budget, j) ||
				!rego_spend_value(match->call->budget, value->array.items[j], j)) {
			match->is_over = true;
			return;
		}
		for (size_t i = 0; i < j; i++) {
			if (!json_equal(value->array.items[i], value->array.items[j]))
				continue;
			(void)snprintf(where, sizeof(where), "array items[%zu,%zu] must be unique", i, j);
			schema_add_plain(match, ret, place, "unique", where);
			break;
		}
	}
}

static void look_for_one(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	struct schema_result best = { .score = 0 };

	for (size_t i = 0; i < value->array.count && !match->is_over; i++) {
		struct schema_result one = { .score = 0 };

		look_at_item(match, schema, value, i, place, &one);
		if (!one.flaws.first)
			return;
		if (schema_is_nearer(&best, &one, !i))
			best = one;
	}
	schema_add_plain(match, ret, place, "contains", "At least one of the items must match");
	schema_merge(ret, &best);
}

void schema_look_at_array(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	static const struct schema_range length = { "minItems", "maxItems", "array_min_items",
		"array_max_items", "Array must have at least ", "Array must have at most ", " items" };
	const struct json *contains = json_get(schema, "contains");

	look_at_items(match, schema, value, place, ret);
	schema_look_at_range(match, &length, schema, value->array.count, place, ret);
	if (json_get_bool(schema, "uniqueItems", false))
		look_for_twins(match, value, place, ret);
	if (contains)
		look_for_one(match, contains, value, place, ret);
	ret->score++;
}

/* ---- objects ---- */

/* Every pattern that fits says something of the value. Return: whether one does. */
static bool look_at_patterns(struct schema_match *match, const struct json *patterns,
	const struct json_member *member, const struct schema_place *place, struct schema_result *ret)
{
	bool fits = false;

	for (size_t i = 0; patterns && i < patterns->object.count && !match->is_over; i++) {
		const struct json_member *one = &patterns->object.members[i];

		if (schema_has_pattern(match, one->key->text, member->key->text) <= 0)
			continue;
		fits = true;
		look_below(match, one->value, member->value, member->key->text, place, ret);
	}
	ret->score += fits;
	return fits;
}

/* A member that nothing describes. */
static void look_at_more(struct schema_match *match, const struct json *more,
	const struct json_member *member, const struct schema_place *place, struct schema_result *ret)
{
	if (more->type == JSON_BOOL && !more->boolean)
		schema_add_flaw(match, ret, place, "additional_property_not_allowed", "Additional property ",
			member->key->text, " is not allowed");
	else
		look_below(match, more, member->value, member->key->text, place, ret);
}

static void look_at_name(struct schema_match *match, const struct json *schema, const struct json *name,
	const struct schema_place *place, struct schema_result *ret)
{
	struct schema_result one = schema_try(match, schema, name, place);

	if (!one.flaws.first)
		return;
	schema_add_flaw(match, ret, place, "invalid_property_name", "Property name of \"", name->text,
		"\" does not match");
	schema_merge(ret, &one);
}

static void look_at_members(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *properties = json_get(schema, "properties"),
			  *names = json_get(schema, "propertyNames");
	const struct json *patterns = json_get(schema, "patternProperties");
	const struct json *more = json_get(schema, "additionalProperties");

	for (size_t i = 0; i < value->object.count && !match->is_over; i++) {
		const struct json_member *member = &value->object.members[i];
		bool is_known = json_find(properties, member->key) != NULL;

		if (!look_at_patterns(match, patterns, member, place, ret) && !is_known && more)
			look_at_more(match, more, member, place, ret);
		if (names)
			look_at_name(match, names, member->key, place, ret);
	}
}

void schema_look_at_object(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	static const struct schema_range size = { "minProperties", "maxProperties", "array_min_properties",
		"array_max_properties", "Must have at least ", "Must have at most ", " properties" };
	const struct json *required = json_get(schema, "required"),
			  *properties = json_get(schema, "properties");

	schema_look_at_range(match, &size, schema, value->object.count, place, ret);
	for (size_t i = 0; required && i < required->array.count; i++) {
		if (json_find(value, required->array.items[i]))
			ret->score++;
		else
			schema_add_flaw(match, ret, place, "required", "", required->array.items[i]->text,
				" is required");
	}
	look_at_members(match, schema, value, place, ret);
	for (size_t i = 0; properties && i < properties->object.count && !match->is_over; i++) {
		const struct json_member *one = &properties->object.members[i];
		const struct json *member = json_find(value, one->key);

		if (member)
			look_below(match, one->value, member, one->key->text, place, ret);
	}
	ret->score++;
}
