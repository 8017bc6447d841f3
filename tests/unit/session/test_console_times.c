// SPDX-License-Identifier: Apache-2.0
/*
 * test_console_times.c - marks are written and read back, and what is damaged hides nothing
 */
#include "lib/test.h"

#include "session/console_times.h"

#include <stdio.h>

#define LINES "2026-01-31T14:05:00.000000Z 0\n2026-01-31T14:05:01.500000Z 100\n2026-01-31T14:05:09.000000Z 250\n"

static uint64_t at(const char *text)
{
	uint64_t time_ns;

	CHECK_INT(time_from_text(str_from(text), &time_ns), 0);
	return time_ns;
}

/* Where what was shown since then begins, in a log of 300 bytes that was written last at 14:05:09.5. */
static uint64_t find(const char *lines, const char *since)
{
	struct console_times times = { .rest = str_from(lines) };

	return console_times_find(&times, at(since), 300, at("2026-01-31T14:05:09.500Z"));
}

TEST(a_mark_is_read_as_it_was_written)
{
	struct console_mark mark = { .time_ns = at("2026-01-31T14:05:00.25Z"), .before_bytes = 81920 }, read;
	char line[CONSOLE_MARK_SIZE];
	struct console_times times = { 0 };

	times.rest = (struct str){ line, console_mark_to_text(&mark, line) };
	CHECK_TEXT(line, "2026-01-31T14:05:00.250000Z 81920\n");
	CHECK(console_times_next(&times, &read));
	CHECK_INT(read.time_ns, mark.time_ns);
	CHECK_INT(read.before_bytes, 81920);
	CHECK(!console_times_next(&times, &read));
	CHECK(!times.is_damaged);
}

TEST(the_longest_mark_fits)
{
	struct console_mark mark = { .time_ns = UINT64_MAX, .before_bytes = UINT64_MAX };
	char line[CONSOLE_MARK_SIZE];
	size_t len = console_mark_to_text(&mark, line);

	CHECK(len < sizeof(line));
	CHECK_INT(line[len - 1], '\n');
}

TEST(what_was_shown_since_a_time_is_found)
{
	CHECK_INT(find(LINES, "2026-01-31T14:04:00Z"), 0);
	CHECK_INT(find(LINES, "2026-01-31T14:05:00.5Z"), 0);
	/* what stands behind the first mark came within a second */
	CHECK_INT(find(LINES, "2026-01-31T14:05:01.2Z"), 100);
	CHECK_INT(find(LINES, "2026-01-31T14:05:02Z"), 100);
	CHECK_INT(find(LINES, "2026-01-31T14:05:08Z"), 250);
	CHECK_INT(find(LINES, "2026-01-31T14:05:10.4Z"), 250);
	CHECK_INT(find(LINES, "2026-01-31T14:05:11Z"), 300);
	CHECK_INT(find(LINES, "1970-01-01T00:00:00Z"), 0);
}

TEST(without_marks_the_files_own_time_decides)
{
	CHECK_INT(find("", "2026-01-31T14:05:09Z"), 0);
	CHECK_INT(find("", "2026-01-31T14:05:11Z"), 300);
}

TEST(marks_that_ended_early_hide_nothing)
{
	/* the last one is old, the file is young: something was shown since, nobody knows where */
	CHECK_INT(find("2026-01-31T14:05:00.000000Z 0\n2026-01-31T14:05:01.500000Z 100\n",
		"2026-01-31T14:05:09Z"),
		100);
	/* nor does one that is just being written */
	CHECK_INT(find(LINES "2026-01-31T14:05:09.4", "2026-01-31T14:05:10.3Z"), 250);
}

TEST(what_is_behind_damage_counts_as_new)
{
	static const char *const damage[] = {
		"x\n", "\n", "2026-01-31T14:05:09.000000Z\n", "2026-01-31T14:05:09.000000Z \n",
		"2026-01-31T14:05:09.000000Z 2 5\n", "2026-01-31T14:05:09.000000Z -1\n",
		"2026-01-31T14:05:09.000000Z 99999999999999999999\n", "2026-13-31T14:05:09.000000Z 200\n",
		/* back in time, back in the file */
		"2026-01-31T14:05:01.000000Z 200\n", "2026-01-31T14:05:09.000000Z 99\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		char lines[512];
		struct console_times times = { .rest = { lines, 0 } };

		times.rest.len = (size_t)snprintf(lines, sizeof(lines),
			"2026-01-31T14:05:00.000000Z 0\n2026-01-31T14:05:01.500000Z 100\n%s"
			"2026-01-31T14:05:20.000000Z 300\n", damage[i]);
		CHECK_INT(console_times_find(&times, at("2027-01-01"), 300, at("2026-01-31T14:05:09Z")), 100);
		CHECK(times.is_damaged);
	}
}

TEST(a_place_behind_the_end_is_the_end)
{
	CHECK_INT(find("2026-01-31T14:05:09.000000Z 4000000000000000000\n", "2026-01-31T14:05:09Z"), 300);
}

TEST_MAIN()
