// SPDX-License-Identifier: Apache-2.0
/*
 * test_time.c - RFC 3339 in both directions
 */
#include "base/time.h"

#include "lib/test.h"

#include <errno.h>
#include <time.h>

static const char *text_of(uint64_t time_ns)
{
	static char text[TIME_TEXT_SIZE];

	time_to_text(time_ns, text);
	return text;
}

TEST(known_points)
{
	static const struct {
		uint64_t time_ns;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1767323045000006000, "2026-01-02T03:04:05.000006Z" },
		{ 951782400 * NS_PER_SEC, "2000-02-29T00:00:00.000000Z" },
		{ 4107542399 * NS_PER_SEC, "2100-02-28T23:59:59.000000Z" },
		{ 4107542400 * NS_PER_SEC, "2100-03-01T00:00:00.000000Z" },
		{ 999999999, "1970-01-01T00:00:00.999999Z" },
		{ UINT64_MAX, "2554-07-21T23:34:33.709551Z" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_TEXT(text_of(rows[i].time_ns), rows[i].text);
}

/* The C library's calendar is the reference, day by day over the whole range that can be read. */
TEST(every_day_agrees_with_the_c_library)
{
	uint64_t day_count = 0;

	for (uint64_t day = 0;; day++) {
		time_t when = (time_t)(day * 86400 + 86399);
		char wanted[TIME_TEXT_SIZE];
		uint64_t back_ns;
		struct tm tm;

		gmtime_r(&when, &tm);
		if (tm.tm_year + 1900 > 2500)
			break;
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
		CHECK_TEXT(text_of((uint64_t)when * NS_PER_SEC), wanted);
		CHECK_INT(time_from_text(str_from(wanted), &back_ns), 0);
		CHECK(back_ns == (uint64_t)when * NS_PER_SEC);
		day_count++;
	}
	CHECK_INT(day_count, 531 * 365 + 129);
}

TEST(fractions_and_dates)
{
	static const struct {
		const char *text;
		uint64_t wanted_ns;
	} rows[] = {
		/* RFC 3339, section 5.8, the first example */
		{ "1985-04-12T23:20:50.52Z", 482196050520000000 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-02", 86400 * NS_PER_SEC },
		{ "1970-01-01T00:00:00.1Z", 100000000 },
		{ "1970-01-01T00:00:00.000000001Z", 1 },
		{ "1970-01-01T00:00:00.999999999Z", 999999999 },
		{ "2024-02-29T12:00:00Z", 1709208000 * NS_PER_SEC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t time_ns;

		CHECK_INT(time_from_text(str_from(rows[i].text), &time_ns), 0);
		CHECK(time_ns == rows[i].wanted_ns);
	}
}

TEST(other_texts_and_days_are_refused)
{
	static const char *const texts[] = {
		"", "2026", "2026-01", "2026-01-", "2026-1-2", "26-01-02", "2026-01-02T", "2026-01-02T03:04Z",
		"2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-01-02t03:04:05z",
		"2026-01-02T03:04:05Z ", " 2026-01-02", "2026-01-02Z", "2026/01/02", "2026-01-02T03:04:05.Z",
		"2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05.5", "2026-01-02T03:04:05,5Z",
		"2026-01-02T03-04-05Z", "2026-01-02T03:04-05Z", "2026-01-02T24:00:00Z",
		"2026-01-02T23:60:00Z", "2026-00-10", "2026-13-10", "2026-01-00", "2026-01-32", "2026-04-31",
		"2026-02-29", "2100-02-29", "2500-12-32", "1969-12-31", "2501-01-01", "2026-01-0x",
		"202x-01-01", "2026-x1-01", "2026-01-02Tx3:04:05Z", "2026-01-02T03:x4:05Z",
		"2026-01-02T03:04:x5Z", "2026-01-02T03:04:05.x5Z", "2026-01-02X03:04:05Z", "2026-01_02",
		"2026_01-02",
		/* RFC 3339, section 5.8: a leap second, and offsets, which the ledger never writes */
		"1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1996-12-19T16:39:57-08:00",
		"1937-01-01T12:00:27.87+00:20",
	};
	uint64_t time_ns = 77;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (time_from_text(str_from(texts[i]), &time_ns) != -EINVAL)
			test_fail(__FILE__, __LINE__, "'%s' is accepted", texts[i]);
	CHECK_INT(time_ns, 77);
}

TEST_MAIN()
