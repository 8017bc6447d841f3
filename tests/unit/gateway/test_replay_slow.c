// SPDX-License-Identifier: Apache-2.0
/*
 * test_replay_slow.c - clients and servers that are slow, say nothing or are not there, in virtual time
 *
 * Port 9000 is one where anything may be spoken.
 */
#include "lib/gateway_world.h"

#include <stdio.h>

enum {
	BULK_BYTES = 16 << 20,
	HELD_BYTES_MAX = 3 << 20,	/* two sockets and a pipe */
};

static const struct world_rule a_only[] = { { "a.example:9000" }, { 0 } };
static const struct world_rule a_http[] = { { "a.example:80" }, { 0 } };

/* ---- slow ones ---- */

static char bulk[BULK_BYTES], got[BULK_BYTES + 1];

static void fill_bulk(void)
{
	for (size_t i = 0; i < sizeof(bulk); i++)
		bulk[i] = (char)((i * 2654435761u) >> 13);
}

/* Return: bytes that went before nothing more was taken */
static size_t say_until_full(struct party *party, size_t from)
{
	size_t done = from, n = 1;

	while (n && done < sizeof(bulk)) {
		n = say_bytes(party, bulk + done, sizeof(bulk) - done);
		done += n;
		world_pass(0);
	}
	return done;
}

/* A little at a time; all of it comes, in order. */
static void hear_slowly(struct party *reader, struct party *writer, size_t said)
{
	size_t have = 0;

	while (have < sizeof(bulk)) {
		size_t n = hear_bytes(reader, got + have, MIN(sizeof(bulk) - have, (size_t)100000));

		have += n;
		world_pass(100);
		if (said < sizeof(bulk))
			said = say_until_full(writer, said);
		CHECK(said - have <= HELD_BYTES_MAX);
		CHECK(n || said < sizeof(bulk) || have == sizeof(bulk));
	}
	CHECK(!memcmp(got, bulk, sizeof(bulk)));
}

TEST(a_client_that_reads_slowly_holds_its_server_back)
{
	struct party *client;
	size_t said;

	fill_bulk();
	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	said = say_until_full(server(0), 0);
	CHECK(said <= HELD_BYTES_MAX);
	world_pass(3600 * 1000);
	CHECK_INT(say_until_full(server(0), said), said);
	hear_slowly(client, server(0), said);
	CHECK_TEXT(world_story(), "0.000 allow tunnel a.example:9000 (#1)\n");
	world_end();
}

TEST(a_server_that_reads_slowly_holds_its_client_back)
{
	struct party *client;
	size_t said;

	fill_bulk();
	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	said = say_until_full(client, 0);
	CHECK(said <= HELD_BYTES_MAX);
	hear_slowly(server(0), client, said);
	world_end();
}

TEST(an_answer_that_is_read_slowly_is_whole)
{
	struct party *client;
	const char *head;
	size_t said, len;
	char text[512];

	fill_bulk();
	world_begin(a_http, NULL);
	client = proxy_client();
	say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass(0);
	CHECK(!strncmp(heard(server(0)), "GET / HTTP/1.1\r\n", 16));
	(void)snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof(bulk));
	say(server(0), text);
	world_pass(0);
	head = heard(client);
	len = strlen(head);
	CHECK(len > 4 && !strcmp(head + len - 4, "\r\n\r\n"));
	said = say_until_full(server(0), 0);
	CHECK(said <= HELD_BYTES_MAX);
	hear_slowly(client, server(0), said);
	world_end();
}

/* A letter a second is no reason to wait for ever. */
TEST(a_head_that_comes_a_letter_a_second_is_waited_for_half_a_minute)
{
	static const char head[] = "GET http://a.example/a/long/path/of/many/letters HTTP/1.1\r\n";
	struct party *client;
	const char *answer = "";

	world_begin(a_http, NULL);
	client = proxy_client();
	for (size_t i = 0; i < 30; i++) {
		CHECK_TEXT(heard(client), "");
		CHECK(!is_over(client));
		CHECK_INT(say_bytes(client, &head[i], 1), 1);
		world_pass(i < 29 ? 1000 : 999);
	}
	CHECK_TEXT(heard(client), "");
	world_pass(1);
	answer = heard(client);
	CHECK(!strncmp(answer, "HTTP/1.1 408 ", 13));
	world_pass(2000);
	CHECK(is_over(client));
	CHECK_INT(world.gateway.client_count, 0);
	CHECK_INT(world.server_count, 0);
	world_end();
}

TEST(who_says_nothing_at_all_hears_nothing)
{
	struct party *client;

	world_begin(a_http, NULL);
	client = proxy_client();
	world_pass(29999);
	CHECK(!is_over(client));
	world_pass(1);
	CHECK(is_over(client));
	world_end();
}

/* The second request of a connection has no more patience than the first. */
TEST(a_second_head_is_not_waited_for_longer_than_the_first)
{
	struct party *client;

	world_begin(a_http, NULL);
	client = proxy_client();
	say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass(0);
	say(server(0), "HTTP/1.1 204 No Content\r\n\r\n");
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 204 ", 13));
	world_pass(200 * 1000);
	CHECK(!is_over(client));
	say(client, "GET http://a.ex");
	world_pass(29999);
	CHECK_TEXT(heard(client), "");
	world_pass(1);
	CHECK(!strncmp(heard(client), "HTTP/1.1 408 ", 13));
	world_end();
}

/* ---- hosts that do not answer ---- */

TEST(a_host_that_cannot_be_connected_to_is_given_up_after_half_a_minute)
{
	struct party *client;

	world_begin(a_only, NULL);
	world.hosts = WORLD_STALLS;
	client = ask_tunnel("a.example:9000");
	world_pass(29999);
	CHECK_TEXT(heard(client), "");
	CHECK_TEXT(world_story(), "0.000 allow tunnel a.example:9000 (#1)\n");
	world_pass(1);
	CHECK(!strncmp(heard(client), "HTTP/1.1 504 ", 13));
	CHECK_TEXT(world_story(), "30.000 closed #1 sent 0 received 0, never connected, ETIMEDOUT\n");
	world_end();
}

TEST(a_host_that_refuses_says_so_at_once)
{
	struct party *client;

	world_begin(a_only, NULL);
	world.hosts = WORLD_REFUSES;
	client = ask_tunnel("a.example:9000");
	CHECK(!strncmp(heard(client), "HTTP/1.1 502 ", 13));
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"0.000 closed #1 sent 0 received 0, never connected, ECONNREFUSED\n");
	world_end();
}

TEST(a_server_that_never_answers_is_stopped_by_the_limit_of_idleness)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_IDLE] = 40 * NS_PER_SEC } };
	struct party *client;

	world_begin(a_http, &limits);
	client = proxy_client();
	say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass_ns(40 * NS_PER_SEC - 1);
	CHECK_TEXT(heard(client), "");
	(void)world_story();
	world_pass_ns(1);
	CHECK(!strncmp(heard(client), "HTTP/1.1 504 ", 13));
	CHECK_TEXT(world_story(),
		"40.000 closed #1 sent 35 received 0, ETIMEDOUT\n"
		"40.000 deny connect a.example:0 network/traffic.idle: a connection is closed when nothing was said for 40 seconds (traffic.idle) (1)\n");
	world_end();
}

TEST_MAIN()
