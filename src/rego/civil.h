/* SPDX-License-Identifier: Apache-2.0 */
/*
 * civil.h - days and dates
 *
 * The Gregorian calendar, continued backwards before it was introduced and with a year 0, as ISO 8601 and Go
 * have it. Days are counted from 1970-01-01, which is day 0. Nothing here knows of zones: see zone.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	CIVIL_DAY_SECONDS = 24 * 60 * 60,
};

/* Far outside of what a 64-bit count of nanoseconds reaches, and far inside of what int64_t holds. */
#define CIVIL_YEAR_MAX INT64_C(1000000000000)

struct rego_date {
	int64_t year;			/* -CIVIL_YEAR_MAX..CIVIL_YEAR_MAX */
	int month;			/* 1..12 */
	int day;			/* 1..31 */
};

/* A point in time: any second, and what of the next one has gone by. */
struct rego_instant {
	int64_t seconds;		/* since 1970-01-01T00:00:00Z, may be negative */
	int32_t nanoseconds;		/* 0..999999999 */
};

/** rego_date_from_days() - the date of a day, +-365 CIVIL_YEAR_MAX */
struct rego_date rego_date_from_days(int64_t days);

/** rego_date_to_days() - the day of a date; a month or day that does not exist is a bug of the caller */
int64_t rego_date_to_days(struct rego_date date);

/** rego_is_leap_year() - whether the year has a 29th of February */
bool rego_is_leap_year(int64_t year);

/** rego_days_in_month() - how long a month is; Return: 28..31 */
int rego_days_in_month(int64_t year, int month);

/** rego_day_of_year() - which day of its year a date is; Return: 1..366 */
int rego_day_of_year(struct rego_date date);

/** rego_day_of_week() - which day of its week a day is; Return: 0 (Sunday) .. 6 */
int rego_day_of_week(int64_t days);

/* What a calendar and a clock show. */
struct rego_civil {
	struct rego_date date;
	int64_t days;			/* of the date */
	int hour, minute, second;
};

/** rego_civil_at() - what they show at a second, counted where they hang */
struct rego_civil rego_civil_at(int64_t seconds);

/** rego_floor_div() - the quotient rounded downwards, so that the rest is never negative; @divisor > 0 */
static inline int64_t rego_floor_div(int64_t value, int64_t divisor)
{
	return value / divisor - (value % divisor < 0);
}

/** rego_instant_from_ns() - of nanoseconds since the epoch, all of which there are */
static inline struct rego_instant rego_instant_from_ns(int64_t ns)
{
	int64_t rest = ns % INT64_C(1000000000);

	return (struct rego_instant){
		.seconds = rego_floor_div(ns, INT64_C(1000000000)),
		.nanoseconds = (int32_t)(rest < 0 ? rest + INT64_C(1000000000) : rest),
	};
}

/**
 * rego_instant_to_ns() - nanoseconds since the epoch
 * @instant: any
 * @ret:     set on success
 *
 * Errors: -ERANGE before 1677-09-21T00:12:43.145224192Z or after 2262-04-11T23:47:16.854775807Z.
 * Return: 0 or negative errno.
 */
int rego_instant_to_ns(struct rego_instant instant, int64_t *ret);
