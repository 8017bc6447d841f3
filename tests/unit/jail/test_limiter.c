// SPDX-License-Identifier: Apache-2.0
/*
 * test_limiter.c - control groups of version 2, in a tree that looks like a delegated one
 *
 * A machine for tests rarely hands controllers on. So the calls below /sys/fs/cgroup are led into a directory
 * of ours, in which making a directory brings the files that the kernel would put there.
 */
#include "base/fd.h"
#include "jail/limits.h"
#include "kern/file.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <unistd.h>

enum {
	PATH_SIZE = 512,
	LIMIT_BYTES = 64 << 20,
};

#define GROUP "user.slice/cordon-abcdefgh"

static struct kern_ops whole;
static bool has_swap;			/* whether a group counts it */

/* What the kernel puts into a group that its parent hands these controllers on to. */
static const char *const files[] = {
	"cgroup.procs", "memory.max", "memory.oom.group", "memory.events", "pids.max", "pids.events",
	"cpu.max", "cpu.stat", "memory.swap.max",
};

static size_t file_count(void)
{
	return ARRAY_SIZE(files) - !has_swap;
}

static int led_openat2(int dirfd, const char *path, const struct open_how *how)
{
	char led[PATH_SIZE];

	if (strcmp(path, "/proc/self/cgroup") && strncmp(path, "/sys/fs/cgroup", 14))
		return whole.openat2(dirfd, path, how);
	snprintf(led, sizeof(led), "%s%s", test_dir(), path);
	return whole.openat2(dirfd, led, how);
}

static int fake_fstatfs(int fd, struct statfs *ret)
{
	int r = whole.fstatfs(fd, ret);

	ret->f_type = CGROUP2_SUPER_MAGIC;
	return r;
}

static int fake_mkdirat(int dirfd, const char *name, mode_t mode)
{
	int r = whole.mkdirat(dirfd, name, mode);
	scoped(fd) int fd = r < 0 ? -1 : kern_open(dirfd, name, O_RDONLY | O_DIRECTORY, 0);

	for (size_t i = 0; fd >= 0 && i < file_count(); i++)
		CHECK_INT(kern_write_file(fd, files[i], STR(""), 0644, false), 0);
	return r;
}

static int fake_unlinkat(int dirfd, const char *name, int flags)
{
	char path[PATH_SIZE];

	for (size_t i = 0; flags & AT_REMOVEDIR && i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, files[i]);
		(void)whole.unlinkat(dirfd, path, 0);
	}
	return whole.unlinkat(dirfd, name, flags);
}

static void put(const char *path, const char *text)
{
	scoped(fd) int dirfd = -1;
	char dir[PATH_SIZE];

	snprintf(dir, sizeof(dir), "%s/%s", test_dir(), path);
	*strrchr(dir, '/') = '\0';
	CHECK_INT(kern_mkdir_all(dir), 0);
	dirfd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	CHECK_INT(kern_write_file(dirfd, strrchr(path, '/') + 1, str_from(text), 0644, false), 0);
}

/* A process in user.slice/ours, and a user.slice that is the user's own. */
static void delegate(const char *controllers)
{
	put("proc/self/cgroup", "0::/user.slice/ours\n");
	put("sys/fs/cgroup/user.slice/ours/cgroup.procs", "");
	put("sys/fs/cgroup/user.slice/cgroup.procs", "");
	put("sys/fs/cgroup/user.slice/cgroup.subtree_control", controllers);
	whole = kern_ops;
	kern_ops.openat2 = led_openat2;
	kern_ops.fstatfs = fake_fstatfs;
	kern_ops.mkdirat = fake_mkdirat;
	kern_ops.unlinkat = fake_unlinkat;
}

static struct jail_plan plan_with_limits(void)
{
	return (struct jail_plan){
		.session = "abcdefgh",
		.limits = { .memory_bytes = LIMIT_BYTES, .cpu_millis = 1500, .pids_count = 100,
			.files_count = 64, .file_size_bytes = JAIL_UNLIMITED },
	};
}

static void check_file(const char *name, const char *wanted)
{
	scoped(buf) struct buf text = BUF_INIT(4096);
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/sys/fs/cgroup/" GROUP "/%s", test_dir(), name);
	CHECK_INT(kern_read_file(AT_FDCWD, path, &text), 0);
	CHECK_TEXT(buf_text(&text), wanted);
}

TEST(a_delegated_group_takes_memory_processors_and_processes)
{
	struct jail_plan plan = plan_with_limits();
	struct jail_limiter limiter;

	has_swap = true;
	delegate("cpu memory pids\n");
	jail_limiter_init(&limiter, &plan);
	CHECK_INT(limiter.by[JAIL_LIMIT_MEMORY], JAIL_BY_CGROUP2);
	CHECK_INT(limiter.by[JAIL_LIMIT_CPU], JAIL_BY_CGROUP2);
	CHECK_INT(limiter.by[JAIL_LIMIT_PIDS], JAIL_BY_CGROUP2);
	CHECK_INT(limiter.by[JAIL_LIMIT_FILES], JAIL_BY_RLIMIT);
	CHECK_INT(limiter.by[JAIL_LIMIT_FILE_SIZE], JAIL_BY_NOBODY);
	CHECK(jail_limiter_clone_fd(&limiter) >= 0);
	check_file("memory.max", "67108864");
	check_file("memory.swap.max", "0");
	check_file("memory.oom.group", "1");
	check_file("pids.max", "101");
	check_file("cpu.max", "150000 100000");
	jail_limiter_fini(&limiter);
	CHECK_INT(kern_faccessat(AT_FDCWD, "/sys/fs/cgroup/" GROUP, F_OK, 0), -ENOENT);
}

TEST(what_is_not_handed_on_falls_back)
{
	struct jail_plan plan = plan_with_limits();
	struct jail_limiter limiter;

	has_swap = true;
	delegate("pids\n");
	jail_limiter_init(&limiter, &plan);
	CHECK_INT(limiter.by[JAIL_LIMIT_PIDS], JAIL_BY_CGROUP2);
	CHECK_INT(limiter.by[JAIL_LIMIT_MEMORY], JAIL_BY_SUPERVISOR);
	CHECK_INT(limiter.by[JAIL_LIMIT_CPU], JAIL_BY_AFFINITY);
	check_file("memory.max", "");
	jail_limiter_fini(&limiter);
}

TEST(a_group_that_cannot_count_swap_is_none_for_memory)
{
	struct jail_plan plan = plan_with_limits();
	struct jail_limiter limiter;

	has_swap = false;
	delegate("cpu memory pids\n");
	jail_limiter_init(&limiter, &plan);
	CHECK_INT(limiter.by[JAIL_LIMIT_MEMORY], JAIL_BY_SUPERVISOR);
	CHECK_INT(limiter.by[JAIL_LIMIT_CPU], JAIL_BY_CGROUP2);
	jail_limiter_fini(&limiter);
}

TEST(nothing_delegated_is_no_group)
{
	struct jail_plan plan = plan_with_limits();
	struct jail_limiter limiter;

	delegate("\n");
	jail_limiter_init(&limiter, &plan);
	CHECK_INT(limiter.group_count, 0);
	CHECK_INT(jail_limiter_clone_fd(&limiter), -1);
	CHECK_INT(limiter.by[JAIL_LIMIT_PIDS], JAIL_BY_RLIMIT);
	jail_limiter_fini(&limiter);
}

TEST(what_the_group_refused_is_counted)
{
	struct jail_plan plan = plan_with_limits();
	struct jail_gone gone = { 0 };
	struct jail_limiter limiter;

	has_swap = true;
	delegate("cpu memory pids\n");
	jail_limiter_init(&limiter, &plan);
	put("sys/fs/cgroup/" GROUP "/memory.events", "low 0\nmax 7\noom 2\noom_kill 3\n");
	put("sys/fs/cgroup/" GROUP "/pids.events", "max 9\n");
	put("sys/fs/cgroup/" GROUP "/cpu.stat", "usage_usec 5\nthrottled_usec 11\n");
	jail_limiter_count(&limiter, &gone);
	CHECK_INT(gone.refused_counts[JAIL_LIMIT_MEMORY], 3);
	CHECK_INT(gone.refused_counts[JAIL_LIMIT_PIDS], 9);
	CHECK_INT(gone.throttled_ns, 11000);
	jail_limiter_fini(&limiter);
}

TEST_MAIN()
