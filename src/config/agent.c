// SPDX-License-Identifier: Apache-2.0
/*
 * agent.c - what is known about an agent
 *
 * Reading is strict and in two steps: first the form (form.h), then what the members say about each other.
 */
#include "config/agent.h"

#include "config/config_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>

enum {
	AGENT_VERSION = 1,
};

static const struct form_field agent_fields[] = {
	{ "version", JSON_INT, true }, { "name", JSON_STRING, true }, { "description", JSON_STRING, true },
	{ "install", JSON_STRING, false }, { "arguments", JSON_ARRAY, false },
	{ "unless", JSON_ARRAY, false }, { "environment", JSON_OBJECT, false }, { "state", JSON_ARRAY, true },
	{ "import", JSON_ARRAY, false },
	{ "never", JSON_ARRAY, true },
	{ "hosts", JSON_ARRAY, true }, { "presets", JSON_ARRAY, false },
};

static const struct form_field import_fields[] = {
	{ "file", JSON_STRING, true }, { "keys", JSON_ARRAY, false }, { "set", JSON_OBJECT, false },
};

static bool is_beneath_any(const char *path, const struct form_texts *dirs)
{
	for (size_t i = 0; i < dirs->count; i++)
		if (path_is_beneath(str_from(path), str_from(dirs->items[i])))
			return true;
	return false;
}

/* ---- members ---- */

static int read_environment(const struct form *form, const struct json *object, struct form_texts *ret)
{
	size_t count = object ? object->object.count : 0;
	const char **items = arena_alloc_array(form->arena, count + 1, sizeof(*items));

	*ret = (struct form_texts){ items, count };
	for (size_t i = 0; items && i < count; i++) {
		const struct json_member *member = &object->object.members[i];
		const struct json *value = member->value;

		if (!config_is_variable(member->key->text))
			return form_fail(form, value, "'%s' is no name of a variable",
				quote_text(member->key->text).text);
		if (value->type != JSON_STRING || memchr(value->text.data, 0, value->text.len))
			return form_fail(form, value, "a variable's value is a text");
		items[i] = arena_printf(form->arena, "%s=%s", member->key->text.data, value->text.data);
		if (!items[i])
			items = NULL;
	}
	return items ? 0 :
		error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);
}

static int read_hosts(const struct form *form, const struct json *array, struct form_texts *hosts)
{
	const char **items;
	int r = form_texts(form, array, FORM_TEXT, hosts);

	items = r < 0 ? NULL : arena_alloc_array(form->arena, hosts->count + 1, sizeof(*items));
	if (!items)
		return r < 0 ?
			r :
			error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);
	for (size_t i = 0; i < hosts->count; i++) {
		struct config_item item;
		size_t at;
		const char *why = config_host_read(form->arena, str_from(hosts->items[i]),
			CONFIG_NARROW_FIXED, &item, &at);

		if (why)
			return form_fail(form, array->array.items[i], "'%s': %s (at byte %zu)",
				quote_cstr(hosts->items[i]).text, why, at);
		items[i] = item.text;
	}
	hosts->items = items;
	return 0;
}

static int read_presets(const struct form *form, const struct json *array, struct form_texts *presets)
{
	int r = form_texts(form, array, FORM_TEXT, presets);

	for (size_t i = 0; i < presets->count && r >= 0; i++)
		if (!config_name_is_valid(str_from(presets->items[i])))
			r = form_fail(form, array->array.items[i], "'%s' is no name of a preset",
				quote_cstr(presets->items[i]).text);
	return r;
}

/* An import is a part of the state, and no credential; "*" stands in its last name only. */
static int check_import(const struct form *form, const struct json *at, const struct agent *agent,
	const char *file)
{
	struct str dir = path_parent(str_from(file));

	if (memchr(dir.data, '*', dir.len))
		return form_fail(form, at, "'%s': '*' may stand in the last name only",
			quote_cstr(file).text);
	if (!is_beneath_any(file, &agent->state))
		return form_fail(form, at, "'%s' does not lie in the agent's state", quote_cstr(file).text);
	for (size_t i = 0; i < agent->never.count; i++) {
		struct str never = str_from(agent->never.items[i]);

		if (path_is_beneath(str_from(file), never) || path_is_beneath(never, str_from(file)) ||
				str_match_glob(str_from(file), never))
			return form_fail(form, at, "'%s' is never imported", agent->never.items[i]);
	}
	return 0;
}

static int read_import(const struct form *form, const struct json *value, const struct agent *agent,
	struct agent_import *import)
{
	int r = form_check(form, value, import_fields, ARRAY_SIZE(import_fields));

	if (r >= 0)
		r = form_text(form, json_get(value, "file"), FORM_HOME_PATH, &import->file);
	if (r >= 0)
		r = form_texts(form, json_get(value, "keys"), FORM_TEXT, &import->keys);
	if (r < 0)
		return r;
	import->has_keys = json_get(value, "keys") != NULL;
	import->set = json_get(value, "set");
	if (import->set && !str_ends_with(str_from(import->file), STR(".json")))
		return form_fail(form, value, "'set' is for files that end in .json");
	return check_import(form, value, agent, import->file);
}

static int read_imports(const struct form *form, const struct json *array, struct agent *agent)
{
	size_t count = array ? array->array.count : 0;
	struct agent_import *imports = arena_alloc_array(form->arena, count + 1, sizeof(*imports));
	int r = imports ? 0 :
		error_set(form->err, -EMSGSIZE, "%s: it is too large", quote_cstr(form->file).text);

	for (size_t i = 0; i < count && r >= 0; i++)
		r = read_import(form, array->array.items[i], agent, &imports[i]);
	agent->imports = imports;
	agent->import_count = count;
	return r;
}

static int read_lists(const struct form *form, const struct json *value, struct agent *agent)
{
	int r = form_texts(form, json_get(value, "arguments"), FORM_TEXT, &agent->arguments);

	if (r >= 0)
		r = form_texts(form, json_get(value, "unless"), FORM_TEXT, &agent->unless);
	if (r >= 0)
		r = read_environment(form, json_get(value, "environment"), &agent->environment);
	if (r >= 0)
		r = form_texts(form, json_get(value, "state"), FORM_HOME_PATH, &agent->state);
	if (r >= 0)
		r = form_texts(form, json_get(value, "never"), FORM_HOME_PATH, &agent->never);
	if (r >= 0)
		r = read_hosts(form, json_get(value, "hosts"), &agent->hosts);
	if (r >= 0)
		r = read_presets(form, json_get(value, "presets"), &agent->presets);
	return r < 0 ? r : read_imports(form, json_get(value, "import"), agent);
}

int agent_read(struct arena *arena, struct str text, const char *name, const char *path, struct agent *ret,
	struct error *err)
{
	const struct form form = { .arena = arena, .file = path, .err = err };
	struct agent agent = { .path = path, .digest = hash_bytes(text.data, text.len) };
	const struct json *value;
	int r = form_read(&form, text, &value);

	if (r < 0)
		return r;
	r = form_check(&form, value, agent_fields, ARRAY_SIZE(agent_fields));
	if (r >= 0 && json_get_int(value, "version", 0) != AGENT_VERSION)
		r = form_fail(&form, json_get(value, "version"), "this version of cordon reads version %d",
			(int)AGENT_VERSION);
	if (r >= 0)
		r = form_text(&form, json_get(value, "name"), FORM_TEXT, &agent.name);
	if (r >= 0 && strcmp(agent.name, name))
		r = form_fail(&form, json_get(value, "name"), "the file of agent '%s' is called %s.jsonc",
			quote_cstr(agent.name).text, quote_cstr(agent.name).text);
	if (r >= 0)
		r = form_text(&form, json_get(value, "description"), FORM_TEXT, &agent.description);
	if (r >= 0)
		r = form_text(&form, json_get(value, "install"), FORM_TEXT, &agent.install);
	if (r >= 0)
		r = read_lists(&form, value, &agent);
	if (r >= 0)
		*ret = agent;
	return r;
}

/* ---- as a document ---- */

static const struct json *texts_to_json(struct arena *arena, const struct form_texts *texts)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < texts->count; i++)
		json_array_add(&array, json_new_text(arena, texts->items[i]));
	return json_array_end(&array);
}

static const struct json *imports_to_json(struct arena *arena, const struct agent *agent)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < agent->import_count; i++) {
		const struct agent_import *import = &agent->imports[i];
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_text(&object, "file", import->file);
		if (import->has_keys)
			json_object_add(&object, "keys", texts_to_json(arena, &import->keys));
		if (import->set)
			json_object_add(&object, "set", import->set);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *environment_to_json(struct arena *arena, const struct agent *agent)
{
	struct json_object_builder object;
	struct str name, value;

	json_object_begin(&object, arena);
	for (size_t i = 0; i < agent->environment.count; i++) {
		str_cut(str_from(agent->environment.items[i]), '=', &name, &value);
		json_object_add_str(&object, name, json_new_string(arena, value));
	}
	return json_object_end(&object);
}

const struct json *agent_to_json(struct arena *arena, const struct agent *agent)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", AGENT_VERSION);
	json_object_add_text(&object, "name", agent->name);
	json_object_add_text(&object, "description", agent->description);
	json_object_add(&object, "file", json_new_bytes(arena, str_from(agent->path)));
	json_object_add_bool(&object, "own", agent->is_own);
	if (agent->install)
		json_object_add_text(&object, "install", agent->install);
	json_object_add(&object, "arguments", texts_to_json(arena, &agent->arguments));
	json_object_add(&object, "unless", texts_to_json(arena, &agent->unless));
	json_object_add(&object, "environment", environment_to_json(arena, agent));
	json_object_add(&object, "state", texts_to_json(arena, &agent->state));
	json_object_add(&object, "import", imports_to_json(arena, agent));
	json_object_add(&object, "never", texts_to_json(arena, &agent->never));
	json_object_add(&object, "hosts", texts_to_json(arena, &agent->hosts));
	json_object_add(&object, "presets", texts_to_json(arena, &agent->presets));
	return json_object_end(&object);
}

struct config_agent agent_settings(const struct agent *agent)
{
	return (struct config_agent){
		.name = agent->name, .hosts = agent->hosts.items, .host_count = agent->hosts.count,
		.presets = agent->presets.items, .preset_count = agent->presets.count,
	};
}

/* ---- the command line ---- */

/* Whether one of the user's words is @option, alone or with its value behind a "=". */
static bool has_option(const char *const *argv, size_t argc, const char *option)
{
	size_t len = strlen(option);

	for (size_t i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strncmp(argv[i], option, len) && (!argv[i][len] || argv[i][len] == '='))
			return true;
	return false;
}

int agent_command(struct arena *arena, const struct agent *agent, const char *const *argv, size_t argc,
	const char *const **ret, size_t *ret_added)
{
	size_t added = agent->arguments.count;
	const char **words = arena_alloc_array(arena, argc + added + 1, sizeof(*words));

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < agent->unless.count; i++)
		if (has_option(argv, argc, agent->unless.items[i]))
			added = 0;
	words[0] = argv[0];
	for (size_t i = 0; i < added; i++)
		words[i + 1] = agent->arguments.items[i];
	for (size_t i = 1; i < argc; i++)
		words[added + i] = argv[i];
	*ret = words;
	*ret_added = added;
	return 0;
}
