// SPDX-License-Identifier: Apache-2.0
/*
 * civil.c - the calendar by arithmetic, without tables of years
 *
 * A year is counted from the first of March here, so that the day that comes and goes is its last one. The
 * calendar then repeats every 400 years, of 146,097 days; within such an era, the length of the months
 * follows from one linear formula.
 */
#include "rego/civil.h"

#include "base/macro.h"

#include <errno.h>

enum {
	ERA_YEARS = 400,
	ERA_DAYS = 146097,
	EPOCH_DAYS = 719468,		/* from 0000-03-01 to 1970-01-01 */
	EPOCH_WEEKDAY = 4,		/* a Thursday */
};

/* Days before the month, with March as 0. */
static int days_before(int month)
{
	return (153 * month + 2) / 5;
}

struct rego_date rego_date_from_days(int64_t days)
{
	int64_t era = rego_floor_div(days + EPOCH_DAYS, ERA_DAYS);
	int64_t day = days + EPOCH_DAYS - era * ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int rest = (int)(day - (365 * year + year / 4 - year / 100));
	int month = (5 * rest + 2) / 153;

	return (struct rego_date){
		.year = era * ERA_YEARS + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = rest - days_before(month) + 1,
	};
}

int64_t rego_date_to_days(struct rego_date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = rego_floor_div(year, ERA_YEARS), rest = year - era * ERA_YEARS;
	int month = date.month > 2 ? date.month - 3 : date.month + 9;

	assert(date.month >= 1 && date.month <= 12);
	return era * ERA_DAYS + rest * 365 + rest / 4 - rest / 100 + days_before(month) + date.day - 1 -
		EPOCH_DAYS;
}

bool rego_is_leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int rego_days_in_month(int64_t year, int month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);
	return days[month - 1] + (month == 2 && rego_is_leap_year(year));
}

int rego_day_of_year(struct rego_date date)
{
	struct rego_date first = { .year = date.year, .month = 1, .day = 1 };

	return (int)(rego_date_to_days(date) - rego_date_to_days(first)) + 1;
}

int rego_day_of_week(int64_t days)
{
	int64_t weekday = days + EPOCH_WEEKDAY;

	return (int)(weekday - rego_floor_div(weekday, 7) * 7);
}

struct rego_civil rego_civil_at(int64_t seconds)
{
	int64_t days = rego_floor_div(seconds, CIVIL_DAY_SECONDS);
	int rest = (int)(seconds - days * CIVIL_DAY_SECONDS);

	return (struct rego_civil){
		.date = rego_date_from_days(days),
		.days = days,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
}

int rego_instant_to_ns(struct rego_instant instant, int64_t *ret)
{
	int64_t ns;

	/* The very first second begins before what can be counted, and is reached from its end. */
	if (instant.seconds < 0 && instant.nanoseconds) {
		instant.seconds++;
		instant.nanoseconds -= 1000000000;
	}
	if (__builtin_mul_overflow(instant.seconds, INT64_C(1000000000), &ns) ||
			__builtin_add_overflow(ns, (int64_t)instant.nanoseconds, &ns))
		return -ERANGE;
	*ret = ns;
	return 0;
}
