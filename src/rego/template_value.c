// SPDX-License-Identifier: Apache-2.0
/*
 * template_value.c - whether a value of a template is true, what of it is printed, what it compares with
 *
 * Source: Go, documentation of package text/template
 */
#include "rego/template_value.h"

bool template_fail(struct rego_call *call, const char *what, struct str where)
{
	(void)rego_fail(call, "template: template: %s %.*s", what, (int)MIN(where.len, (size_t)40),
		where.data ? where.data : "");
	return false;
}

bool template_value_is_missing(struct template_value value)
{
	return !value.json || value.json->type == JSON_NULL;
}

bool template_value_is_true(struct template_value value)
{
	if (template_value_is_missing(value))
		return false;
	switch (value.json->type) {
	case JSON_BOOL:
		return value.json->boolean;
	case JSON_INT:
		return !value.is_number || value.json->integer != 0;
	case JSON_STRING:
		return value.json->text.len > 0;
	case JSON_ARRAY:
	case JSON_SET:
		return value.json->array.count > 0;
	case JSON_OBJECT:
		return value.json->object.count > 0;
	case JSON_NUMBER:
	case JSON_NULL:
	default:
		return true;
	}
}

static void print(struct rego_text *out, const struct json *json);

static void print_items(struct rego_text *out, const struct json *list)
{
	rego_text_add_char(out, '[');
	for (size_t i = 0; i < list->array.count; i++) {
		rego_text_add_text(out, i > 0 ? " " : "");
		print(out, list->array.items[i]);
	}
	rego_text_add_char(out, ']');
}

static void print_members(struct rego_text *out, const struct json *object)
{
	rego_text_add_text(out, "map[");
	for (size_t i = 0; i < object->object.count; i++) {
		rego_text_add_text(out, i > 0 ? " " : "");
		print(out, object->object.members[i].key);
		rego_text_add_char(out, ':');
		print(out, object->object.members[i].value);
	}
	rego_text_add_char(out, ']');
}

/* As Go prints a value of any type: [1 2], map[a:1]. */
static void print(struct rego_text *out, const struct json *json)
{
	switch (json->type) {
	case JSON_BOOL:
		rego_text_add_text(out, json->boolean ? "true" : "false");
		break;
	case JSON_INT:
		rego_text_add_int(out, json->integer, 1);
		break;
	case JSON_NUMBER:
	case JSON_STRING:
		rego_text_add_str(out, json->text);
		break;
	case JSON_ARRAY:
	case JSON_SET:
		print_items(out, json);
		break;
	case JSON_OBJECT:
		print_members(out, json);
		break;
	case JSON_NULL:
	default:
		rego_text_add_text(out, "<nil>");
		break;
	}
}

void template_value_print(struct rego_text *out, struct template_value value)
{
	if (value.json)
		print(out, value.json);
	else
		rego_text_add_text(out, "<nil>");
}

enum template_kind template_value_kind(struct template_value value)
{
	if (template_value_is_missing(value))
		return TEMPLATE_KIND_NONE;
	if (value.is_number)
		return TEMPLATE_KIND_NUMBER;
	if (value.json->type == JSON_BOOL)
		return TEMPLATE_KIND_BOOL;
	return value.json->type <= JSON_STRING ? TEMPLATE_KIND_TEXT : TEMPLATE_KIND_NONE;
}
