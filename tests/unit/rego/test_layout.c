// SPDX-License-Identifier: Apache-2.0
/*
 * test_layout.c - dates, times as text in both directions, and durations
 *
 * What is wanted here is what Go's package time gives.
 */
#include "rego/layout.h"

#include "lib/test.h"

#include <errno.h>

/* Saturday, the 9th of August 2014, in the afternoon, two hours east of Greenwich. */
static const struct rego_local summer = {
	.at = { .seconds = 1407589567, .nanoseconds = 80900000 },
	.offset = 7200,
	.zone = { .data = "CEST", .len = 4 },
};

static const char *format(struct arena *arena, const char *layout, const struct rego_local *local)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str result;

	rego_layout_format(&text, rego_layout_named(str_from(layout)), local);
	CHECK(rego_text_end(&text, &result));
	CHECK_INT(strlen(result.data), result.len);
	return result.data;
}

TEST(days_and_dates_are_each_others_inverse)
{
	static const struct {
		int64_t days;
		struct rego_date date;
		int weekday;
	} rows[] = {
		{ 0, { 1970, 1, 1 }, 4 },
		{ -1, { 1969, 12, 31 }, 3 },
		{ 11016, { 2000, 2, 29 }, 2 },
		{ 11017, { 2000, 3, 1 }, 3 },
		{ -25508, { 1900, 3, 1 }, 4 },
		{ -719528, { 0, 1, 1 }, 6 },
		{ -719529, { -1, 12, 31 }, 5 },
		{ 2932896, { 9999, 12, 31 }, 5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rego_date date = rego_date_from_days(rows[i].days);

		CHECK_INT(date.year, rows[i].date.year);
		CHECK_INT(date.month, rows[i].date.month);
		CHECK_INT(date.day, rows[i].date.day);
		CHECK_INT(rego_date_to_days(date), rows[i].days);
		CHECK_INT(rego_day_of_week(rows[i].days), rows[i].weekday);
	}
	for (int64_t days = -800000; days < 800000; days += 13) {
		struct rego_date date = rego_date_from_days(days);

		CHECK_INT(rego_date_to_days(date), days);
		CHECK(date.day >= 1 && date.day <= rego_days_in_month(date.year, date.month));
	}
	CHECK_INT(rego_date_to_days(rego_date_from_days(365 * CIVIL_YEAR_MAX)), 365 * CIVIL_YEAR_MAX);
	CHECK_INT(rego_day_of_year((struct rego_date){ 2000, 12, 31 }), 366);
}

TEST(nanoseconds_reach_both_ends_and_not_beyond)
{
	static const int64_t all[] = { INT64_MIN, INT64_MIN + 1, -1000000000, -1, 0, 1, 999999999,
		INT64_MAX };
	struct rego_instant instant;
	int64_t ns;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		instant = rego_instant_from_ns(all[i]);
		CHECK(instant.nanoseconds >= 0 && instant.nanoseconds < 1000000000);
		CHECK_INT(rego_instant_to_ns(instant, &ns), 0);
		CHECK_INT(ns, all[i]);
	}
	instant = rego_instant_from_ns(INT64_MAX);
	instant.nanoseconds++;
	CHECK_INT(rego_instant_to_ns(instant, &ns), -ERANGE);
	instant = rego_instant_from_ns(INT64_MIN);
	instant.nanoseconds--;
	CHECK_INT(rego_instant_to_ns(instant, &ns), -ERANGE);
	CHECK_INT(rego_instant_to_ns((struct rego_instant){ .seconds = INT64_MAX }, &ns), -ERANGE);
	CHECK_INT(rego_instant_to_ns((struct rego_instant){ .seconds = INT64_MIN }, &ns), -ERANGE);
}

TEST(each_element_is_written_as_the_layout_shows_it)
{
	static const struct {
		const char *layout, *wanted;
	} rows[] = {
		{ "", "" },
		{ "January Jan 1 01", "August Aug 8 08" },
		{ "Monday Mon 2 _2 02 __2 002", "Saturday Sat 9  9 09 221 221" },
		{ "15 3 03 4 04 5 05 PM pm", "15 3 03 6 06 7 07 PM pm" },
		{ "2006 06 _2006", "2014 14 _2014" },
		{ "MST Z07 Z0700 Z07:00 Z070000 Z07:00:00", "CEST +02 +0200 +02:00 +020000 +02:00:00" },
		{ "-07 -0700 -07:00 -070000 -07:00:00", "+02 +0200 +02:00 +020000 +02:00:00" },
		{ ".0 .000 .000000 .00000000000", ".0 .080 .080900 .080900000" },
		{ ".9 .999 .999999999 ,999", " .08 .0809 ,08" },
		{ ".0001 .9x", ".0008 x" },
		{ "Month Mondays Janx MSTx", "Month Saturdays Janx CESTx" },
		{ "ANSIC", "Sat Aug  9 15:06:07 2014" },
		{ "UnixDate", "Sat Aug  9 15:06:07 CEST 2014" },
		{ "RubyDate", "Sat Aug 09 15:06:07 +0200 2014" },
		{ "RFC822", "09 Aug 14 15:06 CEST" },
		{ "RFC822Z", "09 Aug 14 15:06 +0200" },
		{ "RFC850", "Saturday, 09-Aug-14 15:06:07 CEST" },
		{ "RFC1123", "Sat, 09 Aug 2014 15:06:07 CEST" },
		{ "RFC1123Z", "Sat, 09 Aug 2014 15:06:07 +0200" },
		{ "RFC3339", "2014-08-09T15:06:07+02:00" },
		{ "RFC3339Nano", "2014-08-09T15:06:07.0809+02:00" },
		{ "RFC3339Nan", "RFC3339Nan" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);

		CHECK_TEXT(format(&arena, rows[i].layout, &summer), rows[i].wanted);
	}
}

TEST(zones_without_a_name_and_west_of_greenwich)
{
	scoped(arena) struct arena arena = ARENA_INIT(65536);
	struct rego_local utc = { .at = summer.at },
		west = { .at = summer.at, .offset = -(9 * 3600 + 30 * 60) };

	CHECK_TEXT(format(&arena, "MST Z07:00 Z07 -07:00", &utc), "+0000 Z Z +00:00");
	CHECK_TEXT(format(&arena, "MST Z07:00 -07 -07:00:00", &west), "-0930 -09:30 -09 -09:30:00");
	west.offset = -2670;
	CHECK_TEXT(format(&arena, "-0700 -07:00:00", &west), "-0044 -00:44:30");
}

TEST(noon_and_midnight_are_twelve)
{
	scoped(arena) struct arena arena = ARENA_INIT(65536);
	struct rego_local at = { 0 };

	CHECK_TEXT(format(&arena, "3PM 03pm 15", &at), "12AM 12am 00");
	at.at.seconds = 12 * 3600;
	CHECK_TEXT(format(&arena, "3PM 03pm 15", &at), "12PM 12pm 12");
	at.at.seconds = -1;
	CHECK_TEXT(format(&arena, "2006-01-02 15:04:05 __2", &at), "1969-12-31 23:59:59 365");
}

TEST(a_time_is_read_as_it_was_written)
{
	static const struct {
		const char *layout, *value;
		int64_t seconds;
		int32_t nanoseconds;
	} rows[] = {
		{ "", "", -62167219200, 0 },
		{ "RFC3339", "2014-08-09T15:06:07+02:00", 1407589567, 0 },
		{ "RFC3339", "2014-08-09T15:06:07.0809+02:00", 1407589567, 80900000 },
		{ "RFC3339", "2014-08-09T5:06:07Z", 1407560767, 0 },
		{ "RFC3339Nano", "2014-08-09T13:06:07,123456789999Z", 1407589567, 123456789 },
		{ "UnixDate", "Sat Aug  9 13:06:07 CEST 2014", 1407589567, 0 },
		{ "UnixDate", "sat AUG 9 13:06:07 GMT+3 2014", 1407589567, 0 },
		{ "RFC850", "Saturday, 09-Aug-14 13:06:07 -03", 1407589567, 0 },
		{ "06", "69", -31536000, 0 },
		{ "06", "68", 3092601600, 0 },
		{ "2006 002", "2014 221", 1407542400, 0 },
		{ "2006 __2", "2000 60", 951782400, 0 },
		{ "2006 __2", "2000   1", 946684800, 0 },
		{ "3:04 pm", "12:00 am", -62167219200, 0 },
		{ "3:04 PM", "12:00 PM", -62167176000, 0 },
		{ "3:04 PM", "1:00 PM", -62167172400, 0 },
		{ "15 MST -0700", "10 UTC +0500", -62167183200, 0 },
		{ "15 Z07:00:00", "10 -01:00:30", -62167179570, 0 },
		{ "15 -0700", "10 +2460", -62167273200, 0 },
		{ "05.000", "01.+12", -62167219199, 12000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);
		const char *error = NULL;
		struct rego_instant at;

		if (rego_layout_parse(&arena, rego_layout_named(str_from(rows[i].layout)),
				str_from(rows[i].value), &at, &error) < 0)
			test_fail(__FILE__, __LINE__, "%s: %s", rows[i].value, error);
		CHECK_INT(at.seconds, rows[i].seconds);
		CHECK_INT(at.nanoseconds, rows[i].nanoseconds);
	}
}

TEST(what_is_no_time_is_refused_in_known_words)
{
	static const struct {
		const char *layout, *value, *wanted;
	} rows[] = {
		{ "2006-01-02", "2014/08/09",
			"parsing time \"2014/08/09\" as \"2006-01-02\": cannot parse \"/08/09\" as \"-\"" },
		{ "2006-01-02", "2014-08",
			"parsing time \"2014-08\" as \"2006-01-02\": cannot parse \"\" as \"-\"" },
		{ "2006-01-02", "14-08-09",
			"parsing time \"14-08-09\" as \"2006-01-02\": cannot parse \"14-08-09\" as \"2006\"" },
		{ "2006-01-02", "2014-13-09", "parsing time \"2014-13-09\": month out of range" },
		{ "2006-01-02", "2014-02-29", "parsing time \"2014-02-29\": day out of range" },
		{ "2006-01-02", "2014-02-00", "parsing time \"2014-02-00\": day out of range" },
		{ "2006-01-02", "2014-02-01 ", "parsing time \"2014-02-01 \": extra text: \" \"" },
		{ "15:04:05", "24:00:00", "parsing time \"24:00:00\": hour out of range" },
		{ "3:04", "13:00", "parsing time \"13:00\": hour out of range" },
		{ "15:04:05", "00:60:00", "parsing time \"00:60:00\": minute out of range" },
		{ "15:04:05", "00:00:60", "parsing time \"00:00:60\": second out of range" },
		{ "05.000", "01.-12", "parsing time \"01.-12\": fractional second out of range" },
		{ "Z07:00", "+25:00", "parsing time \"+25:00\": time zone offset hour out of range" },
		{ "Z07:00", "+24:61", "parsing time \"+24:61\": time zone offset minute out of range" },
		{ "Z070000", "+240061", "parsing time \"+240061\": time zone offset second out of range" },
		{ "Z07:00", "0100:0",
			"parsing time \"0100:0\" as \"Z07:00\": cannot parse \"0100:0\" as \"Z07:00\"" },
		{ "2006 002", "2013 366", "parsing time \"2013 366\": day-of-year out of range" },
		{ "2006 002 01", "2013 001 02",
			"parsing time \"2013 001 02\": day-of-year does not match month" },
		{ "2006 002 _2", "2013 001  2",
			"parsing time \"2013 001  2\": day-of-year does not match day" },
		{ "MST", "SUMMER", "parsing time \"SUMMER\" as \"MST\": cannot parse \"SUMMER\" as \"MST\"" },
		{ "pm", "PM", "parsing time \"PM\" as \"pm\": cannot parse \"PM\" as \"pm\"" },
		{ "Mon", "Sum", "parsing time \"Sum\" as \"Mon\": cannot parse \"Sum\" as \"Mon\"" },
		{ "x", "\"\\\x7f\xc3\xa4",
			"parsing time \"\\\"\\\\\\x7f\\xc3\\xa4\" as \"x\": cannot parse \"\\\"\\\\\\x7f\\xc3\\xa4\" as \"x\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);
		const char *error = NULL;
		struct rego_instant at;

		CHECK_INT(rego_layout_parse(&arena, str_from(rows[i].layout), str_from(rows[i].value), &at,
			&error), -EINVAL);
		CHECK_TEXT(error, rows[i].wanted);
	}
}

TEST(durations_are_read_exactly)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "+0s", 0 }, { "100ms", 100000000 },
		{ "1h15m30.918273645s", 4530918273645 }, { "-1.5h", -5400000000000 }, { ".5us", 500 },
		{ "1.\xc2\xb5s", 1000 }, { "1\xce\xbcs1ns", 1001 }, { "9223372036854775807ns", INT64_MAX },
		{ "-9223372036854775808ns", INT64_MIN }, { "0.3333333333333333333333h", 1200000000000 },
		{ "0.9223372036854775807s", 922337203 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);
		const char *error = NULL;
		int64_t ns;

		if (rego_duration_parse(&arena, str_from(rows[i].text), &ns, &error) < 0)
			test_fail(__FILE__, __LINE__, "%s", error);
		CHECK_INT(ns, rows[i].ns);
	}
}

TEST(what_is_no_duration_is_refused_in_known_words)
{
	static const char *const rows[][2] = {
		{ "", "time: invalid duration \"\"" },
		{ "-", "time: invalid duration \"-\"" },
		{ "s", "time: invalid duration \"s\"" },
		{ ".s", "time: invalid duration \".s\"" },
		{ "1", "time: missing unit in duration \"1\"" },
		{ "1h0", "time: missing unit in duration \"1h0\"" },
		{ "1d", "time: unknown unit \"d\" in duration \"1d\"" },
		{ "9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\"" },
		{ "9223372036854775809ns", "time: invalid duration \"9223372036854775809ns\"" },
		{ "99999999999999999999ns", "time: invalid duration \"99999999999999999999ns\"" },
		{ "2562048h", "time: invalid duration \"2562048h\"" },
		{ "2562047h48m", "time: invalid duration \"2562047h48m\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);
		const char *error = NULL;
		int64_t ns;

		CHECK_INT(rego_duration_parse(&arena, str_from(rows[i][0]), &ns, &error), -EINVAL);
		CHECK_TEXT(error, rows[i][1]);
	}
}

TEST(an_arena_that_is_too_small_is_noticed)
{
	for (size_t bytes = 0; bytes < 2048; bytes += 16) {
		scoped(arena) struct arena arena = ARENA_INIT(bytes), other = ARENA_INIT(bytes);
		struct rego_text text = REGO_TEXT_INIT(&arena);
		const char *error = "";
		struct rego_instant at;
		struct str result;

		rego_layout_format(&text, STR("Monday, 02-Jan-06 15:04:05 MST, and once more: Monday"),
			&summer);
		if (rego_text_end(&text, &result))
			CHECK_STR(result, STR("Saturday, 09-Aug-14 15:06:07 CEST, and once more: Saturday"));
		else
			CHECK(bytes < 1024);
		CHECK_INT(rego_layout_parse(&other, STR("2006"), STR("20066"), &at, &error), -EINVAL);
		if (error)
			CHECK_TEXT(error, "parsing time \"20066\": extra text: \"6\"");
		else
			CHECK(bytes < 1024);
	}
}

TEST(a_text_quotes_what_is_not_plain)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	struct rego_text text = REGO_TEXT_INIT(&arena);
	struct str result;

	rego_text_add_quoted(&text,
		STR("a\"\\\a\b\f\n\r\t\v\x01\x7f\xff\xc3\xa4\xe2\x80\xae\xf3\xa0\x80\x81"));
	rego_text_add_int(&text, INT64_MIN, 0);
	rego_text_add_int(&text, -7, 3);
	rego_text_add_repeated(&text, '.', 100);
	CHECK(rego_text_end(&text, &result));
	CHECK(str_starts_with(result,
		STR("\"a\\\"\\\\\\a\\b\\f\\n\\r\\t\\v\\x01\\x7f\\xff\xc3\xa4\\u202e\\U000e0001\""
		"-9223372036854775808-007.....")));
	CHECK(!result.data[result.len]);
}

TEST_MAIN()
