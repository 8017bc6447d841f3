// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_build.c - documents made by the program
 */
#include "json/json.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);

static const char *written(const struct json *value)
{
	static struct buf buf = BUF_INIT(1 << 20);

	buf_clear(&buf);
	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	return buf_text(&buf);
}

TEST(scalars)
{
	CHECK_TEXT(written(json_new_bool(&arena, true)), "true");
	CHECK_TEXT(written(json_new_bool(&arena, false)), "false");
	CHECK_TEXT(written(json_new_int(&arena, INT64_MIN)), "-9223372036854775808");
	CHECK_TEXT(written(json_new_string(&arena, STR("a\0b"))), "\"a\\u0000b\"");
	CHECK_TEXT(written(json_new_string(&arena, STR(""))), "\"\"");
	CHECK_TEXT(written(json_new_text(&arena, "caf\xC3\xA9")), "\"caf\xC3\xA9\"");
	CHECK_TEXT(written(json_new_printf(&arena, "%s-%d", "k", 7)), "\"k-7\"");
	CHECK_INT(json_new_int(&arena, 1)->line, 0);
}

TEST(text_that_is_not_utf8_is_no_value)
{
	CHECK(!json_new_string(&arena, STR("a\xFF")));
	CHECK(!json_new_text(&arena, "\xC0\xAF"));
	CHECK(!json_new_text(&arena, NULL));
	CHECK(!json_new_printf(&arena, "%c", 0xE9));
}

TEST(the_text_is_copied)
{
	char text[] = "before", key[] = "key";
	const struct json *value = json_new_text(&arena, text);
	struct json_object_builder object;

	json_object_begin(&object, &arena);
	json_object_add(&object, key, value);
	memset(text, 'x', sizeof(text) - 1);
	memset(key, 'x', sizeof(key) - 1);
	CHECK_TEXT(written(json_object_end(&object)), "{\"key\":\"before\"}");
}

TEST(an_object_is_built_sorted)
{
	struct json_object_builder object;
	const struct json *built;

	json_object_begin(&object, &arena);
	json_object_add_text(&object, "z", "last");
	json_object_add_int(&object, "a", 1);
	json_object_add_bool(&object, "m", true);
	json_object_add_str(&object, STR("a\0"), json_new_int(&arena, 2));
	built = json_object_end(&object);
	CHECK_TEXT(written(built), "{\"a\":1,\"a\\u0000\":2,\"m\":true,\"z\":\"last\"}");
	CHECK_INT(json_get_int(built, "a", 0), 1);
	CHECK_INT(built->height, 1);
}

TEST(a_record_has_the_keys_of_a_set)
{
	scoped(arena) struct arena small = ARENA_INIT(32);
	struct json_array_builder list;
	const struct json *keys, *values[3], *deep;

	for (int64_t i = 0; i < 3; i++)
		values[i] = json_new_int(&arena, i);
	json_array_begin(&list, &arena);
	json_array_add(&list, json_new_text(&arena, "b"));
	json_array_add(&list, json_new_text(&arena, "a"));
	json_array_add(&list, json_new_int(&arena, 7));
	keys = json_set_end(&list);
	deep = json_new_record(&arena, keys, values);
	CHECK(deep && deep->is_term);
	CHECK_INT(json_get_int(deep, "a", -1), 1);
	CHECK_INT(json_get_int(deep, "b", -1), 2);
	CHECK(json_find(deep, keys->array.items[0]) == values[0]);
	CHECK(!json_new_record(&small, keys, values));
	for (int i = 1; i < JSON_DEPTH_MAX; i++) {
		values[1] = deep;
		deep = json_new_record(&arena, keys, values);
	}
	CHECK(deep && deep->height == JSON_DEPTH_MAX);
	values[1] = deep;
	CHECK(!json_new_record(&arena, keys, values));
	json_array_begin_with(&list, &arena, values + 2, 1);
	json_array_add(&list, values[0]);
	CHECK_TEXT(written(json_array_end(&list)), "[2,0]");
	json_array_begin_with(&list, &small, values, 3);
	CHECK(!json_array_end(&list) && !json_set_end(&list));
}

TEST(an_array_of_given_items_is_as_one_that_was_added_to)
{
	const struct json *deep = json_new_int(&arena, 7), *items[3] = { deep, NULL, deep }, *pair;
	const struct json *set;
	struct json_array_builder builder;
	struct arena small = ARENA_INIT(16);

	json_array_begin(&builder, &arena);
	json_array_add(&builder, deep);
	set = json_set_end(&builder);
	items[1] = set;
	pair = json_new_array(&arena, items, 3);
	items[0] = NULL;
	CHECK(pair->array.items[0] == deep && pair->array.items[1] == set && pair->array.items[2] == deep);
	CHECK_INT(pair->array.count, 3);
	CHECK_INT(pair->height, 2);
	CHECK(pair->is_term);
	CHECK(!json_new_array(&arena, items, 3));
	CHECK(!json_new_array(&arena, items + 1, SIZE_MAX / 8));
	CHECK(!json_new_array(&small, items + 1, 2));
	CHECK_TEXT(written(json_new_array(&arena, items, 0)), "[]");
	for (int i = 0; i < JSON_DEPTH_MAX; i++) {
		CHECK(deep != NULL);
		deep = json_new_array(&arena, &deep, 1);
	}
	CHECK(deep && !json_new_array(&arena, &deep, 1));
	arena_fini(&small);
}

TEST(lists_may_be_empty_or_long)
{
	struct json_array_builder array;
	struct json_object_builder object;
	const struct json *built;

	json_array_begin(&array, &arena);
	CHECK_TEXT(written(json_array_end(&array)), "[]");
	json_object_begin(&object, &arena);
	CHECK_TEXT(written(json_object_end(&object)), "{}");
	json_array_begin(&array, &arena);
	for (int i = 0; i < 1000; i++)
		json_array_add(&array, json_new_int(&arena, i));
	built = json_array_end(&array);
	CHECK_INT(built->array.count, 1000);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(built->array.items[i]->integer, i);
}

TEST(many_members_are_sorted)
{
	struct json_object_builder object;
	const struct json *built;

	json_object_begin(&object, &arena);
	for (int i = 0; i < 1009; i++)
		json_object_add(&object, arena_printf(&arena, "%04d", i * 7 % 1009),
			json_new_int(&arena, i * 7 % 1009));
	built = json_object_end(&object);
	CHECK_INT(built->object.count, 1009);
	for (int i = 0; i < 1009; i++)
		CHECK_INT(built->object.members[i].value->integer, i);
}

static const struct json *object_with(const char *key, const struct json *value, const char *other)
{
	struct json_object_builder object;

	json_object_begin(&object, &arena);
	json_object_add(&object, key, value);
	json_object_add_int(&object, other, 1);
	return json_object_end(&object);
}

TEST(one_failure_inside_is_a_failure_at_the_end)
{
	const struct json *one = json_new_int(&arena, 1);
	struct json_object_builder object;
	struct json_array_builder array;

	CHECK(object_with("a", one, "b") != NULL);
	CHECK(!object_with("a", NULL, "b"));
	CHECK(!object_with("a", one, "a"));
	CHECK(!object_with("\xFF", one, "b"));
	CHECK(!object_with("a", json_new_text(&arena, "\xFF"), "b"));
	json_object_begin(&object, &arena);
	json_object_add_text(&object, "absent", NULL);
	CHECK(!json_object_end(&object));
	json_array_begin(&array, &arena);
	json_array_add(&array, one);
	json_array_add(&array, object_with("a", NULL, "b"));
	json_array_add(&array, one);
	CHECK(!json_array_end(&array));
}

static const struct json *wrapped(const struct json *value, bool in_object)
{
	struct json_object_builder object;
	struct json_array_builder array;

	if (in_object) {
		json_object_begin(&object, &arena);
		json_object_add(&object, "in", value);
		return json_object_end(&object);
	}
	json_array_begin(&array, &arena);
	json_array_add(&array, value);
	return json_array_end(&array);
}

TEST(what_is_built_is_never_deeper_than_what_is_read)
{
	const struct json *value = json_new_bool(&arena, true);
	const struct json *again;

	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		value = wrapped(value, i % 2);
	CHECK(value != NULL);
	CHECK_INT(value->height, JSON_DEPTH_MAX);
	CHECK_INT(json_read(&arena, str_from(written(value)), 0, &again, NULL), 0);
	CHECK(json_equal(value, again));
	CHECK(!wrapped(value, false));
	CHECK(!wrapped(value, true));
}

/* ---- bytes ---- */

TEST(bytes_take_one_of_two_forms)
{
	CHECK_TEXT(written(json_new_bytes(&arena, STR("src/main.c"))), "\"src/main.c\"");
	CHECK_TEXT(written(json_new_bytes(&arena, STR(""))), "\"\"");
	CHECK_TEXT(written(json_new_bytes(&arena, STR("caf\xE9"))), "{\"bytes\":\"Y2Fm6Q==\"}");
	CHECK_TEXT(written(json_new_bytes(&arena, STR("\xFF"))), "{\"bytes\":\"/w==\"}");
	CHECK_TEXT(written(json_new_bytes(&arena, STR("\xFB\xEF\xBE"))), "{\"bytes\":\"++++\"}");
}

TEST(bytes_survive)
{
	for (int first = 0; first < 256; first++) {
		const char bytes[] = { 'x', (char)first, '\0', (char)(255 - first) };

		for (size_t len = 0; len <= sizeof(bytes); len++) {
			struct str back, name = { .data = bytes, .len = len };

			CHECK_INT(json_to_bytes(&arena, json_new_bytes(&arena, name), &back), 0);
			CHECK_STR(back, name);
			CHECK_INT(back.data[back.len], '\0');
		}
	}
}

TEST(other_forms_of_bytes_are_refused)
{
	static const char *const texts[] = {
		"null", "1", "[]", "{}", "{\"bytes\":1}", "{\"bytes\":\"/w==\",\"more\":1}",
		"{\"base64\":\"/w==\"}", "{\"bytes\":\"/w=\"}", "{\"bytes\":\"/w\"}", "{\"bytes\":\"/x==\"}",
		"{\"bytes\":\" /w==\"}", "{\"bytes\":\"_w==\"}",
		/* valid UTF-8, so these had to be plain strings */
		"{\"bytes\":\"\"}", "{\"bytes\":\"YQ==\"}",
	};
	struct str back = STR("untouched");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value;

		CHECK_INT(json_read(&arena, str_from(texts[i]), 0, &value, NULL), 0);
		if (json_to_bytes(&arena, value, &back) != -EINVAL)
			test_fail(__FILE__, __LINE__, "%s: accepted", texts[i]);
	}
	CHECK_INT(json_to_bytes(&arena, NULL, &back), -EINVAL);
	CHECK_STR(back, STR("untouched"));
}

/* ---- arenas that are full ---- */

static const struct json *build_in(struct arena *small)
{
	struct json_object_builder object;
	struct json_array_builder array;

	json_array_begin(&array, small);
	for (int i = 0; i < 10; i++)
		json_array_add(&array, json_new_int(small, i));
	json_array_add(&array, json_new_bool(small, true));
	json_array_add(&array, json_new_printf(small, "%d", 5));
	json_array_add(&array, json_new_bytes(small, STR("\xFF")));
	json_object_begin(&object, small);
	json_object_add(&object, "list", json_array_end(&array));
	json_object_add_text(&object, "text", "t");
	json_object_add_int(&object, "int", 1);
	json_object_add_bool(&object, "bool", true);
	return json_object_end(&object);
}

/* Each allocation fails once; nothing but NULL may come of it. */
TEST(words_come_back_as_they_were)
{
	const char *const words[] = { "cc", "", "caf\xC3\xA9", "\xFF\xFE", "a b" }, *const *read = NULL;
	size_t count = 77;

	CHECK_INT(json_to_words(&arena, json_new_words(&arena, words, ARRAY_SIZE(words)), &read, &count), 0);
	CHECK_INT(count, ARRAY_SIZE(words));
	for (size_t i = 0; i < count; i++)
		CHECK_TEXT(read[i], words[i]);
	CHECK(!read[count]);
	CHECK_INT(json_to_words(&arena, json_new_words(&arena, NULL, 0), &read, &count), 0);
	CHECK_INT(count, 0);
	CHECK(!read[0]);
}

TEST(what_is_no_list_of_words_is_refused)
{
	static const char *const texts[] = { "{}", "\"a\"", "null", "[1]", "[\"a\", null]", "[[\"a\"]]",
		"[\"a\\u0000b\"]", "[{\"bytes\": \"/wAB\"}]", "[{\"bytes\": \"YQ==\"}]" };
	const char *const *read;
	size_t count;

	CHECK_INT(json_to_words(&arena, NULL, &read, &count), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value;

		CHECK_INT(json_read(&arena, str_from(texts[i]), JSON_READ_STRICT, &value, NULL), 0);
		CHECK_INT(json_to_words(&arena, value, &read, &count), -EINVAL);
	}
}

TEST(words_are_counted_before_they_are_read)
{
	static const char *words[JSON_WORDS_MAX + 1];
	struct arena small = ARENA_INIT(64);
	const char *const *read;
	const struct json *value;
	size_t count;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = "";
	value = json_new_words(&arena, words, ARRAY_SIZE(words));
	CHECK_INT(json_to_words(&small, value, &read, &count), -E2BIG);
	value = json_new_words(&arena, words, JSON_WORDS_MAX);
	CHECK_INT(json_to_words(&small, value, &read, &count), -EMSGSIZE);
	CHECK_INT(json_to_words(&arena, value, &read, &count), 0);
	CHECK_INT(count, JSON_WORDS_MAX);
	CHECK(!json_new_words(&small, words, JSON_WORDS_MAX));
	arena_fini(&small);
}

TEST(a_full_arena_gives_null_at_the_end)
{
	const struct json *whole = build_in(&arena);
	size_t limit = 0;

	CHECK_TEXT(written(whole), "{\"bool\":true,\"int\":1,\"list\":[0,1,2,3,4,5,6,7,8,9,true,\"5\","
		"{\"bytes\":\"/w==\"}],\"text\":\"t\"}");
	for (;; limit += 16) {
		scoped(arena) struct arena small = ARENA_INIT(limit);
		const struct json *value = build_in(&small);

		if (value) {
			CHECK(json_equal(value, whole));
			break;
		}
	}
	CHECK(limit > 1000 && limit < 8000);
}

TEST(bytes_need_room_too)
{
	const struct json *plain = json_new_bytes(&arena, STR("plain"));
	const struct json *raw = json_new_bytes(&arena, STR("\xFF"));
	scoped(arena) struct arena none = ARENA_INIT(0);
	struct str back;

	CHECK_INT(json_to_bytes(&none, plain, &back), -EMSGSIZE);
	CHECK_INT(json_to_bytes(&none, raw, &back), -EMSGSIZE);
}

/* The last allocation of a copy is, by turns, a text, a number, a key, an array and an object. */
TEST(a_copy_is_whole_or_null)
{
	static const char *const texts[] = {
		"\"x\\u0000y\"", "2.5", "[\"x\"]", "{\"k\":\"x\"}", "{\"k\":null}", "[[]]", "[{}]",
		" {\"a\":[1,2.5,\"x\\u0000y\",{}],\"b\":{\"c\":[],\"d\":null,\"e\":true}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value, *copy = NULL;

		CHECK_INT(json_read(&arena, str_from(texts[i]), 0, &value, NULL), 0);
		for (size_t limit = 0; !copy; limit += 16) {
			scoped(arena) struct arena small = ARENA_INIT(limit);

			copy = json_copy(&small, value);
			CHECK(!copy || json_equal(copy, value));
			CHECK(limit < 4000);
		}
	}
	CHECK(!json_copy(&arena, NULL));
}

TEST(a_copy_outlives_its_original_and_keeps_its_places)
{
	scoped(arena) struct arena first = ARENA_INIT(1 << 16);
	const struct json *value, *copy;
	char *over;

	CHECK_INT(json_read(&first, STR("\n {\"key\":[\"text\",2.5]}"), 0, &value, NULL), 0);
	copy = json_copy(&arena, value);
	/* What the original was is overwritten: the arena keeps its one chunk. */
	arena_reset(&first);
	over = arena_alloc(&first, 2048);
	CHECK(over && (const char *)value - over < 2048);
	memset(over, 0xA5, 2048);
	CHECK_TEXT(written(copy), "{\"key\":[\"text\",2.5]}");
	CHECK_INT(copy->line, 2);
	CHECK_INT(copy->column, 2);
	CHECK_INT(copy->object.members[0].key->column, 3);
	CHECK_INT(json_pointer(copy, STR("/key/0"))->column, 10);
	CHECK_INT(copy->height, 2);
}

TEST_MAIN()
