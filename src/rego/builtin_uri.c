// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_uri.c - uri.*, urlquery.*
 */
#include "base/utf8.h"
#include "rego/builtin_table.h"
#include "rego/uri.h"

enum {
	STEP_BYTES = 16,
	PARAMETERS_MAX = 10000,		/* of one query, as in net/url */
};

/* Return: false where the answer is an error, or nothing is left to spend. */
static bool take_text(struct rego_call *call, struct str *ret)
{
	return rego_take_string(call, 0, ret) && rego_spend(call->budget, 1 + ret->len / STEP_BYTES);
}

static enum rego_answer refuse(struct rego_call *call, const char *error)
{
	return error ? rego_fail(call, "%s", error) : rego_stopped(call);
}

/* What was behind an escape need not be a text, which a string has to be. */
static enum rego_answer refuse_bytes(struct rego_call *call)
{
	return rego_fail(call, "an escape stands for a byte that is not UTF-8");
}

static void add_part(struct json_object_builder *builder, const char *name, struct str part)
{
	if (part.len)
		json_object_add(builder, name, json_new_string(builder->arena, part));
}

enum rego_answer rego_do_uri_parse(struct rego_call *call)
{
	struct json_object_builder builder;
	struct rego_uri uri;
	const char *error;
	struct str text;

	if (!take_text(call, &text))
		return rego_failed(call);
	if (rego_uri_parse(call->arena, text, &uri, &error) < 0)
		return refuse(call, error);
	if (!utf8_is_valid(uri.host) || !utf8_is_valid(uri.path) || !utf8_is_valid(uri.fragment))
		return refuse_bytes(call);
	json_object_begin(&builder, call->arena);
	add_part(&builder, "scheme", uri.scheme);
	add_part(&builder, "hostname", uri.host);
	add_part(&builder, "port", uri.port);
	add_part(&builder, "path", uri.path);
	if (uri.path.len)
		add_part(&builder, "raw_path", uri.raw_path);
	add_part(&builder, "raw_query", uri.raw_query);
	add_part(&builder, "fragment", uri.fragment);
	return rego_give(call, json_object_end(&builder));
}

enum rego_answer rego_do_uri_is_valid(struct rego_call *call)
{
	const struct json *value = call->operands[0];
	const char *error = "";
	bool is_valid = false;
	struct rego_uri uri;

	if (value->type == JSON_STRING && value->text.len) {
		if (!rego_spend(call->budget, 1 + value->text.len / STEP_BYTES))
			return rego_stopped(call);
		is_valid = rego_uri_parse(call->arena, value->text, &uri, &error) == 0;
		if (!is_valid && !error)
			return rego_stopped(call);
	}
	return rego_give(call, json_new_bool(call->arena, is_valid));
}

/* ---- urlquery ---- */

enum rego_answer rego_do_urlquery_encode(struct rego_call *call)
{
	struct rego_text escaped = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!take_text(call, &text))
		return rego_failed(call);
	rego_uri_escape(&escaped, text, REGO_URI_QUERY);
	if (!rego_text_end(&escaped, &text))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, text));
}

enum rego_answer rego_do_urlquery_decode(struct rego_call *call)
{
	const char *error;
	struct str text;

	if (!take_text(call, &text))
		return rego_failed(call);
	if (rego_uri_unescape(call->arena, text, REGO_URI_QUERY, &text, &error) < 0)
		return refuse(call, error);
	if (!utf8_is_valid(text))
		return refuse_bytes(call);
	return rego_give(call, json_new_string(call->arena, text));
}

static enum rego_answer refuse_value(struct rego_call *call)
{
	return rego_operand_fail(call, 0, "values must be string, array[string], or set[string]");
}

/* "key=value", with an & in front if it is not the first. Return: false where nothing is left to spend. */
static bool add_parameter(struct rego_call *call, struct rego_text *query, struct str key, struct str value)
{
	if (!rego_spend(call->budget, 1 + (key.len + value.len) / STEP_BYTES))
		return false;
	if (query->len)
		rego_text_add_char(query, '&');
	rego_uri_escape(query, key, REGO_URI_QUERY);
	rego_text_add_char(query, '=');
	rego_uri_escape(query, value, REGO_URI_QUERY);
	return !query->failed;
}

/* Return: false where the answer is an error, or nothing is left to spend. */
static bool add_parameters(struct rego_call *call, struct rego_text *query, struct str key,
	const struct json *value)
{
	if (value->type == JSON_STRING)
		return add_parameter(call, query, key, value->text);
	for (size_t i = 0; value->type == JSON_ARRAY && i < value->array.count; i++) {
		const struct json *item = value->array.items[i];

		if (item->type != JSON_STRING) {
			(void)refuse_value(call);
			return false;
		}
		if (!add_parameter(call, query, key, item->text))
			return false;
	}
	if (value->type != JSON_ARRAY)
		(void)refuse_value(call);
	return value->type == JSON_ARRAY;
}

enum rego_answer rego_do_urlquery_encode_object(struct rego_call *call)
{
	struct rego_text query = REGO_TEXT_INIT(call->arena);
	const struct json *object;
	struct str text;

	if (!rego_take(call, 0, JSON_OBJECT))
		return rego_failed(call);
	object = json_to_document(call->arena, call->operands[0]);
	if (!object)
		return rego_stopped(call);
	for (size_t i = 0; i < object->object.count; i++)
		if (!add_parameters(call, &query, object->object.members[i].key->text,
				object->object.members[i].value))
			return rego_failed(call);
	if (!rego_text_end(&query, &text))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, text));
}

static const struct json *unescape(struct rego_call *call, struct str text)
{
	const char *error;
	struct str bytes;

	if (rego_uri_unescape(call->arena, text, REGO_URI_QUERY, &bytes, &error) < 0) {
		(void)refuse(call, error);
		return NULL;
	}
	if (!utf8_is_valid(bytes)) {
		(void)refuse_bytes(call);
		return NULL;
	}
	return json_new_string(call->arena, bytes);
}

/* Return: false where the answer is an error. */
static bool read_parameter(struct rego_call *call, struct str text, struct json_object_builder *builder)
{
	const struct json *key, *value;
	struct json_array_builder pair;
	struct str left, right;

	if (!text.len)
		return true;
	if (memchr(text.data, ';', text.len)) {
		(void)rego_fail(call, "invalid semicolon separator in query");
		return false;
	}
	(void)str_cut(text, '=', &left, &right);
	key = unescape(call, left);
	value = key ? unescape(call, right) : NULL;
	if (!value)
		return false;
	/* A place of its own keeps equal keys apart, and in their order, until they are collected. */
	json_array_begin(&pair, call->arena);
	json_array_add(&pair, key);
	json_array_add(&pair, json_new_int(call->arena, (int64_t)builder->count));
	json_object_add_value(builder, json_array_end(&pair), value);
	return true;
}

/* Members [key, place]: value become key: [value, ...]. */
static const struct json *collect(struct arena *arena, const struct json *sorted)
{
	struct json_object_builder builder;

	json_object_begin(&builder, arena);
	for (size_t i = 0; i < sorted->object.count;) {
		const struct json *key = json_at(sorted->object.members[i].key, 0);
		struct json_array_builder values;

		json_array_begin(&values, arena);
		for (; i < sorted->object.count; i++) {
			if (!json_equal(json_at(sorted->object.members[i].key, 0), key))
				break;
			json_array_add(&values, sorted->object.members[i].value);
		}
		json_object_add_value(&builder, key, json_array_end(&values));
	}
	return json_object_end(&builder);
}

enum rego_answer rego_do_urlquery_decode_object(struct rego_call *call)
{
	struct json_object_builder builder;
	const struct json *sorted;
	size_t count = 1;
	struct str rest;

	if (!take_text(call, &rest))
		return rego_failed(call);
	for (size_t i = 0; i < rest.len; i++)
		count += rest.data[i] == '&';
	if (count > PARAMETERS_MAX)
		return rego_fail(call, "number of URL query parameters exceeded limit");
	json_object_begin(&builder, call->arena);
	while (rest.len) {
		struct str parameter;

		(void)str_cut(rest, '&', &parameter, &rest);
		if (!read_parameter(call, parameter, &builder))
			return rego_failed(call);
	}
	sorted = json_object_end(&builder);
	return rego_give(call, sorted ? collect(call->arena, sorted) : NULL);
}
