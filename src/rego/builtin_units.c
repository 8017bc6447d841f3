// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_units.c - a number and a unit, in one string
 *
 * units.parse is exact: a fraction of two integers, printed in full where it is an integer and otherwise with
 * ten digits behind the point. But for one thousandth OPA takes the double that is nearest to it, so 1000m is
 * 1.0000000000 and no integer. units.parse_bytes computes with floats of 64 bits and cuts off what is less
 * than a byte.
 */
#include "rego/builtin_table.h"
#include "rego/number.h"
#include "rego/text.h"

enum {
	EXPONENT_DIGITS_MAX = 6,
	PLACES = 10,			/* behind the point */
};

/* The double nearest to 0.001 is this over 2^60. */
#define MILLI_MANTISSA INT64_C(1152921504606847)
#define MILLI_BITS 60

struct unit {
	const char *name;		/* but for its first letter in small letters */
	int64_t factor;
};

#define KI (INT64_C(1) << 10)
#define MI (INT64_C(1) << 20)
#define GI (INT64_C(1) << 30)
#define TI (INT64_C(1) << 40)
#define PI (INT64_C(1) << 50)
#define EI (INT64_C(1) << 60)
#define K INT64_C(1000)

static const struct unit units[] = {
	{ "", 1 }, { "k", K }, { "K", K }, { "ki", KI }, { "Ki", KI }, { "M", K *K }, { "mi", MI },
	{ "Mi", MI }, { "g", K *K *K }, { "G", K *K *K }, { "gi", GI }, { "Gi", GI }, { "t", K *K *K *K },
	{ "T", K *K *K *K }, { "ti", TI }, { "Ti", TI }, { "p", K *K *K *K *K }, { "P", K *K *K *K *K },
	{ "pi", PI }, { "Pi", PI }, { "e", K *K *K *K *K *K }, { "E", K *K *K *K *K *K }, { "ei", EI },
	{ "Ei", EI }, { "m", MILLI_MANTISSA }, /* over 2^MILLI_BITS */
};

static const struct unit byte_units[] = {
	{ "", 1 },
	{ "kb", K }, { "k", K }, { "kib", KI }, { "ki", KI }, { "mb", K *K }, { "m", K *K }, { "mib", MI },
	{ "mi", MI }, { "gb", K *K *K }, { "g", K *K *K }, { "gib", GI }, { "gi", GI }, { "tb", K *K *K *K },
	{ "t", K *K *K *K }, { "tib", TI }, { "ti", TI }, { "pb", K *K *K *K *K }, { "p", K *K *K *K *K },
	{ "pib", PI }, { "pi", PI }, { "eb", K *K *K *K *K *K }, { "e", K *K *K *K *K *K }, { "eib", EI },
	{ "ei", EI },
};

/* The two of them complain about other things. */
struct wording {
	const char *name, *prefix;
};

static const struct wording plain_words = { "units.parse", "" };
static const struct wording byte_words = { "units.parse_bytes", "byte " };

/* ---- taking apart ---- */

/* An error of the call, or the end of the evaluation; Return: false */
#define refuse(call, ...) ((void)rego_fail((call), __VA_ARGS__), false)

/* The text without quotation marks. */
static bool clean(struct rego_call *call, struct str text, struct str *ret)
{
	char *copy = arena_alloc(call->arena, text.len + 1);
	size_t len = 0;

	if (!copy || !rego_spend(call->budget, text.len / 16 + 1)) {
		(void)rego_stopped(call);
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '"')
			copy[len++] = text.data[i];
	}
	*ret = (struct str){ .data = copy, .len = len };
	return true;
}

static struct str lower(struct rego_call *call, struct str text, size_t from)
{
	char *copy = arena_copy(call->arena, text.data, text.len);

	for (size_t i = from; copy && i < text.len; i++)
		copy[i] = ascii_lower(copy[i]);
	return (struct str){ .data = copy, .len = copy ? text.len : 0 };
}

static char at(struct str text, size_t index)
{
	return index < text.len ? text.data[index] : '\0';
}

static bool is_e(char c)
{
	return c == 'e' || c == 'E';
}

/* An e is part of the number where a digit or a sign follows; otherwise it is a unit. */
static size_t number_len(struct str text, bool *ret_too_large)
{
	size_t i = 0, digits;

	*ret_too_large = false;
	for (; i < text.len; i++) {
		char c = text.data[i], next = at(text, i + 1);

		if (!ascii_is_digit(c) && c != '.' && !is_e(c) && c != '+' && c != '-')
			break;
		if (!is_e(c))
			continue;
		if (!ascii_is_digit(next) && next != '+' && next != '-')
			break;
		i += next == '+' || next == '-';
		for (digits = 0; ascii_is_digit(at(text, i + 1 + digits));)
			digits++;
		if (digits > EXPONENT_DIGITS_MAX) {
			*ret_too_large = true;
			break;
		}
	}
	return MIN(i, text.len);
}

struct quantity {
	struct str number;		/* as JSON has it */
	const struct unit *unit;
};

static const struct unit *find_unit(const struct unit *table, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(name, str_from(table[i].name)))
			return &table[i];
	}
	return NULL;
}

static bool read_quantity(struct rego_call *call, const struct wording *words, struct str text,
	struct quantity *ret)
{
	bool is_bytes = words == &byte_words, is_too_large;
	size_t len = number_len(text, &is_too_large);
	struct str unit;

	if (is_too_large)
		return refuse(call, "%s: exponent too large", words->name);
	if (len == 0)
		return refuse(call, "%s: no %samount provided", words->name, words->prefix);
	unit = lower(call, (struct str){ .data = text.data + len, .len = text.len - len }, is_bytes ? 0 : 1);
	if (!unit.data)
		return false;
	ret->unit = is_bytes ? find_unit(byte_units, ARRAY_SIZE(byte_units), unit) :
		find_unit(units, ARRAY_SIZE(units), unit);
	if (!ret->unit)
		return refuse(call, "%s: %sunit %.*s not recognized", words->name, words->prefix,
			STR_FMT(unit));
	if (!rego_number_parse(call, (struct str){ .data = text.data, .len = len }, &ret->number))
		return false;
	return ret->number.len ||
		refuse(call, "%s: could not parse %samount to a number", words->name, words->prefix);
}

/* Return: false: rego_failed() is the answer of the call. */
static bool take_quantity(struct rego_call *call, const struct wording *words, struct quantity *ret)
{
	struct str text;

	if (!rego_take_string(call, 0, &text) || !clean(call, text, &text))
		return false;
	if (memchr(text.data, ' ', text.len))
		return refuse(call, "%s: spaces not allowed in resource strings", words->name);
	return read_quantity(call, words, text, ret);
}

/* ---- units.parse ---- */

struct fraction {
	struct rego_int over, under;
};

/* The digits without the point, and the power of ten that they are to be multiplied with. */
static bool read_digits(struct rego_call *call, struct str number, struct rego_int *ret,
	int64_t *ret_exponent)
{
	char *digits = arena_alloc(call->arena, number.len + 1);
	size_t len = 0, i = 0;
	bool is_fraction = false;

	*ret_exponent = 0;
	if (!digits) {
		(void)rego_stopped(call);
		return false;
	}
	for (; i < number.len && !is_e(number.data[i]); i++) {
		if (number.data[i] == '.') {
			is_fraction = true;
			continue;
		}
		digits[len++] = number.data[i];
		*ret_exponent -= is_fraction;
	}
	if (i < number.len) {
		bool is_negative = at(number, i + 1) == '-';
		int64_t exponent = 0;

		for (i++; i < number.len; i++) {
			if (ascii_is_digit(number.data[i]))
				exponent = exponent * 10 + (number.data[i] - '0');
		}
		*ret_exponent += is_negative ? -exponent : exponent;
	}
	return rego_int_read(call, (struct str){ .data = digits, .len = len }, ret);
}

static bool read_fraction(struct rego_call *call, const struct quantity *quantity, struct fraction *ret)
{
	bool is_milli = quantity->unit->factor == MILLI_MANTISSA;
	struct rego_int factor, power;
	int64_t exponent;

	if (!read_digits(call, quantity->number, &ret->over, &exponent) ||
			!rego_int_of(call, quantity->unit->factor, &factor) ||
			!rego_int_mul(call, ret->over, factor, &ret->over) ||
			!rego_int_of(call, 1, &ret->under) ||
			!rego_int_shift(call, ret->under, is_milli ? MILLI_BITS : 0, &ret->under))
		return false;
	if (exponent > REGO_EXPONENT_MAX || exponent < -REGO_EXPONENT_MAX) {
		(void)rego_stopped(call);
		return false;
	}
	if (!rego_int_power(call, 10, (uint64_t)(exponent < 0 ? -exponent : exponent), &power))
		return false;
	return exponent < 0 ? rego_int_mul(call, ret->under, power, &ret->under) :
		rego_int_mul(call, ret->over, power, &ret->over);
}

/* Ten digits behind the point; half of the last one goes away from zero. */
static const struct json *decimal_value(struct rego_call *call, struct fraction value)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct rego_int scale, half, quotient, rest;
	bool is_negative = value.over.is_negative;
	struct str digits;

	value.over.is_negative = false;
	if (!rego_int_power(call, 10, PLACES, &scale) ||
			!rego_int_mul(call, value.over, scale, &value.over) ||
			!rego_int_shift(call, value.over, 1, &value.over) ||
			!rego_int_add(call, value.over, value.under, &value.over) ||
			!rego_int_shift(call, value.under, 1, &half) ||
			!rego_int_divide(call, value.over, half, &quotient, &rest) ||
			!rego_int_text(call, quotient, 10, &digits))
		return NULL;
	rego_text_add_text(&text, is_negative ? "-" : "");
	if (digits.len <= PLACES)
		rego_text_add_text(&text, "0");
	else
		rego_text_add(&text, digits.data, digits.len - PLACES);
	rego_text_add_char(&text, '.');
	if (digits.len < PLACES)
		rego_text_add_repeated(&text, '0', PLACES - digits.len);
	rego_text_add(&text, digits.data + (digits.len > PLACES ? digits.len - PLACES : 0),
		MIN(digits.len, (size_t)PLACES));
	return rego_text_end(&text, &digits) ? json_new_number(call->arena, digits) : NULL;
}

enum rego_answer rego_do_units_parse(struct rego_call *call)
{
	struct rego_int quotient, rest;
	struct quantity quantity;
	struct fraction value;

	if (!take_quantity(call, &plain_words, &quantity))
		return rego_failed(call);
	if (!read_fraction(call, &quantity, &value) ||
			!rego_int_divide(call, value.over, value.under, &quotient, &rest))
		return rego_stopped(call);
	return rego_give(call, rest.count == 0 ? rego_int_value(call, quotient) : decimal_value(call, value));
}

/* ---- units.parse_bytes ---- */

enum rego_answer rego_do_units_parse_bytes(struct rego_call *call)
{
	struct rego_float number, factor;
	struct quantity quantity;
	struct rego_int whole;

	if (!take_quantity(call, &byte_words, &quantity))
		return rego_failed(call);
	if (!rego_float_read(call, quantity.number, 64, &number) ||
			!rego_int_of(call, quantity.unit->factor, &whole))
		return rego_stopped(call);
	factor = rego_float_of(whole);
	if (!rego_float_mul(call, number, factor, &number) || !rego_float_truncate(call, number, &whole))
		return rego_stopped(call);
	return rego_give(call, rego_int_value(call, whole));
}
