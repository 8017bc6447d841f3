// SPDX-License-Identifier: Apache-2.0
/*
 * usage.c - what a sandbox uses, from /proc
 *
 * Every process of a pid namespace descends from its PID 1: orphans are given to it. So the sandbox is the
 * tree below one process of the host; or all that its own /proc shows, which is reached through the root
 * directory of any of its processes. Processes come and go while /proc is read; who is missed this time is
 * seen the next.
 *
 * Source: proc(5), /proc/PID/stat, status, smaps_rollup and fd
 */
#include "base/fd.h"
#include "base/time.h"
#include "jail/limits.h"
#include "jail/proc.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PROCESSES_MAX = 1 << 16,
	PROC_PATH_SIZE = 64,
	PROC_TEXT_MAX = 8192,
};

struct process {
	pid_t pid, parent;
	uint64_t cpu_ticks, start_ticks, thread_count;
	bool inside;
};

struct listing {
	struct process *items;
	size_t count;
};

static int read_proc(int proc_fd, pid_t pid, const char *name, char ret[PROC_TEXT_MAX], struct str *ret_text)
{
	char path[PROC_PATH_SIZE];
	scoped(fd) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	fd = kern_open(proc_fd, path, O_RDONLY, 0);
	n = fd < 0 ? fd : kern_read(fd, ret, PROC_TEXT_MAX - 1);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	ret[n] = '\0';
	*ret_text = (struct str){ ret, (size_t)n };
	return 0;
}

static int read_stat(int proc_fd, pid_t pid, struct process *ret)
{
	char data[PROC_TEXT_MAX];
	struct proc_stat stat;
	struct str text;
	int r = read_proc(proc_fd, pid, "stat", data, &text);

	if (r >= 0)
		r = proc_read_stat(text, &stat);
	if (r >= 0)
		*ret = (struct process){ .pid = pid, .parent = stat.parent, .cpu_ticks = stat.cpu_ticks,
			.start_ticks = stat.start_ticks, .thread_count = stat.thread_count };
	return r;
}

/* A process that is gone, or that nobody may look into, uses nothing that is seen. */
static void add_memory(int proc_fd, pid_t pid, bool exact, struct jail_usage *usage)
{
	static const char *const mapped[] = { "RssShmem", "RssAnon", "VmSwap" };
	static const char *const shares[] = { "Pss_Shmem", "Pss_Anon", "SwapPss" };
	char data[PROC_TEXT_MAX];
	struct str text;

	if (read_proc(proc_fd, pid, exact ? "smaps_rollup" : "status", data, &text) < 0)
		return;
	usage->memory_bytes += proc_sum_lines(text, exact ? shares : mapped, ARRAY_SIZE(mapped));
	usage->shared_bytes += proc_sum_lines(text, exact ? shares : mapped, 1);
}

/* The size of the directory is the number of its entries since Linux 6.2, and 0 before. */
static uint64_t count_files(int proc_fd, pid_t pid)
{
	char path[PROC_PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%d/fd", pid);
	return kern_fstatat(proc_fd, path, &st, 0) < 0 ? 0 : (uint64_t)st.st_size;
}

static int list_processes(int proc_fd, struct listing *list)
{
	scoped(fd) int fd = kern_open(proc_fd, ".", O_RDONLY | O_DIRECTORY, 0);
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
		if (read_stat(fd, (pid_t)pid, process) >= 0)
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

/* The processes of the sandbox alone, in front of the list. */
static int list_sandbox(const struct jail_processes *view, struct listing *list)
{
	size_t count = 0;
	int r = list_processes(view->proc_fd, list);

	if (r < 0)
		return r;
	if (!view->pid)
		return list->count ? 0 : -ESRCH;
	qsort(list->items, list->count, sizeof(*list->items), compare);
	for (size_t i = 0; i < list->count; i++)
		(void)is_inside(list, &list->items[i], view->pid);
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].inside)
			list->items[count++] = list->items[i];
	list->count = count;
	return count ? 0 : -ESRCH;
}

static struct process *new_listing(void)
{
	struct process *items = calloc(PROCESSES_MAX, sizeof(*items));

	if (!items)
		abort();
	return items;
}

int jail_usage_read(const struct jail_processes *view, bool exact, struct jail_usage *ret)
{
	struct listing list = { .items = new_listing() };
	struct jail_usage usage = { 0 };
	uint64_t tick_ns = NS_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
	int r = list_sandbox(view, &list);

	for (size_t i = 0; i < list.count && r >= 0; i++) {
		usage.cpu_ns += list.items[i].cpu_ticks * tick_ns;
		usage.thread_count += list.items[i].thread_count;
		usage.files_count = MAX(usage.files_count, count_files(view->proc_fd, list.items[i].pid));
		add_memory(view->proc_fd, list.items[i].pid, exact, &usage);
	}
	usage.process_count = list.count;
	free(list.items);
	if (r >= 0)
		*ret = usage;
	return r;
}

int jail_usage_list(const struct jail_processes *view, pid_t *ret, size_t max, size_t *ret_count)
{
	struct listing list = { .items = new_listing() };
	int r = list_sandbox(view, &list);

	for (size_t i = 0; i < MIN(list.count, max) && r >= 0; i++)
		ret[i] = list.items[i].pid;
	if (r >= 0)
		*ret_count = list.count;
	free(list.items);
	return r;
}

/* ---- the view ---- */

static struct jail_processes host_processes(pid_t pid)
{
	return (struct jail_processes){ .proc_fd = kern_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0),
		.pid = pid };
}

void jail_processes_fini(struct jail_processes *view)
{
	view->proc_fd = fd_close(view->proc_fd);
}

/* What one process of the sandbox has at /proc: no agent can put anything else there. */
static int open_inner(int proc_fd, pid_t pid)
{
	char path[PROC_PATH_SIZE];
	scoped(fd) int fd = -1;
	struct stat outer, inner;
	struct statfs fs;
	int r;

	snprintf(path, sizeof(path), "%d/root/proc", pid);
	r = fd = kern_open(proc_fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = kern_fstatfs(fd, &fs);
	if (r >= 0)
		r = kern_fstat(fd, &inner);
	if (r >= 0)
		r = kern_fstat(proc_fd, &outer);
	if (r >= 0 && (fs.f_type != PROC_SUPER_MAGIC || inner.st_dev == outer.st_dev))
		r = -ENOENT;
	return r < 0 ? r : TAKE_FD(fd);
}

int jail_processes_open(pid_t pid, struct jail_processes *ret)
{
	struct jail_processes host = host_processes(pid);
	struct listing list = { .items = new_listing() };
	int inner = -ENOENT, r = host.proc_fd < 0 ? host.proc_fd : list_sandbox(&host, &list);

	for (size_t i = 0; i < list.count && r >= 0 && inner < 0; i++)
		inner = open_inner(host.proc_fd, list.items[i].pid);
	free(list.items);
	if (r >= 0)
		*ret = inner < 0 ? host : (struct jail_processes){ .proc_fd = inner };
	if (r < 0 || inner >= 0)
		fd_close(host.proc_fd);
	return r;
}

/* ---- those of a level without namespaces, and of a user ---- */

/* Only if it is still the one that was listed: its number may have been given to somebody else. */
static bool signal_listed(int proc_fd, const struct process *process, int signal)
{
	scoped(fd) int pidfd = kern_pidfd_open(process->pid, 0);
	struct process now;

	if (pidfd < 0 || read_stat(proc_fd, process->pid, &now) < 0 ||
			now.start_ticks != process->start_ticks)
		return false;
	return kern_pidfd_send_signal(pidfd, signal) >= 0;
}

int jail_usage_signal(pid_t pid, int signal)
{
	struct jail_processes host = host_processes(pid);
	struct listing list = { .items = new_listing() };
	int count = 0, r = host.proc_fd < 0 ? host.proc_fd : list_sandbox(&host, &list);

	for (size_t i = 0; i < list.count && r >= 0; i++)
		if (list.items[i].pid != pid)
			count += signal_listed(host.proc_fd, &list.items[i], signal);
	free(list.items);
	jail_processes_fini(&host);
	return r < 0 ? r : count;
}

/* Whose a process is, is the owner of its directory in /proc. */
static bool is_of_user(int proc_fd, pid_t pid, uid_t uid)
{
	char path[PROC_PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%d", pid);
	return kern_fstatat(proc_fd, path, &st, 0) >= 0 && st.st_uid == uid;
}

int jail_usage_threads(uid_t uid, uint64_t *ret)
{
	struct jail_processes host = host_processes(0);
	struct listing list = { .items = new_listing() };
	int r = host.proc_fd < 0 ? host.proc_fd : list_processes(host.proc_fd, &list);
	uint64_t count = 0;

	for (size_t i = 0; i < list.count && r >= 0; i++)
		if (is_of_user(host.proc_fd, list.items[i].pid, uid))
			count += list.items[i].thread_count;
	free(list.items);
	jail_processes_fini(&host);
	if (r >= 0)
		*ret = count;
	return r;
}
