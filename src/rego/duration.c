// SPDX-License-Identifier: Apache-2.0
/*
 * duration.c - "1h15m30.5s"
 *
 * A magnitude is counted in 64 bits without a sign, as -2^63 nanoseconds are a duration too. What stands
 * behind a decimal point is scaled as a double, which is exact to the nanosecond below an hour.
 */
#include "rego/layout.h"

#include <errno.h>

#define MAGNITUDE_MAX (UINT64_C(1) << 63)

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 },		/* the micro sign */
	{ "\xce\xbcs", 1000 },		/* the Greek letter */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60) * 1000000000 },
	{ "h", UINT64_C(3600) * 1000000000 },
};

/* One number and its unit. */
struct term {
	uint64_t whole, fraction;
	double scale;			/* of the fraction: a power of ten */
	bool has_digits;
};

static void advance(struct str *s, size_t len)
{
	*s = (struct str){ .data = s->data + len, .len = s->len - len };
}

static bool take_whole(struct str *text, struct term *term)
{
	while (text->len && ascii_is_digit(text->data[0])) {
		uint64_t digit = (uint64_t)(text->data[0] - '0');

		if (term->whole > MAGNITUDE_MAX / 10 || term->whole * 10 + digit > MAGNITUDE_MAX)
			return false;
		term->whole = term->whole * 10 + digit;
		term->has_digits = true;
		advance(text, 1);
	}
	return true;
}

/* Digits that would no longer fit do not matter. */
static void take_fraction(struct str *text, struct term *term)
{
	bool is_full = false;

	term->scale = 1;
	if (!text->len || text->data[0] != '.')
		return;
	advance(text, 1);
	while (text->len && ascii_is_digit(text->data[0])) {
		uint64_t digit = (uint64_t)(text->data[0] - '0');

		is_full |= term->fraction > (MAGNITUDE_MAX - 1) / 10 ||
			term->fraction * 10 + digit > MAGNITUDE_MAX;
		if (!is_full) {
			term->fraction = term->fraction * 10 + digit;
			term->scale *= 10;
		}
		term->has_digits = true;
		advance(text, 1);
	}
}

static struct str take_unit(struct str *text)
{
	struct str unit = { .data = text->data };

	while (unit.len < text->len && text->data[unit.len] != '.' && !ascii_is_digit(text->data[unit.len]))
		unit.len++;
	advance(text, unit.len);
	return unit;
}

static uint64_t unit_ns(struct str unit)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (str_eq(unit, str_from(units[i].name)))
			return units[i].ns;
	return 0;
}

static bool add_term(const struct term *term, uint64_t unit, uint64_t *total)
{
	uint64_t ns;

	if (term->whole > MAGNITUDE_MAX / unit)
		return false;
	ns = term->whole * unit;
	ns += (uint64_t)((double)term->fraction * ((double)unit / term->scale));
	if (ns > MAGNITUDE_MAX || *total > MAGNITUDE_MAX - ns)
		return false;
	*total += ns;
	return true;
}

/* "time: invalid duration ALL", or with the unit in between. */
static int refuse(struct arena *arena, struct str all, const char *problem, const struct str *unit,
	const char **ret_error)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str error;

	rego_text_add_text(&text, "time: ");
	rego_text_add_text(&text, problem);
	rego_text_add_char(&text, ' ');
	if (unit) {
		rego_text_add_bytes_quoted(&text, *unit);
		rego_text_add_text(&text, " in duration ");
	}
	rego_text_add_bytes_quoted(&text, all);
	*ret_error = rego_text_end(&text, &error) ? error.data : NULL;
	return -EINVAL;
}

int rego_duration_parse(struct arena *arena, struct str text, int64_t *ret_ns, const char **ret_error)
{
	bool is_negative = text.len && text.data[0] == '-';
	struct str rest = text;
	uint64_t total = 0;

	if (rest.len && (rest.data[0] == '-' || rest.data[0] == '+'))
		advance(&rest, 1);
	if (!rest.len)
		return refuse(arena, text, "invalid duration", NULL, ret_error);
	/* The one number that needs no unit. */
	if (str_eq(rest, STR("0")))
		rest.len = 0;
	while (rest.len) {
		struct term term = { 0 };
		struct str unit;
		uint64_t ns;

		if (!take_whole(&rest, &term))
			return refuse(arena, text, "invalid duration", NULL, ret_error);
		take_fraction(&rest, &term);
		if (!term.has_digits)
			return refuse(arena, text, "invalid duration", NULL, ret_error);
		unit = take_unit(&rest);
		if (!unit.len)
			return refuse(arena, text, "missing unit in duration", NULL, ret_error);
		ns = unit_ns(unit);
		if (!ns)
			return refuse(arena, text, "unknown unit", &unit, ret_error);
		if (!add_term(&term, ns, &total))
			return refuse(arena, text, "invalid duration", NULL, ret_error);
	}
	if (total == MAGNITUDE_MAX && !is_negative)
		return refuse(arena, text, "invalid duration", NULL, ret_error);
	*ret_ns = (int64_t)(is_negative ? -total : total);
	return 0;
}
