// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_bits.c - integers as rows of bits
 *
 * An integer may be of any length, and a negative one begins with set bits for ever (two's complement), so
 * there is no width that a bit could fall out of.
 */
#include "rego/builtin_table.h"
#include "rego/number.h"

/* As modes of files and the like are: one limb, no sign. */
static bool is_small(const struct json *value)
{
	return value->type == JSON_INT && value->integer >= 0;
}

static int64_t small_bits(enum rego_bits how, int64_t a, int64_t b)
{
	switch (how) {
	case REGO_BITS_AND:
		return a & b;
	case REGO_BITS_OR:
		return a | b;
	case REGO_BITS_XOR:
		break;
	}
	return a ^ b;
}

static enum rego_answer bitwise(struct rego_call *call, enum rego_bits how)
{
	const struct json *left = call->operands[0], *right = call->operands[1];
	struct rego_int a, b;

	if (is_small(left) && is_small(right))
		return rego_give(call,
			json_new_int(call->arena, small_bits(how, left->integer, right->integer)));
	if (!rego_take_integer(call, 0, &a) || !rego_take_integer(call, 1, &b))
		return rego_failed(call);
	if (!rego_int_bits(call, how, a, b, &a))
		return rego_stopped(call);
	return rego_give(call, rego_int_value(call, a));
}

enum rego_answer rego_do_bits_and(struct rego_call *call)
{
	return bitwise(call, REGO_BITS_AND);
}

enum rego_answer rego_do_bits_or(struct rego_call *call)
{
	return bitwise(call, REGO_BITS_OR);
}

enum rego_answer rego_do_bits_xor(struct rego_call *call)
{
	return bitwise(call, REGO_BITS_XOR);
}

/* ~a is -a - 1, at any length. */
enum rego_answer rego_do_bits_negate(struct rego_call *call)
{
	struct rego_int a, one;

	if (!rego_take_integer(call, 0, &a))
		return rego_failed(call);
	a.is_negative = !a.is_negative && a.count > 0;
	if (!rego_int_of(call, 1, &one) || !rego_int_sub(call, a, one, &a))
		return rego_stopped(call);
	return rego_give(call, rego_int_value(call, a));
}

/* No distance of more than one limb can be meant: up it is too far, and down nothing is left on the way. */
static enum rego_answer shift(struct rego_call *call, bool is_up)
{
	struct rego_int a, distance;
	int64_t bits;

	if (!rego_take_integer(call, 0, &a) || !rego_take_integer(call, 1, &distance))
		return rego_failed(call);
	if (distance.is_negative)
		return rego_operand_fail(call, 1,
			"must be an unsigned integer number but got a negative integer");
	bits = distance.count > 1 || (distance.count == 1 && distance.limbs[0] > INT64_MAX) ? INT64_MAX :
		distance.count == 1 ? (int64_t)distance.limbs[0] : 0;
	if (!rego_int_shift(call, a, is_up ? bits : -bits, &a))
		return rego_stopped(call);
	return rego_give(call, rego_int_value(call, a));
}

enum rego_answer rego_do_bits_lsh(struct rego_call *call)
{
	return shift(call, true);
}

enum rego_answer rego_do_bits_rsh(struct rego_call *call)
{
	return shift(call, false);
}
