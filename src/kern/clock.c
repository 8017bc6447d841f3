// SPDX-License-Identifier: Apache-2.0
/*
 * clock.c - the two clocks and the one source of randomness
 */
#include "kern/clock.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	if (kern_clock_gettime(clock, &now) < 0)
		abort();
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

uint64_t kern_clock_real_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t kern_clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void kern_random(void *ret, size_t len)
{
	char *p = ret;

	while (len) {
		ssize_t n = kern_getrandom(p, len, 0);

		if (n <= 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}
