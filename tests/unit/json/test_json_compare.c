// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_compare.c - the total order, and what is found by it
 */
#include "json/json.h"

#include "lib/test.h"
#include "lib/value.h"

static struct arena arena = ARENA_INIT(64 << 20);

static const struct json *read_text(const char *text)
{
	return value_read(&arena, text);
}

static int sign(int r)
{
	return (r > 0) - (r < 0);
}

/* Every row is below the next one, so each pair of rows is a test. */
TEST(values_have_one_order)
{
	static const char *const ascending[] = {
		"null", "false", "true", "-1e9", "-2", "-1.5", "-1", "0", "0.5", "1", "9223372036854775807",
		"9223372036854775808", "1e400", "\"\"", "\"A\"", "\"a\"", "\"a\\u0000\"", "\"aa\"", "\"b\"",
		"\"\\u00e9\"", "[]", "[null]", "[1]", "[1, null]", "[2]", "[\"a\"]", "[[]]", "[{}]",
		"[set()]", "{}", "{1: 2}", "{1: 2, 3: 0}", "{1: 3}", "{\"a\": 1}", "{\"a\": 1, \"b\": 0}",
		"{\"a\": 2}", "{\"b\": 0}", "{[1]: 0}", "{{1}: 0}", "set()", "{null}", "{1}", "{1, 2}",
		"{1, 3}", "{2}", "{\"a\"}", "{[]}", "{{}}", "{{1}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(ascending); j++) {
			const struct json *a = read_text(ascending[i]), *b = read_text(ascending[j]);

			if (sign(json_compare(a, b)) != (i > j) - (i < j) || json_equal(a, b) != (i == j))
				test_fail(__FILE__, __LINE__, "%s and %s", ascending[i], ascending[j]);
		}
	}
}

TEST(numbers_are_compared_by_value)
{
	static const struct {
		const char *a;
		char order;
		const char *b;
	} rows[] = {
		{ "1", '=', "1.0" }, { "1", '=', "1e0" }, { "1", '=', "10e-1" }, { "100", '=', "1E+2" },
		{ "1000", '=', "0.001e6" }, { "0", '=', "-0" }, { "0", '=', "0.000e99" },
		{ "-0.0", '=', "0" }, { "0", '=', "0e99999999999999999999999" }, { "-1.50", '=', "-15e-1" },
		{ "10.0", '>', "1.0" }, { "1.10", '=', "1.1" }, { "1.10", '<', "1.101" },
		{ "-1.10", '>', "-1.101" }, { "9", '<', "10.0" },
		{ "1e1000000000", '>', "9223372036854775807" }, { "1e-1000000000", '>', "0" },
		{ "-1e1000000000", '<', "-9223372036854775808" },
		{ "-9223372036854775808", '=', "-9223372036854775808.0" },
		{ "9223372036854775807", '<', "9223372036854775807.5" },
		{ "18446744073709551616", '=', "18446744073709551616.0" },
		{ "1e99999999999999999999999999999999", '<', "1e100000000000000000000000000000000" },
		{ "10e99999999999999999999999999999999", '=', "1e100000000000000000000000000000000" },
		{ "11e99999999999999999999999999999999", '>', "1e100000000000000000000000000000000" },
		{ "0.1e-99999999999999999999999999999999", '=', "1e-100000000000000000000000000000000" },
		{ "1e-99999999999999999999999999999999", '>', "1e-100000000000000000000000000000000" },
		{ "1e99999999999999999999999999999999", '>', "1e-99999999999999999999999999999999" },
		{ "-1e99999999999999999999999999999999", '<', "1e-99999999999999999999999999999999" },
		{ "1e000000000000000000000000000000000000001", '=', "10" }, { "1e-00", '=', "1" },
		{ "0.3", '<', "0.30000000000000004" }, { "123456789.123", '<', "123456789.1230000001" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *a = read_text(rows[i].a), *b = read_text(rows[i].b);
		int wanted = rows[i].order == '<' ? -1 : rows[i].order == '>';

		if (sign(json_compare(a, b)) != wanted || sign(json_compare(b, a)) != -wanted ||
				json_equal(a, b) != !wanted)
			test_fail(__FILE__, __LINE__, "%s %c %s", rows[i].a, rows[i].order, rows[i].b);
	}
}

/* Objects are compared pair by pair, not first all keys and then all values. */
TEST(a_value_counts_before_the_next_key)
{
	CHECK(json_compare(read_text("{\"a\": 1, \"b\": 1}"), read_text("{\"a\": 2}")) < 0);
	CHECK(json_compare(read_text("{\"a\": 2, \"b\": 1}"), read_text("{\"a\": 1, \"c\": 1}")) > 0);
}

TEST(members_and_elements_are_found_by_any_key)
{
	const struct json *object = read_text(
		"{null: 0, true: 1, 1: 2, 2.5: 3, \"a\": 4, [1]: 5, {\"k\": 1}: 6, {1, 2}: 7, set(): 8}");
	const struct json *set = read_text("{null, true, 1, 2.5, \"a\", [1], {\"k\": 1}, {1, 2}, set()}");
	static const struct {
		const char *key;
		int wanted;
	} rows[] = {
		{ "null", 0 }, { "true", 1 }, { "1", 2 }, { "1.0", 2 }, { "2.50", 3 }, { "\"a\"", 4 },
		{ "[1]", 5 }, { "[1e0]", 5 }, { "{\"k\": 1}", 6 }, { "{2, 1}", 7 }, { "set()", 8 },
		{ "false", -1 }, { "2", -1 }, { "\"b\"", -1 }, { "\"\"", -1 }, { "[]", -1 }, { "[2]", -1 },
		{ "{}", -1 }, { "{\"k\": 2}", -1 }, { "{1}", -1 },
	};

	CHECK_INT(object->object.count, 9);
	CHECK_INT(set->array.count, 9);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct json *key = read_text(rows[i].key), *value = json_find(object, key),
			*element = json_find(set, key);

		if ((value ? value->integer : -1) != rows[i].wanted || !element != (rows[i].wanted < 0) ||
				(element && json_compare(element, key)))
			test_fail(__FILE__, __LINE__, "%s", rows[i].key);
	}
	CHECK_INT(json_get_int(object, "a", -1), 4);
	CHECK(!json_get(object, "b"));
	CHECK(!json_get(object, ""));
}

TEST(arrays_are_found_by_their_index)
{
	const struct json *array = read_text("[10, 20]");

	CHECK_INT(json_find(array, read_text("1"))->integer, 20);
	CHECK_INT(json_at(array, 0)->integer, 10);
	CHECK(!json_find(array, read_text("2")));
	CHECK(!json_find(array, read_text("-1")));
	CHECK(!json_find(array, read_text("1.0")));
	CHECK(!json_find(array, read_text("\"1\"")));
	CHECK(!json_find(read_text("\"ab\""), read_text("0")));
	CHECK(!json_find(NULL, read_text("0")));
	CHECK(!json_at(NULL, 0));
	CHECK(!json_at(read_text("{1}"), 0));
}

TEST_MAIN()
