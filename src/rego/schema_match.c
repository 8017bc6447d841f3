// SPDX-License-Identifier: Apache-2.0
/*
 * schema_match.c - a document against a JSON Schema
 *
 * A match is a walk over both at once, in which every mistake is noted and the walk goes on. Of alternatives
 * ("anyOf", "oneOf", "contains") that all fail, the mistakes of the one that came nearest are told, because
 * that is probably what was meant: each comparison that held is a point, each that did not takes one.
 *
 * Where somebody looks at the result: the order is that of the keywords here, and of an object's members in
 * the order of their names.
 */
#include "rego/number.h"
#include "rego/schema_internal.h"

/* ---- other schemas for the same value ---- */

struct schema_result schema_try(struct schema_match *match, const struct json *schema,
	const struct json *value, const struct schema_place *place)
{
	struct schema_result result = { .score = 0 };

	schema_look(match, schema, value, place, &result);
	return result;
}

static void look_at_any(struct schema_match *match, const struct json *list, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	struct schema_result best = { .score = 0 };

	for (size_t i = 0; i < list->array.count && !match->is_over; i++) {
		struct schema_result one = schema_try(match, list->array.items[i], value, place);

		if (!one.flaws.first)
			return;
		if (schema_is_nearer(&best, &one, !i))
			best = one;
	}
	schema_add_plain(match, ret, place, "number_any_of", "Must validate at least one schema (anyOf)");
	schema_merge(ret, &best);
}

static void look_at_one(struct schema_match *match, const struct json *list, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	struct schema_result best = { .score = 0 };
	size_t fitting = 0;

	for (size_t i = 0; i < list->array.count && !match->is_over; i++) {
		struct schema_result one = schema_try(match, list->array.items[i], value, place);

		fitting += !one.flaws.first;
		if (one.flaws.first && !fitting && schema_is_nearer(&best, &one, !i))
			best = one;
	}
	if (fitting == 1)
		return;
	schema_add_plain(match, ret, place, "number_one_of", "Must validate one and only one schema (oneOf)");
	if (!fitting)
		schema_merge(ret, &best);
}

static void look_at_all(struct schema_match *match, const struct json *list, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	bool is_flawed = false;

	for (size_t i = 0; i < list->array.count && !match->is_over; i++) {
		struct schema_result one = schema_try(match, list->array.items[i], value, place);

		is_flawed |= one.flaws.first != NULL;
		schema_merge(ret, &one);
	}
	if (is_flawed)
		schema_add_plain(match, ret, place, "number_all_of", "Must validate all the schemas (allOf)");
}

static void look_at_condition(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *condition = json_get(schema, "if"), *next;
	struct schema_result one;
	bool holds;

	if (!condition)
		return;
	one = schema_try(match, condition, value, place);
	holds = !one.flaws.first;
	next = json_get(schema, holds ? "then" : "else");
	if (!next)
		return;
	one = schema_try(match, next, value, place);
	if (!one.flaws.first)
		return;
	schema_add_plain(match, ret, place, holds ? "condition_then" : "condition_else",
		holds ? "Must validate \"then\" as \"if\" was valid" :
			"Must validate \"else\" as \"if\" was not valid");
	schema_merge(ret, &one);
}

static void look_at_dependency(struct schema_match *match, const struct json *dependency,
	const struct json *value, const struct schema_place *place, struct schema_result *ret)
{
	if (dependency->type != JSON_ARRAY) {
		schema_look(match, dependency, value, place, ret);
		return;
	}
	for (size_t i = 0; i < dependency->array.count; i++) {
		struct str name = dependency->array.items[i]->text;

		if (!json_get_str(value, name))
			schema_add_flaw(match, ret, place, "missing_dependency", "Has a dependency on ", name,
				"");
	}
}

static void look_at_combinations(struct schema_match *match, const struct json *schema,
	const struct json *value, const struct schema_place *place, struct schema_result *ret)
{
	static const struct {
		const char *keyword;
		void (*look)(struct schema_match *match, const struct json *list, const struct json *value,
			const struct schema_place *place, struct schema_result *ret);
	} lists[] = { { "anyOf", look_at_any }, { "oneOf", look_at_one }, { "allOf", look_at_all } };
	const struct json *not = json_get(schema, "not"), *map = json_get(schema, "dependencies");

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct json *list = json_get(schema, lists[i].keyword);

		if (list)
			lists[i].look(match, list, value, place, ret);
	}
	if (not &&!schema_try(match, not, value, place).flaws.first)
		schema_add_plain(match, ret, place, "number_not", "Must not validate the schema (not)");
	for (size_t i = 0; map && value->type == JSON_OBJECT && i < map->object.count; i++)
		if (json_find(value, map->object.members[i].key))
			look_at_dependency(match, map->object.members[i].value, value, place, ret);
	look_at_condition(match, schema, value, place, ret);
	ret->score++;
}

/* ---- the walk ---- */

static void look_at_kind(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	if (value->type == JSON_ARRAY)
		schema_look_at_array(match, schema, value, place, ret);
	else if (value->type == JSON_OBJECT)
		schema_look_at_object(match, schema, value, place, ret);
	else if (value->type == JSON_STRING)
		schema_look_at_text(match, schema, value, place, ret);
	else if (rego_is_number(value))
		schema_look_at_number(match, schema, value, place, ret);
}

static void look_at_schema(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *reference = json_get(schema, "$ref"), *target;

	if (reference) {
		if (rego_schema_refer(match->call, match->root, reference->text, &target))
			schema_look(match, target, value, place, ret);
		else
			match->is_over = true;
		return;
	}
	if (!schema_look_at_type(match, schema, value, place, ret))
		return;
	look_at_combinations(match, schema, value, place, ret);
	look_at_kind(match, schema, value, place, ret);
	schema_look_at_values(match, schema, value, place, ret);
	ret->score++;
}

void schema_look(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	if (match->is_over)
		return;
	if (!rego_spend(match->call->budget, 1 + (value->type == JSON_STRING ? value->text.len / 64 : 0))) {
		match->is_over = true;
	} else if (match->depth == REGO_SCHEMA_DEPTH_MAX) {
		(void)rego_fail(match->call, "the schema leads into itself, or on too often");
		match->is_over = true;
	} else if (schema->type == JSON_BOOL) {
		if (!schema->boolean)
			schema_add_plain(match, ret, place, "false", "False always fails validation");
	} else {
		match->depth++;
		look_at_schema(match, schema, value, place, ret);
		match->depth--;
	}
}

bool rego_schema_match(struct rego_call *call, const struct json *schema, const struct json *value,
	struct rego_schema_flaws *ret)
{
	struct schema_match match = { .call = call, .root = schema };
	struct schema_place place = { .name = STR("(root)") };
	struct schema_result result = schema_try(&match, schema, value, &place);

	*ret = result.flaws;
	return !match.is_over;
}
