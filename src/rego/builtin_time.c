// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_time.c - time.*
 *
 * A time is a number of nanoseconds, or an array of it, the name of a zone and a layout. The evaluation's
 * moment says what time it is and which zones there are; "Local" is UTC, since a policy that decides one
 * thing here and another thing there would be none.
 *
 * Results must be such numbers again, so whatever leads before 1677 or behind 2262 is an error. Where OPA's
 * own arithmetic would overflow on the way there, so is this.
 */
#include "rego/builtin_table.h"
#include "rego/layout.h"
#include "rego/number.h"
#include "rego/zone.h"

#include <errno.h>

enum {
	MONTHS = 12,
	STEP_BYTES = 64,		/* of text that one step pays for */
};

#define NS_MAX_TEXT "time outside of valid range"
/* More days than there are between the first and the last time, by far. */
#define DAYS_MAX INT64_C(1000000)

/* A time as an operand gives it. */
struct stamp {
	struct rego_instant at;
	const struct rego_zone *zone;	/* NULL: UTC */
	struct str layout;		/* may be empty */
};

/* Return: false where it is not within 64 bits. */
static bool int_value(const struct rego_int *number, int64_t *ret)
{
	uint64_t magnitude = number->count ? number->limbs[0] : 0;

	if (number->count > 1 || magnitude > (uint64_t)INT64_MAX + number->is_negative)
		return false;
	*ret = (int64_t)(number->is_negative ? -magnitude : magnitude);
	return true;
}

static bool take_ns(struct rego_call *call, const struct json *value, struct rego_instant *ret)
{
	struct rego_number number;
	int64_t ns;

	if (!rego_is_number(value)) {
		(void)rego_operand_fail(call, 0, "must be number but got %s", rego_type_name(value));
		return false;
	}
	if (!rego_number_read(call, value, &number))
		return false;
	if (!number.is_integer || !int_value(&number.as_integer, &ns)) {
		(void)rego_fail(call, "timestamp too big");
		return false;
	}
	*ret = rego_instant_from_ns(ns);
	return true;
}

/* A string of the array; where the array ends before it, nothing. */
static bool take_text(struct rego_call *call, const struct json *array, size_t index, struct str *ret)
{
	const struct json *value;

	if (index >= array->array.count)
		return true;
	value = array->array.items[index];
	if (value->type != JSON_STRING) {
		(void)rego_operand_fail(call, 0, "must be string but got %s", rego_type_name(value));
		return false;
	}
	*ret = value->text;
	return true;
}

enum {
	MISS_STEPS = 1024,		/* what a zone costs that is not there */
};

static bool is_outside(struct str name)
{
	if (name.data[0] == '/' || name.data[0] == '\\')
		return true;
	for (size_t i = 1; i < name.len; i++)
		if (name.data[i] == '.' && name.data[i - 1] == '.')
			return true;
	return false;
}

static bool find_zone(struct rego_call *call, struct str name, const struct rego_zone **ret)
{
	*ret = NULL;
	if (!name.len || str_eq(name, STR("UTC")) || str_eq(name, STR("Local")))
		return true;
	*ret = rego_zones_find(call->moment->zones, name);
	if (*ret)
		return true;
	/* Somebody may have looked for a file; who has nothing left is stopped at the next step. */
	(void)rego_spend(call->budget, MISS_STEPS);
	if (is_outside(name))
		(void)rego_fail(call, "time: invalid location name");
	else
		(void)rego_fail(call, "unknown time zone %.*s", STR_FMT(name));
	return false;
}

/* Return: false where the answer is an error. Errors speak of operand 1, whichever it is, as OPA's do. */
static bool take_stamp(struct rego_call *call, size_t index, struct stamp *ret)
{
	const struct json *value = call->operands[index];
	struct str zone = { 0 };

	*ret = (struct stamp){ 0 };
	if (rego_is_number(value))
		return take_ns(call, value, &ret->at);
	if (value->type != JSON_ARRAY || !value->array.count) {
		(void)rego_operand_fail(call, 0,
			"must be either number (ns) or [number (ns), string (tz)] but got %s",
			rego_type_name(value));
		return false;
	}
	return take_ns(call, value->array.items[0], &ret->at) && take_text(call, value, 1, &zone) &&
		find_zone(call, zone, &ret->zone) && take_text(call, value, 2, &ret->layout);
}

/* What a clock and a calendar on the wall show. */
static struct rego_civil show(const struct stamp *stamp)
{
	return rego_civil_at(stamp->at.seconds + rego_zone_look(stamp->zone, stamp->at.seconds).offset);
}

static enum rego_answer give_ints(struct rego_call *call, const int64_t *values, size_t count)
{
	struct json_array_builder builder;

	json_array_begin(&builder, call->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&builder, json_new_int(call->arena, values[i]));
	return rego_give(call, json_array_end(&builder));
}

static enum rego_answer give_instant(struct rego_call *call, struct rego_instant at)
{
	int64_t ns;

	if (rego_instant_to_ns(at, &ns) < 0)
		return rego_fail(call, NS_MAX_TEXT);
	return rego_give(call, json_new_int(call->arena, ns));
}

enum rego_answer rego_do_time_now_ns(struct rego_call *call)
{
	return rego_give(call, json_new_int(call->arena, call->moment->now_ns));
}

static enum rego_answer parse(struct rego_call *call, struct str layout, struct str value)
{
	struct rego_instant at;
	const char *error;

	if (!rego_spend(call->budget, 1 + layout.len + value.len / STEP_BYTES))
		return rego_stopped(call);
	if (rego_layout_parse(call->arena, layout, value, &at, &error) < 0)
		return error ? rego_fail(call, "%s", error) : rego_stopped(call);
	return give_instant(call, at);
}

enum rego_answer rego_do_time_parse_ns(struct rego_call *call)
{
	struct str layout, value;

	if (!rego_take_string(call, 0, &layout) || !rego_take_string(call, 1, &value))
		return rego_failed(call);
	return parse(call, rego_layout_named(layout), value);
}

enum rego_answer rego_do_time_parse_rfc3339_ns(struct rego_call *call)
{
	struct str value;

	if (!rego_take_string(call, 0, &value))
		return rego_failed(call);
	return parse(call, rego_layout_named(STR("RFC3339")), value);
}

enum rego_answer rego_do_time_parse_duration_ns(struct rego_call *call)
{
	const char *error;
	struct str text;
	int64_t ns;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return rego_stopped(call);
	if (rego_duration_parse(call->arena, text, &ns, &error) < 0)
		return error ? rego_fail(call, "%s", error) : rego_stopped(call);
	return rego_give(call, json_new_int(call->arena, ns));
}

enum rego_answer rego_do_time_format(struct rego_call *call)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct rego_zone_time zone;
	struct rego_local local;
	struct stamp stamp;
	struct str result;

	if (!take_stamp(call, 0, &stamp))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + stamp.layout.len))
		return rego_stopped(call);
	zone = rego_zone_look(stamp.zone, stamp.at.seconds);
	local = (struct rego_local){ .at = stamp.at, .offset = zone.offset, .zone = zone.name };
	rego_layout_format(&text, rego_layout_named(stamp.layout.len ? stamp.layout : STR("RFC3339Nano")),
		&local);
	if (!rego_text_end(&text, &result))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, result));
}

enum rego_answer rego_do_time_date(struct rego_call *call)
{
	struct stamp stamp;
	struct rego_civil shown;

	if (!take_stamp(call, 0, &stamp))
		return rego_failed(call);
	shown = show(&stamp);
	return give_ints(call, (const int64_t[]){ shown.date.year, shown.date.month, shown.date.day }, 3);
}

enum rego_answer rego_do_time_clock(struct rego_call *call)
{
	struct stamp stamp;
	struct rego_civil shown;

	if (!take_stamp(call, 0, &stamp))
		return rego_failed(call);
	shown = show(&stamp);
	return give_ints(call, (const int64_t[]){ shown.hour, shown.minute, shown.second }, 3);
}

enum rego_answer rego_do_time_weekday(struct rego_call *call)
{
	struct stamp stamp;

	if (!take_stamp(call, 0, &stamp))
		return rego_failed(call);
	return rego_give(call,
		json_new_text(call->arena, rego_weekday_name(rego_day_of_week(show(&stamp).days))));
}

/*
 * The day that is so many years, months and days after a date. The months of a year that has no such day lead
 * into the next one: the 31st of April is the 1st of May.
 */
static int add_to_date(struct rego_date date, const int64_t add[3], int64_t *ret_days)
{
	int64_t months, days;

	if (__builtin_add_overflow(date.month - 1, add[1], &months))
		return -ERANGE;
	date.year += rego_floor_div(months, MONTHS);
	if (__builtin_add_overflow(date.year, add[0], &date.year) || date.year > DAYS_MAX ||
			date.year < -DAYS_MAX)
		return -ERANGE;
	date.month = (int)(months - rego_floor_div(months, MONTHS) * MONTHS) + 1;
	if (__builtin_add_overflow(rego_date_to_days(date), add[2], &days) || days > DAYS_MAX ||
			days < -DAYS_MAX)
		return -ERANGE;
	*ret_days = days;
	return 0;
}

/* The moment at which clocks in a zone show so many seconds; one they skip or repeat is as Go takes it. */
static int64_t from_local(const struct rego_zone *zone, int64_t seconds)
{
	int32_t offset = rego_zone_look(zone, seconds).offset;

	return offset ? seconds - rego_zone_look(zone, seconds - offset).offset : seconds;
}

enum rego_answer rego_do_time_add_date(struct rego_call *call)
{
	struct stamp stamp;
	struct rego_civil shown;
	int64_t add[3], days;

	if (!take_stamp(call, 0, &stamp))
		return rego_failed(call);
	for (size_t i = 0; i < ARRAY_SIZE(add); i++)
		if (!rego_take_int(call, i + 1, &add[i]))
			return rego_failed(call);
	shown = show(&stamp);
	if (add_to_date(shown.date, add, &days) < 0)
		return rego_fail(call, NS_MAX_TEXT);
	stamp.at.seconds = from_local(stamp.zone, days * CIVIL_DAY_SECONDS + shown.hour * 3600 +
		shown.minute * 60 + shown.second);
	return give_instant(call, stamp.at);
}

/* Borrow one of the next larger unit where a smaller one is negative. */
static void borrow(int64_t *part, int64_t *larger, int64_t size)
{
	if (*part >= 0)
		return;
	*part += size;
	(*larger)--;
}

enum rego_answer rego_do_time_diff(struct rego_call *call)
{
	struct stamp first, second;
	struct rego_civil a, b;
	int64_t parts[6];

	if (!take_stamp(call, 0, &first) || !take_stamp(call, 1, &second))
		return rego_failed(call);
	second.zone = first.zone;
	if (first.at.seconds > second.at.seconds || (first.at.seconds == second.at.seconds &&
			first.at.nanoseconds > second.at.nanoseconds)) {
		struct stamp later = first;

		first = second;
		second = later;
	}
	a = show(&first);
	b = show(&second);
	parts[0] = b.date.year - a.date.year;
	parts[1] = b.date.month - a.date.month;
	parts[2] = b.date.day - a.date.day;
	parts[3] = b.hour - a.hour;
	parts[4] = b.minute - a.minute;
	parts[5] = b.second - a.second;
	borrow(&parts[5], &parts[4], 60);
	borrow(&parts[4], &parts[3], 60);
	borrow(&parts[3], &parts[2], 24);
	borrow(&parts[2], &parts[1], rego_days_in_month(a.date.year, a.date.month));
	borrow(&parts[1], &parts[0], MONTHS);
	return give_ints(call, parts, ARRAY_SIZE(parts));
}
