// SPDX-License-Identifier: Apache-2.0
/*
 * kern_fault.c - the fault table, made from the rows of kern/calls.h
 *
 * Calls that close or give back what is held, and those that only look at the process itself, would be
 * refused by no kernel; they pass uncounted, so that each counted call is a failure that can happen.
 */
#include "lib/kern_fault.h"

#include "base/macro.h"
#include "kern/kern.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *call;
	const char *refused;
	unsigned count;
	unsigned nth;
	int error;
	bool skip_syncs;
} fault;

static bool never_fails(const char *call)
{
	static const char *const calls[] = {
		"getpid", "getppid", "getuid", "geteuid", "getgid", "getsid", "getpgid", "clock_gettime",
		"isatty", "sigprocmask", "waitid", "nanosleep", "getrandom",
	};

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i], call))
			return true;
	return false;
}

static bool is_refused(const char *call)
{
	if (fault.call ? strcmp(fault.call, call) != 0 : never_fails(call))
		return false;
	fault.count++;
	if (fault.nth != KERN_FAULT_EVERY && (!fault.nth || fault.count != fault.nth))
		return false;
	fault.refused = call;
	if (fault.error == KERN_FAULT_KILL)
		(void)kill(getpid(), SIGKILL);
	return true;
}

static bool is_skipped(const char *call)
{
	return fault.skip_syncs &&
		(!strcmp(call, "fsync") || !strcmp(call, "fdatasync") || !strcmp(call, "syncfs"));
}

#define FAULT_CALL(type, name, parameters, arguments, function) \
	static type fault_##name parameters \
	{ \
		if (is_refused(#name)) \
			return (type)fault.error; \
		return is_skipped(#name) ? 0 : kern_ops_real.name arguments; \
	}
KERN_CALLS(FAULT_CALL)
#undef FAULT_CALL

#define FAULT_ROW(type, name, parameters, arguments, function) .name = fault_##name,
static const struct kern_ops fault_ops = { KERN_CALLS(FAULT_ROW) };
#undef FAULT_ROW

void kern_fault_arm(const char *call, unsigned nth, int error)
{
	fault.call = call;
	fault.refused = NULL;
	fault.count = 0;
	fault.nth = nth;
	fault.error = error;
	kern_ops = fault_ops;
}

void kern_fault_skip_syncs(bool skip)
{
	fault.skip_syncs = skip;
}

unsigned kern_fault_count(void)
{
	return fault.count;
}

const char *kern_fault_call(void)
{
	return fault.refused;
}

void kern_fault_disarm(void)
{
	kern_ops = kern_ops_real;
}
