// SPDX-License-Identifier: Apache-2.0
/*
 * test_unicode.c - the tables that were made while building hold what Unicode 15 says
 */
#include "regex/unicode.h"

#include "lib/test.h"

static bool has(const char *name, uint32_t point)
{
	const struct regex_property *property = regex_property_find(str_from(name));

	CHECK(property);
	for (size_t i = 0; i < property->count; i++)
		if (point >= property->ranges[i].low && point <= property->ranges[i].high)
			return true;
	return false;
}

static size_t size_of(const char *name)
{
	const struct regex_property *property = regex_property_find(str_from(name));
	size_t size = 0;

	CHECK(property);
	for (size_t i = 0; i < property->count; i++)
		size += property->ranges[i].high - property->ranges[i].low + 1;
	return size;
}

TEST(names_are_found_however_they_are_written)
{
	CHECK(regex_property_find(STR("Greek")));
	CHECK(regex_property_find(STR("greek")) == regex_property_find(STR("GREEK")));
	CHECK(regex_property_find(STR("Old_Italic")) == regex_property_find(STR("old italic")));
	CHECK(regex_property_find(STR("Uppercase_Letter"))->ranges == regex_property_find(STR("Lu"))->ranges);
	CHECK(!regex_property_find(STR("")));
	CHECK(!regex_property_find(STR("Gree")));
	CHECK(!regex_property_find(STR("Greek\0")));
	CHECK(!regex_property_find(
		STR("Zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")));
}

TEST(sets_hold_what_they_should)
{
	CHECK(has("Lu", 'A') && !has("Lu", 'a') && has("L", 0x10ffd) == false);
	CHECK(has("Greek", 0x3b1) && !has("Greek", 'a') && has("Han", 0x4e00) && has("Nd", 0x660));
	CHECK(has("Zs", 0xa0) && has("Cn", 0x378) && has("C", 0x378) && !has("Assigned", 0x378));
	CHECK_INT(size_of("Any"), 0x110000);
	CHECK_INT(size_of("Ascii"), 128);
	CHECK_INT(size_of("Assigned") + size_of("Cn"), 0x110000);
	/* as Unicode 15.0.0 counts them */
	CHECK_INT(size_of("Lu"), 1831);
	CHECK_INT(size_of("Ll"), 2233);
	CHECK_INT(size_of("Nd"), 680);
	CHECK_INT(size_of("Greek"), 518);
}

TEST(every_set_is_sorted_with_gaps)
{
	CHECK(regex_property_count > 200);
	for (size_t i = 0; i < regex_property_count; i++) {
		const struct regex_property *property = &regex_properties[i];

		CHECK(!i || strcmp(regex_properties[i - 1].name, property->name) < 0);
		CHECK(regex_property_find(str_from(property->name)) == property);
		for (size_t j = 0; j < property->count; j++) {
			CHECK(property->ranges[j].low <= property->ranges[j].high);
			CHECK(property->ranges[j].high <= 0x10ffff);
			CHECK(!j || property->ranges[j].low > property->ranges[j - 1].high + 1);
		}
	}
}

TEST(letters_go_round_in_rings)
{
	CHECK_INT(regex_fold_next('K'), 'k');
	CHECK_INT(regex_fold_next('k'), 0x212a);
	CHECK_INT(regex_fold_next(0x212a), 'K');
	CHECK_INT(regex_fold_next('1'), '1');
	CHECK_INT(regex_fold_next(0xdf), 0x1e9e);
	CHECK_INT(regex_fold_next(0x10ffff), 0x10ffff);
	for (size_t i = 0; i < regex_orbit_count; i++) {
		uint32_t point = regex_orbits[i].point;
		unsigned length = 1;

		CHECK(!i || regex_orbits[i - 1].point < point);
		for (uint32_t other = regex_orbits[i].next; other != point; other = regex_fold_next(other))
			CHECK(++length <= 4);
		CHECK(length >= 2);
	}
}

TEST_MAIN()
