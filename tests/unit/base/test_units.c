// SPDX-License-Identifier: Apache-2.0
/*
 * test_units.c - sizes and durations in both directions
 */
#include "base/units.h"

#include "base/time.h"

#include "lib/test.h"

#include <errno.h>

typedef int parse_fn(struct str text, uint64_t *ret);
typedef void format_fn(uint64_t value, char ret[UNITS_TEXT_SIZE]);

struct row {
	const char *text;
	uint64_t value;
	const char *shortest;		/* NULL: the text itself */
};

static void check_rows(const struct row *rows, size_t count, parse_fn *parse, format_fn *format)
{
	for (size_t i = 0; i < count; i++) {
		char text[UNITS_TEXT_SIZE];
		uint64_t value;

		CHECK_INT(parse(str_from(rows[i].text), &value), 0);
		CHECK(value == rows[i].value);
		format(value, text);
		CHECK_TEXT(text, rows[i].shortest ?: rows[i].text);
	}
}

TEST(sizes)
{
	static const struct row rows[] = {
		{ "0", 0, NULL }, { "0K", 0, "0" }, { "1", 1, NULL }, { "512", 512, NULL },
		{ "512B", 512, "512" }, { "1000", 1000, NULL }, { "1K", 1024, NULL }, { "1KiB", 1024, "1K" },
		{ "1024", 1024, "1K" }, { "1025", 1025, NULL }, { "512M", 512ull << 20, NULL },
		{ "512MiB", 512ull << 20, "512M" }, { "1024M", 1ull << 30, "1G" }, { "2G", 2ull << 30, NULL },
		{ "2GiB", 2ull << 30, "2G" }, { "1T", 1ull << 40, NULL }, { "1TiB", 1ull << 40, "1T" },
		{ "1536M", 1536ull << 20, NULL }, { "8388607T", 8388607ull << 40, NULL },
		{ "9223372036854775807", INT64_MAX, NULL },
	};

	check_rows(rows, ARRAY_SIZE(rows), units_parse_size, units_format_size);
}

TEST(durations)
{
	static const struct row rows[] = {
		{ "0s", 0, NULL }, { "0d", 0, "0s" }, { "1ns", 1, NULL },
		{ "1500us", 1500 * NS_PER_US, NULL }, { "500ms", 500 * NS_PER_MS, NULL },
		{ "1500ms", 1500 * NS_PER_MS, NULL }, { "10s", 10 * NS_PER_SEC, NULL },
		{ "90s", 90 * NS_PER_SEC, NULL }, { "60s", 60 * NS_PER_SEC, "1m" },
		{ "5m", 300 * NS_PER_SEC, NULL }, { "2h", 7200 * NS_PER_SEC, NULL },
		{ "48h", 172800 * NS_PER_SEC, "2d" }, { "7d", 604800 * NS_PER_SEC, NULL },
		{ "106751d", 106751 * (86400 * NS_PER_SEC), NULL },
	};

	check_rows(rows, ARRAY_SIZE(rows), units_parse_duration, units_format_duration);
}

static void check_refused(parse_fn *parse, const char *text, int wanted)
{
	uint64_t value = 77;

	if (parse(str_from(text), &value) != wanted || value != 77)
		test_fail(__FILE__, __LINE__, "'%s' is not refused with %d", text, wanted);
}

TEST(what_is_no_size)
{
	static const char *const texts[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1 K", "1k", "1kb", "1KB", "1Ki", "1.5G", "0x10", "01", "1P",
		"1KK", "1M1", "unlimited",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_refused(units_parse_size, texts[i], -EINVAL);
	check_refused(units_parse_size, "9223372036854775808", -ERANGE);
	check_refused(units_parse_size, "8388608T", -ERANGE);
	check_refused(units_parse_size, "99999999999999999999999", -ERANGE);
	check_refused(units_parse_size, "18014398509481985K", -ERANGE);
}

TEST(what_is_no_duration)
{
	static const char *const texts[] = {
		"", "0", "10", "s", "-1s", "1.5h", "1 h", "1H", "1min", "1w", "1M", "1h30m", "1S", "forever",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_refused(units_parse_duration, texts[i], -EINVAL);
	check_refused(units_parse_duration, "106752d", -ERANGE);
	check_refused(units_parse_duration, "9223372036854775808ns", -ERANGE);
	check_refused(units_parse_duration, "9223372036854775807d", -ERANGE);
}

/* What is printed is exact: no value is rounded to a unit that it is no multiple of. */
TEST(formats_read_back)
{
	for (uint64_t value = 1; value < UINT64_C(1) << 62; value = value * 3 + value / 7) {
		char text[UNITS_TEXT_SIZE];
		uint64_t back;

		units_format_size(value, text);
		CHECK_INT(units_parse_size(str_from(text), &back), 0);
		CHECK(back == value);
		units_format_duration(value, text);
		CHECK_INT(units_parse_duration(str_from(text), &back), 0);
		CHECK(back == value);
	}
}

TEST_MAIN()
