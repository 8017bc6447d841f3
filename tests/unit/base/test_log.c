// SPDX-License-Identifier: Apache-2.0
/*
 * test_log.c - one sink, one level
 */
#include "base/log.h"

#include "lib/test.h"

#include <stdio.h>

struct lines {
	int count;
	enum log_level level;
	char last[2048];
};

static void keep(enum log_level level, const char *line, void *context)
{
	struct lines *lines = context;

	lines->count++;
	lines->level = level;
	snprintf(lines->last, sizeof(lines->last), "%s", line);
}

TEST(nothing_is_logged_before_there_is_a_sink)
{
	log_error("lost %d", 1);
}

TEST(lines_up_to_the_level_arrive)
{
	struct lines lines = { 0 };

	log_set_sink(keep, LOG_LEVEL_WARNING, &lines);
	log_error("disk %d%%", 99);
	CHECK_INT(lines.level, LOG_LEVEL_ERROR);
	CHECK_TEXT(lines.last, "disk 99%");
	log_warning("slow");
	CHECK_TEXT(lines.last, "slow");
	log_info("hidden");
	log_debug("hidden");
	CHECK_INT(lines.count, 2);
	log_set_sink(NULL, LOG_LEVEL_DEBUG, NULL);
	log_error("off");
	CHECK_INT(lines.count, 2);
}

TEST(a_long_line_is_cut)
{
	struct lines lines = { 0 };

	log_set_sink(keep, LOG_LEVEL_DEBUG, &lines);
	log_debug("%3000d", 7);
	CHECK_INT(strlen(lines.last), 1023);
}

TEST_MAIN()
