// SPDX-License-Identifier: Apache-2.0
/*
 * plan_json.c - the plan as a document, both ways
 *
 * The writer leaves out what has its zero value; the reader is strict about everything else. A reader
 * function gets the object and the member's name, and stops at the first error by looking at reader.result:
 * so a struct is read as a list of lines, and one look at the end tells.
 *
 * Source: docs/formats/plan.md
 */
#include "base/quote.h"
#include "jail/plan.h"

#include <errno.h>

static const char *const stdio_names[] = {
	[JAIL_STDIO_NULL] = "null", [JAIL_STDIO_INHERIT] = "inherit", [JAIL_STDIO_TTY] = "tty",
};

static const char *const preset_names[] = {
	[JAIL_PRESET_BASE] = "base", [JAIL_PRESET_ALONE] = "alone",
};

static const char *const level_names[] = {
#define NAME(level, name) [JAIL_LEVEL_##level] = name,
	JAIL_LEVELS(NAME)
#undef NAME
};

static const char *const kind_names[] = {
	[JAIL_STEP_INVALID] = "invalid",
#define NAME(kind, name) [JAIL_STEP_##kind] = name,
	JAIL_STEP_KINDS(NAME)
#undef NAME
};

static const char *const flag_names[] = {
#define NAME(flag, bit, name) [bit] = name,
	JAIL_STEP_FLAGS(NAME)
#undef NAME
};

static const char *const access_names[] = {
#define NAME(access, bit, name) [bit] = name,
	JAIL_ACCESSES(NAME)
#undef NAME
};

/* ---- writing ---- */

static void add_bytes(struct json_object_builder *object, const char *key, const char *text)
{
	if (text)
		json_object_add(object, key, json_new_bytes(object->arena, str_from(text)));
}

static void add_count(struct json_object_builder *object, const char *key, uint64_t value)
{
	if (value != JAIL_UNLIMITED)
		json_object_add_int(object, key, (int64_t)MIN(value, (uint64_t)INT64_MAX));
}

static const struct json *names_array(struct arena *arena, const char *const *names, size_t count,
	unsigned bits)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		if (bits & 1u << i)
			json_array_add(&array, json_new_text(arena, names[i]));
	return json_array_end(&array);
}

static const struct json *step_to_json(struct arena *arena, const struct jail_step *step)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "kind", kind_names[step->kind]);
	add_bytes(&object, "target", step->target);
	add_bytes(&object, "source", step->source);
	add_bytes(&object, "upper", step->upper);
	add_bytes(&object, "work", step->work);
	if (step->flags)
		json_object_add(&object, "flags",
			names_array(arena, flag_names, ARRAY_SIZE(flag_names), step->flags));
	if (step->hide_count)
		json_object_add(&object, "hides", json_new_words(arena, step->hides, step->hide_count));
	if (step->kind == JAIL_STEP_FILE)
		json_object_add(&object, "content", json_new_bytes(arena, step->content));
	if (step->size_bytes)
		json_object_add_int(&object, "size_bytes",
			(int64_t)MIN(step->size_bytes, (uint64_t)INT64_MAX));
	if (step->mode)
		json_object_add_int(&object, "mode", step->mode);
	if (step->flags & JAIL_STEP_IDMAP) {
		json_object_add_int(&object, "owner_uid", step->owner_uid);
		json_object_add_int(&object, "owner_gid", step->owner_gid);
	}
	return json_object_end(&object);
}

static const struct json *steps_to_json(struct arena *arena, const struct jail_plan *plan)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < plan->step_count; i++)
		json_array_add(&array, step_to_json(arena, &plan->steps[i]));
	return json_array_end(&array);
}

static const struct json *rules_to_json(struct arena *arena, const struct jail_plan *plan)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < plan->rule_count; i++) {
		const struct jail_rule *rule = &plan->rules[i];
		struct json_object_builder object;

		json_object_begin(&object, arena);
		add_bytes(&object, "path", rule->path);
		json_object_add(&object, "access",
			names_array(arena, access_names, ARRAY_SIZE(access_names), rule->access));
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *tcp_to_json(struct arena *arena, const struct jail_tcp *tcp)
{
	struct json_array_builder array;

	if (tcp->any)
		return json_new_text(arena, "any");
	json_array_begin(&array, arena);
	for (size_t i = 0; i < tcp->port_count; i++)
		json_array_add(&array, json_new_int(arena, tcp->ports[i]));
	return json_array_end(&array);
}

static const struct json *identity_to_json(struct arena *arena, const struct jail_identity *identity)
{
	struct json_object_builder object;
	struct json_array_builder groups;

	json_array_begin(&groups, arena);
	for (size_t i = 0; i < identity->group_count; i++)
		json_array_add(&groups, json_new_int(arena, identity->groups[i]));

	json_object_begin(&object, arena);
	json_object_add_int(&object, "uid", identity->uid);
	json_object_add_int(&object, "gid", identity->gid);
	json_object_add_bool(&object, "container_root", identity->is_container_root);
	add_bytes(&object, "user", identity->user);
	add_bytes(&object, "home", identity->home);
	json_object_add(&object, "groups", json_array_end(&groups));
	return json_object_end(&object);
}

static const struct json *limits_to_json(struct arena *arena, const struct jail_limits *limits)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
#define ADD(limit, field, name) add_count(&object, #field, limits->field);
	JAIL_LIMITS(ADD)
#undef ADD
	return json_object_end(&object);
}

static const struct json *tty_to_json(struct arena *arena, const struct jail_tty *tty)
{
	struct json_object_builder object;
	struct json_array_builder chars;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "rows", tty->rows);
	json_object_add_int(&object, "columns", tty->columns);
	if (!tty->has_modes)
		return json_object_end(&object);
	json_object_add_int(&object, "input", tty->input);
	json_object_add_int(&object, "output", tty->output);
	json_object_add_int(&object, "control", tty->control);
	json_object_add_int(&object, "local", tty->local);
	json_array_begin(&chars, arena);
	for (size_t i = 0; i < JAIL_TTY_CHARS; i++)
		json_array_add(&chars, json_new_int(arena, tty->chars[i]));
	json_object_add(&object, "chars", json_array_end(&chars));
	return json_object_end(&object);
}

const struct json *jail_command_to_json(struct arena *arena, const struct jail_command *command)
{
	struct json_object_builder object;
	struct json_array_builder stdio;

	json_object_begin(&object, arena);
	json_object_add(&object, "argv", json_new_words(arena, command->argv, command->argc));
	json_object_add(&object, "env", json_new_words(arena, command->env, command->env_count));
	add_bytes(&object, "cwd", command->cwd);
	json_object_add_int(&object, "umask", command->umask);
	json_array_begin(&stdio, arena);
	for (size_t i = 0; i < ARRAY_SIZE(command->stdio); i++)
		json_array_add(&stdio, json_new_text(arena, stdio_names[command->stdio[i]]));
	json_object_add(&object, "stdio", json_array_end(&stdio));
	if (jail_command_uses_tty(command))
		json_object_add(&object, "tty", tty_to_json(arena, &command->tty));
	return json_object_end(&object);
}

const struct json *jail_plan_to_json(struct arena *arena, const struct jail_plan *plan)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", JAIL_PLAN_VERSION);
	json_object_add_text(&object, "level", level_names[plan->level]);
	json_object_add(&object, "own", json_new_words(arena, plan->own, plan->own_count));
	json_object_add_text(&object, "session", plan->session);
	json_object_add_text(&object, "hostname", plan->hostname);
	json_object_add(&object, "identity", identity_to_json(arena, &plan->identity));
	json_object_add(&object, "limits", limits_to_json(arena, &plan->limits));
	json_object_add_text(&object, "preset", jail_preset_name(plan->preset));
	json_object_add_bool(&object, "notify", plan->notify);
	json_object_add_bool(&object, "gateway", plan->gateway);
	if (plan->proxies_only)
		json_object_add_bool(&object, "proxies_only", true);
	json_object_add(&object, "tcp_bind", tcp_to_json(arena, &plan->tcp_bind));
	json_object_add(&object, "tcp_connect", tcp_to_json(arena, &plan->tcp_connect));
	json_object_add(&object, "steps", steps_to_json(arena, plan));
	json_object_add(&object, "rules", rules_to_json(arena, plan));
	json_object_add(&object, "shielded", json_new_words(arena, plan->shielded, plan->shielded_count));
	json_object_add(&object, "command", jail_command_to_json(arena, &plan->command));
	return json_object_end(&object);
}

/* ---- reading ---- */

struct reader {
	struct arena *arena;
	struct error *err;
	int result;
};

static void refuse(struct reader *reader, int code, const char *key, const char *wanted)
{
	if (reader->result >= 0)
		reader->result = error_set(reader->err, code, "sandbox plan: member '%s': %s", key, wanted);
}

/* Every member must be known; a required one that is missing is found when it is read. */
static void check_members(struct reader *reader, const struct json *object, const char *what,
	const char *const *known, size_t known_count)
{
	if (reader->result < 0)
		return;
	if (!object || object->type != JSON_OBJECT) {
		refuse(reader, -EINVAL, what, "must be an object");
		return;
	}
	for (size_t i = 0; reader->result >= 0 && i < object->object.count; i++) {
		struct str key = object->object.members[i].key->text;
		bool found = false;

		for (size_t j = 0; j < known_count && !found; j++)
			found = str_eq(key, str_from(known[j]));
		if (!found)
			refuse(reader, -EINVAL, quote_text(key).text, "is not known");
	}
}

#define CHECK_MEMBERS(reader, object, what, ...) \
	check_members(reader, object, what, (const char *const[]){ __VA_ARGS__ }, \
		ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

static uint64_t number_of(struct reader *reader, const struct json *value, const char *key, uint64_t max)
{
	if (reader->result < 0)
		return 0;
	if (!value || value->type != JSON_INT || value->integer < 0 || (uint64_t)value->integer > max) {
		refuse(reader, -EINVAL, key, "must be a whole number within its range");
		return 0;
	}
	return (uint64_t)value->integer;
}

static uint64_t read_number(struct reader *reader, const struct json *object, const char *key, uint64_t max)
{
	return reader->result >= 0 ? number_of(reader, json_get(object, key), key, max) : 0;
}

static uint64_t read_number_or(struct reader *reader, const struct json *object, const char *key,
	uint64_t max, uint64_t otherwise)
{
	return reader->result >= 0 && json_get(object, key) ? read_number(reader, object, key, max) :
		otherwise;
}

static bool read_bool(struct reader *reader, const struct json *object, const char *key)
{
	const struct json *value = reader->result >= 0 ? json_get(object, key) : NULL;

	if (reader->result >= 0 && (!value || value->type != JSON_BOOL))
		refuse(reader, -EINVAL, key, "must be true or false");
	return reader->result >= 0 && value->boolean;
}

static size_t index_of(struct reader *reader, const struct json *value, const char *key,
	const char *const *names, size_t count)
{
	if (reader->result >= 0 && value && value->type == JSON_STRING)
		for (size_t i = 0; i < count; i++)
			if (str_eq(value->text, str_from(names[i])))
				return i;
	refuse(reader, -EINVAL, key, "is not one of the known names");
	return 0;
}

/* Bytes without NUL, as a C string. */
static const char *text_of(struct reader *reader, const struct json *value, const char *key)
{
	struct str bytes = { 0 };

	if (reader->result >= 0 && (!value || json_to_bytes(reader->arena, value, &bytes) < 0 ||
			memchr(bytes.data, 0, bytes.len)))
		refuse(reader, -EINVAL, key, "must be text without a NUL");
	return reader->result >= 0 ? bytes.data : NULL;
}

static const char *read_text(struct reader *reader, const struct json *object, const char *key)
{
	return reader->result >= 0 ? text_of(reader, json_get(object, key), key) : NULL;
}

static const char *read_text_or_null(struct reader *reader, const struct json *object, const char *key)
{
	return reader->result >= 0 && json_get(object, key) ? read_text(reader, object, key) : NULL;
}

/* The items of an array member; absent is empty only where @optional. */
static size_t array_of(struct reader *reader, const struct json *object, const char *key, size_t max,
	bool optional, const struct json *const **ret)
{
	const struct json *value = reader->result >= 0 ? json_get(object, key) : NULL;

	*ret = NULL;
	if (reader->result < 0 || (!value && optional))
		return 0;
	if (!value || value->type != JSON_ARRAY) {
		refuse(reader, -EINVAL, key, "must be a list");
		return 0;
	}
	if (value->array.count > max) {
		refuse(reader, -EMSGSIZE, key, "has too many items");
		return 0;
	}
	*ret = value->array.items;
	return value->array.count;
}

static void *alloc_array(struct reader *reader, size_t count, size_t size_bytes, const char *key)
{
	void *array = arena_alloc_array(reader->arena, count, size_bytes);

	if (!array)
		refuse(reader, -EMSGSIZE, key, "does not fit into memory");
	return array;
}

static const char *const *read_texts(struct reader *reader, const struct json *object, const char *key,
	bool optional, size_t *ret_count)
{
	static const char *const none[] = { NULL };
	const struct json *value = reader->result >= 0 ? json_get(object, key) : NULL;
	const char *const *texts = none;
	int r;

	*ret_count = 0;
	if (reader->result < 0 || (!value && optional))
		return none;
	r = json_to_words(reader->arena, value, &texts, ret_count);
	if (r == -EINVAL)
		refuse(reader, r, key, "must be a list of texts without a NUL");
	else if (r < 0)
		refuse(reader, -EMSGSIZE, key, "has too many items");
	return texts;
}

static unsigned read_bits(struct reader *reader, const struct json *object, const char *key,
	const char *const *names, size_t name_count)
{
	const struct json *const *items;
	size_t count = array_of(reader, object, key, name_count, true, &items);
	unsigned bits = 0;

	for (size_t i = 0; i < count && reader->result >= 0; i++)
		bits |= 1u << index_of(reader, items[i], key, names, name_count);
	return bits;
}

static void read_step(struct reader *reader, const struct json *object, struct jail_step *ret)
{
	struct str content = { 0 };

	CHECK_MEMBERS(reader, object, "steps", "kind", "target", "source", "upper", "work", "flags", "hides",
		"content", "size_bytes", "mode", "owner_uid", "owner_gid");
	if (reader->result < 0)
		return;
	ret->kind = (enum jail_step_kind)index_of(reader, json_get(object, "kind"), "kind", kind_names,
		ARRAY_SIZE(kind_names));
	ret->target = read_text(reader, object, "target");
	ret->source = read_text_or_null(reader, object, "source");
	ret->upper = read_text_or_null(reader, object, "upper");
	ret->work = read_text_or_null(reader, object, "work");
	ret->flags = read_bits(reader, object, "flags", flag_names, ARRAY_SIZE(flag_names));
	ret->hides = read_texts(reader, object, "hides", true, &ret->hide_count);
	ret->size_bytes = read_number_or(reader, object, "size_bytes", INT64_MAX, 0);
	ret->mode = (mode_t)read_number_or(reader, object, "mode", 07777, 0);
	ret->owner_uid = (uid_t)read_number_or(reader, object, "owner_uid", UINT32_MAX - 1, 0);
	ret->owner_gid = (gid_t)read_number_or(reader, object, "owner_gid", UINT32_MAX - 1, 0);
	if (ret->kind != JAIL_STEP_FILE || reader->result < 0)
		return;
	if (!json_get(object, "content") ||
			json_to_bytes(reader->arena, json_get(object, "content"), &content) < 0)
		refuse(reader, -EINVAL, "content", "must be text or bytes");
	ret->content = content;
}

static void read_steps(struct reader *reader, const struct json *object, struct jail_plan *ret)
{
	const struct json *const *items;
	size_t count = array_of(reader, object, "steps", JAIL_STEPS_MAX, false, &items);
	struct jail_step *steps = alloc_array(reader, count, sizeof(*steps), "steps");

	for (size_t i = 0; i < count && reader->result >= 0; i++)
		read_step(reader, items[i], &steps[i]);
	ret->steps = steps;
	ret->step_count = count;
}

static void read_rules(struct reader *reader, const struct json *object, struct jail_plan *ret)
{
	const struct json *const *items;
	size_t count = array_of(reader, object, "rules", JAIL_RULES_MAX, false, &items);
	struct jail_rule *rules = alloc_array(reader, count, sizeof(*rules), "rules");

	for (size_t i = 0; i < count && reader->result >= 0; i++) {
		CHECK_MEMBERS(reader, items[i], "rules", "path", "access");
		rules[i].path = read_text(reader, items[i], "path");
		rules[i].access = read_bits(reader, items[i], "access", access_names,
			ARRAY_SIZE(access_names));
	}
	ret->rules = rules;
	ret->rule_count = count;
}

static void read_tcp(struct reader *reader, const struct json *object, const char *key, struct jail_tcp *ret)
{
	const struct json *value = reader->result >= 0 ? json_get(object, key) : NULL;
	const struct json *const *items;
	uint16_t *ports;
	size_t count;

	if (value && value->type == JSON_STRING && str_eq(value->text, STR("any"))) {
		ret->any = true;
		return;
	}
	count = array_of(reader, object, key, UINT16_MAX, false, &items);
	ports = alloc_array(reader, count, sizeof(*ports), key);
	for (size_t i = 0; i < count && reader->result >= 0; i++)
		ports[i] = (uint16_t)number_of(reader, items[i], key, UINT16_MAX);
	ret->ports = ports;
	ret->port_count = count;
}

static void read_identity(struct reader *reader, const struct json *object, struct jail_identity *ret)
{
	const struct json *const *items;
	gid_t *groups;

	CHECK_MEMBERS(reader, object, "identity", "uid", "gid", "container_root", "user", "home",
		"groups");
	ret->group_count = array_of(reader, object, "groups", JAIL_GROUPS_MAX, false, &items);
	groups = alloc_array(reader, ret->group_count, sizeof(*groups), "groups");
	for (size_t i = 0; i < ret->group_count && reader->result >= 0; i++)
		groups[i] = (gid_t)number_of(reader, items[i], "groups", UINT32_MAX - 1);
	ret->groups = groups;
	ret->uid = (uid_t)read_number(reader, object, "uid", UINT32_MAX - 1);
	ret->gid = (gid_t)read_number(reader, object, "gid", UINT32_MAX - 1);
	ret->is_container_root = read_bool(reader, object, "container_root");
	ret->user = read_text(reader, object, "user");
	ret->home = read_text(reader, object, "home");
}

static void read_limits(struct reader *reader, const struct json *object, struct jail_limits *ret)
{
#define KEY(limit, field, name) #field,
	CHECK_MEMBERS(reader, object, "limits", JAIL_LIMITS(KEY));
#undef KEY
#define READ(limit, field, name) \
	ret->field = read_number_or(reader, object, #field, INT64_MAX, JAIL_UNLIMITED);
	JAIL_LIMITS(READ)
#undef READ
}

static void read_tty(struct reader *reader, const struct json *object, struct jail_tty *ret)
{
	const struct json *const *items;
	size_t count;

	CHECK_MEMBERS(reader, object, "tty", "rows", "columns", "input", "output", "control", "local",
		"chars");
	ret->rows = (uint16_t)read_number(reader, object, "rows", UINT16_MAX);
	ret->columns = (uint16_t)read_number(reader, object, "columns", UINT16_MAX);
	count = array_of(reader, object, "chars", JAIL_TTY_CHARS, true, &items);
	ret->has_modes = count > 0;
	if (!ret->has_modes)
		return;
	ret->input = (uint32_t)read_number(reader, object, "input", UINT32_MAX);
	ret->output = (uint32_t)read_number(reader, object, "output", UINT32_MAX);
	ret->control = (uint32_t)read_number(reader, object, "control", UINT32_MAX);
	ret->local = (uint32_t)read_number(reader, object, "local", UINT32_MAX);
	for (size_t i = 0; i < count; i++)
		ret->chars[i] = (uint8_t)number_of(reader, items[i], "chars", UINT8_MAX);
}

static void read_command(struct reader *reader, const struct json *object, struct jail_command *ret)
{
	const struct json *const *items;
	size_t count;

	CHECK_MEMBERS(reader, object, "command", "argv", "env", "cwd", "umask", "stdio", "tty");
	ret->argv = read_texts(reader, object, "argv", false, &ret->argc);
	ret->env = read_texts(reader, object, "env", false, &ret->env_count);
	ret->cwd = read_text(reader, object, "cwd");
	ret->umask = (mode_t)read_number(reader, object, "umask", 0777);
	count = array_of(reader, object, "stdio", ARRAY_SIZE(ret->stdio), false, &items);
	if (count != ARRAY_SIZE(ret->stdio))
		refuse(reader, -EINVAL, "stdio", "must have three items");
	for (size_t i = 0; i < ARRAY_SIZE(ret->stdio) && reader->result >= 0; i++)
		ret->stdio[i] = (enum jail_stdio)index_of(reader, items[i], "stdio", stdio_names,
			ARRAY_SIZE(stdio_names));
	if (reader->result >= 0 && jail_command_uses_tty(ret))
		read_tty(reader, json_get(object, "tty"), &ret->tty);
}

int jail_command_read(struct arena *arena, const struct json *json, struct jail_command *ret,
	struct error *err)
{
	struct reader reader = { .arena = arena, .err = err };
	struct jail_command command = { 0 };

	read_command(&reader, json, &command);
	if (reader.result < 0)
		return reader.result;
	*ret = command;
	return 0;
}

int jail_plan_read(struct arena *arena, const struct json *json, struct jail_plan *ret, struct error *err)
{
	struct reader reader = { .arena = arena, .err = err };
	struct jail_plan plan = { 0 };

	CHECK_MEMBERS(&reader, json, "plan", "version", "level", "own", "session", "hostname", "identity",
		"limits", "preset", "notify", "gateway", "proxies_only", "tcp_bind", "tcp_connect", "steps",
		"rules", "shielded", "command");
	if (read_number(&reader, json, "version", INT64_MAX) != JAIL_PLAN_VERSION)
		refuse(&reader, -EINVAL, "version", "is not one that this program knows");
	if (reader.result >= 0)
		plan.level = (enum jail_level)index_of(&reader, json_get(json, "level"), "level", level_names,
			ARRAY_SIZE(level_names));
	plan.own = read_texts(&reader, json, "own", false, &plan.own_count);
	plan.session = read_text(&reader, json, "session");
	plan.hostname = read_text(&reader, json, "hostname");
	if (reader.result >= 0)
		read_identity(&reader, json_get(json, "identity"), &plan.identity);
	if (reader.result >= 0)
		read_limits(&reader, json_get(json, "limits"), &plan.limits);
	if (reader.result >= 0)
		plan.preset = (enum jail_preset)index_of(&reader, json_get(json, "preset"), "preset",
			preset_names, ARRAY_SIZE(preset_names));
	plan.notify = read_bool(&reader, json, "notify");
	plan.gateway = read_bool(&reader, json, "gateway");
	if (json_get(json, "proxies_only"))
		plan.proxies_only = read_bool(&reader, json, "proxies_only");
	read_tcp(&reader, json, "tcp_bind", &plan.tcp_bind);
	read_tcp(&reader, json, "tcp_connect", &plan.tcp_connect);
	read_steps(&reader, json, &plan);
	read_rules(&reader, json, &plan);
	plan.shielded = read_texts(&reader, json, "shielded", false, &plan.shielded_count);
	if (reader.result >= 0)
		read_command(&reader, json_get(json, "command"), &plan.command);
	if (reader.result < 0)
		return reader.result;
	*ret = plan;
	return 0;
}
