// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_time.c - what holds for every layout, text and zone file
 *
 * The input is a layout and a text, each up to a newline, and the bytes of a zone.
 *
 *   - what was read is within the years 0 to 9999, give or take a day; what was not comes with a text
 *   - a time that was written as RFC 3339 reads back as the same time
 *   - a zone that was taken shows an offset of less than 26 hours and a name in UTF-8, whenever it is asked
 *   - a duration that was read is refused with one unit more than there are
 *   - an arena that is too small gives no text, and nothing else
 */
#include "base/utf8.h"
#include "rego/layout.h"
#include "rego/zone.h"

#include <errno.h>

enum {
	MEMORY = 16 << 20,
};

#define FIRST_SECOND INT64_C(-62167219200)	/* of the year 0 */
#define LAST_SECOND INT64_C(253402300799)	/* of the year 9999 */
#define OFFSET_MAX (26 * 3600)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str format(struct arena *arena, struct str layout, const struct rego_local *local)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str result;
	bool is_done;

	rego_layout_format(&text, layout, local);
	is_done = rego_text_end(&text, &result);
	assert(is_done);
	return result;
}

static void check_round_trip(struct arena *arena, const struct rego_local *local)
{
	struct str layout = rego_layout_named(STR("RFC3339Nano"));
	struct str text = format(arena, layout, local);
	struct rego_instant at;
	const char *error;
	int r = rego_layout_parse(arena, layout, text, &at, &error);

	assert(!r && at.seconds == local->at.seconds && at.nanoseconds == local->at.nanoseconds);
}

static void check_time(struct arena *arena, struct str layout, struct str text)
{
	struct arena none = ARENA_INIT(0);
	struct rego_instant at, again;
	const char *error;
	int r = rego_layout_parse(arena, layout, text, &at, &error);

	if (r < 0) {
		assert(r == -EINVAL && error);
		r = rego_layout_parse(&none, layout, text, &again, &error);
		assert(r == -EINVAL && !error);
		return;
	}
	assert(at.seconds > FIRST_SECOND - OFFSET_MAX && at.seconds < LAST_SECOND + OFFSET_MAX);
	assert(at.nanoseconds >= 0 && at.nanoseconds < 1000000000);
	(void)format(arena, layout, &(struct rego_local){ .at = at });
	if (at.seconds >= FIRST_SECOND && at.seconds <= LAST_SECOND)
		check_round_trip(arena, &(struct rego_local){ .at = at });
}

static void check_duration(struct arena *arena, struct str text)
{
	const char *error, *longer = arena_printf(arena, "%.*s1", STR_FMT(text));
	int64_t ns;

	if (rego_duration_parse(arena, text, &ns, &error) < 0) {
		assert(error);
		return;
	}
	if (text.data[text.len - 1] == '0')
		return;
	assert(rego_duration_parse(arena, str_from(longer), &ns, &error) == -EINVAL && error);
}

static void check_zone(struct arena *arena, struct str layout, struct str bytes)
{
	static const int64_t moments[] = {
		INT64_MIN, -9223372036, -2147483649, -1, 0, 1, 951782400, 1711846800, 4102444800, 9223372036,
		INT64_MAX,
	};
	struct rego_zones *zones = rego_zones_new(arena);
	const struct rego_zone *zone;

	if (rego_zones_add(zones, STR("X"), bytes, NULL) < 0) {
		assert(!rego_zones_find(zones, STR("X")));
		return;
	}
	zone = rego_zones_find(zones, STR("X"));
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		struct rego_zone_time time = rego_zone_look(zone, moments[i]);
		struct rego_local local = { .at.seconds = moments[i], .offset = time.offset,
			.zone = time.name };

		assert(time.offset > -OFFSET_MAX && time.offset < OFFSET_MAX && utf8_is_valid(time.name));
		if (moments[i] > INT64_MIN && moments[i] < INT64_MAX)
			(void)format(arena, layout, &local);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct str rest = { .data = arena_copy(&arena, data, size), .len = size }, layout, text;

	if (size > 1 << 16)
		return 0;
	assert(rest.data);
	(void)str_cut(rest, '\n', &layout, &rest);
	(void)str_cut(rest, '\n', &text, &rest);
	check_time(&arena, rego_layout_named(layout), text);
	check_duration(&arena, text);
	check_zone(&arena, rego_layout_named(layout), rest);
	return 0;
}
