// SPDX-License-Identifier: Apache-2.0
/*
 * number_read.c - what the text of a number means
 *
 * DIGITS * 10^exponent is an exact fraction of two integers: powers of two are only shifted, so what is
 * multiplied or divided by is a power of five. Nearly every number of a policy fits a limb above and below
 * the line, and takes no memory; the others are computed at full length. Either way it is rounded once.
 */
#include "rego/number.h"

#include <gmp.h>

enum {
	LIMB_BITS = 64,
	LIMB_DIGITS = 19,		/* that always fit one limb */
	LIMB_FIVES = 27,		/* the largest power of five in one limb */
};

__extension__ typedef unsigned __int128 wide;

/* A decimal: its digits without point and without zeros at either end, times 10^exponent. */
struct decimal {
	struct str whole, fraction;	/* before and behind the point */
	int64_t exponent;		/* of the last digit of both */
	bool is_negative;
};

static bool too_large(struct rego_call *call)
{
	(void)rego_stopped(call);
	return false;
}

/* ---- the text ---- */

static struct str take_digits(struct str *text)
{
	struct str digits = { .data = text->data };

	while (digits.len < text->len && ascii_is_digit(text->data[digits.len]))
		digits.len++;
	*text = (struct str){ .data = text->data + digits.len, .len = text->len - digits.len };
	return digits;
}

static bool take_char(struct str *text, char c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	text->data++;
	text->len--;
	return true;
}

/* What stands behind the e; more than any limit is one more than the limit. */
static int64_t take_exponent(struct str *text)
{
	bool is_negative = take_char(text, '-');
	struct str digits;
	int64_t exponent = 0;

	if (!is_negative)
		(void)take_char(text, '+');
	digits = take_digits(text);
	for (size_t i = 0; i < digits.len; i++)
		exponent = MIN(exponent * 10 + (digits.data[i] - '0'), (int64_t)INT32_MAX);
	return is_negative ? -exponent : exponent;
}

static struct decimal read_decimal(struct str text)
{
	struct decimal decimal = { .is_negative = take_char(&text, '-') };

	decimal.whole = take_digits(&text);
	while (take_char(&decimal.whole, '0'))
		;
	if (take_char(&text, '.'))
		decimal.fraction = take_digits(&text);
	if (take_char(&text, 'e') || take_char(&text, 'E'))
		decimal.exponent = take_exponent(&text);
	while (decimal.fraction.len > 0 && decimal.fraction.data[decimal.fraction.len - 1] == '0')
		decimal.fraction.len--;
	decimal.exponent -= (int64_t)decimal.fraction.len;
	return decimal;
}

static bool is_plain(struct str text)
{
	return !memchr(text.data, '.', text.len) && !memchr(text.data, 'e', text.len) &&
		!memchr(text.data, 'E', text.len);
}

/* ---- floats ---- */

static uint64_t small_power(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent-- > 0)
		power *= 5;
	return power;
}

static uint64_t small_digits(const struct decimal *decimal)
{
	uint64_t value = 0;

	for (size_t i = 0; i < decimal->whole.len; i++)
		value = value * 10 + (uint64_t)(decimal->whole.data[i] - '0');
	for (size_t i = 0; i < decimal->fraction.len; i++)
		value = value * 10 + (uint64_t)(decimal->fraction.data[i] - '0');
	return value;
}

static bool round_small(const struct decimal *decimal, unsigned bits, struct rego_float *ret)
{
	uint64_t digits = small_digits(decimal), limbs[3] = { 0 }, rest = 0;
	int64_t exponent = decimal->exponent;

	*ret = (struct rego_float){ 0 };
	if (digits == 0)
		return true;
	if (exponent >= 0) {
		wide product = (wide)digits * small_power((unsigned)exponent);

		limbs[0] = (uint64_t)product;
		limbs[1] = (uint64_t)(product >> LIMB_BITS);
	} else {
		unsigned shift = (unsigned)__builtin_clzll(digits);
		uint64_t dividend[3] = { 0, 0, digits << shift };

		rest = mpn_divrem_1(limbs, 0, dividend, 3, small_power((unsigned)-exponent));
		exponent -= shift + 2 * LIMB_BITS;
	}
	return rego_float_round(limbs, limbs[2] ? 3 : limbs[1] ? 2 : 1, exponent, rest != 0, bits, ret);
}

static bool all_digits(struct rego_call *call, const struct decimal *decimal, struct rego_int *ret)
{
	size_t count = decimal->whole.len + decimal->fraction.len;
	char *text = arena_alloc(call->arena, count);

	if (!text)
		return too_large(call);
	memcpy(text, decimal->whole.data, decimal->whole.len);
	if (decimal->fraction.len > 0)
		memcpy(text + decimal->whole.len, decimal->fraction.data, decimal->fraction.len);
	return rego_int_read(call, (struct str){ .data = text, .len = count }, ret);
}

/* The quotient gets two limbs more than the mantissa, so that what it lacks is only told by the rest. */
static bool round_quotient(struct rego_call *call, struct rego_int a, struct rego_int b, int64_t exponent,
	unsigned bits, struct rego_float *ret)
{
	size_t words = b.count + 3 > a.count ? b.count + 3 - a.count : 0, count;
	struct rego_int dividend;
	uint64_t *quotient, *rest;
	bool is_more = false;

	if (!rego_int_shift(call, a, (int64_t)words * LIMB_BITS, &dividend))
		return false;
	count = dividend.count - b.count + 1;
	quotient = arena_alloc_array(call->arena, count, sizeof(*quotient));
	rest = arena_alloc_array(call->arena, b.count, sizeof(*rest));
	if (!quotient || !rest || !rego_spend(call->budget, count * b.count / 4))
		return too_large(call);
	mpn_tdiv_qr(quotient, rest, 0, dividend.limbs, (mp_size_t)dividend.count, b.limbs,
		(mp_size_t)b.count);
	for (size_t i = 0; i < b.count && !is_more; i++)
		is_more = rest[i] != 0;
	count -= quotient[count - 1] == 0;
	return rego_float_round(quotient, count, exponent - (int64_t)words * LIMB_BITS, is_more, bits, ret) ||
		too_large(call);
}

static bool round_large(struct rego_call *call, const struct decimal *decimal, unsigned bits,
	struct rego_float *ret)
{
	int64_t exponent = decimal->exponent;
	struct rego_int digits, power;

	*ret = (struct rego_float){ 0 };
	if (!all_digits(call, decimal, &digits))
		return false;
	if (digits.count == 0)
		return true;
	if (exponent > REGO_EXPONENT_MAX || exponent < -REGO_EXPONENT_MAX)
		return too_large(call);
	if (!rego_int_power(call, 5, (uint64_t)(exponent < 0 ? -exponent : exponent), &power))
		return false;
	if (exponent < 0)
		return round_quotient(call, digits, power, exponent, bits, ret);
	if (!rego_int_mul(call, digits, power, &digits))
		return false;
	return rego_float_round(digits.limbs, digits.count, exponent, false, bits, ret) || too_large(call);
}

bool rego_float_read(struct rego_call *call, struct str text, unsigned bits, struct rego_float *ret)
{
	struct decimal decimal = read_decimal(text);
	bool is_small = decimal.whole.len + decimal.fraction.len <= LIMB_DIGITS &&
		decimal.exponent >= -LIMB_FIVES && decimal.exponent <= LIMB_FIVES;

	if (is_small ? !round_small(&decimal, bits, ret) : !round_large(call, &decimal, bits, ret))
		return false;
	ret->is_negative = decimal.is_negative;
	return true;
}

/* ---- numbers ---- */

bool rego_number_read(struct rego_call *call, const struct json *value, struct rego_number *ret)
{
	*ret = (struct rego_number){ 0 };
	if (value->type == JSON_INT || is_plain(value->text)) {
		bool is_read = value->type == JSON_INT ? rego_int_of(call, value->integer, &ret->as_integer) :
			rego_int_read(call, value->text, &ret->as_integer);

		ret->is_integer = true;
		ret->as_float = rego_float_of(ret->as_integer);
		/* the text "-0" is an integer, and its float has a sign */
		ret->as_float.is_negative |= value->type == JSON_NUMBER && value->text.data[0] == '-';
		return is_read;
	}
	if (!rego_float_read(call, value->text, LIMB_BITS, &ret->as_float))
		return false;
	ret->is_integer = rego_float_is_integer(ret->as_float);
	return !ret->is_integer || rego_float_truncate(call, ret->as_float, &ret->as_integer);
}

/* ---- operands ---- */

bool rego_take_number(struct rego_call *call, size_t index, struct rego_number *ret)
{
	if (rego_is_number(call->operands[index]))
		return rego_number_read(call, call->operands[index], ret);
	(void)rego_operand(call, index, "number");
	return false;
}

static bool not_whole(struct rego_call *call, size_t index)
{
	(void)rego_operand_fail(call, index, "must be integer number but got floating-point number");
	return false;
}

bool rego_take_int(struct rego_call *call, size_t index, int64_t *ret)
{
	const struct json *operand = call->operands[index];

	if (operand->type == JSON_INT) {
		*ret = operand->integer;
		return true;
	}
	if (operand->type == JSON_NUMBER)
		return not_whole(call, index);
	(void)rego_operand(call, index, "number");
	return false;
}

bool rego_take_integer(struct rego_call *call, size_t index, struct rego_int *ret)
{
	struct rego_number number;

	if (!rego_is_number(call->operands[index])) {
		(void)rego_operand(call, index, "integer");
		return false;
	}
	if (!rego_number_read(call, call->operands[index], &number))
		return false;
	*ret = number.as_integer;
	return number.is_integer || not_whole(call, index);
}
