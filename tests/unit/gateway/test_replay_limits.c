// SPDX-License-Identifier: Apache-2.0
/*
 * test_replay_limits.c - limits of the traffic, to the byte and to the nanosecond, in virtual time
 *
 * Port 9000 is one where anything may be spoken.
 */
#include "lib/gateway_world.h"

static const struct world_rule a_only[] = { { "a.example:9000" }, { 0 } };
static const struct world_rule a_and_b[] = { { "a.example:9000" }, { "b.example:9000" }, { 0 } };
static const struct world_rule a_http[] = { { "a.example:80" }, { 0 } };

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

TEST_MAIN()
