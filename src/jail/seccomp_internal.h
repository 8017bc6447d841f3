/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp_internal.h - what tools/gen/seccomp.c makes
 */
#pragma once

#include "jail/seccomp.h"

#include <linux/filter.h>

struct jail_filter {
	const struct sock_filter *code;
	size_t count;
};

struct jail_filters {
	const char *arch;
	uint32_t audit_arch;		/* AUDIT_ARCH_* */
	struct jail_filter base, args, notify, affinity, alone, alone_notify;
	const struct jail_syscall *rows;
	size_t row_count;
	const struct jail_refusal *refusals;
	size_t refusal_count;
	unsigned known_count;		/* calls that the architecture has */
};

/* Of the architecture that this build runs on. */
extern const struct jail_filters jail_filters;
