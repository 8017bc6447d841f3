/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kern.h - Linux behind one table
 *
 * kern_NAME(...) makes the system call NAME through kern_ops and returns its result or a negative errno.
 * Tests swap single entries (a clock that stands still, a rename that fails) or the whole table (fail the Nth
 * call of a kind). Production code never writes to the table. The rows stand in calls.h; what is composed of
 * several calls stands in the facility's own header (file.h, dir.h, process.h, sock.h, ...).
 *
 * Model: the system call table of SQLite's os_unix.c.
 */
#pragma once

#include "kern/calls.h"

struct kern_ops {
#define KERN_MEMBER(type, name, parameters, arguments, function) type (*name) parameters;
	KERN_CALLS(KERN_MEMBER)
#undef KERN_MEMBER
};

extern struct kern_ops kern_ops;

/** kern_ops_real - the table that talks to the kernel, to put back after a test */
extern const struct kern_ops kern_ops_real;

#define KERN_WRAPPER(type, name, parameters, arguments, function) \
	static inline type kern_##name parameters { return kern_ops.name arguments; }
KERN_CALLS(KERN_WRAPPER)
#undef KERN_WRAPPER
