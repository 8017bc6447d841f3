// SPDX-License-Identifier: Apache-2.0
/*
 * config_json.c - a configuration as a document, and back
 *
 * The document is what session directories keep, and how the configuration gets from one of our programs to
 * another. "agent" has the form of a configuration file, so it is read by the same code; origins stand beside
 * it, by the key's name.
 */
#include "config/config_internal.h"

#include <errno.h>

enum {
	DOCUMENT_VERSION = 1,
};

/* ---- writing ---- */

static const struct json *number_to_json(struct arena *arena, enum config_key key,
	const struct config_value *value)
{
	struct config_resolver resolver = { .arena = arena };
	const char *text = config_value_text(&resolver, key, value);
	const struct json *json;

	if (resolver.full)
		return NULL;
	/* 4096 and 1.5 are numbers in a file, "unlimited" is a word. */
	if (json_read(arena, str_from(text), JSON_READ_STRICT, &json, NULL) >= 0)
		return json;
	return json_new_text(arena, text);
}

static const struct json *item_to_json(struct arena *arena, enum config_item_kind kind, struct str text)
{
	uint64_t number;

	return kind == CONFIG_ITEM_PORT && str_to_u64(text, UINT16_MAX, &number) >= 0 ?
		json_new_int(arena, (int64_t)number) : json_new_bytes(arena, text);
}

static const struct json *list_to_json(struct arena *arena, enum config_item_kind kind,
	const struct config_list *list)
{
	struct json_array_builder builder;

	json_array_begin(&builder, arena);
	for (size_t i = 0; i < list->count; i++)
		json_array_add(&builder, item_to_json(arena, kind, str_from(list->items[i].text)));
	return json_array_end(&builder);
}

static const struct json *map_to_json(struct arena *arena, const struct config_list *list)
{
	struct json_object_builder builder;

	json_object_begin(&builder, arena);
	for (size_t i = 0; i < list->count; i++)
		json_object_add(&builder, list->items[i].text, list->items[i].object ? list->items[i].object :
			json_new_text(arena, list->items[i].value));
	return json_object_end(&builder);
}

const struct json *config_value_to_json(struct arena *arena, enum config_key key,
	const struct config_value *value)
{
	const struct config_key_row *row = &config_keys[key];

	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		return json_new_bool(arena, value->boolean);
	case CONFIG_TYPE_COUNT:
	case CONFIG_TYPE_DECIMAL:
		return number_to_json(arena, key, value);
	case CONFIG_TYPE_SIZE:
	case CONFIG_TYPE_DURATION:
	case CONFIG_TYPE_ENUM:
	case CONFIG_TYPE_NAME:
	case CONFIG_TYPE_TEXT:
	case CONFIG_TYPE_KEYS: {
		struct config_resolver resolver = { .arena = arena };
		const char *text = config_value_text(&resolver, key, value);

		return resolver.full ? NULL : json_new_bytes(arena, str_from(text));
	}
	case CONFIG_TYPE_LIST:
		return list_to_json(arena, row->item, &value->list);
	case CONFIG_TYPE_MAP:
		return map_to_json(arena, &value->list);
	case CONFIG_TYPE_TREE:
		return config_tree_to_json(arena, &value->list, NULL);
	}
	return NULL;
}

static const struct json *origin_to_json(struct arena *arena, const struct config_origin *origin)
{
	struct json_object_builder builder;

	json_object_begin(&builder, arena);
	json_object_add_text(&builder, "source", config_source_name(origin->source));
	if (origin->file)
		json_object_add(&builder, "file", json_new_bytes(arena, str_from(origin->file)));
	if (origin->line) {
		json_object_add_int(&builder, "line", origin->line);
		json_object_add_int(&builder, "column", origin->column);
	}
	return json_object_end(&builder);
}

static const struct json *item_origins_to_json(struct arena *arena, bool by_name,
	const struct config_list *list)
{
	struct json_object_builder object;
	struct json_array_builder array;

	json_object_begin(&object, arena);
	json_array_begin(&array, arena);
	for (size_t i = 0; i < list->count; i++) {
		const struct json *origin = origin_to_json(arena, &list->items[i].origin);

		if (by_name)
			json_object_add(&object, list->items[i].text, origin);
		else
			json_array_add(&array, origin);
	}
	return by_name ? json_object_end(&object) : json_array_end(&array);
}

/*
 * Of a scalar: an origin; of a list: {"list": origin, "items": [origin, ...]}; of a map, "items" is by its
 * keys, and of a tree by the pointers to its leaves.
 */
static const struct json *origins_to_json(struct arena *arena, const struct config_key_row *row,
	const struct config_value *value)
{
	struct json_object_builder builder;

	if (!config_type_is_list(row->type))
		return origin_to_json(arena, &value->origin);
	json_object_begin(&builder, arena);
	json_object_add(&builder, "list", origin_to_json(arena, &value->origin));
	json_object_add(&builder, "items",
		item_origins_to_json(arena, row->type != CONFIG_TYPE_LIST, &value->list));
	return json_object_end(&builder);
}

/* Keys of one section stand together in the table. */
static const struct json *agent_to_json(struct arena *arena, const struct config_value *values)
{
	struct json_object_builder agent;

	json_object_begin(&agent, arena);
	for (size_t i = 0; i < CONFIG_KEY_COUNT;) {
		const char *section = config_keys[i].section;
		struct json_object_builder object;

		if (!section[0]) {
			json_object_add(&agent, config_keys[i].name,
				config_value_to_json(arena, (enum config_key)i, &values[i]));
			i++;
			continue;
		}
		json_object_begin(&object, arena);
		for (; i < CONFIG_KEY_COUNT && !strcmp(config_keys[i].section, section); i++)
			json_object_add(&object, config_keys[i].name + strlen(section) + 1,
				config_value_to_json(arena, (enum config_key)i, &values[i]));
		json_object_add(&agent, section, json_object_end(&object));
	}
	return json_object_end(&agent);
}

static const struct json *project_to_json(struct arena *arena, const struct config *config)
{
	struct json_object_builder builder;
	struct json_array_builder widenings;
	char digest[DIGEST_HEX_SIZE];

	json_array_begin(&widenings, arena);
	for (size_t i = 0; i < config->widening_count; i++)
		json_array_add(&widenings, json_new_text(arena, config->widenings[i].text));
	digest_to_hex(&config->project_digest, digest);
	json_object_begin(&builder, arena);
	json_object_add(&builder, "file", json_new_bytes(arena, str_from(config->project_file)));
	json_object_add_text(&builder, "digest", digest);
	json_object_add_bool(&builder, "trusted", config->project_trusted);
	json_object_add(&builder, "widenings", json_array_end(&widenings));
	return json_object_end(&builder);
}

const struct json *config_to_json(struct arena *arena, const struct config *config)
{
	struct json_object_builder builder, origins;

	json_object_begin(&origins, arena);
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
		json_object_add(&origins, config_keys[i].name,
			origins_to_json(arena, &config_keys[i], &config->values[i]));
	json_object_begin(&builder, arena);
	json_object_add_int(&builder, "version", DOCUMENT_VERSION);
	json_object_add(&builder, "agent", agent_to_json(arena, config->values));
	json_object_add(&builder, "origins", json_object_end(&origins));
	if (config->project_file)
		json_object_add(&builder, "project", project_to_json(arena, config));
	return json_object_end(&builder);
}

/* ---- reading ---- */

static bool origin_from_json(struct arena *arena, const struct json *json, struct config_origin *ret)
{
	const char *source = json_get_text(json, "source");
	const struct json *file = json_get(json, "file");
	int64_t line = json_get_int(json, "line", 0), column = json_get_int(json, "column", 0);
	struct str path;

	*ret = (struct config_origin){ .line = (uint32_t)line, .column = (uint32_t)column };
	if (line < 0 || line > UINT32_MAX || column < 0 || column > UINT32_MAX)
		return false;
	if (file) {
		if (json_to_bytes(arena, file, &path) < 0)
			return false;
		ret->file = path.data;
	}
	for (int i = CONFIG_SOURCE_DEFAULT; source && i <= CONFIG_SOURCE_POLICY; i++)
		if (!strcmp(source, config_source_name((enum config_source)i))) {
			ret->source = (enum config_source)i;
			return true;
		}
	return false;
}

/* Puts the origins into a value that was read without them. */
static bool origins_from_json(struct arena *arena, const struct config_key_row *row, const struct json *json,
	struct config_value *value)
{
	const struct json *items = json_get(json, "items");
	bool is_array = items && items->type == JSON_ARRAY && items->array.count == value->list.count;
	struct config_item *copy;

	if (!config_type_is_list(row->type))
		return origin_from_json(arena, json, &value->origin);
	copy = arena_alloc_array(arena, value->list.count, sizeof(*copy));
	if (!copy || (row->type == CONFIG_TYPE_LIST && !is_array))
		return false;
	for (size_t i = 0; i < value->list.count; i++) {
		copy[i] = value->list.items[i];
		if (!origin_from_json(arena, is_array ? items->array.items[i] : json_get(items, copy[i].text),
				&copy[i].origin))
			return false;
	}
	value->list.items = copy;
	return origin_from_json(arena, json_get(json, "list"), &value->origin);
}

/* Nothing to say where there is no project file. */
static bool project_from_json(struct arena *arena, const struct json *project, struct config *config)
{
	const char *digest = json_get_text(project, "digest");
	struct str file;

	if (!project)
		return true;
	if (!digest || digest_from_hex(str_from(digest), &config->project_digest) < 0)
		return false;
	if (json_to_bytes(arena, json_get(project, "file"), &file) < 0)
		return false;
	config->project_file = file.data;
	config->project_trusted = json_get_bool(project, "trusted", false);
	return true;
}

static int agent_from_json(struct config_resolver *resolver, const struct json *document,
	struct config *config, struct error *err)
{
	struct config_reader reader = { .resolver = resolver, .is_own = true };
	const struct json *agent = json_get(document, "agent"), *origins = json_get(document, "origins");
	struct config_layer layer = { 0 };

	if (agent)
		config_agent_read(&reader, agent, &layer);
	if (resolver->problems.count)
		return error_set(err, -EINVAL, "the configuration of the session: %s",
			resolver->problems.items[0].text);
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_key_row *row = &config_keys[i];
		const struct json *origin = json_get(origins, row->name);

		if (!layer.is_set[i] || !origins_from_json(resolver->arena, row, origin, &layer.values[i]))
			return error_set(err, -EINVAL,
				"the configuration of the session lacks '%s' or its origin",
				row->name);
	}
	memcpy(config->values, layer.values, sizeof(config->values));
	config_settings_fill(&config->settings, config->values);
	return 0;
}

int config_from_json(struct arena *arena, const struct json *document, const struct config **ret,
	struct error *err)
{
	const struct config_inputs inputs = { .workspace = "/", .home = "/" };
	struct config_resolver resolver = { .arena = arena, .inputs = &inputs };
	struct config *config = arena_alloc(arena, sizeof(*config));
	int r;

	if (!config)
		return error_set(err, -EMSGSIZE, "the configuration is too large");
	if (json_get_int(document, "version", 0) != DOCUMENT_VERSION)
		return error_set(err, -EINVAL, "the configuration of the session is not in version %d",
			(int)DOCUMENT_VERSION);
	r = agent_from_json(&resolver, document, config, err);
	if (resolver.full)
		return error_set(err, -EMSGSIZE, "the configuration is too large");
	if (r < 0)
		return r;
	if (!project_from_json(arena, json_get(document, "project"), config))
		return error_set(err, -EINVAL,
			"the configuration of the session has a 'project' that makes no sense");
	*ret = config;
	return 0;
}
