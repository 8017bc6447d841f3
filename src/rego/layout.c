// SPDX-License-Identifier: Apache-2.0
/*
 * layout.c - the elements of a layout, and writing a time with them
 */
#include "rego/layout.h"

static const char *const month_names[] = {
	"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December",
};

static const char *const weekday_names[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};

enum {
	SHORT_NAME_LEN = 3,
	FRACTION_DIGITS = 9,
	DIGITS_MASK = 0xfff,		/* Go keeps the number of digits in twelve bits */
	OFFSET_ALL = REGO_OFFSET_MINUTES | REGO_OFFSET_SECONDS,
};

struct token {
	const char *text;
	enum rego_element element;
	unsigned style;
	bool is_word;			/* no lower-case letter may follow: "Month" is no Mon */
};

/* Of two that begin alike, the one that is tried first stands first. */
static const struct token tokens[] = {
	{ "January", REGO_ELEMENT_MONTH_NAME, 0, false },
	{ "Jan", REGO_ELEMENT_MONTH_SHORT, 0, true },
	{ "Monday", REGO_ELEMENT_WEEKDAY_NAME, 0, false },
	{ "Mon", REGO_ELEMENT_WEEKDAY_SHORT, 0, true },
	{ "MST", REGO_ELEMENT_ZONE, 0, false },
	{ "01", REGO_ELEMENT_MONTH_TWO, 0, false },
	{ "02", REGO_ELEMENT_DAY_TWO, 0, false },
	{ "03", REGO_ELEMENT_HOUR12_TWO, 0, false },
	{ "04", REGO_ELEMENT_MINUTE_TWO, 0, false },
	{ "05", REGO_ELEMENT_SECOND_TWO, 0, false },
	{ "06", REGO_ELEMENT_YEAR_TWO, 0, false },
	{ "002", REGO_ELEMENT_YEARDAY_THREE, 0, false },
	{ "15", REGO_ELEMENT_HOUR, 0, false },
	{ "1", REGO_ELEMENT_MONTH, 0, false },
	{ "2006", REGO_ELEMENT_YEAR, 0, false },
	{ "2", REGO_ELEMENT_DAY, 0, false },
	{ "_2", REGO_ELEMENT_DAY_SPACE, 0, false },
	{ "__2", REGO_ELEMENT_YEARDAY_SPACE, 0, false },
	{ "3", REGO_ELEMENT_HOUR12, 0, false },
	{ "4", REGO_ELEMENT_MINUTE, 0, false },
	{ "5", REGO_ELEMENT_SECOND, 0, false },
	{ "PM", REGO_ELEMENT_NOON_UPPER, 0, false },
	{ "pm", REGO_ELEMENT_NOON_LOWER, 0, false },
	{ "-070000", REGO_ELEMENT_OFFSET, OFFSET_ALL, false },
	{ "-07:00:00", REGO_ELEMENT_OFFSET, OFFSET_ALL | REGO_OFFSET_COLON, false },
	{ "-0700", REGO_ELEMENT_OFFSET, REGO_OFFSET_MINUTES, false },
	{ "-07:00", REGO_ELEMENT_OFFSET, REGO_OFFSET_MINUTES | REGO_OFFSET_COLON, false },
	{ "-07", REGO_ELEMENT_OFFSET, 0, false },
	{ "Z070000", REGO_ELEMENT_OFFSET, REGO_OFFSET_ZULU | OFFSET_ALL, false },
	{ "Z07:00:00", REGO_ELEMENT_OFFSET, REGO_OFFSET_ZULU | OFFSET_ALL | REGO_OFFSET_COLON, false },
	{ "Z0700", REGO_ELEMENT_OFFSET, REGO_OFFSET_ZULU | REGO_OFFSET_MINUTES, false },
	{ "Z07:00", REGO_ELEMENT_OFFSET, REGO_OFFSET_ZULU | REGO_OFFSET_MINUTES | REGO_OFFSET_COLON, false },
	{ "Z07", REGO_ELEMENT_OFFSET, REGO_OFFSET_ZULU, false },
};

static const struct {
	const char *name, *layout;
} named[] = {
	{ "ANSIC", "Mon Jan _2 15:04:05 2006" },
	{ "UnixDate", "Mon Jan _2 15:04:05 MST 2006" },
	{ "RubyDate", "Mon Jan 02 15:04:05 -0700 2006" },
	{ "RFC822", "02 Jan 06 15:04 MST" },
	{ "RFC822Z", "02 Jan 06 15:04 -0700" },
	{ "RFC850", "Monday, 02-Jan-06 15:04:05 MST" },
	{ "RFC1123", "Mon, 02 Jan 2006 15:04:05 MST" },
	{ "RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700" },
	{ "RFC3339", "2006-01-02T15:04:05Z07:00" },
	{ "RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00" },
};

const char *rego_weekday_name(int weekday)
{
	assert(weekday >= 0 && (size_t)weekday < ARRAY_SIZE(weekday_names));
	return weekday_names[weekday];
}

const char *rego_month_name(int month)
{
	assert(month >= 1 && (size_t)month <= ARRAY_SIZE(month_names));
	return month_names[month - 1];
}

struct str rego_layout_named(struct str layout)
{
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (str_eq(layout, str_from(named[i].name)))
			return str_from(named[i].layout);
	return layout;
}

/* ".000" and ",99": a run of one digit, and no other digit behind it. */
static bool match_fraction(struct str rest, struct rego_layout_part *part)
{
	size_t len = 1;

	if (rest.len < 2 || (rest.data[0] != '.' && rest.data[0] != ',') ||
			(rest.data[1] != '0' && rest.data[1] != '9'))
		return false;
	while (len < rest.len && rest.data[len] == rest.data[1])
		len++;
	if (len < rest.len && ascii_is_digit(rest.data[len]))
		return false;
	part->element = rest.data[1] == '0' ? REGO_ELEMENT_FRACTION_ALL : REGO_ELEMENT_FRACTION_SHORT;
	part->digits = (len - 1) & DIGITS_MASK;
	part->separator = rest.data[0];
	part->text = (struct str){ .data = rest.data, .len = len };
	return true;
}

static bool match_token(struct str rest, const struct token *token, struct rego_layout_part *part)
{
	struct str text = str_from(token->text);

	if (!str_starts_with(rest, text))
		return false;
	if (token->is_word && rest.len > text.len && rest.data[text.len] >= 'a' && rest.data[text.len] <= 'z')
		return false;
	part->element = token->element;
	part->style = token->style;
	part->text = (struct str){ .data = rest.data, .len = text.len };
	return true;
}

static bool match_element(struct str rest, struct rego_layout_part *part)
{
	/* An underscore and a year, and no day with a space. */
	if (str_starts_with(rest, STR("_2006")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (tokens[i].text[0] == rest.data[0] && match_token(rest, &tokens[i], part))
			return true;
	return match_fraction(rest, part);
}

struct rego_layout_part rego_layout_next(struct str *layout)
{
	struct rego_layout_part part = { .literal = *layout };

	for (size_t i = 0; i < layout->len; i++) {
		struct str rest = { .data = layout->data + i, .len = layout->len - i };

		if (!match_element(rest, &part))
			continue;
		part.literal.len = i;
		*layout = (struct str){
			.data = rest.data + part.text.len,
			.len = rest.len - part.text.len,
		};
		return part;
	}
	part.text = (struct str){ .data = layout->data ? layout->data + layout->len : NULL };
	*layout = part.text;
	return part;
}

static void add_padded(struct rego_text *text, int value, size_t width)
{
	size_t digits = value < 10 ? 1 : value < 100 ? 2 : 3;

	if (digits < width)
		rego_text_add_repeated(text, ' ', width - digits);
	rego_text_add_int(text, value, 0);
}

static void add_date(struct rego_text *text, enum rego_element element, const struct rego_civil *shown)
{
	int64_t year = shown->date.year;

	if (element == REGO_ELEMENT_YEAR)
		rego_text_add_int(text, year, 4);
	else if (element == REGO_ELEMENT_YEAR_TWO)
		rego_text_add_int(text, (year < 0 ? -year : year) % 100, 2);
	else if (element == REGO_ELEMENT_MONTH_NAME)
		rego_text_add_text(text, rego_month_name(shown->date.month));
	else if (element == REGO_ELEMENT_MONTH_SHORT)
		rego_text_add(text, rego_month_name(shown->date.month), SHORT_NAME_LEN);
	else if (element == REGO_ELEMENT_MONTH || element == REGO_ELEMENT_MONTH_TWO)
		rego_text_add_int(text, shown->date.month, element == REGO_ELEMENT_MONTH ? 0 : 2);
	else if (element == REGO_ELEMENT_WEEKDAY_NAME)
		rego_text_add_text(text, rego_weekday_name(rego_day_of_week(shown->days)));
	else if (element == REGO_ELEMENT_WEEKDAY_SHORT)
		rego_text_add(text, rego_weekday_name(rego_day_of_week(shown->days)), SHORT_NAME_LEN);
	else if (element == REGO_ELEMENT_DAY || element == REGO_ELEMENT_DAY_TWO)
		rego_text_add_int(text, shown->date.day, element == REGO_ELEMENT_DAY ? 0 : 2);
	else if (element == REGO_ELEMENT_DAY_SPACE)
		add_padded(text, shown->date.day, 2);
	else if (element == REGO_ELEMENT_YEARDAY_SPACE)
		add_padded(text, rego_day_of_year(shown->date), 3);
	else
		rego_text_add_int(text, rego_day_of_year(shown->date), 3);
}

static void add_clock(struct rego_text *text, enum rego_element element, const struct rego_civil *shown)
{
	int hour12 = shown->hour % 12 ? shown->hour % 12 : 12;

	if (element == REGO_ELEMENT_HOUR)
		rego_text_add_int(text, shown->hour, 2);
	else if (element == REGO_ELEMENT_HOUR12 || element == REGO_ELEMENT_HOUR12_TWO)
		rego_text_add_int(text, hour12, element == REGO_ELEMENT_HOUR12 ? 0 : 2);
	else if (element == REGO_ELEMENT_MINUTE || element == REGO_ELEMENT_MINUTE_TWO)
		rego_text_add_int(text, shown->minute, element == REGO_ELEMENT_MINUTE ? 0 : 2);
	else if (element == REGO_ELEMENT_SECOND || element == REGO_ELEMENT_SECOND_TWO)
		rego_text_add_int(text, shown->second, element == REGO_ELEMENT_SECOND ? 0 : 2);
	else if (element == REGO_ELEMENT_NOON_UPPER)
		rego_text_add_text(text, shown->hour >= 12 ? "PM" : "AM");
	else
		rego_text_add_text(text, shown->hour >= 12 ? "pm" : "am");
}

static void add_offset(struct rego_text *text, unsigned style, int32_t offset)
{
	int32_t minutes = offset / 60, seconds = offset % 60;

	if ((style & REGO_OFFSET_ZULU) && !offset) {
		rego_text_add_char(text, 'Z');
		return;
	}
	rego_text_add_char(text, minutes < 0 ? '-' : '+');
	if (minutes < 0) {
		minutes = -minutes;
		seconds = -seconds;
	}
	rego_text_add_int(text, minutes / 60, 2);
	if (style & REGO_OFFSET_COLON)
		rego_text_add_char(text, ':');
	if (style & REGO_OFFSET_MINUTES)
		rego_text_add_int(text, minutes % 60, 2);
	if (!(style & REGO_OFFSET_SECONDS))
		return;
	if (style & REGO_OFFSET_COLON)
		rego_text_add_char(text, ':');
	rego_text_add_int(text, seconds, 2);
}

static void add_fraction(struct rego_text *text, const struct rego_layout_part *part, int32_t nanoseconds)
{
	size_t len = MIN(part->digits, (size_t)FRACTION_DIGITS);
	char digits[FRACTION_DIGITS];

	for (size_t i = FRACTION_DIGITS; i > 0; i--, nanoseconds /= 10)
		digits[i - 1] = (char)('0' + nanoseconds % 10);
	if (part->element == REGO_ELEMENT_FRACTION_SHORT) {
		while (len && digits[len - 1] == '0')
			len--;
		if (!len)
			return;
	}
	rego_text_add_char(text, part->separator);
	rego_text_add(text, digits, len);
}

static void add_element(struct rego_text *text, const struct rego_layout_part *part,
	const struct rego_local *local, const struct rego_civil *shown)
{
	if (part->element == REGO_ELEMENT_OFFSET)
		add_offset(text, part->style, local->offset);
	else if (part->element == REGO_ELEMENT_ZONE && local->zone.len)
		rego_text_add_str(text, local->zone);
	else if (part->element == REGO_ELEMENT_ZONE)
		add_offset(text, REGO_OFFSET_MINUTES, local->offset);
	else if (part->element == REGO_ELEMENT_FRACTION_ALL || part->element == REGO_ELEMENT_FRACTION_SHORT)
		add_fraction(text, part, local->at.nanoseconds);
	else if (part->element <= REGO_ELEMENT_YEARDAY_THREE || part->element == REGO_ELEMENT_YEAR ||
			part->element == REGO_ELEMENT_YEAR_TWO)
		add_date(text, part->element, shown);
	else
		add_clock(text, part->element, shown);
}

void rego_layout_format(struct rego_text *text, struct str layout, const struct rego_local *local)
{
	struct rego_civil shown = rego_civil_at(local->at.seconds + local->offset);

	for (;;) {
		struct rego_layout_part part = rego_layout_next(&layout);

		rego_text_add_str(text, part.literal);
		if (part.element == REGO_ELEMENT_NONE || text->failed)
			return;
		add_element(text, &part, local, &shown);
	}
}
