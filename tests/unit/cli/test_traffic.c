// SPDX-License-Identifier: Apache-2.0
/*
 * test_traffic.c - bytes as a person reads them, and who does not answer
 */
#include "lib/test.h"

#include "base/fd.h"
#include "cli/traffic.h"
#include "kern/clock.h"
#include "loop/channel.h"

static const char *shown(uint64_t bytes)
{
	static char text[TRAFFIC_TEXT_SIZE];

	traffic_format(bytes, text);
	return text;
}

TEST(bytes_have_a_unit_and_two_digits_that_count)
{
	CHECK_TEXT(shown(0), "0");
	CHECK_TEXT(shown(1023), "1023");
	CHECK_TEXT(shown(1024), "1.0K");
	CHECK_TEXT(shown(10 * 1024 - 1), "9.9K");
	CHECK_TEXT(shown(10 * 1024), "10K");
	CHECK_TEXT(shown((1 << 20) - 1), "1023K");
	CHECK_TEXT(shown(3ull << 39), "1.5T");
	CHECK_TEXT(shown(UINT64_MAX), "15E");
}

/* What a supervisor says that was asked; -1: nothing. */
static bool heard(int type, const void *body, size_t len, struct traffic *ret)
{
	int pair[2];
	bool is_told;

	CHECK_INT(kern_sock_pair(pair), 0);
	*ret = (struct traffic){ .fd = pair[0] };
	if (type >= 0)
		CHECK_INT(channel_post(pair[1], (unsigned)type, (struct str){ body, len }, NULL, 0), 0);
	is_told = traffic_hear(ret, kern_clock_monotonic_ns());
	fd_close(pair[1]);
	CHECK_INT(ret->fd, -1);
	return is_told;
}

TEST(only_a_whole_answer_is_one)
{
	struct control_traffic told = { 1, 2, 3, 4, 5 };
	struct traffic traffic;

	CHECK(heard(CONTROL_TOLD_TRAFFIC, &told, sizeof(told), &traffic) && traffic.is_told);
	CHECK(traffic.told.open == 1 && traffic.told.received_bytes == 5);
	CHECK(!heard(CONTROL_TOLD_TRAFFIC, &told, sizeof(told) - 8, &traffic) && !traffic.is_told);
	CHECK(!heard(CONTROL_SERVED, NULL, 0, &traffic));
	told.open = UINT64_MAX;
	CHECK(!heard(CONTROL_TOLD_TRAFFIC, &told, sizeof(told), &traffic));
}

TEST(whoever_says_nothing_is_not_waited_for)
{
	struct traffic nobody = TRAFFIC_INIT, silent;

	CHECK(!heard(-1, NULL, 0, &silent) && !silent.is_told);
	CHECK(!traffic_hear(&nobody, UINT64_MAX));
}

TEST_MAIN()
