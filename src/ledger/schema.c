// SPDX-License-Identifier: Apache-2.0
/*
 * schema.c - what each kind of record has to say
 *
 * Fields of a document and fields of a row are both sorted bytewise by name, so checking is one walk over the
 * two of them: whoever is behind names the field that is unknown or missing.
 */
#include "ledger/schema_internal.h"

#include "base/hash.h"
#include "base/quote.h"
#include "ledger/omitted.h"

#include <errno.h>

const struct ledger_kind_info *ledger_kind_info(enum ledger_kind kind)
{
	assert(kind > LEDGER_KIND_INVALID && kind < LEDGER_KIND_COUNT);
	return &ledger_kinds[kind];
}

const char *ledger_kind_name(enum ledger_kind kind)
{
	return ledger_kind_info(kind)->name;
}

enum ledger_kind ledger_kind_from_name(struct str name)
{
	for (unsigned kind = LEDGER_KIND_INVALID + 1; kind < LEDGER_KIND_COUNT; kind++)
		if (str_eq(name, str_from(ledger_kinds[kind].name)))
			return (enum ledger_kind)kind;
	return LEDGER_KIND_INVALID;
}

const char *ledger_kind_nearest(struct str name)
{
	const char *names[LEDGER_KIND_COUNT - 1];

	for (unsigned kind = LEDGER_KIND_INVALID + 1; kind < LEDGER_KIND_COUNT; kind++)
		names[kind - 1] = ledger_kinds[kind].name;
	return str_nearest(name, names, ARRAY_SIZE(names));
}

static bool is_growing(enum ledger_field_type type)
{
	switch (type) {
	case LEDGER_FIELD_TEXT:
	case LEDGER_FIELD_BYTES:
	case LEDGER_FIELD_BYTES_LIST:
	case LEDGER_FIELD_TEXT_LIST:
	case LEDGER_FIELD_OBJECT:
	case LEDGER_FIELD_LIST:
		return true;
	case LEDGER_FIELD_DIGEST:
	case LEDGER_FIELD_COUNT:
	case LEDGER_FIELD_INT:
	case LEDGER_FIELD_BOOL:
		break;
	}
	return false;
}

const struct ledger_field *ledger_field_find(enum ledger_kind kind, struct str name)
{
	const struct ledger_kind_info *info = ledger_kind_info(kind);

	for (size_t i = 0; i < info->field_count; i++)
		if (str_eq(name, str_from(info->fields[i].name)))
			return &info->fields[i];
	return NULL;
}

bool ledger_field_may_be_omitted(const struct ledger_field *field)
{
	return !field->choices && is_growing(field->type);
}

static bool is_digest(const struct json *value)
{
	struct digest digest;

	return value->type == JSON_STRING && digest_from_hex(value->text, &digest) >= 0;
}

static bool is_bytes(const struct json *value)
{
	scoped(arena) struct arena arena = ARENA_INIT(JSON_TEXT_MAX);
	struct str bytes;

	return value->type == JSON_STRING || json_to_bytes(&arena, value, &bytes) >= 0;
}

static bool is_text(const struct json *value)
{
	return value->type == JSON_STRING;
}

static bool is_object(const struct json *value)
{
	return value->type == JSON_OBJECT;
}

static bool is_list_of(const struct json *value, bool (*is_item)(const struct json *value))
{
	if (value->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < value->array.count; i++)
		if (!is_item(value->array.items[i]))
			return false;
	return true;
}

static bool has_type(const struct json *value, enum ledger_field_type type)
{
	switch (type) {
	case LEDGER_FIELD_TEXT:
		return is_text(value);
	case LEDGER_FIELD_BYTES:
		return is_bytes(value);
	case LEDGER_FIELD_BYTES_LIST:
		return is_list_of(value, is_bytes);
	case LEDGER_FIELD_TEXT_LIST:
		return is_list_of(value, is_text);
	case LEDGER_FIELD_DIGEST:
		return is_digest(value);
	case LEDGER_FIELD_COUNT:
		return value->type == JSON_INT && value->integer >= 0;
	case LEDGER_FIELD_INT:
		return value->type == JSON_INT;
	case LEDGER_FIELD_BOOL:
		return value->type == JSON_BOOL;
	case LEDGER_FIELD_OBJECT:
		return is_object(value);
	case LEDGER_FIELD_LIST:
		return is_list_of(value, is_object);
	}
	return false;
}

static const char *type_name(enum ledger_field_type type)
{
	static const char *const names[] = {
		[LEDGER_FIELD_TEXT] = "a text", [LEDGER_FIELD_BYTES] = "a text or {\"bytes\"}",
		[LEDGER_FIELD_BYTES_LIST] = "an array of texts or {\"bytes\"}",
		[LEDGER_FIELD_TEXT_LIST] = "an array of texts",
		[LEDGER_FIELD_DIGEST] = "64 lower-case hexadecimal digits",
		[LEDGER_FIELD_COUNT] = "an integer from 0", [LEDGER_FIELD_INT] = "an integer",
		[LEDGER_FIELD_BOOL] = "true or false", [LEDGER_FIELD_OBJECT] = "an object",
		[LEDGER_FIELD_LIST] = "an array of objects",
	};

	return names[type];
}

static bool is_choice(const struct ledger_field *field, const struct json *value)
{
	if (!field->choices)
		return true;
	for (const char *const *choice = field->choices; *choice; choice++)
		if (str_eq(value->text, str_from(*choice)))
			return true;
	return false;
}

/* A record is two levels deeper than a value of it, and has to be readable. */
static bool is_shallow(const struct json *value, unsigned depth)
{
	if (value->type != JSON_ARRAY && value->type != JSON_OBJECT)
		return true;
	if (!depth)
		return false;
	for (size_t i = 0; value->type == JSON_ARRAY && i < value->array.count; i++)
		if (!is_shallow(value->array.items[i], depth - 1))
			return false;
	for (size_t i = 0; value->type == JSON_OBJECT && i < value->object.count; i++)
		if (!is_shallow(value->object.members[i].value, depth - 1))
			return false;
	return true;
}

static int check_field(const struct ledger_kind_info *info, const struct ledger_field *field,
	const struct json *value, struct error *err)
{
	if (ledger_field_may_be_omitted(field) && omitted_is(value))
		return 0;
	if (!has_type(value, field->type))
		return error_set(err, -EINVAL, "record of kind '%s': field '%s' has to be %s", info->name,
			field->name, type_name(field->type));
	if (!is_shallow(value, LEDGER_DEPTH_MAX))
		return error_set(err, -EINVAL, "record of kind '%s': field '%s' is nested too deep",
			info->name, field->name);
	if (!is_choice(field, value))
		return error_set(err, -EINVAL, "record of kind '%s': field '%s' cannot be '%s'", info->name,
			field->name, quote_text(value->text).text);
	return 0;
}

int ledger_fields_check(enum ledger_kind kind, const struct json *fields, struct error *err)
{
	const struct ledger_kind_info *info = ledger_kind_info(kind);
	size_t at = 0;

	if (!fields || fields->type != JSON_OBJECT)
		return error_set(err, -EINVAL, "record of kind '%s': the fields are no object", info->name);
	for (size_t i = 0; i < info->field_count; i++) {
		const struct ledger_field *field = &info->fields[i];
		const struct json_member *members = fields->object.members;
		bool is_end = at == fields->object.count;
		int order = is_end ? 1 : str_compare(members[at].key->text, str_from(field->name));
		int r;

		if (order < 0)
			break;
		if (order > 0) {
			if (!field->optional)
				return error_set(err, -EINVAL, "record of kind '%s': field '%s' is missing",
					info->name, field->name);
			continue;
		}
		r = check_field(info, field, members[at].value, err);
		if (r < 0)
			return r;
		at++;
	}
	if (at < fields->object.count)
		return error_set(err, -EINVAL, "record of kind '%s': there is no field '%s'", info->name,
			quote_text(fields->object.members[at].key->text).text);
	return 0;
}
