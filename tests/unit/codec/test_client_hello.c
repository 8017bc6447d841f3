// SPDX-License-Identifier: Apache-2.0
/*
 * test_client_hello.c - whom a client wants to speak to, in whichever pieces it says so
 *
 * A row is a list of extensions; the rest of the hello is the same in all of them, and has tests of its own.
 */
#include "codec/client_hello.h"

#include "base/buf.h"
#include "lib/test.h"

#include <stdio.h>

#define A_EXAMPLE "\0\0\0\x0e\0\x0c\0\0\x09" "a.example"	/* server_name */
#define SESSION "\x04" "abcd"
#define CIPHERS "\0\x04\x0a\x0a\x13\x01"
#define NO_COMPRESSION "\x01\0"
#define REST SESSION CIPHERS NO_COMPRESSION

static void append_number(struct buf *buf, size_t number, int len)
{
	while (len--)
		buf_append_char(buf, (char)(number >> 8 * len));
}

/* The message: its head, @version, a random, @rest, and the extensions where there are any. */
static void make_message(struct buf *buf, unsigned version, struct str rest, struct str extensions)
{
	append_number(buf, 1, 1);
	append_number(buf, 2 + 32 + rest.len + (extensions.data ? 2 + extensions.len : 0), 3);
	append_number(buf, version, 2);
	for (int i = 0; i < 32; i++)
		buf_append_char(buf, 'r');
	buf_append(buf, rest.data, rest.len);
	if (!extensions.data)
		return;
	append_number(buf, extensions.len, 2);
	buf_append(buf, extensions.data, extensions.len);
}

/* In records of @piece bytes. */
static void make_records(struct buf *buf, const struct buf *message, size_t piece)
{
	for (size_t at = 0; at < message->len; at += piece) {
		append_number(buf, 22, 1);
		append_number(buf, 0x0301, 2);
		append_number(buf, MIN(piece, message->len - at), 2);
		buf_append(buf, message->data + at, MIN(piece, message->len - at));
	}
}

static void describe(const struct client_hello *hello, char *text, size_t size)
{
	size_t len;

	snprintf(text, size, "%.*s %x%s", STR_FMT(hello->server_name), hello->versions,
		hello->has_ech ? " ech" : "");
	for (unsigned i = 0; i < hello->alpn_count; i++) {
		len = strlen(text);
		snprintf(text + len, size - len, " %.*s", STR_FMT(hello->alpn[i]));
	}
}

/* With @step more bytes each time; as much as that, and the result is the same. */
static enum client_hello_step read_all(struct client_hello *hello, struct arena *arena, struct str bytes,
	size_t step_bytes, struct client_hello_refusal *refusal)
{
	enum client_hello_step step = CLIENT_HELLO_MORE;

	*hello = (struct client_hello){ 0 };
	*refusal = (struct client_hello_refusal){ 0 };
	for (size_t len = 0; step == CLIENT_HELLO_MORE && len < bytes.len;) {
		len = MIN(len + step_bytes, bytes.len);
		step = client_hello_read(hello, arena, (struct str){ bytes.data, len }, refusal);
	}
	return step;
}

static const struct {
	struct str extensions;		/* data NULL: there is no list of them */
	unsigned version;
	const char *wanted;		/* what it says; or a word of the reason, behind a "!" */
} rows[] = {
	{ { 0 }, 0x0303, " 7" }, { { 0 }, 0x0301, " 1" }, { { 0 }, 0x0302, " 3" },
	{ { 0 }, 0x0300, "!version" }, { { 0 }, 0x0304, "!version" }, { { 0 }, 0xfefd, "!version" },
	{ STR(""), 0x0303, " 7" },
	{ STR(A_EXAMPLE), 0x0303, "a.example 7" },
	{ STR("\0\0\0\x0e\0\x0c\0\0\x09" "A.ExamplE"), 0x0303, "a.example 7" },
	{ STR("\0\0\0\x06\0\x04\0\0\x01" "a"), 0x0303, "a 7" },
	/* GREASE on all sides: an extension, a version, a protocol */
	{ STR("\x1a\x1a\0\0" A_EXAMPLE "\0\x10\0\x0c\0\x0a\x02\x2a\x2a\x02h2\x03" "foo"
		"\0\x2b\0\x07\x06\x3a\x3a\x03\x04\x03\x03" "\x4a\x4a\0\x01\0"), 0x0303,
		"a.example c ** h2 foo" },
	{ STR("\0\x2b\0\x03\x02\x03\x04"), 0x0303, " 8" }, { STR("\0\x2b\0\x03\x02\x7f\x17"), 0x0303, " 0" },
	{ STR("\0\x29\0\0"), 0x0303, " 7" },
	/* The hello that is meant is another one. */
	{ STR(A_EXAMPLE "\xfe\x0d\0\x0d\0\0\x01\0\x01\x07\0\x02xx\0\x01y"), 0x0303, "a.example 7 ech" },
	{ STR("\xff\xce\0\0"), 0x0303, " 7 ech" }, { STR("\xfe\x0a\0\x01x"), 0x0303, " 7 ech" },
	{ STR("\xfe\x0d\0\x01\x01"), 0x0303, "!inner" }, { STR("\xfd\0\0\0"), 0x0303, "!inner" },
	{ STR("\xfe\x0d\0\0"), 0x0303, "!encrypted" },
	{ STR("\xfe\x0d\0\x0a\0\0\x01\0\x01\x07\0\0\0\0"), 0x0303, "!encrypted" },
	{ STR("\xfe\x0d\0\x0c\0\0\x01\0\x01\x07\0\0\0\x01yz"), 0x0303, "!encrypted" },
	/* Names */
	{ STR("\0\0\0\0"), 0x0303, "!malformed" }, { STR("\0\0\0\x02\0\0"), 0x0303, "!malformed" },
	{ STR("\0\0\0\x05\0\x03\0\0\0"), 0x0303, "!none" },
	{ STR("\0\0\0\x0f\0\x0c\0\0\x09" "a.example!"), 0x0303, "!malformed" },
	{ STR("\0\0\0\x0e\0\x0b\0\0\x09" "a.example"), 0x0303, "!malformed" },
	{ STR("\0\0\0\x0e\0\x0c\0\0\x0a" "a.example"), 0x0303, "!malformed" },
	{ STR("\0\0\0\x0e\0\x0c\0\0\x08" "a.example"), 0x0303, "!more than one" },
	{ STR("\0\0\0\x0a\0\x08\0\0\x01" "a\0\0\x01" "b"), 0x0303, "!more than one" },
	{ STR("\0\0\0\x06\0\x04\x01\0\x01" "a"), 0x0303, "!another thing" },
	{ STR("\0\0\0\x07\0\x05\0\0\x02" "a."), 0x0303, "!dot" },
	{ STR("\0\0\0\x07\0\x05\0\0\x02" "\303\244"), 0x0303, "!ASCII" },
	{ STR("\0\0\0\x08\0\x06\0\0\x03" "a b"), 0x0303, "!none" },
	{ STR("\0\0\0\x08\0\x06\0\0\x03" "a\0b"), 0x0303, "!none" },
	{ STR("\0\0\0\x08\0\x06\0\0\x03" "*.a"), 0x0303, "!none" },
	{ STR("\0\0\0\x0d\0\x0b\0\0\x08" "10.0.0.1"), 0x0303, "!none" },
	{ STR("\0\0\0\x08\0\x06\0\0\x03" "::1"), 0x0303, "!none" },
	{ STR(A_EXAMPLE A_EXAMPLE), 0x0303, "!twice" },
	/* Protocols and versions */
	{ STR("\0\x10\0\0"), 0x0303, "!ALPN" }, { STR("\0\x10\0\x02\0\0"), 0x0303, "!ALPN" },
	{ STR("\0\x10\0\x03\0\x01\0"), 0x0303, "!ALPN" }, { STR("\0\x10\0\x04\0\x02\x02h"), 0x0303, "!ALPN" },
	{ STR("\0\x10\0\x05\0\x02\x01h!"), 0x0303, "!ALPN" },
	{ STR("\0\x2b\0\0"), 0x0303, "!supported" }, { STR("\0\x2b\0\x01\0"), 0x0303, "!supported" },
	{ STR("\0\x2b\0\x02\x01\x03"), 0x0303, "!supported" },
	{ STR("\0\x2b\0\x04\x02\x03\x04\0"), 0x0303, "!supported" },
	/* Lists of extensions */
	{ STR("\x1a"), 0x0303, "!longer" }, { STR("\x1a\x1a\0"), 0x0303, "!longer" },
	{ STR("\x1a\x1a\0\x01"), 0x0303, "!longer" }, { STR("\x1a\x1a\0\0\x1a\x1a\0\0"), 0x0303, "!twice" },
	{ STR("\0\x29\0\0\x1a\x1a\0\0"), 0x0303, "!last" },
};

static void check_row(struct str bytes, size_t step_bytes, const char *wanted, size_t row)
{
	scoped(arena) struct arena arena = ARENA_INIT(66 << 10);
	struct client_hello_refusal refusal;
	struct client_hello hello;
	enum client_hello_step step = read_all(&hello, &arena, bytes, step_bytes, &refusal);
	char text[256];

	describe(&hello, text, sizeof(text));
	if (step != (wanted[0] == '!' ? CLIENT_HELLO_MALFORMED : CLIENT_HELLO_DONE))
		test_fail(__FILE__, __LINE__, "row %zu: %d, '%s'", row, step, refusal.why ?: text);
	if (step == CLIENT_HELLO_DONE ? strcmp(text, wanted) != 0 : !strstr(refusal.why, wanted + 1))
		test_fail(__FILE__, __LINE__, "row %zu: '%s'", row, refusal.why ?: text);
	if (step == CLIENT_HELLO_DONE)
		CHECK_INT(hello.bytes, bytes.len);
	else
		CHECK_INT(refusal.alert, TLS_ALERT_DECODE_ERROR);
}

/* In records of every length, and each of those in segments of some. */
TEST(what_a_hello_says)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf message = BUF_INIT(1 << 17);

		make_message(&message, rows[i].version, STR(REST), rows[i].extensions);
		for (size_t piece = 1; piece <= message.len; piece++) {
			scoped(buf) struct buf bytes = BUF_INIT(1 << 17);

			make_records(&bytes, &message, piece);
			check_row((struct str){ bytes.data, bytes.len }, bytes.len, rows[i].wanted, i);
			check_row((struct str){ bytes.data, bytes.len }, 1 + piece % 7, rows[i].wanted, i);
		}
	}
}

TEST(every_beginning_asks_for_more)
{
	scoped(buf) struct buf message = BUF_INIT(1 << 17), bytes = BUF_INIT(1 << 17);
	scoped(arena) struct arena arena = ARENA_INIT(66 << 10);

	make_message(&message, 0x0303, STR(REST), STR(A_EXAMPLE));
	make_records(&bytes, &message, 30);
	buf_append_str(&bytes, "what follows");
	for (size_t len = 0; len <= bytes.len; len++) {
		struct client_hello hello = { 0 };
		struct client_hello_refusal refusal;
		enum client_hello_step step = client_hello_read(&hello, &arena,
			(struct str){ bytes.data, len }, &refusal);

		CHECK_INT(step, len < bytes.len - strlen("what follows") ? CLIENT_HELLO_MORE :
			CLIENT_HELLO_DONE);
		if (step == CLIENT_HELLO_DONE)
			CHECK_INT(hello.bytes, bytes.len - strlen("what follows"));
		arena_reset(&arena);
	}
}

static const struct {
	struct str rest;		/* behind the random */
	const char *why;
} bodies[] = {
	{ STR(""), "shorter" },
	{ STR(SESSION), "shorter" },
	{ STR(SESSION CIPHERS), "shorter" },
	{ STR(SESSION CIPHERS "\x02\0"), "shorter" },
	{ STR("\xff"
		"abcd" CIPHERS NO_COMPRESSION),
		"shorter" },
	{ STR("\x21"
		"abcdefghijklmnopqrstuvwxyz0123456" CIPHERS NO_COMPRESSION),
		"session" },
	{ STR(SESSION "\0\0" NO_COMPRESSION), "ciphers" },
	{ STR(SESSION "\0\x03\x13\x01\x13" NO_COMPRESSION), "ciphers" },
	{ STR(SESSION CIPHERS "\0"), "compressed" }, { STR(SESSION CIPHERS "\x01\x01"), "compressed" },
	{ STR(REST "\0"), "do not end" }, { STR(REST "\0\x01"), "do not end" },
	{ STR(REST "\0\0\0"), "do not end" },
};

TEST(what_stands_in_front_of_the_extensions)
{
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		scoped(buf) struct buf message = BUF_INIT(1 << 17), bytes = BUF_INIT(1 << 17);
		scoped(arena) struct arena arena = ARENA_INIT(66 << 10);
		struct client_hello_refusal refusal;
		struct client_hello hello;

		make_message(&message, 0x0303, bodies[i].rest, (struct str){ 0 });
		make_records(&bytes, &message, 1 << 14);
		CHECK_INT(read_all(&hello, &arena, (struct str){ bytes.data, bytes.len }, bytes.len,
			&refusal), CLIENT_HELLO_MALFORMED);
		if (!strstr(refusal.why, bodies[i].why))
			test_fail(__FILE__, __LINE__, "row %zu: %s", i, refusal.why);
	}
}

static const struct {
	struct str bytes;
	enum client_hello_step step;
	const char *why;
} records[] = {
	{ STR("G"), CLIENT_HELLO_NOT_TLS, NULL }, { STR("SSH-2.0"), CLIENT_HELLO_NOT_TLS, NULL },
	{ STR("\x80\x2e\x01\x03\x01"), CLIENT_HELLO_NOT_TLS, NULL },
	{ STR("\x15\x03\x01\0\x02\x02\x28"), CLIENT_HELLO_NOT_TLS, NULL },
	{ STR("\x16\x02"), CLIENT_HELLO_NOT_TLS, NULL }, { STR("\x16\xfe\xfd"), CLIENT_HELLO_NOT_TLS, NULL },
	{ STR("\x16\x03\0\0\x04"), CLIENT_HELLO_MALFORMED, "version" },
	{ STR("\x16\x03\x04\0\x04"), CLIENT_HELLO_MALFORMED, "version" },
	{ STR("\x16\x03\x01\0\0"), CLIENT_HELLO_MALFORMED, "empty" },
	{ STR("\x16\x03\x01\x40\x01"), CLIENT_HELLO_MALFORMED, "longer" },
	{ STR("\x16\x03\x01\xff\xff"), CLIENT_HELLO_MALFORMED, "longer" },
	{ STR("\x16\x03\x01\0\x04\x02\0\0\x01"), CLIENT_HELLO_MALFORMED, "no ClientHello" },
	{ STR("\x16\x03\x01\0\x04\x01\0\xff\xfd"), CLIENT_HELLO_MALFORMED, "too long" },
	{ STR("\x16\x03\x01\0\x04\x01\xff\xff\xff"), CLIENT_HELLO_MALFORMED, "too long" },
	{ STR("\x16\x03\x01\0\x04\x01\0\0\0"), CLIENT_HELLO_MALFORMED, "shorter" },
	{ STR("\x16\x03\x01\0\x05\x01\0\0\0\0"), CLIENT_HELLO_MALFORMED, "behind the ClientHello" },
	{ STR("\x16\x03\x01\0\x01\x01\x15\x03\x01\0\x02"), CLIENT_HELLO_MALFORMED, "another kind" },
	{ STR("\x16\x03\x01\0\x01\x01\x14\x03\x01\0\x01"), CLIENT_HELLO_MALFORMED, "another kind" },
	{ STR("\x16\x03\x01\0\x01\x01\x16\x03\x01\0\0"), CLIENT_HELLO_MALFORMED, "empty" },
	{ STR("\x16\x03\x01\0\x01\x01\x16\x02\x01\0\x01"), CLIENT_HELLO_MALFORMED, "version" },
};

TEST(records)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		for (size_t step_bytes = 1; step_bytes <= records[i].bytes.len; step_bytes++) {
			scoped(arena) struct arena arena = ARENA_INIT(66 << 10);
			struct client_hello_refusal refusal;
			struct client_hello hello;
			enum client_hello_step step = read_all(&hello, &arena, records[i].bytes, step_bytes,
				&refusal);

			if (step != records[i].step)
				test_fail(__FILE__, __LINE__, "row %zu: %d", i, step);
			if (records[i].why && !strstr(refusal.why, records[i].why))
				test_fail(__FILE__, __LINE__, "row %zu: %s", i, refusal.why);
		}
}

/* At each limit, and one beyond. */
TEST(how_long_a_hello_is)
{
	for (size_t more = 0; more < 2; more++) {
		scoped(buf) struct buf extensions = BUF_INIT(1 << 17), message = BUF_INIT(1 << 17),
			bytes = BUF_INIT(1 << 20), tiny = BUF_INIT(1 << 20);
		const size_t fixed = 4 + 2 + 32 + sizeof(REST) - 1 + 2;
		const size_t padding = CLIENT_HELLO_MAX - fixed - 4 + more;

		append_number(&extensions, 21, 2);
		append_number(&extensions, padding, 2);
		for (size_t i = 0; i < padding; i++)
			buf_append_char(&extensions, 0);
		make_message(&message, 0x0303, STR(REST), (struct str){ extensions.data, extensions.len });
		CHECK_INT(message.len, CLIENT_HELLO_MAX + more);
		make_records(&bytes, &message, 1 << 14);
		check_row((struct str){ bytes.data, bytes.len }, 1000, more ? "!too long" : " 7", more);
		/* With a head for every byte there is more of those than of the message. */
		make_records(&tiny, &message, 1);
		check_row((struct str){ tiny.data, tiny.len }, tiny.len, "!too long", more);
	}
}

TEST(how_many_there_are)
{
	for (size_t more = 0; more < 2; more++) {
		scoped(buf) struct buf extensions = BUF_INIT(1 << 17), message = BUF_INIT(1 << 17),
			bytes = BUF_INIT(1 << 20);
		scoped(arena) struct arena arena = ARENA_INIT(66 << 10);
		struct client_hello_refusal refusal;
		struct client_hello hello;

		for (size_t i = 0; i < CLIENT_HELLO_EXTENSIONS_MAX - 1; i++)
			append_number(&extensions, (1000 + i) << 16, 4);
		append_number(&extensions, 16, 2);
		append_number(&extensions, 2 + 2 * (CLIENT_HELLO_ALPN_MAX + more), 2);
		append_number(&extensions, 2 * (CLIENT_HELLO_ALPN_MAX + more), 2);
		for (size_t i = 0; i < CLIENT_HELLO_ALPN_MAX + more; i++)
			append_number(&extensions, 0x0161, 2);
		make_message(&message, 0x0303, STR(REST), (struct str){ extensions.data, extensions.len });
		make_records(&bytes, &message, 1 << 14);
		CHECK_INT(read_all(&hello, &arena, (struct str){ bytes.data, bytes.len }, bytes.len,
			&refusal),
			more ? CLIENT_HELLO_MALFORMED : CLIENT_HELLO_DONE);
		CHECK_INT(hello.alpn_count, CLIENT_HELLO_ALPN_MAX);
		buf_clear(&message);
		buf_clear(&bytes);
		buf_truncate(&extensions, 4 * (CLIENT_HELLO_EXTENSIONS_MAX - 1));
		append_number(&extensions, 0xaaaa0000, 4);
		if (more)
			append_number(&extensions, 0xbaba0000, 4);
		make_message(&message, 0x0303, STR(REST), (struct str){ extensions.data, extensions.len });
		make_records(&bytes, &message, 1 << 14);
		CHECK_INT(read_all(&hello, &arena, (struct str){ bytes.data, bytes.len }, bytes.len,
			&refusal),
			more ? CLIENT_HELLO_MALFORMED : CLIENT_HELLO_DONE);
	}
}

TEST(an_alert_is_one_record)
{
	char alert[TLS_ALERT_BYTES];

	tls_alert_write(TLS_ALERT_ACCESS_DENIED, alert);
	CHECK(!memcmp(alert, "\x15\x03\x03\0\x02\x02\x31", sizeof(alert)));
	tls_alert_write(TLS_ALERT_UNRECOGNIZED_NAME, alert);
	CHECK(!memcmp(alert, "\x15\x03\x03\0\x02\x02\x70", sizeof(alert)));
	tls_alert_write(TLS_ALERT_DECODE_ERROR, alert);
	CHECK(!memcmp(alert, "\x15\x03\x03\0\x02\x02\x32", sizeof(alert)));
}

TEST_MAIN()
