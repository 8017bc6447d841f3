// SPDX-License-Identifier: Apache-2.0
/*
 * test_socks.c - what clients of SOCKS say, and what is answered
 */
#include "codec/socks.h"

#include "base/buf.h"
#include "lib/test.h"

#include <stdio.h>

static const struct {
	struct str bytes;
	enum socks_step step;
	size_t used;
	const char *why;
} greetings[] = {
	/* OpenBSD's nc, PySocks; curl with GSSAPI and with a password; Java; Go */
	{ STR("\5\1\0"), SOCKS_DONE, 3, NULL }, { STR("\5\2\0\1"), SOCKS_DONE, 4, NULL },
	{ STR("\5\3\0\1\2"), SOCKS_DONE, 5, NULL }, { STR("\5\2\0\2"), SOCKS_DONE, 4, NULL },
	{ STR("\5\2\2\0"), SOCKS_DONE, 4, NULL },
	{ STR("\5\1\0\5\1"), SOCKS_DONE, 3, NULL },
	{ STR("\5\1\2"), SOCKS_REFUSED, 0, "who it is" }, { STR("\5\1\xff"), SOCKS_REFUSED, 0, "who it is" },
	{ STR("\5\0"), SOCKS_REFUSED, 0, "no way" }, { STR("\4\1\0\x50"), SOCKS_REFUSED, 0, "not SOCKS" },
	{ STR("GET "), SOCKS_REFUSED, 0, "not SOCKS" }, { STR(""), SOCKS_MORE, 0, NULL },
};

TEST(greetings_of_clients)
{
	for (size_t i = 0; i < ARRAY_SIZE(greetings); i++) {
		const char *why;
		size_t used = 0;
		enum socks_step step = socks_greeting_read(greetings[i].bytes, &used, &why);

		if (step != greetings[i].step || (step == SOCKS_DONE && used != greetings[i].used))
			test_fail(__FILE__, __LINE__, "row %zu: %d, %zu", i, step, used);
		if (greetings[i].why ? !why || !strstr(why, greetings[i].why) : why != NULL)
			test_fail(__FILE__, __LINE__, "row %zu: %s", i, why);
		for (size_t len = 0; len < greetings[i].used; len++)
			CHECK_INT(socks_greeting_read((struct str){ greetings[i].bytes.data, len }, &used,
				&why), SOCKS_MORE);
	}
}

TEST(a_greeting_of_every_way)
{
	char bytes[SOCKS_GREETING_MAX] = { 5, (char)255 };
	const char *why;
	size_t used;

	for (size_t i = 2; i < sizeof(bytes); i++)
		bytes[i] = (char)(257 - i);
	CHECK_INT(socks_greeting_read((struct str){ bytes, sizeof(bytes) }, &used, &why), SOCKS_REFUSED);
	bytes[sizeof(bytes) - 1] = 0;
	CHECK_INT(socks_greeting_read((struct str){ bytes, sizeof(bytes) - 1 }, &used, &why), SOCKS_MORE);
	CHECK_INT(socks_greeting_read((struct str){ bytes, sizeof(bytes) }, &used, &why), SOCKS_DONE);
	CHECK_INT(used, sizeof(bytes));
}

static const struct {
	struct str bytes;
	const char *host;		/* with its port; or a word of the reason, behind a "!" */
	enum socks_answer answer;
} requests[] = {
	{ STR("\5\1\0\3\x09" "A.Example\1\xbb"), "a.example:443", 0 },
	{ STR("\5\1\0\3\x0a" "a.example.\0\x50"), "a.example:80", 0 },
	{ STR("\5\1\0\3\1a\xff\xff"), "a:65535", 0 },
	{ STR("\5\1\0\1\x0a\0\0\1\0\x16"), "10.0.0.1:22 address", 0 },
	{ STR("\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x16"), "2001:db8::1:22 address", 0 },
	{ STR("\5\1\0\3\x08" "10.0.0.1\0\x16"), "10.0.0.1:22 address", 0 },
	{ STR("\5\1\0\3\x06" "0x7f.1\0\x16"), "127.0.0.1:22 address", 0 },
	{ STR("\5\1\0\3\3::1\0\x16"), "::1:22 address", 0 },
	{ STR("\5\1\0\3\5[::1]\0\x16"), "::1:22 address", 0 },
	{ STR("\4\1\0\x50"), "!not of SOCKS", SOCKS_FAILED },
	{ STR("\5\2\0\1\x0a\0\0\1\0\x16"), "!CONNECT", SOCKS_NO_SUCH_COMMAND },
	{ STR("\5\3\0\1\0\0\0\0\0\0"), "!CONNECT", SOCKS_NO_SUCH_COMMAND },
	{ STR("\5\0\0\1\x0a\0\0\1\0\x16"), "!that there is not", SOCKS_NO_SUCH_COMMAND },
	{ STR("\5\xf0\0\3\1a\0\x50"), "!that there is not", SOCKS_NO_SUCH_COMMAND },
	{ STR("\5\1\1\1\x0a\0\0\1\0\x16"), "!nothing may stand", SOCKS_FAILED },
	{ STR("\5\1\0\0"), "!no known kind", SOCKS_NO_SUCH_ADDRESS },
	{ STR("\5\1\0\2"), "!no known kind", SOCKS_NO_SUCH_ADDRESS },
	{ STR("\5\1\0\3\1a\0\0"), "!no port", SOCKS_FAILED },
	{ STR("\5\1\0\3\0\0\x50"), "!no host", SOCKS_FAILED },
	{ STR("\5\1\0\3\3a\0b\0\x50"), "!no host may", SOCKS_FAILED },
	{ STR("\5\1\0\3\3a b\0\x50"), "!no host may", SOCKS_FAILED },
	{ STR("\5\1\0\3\3a@b\0\x50"), "!no host may", SOCKS_FAILED },
	{ STR("\5\1\0\3\2\303\244\0\x50"), "!no host may", SOCKS_FAILED },
	{ STR("\5\1\0\3\4a..b\0\x50"), "!empty", SOCKS_FAILED },
	{ STR("\5\1\0\3\4a:80\0\x50"), "!wrong address", SOCKS_FAILED },
	{ STR("\5\1\0\3\x09" "256.1.1.1\0\x50"), "!wrong address", SOCKS_FAILED },
};

static enum socks_step read_slowly(struct arena *arena, struct str bytes, struct http_host *host,
	size_t *used, struct socks_refusal *refusal)
{
	enum socks_step step = SOCKS_MORE;

	for (size_t len = 0; len <= bytes.len && step == SOCKS_MORE; len++)
		step = socks_request_read(arena, (struct str){ bytes.data, len }, host, used, refusal);
	return step;
}

TEST(requests_of_clients)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		for (int slow = 0; slow < 2; slow++) {
			scoped(arena) struct arena arena = ARENA_INIT(16 << 10);
			struct socks_refusal refusal = { 0 };
			struct http_host host = { 0 };
			const struct str bytes = requests[i].bytes;
			enum socks_step step;
			char text[512];
			size_t used;

			step = slow ? read_slowly(&arena, bytes, &host, &used, &refusal) :
				socks_request_read(&arena, bytes, &host, &used, &refusal);
			snprintf(text, sizeof(text), "%.*s:%u%s", STR_FMT(host.name), host.port,
				host.address.len ? " address" : "");
			if (step == SOCKS_DONE ? strcmp(text, requests[i].host) != 0 || used != bytes.len :
					step == SOCKS_MORE || requests[i].host[0] != '!' ||
					!strstr(refusal.why, requests[i].host + 1) ||
					refusal.answer != requests[i].answer)
				test_fail(__FILE__, __LINE__, "row %zu: %d, %d, %s", i, step, refusal.answer,
					refusal.why ?: text);
		}
}

/* What stands behind a request belongs to whom it is for. */
TEST(a_request_ends_where_it_does)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 10);
	struct socks_refusal refusal;
	struct http_host host;
	size_t used;

	CHECK_INT(socks_request_read(&arena, STR("\5\1\0\3\1a\0\x50GET / HTTP/1.1"), &host, &used, &refusal),
		SOCKS_DONE);
	CHECK_INT(used, 8);
	CHECK(host.has_port);
}

TEST(a_name_of_every_length)
{
	for (size_t len = 253; len <= 255; len++) {
		scoped(arena) struct arena arena = ARENA_INIT(16 << 10);
		scoped(buf) struct buf buf = BUF_INIT(SOCKS_REQUEST_MAX);
		struct socks_refusal refusal;
		struct http_host host;
		size_t used;

		buf_append(&buf, "\5\1\0\3", 4);
		buf_append_char(&buf, (char)len);
		for (size_t i = 0; i < len; i++)
			buf_append_char(&buf, i % 2 ? '.' : 'a');
		buf_append(&buf, "\0\x50", 2);
		/* At 254 the last one is the root's dot, at 255 it is too long. */
		CHECK_INT(socks_request_read(&arena, (struct str){ buf.data, buf.len }, &host, &used,
			&refusal),
			len < 255 ? SOCKS_DONE : SOCKS_REFUSED);
		CHECK(len < 255 || refusal.answer == SOCKS_FAILED);
	}
}

TEST(answers)
{
	char answer[SOCKS_ANSWER_BYTES];

	socks_answer_write(SOCKS_SUCCEEDED, answer);
	CHECK(!memcmp(answer, "\5\0\0\1\0\0\0\0\0\0", sizeof(answer)));
	socks_answer_write(SOCKS_NOT_ALLOWED, answer);
	CHECK(!memcmp(answer, "\5\2\0\1\0\0\0\0\0\0", sizeof(answer)));
	CHECK_STR(SOCKS_WELCOME, ((struct str){ "\5\0", 2 }));
	CHECK_STR(SOCKS_UNWELCOME, ((struct str){ "\5\xff", 2 }));
}

TEST_MAIN()
