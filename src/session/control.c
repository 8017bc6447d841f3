// SPDX-License-Identifier: Apache-2.0
/*
 * control.c - what a terminal and a supervisor say to each other: is it one of the messages, and whole?
 *
 * Both sides read with this. A body is a struct of native byte order, so its size says nothing about what is
 * in it: numbers are held to what they mean, and texts have to end. What is JSON or bytes is looked at by
 * whoever acts on it.
 */
#include "session/control.h"

#include <errno.h>
#include <signal.h>

enum {
	SIGNALS = 32,			/* job control and the terminal know none behind them */
	EXIT_CODE_MAX = 255,
	ANY_LENGTH = -1,
};

/* How long the payload of each is; a type without a row is none. */
static const struct {
	bool is_known;
	int payload_bytes;
} types[] = {
	[CONTROL_RUN] = { true, 0 },
	[CONTROL_ATTACH] = { true, sizeof(struct control_attach) },
	[CONTROL_DETACH] = { true, 0 },
	[CONTROL_INPUT] = { true, ANY_LENGTH },
	[CONTROL_RESIZE] = { true, sizeof(struct control_size) },
	[CONTROL_SIGNAL] = { true, sizeof(struct control_signal) },
	[CONTROL_CONTINUE] = { true, 0 },
	[CONTROL_STOP] = { true, sizeof(struct control_stop) },
	[CONTROL_EXEC] = { true, ANY_LENGTH },
	[CONTROL_STARTED] = { true, ANY_LENGTH },
	[CONTROL_OUTPUT] = { true, ANY_LENGTH },
	[CONTROL_SUSPENDED] = { true, sizeof(struct control_signal) },
	[CONTROL_EXITED] = { true, sizeof(struct control_exit) },
	[CONTROL_NOTICE] = { true, ANY_LENGTH },
	[CONTROL_PROGRESS] = { true, sizeof(struct control_progress) },
	[CONTROL_SETTLED] = { true, ANY_LENGTH },
	[CONTROL_FAILED] = { true, sizeof(struct control_failure) },
	[CONTROL_RELOAD] = { true, 0 },
	[CONTROL_RELOADED] = { true, ANY_LENGTH },
	[CONTROL_RULES] = { true, 0 },
	[CONTROL_CHANGE_RULES] = { true, ANY_LENGTH },
	[CONTROL_RULED] = { true, 0 },
	[CONTROL_SERVE] = { true, sizeof(struct control_serve) },
	[CONTROL_SERVED] = { true, 0 },
	[CONTROL_TRAFFIC] = { true, 0 },
	[CONTROL_TOLD_TRAFFIC] = { true, sizeof(struct control_traffic) },
};

static bool is_size(const struct control_size *size)
{
	return size->rows && size->columns;
}

/* What stops a program and does not end it. */
static bool is_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static bool is_failure(const struct control_failure *failure)
{
	const struct error *error = &failure->error;

	/* 0 would be taken for success. */
	return failure->exit_code > 0 && failure->exit_code <= EXIT_CODE_MAX &&
		memchr(error->text, 0, sizeof(error->text)) && memchr(error->hint, 0, sizeof(error->hint));
}

static bool is_traffic(const struct control_traffic *traffic)
{
	return traffic->open <= INT64_MAX && traffic->connections <= INT64_MAX &&
		traffic->requests <= INT64_MAX && traffic->sent_bytes <= INT64_MAX &&
		traffic->received_bytes <= INT64_MAX;
}

static bool body_fits(const struct control_message *message)
{
	switch (message->type) {
	case CONTROL_ATTACH:
		return is_size(&message->attach.size) &&
			!(message->attach.flags & ~(uint32_t)CONTROL_ATTACH_FLAGS);
	case CONTROL_RESIZE:
		return is_size(&message->size);
	case CONTROL_SIGNAL:
		return message->signal.signal > 0 && message->signal.signal < SIGNALS;
	case CONTROL_SUSPENDED:
		return is_stop(message->signal.signal);
	case CONTROL_SERVE:
		return message->serve.port;
	case CONTROL_TOLD_TRAFFIC:
		return is_traffic(&message->traffic);
	case CONTROL_EXITED:
		return message->exit.code >= 0 && message->exit.code <= EXIT_CODE_MAX;
	case CONTROL_FAILED:
		return is_failure(&message->failure);
	case CONTROL_PROGRESS:
		return memchr(message->progress.what, 0, sizeof(message->progress.what));
	default:
		return true;
	}
}

int control_read(unsigned type, struct str payload, struct control_message *ret)
{
	if (type >= ARRAY_SIZE(types) || !types[type].is_known)
		return -EBADMSG;
	*ret = (struct control_message){ .type = type };
	if (types[type].payload_bytes == ANY_LENGTH)
		return 0;
	if (payload.len != (size_t)types[type].payload_bytes)
		return -EBADMSG;
	if (payload.len)
		memcpy((char *)ret + offsetof(struct control_message, attach), payload.data, payload.len);
	return body_fits(ret) ? 0 : -EBADMSG;
}

/* ---- a command to run ---- */

const struct json *control_command_to_json(struct arena *arena, const struct control_command *command)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add(&object, "argv", json_new_words(arena, command->argv, command->argc));
	json_object_add_int(&object, "columns", command->size.columns);
	json_object_add_int(&object, "rows", command->size.rows);
	return json_object_end(&object);
}

static bool read_count(const struct json *object, const char *key, uint16_t *ret)
{
	int64_t count = json_get_int(object, key, 0);

	*ret = (uint16_t)count;
	return count > 0 && count <= UINT16_MAX;
}

int control_command_read(struct arena *arena, struct str payload, struct control_command *ret,
	struct error *err)
{
	const struct json *value;
	int r = json_read(arena, payload, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return r;
	if (!read_count(value, "rows", &ret->size.rows) || !read_count(value, "columns", &ret->size.columns))
		return error_set(err, -EINVAL, "the command's terminal has no size");
	r = json_to_words(arena, json_get(value, "argv"), &ret->argv, &ret->argc);
	if (r == -EMSGSIZE)
		return error_set(err, r, "the command is too long");
	if (r < 0 || !ret->argc)
		return error_set(err, -EINVAL,
			"the command has no arguments, too many, or one that is no text");
	return 0;
}
