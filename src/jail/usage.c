// SPDX-License-Identifier: Apache-2.0
/*
 * usage.c - what a sandbox uses, from /proc
 *
 * Every process of a pid namespace descends from its PID 1: orphans are given to it. So the sandbox is the
 * tree below one process of the host. Processes come and go while /proc is read; who is missed this time is
 * seen the next.
 *
 * Source: proc(5), /proc/PID/stat and statm
 */
#include "base/fd.h"
#include "jail/limits.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PROCESSES_MAX = 1 << 16,
	PROC_PATH_SIZE = 64,
	STAT_BYTES_MAX = 1024,
	/* fields behind the command's closing parenthesis: state, parent, ... */
	STAT_PARENT = 1,
	STATM_RESIDENT = 1,
	STATM_SHARED = 2,
};

struct process {
	pid_t pid, parent;
	bool inside;
};

struct listing {
	struct process *items;
	size_t count;
};

/* Number @index of a text whose fields are separated by spaces. */
static int number_at(struct str text, size_t index, uint64_t *ret)
{
	struct str field = { 0 };

	for (size_t i = 0; i <= index; i++)
		(void)str_cut(text, ' ', &field, &text);
	return str_to_u64(field, INT64_MAX, ret);
}

static int read_proc(pid_t pid, const char *name, char ret[STAT_BYTES_MAX], struct str *ret_text)
{
	char path[PROC_PATH_SIZE];
	scoped(fd) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = kern_open(AT_FDCWD, path, O_RDONLY, 0);
	n = fd < 0 ? fd : kern_read(fd, ret, STAT_BYTES_MAX - 1);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	ret[n] = '\0';
	*ret_text = (struct str){ ret, (size_t)n };
	return 0;
}

/* The command may hold anything, also spaces and parentheses: what counts is behind the last one. */
static int read_parent(pid_t pid, pid_t *ret)
{
	char data[STAT_BYTES_MAX];
	struct str text;
	uint64_t parent;
	const char *end;
	int r = read_proc(pid, "stat", data, &text);

	if (r < 0)
		return r;
	end = strrchr(data, ')');
	if (!end || end[1] != ' ')
		return -EBADMSG;
	r = number_at(str_from(end + 2), STAT_PARENT, &parent);
	if (r >= 0)
		*ret = (pid_t)parent;
	return r;
}

static int read_memory(pid_t pid, uint64_t *ret)
{
	char data[STAT_BYTES_MAX];
	uint64_t resident, shared;
	struct str text;
	int r = read_proc(pid, "statm", data, &text);

	if (r >= 0)
		r = number_at(text, STATM_RESIDENT, &resident);
	if (r >= 0)
		r = number_at(text, STATM_SHARED, &shared);
	if (r >= 0)
		*ret = (resident - MIN(shared, resident)) * (uint64_t)sysconf(_SC_PAGESIZE);
	return r;
}

static int list_processes(struct listing *list)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir *dir = calloc(1, sizeof(*dir));
	struct kern_dir_entry entry;
	int r = fd;

	if (!dir)
		abort();
	kern_dir_init(dir, fd);
	while (r >= 0 && list->count < PROCESSES_MAX && (r = kern_dir_next(dir, &entry)) > 0) {
		struct process *process = &list->items[list->count];
		uint64_t pid;

		if (str_to_u64(str_from(entry.name), INT32_MAX, &pid) < 0)
			continue;
		*process = (struct process){ .pid = (pid_t)pid };
		if (read_parent((pid_t)pid, &process->parent) >= 0)
			list->count++;
	}
	free(dir);
	return MIN(r, 0);
}

static int compare(const void *a, const void *b)
{
	pid_t x = ((const struct process *)a)->pid, y = ((const struct process *)b)->pid;

	return (x > y) - (x < y);
}

/*
 * Climbs from one process towards @root; the answer is kept, so that the next one that comes by need not
 * climb on.
 */
static bool is_inside(const struct listing *list, struct process *process, pid_t root)
{
	struct process *at = process;

	for (size_t steps = 0; at && steps < list->count; steps++) {
		if (at->pid == root || at->inside) {
			process->inside = true;
			return true;
		}
		at = bsearch(&(struct process){ .pid = at->parent }, list->items, list->count, sizeof(*at),
			compare);
	}
	return false;
}

int jail_usage_read(pid_t pid, struct jail_usage *ret)
{
	struct listing list = { .items = calloc(PROCESSES_MAX, sizeof(*list.items)) };
	struct jail_usage usage = { 0 };
	int r;

	if (!list.items)
		abort();
	r = list_processes(&list);
	qsort(list.items, list.count, sizeof(*list.items), compare);
	for (size_t i = 0; i < list.count && r >= 0; i++) {
		uint64_t bytes;

		if (!is_inside(&list, &list.items[i], pid))
			continue;
		usage.process_count++;
		if (read_memory(list.items[i].pid, &bytes) >= 0)
			usage.memory_bytes += bytes;
	}
	free(list.items);
	if (r < 0)
		return r;
	if (!usage.process_count)
		return -ESRCH;
	*ret = usage;
	return 0;
}
