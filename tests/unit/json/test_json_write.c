// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_write.c - the canonical and the pretty form
 */
#include "json/json.h"

#include "lib/test.h"

static struct arena arena = ARENA_INIT(64 << 20);

static const char *rewrite(const char *text, unsigned flags)
{
	static struct buf buf = BUF_INIT(1 << 20);
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(text), 0, &value, NULL), 0);
	buf_clear(&buf);
	CHECK_INT(json_write(&buf, value, flags), 0);
	return buf_text(&buf);
}

TEST(canonical_sorts_and_drops_space)
{
	CHECK_TEXT(rewrite(" { \"b\" : [ 1 , -2.50 , null ] , \"a\" : \"\\u0041\\/\\u001f\" } ", JSON_WRITE_CANONICAL),
		"{\"a\":\"A/\\u001f\",\"b\":[1,-2.50,null]}");
}

TEST(pretty_puts_one_element_on_a_line)
{
	CHECK_TEXT(rewrite("{\"b\":[1,{}],\"a\":[]}", JSON_WRITE_PRETTY),
		"{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}");
}

TEST_MAIN()
