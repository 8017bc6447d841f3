// SPDX-License-Identifier: Apache-2.0
/*
 * test_messages.c - what is taken for a message, and what ends the connection
 */
#include "jail/messages.h"
#include "lib/test.h"

#include <errno.h>
#include <unistd.h>

static struct {
	struct loop loop;
	struct channel channel;
	struct jail_message got;
	int result;
	size_t fd_count;
} peer;

static void take(UNUSED struct channel *channel, const struct channel_message *in, int reason)
{
	peer.result = in ? jail_message_read(in, &peer.got) : reason ? reason : -EPIPE;
	peer.fd_count = in ? in->fd_count : 0;
	loop_stop(&peer.loop, 0);
}

static void receive(int fd)
{
	CHECK_INT(loop_init(&peer.loop), 0);
	CHECK_INT(channel_init(&peer.channel, &peer.loop, fd, take), 0);
	CHECK_INT(loop_run(&peer.loop), 0);
	channel_fini(&peer.channel);
	loop_fini(&peer.loop);
}

TEST(a_failure_arrives_whole)
{
	struct error err = ERROR_INIT;
	int pair[2];

	(void)error_sys(&err, -ENOENT, "looking for it");
	error_hint(&err, "look elsewhere");
	CHECK_INT(kern_sock_pair(pair), 0);
	jail_fail(pair[0], 7, JAIL_STAGE_EXEC, &err);
	receive(pair[1]);
	CHECK_INT(peer.result, 0);
	CHECK_INT(peer.got.kind, JAIL_MESSAGE_FAILED);
	CHECK_INT(peer.got.id, 7);
	CHECK_INT(peer.got.failed.stage, JAIL_STAGE_EXEC);
	CHECK_TEXT(peer.got.failed.error.text, err.text);
	CHECK_TEXT(peer.got.failed.error.hint, "look elsewhere");
	close(pair[0]);
}

TEST(descriptors_come_along)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_TTY };
	int pair[2];

	CHECK_INT(kern_sock_pair(pair), 0);
	CHECK_INT(jail_message_post(pair[0], &message, (int[]){ 1 }, 1), 0);
	receive(pair[1]);
	CHECK_INT(peer.result, 0);
	CHECK_INT(peer.fd_count, 1);
	close(pair[0]);
}

static int read_raw(unsigned type, const void *data, size_t len, size_t fd_count)
{
	struct channel_message in = { .type = type, .payload = { data, len }, .fd_count = fd_count };

	return jail_message_read(&in, &peer.got);
}

TEST(what_does_not_fit_its_kind_is_refused)
{
	struct jail_message message = { 0 };
	size_t exited = 4 + sizeof(struct jail_exited);

	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, exited, 0), 0);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, exited - 1, 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, exited + 1, 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, exited, 1), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_CREATED, &message.id, 4 + sizeof(struct jail_created), 3), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXEC, &message.id, 4, 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXEC, &message.id, 4, 3), 0);
	CHECK_INT(read_raw(JAIL_MESSAGE_INVALID, &message.id, 4, 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_KIND_COUNT, &message.id, 4, 0), -EBADMSG);
	CHECK_INT(read_raw(60000, &message.id, 4, 0), -EBADMSG);
}

TEST(text_that_does_not_end_is_refused)
{
	struct jail_message message = { .failed.error.code = -EIO };

	CHECK_INT(read_raw(JAIL_MESSAGE_FAILED, &message.id, 4 + sizeof(message.failed), 0), 0);
	memset(message.failed.error.text, 'x', sizeof(message.failed.error.text));
	CHECK_INT(read_raw(JAIL_MESSAGE_FAILED, &message.id, 4 + sizeof(message.failed), 0), -EBADMSG);
	memset(&message, 0, sizeof(message));
	memset(message.rename.to, 'x', sizeof(message.rename.to));
	CHECK_INT(read_raw(JAIL_MESSAGE_RENAME, &message.id, 4 + sizeof(message.rename), 2), -EBADMSG);
	memset(&message, 0, sizeof(message));
	memset(message.touched.path, 'x', sizeof(message.touched.path));
	CHECK_INT(read_raw(JAIL_MESSAGE_TOUCHED, &message.id, 4 + sizeof(message.touched), 0), -EBADMSG);
}

TEST(numbers_that_mean_nothing_are_refused)
{
	struct jail_message message = { .failed = { .stage = 2, .error.code = -EIO } };
	unsigned char two = 2;

	CHECK_INT(read_raw(JAIL_MESSAGE_FAILED, &message.id, 4 + sizeof(message.failed), 0), -EBADMSG);
	/* A failure without an error would be none. */
	message.failed = (struct jail_failed){ 0 };
	CHECK_INT(read_raw(JAIL_MESSAGE_FAILED, &message.id, 4 + sizeof(message.failed), 0), -EBADMSG);
	memset(&message, 0, sizeof(message));
	CHECK_INT(read_raw(JAIL_MESSAGE_SIGNAL, &message.id, 4 + sizeof(message.signal), 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_STOPPED, &message.id, 4 + sizeof(message.stopped), 0), -EBADMSG);
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, 4 + sizeof(message.exited), 0), 0);
	memcpy(&message.exited.core, &two, sizeof(two));
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, 4 + sizeof(message.exited), 0), -EBADMSG);
	message.exited = (struct jail_exited){ .code = 256 };
	CHECK_INT(read_raw(JAIL_MESSAGE_EXITED, &message.id, 4 + sizeof(message.exited), 0), -EBADMSG);
	message.touch = (struct jail_touch){ .kind = 2 };
	CHECK_INT(read_raw(JAIL_MESSAGE_TOUCH, &message.id, 4 + sizeof(message.touch), 1), -EBADMSG);
	message.renamed = (struct jail_renamed){ .result = 2 };
	CHECK_INT(read_raw(JAIL_MESSAGE_RENAMED, &message.id, 4 + sizeof(message.renamed), 0), -EBADMSG);
	message.touched = (struct jail_touched){ .result = -EPERM };
	CHECK_INT(read_raw(JAIL_MESSAGE_TOUCHED, &message.id, 4 + sizeof(message.touched), 0), 0);
	message.touched.result = 1;
	CHECK_INT(read_raw(JAIL_MESSAGE_TOUCHED, &message.id, 4 + sizeof(message.touched), 0), -EBADMSG);
}

TEST(names_are_known)
{
	CHECK_TEXT(jail_message_name(JAIL_MESSAGE_GONE), "GONE");
	CHECK_TEXT(jail_message_name(JAIL_MESSAGE_INVALID), "unknown");
	CHECK_TEXT(jail_message_name((enum jail_message_kind)999), "unknown");
	CHECK_TEXT(jail_mechanism_name(JAIL_BY_CGROUP2), "cgroup2");
	CHECK_TEXT(jail_mechanism_name((enum jail_mechanism)99), "unknown");
}

TEST_MAIN()
