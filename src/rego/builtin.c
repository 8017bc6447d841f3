// SPDX-License-Identifier: Apache-2.0
/*
 * builtin.c - finding a built-in, and the answers that all of them give
 */
#include "rego/builtin.h"

#include "base/utf8.h"
#include "rego/builtin_table.h"
#include "rego/text.h"

#include <stdio.h>

/* ---- the table ---- */

const struct rego_builtin *rego_builtin_find(struct str name)
{
	size_t low = 0, high = rego_builtins_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(name, str_from(rego_builtins[middle].name));

		if (order == 0)
			return &rego_builtins[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct rego_builtin *rego_builtin_at(size_t index)
{
	return index < rego_builtins_count ? &rego_builtins[index] : NULL;
}

const char *rego_type_name(const struct json *value)
{
	return value->type == JSON_INT ? "number" : json_type_name(value->type);
}

/* ---- answers ---- */

enum rego_answer rego_give(struct rego_call *call, const struct json *value)
{
	if (!value)
		return rego_stopped(call);
	call->result = value;
	return REGO_ANSWER_VALUE;
}

enum rego_answer rego_give_string(struct rego_call *call, struct str text)
{
	struct json *value = arena_alloc_raw(call->arena, sizeof(*value));

	if (!value || !utf8_is_valid(text))
		return rego_stopped(call);
	*value = (struct json){
		.type = JSON_STRING, .text = text, .weight = (uint32_t)(text.len / JSON_WEIGHT_BYTES),
	};
	return rego_give(call, value);
}

enum rego_answer rego_give_text(struct rego_call *call, struct rego_text *text)
{
	struct str written;

	return rego_text_end(text, &written) ? rego_give_string(call, written) : rego_stopped(call);
}

/* Who stops without having been told so by the budget has no memory. */
enum rego_answer rego_stopped(struct rego_call *call)
{
	if (call->budget->stop == REGO_STOP_NONE)
		call->budget->stop = REGO_STOP_MEMORY;
	return REGO_ANSWER_STOP;
}

enum rego_answer rego_failed(struct rego_call *call)
{
	return call->error ? REGO_ANSWER_ERROR : rego_stopped(call);
}

static PRINTF_LIKE(3, 0) enum rego_answer fail(struct rego_call *call, const char *prefix, const char *fmt,
	va_list args)
{
	const char *text = arena_vprintf(call->arena, fmt, args);

	call->error = text ? arena_printf(call->arena, "%s: %s%s", call->builtin->name, prefix, text) : NULL;
	return rego_failed(call);
}

enum rego_answer rego_fail(struct rego_call *call, const char *fmt, ...)
{
	enum rego_answer answer;
	va_list args;

	va_start(args, fmt);
	answer = fail(call, "", fmt, args);
	va_end(args);
	return answer;
}

enum rego_answer rego_operand_fail(struct rego_call *call, size_t index, const char *fmt, ...)
{
	enum rego_answer answer;
	char prefix[32];
	va_list args;

	(void)snprintf(prefix, sizeof(prefix), "operand %zu ", index + 1);
	call->is_type_error = true;
	va_start(args, fmt);
	answer = fail(call, prefix, fmt, args);
	va_end(args);
	return answer;
}

enum rego_answer rego_operand(struct rego_call *call, size_t index, const char *wanted)
{
	return rego_operand_fail(call, index, "must be %s but got %s", wanted,
		rego_type_name(call->operands[index]));
}

enum rego_answer rego_element(struct rego_call *call, size_t index, const char *wanted,
	const struct json *element)
{
	const char *list = rego_type_name(call->operands[index]);

	return rego_operand_fail(call, index, "must be %s of %ss but got %s containing %s", list, wanted,
		list, rego_type_name(element));
}

/* ---- operands ---- */

bool rego_refuse(struct rego_call *call, size_t index, enum json_type type)
{
	(void)rego_operand(call, index, json_type_name(type));
	return false;
}

bool rego_take_elements(struct rego_call *call, size_t index, const char *wanted)
{
	const struct json *operand = call->operands[index];

	if (operand->type == JSON_ARRAY || operand->type == JSON_SET)
		return rego_spend(call->budget, operand->array.count);
	(void)rego_operand(call, index, wanted);
	return false;
}
