// SPDX-License-Identifier: Apache-2.0
/*
 * turn.c - one at a time among init's children
 */
#include "roles/launcher/turn.h"

#include "base/time.h"
#include "kern/clock.h"
#include "kern/kern.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

enum {
	LOOK_EVERY_NS = 5 * 1000 * 1000,
};

int turn_open(void)
{
	return kern_memfd_create("cordon-turn", MFD_CLOEXEC);
}

static int lock(int fd, int command)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return kern_fcntl(fd, command, (long)&whole);
}

int turn_take(int fd)
{
	int r;

	do
		r = lock(fd, F_SETLKW);
	while (r == -EINTR);
	return r;
}

bool turn_take_within(int fd, uint64_t patience_ns)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY_NS };
	uint64_t end_ns = kern_clock_monotonic_ns() + patience_ns;

	while (lock(fd, F_SETLK) < 0) {
		if (kern_clock_monotonic_ns() >= end_ns)
			return false;
		(void)kern_nanosleep(&pause);
	}
	return true;
}
