// SPDX-License-Identifier: Apache-2.0
/*
 * seccomp.c - the system calls of a sandbox
 */
#include "jail/seccomp_internal.h"

#include "kern/kern.h"

#include <errno.h>
#include <linux/seccomp.h>

/* A sock_fprog has room for mutable code only; the kernel copies it. */
static int install(const struct jail_filter *filter, unsigned flags)
{
	struct sock_fprog program = { .len = (unsigned short)filter->count };

	memcpy(&program.filter, &filter->code, sizeof(filter->code));
	return kern_seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
}

int jail_seccomp_restrict(enum jail_preset preset, bool pin_affinity, struct error *err)
{
	int r;

	assert(preset == JAIL_PRESET_BASE || preset == JAIL_PRESET_ALONE);
	r = install(&jail_filters.base, 0);
	if (r >= 0)
		r = install(&jail_filters.args, 0);
	if (r >= 0 && preset == JAIL_PRESET_ALONE)
		r = install(&jail_filters.alone, 0);
	if (r >= 0 && pin_affinity)
		r = install(&jail_filters.affinity, 0);
	return r < 0 ? error_sys(err, r, "cannot restrict system calls") : 0;
}

int jail_seccomp_listen(enum jail_preset preset, struct error *err)
{
	/*
	 * WAIT_KILLABLE_RECV (5.19): a rename that the supervisor works on is not interrupted half way by a
	 * signal.
	 */
	int fd = install(preset == JAIL_PRESET_ALONE ? &jail_filters.alone_notify : &jail_filters.notify,
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (fd < 0)
		return error_sys(err, fd, "cannot listen to system calls");
	return fd;
}

const struct jail_syscall *jail_syscalls(size_t *ret_count)
{
	*ret_count = jail_filters.row_count;
	return jail_filters.rows;
}

void jail_syscall_count(struct jail_syscall_census *ret)
{
	struct jail_syscall_census census = { .arch = jail_filters.arch, .known = jail_filters.known_count };

	for (size_t i = 0; i < jail_filters.row_count; i++) {
		const struct jail_syscall *call = &jail_filters.rows[i];
		bool allowed = call->action == JAIL_SYSCALL_ALLOW;

		census.recorded += call->action == JAIL_SYSCALL_RECORD;
		census.mediated += allowed && call->waits;
		census.checked += allowed && !call->waits && call->checks_args;
		census.allowed += allowed && !call->waits && !call->checks_args;
	}
	census.refused = census.known - census.allowed - census.checked - census.mediated - census.recorded;
	*ret = census;
}

const struct jail_refusal *jail_refusals(size_t *ret_count)
{
	*ret_count = jail_filters.refusal_count;
	return jail_filters.refusals;
}

/* As the filter compares: the low 32 bits are it, or any of the 64 is different. */
bool jail_refusal_fits(const struct jail_refusal *refusal, int number, const uint64_t args[6])
{
	uint64_t arg = refusal->arg < 0 ? 0 : args[refusal->arg];

	if (refusal->number != number)
		return false;
	if (refusal->arg < 0)
		return true;
	return refusal->differs ? arg != refusal->value : (uint32_t)arg == refusal->value;
}

const struct jail_syscall *jail_syscall_find(int number)
{
	for (size_t i = 0; i < jail_filters.row_count; i++)
		if (jail_filters.rows[i].number == number)
			return &jail_filters.rows[i];
	return NULL;
}
