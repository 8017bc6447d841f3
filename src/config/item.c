// SPDX-License-Identifier: Apache-2.0
/*
 * item.c - the texts of lists and maps: paths, patterns, names of variables, commands, hosts; and those that
 * are a value by themselves
 *
 * A text that would deceive whoever reads it later (control characters, bidirectional overrides) is refused
 * here, once, for every kind.
 */
#include "config/config_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "config/url.h"
#include "net/publication.h"
#include "net/upstream.h"

static void complain(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *at, const char *why)
{
	struct config_origin origin = config_at(reader, at->line, at->column);

	config_problem_add(reader->resolver, &origin, "%s: '%s': %s", row->name, quote_text(at->text).text,
		why);
}

static bool is_deceptive(struct str text)
{
	while (text.len) {
		uint32_t point;
		int n = utf8_decode(text, &point);

		if (n < 0 || utf8_is_deceptive(point))
			return true;
		text.data += n;
		text.len -= (size_t)n;
	}
	return false;
}

/* ---- paths ---- */

/* A variable at the start of a path, and where it leads. */
static bool take_prefix(struct str *path, struct str prefix)
{
	if (!str_starts_with(*path, prefix))
		return false;
	if (path->len > prefix.len && path->data[prefix.len] != '/')
		return false;
	path->data += prefix.len;
	path->len -= prefix.len;
	while (path->len && path->data[0] == '/')
		path->data++, path->len--;
	return true;
}

/*
 * Where a path starts; what remains of @path is relative to it, or absolute. NULL: a variable that is not
 * known.
 */
static const char *take_base(const struct config_reader *reader, struct str *path)
{
	const struct config_inputs *inputs = reader->resolver->inputs;

	if (take_prefix(path, STR("~")) || take_prefix(path, STR("${HOME}")))
		return inputs->home;
	if (take_prefix(path, STR("${workspace}")))
		return inputs->workspace;
	return path->len && path->data[0] == '~' ? NULL : inputs->workspace;
}

static bool contains(struct str text, const char *word)
{
	return memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static bool read_path(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	struct str path = json->text;
	const char *base = take_base(reader, &path);

	if (!base || contains(path, "${")) {
		complain(reader, row, json,
			"only '~/', '${HOME}/' and '${workspace}/' are known at the start of a path");
		return false;
	}
	if (memchr(path.data, '*', path.len) || memchr(path.data, '?', path.len)) {
		complain(reader, row, json, "a path is the name of a file or directory, not a pattern");
		return false;
	}
	ret->text = path_clean(reader->resolver->arena, base, path.len ? path : STR("."));
	if (!ret->text)
		complain(reader, row, json, "it is too long for a path");
	return ret->text;
}

/* ---- the others ---- */

bool config_is_variable(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';

		if (!letter && (!i || c < '0' || c > '9'))
			return false;
	}
	return name.len;
}

/* A variable's name in which "*" is one more letter. */
static const char *check_variable(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '*' && !config_is_variable((struct str){ text.data + i, 1 }) &&
				(!i || text.data[i] < '0' || text.data[i] > '9'))
			return "a name of a variable has letters, digits and '_', and '*' for any text";
	return NULL;
}

static const char *check_pattern(struct str text)
{
	return path_is_clean(text) && text.data[0] != '/' && !str_eq(text, STR(".")) ? NULL :
		"a pattern is relative to the workspace, without '.', '..', a double slash or one at its end";
}

static const char *check_module(struct str text)
{
	return config_name_is_valid(text) ? NULL : "the name of a policy has small letters, digits and '-'";
}

static const char *check_preset(struct str text)
{
	return config_name_is_valid(text) ? NULL : "the name of a preset has small letters, digits and '-'";
}

static const char *check_command(struct str text)
{
	return text.data[0] != ' ' && text.data[text.len - 1] != ' ' && !contains(text, "  ") ? NULL :
		"the words of a command are separated by single spaces";
}

static bool read_checked(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, const char *why, struct config_item *ret)
{
	if (why) {
		complain(reader, row, json, why);
		return false;
	}
	ret->text = arena_copy(reader->resolver->arena, json->text.data, json->text.len);
	if (!ret->text)
		reader->resolver->full = true;
	return ret->text;
}

static bool read_host(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	size_t at;
	const char *why = config_host_read(reader->resolver->arena, json->text, row->narrow, ret, &at);
	struct config_origin origin;

	if (!why)
		return true;
	origin = config_at_byte(reader, json, at);
	config_problem_add(reader->resolver, &origin, "%s: '%s': %s", row->name,
		quote_text(json->text).text, why);
	return false;
}

static bool is_readable(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json)
{
	const char *why = NULL;

	if (json->type != JSON_STRING) {
		struct config_origin origin = config_at(reader, json->line, json->column);

		config_problem_add(reader->resolver, &origin, "%s: a string is wanted, not %s", row->name,
			json->type == JSON_NULL ? "null" : json_type_name(json->type));
		return false;
	}
	if (!json->text.len)
		why = "an empty text means nothing here";
	else if (json->text.len >= CONFIG_TEXT_MAX)
		why = "it is too long";
	else if (is_deceptive(json->text))
		why = "it holds characters that cannot be seen";
	if (why)
		complain(reader, row, json, why);
	return !why;
}

/* A path of our own writing: absolute, and any bytes. */
static bool read_own_path(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	struct config_origin origin = config_at(reader, json->line, json->column);
	struct str path;

	if (json_to_bytes(reader->resolver->arena, json, &path) >= 0 && path_is_clean(path) &&
			path.data[0] == '/') {
		ret->text = path.data;
		return true;
	}
	config_problem_add(reader->resolver, &origin, "%s: an absolute clean path is wanted", row->name);
	return false;
}

bool config_item_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	struct net_publication publication;
	struct net_bypass bypass;

	*ret = (struct config_item){ .origin = config_at(reader, json->line, json->column) };
	if (reader->is_own && (row->item == CONFIG_ITEM_PATH || row->item == CONFIG_ITEM_SOURCE))
		return read_own_path(reader, row, json, ret);
	if (row->item == CONFIG_ITEM_PORT)
		return config_port_read(reader, row, json, ret);
	if (row->item == CONFIG_ITEM_HOST && json->type == JSON_OBJECT)
		return config_host_object_read(reader, row, json, ret);
	if (!is_readable(reader, row, json))
		return false;
	switch (row->item) {
	case CONFIG_ITEM_PATH:
	case CONFIG_ITEM_SOURCE:
		return read_path(reader, row, json, ret);
	case CONFIG_ITEM_PRESET:
		return read_checked(reader, row, json, check_preset(json->text), ret);
	case CONFIG_ITEM_MODULE:
		return read_checked(reader, row, json, check_module(json->text), ret);
	case CONFIG_ITEM_PATTERN:
		return read_checked(reader, row, json, check_pattern(json->text), ret);
	case CONFIG_ITEM_VARIABLE:
		return read_checked(reader, row, json, check_variable(json->text), ret);
	case CONFIG_ITEM_COMMAND:
		return read_checked(reader, row, json, check_command(json->text), ret);
	case CONFIG_ITEM_PUBLICATION:
		return read_checked(reader, row, json, net_publication_read(json->text, &publication), ret);
	case CONFIG_ITEM_BYPASS:
		return read_checked(reader, row, json,
			net_bypass_read(reader->resolver->arena, json->text, &bypass), ret);
	case CONFIG_ITEM_HOST:
		return read_host(reader, row, json, ret);
	case CONFIG_ITEM_URL:
	case CONFIG_ITEM_PROXY:
	case CONFIG_ITEM_REFERENCE:
	case CONFIG_ITEM_NONE:
	case CONFIG_ITEM_PORT:
	case CONFIG_ITEM_TEXT:
	case CONFIG_ITEM_SECRET:
	case CONFIG_ITEM_LEAF:
		break;
	}
	return false;
}

/* ---- texts by themselves ---- */

bool config_reference_parse(struct str text, struct str *ret_variable, struct str *ret_path)
{
	struct str kind, rest;

	*ret_variable = *ret_path = (struct str){ 0 };
	if (!str_cut(text, ':', &kind, &rest) || !rest.len)
		return false;
	if (str_eq(kind, STR("file"))) {
		*ret_path = rest;
		return true;
	}
	*ret_variable = rest;
	return str_eq(kind, STR("env")) && config_is_variable(rest);
}

/* A variable's name as it is, a path absolute. */
static bool read_reference(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	static const struct config_key_row path_row = { .item = CONFIG_ITEM_PATH };
	struct config_key_row file_row = path_row;
	struct json file = *json;
	struct str variable;

	file_row.name = row->name;
	if (!config_reference_parse(json->text, &variable, &file.text)) {
		complain(reader, row, json, "\"env:VARIABLE\" or \"file:PATH\" is wanted");
		return false;
	}
	if (variable.len)
		return read_checked(reader, row, json, NULL, ret);
	if (!config_item_read(reader, &file_row, &file, ret))
		return false;
	ret->text = config_printf(reader->resolver, "file:%s", ret->text);
	return true;
}

/* Where one stands, or one without a password, which would be in every copy of the configuration. */
static bool is_elsewhere(struct str text)
{
	return str_starts_with(text, STR("env:")) || str_starts_with(text, STR("file:"));
}

static const char *check_proxy(struct arena *arena, struct str text)
{
	struct net_upstream upstream;
	const char *why = str_eq(text, STR("environment")) ? NULL : net_upstream_read(arena, text, &upstream);

	if (why || str_eq(text, STR("environment")))
		return why;
	return upstream.has_user ?
		"who may use it does not stand in a configuration: write env:NAME or file:PATH, and have the URL there" :
		NULL;
}

bool config_text_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, const char **ret)
{
	struct config_item item = { 0 };
	struct config_url url;
	bool fine;

	if (row->item == CONFIG_ITEM_PATH)
		fine = config_item_read(reader, row, json, &item);
	else if (!is_readable(reader, row, json))
		return false;
	else if (row->item == CONFIG_ITEM_URL)
		fine = read_checked(reader, row, json,
			config_url_parse(reader->resolver->arena, json->text, &url), &item);
	else if (row->item == CONFIG_ITEM_PROXY && !is_elsewhere(json->text))
		fine = read_checked(reader, row, json,
			check_proxy(reader->resolver->arena, json->text), &item);
	else
		fine = read_reference(reader, row, json, &item);
	*ret = item.text;
	return fine;
}

static bool read_env_value(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	struct config_origin origin = config_at(reader, json->line, json->column);
	const char *why = NULL;

	if (json->type != JSON_STRING)
		why = "the value of a variable is a string";
	else if (json->text.len >= CONFIG_TEXT_MAX || memchr(json->text.data, '\0', json->text.len))
		why = "the value is too long, or holds a NUL";
	if (why) {
		config_problem_add(reader->resolver, &origin, "%s: %s: %s", row->name, ret->text, why);
		return false;
	}
	ret->value = arena_copy(reader->resolver->arena, json->text.data, json->text.len);
	if (!ret->value)
		reader->resolver->full = true;
	return ret->value;
}

bool config_map_item_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json_member *member, struct config_item *ret)
{
	bool is_secret = row->item == CONFIG_ITEM_SECRET;
	struct str key = member->key->text;
	bool valid = is_secret ? config_name_is_valid(key) : config_is_variable(key);

	*ret = (struct config_item){ .origin = config_at(reader, member->key->line, member->key->column) };
	if (!valid || key.len >= CONFIG_TEXT_MAX) {
		config_problem_add(reader->resolver, &ret->origin, "%s: '%s' is no name: %s", row->name,
			quote_text(key).text, is_secret ? "it has small letters, digits and '-'" :
			"a variable has letters, digits and '_', and begins with no digit");
		return false;
	}
	ret->text = arena_copy(reader->resolver->arena, key.data, key.len);
	if (!ret->text) {
		reader->resolver->full = true;
		return false;
	}
	if (is_secret)
		return config_secret_read(reader, ret->text, member->value, ret);
	return read_env_value(reader, row, member->value, ret);
}
