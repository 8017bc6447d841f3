// SPDX-License-Identifier: Apache-2.0
/*
 * bench_codec.c - how fast messages of the network are read and written
 *
 * Heads of HTTP as curl and a browser send them, read alone and read and written anew; bodies in chunks; the
 * first message of TLS; a request of SOCKS. Every figure is the median of ROUNDS_COUNT rounds of processor
 * time; the slowest and the fastest stand beside it.
 */
#include "codec/client_hello.h"
#include "codec/http_body.h"
#include "codec/http_write.h"
#include "codec/socks.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	REPEAT_COUNT = 20000,
	CHUNK_BYTES = 8 << 10,
	CHUNKS_COUNT = 64,
};

static struct arena arena = ARENA_INIT(70 << 10);
static struct buf buf = BUF_INIT(1 << 20);

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void must(bool is_so)
{
	if (is_so)
		return;
	fprintf(stderr, "bench_codec: a message was not read\n");
	exit(EXIT_FAILURE);
}

#define BROWSER \
	"GET /search?q=something&lang=en HTTP/1.1\r\nHost: www.a.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux " \
	"x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,application/xml" \
	";q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nConnection: " \
	"keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\nReferer: " \
	"http://www.a.example/\r\nUpgrade-Insecure-Requests: 1\r\nPriority: u=0, i\r\nCache-Control: max-age=0\r\n\r\n"

static const struct str
	curl = STR("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nUser-Agent: curl/7.88.1\r\n"
	"Accept: */*\r\nProxy-Connection: Keep-Alive\r\n\r\n"),
	browser = STR(BROWSER),
	tunnel = STR("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nUser-Agent: curl/7.88.1\r\n"
	"Proxy-Connection: Keep-Alive\r\n\r\n"),
	answer = STR(
		"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 02 Jan 2026 03:04:05 GMT\r\nContent-Type: "
		"text/html; charset=utf-8\r\nContent-Length: 12345\r\nConnection: keep-alive\r\nVary: Accept-Encoding\r\n"
		"ETag: \"0123456789abcdef\"\r\nCache-Control: max-age=600\r\nAccept-Ranges: bytes\r\n\r\n");

/* ---- what is measured; each returns the bytes that it was about ---- */

static size_t read_head(struct str head, bool is_written)
{
	struct http_request request = { 0 };
	struct http_refusal refusal;

	arena_reset(&arena);
	must(http_request_read(&request, &arena, head, &HTTP_LIMITS, &refusal) == HTTP_DONE);
	buf_clear(&buf);
	must(!is_written || !http_request_write(&buf, &request, false));
	return head.len;
}

static size_t read_curl(void)
{
	return read_head(curl, false);
}

static size_t pass_curl(void)
{
	return read_head(curl, true);
}

static size_t read_browser(void)
{
	return read_head(browser, false);
}

static size_t pass_browser(void)
{
	return read_head(browser, true);
}

static size_t read_tunnel(void)
{
	return read_head(tunnel, false);
}

static size_t pass_answer(void)
{
	static const struct http_asked asked = { HTTP_METHOD_GET, 1, false };
	struct http_response response = { 0 };
	struct http_refusal refusal;

	must(http_response_read(&response, answer, &asked, &HTTP_LIMITS, &refusal) == HTTP_DONE);
	buf_clear(&buf);
	must(!http_response_write(&buf, &response, false));
	return answer.len;
}

static struct buf chunks = BUF_INIT(1 << 20), hello = BUF_INIT(1 << 16);

static void make_chunks(void)
{
	for (int i = 0; i < CHUNKS_COUNT; i++) {
		buf_printf(&chunks, "%x\r\n", CHUNK_BYTES);
		must(buf_reserve(&chunks, CHUNK_BYTES));
		memset(buf_reserve(&chunks, CHUNK_BYTES), 'x', CHUNK_BYTES);
		buf_commit(&chunks, CHUNK_BYTES);
		buf_append_str(&chunks, "\r\n");
	}
	buf_append_str(&chunks, "0\r\n\r\n");
}

static size_t read_chunks(void)
{
	const struct http_head head = { .framing = HTTP_BODY_CHUNKED };
	struct http_refusal refusal;
	struct http_body body;
	size_t used;

	http_body_begin(&body, &head, true, UINT64_MAX);
	must(http_body_feed(&body, (struct str){ chunks.data, chunks.len }, &used, &refusal) == HTTP_DONE);
	return chunks.len;
}

/* As long as OpenSSL's: one name, two protocols, padding. */
static void make_hello(void)
{
	static const struct str fixed = STR("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"
		"rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
		"\0\0\x02\x13\x01\x01\0\x01\xd1"
		"\0\0\0\x0e\0\x0c\0\0\x09"
		"a.example"
		"\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1"
		"\0\x2b\0\x05\x04\x03\x04\x03\x03"
		"\0\x15\x01\xa0");

	buf_append(&hello, fixed.data, fixed.len);
	while (hello.len < 5 + 512)
		buf_append_char(&hello, 0);
}

static size_t read_hello(void)
{
	struct client_hello read = { 0 };
	struct client_hello_refusal refusal;

	arena_reset(&arena);
	must(client_hello_read(&read, &arena, (struct str){ hello.data, hello.len }, &refusal) ==
		CLIENT_HELLO_DONE);
	return hello.len;
}

static size_t read_socks(void)
{
	static const struct str request = STR("\5\1\0\3\x09" "a.example\1\xbb");
	struct socks_refusal refusal;
	struct http_host host;
	size_t used;

	arena_reset(&arena);
	must(socks_request_read(&arena, request, &host, &used, &refusal) == SOCKS_DONE);
	return request.len;
}

static const struct {
	const char *name;
	size_t (*work)(void);
} rows[] = {
	{ "curl's head, read", read_curl }, { "curl's head, passed on", pass_curl },
	{ "browser's head, read", read_browser }, { "browser's head, passed on", pass_browser },
	{ "CONNECT, read", read_tunnel }, { "answer's head, passed on", pass_answer },
	{ "chunks of 8 KiB", read_chunks }, { "ClientHello", read_hello }, { "SOCKS request", read_socks },
};

static void measure(const char *name, size_t (*work)(void))
{
	uint64_t rounds_ns[ROUNDS_COUNT];
	const size_t len = work(), repeat = MIN((size_t)REPEAT_COUNT, ((size_t)512 << 20) / len);
	double median;

	for (int round = 0; round < ROUNDS_COUNT; round++) {
		const uint64_t start_ns = now_ns();

		for (size_t i = 0; i < repeat; i++)
			work();
		rounds_ns[round] = now_ns() - start_ns;
	}
	qsort(rounds_ns, ROUNDS_COUNT, sizeof(*rounds_ns), by_value);
	median = (double)rounds_ns[ROUNDS_COUNT / 2];
	printf("%-26s %7zu B  %9.0f/s  (%.0f to %.0f)  %8.0f MB/s\n", name, len,
		(double)repeat * 1e9 / median, (double)repeat * 1e9 / (double)rounds_ns[ROUNDS_COUNT - 1],
		(double)repeat * 1e9 / (double)rounds_ns[0], (double)(len * repeat) * 1e3 / median);
}

int main(int argc, char **argv)
{
	make_chunks();
	make_hello();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (argc < 2 || strstr(rows[i].name, argv[1]))
			measure(rows[i].name, rows[i].work);
	return 0;
}
