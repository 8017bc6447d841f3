// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_client_hello.c - what holds for every first message of TLS
 *
 *   - segment by segment it is read as it is at once, and what stands behind it changes nothing
 *   - the same message in other records says the same
 *   - a name is in its one form, and its bytes stand in the message
 *
 * The same bytes are a server's answer: with more of them it stays what it was, and 43 always say what it is.
 */
#include "codec/client_hello.h"

#include "base/buf.h"
#include "codec/server_hello.h"
#include "net/name.h"

enum {
	ARENA_MAX_BYTES = 70 << 10,
	RECORD_HEAD_BYTES = 5,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct client_hello *a, const struct client_hello *b)
{
	assert(str_eq(a->server_name, b->server_name) && a->versions == b->versions);
	assert(a->has_ech == b->has_ech && a->alpn_count == b->alpn_count);
	for (unsigned i = 0; i < a->alpn_count; i++)
		assert(str_eq(a->alpn[i], b->alpn[i]) && a->alpn[i].len);
}

/* The message of a hello that was read, without the heads of its records. */
static void strip(struct buf *message, struct str bytes)
{
	while (bytes.len) {
		const size_t len = (size_t)(unsigned char)bytes.data[3] << 8 | (unsigned char)bytes.data[4];

		assert(!buf_append(message, bytes.data + RECORD_HEAD_BYTES, len));
		bytes.data += RECORD_HEAD_BYTES + len;
		bytes.len -= RECORD_HEAD_BYTES + len;
	}
}

static void check_name(struct arena *arena, struct str name, const struct buf *message)
{
	bool is_there = false;
	struct str again;

	if (!name.len)
		return;
	assert(!net_name_read(arena, name, &again) && str_eq(again, name));
	for (size_t i = 0; i + name.len <= message->len && !is_there; i++) {
		size_t len = 0;

		while (len < name.len && ascii_lower(message->data[i + len]) == name.data[len])
			len++;
		is_there = len == name.len;
	}
	assert(is_there);
}

static void check_records(const struct client_hello *hello, const struct buf *message, size_t piece)
{
	scoped(buf) struct buf bytes = BUF_INIT(1 << 20);
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct client_hello other = { 0 };
	struct client_hello_refusal refusal;

	for (size_t at = 0; at < message->len; at += piece) {
		const size_t len = MIN(piece, message->len - at);
		const char head[] = { 22, 3, 3, (char)(len >> 8), (char)len };

		assert(!buf_append(&bytes, head, sizeof(head)) &&
			!buf_append(&bytes, message->data + at, len));
	}
	assert(client_hello_read(&other, &arena, (struct str){ bytes.data, bytes.len }, &refusal) ==
		CLIENT_HELLO_DONE);
	assert(other.bytes == bytes.len);
	check_same(hello, &other);
}

static void check_answer(struct str bytes)
{
	const size_t most = MIN(bytes.len, (size_t)SERVER_HELLO_FIRST_BYTES);
	enum server_answer answer = SERVER_ANSWER_MORE;

	for (size_t len = 0; len <= most; len++) {
		const enum server_answer now = server_answer_read((struct str){ bytes.data, len });

		assert(answer == SERVER_ANSWER_MORE || now == answer);
		answer = now;
	}
	assert(answer != SERVER_ANSWER_MORE || most < SERVER_HELLO_FIRST_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES), other = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf message = BUF_INIT(1 << 17);
	const struct str bytes = { (const char *)data, size };
	struct client_hello hello = { 0 }, slow = { 0 };
	struct client_hello_refusal refusal = { 0 }, slow_refusal = { 0 };
	enum client_hello_step step = client_hello_read(&hello, &arena, bytes, &refusal);
	enum client_hello_step slowly = CLIENT_HELLO_MORE;

	check_answer(bytes);
	for (size_t len = 0; len <= size && slowly == CLIENT_HELLO_MORE; len++)
		slowly = client_hello_read(&slow, &other, (struct str){ bytes.data, len }, &slow_refusal);
	assert(slowly == step && refusal.why == slow_refusal.why);
	assert((step == CLIENT_HELLO_MALFORMED) == (refusal.why != NULL));
	if (step != CLIENT_HELLO_DONE)
		return 0;
	assert(hello.bytes == slow.bytes && hello.bytes <= size);
	check_same(&hello, &slow);
	strip(&message, (struct str){ bytes.data, hello.bytes });
	check_name(&arena, hello.server_name, &message);
	check_records(&hello, &message, 1 + size % 40);
	check_records(&hello, &message, 1 << 14);
	return 0;
}
