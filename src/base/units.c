// SPDX-License-Identifier: Apache-2.0
/*
 * units.c - one table per kind of unit, read in both directions
 */
#include "base/units.h"

#include "base/time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* Ascending; the first name of a factor is the one that is written. */
static const struct unit sizes[] = {
	{ "", 1 }, { "B", 1 }, { "K", 1ull << 10 }, { "KiB", 1ull << 10 }, { "M", 1ull << 20 },
	{ "MiB", 1ull << 20 }, { "G", 1ull << 30 }, { "GiB", 1ull << 30 }, { "T", 1ull << 40 },
	{ "TiB", 1ull << 40 },
};

static const struct unit durations[] = {
	{ "ns", 1 }, { "us", NS_PER_US }, { "ms", NS_PER_MS }, { "s", NS_PER_SEC }, { "m", 60 * NS_PER_SEC },
	{ "h", 3600 * NS_PER_SEC }, { "d", 86400 * NS_PER_SEC },
};

static int parse(struct str text, const struct unit *units, size_t count, uint64_t *ret)
{
	struct str digits = { .data = text.data }, name;
	uint64_t value;
	int r;

	while (digits.len < text.len && text.data[digits.len] >= '0' && text.data[digits.len] <= '9')
		digits.len++;
	name = (struct str){ .data = text.data + digits.len, .len = text.len - digits.len };
	r = str_to_u64(digits, INT64_MAX, &value);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(name, str_from(units[i].name)))
			continue;
		if (__builtin_mul_overflow(value, units[i].factor, &value) || value > INT64_MAX)
			return -ERANGE;
		*ret = value;
		return 0;
	}
	return -EINVAL;
}

static void format(uint64_t value, const struct unit *units, size_t count, char ret[UNITS_TEXT_SIZE])
{
	const struct unit *best = &units[0];

	for (size_t i = 1; i < count; i++)
		if (value && value % units[i].factor == 0 && units[i].factor > best->factor)
			best = &units[i];
	snprintf(ret, UNITS_TEXT_SIZE, "%" PRIu64 "%s", value / best->factor, best->name);
}

int units_parse_size(struct str text, uint64_t *ret_bytes)
{
	return parse(text, sizes, ARRAY_SIZE(sizes), ret_bytes);
}

int units_parse_duration(struct str text, uint64_t *ret_ns)
{
	return parse(text, durations, ARRAY_SIZE(durations), ret_ns);
}

void units_format_size(uint64_t bytes, char ret[UNITS_TEXT_SIZE])
{
	format(bytes, sizes, ARRAY_SIZE(sizes), ret);
}

void units_format_duration(uint64_t duration_ns, char ret[UNITS_TEXT_SIZE])
{
	if (duration_ns)
		format(duration_ns, durations, ARRAY_SIZE(durations), ret);
	else
		snprintf(ret, UNITS_TEXT_SIZE, "0s");
}
