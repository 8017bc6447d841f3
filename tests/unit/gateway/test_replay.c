// SPDX-License-Identifier: Apache-2.0
/*
 * test_replay.c - what happens to connections, event by event, in virtual time
 *
 * Port 9000 is one where anything may be spoken. Who is slow or does not answer is in test_replay_slow.c,
 * limits of the traffic are in test_replay_limits.c.
 */
#include "lib/gateway_world.h"

#include <stdio.h>

enum {
	MANY = 500,
};

static const struct world_rule a_only[] = { { "a.example:9000" }, { 0 } };
static const struct world_rule a_and_b[] = { { "a.example:9000" }, { "b.example:9000" }, { 0 } };

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
	/* Their ends do not come, so that each is looked at a few times. */
	world_pass(500);
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
