/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp.h - the system calls of a sandbox
 *
 * Filters are compiled when cordon is built, from tables/syscalls*.csv and tables/syscall_args.csv; here they
 * are only installed. What each of the programs is for stands in tools/gen/seccomp.c.
 *
 * Source: seccomp(2), seccomp_unotify(2)
 */
#pragma once

#include "jail/plan.h"

enum jail_syscall_action {
	JAIL_SYSCALL_REFUSE,
	JAIL_SYSCALL_RECORD,		/* refused, and reported to the supervisor */
	JAIL_SYSCALL_ALLOW,
};

struct jail_syscall {
	const char *name;
	int number;
	enum jail_syscall_action action;
	const char *why;		/* it is not allowed */
	bool checks_args;		/* allowed, but not with every argument */
	bool waits;			/* allowed, but for the supervisor, which looks at it first */
	const char *alone_why;		/* the preset ALONE refuses it, or some of it; empty: it does not */
	bool alone_records;		/* and reports it */
};

/* What the preset ALONE refuses and records besides: one row of tables/syscalls_alone.csv. */
struct jail_refusal {
	int number;
	int error;			/* negative errno that the call returns */
	int arg;			/* the argument that is looked at, or -1 */
	bool differs;			/* it is not `value`, instead of being it */
	uint32_t value;
	const char *why;
};

/* The same as numbers: each call is counted once. */
struct jail_syscall_census {
	const char *arch;		/* "x86_64"; the entry points of any other one end the process */
	unsigned known;			/* calls that the architecture has: the sum of all below */
	unsigned allowed;		/* without a condition */
	unsigned checked;		/* allowed, but for some arguments */
	unsigned mediated;		/* the supervisor is asked each time */
	unsigned recorded;		/* refused, and each attempt is in the ledger */
	unsigned refused;		/* answered with an errno */
};

/**
 * jail_seccomp_restrict() - install the preset for this process and all that it will start
 * @preset:       of the plan
 * @pin_affinity: the CPU limit rests on sched_setaffinity: refuse it
 * @err:          may be NULL
 *
 * no_new_privs must be set. What is to be recorded answers ENOSYS until jail_seccomp_listen().
 *
 * Return: 0 or negative errno.
 */
int jail_seccomp_restrict(enum jail_preset preset, bool pin_affinity, struct error *err);

/**
 * jail_seccomp_listen() - let some calls of this process and its children wait for a listener
 * @preset: recorded calls and, of BASE, renames; of ALONE, changes of files' modes and times
 * @err:    may be NULL
 *
 * Return: the listener's descriptor or negative errno.
 */
int jail_seccomp_listen(enum jail_preset preset, struct error *err);

/**
 * jail_syscalls() - what this build does with each call that this architecture has, sorted as in the table
 */
const struct jail_syscall *jail_syscalls(size_t *ret_count);

/**
 * jail_syscall_count() - what the filters do with the calls of this architecture, in numbers
 * @ret: set
 *
 * The count is the build's: `known` is what its libseccomp knew of. What neither it nor the table knows is
 * refused as well.
 */
void jail_syscall_count(struct jail_syscall_census *ret);

/** jail_refusals() - those rows, in the order in which the first that fits tells what was tried */
const struct jail_refusal *jail_refusals(size_t *ret_count);

/** jail_refusal_fits() - whether a call is one of a row's */
bool jail_refusal_fits(const struct jail_refusal *refusal, int number, const uint64_t args[6]);

/** jail_syscall_find() - the row of a number in tables/syscalls.csv, or NULL */
const struct jail_syscall *jail_syscall_find(int number);
