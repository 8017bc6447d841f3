// SPDX-License-Identifier: Apache-2.0
/*
 * test_seccomp.c - the filters as the kernel would run them, for two architectures, without installing one
 *
 * A small interpreter of classic BPF runs each program on a made-up call and the strictest answer counts, as
 * in the kernel. The table says what a call must get; the whole of tables/syscalls.csv is compared with what
 * its rows say.
 */
#include "jail/seccomp_internal.h"
#include "lib/bpf.h"
#include "lib/test.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/stat.h>

extern const struct jail_filters test_filters_aarch64;

static uint32_t run(const struct jail_filter *filter, const struct seccomp_data *data)
{
	return bpf_run(filter->code, filter->count, data);
}

static uint32_t answer(const struct jail_filters *filters, struct seccomp_data data, bool listening)
{
	uint32_t result;

	data.arch = data.arch ? data.arch : filters->audit_arch;
	result = bpf_strictest(run(&filters->base, &data), run(&filters->args, &data));
	return listening ? bpf_strictest(result, run(&filters->notify, &data)) : result;
}

static int number_of(const struct jail_filters *filters, const char *name)
{
	for (size_t i = 0; i < filters->row_count; i++)
		if (!strcmp(filters->rows[i].name, name))
			return filters->rows[i].number;
	test_fail(__FILE__, __LINE__, "%s has no row", name);
}

static const struct {
	const char *name;
	uint64_t args[6];
	uint32_t wanted;
} calls[] = {
	{ "read", { 0 }, SECCOMP_RET_ALLOW },
	{ "clone3", { 0 }, BPF_ERRNO(ENOSYS) },
	{ "mount", { 0 }, SECCOMP_RET_USER_NOTIF },
	{ "unshare", { 0 }, SECCOMP_RET_USER_NOTIF },
	{ "io_uring_setup", { 0 }, SECCOMP_RET_USER_NOTIF },
	{ "renameat2", { 0 }, SECCOMP_RET_USER_NOTIF },
	{ "chroot", { 0 }, SECCOMP_RET_USER_NOTIF },
	{ "clone", { 0x01200011 }, SECCOMP_RET_ALLOW },
	{ "clone", { 0x003d0f00 }, SECCOMP_RET_ALLOW },
	{ "clone", { 0x10000011 }, SECCOMP_RET_USER_NOTIF },
	{ "clone", { 0x00020011 }, SECCOMP_RET_USER_NOTIF },
	{ "clone", { UINT64_C(0xffffffff40000000) }, SECCOMP_RET_USER_NOTIF },
	{ "socket", { AF_UNIX, SOCK_STREAM }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, SOCK_STREAM }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET6, SOCK_DGRAM, 17 }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_NETLINK, SOCK_RAW, 0 }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_NETLINK, SOCK_RAW, 9 }, BPF_ERRNO(EPROTONOSUPPORT) },
	{ "socket", { AF_NETLINK, SOCK_RAW, UINT64_C(1) << 32 }, BPF_ERRNO(EPROTONOSUPPORT) },
	{ "socket", { AF_INET, SOCK_STREAM, 262 }, BPF_ERRNO(EPROTONOSUPPORT) },
	{ "socket", { AF_INET, SOCK_STREAM, (UINT64_C(1) << 32) + 262 }, BPF_ERRNO(EPROTONOSUPPORT) },
	{ "socket", { AF_UNSPEC }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socket", { AF_PACKET }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socket", { AF_ALG }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socket", { AF_VSOCK }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socket", { AF_BLUETOOTH }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socket", { (UINT64_C(1) << 32) + AF_INET }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "socketpair", { AF_UNIX }, SECCOMP_RET_ALLOW },
	{ "socketpair", { 30 }, BPF_ERRNO(EAFNOSUPPORT) },
	{ "ioctl", { 0, 0x5401 }, SECCOMP_RET_ALLOW },
	{ "ioctl", { 0, 0x5412 }, BPF_ERRNO(EPERM) },
	{ "ioctl", { 0, (UINT64_C(1) << 32) + 0x5412 }, BPF_ERRNO(EPERM) },
	{ "ioctl", { 0, 0x541c }, BPF_ERRNO(EPERM) },
	{ "mknodat", { 0, 0, S_IFREG | 0644 }, SECCOMP_RET_ALLOW },
	{ "mknodat", { 0, 0, S_IFIFO | 0644 }, SECCOMP_RET_ALLOW },
	{ "mknodat", { 0, 0, S_IFSOCK | 0644 }, SECCOMP_RET_ALLOW },
	{ "mknodat", { 0, 0, 0644 }, SECCOMP_RET_ALLOW },
	{ "mknodat", { 0, 0, S_IFCHR | 0644 }, SECCOMP_RET_USER_NOTIF },
	{ "mknodat", { 0, 0, S_IFBLK | 0644 }, SECCOMP_RET_USER_NOTIF },
	{ "mknodat", { 0, 0, (UINT64_C(1) << 32) + 0x70000 + S_IFCHR }, SECCOMP_RET_USER_NOTIF },
	{ "renameat2", { 0, 0, 0, 0, RENAME_NOREPLACE }, SECCOMP_RET_USER_NOTIF },
	{ "renameat2", { 0, 0, 0, 0, RENAME_EXCHANGE }, SECCOMP_RET_USER_NOTIF },
	{ "renameat2", { 0, 0, 0, 0, RENAME_WHITEOUT }, BPF_ERRNO(EINVAL) },
	{ "renameat2", { 0, 0, 0, 0, UINT32_MAX }, BPF_ERRNO(EINVAL) },
	{ "sendto", { 0, 0, 0, 0 }, SECCOMP_RET_ALLOW },
	{ "sendto", { 0, 0, 0, 0x20004000 }, BPF_ERRNO(EOPNOTSUPP) },
	{ "sendmsg", { 0, 0, 0x20000000 }, BPF_ERRNO(EOPNOTSUPP) },
	{ "sendmmsg", { 0, 0, 0, 0x20000000 }, BPF_ERRNO(EOPNOTSUPP) },
};

static void check_calls(const struct jail_filters *filters)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct seccomp_data data = { .nr = number_of(filters, calls[i].name) };
		uint32_t got;

		for (int j = 0; j < 6; j++)
			data.args[j] = calls[i].args[j];
		got = answer(filters, data, true);
		if (got != calls[i].wanted)
			test_fail(__FILE__, __LINE__, "%s, row %zu on %s: %#x, wanted %#x", calls[i].name, i,
				filters->arch, got, calls[i].wanted);
	}
}

static void check_rows(const struct jail_filters *filters)
{
	for (size_t i = 0; i < filters->row_count; i++) {
		const struct jail_syscall *row = &filters->rows[i];
		uint32_t alone = answer(filters, (struct seccomp_data){ .nr = row->number, .args = { 1 } },
			false);
		uint32_t heard = answer(filters, (struct seccomp_data){ .nr = row->number, .args = { 1 } },
			true);

		if (row->action == JAIL_SYSCALL_ALLOW)
			CHECK_INT(alone, SECCOMP_RET_ALLOW);
		if (row->action == JAIL_SYSCALL_REFUSE)
			CHECK_INT(heard & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
		if (row->action == JAIL_SYSCALL_RECORD) {
			CHECK_INT(alone & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_TRACE);
			CHECK_INT(heard, SECCOMP_RET_USER_NOTIF);
		}
	}
}

TEST(calls_get_what_they_should) { check_calls(&jail_filters); }
TEST(calls_get_what_they_should_on_aarch64) { check_calls(&test_filters_aarch64); }
TEST(rows_mean_what_they_say) { check_rows(&jail_filters); }
TEST(rows_mean_what_they_say_on_aarch64) { check_rows(&test_filters_aarch64); }

TEST(a_number_without_a_row_is_unknown)
{
	bool known[1024] = { false };

	for (size_t i = 0; i < jail_filters.row_count; i++)
		known[jail_filters.rows[i].number] = true;
	for (int i = 0; i < (int)ARRAY_SIZE(known); i++)
		if (!known[i])
			CHECK_INT(answer(&jail_filters, (struct seccomp_data){ .nr = i }, true),
				BPF_ERRNO(ENOSYS));
}

TEST(other_entry_points_kill)
{
	struct seccomp_data i386 = { .nr = 4, .arch = AUDIT_ARCH_I386 }, x32 = { .nr = 0x40000000 };

	CHECK_INT(answer(&jail_filters, i386, false), SECCOMP_RET_KILL_PROCESS);
	if (jail_filters.audit_arch == AUDIT_ARCH_X86_64)
		CHECK_INT(answer(&jail_filters, x32, false), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(answer(&test_filters_aarch64, (struct seccomp_data){ .arch = AUDIT_ARCH_ARM }, false),
		SECCOMP_RET_KILL_PROCESS);
}

TEST(the_mask_of_cpus_can_be_kept)
{
	struct seccomp_data data = { .nr = number_of(&jail_filters, "sched_setaffinity"),
		.arch = jail_filters.audit_arch };

	CHECK_INT(run(&jail_filters.affinity, &data), BPF_ERRNO(EPERM));
	data.nr = number_of(&jail_filters, "sched_getaffinity");
	CHECK_INT(run(&jail_filters.affinity, &data), SECCOMP_RET_ALLOW);
}

TEST(numbers_have_names)
{
	CHECK_TEXT(jail_syscall_find(number_of(&jail_filters, "ptrace"))->name, "ptrace");
	CHECK(!jail_syscall_find(-1));
	CHECK(!jail_syscall_find(100000));
}

static const struct jail_refusal *first_fit(const char *name, uint64_t arg0, uint64_t arg1)
{
	size_t count;
	const struct jail_refusal *refusals = jail_refusals(&count);
	const uint64_t args[6] = { arg0, arg1 };

	for (size_t i = 0; i < count; i++)
		if (jail_refusal_fits(&refusals[i], number_of(&jail_filters, name), args))
			return &refusals[i];
	return NULL;
}

/* The row that tells a refused call is one whose test the filter made. */
TEST(a_refusal_is_told_by_its_arguments)
{
	CHECK(strstr(first_fit("socket", AF_UNIX, 0)->why, "AF_UNIX"));
	CHECK(strstr(first_fit("socket", AF_INET, 0)->why, "AF_INET:"));
	CHECK(strstr(first_fit("socket", (UINT64_C(1) << 32) + AF_INET6, 0)->why, "AF_INET6"));
	CHECK(strstr(first_fit("socket", AF_PACKET, 0)->why, "no network"));
	CHECK_INT(first_fit("socket", AF_UNIX, 0)->error, -EAFNOSUPPORT);
	CHECK_INT(first_fit("setxattr", 0, 0)->error, -EOPNOTSUPP);
	CHECK(strstr(first_fit("ioctl", 0, 0x40086602)->why, "FS_IOC_SETFLAGS"));
	CHECK(!first_fit("ioctl", 0, 0x5401));
	CHECK(!first_fit("prlimit64", 0, 0));
	CHECK(first_fit("prlimit64", UINT64_C(1) << 32, 0));
	CHECK(!first_fit("getxattr", 0, 0));
	CHECK(!first_fit("read", 0, 0));
}

/* What the filter lets wait has a row that tells it, with any arguments that made it wait. */
static void check_waiting(const struct jail_filters *filters, const struct jail_syscall *row,
	const uint64_t args[6])
{
	struct seccomp_data data = { .nr = row->number, .arch = filters->audit_arch };
	bool waits, is_told = false;

	for (size_t i = 0; i < 6; i++)
		data.args[i] = args[i];
	waits = run(&filters->alone_notify, &data) == SECCOMP_RET_USER_NOTIF &&
		run(&filters->alone, &data) == SECCOMP_RET_TRACE;
	for (size_t i = 0; i < filters->refusal_count; i++)
		is_told |= jail_refusal_fits(&filters->refusals[i], row->number, args);
	/* Init answers for these. */
	if (strstr(row->name, "chmod") || !strcmp(row->name, "utimensat"))
		CHECK(waits && !is_told && row->alone_records);
	else if (waits != is_told)
		test_fail(__FILE__, __LINE__, "%s on %s: waits %d, told %d", row->name, filters->arch, waits,
			is_told);
}

static void check_told(const struct jail_filters *filters)
{
	const uint64_t tries[][6] = { { 0 }, { 1, 1 }, { 2, 1 }, { 3 }, { 10 }, { 0, 0x40086602 },
		{ 0, 0x50009401 }, { 0, 0, 0, 0, 1 }, { UINT64_MAX, UINT64_MAX } };

	for (size_t i = 0; i < filters->row_count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(tries); j++)
			check_waiting(filters, &filters->rows[i], tries[j]);
}

TEST(what_waits_without_namespaces_is_told) { check_told(&jail_filters); }
TEST(what_waits_without_namespaces_is_told_on_aarch64) { check_told(&test_filters_aarch64); }

/* What `cordon doctor` counts is what the filters answer, number by number. */
TEST(the_count_is_that_of_the_filters)
{
	struct jail_syscall_census census;
	unsigned let_through = 0, recorded = 0;

	jail_syscall_count(&census);
	for (int number = 0; number < 4096; number++) {
		struct seccomp_data data = { .nr = number, .arch = jail_filters.audit_arch };
		uint32_t got = run(&jail_filters.base, &data);

		let_through += got == SECCOMP_RET_ALLOW;
		recorded += (got & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;
	}
	CHECK_INT(census.allowed + census.checked + census.mediated, let_through);
	CHECK_INT(census.recorded, recorded);
	CHECK_INT(census.known, let_through + recorded + census.refused);
	CHECK(census.refused > 0 && census.known < 1000);
	CHECK_TEXT(census.arch, jail_filters.arch);
}

TEST(a_call_is_counted_where_it_belongs)
{
	static const struct {
		const char *name;
		bool checks_args, waits;
	} wanted[] = { { "read", false, false }, { "socket", true, false }, { "clone", true, false },
		{ "renameat2", true, true }, { "rename", false, true },
		{ "mknodat", true, false }, { "unshare", false, false } };

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		for (size_t j = 0; j < jail_filters.row_count; j++) {
			const struct jail_syscall *row = &jail_filters.rows[j];

			if (strcmp(row->name, wanted[i].name))
				continue;
			CHECK_INT(row->checks_args, wanted[i].checks_args);
			CHECK_INT(row->waits, wanted[i].waits);
		}
}

TEST_MAIN()
