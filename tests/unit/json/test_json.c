// SPDX-License-Identifier: Apache-2.0
/*
 * test_json.c - looking into documents
 */
#include "json/json.h"

#include "lib/test.h"

static struct arena arena = ARENA_INIT(64 << 20);

static const struct json *read_text(const char *text)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(text), 0, &value, NULL), 0);
	return value;
}

TEST(members_are_found_by_name)
{
	const struct json *object = read_text("{\"n\":7,\"s\":\"x\",\"b\":true}");

	CHECK_INT(json_get_int(object, "n", 0), 7);
	CHECK_TEXT(json_get_text(object, "s"), "x");
	CHECK(json_get_bool(object, "b", false));
	CHECK(!json_get(object, "absent"));
	CHECK(!json_get(NULL, "n"));
}

TEST_MAIN()
