// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_agent.c - what holds for every text that could be an agent, the list of toolchains, or a settings file
 * that a part of is imported
 *
 *   - a file is taken, or it is said what is wrong with it, in text that a terminal may be sent
 *   - an agent that was taken is written as a file that reads as the same agent; nothing that it imports
 *     leaves its state, or is called a credential
 *   - of a settings file nothing comes out but the keys that were named, and filtering again changes nothing
 *   - a line that comes out stood whole in the file, and is plain
 */
#include "base/path.h"
#include "base/utf8.h"
#include "config/toolchain.h"
#include "run/import.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(int r, const struct error *err)
{
	assert(r == -EBADMSG || r == -EINVAL || r == -EMSGSIZE);
	assert(err->code == r && err->text[0]);
	for (struct str rest = str_from(err->text); rest.len;) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		assert(n > 0 && !utf8_is_deceptive(point));
		rest = (struct str){ rest.data + n, rest.len - (size_t)n };
	}
}

/* ---- data files ---- */

/* As its file would have it. */
static const struct json *as_file(struct arena *arena, const struct agent *agent)
{
	const struct json *document = agent_to_json(arena, agent);
	struct json_object_builder object;

	assert(document);
	json_object_begin(&object, arena);
	for (size_t i = 0; i < document->object.count; i++)
		if (!str_eq(document->object.members[i].key->text, STR("file")) &&
				!str_eq(document->object.members[i].key->text, STR("own")))
			json_object_add_value(&object, document->object.members[i].key,
				document->object.members[i].value);
	return json_object_end(&object);
}

static void check_import(const struct agent *agent, const char *file)
{
	bool is_state = false;

	for (size_t i = 0; i < agent->state.count; i++)
		is_state |= path_is_beneath(str_from(file), str_from(agent->state.items[i]));
	assert(is_state && str_starts_with(str_from(file), STR("~/")));
	for (size_t i = 0; i < agent->never.count; i++)
		assert(!path_is_beneath(str_from(file), str_from(agent->never.items[i])));
}

static void check_agent(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf written = BUF_INIT(ARENA_MAX_BYTES);
	struct agent agent, again;
	struct error err = ERROR_INIT;
	const struct json *document;
	int r = agent_read(&arena, text, "a", "a.jsonc", &agent, &err);

	if (r < 0) {
		check_error(r, &err);
		return;
	}
	for (size_t i = 0; i < agent.import_count; i++)
		check_import(&agent, agent.imports[i].file);
	document = as_file(&arena, &agent);
	assert(json_write(&written, document, JSON_WRITE_PRETTY) == 0);
	r = agent_read(&arena, (struct str){ written.data, written.len }, "a", "a.jsonc", &again, &err);
	assert(r == 0 && json_equal(document, as_file(&arena, &again)));
}

static void check_toolchains(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct toolchains toolchains;
	struct error err = ERROR_INIT;
	int r = toolchains_read(&arena, text, "t.jsonc", &toolchains, &err);

	if (r < 0) {
		check_error(r, &err);
		return;
	}
	assert(toolchains.count <= TOOLCHAINS_MAX);
	for (size_t i = 0; i < toolchains.count; i++)
		assert(toolchains_find(&toolchains, toolchains.items[i].name) == &toolchains.items[i]);
}

/* ---- settings ---- */

static const char *const keys[] = { "model", "theme" };

static bool is_key(struct str key)
{
	return str_eq(key, STR("model")) || str_eq(key, STR("theme"));
}

static void check_object(struct arena *arena, struct str text)
{
	const struct json *value;

	assert(json_read(arena, text, JSON_READ_STRICT, &value, NULL) == 0 && value->type == JSON_OBJECT);
	for (size_t i = 0; i < value->object.count; i++)
		assert(is_key(value->object.members[i].key->text));
}

static void check_lines(struct str text, char separator, struct str source)
{
	struct str line, key, value;

	while (text.len) {
		assert(str_cut(text, '\n', &line, &text));
		assert(memmem(source.data, source.len, line.data, line.len) &&
			str_cut(line, separator, &key, &value));
		while (key.len && key.data[key.len - 1] != 'l' && key.data[key.len - 1] != 'e')
			key.len--;
		assert(is_key(key) && !memchr(line.data, 0, line.len) &&
			!memmem(line.data, line.len, "\"\"\"", 3));
	}
}

static void check_filter(struct str text, const char *path)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct agent_import import = { .file = path, .has_keys = true,
		.keys = { keys, ARRAY_SIZE(keys) } };
	struct str kept, again;
	int r = run_import_filter(&arena, &import, path, text, &kept);

	assert(r == 0 || r == -EBADMSG || r == -EMSGSIZE);
	if (r < 0 || !kept.len)
		return;
	if (str_ends_with(str_from(path), STR(".json")))
		check_object(&arena, kept);
	else
		check_lines(kept, str_ends_with(str_from(path), STR(".toml")) ? '=' : ':', text);
	assert(run_import_filter(&arena, &import, path, kept, &again) == 0 && str_eq(kept, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { size ? (const char *)data : "", size };

	check_agent(text);
	check_toolchains(text);
	check_filter(text, "x.json");
	check_filter(text, "x.toml");
	check_filter(text, "x.yml");
	return 0;
}
