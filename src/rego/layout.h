/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.h - times as text, after an example
 *
 * A layout shows how the moment Mon Jan 2 15:04:05.000 MST 2006 would be written, and everything in it that
 * is no part of that moment stands for itself: "2006-01-02", "3:04pm", "Jan _2". This is the language of Go's
 * package time, which Rego took over with its names for common layouts ("RFC3339", "UnixDate").
 *
 * Both directions are linear in the layout and the text, and bytes are bytes: nothing has to be UTF-8.
 *
 * Source: Go, documentation of package time, "Constants"
 */
#pragma once

#include "rego/civil.h"
#include "rego/text.h"

enum rego_element {
	REGO_ELEMENT_NONE = 0,		/* the layout ends here */
	REGO_ELEMENT_MONTH_NAME,	/* January */
	REGO_ELEMENT_MONTH_SHORT,	/* Jan */
	REGO_ELEMENT_MONTH,		/* 1 */
	REGO_ELEMENT_MONTH_TWO,		/* 01 */
	REGO_ELEMENT_WEEKDAY_NAME,	/* Monday */
	REGO_ELEMENT_WEEKDAY_SHORT,	/* Mon */
	REGO_ELEMENT_DAY,		/* 2 */
	REGO_ELEMENT_DAY_SPACE,		/* _2 */
	REGO_ELEMENT_DAY_TWO,		/* 02 */
	REGO_ELEMENT_YEARDAY_SPACE,	/* __2 */
	REGO_ELEMENT_YEARDAY_THREE,	/* 002 */
	REGO_ELEMENT_HOUR,		/* 15 */
	REGO_ELEMENT_HOUR12,		/* 3 */
	REGO_ELEMENT_HOUR12_TWO,	/* 03 */
	REGO_ELEMENT_MINUTE,		/* 4 */
	REGO_ELEMENT_MINUTE_TWO,	/* 04 */
	REGO_ELEMENT_SECOND,		/* 5 */
	REGO_ELEMENT_SECOND_TWO,	/* 05 */
	REGO_ELEMENT_YEAR,		/* 2006 */
	REGO_ELEMENT_YEAR_TWO,		/* 06 */
	REGO_ELEMENT_NOON_UPPER,	/* PM */
	REGO_ELEMENT_NOON_LOWER,	/* pm */
	REGO_ELEMENT_ZONE,		/* MST */
	REGO_ELEMENT_OFFSET,		/* -07:00 and its kin, by enum rego_offset_style */
	REGO_ELEMENT_FRACTION_ALL,	/* .000: as many digits as there are zeros */
	REGO_ELEMENT_FRACTION_SHORT,	/* .999: without the zeros at the end */
};

enum rego_offset_style {
	REGO_OFFSET_ZULU = 1 << 0,	/* Z for UTC */
	REGO_OFFSET_COLON = 1 << 1,
	REGO_OFFSET_MINUTES = 1 << 2,
	REGO_OFFSET_SECONDS = 1 << 3,
};

struct rego_layout_part {
	struct str literal;		/* what stands in front of the element */
	struct str text;		/* the element as the layout has it */
	enum rego_element element;
	unsigned style;			/* of an offset */
	size_t digits;			/* of a fraction */
	char separator;			/* in front of a fraction: . or , */
};

/** rego_layout_next() - take the first element, and what is in front of it, off the layout */
struct rego_layout_part rego_layout_next(struct str *layout);

/** rego_layout_named() - the layout behind one of the names that OPA knows; Return: it, or @layout itself */
struct str rego_layout_named(struct str layout);

/* A moment, and how clocks somewhere show it. */
struct rego_local {
	struct rego_instant at;
	int32_t offset;			/* seconds east of UTC */
	struct str zone;		/* "CET"; empty: unknown */
};

/** rego_layout_format() - write a moment as the layout says */
void rego_layout_format(struct rego_text *text, struct str layout, const struct rego_local *local);

/**
 * rego_layout_parse() - read a time
 * @arena:     owns @ret_error
 * @layout:    as above
 * @value:     the text
 * @ret:       the moment
 * @ret_error: Go's text on -EINVAL, NULL where the arena is full
 *
 * Whatever the layout leaves out is zero (or one, for month and day). An offset is respected; the name of a
 * zone is read and, as it means different things in different places, taken for UTC.
 *
 * Errors: -EINVAL @value is no such time.
 * Source: Go, documentation of time.Parse
 * Return: 0 or negative errno.
 */
int rego_layout_parse(struct arena *arena, struct str layout, struct str value, struct rego_instant *ret,
	const char **ret_error);

/** rego_weekday_name() - "Sunday" for 0 */
const char *rego_weekday_name(int weekday);

/** rego_month_name() - "January" for 1 */
const char *rego_month_name(int month);

/**
 * rego_duration_parse() - read a run of numbers with units, "1h15m30.5s"
 * @arena:     owns @ret_error
 * @text:      units are ns, us (or the same with a Greek mu or a micro sign), ms, s, m, h; a sign may be in
 *             front
 * @ret_ns:    nanoseconds
 * @ret_error: Go's text on -EINVAL, NULL where the arena is full
 *
 * Errors: -EINVAL no such duration, or one of more than 292 years.
 * Source: Go, documentation of time.ParseDuration
 * Return: 0 or negative errno.
 */
int rego_duration_parse(struct arena *arena, struct str text, int64_t *ret_ns, const char **ret_error);

/**
 * rego_text_add_bytes_quoted() - between quotation marks, as package time shows texts: only ASCII as it is
 */
void rego_text_add_bytes_quoted(struct rego_text *text, struct str str);
