// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_object.c - objects from objects
 *
 * Members are in the order of their keys, so what is built here in that order is only looked at once more.
 * Unions recurse into objects within objects as far as JSON_DEPTH_MAX.
 *
 * object.subset() says what its description says. OPA counts an element of an array as often as it comes, so
 * that [1, 1] holds {1, 2} for it, and lets no array without elements hold set().
 */
#include "rego/builtin_table.h"

/* ---- get, keys ---- */

static enum rego_answer get_path(struct rego_call *call, const struct json *path)
{
	const struct json *value = call->operands[0];

	if (!rego_spend(call->budget, path->array.count))
		return rego_stopped(call);
	if (!rego_spend_find(call->budget, path))
		return rego_stopped(call);
	for (size_t i = 0; value && i < path->array.count; i++)
		value = json_find(value, path->array.items[i]);
	return rego_give(call, value ? value : call->operands[2]);
}

enum rego_answer rego_do_object_get(struct rego_call *call)
{
	const struct json *object = call->operands[0], *key = call->operands[1], *value;

	if (!rego_take(call, 0, JSON_OBJECT))
		return rego_failed(call);
	if (key->type == JSON_ARRAY)
		return get_path(call, key);
	if (!rego_spend_find(call->budget, key))
		return rego_stopped(call);
	value = json_find(object, key);
	return rego_give(call, value ? value : call->operands[2]);
}

enum rego_answer rego_do_object_keys(struct rego_call *call)
{
	const struct json *object = call->operands[0];
	struct json_array_builder keys;

	if (!rego_take(call, 0, JSON_OBJECT))
		return rego_failed(call);
	if (!rego_spend(call->budget, object->object.count))
		return rego_stopped(call);
	json_array_begin(&keys, call->arena);
	for (size_t i = 0; i < object->object.count; i++)
		json_array_add(&keys, object->object.members[i].key);
	return rego_give(call, json_set_end(&keys));
}

/* ---- filter, remove ---- */

/* What has the keys that are meant: an object or a set as it is, an array as the set of its items. */
static const struct json *keys_of(struct rego_call *call)
{
	const struct json *operand = call->operands[1];
	struct json_array_builder keys;

	if (operand->type == JSON_OBJECT || operand->type == JSON_SET)
		return operand;
	if (operand->type != JSON_ARRAY) {
		(void)rego_operand(call, 1, "one of {object, set, array}");
		return NULL;
	}
	if (!rego_spend(call->budget, operand->array.count) || !rego_spend_value(call->budget, operand, 1))
		return NULL;
	json_array_begin(&keys, call->arena);
	for (size_t i = 0; i < operand->array.count; i++)
		json_array_add(&keys, operand->array.items[i]);
	return json_set_end(&keys);
}

/* The members whose keys are among those of the second operand, or those whose keys are not. */
static enum rego_answer pick(struct rego_call *call, bool is_wanted)
{
	const struct json *object = call->operands[0], *keys;
	struct json_object_builder picked;

	if (!rego_take(call, 0, JSON_OBJECT))
		return rego_failed(call);
	keys = keys_of(call);
	if (!keys || !rego_spend(call->budget, object->object.count))
		return rego_failed(call);
	json_object_begin(&picked, call->arena);
	for (size_t i = 0; i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];

		if (!rego_spend_find(call->budget, member->key))
			return rego_stopped(call);
		if ((json_find(keys, member->key) != NULL) == is_wanted)
			json_object_add_value(&picked, member->key, member->value);
	}
	return rego_give(call, json_object_end(&picked));
}

enum rego_answer rego_do_object_filter(struct rego_call *call)
{
	return pick(call, true);
}

enum rego_answer rego_do_object_remove(struct rego_call *call)
{
	return pick(call, false);
}

/* ---- union ---- */

/* Both objects; where both have a key, the right value, or the union of two objects. NULL: it is over. */
static const struct json *merge(struct rego_call *call, const struct json *a, const struct json *b)
{
	struct json_object_builder both;
	size_t i = 0, j = 0;

	if (!a->object.count || !b->object.count)
		return a->object.count ? a : b;
	if (!rego_spend(call->budget, a->object.count + b->object.count))
		return NULL;
	json_object_begin(&both, call->arena);
	while (i < a->object.count || j < b->object.count) {
		const struct json_member *left = &a->object.members[i], *right = &b->object.members[j];
		int order = i == a->object.count ? 1 : j == b->object.count ? -1 :
			json_compare(left->key, right->key);
		const struct json_member *member = order < 0 ? left : right;
		bool is_nested = order == 0 && left->value->type == JSON_OBJECT &&
			right->value->type == JSON_OBJECT;

		json_object_add_value(&both, order > 0 ? right->key : left->key,
			is_nested ? merge(call, left->value, right->value) : member->value);
		i += order <= 0;
		j += order >= 0;
	}
	return json_object_end(&both);
}

enum rego_answer rego_do_object_union(struct rego_call *call)
{
	if (!rego_take(call, 0, JSON_OBJECT) || !rego_take(call, 1, JSON_OBJECT))
		return rego_failed(call);
	return rego_give(call, merge(call, call->operands[0], call->operands[1]));
}

enum rego_answer rego_do_object_union_n(struct rego_call *call)
{
	const struct json *objects = call->operands[0], *all;
	struct json_object_builder none;

	if (!rego_take(call, 0, JSON_ARRAY))
		return rego_failed(call);
	for (size_t i = objects->array.count; i-- > 0;)
		if (objects->array.items[i]->type != JSON_OBJECT)
			return rego_element(call, 0, "object", objects->array.items[i]);
	json_object_begin(&none, call->arena);
	all = json_object_end(&none);
	for (size_t i = 0; all && i < objects->array.count; i++)
		all = merge(call, all, objects->array.items[i]);
	return rego_give(call, all);
}

/* ---- subset ---- */

enum answer {
	NO, YES, OVER,
};

static enum answer list_holds(struct rego_call *call, const struct json *super, const struct json *sub)
{
	size_t at = 0, same = 0;

	while (same < sub->array.count) {
		if (at + same == super->array.count)
			return NO;
		if (!rego_spend(call->budget, 1) ||
				!rego_spend_value(call->budget, sub->array.items[same], 1))
			return OVER;
		if (json_equal(super->array.items[at + same], sub->array.items[same])) {
			same++;
		} else {
			at++;
			same = 0;
		}
	}
	return YES;
}

static enum answer set_holds(struct rego_call *call, const struct json *super, const struct json *sub)
{
	if (!rego_spend(call->budget, sub->array.count) || !rego_spend_find(call->budget, sub))
		return OVER;
	for (size_t i = 0; i < sub->array.count; i++)
		if (!json_find(super, sub->array.items[i]))
			return NO;
	return YES;
}

/* Whether every element of a set comes in an array: as many different items are in it as the set has. */
static enum answer list_holds_set(struct rego_call *call, const struct json *list, const struct json *sub)
{
	struct json_array_builder found;
	const struct json *different;

	if (!rego_spend(call->budget, list->array.count) || !rego_spend_find(call->budget, list))
		return OVER;
	json_array_begin(&found, call->arena);
	for (size_t i = 0; i < list->array.count; i++)
		if (json_find(sub, list->array.items[i]))
			json_array_add(&found, list->array.items[i]);
	different = json_set_end(&found);
	return !different ? OVER : different->array.count == sub->array.count ? YES : NO;
}

static enum answer holds(struct rego_call *call, const struct json *super, const struct json *sub);

static enum answer object_holds(struct rego_call *call, const struct json *super, const struct json *sub)
{
	if (!rego_spend(call->budget, sub->object.count) || !rego_spend_find(call->budget, sub))
		return OVER;
	for (size_t i = 0; i < sub->object.count; i++) {
		const struct json *value = json_find(super, sub->object.members[i].key);
		enum answer answer = !value ? NO : json_equal(value, sub->object.members[i].value) ? YES :
			holds(call, value, sub->object.members[i].value);

		if (answer != YES)
			return answer;
	}
	return YES;
}

/* Of values of one type that is a list; others only hold themselves. */
static enum answer holds(struct rego_call *call, const struct json *super, const struct json *sub)
{
	if (super->type != sub->type)
		return NO;
	if (super->type == JSON_OBJECT)
		return object_holds(call, super, sub);
	if (super->type == JSON_SET)
		return set_holds(call, super, sub);
	return super->type == JSON_ARRAY ? list_holds(call, super, sub) : NO;
}

enum rego_answer rego_do_object_subset(struct rego_call *call)
{
	const struct json *super = call->operands[0], *sub = call->operands[1];
	bool is_list = super->type == JSON_OBJECT || super->type == JSON_SET || super->type == JSON_ARRAY;
	enum answer answer;

	if (super->type == JSON_ARRAY && sub->type == JSON_SET) {
		answer = list_holds_set(call, super, sub);
	} else if (is_list && super->type == sub->type) {
		answer = holds(call, super, sub);
	} else {
		call->is_type_error = true;
		return rego_fail(call,
			"both arguments object.subset must be of the same type or array and set");
	}
	return answer == OVER ? rego_stopped(call) :
				rego_give(call, json_new_bool(call->arena, answer == YES));
}
