// SPDX-License-Identifier: Apache-2.0
/*
 * test_opa_wire.c - settings there and back, and packets of one who may not be what it was
 */
#include "run/opa_wire.h"

#include "lib/test.h"

#include <errno.h>

static int there_and_back(struct arena *arena, const struct opa_settings *settings, struct opa_settings *ret)
{
	scoped(buf) struct buf text = BUF_INIT(OPA_SETTINGS_MAX_BYTES);
	const struct json *value = opa_settings_to_json(arena, settings);

	CHECK(value);
	CHECK_INT(json_write(&text, value, JSON_WRITE_CANONICAL), 0);
	CHECK_INT(json_read(arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, NULL), 0);
	return opa_settings_read(arena, value, ret, NULL);
}

TEST(settings_there_and_back)
{
	const struct opa_settings tls = { .base = "https://opa:8181/v1/data", .host = "opa", .is_name = true,
		.is_tls = true, .port = 8181, .token = "t", .ca = "/\xff/ca", .cert = "/cert",
		.key = "/key" };
	const struct opa_settings local = { .base = "http://localhost/v1/data", .socket = "/run/opa" };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct opa_settings read;

	CHECK_INT(there_and_back(&arena, &tls, &read), 0);
	CHECK_TEXT(read.base, tls.base);
	CHECK_TEXT(read.host, "opa");
	CHECK_TEXT(read.token, "t");
	CHECK_TEXT(read.ca, "/\xff/ca");
	CHECK_TEXT(read.cert, "/cert");
	CHECK_TEXT(read.key, "/key");
	CHECK(read.is_name && read.is_tls && read.port == 8181 && !read.socket);
	CHECK_INT(there_and_back(&arena, &local, &read), 0);
	CHECK_TEXT(read.socket, "/run/opa");
	CHECK(!read.host && !read.token && !read.ca && !read.cert && !read.key && !read.is_tls && !read.port);
}

TEST(settings_that_are_none)
{
	static const char *const rows[] = {
		"{}", "[]", "{\"version\": 2, \"base\": \"x\", \"host\": \"h\", \"port\": 1}",
		"{\"version\": 1, \"host\": \"h\", \"port\": 1}",
		"{\"version\": 1, \"base\": \"x\", \"port\": 1}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\", \"port\": 65536}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\", \"port\": -1}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\"}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\", \"socket\": \"/s\", \"port\": 1}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"\", \"port\": 1}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\", \"port\": 1, \"token\": 7}",
		"{\"version\": 1, \"base\": \"x\", \"host\": \"h\", \"port\": 1, \"key\": \"a\\u0000b\"}",
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct opa_settings settings;
		const struct json *value;

		CHECK_INT(json_read(&arena, str_from(rows[i]), 0, &value, NULL), 0);
		CHECK_INT(opa_settings_read(&arena, value, &settings, NULL), -EBADMSG);
	}
}

TEST(packets)
{
	struct opa_told told = { .version = OPA_WIRE_VERSION, .kind = OPA_ANSWERED, .status = 200,
		.body_bytes = 100 }, read = { 0 };
	char longer[sizeof(told) + 1] = { 0 };

	opa_told_say(&told, "text");
	CHECK_INT(opa_told_read(&told, sizeof(told), 100, &read), 0);
	CHECK_TEXT(read.text, "text");
	CHECK_INT(read.status, 200);
	CHECK_INT(opa_told_read(&told, sizeof(told), 99, &read), -EBADMSG);
	CHECK_INT(opa_told_read(&told, sizeof(told) - 1, 100, &read), -EBADMSG);
	memcpy(longer, &told, sizeof(told));
	CHECK_INT(opa_told_read(longer, sizeof(longer), 100, &read), -EBADMSG);
	told.kind = OPA_KINDS;
	CHECK_INT(opa_told_read(&told, sizeof(told), 100, &read), -EBADMSG);
	told.kind = OPA_LATE;
	told.version++;
	CHECK_INT(opa_told_read(&told, sizeof(told), 100, &read), -EBADMSG);
	told.version--;
	memset(told.text, 'x', sizeof(told.text));
	CHECK_INT(opa_told_read(&told, sizeof(told), 100, &read), -EBADMSG);
}

TEST(a_text_that_is_too_long_is_cut)
{
	char text[OPA_TEXT_SIZE + 10];
	struct opa_told told = { .version = OPA_WIRE_VERSION };

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	opa_told_say(&told, text);
	CHECK_INT((long)strlen(told.text), OPA_TEXT_SIZE - 1);
}

TEST_MAIN()
