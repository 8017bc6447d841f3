// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_array.c - arrays from arrays; a result that is one of the operands is that operand
 */
#include "rego/builtin_table.h"
#include "rego/number.h"

static void add_all(struct json_array_builder *builder, const struct json *array, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		json_array_add(builder, array->array.items[i]);
}

enum rego_answer rego_do_array_concat(struct rego_call *call)
{
	const struct json *a = call->operands[0], *b = call->operands[1];
	struct json_array_builder both;

	if (!rego_take(call, 0, JSON_ARRAY) || !rego_take(call, 1, JSON_ARRAY))
		return rego_failed(call);
	if (!a->array.count || !b->array.count)
		return rego_give(call, a->array.count ? a : b);
	if (!rego_spend(call->budget, a->array.count + b->array.count))
		return rego_stopped(call);
	json_array_begin(&both, call->arena);
	add_all(&both, a, 0, a->array.count);
	add_all(&both, b, 0, b->array.count);
	return rego_give(call, json_array_end(&both));
}

/* One level: what is in an array of the array stands there itself. */
enum rego_answer rego_do_array_flatten(struct rego_call *call)
{
	const struct json *array = call->operands[0];
	struct json_array_builder flat;

	if (!rego_take(call, 0, JSON_ARRAY))
		return rego_failed(call);
	json_array_begin(&flat, call->arena);
	for (size_t i = 0; i < array->array.count; i++) {
		const struct json *item = array->array.items[i];
		bool is_array = item->type == JSON_ARRAY;

		if (!rego_spend(call->budget, is_array ? item->array.count + 1 : 1))
			return rego_stopped(call);
		if (is_array)
			add_all(&flat, item, 0, item->array.count);
		else
			json_array_add(&flat, item);
	}
	return rego_give(call, json_array_end(&flat));
}

enum rego_answer rego_do_array_reverse(struct rego_call *call)
{
	const struct json *array = call->operands[0];
	struct json_array_builder reversed;

	if (!rego_take(call, 0, JSON_ARRAY))
		return rego_failed(call);
	if (!rego_spend(call->budget, array->array.count))
		return rego_stopped(call);
	json_array_begin(&reversed, call->arena);
	for (size_t i = array->array.count; i-- > 0;)
		json_array_add(&reversed, array->array.items[i]);
	return rego_give(call, json_array_end(&reversed));
}

/* Places outside of the array are its ends, and where the end comes first there is nothing between. */
enum rego_answer rego_do_array_slice(struct rego_call *call)
{
	const struct json *array = call->operands[0];
	struct json_array_builder slice;
	int64_t start, end;

	if (!rego_take(call, 0, JSON_ARRAY) || !rego_take_int(call, 1, &start) ||
			!rego_take_int(call, 2, &end))
		return rego_failed(call);
	end = MIN(MAX(end, INT64_C(0)), (int64_t)array->array.count);
	start = MIN(MAX(start, INT64_C(0)), end);
	if ((size_t)(end - start) == array->array.count)
		return rego_give(call, array);
	if (!rego_spend(call->budget, (uint64_t)(end - start)))
		return rego_stopped(call);
	json_array_begin(&slice, call->arena);
	add_all(&slice, array, (size_t)start, (size_t)end);
	return rego_give(call, json_array_end(&slice));
}
