// SPDX-License-Identifier: Apache-2.0
/*
 * test_refused.c - what the gateway says no to: in which words, to whom, and how often the ledger hears of it
 */
#include "lib/gateway_world.h"

#include "run/gateway_hint.h"
#include "roles/gateway/limit.h"

#include <errno.h>
#include <stdio.h>

static const struct world_rule a_http[] = { { "a.example:80" }, { 0 } };

static void check_story(const char *which, const char *why)
{
	char wanted[512];

	(void)snprintf(wanted, sizeof(wanted), "0.000 deny %s: %s (1)\n", which, why);
	CHECK_TEXT(world_story(), wanted);
}

/* ---- heads that are none ---- */

TEST(a_head_that_cannot_be_read_is_in_the_ledger)
{
	static const struct {
		const char *head, *status, *why;
	} rows[] = {
		{ "GET  /\r\n\r\n", "400", "the first line does not end in a version of HTTP" },
		{ "GET / HTTP/1.1\r\nHost: a.example\n\r\n", "400", "a line ends in LF without CR" },
		{ "GET http://a.example/ HTTP/1.1\r\n\r\n", "400", "there is no Host" },
		{ "GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n", "400",
			"the target and Host name different hosts" },
		{ "GET http://a.example/ HTTP/3.0\r\nHost: a.example\r\n\r\n", "505",
			"only HTTP/1.1 and HTTP/1.0 are spoken here" },
		{ "POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\n"
			"Transfer-Encoding: chunked\r\n\r\n", "400",
			"Content-Length and Transfer-Encoding exclude each other" },
		{ "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\nearly", "400",
			"bytes came before the tunnel was there" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct party *client;
		const char *answer;

		world_begin(a_http, NULL);
		client = proxy_client();
		say(client, rows[i].head);
		world_pass(0);
		answer = heard(client);
		CHECK(!strncmp(answer, "HTTP/1.1 ", 9) && !strncmp(answer + 9, rows[i].status, 3));
		CHECK(strstr(answer, rows[i].why) && strstr(answer, "\"decision\":\"d-"));
		check_story("request proxy:0 network/http", rows[i].why);
		CHECK_INT(world.server_count, 0);
		world_end();
	}
}

/* Who believes to be connected to a server is told apart by that. */
TEST(a_head_to_a_server_names_it)
{
	struct party *client;

	world_begin((const struct world_rule[]){ { "20.0.0.9:80" }, { 0 } }, NULL);
	client = direct_client("20.0.0.9", 80);
	say(client, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 405 ", 13));
	CHECK_TEXT(world_story(), "0.000 deny request 20.0.0.9:80 network/http: "
		"there is no tunnel within a connection to a server (1)\n");
	world_end();
}

/* ---- SOCKS ---- */

static void check_socks(const char *bytes, size_t len, const char *answer, size_t answer_len, const char *why)
{
	struct party *client;
	char got[64];

	world_begin(a_http, NULL);
	client = proxy_client();
	CHECK_INT(say_bytes(client, bytes, len), len);
	world_pass(0);
	CHECK_INT(hear_bytes(client, got, sizeof(got)), answer_len);
	CHECK(!memcmp(got, answer, answer_len));
	CHECK(client->has_ended);
	check_story("socks proxy:0 network/socks", why);
	CHECK_INT(world.server_count, 0);
	CHECK_INT(world.gateway.client_count, 0);
	world_end();
}

TEST(socks_4_is_refused_in_its_own_words)
{
	static const char four[] = { 4, 1, 0, 80, 20, 0, 0, 1, 'm', 'e', 0 };
	static const char four_a[] = { 4, 1, 0, 80, 0, 0, 0, 1, 0, 'a', '.', 'e', 'x', 'a', 'm', 'p', 'l',
		'e', 0 };
	static const char answer[8] = { 0, 91 };

	check_socks(four, sizeof(four), answer, sizeof(answer), "SOCKS 4 is not spoken here, and SOCKS 5 is");
	check_socks(four_a, sizeof(four_a), answer, sizeof(answer),
		"SOCKS 4 is not spoken here, and SOCKS 5 is");
}

TEST(socks_5_that_is_none_is_in_the_ledger)
{
	static const char password[] = { 5, 1, 2 };
	static const char nothing[] = { 5, 0 };

	check_socks(password, sizeof(password), "\x05\xff", 2,
		"the client wants to say who it is, and nobody asks");
	check_socks(nothing, sizeof(nothing), "\x05\xff", 2, "the client offers no way to greet it");
}

TEST(socks_5_that_asks_for_what_is_not_there)
{
	static const char bind[] = { 5, 1, 0, 5, 2, 0, 1, 20, 0, 0, 1, 0, 80 };
	struct party *client;
	char got[64];

	world_begin(a_http, NULL);
	client = proxy_client();
	CHECK_INT(say_bytes(client, bind, sizeof(bind)), sizeof(bind));
	world_pass(0);
	CHECK(hear_bytes(client, got, sizeof(got)) == 12 && got[0] == 5 && !got[1] && got[3] == 7);
	CHECK(strstr(world_story(), "0.000 deny socks proxy:0 network/socks: "));
	world_end();
}

/* ---- as often as anybody likes ---- */

/* The first eight, and then at powers of two: 16, 32, ..., 8192. */
TEST(who_babbles_fills_no_ledger)
{
	size_t lines = 0;

	world_begin(a_http, NULL);
	for (int i = 0; i < 10000; i++) {
		struct party *client = proxy_client();
		char head[64];

		(void)snprintf(head, sizeof(head), i & 1 ? "GET %d\r\n\r\n" : "\x04%d", i);
		say(client, head);
		world_pass(0);
		leave(client);
		world_pass(0);
		world.client_count = 0;
	}
	for (const char *at = world_story(); (at = strstr(at, "deny")); at++)
		lines++;
	/* Twice: 8, and 16 to 4096. */
	CHECK_INT(lines, 2 * (8 + 9));
	world_end();
}

/* ---- words ---- */

TEST(what_a_limit_is_to_a_client)
{
	for (enum net_limit limit = NET_LIMIT_NONE; limit < NET_LIMIT_COUNT; limit++) {
		bool is_rate = limit >= NET_LIMIT_OPEN && limit <= NET_LIMIT_HOST_REQUESTS;
		bool is_time = limit == NET_LIMIT_IDLE || limit == NET_LIMIT_TIME;

		CHECK_INT(limit_status(limit), is_rate ? 429 : is_time ? 504 :
			limit == NET_LIMIT_REQUEST_SIZE ? 413 : 403);
		CHECK_INT(limit_errno(limit), is_time ? -ETIMEDOUT : -EDQUOT);
	}
}

static const char *hint(const char *target, const char *rule, const char *source, const char *why)
{
	static char text[HINT_SIZE];
	struct gateway_judged judged = { .port = 443 };

	(void)snprintf(judged.target, sizeof(judged.target), "%s", target);
	(void)snprintf(judged.rule, sizeof(judged.rule), "%s", rule);
	(void)snprintf(judged.source, sizeof(judged.source), "%s", source);
	(void)snprintf(judged.why, sizeof(judged.why), "%s", why);
	hint_of("s1", &judged, text);
	return text;
}

TEST(what_to_type_so_that_it_is_allowed)
{
	world_begin(a_http, NULL);
	CHECK_TEXT(hint("b.example", "", "", "no entry"),
		"cordon allow s1 b.example:443 (for good: put \"b.example:443\" into network.allow of your configuration)");
	CHECK_TEXT(hint("2001:db8::1", "", "", "no entry"),
		"cordon allow s1 [2001:db8::1]:443 (for good: put \"[2001:db8::1]:443\" into network.allow of your configuration)");
	CHECK_TEXT(hint("b.example", "!b.example:443", "cordon deny", "it was denied"),
		"cordon rules s1 shows the rule, and takes it out with --remove");
	CHECK_TEXT(hint("b.example", "b.example:443", "here", "network.ask has it"),
		"cordon allow s1 b.example:443 (while it waits: `cordon rules s1` shows it)");
	/* What a configuration denies, and what breaks a rule of ours, no command allows. */
	CHECK_TEXT(hint("b.example", "!b.example:443", "config.jsonc:3:1", "network.deny has it"), "");
	CHECK_TEXT(hint("b.example", "network/tls", "", "it is not TLS"), "");
	world_end();
}

TEST_MAIN()
