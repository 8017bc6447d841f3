// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_read.c - what the reader gives for good text, and what it says about bad text
 *
 * Which texts are good and which are bad is the table of test_json_classes.c.
 */
#include "json/json.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);
static struct error err;

static const struct json *read_with(struct str text, unsigned flags)
{
	const struct json *value = NULL;

	if (json_read(&arena, text, flags, &value, &err) < 0)
		test_fail(__FILE__, __LINE__, "'%.*s': %s", STR_FMT(text), err.text);
	return value;
}

static const struct json *read_text(const char *text)
{
	return read_with(str_from(text), JSON_READ_STRICT);
}

static void check_refused(const char *text, unsigned flags, int code, const char *message)
{
	const struct json *value = NULL;

	CHECK_INT(json_read(&arena, str_from(text), flags, &value, &err), code);
	CHECK_TEXT(err.text, message);
	CHECK(!value);
}

TEST(every_type_is_read)
{
	CHECK_INT(read_text("null")->type, JSON_NULL);
	CHECK(read_text("true")->boolean);
	CHECK(!read_text("false")->boolean);
	CHECK_INT(read_text(" -12 ")->integer, -12);
	CHECK_STR(read_text("0.10")->text, STR("0.10"));
	CHECK_STR(read_text("\"a\\u00e9\\n\"")->text, STR("a\xC3\xA9\n"));
	CHECK_INT(read_text("[1,[2],{}]")->array.count, 3);
	CHECK_INT(read_text("{\"a\":1,\"b\":2}")->object.count, 2);
}

TEST(errors_say_where_and_what)
{
	check_refused("", 0, -EBADMSG, "1:1: expected a value, found the end of the text");
	check_refused("{\n  \"a\": 1,\n  \"b\": nope\n}", 0, -EBADMSG, "3:8: expected 'null', found 'nope'");
	check_refused("{\"k\": 1,\n \"x\": 2, \"k\": 3}", 0, -EBADMSG,
		"2:10: expected each key once, found 'k' again (first at 1:2)");
}

TEST_MAIN()
