// SPDX-License-Identifier: Apache-2.0
/*
 * test_http_request.c - heads of requests: what they say, and what is refused since it could be read
 * otherwise
 *
 * Every row is read whole, and once more with one byte more at a time.
 */
#include "codec/http.h"

#include "lib/test.h"

#include <stdio.h>

#define HOST "Host: a.example\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST
#define END "\r\n"

struct row {
	struct str bytes;
	unsigned status;		/* 0: it is read */
	const char *wanted;		/* what it says, or a word of the reason */
};

static enum http_step read_at_once(struct http_request *request, struct arena *arena, struct str bytes,
	struct http_refusal *refusal)
{
	static const struct http_limits limits = { 64 << 10, 8 << 10, HTTP_FIELDS_MAX };

	*request = (struct http_request){ 0 };
	return http_request_read(request, arena, bytes, &limits, refusal);
}

/* The same, with what stands behind the head cut off byte by byte. */
static enum http_step read_slowly(struct http_request *request, struct arena *arena, struct str bytes,
	struct http_refusal *refusal)
{
	static const struct http_limits limits = { 64 << 10, 8 << 10, HTTP_FIELDS_MAX };
	enum http_step step = HTTP_MORE;

	*request = (struct http_request){ 0 };
	for (size_t len = 0; len <= bytes.len && step == HTTP_MORE; len++)
		step = http_request_read(request, arena, (struct str){ bytes.data, len }, &limits, refusal);
	return step;
}

static void describe(const struct http_request *request, char *text, size_t size)
{
	static const char *const forms[] = { "origin", "absolute", "authority", "asterisk" };
	static const char *const framings[] = { "none", "length", "chunked", "until close" };

	snprintf(text, size, "%.*s %s %.*s %.*s:%u%s %s %ju%s%s%s", STR_FMT(request->method_name),
		forms[request->form], STR_FMT(request->target), STR_FMT(request->host.name),
		request->host.port, request->host.address.len ? " address" : "",
		framings[request->head.framing], (uintmax_t)request->head.length_bytes,
		request->head.is_last ? " last" : "", request->is_websocket ? " websocket" : "",
		request->expects_continue ? " continue" : "");
}

typedef enum http_step reader(struct http_request *request, struct arena *arena, struct str bytes,
	struct http_refusal *refusal);

static void check_row(reader *read, const struct row *row, size_t i)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	struct http_refusal refusal = { 0 };
	struct http_request request;
	enum http_step step = read(&request, &arena, row->bytes, &refusal);
	char text[4096];

	describe(&request, text, sizeof(text));
	if (step == HTTP_MORE)
		test_fail(__FILE__, __LINE__, "row %zu is not whole: %s", i, row->bytes.data);
	if ((step == HTTP_REFUSED) != !!row->status || refusal.status != row->status)
		test_fail(__FILE__, __LINE__, "row %zu: %u, '%s': %s", i, refusal.status,
			refusal.why ?: text, row->bytes.data);
	if (row->status ? !strstr(refusal.why, row->wanted) : strcmp(text, row->wanted) != 0)
		test_fail(__FILE__, __LINE__, "row %zu: '%s': %s", i, refusal.why ?: text, row->bytes.data);
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check_row(read_at_once, &rows[i], i);
		check_row(read_slowly, &rows[i], i);
	}
}

static const struct row said[] = {
	{ STR(GET END), 0, "GET origin / a.example:80 none 0" },
	{ STR("GET /a/b?c=d&e HTTP/1.1\r\nhost:a.example:8080\r\n\r\n"), 0,
		"GET origin /a/b?c=d&e a.example:8080 none 0" },
	{ STR("GET //a/../%2e?%zz\\\"<> HTTP/1.1\r\n" HOST END), 0,
		"GET origin //a/../%2e?%zz\\\"<> a.example:80 none 0" },
	{ STR("M-SEARCH /[a]{b}|^ HTTP/1.1\r\n" HOST END), 0,
		"M-SEARCH origin /[a]{b}|^ a.example:80 none 0" },
	{ STR("GET http://A.Example./x HTTP/1.1\r\n" HOST END), 0, "GET absolute /x a.example:80 none 0" },
	{ STR("GET HTTP://a.example:80 HTTP/1.1\r\n" HOST END), 0, "GET absolute / a.example:80 none 0" },
	{ STR("GET http://a.example:8080/ HTTP/1.1\r\nHost: A.EXAMPLE:8080\r\n\r\n"), 0,
		"GET absolute / a.example:8080 none 0" },
	{ STR("OPTIONS http://a.example HTTP/1.1\r\n" HOST END), 0,
		"OPTIONS absolute * a.example:80 none 0" },
	{ STR("OPTIONS * HTTP/1.1\r\n" HOST END), 0, "OPTIONS asterisk * a.example:80 none 0" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"), 0,
		"CONNECT authority  a.example:443 none 0" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"), 0,
		"CONNECT authority  a.example:443 length 0" },
	{ STR("CONNECT a.example:443 HTTP/1.0\r\n\r\n"), 0, "CONNECT authority  a.example:443 none 0 last" },
	{ STR("CONNECT [2001:DB8::1]:443 HTTP/1.1\r\nHost: [2001:db8:0::1]:443\r\n\r\n"), 0,
		"CONNECT authority  2001:db8::1:443 address none 0" },
	{ STR("GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"), 0, "GET origin / 10.0.0.1:80 address none 0" },
	{ STR("GET / HTTP/1.1\r\nHost: 0x7f.1\r\n\r\n"), 0, "GET origin / 127.0.0.1:80 address none 0" },
	{ STR("GET / HTTP/1.0\r\n\r\n"), 0, "GET origin / :0 none 0 last" },
	{ STR("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 0, "GET origin / :0 none 0 last" },
	{ STR(GET "Connection: Keep-Alive, , CLOSE\r\n\r\n"), 0, "GET origin / a.example:80 none 0 last" },
	{ STR(GET "X:\tb\xc3\xa4 c\t \r\nEmpty:\r\n\r\n"), 0, "GET origin / a.example:80 none 0" },
	{ STR(POST "Content-Length: 9223372036854775807\r\n\r\n"), 0,
		"POST origin / a.example:80 length 9223372036854775807" },
	{ STR(POST "content-LENGTH:0\r\n\r\n"), 0, "POST origin / a.example:80 length 0" },
	{ STR(POST "Transfer-Encoding: Chunked \r\n\r\n"), 0, "POST origin / a.example:80 chunked 0" },
	{ STR(GET "Content-Length: 5\r\n\r\nhello"), 0, "GET origin / a.example:80 length 5" },
	{ STR(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"), 0,
		"POST origin / a.example:80 length 1 continue" },
	{ STR(POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"), 0,
		"POST origin / a.example:80 length 0" },
	{ STR("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), 0,
		"POST origin / :0 length 1 last" },
	{ STR(GET "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\r\n"), 0,
		"GET origin / a.example:80 none 0 websocket" },
	{ STR(GET "Upgrade: TLS/1.3, foo\r\nConnection: Upgrade\r\n\r\n"), 0,
		"GET origin / a.example:80 none 0" },
};

TEST(what_a_request_says)
{
	check_rows(said, ARRAY_SIZE(said));
}

static const struct row first_lines[] = {
	{ STR("GET / HTTP/1.1\n"), 400, "LF" },
	{ STR("\r\nGET / HTTP/1.1\r\n"), 400, "empty line" },
	{ STR(" GET / HTTP/1.1\r\n" HOST END), 400, "token" },
	{ STR("GET / HTTP/1.1 \r\n" HOST END), 400, "version" },
	{ STR("GET  / HTTP/1.1\r\n" HOST END), 400, "version" },
	{ STR("GET /  HTTP/1.1\r\n" HOST END), 400, "version" },
	{ STR("GET / a HTTP/1.1\r\n" HOST END), 400, "version" },
	{ STR("GET\t/\tHTTP/1.1\r\n" HOST END), 400, "METHOD TARGET" },
	{ STR("GET /\r\n\r\n"), 400, "METHOD TARGET" },
	{ STR("GET\r\n\r\n"), 400, "METHOD TARGET" },
	{ STR("GET / HTTP/0.9\r\n\r\n"), 505, "HTTP/1.1" },
	{ STR("GET / HTTP/1.2\r\n" HOST END), 505, "HTTP/1.1" },
	{ STR("GET / HTTP/2.0\r\n" HOST END), 505, "HTTP/1.1" },
	{ STR("GET / HTTP/1.10\r\n" HOST END), 400, "version" },
	{ STR("GET / HTTP/01.1\r\n" HOST END), 400, "version" },
	{ STR("GET / HTTP/1,1\r\n" HOST END), 400, "version" },
	{ STR("GET / HTTP/1\r\n" HOST END), 400, "version" },
	{ STR("GET / http/1.1\r\n" HOST END), 400, "version" },
	{ STR("GET / HTTPS/1.1\r\n" HOST END), 400, "version" },
	{ STR("GET / HTTP/+1.1\r\n" HOST END), 400, "version" },
	{ STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400, "HTTP/2" },
	{ STR("get / HTTP/1.1\r\n" HOST END), 501, "capital" },
	{ STR("Head / HTTP/1.1\r\n" HOST END), 501, "capital" },
	{ STR("connect a.example:443 HTTP/1.1\r\n" HOST END), 501, "capital" },
	{ STR("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n" HOST END), 501, "too long" },
	{ STR("G(T / HTTP/1.1\r\n" HOST END), 400, "token" },
	{ STR("\"GET\" / HTTP/1.1\r\n" HOST END), 400, "token" },
	{ STR("\303\204 / HTTP/1.1\r\n" HOST END), 400, "token" },
	{ STR("TRACE / HTTP/1.1\r\n" HOST END), 405, "traced" },
	{ STR("TRACK / HTTP/1.1\r\n" HOST END), 405, "traced" },
	{ STR("\026\003\001\002"), 400, "control" },
	{ STR("GET /\0 HTTP/1.1\r\n"), 400, "control" },
};

static const struct row targets[] = {
	{ STR("GET /a#b HTTP/1.1\r\n" HOST END), 400, "path" },
	{ STR("GET /?a#b HTTP/1.1\r\n" HOST END), 400, "query" },
	{ STR("GET /a\\b HTTP/1.1\r\n" HOST END), 400, "path" },
	{ STR("GET /\303\244 HTTP/1.1\r\n" HOST END), 400, "path" },
	{ STR("GET /?\303\244 HTTP/1.1\r\n" HOST END), 400, "query" },
	{ STR("GET /a\tb HTTP/1.1\r\n" HOST END), 400, "path" },
	{ STR("GET /% HTTP/1.1\r\n" HOST END), 400, "'%'" },
	{ STR("GET /%2 HTTP/1.1\r\n" HOST END), 400, "'%'" },
	{ STR("GET /%2?0 HTTP/1.1\r\n" HOST END), 400, "'%'" },
	{ STR("GET /%u0041 HTTP/1.1\r\n" HOST END), 400, "'%'" },
	{ STR("GET * HTTP/1.1\r\n" HOST END), 400, "OPTIONS" },
	{ STR("OPTIONS *a HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET a.example HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET a.example:443 HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET ?a HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET \\\\a.example HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET http:/a.example/ HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET http:a.example/ HTTP/1.1\r\n" HOST END), 400, "neither" },
	{ STR("GET https://a.example/ HTTP/1.1\r\n" HOST END), 501, "CONNECT" },
	{ STR("GET ftp://a.example/ HTTP/1.1\r\n" HOST END), 501, "CONNECT" },
	{ STR("GET http:/// HTTP/1.1\r\n" HOST END), 400, "no host" },
	{ STR("GET http://a.example?b HTTP/1.1\r\n" HOST END), 400, "no path" },
	{ STR("GET http://a.example#b HTTP/1.1\r\n" HOST END), 400, "no path" },
	{ STR("GET http://user@a.example/ HTTP/1.1\r\n" HOST END), 400, "no host may" },
	{ STR("GET http://user:pw@a.example/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a.example:80@b/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a%2eexample/ HTTP/1.1\r\n" HOST END), 400, "no host may" },
	{ STR("GET http://a.example\\@b/ HTTP/1.1\r\n" HOST END), 400, "no host may" },
	{ STR("GET http://a.example:0/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a.example:/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a.example:080/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a.example:65536/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://a.example:+80/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://256.1.1.1/ HTTP/1.1\r\n" HOST END), 400, "wrong address" },
	{ STR("GET http://[::1/ HTTP/1.1\r\n" HOST END), 400, "bracket" },
	{ STR("GET http://[::1]80/ HTTP/1.1\r\n" HOST END), 400, "behind the host" },
	{ STR("GET http://[fe80::1%25eth0]/ HTTP/1.1\r\n" HOST END), 400, "no host may" },
	{ STR("GET http://::1/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("GET http://b.example/ HTTP/1.1\r\n" HOST END), 400, "different hosts" },
	{ STR("GET http://a.example:81/ HTTP/1.1\r\n" HOST END), 400, "different hosts" },
	{ STR("GET http://a.example/ HTTP/1.1\r\n\r\n"), 400, "no Host" },
	{ STR("CONNECT a.example HTTP/1.1\r\n" HOST END), 400, "no port" },
	{ STR("CONNECT / HTTP/1.1\r\n" HOST END), 400, "no host" },
	{ STR("CONNECT * HTTP/1.1\r\n" HOST END), 400, "letters" },
	{ STR("CONNECT :443 HTTP/1.1\r\n" HOST END), 400, "no host" },
	{ STR("CONNECT http://a.example:443 HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("CONNECT a.example:443/ HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("CONNECT a.example:443:80 HTTP/1.1\r\n" HOST END), 400, "port" },
	{ STR("CONNECT u@a.example:443 HTTP/1.1\r\n" HOST END), 400, "no host may" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:80\r\n\r\n"), 400, "different" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n"), 400, "different" },
};

static const struct row hosts[] = {
	{ STR("GET / HTTP/1.1\r\n\r\n"), 400, "no Host" },
	{ STR("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400, "no host" },
	{ STR("GET / HTTP/1.1\r\n" HOST HOST END), 400, "more than one Host" },
	{ STR("GET / HTTP/1.0\r\n" HOST "host: b.example\r\n\r\n"), 400, "more than one Host" },
	{ STR("GET / HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n"), 400, "no host may" },
	{ STR("GET / HTTP/1.1\r\nHost: a.example b.example\r\n\r\n"), 400, "no host may" },
	{ STR("GET / HTTP/1.1\r\nHost: a.example/\r\n\r\n"), 400, "no host may" },
	{ STR("GET / HTTP/1.1\r\nHost: a@b.example\r\n\r\n"), 400, "no host may" },
	{ STR("GET / HTTP/1.1\r\nHost: b\303\274cher.example\r\n\r\n"), 400, "no host may" },
	{ STR("GET / HTTP/1.1\r\nHost: a..example\r\n\r\n"), 400, "empty" },
	{ STR("GET / HTTP/1.1\r\nHost: a.example:99999\r\n\r\n"), 400, "port" },
	{ STR("GET / HTTP/1.1\r\nHost: http://a.example\r\n\r\n"), 400, "port" },
	{ STR("GET / HTTP/1.1\r\n" HOST "Connection: Host\r\n\r\n"), 400, "take away" },
};

static const struct row fields[] = {
	{ STR(GET "X: a\nY: b\r\n\r\n"), 400, "LF" },
	{ STR(GET "X: a\rY: b\r\n\r\n"), 400, "CR" },
	{ STR(GET "X: a\r\r\n\r\n"), 400, "CR" },
	{ STR(GET "X: a\0b\r\n\r\n"), 400, "control" },
	{ STR(GET "X: a\vb\r\n\r\n"), 400, "control" },
	{ STR(GET "X: a\177b\r\n\r\n"), 400, "control" },
	{ STR(GET "X\0: a\r\n\r\n"), 400, "control" },
	{ STR(GET "X: a\r\n b\r\n\r\n"), 400, "white space" },
	{ STR(GET "X: a\r\n\tb: c\r\n\r\n"), 400, "white space" },
	{ STR("GET / HTTP/1.1\r\n " HOST END), 400, "white space" },
	{ STR(GET "X : a\r\n\r\n"), 400, "colon" }, { STR(GET "X\t: a\r\n\r\n"), 400, "colon" },
	{ STR(GET "X\r\n\r\n"), 400, "colon" }, { STR(GET ": a\r\n\r\n"), 400, "no name" },
	{ STR(GET "X(y): a\r\n\r\n"), 400, "name" }, { STR(GET "\"X\": a\r\n\r\n"), 400, "name" },
	{ STR(GET "X\303\244: a\r\n\r\n"), 400, "name" }, { STR(GET "X/Y: a\r\n\r\n"), 400, "name" },
	{ STR(GET "Content_Length: 5\r\n\r\n"), 400, "looks like" },
	{ STR(GET "Transfer_Encoding: chunked\r\n\r\n"), 400, "looks like" },
	{ STR(GET "Connection: a b\r\n\r\n"), 400, "token" },
	{ STR(GET "Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n\r\n"), 431, "too many" },
	{ STR(GET "Expect: 200-ok\r\n\r\n"), 417, "100" },
	{ STR(GET "Expect: y 100-continue\r\n\r\n"), 417, "100" },
	{ STR(POST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n"), 400, "more than one" },
};

static const struct row bodies[] = {
	{ STR(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), 400, "more than one" },
	{ STR(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400, "more than one" },
	{ STR(POST "Content-Length: 1, 1\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: +1\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: -1\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 01\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 0x1\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 1_0\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 1 0\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 1.0\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 1e1\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: \"1\"\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: \331\241\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length:\r\n\r\n"), 400, "no number" },
	{ STR(POST "Content-Length: 9223372036854775808\r\n\r\n"), 400, "too large" },
	{ STR(POST "Content-Length: 18446744073709551617\r\n\r\n"), 400, "too large" },
	{ STR(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, "exclude" },
	{ STR(POST "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\n"), 400, "exclude" },
	{ STR(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, "more than" },
	{ STR(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: chunked, identity\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: identity\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: xchunked\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: \"chunked\"\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: chunked;q=1\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: chunked,\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding:\r\n\r\n"), 400, "something else" },
	{ STR(POST "Transfer-Encoding: \vchunked\r\n\r\n"), 400, "control" },
	{ STR(POST "Transfer-Encoding : chunked\r\n\r\n"), 400, "colon" },
	{ STR(POST "Transfer-Encoding\r\n : chunked\r\n\r\n"), 400, "colon" },
	{ STR(POST "Transfer-Encoding:\r\n chunked\r\n\r\n"), 400, "white space" },
	{ STR(POST "X: y\rTransfer-Encoding: chunked\r\n\r\n"), 400, "CR" },
	{ STR(POST "Connection: Content-Length\r\nContent-Length: 1\r\n\r\n"), 400, "take away" },
	{ STR(POST "Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, "take away" },
	{ STR("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, "HTTP/1.0" },
	{ STR("HEAD / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n"), 400, "HEAD" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n"), 400, "CONNECT" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), 400,
		"CONNECT" },
};

#define H2C "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"

static const struct row upgrades[] = {
	{ STR(GET "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), 400, "HTTP/2" },
	{ STR(GET "Upgrade: websocket, H2C\r\nConnection: Upgrade\r\n\r\n"), 400, "HTTP/2" },
	{ STR(GET "Upgrade: h2c\r\n\r\n"), 400, "HTTP/2" },
	{ STR(GET "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"), 400, "HTTP/2" },
	{ STR(GET "Connection: HTTP2-Settings\r\n\r\n"), 400, "HTTP/2" },
	{ STR(GET "Connection: Upgrade\r\n" H2C), 400, "HTTP/2" },
	{ STR(GET "Connection: HTTP2-Settings\r\n" H2C), 400, "HTTP/2" },
	{ STR(GET "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\n" H2C), 400, "HTTP/2" },
	{ STR(GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" H2C), 400, "more" },
	{ STR(GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket\r\n" H2C), 400, "more" },
	{ STR("GET / HTTP/1.0\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\n" H2C), 400, "HTTP/2" },
	{ STR("CONNECT a.example:443 HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\n" H2C), 400,
		"HTTP/2" },
	{ STR(GET "Upgrade: websocket\r\n\r\n"), 400, "WebSocket" },
	{ STR(GET "Upgrade: websocket\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"), 400, "more" },
	{ STR(POST "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"), 400, "WebSocket" },
	{ STR(GET "Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\n"), 400,
		"WebSocket" },
	{ STR("GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"), 400, "WebSocket" },
};

TEST(first_lines_that_are_refused)
{
	check_rows(first_lines, ARRAY_SIZE(first_lines));
}

TEST(targets_that_are_refused)
{
	check_rows(targets, ARRAY_SIZE(targets));
}

TEST(hosts_that_are_refused)
{
	check_rows(hosts, ARRAY_SIZE(hosts));
}

TEST(fields_that_are_refused)
{
	check_rows(fields, ARRAY_SIZE(fields));
}

TEST(bodies_that_are_refused)
{
	check_rows(bodies, ARRAY_SIZE(bodies));
}

TEST(upgrades_that_are_refused)
{
	check_rows(upgrades, ARRAY_SIZE(upgrades));
}

TEST(every_beginning_asks_for_more)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	const struct str whole = STR(GET "X: y\r\n" END "rest");
	struct http_refusal refusal;
	struct http_request request;

	for (size_t len = 0; len < whole.len - 4; len++)
		CHECK_INT(read_at_once(&request, &arena, (struct str){ whole.data, len }, &refusal),
			HTTP_MORE);
	CHECK_INT(read_at_once(&request, &arena, whole, &refusal), HTTP_DONE);
	CHECK_INT(request.head.bytes, whole.len - 4);
	CHECK_INT(request.head.field_count, 2);
	CHECK_STR(request.head.fields[1].name, STR("X"));
	CHECK_STR(request.head.fields[1].value, STR("y"));
	CHECK(http_field_find(&request.head, STR("x")) == &request.head.fields[1]);
	CHECK(!http_field_find(&request.head, STR("xy")));
}

static enum http_step read_within(struct buf *buf, const struct http_limits *limits,
	struct http_refusal *refusal)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 10);
	struct http_request request = { 0 };

	return http_request_read(&request, &arena, (struct str){ buf->data, buf->len }, limits, refusal);
}

/* Each limit at its very end, and one byte or one field beyond. */
TEST(how_long_a_head_is)
{
	static const struct http_limits lines = { 64 << 10, 100, 3 }, heads = { 100, 100, 3 };
	scoped(buf) struct buf buf = BUF_INIT(1 << 16);
	struct http_refusal refusal;

	/* The first line: "GET /", " HTTP/1.1" */
	for (size_t more = 0; more < 2; more++) {
		buf_clear(&buf);
		buf_append_str(&buf, "GET /");
		for (size_t i = 0; i < 100 - 5 - 9 + more; i++)
			buf_append_char(&buf, 'a');
		buf_append_str(&buf, " HTTP/1.1\r\n" HOST END);
		CHECK_INT(read_within(&buf, &lines, &refusal), more ? HTTP_REFUSED : HTTP_DONE);
	}
	CHECK_INT(refusal.status, 414);
	for (size_t more = 0; more < 2; more++) {
		buf_clear(&buf);
		buf_append_str(&buf, GET "X:");
		for (size_t i = 0; i < 100 - 2 + more; i++)
			buf_append_char(&buf, 'a');
		CHECK_INT(read_within(&buf, &lines, &refusal), more ? HTTP_REFUSED : HTTP_MORE);
	}
	CHECK_INT(refusal.status, 431);
	for (size_t more = 0; more < 2; more++) {
		buf_clear(&buf);
		buf_append_str(&buf, GET "X: a\r\nX: a\r\n");
		buf_append_str(&buf, more ? "X: a\r\n" END : END);
		CHECK_INT(read_within(&buf, &lines, &refusal), more ? HTTP_REFUSED : HTTP_DONE);
	}
	CHECK_INT(refusal.status, 431);
	for (size_t more = 0; more < 2; more++) {
		buf_clear(&buf);
		buf_append_str(&buf, GET "X:");
		while (buf.len < 100 - 4 + more)
			buf_append_char(&buf, 'a');
		buf_append_str(&buf, END END);
		CHECK_INT(read_within(&buf, &heads, &refusal), more ? HTTP_REFUSED : HTTP_DONE);
	}
	CHECK_INT(refusal.status, 431);
}

/*
 * The longest name there is, to be put into its form twice, in as much memory as http.h promises to be
 * enough.
 */
TEST(how_much_memory_a_host_takes)
{
	scoped(arena) struct arena arena = ARENA_INIT(2 << 10);
	scoped(buf) struct buf name = BUF_INIT(1 << 10), buf = BUF_INIT(1 << 16);
	struct http_request request = { 0 };
	struct http_refusal refusal = { 0 };

	buf_append_str(&name, "XN--BCHER-KVA");
	while (name.len < 253)
		buf_append_str(&name, ".a");
	CHECK_INT(name.len, 253);
	buf_printf(&buf, "GET http://%s./ HTTP/1.1\r\nHost: %s.:80\r\n\r\n", buf_text(&name),
		buf_text(&name));
	if (http_request_read(&request, &arena, (struct str){ buf.data, buf.len }, &HTTP_LIMITS, &refusal) !=
			HTTP_DONE)
		test_fail(__FILE__, __LINE__, "%s", refusal.why);
	CHECK_INT(request.host.name.len, 253);
}

TEST_MAIN()
