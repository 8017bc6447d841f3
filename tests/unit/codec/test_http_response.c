// SPDX-License-Identifier: Apache-2.0
/*
 * test_http_response.c - heads of responses, and where the body ends by what was asked
 */
#include "codec/http.h"

#include "lib/test.h"

#include <stdio.h>

static const struct http_asked get = { HTTP_METHOD_GET, 1, false }, head = { HTTP_METHOD_HEAD, 1, false },
	connect = { HTTP_METHOD_CONNECT, 1, false }, old = { HTTP_METHOD_GET, 0, false },
	websocket = { HTTP_METHOD_GET, 1, true };

struct row {
	struct str bytes;
	const struct http_asked *asked;
	const char *wanted;		/* what it says; or a word of the reason, behind a "!" */
};

static const struct row rows[] = {
	{ STR("HTTP/1.1 200 OK\r\n\r\n"), &get, "200 OK until close 0 last" },
	{ STR("HTTP/1.1 200\r\n\r\n"), &get, "200  until close 0 last" },
	{ STR("HTTP/1.1 200 \r\n\r\n"), &get, "200  until close 0 last" },
	{ STR("HTTP/1.1 404 Not  found \303\244\tx\r\nContent-Length: 5\r\n\r\n"), &get,
		"404 Not  found \303\244\tx length 5" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), &get, "200 OK length 0" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), &get, "200 OK chunked 0" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"), &get,
		"200 OK length 5 last" },
	{ STR("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n"), &get, "200 OK length 5 last" },
	{ STR("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\n"), &get,
		"200 OK length 5" },
	/* What has no body, whatever it says. */
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), &head, "200 OK none 5" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), &head, "200 OK none 0" },
	{ STR("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), &get, "304 Not Modified none 5" },
	{ STR("HTTP/1.1 204 No Content\r\n\r\n"), &get, "204 No Content none 0" },
	{ STR("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"), &get, "204 No Content none 0" },
	{ STR("HTTP/1.1 100 Continue\r\n\r\n"), &get, "100 Continue none 0 interim" },
	{ STR("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"), &head, "103 Early Hints none 0 interim" },
	{ STR("HTTP/1.1 200 Connection established\r\n\r\n"), &connect,
		"200 Connection established none 0 tunnel" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), &connect, "200 OK none 0 tunnel" },
	{ STR("HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n"), &connect, "403 No length 5" },
	{ STR("HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"), &websocket,
		"101 Switching none 0 tunnel" },
	{ STR("HTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\n"), &websocket, "400 Bad length 1" },
	/* First lines */
	{ STR("HTTP/1.1  200 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1\t200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR("HTTP/1.1\r\n\r\n"), &get, "!begin" },
	{ STR("HTTP/2 200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR("HTTP/1.2 200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR("http/1.1 200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR(" HTTP/1.1 200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR("ICY 200 OK\r\n\r\n"), &get, "!HTTP/1.1" },
	{ STR("HTTP/1.1 20 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 2000 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 099 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 600 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 +20 OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 200OK\r\n\r\n"), &get, "!status" },
	{ STR("HTTP/1.1 200 O\0K\r\n\r\n"), &get, "!control" },
	{ STR("HTTP/1.1 200 OK\n\n"), &get, "!LF" },
	{ STR("\r\nHTTP/1.1 200 OK\r\n\r\n"), &get, "!empty line" },
	/* Fields */
	{ STR("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"), &get, "!white space" },
	{ STR("HTTP/1.1 200 OK\r\nX : a\r\n\r\n"), &get, "!colon" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"), &get, "!more than one" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n"), &get, "!no number" },
	{ STR("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), &get,
		"!exclude" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), &get, "!something else" },
	{ STR("HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n"), &get,
		"!take away" },
	/* Bodies */
	{ STR("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), &get, "!HTTP/1.0" },
	{ STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), &old, "!HTTP/1.0" },
	{ STR("HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n"), &get, "!no body" },
	{ STR("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"), &get, "!no body" },
	{ STR("HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n"), &get, "!no body" },
	/* Switching */
	{ STR("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), &get,
		"!switches" },
	{ STR("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), &websocket,
		"!switches" },
	{ STR("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"), &websocket, "!switches" },
	{ STR("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n\r\n"), &websocket, "!switches" },
	{ STR("HTTP/1.0 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), &websocket,
		"!switches" },
};

static void describe(const struct http_response *response, char *text, size_t size)
{
	static const char *const framings[] = { "none", "length", "chunked", "until close" };

	snprintf(text, size, "%u %.*s %s %ju%s%s%s", response->status, STR_FMT(response->reason),
		framings[response->head.framing], (uintmax_t)response->head.length_bytes,
		response->head.is_last ? " last" : "", response->is_interim ? " interim" : "",
		response->is_tunnel ? " tunnel" : "");
}

static void check_row(const struct row *row, size_t i, size_t step_bytes)
{
	const struct http_limits limits = HTTP_LIMITS;
	struct http_response response = { 0 };
	struct http_refusal refusal = { 0 };
	enum http_step step = HTTP_MORE;
	char text[512];

	for (size_t len = step_bytes; len <= row->bytes.len && step == HTTP_MORE; len += step_bytes)
		step = http_response_read(&response, (struct str){ row->bytes.data, len }, row->asked,
			&limits, &refusal);
	describe(&response, text, sizeof(text));
	if ((step == HTTP_REFUSED) != (row->wanted[0] == '!') || step == HTTP_MORE)
		test_fail(__FILE__, __LINE__, "row %zu: %d, '%s': %s", i, step, refusal.why ?: text,
			row->bytes.data);
	if (step == HTTP_REFUSED ? refusal.status != 502 || !strstr(refusal.why, row->wanted + 1) :
			strcmp(text, row->wanted) != 0)
		test_fail(__FILE__, __LINE__, "row %zu: '%s': %s", i, refusal.why ?: text, row->bytes.data);
}

TEST(what_a_response_says)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row(&rows[i], i, rows[i].bytes.len);
		check_row(&rows[i], i, 1);
	}
}

TEST_MAIN()
