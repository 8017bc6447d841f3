// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_cast.c - numbers out of what is none
 *
 * The text of a number is what Go's strconv.ParseFloat takes, but for hexadecimal floats: with a plus sign,
 * with zeros in front, with nothing before or behind the point. The number itself is written as JSON has it.
 */
#include "rego/builtin_table.h"
#include "rego/number.h"

enum {
	TEXT_MAX = 1 << 20,		/* bytes of a text that is quoted in an error */
	DOUBLE_EXPONENT_MAX = 1024,
};

/* ---- the text of a number ---- */

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

/* ---- to_number ---- */

static bool is_infinite_or_nan(struct str text)
{
	static const char *const names[] = { "inf", "infinity", "nan" };

	while (skip(&text, "+-"))
		;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (text.len == strlen(names[i]) && !strncasecmp(text.data, names[i], text.len))
			return true;
	}
	return false;
}

static enum rego_answer refuse(struct rego_call *call, const char *why)
{
	scoped(buf) struct buf quoted = BUF_INIT(TEXT_MAX);

	if (json_write(&quoted, call->operands[0], JSON_WRITE_TERM) < 0)
		return rego_fail(call, "strconv.ParseFloat: %s", why);
	return rego_fail(call, "strconv.ParseFloat: parsing %s: %s", buf_text(&quoted), why);
}

static enum rego_answer from_text(struct rego_call *call, struct str text)
{
	struct rego_float nearest;
	struct parts parts;
	struct str number;

	if (is_infinite_or_nan(text))
		return rego_operand(call, 0, "valid number string");
	if (!rego_spend(call->budget, text.len / 64 + 1))
		return rego_stopped(call);
	if (text.len > TEXT_MAX || !split(text, &parts))
		return refuse(call, "invalid syntax");
	number = join(call, &parts);
	if (!number.data || !rego_float_read(call, number, 53, &nearest))
		return rego_stopped(call);
	if (nearest.mantissa != 0 && nearest.exponent + 64 > DOUBLE_EXPONENT_MAX)
		return refuse(call, "value out of range");
	return rego_give(call, json_new_number(call->arena, number));
}

enum rego_answer rego_do_to_number(struct rego_call *call)
{
	const struct json *operand = call->operands[0];

	if (operand->type == JSON_STRING)
		return from_text(call, operand->text);
	if (operand->type == JSON_NULL)
		return rego_give(call, json_new_int(call->arena, 0));
	if (operand->type == JSON_BOOL)
		return rego_give(call, json_new_int(call->arena, operand->boolean));
	if (rego_is_number(operand))
		return rego_give(call, operand);
	return rego_operand(call, 0, "one of {null, boolean, number, string}");
}
