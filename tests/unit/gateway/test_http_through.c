// SPDX-License-Identifier: Apache-2.0
/*
 * test_http_through.c - requests in the clear that another proxy serves: what it is sent, what its answers do
 *
 * The proxy is 20.0.0.9:3128, and whoever is connected to is it.
 */
#include "lib/gateway_world.h"

#include <string.h>

static const struct world_rule rules[] = { { "a.example:80" }, { "a.example:9000" }, { "b.example:80" },
	{ "c.example:9000/http" }, { 0 } };

static void begin(const char *authorization)
{
	struct upstream *upstream = &world.gateway.upstream;

	world_begin(rules, NULL);
	world.gateway.settings.proxy = (struct gateway_proxy){ .host = "20.0.0.9", .port = 3128,
		.authorization = authorization };
	*upstream = (struct upstream){ .is_there = true };
	CHECK_INT(net_address_read(STR("20.0.0.9"), &upstream->address), 0);
}

static struct party *ask(const char *text)
{
	struct party *client = proxy_client();

	say(client, text);
	world_pass(0);
	return client;
}

/* Whoever was connected to last says it. */
static void answer(const char *text)
{
	say(server(world.server_count - 1), text);
	world_pass(0);
}

#define GET_A "GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n"

TEST(each_request_is_asked_for_in_absolute_form)
{
	struct party *client;

	begin("Basic YTpi");
	client = ask(
		"GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nProxy-Authorization: Basic eA==\r\n\r\n");
	CHECK_TEXT(server(0)->wanted, "20.0.0.9");
	CHECK_TEXT(heard(server(0)), "GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n"
		"Via: 1.1 cordon\r\nProxy-Authorization: Basic YTpi\r\n\r\n");
	answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nProxy-Connection: keep-alive\r\n\r\nhi");
	CHECK_TEXT(heard(client), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
	say(client, "GET http://a.example/y HTTP/1.1\r\nHost: a.example\r\n\r\n");
	world_pass(0);
	CHECK(!strncmp(heard(server(0)), "GET http://a.example/y ", 23));
	answer("HTTP/1.1 204 No\r\n\r\n");
	/* Another host is judged and counted by itself. */
	say(client, "GET http://b.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n");
	world_pass(0);
	CHECK_INT(world.server_count, 2);
	CHECK(!strncmp(heard(server(1)), "GET http://b.example/ ", 22));
	world_end();
}

TEST(a_tunnel_to_where_http_has_to_be_spoken_is_no_tunnel_there)
{
	struct party *client;

	begin(NULL);
	client = open_tunnel("c.example:9000");
	CHECK_TEXT(heard(server(0)), "");
	say(client, "GET /x HTTP/1.1\r\nHost: c.example:9000\r\n\r\n");
	world_pass(0);
	CHECK_TEXT(heard(server(0)),
		"GET http://c.example:9000/x HTTP/1.1\r\nHost: c.example:9000\r\nVia: 1.1 cordon\r\n\r\n");
	world_end();
}

TEST(anything_else_and_a_websocket_go_by_connect)
{
	begin(NULL);
	(void)ask_tunnel("a.example:9000");
	CHECK_TEXT(heard(server(0)), "CONNECT a.example:9000 HTTP/1.1\r\nHost: a.example:9000\r\n\r\n");
	(void)ask(
		"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
	CHECK_TEXT(heard(server(1)), "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n");
	world_end();
}

TEST(a_websocket_does_not_follow_a_request_on_its_connection)
{
	struct party *client;

	begin(NULL);
	client = ask(GET_A);
	answer("HTTP/1.1 204 No\r\n\r\n");
	(void)heard(client);
	say(client,
		"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
	world_pass(0);
	(void)heard(server(0));
	CHECK(is_over(server(0)));
	CHECK(!strncmp(heard(server(1)), "CONNECT a.example:80 ", 21));
	world_end();
}

static const struct {
	const char *answer, *error, *why, *hint;
} own[] = {
	{ "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "EKEYREJECTED",
		"wants credentials", "file:PATH" },
	{ "HTTP/1.1 403 No\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 0\r\n\r\n", "EREMOTEIO",
		"refused it", "network.no_proxy" },
	{ "HTTP/1.1 502 No\r\nProxy-Status: corp; error=dns_error\r\n\r\n", "ENOLINK", "could not reach",
		"network.no_proxy" },
	{ "HTTP/1.1 504 No\r\nProxy-Status: corp;error=connection_timeout\r\n\r\n", "ENOLINK",
		"could not reach", "network.no_proxy" },
};

TEST(what_the_proxy_says_for_itself_is_said_by_us)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		struct party *client;
		const char *text, *story;

		begin(NULL);
		client = ask(GET_A);
		answer(own[i].answer);
		text = heard(client);
		CHECK(!strncmp(text, "HTTP/1.1 502 ", 13) && strstr(text, own[i].why) &&
			strstr(text, own[i].hint));
		CHECK(!strstr(text, "Proxy-Authenticate") && !strstr(text, "X-Squid"));
		story = world_story();
		CHECK(strstr(story, own[i].error));
		world_end();
	}
}

TEST(what_may_be_the_hosts_goes_on_with_a_note)
{
	static const char *const notes[][2] = {
		{ "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "Proxy-Status: cordon; details=" },
		{ "HTTP/1.1 503 No\r\nProxy-Status: corp; received-status=503\r\nContent-Length: 0\r\n\r\n",
			"Proxy-Status: cordon; details=" },
		{ "HTTP/1.1 404 No\r\nProxy-Status: xerror=1\r\nContent-Length: 0\r\n\r\n", NULL },
		{ "HTTP/1.1 200 OK\r\nX-Squid-Error: x\r\nContent-Length: 0\r\n\r\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct party *client;
		const char *text;

		begin(NULL);
		client = ask(GET_A);
		answer(notes[i][0]);
		text = heard(client);
		CHECK(!strncmp(text, notes[i][0], strlen("HTTP/1.1 ") + 3));
		CHECK_INT(!!strstr(text, "Proxy-Status"), !!notes[i][1]);
		CHECK(!notes[i][1] || strstr(text, notes[i][1]));
		world_end();
	}
}

/* It would be answered with what the proxy was sent. */
TEST(trace_gets_nowhere)
{
	struct party *client;

	begin("Basic YTpi");
	client = ask("TRACE http://a.example/ HTTP/1.1\r\nHost: a.example\r\nMax-Forwards: 0\r\n\r\n");
	CHECK(!strncmp(heard(client), "HTTP/1.1 405 ", 13));
	CHECK_INT(world.server_count, 0);
	world_end();
}

TEST_MAIN()
