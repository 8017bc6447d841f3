/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.h - the numbers of policies: integers of any size, and floats with 64 bits of mantissa
 *
 * A number is its decimal text until somebody computes with it. Then it is an integer, exact however long, or
 * a float: 64 bits of mantissa, rounded to the nearest and to even in the middle, as Go's big.Float has them,
 * because policies see the difference (0.1 + 0.2 is 0.3, and 1 / 3 is 0.33333333333333333334). A float is
 * printed as the shortest decimal that reads back as the same float.
 *
 *   - Limbs are GMP's (its mpn layer, which knows no memory of its own): the least significant first.
 *   - Everything lives in the arena of the call, and long work spends its budget.
 *   - Numbers that nobody means are refused rather than computed: more than REGO_LIMBS_MAX limbs, or a
 *     decimal exponent beyond REGO_EXPONENT_MAX, ends the evaluation as a full arena does.
 *
 * Where a function gives false the evaluation is over (budget->stop), unless it says otherwise.
 */
#pragma once

#include "rego/builtin.h"

enum {
	REGO_LIMBS_MAX = 4096,		/* of one integer: 78,913 digits */
	REGO_EXPONENT_MAX = 65536,	/* decimal, of a number's text */
	REGO_DIGITS_MAX = 24,		/* of the shortest text of a float */
};

/* Zero has no limbs, is not negative, and the last limb of every other one is not 0. */
struct rego_int {
	uint64_t *limbs;
	size_t count;
	bool is_negative;
};

/* mantissa * 2^exponent. The top bit of the mantissa is set, but for zero, which may be negative. */
struct rego_float {
	uint64_t mantissa;
	int32_t exponent;
	bool is_negative;
};

/* A number that was read: whichever it is, as_float is there. */
struct rego_number {
	bool is_integer;
	struct rego_int as_integer;	/* with is_integer */
	struct rego_float as_float;
};

/* The decimal digits of a float: 0.DIGITS * 10^point, without a zero at either end; none for zero. */
struct rego_digits {
	char text[REGO_DIGITS_MAX];
	size_t count;
	int32_t point;
};

/** rego_is_number() - whether a value is of either type of numbers */
static inline bool rego_is_number(const struct json *value)
{
	return value->type == JSON_INT || value->type == JSON_NUMBER;
}

/* ---- reading (number_read.c) ---- */

/**
 * rego_number_read() - what a number's text means
 * @call:  whose arena and budget are used
 * @value: a number
 * @ret:   the number; a text with a point or an exponent is an integer where its float is one
 *
 * Return: false as above.
 */
bool rego_number_read(struct rego_call *call, const struct json *value, struct rego_number *ret);

/**
 * rego_float_read() - the nearest float with so many bits
 * @call:    whose arena and budget are used
 * @text:    a decimal number as JSON writes it
 * @bits:    64 for ours; 53 for an IEEE double, whose subnormals have fewer
 * @ret:     the mantissa is shifted up to 64 bits
 *
 * Return: false as above.
 */
bool rego_float_read(struct rego_call *call, struct str text, unsigned bits, struct rego_float *ret);

/**
 * rego_number_parse() - a number as a person may write it: "+5", "007", ".5", "5.", "1e+3"
 * @call: whose arena and budget are used
 * @text: any
 * @ret:  the number as JSON has it; empty where the text is none
 *
 * Return: false as above.
 */
bool rego_number_parse(struct rego_call *call, struct str text, struct str *ret);

/** rego_take_number() - an operand that must be a number; Return: false to end with rego_failed() */
bool rego_take_number(struct rego_call *call, size_t index, struct rego_number *ret);

/**
 * rego_take_int() - an operand that must be an integer of 64 bits; Return: false to end with rego_failed()
 */
bool rego_take_int(struct rego_call *call, size_t index, int64_t *ret);

/** rego_take_integer() - an operand that must be an integer; Return: false to end with rego_failed() */
bool rego_take_integer(struct rego_call *call, size_t index, struct rego_int *ret);

/* ---- integers (number_int.c) ---- */

/** rego_int_of() - an integer of 64 bits; Return: false as above */
bool rego_int_of(struct rego_call *call, int64_t value, struct rego_int *ret);

/** rego_int_read() - decimal digits, with or without a sign in front; Return: false as above */
bool rego_int_read(struct rego_call *call, struct str digits, struct rego_int *ret);

/** rego_int_power() - a small base to a power; Return: false as above */
bool rego_int_power(struct rego_call *call, uint64_t base, uint64_t exponent, struct rego_int *ret);

/** rego_int_add() - a + b, and so on; Return: false as above */
bool rego_int_add(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret);
bool rego_int_sub(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret);
bool rego_int_mul(struct rego_call *call, struct rego_int a, struct rego_int b, struct rego_int *ret);

/** rego_int_divide() - towards 0; the rest has the sign of @a; @b is not 0; Return: false as above */
bool rego_int_divide(struct rego_call *call, struct rego_int a, struct rego_int b,
	struct rego_int *ret_quotient, struct rego_int *ret_rest);

/** rego_int_shift() - @a * 2^@bits, rounded down; Return: false as above */
bool rego_int_shift(struct rego_call *call, struct rego_int a, int64_t bits, struct rego_int *ret);

enum rego_bits {
	REGO_BITS_AND,
	REGO_BITS_OR,
	REGO_BITS_XOR,
};

/** rego_int_bits() - bitwise, as if negative numbers began with 1 bits for ever; Return: false as above */
bool rego_int_bits(struct rego_call *call, enum rego_bits how, struct rego_int a, struct rego_int b,
	struct rego_int *ret);

/** rego_int_compare() - Return: <0, 0, >0 */
int rego_int_compare(struct rego_int a, struct rego_int b);

/**
 * rego_int_text() - digits with a minus sign where it is negative
 * @call: whose arena and budget are used
 * @a:    the integer
 * @base: 2..16
 * @ret:  in the arena
 *
 * Return: false as above.
 */
bool rego_int_text(struct rego_call *call, struct rego_int a, unsigned base, struct str *ret);

/** rego_int_value() - as a value; Return: NULL where the evaluation is over */
const struct json *rego_int_value(struct rego_call *call, struct rego_int a);

/* ---- floats (number_float.c) ---- */

/**
 * rego_float_round() - the nearest float of an exact number
 * @limbs:    the number's bits, the least significant first; the last limb is not 0
 * @count:    limbs, 1 at least
 * @exponent: what the last bit counts: 2^@exponent
 * @is_more:  the number is a little larger than that
 * @bits:     as in rego_float_read()
 * @ret:      positive
 *
 * Return: false where the exponent is beyond all bounds.
 */
bool rego_float_round(const uint64_t *limbs, size_t count, int64_t exponent, bool is_more, unsigned bits,
	struct rego_float *ret);

/** rego_float_of() - the nearest float of an integer */
struct rego_float rego_float_of(struct rego_int a);

/** rego_float_add() - a + b, and so on; division by zero is the caller's care; Return: false as above */
bool rego_float_add(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret);
bool rego_float_sub(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret);
bool rego_float_mul(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret);
bool rego_float_div(struct rego_call *call, struct rego_float a, struct rego_float b, struct rego_float *ret);

/** rego_float_is_integer() - whether there is nothing behind the point */
bool rego_float_is_integer(struct rego_float a);

/** rego_float_truncate() - what stands before the point; Return: false as above */
bool rego_float_truncate(struct rego_call *call, struct rego_float a, struct rego_int *ret);

/** rego_float_value() - as a value, printed as OPA does; Return: NULL where the evaluation is over */
const struct json *rego_float_value(struct rego_call *call, struct rego_float a);

/* ---- digits (number_digits.c) ---- */

/**
 * rego_digits_shortest() - the fewest digits that read back as the same float
 * @call:      whose arena and budget are used
 * @a:         the float
 * @bits:      64, or 53 for one that is an IEEE double
 * @ret:       of several that are shortest, the nearest
 *
 * Return: false as above.
 */
bool rego_digits_shortest(struct rego_call *call, struct rego_float a, unsigned bits,
	struct rego_digits *ret);
