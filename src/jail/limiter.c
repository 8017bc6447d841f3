// SPDX-License-Identifier: Apache-2.0
/*
 * limiter.c - control groups for a sandbox
 *
 * Version 2: a group beside our own, in the nearest group above us that the user may write and that hands the
 * controllers on (a process may only be moved below a common ancestor that the user owns, and a group with
 * processes cannot have children with limits). Version 1: a child of our own group in each controller's
 * hierarchy.
 *
 * A group that was made, but refuses its limit, is removed again, and the limit falls back as if there were
 * none.
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/time.h"
#include "jail/limits.h"
#include "jail/proc.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>

enum {
	CGROUP_TEXT_BYTES_MAX = 65536,
	VALUE_TEXT_SIZE = 48,
	FD_PATH_SIZE = 32,
	PERIOD_US = 100000,
	US_PER_MILLI = PERIOD_US / 1000,
};

#define ROOT_V2 "/sys/fs/cgroup"
#define ROOT_V2_HYBRID "/sys/fs/cgroup/unified"

/* Where a limit of the whole sandbox lives. */
static const struct {
	enum jail_limit limit;
	const char *controller;
	const char *file_v2, *file_v1;
} controllers[] = {
	{ JAIL_LIMIT_MEMORY, "memory", NULL, NULL },	/* of several: limit_memory() */
	{ JAIL_LIMIT_PIDS, "pids", "pids.max", "pids.max" },
	{ JAIL_LIMIT_CPU, "cpu", "cpu.max", "cpu.cfs_quota_us" },
};

static int write_text(int dirfd, const char *name, const char *text)
{
	scoped(fd) int fd = kern_open(dirfd, name, O_WRONLY, 0);
	ssize_t n = fd < 0 ? fd : kern_write(fd, text, strlen(text));

	return n < 0 ? (int)n : 0;
}

static void value_text(char ret[VALUE_TEXT_SIZE], enum jail_limit limit, uint64_t value, bool unified)
{
	uint64_t number = value;

	if (limit == JAIL_LIMIT_PIDS)
		number = value + 1;	/* init is one process more */
	if (limit == JAIL_LIMIT_CPU)
		number = value * US_PER_MILLI;
	if (limit == JAIL_LIMIT_CPU && unified)
		snprintf(ret, VALUE_TEXT_SIZE, "%llu %d", (unsigned long long)number, PERIOD_US);
	else
		snprintf(ret, VALUE_TEXT_SIZE, "%llu", (unsigned long long)number);
}

/*
 * The limit of memory is one of memory and swap together. A group that cannot count swap is no use: the
 * supervisor sees what is swapped out.
 */
static int limit_memory(int dirfd, bool unified, const char *number)
{
	int r = write_text(dirfd, unified ? "memory.max" : "memory.limit_in_bytes", number);

	if (r < 0)
		return r;
	if (!unified)
		return write_text(dirfd, "memory.memsw.limit_in_bytes", number);
	r = write_text(dirfd, "memory.swap.max", "0");
	/* A sandbox that lost one of its processes is of little use to the others; Linux 4.19. */
	if (r >= 0)
		(void)write_text(dirfd, "memory.oom.group", "1");
	return r;
}

static int set_limit(const struct jail_cgroup *group, size_t index, uint64_t value)
{
	enum jail_limit limit = controllers[index].limit;
	char number[VALUE_TEXT_SIZE];

	value_text(number, limit, value, group->unified);
	if (limit == JAIL_LIMIT_MEMORY)
		return limit_memory(group->fd, group->unified, number);
	return write_text(group->fd,
		group->unified ? controllers[index].file_v2 : controllers[index].file_v1, number);
}

static bool has_word(struct str text, const char *word)
{
	struct str head;

	while (text.len) {
		(void)str_cut(text, text.data[strcspn(text.data, " \n")] == '\n' ? '\n' : ' ', &head, &text);
		if (str_eq(head, str_from(word)))
			return true;
	}
	return false;
}

/* A new, empty group; a stale one of a crashed launcher goes first. */
static int make_group(struct jail_limiter *limiter, int parent_fd, bool unified)
{
	struct jail_cgroup *group = &limiter->groups[limiter->group_count];
	int fd, r = kern_mkdirat(parent_fd, limiter->name, 0755);

	if (r == -EEXIST) {
		(void)kern_unlinkat(parent_fd, limiter->name, AT_REMOVEDIR);
		r = kern_mkdirat(parent_fd, limiter->name, 0755);
	}
	if (r < 0)
		return r;
	fd = kern_open(parent_fd, limiter->name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	*group = (struct jail_cgroup){ .parent_fd = kern_fcntl(parent_fd, F_DUPFD_CLOEXEC, 3), .fd = fd,
		.unified = unified };
	limiter->group_count++;
	return 0;
}

static void drop_group(struct jail_limiter *limiter)
{
	struct jail_cgroup *group = &limiter->groups[--limiter->group_count];

	(void)kern_unlinkat(group->parent_fd, limiter->name, AT_REMOVEDIR);
	fd_close(group->fd);
	fd_close(group->parent_fd);
}

/* ---- version 2 ---- */

/* The controllers that a group hands on to its children. */
static bool hands_on(int dirfd, struct buf *text)
{
	buf_clear(text);
	return kern_faccessat(dirfd, "cgroup.procs", W_OK, 0) >= 0 &&
		kern_faccessat(dirfd, ".", W_OK, 0) >= 0 &&
		kern_read_file(dirfd, "cgroup.subtree_control", text) >= 0 && text->len > 1;
}

static int open_v2_root(void)
{
	static const char *const roots[] = { ROOT_V2, ROOT_V2_HYBRID };

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		int fd = kern_open_plain(roots[i], O_RDONLY | O_DIRECTORY);
		struct statfs fs;

		if (fd >= 0 && kern_fstatfs(fd, &fs) >= 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd;
		fd_close(fd);
	}
	return -ENOENT;
}

/* The nearest group above @own in which a limited sibling may be made; @controls is what it hands on. */
static int open_delegated(struct str own, struct buf *controls)
{
	scoped(fd) int root = open_v2_root();
	char path[PATH_TEXT_MAX];

	if (root < 0 || own.len < 2 || own.len >= sizeof(path))
		return -ENOENT;
	memcpy(path, own.data + 1, own.len - 1);
	path[own.len - 1] = '\0';
	do {
		char *slash = strrchr(path, '/');
		int fd;

		path[slash ? slash - path : 0] = '\0';
		fd = kern_open_beneath(root, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);
		if (fd >= 0 && hands_on(fd, controls))
			return fd;
		fd_close(fd);
	} while (*path);
	return -ENOENT;
}

static void use_v2(struct jail_limiter *limiter, const struct jail_limits *limits, struct str text)
{
	scoped(buf) struct buf controls = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	scoped(fd) int parent = -1;
	bool used = false;
	struct str own;

	if (!proc_find_group(text, NULL, &own))
		return;
	parent = open_delegated(own, &controls);
	if (parent < 0 || make_group(limiter, parent, true) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
		enum jail_limit limit = controllers[i].limit;
		uint64_t value = jail_limit_get(limits, limit);

		if (value == JAIL_UNLIMITED || !has_word((struct str){ buf_text(&controls), controls.len },
				controllers[i].controller))
			continue;
		if (set_limit(&limiter->groups[limiter->group_count - 1], i, value) < 0)
			continue;
		limiter->by[limit] = JAIL_BY_CGROUP2;
		used = true;
	}
	if (!used)
		drop_group(limiter);
}

/* ---- version 1 ---- */

static int open_v1(struct str text, const char *controller)
{
	char path[PATH_TEXT_MAX];
	struct str own;

	if (!proc_find_group(text, controller, &own))
		return -ENOENT;
	if ((size_t)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%.*s", controller, STR_FMT(own)) >=
			sizeof(path))
		return -ENAMETOOLONG;
	return kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
}

static void use_v1(struct jail_limiter *limiter, const struct jail_limits *limits, struct str text,
	size_t index)
{
	enum jail_limit limit = controllers[index].limit;
	scoped(fd) int parent = open_v1(text, controllers[index].controller);

	if (parent < 0 || make_group(limiter, parent, false) < 0)
		return;
	if (set_limit(&limiter->groups[limiter->group_count - 1], index, jail_limit_get(limits, limit)) < 0)
		drop_group(limiter);
	else
		limiter->by[limit] = JAIL_BY_CGROUP1;
}

/* ---- the whole ---- */

static void fall_back(struct jail_limiter *limiter, const struct jail_limits *limits)
{
	static const enum jail_mechanism otherwise[JAIL_LIMIT_COUNT] = {
		[JAIL_LIMIT_MEMORY] = JAIL_BY_SUPERVISOR,
		[JAIL_LIMIT_CPU] = JAIL_BY_AFFINITY,
		[JAIL_LIMIT_PIDS] = JAIL_BY_RLIMIT,
		[JAIL_LIMIT_FILES] = JAIL_BY_RLIMIT,
		[JAIL_LIMIT_FILE_SIZE] = JAIL_BY_RLIMIT,
	};

	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		if (limiter->by[i] == JAIL_BY_NOBODY &&
				jail_limit_get(limits, (enum jail_limit)i) != JAIL_UNLIMITED)
			limiter->by[i] = otherwise[i];
}

static bool wants_group(const struct jail_limits *limits)
{
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		if (jail_limit_get(limits, controllers[i].limit) != JAIL_UNLIMITED)
			return true;
	return false;
}

/*
 * Moving a process into a group of version 1 makes the kernel wait for all processors: 11 ms where it was
 * measured, as much as all the rest of a start. For the number of processes alone that is not worth it:
 * RLIMIT_NPROC counts them just as well, since it counts per user namespace, and the sandbox has one of its
 * own with a single user.
 */
static bool is_worth_v1(enum jail_limit limit, bool has_group)
{
	return limit != JAIL_LIMIT_PIDS || has_group;
}

void jail_limiter_init(struct jail_limiter *limiter, const struct jail_plan *plan)
{
	scoped(buf) struct buf text = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	const struct jail_limits *limits = &plan->limits;

	*limiter = (struct jail_limiter){ 0 };
	snprintf(limiter->name, sizeof(limiter->name), "cordon-%s", plan->session);
	if (wants_group(limits) && kern_read_file(AT_FDCWD, "/proc/self/cgroup", &text) >= 0) {
		struct str own = { buf_text(&text), text.len };

		use_v2(limiter, limits, own);
		for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
			if (limiter->by[controllers[i].limit] == JAIL_BY_NOBODY &&
					jail_limit_get(limits, controllers[i].limit) != JAIL_UNLIMITED &&
					is_worth_v1(controllers[i].limit, limiter->group_count))
				use_v1(limiter, limits, own, i);
	}
	fall_back(limiter, limits);
}

static int note_group(int parent_fd, const char *session, struct buf *ret)
{
	char link[FD_PATH_SIZE], path[PATH_TEXT_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", parent_fd);
	n = kern_read_link(AT_FDCWD, link, path, sizeof(path));
	return n < 0 ? (int)n : buf_printf(ret, "%s/cordon-%s\n", path, session);
}

static int expect_v2(const struct jail_plan *plan, struct str text, struct buf *ret)
{
	scoped(buf) struct buf controls = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	scoped(fd) int parent = -1;
	struct str own;

	if (!proc_find_group(text, NULL, &own))
		return 0;
	parent = open_delegated(own, &controls);
	return parent < 0 ? 0 : note_group(parent, plan->session, ret);
}

static int expect_v1(const struct jail_plan *plan, struct str text, size_t index, struct buf *ret)
{
	enum jail_limit limit = controllers[index].limit;
	scoped(fd) int parent = -1;

	if (jail_limit_get(&plan->limits, limit) == JAIL_UNLIMITED || !is_worth_v1(limit, ret->len))
		return 0;
	parent = open_v1(text, controllers[index].controller);
	if (parent < 0 || kern_faccessat(parent, ".", W_OK, 0) < 0)
		return 0;
	return note_group(parent, plan->session, ret);
}

int jail_limiter_expect(const struct jail_plan *plan, struct buf *ret)
{
	scoped(buf) struct buf text = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	struct str own;
	int r;

	if (!wants_group(&plan->limits) || kern_read_file(AT_FDCWD, "/proc/self/cgroup", &text) < 0)
		return 0;
	own = (struct str){ buf_text(&text), text.len };
	r = expect_v2(plan, own, ret);
	for (size_t i = 0; i < ARRAY_SIZE(controllers) && r >= 0; i++)
		r = expect_v1(plan, own, i, ret);
	return r;
}

bool jail_limiter_clones(void)
{
	scoped(buf) struct buf text = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	scoped(buf) struct buf controls = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	scoped(fd) int parent = -1;
	struct str own;

	if (kern_read_file(AT_FDCWD, "/proc/self/cgroup", &text) < 0 ||
			!proc_find_group((struct str){ buf_text(&text), text.len }, NULL, &own))
		return false;
	parent = open_delegated(own, &controls);
	return parent >= 0;
}

int jail_limiter_clone_fd(const struct jail_limiter *limiter)
{
	for (size_t i = 0; i < limiter->group_count; i++)
		if (limiter->groups[i].unified)
			return limiter->groups[i].fd;
	return -1;
}

int jail_limiter_add(const struct jail_limiter *limiter, pid_t pid, struct error *err)
{
	char text[VALUE_TEXT_SIZE];
	int r = 0;

	snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < limiter->group_count && r >= 0; i++)
		if (!limiter->groups[i].unified)
			r = write_text(limiter->groups[i].fd, "cgroup.procs", text);
	return r < 0 ? error_sys(err, r, "cannot put the sandbox into its control group") : 0;
}

/* ---- what they counted ---- */

/* The number behind a word: "oom_kill 3" */
static uint64_t read_count(int dirfd, const char *file, const char *word)
{
	scoped(buf) struct buf text = BUF_INIT(CGROUP_TEXT_BYTES_MAX);
	struct str rest, line, name, number;
	uint64_t count = 0;

	if (kern_read_file(dirfd, file, &text) < 0)
		return 0;
	rest = (struct str){ buf_text(&text), text.len };
	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (str_cut(line, ' ', &name, &number) && str_eq(name, str_from(word)) &&
				str_to_u64(number, INT64_MAX, &count) >= 0)
			return count;
	}
	return 0;
}

void jail_limiter_count(const struct jail_limiter *limiter, struct jail_gone *ret)
{
	memset(ret->refused_counts, 0, sizeof(ret->refused_counts));
	ret->throttled_ns = 0;
	for (size_t i = 0; i < limiter->group_count; i++) {
		int fd = limiter->groups[i].fd;
		bool unified = limiter->groups[i].unified;

		/* A file of a controller that is not in this hierarchy is not there. */
		ret->refused_counts[JAIL_LIMIT_MEMORY] +=
			read_count(fd, unified ? "memory.events" : "memory.oom_control", "oom_kill");
		ret->refused_counts[JAIL_LIMIT_PIDS] += read_count(fd, "pids.events", "max");
		ret->throttled_ns += unified ? read_count(fd, "cpu.stat", "throttled_usec") * NS_PER_US :
			read_count(fd, "cpu.stat", "throttled_time");
	}
}

void jail_limiter_fini(struct jail_limiter *limiter)
{
	while (limiter->group_count)
		drop_group(limiter);
}
