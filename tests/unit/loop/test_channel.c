// SPDX-License-Identifier: Apache-2.0
/*
 * test_channel.c - messages, descriptors, back pressure, and peers that do not keep to the protocol
 */
#include "lib/test.h"

#include "base/fd.h"
#include "loop/channel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop loop;
static struct channel left, right;
static size_t received, received_bytes;
static int end_reason = 1, left_end_reason = 1;

static void on_left(UNUSED struct channel *channel, const struct channel_message *message, int reason)
{
	if (message)
		return;
	left_end_reason = reason;
	loop_stop(&loop, 0);
}

static void on_right(UNUSED struct channel *channel, const struct channel_message *message, int reason)
{
	if (!message) {
		end_reason = reason;
		loop_stop(&loop, 0);
		return;
	}
	received++;
	received_bytes += message->payload.len;
	if (message->type == 2)
		loop_stop(&loop, 0);
	if (message->type == 3) {
		CHECK_INT(message->fd_count, 1);
		CHECK_INT(kern_write(message->fds[0], message->payload.data, message->payload.len),
			message->payload.len);
		loop_stop(&loop, 0);
	}
}

static void set_up(void)
{
	int fds[2];

	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(kern_sock_pair(fds), 0);
	CHECK_INT(channel_init(&left, &loop, fds[0], on_left), 0);
	CHECK_INT(channel_init(&right, &loop, fds[1], on_right), 0);
}

static void tear_down(void)
{
	channel_fini(&left);
	channel_fini(&right);
	loop_fini(&loop);
}

TEST(messages_keep_their_order_and_wait_for_a_slow_peer)
{
	static char payload[50000];

	set_up();
	/* Far more than a socket buffer holds: the rest waits in the queue. */
	for (int i = 0; i < 50; i++)
		CHECK_INT(channel_send(&left, 1, (struct str){ payload, sizeof(payload) }, NULL, 0), 0);
	CHECK(channel_queue_bytes(&left) > 0);
	CHECK_INT(channel_send(&left, 2, STR("end"), NULL, 0), 0);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(received, 51);
	CHECK_INT(received_bytes, 50 * 50000 + 3);
	CHECK_INT(channel_queue_bytes(&left), 0);
	tear_down();
}

TEST(a_peer_that_never_reads_is_cut_off)
{
	static char payload[CHANNEL_PAYLOAD_MAX];
	int r = 0;

	set_up();
	for (int i = 0; i < 1000 && !r; i++)
		r = channel_send(&left, 1, (struct str){ payload, sizeof(payload) }, NULL, 0);
	CHECK_INT(r, -ENOBUFS);
	CHECK_INT(channel_send(&left, 1, (struct str){ payload, sizeof(payload) + 1 }, NULL, 0), -EMSGSIZE);
	/* Both hear of it: the peer after all that was sent before, and the sender why. */
	CHECK_INT(channel_send(&left, 1, STR("later"), NULL, 0), -ENOBUFS);
	CHECK_INT(channel_queue_bytes(&left), 0);
	while (channel_is_open(&left) || channel_is_open(&right))
		CHECK_INT(loop_run(&loop), 0);
	CHECK(received > 0);
	CHECK_INT(end_reason, 0);
	CHECK_INT(left_end_reason, -ENOBUFS);
	tear_down();
}

TEST(descriptors_travel)
{
	int fds[2];
	char text[8] = "";

	set_up();
	CHECK_INT(kern_pipe2(fds, O_CLOEXEC), 0);
	CHECK_INT(channel_send(&left, 3, STR("hello"), &fds[1], 1), 0);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(kern_read(fds[0], text, sizeof(text)), 5);
	CHECK_TEXT(text, "hello");
	fd_close(fds[0]);
	fd_close(fds[1]);
	tear_down();
}

TEST(the_end_of_the_connection_is_told_once)
{
	set_up();
	channel_fini(&left);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(end_reason, 0);
	CHECK(!channel_is_open(&right));
	CHECK_INT(channel_send(&right, 1, STR(""), NULL, 0), -EPIPE);
	tear_down();
}

/* The kernel tells of what the peer left unread before it hands out what the peer had said. */
TEST(the_last_words_of_a_peer_are_heard_although_it_did_not_listen)
{
	set_up();
	CHECK_INT(channel_send(&right, 1, STR("never read"), NULL, 0), 0);
	CHECK_INT(channel_send(&left, 1, STR("last"), NULL, 0), 0);
	CHECK_INT(channel_send(&left, 1, STR("words"), NULL, 0), 0);
	channel_fini(&left);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(received, 2);
	CHECK_INT(end_reason, 0);
	tear_down();
}

TEST(the_last_words_of_a_peer_are_heard_although_something_waits_for_it)
{
	static char payload[50000];

	set_up();
	for (int i = 0; i < 50; i++)
		CHECK_INT(channel_send(&right, 1, (struct str){ payload, sizeof(payload) }, NULL, 0), 0);
	CHECK(channel_queue_bytes(&right) > 0);
	CHECK_INT(channel_send(&left, 1, STR("last words"), NULL, 0), 0);
	channel_fini(&left);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(received, 1);
	CHECK_INT(end_reason, 0);
	tear_down();
}

static void send_raw(const void *data, size_t len)
{
	set_up();
	CHECK_INT(kern_sock_send(left.fd, data, len, NULL, 0), 0);
	CHECK_INT(loop_run(&loop), 0);
	CHECK_INT(end_reason, -EPROTO);
	CHECK_INT(received, 0);
	tear_down();
}

TEST(a_packet_of_another_version_ends_the_connection)
{
	send_raw("\xff\0\x01\0\0\0\0\0", 8);
}

TEST(a_packet_whose_length_lies_ends_the_connection)
{
	send_raw("\x02\0\x01\0\x09\0\0\0x", 9);
}

TEST(a_packet_without_a_type_ends_the_connection)
{
	send_raw("\x02\0\0\0\0\0\0\0", 8);
}

TEST(a_packet_that_claims_descriptors_ends_the_connection)
{
	send_raw("\x02\x01\x01\0\0\0\0\0", 8);
}

/* More than a socket holds, from a process that ends behind it, to one that hears late of anything. */
TEST(the_last_words_of_a_peer_are_all_sent_and_all_heard)
{
	enum { COUNT = 300 };
	static char payload[9000];
	int fds[2], said[2], status;
	pid_t child;

	received = received_bytes = 0;
	CHECK_INT(kern_sock_pair(fds), 0);
	CHECK_INT(pipe(said), 0);
	child = fork();
	CHECK_INT(loop_init(&loop), 0);
	if (!child) {
		close(fds[0]);
		channel_init(&left, &loop, fds[1], on_left);
		for (int i = 0; i < COUNT; i++)
			(void)channel_send(&left, 1, (struct str){ payload, sizeof(payload) }, NULL, 0);
		if (!channel_queue_bytes(&left) || write(said[1], "", 1) != 1)
			_exit(99);
		_exit(-channel_finish(&left));
	}
	close(fds[1]);
	CHECK_INT(channel_init(&right, &loop, fds[0], on_right), 0);
	CHECK_INT(read(said[0], payload, 1), 1);
	while (waitpid(child, &status, WNOHANG) == 0)
		channel_hear_rest(&right);
	CHECK_INT(status, 0);
	channel_hear_rest(&right);
	CHECK_INT(received, COUNT);
	CHECK_INT(received_bytes, COUNT * sizeof(payload));
	CHECK(!channel_is_open(&right));
	channel_hear_rest(&right);
	close(said[0]);
	close(said[1]);
	loop_fini(&loop);
}

TEST(a_process_without_a_loop_waits_for_one_message)
{
	static const char wrong[8] = { 7 };
	struct channel_message message;
	int pair[2], fds[KERN_SOCK_FDS_MAX], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child;

	CHECK_INT(kern_sock_pair(pair), 0);
	child = fork();
	if (!child) {
		usleep(20000);
		_exit(channel_post(pair[1], 9, STR("words"), &null, 1) ? 1 : 0);
	}
	CHECK_INT(channel_wait(pair[0], &message, fds), 1);
	CHECK_INT(message.type, 9);
	CHECK(str_eq(message.payload, STR("words")));
	CHECK_INT(message.fd_count, 1);
	fd_close(fds[0]);
	CHECK_INT(waitpid(child, NULL, 0), child);
	CHECK_INT(kern_sock_send(pair[1], wrong, sizeof(wrong), &null, 1), 0);
	CHECK_INT(channel_wait(pair[0], &message, fds), -EPROTO);
	fd_close(pair[1]);
	CHECK_INT(channel_wait(pair[0], &message, fds), 0);
	fd_close(pair[0]);
	fd_close(null);
}

TEST_MAIN()
