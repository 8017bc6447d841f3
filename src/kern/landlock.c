// SPDX-License-Identifier: Apache-2.0
/*
 * landlock.c - which version knows which right, and how long its arguments are
 *
 * A kernel refuses bits that it does not know, and an argument that is longer than its own with anything
 * but zeros at the end: both are cut to the version.
 */
#include "kern/landlock.h"

#include "base/macro.h"

#include <stddef.h>

/* In the order of the versions. */
static const struct {
	int abi;
	struct kern_landlock rights;
} brought[] = {
	{ 1, { .fs = KERN_LANDLOCK_FS_FIRST } },
	{ KERN_LANDLOCK_ABI_REFER, { .fs = LANDLOCK_ACCESS_FS_REFER } },
	{ KERN_LANDLOCK_ABI_TRUNCATE, { .fs = KERN_LANDLOCK_FS_TRUNCATE } },
	{ KERN_LANDLOCK_ABI_NET, { .net = KERN_LANDLOCK_NET_BIND_TCP | KERN_LANDLOCK_NET_CONNECT_TCP } },
	{ KERN_LANDLOCK_ABI_IOCTL, { .fs = KERN_LANDLOCK_FS_IOCTL_DEV } },
	{ KERN_LANDLOCK_ABI_SCOPE, { .scoped = KERN_LANDLOCK_SCOPE_ABSTRACT | KERN_LANDLOCK_SCOPE_SIGNALS } },
};

enum {
	/* LANDLOCK_RULE_NET_PORT, which the headers of Debian 12 do not have */
	RULE_NET_PORT = 2,
};

/* struct landlock_net_port_attr, likewise. */
struct net_port {
	uint64_t allowed_access;
	uint64_t port;
};

static struct kern_landlock known(int abi)
{
	struct kern_landlock sum = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(brought) && brought[i].abi <= abi; i++) {
		sum.fs |= brought[i].rights.fs;
		sum.net |= brought[i].rights.net;
		sum.scoped |= brought[i].rights.scoped;
	}
	return sum;
}

static size_t size_of(int abi)
{
	if (abi >= KERN_LANDLOCK_ABI_SCOPE)
		return sizeof(struct kern_landlock);
	return abi >= KERN_LANDLOCK_ABI_NET ? offsetof(struct kern_landlock, scoped) :
		offsetof(struct kern_landlock, net);
}

int kern_landlock_abi(void)
{
	return kern_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

int kern_landlock_ruleset(int abi, struct kern_landlock *handled)
{
	struct kern_landlock sum = known(abi);

	handled->fs &= sum.fs;
	handled->net &= sum.net;
	handled->scoped &= sum.scoped;
	return kern_landlock_create_ruleset(handled, size_of(abi), 0);
}

int kern_landlock_allow(int ruleset, int fd, uint64_t access)
{
	const struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };

	return kern_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
}

int kern_landlock_allow_port(int ruleset, uint16_t port, uint64_t access)
{
	const struct net_port rule = { .allowed_access = access, .port = port };

	return kern_landlock_add_rule(ruleset, RULE_NET_PORT, &rule);
}
