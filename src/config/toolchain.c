// SPDX-License-Identifier: Apache-2.0
/*
 * toolchain.c - what is known about the places in a home directory where programs live
 *
 * The file came with cordon, so it is believed as the program is; it is read strictly all the same, since a
 * mistake in it would show too much or too little.
 */
#include "config/toolchain.h"

#include "config/load.h"

#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	TOOLCHAINS_VERSION = 1,
};

static const struct form_field file_fields[] = {
	{ "version", JSON_INT, true }, { "never", JSON_ARRAY, true }, { "hide", JSON_ARRAY, true },
	{ "toolchains", JSON_ARRAY, true },
};

static const struct form_field row_fields[] = {
	{ "name", JSON_STRING, true }, { "what", JSON_STRING, true }, { "variable", JSON_STRING, false },
	{ "home", JSON_ARRAY, true }, { "offer", JSON_ARRAY, true }, { "hide", JSON_ARRAY, false },
	{ "needs", JSON_ARRAY, false },
};

const struct toolchain *toolchains_find(const struct toolchains *toolchains, const char *name)
{
	for (size_t i = 0; i < toolchains->count; i++)
		if (!strcmp(toolchains->items[i].name, name))
			return &toolchains->items[i];
	return NULL;
}

static int read_row(const struct form *form, const struct json *value, struct toolchain *row)
{
	int r = form_check(form, value, row_fields, ARRAY_SIZE(row_fields));

	if (r >= 0)
		r = form_text(form, json_get(value, "name"), FORM_TEXT, &row->name);
	if (r >= 0)
		r = form_text(form, json_get(value, "what"), FORM_TEXT, &row->what);
	if (r >= 0)
		r = form_text(form, json_get(value, "variable"), FORM_TEXT, &row->variable);
	if (r >= 0)
		r = form_texts(form, json_get(value, "home"), FORM_HOME_PATH, &row->homes);
	if (r >= 0)
		r = form_texts(form, json_get(value, "offer"), FORM_PATTERN, &row->offers);
	if (r >= 0)
		r = form_texts(form, json_get(value, "hide"), FORM_PATTERN, &row->hides);
	if (r >= 0)
		r = form_texts(form, json_get(value, "needs"), FORM_TEXT, &row->needs);
	return r;
}

static int read_rows(const struct form *form, const struct json *array, struct toolchains *toolchains)
{
	struct toolchain *rows = arena_alloc_array(form->arena, array->array.count + 1, sizeof(*rows));

	if (!rows || array->array.count > TOOLCHAINS_MAX)
		return error_set(form->err, -EMSGSIZE, "%s: too many toolchains",
			quote_cstr(form->file).text);
	toolchains->items = rows;
	for (size_t i = 0; i < array->array.count; i++) {
		int r = read_row(form, array->array.items[i], &rows[i]);

		if (r < 0)
			return r;
		if (toolchains_find(toolchains, rows[i].name))
			return form_fail(form, array->array.items[i], "'%s' comes twice",
				quote_cstr(rows[i].name).text);
		toolchains->count++;
	}
	return 0;
}

static int check_needs(const struct form *form, const struct json *array, const struct toolchains *toolchains)
{
	for (size_t i = 0; i < toolchains->count; i++) {
		const struct form_texts *needs = &toolchains->items[i].needs;

		for (size_t j = 0; j < needs->count; j++)
			if (!toolchains_find(toolchains, needs->items[j]))
				return form_fail(form, array->array.items[i],
					"needs '%s', which is not there", quote_cstr(needs->items[j]).text);
	}
	return 0;
}

int toolchains_read(struct arena *arena, struct str text, const char *file, struct toolchains *ret,
	struct error *err)
{
	const struct form form = { .arena = arena, .file = file, .err = err };
	struct toolchains toolchains = { 0 };
	const struct json *value;
	int r = form_read(&form, text, &value);

	if (r < 0)
		return r;
	r = form_check(&form, value, file_fields, ARRAY_SIZE(file_fields));
	if (r >= 0 && json_get_int(value, "version", 0) != TOOLCHAINS_VERSION)
		r = form_fail(&form, json_get(value, "version"), "this version of cordon reads version %d",
			(int)TOOLCHAINS_VERSION);
	if (r >= 0)
		r = form_texts(&form, json_get(value, "never"), FORM_HOME_PATH, &toolchains.never);
	if (r >= 0)
		r = form_texts(&form, json_get(value, "hide"), FORM_PATTERN, &toolchains.hides);
	if (r >= 0)
		r = read_rows(&form, json_get(value, "toolchains"), &toolchains);
	if (r >= 0)
		r = check_needs(&form, json_get(value, "toolchains"), &toolchains);
	if (r >= 0)
		*ret = toolchains;
	return r;
}

int toolchains_load(struct arena *arena, struct toolchains *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(TOOLCHAINS_FILE_MAX);
	const char *dir = config_data_dir(arena, err);
	const char *path = dir ? arena_printf(arena, "%s/toolchains.jsonc", dir) : NULL;
	int r;

	if (!path)
		return -ENOENT;
	r = kern_read_file(AT_FDCWD, path, &text);
	if (r < 0)
		return error_sys(err, r, "reading '%s'", quote_cstr(path).text);
	return toolchains_read(arena, (struct str){ buf_text(&text), text.len }, path, ret, err);
}
