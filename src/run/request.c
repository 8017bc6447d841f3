// SPDX-License-Identifier: Apache-2.0
/*
 * request.c - what `cordon run` asks a supervisor to do
 */
#include "run/request.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"

enum {
	REQUEST_VERSION = 1,
};

static const struct json *tty_to_json(struct arena *arena, const struct jail_tty *tty)
{
	struct json_object_builder object;
	struct json_array_builder chars;

	json_array_begin(&chars, arena);
	for (size_t i = 0; i < JAIL_TTY_CHARS; i++)
		json_array_add(&chars, json_new_int(arena, tty->chars[i]));
	json_object_begin(&object, arena);
	json_object_add_int(&object, "rows", tty->rows);
	json_object_add_int(&object, "columns", tty->columns);
	json_object_add_bool(&object, "has_modes", tty->has_modes);
	json_object_add_int(&object, "input", tty->input);
	json_object_add_int(&object, "output", tty->output);
	json_object_add_int(&object, "control", tty->control);
	json_object_add_int(&object, "local", tty->local);
	json_object_add(&object, "chars", json_array_end(&chars));
	return json_object_end(&object);
}

const struct json *run_request_to_json(struct arena *arena, const struct run_request *request)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", REQUEST_VERSION);
	json_object_add(&object, "argv", json_new_words(arena, request->argv, request->argc));
	json_object_add(&object, "cwd", json_new_bytes(arena, str_from(request->cwd)));
	json_object_add(&object, "workspace", json_new_bytes(arena, str_from(request->workspace)));
	json_object_add(&object, "live", json_new_words(arena, request->live, request->live_count));
	json_object_add_int(&object, "umask", request->umask);
	json_object_add(&object, "tty", tty_to_json(arena, &request->tty));
	if (request->agent_name) {
		json_object_add_text(&object, "agent", request->agent_name);
		json_object_add_int(&object, "added", (int64_t)request->added_count);
	}
	json_object_add_bool(&object, "detached", request->is_detached);
	json_object_add(&object, "config", config_to_json(arena, request->config));
	return json_object_end(&object);
}

static int wrong(struct error *err, const char *member)
{
	return error_set(err, -EINVAL, "the request's member '%s' is wrong", member);
}

static int read_path(struct arena *arena, const struct json *value, const char **ret)
{
	struct str text;

	if (!value || json_to_bytes(arena, value, &text) < 0 || !path_is_clean(text) || text.data[0] != '/')
		return -EINVAL;
	*ret = text.data;
	return 0;
}

static int read_number(const struct json *object, const char *key, int64_t max, int64_t *ret)
{
	*ret = json_get_int(object, key, -1);
	return *ret < 0 || *ret > max ? -EINVAL : 0;
}

static int read_tty(const struct json *value, struct jail_tty *ret)
{
	const struct json *chars = json_get(value, "chars");
	int64_t rows, columns, input, output, control, local;

	if (read_number(value, "rows", UINT16_MAX, &rows) < 0 ||
			read_number(value, "columns", UINT16_MAX, &columns) < 0 ||
			read_number(value, "input", UINT32_MAX, &input) < 0 ||
			read_number(value, "output", UINT32_MAX, &output) < 0 ||
			read_number(value, "control", UINT32_MAX, &control) < 0 ||
			read_number(value, "local", UINT32_MAX, &local) < 0 ||
			!chars || chars->type != JSON_ARRAY || chars->array.count != JAIL_TTY_CHARS)
		return -EINVAL;
	*ret = (struct jail_tty){
		.rows = (uint16_t)rows, .columns = (uint16_t)columns,
		.has_modes = json_get_bool(value, "has_modes", false), .input = (uint32_t)input,
		.output = (uint32_t)output, .control = (uint32_t)control,
		.local = (uint32_t)local,
	};
	for (size_t i = 0; i < JAIL_TTY_CHARS; i++) {
		const struct json *c = chars->array.items[i];

		if (c->type != JSON_INT || c->integer < 0 || c->integer > UINT8_MAX)
			return -EINVAL;
		ret->chars[i] = (uint8_t)c->integer;
	}
	return 0;
}

int run_request_read(struct arena *arena, const struct json *value, struct run_request *ret,
	struct error *err)
{
	struct run_request request = { 0 };
	int64_t umask;

	if (json_get_int(value, "version", 0) != REQUEST_VERSION)
		return wrong(err, "version");
	if (json_to_words(arena, json_get(value, "argv"), &request.argv, &request.argc) < 0 || !request.argc)
		return wrong(err, "argv");
	if (read_path(arena, json_get(value, "cwd"), &request.cwd) < 0)
		return wrong(err, "cwd");
	if (read_path(arena, json_get(value, "workspace"), &request.workspace) < 0)
		return wrong(err, "workspace");
	if (json_to_words(arena, json_get(value, "live"), &request.live, &request.live_count) < 0 ||
			request.live_count > RUN_LIVE_MAX)
		return wrong(err, "live");
	if (read_number(value, "umask", 0777, &umask) < 0)
		return wrong(err, "umask");
	if (read_tty(json_get(value, "tty"), &request.tty) < 0)
		return wrong(err, "tty");
	request.umask = (mode_t)umask;
	request.agent_name = json_get_text(value, "agent");
	request.added_count = (size_t)json_get_int(value, "added", 0);
	if (request.added_count >= request.argc)
		return wrong(err, "added");
	request.is_detached = json_get_bool(value, "detached", false);
	*ret = request;
	return config_from_json(arena, json_get(value, "config"), &ret->config, err);
}

int run_request_agent(struct arena *arena, const struct run_request *request, struct agent *ret,
	struct error *err)
{
	struct config_places places;
	int r = config_places_init(arena, &places, err);

	return r < 0 ? r : agent_find(arena, &places, request->agent_name, ret, err);
}

int run_request_send(const struct run_request *request, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_REQUEST_MAX_BYTES * 4);
	scoped(buf) struct buf text = BUF_INIT(RUN_REQUEST_MAX_BYTES);
	const struct json *value = run_request_to_json(&arena, request);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -E2BIG;

	if (r >= 0)
		r = kern_memfd_text("cordon-request", (struct str){ text.data, text.len });
	return r < 0 ? error_sys(err, r, "handing the request to the supervisor") : r;
}

int run_request_receive(struct arena *arena, int fd, struct run_request *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_REQUEST_MAX_BYTES);
	const struct json *value;
	int r = kern_read_all(fd, &text);

	if (r < 0)
		return error_sys(err, r, "reading the request");
	r = json_read(arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, err);
	if (r < 0)
		return error_wrap(err, r, "the request");
	return run_request_read(arena, value, ret, err);
}
