// SPDX-License-Identifier: Apache-2.0
/*
 * test_relay.c - bytes both ways: all of them, in order, whoever ends first, whoever does not read
 */
#include "lib/test.h"

#include "base/fd.h"
#include "base/time.h"
#include "roles/gateway/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum {
	LONG_BYTES = 5 << 20,
	PIECE_BYTES = 7777,
};

static struct loop loop;
static struct relay_pipes pipes;
static struct relay relay;
static int outer[2], inner[2];		/* outer[i] is the far end of inner[i] */
static int ended = 1;

static void over(UNUSED struct relay *the, int error)
{
	ended = error;
	loop_stop(&loop, 0);
}

static void stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(&loop, 0);
}

/* Lets the relay do what can be done now. */
static void turn(void)
{
	struct loop_timer timer = { 0 };

	loop_set_timer(&loop, &timer, loop.now_ns + 5 * NS_PER_MS, stop);
	CHECK_INT(loop_run(&loop), 0);
	loop_remove_timer(&timer);
}

static void set_up(void)
{
	/* as in the gateway: who writes hears of it by an errno */
	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	CHECK_INT(loop_init(&loop), 0);
	for (int i = 0; i < 2; i++) {
		int pair[2];

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
		outer[i] = pair[0];
		inner[i] = pair[1];
	}
	CHECK_INT(relay_start(&relay, &loop, &pipes, inner, over), 0);
}

static void tear_down(void)
{
	relay_fini(&relay);
	relay_pipes_fini(&pipes);
	for (int i = 0; i < 2; i++) {
		fd_close(outer[i]);
		fd_close(inner[i]);
	}
	loop_fini(&loop);
}

static void say(int side, const char *text)
{
	CHECK_INT(write(outer[side], text, strlen(text)), strlen(text));
}

/* What came to a side, which may be nothing. */
static void expect(int side, const char *wanted)
{
	char got[64] = { 0 };
	ssize_t n;

	turn();
	n = read(outer[side], got, sizeof(got) - 1);
	CHECK_INT(MAX(n, (ssize_t)0), strlen(wanted));
	CHECK_TEXT(got, wanted);
}

static bool at_end(int side)
{
	char byte;

	turn();
	return !read(outer[side], &byte, 1);
}

TEST(both_ways)
{
	set_up();
	say(0, "there");
	expect(1, "there");
	say(1, "and back");
	expect(0, "and back");
	CHECK_INT(relay.ways[0].moved_bytes, 5);
	CHECK_INT(relay.ways[1].moved_bytes, 8);
	tear_down();
}

static uint64_t left[2], moved[2];

static uint64_t how_much(UNUSED struct relay *the, size_t i)
{
	return left[i];
}

static void count(UNUSED struct relay *the, size_t i, uint64_t bytes)
{
	CHECK(bytes <= left[i]);
	left[i] -= bytes;
	moved[i] += bytes;
}

static const struct relay_meter meter = { how_much, count };

TEST(exactly_as_many_bytes_as_may_go)
{
	set_up();
	relay.meter = &meter;
	left[0] = 8;
	left[1] = 5;
	say(0, "12345");
	expect(1, "12345");
	say(1, "abc");
	expect(0, "abc");
	say(0, "6789");
	/* what may go has gone before it ends */
	expect(1, "678");
	CHECK_INT(ended, -EDQUOT);
	CHECK_INT(moved[0], 8);
	CHECK_INT(moved[1], 3);
	tear_down();
}

TEST(all_used_up_and_an_orderly_end)
{
	set_up();
	relay.meter = &meter;
	left[0] = 5;
	left[1] = 0;
	say(0, "12345");
	expect(1, "12345");
	CHECK_INT(shutdown(outer[0], SHUT_WR), 0);
	CHECK(at_end(1));
	CHECK_INT(ended, 1);
	CHECK_INT(shutdown(outer[1], SHUT_WR), 0);
	CHECK(at_end(0));
	CHECK_INT(ended, 0);
	tear_down();
}

/* Many at once: what is taken is never more than what is left. */
TEST(a_long_piece)
{
	static char bytes[100 * 1000], in[sizeof(bytes)];

	set_up();
	relay.meter = &meter;
	left[1] = 77777;
	CHECK_INT(write(outer[1], bytes, sizeof(bytes)), sizeof(bytes));
	turn();
	CHECK_INT(ended, -EDQUOT);
	CHECK_INT(moved[1], 77777);
	CHECK_INT(read(outer[0], in, sizeof(in)), 77777);
	tear_down();
}

TEST(an_idle_one_has_no_pipe)
{
	set_up();
	say(0, "x");
	expect(1, "x");
	CHECK_INT(relay.ways[0].pipe[0], -1);
	CHECK_INT(pipes.count, 1);
	say(1, "y");
	expect(0, "y");
	CHECK_INT(pipes.count, 1);
	tear_down();
}

static void half_close(int first)
{
	set_up();
	say(first, "last words");
	CHECK_INT(shutdown(outer[first], SHUT_WR), 0);
	expect(!first, "last words");
	CHECK(at_end(!first));
	CHECK_INT(ended, 1);
	say(!first, "still here");
	expect(first, "still here");
	CHECK_INT(shutdown(outer[!first], SHUT_WR), 0);
	CHECK(at_end(first));
	CHECK_INT(ended, 0);
	tear_down();
}

TEST(the_client_ends_first)
{
	half_close(0);
}

TEST(the_server_ends_first)
{
	half_close(1);
}

/* One side sends as fast as it can, the other reads slowly: nothing is lost, and the sender has to wait. */
TEST(a_slow_reader)
{
	static char out[PIECE_BYTES], in[PIECE_BYTES];
	size_t sent = 0, got = 0;
	bool waited = false;

	set_up();
	while (got < LONG_BYTES) {
		while (sent < LONG_BYTES) {
			size_t len = MIN(sizeof(out), LONG_BYTES - sent);
			ssize_t n;

			for (size_t i = 0; i < len; i++)
				out[i] = (char)((sent + i) % 251);
			n = write(outer[0], out, len);
			if (n < 0) {
				waited = true;
				break;
			}
			sent += (size_t)n;
		}
		turn();
		for (int i = 0; i < 20; i++) {
			ssize_t n = read(outer[1], in, sizeof(in));

			for (ssize_t at = 0; at < n; at++)
				CHECK_INT((unsigned char)in[at], (got + (size_t)at) % 251);
			got += n > 0 ? (size_t)n : 0;
		}
	}
	CHECK(waited);
	CHECK_INT(relay.ways[0].moved_bytes, LONG_BYTES);
	CHECK_INT(ended, 1);
	tear_down();
}

/* What was sent arrives, although its sender is gone altogether and the reader takes its time. */
TEST(a_sender_that_closed)
{
	static char bytes[1 << 20], in[1 << 16];
	size_t sent = 0, got = 0;
	ssize_t n;

	set_up();
	for (;;) {
		n = write(outer[0], bytes, sizeof(bytes));
		if (n < 0)
			break;
		sent += (size_t)n;
		turn();
	}
	outer[0] = fd_close(outer[0]);
	for (int i = 0; i < 500 && ended == 1; i++) {
		turn();
		n = read(outer[1], in, sizeof(in));
		got += n > 0 ? (size_t)n : 0;
		if (!n)
			break;
	}
	CHECK_INT(got, sent);
	tear_down();
}

TEST(a_reader_that_closed)
{
	static char bytes[1 << 16];

	set_up();
	outer[1] = fd_close(outer[1]);
	for (int i = 0; i < 100 && ended == 1; i++) {
		(void)send(outer[0], bytes, sizeof(bytes), MSG_NOSIGNAL);
		turn();
	}
	CHECK(ended <= 0);
	CHECK_INT(relay.sides[0].io.loop == NULL, true);
	tear_down();
}

/* Fills the client's side with what nobody has relayed, and closes it. Return: how much it was */
static size_t leave_much(void)
{
	static char bytes[64 << 10];
	size_t sum = 0;
	ssize_t n;

	while ((n = write(outer[0], bytes, sizeof(bytes))) > 0)
		sum += (size_t)n;
	outer[0] = fd_close(outer[0]);
	return sum;
}

TEST(what_was_sent_before_the_end_goes_out_to_one_that_reads_slowly)
{
	char bytes[4096];
	size_t sent, got = 0;
	ssize_t n;
	int result[2];
	pid_t child;

	set_up();
	/* The other side has said something, and has no room: it is full before. */
	say(1, "nobody reads this");
	while (write(inner[1], bytes, sizeof(bytes)) > 0)
		;
	sent = leave_much();
	CHECK(sent > sizeof(bytes));
	CHECK_INT(pipe(result), 0);
	child = fork();
	if (!child) {
		fd_close(inner[1]);
		(void)usleep(50000);
		while ((n = read(outer[1], bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EAGAIN)) {
			got += (size_t)MAX(n, (ssize_t)0);
			(void)usleep(100);
		}
		_exit(write(result[1], &got, sizeof(got)) != sizeof(got) || n);
	}
	outer[1] = fd_close(outer[1]);
	while (relay_finish(&relay) == -EAGAIN)
		(void)usleep(1000);
	CHECK_INT(relay_finish(&relay), 0);
	CHECK_INT(recv(inner[1], bytes, sizeof(bytes), MSG_DONTWAIT), -1);
	tear_down();
	CHECK_INT(read(result[0], &got, sizeof(got)), sizeof(got));
	CHECK(got > sent);
	fd_close(result[0]);
	fd_close(result[1]);
	(void)child;
}

TEST(one_that_does_not_read_keeps_nobody_waiting)
{
	char bytes[4096];

	set_up();
	while (write(inner[1], bytes, sizeof(bytes)) > 0)
		;
	CHECK(leave_much() > 0);
	CHECK_INT(relay_finish(&relay), -EAGAIN);
	CHECK_INT(relay_finish(&relay), -EAGAIN);
	outer[1] = fd_close(outer[1]);
	CHECK_INT(relay_finish(&relay), -EPIPE);
	tear_down();
}

TEST(a_client_that_is_still_there_keeps_nobody)
{
	char bytes[16];

	set_up();
	say(0, "hello");
	for (int i = 0; i < RELAY_QUIET_LOOKS; i++)
		CHECK_INT(relay_finish(&relay), -EAGAIN);
	CHECK_INT(relay_finish(&relay), 0);
	CHECK_INT(read(outer[1], bytes, sizeof(bytes)), 5);
	tear_down();
}

TEST(what_comes_between_two_looks_still_goes)
{
	char bytes[16];

	set_up();
	say(0, "hello");
	CHECK_INT(relay_finish(&relay), -EAGAIN);
	say(0, " you");
	CHECK_INT(relay_finish(&relay), -EAGAIN);
	outer[0] = fd_close(outer[0]);
	CHECK_INT(relay_finish(&relay), 0);
	CHECK_INT(read(outer[1], bytes, sizeof(bytes)), 9);
	CHECK_INT(read(outer[1], bytes, sizeof(bytes)), 0);
	tear_down();
}

TEST_MAIN()
