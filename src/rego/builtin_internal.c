// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_internal.c - what operators and templates become
 */
#include "rego/builtin_table.h"

static const struct json *element(const struct json *list, size_t index)
{
	return list->type == JSON_OBJECT ? list->object.members[index].value : list->array.items[index];
}

static size_t size_of(const struct json *list)
{
	if (list->type == JSON_OBJECT)
		return list->object.count;
	return list->type == JSON_ARRAY || list->type == JSON_SET ? list->array.count : 0;
}

/* In what is no list there is nothing. */
enum rego_answer rego_do_internal_member_2(struct rego_call *call)
{
	const struct json *value = call->operands[0], *list = call->operands[1];
	bool found = false;

	if (!rego_spend(call->budget, list->type == JSON_SET ? 1 : size_of(list)) ||
			!rego_spend_value(call->budget, value,
				list->type == JSON_SET ? REGO_BUDGET_FIND : size_of(list)))
		return rego_stopped(call);
	if (list->type == JSON_SET)
		found = json_find(list, value);
	else
		for (size_t i = 0; !found && i < size_of(list); i++)
			found = json_equal(element(list, i), value);
	return rego_give(call, json_new_bool(call->arena, found));
}

/* The key of a set's element is the element. */
enum rego_answer rego_do_internal_member_3(struct rego_call *call)
{
	const struct json *found;

	if (!rego_spend_find(call->budget, call->operands[0]) ||
			!rego_spend_value(call->budget, call->operands[1], 1))
		return rego_stopped(call);
	found = json_find(call->operands[2], call->operands[0]);
	return rego_give(call, json_new_bool(call->arena, found && json_equal(found, call->operands[1])));
}

/* The note itself is an event of the machine; without a trace there is nobody to read it. */
enum rego_answer rego_do_trace(struct rego_call *call)
{
	struct str note;

	return rego_take_string(call, 0, &note) ? rego_give(call, json_new_bool(call->arena, true)) :
		rego_failed(call);
}

static int add_part(struct buf *buf, const struct json *part)
{
	if (part->type == JSON_SET) {
		if (!part->array.count)
			return buf_append_str(buf, "<undefined>");
		part = part->array.items[0];
	}
	if (part->type == JSON_STRING)
		return buf_append(buf, part->text.data, part->text.len);
	return json_write(buf, part, JSON_WRITE_TERM);
}

/* What was written outside of braces is a string; what was inside, a set of no value or of one. */
enum rego_answer rego_do_internal_template_string(struct rego_call *call)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_TEXT_MAX);
	const struct json *parts = call->operands[0];

	if (parts->type != JSON_ARRAY)
		return rego_operand(call, 0, "array");
	for (size_t i = 0; i < parts->array.count; i++)
		if (!rego_spend(call->budget, 1) || add_part(&buf, parts->array.items[i]) < 0)
			return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, (struct str){ buf_text(&buf), buf.len }));
}
