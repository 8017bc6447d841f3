// SPDX-License-Identifier: Apache-2.0
/*
 * time.c - civil time without a time zone database
 *
 * Days are counted from 0000-03-01, so that the leap day is the last of its year and needs no case of its
 * own.
 */
#include "base/time.h"

#include <errno.h>
#include <stdio.h>

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (int64_t)(month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t shifted = days + 719468, era = shifted / 146097, doe = shifted - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*ret_day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

void time_to_text(uint64_t time_ns, char ret[TIME_TEXT_SIZE])
{
	uint64_t secs = time_ns / NS_PER_SEC;
	unsigned of_day = (unsigned)(secs % 86400), micros = (unsigned)(time_ns % NS_PER_SEC / NS_PER_US);
	unsigned month, day;
	int year;

	civil_from_days((int64_t)(secs / 86400), &year, &month, &day);
	snprintf(ret, TIME_TEXT_SIZE, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ", year % 10000, month, day,
		of_day / 3600, of_day / 60 % 60, of_day % 60, micros);
}

static int digits(struct str text, size_t at, size_t count, unsigned *ret)
{
	unsigned value = 0;

	if (at + count > text.len)
		return -EINVAL;
	for (size_t i = at; i < at + count; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(text.data[i] - '0');
	}
	*ret = value;
	return 0;
}

static bool day_exists(unsigned year, unsigned month, unsigned day)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 1970 && year <= 2500 && month >= 1 && month <= 12 && day >= 1 &&
		day <= lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static int read_fraction(struct str text, size_t at, uint64_t *ret_ns)
{
	uint64_t value = 0, scale = NS_PER_SEC;
	size_t i = at;

	for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9' && i < at + 9; i++) {
		value = value * 10 + (uint64_t)(text.data[i] - '0');
		scale /= 10;
	}
	if (i == at || i + 1 != text.len)
		return -EINVAL;
	*ret_ns = value * scale;
	return 0;
}

int time_from_text(struct str text, uint64_t *ret_ns)
{
	unsigned year, month, day, hour = 0, minute = 0, second = 0;
	uint64_t fraction_ns = 0;

	if (digits(text, 0, 4, &year) < 0 || digits(text, 5, 2, &month) < 0 || digits(text, 8, 2, &day) < 0 ||
			text.data[4] != '-' || text.data[7] != '-' || !day_exists(year, month, day))
		return -EINVAL;
	if (text.len > 10) {
		if (text.data[10] != 'T' || digits(text, 11, 2, &hour) < 0 ||
				digits(text, 14, 2, &minute) < 0 || digits(text, 17, 2, &second) < 0 ||
				text.data[13] != ':' || text.data[16] != ':' || hour > 23 || minute > 59 ||
				second > 59 || text.len < 20 || text.data[text.len - 1] != 'Z')
			return -EINVAL;
		if (text.data[19] == '.') {
			if (read_fraction(text, 20, &fraction_ns) < 0)
				return -EINVAL;
		} else if (text.len != 20) {
			return -EINVAL;
		}
	}
	*ret_ns = ((uint64_t)days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) *
			NS_PER_SEC + fraction_ns;
	return 0;
}
