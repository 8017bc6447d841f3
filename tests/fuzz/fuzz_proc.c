// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_proc.c - what holds for /proc, whatever an agent calls its processes, files, mounts and groups
 *
 * The input is taken as a text of each file; and as a name that the kernel puts into a line of each, the way
 * it does that.
 *
 *   - a name has no say in what is read beside it: parent, times, device, type, inode and group are those
 *     that the kernel wrote
 *   - a file is mapped up to INT64_MAX at most, and no sum of such files passes that
 *   - a map has three numbers of 32 bits
 */
#include "jail/proc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sysmacros.h>

enum {
	NAME_MAX_BYTES = 512,
	LINE_MAX_BYTES = 8192,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- any text ---- */

static void check_line(struct str line, uint64_t *sum)
{
	struct proc_mapping mapping;
	struct proc_mount mount;
	uint64_t map[3];

	if (proc_read_mapping(line, &mapping)) {
		assert(mapping.end_bytes <= INT64_MAX && mapping.range.len);
		proc_add(sum, mapping.end_bytes);
		assert(*sum <= INT64_MAX && *sum >= mapping.end_bytes);
	}
	if (proc_read_mount(line, &mount))
		assert(mount.type.len);
	if (proc_read_map(line, map))
		assert(map[0] <= UINT32_MAX && map[1] <= UINT32_MAX && map[2] <= UINT32_MAX);
}

static void check_text(struct str text)
{
	static const char *const names[] = { "RssAnon", "VmSwap" };
	struct str line, rest = text, group;
	struct proc_stat stat;
	uint64_t sum = 0;
	int r = proc_read_stat(text, &stat);

	assert(r == 0 || r == -EBADMSG);
	assert(r < 0 || stat.parent >= 0);
	(void)proc_sum_lines(text, names, ARRAY_SIZE(names));
	if (proc_find_group(text, NULL, &group))
		assert(!memchr(group.data, '\n', group.len));
	if (proc_find_group(text, "memory", &group))
		assert(!memchr(group.data, '\n', group.len));
	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		check_line(line, &sum);
	}
}

/* ---- a name in what the kernel writes ---- */

/* As seq_escape() and mangle_path() do it. */
static const char *escape(struct str name, const char *which)
{
	static char text[4 * NAME_MAX_BYTES + 1];
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];

		if (strchr(which, c))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "\\%03o", c);
		else
			text[len++] = (char)c;
	}
	text[len] = '\0';
	return text;
}

static struct str print_line(const char *fmt, ...) PRINTF_LIKE(1, 2);
static struct str print_line(const char *fmt, ...)
{
	static char line[LINE_MAX_BYTES];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof(line));
	return (struct str){ line, (size_t)len };
}

static void check_command_name(struct str name)
{
	struct proc_stat stat;

	/* stat has it as it is. */
	assert(proc_read_stat(print_line("7 (%.*s) S 3 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 5 0 99 1 2\n",
		STR_FMT(name)), &stat) == 0);
	assert(stat.parent == 3 && stat.cpu_ticks == 100 && stat.thread_count == 5 && stat.start_ticks == 99);
}

static void check_status_name(struct str name)
{
	static const char *const names[] = { "RssAnon" };

	assert(proc_sum_lines(print_line("Name:\t%s\nUmask:\t0022\nRssAnon:\t    8 kB\n",
		escape(name, "\n\\")),
		names, 1) == 8 << 10);
}

static void check_path(struct str name)
{
	struct proc_mapping mapping;
	struct proc_mount mount;
	struct str group;

	assert(proc_read_mount(print_line("36 35 98:5 /%s /mnt/x rw,noatime master:1 - ext4 /dev/root rw",
		escape(name, " \t\n\\#")), &mount));
	assert(mount.dev == makedev(98, 5) && str_eq(mount.type, STR("ext4")));
	assert(proc_read_mount(print_line("36 35 98:5 / /%s rw,noatime - tmpfs none rw",
		escape(name, " \t\n\\#")), &mount));
	assert(str_eq(mount.type, STR("tmpfs")));
	assert(proc_read_mapping(print_line("7f00-8f00 rw-s 00001000 08:02 77    /%s (deleted)",
		escape(name, "\n")), &mapping));
	assert(mapping.is_deleted && mapping.ino == 77 && mapping.end_bytes == 0x2000);
	assert(str_eq(mapping.range, STR("7f00-8f00")));
	if (memchr(name.data, '\n', name.len))
		return;
	assert(proc_find_group(print_line("4:memory,cpu:/%.*s\n0::/own", STR_FMT(name)), "cpu", &group));
	assert(group.len == name.len + 1 && !memcmp(group.data + 1, name.data, name.len));
	assert(proc_find_group(print_line("4:memory:/%.*s\n0::/own", STR_FMT(name)), NULL, &group));
	assert(str_eq(group, STR("/own")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { size ? (const char *)data : "", size };
	struct str name = { text.data, MIN(size, (size_t)NAME_MAX_BYTES) };

	check_text(text);
	if (memchr(name.data, 0, name.len))
		return 0;
	check_command_name(name);
	check_status_name(name);
	check_path(name);
	return 0;
}
