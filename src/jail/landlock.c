// SPDX-License-Identifier: Apache-2.0
/*
 * landlock.c - the plan's access rules as a Landlock domain
 */
#include "jail/landlock.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	RULE_NET_PORT = 2,		/* LANDLOCK_RULE_NET_PORT: version 4 */
};

struct net_port_attr {
	uint64_t allowed_access;
	uint64_t port;
};

#define FS_CHANGE \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define FS_DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define FS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | KERN_LANDLOCK_FS_TRUNCATE)
/* What can be granted on something that is no directory. */
#define FS_FILE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | FS_WRITE | KERN_LANDLOCK_FS_IOCTL_DEV)

static const uint64_t rights[] = {
#define BIT(access, bit, name) [bit] = RIGHT_##access,
#define RIGHT_LIST LANDLOCK_ACCESS_FS_READ_DIR
#define RIGHT_READ LANDLOCK_ACCESS_FS_READ_FILE
#define RIGHT_EXECUTE LANDLOCK_ACCESS_FS_EXECUTE
#define RIGHT_WRITE FS_WRITE
#define RIGHT_CHANGE FS_CHANGE
#define RIGHT_DEVICE KERN_LANDLOCK_FS_IOCTL_DEV
	JAIL_ACCESSES(BIT)
#undef BIT
};

static struct kern_landlock handled_by(const struct jail_plan *plan)
{
	struct kern_landlock handled = {
		.fs = FS_DEVICES,
		.net = (plan->tcp_bind.any ? 0 : KERN_LANDLOCK_NET_BIND_TCP) |
			(plan->tcp_connect.any ? 0 : KERN_LANDLOCK_NET_CONNECT_TCP),
		.scoped = KERN_LANDLOCK_SCOPE_ABSTRACT | KERN_LANDLOCK_SCOPE_SIGNALS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
		handled.fs |= rights[i];
	return handled;
}

static int add_beneath(int ruleset, int fd, uint64_t access, uint64_t handled)
{
	return access & handled ? kern_landlock_allow(ruleset, fd, access & handled) : 0;
}

static int add_path(int ruleset, const struct jail_rule *rule, uint64_t handled, struct error *err)
{
	scoped(fd) int fd = kern_open_plain(rule->path, O_PATH);
	uint64_t access = 0;
	int r = fd;

	if (fd == -ENOENT)
		return 0;	/* an optional step had nothing to show */
	for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
		if (rule->access & 1u << i)
			access |= rights[i];
	if (r >= 0)
		r = add_beneath(ruleset, fd, access, handled);
	if (r == -EINVAL)
		r = add_beneath(ruleset, fd, access & FS_FILE, handled);
	return r < 0 ? error_sys(err, r, "cannot allow access to '%s'", quote_cstr(rule->path).text) : 0;
}

static int add_ports(int ruleset, const struct jail_tcp *tcp, uint64_t access)
{
	int r = 0;

	for (size_t i = 0; !tcp->any && i < tcp->port_count && r >= 0; i++) {
		struct net_port_attr rule = { .allowed_access = access, .port = tcp->ports[i] };

		r = kern_landlock_add_rule(ruleset, RULE_NET_PORT, &rule);
	}
	return r;
}

/*
 * Somebody redirected the agent's output into a file: /dev/stdout must be able to open it, and nothing more.
 */
static int add_stdio(int ruleset, int fd, uint64_t handled)
{
	struct stat st;
	int r, mode;

	if (fd < 0)
		return 0;
	r = kern_fstat(fd, &st);
	if (r < 0 || !S_ISREG(st.st_mode))
		return r;
	mode = kern_fcntl(fd, F_GETFL, 0);
	if (mode < 0)
		return mode;
	mode &= O_ACCMODE;
	return add_beneath(ruleset, fd, (mode == O_WRONLY ? 0 : LANDLOCK_ACCESS_FS_READ_FILE) |
		(mode == O_RDONLY ? 0 : FS_WRITE), handled);
}

static int add_rules(int ruleset, const struct jail_plan *plan, const int fds[3],
	const struct kern_landlock *handled, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->rule_count && r >= 0; i++)
		r = add_path(ruleset, &plan->rules[i], handled->fs, err);
	if (r < 0)
		return r;
	for (int i = 0; i < 3 && r >= 0; i++)
		r = add_stdio(ruleset, fds[i], handled->fs);
	if (r >= 0 && handled->net & KERN_LANDLOCK_NET_BIND_TCP)
		r = add_ports(ruleset, &plan->tcp_bind, KERN_LANDLOCK_NET_BIND_TCP);
	if (r >= 0 && handled->net & KERN_LANDLOCK_NET_CONNECT_TCP)
		r = add_ports(ruleset, &plan->tcp_connect, KERN_LANDLOCK_NET_CONNECT_TCP);
	return r < 0 ? error_sys(err, r, "cannot set up access rules") : 0;
}

/* Ports that a plan closes are not left open by a kernel that knows none. */
static int check_ports(int abi, const struct kern_landlock *handled, struct error *err)
{
	if (!handled->net || abi >= KERN_LANDLOCK_ABI_NET)
		return 0;
	(void)error_set(err, -EOPNOTSUPP, "this kernel's Landlock is too old to close ports");
	error_hint(err, "Linux 6.7 or newer is needed");
	return -EOPNOTSUPP;
}

int jail_landlock_restrict(const struct jail_plan *plan, const int fds[3], struct error *err)
{
	int abi = MIN(kern_landlock_abi(), (int)JAIL_LANDLOCK_ABI_KNOWN), r;
	struct kern_landlock handled = handled_by(plan);
	bool alone = plan->level == JAIL_LEVEL_LANDLOCK;
	scoped(fd) int ruleset = -1;

	if (abi < (alone ? JAIL_LANDLOCK_ABI_ALONE : JAIL_LANDLOCK_ABI_MIN)) {
		(void)error_set(err, -EOPNOTSUPP, "this kernel's Landlock is %s",
			abi < 0 ? "switched off" : "too old");
		error_hint(err,
			"boot with landlock in the list of the kernel's lsm= option; Linux %s or newer is needed",
			alone ? "6.12, for the level landlock," : "5.19");
		return -EOPNOTSUPP;
	}
	r = check_ports(abi, &handled, err);
	if (r < 0)
		return r;
	ruleset = kern_landlock_ruleset(abi, &handled);
	if (ruleset < 0)
		return error_sys(err, ruleset, "cannot set up access rules");
	r = add_rules(ruleset, plan, fds, &handled, err);
	if (r < 0)
		return r;
	r = kern_landlock_restrict_self(ruleset, 0);
	return r < 0 ? error_sys(err, r, "cannot put access rules into force") : abi;
}
