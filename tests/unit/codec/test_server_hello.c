// SPDX-License-Identifier: Apache-2.0
/*
 * test_server_hello.c - whether a server's first bytes let its client go on, in whichever pieces they come
 */
#include "codec/server_hello.h"

#include "lib/test.h"

#define RETRY_RANDOM \
	"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91" \
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"
#define OTHER_RANDOM "0123456789abcdef0123456789abcdef"
#define HEAD "\x16\x03\x03\0\x2c"
#define MESSAGE "\x02\0\0\x28\x03\x03"

static const struct {
	struct str bytes;
	enum server_answer answer;
	size_t needed;				/* with less of them, more is asked for */
} rows[] = {
	{ STR(HEAD MESSAGE OTHER_RANDOM), SERVER_ANSWER_HELLO, 43 },
	{ STR(HEAD MESSAGE RETRY_RANDOM), SERVER_ANSWER_RETRY, 43 },
	/* versions are nobody's business here, and the last byte of the random counts */
	{ STR("\x16\x03\x01\0\x2c" "\x02\0\0\x28\x03\x01" OTHER_RANDOM), SERVER_ANSWER_HELLO, 43 },
	{ STR("\x16\xff\xff\0\x2c" "\x02\0\0\x28\xff\xff" RETRY_RANDOM), SERVER_ANSWER_RETRY, 43 },
	{ STR(HEAD MESSAGE "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
		"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9d"),
		SERVER_ANSWER_HELLO, 43 },
	/* a record that has just the random, and one byte less */
	{ STR("\x16\x03\x03\0\x26" MESSAGE OTHER_RANDOM), SERVER_ANSWER_HELLO, 43 },
	{ STR("\x16\x03\x03\0\x25" MESSAGE OTHER_RANDOM), SERVER_ANSWER_RETRY, 5 },
	{ STR("\x16\x03\x03\0\0" MESSAGE OTHER_RANDOM), SERVER_ANSWER_RETRY, 5 },
	/* other messages: HelloRequest, a client's hello */
	{ STR(HEAD "\0\0\0\x28\x03\x03" OTHER_RANDOM), SERVER_ANSWER_RETRY, 43 },
	{ STR(HEAD "\x01\0\0\x28\x03\x03" OTHER_RANDOM), SERVER_ANSWER_RETRY, 43 },
	/* alerts, one of which is none */
	{ STR("\x15\x03\x01\0\x02\x01\x70"), SERVER_ANSWER_ALERT, 7 },
	{ STR("\x15\x03\x01\0\x02\x02\x28" HEAD MESSAGE OTHER_RANDOM), SERVER_ANSWER_ALERT, 7 },
	{ STR("\x15\x03\x01\0\x03\x02\x28\0"), SERVER_ANSWER_RETRY, 5 },
	{ STR("\x15\x03\x01\x01\x02\x02\x28"), SERVER_ANSWER_RETRY, 5 },
	/* no TLS, or no first record of it */
	{ STR("HTTP/1.1 400 Bad Request\r\n\r\n"), SERVER_ANSWER_RETRY, 1 },
	{ STR("\x17\x03\x03\0\x2c"), SERVER_ANSWER_RETRY, 1 },
	{ STR("\x14\x03\x03\0\x01\x01"), SERVER_ANSWER_RETRY, 1 },
	{ STR("\0"), SERVER_ANSWER_RETRY, 1 },
};

TEST(what_a_server_answers)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t len = 0; len <= rows[i].bytes.len; len++) {
			enum server_answer answer = server_answer_read(
				(struct str){ rows[i].bytes.data, len });

			CHECK_INT(answer, len < rows[i].needed ? SERVER_ANSWER_MORE : rows[i].answer);
		}
}

TEST_MAIN()
