/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock.h - Landlock as the running kernel has it
 *
 * Rights came with versions of Landlock, and the headers of Debian 12 end at version 2. What came later
 * stands here, once: the sandbox (jail/landlock.h) and our own processes (kern/confine.h) both say which
 * rights they want to have handled, and kern_landlock_ruleset() leaves out those that this kernel does not
 * know. Who cannot do with less asks kern_landlock_abi() first.
 *
 * Source: landlock(7), Linux Documentation/userspace-api/landlock.rst
 */
#pragma once

#include "kern/kern.h"

#include <linux/landlock.h>

#define KERN_LANDLOCK_FS_TRUNCATE (UINT64_C(1) << 14)	/* version 3, Linux 6.2 */
#define KERN_LANDLOCK_FS_IOCTL_DEV (UINT64_C(1) << 15)	/* version 5, Linux 6.10 */
#define KERN_LANDLOCK_NET_BIND_TCP (UINT64_C(1) << 0)	/* version 4, Linux 6.7 */
#define KERN_LANDLOCK_NET_CONNECT_TCP (UINT64_C(1) << 1)
#define KERN_LANDLOCK_SCOPE_ABSTRACT (UINT64_C(1) << 0)	/* version 6, Linux 6.12: abstract sockets */
#define KERN_LANDLOCK_SCOPE_SIGNALS (UINT64_C(1) << 1)

/* Every right to files of version 1, and with those that came later. */
#define KERN_LANDLOCK_FS_FIRST ((UINT64_C(1) << 13) - 1)
#define KERN_LANDLOCK_FS_ALL ((UINT64_C(1) << 16) - 1)

enum {
	KERN_LANDLOCK_ABI_REFER = 2,		/* Linux 5.19: below it, no file moves between directories */
	KERN_LANDLOCK_ABI_TRUNCATE = 3,
	KERN_LANDLOCK_ABI_NET = 4,
	KERN_LANDLOCK_ABI_IOCTL = 5,
	KERN_LANDLOCK_ABI_SCOPE = 6,
};

/* What a domain takes away, unless a rule grants it; as the kernel reads it. */
struct kern_landlock {
	uint64_t fs;
	uint64_t net;			/* version 4 */
	uint64_t scoped;		/* version 6 */
};

/**
 * kern_landlock_abi() - the kernel's version of Landlock; Return: from 1, or negative errno where it has none
 */
int kern_landlock_abi(void);

/**
 * kern_landlock_ruleset() - a domain without rules yet
 * @abi:     kern_landlock_abi(), or less: nothing newer is used
 * @handled: what is wanted; set to what of it @abi knows
 *
 * Errors: from the kernel.
 * Return: a descriptor, or negative errno.
 */
int kern_landlock_ruleset(int abi, struct kern_landlock *handled);

/**
 * kern_landlock_allow() - grant rights at a file, or below a directory
 * @ruleset: from kern_landlock_ruleset()
 * @fd:      file or directory; borrowed
 * @access:  of @handled
 *
 * Errors: -EINVAL a right that no file has, or one that is not handled; others from the kernel.
 * Return: 0 or negative errno.
 */
int kern_landlock_allow(int ruleset, int fd, uint64_t access);

/**
 * kern_landlock_allow_port() - grant rights at a TCP port
 * @ruleset: from kern_landlock_ruleset()
 * @port:    the number
 * @access:  of what it handles of the network
 *
 * Errors: -EINVAL a right that is not handled; others from the kernel.
 * Return: 0 or negative errno.
 */
int kern_landlock_allow_port(int ruleset, uint16_t port, uint64_t access);
