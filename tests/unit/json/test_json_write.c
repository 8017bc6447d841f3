// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_write.c - the canonical and the pretty form
 */
#include "json/json.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);

static const struct json *read_text(struct str text)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, text, JSON_READ_STRICT, &value, NULL), 0);
	return value;
}

static struct str rewrite(struct str text, unsigned flags)
{
	static struct buf buf = BUF_INIT(1 << 20);

	buf_clear(&buf);
	CHECK_INT(json_write(&buf, read_text(text), flags), 0);
	return (struct str){ .data = buf_text(&buf), .len = buf.len };
}

#define CANONICAL(text, wanted) CHECK_STR(rewrite(STR(text), JSON_WRITE_CANONICAL), STR(wanted))
#define PRETTY(text, wanted) CHECK_STR(rewrite(STR(text), JSON_WRITE_PRETTY), STR(wanted))

TEST(canonical_sorts_and_drops_space)
{
	CANONICAL(" { \"b\" : [ 1 , -2.50 , null ] , \"a\" : \"\\u0041\\/\" } ",
		"{\"a\":\"A/\",\"b\":[1,-2.50,null]}");
	CANONICAL("[ true , false , { } , [ ] , \"\" ]", "[true,false,{},[],\"\"]");
	CANONICAL("{\"\xC3\xA9\":1,\"z\":2,\"Z\":3,\"\":4}", "{\"\":4,\"Z\":3,\"z\":2,\"\xC3\xA9\":1}");
	/* UTF-16 would put the astral key in front of the other one; bytes do not. */
	CANONICAL("{\"\\ud83d\\ude00\":1,\"\\ufb01\":2}", "{\"\xEF\xAC\x81\":2,\"\xF0\x9F\x98\x80\":1}");
}

TEST(canonical_escapes_what_it_must_and_no_more)
{
	CANONICAL("\"\\u0000\\u0001\\u0007\\u000b\\u000e\\u001f\"",
		"\"\\u0000\\u0001\\u0007\\u000b\\u000e\\u001f\"");
	CANONICAL("\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\"");
	CANONICAL("\"\\u002f\\u007f\\u0080\\u2028\\ufeff\"", "\"/\x7F\xC2\x80\xE2\x80\xA8\xEF\xBB\xBF\"");
	CANONICAL("\"\xC3\xA9\\n\xF0\x9F\x98\x80\\\"plain text\\\\\"",
		"\"\xC3\xA9\\n\xF0\x9F\x98\x80\\\"plain text\\\\\"");
	CANONICAL("{\"\\n\\u0000k\":0}", "{\"\\n\\u0000k\":0}");
}

TEST(numbers_are_written_as_they_were_read)
{
	CANONICAL("[0,-0,1e3,0.10,-5,18446744073709551616]", "[0,-0,1e3,0.10,-5,18446744073709551616]");
	CANONICAL("[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]");
	CANONICAL("[10,99,100,1234567890123456789]", "[10,99,100,1234567890123456789]");
}

TEST(pretty_puts_one_element_on_a_line)
{
	PRETTY("{\"b\":[1,{}],\"a\":[]}", "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}");
	PRETTY("7", "7");
	PRETTY("[[\"x\"]]", "[\n  [\n    \"x\"\n  ]\n]");
}

/* What a person reads must not repaint the terminal or hide its order. */
TEST(pretty_escapes_what_deceives)
{
	PRETTY("\"\\u001b[2J\\u007f\"", "\"\\u001b[2J\\u007f\"");
	PRETTY("\"\xC2\x9B" "31m\"", "\"\\u009b31m\"");
	PRETTY("\"a\xE2\x80\xAE" "b\xE2\x81\xA6\"", "\"a\\u202eb\\u2066\"");
	PRETTY("\"\xF3\xA0\x81\x81\"", "\"\\udb40\\udc41\"");
	PRETTY("{\"\xE2\x80\x8B\":\"\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80\"}",
		"{\n  \"\\u200b\": \"\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80\"\n}");
}

TEST(both_forms_read_back_as_the_same_document)
{
	struct str text = STR(
		"{\"k\\u202e\":[1,-0,1.50,\"\\ud83d\\ude00\\u0000\",{\"\":null,\"x\":[true,[],{}]}],"
		"\"a\":\"\\u001b\"}");
	const struct json *value = read_text(text);
	struct str canonical = rewrite(text, JSON_WRITE_CANONICAL);
	const struct json *again = read_text(canonical);

	CHECK(json_equal(value, again));
	CHECK_STR(rewrite(text, JSON_WRITE_CANONICAL), STR("{\"a\":\"\\u001b\",\"k\xE2\x80\xAE\":[1,-0,1.50,"
		"\"\xF0\x9F\x98\x80\\u0000\",{\"\":null,\"x\":[true,[],{}]}]}"));
	CHECK(json_equal(value, read_text(rewrite(text, JSON_WRITE_PRETTY))));
}

TEST(writing_goes_behind_what_is_there)
{
	scoped(buf) struct buf buf = BUF_INIT(64);

	buf_append_str(&buf, "digest ");
	CHECK_INT(json_write(&buf, read_text(STR("[1]")), 0), 0);
	CHECK_INT(buf_append_char(&buf, '\n'), 0);
	CHECK_TEXT(buf_text(&buf), "digest [1]\n");
}

TEST(a_document_that_could_not_be_built_is_an_error)
{
	scoped(buf) struct buf buf = BUF_INIT(64);

	CHECK_INT(json_write(&buf, NULL, JSON_WRITE_CANONICAL), -EINVAL);
	CHECK_INT(buf.len, 0);
}

/* Every limit below the length fails, the length itself does not. */
TEST(the_buffer_limit_is_exact)
{
	static const unsigned forms[] = { JSON_WRITE_CANONICAL, JSON_WRITE_PRETTY };
	const struct json *value = read_text(
		STR("{\"a\":[1,\"two\\n\\u202e\",null,true,2.5],\"b\":{\"c\":-12}}"));

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		scoped(buf) struct buf whole = BUF_INIT(1024);

		CHECK_INT(json_write(&whole, value, forms[i]), 0);
		for (size_t limit = 0; limit < whole.len; limit++) {
			scoped(buf) struct buf buf = BUF_INIT(limit);

			CHECK_INT(json_write(&buf, value, forms[i]), -EMSGSIZE);
			CHECK(buf.len <= limit && buf_failed(&buf));
		}
		scoped(buf) struct buf exact = BUF_INIT(whole.len);
		CHECK_INT(json_write(&exact, value, forms[i]), 0);
		CHECK_TEXT(buf_text(&exact), buf_text(&whole));
	}
}

TEST(the_deepest_document_is_written)
{
	char text[2 * JSON_DEPTH_MAX];
	struct str deep = { .data = text, .len = sizeof(text) };

	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	CHECK_STR(rewrite(deep, JSON_WRITE_CANONICAL), deep);
	CHECK(json_equal(read_text(deep), read_text(rewrite(deep, JSON_WRITE_PRETTY))));
}

TEST_MAIN()
