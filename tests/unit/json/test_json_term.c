// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_term.c - sets, objects with any key, their Rego text, and what JSON says of them
 */
#include "json/json.h"

#include "lib/test.h"
#include "lib/value.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);

static const struct json *read_text(const char *text)
{
	return value_read(&arena, text);
}

static const char *written(const struct json *value, unsigned flags)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	CHECK_INT(json_write(&buf, value, flags), 0);
	return arena_printf(&arena, "%s", buf_text(&buf));
}

TEST(terms_are_written_as_rego_prints_them)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "null", "null" }, { "true", "true" }, { "-7", "-7" }, { "1.0", "1.0" },
		{ "1e400", "1e400" }, { "[]", "[]" }, { "{}", "{}" }, { "set()", "set()" },
		{ "[set(),{}]", "[set(), {}]" },
		{ "{\"b\":[null,1.0],\"a\":{2,1}}", "{\"a\": {1, 2}, \"b\": [null, 1.0]}" },
		{ "{[2]:1,\"1\":2,true:{3}}", "{true: {3}, \"1\": 2, [2]: 1}" },
		{ "\"\\u0000\\u0007\\b\\f\\n\\r\\t\\u000b\\u001b\\u007f\"",
		"\"\\x00\\a\\b\\f\\n\\r\\t\\v\\x1b\\x7f\"" },
		{ "\"a\\\"b\\\\c/d\"", "\"a\\\"b\\\\c/d\"" },
		{ "\"\\u00e9\\u0085\\u00a0\\u200b\\ufeff x\"", "\"\xC3\xA9\\u0085\\u00a0\\u200b\\ufeff x\"" },
		{ "\"\\ud83d\\ude00\\udb40\\udc41\\ue000\"", "\"\xF0\x9F\x98\x80\\U000e0041\\ue000\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_TEXT(written(read_text(rows[i].text), JSON_WRITE_TERM), rows[i].wanted);
}

TEST(json_has_arrays_for_sets_and_texts_for_keys)
{
	CHECK_TEXT(written(read_text("{3,1,\"x\",{2,1}}"), 0), "[1,3,\"x\",[1,2]]");
	CHECK_TEXT(written(read_text("{[\"k\"]:1,[2]:2,1:3,true:4,null:5,{1}:6,\"z\":7}"), 0),
		"{\"1\":3,\"[\\\"k\\\"]\":1,\"[1]\":6,\"[2]\":2,\"null\":5,\"true\":4,\"z\":7}");
	CHECK_TEXT(written(read_text("{1,2}"), JSON_WRITE_PRETTY), "[\n  1,\n  2\n]");
	/* Two keys with one text: the later one in the order of values stays. */
	CHECK_TEXT(written(read_text("{\"1\":\"text\",1:\"number\"}"), 0), "{\"1\":\"text\"}");
}

TEST(a_document_stays_what_it_is)
{
	const struct json *plain = read_text("{\"a\": [1]}"), *term = read_text("[{\"a\": [1]}, {2}]");
	const struct json *document = json_to_document(&arena, term);

	CHECK(!plain->is_term);
	CHECK(json_to_document(&arena, plain) == plain);
	CHECK(!json_to_document(&arena, NULL));
	CHECK(term->is_term && !document->is_term);
	CHECK(document->array.items[0] == term->array.items[0]);
	CHECK(!term->array.items[0]->is_term);
	CHECK(read_text("{1: 2}")->is_term);
	CHECK(read_text("[{\"a\": {1: 2}}]")->is_term);
	CHECK(read_text("set()")->is_term);
}

static const struct json *set_of(const char *const *texts, size_t count)
{
	struct json_array_builder set;

	json_array_begin(&set, &arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&set, read_text(texts[i]));
	return json_set_end(&set);
}

TEST(sets_are_sorted_and_keep_the_first_of_equals)
{
	static const char *const texts[] = { "1.0", "\"b\"", "null", "1", "\"a\"", "\"b\"", "1e0", "null" };

	CHECK_TEXT(value_text(&arena, set_of(texts, ARRAY_SIZE(texts))), "{null, 1.0, \"a\", \"b\"}");
	CHECK_TEXT(value_text(&arena, set_of(texts, 1)), "{1.0}");
	CHECK_TEXT(value_text(&arena, set_of(texts, 0)), "set()");
}

/* Every size around the change of sorts, in an order that the residues of a prime give, each value twice. */
TEST(sets_of_any_size)
{
	for (int count = 0; count < 97; count++) {
		struct json_array_builder builder;
		const struct json *set;

		json_array_begin(&builder, &arena);
		for (int i = 0; i < 2 * 97; i++)
			if (i * 41 % 97 < count)
				json_array_add(&builder, json_new_int(&arena, i * 41 % 97));
		set = json_set_end(&builder);
		CHECK_INT(set->array.count, count);
		CHECK_INT(set->height, 1);
		for (int i = 0; i < count; i++)
			CHECK_INT(set->array.items[i]->integer, i);
	}
}

TEST(a_set_that_cannot_be_built_is_null)
{
	struct json_array_builder builder;
	const struct json *deep = read_text("1");

	json_array_begin(&builder, &arena);
	json_array_add(&builder, NULL);
	CHECK(!json_set_end(&builder));
	for (int i = 0; i <= JSON_DEPTH_MAX; i++) {
		json_array_begin(&builder, &arena);
		json_array_add(&builder, deep);
		deep = json_set_end(&builder);
		CHECK(!deep == (i == JSON_DEPTH_MAX));
	}
}

/* ---- objects ---- */

enum end {
	END, MERGED, LAST, GROUPED,
};

/* @texts: key, value, key, value; the answer's text, "NULL", or "conflict at VALUE" */
static const char *object_of(enum end end, const char *const *texts, size_t count)
{
	struct json_object_builder builder;
	const struct json *object;

	json_object_begin(&builder, &arena);
	for (size_t i = 0; i < count; i += 2)
		json_object_add_value(&builder, read_text(texts[i]), read_text(texts[i + 1]));
	object = end == END ? json_object_end(&builder) :
		end == MERGED ? json_object_end_merged(&builder) :
		end == LAST ? json_object_end_last(&builder) : json_object_end_grouped(&builder);
	CHECK(!object || !builder.conflict);
	return builder.conflict ? arena_printf(&arena, "conflict at %s",
		value_text(&arena, builder.conflict->value)) : value_text(&arena, object);
}

TEST(equal_keys_conflict_or_merge_as_was_asked)
{
	static const char *const different[] = { "1", "\"x\"", "2", "\"y\"", "1.0", "\"z\"" };
	static const char *const same[] = { "1", "7", "2", "\"y\"", "1.0", "7.0" };

	CHECK_TEXT(object_of(END, different, 4), "{1: \"x\", 2: \"y\"}");
	CHECK_TEXT(object_of(END, different, 6), "conflict at \"z\"");
	CHECK_TEXT(object_of(END, same, 6), "conflict at 7.0");
	CHECK_TEXT(object_of(MERGED, different, 6), "conflict at \"z\"");
	CHECK_TEXT(object_of(MERGED, same, 6), "{1: 7, 2: \"y\"}");
	CHECK_TEXT(object_of(LAST, different, 6), "{1.0: \"z\", 2: \"y\"}");
	CHECK_TEXT(object_of(LAST, different, 0), "{}");
}

TEST(equal_keys_are_a_group_with_its_values_in_their_order)
{
	static const char *const pairs[] = {
		"1", "\"b\"", "\"x\"", "1", "1.0", "\"a\"", "[1]", "2", "\"x\"", "1", "1", "\"b\"",
	};

	CHECK_TEXT(object_of(GROUPED, pairs, 12),
		"{1: [\"b\", \"a\", \"b\"], \"x\": [1, 1], [1]: [2]}");
	CHECK_TEXT(object_of(GROUPED, pairs, 2), "{1: [\"b\"]}");
	CHECK_TEXT(object_of(GROUPED, pairs, 0), "{}");
}

TEST(groups_end_where_memory_does)
{
	size_t made = 0;

	for (size_t bytes = 64; bytes < 2048; bytes += 16) {
		scoped(arena) struct arena small = ARENA_INIT(bytes);
		struct json_object_builder builder;
		const struct json *object;

		json_object_begin(&builder, &small);
		for (int i = 0; i < 9; i++)
			json_object_add_value(&builder, read_text(i % 2 ? "1" : "2"), read_text("3"));
		object = json_object_end_grouped(&builder);
		CHECK(!object || object->object.count == 2);
		made += object != NULL;
	}
	CHECK(made > 0 && made < 100);
}

TEST(an_object_without_memory_is_no_conflict)
{
	scoped(arena) struct arena small = ARENA_INIT(144);
	struct json_object_builder builder;

	json_object_begin(&builder, &small);
	json_object_add_value(&builder, read_text("2"), read_text("1"));
	json_object_add_value(&builder, read_text("1"), read_text("1"));
	CHECK(!json_object_end_merged(&builder));
	CHECK(!builder.conflict);
	json_object_begin(&builder, &arena);
	json_object_add_value(&builder, NULL, read_text("1"));
	CHECK(!json_object_end_last(&builder));
	CHECK(!builder.conflict);
}

TEST(a_deep_key_makes_a_deep_object)
{
	struct json_object_builder builder;

	json_object_begin(&builder, &arena);
	json_object_add_value(&builder, read_text("[[[1]]]"), read_text("1"));
	CHECK_INT(json_object_end(&builder)->height, 4);
}

/* ---- scalars ---- */

TEST(numbers_are_made_of_what_json_calls_one)
{
	static const char *const wrong[] = {
		"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1 ", " 1", "1_0", "NaN", "Inf", "1a",
		"--1",
	};

	CHECK_INT(json_new_number(&arena, STR("42"))->integer, 42);
	CHECK_INT(json_new_number(&arena, STR("42"))->type, JSON_INT);
	CHECK_STR(json_new_number(&arena, STR("4.20"))->text, STR("4.20"));
	CHECK_STR(json_new_number(&arena, STR("-0"))->text, STR("-0"));
	CHECK_STR(json_new_number(&arena, STR("9223372036854775808"))->text, STR("9223372036854775808"));
	CHECK_INT(json_new_number(&arena, STR("1e2"))->type, JSON_NUMBER);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (json_new_number(&arena, str_from(wrong[i])))
			test_fail(__FILE__, __LINE__, "'%s' is a number", wrong[i]);
	CHECK(!json_new_number(&arena, STR("1\0")));
	CHECK_INT(json_new_null(&arena)->type, JSON_NULL);
}

TEST(copies_are_complete)
{
	const struct json *value = read_text("{{1, [2]}: {\"a\": set()}, 1.50: null}");
	const struct json *copy = json_copy(&arena, value);

	CHECK(copy != value && copy->is_term);
	CHECK(copy->object.members[0].key != value->object.members[0].key);
	CHECK_TEXT(value_text(&arena, copy), "{1.50: null, {1, [2]}: {\"a\": set()}}");
}

TEST(limits_of_the_buffer_hold_for_terms)
{
	const struct json *value = read_text("{1: {2, \"\\u0000\"}, \"a\": set()}");
	size_t len = strlen(value_text(&arena, value));

	for (size_t limit = 0; limit <= len; limit++) {
		scoped(buf) struct buf buf = BUF_INIT(limit);

		CHECK_INT(json_write(&buf, value, JSON_WRITE_TERM), limit < len ? -EMSGSIZE : 0);
	}
}

TEST_MAIN()
