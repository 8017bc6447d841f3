// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c - a process of ours gives up what it will not need
 *
 * Order: limits, no_new_privs (the two others ask for it), Landlock, seccomp last, since its list need not
 * hold the calls that the rest takes. What sockets may be is a filter of its own, in front of the list: of
 * two filters the stricter answer counts, so neither has to know the other.
 *
 * The filter is one comparison per call, written here by hand: no library, and nothing to be configured. A
 * foreign architecture's entry points and x32 end the process before numbers are compared, since they mean
 * other calls there and nothing of ours makes one: who does has lost its way, or was led off it.
 */
#include "kern/confine.h"

#include "base/fd.h"
#include "kern/landlock.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_OURS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_OURS AUDIT_ARCH_AARCH64
#else
#error "tell the filter which architecture this is"
#endif

enum {
	X32_BIT = 0x40000000,
	FILTER_HEAD = 6,
};

/* A file moves only where the rights are the same on both sides: who writes may do the same everywhere. */
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE (KERN_LANDLOCK_FS_ALL & ~(LANDLOCK_ACCESS_FS_EXECUTE | KERN_LANDLOCK_FS_IOCTL_DEV))

static int allow(int ruleset, const int *dirfds, size_t count, uint64_t access)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = kern_landlock_allow(ruleset, dirfds[i], access);
	return r;
}

static int allow_ports(int ruleset, const uint16_t *ports, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = kern_landlock_allow_port(ruleset, ports[i], KERN_LANDLOCK_NET_CONNECT_TCP);
	return r;
}

static int refuse_abi(int abi, int needed, struct error *err)
{
	(void)error_set(err, -EOPNOTSUPP, "cannot confine this process: the kernel's Landlock is %s",
		abi < 1 ? "switched off" : "too old");
	error_hint(err,
		"boot with landlock in the list of the kernel's lsm= option; Linux %s or newer is needed",
		needed >= KERN_LANDLOCK_ABI_REFER ? "5.19" : "5.13");
	return -EOPNOTSUPP;
}

static int restrict_files(const struct kern_confine *confine, struct error *err)
{
	struct kern_landlock handled = { .fs = UINT64_MAX, .scoped = UINT64_MAX,
		.net = confine->any_port ? 0 : UINT64_MAX };
	int abi = kern_landlock_abi(), needed = confine->write_count ? KERN_LANDLOCK_ABI_REFER : 1, r;
	scoped(fd) int ruleset = -1;

	if (abi < needed)
		return refuse_abi(abi, needed, err);
	ruleset = kern_landlock_ruleset(abi, &handled);
	r = ruleset < 0 ? ruleset :
		allow(ruleset, confine->read_dirfds, confine->read_count, handled.fs & FS_READ);
	if (r >= 0)
		r = allow(ruleset, confine->read_fds, confine->read_file_count,
			LANDLOCK_ACCESS_FS_READ_FILE);
	if (r >= 0)
		r = allow(ruleset, confine->write_dirfds, confine->write_count, handled.fs & FS_WRITE);
	if (r >= 0 && handled.net)
		r = allow_ports(ruleset, confine->ports, confine->port_count);
	if (r >= 0)
		r = kern_landlock_restrict_self(ruleset, 0);
	return r < 0 ? error_sys(err, r, "cannot confine this process: Landlock") : 0;
}

/*
 * Behind the list stands what becomes of a call that is not in it, and behind that what becomes of one that
 * is. -1 is no number of x32: a tracer takes calls out with it.
 */
static int restrict_calls(const struct kern_confine *confine, struct error *err)
{
	size_t count = confine->call_count, refusal = count + (confine->calls_are == KERN_CONFINE_REFUSED);
	struct sock_filter filter[FILTER_HEAD + KERN_CONFINE_CALLS_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_OURS, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, (uint8_t)(refusal + 1), 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { .filter = filter };
	int r;

	assert(count <= KERN_CONFINE_CALLS_MAX);
	for (size_t i = 0; i < count; i++)
		filter[FILTER_HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)confine->calls[i], (uint8_t)(count - i), 0);
	for (size_t i = count; i < count + 2; i++)
		filter[FILTER_HEAD + i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
			i == refusal ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
	program.len = (unsigned short)(FILTER_HEAD + count + 2);
	r = kern_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
	return r < 0 ? error_sys(err, r, "cannot confine this process: seccomp") : 0;
}

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, member)))
#define IF_EQUAL(value, then, otherwise) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), (uint8_t)(then), (uint8_t)(otherwise))
#define IF_BITS(bits, then, otherwise) \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(bits), (uint8_t)(then), (uint8_t)(otherwise))
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define PASS BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

enum {
	SOCKETS_HEAD = 18,
};

/*
 * The kernel takes these arguments as int, so their low halves are all of them. What another table of calls
 * means by these numbers is no concern here: the list behind this ends it.
 */
static int restrict_sockets(const struct kern_confine *confine, struct error *err)
{
	size_t count = confine->family_count;
	struct sock_filter filter[SOCKETS_HEAD + KERN_CONFINE_FAMILIES_MAX + 2] = {
		LOAD(nr),
		IF_EQUAL(SYS_socket, 10, 0),
		IF_EQUAL(SYS_sendto, 3, 0),
		IF_EQUAL(SYS_sendmmsg, 2, 0),
		IF_EQUAL(SYS_sendmsg, 3, 0),
		PASS,
		LOAD(args[3]),			/* flags of sendto, sendmmsg */
		IF_BITS(MSG_FASTOPEN, 3, 2),
		LOAD(args[2]),			/* flags of sendmsg */
		IF_BITS(MSG_FASTOPEN, 1, 0),
		PASS,
		REFUSE,
		LOAD(args[2]),			/* protocol of socket */
		IF_EQUAL(0, 3, 0),
		IF_EQUAL(IPPROTO_TCP, 2, 0),
		IF_EQUAL(IPPROTO_UDP, 1, 0),
		REFUSE,
		LOAD(args[0]),			/* its family */
	};
	struct sock_fprog program = {
		.filter = filter, .len = (unsigned short)(SOCKETS_HEAD + count + 2),
	};
	int r;

	if (!count)
		return 0;
	assert(count <= KERN_CONFINE_FAMILIES_MAX);
	for (size_t i = 0; i < count; i++)
		filter[SOCKETS_HEAD + i] = (struct sock_filter)IF_EQUAL(confine->families[i], count - i, 0);
	filter[SOCKETS_HEAD + count] = (struct sock_filter)REFUSE;
	filter[SOCKETS_HEAD + count + 1] = (struct sock_filter)PASS;
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
	if (r >= 0)
		r = restrict_sockets(confine, err);
	return r < 0 ? r : restrict_calls(confine, err);
}
