// SPDX-License-Identifier: Apache-2.0
/*
 * test_replay_retry.c - a client that says its first message of TLS a second time, or something else, in
 * virtual time
 */
#include "lib/gateway_world.h"

#include <stdio.h>
#include <string.h>

#define HELLO(name) \
	"\x16\x03\x01\0\x41" "\x01\0\0\x3d" "\x03\x03" OTHER_RANDOM "\0" "\0\x02\x13\x01" "\x01\0" \
	"\0\x12" "\0\0\0\x0e\0\x0c\0\0\x09" name
#define ANSWER(random) "\x16\x03\x03\0\x2c" "\x02\0\0\x28" "\x03\x03" random "\0" "\x13\x01" "\0" "\0\0"
#define RETRY ANSWER("\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" \
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c")
#define OTHER_RANDOM "0123456789abcdef0123456789abcdef"
#define CHANGE "\x14\x03\x03\0\x01\x01"
#define EARLY "\x17\x03\x03\0\x05" "early"
#define WARNING "\x15\x03\x03\0\x02\x01\x70"
#define FATAL "\x15\x03\x03\0\x02\x02\x28"
#define ALERT_NAME "\x15\x03\x03\0\x02\x02\x70"
#define ALLOWED "0.000 allow tunnel a.example:443 (#1)\n"
#define DENIED(time, why) time " deny tunnel a.example:443 network/tls: " why " (1)\n"

static const struct world_rule a_tls[] = { { "a.example:443/tls" }, { 0 } };

static void tell(struct party *party, struct str bytes)
{
	CHECK_INT(say_bytes(party, bytes.data, bytes.len), bytes.len);
	world_pass(0);
}

/* Just these bytes came to it since the last time. */
static void check_heard(struct party *party, struct str wanted)
{
	char got[512];
	size_t n = hear_bytes(party, got, sizeof(got));

	CHECK_INT(n, wanted.len);
	CHECK(!memcmp(got, wanted.data, wanted.len));
}

/* A tunnel whose client has said its hello. */
static struct party *begin(void)
{
	struct party *client;

	world_begin(a_tls, NULL);
	client = open_tunnel("a.example:443");
	tell(client, STR(HELLO("a.example")));
	check_heard(server(0), STR(HELLO("a.example")));
	return client;
}

TEST(bytes_go_both_ways_behind_a_servers_hello)
{
	struct party *client = begin();

	tell(server(0), STR(ANSWER(OTHER_RANDOM) "and more"));
	check_heard(client, STR(ANSWER(OTHER_RANDOM) "and more"));
	tell(client, STR("anything"));
	check_heard(server(0), STR("anything"));
	CHECK_TEXT(world_story(), ALLOWED);
	world_end();
}

TEST(an_answer_in_pieces)
{
	static const struct str answer = STR(ANSWER(OTHER_RANDOM));
	struct party *client = begin();

	for (size_t i = 0; i < 42; i++) {
		tell(server(0), (struct str){ answer.data + i, 1 });
		check_heard(client, STR(""));
	}
	tell(server(0), (struct str){ answer.data + 42, 1 });
	check_heard(client, (struct str){ answer.data, 43 });
	tell(server(0), (struct str){ answer.data + 43, answer.len - 43 });
	check_heard(client, (struct str){ answer.data + 43, answer.len - 43 });
	world_end();
}

TEST(what_is_said_ahead_waits_for_the_answer)
{
	struct party *client = begin();

	tell(client, STR(EARLY));
	check_heard(server(0), STR(""));
	tell(server(0), STR(ANSWER(OTHER_RANDOM)));
	check_heard(server(0), STR(EARLY));
	world_end();
}

TEST(a_second_hello_for_the_same_host)
{
	struct party *client = begin();

	tell(client, STR(EARLY));
	tell(server(0), STR(RETRY CHANGE));
	check_heard(client, STR(RETRY CHANGE));
	check_heard(server(0), STR(""));
	world_end();

	client = begin();
	tell(server(0), STR(RETRY));
	tell(client, STR(CHANGE EARLY HELLO("a.example")));
	check_heard(server(0), STR(CHANGE EARLY HELLO("a.example")));
	tell(server(0), STR(ANSWER(OTHER_RANDOM)));
	tell(client, STR("anything"));
	check_heard(server(0), STR("anything"));
	CHECK_TEXT(world_story(), ALLOWED);
	world_end();
}

TEST(a_second_hello_for_another_host)
{
	static const struct str answers[] = {
		STR(RETRY), STR(WARNING RETRY),
		STR(WARNING WARNING WARNING WARNING WARNING WARNING WARNING RETRY),
		STR("HTTP/1.1 400 Bad Request\r\n\r\n"), STR("\x16\x03\x03\0\x01\x02"),
	};
	static const struct str hellos[] = {
		STR(HELLO("b.example")), STR(CHANGE HELLO("b.example")),
		STR(WARNING EARLY CHANGE HELLO("b.example")),
	};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		for (size_t j = 0; j < ARRAY_SIZE(hellos); j++) {
			struct party *client = begin();

			tell(server(0), answers[i]);
			check_heard(client, answers[i]);
			tell(client, hellos[j]);
			check_heard(server(0), STR(""));
			check_heard(client, STR(ALERT_NAME));
			CHECK(is_over(client) && is_over(server(0)));
			CHECK(strstr(world_story(),
				DENIED("0.000",
					"the TLS hello names another host than the one that "
					"was connected to")));
			world_end();
		}
}

TEST(something_else_than_a_second_hello)
{
	struct party *client = begin();

	tell(server(0), STR("HTTP/1.1 400 Bad Request\r\n\r\n"));
	tell(client, STR("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n"));
	check_heard(server(0), STR(""));
	CHECK(strstr(world_story(), DENIED("0.000", "it is not TLS, which has to be spoken here")));
	world_end();
}

TEST(who_is_told_to_try_again_may_leave)
{
	static const struct str answers[] = { STR(RETRY), STR("HTTP/1.1 400 Bad Request\r\n\r\n"),
		STR(FATAL) };
	static const struct str words[] = { STR(""), STR(FATAL), STR(CHANGE FATAL), STR("\x15\x03") };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
			struct party *client = begin();
			char wanted[128];

			tell(server(0), answers[i]);
			/* Behind an alert of a server that stays, its hello may come. */
			if (i == 2)
				shut(server(0));
			world_pass(0);
			CHECK_INT(say_bytes(client, words[j].data, words[j].len), words[j].len);
			shut(client);
			world_pass(0);
			check_heard(server(0), words[j]);
			leave(server(0));
			world_pass(0);
			(void)snprintf(wanted, sizeof(wanted),
				ALLOWED "0.000 closed #1 sent %zu received %zu\n",
				STR(HELLO("a.example")).len + words[j].len, answers[i].len);
			CHECK_TEXT(world_story(), wanted);
			world_end();
		}
}

TEST(who_does_not_wait_for_an_answer)
{
	struct party *client = begin();

	shut(client);
	world_pass(0);
	CHECK(is_over(server(0)));
	leave(server(0));
	world_pass(0);
	CHECK_TEXT(world_story(), ALLOWED "0.000 closed #1 sent 70 received 0\n");
	world_end();

	/* What it has said ahead is held, and it costs nothing that it has left. */
	client = begin();
	tell(client, STR(HELLO("b.example")));
	shut(client);
	world_pass(1000);
	check_heard(server(0), STR(""));
	CHECK(!is_over(server(0)));
	tell(server(0), STR(RETRY));
	check_heard(server(0), STR(""));
	CHECK(strstr(world_story(),
		DENIED("1.000", "the TLS hello names another host than the one that was connected to")));
	world_end();
}

TEST(a_server_that_leaves_without_an_answer)
{
	struct party *client = begin();

	leave(server(0));
	world_pass(0);
	CHECK(is_over(client));
	leave(client);
	world_pass(0);
	CHECK(!strstr(world_story(), "deny"));
	world_end();
}

TEST(a_second_hello_that_does_not_come)
{
	(void)begin();
	tell(server(0), STR(RETRY));
	world_pass(31 * 1000);
	CHECK(is_over(server(0)));
	CHECK(strstr(world_story(), DENIED("30.000", "no TLS hello came in time")));
	world_end();
}

TEST_MAIN()
