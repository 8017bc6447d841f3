// SPDX-License-Identifier: Apache-2.0
/*
 * layout_parse.c - reading a time after a layout
 *
 * Elements are read from left to right, each by a function that takes what it wants off the front of the
 * text. What was read is checked as a whole at the end, since a day exists or not by its month and year,
 * which may come later.
 */
#include "rego/layout.h"

#include <errno.h>

enum {
	UNSET = -1,
	SHORT_NAME_LEN = 3,
	FRACTION_DIGITS = 9,
	TWO_DIGIT_PIVOT = 69,		/* years 69..99 are of the last century */
	GMT_OFFSET_MAX = 23,
};

struct reader {
	struct str value;		/* what is left of the text */
	const char *out_of_range;	/* which part of the time */
	int year, month, day, yearday, hour, minute, second;
	int nanoseconds;
	int offset;
	bool is_am, is_pm;
	bool is_utc;			/* it says so in so many letters, whatever an offset says */
};

static bool is_digit_at(struct str s, size_t i)
{
	return i < s.len && ascii_is_digit(s.data[i]);
}

static void advance(struct str *s, size_t len)
{
	*s = (struct str){ .data = s->data + len, .len = s->len - len };
}

/* One digit, or as many as @max; with @is_fixed exactly so many. */
static bool take_number(struct str *value, size_t max, bool is_fixed, int *ret)
{
	size_t len = 0;
	int number = 0;

	while (len < max && is_digit_at(*value, len))
		number = number * 10 + (value->data[len++] - '0');
	if (!len || (is_fixed && len < max))
		return false;
	*ret = number;
	advance(value, len);
	return true;
}

/* Digits and nothing else, behind a sign that Go does not mind. */
static bool read_signed(struct str digits, int *ret)
{
	bool is_negative = digits.len && digits.data[0] == '-';
	int number = 0;

	if (digits.len && (digits.data[0] == '-' || digits.data[0] == '+'))
		advance(&digits, 1);
	for (size_t i = 0; i < digits.len; i++) {
		if (!is_digit_at(digits, i))
			return false;
		number = number * 10 + (digits.data[i] - '0');
	}
	*ret = is_negative ? -number : number;
	return true;
}

static bool is_same_word(struct str value, const char *word, size_t len)
{
	if (value.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (ascii_lower(value.data[i]) != ascii_lower(word[i]))
			return false;
	return true;
}

static bool take_name(struct str *value, const char *(*name_of)(int), int first, int last, bool is_short,
	int *ret)
{
	for (int i = first; i <= last; i++) {
		const char *name = name_of(i);
		size_t len = is_short ? SHORT_NAME_LEN : strlen(name);

		if (is_same_word(*value, name, len)) {
			*ret = i;
			advance(value, len);
			return true;
		}
	}
	return false;
}

/* A separator and @len - 1 digits in front of @value, of which nine count. */
static bool take_fraction(struct reader *reader, size_t len)
{
	struct str digits = { .data = reader->value.data + 1, .len = MIN(len - 1, (size_t)FRACTION_DIGITS) };
	int number;

	if (reader->value.data[0] != '.' && reader->value.data[0] != ',')
		return false;
	if (!read_signed(digits, &number))
		return false;
	advance(&reader->value, len);
	if (number < 0) {
		reader->out_of_range = "fractional second";
		return true;
	}
	for (size_t i = digits.len; i < FRACTION_DIGITS; i++)
		number *= 10;
	reader->nanoseconds = number;
	return true;
}

/* A separator and the digits behind it, wherever there are some; Return: the length, or 0. */
static size_t fraction_len(struct str value)
{
	size_t len = 2;

	if (value.len < 2 || (value.data[0] != '.' && value.data[0] != ',') || !is_digit_at(value, 1))
		return 0;
	while (is_digit_at(value, len))
		len++;
	return len;
}

static bool take_year(struct reader *reader, enum rego_element element)
{
	size_t len = element == REGO_ELEMENT_YEAR ? 4 : 2;
	struct str digits = { .data = reader->value.data, .len = len };

	if (reader->value.len < len || (element == REGO_ELEMENT_YEAR && !is_digit_at(reader->value, 0)))
		return false;
	if (!read_signed(digits, &reader->year))
		return false;
	advance(&reader->value, len);
	if (element == REGO_ELEMENT_YEAR_TWO)
		reader->year += reader->year >= TWO_DIGIT_PIVOT ? 1900 : 2000;
	return true;
}

static bool take_month(struct reader *reader, enum rego_element element)
{
	if (element == REGO_ELEMENT_MONTH_NAME || element == REGO_ELEMENT_MONTH_SHORT)
		return take_name(&reader->value, rego_month_name, 1, 12, element == REGO_ELEMENT_MONTH_SHORT,
			&reader->month);
	if (!take_number(&reader->value, 2, element == REGO_ELEMENT_MONTH_TWO, &reader->month))
		return false;
	if (reader->month < 1 || reader->month > 12)
		reader->out_of_range = "month";
	return true;
}

static bool take_day(struct reader *reader, enum rego_element element)
{
	if (element == REGO_ELEMENT_DAY_SPACE && reader->value.len && reader->value.data[0] == ' ')
		advance(&reader->value, 1);
	return take_number(&reader->value, 2, element == REGO_ELEMENT_DAY_TWO, &reader->day);
}

static bool take_yearday(struct reader *reader, enum rego_element element)
{
	for (int i = 0; i < 2 && element == REGO_ELEMENT_YEARDAY_SPACE; i++)
		if (reader->value.len && reader->value.data[0] == ' ')
			advance(&reader->value, 1);
	return take_number(&reader->value, 3, element == REGO_ELEMENT_YEARDAY_THREE, &reader->yearday);
}

static bool take_hour(struct reader *reader, enum rego_element element)
{
	if (!take_number(&reader->value, 2, element == REGO_ELEMENT_HOUR12_TWO, &reader->hour))
		return false;
	if (reader->hour > (element == REGO_ELEMENT_HOUR ? 23 : 12))
		reader->out_of_range = "hour";
	return true;
}

static bool take_minute(struct reader *reader, enum rego_element element)
{
	if (!take_number(&reader->value, 2, element == REGO_ELEMENT_MINUTE_TWO, &reader->minute))
		return false;
	if (reader->minute > 59)
		reader->out_of_range = "minute";
	return true;
}

/* A fraction may follow even where the layout has none. */
static bool take_second(struct reader *reader, enum rego_element element, struct str layout)
{
	enum rego_element next;
	size_t len;

	if (!take_number(&reader->value, 2, element == REGO_ELEMENT_SECOND_TWO, &reader->second))
		return false;
	if (reader->second > 59) {
		reader->out_of_range = "second";
		return true;
	}
	len = fraction_len(reader->value);
	if (!len)
		return true;
	next = rego_layout_next(&layout).element;
	if (next == REGO_ELEMENT_FRACTION_ALL || next == REGO_ELEMENT_FRACTION_SHORT)
		return true;
	return take_fraction(reader, len);
}

static bool take_noon(struct reader *reader, enum rego_element element)
{
	bool is_upper = element == REGO_ELEMENT_NOON_UPPER;

	if (str_starts_with(reader->value, is_upper ? STR("PM") : STR("pm")))
		reader->is_pm = true;
	else if (str_starts_with(reader->value, is_upper ? STR("AM") : STR("am")))
		reader->is_am = true;
	else
		return false;
	advance(&reader->value, 2);
	return true;
}

static bool two_digits_at(struct str value, size_t at, int *ret)
{
	if (!is_digit_at(value, at) || !is_digit_at(value, at + 1))
		return false;
	*ret = (value.data[at] - '0') * 10 + (value.data[at + 1] - '0');
	return true;
}

/* Three parts that stand at fixed places; what cannot be read, and what is behind it, stays 0. */
static bool read_offset_parts(struct str value, unsigned style, int parts[3])
{
	size_t colon = style & REGO_OFFSET_COLON ? 1 : 0;

	if (!two_digits_at(value, 1, &parts[0]))
		return false;
	if ((style & REGO_OFFSET_MINUTES) && !two_digits_at(value, 3 + colon, &parts[1]))
		return false;
	return !(style & REGO_OFFSET_SECONDS) || two_digits_at(value, 5 + 2 * colon, &parts[2]);
}

/* Its length, or 0 where the text is too short for one or has no colons where they belong. */
static size_t offset_len(struct str value, unsigned style)
{
	size_t colon = style & REGO_OFFSET_COLON ? 1 : 0, len = 3;

	if (style & REGO_OFFSET_MINUTES)
		len += 2 + colon;
	if (style & REGO_OFFSET_SECONDS)
		len += 2 + colon;
	if (value.len < len || (colon && value.data[3] != ':') ||
			(colon && (style & REGO_OFFSET_SECONDS) && value.data[6] != ':'))
		return 0;
	return len;
}

static bool take_offset(struct reader *reader, unsigned style)
{
	int parts[3] = { 0 };		/* hours, minutes, seconds */
	bool is_read;
	size_t len;
	char sign;

	if ((style & REGO_OFFSET_ZULU) && reader->value.len && reader->value.data[0] == 'Z') {
		advance(&reader->value, 1);
		reader->is_utc = true;
		return true;
	}
	len = offset_len(reader->value, style);
	if (!len)
		return false;
	is_read = read_offset_parts(reader->value, style, parts);
	/* People do write 24 hours, 60 minutes and 60 seconds. */
	if (parts[2] > 60)
		reader->out_of_range = "time zone offset second";
	else if (parts[1] > 60)
		reader->out_of_range = "time zone offset minute";
	else if (parts[0] > 24)
		reader->out_of_range = "time zone offset hour";
	sign = reader->value.data[0];
	reader->offset = (parts[0] * 60 + parts[1]) * 60 + parts[2];
	if (sign == '-')
		reader->offset = -reader->offset;
	advance(&reader->value, len);
	return is_read && (sign == '-' || sign == '+');
}

/* "+03": a sign and at most 23; Return: its length, or 0. */
static size_t signed_hours_len(struct str value)
{
	size_t len = 1;
	int number = 0;

	if (!value.len || (value.data[0] != '+' && value.data[0] != '-'))
		return 0;
	while (is_digit_at(value, len) && number <= GMT_OFFSET_MAX)
		number = number * 10 + (value.data[len++] - '0');
	return len > 1 && number <= GMT_OFFSET_MAX ? len : 0;
}

/* How much of the text looks like the name of a zone: three capitals, or more of certain forms. */
static size_t zone_len(struct str value)
{
	size_t len = 0;

	if (value.len < 3)
		return 0;
	if (str_starts_with(value, STR("ChST")) || str_starts_with(value, STR("MeST")))
		return 4;
	if (str_starts_with(value, STR("GMT"))) {
		advance(&value, 3);
		return 3 + signed_hours_len(value);
	}
	if (value.data[0] == '+' || value.data[0] == '-')
		return signed_hours_len(value);
	while (len < 6 && len < value.len && value.data[len] >= 'A' && value.data[len] <= 'Z')
		len++;
	if (len == 3)
		return len;
	if (len == 4 && (value.data[3] == 'T' || str_starts_with(value, STR("WITA"))))
		return len;
	return len == 5 && value.data[4] == 'T' ? len : 0;
}

static bool take_zone(struct reader *reader)
{
	bool is_utc = str_starts_with(reader->value, STR("UTC"));
	size_t len = is_utc ? 3 : zone_len(reader->value);

	if (!len)
		return false;
	reader->is_utc |= is_utc;
	advance(&reader->value, len);
	return true;
}

/* Return: false where the element cannot be read, which matters less than that it is out of range. */
static bool take_element(struct reader *reader, const struct rego_layout_part *part, struct str layout)
{
	enum rego_element element = part->element;
	int ignored;

	if (element == REGO_ELEMENT_YEAR || element == REGO_ELEMENT_YEAR_TWO)
		return take_year(reader, element);
	if (element <= REGO_ELEMENT_MONTH_TWO)
		return take_month(reader, element);
	if (element <= REGO_ELEMENT_WEEKDAY_SHORT)
		return take_name(&reader->value, rego_weekday_name, 0, 6,
			element == REGO_ELEMENT_WEEKDAY_SHORT, &ignored);
	if (element <= REGO_ELEMENT_DAY_TWO)
		return take_day(reader, element);
	if (element <= REGO_ELEMENT_YEARDAY_THREE)
		return take_yearday(reader, element);
	if (element <= REGO_ELEMENT_HOUR12_TWO)
		return take_hour(reader, element);
	if (element <= REGO_ELEMENT_MINUTE_TWO)
		return take_minute(reader, element);
	if (element <= REGO_ELEMENT_SECOND_TWO)
		return take_second(reader, element, layout);
	if (element <= REGO_ELEMENT_NOON_LOWER)
		return take_noon(reader, element);
	if (element == REGO_ELEMENT_ZONE)
		return take_zone(reader);
	if (element == REGO_ELEMENT_OFFSET)
		return take_offset(reader, part->style);
	if (element == REGO_ELEMENT_FRACTION_ALL)
		return reader->value.len > part->digits && take_fraction(reader, part->digits + 1);
	return !fraction_len(reader->value) || take_fraction(reader, fraction_len(reader->value));
}

/* Literal text, in which one space is as good as many. */
static bool take_literal(struct reader *reader, struct str literal)
{
	while (literal.len) {
		if (literal.data[0] == ' ') {
			if (reader->value.len && reader->value.data[0] != ' ')
				return false;
			while (literal.len && literal.data[0] == ' ')
				advance(&literal, 1);
			while (reader->value.len && reader->value.data[0] == ' ')
				advance(&reader->value, 1);
			continue;
		}
		if (!reader->value.len || reader->value.data[0] != literal.data[0])
			return false;
		advance(&literal, 1);
		advance(&reader->value, 1);
	}
	return true;
}

/* The day of the year settles month and day, and must agree with what else was said of them. */
static const char *settle_yearday(struct reader *reader)
{
	struct rego_date first = { .year = reader->year, .month = 1, .day = 1 }, date;

	if (reader->yearday < 1 || reader->yearday > 365 + rego_is_leap_year(reader->year))
		return "day-of-year out of range";
	date = rego_date_from_days(rego_date_to_days(first) + reader->yearday - 1);
	if (reader->month != UNSET && reader->month != date.month)
		return "day-of-year does not match month";
	if (reader->day != UNSET && reader->day != date.day)
		return "day-of-year does not match day";
	reader->month = date.month;
	reader->day = date.day;
	return NULL;
}

/* Return: what is wrong with the time as a whole, or NULL. */
static const char *settle(struct reader *reader)
{
	const char *problem = NULL;

	/* One second west of UTC is how Go's reader marks that there was no offset. */
	if (reader->is_utc || reader->offset == -1)
		reader->offset = 0;
	if (reader->is_pm && reader->hour < 12)
		reader->hour += 12;
	else if (reader->is_am && reader->hour == 12)
		reader->hour = 0;
	if (reader->yearday != UNSET)
		problem = settle_yearday(reader);
	if (reader->month == UNSET)
		reader->month = 1;
	if (reader->day == UNSET)
		reader->day = 1;
	if (!problem && (reader->day < 1 || reader->day > rego_days_in_month(reader->year, reader->month)))
		problem = "day out of range";
	return problem;
}

/* "parsing time VALUE as LAYOUT: cannot parse REST as ELEMENT" */
static int cannot_parse(struct arena *arena, struct str layout, struct str value, struct str rest,
	struct str element, const char **ret_error)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str all;

	rego_text_add_text(&text, "parsing time ");
	rego_text_add_bytes_quoted(&text, value);
	rego_text_add_text(&text, " as ");
	rego_text_add_bytes_quoted(&text, layout);
	rego_text_add_text(&text, ": cannot parse ");
	rego_text_add_bytes_quoted(&text, rest);
	rego_text_add_text(&text, " as ");
	rego_text_add_bytes_quoted(&text, element);
	*ret_error = rego_text_end(&text, &all) ? all.data : NULL;
	return -EINVAL;
}

/* "parsing time VALUE: PROBLEM" */
static int wrong_time(struct arena *arena, struct str value, const char *problem, const char *tail,
	const char **ret_error)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str all;

	rego_text_add_text(&text, "parsing time ");
	rego_text_add_bytes_quoted(&text, value);
	rego_text_add_text(&text, ": ");
	rego_text_add_text(&text, problem);
	rego_text_add_text(&text, tail);
	*ret_error = rego_text_end(&text, &all) ? all.data : NULL;
	return -EINVAL;
}

static int extra_text(struct arena *arena, struct str value, struct str rest, const char **ret_error)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str quoted;

	rego_text_add_bytes_quoted(&text, rest);
	if (!rego_text_end(&text, &quoted)) {
		*ret_error = NULL;
		return -EINVAL;
	}
	return wrong_time(arena, value, "extra text: ", quoted.data, ret_error);
}

static int read_elements(struct arena *arena, struct str layout, struct str value, struct reader *reader,
	const char **ret_error)
{
	struct str rest = layout;

	for (;;) {
		struct rego_layout_part part = rego_layout_next(&rest);
		struct str before;
		bool is_taken;

		if (!take_literal(reader, part.literal))
			return cannot_parse(arena, layout, value, reader->value, part.literal, ret_error);
		if (part.element == REGO_ELEMENT_NONE)
			return reader->value.len ? extra_text(arena, value, reader->value, ret_error) : 0;
		before = reader->value;
		is_taken = take_element(reader, &part, rest);
		if (reader->out_of_range)
			return wrong_time(arena, value, reader->out_of_range, " out of range", ret_error);
		if (!is_taken)
			return cannot_parse(arena, layout, value, before, part.text, ret_error);
	}
}

int rego_layout_parse(struct arena *arena, struct str layout, struct str value, struct rego_instant *ret,
	const char **ret_error)
{
	struct reader reader = { .value = value, .month = UNSET, .day = UNSET, .yearday = UNSET };
	struct rego_date date;
	const char *problem;
	int r;

	r = read_elements(arena, layout, value, &reader, ret_error);
	if (r < 0)
		return r;
	problem = settle(&reader);
	if (problem)
		return wrong_time(arena, value, problem, "", ret_error);
	date = (struct rego_date){ .year = reader.year, .month = reader.month, .day = reader.day };
	*ret = (struct rego_instant){
		.seconds = rego_date_to_days(date) * CIVIL_DAY_SECONDS + reader.hour * 3600 +
			reader.minute * 60 + reader.second - reader.offset,
		.nanoseconds = reader.nanoseconds,
	};
	return 0;
}

void rego_text_add_bytes_quoted(struct rego_text *text, struct str str)
{
	static const char hex[] = "0123456789abcdef";

	rego_text_add_char(text, '"');
	for (size_t i = 0; i < str.len && !text->failed; i++) {
		unsigned char c = (unsigned char)str.data[i];

		if (c == '"' || c == '\\') {
			rego_text_add_char(text, '\\');
			rego_text_add_char(text, str.data[i]);
		} else if (c < ' ' || c >= 0x7f) {
			rego_text_add(text, "\\x", 2);
			rego_text_add_char(text, hex[c >> 4]);
			rego_text_add_char(text, hex[c & 15]);
		} else {
			rego_text_add_char(text, str.data[i]);
		}
	}
	rego_text_add_char(text, '"');
}
