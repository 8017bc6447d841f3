// SPDX-License-Identifier: Apache-2.0
/*
 * number_digits.c - a float as the shortest decimal that reads back as the same float
 *
 * The value, and half of the distance to its neighbours, are fractions over one divisor, of integers as large
 * as it takes. Digits come out one by one; after each the rest says whether what was written so far, or that
 * plus one in its last place, lies nearer to the float than any neighbour does (Steele and White 1990, "How
 * to print floating-point numbers accurately"). A decimal in the middle between two floats reads as the one
 * with the even mantissa, so the bounds themselves belong to an even float.
 *
 * Go's math/big does it so, too, but for two habits that show and are kept here for our own floats: it takes
 * the distance down from a power of two for as large as the one up, and an odd float, whose upper bound was
 * hit by a decimal exactly, is not rounded up any more. A double (`bits` 53) is printed without them, as
 * strconv does.
 */
#include "rego/number.h"

#include <gmp.h>
#include <stdio.h>

enum {
	LIMB_BITS = 64,
};

/*
 * value = rest / divisor * 10^point, which is in [0.1, 1); below and above are what may be missing or too
 * much.
 */
struct fraction {
	struct rego_int rest, divisor, below, above;
};

/* All of them as runs of the same length, so that digits are made in place. */
struct digit_state {
	uint64_t *rest, *below, *above, *scratch, *quotient;
	const uint64_t *divisor;
	size_t count;			/* of the divisor; the others have one limb more */
	bool is_inclusive, may_close, is_upper_closed;
};

/* ---- the fraction ---- */

static bool scale(struct rego_call *call, struct rego_int *a, int64_t bits)
{
	return rego_int_shift(call, *a, bits, a);
}

static bool multiply(struct rego_call *call, struct rego_int *a, struct rego_int b)
{
	return rego_int_mul(call, *a, b, a);
}

/*
 * mantissa * 2^exponent over 1, with everything doubled twice: half of a distance is an integer then, and
 * half of that, which is the distance down from a power of two, is one as well.
 */
static bool binary_fraction(struct rego_call *call, uint64_t mantissa, int64_t exponent, bool is_narrow,
	struct fraction *fraction)
{
	uint64_t *limb = arena_alloc(call->arena, sizeof(*limb));
	int64_t up = MAX(exponent, (int64_t)0), down = MAX(-exponent, (int64_t)0);

	if (!limb) {
		(void)rego_stopped(call);
		return false;
	}
	*limb = mantissa;
	fraction->rest = (struct rego_int){ .limbs = limb, .count = 1 };
	return rego_int_of(call, 1, &fraction->divisor) && scale(call, &fraction->rest, up + 2) &&
		rego_int_shift(call, fraction->divisor, up + 1, &fraction->above) &&
		rego_int_shift(call, fraction->divisor, up + !is_narrow, &fraction->below) &&
		scale(call, &fraction->divisor, down + 2);
}

/* The power of ten that brings the value to [0.1, 1): guessed from the exponent, at most one too small. */
static bool decimal_fraction(struct rego_call *call, struct fraction *fraction, int64_t top_exponent,
	int32_t *ret_point)
{
	/* log10(2) * 2^32; the product is exact enough for any exponent that there is */
	int64_t point = (top_exponent * INT64_C(1292913986) >> 32) + 1;
	uint64_t power = (uint64_t)(point < 0 ? -point : point);
	struct rego_int ten;

	if (!rego_int_power(call, 10, power, &ten))
		return false;
	if (point >= 0 && !multiply(call, &fraction->divisor, ten))
		return false;
	if (point < 0 && !(multiply(call, &fraction->rest, ten) && multiply(call, &fraction->below, ten) &&
			multiply(call, &fraction->above, ten)))
		return false;
	*ret_point = (int32_t)point;
	if (rego_int_compare(fraction->rest, fraction->divisor) < 0)
		return true;
	++*ret_point;
	return rego_int_of(call, 10, &ten) && multiply(call, &fraction->divisor, ten);
}

/* ---- digits ---- */

static uint64_t *run_of(struct rego_call *call, struct rego_int a, size_t count)
{
	uint64_t *run = arena_alloc_array(call->arena, count, sizeof(*run));

	assert(a.count <= count);
	if (run && a.count)
		memcpy(run, a.limbs, a.count * sizeof(*run));
	return run;
}

static bool begin(struct rego_call *call, const struct fraction *fraction, bool is_inclusive,
	struct digit_state *ret)
{
	struct rego_int none = { 0 };
	size_t count = fraction->divisor.count + 1;

	*ret = (struct digit_state){
		.rest = run_of(call, fraction->rest, count),
		.below = run_of(call, fraction->below, count),
		.above = run_of(call, fraction->above, count),
		.scratch = run_of(call, none, count),
		.quotient = run_of(call, none, 2),
		.divisor = fraction->divisor.limbs,
		.count = fraction->divisor.count,
		.is_inclusive = is_inclusive,
	};
	if (!ret->rest || !ret->below || !ret->above || !ret->scratch || !ret->quotient ||
			!rego_spend(call->budget, count * REGO_DIGITS_MAX / 4)) {
		(void)rego_stopped(call);
		return false;
	}
	return true;
}

static void times_ten(uint64_t *run, size_t count)
{
	(void)mpn_mul_1(run, run, (mp_size_t)count, 10);
}

/* The next digit; what is left of the value stays in the rest. */
static unsigned next_digit(struct digit_state *state)
{
	mp_size_t count = (mp_size_t)state->count;

	times_ten(state->rest, state->count + 1);
	times_ten(state->below, state->count + 1);
	times_ten(state->above, state->count + 1);
	memcpy(state->scratch, state->rest, (state->count + 1) * sizeof(*state->rest));
	mpn_tdiv_qr(state->quotient, state->rest, 0, state->scratch, count + 1, state->divisor, count);
	state->rest[state->count] = 0;
	return (unsigned)state->quotient[0];
}

/* How 2 * rest stands to the divisor: whether the next digit would be under, at or over five. */
static int compare_half(struct digit_state *state)
{
	mp_size_t count = (mp_size_t)state->count;

	state->scratch[count] = mpn_lshift(state->scratch, state->rest, count, 1);
	if (state->scratch[count] != 0)
		return 1;
	return mpn_cmp(state->scratch, state->divisor, count);
}

static bool may_stop_below(struct digit_state *state)
{
	int order = mpn_cmp(state->rest, state->below, (mp_size_t)state->count + 1);

	return order < 0 || (order == 0 && state->is_inclusive);
}

/* Whether one more in the last place is still below the upper bound: rest + above against the divisor. */
static bool may_stop_above(struct digit_state *state)
{
	mp_size_t count = (mp_size_t)state->count;
	int order;

	(void)mpn_add_n(state->scratch, state->rest, state->above, count + 1);
	order = state->scratch[count] != 0 ? 1 : mpn_cmp(state->scratch, state->divisor, count);
	if (order == 0 && !state->is_inclusive)
		state->is_upper_closed = state->may_close;
	return !state->is_upper_closed && (order > 0 || (order == 0 && state->is_inclusive));
}

/* One more in the last place; nines become zeros, which nobody writes. */
static void round_up(struct rego_digits *digits)
{
	while (digits->count > 0 && digits->text[digits->count - 1] == '9')
		digits->count--;
	if (digits->count > 0) {
		digits->text[digits->count - 1]++;
		return;
	}
	digits->text[digits->count++] = '1';
	digits->point++;
}

static void make_digits(struct digit_state *state, struct rego_digits *ret)
{
	bool is_below, is_above;

	do {
		assert(ret->count < REGO_DIGITS_MAX);
		ret->text[ret->count++] = (char)('0' + next_digit(state));
		is_above = may_stop_above(state);
		is_below = may_stop_below(state);
	} while (!is_below && !is_above);
	if (is_below && is_above) {
		int half = compare_half(state);

		is_above = half > 0 || (half == 0 && (ret->text[ret->count - 1] - '0') % 2 == 1);
	}
	if (is_above)
		round_up(ret);
	while (ret->text[ret->count - 1] == '0')
		ret->count--;
}

bool rego_digits_shortest(struct rego_call *call, struct rego_float a, unsigned bits,
	struct rego_digits *ret)
{
	unsigned drop = LIMB_BITS - bits;
	uint64_t mantissa = a.mantissa >> drop;
	bool is_power = bits < LIMB_BITS && a.mantissa == UINT64_C(1) << 63;
	int64_t exponent = (int64_t)a.exponent + drop, top = (int64_t)a.exponent + LIMB_BITS - 1;
	struct digit_state state;
	struct fraction fraction;

	*ret = (struct rego_digits){ 0 };
	if (mantissa == 0)
		return true;
	if (!binary_fraction(call, mantissa, exponent, is_power, &fraction) ||
			!decimal_fraction(call, &fraction, top, &ret->point) ||
			!begin(call, &fraction, mantissa % 2 == 0, &state))
		return false;
	state.may_close = bits == LIMB_BITS;
	make_digits(&state, ret);
	return true;
}

/* ---- values ---- */

/* DIGITS, and as many zeros as the integer needs. */
static const struct json *integer_value(struct rego_call *call, struct rego_float a,
	const struct rego_digits *digits)
{
	size_t whole = (size_t)MAX(digits->point, 1), count = MAX(whole, digits->count);
	char *text = arena_alloc(call->arena, count + 2);

	if (!text || !rego_spend(call->budget, count / 64))
		return NULL;
	text[0] = '-';
	memset(text + 1, '0', count);
	memcpy(text + 1, digits->text, digits->count);
	return json_new_number(call->arena,
		(struct str){ .data = text + !a.is_negative, .len = count + a.is_negative });
}

/* 0.001234, 12.34, 1.234e+06: as Go's %g, which takes an exponent below 1e-4 and from 1e6 on. */
static const struct json *fraction_value(struct rego_call *call, struct rego_float a,
	const struct rego_digits *digits)
{
	const char *minus = a.is_negative ? "-" : "";
	int count = (int)digits->count, point = digits->point;
	char text[64];
	int len;

	if (point < -3 || point > 6)
		len = snprintf(text, sizeof(text), "%s%c%s%.*se%c%02d", minus, digits->text[0],
			count > 1 ? "." : "", count - 1, digits->text + 1, point < 1 ? '-' : '+',
			point < 1 ? 1 - point : point - 1);
	else if (point <= 0)
		len = snprintf(text, sizeof(text), "%s0.%.*s%.*s", minus, -point, "000", count, digits->text);
	else
		len = snprintf(text, sizeof(text), "%s%.*s.%.*s", minus, point, digits->text, count - point,
			digits->text + point);
	return json_new_number(call->arena, (struct str){ .data = text, .len = (size_t)len });
}

const struct json *rego_float_value(struct rego_call *call, struct rego_float a)
{
	struct rego_digits digits;

	if (!rego_digits_shortest(call, a, LIMB_BITS, &digits))
		return NULL;
	if (rego_float_is_integer(a))
		return integer_value(call, a, &digits);
	return fraction_value(call, a, &digits);
}
