// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_build.c - documents made by the program
 */
#include "json/json.h"

#include "lib/test.h"

static struct arena arena = ARENA_INIT(64 << 20);

TEST(an_object_is_built_sorted)
{
	scoped(buf) struct buf buf = BUF_INIT(1024);
	struct json_object_builder object;

	json_object_begin(&object, &arena);
	json_object_add_text(&object, "z", "last");
	json_object_add_int(&object, "a", 1);
	json_object_add_bool(&object, "m", true);
	CHECK_INT(json_write(&buf, json_object_end(&object), JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&buf), "{\"a\":1,\"m\":true,\"z\":\"last\"}");
}

TEST(bytes_survive_in_both_forms)
{
	struct str plain, raw;

	CHECK_INT(json_to_bytes(&arena, json_new_bytes(&arena, STR("caf\xC3\xA9")), &plain), 0);
	CHECK_STR(plain, STR("caf\xC3\xA9"));
	CHECK_INT(json_to_bytes(&arena, json_new_bytes(&arena, STR("caf\xE9\0x")), &raw), 0);
	CHECK_STR(raw, STR("caf\xE9\0x"));
}

TEST_MAIN()
