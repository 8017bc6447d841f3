// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_time.c - time.* as policies call them
 */
#include "lib/rego_call.h"
#include "rego/zone.h"

#include <stdio.h>

TEST(time_is_read)
{
	static const struct rego_row rows[] = {
		{ "time.now_ns", "", "1795342830123456789" },
		{ "time.parse_rfc3339_ns", "\"1677-09-21T00:12:43.145224192-00:00\"",
			"-9223372036854775808" },
		{ "time.parse_rfc3339_ns", "\"1970-01-01T00:00:00-00:00\"", "0" },
		{ "time.parse_rfc3339_ns", "\"2017-06-02T19:00:00-07:00\"", "1496455200000000000" },
		{ "time.parse_rfc3339_ns", "\"2262-04-11T23:47:16.854775807-00:00\"", "9223372036854775807" },
		{ "time.parse_rfc3339_ns", "\"1677-09-21T00:12:43.145224191-00:00\"",
			"eval_builtin_error: time.parse_rfc3339_ns: time outside of valid range" },
		{ "time.parse_rfc3339_ns", "\"2262-04-11T23:47:16.854775808-00:00\"",
			"eval_builtin_error: time.parse_rfc3339_ns: time outside of valid range" },
		{ "time.parse_rfc3339_ns", "1",
			"eval_type_error: time.parse_rfc3339_ns: operand 1 must be string but got number" },
		{ "time.parse_rfc3339_ns", "\"today\"", "eval_builtin_error: time.parse_rfc3339_ns: "
			"parsing time \"today\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"today\" as \"2006\"" },
		{ "time.parse_ns", "\"2006-01-02T15:04:05Z07:00\", \"1677-09-21T00:12:43.145224191-00:00\"",
			"eval_builtin_error: time.parse_ns: time outside of valid range" },
		{ "time.parse_ns", "\"RFC822Z\", \"02 Jun 17 19:00 -0700\"", "1496455200000000000" },
		{ "time.parse_ns", "\"2006-01-02\", \"2017-06-02\"", "1496361600000000000" },
		{ "time.parse_ns", "1, \"\"",
			"eval_type_error: time.parse_ns: operand 1 must be string but got number" },
		{ "time.parse_ns", "\"\", {}",
			"eval_type_error: time.parse_ns: operand 2 must be string but got object" },
		{ "time.parse_duration_ns", "\"100ms\"", "100000000" },
		{ "time.parse_duration_ns", "\"1 ms\"", "eval_builtin_error: time.parse_duration_ns: "
			"time: unknown unit \" ms\" in duration \"1 ms\"" },
		{ "time.parse_duration_ns", "null",
			"eval_type_error: time.parse_duration_ns: operand 1 must be string but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(time_is_shown)
{
	static const struct rego_row rows[] = {
		{ "time.date", "1517814000000000000", "[2018, 2, 5]" },
		{ "time.date", "1582977600000000000", "[2020, 2, 29]" },
		{ "time.date", "[1582977600000000000]", "[2020, 2, 29]" },
		{ "time.date", "1582977600000000000000", "eval_builtin_error: time.date: timestamp too big" },
		{ "time.date", "[]", "eval_type_error: time.date: operand 1 must be either number (ns) or "
			"[number (ns), string (tz)] but got array" },
		{ "time.date", "\"now\"",
			"eval_type_error: time.date: operand 1 must be either number (ns) or "
			"[number (ns), string (tz)] but got string" },
		{ "time.date", "[\"now\"]",
			"eval_type_error: time.date: operand 1 must be number but got string" },
		{ "time.date", "[1, 2]",
			"eval_type_error: time.date: operand 1 must be string but got number" },
		{ "time.date", "[1, \"UTC\", 2]",
			"eval_type_error: time.date: operand 1 must be string but got number" },
		{ "time.date", "[0, \"Nowhere/X\"]",
			"eval_builtin_error: time.date: unknown time zone Nowhere/X" },
		{ "time.date", "[0, \"../X\"]",
			"eval_builtin_error: time.date: time: invalid location name" },
		{ "time.date", "[0, \"/X\"]", "eval_builtin_error: time.date: time: invalid location name" },
		{ "time.date", "[0, \"\"]", "[1970, 1, 1]" },
		{ "time.date", "[-1, \"Local\"]", "[1969, 12, 31]" },
		{ "time.clock", "1517832000000000000", "[12, 0, 0]" },
		{ "time.clock", "-1", "[23, 59, 59]" },
		{ "time.clock", "1582977600000000000000",
			"eval_builtin_error: time.clock: timestamp too big" },
		{ "time.weekday", "1517832000000000000", "\"Monday\"" },
		{ "time.weekday", "1517918400000000000", "\"Tuesday\"" },
		{ "time.weekday", "1518004800000000000", "\"Wednesday\"" },
		{ "time.weekday", "1518091200000000000", "\"Thursday\"" },
		{ "time.weekday", "1518177600000000000", "\"Friday\"" },
		{ "time.weekday", "1518264000000000000", "\"Saturday\"" },
		{ "time.weekday", "1518350400000000000", "\"Sunday\"" },
		{ "time.weekday", "1582977600000000000000",
			"eval_builtin_error: time.weekday: timestamp too big" },
		{ "time.format", "1670006453141828752", "\"2022-12-02T18:40:53.141828752Z\"" },
		{ "time.format", "[1670006453141828752, \"UTC\"]", "\"2022-12-02T18:40:53.141828752Z\"" },
		{ "time.format", "[1670006453141828752, \"\", \"RFC1123Z\"]",
			"\"Fri, 02 Dec 2022 18:40:53 +0000\"" },
		{ "time.format", "[1670006453141828752, \"\", \"_2.1.06\"]", "\" 2.12.22\"" },
		{ "time.format", "[0, \"\", \"\xc3\xa4 MST\"]", "\"\xc3\xa4 UTC\"" },
		{ "time.format", "9223372036854775807", "\"2262-04-11T23:47:16.854775807Z\"" },
		{ "time.format", "-9223372036854775808", "\"1677-09-21T00:12:43.145224192Z\"" },
		{ "time.format", "null",
			"eval_type_error: time.format: operand 1 must be either number (ns) or "
			"[number (ns), string (tz)] but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(dates_are_added_and_compared)
{
	static const struct rego_row rows[] = {
		{ "time.add_date", "1585852421593912000, 3, 9, 12", "1705257221593912000" },
		{ "time.add_date", "1585852421593912000, -1, -1, -1", "1551465221593912000" },
		{ "time.add_date", "0, 0, 1, 30", "5270400000000000" },
		{ "time.add_date", "2592000000000000, 0, 1, 0", "5270400000000000" },
		{ "time.add_date", "0, 1, -12, 0", "0" },
		{ "time.add_date", "0, 2262, 1, 1",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "-9223372036854775808, 0, 0, -1",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "0, 9223372036854775807, 0, 0",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "0, 0, -9223372036854775808, 0",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "0, 0, 9223372036854775807, 9223372036854775807",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "0, 0, 0, 9223372036854775807",
			"eval_builtin_error: time.add_date: time outside of valid range" },
		{ "time.add_date", "0, 1.5, 0, 0",
			"eval_type_error: time.add_date: operand 2 must be integer "
			"number but got floating-point number" },
		{ "time.add_date", "0, 1, \"1\", 0",
			"eval_type_error: time.add_date: operand 3 must be number but got string" },
		{ "time.add_date", "{}, 1, 1, 0",
			"eval_type_error: time.add_date: operand 1 must be either "
			"number (ns) or [number (ns), string (tz)] but got object" },
		{ "time.diff", "61000000000, 0", "[0, 0, 0, 0, 1, 1]" },
		{ "time.diff", "1580601600000000000, 1583020800000000000", "[0, 0, 28, 0, 0, 0]" },
		{ "time.diff", "1612224000000000000, 1614556800000000000", "[0, 0, 27, 0, 0, 0]" },
		{ "time.diff", "1078012800000000000, 1109635200000000000", "[1, 0, 1, 0, 0, 0]" },
		{ "time.diff", "1, 0", "[0, 0, 0, 0, 0, 0]" },
		{ "time.diff", "0, -1", "[0, 0, 0, 0, 0, 1]" },
		{ "time.diff", "-9223372036854775808, 9223372036854775807", "[584, 6, 20, 23, 34, 33]" },
		{ "time.diff", "0, []", "eval_type_error: time.diff: operand 1 must be either number (ns) or "
			"[number (ns), string (tz)] but got array" },
	};

	REGO_CHECK_ROWS(rows);
}

static void add_zone(struct arena *arena, struct rego_zones *zones, const char *name)
{
	FILE *file = fopen(arena_printf(arena, "/usr/share/zoneinfo/%s", name), "re");
	char *bytes = arena_alloc(arena, REGO_ZONE_FILE_MAX);
	size_t len;

	if (!file)
		TEST_SKIP("tzdata");
	len = fread(bytes, 1, REGO_ZONE_FILE_MAX, file);
	CHECK_INT(fclose(file), 0);
	CHECK_INT(rego_zones_add(zones, str_from(name), (struct str){ bytes, len }, NULL), 0);
}

TEST(zones_are_those_that_were_given)
{
	static const struct rego_row rows[] = {
		{ "time.clock", "[1517832000000000000, \"America/New_York\"]", "[7, 0, 0]" },
		{ "time.date", "[1517788800000000000, \"America/New_York\"]", "[2018, 2, 4]" },
		{ "time.weekday", "[1517788800000000000, \"America/New_York\"]", "\"Sunday\"" },
		{ "time.format", "[1670006453141828752, \"America/New_York\", \"RFC822\"]",
			"\"02 Dec 22 13:40 EST\"" },
		{ "time.format", "[1670006453141828752, \"America/New_York\"]",
			"\"2022-12-02T13:40:53.141828752-05:00\"" },
		{ "time.diff", "[1580601600000000000, \"UTC\"], [1580601660000000000, \"America/New_York\"]",
			"[0, 0, 0, 0, 1, 0]" },
		{ "time.diff", "[1580601600000000000, \"America/New_York\"], [1583020800000000000, \"UTC\"]",
			"[0, 0, 28, 0, 0, 0]" },
		/*
		 * A day later on the clock is 23 hours on the day that loses one; what it skips is an hour
		 * back.
		 */
		{ "time.add_date", "[1710010800000000000, \"America/New_York\"], 0, 0, 1",
			"1710093600000000000" },
		{ "time.add_date", "[1709969400000000000, \"America/New_York\"], 0, 0, 1",
			"1710052200000000000" },
		{ "time.clock", "[0, \"Europe/Paris\"]",
			"eval_builtin_error: time.clock: unknown time zone Europe/Paris" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(4 << 20);
	struct rego_zones *zones = rego_zones_new(&arena);

	add_zone(&arena, zones, "America/New_York");
	rego_call_zones(zones);
	REGO_CHECK_ROWS(rows);
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "time.parse_ns", "\"2006-01-02\", \"2017-06\"" },
		{ "time.parse_duration_ns", "\"1x\"" },
		{ "time.format",
			"[0, \"\", \"2006-01-02 and more and more and more and more and more and more\"]" },
		{ "time.date", "0" },
		{ "time.add_date", "0, 1, 1, 1" },
		{ "time.diff", "0, 1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 4096; bytes += 16) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
	}
	for (size_t i = 0; i < 3; i++)
		CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536), "stopped (steps)");
}

TEST_MAIN()
