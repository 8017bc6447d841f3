// SPDX-License-Identifier: Apache-2.0
/*
 * secret.c - one entry of "secrets": where a credential comes from, and who may get to see it
 *
 *	"NAME": { "from": "env:VARIABLE" or "file:PATH", "env": "VARIABLE", "hosts": ["HOST", ...] }
 *
 * All three are wanted: a credential that could go to any host would not be kept, so none of them is broad
 * (net/entry.h), whatever network.broad says. The value itself is never
 * read here. What is kept is the object in its canonical form: the path absolute, the hosts as host.c spells
 * them.
 */
#include "config/config_internal.h"

#include "base/quote.h"
#include "net/entry.h"

static const char *const members[] = { "env", "from", "hosts" };

static const struct config_key_row path_row = { .name = "secrets", .item = CONFIG_ITEM_PATH };
static const struct config_key_row host_row = { .name = "secrets", .item = CONFIG_ITEM_HOST };

static void complain(const struct config_reader *reader, const char *key, const struct json *at,
	const char *why)
{
	struct config_origin origin = config_at(reader, at->line, at->column);

	config_problem_add(reader->resolver, &origin, "secrets.%s: %s", key, why);
}

static bool check_members(const struct config_reader *reader, const char *key, const struct json *object)
{
	bool fine = true;

	for (size_t i = 0; i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];
		struct config_origin origin = config_at(reader, member->key->line, member->key->column);
		const char *near = str_nearest(member->key->text, members, ARRAY_SIZE(members));

		if (str_eq(member->key->text, STR("env")) || str_eq(member->key->text, STR("from")) ||
				str_eq(member->key->text, STR("hosts")))
			continue;
		config_problem_add(reader->resolver, &origin, "secrets.%s: unknown key '%s'", key,
			quote_text(member->key->text).text);
		if (near)
			config_problem_hint(reader->resolver, "Did you mean '%s'?", near);
		else
			config_problem_hint(reader->resolver,
				"A secret has 'from', 'env' and 'hosts', nothing else.");
		fine = false;
	}
	return fine;
}

/* Says so where a value could not be built. */
static const struct json *keep(const struct config_reader *reader, const char *key, const struct json *at,
	const struct json *built)
{
	if (!built)
		complain(reader, key, at, "there is no room for it, or it leads to a path that is not UTF-8");
	return built;
}

static const struct json *read_from(const struct config_reader *reader, const char *key,
	const struct json *from)
{
	struct arena *arena = reader->resolver->arena;
	struct config_item item;
	struct json path = { .type = JSON_STRING, .line = from->line, .column = from->column };
	struct str variable;

	if (from->type != JSON_STRING || !config_reference_parse(from->text, &variable, &path.text)) {
		complain(reader, key, from, "'from' is \"env:VARIABLE\" or \"file:PATH\"");
		return NULL;
	}
	if (variable.len)
		return keep(reader, key, from, json_new_string(arena, from->text));
	if (!config_item_read(reader, &path_row, &path, &item))
		return NULL;
	return keep(reader, key, from, json_new_printf(arena, "file:%s", item.text));
}

static const struct json *read_hosts(const struct config_reader *reader, const char *key,
	const struct json *hosts)
{
	struct json_array_builder builder;
	struct config_item item;
	bool fine = true;

	if (hosts->type != JSON_ARRAY || !hosts->array.count || hosts->array.count > CONFIG_LIST_MAX) {
		complain(reader, key, hosts,
			"'hosts' is a list of the hosts that may get the credential, at least one");
		return NULL;
	}
	json_array_begin(&builder, reader->resolver->arena);
	for (size_t i = 0; i < hosts->array.count; i++) {
		const char *broad = NULL;
		bool is_read = config_item_read(reader, &host_row, hosts->array.items[i], &item);

		if (is_read)
			broad = net_entry_broad(item.entry);
		if (broad)
			complain(reader, key, hosts->array.items[i],
				config_printf(reader->resolver, "'%s': %s", quote_cstr(item.text).text,
					broad));
		fine = fine && is_read && !broad;
		if (fine)
			json_array_add(&builder, json_new_text(reader->resolver->arena, item.text));
	}
	return fine ? keep(reader, key, hosts, json_array_end(&builder)) : NULL;
}

static const struct json *read_env(const struct config_reader *reader, const char *key,
	const struct json *env)
{
	if (env->type == JSON_STRING && env->text.len < CONFIG_TEXT_MAX && config_is_variable(env->text))
		return keep(reader, key, env, json_new_string(reader->resolver->arena, env->text));
	complain(reader, key, env, "'env' is the name of the variable that holds the stand-in");
	return NULL;
}

bool config_secret_read(const struct config_reader *reader, const char *key, const struct json *json,
	struct config_item *item)
{
	const struct json *env = json_get(json, "env"), *from = json_get(json, "from"),
			  *hosts = json_get(json, "hosts");
	struct json_object_builder builder;

	if (json->type != JSON_OBJECT) {
		complain(reader, key, json, "an object with 'from', 'env' and 'hosts' is wanted");
		return false;
	}
	if (!check_members(reader, key, json))
		return false;
	if (!env || !from || !hosts) {
		complain(reader, key, json, "'from', 'env' and 'hosts' are all wanted");
		return false;
	}
	env = read_env(reader, key, env);
	from = read_from(reader, key, from);
	hosts = read_hosts(reader, key, hosts);
	if (!env || !from || !hosts)
		return false;
	json_object_begin(&builder, reader->resolver->arena);
	json_object_add(&builder, "env", env);
	json_object_add(&builder, "from", from);
	json_object_add(&builder, "hosts", hosts);
	item->object = json_object_end(&builder);
	if (!item->object)
		reader->resolver->full = true;
	return item->object;
}
