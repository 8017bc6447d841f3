// SPDX-License-Identifier: Apache-2.0
/*
 * test_http_body.c - where a body ends, and what is no body at all
 */
#include "codec/http_body.h"

#include "base/buf.h"
#include "lib/test.h"

static const struct http_head chunked = { .framing = HTTP_BODY_CHUNKED };

struct row {
	struct str bytes;
	size_t used;			/* of them; 0: it is refused */
	const char *why;		/* a word of the reason; NULL for what is none */
};

/* @piece bytes at a time, as they may come. */
static enum http_step feed(struct http_body *body, struct str bytes, size_t piece, size_t *ret_used,
	struct http_refusal *refusal)
{
	enum http_step step = HTTP_MORE;
	size_t used;

	*ret_used = 0;
	while (step == HTTP_MORE && *ret_used < bytes.len) {
		const struct str some = { bytes.data + *ret_used, MIN(piece, bytes.len - *ret_used) };

		step = http_body_feed(body, some, &used, refusal);
		if (step == HTTP_MORE)
			CHECK_INT(used, some.len);
		*ret_used += used;
	}
	return step;
}

static void check_rows(const struct row *rows, size_t count, bool is_request)
{
	for (size_t i = 0; i < count; i++)
		for (size_t piece = 1; piece < rows[i].bytes.len + 2; piece++) {
			struct http_refusal refusal = { 0 };
			struct http_body body;
			enum http_step step;
			size_t used;

			http_body_begin(&body, &chunked, is_request, UINT64_MAX);
			step = feed(&body, rows[i].bytes, piece, &used, &refusal);
			if (step != (rows[i].why ? HTTP_REFUSED : HTTP_DONE) ||
					(!rows[i].why && used != rows[i].used))
				test_fail(__FILE__, __LINE__, "row %zu by %zu: %d, %zu, '%s': %s", i, piece,
					step, used, refusal.why ?: "", rows[i].bytes.data);
			if (rows[i].why && (!strstr(refusal.why, rows[i].why) ||
					refusal.status != (is_request ? 400 : 502)))
				test_fail(__FILE__, __LINE__, "row %zu: %u, '%s'", i, refusal.status,
					refusal.why);
			CHECK(http_body_is_whole(&body) == (step == HTTP_DONE));
		}
}

/* The same for requests and responses. */
static const struct row both[] = {
	{ STR("0\r\n\r\n"), 5, NULL }, { STR("0\r\n\r\nGET"), 5, NULL },
	{ STR("3\r\nabc\r\n0\r\n\r\n"), 13, NULL },
	{ STR("00000000000000a\r\n0123456789\r\n0\r\n\r\n!"), 34, NULL },
	{ STR("A\r\n0123456789\r\n1\r\n\n\r\n000\r\n\r\n"), 28, NULL },
	{ STR("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), 15, NULL },
	/* Sizes */
	{ STR("\r\n"), 0, "size" }, { STR("g\r\n"), 0, "size" }, { STR("0x3\r\nabc\r\n"), 0, "size" },
	{ STR("+3\r\nabc\r\n"), 0, "size" }, { STR("-1\r\n"), 0, "size" },
	{ STR(" 3\r\nabc\r\n"), 0, "size" }, { STR("3\nabc\r\n"), 0, "size" }, { STR("3\rabc"), 0, "size" },
	{ STR("3\r\rabc"), 0, "size" }, { STR("3_0\r\n"), 0, "size" }, { STR("\"3\"\r\n"), 0, "size" },
	{ STR("3\0\r\n"), 0, "size" }, { STR("00000000000000003\r\nabc\r\n"), 0, "size" },
	{ STR("8000000000000000\r\n"), 0, "size" }, { STR("ffffffffffffffff\r\n"), 0, "size" },
	{ STR("10000000000000003\r\n"), 0, "size" },
	/* Data */
	{ STR("3\r\nabcd\r\n0\r\n\r\n"), 0, "longer" }, { STR("3\r\nab\r\n0\r\n\r\n"), 0, "longer" },
	{ STR("3\r\nabc\n0\r\n\r\n"), 0, "longer" }, { STR("3\r\nabc0\r\n\r\n"), 0, "longer" },
	{ STR("3\r\nabc\rX"), 0, "longer" }, { STR("3\r\nabc\r\n\r\n"), 0, "size" },
	/* Trailers */
	{ STR("0\r\nX: a\n\r\n"), 0, "last chunk" }, { STR("0\r\nX: a\rb\r\n"), 0, "last chunk" },
	{ STR("0\r\n X: a\r\n"), 0, "last chunk" }, { STR("0\r\nX : a\r\n"), 0, "last chunk" },
	{ STR("0\r\n: a\r\n"), 0, "last chunk" }, { STR("0\r\nX\r\n"), 0, "last chunk" },
	{ STR("0\r\nX: a\r\n b\r\n"), 0, "last chunk" }, { STR("0\r\nX: \0\r\n"), 0, "last chunk" },
	{ STR("0\r\n\n"), 0, "last chunk" }, { STR("0\r\n\rX"), 0, "last chunk" },
	{ STR("0\r\nGET / HTTP/1.1\r\n"), 0, "last chunk" },
	{ STR("0\r\nContent-Length: 1\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nX: y\r\ntransfer-encoding: chunked\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nTransfer_Encoding: chunked\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nHOST: a\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nProxy-Anything: a\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nAuthorization: a\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nset_cookie: a\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nConnection: close\r\n\r\n"), 0, "last chunk" },
	{ STR("0\r\nContent-Encoding: gzip\r\n\r\n"), 0, "last chunk" },
};

/* What a response may have, and a request may not. */
static const struct row extended[] = {
	{ STR("0\r\nX-Sum: 1\r\nempty:\r\n\r\nrest"), 23, NULL },
	{ STR("0\r\nContent-Lengths: 1\r\n\r\n"), 25, NULL },
	{ STR("0\r\nX:POST / HTTP/1.1\r\n\r\n"), 24, NULL },
	{ STR("3;a\r\nabc\r\n0\r\n\r\n"), 15, NULL },
	{ STR("3;a=b\r\nabc\r\n0;x;y=\"z\"\r\n\r\n"), 25, NULL },
	{ STR("3 ; a = b ;c\r\nabc\r\n0\r\n\r\n"), 24, NULL },
	{ STR("3;a=\"x;\\\" \\\\y\"\t;c\r\nabc\r\n0\r\n\r\n"), 29, NULL },
};

static const struct row never[] = {
	{ STR("3;\r\nabc\r\n"), 0, "extension" }, { STR("3;;a\r\nabc\r\n"), 0, "extension" },
	{ STR("3;a\nabc\r\n"), 0, "extension" }, { STR("3;a\rabc\r\n"), 0, "size" },
	{ STR("3;=b\r\nabc\r\n"), 0, "extension" }, { STR("3;a=\r\nabc\r\n"), 0, "extension" },
	{ STR("3;a=\"b\r\nabc\r\n"), 0, "extension" }, { STR("3;a=\"b\\\r\n"), 0, "extension" },
	{ STR("3;a=\"b\"c\r\n"), 0, "extension" }, { STR("3;a=\"\n\"\r\n"), 0, "extension" },
	{ STR("3;a b\r\nabc\r\n"), 0, "extension" }, { STR("3 \r\nabc\r\n"), 0, "extension" },
	{ STR("3;a \r\nabc\r\n"), 0, "extension" }, { STR("3;a=b \r\nabc\r\n"), 0, "extension" },
	{ STR("3 a\r\nabc\r\n"), 0, "extension" }, { STR("3;a\0\r\n"), 0, "extension" },
};

TEST(chunks)
{
	check_rows(both, ARRAY_SIZE(both), true);
	check_rows(both, ARRAY_SIZE(both), false);
}

TEST(extensions_and_trailers_are_for_responses)
{
	check_rows(extended, ARRAY_SIZE(extended), false);
	check_rows(never, ARRAY_SIZE(never), false);
	for (size_t i = 0; i < ARRAY_SIZE(extended); i++) {
		const bool has_trailer = extended[i].bytes.data[0] == '0';
		const struct row refused = { extended[i].bytes, 0, has_trailer ? "last chunk" : "size" };

		check_rows(&refused, 1, true);
	}
}

TEST(a_body_of_known_length)
{
	const struct http_head head = { .framing = HTTP_BODY_LENGTH, .length_bytes = 5 }, none = { 0 },
		empty = { .framing = HTTP_BODY_LENGTH }, until_close = { .framing = HTTP_BODY_UNTIL_CLOSE };
	struct http_refusal refusal;
	struct http_body body;
	size_t used;

	http_body_begin(&body, &head, true, UINT64_MAX);
	CHECK_INT(http_body_feed(&body, STR("abc"), &used, &refusal), HTTP_MORE);
	CHECK_INT(used, 3);
	CHECK(!http_body_is_whole(&body));
	CHECK_INT(http_body_feed(&body, STR("de\r\n"), &used, &refusal), HTTP_DONE);
	CHECK_INT(used, 2);
	CHECK(http_body_is_whole(&body));
	CHECK_INT(http_body_feed(&body, STR("x"), &used, &refusal), HTTP_DONE);
	CHECK_INT(used, 0);
	http_body_begin(&body, &none, true, 0);
	CHECK_INT(http_body_feed(&body, STR("x"), &used, &refusal), HTTP_DONE);
	CHECK_INT(used, 0);
	http_body_begin(&body, &empty, true, 0);
	CHECK(http_body_is_whole(&body));
	http_body_begin(&body, &until_close, false, UINT64_MAX);
	CHECK_INT(http_body_feed(&body, STR("0\r\n\r\n"), &used, &refusal), HTTP_MORE);
	CHECK_INT(used, 5);
	CHECK(http_body_is_whole(&body));
}

/* At the limit, and one byte beyond. */
TEST(how_long_a_body_is)
{
	struct http_head head = { .framing = HTTP_BODY_LENGTH, .length_bytes = 5 };
	struct http_refusal refusal;
	struct http_body body;
	size_t used;

	http_body_begin(&body, &head, true, 5);
	CHECK_INT(http_body_feed(&body, STR("abcde"), &used, &refusal), HTTP_DONE);
	http_body_begin(&body, &head, true, 4);
	CHECK_INT(http_body_feed(&body, STR("a"), &used, &refusal), HTTP_REFUSED);
	CHECK_INT(refusal.status, 413);
	head.framing = HTTP_BODY_UNTIL_CLOSE;
	http_body_begin(&body, &head, false, 5);
	CHECK_INT(http_body_feed(&body, STR("abcde"), &used, &refusal), HTTP_MORE);
	CHECK_INT(http_body_feed(&body, STR("f"), &used, &refusal), HTTP_REFUSED);
	CHECK_INT(refusal.status, 502);
	http_body_begin(&body, &chunked, true, 5);
	CHECK_INT(http_body_feed(&body, STR("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), &used, &refusal), HTTP_DONE);
	http_body_begin(&body, &chunked, true, 5);
	CHECK_INT(http_body_feed(&body, STR("3\r\nabc\r\n3\r\n"), &used, &refusal), HTTP_REFUSED);
	CHECK_INT(refusal.status, 413);
	/* What was refused stays refused. */
	CHECK_INT(http_body_feed(&body, STR("0\r\n\r\n"), &used, &refusal), HTTP_REFUSED);
}

TEST(how_long_what_is_no_data_is)
{
	for (size_t more = 0; more < 2; more++) {
		scoped(buf) struct buf buf = BUF_INIT(1 << 16);
		struct http_refusal refusal;
		struct http_body body;
		size_t used;

		buf_append_str(&buf, "0;");
		while (buf.len < HTTP_CHUNK_LINE_MAX - 2 + more)
			buf_append_char(&buf, 'a');
		buf_append_str(&buf, "\r\n\r\n");
		http_body_begin(&body, &chunked, false, UINT64_MAX);
		CHECK_INT(http_body_feed(&body, (struct str){ buf.data, buf.len }, &used, &refusal),
			more ? HTTP_REFUSED : HTTP_DONE);
		buf_clear(&buf);
		buf_append_str(&buf, "0\r\n");
		for (size_t i = 0; i < (HTTP_TRAILER_MAX - 2) / 6; i++)
			buf_append_str(&buf, "X: y\r\n");
		/* 8,190 bytes of trailers, and two for the end. */
		buf_append_str(&buf, more ? "X:\r\n\r\n" : "\r\n");
		http_body_begin(&body, &chunked, false, UINT64_MAX);
		CHECK_INT(http_body_feed(&body, (struct str){ buf.data, buf.len }, &used, &refusal),
			more ? HTTP_REFUSED : HTTP_DONE);
	}
}

/* A server that counts in 32 bits would see a small one. */
TEST(how_large_a_chunk_is)
{
	static const struct {
		struct str size;
		bool of_request, of_response;
	} sizes[] = {
		{ STR("7fffffff\r\n"), true, true }, { STR("000000007fffffff\r\n"), true, true },
		{ STR("80000000\r\n"), false, true }, { STR("100000005\r\n"), false, true },
		{ STR("7fffffffffffffff\r\n"), false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int is_request = 0; is_request < 2; is_request++) {
			struct http_refusal refusal;
			struct http_body body;
			size_t used;

			http_body_begin(&body, &chunked, is_request, UINT64_MAX);
			CHECK_INT(http_body_feed(&body, sizes[i].size, &used, &refusal),
				(is_request ? sizes[i].of_request : sizes[i].of_response) ? HTTP_MORE :
				HTTP_REFUSED);
		}
}

TEST_MAIN()
