// SPDX-License-Identifier: Apache-2.0
/*
 * test_replay.c - what happens to connections, event by event, in virtual time
 *
 * Port 9000 is one where anything may be spoken.
 */
#include "lib/gateway_world.h"

#include <stdio.h>

enum {
	MANY = 500,
	BULK_BYTES = 16 << 20,
	HELD_BYTES_MAX = 3 << 20,	/* two sockets and a pipe */
};

static const struct world_rule a_only[] = { { "a.example:9000" }, { 0 } };
static const struct world_rule a_and_b[] = { { "a.example:9000" }, { "b.example:9000" }, { 0 } };
static const struct world_rule a_http[] = { { "a.example:80" }, { 0 } };

/* ---- life ---- */

TEST(a_tunnel_from_its_wish_to_its_end)
{
	struct party *client;

	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	CHECK_TEXT(server(0)->wanted, "20.0.0.1");
	world_pass(1000);
	say(client, "hello");
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "hello");
	leave(client);
	world_pass(0);
	CHECK(is_over(server(0)));
	leave(server(0));
	world_pass(0);
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"1.000 closed #1 sent 5 received 0\n");
	world_end();
}

/* ---- a rule that has an end ---- */

TEST(a_rule_ends_its_tunnel_at_its_time_and_not_before)
{
	static const struct world_rule rules[] = { { "a.example:9000", .ends_s = 10 }, { "b.example:9000" },
		{ 0 } };
	struct party *a, *b, *late;

	world_begin(rules, NULL);
	a = open_tunnel("a.example:9000");
	b = open_tunnel("b.example:9000");
	world_pass_ns(10 * NS_PER_SEC - 1);
	say(a, "still");
	(void)open_tunnel("a.example:9000");
	CHECK_TEXT(heard(server(0)), "still");
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"0.000 allow tunnel b.example:9000 (#2)\n"
		"9.999 allow tunnel a.example:9000 (#3)\n");
	world_pass_ns(1);
	CHECK_TEXT(world_story(),
		"10.000 closed #1 sent 5 received 0, EACCES, by a rule\n"
		"10.000 closed #3 sent 0 received 0, EACCES, by a rule\n");
	CHECK(is_over(a) && a->is_reset && server(0)->is_reset);
	CHECK(!is_over(b));
	late = ask_tunnel("a.example:9000");
	CHECK(!strncmp(heard(late), "HTTP/1.1 403 ", 13));
	CHECK_INT(world.server_count, 3);
	world_end();
}

/* ---- who closes first ---- */

TEST(the_client_says_no_more_and_hears_on)
{
	struct party *client;

	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	say(client, "all of it");
	shut(client);
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "all of it");
	CHECK(is_over(server(0)));
	world_pass(60 * 1000);
	say(server(0), "the answer");
	world_pass(0);
	CHECK_TEXT(heard(client), "the answer");
	CHECK(!is_over(client));
	CHECK_TEXT(world_story(), "0.000 allow tunnel a.example:9000 (#1)\n");
	leave(server(0));
	world_pass(0);
	CHECK(is_over(client) && !client->is_reset);
	CHECK_TEXT(world_story(), "60.000 closed #1 sent 9 received 10\n");
	world_end();
}

TEST(the_server_says_no_more_and_hears_on)
{
	struct party *client;

	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	say(server(0), "all I have");
	shut(server(0));
	world_pass(0);
	CHECK_TEXT(heard(client), "all I have");
	CHECK(is_over(client));
	world_pass(60 * 1000);
	say(client, "thanks");
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "thanks");
	CHECK(!is_over(server(0)));
	leave(client);
	world_pass(0);
	CHECK(is_over(server(0)) && !server(0)->is_reset);
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"60.000 closed #1 sent 6 received 10\n");
	world_end();
}

/* What was under way when both ended reaches them. */
TEST(both_say_no_more_at_the_same_time)
{
	struct party *client;

	world_begin(a_only, NULL);
	client = open_tunnel("a.example:9000");
	say(client, "bye");
	say(server(0), "good bye");
	shut(client);
	shut(server(0));
	world_pass(0);
	CHECK_TEXT(heard(client), "good bye");
	CHECK_TEXT(heard(server(0)), "bye");
	CHECK(is_over(client) && is_over(server(0)));
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"0.000 closed #1 sent 3 received 8\n");
	world_end();
}

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

/* ---- rules that change ---- */

TEST(a_change_in_mid_tunnel_ends_that_one_and_no_other)
{
	struct party *a, *b;

	world_begin(a_and_b, NULL);
	a = open_tunnel("a.example:9000");
	b = open_tunnel("b.example:9000");
	say(a, "one");
	say(b, "two");
	world_pass(5000);
	(void)world_story();
	world_change(NULL, 1);
	world_pass(0);
	/* The one end is told before the change is: it was in the same turn of the loop. */
	CHECK_TEXT(world_story(),
		"5.000 closed #1 sent 3 received 0, EACCES, by a rule\n"
		"5.000 changed 1, closed 1\n");
	CHECK(a->is_reset && server(0)->is_reset && is_over(a));
	say(b, " three");
	say(server(1), "four");
	world_pass(0);
	CHECK_TEXT(heard(server(1)), "two three");
	CHECK_TEXT(heard(b), "four");
	CHECK(!b->is_reset && !is_over(b));
	world_end();
}

/* Whoever is being connected hears why. */
TEST(a_change_while_it_is_connected_is_a_no)
{
	struct party *client;

	world_begin(a_only, NULL);
	world.hosts = WORLD_STALLS;
	client = ask_tunnel("a.example:9000");
	world_pass(1000);
	world_change(NULL, 1);
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 403 ", 13));
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"1.000 closed #1 sent 0 received 0, never connected, EACCES, by a rule\n"
		"1.000 deny tunnel a.example:9000 -: no entry of network.allow has a.example:9000 (1)\n"
		"1.000 changed 1, closed 1\n");
	world_end();
}

TEST(a_denial_wins_over_what_is_there)
{
	static const struct world_rule no[] = { { "!a.example:9000" }, { 0 } };
	struct party *a;

	world_begin(a_and_b, NULL);
	a = open_tunnel("a.example:9000");
	(void)open_tunnel("b.example:9000");
	(void)world_story();
	world_change(no, 0);
	world_pass(0);
	CHECK_TEXT(world_story(),
		"0.000 closed #1 sent 0 received 0, EACCES, by a rule\n"
		"0.000 changed 1, closed 1\n");
	CHECK(is_over(a));
	world_end();
}

/* ---- a person is asked ---- */

static const struct world_rule asks_a[] = {
	{ "a.example:9000" }, { "a.example:9000", .asks = true }, { 0 },
};

TEST(a_yes_lets_it_go_on)
{
	struct party *client;

	world_begin(asks_a, NULL);
	client = ask_tunnel("a.example:9000");
	world_pass(20 * 1000);
	CHECK_TEXT(heard(client), "");
	CHECK_INT(world.server_count, 0);
	world_change(a_only, 0);
	world_pass(0);
	CHECK_STR(str_from(heard(client)), STR("HTTP/1.1 200 Connection established\r\n\r\n"));
	CHECK_TEXT(world_story(),
		"0.000 ask a.example:9000 (?1)\n"
		"20.000 answer ?1 allowed\n"
		"20.000 allow tunnel a.example:9000 (#1)\n"
		"20.000 changed 1, closed 0\n");
	world_end();
}

TEST(a_no_is_one)
{
	static const struct world_rule no[] = { { "!a.example:9000" }, { 0 } };
	struct party *client;

	world_begin(asks_a, NULL);
	client = ask_tunnel("a.example:9000");
	world_pass(20 * 1000);
	world_change(no, 0);
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 403 ", 13));
	CHECK_INT(world.server_count, 0);
	CHECK_TEXT(world_story(),
		"0.000 ask a.example:9000 (?1)\n"
		"20.000 answer ?1 denied\n"
		"20.000 deny tunnel a.example:9000 !a.example:9000: it was denied while the session runs (here) (1)\n"
		"20.000 changed 1, closed 1\n");
	world_end();
}

TEST(nobody_answers_for_a_minute)
{
	struct party *client;

	world_begin(asks_a, NULL);
	client = ask_tunnel("a.example:9000");
	world_pass_ns(60 * NS_PER_SEC - 1);
	CHECK_TEXT(heard(client), "");
	CHECK_TEXT(world_story(), "0.000 ask a.example:9000 (?1)\n");
	world_pass_ns(1);
	CHECK(!strncmp(heard(client), "HTTP/1.1 403 ", 13));
	CHECK_INT(world.server_count, 0);
	CHECK_TEXT(world_story(),
		"60.000 answer ?1 late\n"
		"60.000 deny tunnel a.example:9000 a.example:9000: network.ask has it, and nobody said yes (here) (1)\n");
	world_end();
}

TEST(whoever_leaves_is_not_asked_about_any_more)
{
	struct party *client;

	world_begin(asks_a, NULL);
	client = ask_tunnel("a.example:9000");
	world_pass(1000);
	leave(client);
	world_pass(0);
	CHECK_TEXT(world_story(),
		"0.000 ask a.example:9000 (?1)\n"
		"1.000 answer ?1 gone\n");
	CHECK_INT(world.gateway.flow_count, 0);
	world_end();
}

/* ---- limits of the traffic ---- */

/* What CONNECT says, in three digits. */
static int tunnel_status(const char *target)
{
	const char *answer = heard(ask_tunnel(target));

	CHECK(!strncmp(answer, "HTTP/1.1 ", 9));
	return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + answer[11] - '0';
}

/* As many as are written, and then one more in each part of the minute, not a nanosecond earlier. */
TEST(as_many_connections_in_a_minute_as_are_written)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_CONNECTIONS] = 10 } };

	world_begin(a_and_b, &limits);
	for (int i = 0; i < 10; i++)
		CHECK_INT(tunnel_status(i & 1 ? "a.example:9000" : "b.example:9000"), 200);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	world_pass_ns(6 * NS_PER_SEC - 1);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	world_pass_ns(1);
	CHECK_INT(tunnel_status("a.example:9000"), 200);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	world_pass(600 * 1000);
	for (int i = 0; i < 10; i++)
		CHECK_INT(tunnel_status("b.example:9000"), 200);
	CHECK_INT(tunnel_status("b.example:9000"), 429);
	CHECK_INT(world.server_count, 21);
	world_end();
}

TEST(a_limit_of_a_host_is_each_hosts_own)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_HOST_CONNECTIONS] = 3 } };

	world_begin(a_and_b, &limits);
	for (int i = 0; i < 3; i++)
		CHECK_INT(tunnel_status("a.example:9000"), 200);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	for (int i = 0; i < 3; i++)
		CHECK_INT(tunnel_status("b.example:9000"), 200);
	CHECK_INT(tunnel_status("b.example:9000"), 429);
	world_pass(20 * 1000);
	CHECK_INT(tunnel_status("a.example:9000"), 200);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	world_end();
}

TEST(as_many_at_the_same_time_as_are_written)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_OPEN] = 3 } };
	struct party *clients[3];

	world_begin(a_only, &limits);
	for (int i = 0; i < 3; i++)
		clients[i] = open_tunnel("a.example:9000");
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	leave(clients[1]);
	leave(server(1));
	world_pass(0);
	CHECK_INT(tunnel_status("a.example:9000"), 200);
	CHECK_INT(tunnel_status("a.example:9000"), 429);
	world_end();
}

TEST(as_many_requests_in_a_minute_as_are_written)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_REQUESTS] = 4 } };
	struct party *client;

	world_begin(a_http, &limits);
	client = proxy_client();
	for (int i = 0; i < 4; i++) {
		say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
		world_pass(0);
		CHECK(!strncmp(heard(server(0)), "GET / HTTP/1.1\r\n", 16));
		say(server(0), "HTTP/1.1 204 No Content\r\n\r\n");
		world_pass(0);
		CHECK(!strncmp(heard(client), "HTTP/1.1 204 ", 13));
	}
	say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "");
	/* A quarter of a minute, and then it is there. */
	CHECK(strstr(heard(client), "Retry-After: 15\r\n"));
	world_pass(15 * 1000);
	client = proxy_client();
	say(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass(0);
	CHECK(!strncmp(heard(server(1)), "GET / HTTP/1.1\r\n", 16));
	world_end();
}

TEST(as_many_bytes_as_are_written_go_and_not_one_more)
{
	static const struct net_limits limits = {
		.values = { [NET_LIMIT_SENT] = 10, [NET_LIMIT_RECEIVED] = 5 }
	};
	struct party *client;

	world_begin(a_only, &limits);
	client = open_tunnel("a.example:9000");
	say(client, "12345");
	say(server(0), "abcde");
	world_pass(1000);
	CHECK_TEXT(heard(client), "abcde");
	say(client, "67890");
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "1234567890");
	CHECK(!is_over(client));
	say(client, "x");
	world_pass(0);
	CHECK(is_over(client) && client->is_reset);
	CHECK_TEXT(heard(server(0)), "");
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"1.000 deny connect session:0 network/traffic.sent: no more than 10 bytes may leave in this session (traffic.sent) (1)\n"
		"1.000 closed #1 sent 10 received 5, EDQUOT\n");
	world_end();
}

/* Whoever sends all that may be sent and ends there has broken no limit. */
TEST(the_last_byte_of_a_limit_and_an_end_is_no_breach)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_SENT] = 5 } };
	struct party *client;

	world_begin(a_only, &limits);
	client = open_tunnel("a.example:9000");
	say(client, "12345");
	shut(client);
	world_pass(0);
	CHECK_TEXT(heard(server(0)), "12345");
	leave(server(0));
	world_pass(0);
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"0.000 closed #1 sent 5 received 0\n");
	world_end();
}

TEST(a_tunnel_has_an_end_whatever_it_does)
{
	static const struct net_limits limits = { .values = { [NET_LIMIT_TIME] = 30 * NS_PER_SEC } };
	struct party *client;

	world_begin(a_only, &limits);
	client = open_tunnel("a.example:9000");
	for (int i = 0; i < 29; i++) {
		world_pass(1000);
		say(client, "x");
	}
	world_pass(999);
	CHECK(!is_over(client));
	world_pass(1);
	CHECK(is_over(client) && client->is_reset);
	world_end();
}

/* ---- the supervisor ---- */

TEST(nothing_goes_out_before_it_is_on_record)
{
	struct party *tunnel, *request, *direct;

	world_begin((const struct world_rule[]){ { "a.example:*" }, { "20.0.0.9:9000" }, { 0 } }, NULL);
	world.records = false;
	tunnel = ask_tunnel("a.example:9000");
	request = proxy_client();
	say(request, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n");
	direct = direct_client("20.0.0.9", 9000);
	say(direct, "early");
	world_pass(3600 * 1000);
	CHECK_INT(world.server_count, 0);
	CHECK_TEXT(heard(tunnel), "");
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel a.example:9000 (#1)\n"
		"0.000 allow connect 20.0.0.9:9000 (#2)\n"
		"0.000 allow request a.example:80 (#3)\n");
	world_record(1);
	world_pass(0);
	CHECK_INT(world.server_count, 1);
	CHECK_STR(str_from(heard(tunnel)), STR("HTTP/1.1 200 Connection established\r\n\r\n"));
	world_record(1);
	world_pass(0);
	CHECK_INT(world.server_count, 2);
	CHECK_TEXT(heard(server(1)), "early");
	world_record(1);
	world_pass(0);
	CHECK(!strncmp(heard(server(2)), "GET / HTTP/1.1\r\n", 16));
	world_end();
}

TEST(a_no_is_heard_when_it_is_on_record)
{
	struct party *client;

	world_begin(a_only, NULL);
	world.records = false;
	client = ask_tunnel("b.example:9000");
	world_pass(3600 * 1000);
	CHECK_TEXT(heard(client), "");
	world_record(1);
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 403 ", 13));
	world_end();
}

TEST(without_a_supervisor_there_is_no_gateway)
{
	struct party *waits, *open;

	world_begin(a_and_b, NULL);
	open = open_tunnel("a.example:9000");
	world.records = false;
	waits = ask_tunnel("b.example:9000");
	world_hang_up();
	world_pass(1000);
	CHECK(world.has_left);
	CHECK_INT(world.server_count, 1);
	gateway_close_all(&world.gateway);
	CHECK(is_over(open) && is_over(waits));
	world_end();
}

TEST(the_end_of_many_connections_is_told_of_each)
{
	struct party *clients[MANY];
	size_t closed = 0;

	world_begin((const struct world_rule[]){ { "20.0.0.0/8:9000" }, { 0 } }, NULL);
	for (size_t i = 0; i < MANY; i++) {
		char target[32];

		(void)snprintf(target, sizeof(target), "20.0.%zu.%zu:9000", i / 100, i % 100 + 1);
		clients[i] = open_tunnel(target);
		say(clients[i], "x");
	}
	world_pass(1000);
	(void)world_story();
	world_order(GATEWAY_MESSAGE_END);
	world_pass(0);
	CHECK(world.has_left);
	CHECK_INT(world.result, 0);
	channel_hear_rest(&world.supervisor);
	for (const char *at = world_story(); (at = strstr(at, "closed #")); at++)
		closed++;
	CHECK_INT(closed, MANY);
	CHECK_INT(world.summary.all.connections, MANY);
	CHECK_INT(world.summary.all.sent_bytes, MANY);
	for (size_t i = 0; i < MANY; i++)
		CHECK(is_over(clients[i]) && !clients[i]->is_reset);
	CHECK_INT(world.gateway.flow_count, 0);
	world_end();
}

TEST_MAIN()
