// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_cast.c - numbers out of what is none
 *
 * The text of a number is what Go's strconv.ParseFloat takes, but for hexadecimal floats (number_parse.c).
 * The number itself is written as JSON has it.
 */
#include "base/str_case.h"
#include "rego/builtin_table.h"
#include "rego/number.h"

enum {
	TEXT_MAX = 1 << 20,		/* bytes of a text that is quoted in an error */
	DOUBLE_EXPONENT_MAX = 1024,
};

/* ---- to_number ---- */

static bool is_infinite_or_nan(struct str text)
{
	static const struct str names[] = { STR("inf"), STR("infinity"), STR("nan") };

	for (; text.len > 0 && (text.data[0] == '+' || text.data[0] == '-'); text.len--)
		text.data++;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq_no_case(text, names[i]))
			return true;
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
	struct str number;

	if (is_infinite_or_nan(text))
		return rego_operand(call, 0, "valid number string");
	if (!rego_number_parse(call, text, &number))
		return rego_stopped(call);
	if (number.len == 0)
		return refuse(call, "invalid syntax");
	if (!rego_float_read(call, number, 53, &nearest))
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
