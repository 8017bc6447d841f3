// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c - a process of ours gives up what it will not need
 *
 * Order: limits, no_new_privs (the two others ask for it), Landlock, seccomp last, since its list need not
 * hold the calls that the rest takes.
 *
 * The filter is one comparison per call, written here by hand: no library, and nothing to be configured. A
 * foreign architecture's entry points and x32 are refused before numbers are compared, since they mean other
 * calls there.
 */
#include "kern/confine.h"

#include "base/fd.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_OURS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_OURS AUDIT_ARCH_AARCH64
#else
#error "tell the filter which architecture this is"
#endif

enum {
	X32_BIT = 0x40000000,
	FILTER_HEAD = 5,
};

/* Rights that came after the headers that we build with, and the version of Landlock that brought them. */
static const struct {
	int abi;
	uint64_t fs, net, scoped;
} later_rights[] = {
	{ 2, UINT64_C(1) << 13, 0, 0 },		/* REFER */
	{ 3, UINT64_C(1) << 14, 0, 0 },		/* TRUNCATE */
	{ 4, 0, 3, 0 },				/* BIND_TCP, CONNECT_TCP */
	{ 5, UINT64_C(1) << 15, 0, 0 },		/* IOCTL_DEV */
	{ 6, 0, 0, 3 },				/* ABSTRACT_UNIX_SOCKET, SIGNAL */
};

struct ruleset_attr {
	uint64_t fs;
	uint64_t net;			/* since version 4 */
	uint64_t scoped;		/* since version 6 */
};

static struct ruleset_attr rights_of(int abi, size_t *ret_size)
{
	struct ruleset_attr attr = { .fs = (UINT64_C(1) << 13) - 1 };	/* version 1 */

	for (size_t i = 0; i < ARRAY_SIZE(later_rights); i++) {
		if (abi < later_rights[i].abi)
			break;
		attr.fs |= later_rights[i].fs;
		attr.net |= later_rights[i].net;
		attr.scoped |= later_rights[i].scoped;
	}
	*ret_size = attr.scoped ? sizeof(attr) : attr.net ? offsetof(struct ruleset_attr, scoped) :
		offsetof(struct ruleset_attr, net);
	return attr;
}

static int restrict_files(const struct kern_confine *confine, struct error *err)
{
	int abi = kern_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION), r = 0;
	scoped(fd) int ruleset = -1;
	struct ruleset_attr attr;
	size_t size;

	if (abi < 1) {
		(void)error_set(err, -EOPNOTSUPP, "cannot confine this process: the kernel has no Landlock");
		error_hint(err, "boot with landlock in the list of the kernel's lsm= option");
		return -EOPNOTSUPP;
	}
	attr = rights_of(abi, &size);
	ruleset = kern_landlock_create_ruleset(&attr, size, 0);
	if (ruleset < 0)
		return error_sys(err, ruleset, "cannot confine this process: Landlock");
	for (size_t i = 0; i < confine->read_count && r >= 0; i++) {
		const struct landlock_path_beneath_attr rule = {
			.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
			.parent_fd = confine->read_dirfds[i],
		};

		r = kern_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
	}
	if (r >= 0)
		r = kern_landlock_restrict_self(ruleset, 0);
	return r < 0 ? error_sys(err, r, "cannot confine this process: Landlock") : 0;
}

static int restrict_calls(const struct kern_confine *confine, struct error *err)
{
	struct sock_filter filter[FILTER_HEAD + KERN_CONFINE_CALLS_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_OURS, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		/* To the refusal, which stands behind the list. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, (uint8_t)confine->call_count, 0),
	};
	struct sock_fprog program = { .filter = filter };
	size_t count = confine->call_count;
	int r;

	assert(count <= KERN_CONFINE_CALLS_MAX);
	for (size_t i = 0; i < count; i++)
		filter[FILTER_HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)confine->calls[i], (uint8_t)(count - i), 0);
	filter[FILTER_HEAD + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		SECCOMP_RET_ERRNO | EPERM);
	filter[FILTER_HEAD + count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)(FILTER_HEAD + count + 2);
	r = kern_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
	return r < 0 ? error_sys(err, r, "cannot confine this process: seccomp") : 0;
}

/* No limit is ever raised: one that is lower already stays. */
static int limit(int resource, uint64_t most)
{
	struct rlimit now;
	int r = kern_prlimit(0, resource, NULL, &now);

	if (r < 0)
		return r;
	now.rlim_max = MIN(now.rlim_max, (rlim_t)most);
	now.rlim_cur = MIN(now.rlim_cur, now.rlim_max);
	return kern_prlimit(0, resource, &now, NULL);
}

static int restrict_resources(const struct kern_confine *confine, struct error *err)
{
	int r = limit(RLIMIT_AS, confine->memory_bytes);

	if (r >= 0)
		r = limit(RLIMIT_CPU, confine->cpu_sec);
	if (r >= 0)
		r = limit(RLIMIT_CORE, 0);
	return r < 0 ? error_sys(err, r, "cannot confine this process: limits") : 0;
}

int kern_confine(const struct kern_confine *confine, struct error *err)
{
	int r = restrict_resources(confine, err);

	if (r < 0)
		return r;
	r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "cannot confine this process: no_new_privs");
	r = kern_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "cannot confine this process: dumpable");
	r = restrict_files(confine, err);
	return r < 0 ? r : restrict_calls(confine, err);
}
