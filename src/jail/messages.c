// SPDX-License-Identifier: Apache-2.0
/*
 * messages.c - bodies by kind, and the checks of what came
 *
 * The tables are made from the list in messages.h, so a kind cannot be sent that the other side does not
 * know.
 */
#include "jail/messages.h"

#include <errno.h>
#include <signal.h>

enum {
	EXIT_CODE_MAX = 255,
	ID_BYTES = offsetof(struct jail_message, nothing) - offsetof(struct jail_message, id),
};

static const struct {
	const char *name;
	size_t body_bytes;
	int fd_count;			/* -1: 1..KERN_SOCK_FDS_MAX */
} kinds[JAIL_MESSAGE_KIND_COUNT] = {
#define KIND(kind, member, fds) \
	[JAIL_MESSAGE_##kind] = { #kind, sizeof(((struct jail_message *)0)->member), fds },
	JAIL_MESSAGES(KIND)
#undef KIND
};

static const char *const mechanism_names[] = {
	[JAIL_BY_NOBODY] = "none",
	[JAIL_BY_CGROUP2] = "cgroup2",
	[JAIL_BY_CGROUP1] = "cgroup1",
	[JAIL_BY_RLIMIT] = "rlimit",
	[JAIL_BY_AFFINITY] = "affinity",
	[JAIL_BY_SUPERVISOR] = "supervisor",
};

const char *jail_message_name(enum jail_message_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(kinds) && kinds[kind].name ? kinds[kind].name : "unknown";
}

const char *jail_mechanism_name(enum jail_mechanism mechanism)
{
	return (size_t)mechanism < ARRAY_SIZE(mechanism_names) ? mechanism_names[mechanism] : "unknown";
}

static struct str payload_of(const struct jail_message *message)
{
	assert(message->kind > JAIL_MESSAGE_INVALID && message->kind < JAIL_MESSAGE_KIND_COUNT);
	return (struct str){ (const char *)&message->id, ID_BYTES + kinds[message->kind].body_bytes };
}

static bool fds_fit(enum jail_message_kind kind, size_t fd_count)
{
	return kinds[kind].fd_count < 0 ? fd_count >= 1 : fd_count == (size_t)kinds[kind].fd_count;
}

int jail_message_send(struct channel *channel, const struct jail_message *message, const int *fds,
	size_t fd_count)
{
	assert(fds_fit(message->kind, fd_count));
	return channel_send(channel, message->kind, payload_of(message), fds, fd_count);
}

int jail_message_post(int fd, const struct jail_message *message, const int *fds, size_t fd_count)
{
	assert(fds_fit(message->kind, fd_count));
	return channel_post(fd, message->kind, payload_of(message), fds, fd_count);
}

/* Text in a body is read as C strings from here on: it must end. */
static bool texts_end(const struct jail_message *message)
{
	const struct error *error = &message->failed.error;

	if (message->kind == JAIL_MESSAGE_FAILED)
		return memchr(error->text, 0, sizeof(error->text)) &&
			memchr(error->hint, 0, sizeof(error->hint));
	if (message->kind == JAIL_MESSAGE_RENAME)
		return memchr(message->rename.from, 0, sizeof(message->rename.from)) &&
				memchr(message->rename.to, 0, sizeof(message->rename.to));
	if (message->kind == JAIL_MESSAGE_TOUCH)
		return memchr(message->touch.path, 0, sizeof(message->touch.path));
	if (message->kind == JAIL_MESSAGE_TOUCHED)
		return memchr(message->touched.path, 0, sizeof(message->touched.path));
	return true;
}

/* Any other byte in the place of a bool is not one, and the compiler may take that for granted. */
static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, sizeof(byte));
	return byte <= 1;
}

static bool is_signal(int32_t signal)
{
	return signal > 0 && signal < NSIG;
}

static bool numbers_fit(const struct jail_message *message)
{
	if (message->kind == JAIL_MESSAGE_FAILED)
		return message->failed.stage <= JAIL_STAGE_EXEC && message->failed.error.code < 0;
	if (message->kind == JAIL_MESSAGE_STOPPED)
		return is_signal(message->stopped.signal);
	if (message->kind == JAIL_MESSAGE_SIGNAL)
		return is_signal(message->signal.signal);
	if (message->kind == JAIL_MESSAGE_EXITED)
		return message->exited.code >= 0 && message->exited.code <= EXIT_CODE_MAX &&
			is_bool(&message->exited.core);
	if (message->kind == JAIL_MESSAGE_RENAMED)
		return message->renamed.result <= JAIL_RENAME_CONTINUE;
	if (message->kind == JAIL_MESSAGE_TOUCHED)
		return message->touched.result <= 0;
	if (message->kind == JAIL_MESSAGE_TOUCH)
		return message->touch.kind <= JAIL_TOUCH_TIMES && is_bool(&message->touch.follows);
	return true;
}

int jail_message_read(const struct channel_message *in, struct jail_message *ret)
{
	if (in->type >= JAIL_MESSAGE_KIND_COUNT || !kinds[in->type].name || !fds_fit(in->type, in->fd_count))
		return -EBADMSG;
	if (in->payload.len != ID_BYTES + kinds[in->type].body_bytes)
		return -EBADMSG;
	*ret = (struct jail_message){ .kind = in->type };
	memcpy(&ret->id, in->payload.data, in->payload.len);
	return texts_end(ret) && numbers_fit(ret) ? 0 : -EBADMSG;
}

void jail_fail(int fd, uint32_t id, enum jail_stage stage, const struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_FAILED, .id = id, .failed = { .stage = stage } };

	assert(err->code < 0);
	message.failed.error = *err;
	(void)jail_message_post(fd, &message, NULL, 0);
}
