// SPDX-License-Identifier: Apache-2.0
/*
 * zone_rule.c - the line at the end of a zone's file
 */
#include "rego/zone_rule.h"

#include "rego/civil.h"

#include <errno.h>

enum {
	HOUR = 3600,
	OFFSET_HOURS_MAX = 24,
	EDGE_HOURS_MAX = 167,		/* a week less an hour, either way */
	EDGE_DEFAULT = 2 * HOUR,
	NAME_MIN = 3,
	LAST_WEEK = 5,
};

/* A year of which all seconds fit, however far away. */
#define SECONDS_MAX (INT64_C(1) << 60)

static bool take_char(struct str *text, char c)
{
	if (!text->len || text->data[0] != c)
		return false;
	*text = (struct str){ .data = text->data + 1, .len = text->len - 1 };
	return true;
}

static bool take_number(struct str *text, int max, int *ret)
{
	int number = 0;
	size_t len = 0;

	while (len < text->len && ascii_is_digit(text->data[len]) && number <= max)
		number = number * 10 + (text->data[len++] - '0');
	if (!len || number > max)
		return false;
	*ret = number;
	*text = (struct str){ .data = text->data + len, .len = text->len - len };
	return true;
}

/* "CEST", or "<-03>" for names that are not all letters. */
static bool take_name(struct str *text, struct str *ret)
{
	bool is_quoted = take_char(text, '<');
	size_t len = 0;

	while (len < text->len &&
			(ascii_is_alpha(text->data[len]) ||
				(is_quoted &&
					(ascii_is_digit(text->data[len]) || text->data[len] == '+' ||
						text->data[len] == '-'))))
		len++;
	if (len < NAME_MIN)
		return false;
	*ret = (struct str){ .data = text->data, .len = len };
	*text = (struct str){ .data = text->data + len, .len = text->len - len };
	return !is_quoted || take_char(text, '>');
}

/* "[+-]hh[:mm[:ss]]" */
static bool take_time(struct str *text, int hours_max, int32_t *ret)
{
	bool is_negative = take_char(text, '-');
	int hours, minutes = 0, seconds = 0;

	if (!is_negative)
		(void)take_char(text, '+');
	if (!take_number(text, hours_max, &hours))
		return false;
	if (take_char(text, ':')) {
		if (!take_number(text, 59, &minutes))
			return false;
		if (take_char(text, ':') && !take_number(text, 59, &seconds))
			return false;
	}
	*ret = hours * HOUR + minutes * 60 + seconds;
	if (is_negative)
		*ret = -*ret;
	return true;
}

static bool take_edge_day(struct str *text, struct rego_edge *edge)
{
	if (take_char(text, 'M')) {
		edge->kind = REGO_EDGE_WEEKDAY;
		return take_number(text, 12, &edge->month) && edge->month && take_char(text, '.') &&
			take_number(text, LAST_WEEK, &edge->week) && edge->week && take_char(text, '.') &&
			take_number(text, 6, &edge->day);
	}
	if (take_char(text, 'J')) {
		edge->kind = REGO_EDGE_DAY;
		return take_number(text, 365, &edge->day) && edge->day;
	}
	edge->kind = REGO_EDGE_YEARDAY;
	return take_number(text, 365, &edge->day);
}

static bool take_edge(struct str *text, struct rego_edge *edge)
{
	if (!take_char(text, ',') || !take_edge_day(text, edge))
		return false;
	edge->seconds = EDGE_DEFAULT;
	return !take_char(text, '/') || take_time(text, EDGE_HOURS_MAX, &edge->seconds);
}

int rego_zone_rule_parse(struct str text, struct rego_zone_rule *ret)
{
	struct rego_zone_rule rule = { 0 };

	if (!take_name(&text, &rule.standard.name) ||
			!take_time(&text, OFFSET_HOURS_MAX, &rule.standard.offset))
		return -EINVAL;
	rule.standard.offset = -rule.standard.offset;
	if (text.len) {
		rule.has_daylight = true;
		rule.daylight.offset = -rule.standard.offset - HOUR;
		if (!take_name(&text, &rule.daylight.name))
			return -EINVAL;
		if (text.len && text.data[0] != ',' &&
				!take_time(&text, OFFSET_HOURS_MAX, &rule.daylight.offset))
			return -EINVAL;
		rule.daylight.offset = -rule.daylight.offset;
		if (!take_edge(&text, &rule.begin) || !take_edge(&text, &rule.end) || text.len)
			return -EINVAL;
	}
	*ret = rule;
	return 0;
}

/* The day of a year on which clocks change. */
static int64_t edge_day(const struct rego_edge *edge, int64_t year)
{
	struct rego_date date = { .year = year, .month = 1, .day = 1 };
	int64_t first;

	if (edge->kind == REGO_EDGE_YEARDAY)
		return rego_date_to_days(date) + edge->day;
	if (edge->kind == REGO_EDGE_DAY)
		/* Days behind the 28th of February are one later where there is a 29th. */
		return rego_date_to_days(date) + edge->day - 1 + (edge->day > 59 && rego_is_leap_year(year));
	date.month = edge->month;
	first = rego_date_to_days(date);
	first += (edge->day - rego_day_of_week(first) + 7) % 7 + 7 * (edge->week - 1);
	/* The fifth week is the last one, which may be the fourth. */
	if (rego_date_from_days(first).month != edge->month)
		first -= 7;
	return first;
}

struct rego_zone_time rego_zone_rule_look(const struct rego_zone_rule *rule, int64_t seconds)
{
	int64_t latest = INT64_MIN, year;
	bool is_daylight = false;

	if (!rule->has_daylight)
		return rule->standard;
	seconds = MAX(MIN(seconds, SECONDS_MAX), -SECONDS_MAX);
	year = rego_date_from_days(rego_floor_div(seconds, CIVIL_DAY_SECONDS)).year;
	/* What changed last; a change may be written as hours of the year before or after. */
	for (int64_t y = year - 1; y <= year + 1; y++) {
		int64_t end = edge_day(&rule->end, y) * CIVIL_DAY_SECONDS + rule->end.seconds -
			rule->daylight.offset;
		int64_t begin = edge_day(&rule->begin, y) * CIVIL_DAY_SECONDS + rule->begin.seconds -
			rule->standard.offset;

		if (end <= seconds && end > latest) {
			latest = end;
			is_daylight = false;
		}
		/* Where one ends as the next begins, it is summer all year. */
		if (begin <= seconds && begin >= latest) {
			latest = begin;
			is_daylight = true;
		}
	}
	return is_daylight ? rule->daylight : rule->standard;
}
