/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - a process of ours gives up what it will not need
 *
 * For roles that handle what an agent wrote and start nothing. Afterwards the process can read below some
 * directories, and change files below others, use the descriptors that it has, and make the calls that its
 * list leaves it: no other file, no network, no new program, no new right. A call by another table of calls
 * than its own (i386, x32) ends it. There is no way back, and no lesser confinement on a kernel that lacks a
 * part of it, with one exception that is said below.
 *
 * One that asks a server names the families of its sockets and the TCP ports that it may connect to. The
 * ports are Landlock's, from Linux 6.7 on; on an older kernel the families and the list of calls are all
 * there is. What Landlock does not see is refused with them: a protocol that is TCP by another name (MPTCP),
 * and data that go out with the call that connects (MSG_FASTOPEN).
 *
 * Sources: landlock(7), seccomp(2), setrlimit(2), prctl(2) PR_SET_NO_NEW_PRIVS
 */
#pragma once

#include "base/error.h"
#include "kern/kern.h"

#include <stdbool.h>

enum {
	KERN_CONFINE_CALLS_MAX = 200,
	KERN_CONFINE_FAMILIES_MAX = 8,
};

enum kern_confine_calls {
	KERN_CONFINE_ALLOWED,		/* every call that is not in the list answers EPERM */
	KERN_CONFINE_REFUSED,		/* those that are in it do */
};

struct kern_confine {
	const int *read_dirfds;		/* what is below may be opened for reading and listed */
	size_t read_count;
	const int *read_fds;		/* single files that may be opened for reading */
	size_t read_file_count;
	const int *write_dirfds;	/* below, anything may be done to files but to execute them */
	size_t write_count;
	const int *calls;		/* SYS_* */
	size_t call_count;		/* at most KERN_CONFINE_CALLS_MAX */
	enum kern_confine_calls calls_are;
	/* AF_* of its sockets, at most KERN_CONFINE_FAMILIES_MAX; none: the list alone says what it may */
	const int *families;
	size_t family_count;
	bool any_port;			/* its list of hosts is its own: Landlock says nothing about TCP */
	const uint16_t *ports;		/* that it may connect to by TCP */
	size_t port_count;
	uint64_t memory_bytes;		/* address space */
	uint64_t cpu_sec;		/* processor time; at its end the process dies of SIGXCPU */
};

/**
 * kern_confine() - from here on
 * @confine: what is left
 * @err:     says which part this kernel refuses
 *
 * Errors: -EOPNOTSUPP the kernel has no Landlock, or, where something may be written, one under which no file
 * can move from one directory to another; others from the kernel. Some of it may be in force then: the caller
 * ends.
 * Return: 0 or negative errno.
 */
int kern_confine(const struct kern_confine *confine, struct error *err);
