// SPDX-License-Identifier: Apache-2.0
/*
 * holders.c - which processes of a sandbox hold a socket, and what program each is
 */
#include "jail/holders.h"

#include "base/fd.h"
#include "base/time.h"
#include "jail/proc.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	INIT = 1,
	LINK_SIZE = 32,
	PATH_SIZE = 48,
	STAT_BYTES = 1024,
	CHILDREN_BYTES = 4096,
	FILES_MAX = 2048,		/* of a process that are looked at at once */
	FILES_PER_LOOK = 64,		/* between two looks at the clock */
	PROCESSES_MAX = 1 << 16,
};

struct search {
	int proc_fd;			/* borrowed */
	char link[LINK_SIZE];		/* what a descriptor of the socket leads to */
	size_t len;
	uint64_t deadline_ns;		/* of our processor time */
	bool is_partial;
	struct jail_holders *found;	/* of all; NULL: whoever hides is only counted as not seen */
	struct kern_dir dir;
	unsigned files[FILES_MAX];
	unsigned processes[PROCESSES_MAX];
};

uint64_t jail_holders_spent_ns(void)
{
	struct timespec spent = { 0 };

	(void)kern_clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
	return (uint64_t)spent.tv_sec * NS_PER_SEC + (uint64_t)spent.tv_nsec;
}

static bool is_late(struct search *search)
{
	if (jail_holders_spent_ns() < search->deadline_ns)
		return false;
	search->is_partial = true;
	return true;
}

/* ---- one process ---- */

/* The next numbers of a directory, at most @max. Return: how many, 0 at its end, or negative errno */
static int read_numbers(struct kern_dir *dir, unsigned *ret, size_t max)
{
	struct kern_dir_entry entry;
	size_t count = 0;
	uint64_t number;
	int r = 0;

	while (count < max && (r = kern_dir_next(dir, &entry)) > 0)
		if (str_to_u64(str_from(entry.name), INT32_MAX, &number) >= 0)
			ret[count++] = (unsigned)number;
	return count ? (int)count : r;
}

static bool leads_there(const struct search *search, int fd, unsigned number)
{
	char name[LINK_SIZE], link[LINK_SIZE];
	ssize_t len;

	(void)snprintf(name, sizeof(name), "%u", number);
	len = kern_read_link(fd, name, link, sizeof(link));
	return len == (ssize_t)search->len && !memcmp(link, search->link, search->len);
}

/*
 * A socket that was opened just now has a high number. Return: 1 it holds it, 0 it does not, negative errno
 */
static int look_into(struct search *search, int dir_fd, const char *path)
{
	scoped(fd) int fd = kern_open(dir_fd, path, O_RDONLY | O_DIRECTORY, 0);
	int count = fd;

	kern_dir_init(&search->dir, fd);
	for (bool is_end = false; !is_end && count >= 0;) {
		count = read_numbers(&search->dir, search->files, FILES_MAX);
		is_end = count < FILES_MAX;
		for (int i = count; i-- > 0;) {
			if (leads_there(search, fd, search->files[i]))
				return 1;
			if (i && i % FILES_PER_LOOK == 0 && is_late(search))
				return 0;
		}
	}
	return MIN(count, 0);
}

/*
 * Most hold nothing, and no more is opened of them than has to be. One that ends meanwhile holds nothing.
 * Return: whether it holds the socket
 */
static bool look_at(struct search *search, pid_t pid, struct jail_holder *ret)
{
	char name[LINK_SIZE];
	scoped(fd) int fd = -1;
	int r = -ESRCH;

	(void)snprintf(name, sizeof(name), "%d/fd", (int)pid);
	if (pid > 0)
		r = look_into(search, search->proc_fd, name);
	/* Its number may have become another one's meanwhile, so it is looked into again, held. */
	if (r > 0) {
		(void)snprintf(name, sizeof(name), "%d", (int)pid);
		r = fd = kern_open(search->proc_fd, name, O_PATH | O_DIRECTORY, 0);
	}
	if (fd >= 0)
		r = look_into(search, fd, "fd");
	if (r == -EACCES && search->found && search->found->hidden_count < JAIL_HOLDERS_HIDDEN_MAX)
		search->found->hidden[search->found->hidden_count++] = pid;
	else if (r < 0 && r != -ENOENT && r != -ESRCH)
		search->is_partial = true;
	if (r <= 0)
		return false;
	*ret = (struct jail_holder){ .pid = pid, .fd = TAKE_FD(fd) };
	return true;
}

/* ---- the first ---- */

static bool find_recent(struct search *search, const struct jail_recent *recent, struct jail_holder *ret)
{
	for (size_t i = 0; i < JAIL_HOLDERS_RECENT && recent->pids[i] && !is_late(search); i++)
		if (look_at(search, recent->pids[i], ret))
			return true;
	return false;
}

/* Return: 1 it is found, 0 nobody holds it, or negative errno */
static int find_among_all(struct search *search, struct jail_holder *ret)
{
	scoped(fd) int fd = kern_open(search->proc_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	int count = fd;

	kern_dir_init(&search->dir, fd);
	if (count >= 0)
		count = read_numbers(&search->dir, search->processes, PROCESSES_MAX);
	for (int i = count; i-- > 0 && !is_late(search);)
		if (look_at(search, (pid_t)search->processes[i], ret))
			return 1;
	return MIN(count, 0);
}

static void remember(struct jail_recent *recent, pid_t pid)
{
	size_t at = 0;

	while (at < JAIL_HOLDERS_RECENT - 1 && recent->pids[at] && recent->pids[at] != pid)
		at++;
	memmove(recent->pids + 1, recent->pids, at * sizeof(*recent->pids));
	recent->pids[0] = pid;
}

/* ---- its family ---- */

static ssize_t read_text(int dir_fd, const char *name, char *ret, size_t size)
{
	scoped(fd) int fd = kern_open(dir_fd, name, O_RDONLY, 0);

	return fd < 0 ? fd : kern_read(fd, ret, size);
}

/* @fd: its directory in /proc. Return: its parent, 0 where there is none in the sandbox */
static pid_t parent_of(int fd)
{
	char text[STAT_BYTES];
	ssize_t len = read_text(fd, "stat", text, sizeof(text));
	struct proc_stat stat;

	return len > 0 && proc_read_stat((struct str){ text, (size_t)len }, &stat) >= 0 ? stat.parent : 0;
}

pid_t jail_holders_parent(const struct jail_processes *view, pid_t pid)
{
	char name[LINK_SIZE];
	scoped(fd) int fd = -1;

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	fd = view->proc_fd >= 0 && !view->pid ? kern_open(view->proc_fd, name, O_PATH | O_DIRECTORY, 0) : -1;
	return fd < 0 ? 0 : parent_of(fd);
}

/* As far up as it is held. */
static void climb(struct search *search, struct jail_holder *holder)
{
	struct jail_holder parent;

	while (!is_late(search) && look_at(search, parent_of(holder->fd), &parent)) {
		fd_close(holder->fd);
		*holder = parent;
	}
}

static void add_children(struct search *search, struct jail_holder of, struct jail_holders *ret)
{
	char name[PATH_SIZE], text[CHILDREN_BYTES];
	struct str word, rest;
	uint64_t pid;
	ssize_t len;

	(void)snprintf(name, sizeof(name), "task/%d/children", (int)of.pid);
	len = read_text(of.fd, name, text, sizeof(text));
	if (len < 0 || len == sizeof(text))
		search->is_partial |= len != -ESRCH;
	rest = (struct str){ text, (size_t)MAX(len, (ssize_t)0) };
	while (rest.len && !is_late(search)) {
		if (ret->count == JAIL_HOLDERS_MAX) {
			search->is_partial = true;
			return;
		}
		(void)str_cut(rest, ' ', &word, &rest);
		if (str_to_u64(word, INT32_MAX, &pid) >= 0)
			ret->count += look_at(search, (pid_t)pid, &ret->items[ret->count]);
	}
}

/* It is large, and there is one at a time. Return: NULL: the view has no /proc of the sandbox's own */
static struct search *begin(const struct jail_processes *view, uint64_t inode, uint64_t budget_ns)
{
	static struct search search;

	if (view->proc_fd < 0 || view->pid)
		return NULL;
	search.proc_fd = view->proc_fd;
	search.is_partial = false;
	search.found = NULL;
	search.deadline_ns = jail_holders_spent_ns() + budget_ns;
	search.len = (size_t)snprintf(search.link, sizeof(search.link), "socket:[%" PRIu64 "]", inode);
	return &search;
}

int jail_holders_find(const struct jail_processes *view, struct jail_recent *recent, uint64_t inode,
	uint64_t budget_ns, struct jail_holders *ret)
{
	struct search *search = begin(view, inode, budget_ns);
	int r;

	*ret = (struct jail_holders){ 0 };
	if (!search)
		return -ESRCH;
	r = find_recent(search, recent, &ret->items[0]) ? 1 : find_among_all(search, &ret->items[0]);
	if (r > 0) {
		remember(recent, ret->items[0].pid);
		climb(search, &ret->items[0]);
		ret->count = 1;
	}
	for (size_t i = 0; i < ret->count; i++)
		add_children(search, ret->items[i], ret);
	ret->is_partial = search->is_partial;
	return MIN(r, 0);
}

/* ---- all ---- */

int jail_holders_find_all(const struct jail_processes *view, uint64_t inode, uint64_t budget_ns,
	struct jail_holders *ret)
{
	struct search *search;
	scoped(fd) int fd = -1;
	int count;

	*ret = (struct jail_holders){ 0 };
	search = begin(view, inode, budget_ns);
	if (!search)
		return -ESRCH;
	search->found = ret;
	count = fd = kern_open(search->proc_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	kern_dir_init(&search->dir, fd);
	if (count >= 0)
		count = read_numbers(&search->dir, search->processes, PROCESSES_MAX);
	for (int i = 0; i < count && !is_late(search); i++) {
		if (ret->count == JAIL_HOLDERS_MAX) {
			search->is_partial = true;
			break;
		}
		if (search->processes[i] != INIT)
			ret->count += look_at(search, (pid_t)search->processes[i], &ret->items[ret->count]);
	}
	ret->is_partial = search->is_partial || count == PROCESSES_MAX;
	return MIN(count, 0);
}

void jail_holders_fini(struct jail_holders *holders)
{
	for (size_t i = 0; i < holders->count; i++)
		fd_close(holders->items[i].fd);
	holders->count = 0;
}

static int path_of(int file_fd, char path[PATH_TEXT_MAX])
{
	char link[LINK_SIZE];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file_fd);
	len = kern_read_link(AT_FDCWD, link, path, PATH_TEXT_MAX);
	return (int)MIN(len, (ssize_t)0);
}

bool jail_program_is_fixed(int root_fd, const char *path, int file_fd)
{
	scoped(fd) int fd = *path == '/' ? kern_open_beneath(root_fd, path + 1, O_PATH, 0) : -1;
	struct stat found, executed;
	struct statfs fs;

	return fd >= 0 && kern_fstat(fd, &found) >= 0 && kern_fstat(file_fd, &executed) >= 0 &&
		found.st_dev == executed.st_dev && found.st_ino == executed.st_ino &&
		S_ISREG(found.st_mode) && kern_fstatfs(fd, &fs) >= 0 && fs.f_flags & MS_RDONLY;
}

int jail_program_find(int root_fd, const char *path, char ret[PATH_TEXT_MAX])
{
	scoped(fd) int fd = kern_open_in(root_fd, path, O_PATH);
	int r = fd < 0 ? fd : path_of(fd, ret);

	return r < 0 ? r : TAKE_FD(fd);
}

int jail_holder_program(const struct jail_holder *holder, char path[PATH_TEXT_MAX])
{
	scoped(fd) int fd = kern_open(holder->fd, "exe", O_PATH, 0);
	int r = fd < 0 ? fd : path_of(fd, path);

	return r < 0 ? r : TAKE_FD(fd);
}
