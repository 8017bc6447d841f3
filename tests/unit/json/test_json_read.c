// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_read.c - what the reader gives for good text, and what it says about bad text
 *
 * Which texts are good and which are bad is the table of test_json_classes.c.
 */
#include "json/json.h"
#include "json/json_internal.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena = ARENA_INIT(256 << 20);

static const struct json *read_with(struct str text, unsigned flags)
{
	const struct json *value = NULL;
	struct error err = ERROR_INIT;

	if (json_read(&arena, text, flags, &value, &err) < 0)
		test_fail(__FILE__, __LINE__, "'%.*s': %s", STR_FMT(text), err.text);
	return value;
}

static const struct json *read_text(const char *text)
{
	return read_with(str_from(text), JSON_READ_STRICT);
}

static void check_refused(struct str text, unsigned flags, int code, const char *message)
{
	const struct json *value = NULL;
	struct error err = ERROR_INIT;

	CHECK_INT(json_read(&arena, text, flags, &value, &err), code);
	CHECK_INT(err.code, code);
	CHECK_TEXT(err.text, message);
	CHECK(!value);
}

#define REFUSED(text, message) check_refused(STR(text), JSON_READ_STRICT, -EBADMSG, message)
#define REFUSED_JSONC(text, message) check_refused(STR(text), JSON_READ_JSONC, -EBADMSG, message)

/* ---- values ---- */

TEST(every_type_is_read)
{
	CHECK_INT(read_text("null")->type, JSON_NULL);
	CHECK_INT(read_text("true")->type, JSON_BOOL);
	CHECK(read_text("true")->boolean);
	CHECK(!read_text("false")->boolean);
	CHECK_INT(read_text(" -12 ")->integer, -12);
	CHECK_STR(read_text("0.10")->text, STR("0.10"));
	CHECK_STR(read_text("\"a\\u00e9\\n\"")->text, STR("a\xC3\xA9\n"));
	CHECK_INT(read_text("[1,[2],{}]")->array.count, 3);
	CHECK_INT(read_text("[1,[2],{}]")->array.items[1]->array.items[0]->integer, 2);
	CHECK_INT(read_text("{\"a\":1,\"b\":2}")->object.count, 2);
	CHECK_INT(read_text("[]")->array.count, 0);
	CHECK_INT(read_text("{}")->object.count, 0);
}

TEST(types_have_names)
{
	CHECK_TEXT(json_type_name(read_text("null")->type), "null");
	CHECK_TEXT(json_type_name(read_text("true")->type), "boolean");
	CHECK_TEXT(json_type_name(read_text("1")->type), "integer");
	CHECK_TEXT(json_type_name(read_text("1.0")->type), "number");
	CHECK_TEXT(json_type_name(read_text("\"\"")->type), "string");
	CHECK_TEXT(json_type_name(read_text("[]")->type), "array");
	CHECK_TEXT(json_type_name(read_text("{}")->type), "object");
}

TEST(integers_are_exact_to_64_bits)
{
	static const struct {
		const char *text;
		int64_t wanted;
	} rows[] = {
		{ "0", 0 }, { "7", 7 }, { "-1", -1 }, { "9007199254740993", INT64_C(9007199254740993) },
		{ "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN },
		{ "-9223372036854775807", INT64_MIN + 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(read_text(rows[i].text)->type, JSON_INT);
		CHECK_INT(read_text(rows[i].text)->integer, rows[i].wanted);
	}
}

TEST(other_numbers_keep_their_text)
{
	static const char *const texts[] = {
		"-0", "0.0", "-0.0", "1.0", "1e0", "1E+02", "0.10", "9223372036854775808",
		"-9223372036854775809", "18446744073709551616", "92233720368547758070", "1e400",
		"123456789012345678901234567890.5e-3",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value = read_text(texts[i]);

		CHECK_INT(value->type, JSON_NUMBER);
		CHECK_STR(value->text, str_from(texts[i]));
		CHECK_INT(value->text.data[value->text.len], '\0');
	}
}

TEST(strings_are_decoded_and_terminated)
{
	static const struct {
		struct str text, wanted;
	} rows[] = {
		{ { "\"\"", 2 }, { "", 0 } },
		{ { "\"plain\"", 7 }, { "plain", 5 } },
		{ { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", 18 }, { "\"\\/\b\f\n\r\t", 8 } },
		{ { "\"a\\u0000b\"", 10 }, { "a\0b", 3 } },
		{ { "\"\\u00e9\\u20AC\"", 14 }, { "\xC3\xA9\xE2\x82\xAC", 5 } },
		{ { "\"x\\ud83d\\ude00y\"", 16 }, { "x\xF0\x9F\x98\x80y", 6 } },
		{ { "\"\xC3\xA9\\n\xE2\x82\xAC-\xF0\x9F\x98\x80\"", 14 },
			{ "\xC3\xA9\n\xE2\x82\xAC-\xF0\x9F\x98\x80", 11 } },
		{ { "\"exactly8exactly8\\nexactly8\"", 28 }, { "exactly8exactly8\nexactly8", 25 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *value = read_with(rows[i].text, 0);

		CHECK_INT(value->type, JSON_STRING);
		CHECK_STR(value->text, rows[i].wanted);
		CHECK_INT(value->text.data[value->text.len], '\0');
	}
}

TEST(escaped_surrogates_come_in_pairs)
{
	CHECK_STR(read_text("\"\\ud7ff\\ue000\"")->text, STR("\xED\x9F\xBF\xEE\x80\x80"));
	CHECK_STR(read_text("\"\\ud800\\udc00\"")->text, STR("\xF0\x90\x80\x80"));
	CHECK_STR(read_text("\"\\udbff\\udfff\"")->text, STR("\xF4\x8F\xBF\xBF"));
	CHECK_STR(read_text("\"\\ud800\\udfff\\udbff\\udc00\"")->text,
		STR("\xF0\x90\x8F\xBF\xF4\x8F\xB0\x80"));
	REFUSED("\"\\ud800\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\udbff\"", "1:2: expected a pair of surrogates, found '\\udbff' alone");
	REFUSED("\"\\udc00\"", "1:2: expected a pair of surrogates, found '\\udc00' alone");
	REFUSED("\"\\udfff\"", "1:2: expected a pair of surrogates, found '\\udfff' alone");
	REFUSED("\"\\ud800\\udbff\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\ud800\\ue000\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\ud800udc00\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
}

/* The reader looks at eight bytes at a time: a special byte has to be seen in each of the eight places. */
TEST(special_bytes_are_seen_at_every_offset)
{
	char text[64], wanted[64], message[96];

	for (size_t at = 0; at < 24; at++) {
		const struct json *value;

		memset(text, 'a', sizeof(text));
		text[0] = text[33] = '"';
		memcpy(text + 1 + at, "\\n", 2);
		memset(wanted, 'a', sizeof(wanted));
		wanted[at] = '\n';
		value = read_with((struct str){ .data = text, .len = 34 }, 0);
		CHECK_STR(value->text, ((struct str){ .data = wanted, .len = 31 }));

		memcpy(text + 1 + at, "\x1F" "a", 2);
		snprintf(message, sizeof(message),
			"1:%zu: expected control characters in a string to be written as escapes, "
			"found '\\x1F'", at + 2);
		check_refused((struct str){ .data = text, .len = 34 }, 0, -EBADMSG, message);

		memcpy(text + 1 + at, "\xFF" "a", 2);
		snprintf(message, sizeof(message), "1:%zu: expected UTF-8, found '\\xFF'", at + 2);
		check_refused((struct str){ .data = text, .len = 34 }, 0, -EBADMSG, message);
	}
}

TEST(the_text_may_go_away)
{
	char text[] = "{\"key\":[\"value\",1.5]}";
	const struct json *value = read_text(text);

	memset(text, 'x', sizeof(text));
	CHECK_STR(json_pointer(value, STR("/key/0"))->text, STR("value"));
	CHECK_STR(json_pointer(value, STR("/key/1"))->text, STR("1.5"));
}

/* ---- objects ---- */

TEST(members_are_sorted_bytewise)
{
	const struct json *object = read_text(
		"{\"b\":0,\"\":0,\"B\":0,\"\xC3\xA9\":0,\"a\":0,\"aa\":0,\"a\\u0000\":0,\"~\":0}");
	static const struct {
		struct str key;
	} wanted[] = {
		{ { "", 0 } }, { { "B", 1 } }, { { "a", 1 } }, { { "a\0", 2 } }, { { "aa", 2 } },
		{ { "b", 1 } }, { { "~", 1 } },
		{ { "\xC3\xA9", 2 } },
	};

	CHECK_INT(object->object.count, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		CHECK_STR(object->object.members[i].key->text, wanted[i].key);
}

/*
 * Keys in an order that a step through the residues of a prime gives; every size around the change of sorts.
 */
TEST(objects_of_any_size_are_sorted)
{
	for (unsigned count = 0; count < 97; count++) {
		scoped(buf) struct buf buf = BUF_INIT(1 << 20);
		const struct json *object;

		buf_append_char(&buf, '{');
		for (unsigned i = 0, written = 0; written < count; i++) {
			unsigned key = i * 41 % 97;

			if (key < count)
				buf_printf(&buf, "%s\"k%02u\":%u", written++ ? "," : "", key, key);
		}
		buf_append_char(&buf, '}');
		object = read_text(buf_text(&buf));
		CHECK_INT(object->object.count, count);
		for (unsigned i = 0; i < count; i++)
			CHECK_INT(object->object.members[i].value->integer, i);
	}
}

/* A quadratic sort would need minutes here, and the harness gives a test one. */
TEST(very_many_keys_in_the_worst_order)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_TEXT_MAX);
	enum { COUNT = 400000 };
	const struct json *object;

	buf_append_char(&buf, '{');
	for (int i = COUNT; i-- > 0;)
		buf_printf(&buf, "\"%08d\":%d%s", i, i, i ? "," : "}");
	object = read_text(buf_text(&buf));
	CHECK_INT(object->object.count, COUNT);
	CHECK_INT(json_get_int(object, "00000000", -1), 0);
	CHECK_INT(json_get_int(object, "00399999", -1), 399999);
}

/* Lists within each other that are all long when the innermost one ends, far more than wait at first. */
TEST(long_lists_within_each_other)
{
	enum { DEPTH = 20, LENGTH = 150 };
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);
	const struct json *list;

	for (int depth = 0; depth < DEPTH; depth++) {
		buf_append_str(&buf, depth ? "{\"list\":[" : "[");
		for (int i = 0; i < LENGTH; i++)
			buf_printf(&buf, "%d,", depth * LENGTH + i);
	}
	buf_append_str(&buf, "0");
	for (int depth = 0; depth < DEPTH; depth++)
		buf_append_str(&buf, depth < DEPTH - 1 ? "],\"depth\":1}" : "]");
	list = read_text(buf_text(&buf));
	CHECK_INT(list->height, 2 * DEPTH - 1);
	for (int depth = 0; depth < DEPTH; depth++) {
		CHECK_INT(list->array.count, LENGTH + 1);
		for (int i = 0; i < LENGTH; i++)
			CHECK_INT(list->array.items[i]->integer, depth * LENGTH + i);
		list = json_get(list->array.items[LENGTH], "list");
	}
	CHECK(!list);
}

TEST(duplicate_keys_are_refused_with_both_places)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	REFUSED("{\"k\": 1,\n \"x\": 2, \"k\": 3}",
		"2:10: expected each key once, found 'k' again (first at 1:2)");
	REFUSED("{\"k\":1,\"k\":2,\"k\":3}", "1:8: expected each key once, found 'k' again (first at 1:2)");
	REFUSED("[{\"\":1,\"a\":2,\"\":3}]", "1:14: expected each key once, found '' again (first at 1:3)");
	REFUSED("{\"sixteen bytes ab\":1,\"sixteen bytes aa\":2,\"sixteen bytes ab\":3}",
		"1:44: expected each key once, found 'sixteen bytes ab' again (first at 1:2)");
	CHECK_INT(read_text("{\"sixteen bytes ab\":1,\"sixteen bytes aa\":2,\"sixteen \":3}")->object.count,
		3);
	REFUSED("{\"a\\u0062\":1,\"ab\":2}", "1:14: expected each key once, found 'ab' again (first at 1:2)");
	CHECK_INT(read_text("[{\"k\":1},{\"k\":1,\"l\":{\"k\":2}}]")->array.count, 2);

	buf_append_str(&buf, "{\"twice\":0");
	for (int i = 0; i < 100; i++)
		buf_printf(&buf, ",\n\"k%d\":%d", i * 37 % 100, i);
	buf_append_str(&buf, ",\n\"twice\":1}");
	check_refused(str_from(buf_text(&buf)), 0, -EBADMSG,
		"102:1: expected each key once, found 'twice' again (first at 1:2)");
}

/* ---- positions ---- */

TEST(values_and_keys_know_where_they_began)
{
	const struct json *root = read_text(
		" \n{\"one\": [10,\n\t20 , \"\xC3\xA9\", null],\r\n  \"two\" :\n true}");
	const struct json *list = json_get(root, "one");
	const struct json_member *two = &root->object.members[1];

	CHECK_INT(root->line, 2);
	CHECK_INT(root->column, 1);
	CHECK_INT(root->object.members[0].key->line, 2);
	CHECK_INT(root->object.members[0].key->column, 2);
	CHECK_INT(list->line, 2);
	CHECK_INT(list->column, 9);
	CHECK_INT(list->array.items[0]->column, 10);
	CHECK_INT(list->array.items[1]->line, 3);
	CHECK_INT(list->array.items[1]->column, 2);
	CHECK_INT(list->array.items[2]->column, 7);
	CHECK_INT(list->array.items[3]->column, 13);
	CHECK_INT(two->key->line, 4);
	CHECK_INT(two->key->column, 3);
	CHECK_INT(two->value->line, 5);
	CHECK_INT(two->value->column, 2);
}

TEST(comments_count_their_lines)
{
	const struct json *root = read_with(STR("// one\n/* two\nthree */ [ // four\r\n  1 ]"),
		JSON_READ_JSONC);

	CHECK_INT(root->line, 3);
	CHECK_INT(root->column, 10);
	CHECK_INT(root->array.items[0]->line, 4);
	CHECK_INT(root->array.items[0]->column, 3);
}

/* ---- messages ---- */

TEST(errors_say_where_and_what)
{
	REFUSED("", "1:1: expected a value, found the end of the text");
	REFUSED(" \n ", "2:2: expected a value, found the end of the text");
	REFUSED("{\n  \"a\": 1,\n  \"b\": nope\n}", "3:8: expected 'null', found 'nope'");
	REFUSED("[fals]", "1:2: expected 'false', found 'fals'");
	REFUSED("tru", "1:1: expected 'true', found 'tru'");
	REFUSED("[1 2]", "1:4: expected ',' or ']', found '2'");
	REFUSED("{\"a\":1 \"b\"", "1:8: expected ',' or '}', found '\"'");
	REFUSED("{\"a\":1,}", "1:8: expected a key in quotes, found '}'");
	REFUSED("[1,]", "1:4: expected a value, found ']'");
	REFUSED("{\"a\"}", "1:5: expected ':' after the key, found '}'");
	REFUSED("[1} ", "1:3: expected ',' or ']', found '}'");
	REFUSED("{} []", "1:4: expected the end of the text, found '['");
	REFUSED("[-]", "1:3: expected a digit after the minus sign, found ']'");
	REFUSED("[1.]", "1:4: expected a digit after the decimal point, found ']'");
	REFUSED("[1e+]", "1:5: expected a digit in the exponent, found ']'");
	REFUSED("[007]", "1:2: expected a number without a leading zero, found '007'");
	REFUSED("\"a\nb\"",
		"1:3: expected control characters in a string to be written as escapes, found '\\n'");
	REFUSED("[\"ab", "1:5: expected a quote to end the string that begins at 1:2");
	REFUSED("\"\\x\"", "1:3: expected one of \" \\ / b f n r t u after the backslash, found 'x'");
	REFUSED("\"\\",
		"1:3: expected one of \" \\ / b f n r t u after the backslash, found the end of the text");
	REFUSED("\"\\u12g4\"", "1:6: expected four hexadecimal digits after '\\u', found 'g4'");
	REFUSED("\"\\u12", "1:6: expected four hexadecimal digits after '\\u', found the end of the text");
	REFUSED("\"\\ud800\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\udc00\\ud800\"", "1:2: expected a pair of surrogates, found '\\udc00' alone");
	REFUSED("\"\\ud800\\u0041\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\ud800\\n\"", "1:2: expected a pair of surrogates, found '\\ud800' alone");
	REFUSED("\"\\ud800\\u00",
		"1:12: expected four hexadecimal digits after '\\u', found the end of the text");
	REFUSED("\"\\udbff\\ue000\"", "1:2: expected a pair of surrogates, found '\\udbff' alone");
	REFUSED("\xEF\xBB\xBF{}", "1:1: expected a value, found a byte-order mark");
	REFUSED("[\xEF\xBB\xBF]", "1:2: expected a value, found '\\u{FEFF}'");
	REFUSED("[1] // no", "1:5: expected the end of the text, found '/'");
}

TEST(what_was_found_is_quoted)
{
	REFUSED("[\x1B[2J]", "1:2: expected a value, found '\\x1B'");
	REFUSED("[\xE2\x80\xAE" "1]", "1:2: expected a value, found '\\u{202E}'");
	REFUSED("[']", "1:2: expected a value, found '\\''");
	REFUSED("[\x80]", "1:2: expected a value, found '\\x80'");
	REFUSED("[\0]", "1:2: expected a value, found '\\x00'");
	REFUSED("[tabcdefghijklmnopqrstuvwxyz0123456789]",
		"1:2: expected 'true', found 'tabcdefghijklmnopqrstuvw'");
	REFUSED("{\"\\u001b]0;\\u202e\":1,\"\\u001b]0;\\u202e\":2}",
		"1:22: expected each key once, found '\\x1B]0;\\u{202E}' again (first at 1:2)");
}

TEST(a_byte_order_mark_comes_with_a_hint)
{
	const struct json *value;
	struct error err = ERROR_INIT;

	CHECK_INT(json_read(&arena, STR("\xEF\xBB\xBF{}"), JSON_READ_JSONC, &value, &err), -EBADMSG);
	CHECK_TEXT(err.hint, "Save the file as UTF-8 without a byte-order mark.");
}

TEST(the_error_may_be_left_out)
{
	const struct json *value = NULL;

	CHECK_INT(json_read(&arena, STR("[1,"), 0, &value, NULL), -EBADMSG);
	CHECK_INT(json_read(&arena, STR("{\"a\":1,\"a\":2}"), 0, &value, NULL), -EBADMSG);
	CHECK(!value);
}

/* ---- JSONC ---- */

TEST(jsonc_has_comments_and_a_trailing_comma)
{
	const struct json *root = read_with(STR("/**/{//\n\"a\"/*:*/:/***/[1,/*,*/],// x\n}//"),
		JSON_READ_JSONC);

	CHECK_INT(root->object.count, 1);
	CHECK_INT(json_get(root, "a")->array.count, 1);
	CHECK_STR(read_with(STR("\"//\\/*\"// \xC3\xA9"), JSON_READ_JSONC)->text, STR("///*"));
	CHECK_INT(read_with(STR("/*\xE2\x82\xAC*//* \x1B */1"), JSON_READ_JSONC)->integer, 1);
}

TEST(jsonc_is_strict_about_the_rest)
{
	REFUSED_JSONC("[,]", "1:2: expected a value, found ','");
	REFUSED_JSONC("[1,,]", "1:4: expected a value, found ','");
	REFUSED_JSONC("{,}", "1:2: expected a key in quotes, found ','");
	REFUSED_JSONC("{\"a\":1,,}", "1:8: expected a key in quotes, found ','");
	REFUSED_JSONC("1,", "1:2: expected the end of the text, found ','");
	REFUSED_JSONC("[1,}", "1:4: expected a value, found '}'");
	REFUSED_JSONC("{a:1}", "1:2: expected a key in quotes, found 'a'");
	REFUSED_JSONC("['a']", "1:2: expected a value, found '\\''");
	REFUSED_JSONC("# no", "1:1: expected a value, found '#'");
	REFUSED_JSONC("// only", "1:8: expected a value, found the end of the text");
	REFUSED_JSONC("[1 /", "1:5: expected '/' or '*' to begin a comment, found the end of the text");
	REFUSED_JSONC("[/+1]", "1:3: expected '/' or '*' to begin a comment, found '+'");
	REFUSED_JSONC("\n [1 /* never\n*\n", "2:5: expected '*/' to end the comment that begins here");
	REFUSED_JSONC("/*/", "1:1: expected '*/' to end the comment that begins here");
	REFUSED_JSONC("[1 // \xFF\n]", "1:7: expected UTF-8, found '\\xFF'");
	REFUSED_JSONC("[1 /* \xC0\xAF */]", "1:7: expected UTF-8, found '\\xC0'");
	REFUSED_JSONC("{\"a\" /", "1:7: expected '/' or '*' to begin a comment, found the end of the text");
	REFUSED_JSONC("{\"a\": /", "1:8: expected '/' or '*' to begin a comment, found the end of the text");
	REFUSED_JSONC("[1, /", "1:6: expected '/' or '*' to begin a comment, found the end of the text");
}

/* ---- limits ---- */

static int read_nested(const char *open, const char *close, int depth, uint32_t *ret_height,
	struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);
	const struct json *value;
	int r;

	for (int i = 0; i < depth; i++)
		buf_append_str(&buf, open);
	buf_append_str(&buf, "0");
	for (int i = 0; i < depth; i++)
		buf_append_str(&buf, close);
	r = json_read(&arena, str_from(buf_text(&buf)), 0, &value, err);
	if (!r)
		*ret_height = value->height;
	return r;
}

TEST(depth_is_limited_exactly)
{
	struct error err = ERROR_INIT;
	uint32_t height;

	CHECK_INT(read_nested("[", "]", JSON_DEPTH_MAX, &height, &err), 0);
	CHECK_INT(height, JSON_DEPTH_MAX);
	CHECK_INT(read_nested("{\"a\":", "}", JSON_DEPTH_MAX, &height, &err), 0);
	CHECK_INT(height, JSON_DEPTH_MAX);
	CHECK_INT(read_nested("[", "]", JSON_DEPTH_MAX + 1, &height, &err), -EMSGSIZE);
	CHECK_TEXT(err.text, "1:129: expected at most 128 lists within each other");
	CHECK_INT(read_nested("{\"a\":", "}", 100000, &height, &err), -EMSGSIZE);
}

TEST(height_is_that_of_the_highest_element)
{
	CHECK_INT(read_text("1")->height, 0);
	CHECK_INT(read_text("[]")->height, 1);
	CHECK_INT(read_text("[[],[[]],1]")->height, 3);
	CHECK_INT(read_text("{\"a\":{\"b\":[]},\"c\":0}")->height, 3);
}

TEST(text_is_limited_exactly)
{
	char *text = malloc(JSON_TEXT_MAX + 1);
	struct error err = ERROR_INIT;
	const struct json *value;

	CHECK(text != NULL);
	memset(text, ' ', JSON_TEXT_MAX + 1);
	text[0] = '7';
	CHECK_INT(json_read(&arena, (struct str){ .data = text, .len = JSON_TEXT_MAX }, 0, &value, &err), 0);
	CHECK_INT(value->integer, 7);
	CHECK_INT(json_read(&arena, (struct str){ .data = text, .len = JSON_TEXT_MAX + 1 }, 0, &value, &err),
		-EMSGSIZE);
	CHECK_TEXT(err.text, "1:1: expected at most 67108864 bytes of JSON, found 67108865");
	free(text);
}

/* Every allocation that the reader makes is refused once. */
TEST(an_arena_that_is_too_small_is_an_error)
{
	struct str text = STR("{\"a\":[1,2.5,\"x\",{\"b\":null,\"c\":[]}],\"d\":-1e3}");
	const struct json *whole = read_with(text, 0);
	size_t limit = 0;
	int failures = 0;

	for (;; limit += 16, failures++) {
		scoped(arena) struct arena small = ARENA_INIT(limit);
		const struct json *value = NULL;
		struct error err = ERROR_INIT;
		int r = json_read(&small, text, 0, &value, &err);

		if (!r) {
			CHECK(json_equal(value, whole));
			break;
		}
		CHECK_INT(r, -EMSGSIZE);
		CHECK(!value && strstr(err.text, ": expected a smaller document: it needs more than the "));
	}
	CHECK(failures > 10);
	CHECK(limit < 1500);
}

TEST(an_arena_without_room_for_the_first_value)
{
	for (size_t limit = 0; limit < 48; limit += 16) {
		scoped(arena) struct arena small = ARENA_INIT(limit);
		char wanted[96];
		struct error err = ERROR_INIT;
		const struct json *value;

		CHECK_INT(json_read(&small, STR("1"), 0, &value, &err), -EMSGSIZE);
		snprintf(wanted, sizeof(wanted),
			"1:1: expected a smaller document: it needs more than the %zu bytes there are",
			limit);
		CHECK_TEXT(err.text, wanted);
	}
}

TEST(equal_keys_are_one_value_where_that_is_wanted)
{
	struct str text = STR(
		"[{\"a\":1,\"longer than eight\":2},{\"longer than eight\":3,\"a\":{\"a\":4}},{\"longer tham\":5}]");
	scoped(arena) struct arena memory = ARENA_INIT(1 << 20);
	const struct json *shared, *apart, *first, *second;

	CHECK_INT(json_read(&memory, text, JSON_READ_SHARE_KEYS, &shared, NULL), 0);
	CHECK_INT(json_read(&memory, text, JSON_READ_STRICT, &apart, NULL), 0);
	CHECK(json_equal(shared, apart));
	first = json_at(shared, 0), second = json_at(shared, 1);
	CHECK(first->object.members[0].key == second->object.members[0].key);
	CHECK(first->object.members[1].key == second->object.members[1].key);
	CHECK(second->object.members[0].value->object.members[0].key == first->object.members[0].key);
	CHECK(json_at(shared, 2)->object.members[0].key != first->object.members[1].key);
	CHECK(json_at(apart, 0)->object.members[0].key != json_at(apart, 1)->object.members[0].key);
	CHECK_INT(json_read(&memory, STR("{\"a\":1,\"a\":2}"), JSON_READ_SHARE_KEYS, &shared, NULL),
		-EBADMSG);
}

TEST(the_last_of_equal_keys)
{
	static const char *const cases[][2] = {
		{ "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}" },
		{ "{\"a\":1,\"a\":[{\"x\":1,\"x\":{}}],\"a\":null,\"a\":{\"x\":1,\"x\":{}}}",
			"{\"a\":{\"x\":{}}}" },
		{ "{\"k9\":0,\"k8\":0,\"k7\":0,\"k6\":0,\"k5\":0,\"k4\":0,\"k3\":0,\"k2\":0,\"k1\":0,\"k0\":0,\"ka\":0,"
			"\"kb\":0,\"kc\":0,\"kd\":0,\"ke\":0,\"kf\":0,\"kg\":0,\"k0\":1,\"kg\":1,\"k0\":2}",
			"{\"k0\":2,\"k1\":0,\"k2\":0,\"k3\":0,\"k4\":0,\"k5\":0,\"k6\":0,\"k7\":0,\"k8\":0,\"k9\":0,"
			"\"ka\":0,\"kb\":0,\"kc\":0,\"kd\":0,\"ke\":0,\"kf\":0,\"kg\":1}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scoped(arena) struct arena memory = ARENA_INIT(1 << 20);
		scoped(buf) struct buf text = BUF_INIT(1 << 16);
		const struct json *value;

		CHECK_INT(json_read(&memory, str_from(cases[i][0]), JSON_READ_LAST, &value, NULL), 0);
		CHECK_INT(json_write(&text, value, JSON_WRITE_CANONICAL), 0);
		CHECK_TEXT(buf_text(&text), cases[i][1]);
		CHECK_INT(json_read(&memory, str_from(cases[i][0]), JSON_READ_STRICT, &value, NULL),
			-EBADMSG);
	}
}

/* Of eight bytes, the first that is not plain is told, whatever stands around it. */
TEST(special_bytes_are_told_apart)
{
	static const unsigned char plain[] = { ' ', '!', '#', '[', ']', 'a', 0x7f };

	for (unsigned byte = 0; byte < 256; byte++) {
		bool is_plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

		for (size_t at = 0; at < 8; at++)
			for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
				for (unsigned behind = 0; behind < 256; behind++) {
					unsigned char bytes[8];
					uint64_t special;

					memset(bytes, plain[i], at);
					memset(bytes + at, (int)behind, sizeof(bytes) - at);
					bytes[at] = (unsigned char)byte;
					if (is_plain)
						memset(bytes + at + 1, plain[i], sizeof(bytes) - at - 1);
					special = json_special_bytes(json_word_at((const char *)bytes));
					CHECK(is_plain ? !special :
						special && __builtin_ctzll(special) / 8 == (int)at);
				}
	}
}

TEST_MAIN()
