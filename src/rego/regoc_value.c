// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_value.c - looking at values through the public header
 */
#include "rego/regoc_json.h"

enum regoc_type regoc_type_of(const struct regoc_value *value)
{
	static const enum regoc_type types[] = {
		[JSON_NULL] = REGOC_NULL, [JSON_BOOL] = REGOC_BOOLEAN, [JSON_INT] = REGOC_NUMBER,
		[JSON_NUMBER] = REGOC_NUMBER, [JSON_STRING] = REGOC_STRING, [JSON_ARRAY] = REGOC_ARRAY,
		[JSON_OBJECT] = REGOC_OBJECT, [JSON_SET] = REGOC_SET,
	};

	return value ? types[regoc_to_json(value)->type] : REGOC_NULL;
}

bool regoc_to_boolean(const struct regoc_value *value)
{
	const struct json *json = regoc_to_json(value);

	return json && json->type == JSON_BOOL && json->boolean;
}

bool regoc_to_int(const struct regoc_value *value, int64_t *ret)
{
	const struct json *json = regoc_to_json(value);

	if (!json || json->type != JSON_INT)
		return false;
	*ret = json->integer;
	return true;
}

const char *regoc_to_text(const struct regoc_value *value, size_t *ret_len)
{
	const struct json *json = regoc_to_json(value);

	if (!json || (json->type != JSON_STRING && json->type != JSON_NUMBER))
		return NULL;
	if (ret_len)
		*ret_len = json->text.len;
	return json->text.data;
}

size_t regoc_count(const struct regoc_value *value)
{
	const struct json *json = regoc_to_json(value);

	if (!json)
		return 0;
	if (json->type == JSON_OBJECT)
		return json->object.count;
	return json->type == JSON_ARRAY || json->type == JSON_SET ? json->array.count : 0;
}

const struct regoc_value *regoc_item(const struct regoc_value *value, size_t index)
{
	const struct json *json = regoc_to_json(value);

	if (index >= regoc_count(value))
		return NULL;
	return regoc_of_json(json->type == JSON_OBJECT ? json->object.members[index].value :
		json->array.items[index]);
}

const struct regoc_value *regoc_key(const struct regoc_value *value, size_t index)
{
	const struct json *json = regoc_to_json(value);

	if (index >= regoc_count(value) || json->type != JSON_OBJECT)
		return NULL;
	return regoc_of_json(json->object.members[index].key);
}

const struct regoc_value *regoc_member(const struct regoc_value *value, const char *name)
{
	return regoc_of_json(json_get(regoc_to_json(value), name));
}
