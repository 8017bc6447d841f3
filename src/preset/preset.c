// SPDX-License-Identifier: Apache-2.0
/*
 * preset.c - one file of a preset
 *
 * Its form is form.h's; then every entry is read as a list of hosts reads it, and every name of a tool has to
 * be one that cordon knows how to ask.
 */
#include "preset/preset.h"

#include "base/quote.h"
#include "net/entry.h"
#include "preset/tool.h"

#include <errno.h>

enum {
	PRESET_VERSION = 1,
	HTTPS_PORT = 443,
};

static const struct form_field fields[] = {
	{ "version", JSON_INT, true }, { "description", JSON_STRING, true },
	{ "entries", JSON_ARRAY, false }, { "suggested_by", JSON_ARRAY, false },
	{ "includes", JSON_ARRAY, false }, { "tools", JSON_ARRAY, false },
};

static int read_entry(const struct form *form, const struct json *at, const char *text, const char **ret)
{
	static const struct net_ports https = { HTTPS_PORT, HTTPS_PORT };
	char canonical[NET_ENTRY_SIZE];
	struct net_entry entry;
	struct net_flaw flaw;

	if (net_entry_read(form->arena, str_from(text), https, &entry, &flaw) < 0)
		return form_fail(form, at, "'%s': %s (at byte %zu)", quote_cstr(text).text, flaw.why,
			flaw.at);
	if (entry.denies)
		return form_fail(form, at, "'%s': a preset allows, and denies nothing",
			quote_cstr(text).text);
	net_entry_print(&entry, canonical);
	*ret = arena_copy(form->arena, canonical, strlen(canonical));
	return *ret ? 0 : error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);
}

static int read_entries(const struct form *form, const struct json *array, struct form_texts *ret)
{
	const char **items;
	int r = form_texts(form, array, FORM_TEXT, ret);

	if (r < 0)
		return r;
	items = arena_alloc_array(form->arena, ret->count + 1, sizeof(*items));
	if (!items)
		return error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);
	for (size_t i = 0; i < ret->count && r >= 0; i++)
		r = read_entry(form, array->array.items[i], ret->items[i], &items[i]);
	ret->items = items;
	return r;
}

static int check_tools(const struct form *form, const struct json *array, const struct form_texts *tools)
{
	for (size_t i = 0; i < tools->count; i++)
		if (!tool_find(tools->items[i]))
			return form_fail(form, array->array.items[i],
				"'%s' is no tool that cordon knows how to ask",
				quote_cstr(tools->items[i]).text);
	return 0;
}

static int read_lists(const struct form *form, const struct json *value, struct preset *preset)
{
	int r = read_entries(form, json_get(value, "entries"), &preset->entries);

	preset->includes_at = json_get(value, "includes");
	if (r >= 0)
		r = form_texts(form, json_get(value, "suggested_by"), FORM_PATTERN, &preset->suggested_by);
	if (r >= 0)
		r = form_texts(form, preset->includes_at, FORM_TEXT, &preset->includes);
	if (r >= 0)
		r = form_texts(form, json_get(value, "tools"), FORM_TEXT, &preset->tools);
	return r < 0 ? r : check_tools(form, json_get(value, "tools"), &preset->tools);
}

int preset_read(struct arena *arena, struct str text, const char *name, const char *path, struct preset *ret,
	struct error *err)
{
	const struct form form = { .arena = arena, .file = path, .err = err };
	struct preset preset = { .name = name, .path = path };
	const struct json *value;
	int r = form_read(&form, text, &value);

	if (r >= 0)
		r = form_check(&form, value, fields, ARRAY_SIZE(fields));
	if (r >= 0 && json_get_int(value, "version", 0) != PRESET_VERSION)
		r = form_fail(&form, json_get(value, "version"), "this version of cordon reads version %d",
			(int)PRESET_VERSION);
	if (r >= 0)
		r = form_text(&form, json_get(value, "description"), FORM_TEXT, &preset.description);
	if (r >= 0)
		r = read_lists(&form, value, &preset);
	if (r >= 0)
		*ret = preset;
	return r;
}
