// SPDX-License-Identifier: Apache-2.0
/*
 * intersect.c - two patterns walked side by side
 *
 * A pattern becomes a list of elements, each of which takes one character, or any number of them; x+ is two
 * elements, xx*. A pair of places, one in each list, is where the two can be after some text. From a pair one
 * goes on by a character that both elements take, or by leaving one out that need not take any. No step leads
 * back in either list, so looking at all pairs in order once is enough.
 *
 * A pair is reached before any character was taken, or behind one, or both: the empty text does not count.
 */
#include "regex/intersect.h"

#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	REACHED_EMPTY = 1 << 0,		/* nothing was taken yet */
	REACHED = 1 << 1,
};

struct element {
	const struct regex_range *ranges;
	size_t count;
	bool is_star;
};

struct pattern {
	struct arena *arena;
	struct str text, rest;
	size_t point_count;		/* characters that were taken off the text */
	struct element *elements;
	size_t count;
	size_t allowance;		/* of ranges */
	const char **err;
};

/* ---- reading ---- */

/* Positions count characters, and an escaped one is two. */
static PRINTF_LIKE(2, 3) int pattern_fail(struct pattern *pattern, const char *fmt, ...)
{
	const char *why;
	va_list args;

	va_start(args, fmt);
	why = arena_vprintf(pattern->arena, fmt, args);
	va_end(args);
	*pattern->err = why ?
		arena_printf(pattern->arena, "input:%.*s, pos:%zu, %s: the input provided is invalid",
			STR_FMT(pattern->text), pattern->point_count, why) :
		NULL;
	return *pattern->err ? -EINVAL : -EMSGSIZE;
}

/* One character, and whether it stood behind a backslash; Return: 1, 0 at the end, or negative errno */
static int next_point(struct pattern *pattern, uint32_t *ret, bool *ret_escaped)
{
	struct str rest = pattern->rest;

	*ret = 0;
	*ret_escaped = false;
	if (!rest.len)
		return 0;
	rest = behind(rest, regex_text_point(rest, 0, ret));
	if (*ret == '\\') {
		if (!rest.len)
			return pattern_fail(pattern, "input ends with a \\ (escape) character");
		rest = behind(rest, regex_text_point(rest, 0, ret));
		*ret_escaped = true;
		pattern->point_count++;
	}
	pattern->point_count++;
	pattern->rest = rest;
	return 1;
}

/* The end of a range, behind its '-'. */
static int parse_set_range(struct pattern *pattern, struct regex_class *class, const uint32_t *low)
{
	uint32_t high;
	bool is_escaped, is_last;
	int r;

	if (!low)
		return pattern_fail(pattern, "range character '-' must be preceded by a Unicode character");
	is_last = !pattern->rest.len || regex_text_point(pattern->rest, 0, &high) == pattern->rest.len;
	if (is_last)
		return pattern_fail(pattern, "range character '-' must be followed by a Unicode character");
	r = next_point(pattern, &high, &is_escaped);
	if (r < 0)
		return r;
	if (!is_escaped && (high == ']' || high == '-'))
		return pattern_fail(pattern, "range character '-' cannot be followed by a special symbol");
	if (high < *low) {
		char ends[2][8] = { 0 };

		utf8_encode(high, ends[0]);
		utf8_encode(*low, ends[1]);
		return pattern_fail(pattern, "range is out of order: '%s' comes before '%s' in Unicode",
			ends[0], ends[1]);
	}
	regex_class_add(class, *low, high);
	return 0;
}

static int parse_set(struct pattern *pattern, struct element *element)
{
	struct regex_class class = { .arena = pattern->arena, .allowance = &pattern->allowance };
	uint32_t point, last = 0;
	bool is_escaped, has_last = false;
	int r;

	while ((r = next_point(pattern, &point, &is_escaped)) > 0) {
		if (!is_escaped && point == ']')
			break;
		if (!is_escaped && point == '-') {
			r = parse_set_range(pattern, &class, has_last ? &last : NULL);
			if (r < 0)
				return r;
			has_last = false;
			continue;
		}
		regex_class_add(&class, point, point);
		last = point;
		has_last = true;
	}
	if (!r)
		return pattern_fail(pattern, "found [ without matching ]");
	regex_class_clean(&class);
	element->ranges = class.ranges;
	element->count = class.count;
	return r < 0 ? r : class.failed ? -EMSGSIZE : 0;
}

static int parse_element(struct pattern *pattern, uint32_t point, bool is_escaped, struct element *element)
{
	static const struct regex_range any[] = { { 0, POINT_MAX } };
	struct regex_range *range;

	if (!is_escaped && point == '[')
		return parse_set(pattern, element);
	if (!is_escaped && point == ']')
		return pattern_fail(pattern, "set-close ']' with no preceding '['");
	if (!is_escaped && (point == '+' || point == '*'))
		return pattern_fail(pattern, "flag '%c' must be preceded by a non-flag", (int)point);
	element->count = 1;
	element->ranges = any;
	if (!is_escaped && point == '.')
		return 0;
	range = arena_alloc(pattern->arena, sizeof(*range));
	if (!range)
		return -EMSGSIZE;
	range->low = range->high = point;
	element->ranges = range;
	return 0;
}

static int parse_pattern(struct pattern *pattern)
{
	uint32_t point;
	bool is_escaped;
	int r;

	/* x+ is two elements of two characters */
	pattern->elements = arena_alloc_array(pattern->arena, pattern->text.len + 1,
		sizeof(*pattern->elements));
	if (!pattern->elements)
		return -EMSGSIZE;
	while ((r = next_point(pattern, &point, &is_escaped)) > 0) {
		struct element *element = &pattern->elements[pattern->count++];
		char flag;

		r = parse_element(pattern, point, is_escaped, element);
		if (r < 0)
			return r;
		flag = pattern->rest.len ? pattern->rest.data[0] : '\0';
		if (flag != '+' && flag != '*')
			continue;
		pattern->rest = behind(pattern->rest, 1);
		pattern->point_count++;
		if (flag == '+')
			pattern->elements[pattern->count++] = *element;
		pattern->elements[pattern->count - 1].is_star = true;
	}
	return r;
}

/* ---- walking ---- */

static bool spend(uint64_t *steps, uint64_t work)
{
	if (work > *steps) {
		*steps = 0;
		return false;
	}
	*steps -= work;
	return true;
}

static bool have_common(const struct element *a, const struct element *b)
{
	for (size_t i = 0, j = 0; i < a->count && j < b->count; ) {
		if (a->ranges[i].high < b->ranges[j].low)
			i++;
		else if (b->ranges[j].high < a->ranges[i].low)
			j++;
		else
			return true;
	}
	return false;
}

/*
 * Go on from the pair of @left and the element of @right at @at. @row holds what is known of this element of
 * @left, @below of the next.
 */
static void go_on(const struct element *left, const struct pattern *right, size_t at, unsigned char *row,
	unsigned char *below)
{
	const struct element *other = at < right->count ? &right->elements[at] : NULL;
	unsigned char reached = row[at];

	if (left && other && have_common(left, other)) {
		if (left->is_star && other->is_star)
			reached |= row[at] |= REACHED;
		else if (left->is_star)
			row[at + 1] |= REACHED;
		else
			below[at + !other->is_star] |= REACHED;
	}
	if (left && left->is_star)
		below[at] |= reached;
	if (other && other->is_star)
		row[at + 1] |= reached;
}

static int walk(struct arena *arena, const struct pattern *left, const struct pattern *right, uint64_t *steps)
{
	size_t width = right->count + 1;
	unsigned char *row = arena_alloc(arena, width), *below = arena_alloc(arena, width + 1), *done;

	if (!row || !below)
		return -EMSGSIZE;
	row[0] = REACHED_EMPTY;
	for (size_t i = 0; i <= left->count; i++) {
		const struct element *element = i < left->count ? &left->elements[i] : NULL;

		memset(below, 0, width);
		for (size_t at = 0; at < width; at++) {
			uint64_t work = 1 + (element ? element->count : 0) +
				(at < right->count ? right->elements[at].count : 0);

			if (!spend(steps, row[at] ? work : 1))
				return -ETIME;
			if (row[at])
				go_on(element, right, at, row, below);
		}
		done = row;
		row = below;
		below = done;
	}
	/* what was the last row lies in @below now */
	return (below[right->count] & REACHED) != 0;
}

int patterns_intersect(struct arena *arena, struct str left, struct str right, uint64_t *steps,
	const char **err)
{
	struct pattern patterns[2] = {
		{ .arena = arena, .text = left, .rest = left, .allowance = RANGES_MAX, .err = err },
		{ .arena = arena, .text = right, .rest = right, .allowance = RANGES_MAX, .err = err },
	};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		int r;

		if (!spend(steps, patterns[i].text.len))
			return -ETIME;
		r = parse_pattern(&patterns[i]);
		if (r < 0)
			return r;
	}
	return walk(arena, &patterns[0], &patterns[1], steps);
}
