// SPDX-License-Identifier: Apache-2.0
/*
 * sprintf_double.c - doubles for the verbs of sprintf
 *
 * With a precision the C library prints them: exactly rounded, and as Go does but for the exponent of %x.
 * Without one Go prints the shortest digits that read back as the same double, which C has no verb for.
 */
#include "rego/sprintf.h"

#include <stdio.h>

enum {
	MANTISSA_BITS = 53,
	LOWEST = -1074,			/* exponent of the lowest bit */
	BIAS = 1023,
	/* the longest double without a point, and exponent, sign and point */
	DOUBLE_SIZE = 340,
	SHARP_DIGITS = 6,
};

/* ---- the double ---- */

/* What is below the least normal double has fewer bits. */
static unsigned bits_of(struct rego_float real)
{
	return (unsigned)MIN(real.exponent + 64 - LOWEST, MANTISSA_BITS);
}

static double to_double(struct rego_float real)
{
	unsigned bits = bits_of(real);
	uint64_t word = real.mantissa >> (64 - bits);
	double value;

	if (real.mantissa == 0)
		word = 0;
	else if (bits == MANTISSA_BITS)
		word = (word & ((UINT64_C(1) << (MANTISSA_BITS - 1)) - 1)) |
			(uint64_t)(real.exponent + 63 + BIAS) << (MANTISSA_BITS - 1);
	if (real.is_negative)
		word |= UINT64_C(1) << 63;
	memcpy(&value, &word, sizeof(value));
	return value;
}

/* ---- the shortest digits ---- */

/* 1.25e+06 */
static void add_exponential(struct rego_text *text, const struct rego_digits *digits, char letter)
{
	int exponent = digits->count > 0 ? digits->point - 1 : 0;

	rego_text_add_char(text, digits->count > 0 ? digits->text[0] : '0');
	if (digits->count > 1) {
		rego_text_add_char(text, '.');
		rego_text_add(text, digits->text + 1, digits->count - 1);
	}
	rego_text_add_char(text, letter);
	rego_text_add_char(text, exponent < 0 ? '-' : '+');
	rego_text_add_int(text, exponent < 0 ? -exponent : exponent, 2);
}

/* 1250000, 0.00125 */
static void add_plain(struct rego_text *text, const struct rego_digits *digits)
{
	int point = digits->count > 0 ? digits->point : 0;
	size_t whole = MIN((size_t)MAX(point, 0), digits->count);

	rego_text_add(text, digits->text, whole);
	if (point <= 0)
		rego_text_add_char(text, '0');
	else
		rego_text_add_repeated(text, '0', (size_t)point - whole);
	if (whole == digits->count)
		return;
	rego_text_add_char(text, '.');
	rego_text_add_repeated(text, '0', (size_t)MAX(-point, 0));
	rego_text_add(text, digits->text + whole, digits->count - whole);
}

static bool add_shortest(struct sprintf_printer *printer, struct rego_text *text, struct rego_float real,
	char verb)
{
	struct rego_digits digits;
	int exponent;

	if (!rego_digits_shortest(printer->call, real, bits_of(real), &digits))
		return false;
	exponent = digits.count > 0 ? digits.point - 1 : 0;
	if (exponent < -4 || exponent >= 6)
		add_exponential(text, &digits, verb == 'G' ? 'E' : 'e');
	else
		add_plain(text, &digits);
	return true;
}

/* ---- the other verbs ---- */

/* 4503599627370496p-52: the mantissa as an integer. */
static void add_binary(struct rego_text *text, struct rego_float real)
{
	unsigned bits = bits_of(real);
	int exponent = real.mantissa > 0 ? real.exponent + 64 - (int)bits : LOWEST;

	rego_text_add_int(text, (int64_t)(real.mantissa >> (64 - bits)), 1);
	rego_text_add_text(text, exponent < 0 ? "p-" : "p+");
	rego_text_add_int(text, exponent < 0 ? -exponent : exponent, 1);
}

/* C writes 0x1.8p+0 where Go has two digits behind the sign at least. */
static void add_hexadecimal(struct rego_text *text, const char *number, bool is_upper)
{
	size_t mantissa = strcspn(number, is_upper ? "P" : "p") + 2;

	rego_text_add(text, number, mantissa);
	if (strlen(number + mantissa) < 2)
		rego_text_add_char(text, '0');
	rego_text_add_text(text, number + mantissa);
}

static bool add_with_c(struct sprintf_printer *printer, struct rego_text *text, double value, char verb)
{
	const struct sprintf_spec *spec = &printer->spec;
	int precision = spec->has_precision ? (int)spec->precision : verb == 'x' || verb == 'X' ? -1 : 6;
	size_t size = (size_t)MAX(precision, 0) + DOUBLE_SIZE;
	char *number = arena_alloc(printer->call->arena, size);

	if (!number)
		return false;
	switch (verb) {
	case 'e':
		(void)snprintf(number, size, "%.*e", precision, value);
		break;
	case 'E':
		(void)snprintf(number, size, "%.*E", precision, value);
		break;
	case 'f':
	case 'F':
		(void)snprintf(number, size, "%.*f", precision, value);
		break;
	case 'G':
		(void)snprintf(number, size, "%.*G", precision, value);
		break;
	case 'x':
		(void)snprintf(number, size, "%.*a", precision, value);
		break;
	case 'X':
		(void)snprintf(number, size, "%.*A", precision, value);
		break;
	default:
		(void)snprintf(number, size, "%.*g", precision, value);
		break;
	}
	if (verb == 'x' || verb == 'X')
		add_hexadecimal(text, number, verb == 'X');
	else
		rego_text_add_text(text, number);
	return true;
}

/* ---- flags ---- */

/* With # there is a point, and as many digits as the precision says. */
static void add_sharp(struct rego_text *text, struct str number, char verb, const struct sprintf_spec *spec)
{
	bool is_hexadecimal = verb == 'x' || verb == 'X', has_point = false, is_after_zero = false;
	size_t wanted = strchr("vgGxX", verb) ? spec->has_precision ? spec->precision : SHARP_DIGITS : 0;
	size_t tail = 0, digits = 0;

	for (; tail < number.len && !strchr(is_hexadecimal ? "pP" : "eE", number.data[tail]); tail++) {
		char c = number.data[tail];

		has_point = has_point || c == '.';
		is_after_zero = is_after_zero || (c != '.' && c != '0');
		digits += c != '.' && is_after_zero;
	}
	/* a zero alone counts as a digit */
	if (!has_point && tail == 1 && number.data[0] == '0')
		digits++;
	rego_text_add(text, number.data, tail);
	if (!has_point)
		rego_text_add_char(text, '.');
	rego_text_add_repeated(text, '0', wanted > digits ? wanted - digits : 0);
	rego_text_add(text, number.data + tail, number.len - tail);
}

/* The sign stands in front of zeros, and behind spaces. */
static bool pad_signed(struct sprintf_printer *printer, char sign, struct str number)
{
	const struct sprintf_spec *spec = &printer->spec;
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena);
	struct str padded;

	if (!sign) {
		rego_sprintf_pad(printer, number);
		return true;
	}
	rego_text_add_char(&text, sign);
	if (spec->zero && !spec->minus && spec->has_width && spec->width > number.len + 1)
		rego_text_add_repeated(&text, '0', spec->width - number.len - 1);
	rego_text_add_str(&text, number);
	if (!rego_text_end(&text, &padded))
		return false;
	rego_sprintf_pad(printer, padded);
	return true;
}

bool rego_sprintf_double(struct sprintf_printer *printer, struct rego_float real, char verb)
{
	const struct sprintf_spec *spec = &printer->spec;
	bool is_short = !spec->has_precision && strchr("vgG", verb);
	struct rego_text text = REGO_TEXT_INIT(printer->call->arena), sharp = text;
	char sign = real.is_negative ? '-' : spec->plus ? '+' : spec->space ? ' ' : '\0';
	struct str number;

	real.is_negative = false;
	if (verb == 'b')
		add_binary(&text, real);
	else if (is_short ? !add_shortest(printer, &text, real, verb) :
		!add_with_c(printer, &text, to_double(real), verb))
		return false;
	if (!rego_text_end(&text, &number))
		return false;
	if (spec->sharp && verb != 'b') {
		add_sharp(&sharp, number, verb, spec);
		if (!rego_text_end(&sharp, &number))
			return false;
	}
	return pad_signed(printer, sign, number);
}
