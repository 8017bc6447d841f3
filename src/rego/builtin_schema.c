// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_schema.c - json.match_schema and json.verify_schema
 *
 * Documents and schemas are values, or texts that hold JSON. What a schema says, schema.h tells.
 */
#include "rego/builtin_table.h"
#include "rego/schema.h"

#include <errno.h>

enum {
	STEP_BYTES = 64,
};

/* Return: NULL with @ret_what set, or without where the evaluation is over. */
static const struct json *take_document(struct rego_call *call, const struct json *operand,
	const char **ret_what)
{
	const struct json *value = NULL;

	*ret_what = NULL;
	if (operand->type == JSON_STRING) {
		if (!rego_spend(call->budget, 1 + operand->text.len / STEP_BYTES))
			return NULL;
		/* Anything else says nothing of the text: there was no room. */
		if (json_read(call->arena, operand->text, JSON_READ_STRICT, &value, NULL) == -EBADMSG)
			*ret_what = "invalid JSON string";
	} else if (operand->type == JSON_OBJECT || operand->type == JSON_ARRAY) {
		value = json_to_document(call->arena, operand);
	} else {
		*ret_what = "wrong type, expected string or object";
	}
	return value;
}

static enum rego_answer give_pair(struct rego_call *call, bool holds, const struct json *rest)
{
	struct json_array_builder pair;

	json_array_begin(&pair, call->arena);
	json_array_add(&pair, json_new_bool(call->arena, holds));
	json_array_add(&pair, rest);
	return rego_give(call, json_array_end(&pair));
}

static const struct json *flaw_value(struct rego_call *call, const struct rego_schema_flaw *flaw)
{
	struct json_object_builder object;

	json_object_begin(&object, call->arena);
	json_object_add(&object, "desc", json_new_string(call->arena, flaw->description));
	json_object_add(&object, "error", json_new_printf(call->arena, "%.*s: %.*s", (int)flaw->field.len,
		flaw->field.data, (int)flaw->description.len, flaw->description.data));
	json_object_add(&object, "field", json_new_string(call->arena, flaw->field));
	json_object_add_text(&object, "type", flaw->type);
	return json_object_end(&object);
}

enum rego_answer rego_do_json_match_schema(struct rego_call *call)
{
	struct json_array_builder list;
	struct rego_schema_flaws flaws;
	const struct json *value, *schema = NULL;
	const char *what;
	struct str wrong;

	value = take_document(call, call->operands[0], &what);
	if (value)
		schema = take_document(call, call->operands[1], &what);
	if (!schema)
		return what ? rego_fail(call, "%s", what) : rego_stopped(call);
	if (!rego_schema_check(call, schema, &wrong))
		return rego_stopped(call);
	if (wrong.len)
		return rego_fail(call, "%.*s", (int)wrong.len, wrong.data);
	if (!rego_schema_match(call, schema, value, &flaws))
		return rego_failed(call);
	json_array_begin(&list, call->arena);
	for (const struct rego_schema_flaw *flaw = flaws.first; flaw; flaw = flaw->next)
		json_array_add(&list, flaw_value(call, flaw));
	return give_pair(call, !flaws.first, json_array_end(&list));
}

enum rego_answer rego_do_json_verify_schema(struct rego_call *call)
{
	const char *what;
	const struct json *schema = take_document(call, call->operands[0], &what);
	struct str wrong = what ? str_from(what) : STR("");

	if (!schema && !what)
		return rego_stopped(call);
	if (schema && !rego_schema_check(call, schema, &wrong))
		return rego_stopped(call);
	if (!wrong.len)
		return give_pair(call, true, json_new_null(call->arena));
	return give_pair(call, false,
		json_new_printf(call->arena, "jsonschema: %.*s", (int)wrong.len, wrong.data));
}
