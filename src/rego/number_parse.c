// SPDX-License-Identifier: Apache-2.0
/*
 * number_parse.c - numbers as people write them, turned into numbers as JSON has them
 *
 * A plus sign, zeros in front, nothing before or behind the point: Go's parsers of numbers take all of these
 * and JSON none.
 */
#include "rego/number.h"

enum {
	TEXT_MAX = 1 << 20,		/* bytes; no number of so many digits can be computed with */
};

/* sign, whole, point, fraction and exponent as they stand in a text; the last three may be empty. */
struct parts {
	bool is_negative;
	struct str whole, fraction, exponent;
};

static struct str digits_at(struct str *text)
{
	struct str digits = { .data = text->data };

	while (digits.len < text->len && ascii_is_digit(text->data[digits.len]))
		digits.len++;
	*text = (struct str){ .data = text->data + digits.len, .len = text->len - digits.len };
	return digits;
}

static bool skip(struct str *text, const char *chars)
{
	if (text->len == 0 || !text->data[0] || !strchr(chars, text->data[0]))
		return false;
	*text = (struct str){ .data = text->data + 1, .len = text->len - 1 };
	return true;
}

static bool split(struct str text, struct parts *ret)
{
	*ret = (struct parts){ .is_negative = text.len > 0 && text.data[0] == '-' };
	(void)skip(&text, "+-");
	ret->whole = digits_at(&text);
	if (skip(&text, "."))
		ret->fraction = digits_at(&text);
	if (ret->whole.len + ret->fraction.len == 0)
		return false;
	if (skip(&text, "eE")) {
		ret->exponent.data = text.data;
		(void)skip(&text, "+-");
		if (digits_at(&text).len == 0)
			return false;
		ret->exponent.len = (size_t)(text.data - ret->exponent.data);
	}
	while (ret->whole.len > 1 && ret->whole.data[0] == '0')
		ret->whole = (struct str){ .data = ret->whole.data + 1, .len = ret->whole.len - 1 };
	return text.len == 0;
}

static struct str join(struct rego_call *call, const struct parts *parts)
{
	char *text = arena_printf(call->arena, "%s%.*s%s%.*s%s%.*s", parts->is_negative ? "-" : "",
		parts->whole.len > 0 ? (int)parts->whole.len : 1,
		parts->whole.len > 0 ? parts->whole.data : "0", parts->fraction.len > 0 ? "." : "",
		(int)parts->fraction.len, parts->fraction.len > 0 ? parts->fraction.data : "",
		parts->exponent.len > 0 ? "e" : "", (int)parts->exponent.len,
		parts->exponent.len > 0 ? parts->exponent.data : "");

	return text ? str_from(text) : (struct str){ 0 };
}

bool rego_number_parse(struct rego_call *call, struct str text, struct str *ret)
{
	struct parts parts;

	*ret = (struct str){ 0 };
	if (!rego_spend(call->budget, text.len / 64 + 1)) {
		(void)rego_stopped(call);
		return false;
	}
	if (text.len > TEXT_MAX || !split(text, &parts))
		return true;
	*ret = join(call, &parts);
	if (!ret->data)
		(void)rego_stopped(call);
	return ret->data != NULL;
}
