// SPDX-License-Identifier: Apache-2.0
/*
 * test_proc.c - what /proc says is read past every name that an agent chose
 */
#include "lib/test.h"

#include "jail/proc.h"

#include <errno.h>
#include <sys/sysmacros.h>

#define BEHIND "S 3 7 7 0 -1 0 1 2 3 4 10 20 30 40 20 0 5 0 99 1 2"

TEST(a_program_may_call_itself_anything)
{
	struct proc_stat stat;

	CHECK_INT(proc_read_stat(STR("7 (sh) " BEHIND), &stat), 0);
	CHECK_INT(stat.parent, 3);
	CHECK_INT(stat.cpu_ticks, 100);
	CHECK_INT(stat.thread_count, 5);
	CHECK_INT(stat.start_ticks, 99);
	CHECK_INT(proc_read_stat(STR("7 (a) S 1 (\n) " BEHIND), &stat), 0);
	CHECK_INT(stat.parent, 3);
	CHECK_INT(proc_read_stat(STR("7 (sh) S 3 7"), &stat), -EBADMSG);
	CHECK_INT(proc_read_stat(STR("7 sh"), &stat), -EBADMSG);
	CHECK_INT(proc_read_stat(STR(""), &stat), -EBADMSG);
}

TEST(a_mount_point_may_be_called_anything)
{
	struct proc_mount mount;

	CHECK(proc_read_mount(STR("36 35 98:5 / /a\\040-\\040proc rw master:1 - ext4 /dev/x rw"), &mount));
	CHECK(mount.dev == makedev(98, 5));
	CHECK_STR(mount.type, STR("ext4"));
	CHECK_STR(mount.target, STR("/a\\040-\\040proc"));
	CHECK(!proc_read_mount(STR("36 35 98:5 / /a rw"), &mount));
	CHECK(!proc_read_mount(STR("36 35 x / /a rw - ext4 a b"), &mount));
}

TEST(a_name_comes_back_as_it_was)
{
	char name[8];

	CHECK(proc_unescape(STR("/a\\040b\\134"), sizeof(name), name));
	CHECK_TEXT(name, "/a b\\");
	CHECK(proc_unescape(STR("/\\377\\012"), sizeof(name), name));
	CHECK_TEXT(name, "/\377\n");
	CHECK(proc_unescape(STR("1234567"), sizeof(name), name));
	CHECK_TEXT(name, "1234567");
	CHECK(!proc_unescape(STR("12345678"), sizeof(name), name));
	CHECK(!proc_unescape(STR(""), sizeof(name), name));
	CHECK(!proc_unescape(STR("/\\04"), sizeof(name), name));
	CHECK(!proc_unescape(STR("/\\"), sizeof(name), name));
	CHECK(!proc_unescape(STR("/\\048"), sizeof(name), name));
	CHECK(!proc_unescape(STR("/\\400"), sizeof(name), name));
}

TEST(files_that_are_mapped_behind_their_end_do_not_add_up_to_nothing)
{
	struct proc_mapping mapping;
	uint64_t sum = 4096;

	CHECK(proc_read_mapping(STR("1000-2000 rw-s 7ffffffffffff000 08:02 77    /a (deleted)"), &mapping));
	CHECK(mapping.is_deleted && mapping.ino == 77 && mapping.dev == makedev(8, 2));
	CHECK_STR(mapping.range, STR("1000-2000"));
	CHECK(mapping.end_bytes == INT64_MAX);
	for (int i = 0; i < 4; i++)
		proc_add(&sum, mapping.end_bytes);
	CHECK(sum == INT64_MAX);
	CHECK(proc_read_mapping(STR("1000-3000 rw-s 00001000 08:02 77    /a"), &mapping));
	CHECK(!mapping.is_deleted && mapping.end_bytes == 0x3000);
	CHECK(!proc_read_mapping(STR("3000-1000 rw-s 00001000 08:02 77    /a"), &mapping));
	CHECK(!proc_read_mapping(STR("3000-4000 rw-s 10000000000000000 08:02 77    /a"), &mapping));
}

TEST(a_group_may_hold_colons)
{
	struct str text = STR("4:memory,cpu:/a:b:c\n1:name=x:/y\n0::/own\n"), group;

	CHECK(proc_find_group(text, "cpu", &group));
	CHECK_STR(group, STR("/a:b:c"));
	CHECK(proc_find_group(text, NULL, &group));
	CHECK_STR(group, STR("/own"));
	CHECK(!proc_find_group(text, "pids", &group));
}

TEST(a_map_has_three_numbers)
{
	uint64_t map[3];

	CHECK(proc_read_map(STR("         0       1000          1"), map));
	CHECK_INT(map[1], 1000);
	CHECK(!proc_read_map(STR("0 1000"), map));
	CHECK(!proc_read_map(STR("0 4294967296 1"), map));
}

TEST(lines_are_added_up_by_name)
{
	static const char *const names[] = { "RssAnon", "VmSwap" };

	CHECK_INT(proc_sum_lines(STR("Name:\tRssAnon: 9 kB\nRssAnon:\t 8 kB\nVmSwap: 1 kB\nVmRSS: 5 kB\n"),
		names, ARRAY_SIZE(names)),
		9 << 10);
}

TEST_MAIN()
