// SPDX-License-Identifier: Apache-2.0
/*
 * test_json.c - looking into documents
 */
#include "json/json.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

static struct arena arena = ARENA_INIT(64 << 20);

static const struct json *read_text(const char *text)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(text), 0, &value, NULL), 0);
	return value;
}

TEST(members_are_found_by_name)
{
	const struct json *object = read_text("{\"n\":7,\"s\":\"x\",\"b\":true,\"\":null,\"n\\u0000\":8}");

	CHECK_INT(json_get(object, "n")->integer, 7);
	CHECK_INT(json_get(object, "")->type, JSON_NULL);
	CHECK_INT(json_get_str(object, STR("n\0"))->integer, 8);
	CHECK(!json_get(object, "absent"));
	CHECK(!json_get(object, "zz"));
	CHECK(!json_get(read_text("{}"), "n"));
}

TEST(every_member_of_objects_of_every_size_is_found)
{
	for (int count = 0; count < 40; count++) {
		scoped(buf) struct buf buf = BUF_INIT(4096);
		const struct json *object;

		buf_append_char(&buf, '{');
		for (int i = 0; i < count; i++)
			buf_printf(&buf, "%s\"k%02d\":%d", i ? "," : "", 2 * i, i);
		buf_append_char(&buf, '}');
		object = read_text(buf_text(&buf));
		for (int i = 0; i < 2 * count + 2; i++) {
			char key[16];

			snprintf(key, sizeof(key), "k%02d", i);
			CHECK_INT(json_get_int(object, key, -1), i % 2 || i >= 2 * count ? -1 : i / 2);
		}
	}
}

TEST(nothing_is_found_where_there_is_no_object)
{
	static const char *const texts[] = { "null", "true", "1", "1.5", "\"n\"", "[1,2]" };

	CHECK(!json_get(NULL, "n"));
	CHECK(!json_get_str(NULL, STR("n")));
	CHECK(!json_get_text(NULL, "n"));
	CHECK_INT(json_get_int(NULL, "n", 5), 5);
	CHECK(json_get_bool(NULL, "n", true));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK(!json_get(read_text(texts[i]), "n"));
}

TEST(typed_lookups_take_their_type_only)
{
	const struct json *object = read_text(
		"{\"i\":-3,\"f\":3.0,\"s\":\"text\",\"z\":\"a\\u0000b\",\"t\":true,\"n\":null}");

	CHECK_INT(json_get_int(object, "i", 9), -3);
	CHECK_INT(json_get_int(object, "f", 9), 9);
	CHECK_INT(json_get_int(object, "s", 9), 9);
	CHECK_TEXT(json_get_text(object, "s"), "text");
	CHECK(!json_get_text(object, "z"));
	CHECK(!json_get_text(object, "i"));
	CHECK(!json_get_text(object, "absent"));
	CHECK(json_get_bool(object, "t", false));
	CHECK(!json_get_bool(object, "n", false));
	CHECK(json_get_bool(object, "absent", true));
}

/* RFC 6901, section 5: the document and what each pointer evaluates to. */
TEST(pointers_of_the_rfc)
{
	const struct json *root = read_text(
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
		"\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
	static const struct {
		const char *pointer;
		int wanted;
	} rows[] = {
		{ "/", 0 }, { "/a~1b", 1 }, { "/c%d", 2 }, { "/e^f", 3 }, { "/g|h", 4 }, { "/i\\j", 5 },
		{ "/k\"l", 6 }, { "/ ", 7 }, { "/m~0n", 8 },
	};

	CHECK(json_pointer(root, STR("")) == root);
	CHECK_INT(json_pointer(root, STR("/foo"))->array.count, 2);
	CHECK_STR(json_pointer(root, STR("/foo/0"))->text, STR("bar"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(json_pointer(root, str_from(rows[i].pointer))->integer, rows[i].wanted);
}

TEST(pointers_that_lead_nowhere)
{
	const struct json *root = read_text("{\"a\":[10,[20],{\"b\":30}],\"~1\":40,\"0\":50,\"x~y\":60}");
	static const char *const nowhere[] = {
		"a", " /a", "/b", "/a/3", "/a/-", "/a/-1", "/a/+1", "/a/00", "/a/01", "/a/1e0", "/a/",
		"/a/ 0", "/a/0/0", "/a/18446744073709551616", "/a/99999999999999999999", "/a/b", "/a/2/b/c",
		"/a/2/b/", "//", "/a//0", "/x~", "/x~y", "/x~2y", "/~", "/~01~", "/~~0", "/a/1/0/0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++)
		if (json_pointer(root, str_from(nowhere[i])))
			test_fail(__FILE__, __LINE__, "'%s' leads somewhere", nowhere[i]);
	CHECK_INT(json_pointer(root, STR("/a/2/b"))->integer, 30);
	CHECK_INT(json_pointer(root, STR("/a/1/0"))->integer, 20);
	CHECK_INT(json_pointer(root, STR("/~01"))->integer, 40);
	CHECK_INT(json_pointer(root, STR("/0"))->integer, 50);
	CHECK_INT(json_pointer(root, STR("/x~0y"))->integer, 60);
	CHECK(!json_pointer(read_text("[]"), STR("/0")));
	CHECK(!json_pointer(NULL, STR("/a")));
	CHECK(!json_pointer(NULL, STR("")));
}

/* Each of these would lead somewhere if the tilde were taken for what stands behind it, or for the end. */
TEST(pointers_with_a_wrong_escape_lead_nowhere)
{
	const struct json *root = read_text(
		"{\"a/\":1,\"a~\":2,\"a\":3,\"a~2\":4,\"/\":5,\"a/b\":6,\"a~~1\":7,\"a~/\":8}");
	static const char *const wrong[] = { "/a~", "/a~2", "/a~/", "/~", "/~x", "/a~xb", "/a~~1", "/a~0~",
		"/a~1~" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (json_pointer(root, str_from(wrong[i])))
			test_fail(__FILE__, __LINE__, "'%s' leads somewhere", wrong[i]);
	CHECK_INT(json_pointer(root, STR("/a~0~1"))->integer, 8);
	CHECK_INT(json_pointer(root, STR("/a~0~01"))->integer, 7);
}

TEST(pointers_end_with_the_array)
{
	const struct json *root = read_text("[[1,2,3,4],[5,6],7,8]");

	CHECK_INT(json_pointer(root, STR("/0/3"))->integer, 4);
	CHECK(!json_pointer(root, STR("/0/4")));
	CHECK(!json_pointer(root, STR("/1/2")));
	CHECK(!json_pointer(root, STR("/4")));
}

/*
 * A key that another one starts with, and one with an escaped character at its end, in every order of the
 * search.
 */
TEST(pointers_tell_prefixes_apart)
{
	const struct json *root = read_text(
		"{\"a\":1,\"a/\":2,\"a/b\":3,\"ab\":4,\"a~\":5,\"b\":6,\"\\u00e9\":7,\"\\ud83d\\ude00\":8}");

	CHECK_INT(json_pointer(root, STR("/a"))->integer, 1);
	CHECK_INT(json_pointer(root, STR("/a~1"))->integer, 2);
	CHECK_INT(json_pointer(root, STR("/a~1b"))->integer, 3);
	CHECK_INT(json_pointer(root, STR("/ab"))->integer, 4);
	CHECK_INT(json_pointer(root, STR("/a~0"))->integer, 5);
	CHECK_INT(json_pointer(root, STR("/b"))->integer, 6);
	CHECK_INT(json_pointer(root, STR("/\xC3\xA9"))->integer, 7);
	CHECK_INT(json_pointer(root, STR("/\xF0\x9F\x98\x80"))->integer, 8);
	CHECK(!json_pointer(root, STR("/a~1bc")));
	CHECK(!json_pointer(root, STR("/\xFF")));
}

TEST(equal_means_the_same_value)
{
	static const struct {
		const char *a, *b;
		bool wanted;
	} rows[] = {
		{ "null", " null ", true }, { "null", "false", false }, { "true", "true", true },
		{ "true", "false", false }, { "1", "1", true }, { "1", "2", false }, { "1", "1.0", true },
		{ "1.0", "1.0", true }, { "1.0", "1.00", true }, { "0", "-0", true }, { "1.0", "1.5", false },
		{ "\"a\"", "\"\\u0061\"", true }, { "\"a\"", "\"b\"", false }, { "\"\"", "[]", false },
		{ "[1,2]", "[1,2]", true }, { "[1,2]", "[2,1]", false }, { "[1]", "[1,1]", false },
		{ "[]", "{}", false }, { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
		{ "{\"a\":1}", "{\"a\":2}", false }, { "{\"a\":1}", "{\"b\":1}", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "{\"a\":[{\"b\":[]}]}", "{\"a\":[{\"b\":[]}]}", true },
		{ "{\"a\":[{\"b\":[]}]}", "{\"a\":[{\"b\":[0]}]}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *a = read_text(rows[i].a), *b = read_text(rows[i].b);

		if (json_equal(a, b) != rows[i].wanted || json_equal(b, a) != rows[i].wanted)
			test_fail(__FILE__, __LINE__, "%s and %s", rows[i].a, rows[i].b);
	}
	CHECK(json_equal(NULL, NULL));
	CHECK(!json_equal(NULL, read_text("null")));
	CHECK(!json_equal(read_text("null"), NULL));
}

TEST_MAIN()
