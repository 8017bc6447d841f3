// SPDX-License-Identifier: Apache-2.0
/*
 * number_float.c - floats with a mantissa of 64 bits
 *
 * Every operation makes an exact result of at most 192 bits, and perhaps the knowledge that something is left
 * behind them, and rounds once. So there is one place that rounds: rego_float_round(). A double is rounded
 * there, too, from the same exact bits, since rounding twice is rounding wrongly.
 *
 * Zero has a sign, as in IEEE 754: a sum that vanishes is +0, and 0 / -5 is -0 and printed so.
 */
#include "rego/number.h"

#include <gmp.h>

enum {
	LIMB_BITS = 64,
	/* of both sides: whatever a text within its limits can make */
	BINARY_EXPONENT_MAX = REGO_LIMBS_MAX * LIMB_BITS,
	/* the lowest bit that an IEEE double has is 2^-1074 */
	DOUBLE_LOWEST = -1074,
};

#define TOP_BIT (UINT64_C(1) << 63)

__extension__ typedef unsigned __int128 wide;

/* ---- rounding ---- */

/* 128 bits that begin with the first one of a number, and whether there is more behind them. */
struct window {
	uint64_t high, low;
	int64_t exponent;	/* of the last bit of high */
	bool is_more;
};

/*
 * A limb of a number that was shifted up by @shift bits, counted from the top; there are zeros below the
 * last.
 */
static uint64_t shifted(const uint64_t *limbs, size_t count, size_t below_top, unsigned shift)
{
	uint64_t limb = below_top < count ? limbs[count - 1 - below_top] : 0;
	uint64_t next = below_top + 1 < count ? limbs[count - 2 - below_top] : 0;

	return shift > 0 ? limb << shift | next >> (LIMB_BITS - shift) : limb;
}

static struct window look(const uint64_t *limbs, size_t count, int64_t exponent, bool is_more)
{
	unsigned shift = (unsigned)__builtin_clzll(limbs[count - 1]);
	struct window window = {
		.high = shifted(limbs, count, 0, shift),
		.low = shifted(limbs, count, 1, shift),
		.exponent = exponent + (int64_t)(count - 1) * LIMB_BITS - shift,
		.is_more = is_more || shifted(limbs, count, 2, shift) != 0,
	};

	for (size_t i = 4; i <= count && !window.is_more; i++)
		window.is_more = limbs[count - i] != 0;
	return window;
}

/*
 * Bits fall out of high into low, so that @bits of high are left; the exponent stays that of high's last bit.
 */
static void narrow(struct window *window, unsigned bits)
{
	unsigned drop = LIMB_BITS - bits;

	if (drop == 0)
		return;
	window->is_more = window->is_more || window->low << bits != 0;
	window->low = drop < LIMB_BITS ? window->high << bits | window->low >> drop : window->high;
	window->high = drop < LIMB_BITS ? window->high >> drop : 0;
	window->exponent += drop;
}

/* An IEEE double has 53 bits, or as many as are left above the lowest one that it can say. */
static int64_t bits_of_double(const struct window *window)
{
	int64_t top = window->exponent + LIMB_BITS - 1;

	return MIN(top - DOUBLE_LOWEST + 1, (int64_t)53);
}

bool rego_float_round(const uint64_t *limbs, size_t count, int64_t exponent, bool is_more, unsigned bits,
	struct rego_float *ret)
{
	struct window window = look(limbs, count, exponent, is_more);
	int64_t kept = bits == LIMB_BITS ? LIMB_BITS : bits_of_double(&window);
	unsigned shift;

	*ret = (struct rego_float){ 0 };
	if (kept < 0)
		return true;
	narrow(&window, (unsigned)kept);
	if (window.low > TOP_BIT || (window.low == TOP_BIT && (window.is_more || window.high & 1)))
		window.high++;
	if (window.high == 0 && kept < LIMB_BITS)
		return true;
	/* all ones and one more: the next power of two */
	if (window.high == 0) {
		window.high = TOP_BIT;
		window.exponent++;
	}
	shift = (unsigned)__builtin_clzll(window.high);
	ret->mantissa = window.high << shift;
	ret->exponent = (int32_t)(window.exponent - shift);
	return window.exponent >= -BINARY_EXPONENT_MAX && window.exponent <= BINARY_EXPONENT_MAX;
}

struct rego_float rego_float_of(struct rego_int a)
{
	struct rego_float real = { 0 };

	if (a.count > 0) {
		bool is_small = rego_float_round(a.limbs, a.count, 0, false, LIMB_BITS, &real);

		assert(is_small);
		real.is_negative = a.is_negative;
	}
	return real;
}

/* The end of every operation: @high and @low are the bits of an exact result. */
static bool finish(struct rego_call *call, wide bits, int64_t exponent, bool is_more, bool is_negative,
	struct rego_float *ret)
{
	uint64_t limbs[] = { (uint64_t)bits, (uint64_t)(bits >> LIMB_BITS) };
	size_t count = limbs[1] != 0 ? 2 : 1;

	*ret = (struct rego_float){ .is_negative = is_negative };
	if (bits == 0)
		return true;
	if (!rego_float_round(limbs, count, exponent, is_more, LIMB_BITS, ret)) {
		(void)rego_stopped(call);
		return false;
	}
	ret->is_negative = is_negative;
	return true;
}

/* ---- arithmetic ---- */

/*
 * The larger one stands in the upper half of 128 bits, but for the bit that a sum may carry into. The smaller
 * is moved down to its place; what falls out behind is one bit that says so. That is enough for a difference,
 * too: where more than one bit falls out, at most one bit of the result is lost in front.
 */
static bool add_magnitudes(struct rego_call *call, struct rego_float large, struct rego_float small,
	struct rego_float *ret)
{
	int64_t distance = (int64_t)large.exponent - small.exponent;
	wide a = (wide)large.mantissa << (LIMB_BITS - 1), b = (wide)small.mantissa << (LIMB_BITS - 1);
	wide moved = distance < 2 * LIMB_BITS ? b >> distance : 0;
	bool is_lost = distance >= 2 * LIMB_BITS ? b != 0 : moved << distance != b;

	moved |= is_lost;
	a = large.is_negative == small.is_negative ? a + moved : a - moved;
	return finish(call, a, (int64_t)large.exponent - (LIMB_BITS - 1), false, a != 0 && large.is_negative,
		ret);
}

bool rego_float_add(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret)
{
	bool is_swapped = a.exponent < b.exponent || (a.exponent == b.exponent && a.mantissa < b.mantissa);

	if (a.mantissa == 0 && b.mantissa == 0) {
		*ret = (struct rego_float){ .is_negative = a.is_negative && b.is_negative };
		return true;
	}
	if (a.mantissa == 0 || b.mantissa == 0) {
		*ret = a.mantissa == 0 ? b : a;
		return true;
	}
	return is_swapped ? add_magnitudes(call, b, a, ret) : add_magnitudes(call, a, b, ret);
}

bool rego_float_sub(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret)
{
	b.is_negative = !b.is_negative;
	return rego_float_add(call, a, b, ret);
}

bool rego_float_mul(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret)
{
	return finish(call, (wide)a.mantissa * b.mantissa, (int64_t)a.exponent + b.exponent, false,
		a.is_negative != b.is_negative, ret);
}

/* 192 bits by 64 are 128 at least, and there is a rest or there is none. */
bool rego_float_div(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret)
{
	uint64_t dividend[3] = { 0, 0, a.mantissa }, quotient[3];
	uint64_t rest = mpn_divrem_1(quotient, 0, dividend, 3, b.mantissa);
	int64_t exponent = (int64_t)a.exponent - b.exponent - 2 * LIMB_BITS;

	*ret = (struct rego_float){ .is_negative = a.is_negative != b.is_negative };
	if (a.mantissa == 0)
		return true;
	if (!rego_float_round(quotient, quotient[2] != 0 ? 3 : 2, exponent, rest != 0, LIMB_BITS, ret)) {
		(void)rego_stopped(call);
		return false;
	}
	ret->is_negative = a.is_negative != b.is_negative;
	return true;
}

/* ---- what is before the point ---- */

bool rego_float_is_integer(struct rego_float a)
{
	if (a.exponent >= 0 || a.mantissa == 0)
		return true;
	return a.exponent > -LIMB_BITS && a.mantissa << (LIMB_BITS + a.exponent) == 0;
}

bool rego_float_truncate(struct rego_call *call, struct rego_float a, struct rego_int *ret)
{
	uint64_t *limb = arena_alloc(call->arena, sizeof(*limb));

	if (!limb) {
		(void)rego_stopped(call);
		return false;
	}
	*limb = a.exponent >= 0 ? a.mantissa : a.exponent > -LIMB_BITS ? a.mantissa >> -a.exponent : 0;
	*ret = (struct rego_int){ .limbs = limb, .count = *limb != 0,
		.is_negative = *limb != 0 && a.is_negative };
	return a.exponent <= 0 || *limb == 0 || rego_int_shift(call, *ret, a.exponent, ret);
}
