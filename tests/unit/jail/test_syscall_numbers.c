// SPDX-License-Identifier: Apache-2.0
/*
 * test_syscall_numbers.c - each number that a program can call is answered as its row in tables/ says
 *
 * The tables are read here once more, by another reader than the generator's, and the numbers are asked of
 * libseccomp. So a row that the generator lost, a range of the search that ends one too late, and an entry
 * point that slips past it are seen. All numbers far beyond those that exist are tried, and those at which
 * the kind of a call changes: x32's, the negative ones, the greatest.
 */
#include "base/buf.h"
#include "jail/seccomp_internal.h"
#include "kern/file.h"
#include "lib/bpf.h"
#include "lib/test.h"
#include "test_source_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>

extern const struct jail_filters test_filters_aarch64;

enum {
	NUMBERS = 4200,			/* past the generator's own end of the numbers */
	TABLE_MAX = 1 << 17,
	FIELDS = 9,
	X32_BIT = 0x40000000,
};

struct row {
	struct str fields[FIELDS];	/* the last takes what is left; NULL where there are no more */
};

static bool next_row(struct str *text, struct row *ret)
{
	struct str line, rest;

	while (str_cut(*text, '\n', &line, text)) {
		*ret = (struct row){ 0 };
		if (!line.len || line.data[0] == '#' || str_starts_with(line, STR("name,")))
			continue;
		for (size_t i = 0; i < FIELDS; i++, line = rest)
			if (!str_cut(line, ',', &ret->fields[i], &rest)) {
				ret->fields[i] = line;
				break;
			}
		return true;
	}
	return false;
}

static void read_table(const char *name, struct buf *ret)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/../tables/%s", TEST_SOURCE_DIR, name);
	CHECK_INT(kern_read_file(AT_FDCWD, path, ret), 0);
}

static int number_of(const struct jail_filters *filters, struct str name)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", STR_FMT(name));
	return seccomp_syscall_resolve_name_arch(filters->audit_arch, text);
}

static uint32_t errno_answer(struct str name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = { { "EPERM", EPERM }, { "ENOSYS", ENOSYS }, { "EAFNOSUPPORT", EAFNOSUPPORT },
		{ "EPROTONOSUPPORT", EPROTONOSUPPORT }, { "EOPNOTSUPP", EOPNOTSUPP } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(name, str_from(known[i].name)))
			return BPF_ERRNO(known[i].number);
	test_fail(__FILE__, __LINE__, "a row says '%.*s'", STR_FMT(name));
}

static uint32_t run(const struct jail_filter *filter, uint32_t arch, uint32_t number)
{
	const struct seccomp_data data = { .nr = (int)number, .arch = arch };

	return bpf_run(filter->code, filter->count, &data);
}

static void check_answer(const struct jail_filters *filters, const char *program, uint32_t number,
	uint32_t got, uint32_t wanted)
{
	if (got != wanted)
		test_fail(__FILE__, __LINE__, "%s on %s: %#x is answered with %#x, and the table says %#x",
			program, filters->arch, number, got, wanted);
}

/* What the program base has to answer, number by number. */
static size_t read_wanted(const struct jail_filters *filters, uint32_t wanted[NUMBERS])
{
	scoped(buf) struct buf table = BUF_INIT(TABLE_MAX);
	struct str text;
	struct row row;
	size_t count = 0;

	for (size_t i = 0; i < NUMBERS; i++)
		wanted[i] = BPF_ERRNO(ENOSYS);
	read_table("syscalls.csv", &table);
	text = str_from(buf_text(&table));
	while (next_row(&text, &row)) {
		int number = number_of(filters, row.fields[0]);

		if (number < 0)
			continue;
		CHECK(number < NUMBERS);
		count++;
		if (str_eq(row.fields[1], STR("allow")))
			wanted[number] = SECCOMP_RET_ALLOW;
		else if (str_eq(row.fields[1], STR("record")))
			wanted[number] = SECCOMP_RET_TRACE;
		else
			wanted[number] = errno_answer(row.fields[2]);
	}
	return count;
}

static void check_numbers(const struct jail_filters *filters)
{
	uint32_t wanted[NUMBERS];

	CHECK_INT(read_wanted(filters, wanted), filters->row_count);
	CHECK(filters->row_count > 250);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		bool recorded = wanted[i] == SECCOMP_RET_TRACE;

		check_answer(filters, "base", i, run(&filters->base, filters->audit_arch, i), wanted[i]);
		if (recorded || wanted[i] == BPF_ERRNO(ENOSYS))
			check_answer(filters, "notify", i, run(&filters->notify, filters->audit_arch, i),
				recorded ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW);
	}
}

TEST(every_number_is_answered_as_the_table_says) { check_numbers(&jail_filters); }
TEST(every_number_is_answered_as_the_table_says_on_aarch64) { check_numbers(&test_filters_aarch64); }

/* Rows of the preset without namespaces that do not look at arguments. */
static void check_alone(const struct jail_filters *filters)
{
	scoped(buf) struct buf table = BUF_INIT(TABLE_MAX);
	struct str text;
	struct row row;
	size_t count = 0;

	read_table("syscalls_alone.csv", &table);
	text = str_from(buf_text(&table));
	while (next_row(&text, &row)) {
		int number = number_of(filters, row.fields[0]);
		bool waits = str_eq(row.fields[7], STR("mediate")) ||
			str_starts_with(row.fields[7], STR("record "));

		if (number < 0 || row.fields[1].len)
			continue;
		count++;
		check_answer(filters, "alone", (uint32_t)number,
			run(&filters->alone, filters->audit_arch, (uint32_t)number),
			waits ? SECCOMP_RET_TRACE : errno_answer(row.fields[7]));
		check_answer(filters, "alone_notify", (uint32_t)number,
			run(&filters->alone_notify, filters->audit_arch, (uint32_t)number),
			waits ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW);
	}
	CHECK(count > 30);
}

TEST(every_row_without_namespaces_is_kept) { check_alone(&jail_filters); }
TEST(every_row_without_namespaces_is_kept_on_aarch64) { check_alone(&test_filters_aarch64); }

/* -1 is what a tracer leaves of a call that it took out: no call at all, in no table. */
static uint32_t wanted_beyond(const struct jail_filters *filters, uint32_t number)
{
	bool x32 = filters->audit_arch == AUDIT_ARCH_X86_64 && number >= X32_BIT && number != UINT32_MAX;

	return x32 ? SECCOMP_RET_KILL_PROCESS : BPF_ERRNO(ENOSYS);
}

static void check_beyond(const struct jail_filters *filters)
{
	static const uint32_t corners[] = { NUMBERS, UINT16_MAX, UINT16_MAX + 1, X32_BIT - 1, X32_BIT,
		X32_BIT + 1, INT_MAX, (uint32_t)INT_MAX + 1, (uint32_t)INT_MAX + 2, 0xc0000000,
		UINT32_MAX - 1, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(corners); i++)
		check_answer(filters, "base", corners[i],
			run(&filters->base, filters->audit_arch, corners[i]),
			wanted_beyond(filters, corners[i]));
	for (uint32_t i = 0; i < NUMBERS; i++) {
		uint32_t x32 = X32_BIT | i, both = X32_BIT | 0x80000000 | i, negative = UINT32_MAX - i,
			unknown = 0x00010000 | i;

		check_answer(filters, "base", x32, run(&filters->base, filters->audit_arch, x32),
			wanted_beyond(filters, x32));
		check_answer(filters, "base", both, run(&filters->base, filters->audit_arch, both),
			wanted_beyond(filters, both));
		check_answer(filters, "base", negative, run(&filters->base, filters->audit_arch, negative),
			wanted_beyond(filters, negative));
		check_answer(filters, "base", unknown, run(&filters->base, filters->audit_arch, unknown),
			wanted_beyond(filters, unknown));
	}
}

TEST(numbers_beyond_the_table_are_no_calls) { check_beyond(&jail_filters); }
TEST(numbers_beyond_the_table_are_no_calls_on_aarch64) { check_beyond(&test_filters_aarch64); }

/* Whatever its number is: the same one means something else there. */
static void check_foreign(const struct jail_filters *filters)
{
	static const uint32_t arches[] = { 0, AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_X86_64,
		AUDIT_ARCH_AARCH64, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		for (uint32_t number = 0; number < NUMBERS; number++)
			if (arches[i] != filters->audit_arch)
				check_answer(filters, "base", number, run(&filters->base, arches[i], number),
					SECCOMP_RET_KILL_PROCESS);
}

TEST(another_architecture_is_killed) { check_foreign(&jail_filters); }
TEST(another_architecture_is_killed_on_aarch64) { check_foreign(&test_filters_aarch64); }

TEST_MAIN()
