// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_types.c - of which type a value is, and the old casts, which only say whether it is of one
 */
#include "rego/builtin_table.h"
#include "rego/number.h"

static enum rego_answer is(struct rego_call *call, bool is_it)
{
	return rego_give(call, json_new_bool(call->arena, is_it));
}

enum rego_answer rego_do_is_array(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_ARRAY);
}

enum rego_answer rego_do_is_boolean(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_BOOL);
}

enum rego_answer rego_do_is_null(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_NULL);
}

enum rego_answer rego_do_is_number(struct rego_call *call)
{
	return is(call, rego_is_number(call->operands[0]));
}

enum rego_answer rego_do_is_object(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_OBJECT);
}

enum rego_answer rego_do_is_set(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_SET);
}

enum rego_answer rego_do_is_string(struct rego_call *call)
{
	return is(call, call->operands[0]->type == JSON_STRING);
}

enum rego_answer rego_do_type_name(struct rego_call *call)
{
	return rego_give(call, json_new_text(call->arena, rego_type_name(call->operands[0])));
}

/* ---- casts ---- */

static enum rego_answer cast_to(struct rego_call *call, enum json_type type)
{
	return rego_take(call, 0, type) ? rego_give(call, call->operands[0]) : rego_failed(call);
}

enum rego_answer rego_do_cast_boolean(struct rego_call *call)
{
	return cast_to(call, JSON_BOOL);
}

enum rego_answer rego_do_cast_null(struct rego_call *call)
{
	return cast_to(call, JSON_NULL);
}

enum rego_answer rego_do_cast_object(struct rego_call *call)
{
	return cast_to(call, JSON_OBJECT);
}

enum rego_answer rego_do_cast_string(struct rego_call *call)
{
	return cast_to(call, JSON_STRING);
}

/* The elements of an array or a set, for the other of the two. */
static bool take_elements(struct rego_call *call, struct json_array_builder *builder)
{
	const struct json *list = call->operands[0];

	if (!rego_take_elements(call, 0, "one of {array, set}"))
		return false;
	json_array_begin(builder, call->arena);
	for (size_t i = 0; i < list->array.count; i++)
		json_array_add(builder, list->array.items[i]);
	return true;
}

enum rego_answer rego_do_cast_array(struct rego_call *call)
{
	struct json_array_builder array;

	return take_elements(call, &array) ? rego_give(call, json_array_end(&array)) : rego_failed(call);
}

enum rego_answer rego_do_cast_set(struct rego_call *call)
{
	struct json_array_builder set;

	return take_elements(call, &set) ? rego_give(call, json_set_end(&set)) : rego_failed(call);
}
