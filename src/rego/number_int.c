// SPDX-License-Identifier: Apache-2.0
/*
 * number_int.c - integers of any size, over GMP's functions for runs of limbs
 *
 * Sign and magnitude. Those functions want the operands in a certain order and sums and products in room of
 * their own; what they do in passing they do on the stack. Every operation takes its memory from the arena,
 * which bounds it, and what it costs from the budget beforehand.
 */
#include "rego/number.h"

#include <gmp.h>

enum {
	LIMB_BITS = 64,
	/* a limb holds 19 digits and a bit; mpn_set_str() may write one limb more than that needs */
	TEXT_MAX = (REGO_LIMBS_MAX - 2) * 19,
};

static_assert(sizeof(mp_limb_t) == sizeof(uint64_t) && GMP_NAIL_BITS == 0, "limbs are 64 bits");

/* ---- room and limits ---- */

/* No room is as good as none left. */
static bool no_room(struct rego_call *call)
{
	(void)rego_stopped(call);
	return false;
}

static uint64_t *new_limbs(struct rego_call *call, size_t count, size_t steps)
{
	uint64_t *limbs = NULL;

	if (rego_spend(call->budget, steps / 4 + 1) && count <= REGO_LIMBS_MAX)
		limbs = arena_alloc_array(call->arena, MAX(count, (size_t)1), sizeof(*limbs));
	if (!limbs)
		(void)no_room(call);
	return limbs;
}

static struct rego_int normal(uint64_t *limbs, size_t count, bool is_negative)
{
	while (count > 0 && limbs[count - 1] == 0)
		count--;
	return (struct rego_int){ .limbs = limbs, .count = count, .is_negative = is_negative && count > 0 };
}

/* ---- from and to text ---- */

bool rego_int_of(struct rego_call *call, int64_t value, struct rego_int *ret)
{
	uint64_t *limbs = new_limbs(call, 1, 1);

	if (!limbs)
		return false;
	limbs[0] = value < 0 ? -(uint64_t)value : (uint64_t)value;
	*ret = normal(limbs, 1, value < 0);
	return true;
}

bool rego_int_read(struct rego_call *call, struct str digits, struct rego_int *ret)
{
	bool is_negative = digits.len > 0 && digits.data[0] == '-';
	size_t from = is_negative || (digits.len > 0 && digits.data[0] == '+');
	unsigned char *values;
	uint64_t *limbs;
	size_t count;

	while (from < digits.len && digits.data[from] == '0')
		from++;
	count = digits.len - from;
	if (count > TEXT_MAX)
		return no_room(call);
	limbs = new_limbs(call, count / 19 + 2, count * count / 256);
	values = arena_alloc(call->arena, count + 1);
	if (!limbs || !values)
		return no_room(call);
	for (size_t i = 0; i < count; i++)
		values[i] = (unsigned char)(digits.data[from + i] - '0');
	count = count > 0 ? (size_t)mpn_set_str(limbs, values, count, 10) : 0;
	*ret = normal(limbs, count, is_negative);
	return true;
}

bool rego_int_text(struct rego_call *call, struct rego_int a, unsigned base, struct str *ret)
{
	/* base 2 has the most digits; one more for what mpn_get_str() may put in front, and a sign */
	size_t room = a.count * (base < 8 ? 64 : base < 10 ? 22 : 20) + 3, from = 0, count;
	uint64_t *copy = new_limbs(call, a.count, a.count * a.count);
	char *text = arena_alloc(call->arena, room);

	if (!copy || !text)
		return no_room(call);
	if (a.count == 0) {
		text[0] = '0';
		*ret = (struct str){ .data = text, .len = 1 };
		return true;
	}
	memcpy(copy, a.limbs, a.count * sizeof(*copy));
	count = mpn_get_str((unsigned char *)text + 1, (int)base, copy, (mp_size_t)a.count);
	while (text[1 + from] == 0)
		from++;
	for (size_t i = 1 + from; i <= count; i++)
		text[i] = "0123456789abcdef"[(unsigned char)text[i]];
	text[from] = '-';
	*ret = (struct str){ .data = text + from + !a.is_negative, .len = count - from + a.is_negative };
	return true;
}

const struct json *rego_int_value(struct rego_call *call, struct rego_int a)
{
	uint64_t magnitude = a.count > 0 ? a.limbs[0] : 0;
	struct str text;

	if (a.count <= 1 && magnitude <= INT64_MAX)
		return json_new_int(call->arena, a.is_negative ? -(int64_t)magnitude : (int64_t)magnitude);
	if (!rego_int_text(call, a, 10, &text))
		return NULL;
	return json_new_number(call->arena, text);
}

bool rego_int_power(struct rego_call *call, uint64_t base, uint64_t exponent, struct rego_int *ret)
{
	struct rego_int power, square;

	if (!rego_int_of(call, 1, &power) || !rego_int_of(call, (int64_t)base, &square))
		return false;
	for (;;) {
		if (exponent & 1 && !rego_int_mul(call, power, square, &power))
			return false;
		exponent >>= 1;
		if (exponent == 0)
			break;
		if (!rego_int_mul(call, square, square, &square))
			return false;
	}
	*ret = power;
	return true;
}

/* ---- arithmetic ---- */

static int compare_magnitude(struct rego_int a, struct rego_int b)
{
	if (a.count != b.count)
		return a.count < b.count ? -1 : 1;
	return a.count > 0 ? mpn_cmp(a.limbs, b.limbs, (mp_size_t)a.count) : 0;
}

int rego_int_compare(struct rego_int a, struct rego_int b)
{
	if (a.is_negative != b.is_negative)
		return a.is_negative ? -1 : 1;
	return a.is_negative ? -compare_magnitude(a, b) : compare_magnitude(a, b);
}

bool rego_int_add(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret)
{
	struct rego_int large = compare_magnitude(a, b) < 0 ? b : a, small = large.limbs == a.limbs ? b : a;
	uint64_t *sum;

	if (small.count == 0) {
		*ret = large;
		return true;
	}
	sum = new_limbs(call, large.count + 1, large.count);
	if (!sum)
		return false;
	if (a.is_negative == b.is_negative)
		sum[large.count] = mpn_add(sum, large.limbs, (mp_size_t)large.count, small.limbs,
			(mp_size_t)small.count);
	else
		(void)mpn_sub(sum, large.limbs, (mp_size_t)large.count, small.limbs, (mp_size_t)small.count);
	*ret = normal(sum, large.count + 1, large.is_negative);
	return true;
}

bool rego_int_sub(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret)
{
	b.is_negative = !b.is_negative && b.count > 0;
	return rego_int_add(call, a, b, ret);
}

bool rego_int_mul(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret)
{
	struct rego_int large = a.count < b.count ? b : a, small = a.count < b.count ? a : b;
	uint64_t *product;

	if (small.count == 0) {
		*ret = small;
		return true;
	}
	product = new_limbs(call, large.count + small.count, large.count * small.count);
	if (!product)
		return false;
	(void)mpn_mul(product, large.limbs, (mp_size_t)large.count, small.limbs, (mp_size_t)small.count);
	*ret = normal(product, large.count + small.count, a.is_negative != b.is_negative);
	return true;
}

bool rego_int_divide(struct rego_call *call, struct rego_int a, struct rego_int b,
	struct rego_int *ret_quotient, struct rego_int *ret_rest)
{
	uint64_t *quotient, *rest;
	size_t count;

	if (a.count < b.count) {
		*ret_quotient = (struct rego_int){ 0 };
		*ret_rest = a;
		return true;
	}
	count = a.count - b.count + 1;
	quotient = new_limbs(call, count, count * b.count);
	rest = new_limbs(call, b.count, 0);
	if (!quotient || !rest)
		return false;
	mpn_tdiv_qr(quotient, rest, 0, a.limbs, (mp_size_t)a.count, b.limbs, (mp_size_t)b.count);
	*ret_quotient = normal(quotient, count, a.is_negative != b.is_negative);
	*ret_rest = normal(rest, b.count, a.is_negative);
	return true;
}

/* ---- bits ---- */

static bool shift_up(struct rego_call *call, struct rego_int a, uint64_t bits, struct rego_int *ret)
{
	size_t words = bits / LIMB_BITS;
	uint64_t *limbs;

	if (bits / LIMB_BITS >= REGO_LIMBS_MAX)
		return no_room(call);
	limbs = new_limbs(call, a.count + words + 1, a.count + words);
	if (!limbs)
		return false;
	if (bits % LIMB_BITS > 0)
		limbs[words + a.count] = mpn_lshift(limbs + words, a.limbs, (mp_size_t)a.count,
			(unsigned)(bits % LIMB_BITS));
	else
		memcpy(limbs + words, a.limbs, a.count * sizeof(*limbs));
	*ret = normal(limbs, a.count + words + 1, a.is_negative);
	return true;
}

/* The magnitude, towards 0; whether a bit that was set fell out is told. */
static bool shift_down(struct rego_call *call, struct rego_int a, uint64_t bits, struct rego_int *ret,
	bool *ret_lost)
{
	size_t words = bits / LIMB_BITS, count = a.count > words ? a.count - words : 0;
	uint64_t *limbs = new_limbs(call, count, a.count);

	if (!limbs)
		return false;
	*ret_lost = false;
	for (size_t i = 0; i < a.count - count; i++)
		*ret_lost = *ret_lost || a.limbs[i] != 0;
	if (count > 0 && bits % LIMB_BITS > 0)
		*ret_lost = mpn_rshift(limbs, a.limbs + words, (mp_size_t)count,
			(unsigned)(bits % LIMB_BITS)) != 0 || *ret_lost;
	else if (count > 0)
		memcpy(limbs, a.limbs + words, count * sizeof(*limbs));
	*ret = normal(limbs, count, a.is_negative);
	return true;
}

bool rego_int_shift(struct rego_call *call, struct rego_int a, int64_t bits, struct rego_int *ret)
{
	struct rego_int one;
	bool is_lost;

	if (bits >= 0 || a.count == 0) {
		*ret = a;
		return a.count == 0 || shift_up(call, a, (uint64_t)bits, ret);
	}
	if (!shift_down(call, a, -(uint64_t)bits, ret, &is_lost))
		return false;
	if (!a.is_negative || !is_lost)
		return true;
	return rego_int_of(call, 1, &one) && rego_int_sub(call, *ret, one, ret);
}

/* -x is ~(x - 1), so a negative number is its magnitude less one with every bit turned over. */
static uint64_t *to_complement(struct rego_call *call, struct rego_int a, size_t count)
{
	uint64_t *limbs = new_limbs(call, count, count);

	if (!limbs)
		return NULL;
	memcpy(limbs, a.limbs, a.count * sizeof(*limbs));
	if (a.is_negative) {
		(void)mpn_sub_1(limbs, limbs, (mp_size_t)count, 1);
		mpn_com(limbs, limbs, (mp_size_t)count);
	}
	return limbs;
}

static struct rego_int from_complement(uint64_t *limbs, size_t count)
{
	bool is_negative = limbs[count - 1] >> (LIMB_BITS - 1);

	if (is_negative) {
		mpn_com(limbs, limbs, (mp_size_t)count);
		(void)mpn_add_1(limbs, limbs, (mp_size_t)count, 1);
	}
	return normal(limbs, count, is_negative);
}

bool rego_int_bits(struct rego_call *call, enum rego_bits how, struct rego_int a, struct rego_int b,
	struct rego_int *ret)
{
	size_t count = MAX(a.count, b.count) + 1;	/* room for the bit that says negative */
	uint64_t *x = to_complement(call, a, count), *y = to_complement(call, b, count);

	if (!x || !y)
		return false;
	switch (how) {
	case REGO_BITS_AND:
		mpn_and_n(x, x, y, (mp_size_t)count);
		break;
	case REGO_BITS_OR:
		mpn_ior_n(x, x, y, (mp_size_t)count);
		break;
	case REGO_BITS_XOR:
	default:
		mpn_xor_n(x, x, y, (mp_size_t)count);
		break;
	}
	*ret = from_complement(x, count);
	return true;
}
