// SPDX-License-Identifier: Apache-2.0
/*
 * form.c - documents of a fixed form
 */
#include "config/form.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>

enum {
	FIELDS_MAX = 32,
};

int form_read(const struct form *form, struct str text, const struct json **ret)
{
	struct error err = ERROR_INIT;
	int r = json_read(form->arena, text, JSON_READ_JSONC, ret, &err);

	return r < 0 ? error_set(form->err, r, "%s:%s", quote_cstr(form->file).text, err.text) : 0;
}

int form_fail(const struct form *form, const struct json *at, const char *fmt, ...)
{
	va_list args;
	const char *text;

	va_start(args, fmt);
	text = arena_vprintf(form->arena, fmt, args);
	va_end(args);
	return error_set(form->err, -EINVAL, "%s:%u:%u: %s", quote_cstr(form->file).text, at ? at->line : 1,
		at ? at->column : 1, text ? text : "it is wrong");
}

static const struct form_field *find_field(const struct form_field *fields, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_from(fields[i].name), name))
			return &fields[i];
	return NULL;
}

static int unknown_member(const struct form *form, const struct json_member *member,
	const struct form_field *fields, size_t count)
{
	const char *names[FIELDS_MAX], *near;
	int r;

	assert(count <= FIELDS_MAX);
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	near = str_nearest(member->key->text, names, count);
	r = form_fail(form, member->key, "unknown key '%s'", quote_text(member->key->text).text);
	if (near)
		error_hint(form->err, "Did you mean '%s'?", near);
	return r;
}

int form_check(const struct form *form, const struct json *value, const struct form_field *fields,
	size_t count)
{
	if (value->type != JSON_OBJECT)
		return form_fail(form, value, "expected an object, found %s", json_type_name(value->type));
	for (size_t i = 0; i < value->object.count; i++) {
		const struct json_member *member = &value->object.members[i];
		const struct form_field *field = find_field(fields, count, member->key->text);

		if (!field)
			return unknown_member(form, member, fields, count);
		if (member->value->type != field->type)
			return form_fail(form, member->value, "'%s' must be %s, and is %s", field->name,
				json_type_name(field->type), json_type_name(member->value->type));
	}
	for (size_t i = 0; i < count; i++)
		if (fields[i].is_required && !json_get(value, fields[i].name))
			return form_fail(form, value, "'%s' is missing", fields[i].name);
	return 0;
}

/* Whether @text stays below where it starts, in the one way of writing it. */
static bool is_pattern(struct str text)
{
	return path_is_clean(text) && text.data[0] != '/' && !str_eq(text, STR("..")) &&
		!str_starts_with(text, STR("../"));
}

int form_text(const struct form *form, const struct json *value, enum form_kind kind, const char **ret)
{
	struct str below;

	*ret = NULL;
	if (!value)
		return 0;
	if (value->type != JSON_STRING || !value->text.len || memchr(value->text.data, 0, value->text.len))
		return form_fail(form, value, "expected a text that is not empty");
	below = (struct str){ value->text.data + 2, value->text.len - MIN(value->text.len, (size_t)2) };
	if (kind == FORM_HOME_PATH && (!str_starts_with(value->text, STR("~/")) || !is_pattern(below) ||
			str_eq(below, STR("."))))
		return form_fail(form, value, "'%s' is no path below the home directory",
			quote_text(value->text).text);
	if (kind == FORM_PATTERN && !is_pattern(value->text))
		return form_fail(form, value, "'%s' is no clean relative path", quote_text(value->text).text);
	*ret = value->text.data;
	return 0;
}

int form_texts(const struct form *form, const struct json *array, enum form_kind kind, struct form_texts *ret)
{
	const char **items;
	int r = 0;

	*ret = (struct form_texts){ 0 };
	if (!array)
		return 0;
	items = arena_alloc_array(form->arena, array->array.count + 1, sizeof(*items));
	if (!items)
		return error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);
	for (size_t i = 0; i < array->array.count && r >= 0; i++)
		r = form_text(form, array->array.items[i], kind, &items[i]);
	if (r >= 0)
		*ret = (struct form_texts){ items, array->array.count };
	return r;
}
