/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kern.h - Linux behind one table
 *
 * kern_NAME(...) makes the system call NAME through kern_ops and returns its result or a negative errno.
 * Tests swap single entries (a clock that stands still, a rename that fails) or the whole table (fail the Nth
 * call of a kind). Production code never writes to the table. The rows stand in calls.h; what is composed of
 * several calls stands in the facility's own header (file.h, dir.h, process.h, sock.h, ...).
 *
 * A call that was interrupted is made again here, so that nobody above has to think of it: no handler of ours
 * is ever run, and what a stop and a continue cut off wants to go on. Only what waits for a time that would
 * begin anew, and ioctl(2), where the thing waited for may be gone, come back with -EINTR.
 *
 * Model: the system call table of SQLite's os_unix.c.
 */
#pragma once

#include "kern/calls.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct kern_ops {
#define KERN_MEMBER(type, name, parameters, arguments, function) type (*name) parameters;
	KERN_CALLS(KERN_MEMBER)
#undef KERN_MEMBER
};

extern struct kern_ops kern_ops;

/** kern_ops_real - the table that talks to the kernel, to put back after a test */
extern const struct kern_ops kern_ops_real;

/* Known while compiling; an id is a type without a sign, and its calls do not fail. */
static inline bool kern_makes_again(const char *name, bool is_signed)
{
	return is_signed && strcmp(name, "epoll_pwait2") && strcmp(name, "ppoll") &&
		strcmp(name, "nanosleep") && strcmp(name, "ioctl");
}

#define KERN_WRAPPER(type, name, parameters, arguments, function) \
	static inline type kern_##name parameters \
	{ \
		type r; \
		do \
			r = kern_ops.name arguments; \
		while (r == (type)-EINTR && kern_makes_again(#name, (type)-1 < (type)1)); \
		return r; \
	}
KERN_CALLS(KERN_WRAPPER)
#undef KERN_WRAPPER
