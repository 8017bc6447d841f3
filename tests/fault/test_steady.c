// SPDX-License-Identifier: Apache-2.0
/*
 * test_steady.c - what a gateway does for every message asks for no memory
 *
 * Arenas and buffers that are used again keep their room; behind the first message, nothing is requested.
 */
#include "codec/client_hello.h"
#include "codec/http_body.h"
#include "codec/http_write.h"
#include "codec/socks.h"
#include "lib/fault_alloc.h"
#include "lib/test.h"

enum {
	ROUNDS = 100,
};

static struct arena arena = ARENA_INIT(8 << 10);
static struct buf buf = BUF_INIT(66 << 10);

static void pass_on(void)
{
	static const struct str asked = STR(
		"POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n"
		"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	static const struct str answered = STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	struct http_request request = { 0 };
	struct http_response response = { 0 };
	struct http_asked question;
	struct http_refusal refusal;
	struct http_body body;
	size_t used;

	arena_reset(&arena);
	CHECK_INT(http_request_read(&request, &arena, asked, &HTTP_LIMITS, &refusal), HTTP_DONE);
	http_body_begin(&body, &request.head, true, UINT64_MAX);
	CHECK_INT(http_body_feed(&body, (struct str){ asked.data + request.head.bytes,
		asked.len - request.head.bytes }, &used, &refusal), HTTP_DONE);
	buf_clear(&buf);
	CHECK_INT(http_request_write(&buf, &request, false), 0);
	question = http_request_asked(&request);
	CHECK_INT(http_response_read(&response, answered, &question, &HTTP_LIMITS, &refusal), HTTP_DONE);
	buf_clear(&buf);
	CHECK_INT(http_response_write(&buf, &response, false), 0);
}

static void connect_through(void)
{
	struct socks_refusal refusal;
	struct http_host host;
	size_t used;

	arena_reset(&arena);
	CHECK_INT(socks_request_read(&arena, STR("\5\1\0\3\x09" "a.example\1\xbb"), &host, &used, &refusal),
		SOCKS_DONE);
}

/* One name, in two records: the message is put together in the arena. */
static void peek(void)
{
	static const struct str bytes = STR("\x16\x03\x01\0\x06\x01\0\0\x3d\x03\x03" "\x16\x03\x01\0\x3b"
		"rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" "\0\0\x02\x13\x01\x01\0\0\x12"
		"\0\0\0\x0e\0\x0c\0\0\x09" "a.example");
	struct client_hello hello = { 0 };
	struct client_hello_refusal refusal = { 0 };

	arena_reset(&arena);
	if (client_hello_read(&hello, &arena, bytes, &refusal) != CLIENT_HELLO_DONE)
		test_fail(__FILE__, __LINE__, "%s", refusal.why ?: "more");
	CHECK_STR(hello.server_name, STR("a.example"));
}

static void check_steady(void (*work)(void))
{
	work();
	fault_alloc_arm(0);
	for (int i = 0; i < ROUNDS; i++)
		work();
	CHECK_INT(fault_alloc_count(), 0);
}

TEST(a_request_and_its_answer)
{
	check_steady(pass_on);
}

TEST(a_connection_through_socks)
{
	check_steady(connect_through);
}

TEST(a_client_hello)
{
	check_steady(peek);
}

TEST_MAIN()
