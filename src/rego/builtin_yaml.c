// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_yaml.c - yaml.marshal, yaml.unmarshal, yaml.is_valid
 *
 * yes, no, on and off are strings when they are read, as YAML 1.2 has them, and are quoted when they are
 * written, so that readers of YAML 1.1 take them for strings too.
 */
#include "rego/builtin_table.h"
#include "rego/yaml.h"
#include "rego/yaml_write.h"

#include <errno.h>

enum rego_answer rego_do_yaml_marshal(struct rego_call *call)
{
	const struct json *document = json_to_document(call->arena, call->operands[0]);
	struct str text;

	if (!document || !rego_yaml_write(call, document, &text))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, text));
}

enum rego_answer rego_do_yaml_unmarshal(struct rego_call *call)
{
	struct rego_yaml_error err;
	const struct json *value;
	struct str text;
	int r;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + text.len))
		return rego_stopped(call);
	r = rego_yaml_read(call->arena, text, &value, &err);
	if (r == -EBADMSG)
		return rego_fail(call, "error converting YAML to JSON: %s", err.text);
	return r < 0 ? rego_stopped(call) : rego_give(call, value);
}

enum rego_answer rego_do_yaml_is_valid(struct rego_call *call)
{
	const struct json *operand = call->operands[0], *value;
	struct rego_yaml_error err;
	int r = -EBADMSG;

	if (operand->type == JSON_STRING) {
		if (!rego_spend(call->budget, 1 + operand->text.len))
			return rego_stopped(call);
		r = rego_yaml_read(call->arena, operand->text, &value, &err);
		if (r < 0 && r != -EBADMSG)
			return rego_stopped(call);
	}
	return rego_give(call, json_new_bool(call->arena, r == 0));
}
