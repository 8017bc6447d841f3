// SPDX-License-Identifier: Apache-2.0
/*
 * read.c - one document, or one option of the command line, to a layer
 *
 * Every source has the same form: an object whose member "agent" holds our keys. A profile may have "extends"
 * and "description" beside it, and a project file whatever devcontainer.json may have: those keys are known
 * by name, and reported once as not acted on. Anything else is a mistake, and the nearest known name is told.
 */
#include "config/config_internal.h"
#include "config/form.h"

#include "base/quote.h"

#include <errno.h>

enum {
	NAMES_MAX = 128,
};

/* Candidates for "did you mean". */
struct names {
	const char *items[NAMES_MAX];
	size_t count;
};

static void names_add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->items[i], name))
			return;
	assert(names->count < NAMES_MAX);
	names->items[names->count++] = name;
}

static const char *leaf_of(const struct config_key_row *row)
{
	const char *dot = strchr(row->name, '.');

	return dot ? dot + 1 : row->name;
}

/* What may stand in @section of "agent", or, for "", in "agent" itself. */
static void names_of_section(const char *section, struct names *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_key_row *row = &config_keys[i];

		if (!strcmp(row->section, section))
			names_add(ret, leaf_of(row));
		else if (!section[0])
			names_add(ret, row->section);
	}
}

static void unknown_key(const struct config_reader *reader, const struct json_member *member,
	const char *place, const struct names *names)
{
	struct config_origin origin = config_at(reader, member->key->line, member->key->column);
	const char *near = str_nearest(member->key->text, names->items, names->count);

	config_problem_add(reader->resolver, &origin, "unknown key '%s' in %s",
		quote_text(member->key->text).text, place);
	if (near)
		config_problem_hint(reader->resolver, "Did you mean '%s'?", near);
}

/* An unknown key may still be a known one in the wrong place. */
static void unknown_agent_key(const struct config_reader *reader, const struct json_member *member,
	const char *section)
{
	struct names names;

	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		struct config_origin origin = config_at(reader, member->key->line, member->key->column);

		if (!str_eq(member->key->text, str_from(leaf_of(&config_keys[i]))))
			continue;
		config_problem_add(reader->resolver, &origin, "unknown key '%s' in %s%s",
			leaf_of(&config_keys[i]), section[0] ? "agent." : "agent", section);
		config_problem_hint(reader->resolver, "Did you mean 'agent.%s'?", config_keys[i].name);
		return;
	}
	names_of_section(section, &names);
	unknown_key(reader, member,
		config_printf(reader->resolver, "agent%s%s", section[0] ? "." : "", section), &names);
}

static bool is_object(const struct config_reader *reader, const struct json *json, const char *what)
{
	struct config_origin origin = config_at(reader, json->line, json->column);

	if (json->type == JSON_OBJECT)
		return true;
	config_problem_add(reader->resolver, &origin, "%s: an object is wanted, not %s", what,
		json_type_name(json->type));
	return false;
}

/* ---- "agent" ---- */

static int find_key(const char *section, struct str leaf)
{
	for (int i = 0; i < CONFIG_KEY_COUNT; i++)
		if (!strcmp(config_keys[i].section, section) &&
				str_eq(leaf, str_from(leaf_of(&config_keys[i]))))
			return i;
	return -1;
}

/* Some row of a section, or NULL where there is no such section. */
static const struct config_key_row *find_section(struct str name)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
		if (config_keys[i].section[0] && str_eq(name, str_from(config_keys[i].section)))
			return &config_keys[i];
	return NULL;
}

static void read_member(const struct config_reader *reader, const char *section,
	const struct json_member *member, struct config_layer *layer)
{
	int key = find_key(section, member->key->text);

	if (key < 0) {
		unknown_agent_key(reader, member, section);
		return;
	}
	layer->is_set[key] = config_value_read(reader, (enum config_key)key, member->value, member,
		&layer->values[key]);
}

static void read_section(const struct config_reader *reader, const char *section, const struct json *object,
	struct config_layer *layer)
{
	if (!is_object(reader, object, config_printf(reader->resolver, "agent.%s", section)))
		return;
	for (size_t i = 0; i < object->object.count; i++)
		read_member(reader, section, &object->object.members[i], layer);
}

void config_agent_read(const struct config_reader *reader, const struct json *agent,
	struct config_layer *layer)
{
	if (!is_object(reader, agent, "agent"))
		return;
	for (size_t i = 0; i < agent->object.count; i++) {
		const struct json_member *member = &agent->object.members[i];
		const struct config_key_row *row = find_section(member->key->text);

		if (row)
			read_section(reader, row->section, member->value, layer);
		else
			read_member(reader, "", member, layer);
	}
}

/* ---- beside "agent" ---- */

static void read_extends(const struct config_reader *reader, const struct json_member *member,
	struct config_head *head)
{
	const struct json *value = member->value;

	head->extends_origin = config_at(reader, value->line, value->column);
	if (value->type == JSON_STRING && config_name_is_valid(value->text))
		head->extends = config_printf(reader->resolver, "%.*s", STR_FMT(value->text));
	else
		config_problem_add(reader->resolver, &head->extends_origin,
			"extends: the name of a profile is wanted: small letters, digits and '-'");
}

static void read_text(const struct config_reader *reader, const struct json_member *member)
{
	struct config_origin origin = config_at(reader, member->value->line, member->value->column);

	if (member->value->type != JSON_STRING)
		config_problem_add(reader->resolver, &origin, "%s: a string is wanted, not %s",
			quote_text(member->key->text).text, json_type_name(member->value->type));
}

static const struct config_devcontainer_row *find_devcontainer_key(struct str name)
{
	for (size_t i = 0; i < config_devcontainer_key_count; i++)
		if (str_eq(name, str_from(config_devcontainer_keys[i].name)))
			return &config_devcontainer_keys[i];
	return NULL;
}

/* One variable of a devcontainer, if it can be taken as it is. */
static void read_container_variable(const struct config_reader *reader, const struct json_member *variable,
	struct config_list_builder *builder)
{
	struct config_origin origin = config_at(reader, variable->key->line, variable->key->column);
	const struct json *value = variable->value;
	struct config_item item;

	if (value->type == JSON_NULL)
		return;
	if (value->type == JSON_STRING && memmem(value->text.data, value->text.len, "${", 2))
		config_notice_add(reader->resolver, CONFIG_NOTICE_IGNORED, &origin,
			"variable '%s' is not set: cordon puts in nothing for ${...}; use agent.env",
			quote_text(variable->key->text).text);
	else if (config_map_item_read(reader, &config_keys[CONFIG_KEY_ENV_SET], variable, &item))
		config_list_add(builder, &item, true);
}

/* The variables of a trusted devcontainer: remoteEnv wins over containerEnv, and agent.env.set over both. */
static void read_container_env(const struct config_reader *reader, const struct json *document,
	struct config_layer *layer)
{
	struct config_value *set = &layer->values[CONFIG_KEY_ENV_SET];
	struct config_list_builder builder = { .resolver = reader->resolver };

	if (layer->is_set[CONFIG_KEY_ENV_SET] && !set->list.count)
		return; /* agent.env.set: {} means none */
	for (size_t i = 0; i < document->object.count; i++) {
		const struct json_member *member = &document->object.members[i];
		const struct config_devcontainer_row *row = find_devcontainer_key(member->key->text);

		if (!row || row->use != CONFIG_DEVCONTAINER_ENV ||
				!is_object(reader, member->value, row->name))
			continue;
		for (size_t j = 0; j < member->value->object.count; j++)
			read_container_variable(reader, &member->value->object.members[j], &builder);
		if (!layer->is_set[CONFIG_KEY_ENV_SET])
			set->origin = config_at(reader, member->key->line, member->key->column);
	}
	for (size_t i = 0; layer->is_set[CONFIG_KEY_ENV_SET] && i < set->list.count; i++)
		config_list_add(&builder, &set->list.items[i], true);
	if (!builder.count)
		return;
	set->list = config_list_end(&builder);
	layer->is_set[CONFIG_KEY_ENV_SET] = true;
}

static void unknown_top_key(const struct config_reader *reader, const struct json_member *member)
{
	struct config_origin origin = config_at(reader, member->key->line, member->key->column);
	struct names names = { .items = { "$schema", "agent" }, .count = 2 };

	if (find_section(member->key->text) || find_key("", member->key->text) >= 0) {
		config_problem_add(reader->resolver, &origin, "'%s' belongs into \"agent\"",
			quote_text(member->key->text).text);
		config_problem_hint(reader->resolver, "Write { \"agent\": { \"%s\": ... } }.",
			quote_text(member->key->text).text);
		return;
	}
	if (reader->source == CONFIG_SOURCE_PROFILE) {
		names_add(&names, "extends");
		names_add(&names, "description");
	}
	for (size_t i = 0; reader->source == CONFIG_SOURCE_PROJECT && i < config_devcontainer_key_count; i++)
		names_add(&names, config_devcontainer_keys[i].name);
	unknown_key(reader, member, "the file", &names);
}

/* The keys of a devcontainer that nothing comes of, in one notice. */
struct ignored {
	struct buf names;
	struct config_origin origin;
};

static void ignore(const struct config_reader *reader, const struct json_member *member,
	struct ignored *ignored)
{
	if (!ignored->names.len)
		ignored->origin = config_at(reader, member->key->line, member->key->column);
	/* What is over the buffer's limit cannot happen: each known name comes once. */
	buf_printf(&ignored->names, "%s%s", ignored->names.len ? ", " : "",
		quote_text(member->key->text).text);
}

static void read_devcontainer_key(const struct config_reader *reader, const struct json_member *member,
	struct ignored *ignored)
{
	const struct config_devcontainer_row *row = find_devcontainer_key(member->key->text);

	if (!row)
		unknown_top_key(reader, member);
	else if (row->use == CONFIG_DEVCONTAINER_REPORTED ||
			(row->use == CONFIG_DEVCONTAINER_ENV && !reader->resolver->inputs->project_trusted))
		ignore(reader, member, ignored);
}

static void read_top(const struct config_reader *reader, const struct json *document,
	struct config_layer *layer, struct config_head *head)
{
	struct ignored ignored = { .names = BUF_INIT(CONFIG_TEXT_MAX) };
	bool profile = reader->source == CONFIG_SOURCE_PROFILE;
	const struct json *agent = json_get(document, "agent");

	if (agent)
		config_agent_read(reader, agent, layer);
	if (reader->source == CONFIG_SOURCE_PROJECT && reader->resolver->inputs->project_trusted)
		read_container_env(reader, document, layer);
	for (size_t i = 0; i < document->object.count; i++) {
		const struct json_member *member = &document->object.members[i];

		if (member->value == agent)
			continue;
		if (str_eq(member->key->text, STR("$schema")) ||
				(profile && str_eq(member->key->text, STR("description"))))
			read_text(reader, member);
		else if (profile && str_eq(member->key->text, STR("extends")))
			read_extends(reader, member, head);
		else if (reader->source == CONFIG_SOURCE_PROJECT)
			read_devcontainer_key(reader, member, &ignored);
		else
			unknown_top_key(reader, member);
	}
	if (ignored.names.len)
		config_notice_add(reader->resolver, CONFIG_NOTICE_IGNORED, &ignored.origin,
			"cordon does not act on: %s", buf_text(&ignored.names));
	buf_fini(&ignored.names);
}

/* The reader of JSON says "LINE:COLUMN: ...". */
static void syntax_problem(const struct config_reader *reader, const struct error *err)
{
	struct str line, column, rest, text = str_from(err->text);
	struct config_origin origin = config_at(reader, 0, 0);
	uint64_t line_number, column_number;

	if (str_cut(text, ':', &line, &rest) && str_cut(rest, ':', &column, &rest) &&
			str_to_u64(line, UINT32_MAX, &line_number) >= 0 &&
			str_to_u64(column, UINT32_MAX, &column_number) >= 0) {
		origin = config_at(reader, (uint32_t)line_number, (uint32_t)column_number);
		text = rest;
		while (text.len && text.data[0] == ' ')
			text.data++, text.len--;
	}
	config_problem_add(reader->resolver, &origin, "%.*s", STR_FMT(text));
}

void config_document_read(struct config_resolver *resolver, enum config_source source,
	const struct config_document *document, struct config_layer *layer, struct config_head *ret_head)
{
	struct config_reader reader = {
		.resolver = resolver,
		.source = source,
		.file = document->file,
		.text = document->text,
	};
	struct config_origin origin = config_at(&reader, 0, 0);
	struct error err = ERROR_INIT;
	const struct json *json;

	*layer = (struct config_layer){ 0 };
	*ret_head = (struct config_head){ 0 };
	if (document->text.len > CONFIG_FILE_MAX) {
		config_problem_add(resolver, &origin, "the file is longer than %d bytes",
			(int)CONFIG_FILE_MAX);
		return;
	}
	if (json_read(resolver->arena, document->text, JSON_READ_JSONC, &json, &err) < 0) {
		syntax_problem(&reader, &err);
		return;
	}
	if (is_object(&reader, json, "the file"))
		read_top(&reader, json, layer, ret_head);
	config_network_settle(resolver, layer);
	if (layer->is_set[CONFIG_KEY_PROFILE] && source == CONFIG_SOURCE_PROFILE) {
		config_problem_add(resolver, &layer->values[CONFIG_KEY_PROFILE].origin,
			"a profile does not choose a profile");
		config_problem_hint(resolver, "Write \"extends\" beside \"agent\" to build on another one.");
	}
}

/* ---- options ---- */

/* Whether an option's value may be JSON; a text that turns out to be none ("unlimited") is a word. */
static bool may_be_json(const struct config_key_row *row, struct str text)
{
	if (config_type_is_list(row->type))
		return text.len && (text.data[0] == '[' || text.data[0] == '{');
	return row->type == CONFIG_TYPE_BOOL || row->type == CONFIG_TYPE_COUNT ||
		row->type == CONFIG_TYPE_DECIMAL;
}

/* NAME=VALUE as an object; NULL: there is no '=', or the arena is full. */
static const struct json *pair_to_json(struct arena *arena, struct str text)
{
	struct json_object_builder object;
	struct str name, value;

	if (!str_cut(text, '=', &name, &value))
		return NULL;
	json_object_begin(&object, arena);
	json_object_add_str(&object, name, json_new_string(arena, value));
	return json_object_end(&object);
}

/* The value of an option as the document would have it, or NULL. */
static const struct json *flag_to_json(struct arena *arena, const struct config_key_row *row, struct str text)
{
	struct json_array_builder array;
	const struct json *json;

	if (may_be_json(row, text) && json_read(arena, text, JSON_READ_STRICT, &json, NULL) >= 0)
		return json;
	if (row->type == CONFIG_TYPE_MAP)
		return pair_to_json(arena, text);
	if (row->type != CONFIG_TYPE_LIST)
		return json_new_string(arena, text);
	json_array_begin(&array, arena);
	json_array_add(&array, json_new_string(arena, text));
	return json_array_end(&array);
}

void config_flag_read(struct config_resolver *resolver, const struct config_flag *flag,
	struct config_layer *layer)
{
	struct config_reader reader = { .resolver = resolver,
		.source = CONFIG_SOURCE_FLAG,
		.file = flag->option };
	const struct config_key_row *row = &config_keys[flag->key];
	struct config_origin origin = config_at(&reader, 0, 0);
	struct str text = str_from(flag->value);
	const struct json *json;

	*layer = (struct config_layer){ 0 };
	json = flag_to_json(resolver->arena, row, text);
	if (json) {
		layer->is_set[flag->key] = config_value_read(&reader, flag->key, json, NULL,
			&layer->values[flag->key]);
		config_network_settle(resolver, layer);
		return;
	}
	config_problem_add(resolver, &origin, "%s: '%s' is not understood", row->name, quote_text(text).text);
	if (row->type == CONFIG_TYPE_MAP)
		config_problem_hint(resolver, "Write NAME=VALUE, in UTF-8.");
	else
		config_problem_hint(resolver, "Write it in UTF-8.");
}

/* Items of one list of an agent; @key is a list of hosts or of presets. */
static void read_agent_list(struct config_resolver *resolver, const struct config_origin *origin,
	enum config_key key, const struct form_texts *texts, struct config_layer *layer)
{
	struct config_list_builder builder = { .resolver = resolver };

	for (size_t i = 0; i < texts->count; i++) {
		struct config_item item = { .text = texts->items[i], .origin = *origin };
		size_t at;

		if (key == CONFIG_KEY_NETWORK_ALLOW &&
				config_host_read(resolver->arena, str_from(item.text), CONFIG_NARROW_FIXED,
					&item, &at))
			resolver->full = true;
		else
			config_list_add(&builder, &item, false);
	}
	layer->is_set[key] = texts->count;
	layer->values[key] = (struct config_value){ .origin = *origin, .list = config_list_end(&builder) };
}

void config_agent_hosts_read(struct config_resolver *resolver, const struct config_agent *agent,
	struct config_layer *layer)
{
	struct config_origin origin = { .source = CONFIG_SOURCE_AGENT };

	*layer = (struct config_layer){ 0 };
	if (!agent)
		return;
	origin.file = arena_printf(resolver->arena, "agent %s", agent->name);
	if (!origin.file) {
		resolver->full = true;
		return;
	}
	read_agent_list(resolver, &origin, CONFIG_KEY_NETWORK_ALLOW,
		&(struct form_texts){ agent->hosts, agent->host_count }, layer);
	read_agent_list(resolver, &origin, CONFIG_KEY_NETWORK_PRESETS,
		&(struct form_texts){ agent->presets, agent->preset_count }, layer);
}

void config_defaults_read(struct config_resolver *resolver, struct config_layer *layer)
{
	struct config_reader reader = { .resolver = resolver, .source = CONFIG_SOURCE_DEFAULT };
	const struct json *json;

	*layer = (struct config_layer){ 0 };
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		int r = json_read(resolver->arena, str_from(config_keys[i].default_json), JSON_READ_STRICT,
			&json, NULL);

		if (r < 0) {
			/* The table is our own, so it can only be the arena. */
			resolver->full = true;
			return;
		}
		layer->is_set[i] = config_value_read(&reader, (enum config_key)i, json, NULL,
			&layer->values[i]);
	}
}
