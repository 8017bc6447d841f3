// SPDX-License-Identifier: Apache-2.0
/*
 * test_http_write.c - heads as they are passed on, and what a proxy answers itself
 */
#include "codec/http_write.h"

#include "lib/test.h"

#include <errno.h>

static const struct http_limits limits = { 64 << 10, 8 << 10, HTTP_FIELDS_MAX };

static void read_request(struct http_request *request, struct arena *arena, struct str bytes)
{
	struct http_refusal refusal = { 0 };

	*request = (struct http_request){ 0 };
	if (http_request_read(request, arena, bytes, &limits, &refusal) != HTTP_DONE)
		test_fail(__FILE__, __LINE__, "%s: %s", refusal.why, bytes.data);
}

static const struct {
	struct str in;
	bool is_last;
	const char *out;
} requests[] = {
	{ STR("GET http://A.Example:80/x?y HTTP/1.1\r\nhost: a.example\r\nAccept: */*\r\n\r\n"), false,
		"GET /x?y HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n" },
	{ STR("GET / HTTP/1.1\r\nX:  a \r\nHost: a.example.:8080\r\nY:\r\n\r\n"), true,
		"GET / HTTP/1.1\r\nHost: a.example:8080\r\nX: a\r\nY: \r\nConnection: close\r\n\r\n" },
	{ STR("OPTIONS http://[2001:DB8::1] HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"), false,
		"OPTIONS * HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n" },
	{ STR("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  5\r\nContent-Type: x\r\n\r\n"), false,
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: x\r\nContent-Length: 5\r\n\r\n" },
	{ STR("POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: Chunked\r\nTrailer: x\r\n\r\n"), false,
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" },
	/* What concerns this connection alone */
	{ STR("POST / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop, trailer\r\nx-hop: 1\r\nKeep-Alive: 5\r\n"
		"Connection: y\r\nY: 2\r\nProxy-Authorization: Basic x\r\nproxy-connection: keep-alive\r\n"
		"Close: 1\r\nProxy: evil\r\nTE: trailers\r\nTrailer: z\r\nUpgrade: foo\r\nZ: 3\r\nExpect: 100-continue\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"),
		false, "POST / HTTP/1.1\r\nHost: a\r\nZ: 3\r\nTransfer-Encoding: chunked\r\n\r\n" },
	/* An offer that is not taken, with a body behind it */
	{ STR("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 3\r\n"
		"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nZ: 3\r\n\r\n"),
		false, "POST / HTTP/1.1\r\nHost: a\r\nZ: 3\r\nContent-Length: 3\r\n\r\n" },
	{ STR("GET / HTTP/1.1\r\nHost: a\r\nTrailer: x\r\n\r\n"), false,
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n" },
	{ STR("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: x\r\n\r\n"), true,
		"GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
	{ STR("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"), true,
		"GET / HTTP/1.0\r\nHost: a\r\nConnection: close\r\n\r\n" },
};

TEST(requests_are_passed_on)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
		scoped(buf) struct buf buf = BUF_INIT(66 << 10);
		struct http_request request;

		read_request(&request, &arena, requests[i].in);
		CHECK_INT(http_request_write(&buf, &request, requests[i].is_last), 0);
		CHECK_TEXT(buf_text(&buf), requests[i].out);
	}
}

static const struct {
	struct str in;
	const char *authorization, *out;
} absolute[] = {
	{ STR("GET http://A.Example:80/x?y HTTP/1.1\r\nhost: a.example\r\nAccept: */*\r\n\r\n"), NULL,
		"GET http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nVia: 1.1 cordon\r\n\r\n" },
	{ STR("POST / HTTP/1.0\r\nHost: a.example.:8080\r\nContent-Length: 2\r\n\r\n"), "Basic YTpi",
		"POST http://a.example:8080/ HTTP/1.0\r\nHost: a.example:8080\r\nVia: 1.0 cordon\r\n"
		"Proxy-Authorization: Basic YTpi\r\nContent-Length: 2\r\n\r\n" },
	{ STR("OPTIONS * HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"), NULL,
		"OPTIONS http://[2001:db8::1] HTTP/1.1\r\nHost: [2001:db8::1]\r\nVia: 1.1 cordon\r\n\r\n" },
	/* What a program says to a proxy, and whatever it has struck out of ours */
	{ STR("GET / HTTP/1.1\r\nHost: a\r\nConnection: Via, X-Hop, close\r\nVia: 1.0 b\r\nX-Hop: 1\r\n"
		"Proxy-Authorization: Basic x\r\nProxy-Connection: close\r\n\r\n"), "Basic YTpi",
		"GET http://a/ HTTP/1.1\r\nHost: a\r\nVia: 1.1 cordon\r\nProxy-Authorization: Basic YTpi\r\n\r\n" },
	{ STR("GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 b\r\n\r\n"), NULL,
		"GET http://a/ HTTP/1.1\r\nHost: a\r\nVia: 1.0 b\r\nVia: 1.1 cordon\r\n\r\n" },
};

TEST(requests_go_to_another_proxy_in_absolute_form)
{
	for (size_t i = 0; i < ARRAY_SIZE(absolute); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
		scoped(buf) struct buf buf = BUF_INIT(66 << 10), small = BUF_INIT(20);
		struct http_request request;

		read_request(&request, &arena, absolute[i].in);
		CHECK_INT(http_request_write_absolute(&buf, &request, absolute[i].authorization), 0);
		CHECK_TEXT(buf_text(&buf), absolute[i].out);
		CHECK_INT(http_request_write_absolute(&small, &request, NULL), -EMSGSIZE);
		/* What was written is read as the same request. */
		read_request(&request, &arena, (struct str){ buf_text(&buf), buf.len });
		CHECK(request.form == HTTP_FORM_ABSOLUTE);
	}
}

TEST(an_answer_has_a_note_of_ours_where_there_is_one)
{
	scoped(buf) struct buf buf = BUF_INIT(66 << 10);
	const struct http_asked asked = { HTTP_METHOD_GET, 1, false };
	struct http_response response = { 0 };
	struct http_refusal refusal;

	CHECK_INT(http_response_read(&response, STR("HTTP/1.1 403 No\r\nProxy-Status: x\r\nA: b\r\n"
		"Content-Length: 0\r\n\r\n"), &asked, &limits, &refusal), HTTP_DONE);
	CHECK_INT(response.note.len, 0);
	response.note = STR("cordon");
	CHECK_INT(http_response_write(&buf, &response, false), 0);
	CHECK_TEXT(buf_text(&buf),
		"HTTP/1.1 403 No\r\nA: b\r\nProxy-Status: cordon\r\nContent-Length: 0\r\n\r\n");
}

TEST(a_request_for_nobody_is_not_passed_on)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	scoped(buf) struct buf buf = BUF_INIT(66 << 10), small = BUF_INIT(20);
	struct http_request request;

	read_request(&request, &arena, STR("GET / HTTP/1.0\r\n\r\n"));
	CHECK_INT(http_request_write(&buf, &request, true), -EDESTADDRREQ);
	CHECK_INT(http_request_write_absolute(&buf, &request, NULL), -EDESTADDRREQ);
	CHECK_INT(buf.len, 0);
	read_request(&request, &arena, STR("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n"));
	CHECK_INT(http_request_write(&small, &request, true), -EMSGSIZE);
}

static const struct {
	struct str in;
	struct http_asked asked;
	bool is_last;
	const char *out;
} responses[] = {
	{ STR("HTTP/1.0 200 OK\r\nX: y\r\nKeep-Alive: 5\r\nConnection: keep-alive, z\r\nZ: 1\r\n"
		"Content-Length: 5\r\n\r\n"), { HTTP_METHOD_GET, 1, false }, false,
		"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n" },
	{ STR("HTTP/1.1 200 OK\r\nProxy-Authenticate: x\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n"),
		{ HTTP_METHOD_GET, 1, false }, true,
		"HTTP/1.1 200 OK\r\nTrailer: t\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), { HTTP_METHOD_HEAD, 1, false }, false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), { HTTP_METHOD_HEAD, 1, false }, false,
		"HTTP/1.1 200 OK\r\n\r\n" },
	{ STR("HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n"), { HTTP_METHOD_GET, 1, false }, false,
		"HTTP/1.1 204 \r\n\r\n" },
	{ STR("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\n\r\n"), { HTTP_METHOD_GET, 1, false }, true,
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
	{ STR("HTTP/1.1 100 Continue\r\n\r\n"), { HTTP_METHOD_GET, 1, false }, true,
		"HTTP/1.1 100 Continue\r\n\r\n" },
	{ STR("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nA: b\r\n\r\n"),
		{ HTTP_METHOD_GET, 1, true }, true,
		"HTTP/1.1 101 Switching\r\nA: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" },
};

TEST(responses_are_passed_on)
{
	for (size_t i = 0; i < ARRAY_SIZE(responses); i++) {
		scoped(buf) struct buf buf = BUF_INIT(66 << 10);
		struct http_response response = { 0 };
		struct http_refusal refusal;

		CHECK_INT(http_response_read(&response, responses[i].in, &responses[i].asked, &limits,
			&refusal), HTTP_DONE);
		CHECK_INT(http_response_write(&buf, &response, responses[i].is_last), 0);
		CHECK_TEXT(buf_text(&buf), responses[i].out);
	}
}

/* ---- what a proxy answers itself ---- */

static const struct http_denial denial = {
	403, STR("no rule allows a.example"), STR("network.allow"), STR("d-7"), STR("cordon allow a.example"),
};

#define JSON "{\"reason\":\"no rule allows a.example\",\"rule\":\"network.allow\",\"decision\":\"d-7\"," \
	"\"hint\":\"cordon allow a.example\"}\n"

TEST(a_denial_says_why)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	scoped(buf) struct buf buf = BUF_INIT(66 << 10), with_body = BUF_INIT(66 << 10);
	struct http_request request;

	CHECK_INT(http_denial_write(&with_body, &denial, NULL, true), 0);
	CHECK_TEXT(buf_text(&with_body), "HTTP/1.1 403 Forbidden: no rule allows a.example\r\n"
		"Content-Type: application/json\r\nContent-Length: 110\r\nCache-Control: no-store\r\n"
		"Connection: close\r\n\r\n" JSON);
	CHECK_INT(strlen(JSON), 110);
	read_request(&request, &arena, STR("HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
	CHECK_INT(http_denial_write(&buf, &denial, &request, true), 0);
	CHECK_INT(buf.len, with_body.len - strlen(JSON));
	CHECK(!memcmp(buf.data, with_body.data, buf.len));
	buf_clear(&buf);
	CHECK_INT(http_denial_write(&buf, &denial, NULL, false), 0);
	CHECK(!strstr(buf_text(&buf), "Connection"));
	buf_clear(&buf);
	CHECK_INT(http_denial_write(&buf, &(struct http_denial){ .status = 405 }, NULL, false), 0);
	CHECK(strstr(buf_text(&buf), "HTTP/1.1 405 Method Not Allowed\r\n"));
	CHECK(strstr(buf_text(&buf), "\r\nAllow: "));
	CHECK(strstr(buf_text(&buf), "\r\n\r\n{}\n"));
}

static const struct {
	const char *accept, *type;
} wishes[] = {
	{ "*/*", "application/json" }, { "application/json", "application/json" },
	{ "application/*", "application/json" }, { "application/problem+json", "application/problem+json" },
	{ "application/json, application/problem+json", "application/problem+json" },
	{ "Application/Problem+JSON;q=0.9, application/json", "application/json" },
	{ "text/plain", "text/plain" }, { "text/html,application/xhtml+xml,*/*;q=0.8", "text/plain" },
	{ "text/*;q=0.1", "text/plain" }, { "application/json, text/plain, */*", "application/json" },
	{ "text/plain;q=0.5, application/json;q=0.4", "text/plain" },
	{ "application/json;q=0, */*", "text/plain" }, { "*/*, application/json;q=0.1", "text/plain" },
	{ "image/png", "application/json" }, { "", "application/json" }, { ",;,q=/,*/x", "application/json" },
	{ "text/plain;q=2, */*;q=0.5", "application/json" },
	{ "text/plain;q=.5, */*;q=0.001", "application/json" },
};

TEST(a_denial_by_a_limit)
{
	const struct http_denial limited = {
		.status = 429, .reason = STR("too many"), .limit = STR("traffic.requests"), .value = 60,
		.retry_s = 2,
	};
	struct buf buf = BUF_INIT(4096);

	CHECK_INT(http_denial_write(&buf, &limited, NULL, true), 0);
	CHECK(strstr(buf_text(&buf), "HTTP/1.1 429 Too Many Requests: too many\r\n"));
	CHECK(strstr(buf_text(&buf), "\r\nRetry-After: 2\r\n"));
	CHECK(strstr(buf_text(&buf),
		"{\"reason\":\"too many\",\"limit\":\"traffic.requests\",\"value\":60}\n"));
	buf_fini(&buf);
}

TEST(a_denial_has_the_form_that_is_wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
		scoped(buf) struct buf buf = BUF_INIT(66 << 10), bytes = BUF_INIT(4096), type = BUF_INIT(99);
		struct http_request request;

		buf_printf(&bytes, "GET / HTTP/1.1\r\nHost: a\r\nAccept: %s\r\n\r\n", wishes[i].accept);
		buf_printf(&type, "\r\nContent-Type: %s", wishes[i].type);
		read_request(&request, &arena, (struct str){ bytes.data, bytes.len });
		CHECK_INT(http_denial_write(&buf, &denial, &request, true), 0);
		if (!strstr(buf_text(&buf), buf_text(&type)))
			test_fail(__FILE__, __LINE__, "'%s': %s", wishes[i].accept, buf_text(&buf));
	}
}

/* By the time that it is denied, what was read is no longer where it was. */
TEST(a_denial_needs_nothing_of_what_was_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	scoped(buf) struct buf buf = BUF_INIT(66 << 10);
	char bytes[] = "GET / HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n";
	struct http_request request;

	read_request(&request, &arena, (struct str){ bytes, sizeof(bytes) - 1 });
	memset(bytes, 'x', sizeof(bytes));
	CHECK_INT(http_denial_write(&buf, &denial, &request, true), 0);
	CHECK(strstr(buf_text(&buf), "Content-Type: text/plain"));
}

TEST(each_form_says_the_same)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	scoped(buf) struct buf buf = BUF_INIT(66 << 10);
	struct http_request request;

	read_request(&request, &arena, STR("GET / HTTP/1.0\r\nAccept: text/plain\r\n\r\n"));
	CHECK_INT(http_denial_write(&buf, &denial, &request, true), 0);
	CHECK_TEXT(strstr(buf_text(&buf), "\r\n\r\n"), "\r\n\r\nrefused: no rule allows a.example\n"
		"rule: network.allow\ndecision: d-7\nhint: cordon allow a.example\n");
	buf_clear(&buf);
	read_request(&request, &arena, STR("GET / HTTP/1.0\r\nAccept: application/problem+json\r\n\r\n"));
	CHECK_INT(http_denial_write(&buf, &denial, &request, true), 0);
	CHECK_TEXT(strstr(buf_text(&buf), "\r\n\r\n"), "\r\n\r\n{\"type\":\"about:blank\","
		"\"title\":\"Forbidden\",\"status\":403,\"detail\":\"no rule allows a.example\","
		"\"reason\":\"no rule allows a.example\",\"rule\":\"network.allow\",\"decision\":\"d-7\","
		"\"hint\":\"cordon allow a.example\"}\n");
}

/* What somebody chose ends neither a line nor a string. */
TEST(a_denial_is_nobody_elses)
{
	const struct http_denial evil = { .status = 403,
		.reason = STR("a\r\nX: y\"\\\0\377\303\244 \342\200\256") };
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	scoped(buf) struct buf buf = BUF_INIT(66 << 10), long_reason = BUF_INIT(1 << 20);
	struct http_request request;

	CHECK_INT(http_denial_write(&buf, &evil, NULL, true), 0);
	CHECK(str_starts_with((struct str){ buf.data, buf.len },
		STR("HTTP/1.1 403 Forbidden: a??X: y\"\\???? ???\r\nContent-Type")));
	CHECK(strstr(buf_text(&buf),
		"{\"reason\":\"a\\u000d\\u000aX: y\\\"\\\\\\u0000\\ufffd\303\244 \\u202e\"}\n"));
	buf_clear(&buf);
	read_request(&request, &arena, STR("GET / HTTP/1.0\r\nAccept: text/plain\r\n\r\n"));
	CHECK_INT(http_denial_write(&buf, &evil, &request, true), 0);
	CHECK_TEXT(strstr(buf_text(&buf), "refused: "),
		"refused: a\\x0D\\nX: y\"\\\\\\x00\\xFF\303\244 \\u{202E}\n");
	/* However long, it is said. */
	for (int i = 0; i < 100000; i++)
		buf_append_char(&long_reason, '\1');
	buf_clear(&buf);
	CHECK_INT(http_denial_write(&buf,
		&(struct http_denial){ 403, { long_reason.data, long_reason.len },
		{ long_reason.data, long_reason.len },
		{ long_reason.data, long_reason.len },
		{ long_reason.data, long_reason.len } },
		NULL, true),
		0);
	CHECK(buf.len < 33000);
}

TEST_MAIN()
