// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_plan.c - what holds for every text that launcher and init could be given
 *
 * The text is read as a plan, as a command, and, its first byte being the kind, as a message of their
 * channel.
 *
 *   - each reader takes it, or says what is wrong
 *   - what was taken is written again as the same document, and read again as the same
 *   - checking and printing a plan that was taken ends with an answer
 *   - a message that was taken is of a kind that exists, and what is looked up by it is within its table
 */
#include "jail/messages.h"
#include "jail/plan.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(int r, const struct error *err)
{
	assert(r == 0 || r == -EINVAL || r == -EMSGSIZE || r == -EACCES || r == -EEXIST);
	assert(r == 0 || (err->code == r && err->text[0]));
}

static void check_plan(struct arena *arena, const struct json *json)
{
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	struct jail_plan plan, again;
	struct error err = ERROR_INIT;
	const struct json *written;
	int r = jail_plan_read(arena, json, &plan, &err);

	check_error(r, &err);
	if (r < 0)
		return;
	written = jail_plan_to_json(arena, &plan);
	assert(written);
	r = jail_plan_read(arena, written, &again, &err);
	assert(r == 0 && json_equal(written, jail_plan_to_json(arena, &again)));
	err = (struct error)ERROR_INIT;
	check_error(jail_plan_check(&plan, &err), &err);
	assert(jail_plan_print(&text, &plan) == 0);
}

static void check_command(struct arena *arena, const struct json *json)
{
	struct jail_command command, again;
	struct error err = ERROR_INIT;
	const struct json *written;
	int r = jail_command_read(arena, json, &command, &err);

	check_error(r, &err);
	if (r < 0)
		return;
	written = jail_command_to_json(arena, &command);
	assert(written);
	r = jail_command_read(arena, written, &again, &err);
	assert(r == 0 && json_equal(written, jail_command_to_json(arena, &again)));
}

static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, sizeof(byte));
	return byte <= 1;
}

static bool has_descriptor(char kind)
{
	static const char kinds[] = { JAIL_MESSAGE_CREATED, JAIL_MESSAGE_TTY, JAIL_MESSAGE_LISTENER,
		JAIL_MESSAGE_BEGIN, JAIL_MESSAGE_EXEC, JAIL_MESSAGE_TOUCH };

	return memchr(kinds, kind, sizeof(kinds));
}

static void check_message(struct str text)
{
	struct channel_message in = {
		.type = (unsigned char)text.data[0], .payload = { text.data + 1, text.len - 1 },
		/* The kinds with descriptors have one or two; RENAME alone has two. */
		.fd_count = text.data[0] == JAIL_MESSAGE_RENAME ? 2 : has_descriptor(text.data[0]),
	};
	struct jail_message message;

	if (jail_message_read(&in, &message) < 0)
		return;
	assert(message.kind > JAIL_MESSAGE_INVALID && message.kind < JAIL_MESSAGE_KIND_COUNT);
	if (message.kind == JAIL_MESSAGE_FAILED)
		assert(message.failed.stage <= JAIL_STAGE_EXEC && message.failed.error.code < 0 &&
			strlen(message.failed.error.text) < ERROR_TEXT_MAX);
	if (message.kind == JAIL_MESSAGE_EXITED)
		assert(message.exited.code >= 0 && message.exited.code <= 255 &&
			is_bool(&message.exited.core));
	if (message.kind == JAIL_MESSAGE_TOUCH)
		assert(message.touch.kind <= JAIL_TOUCH_TIMES && is_bool(&message.touch.follows) &&
			strlen(message.touch.path) < JAIL_RENAME_PATH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str text = { (const char *)data, size };
	struct error err = ERROR_INIT;
	const struct json *json;

	if (size)
		check_message(text);
	if (json_read(&arena, text, JSON_READ_STRICT, &json, &err) < 0)
		return 0;
	check_plan(&arena, json);
	check_command(&arena, json);
	return 0;
}
