// SPDX-License-Identifier: Apache-2.0
/*
 * template_function.c - what a template can call: and, or, not, comparisons, len, index, print and its kin
 *
 * Those that only compute.
 *
 * Source: Go, documentation of package text/template, "Functions"
 */
#include "rego/template_function.h"

#include "rego/builtin_table.h"

static bool give(struct rego_call *call, const struct json *json, bool is_number, struct template_value *ret)
{
	*ret = (struct template_value){ json, is_number };
	if (!json)
		(void)rego_stopped(call);
	return json != NULL;
}

static bool give_bool(struct rego_call *call, bool value, struct template_value *ret)
{
	return give(call, json_new_bool(call->arena, value), false, ret);
}

static bool do_not(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	if (count != 1)
		return template_fail(call, "wrong number of args for", STR("not"));
	return give_bool(call, !template_value_is_true(values[0]), ret);
}

/* What decides was not given more operands, and otherwise the last one is the answer. */
static bool do_and(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	if (count == 0)
		return template_fail(call, "wrong number of args for", STR("and"));
	*ret = values[count - 1];
	return true;
}

static bool do_or(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	if (count == 0)
		return template_fail(call, "wrong number of args for", STR("or"));
	*ret = values[count - 1];
	return true;
}

static bool do_len(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	const struct json *json = count == 1 ? values[0].json : NULL;
	size_t len;

	if (json && json->type == JSON_STRING)
		len = json->text.len;
	else if (json && json->type == JSON_ARRAY)
		len = json->array.count;
	else if (json && json->type == JSON_OBJECT)
		len = json->object.count;
	else
		return template_fail(call, "error calling len:", STR("no text, list or object"));
	return give(call, json_new_int(call->arena, (int64_t)len), true, ret);
}

static bool do_index(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	if (count == 0)
		return template_fail(call, "wrong number of args for", STR("index"));
	*ret = values[0];
	for (size_t i = 1; i < count; i++) {
		const struct json *list = ret->json, *key = values[i].json;
		bool is_array = list && list->type == JSON_ARRAY && key && values[i].is_number;
		bool is_object = list && list->type == JSON_OBJECT && key && key->type == JSON_STRING;

		if (!is_array && !is_object)
			return template_fail(call, "error calling index:", STR("can't index item"));
		*ret = (struct template_value){ .json = json_find(list, key) };
		if (is_array && !ret->json)
			return template_fail(call, "error calling index:", STR("index out of range"));
	}
	return true;
}

static bool compare(struct rego_call *call, struct template_value a, struct template_value b, int *ret)
{
	struct rego_text left = REGO_TEXT_INIT(call->arena), right = left;
	enum template_kind kind = template_value_kind(a);
	struct str x, y;

	if (kind == TEMPLATE_KIND_NONE || kind != template_value_kind(b))
		return template_fail(call, "error calling a comparison:", STR("incompatible types"));
	if (kind != TEMPLATE_KIND_TEXT) {
		*ret = json_compare(a.json, b.json);
		return true;
	}
	template_value_print(&left, a);
	template_value_print(&right, b);
	if (!rego_text_end(&left, &x) || !rego_text_end(&right, &y)) {
		(void)rego_stopped(call);
		return false;
	}
	*ret = str_compare(x, y);
	return true;
}

/* eq may have several on its right: whether one of them is the same. */
static bool do_eq(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	bool is_equal = false;
	int order = 0;

	if (count < 2)
		return template_fail(call, "wrong number of args for", STR("eq"));
	for (size_t i = 1; i < count && !is_equal; i++) {
		if (!compare(call, values[0], values[i], &order))
			return false;
		is_equal = order == 0;
	}
	return give_bool(call, is_equal, ret);
}

static bool do_order(struct rego_call *call, const struct template_value *values, size_t count, int *ret)
{
	if (count != 2)
		return template_fail(call, "wrong number of args for", STR("a comparison"));
	return compare(call, values[0], values[1], ret);
}

static bool do_ne(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	int order = 0;

	return do_order(call, values, count, &order) && give_bool(call, order != 0, ret);
}

static bool do_lt(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	int order = 0;

	return do_order(call, values, count, &order) && give_bool(call, order < 0, ret);
}

static bool do_le(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	int order = 0;

	return do_order(call, values, count, &order) && give_bool(call, order <= 0, ret);
}

static bool do_gt(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	int order = 0;

	return do_order(call, values, count, &order) && give_bool(call, order > 0, ret);
}

static bool do_ge(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	int order = 0;

	return do_order(call, values, count, &order) && give_bool(call, order >= 0, ret);
}

static bool end_text(struct rego_call *call, struct rego_text *text, struct template_value *ret)
{
	struct str str;

	if (rego_text_end(text, &str))
		return give(call, json_new_string(call->arena, str), false, ret);
	(void)rego_stopped(call);
	return false;
}

static bool is_text(struct template_value value)
{
	return template_value_kind(value) == TEMPLATE_KIND_TEXT;
}

/* As fmt.Sprint: a space between two values of which neither is a text. */
static bool do_print(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);

	for (size_t i = 0; i < count; i++) {
		bool is_between = i > 0 && !is_text(values[i - 1]) && !is_text(values[i]);

		rego_text_add_text(&text, is_between ? " " : "");
		template_value_print(&text, values[i]);
	}
	return end_text(call, &text, ret);
}

static bool do_println(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);

	for (size_t i = 0; i < count; i++) {
		rego_text_add_text(&text, i > 0 ? " " : "");
		template_value_print(&text, values[i]);
	}
	rego_text_add_char(&text, '\n');
	return end_text(call, &text, ret);
}

/* What the data has is a text to printf, whatever it is; numbers of the template are numbers. */
static const struct json *printf_operand(struct rego_call *call, struct template_value value)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct template_value printed;

	if (value.is_number)
		return value.json;
	template_value_print(&text, value);
	return end_text(call, &text, &printed) ? printed.json : NULL;
}

static bool do_printf(struct rego_call *call, const struct template_value *values, size_t count,
	struct template_value *ret)
{
	struct rego_call inner = *call;
	struct json_array_builder builder;
	const struct json *operands[2];

	if (count == 0 || !values[0].json || values[0].json->type != JSON_STRING)
		return template_fail(call, "wrong type for the format of", STR("printf"));
	json_array_begin(&builder, call->arena);
	for (size_t i = 1; i < count; i++)
		json_array_add(&builder, printf_operand(call, values[i]));
	operands[0] = values[0].json;
	operands[1] = json_array_end(&builder);
	inner.operands = operands;
	if (!operands[1] || rego_do_sprintf(&inner) != REGO_ANSWER_VALUE) {
		(void)rego_stopped(call);
		return false;
	}
	return give(call, inner.result, false, ret);
}

static const struct template_function functions[] = {
	{ "and", do_and, TEMPLATE_STOP_AT_FALSE }, { "eq", do_eq }, { "ge", do_ge }, { "gt", do_gt },
	{ "index", do_index }, { "le", do_le }, { "len", do_len }, { "lt", do_lt }, { "ne", do_ne },
	{ "not", do_not }, { "or", do_or, TEMPLATE_STOP_AT_TRUE }, { "print", do_print },
	{ "printf", do_printf }, { "println", do_println },
};

const struct template_function *template_function_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (str_eq(name, str_from(functions[i].name)))
			return &functions[i];
	}
	return NULL;
}

bool template_function_stops(const struct template_function *function, struct template_value value)
{
	switch (function->stop) {
	case TEMPLATE_STOP_AT_TRUE:
		return template_value_is_true(value);
	case TEMPLATE_STOP_AT_FALSE:
		return !template_value_is_true(value);
	case TEMPLATE_STOP_NEVER:
		break;
	}
	return false;
}
