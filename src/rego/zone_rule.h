/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone_rule.h - a zone as one line: "CET-1CEST,M3.5.0,M10.5.0/3"
 *
 * Such a line ends a zone's file and says what clocks do for ever after: standard time, and if there is
 * another one in summer, when in each year that begins and ends. Offsets are written as hours *west* of
 * Greenwich and kept as seconds east.
 *
 * Source: POSIX.1-2017, 8.3 "Other Environment Variables" (TZ); RFC 9636, section 3.3.1 (hours past a day)
 */
#pragma once

#include "rego/zone.h"

enum rego_edge_kind {
	/* Mm.w.d: a weekday of the first..fourth or the last (5) week of a month */
	REGO_EDGE_WEEKDAY = 0,
	REGO_EDGE_DAY,			/* Jn: 1..365, and February has 28 days always */
	REGO_EDGE_YEARDAY,		/* n: 0..365, as the year has them */
};

struct rego_edge {
	enum rego_edge_kind kind;
	int month, week, day;
	int32_t seconds;		/* since midnight of that day by the clock before the change */
};

struct rego_zone_rule {
	struct rego_zone_time standard, daylight;
	struct rego_edge begin, end;	/* of daylight time */
	bool has_daylight;
};

/**
 * rego_zone_rule_parse() - read such a line
 * @text: the line; its names are borrowed
 * @ret:  set on success
 *
 * A zone with daylight time must say when that is.
 *
 * Errors: -EINVAL anything else.
 * Return: 0 or negative errno.
 */
int rego_zone_rule_parse(struct str text, struct rego_zone_rule *ret);

/** rego_zone_rule_look() - what clocks show, @seconds since the epoch */
struct rego_zone_time rego_zone_rule_look(const struct rego_zone_rule *rule, int64_t seconds);
