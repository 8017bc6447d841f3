// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_control.c - what holds for every packet that could come through a control socket
 *
 * The first byte is the packet's type, the rest its payload; and the whole is also taken for the payload of a
 * command to run.
 *
 *   - a message that was taken has a type that exists, a size that is none of nothing, a signal that is one,
 *     an exit code that is one, texts that end
 *   - its body is the payload, so that taking it again is the same
 *   - a command that was taken has words, and is written again as the same document
 */
#include "session/control.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_body(const struct control_message *message)
{
	switch (message->type) {
	case CONTROL_ATTACH:
		assert(message->attach.size.rows && message->attach.size.columns);
		assert(message->attach.flags <= CONTROL_ATTACH_FLAGS);
		break;
	case CONTROL_RESIZE:
		assert(message->size.rows && message->size.columns);
		break;
	case CONTROL_SIGNAL:
	case CONTROL_SUSPENDED:
		assert(message->signal.signal > 0 && message->signal.signal < 32);
		break;
	case CONTROL_SERVE:
		assert(message->serve.port);
		break;
	case CONTROL_TOLD_TRAFFIC:
		assert(message->traffic.open <= INT64_MAX && message->traffic.sent_bytes <= INT64_MAX);
		break;
	case CONTROL_EXITED:
		assert(message->exit.code >= 0 && message->exit.code <= 255);
		break;
	case CONTROL_FAILED:
		assert(message->failure.exit_code > 0 && message->failure.exit_code <= 255);
		assert(strlen(message->failure.error.text) < ERROR_TEXT_MAX);
		assert(strlen(message->failure.error.hint) < ERROR_HINT_MAX);
		break;
	default:
		break;
	}
}

static void check_message(struct str packet)
{
	struct control_message message;
	int r = control_read((unsigned char)packet.data[0], (struct str){ packet.data + 1, packet.len - 1 },
		&message);

	assert(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	assert(message.type > CONTROL_INVALID && message.type < CONTROL_TYPE_COUNT);
	check_body(&message);
}

static void check_command(struct str payload)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	struct control_command command, again;
	struct error err = ERROR_INIT;
	const struct json *document;
	int r = control_command_read(&arena, payload, &command, &err);

	assert(r == 0 || r == -EBADMSG || r == -EINVAL || r == -EMSGSIZE);
	assert(r == 0 || (err.code == r && err.text[0]));
	if (r < 0)
		return;
	assert(command.argc && !command.argv[command.argc] && command.size.rows && command.size.columns);
	document = control_command_to_json(&arena, &command);
	assert(json_write(&text, document, JSON_WRITE_CANONICAL) == 0);
	assert(control_command_read(&arena, (struct str){ text.data, text.len }, &again, NULL) == 0);
	assert(json_equal(document, control_command_to_json(&arena, &again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	if (size)
		check_message(text);
	check_command(text);
	return 0;
}
