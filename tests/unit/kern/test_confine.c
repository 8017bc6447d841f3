// SPDX-License-Identifier: Apache-2.0
/*
 * test_confine.c - the filter that our own processes put on, number by number
 *
 * The kernel is replaced: what would confine this process succeeds and does nothing, and the program that
 * seccomp(2) is given is asked what it answers. tests/live/test_confine.c puts it on.
 */
#include "kern/confine.h"
#include "kern/file.h"
#include "lib/bpf.h"
#include "lib/test.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <sys/syscall.h>

#ifdef __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

enum {
	NUMBERS = 600,
	CODE_MAX = 256,
	X32_BIT = 0x40000000,
};

static struct sock_filter code[CODE_MAX];
static size_t code_count;

/* The filter of sockets, where there is one, comes before the list. */
static struct sock_filter sockets[CODE_MAX];
static size_t sockets_count;

static int keep_program(UNUSED unsigned operation, UNUSED unsigned flags, void *arg)
{
	const struct sock_fprog *program = arg;

	CHECK(program->len <= CODE_MAX);
	memcpy(sockets, code, code_count * sizeof(code[0]));
	sockets_count = code_count;
	code_count = program->len;
	memcpy(code, program->filter, code_count * sizeof(code[0]));
	return 0;
}

static int ruleset(const void *attr, UNUSED size_t size, UNUSED unsigned flags)
{
	return attr ? kern_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0) : 6;
}

static int restrict_self(UNUSED int fd, UNUSED unsigned flags) { return 0; }
static int prctl_nothing(UNUSED int option, UNUSED unsigned long a, UNUSED unsigned long b,
	UNUSED unsigned long c, UNUSED unsigned long d)
{
	return 0;
}

static void put_on(const struct kern_confine *confine)
{
	struct error err = ERROR_INIT;

	code_count = 0;
	kern_ops.landlock_create_ruleset = ruleset;
	kern_ops.landlock_restrict_self = restrict_self;
	kern_ops.prctl = prctl_nothing;
	kern_ops.seccomp = keep_program;
	if (kern_confine(confine, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	kern_ops = kern_ops_real;
}

static void make_program(const int *calls, size_t count, enum kern_confine_calls calls_are)
{
	const struct kern_confine confine = { .calls = calls, .call_count = count, .calls_are = calls_are,
		.memory_bytes = UINT64_MAX, .cpu_sec = UINT64_MAX };

	put_on(&confine);
}

static uint32_t answer(uint32_t arch, uint32_t number)
{
	const struct seccomp_data data = { .nr = (int)number, .arch = arch };

	return bpf_run(code, code_count, &data);
}

static bool listed(const int *calls, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if ((uint32_t)calls[i] == number)
			return true;
	return false;
}

static void check_list(const int *calls, size_t count, enum kern_confine_calls calls_are)
{
	make_program(calls, count, calls_are);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		bool open = listed(calls, count, i) == (calls_are == KERN_CONFINE_ALLOWED);

		CHECK_INT(answer(OUR_ARCH, i), open ? SECCOMP_RET_ALLOW : BPF_ERRNO(EPERM));
		CHECK_INT(answer(OUR_ARCH, X32_BIT | i), SECCOMP_RET_KILL_PROCESS);
		CHECK_INT(answer(OUR_ARCH, UINT32_MAX - 1 - i), SECCOMP_RET_KILL_PROCESS);
		CHECK_INT(answer(AUDIT_ARCH_I386, i), SECCOMP_RET_KILL_PROCESS);
		CHECK_INT(answer(AUDIT_ARCH_ARM, i), SECCOMP_RET_KILL_PROCESS);
	}
	CHECK_INT(answer(OUR_ARCH, UINT32_MAX), BPF_ERRNO(EPERM));
}

TEST(what_is_allowed_and_nothing_else)
{
	static const int calls[] = { SYS_read, SYS_exit_group, SYS_openat2, 599, 0 };

	check_list(calls, ARRAY_SIZE(calls), KERN_CONFINE_ALLOWED);
}

TEST(what_is_refused_and_nothing_else)
{
	static const int calls[] = { SYS_socket, SYS_execve, SYS_openat2, 599, 0 };

	check_list(calls, ARRAY_SIZE(calls), KERN_CONFINE_REFUSED);
}

TEST(an_empty_list)
{
	check_list(NULL, 0, KERN_CONFINE_ALLOWED);
	check_list(NULL, 0, KERN_CONFINE_REFUSED);
}

/* A jump of the filter is a byte wide: the longest list still reaches its end. */
TEST(the_longest_list)
{
	int calls[KERN_CONFINE_CALLS_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = (int)i * 2;
	check_list(calls, ARRAY_SIZE(calls), KERN_CONFINE_ALLOWED);
	check_list(calls, ARRAY_SIZE(calls), KERN_CONFINE_REFUSED);
}

/* ---- sockets ---- */

static uint32_t sockets_answer(long number, uint64_t first, uint64_t third, uint64_t fourth)
{
	const struct seccomp_data data = { .nr = (int)number, .arch = OUR_ARCH,
		.args = { first, 0, third, fourth } };

	return bpf_run(sockets, sockets_count, &data);
}

static void check_families(const int *families, size_t count)
{
	const struct kern_confine confine = { .families = families, .family_count = count,
		.memory_bytes = UINT64_MAX, .cpu_sec = UINT64_MAX };

	put_on(&confine);
	CHECK(sockets_count);
	for (int family = 0; family < 64; family++)
		for (uint64_t protocol = 0; protocol < 300; protocol++) {
			bool is_plain = !protocol || protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
			bool is_ours = false;

			for (size_t i = 0; i < count; i++)
				is_ours = is_ours || families[i] == family;
			CHECK_INT(sockets_answer(SYS_socket, (uint64_t)family, protocol, 0),
				is_plain && is_ours ? SECCOMP_RET_ALLOW : BPF_ERRNO(EPERM));
		}
}

TEST(sockets_of_these_families_and_plain_protocols)
{
	static const int one[] = { AF_UNIX }, two[] = { AF_INET, AF_INET6 },
			 most[KERN_CONFINE_FAMILIES_MAX] = { 1, 2, 3, 4, 5, 6, 7, 10 };

	check_families(one, ARRAY_SIZE(one));
	check_families(two, ARRAY_SIZE(two));
	check_families(most, ARRAY_SIZE(most));
	/* Data with the call that connects would pass by Landlock; each call has its flags elsewhere. */
	CHECK_INT(sockets_answer(SYS_sendto, 0, 0, MSG_FASTOPEN | MSG_NOSIGNAL), BPF_ERRNO(EPERM));
	CHECK_INT(sockets_answer(SYS_sendto, 0, MSG_FASTOPEN, MSG_NOSIGNAL), SECCOMP_RET_ALLOW);
	CHECK_INT(sockets_answer(SYS_sendmmsg, 0, 0, MSG_FASTOPEN), BPF_ERRNO(EPERM));
	CHECK_INT(sockets_answer(SYS_sendmmsg, 0, MSG_FASTOPEN, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(sockets_answer(SYS_sendmsg, 0, MSG_FASTOPEN, 0), BPF_ERRNO(EPERM));
	CHECK_INT(sockets_answer(SYS_sendmsg, 0, MSG_NOSIGNAL, MSG_FASTOPEN), SECCOMP_RET_ALLOW);
	CHECK_INT(sockets_answer(SYS_connect, 0, 0, 0), SECCOMP_RET_ALLOW);
}

TEST(who_names_no_family_has_no_filter_of_them)
{
	make_program(NULL, 0, KERN_CONFINE_ALLOWED);
	CHECK_INT((long)sockets_count, 0);
}

TEST_MAIN()
