// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_aggregate.c - many values to one
 *
 * Arrays and sets keep their elements in the same place, and those of a set are in order already. Sums and
 * products of integers are exact however large they become, and from the first fraction on they are floats.
 */
#include "rego/builtin_table.h"
#include "rego/number.h"

static const char set_or_array[] = "one of {set, array}";
static const char array_or_set[] = "one of {array, set}";

static enum rego_answer give_bool(struct rego_call *call, bool value)
{
	return rego_give(call, json_new_bool(call->arena, value));
}

/* ---- count ---- */

/* Characters: every byte but those that continue one. */
static size_t count_points(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += (text.data[i] & 0xC0) != 0x80;
	return count;
}

enum rego_answer rego_do_count(struct rego_call *call)
{
	const struct json *operand = call->operands[0];
	size_t count;

	if (operand->type == JSON_ARRAY || operand->type == JSON_SET)
		count = operand->array.count;
	else if (operand->type == JSON_OBJECT)
		count = operand->object.count;
	else if (operand->type != JSON_STRING)
		return rego_operand(call, 0, "one of {array, object, set, string}");
	else if (rego_spend(call->budget, operand->text.len / 64))
		count = count_points(operand->text);
	else
		return rego_stopped(call);
	return rego_give(call, json_new_int(call->arena, (int64_t)count));
}

/* ---- sum, product ---- */

struct fold {
	int64_t start;
	/* false: it does not fit, and @ret is nothing */
	bool (*fits)(int64_t a, int64_t b, int64_t *ret);
	bool (*exact)(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret);
	bool (*rounded)(struct rego_call *call, struct rego_float a, struct rego_float b,
		struct rego_float *ret);
};

static bool add_fits(int64_t a, int64_t b, int64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static bool mul_fits(int64_t a, int64_t b, int64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

static bool fold_one(struct rego_call *call, const struct fold *fold, struct rego_number *all,
	const struct json *element)
{
	struct rego_number one;

	if (!rego_number_read(call, element, &one))
		return false;
	if (!all->is_integer || !one.is_integer) {
		all->is_integer = false;
		return fold->rounded(call, all->as_float, one.as_float, &all->as_float);
	}
	if (!fold->exact(call, all->as_integer, one.as_integer, &all->as_integer))
		return false;
	all->as_float = rego_float_of(all->as_integer);
	return true;
}

/* The elements from @at on, behind those that made @so_far. */
static enum rego_answer fold_numbers(struct rego_call *call, const struct fold *fold, int64_t so_far,
	size_t at)
{
	const struct json *list = call->operands[0];
	struct rego_number all = { .is_integer = true };

	if (!rego_int_of(call, so_far, &all.as_integer))
		return rego_stopped(call);
	all.as_float = rego_float_of(all.as_integer);
	for (; at < list->array.count; at++)
		if (!fold_one(call, fold, &all, list->array.items[at]))
			return rego_stopped(call);
	return rego_give(call, all.is_integer ? rego_int_value(call, all.as_integer) :
		rego_float_value(call, all.as_float));
}

static enum rego_answer fold(struct rego_call *call, const struct fold *fold)
{
	const struct json *list = call->operands[0];
	int64_t all = fold->start, more;
	size_t at = 0;

	if (!rego_take_elements(call, 0, set_or_array))
		return rego_failed(call);
	for (size_t i = 0; i < list->array.count; i++)
		if (!rego_is_number(list->array.items[i]))
			return rego_element(call, 0, "number", list->array.items[i]);
	for (; at < list->array.count && list->array.items[at]->type == JSON_INT; at++) {
		if (!fold->fits(all, list->array.items[at]->integer, &more))
			break;
		all = more;
	}
	return at == list->array.count ? rego_give(call, json_new_int(call->arena, all)) :
		fold_numbers(call, fold, all, at);
}

enum rego_answer rego_do_sum(struct rego_call *call)
{
	return fold(call, &(struct fold){ 0, add_fits, rego_int_add, rego_float_add });
}

enum rego_answer rego_do_product(struct rego_call *call)
{
	return fold(call, &(struct fold){ 1, mul_fits, rego_int_mul, rego_float_mul });
}

/* ---- order ---- */

/* The first element is the least so far; @sign is 1 for the least and -1 for the greatest. */
static enum rego_answer extreme(struct rego_call *call, int sign)
{
	const struct json *list = call->operands[0], *found;

	if (!rego_take_elements(call, 0, set_or_array))
		return rego_failed(call);
	if (!list->array.count)
		return rego_undefined(call);
	if (!rego_spend_value(call->budget, list, 1))
		return rego_stopped(call);
	found = list->array.items[0];
	for (size_t i = 1; i < list->array.count; i++)
		if (sign * json_compare(list->array.items[i], found) <= 0)
			found = list->array.items[i];
	return rego_give(call, found);
}

enum rego_answer rego_do_max(struct rego_call *call)
{
	return extreme(call, -1);
}

enum rego_answer rego_do_min(struct rego_call *call)
{
	return extreme(call, 1);
}

enum rego_answer rego_do_sort(struct rego_call *call)
{
	const struct json *list = call->operands[0];
	struct json_array_builder sorted;

	if (!rego_take_elements(call, 0, set_or_array))
		return rego_failed(call);
	if (!rego_spend_value(call->budget, list, 1))
		return rego_stopped(call);
	json_array_begin(&sorted, call->arena);
	for (size_t i = 0; i < list->array.count; i++)
		json_array_add(&sorted, list->array.items[i]);
	return rego_give(call, json_array_end_sorted(&sorted));
}

/* ---- all, any ---- */

static bool is_true(const struct json *value)
{
	return value->type == JSON_BOOL && value->boolean;
}

enum rego_answer rego_do_all(struct rego_call *call)
{
	const struct json *list = call->operands[0];
	bool all = true;

	if (!rego_take_elements(call, 0, array_or_set))
		return rego_failed(call);
	for (size_t i = 0; i < list->array.count && all; i++)
		all = is_true(list->array.items[i]);
	return give_bool(call, all);
}

enum rego_answer rego_do_any(struct rego_call *call)
{
	const struct json *list = call->operands[0];
	bool any = false;

	if (!rego_take_elements(call, 0, array_or_set))
		return rego_failed(call);
	for (size_t i = 0; i < list->array.count && !any; i++)
		any = is_true(list->array.items[i]);
	return give_bool(call, any);
}
