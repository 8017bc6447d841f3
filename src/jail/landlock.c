// SPDX-License-Identifier: Apache-2.0
/*
 * landlock.c - the plan's access rules as a Landlock domain
 *
 * Debian 12's headers end at version 2; what came later is defined here, with the kernel that brought it.
 */
#include "jail/landlock.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>

#define FS_TRUNCATE (UINT64_C(1) << 14)		/* version 3, Linux 6.2 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)	/* version 5, Linux 6.10 */
#define NET_BIND_TCP (UINT64_C(1) << 0)		/* version 4, Linux 6.7 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)	/* version 4, Linux 6.7 */
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0)	/* version 6, Linux 6.12 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)		/* version 6, Linux 6.12 */

enum {
	RULE_NET_PORT = 2,		/* LANDLOCK_RULE_NET_PORT: version 4 */
	ABI_TRUNCATE = 3,
	ABI_NET = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;	/* version 4 */
	uint64_t scoped;		/* version 6 */
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
#define FS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
/* What can be granted on something that is no directory. */
#define FS_FILE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | FS_WRITE | FS_IOCTL_DEV)

static const uint64_t rights[] = {
#define BIT(access, bit, name) [bit] = RIGHT_##access,
#define RIGHT_LIST LANDLOCK_ACCESS_FS_READ_DIR
#define RIGHT_READ LANDLOCK_ACCESS_FS_READ_FILE
#define RIGHT_EXECUTE LANDLOCK_ACCESS_FS_EXECUTE
#define RIGHT_WRITE FS_WRITE
#define RIGHT_CHANGE FS_CHANGE
#define RIGHT_DEVICE FS_IOCTL_DEV
	JAIL_ACCESSES(BIT)
#undef BIT
};

int jail_landlock_abi(void)
{
	return kern_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static struct ruleset_attr attr_of(const struct jail_plan *plan, int abi)
{
	struct ruleset_attr attr = { .handled_access_fs = FS_DEVICES };

	for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
		attr.handled_access_fs |= rights[i];
	if (abi < ABI_TRUNCATE)
		attr.handled_access_fs &= ~FS_TRUNCATE;
	if (abi < ABI_IOCTL)
		attr.handled_access_fs &= ~FS_IOCTL_DEV;
	if (abi >= ABI_NET)
		attr.handled_access_net = (plan->tcp_bind.any ? 0 : NET_BIND_TCP) |
				(plan->tcp_connect.any ? 0 : NET_CONNECT_TCP);
	if (abi >= ABI_SCOPE)
		attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	return attr;
}

static size_t attr_size(int abi)
{
	if (abi >= ABI_SCOPE)
		return sizeof(struct ruleset_attr);
	return abi >= ABI_NET ? offsetof(struct ruleset_attr, scoped) :
				offsetof(struct ruleset_attr, handled_access_net);
}

static int add_beneath(int ruleset, int fd, uint64_t access, uint64_t handled)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access & handled, .parent_fd = fd };

	return rule.allowed_access ? kern_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule) : 0;
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
	const struct ruleset_attr *attr, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->rule_count && r >= 0; i++)
		r = add_path(ruleset, &plan->rules[i], attr->handled_access_fs, err);
	if (r < 0)
		return r;
	for (int i = 0; i < 3 && r >= 0; i++)
		r = add_stdio(ruleset, fds[i], attr->handled_access_fs);
	if (r >= 0 && attr->handled_access_net & NET_BIND_TCP)
		r = add_ports(ruleset, &plan->tcp_bind, NET_BIND_TCP);
	if (r >= 0 && attr->handled_access_net & NET_CONNECT_TCP)
		r = add_ports(ruleset, &plan->tcp_connect, NET_CONNECT_TCP);
	return r < 0 ? error_sys(err, r, "cannot set up access rules") : 0;
}

int jail_landlock_restrict(const struct jail_plan *plan, const int fds[3], struct error *err)
{
	int abi = MIN(jail_landlock_abi(), (int)JAIL_LANDLOCK_ABI_KNOWN), r;
	struct ruleset_attr attr = attr_of(plan, abi);
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
	ruleset = kern_landlock_create_ruleset(&attr, attr_size(abi), 0);
	if (ruleset < 0)
		return error_sys(err, ruleset, "cannot set up access rules");
	r = add_rules(ruleset, plan, fds, &attr, err);
	if (r < 0)
		return r;
	r = kern_landlock_restrict_self(ruleset, 0);
	return r < 0 ? error_sys(err, r, "cannot put access rules into force") : abi;
}
