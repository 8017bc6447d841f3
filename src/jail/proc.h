/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.h - what the kernel says about processes, as text
 *
 * Readers of lines and files of /proc, and nothing that opens one. An agent has a say in them: it chooses the
 * name that its processes show, the names of files that it maps, and at which offset; where it may mount,
 * also where. So a reader looks only where no such text can reach, and a number that does not fit is no
 * number.
 *
 * Source: proc(5), /proc/PID/stat, status, smaps_rollup, maps, mountinfo, cgroup and uid_map; the kernel's
 * fs/proc_namespace.c and fs/seq_file.c on what it escapes; cgroups(7); user_namespaces(7)
 */
#pragma once

#include "base/str.h"

#include <sys/types.h>

/* A line of mountinfo. */
struct proc_mount {
	dev_t dev;
	struct str target;		/* where it is; for proc_unescape() */
	struct str type;		/* of the file system */
};

/**
 * proc_read_mount() - read "ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [more] - TYPE SOURCE OPTIONS"; Return:
 * whether it is one
 */
bool proc_read_mount(struct str line, struct proc_mount *ret);

/**
 * proc_unescape() - a name, in which the kernel writes what would end it as octal numbers
 * @text: as it stands there
 * @size: room in @ret, with the NUL
 * @ret:  the name
 *
 * Return: whether it is one, and fits.
 */
bool proc_unescape(struct str text, size_t size, char *ret);

/* A line of maps. */
struct proc_mapping {
	struct str range;		/* the name that it has in map_files */
	bool is_deleted;		/* its file has no name any more, or its name says so */
	dev_t dev;			/* of the file */
	ino_t ino;
	uint64_t end_bytes;		/* of the file, up to here it is mapped; INT64_MAX at most */
};

/** proc_read_mapping() - "FIRST-LAST MODES OFFSET MAJOR:MINOR INODE PATH"; Return: whether it is one */
bool proc_read_mapping(struct str line, struct proc_mapping *ret);

/**
 * proc_add() - count bytes of files, which may be as many as an agent says
 *
 * The sum stops at INT64_MAX: files that are mapped far behind their ends must not add up to nothing.
 */
static inline void proc_add(uint64_t *sum, uint64_t bytes)
{
	uint64_t room = *sum < INT64_MAX ? INT64_MAX - *sum : 0;

	*sum += MIN(bytes, room);
}

/* What counts of stat. */
struct proc_stat {
	pid_t parent;
	uint64_t cpu_ticks;		/* own and of reaped children, in user mode and in the kernel */
	uint64_t thread_count, start_ticks;
};

/** proc_read_stat() - the text of stat, whatever the program calls itself; Return: 0 or -EBADMSG */
int proc_read_stat(struct str text, struct proc_stat *ret);

/** proc_sum_lines() - add up "NAME:   123 kB" lines; Return: bytes, 0 for lines that are not there */
uint64_t proc_sum_lines(struct str text, const char *const *names, size_t name_count);

/**
 * proc_find_group() - a control group in the text of cgroup, which has lines "ID:CONTROLLERS:/PATH"
 * @text:       of the file
 * @controller: of version 1; NULL: the group of version 2
 * @ret:        its path
 *
 * Return: whether there is one.
 */
bool proc_find_group(struct str text, const char *controller, struct str *ret);

/** proc_read_map() - a line of uid_map: inside, outside, count; Return: whether it is one */
bool proc_read_map(struct str line, uint64_t ret[3]);
