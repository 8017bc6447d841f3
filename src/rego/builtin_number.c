// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_number.c - arithmetic
 *
 * Nearly every operand is an integer of 64 bits and nearly every result is one again, so that is what each
 * function tries first. What does not fit is computed exactly as long as both operands are integers, and as
 * floats otherwise (number.h). Only division leaves the integers by itself.
 */
#include "base/hash.h"
#include "rego/builtin_table.h"
#include "rego/number.h"


__extension__ typedef unsigned __int128 wide;

/* ---- two operands ---- */

struct operation {
	/* false: it does not fit, so one of the others has to */
	bool (*fits)(int64_t a, int64_t b, int64_t *ret);
	bool (*exact)(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret);
	bool (*rounded)(struct rego_call *call, struct rego_float a, struct rego_float b,
		struct rego_float *ret);
};

static bool add_fits(int64_t a, int64_t b, int64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static bool sub_fits(int64_t a, int64_t b, int64_t *ret)
{
	return !__builtin_sub_overflow(a, b, ret);
}

static bool mul_fits(int64_t a, int64_t b, int64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

static const struct operation sum = { add_fits, rego_int_add, rego_float_add };
static const struct operation difference = { sub_fits, rego_int_sub, rego_float_sub };
static const struct operation product = { mul_fits, rego_int_mul, rego_float_mul };

static enum rego_answer give_int(struct rego_call *call, struct rego_int value)
{
	return rego_give(call, rego_int_value(call, value));
}

static enum rego_answer give_float(struct rego_call *call, struct rego_float value)
{
	return rego_give(call, rego_float_value(call, value));
}

static enum rego_answer compute(struct rego_call *call, const struct operation *operation)
{
	const struct json *const *operands = call->operands;
	struct rego_number a, b;
	int64_t small;

	if (operands[0]->type == JSON_INT && operands[1]->type == JSON_INT &&
			operation->fits(operands[0]->integer, operands[1]->integer, &small))
		return rego_give(call, json_new_int(call->arena, small));
	if (!rego_take_number(call, 0, &a) || !rego_take_number(call, 1, &b))
		return rego_failed(call);
	if (a.is_integer && b.is_integer) {
		if (!operation->exact(call, a.as_integer, b.as_integer, &a.as_integer))
			return rego_stopped(call);
		return give_int(call, a.as_integer);
	}
	if (!operation->rounded(call, a.as_float, b.as_float, &a.as_float))
		return rego_stopped(call);
	return give_float(call, a.as_float);
}

enum rego_answer rego_do_plus(struct rego_call *call)
{
	return compute(call, &sum);
}

enum rego_answer rego_do_mul(struct rego_call *call)
{
	return compute(call, &product);
}

static enum rego_answer set_difference(struct rego_call *call)
{
	const struct json *a = call->operands[0], *b = call->operands[1];
	struct json_array_builder builder;
	size_t j = 0;

	if (!rego_spend(call->budget, a->array.count + b->array.count) ||
			!rego_spend_value(call->budget, a, 1) || !rego_spend_value(call->budget, b, 1))
		return rego_stopped(call);
	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i < a->array.count; i++) {
		int order = 1;

		while (j < b->array.count && (order = json_compare(a->array.items[i], b->array.items[j])) > 0)
			j++;
		if (j == b->array.count || order != 0)
			json_array_add(&builder, a->array.items[i]);
	}
	return rego_give(call, json_set_end(&builder));
}

enum rego_answer rego_do_minus(struct rego_call *call)
{
	const struct json *a = call->operands[0], *b = call->operands[1];

	if (a->type == JSON_SET && b->type == JSON_SET)
		return set_difference(call);
	if (!rego_is_number(a) && a->type != JSON_SET)
		return rego_operand(call, 0, "one of {number, set}");
	/* the first operand fits; where the second is a number it is only not what the first one is */
	if (a->type == JSON_SET && rego_is_number(b))
		return rego_operand(call, 1, "set");
	if (!rego_is_number(b))
		return rego_operand(call, 1, "number");
	return compute(call, &difference);
}

/* The quotient of integers is one where nothing is left; 0 / -1 is -0, which only a float can say. */
static bool div_fits(const struct json *a, const struct json *b, int64_t *ret)
{
	if (a->type != JSON_INT || b->type != JSON_INT || a->integer == 0 || b->integer == 0)
		return false;
	if ((a->integer == INT64_MIN && b->integer == -1) || a->integer % b->integer != 0)
		return false;
	*ret = a->integer / b->integer;
	return true;
}

enum rego_answer rego_do_div(struct rego_call *call)
{
	struct rego_number a, b;
	int64_t small;

	if (div_fits(call->operands[0], call->operands[1], &small))
		return rego_give(call, json_new_int(call->arena, small));
	if (!rego_take_number(call, 0, &a) || !rego_take_number(call, 1, &b))
		return rego_failed(call);
	if (b.as_float.mantissa == 0)
		return rego_fail(call, "divide by zero");
	if (!rego_float_div(call, a.as_float, b.as_float, &a.as_float))
		return rego_stopped(call);
	return give_float(call, a.as_float);
}

enum rego_answer rego_do_rem(struct rego_call *call)
{
	const struct json *const *operands = call->operands;
	struct rego_int quotient, rest;
	struct rego_number a, b;

	if (operands[0]->type == JSON_INT && operands[1]->type == JSON_INT && operands[1]->integer != 0) {
		/* the one quotient that does not fit leaves nothing, too */
		int64_t small = operands[1]->integer == -1 ? 0 : operands[0]->integer % operands[1]->integer;

		return rego_give(call, json_new_int(call->arena, small));
	}
	if (!rego_take_number(call, 0, &a) || !rego_take_number(call, 1, &b))
		return rego_failed(call);
	if (!a.is_integer || !b.is_integer)
		return rego_fail(call, "modulo on floating-point number");
	if (b.as_integer.count == 0)
		return rego_fail(call, "modulo by zero");
	if (!rego_int_divide(call, a.as_integer, b.as_integer, &quotient, &rest))
		return rego_stopped(call);
	return give_int(call, rest);
}

/* ---- one operand ---- */

/*
 * What OPA rounds, it rounds as floats, and these three do as it does: an integer of more than 64 bits loses
 * its last ones, and between -1 and 0, where what stands before the point has no sign, floor goes up to 0 and
 * ceil to 1.
 */
static enum rego_answer give_whole(struct rego_call *call, struct rego_float a, int add)
{
	struct rego_int whole, one;

	if (!rego_float_truncate(call, a, &whole))
		return rego_stopped(call);
	if (rego_float_is_integer(a) || whole.is_negative != (add < 0))
		add = 0;
	if (!rego_int_of(call, add, &one) || !rego_int_add(call, whole, one, &whole))
		return rego_stopped(call);
	return give_float(call, rego_float_of(whole));
}

static enum rego_answer to_whole(struct rego_call *call, int add)
{
	struct rego_number a;

	if (call->operands[0]->type == JSON_INT)
		return rego_give(call, call->operands[0]);
	if (!rego_take_number(call, 0, &a))
		return rego_failed(call);
	return give_whole(call, a.as_float, add);
}

enum rego_answer rego_do_ceil(struct rego_call *call)
{
	return to_whole(call, 1);
}

enum rego_answer rego_do_floor(struct rego_call *call)
{
	return to_whole(call, -1);
}

enum rego_answer rego_do_round(struct rego_call *call)
{
	struct rego_float half = { .mantissa = UINT64_C(1) << 63, .exponent = -64 };
	struct rego_number a;

	if (call->operands[0]->type == JSON_INT)
		return rego_give(call, call->operands[0]);
	if (!rego_take_number(call, 0, &a))
		return rego_failed(call);
	half.is_negative = a.as_float.is_negative;
	if (!rego_float_add(call, a.as_float, half, &a.as_float))
		return rego_stopped(call);
	return give_whole(call, a.as_float, 0);
}

enum rego_answer rego_do_abs(struct rego_call *call)
{
	const struct json *operand = call->operands[0];
	struct rego_number a;

	if (operand->type == JSON_INT && operand->integer >= 0)
		return rego_give(call, operand);
	if (operand->type == JSON_INT && operand->integer != INT64_MIN)
		return rego_give(call, json_new_int(call->arena, -operand->integer));
	if (!rego_take_number(call, 0, &a))
		return rego_failed(call);
	a.as_float.is_negative = false;
	return give_float(call, a.as_float);
}

/* ---- ranges ---- */

static enum rego_answer small_range(struct rego_call *call, int64_t at, int64_t end, int64_t step)
{
	struct json_array_builder builder;
	bool is_over;

	json_array_begin(&builder, call->arena);
	do {
		const struct json *value = json_new_int(call->arena, at);

		json_array_add(&builder, value);
		if (!value || !rego_spend(call->budget, 1))
			return rego_stopped(call);
		is_over = __builtin_add_overflow(at, step, &at);
	} while (!is_over && (step > 0 ? at <= end : at >= end));
	return rego_give(call, json_array_end(&builder));
}

static enum rego_answer large_range(struct rego_call *call, struct rego_int at, struct rego_int end,
	struct rego_int step)
{
	struct json_array_builder builder;

	json_array_begin(&builder, call->arena);
	do {
		const struct json *value = rego_int_value(call, at);

		json_array_add(&builder, value);
		if (!value || !rego_int_add(call, at, step, &at))
			return rego_stopped(call);
	} while (step.is_negative ? rego_int_compare(at, end) >= 0 : rego_int_compare(at, end) <= 0);
	return rego_give(call, json_array_end(&builder));
}

static enum rego_answer range(struct rego_call *call, struct rego_int step)
{
	const struct json *const *operands = call->operands;
	struct rego_int at, end;

	if (!rego_take_integer(call, 0, &at) || !rego_take_integer(call, 1, &end))
		return rego_failed(call);
	step.is_negative = rego_int_compare(at, end) > 0;
	if (operands[0]->type == JSON_INT && operands[1]->type == JSON_INT && step.count == 1 &&
			step.limbs[0] <= INT64_MAX) {
		int64_t small = (int64_t)step.limbs[0];

		return small_range(call, operands[0]->integer, operands[1]->integer,
			step.is_negative ? -small : small);
	}
	return large_range(call, at, end, step);
}

enum rego_answer rego_do_numbers_range(struct rego_call *call)
{
	struct rego_int one;

	return rego_int_of(call, 1, &one) ? range(call, one) : rego_stopped(call);
}

enum rego_answer rego_do_numbers_range_step(struct rego_call *call)
{
	struct rego_int step, unused;

	if (!rego_take_integer(call, 0, &unused) || !rego_take_integer(call, 1, &unused) ||
			!rego_take_integer(call, 2, &step))
		return rego_failed(call);
	if (step.is_negative || step.count == 0)
		return rego_fail(call, "numbers.range_step: step must be a positive integer");
	return range(call, step);
}

/* ---- randomness ---- */

/*
 * The seed of the evaluation, the limit and the key make the number, so the same call gives the same number
 * without anybody remembering it. What is multiplied and cut off is even but for one part in 2^64 of the
 * limit.
 */
enum rego_answer rego_do_rand_intn(struct rego_call *call)
{
	struct digest digest;
	struct hash hash;
	uint64_t limit, drawn;
	struct str key;
	int64_t number;

	if (!rego_take_string(call, 0, &key) || !rego_take_int(call, 1, &number))
		return rego_failed(call);
	if (!rego_spend(call->budget, key.len / 64 + 1))
		return rego_stopped(call);
	limit = number < 0 ? -(uint64_t)number : (uint64_t)number;
	hash_init(&hash);
	hash_update(&hash, call->moment->seed, sizeof(call->moment->seed));
	hash_update(&hash, &limit, sizeof(limit));
	hash_update(&hash, key.data, key.len);
	digest = hash_final(&hash);
	memcpy(&drawn, digest.bytes, sizeof(drawn));
	return rego_give(call, json_new_int(call->arena, (int64_t)((wide)drawn * limit >> 64)));
}
