// SPDX-License-Identifier: Apache-2.0
/*
 * server_hello.c - the first message of a server of TLS, as far as it says whether its client speaks again
 */
#include "codec/server_hello.h"

#include "codec/client_hello.h"

#include <string.h>

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_HEAD_BYTES = 5,
	SERVER_HELLO = 2,
	RANDOM_BYTES = 32,
	/* behind the head of the record, that of the message (4 bytes) and the version (2) */
	RANDOM_AT = RECORD_HEAD_BYTES + 6,
};

static_assert(RANDOM_AT + RANDOM_BYTES == SERVER_HELLO_FIRST_BYTES, "the random is the last of what is read");

/* The SHA-256 of "HelloRetryRequest". */
static const unsigned char retry_random[RANDOM_BYTES] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static enum server_answer read_hello(struct str bytes, size_t record_bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;

	if (record_bytes < SERVER_HELLO_FIRST_BYTES - RECORD_HEAD_BYTES)
		return SERVER_ANSWER_RETRY;
	if (bytes.len < SERVER_HELLO_FIRST_BYTES)
		return SERVER_ANSWER_MORE;
	return at[RECORD_HEAD_BYTES] == SERVER_HELLO &&
			memcmp(at + RANDOM_AT, retry_random, RANDOM_BYTES) != 0 ?
		SERVER_ANSWER_HELLO :
		SERVER_ANSWER_RETRY;
}

static enum server_answer read_alert(struct str bytes, size_t record_bytes)
{
	if (record_bytes != TLS_ALERT_BYTES - RECORD_HEAD_BYTES)
		return SERVER_ANSWER_RETRY;
	return bytes.len < TLS_ALERT_BYTES ? SERVER_ANSWER_MORE : SERVER_ANSWER_ALERT;
}

enum server_answer server_answer_read(struct str bytes)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	size_t record_bytes;

	if (!bytes.len)
		return SERVER_ANSWER_MORE;
	if (at[0] != RECORD_HANDSHAKE && at[0] != RECORD_ALERT)
		return SERVER_ANSWER_RETRY;
	if (bytes.len < RECORD_HEAD_BYTES)
		return SERVER_ANSWER_MORE;
	record_bytes = (size_t)at[3] << 8 | at[4];
	return at[0] == RECORD_ALERT ? read_alert(bytes, record_bytes) : read_hello(bytes, record_bytes);
}
