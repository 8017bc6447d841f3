// SPDX-License-Identifier: Apache-2.0
/*
 * bench_commit.c - how long a commit of many small files takes, beside cp -a of the same files
 *
 *	bench_commit [FILES [RUNS]]
 *
 * Each run makes, below $TMPDIR, a workspace and a branch with FILES small files in directories of a hundred,
 * in three shapes: every file changed, every file new in a directory that was there, every file in new
 * directories. Then it takes turns: `cp -a` of the branch's files into an empty directory, and the commit,
 * from the judged changeset to the last sync. cp does not sync, so it is timed with a sync of its file system
 * behind it too. Printed are the milliseconds of each run and the ratio of the medians.
 */
#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "overlay/apply.h"
#include "overlay/diff.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum {
	FILES_PER_DIRECTORY = 100,
	RUNS_MAX = 100,
};

enum shape {
	SHAPE_CHANGED,
	SHAPE_NEW_FILES,
	SHAPE_NEW_DIRECTORIES,
	SHAPE_COUNT,
};

static const char *const shape_names[] = { "changed files", "new files", "new directories" };

struct times {
	double copy_ms, copy_sync_ms, commit_ms;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_commit: %s\n", what);
	exit(EXIT_FAILURE);
}

static int make_directory(int dirfd, const char *name)
{
	int fd;

	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		die(name);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die(name);
	return fd;
}

static void write_one(int dirfd, const char *name, unsigned number, const char *side, bool copied_up)
{
	scoped(fd) int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	for (unsigned i = 0; i < 20; i++)
		if (dprintf(fd, "%s line %u of file %u\n", side, i, number) < 0)
			die(name);
	/* What the kernel leaves on a file that it copied up. */
	if (copied_up && fsetxattr(fd, "user.overlay.origin", "", 0, 0) < 0)
		die("user xattrs are not supported below $TMPDIR");
}

static void fill(int dirfd, unsigned count, const char *side, bool with_files, bool copied_up)
{
	char name[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "d%u", i / FILES_PER_DIRECTORY);
		(void)mkdirat(dirfd, name, 0755);
		snprintf(name, sizeof(name), "d%u/file%u.c", i / FILES_PER_DIRECTORY, i);
		if (with_files)
			write_one(dirfd, name, i, side, copied_up);
	}
}

static double ms_since(uint64_t start)
{
	return (double)(kern_clock_monotonic_ns() - start) / 1e6;
}

static double copy(const char *from, const char *to)
{
	uint64_t start = kern_clock_monotonic_ns();
	int status;
	pid_t pid = fork();

	if (!pid) {
		execlp("cp", "cp", "-a", from, to, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		die("cp -a failed");
	return ms_since(start);
}

static void sync_all(int dirfd)
{
	if (syncfs(dirfd) < 0)
		die("syncfs");
}

static double commit(const char *dir, int base, int storage, int journals)
{
	const struct overlay_diff_options options = {
		.identity = { .agent_uid = geteuid(), .agent_gid = getegid() },
		.changes_max = CHANGES_MAX,
		.bytes_max = INT64_MAX,
	};
	struct overlay_target target = { dir, dir, base, storage };
	struct conflict_list *conflicts = calloc(1, sizeof(*conflicts));
	struct arena arena = ARENA_INIT(1 << 30);
	struct error err = ERROR_INIT;
	struct overlay_result result;
	struct changeset changeset;
	struct overlay_commit request = { &changeset, &target, journals, 1, "bench", false, false, 1 };
	int upper = make_directory(storage, "upper");
	struct overlay_root root = { "/base", base, upper, storage };
	uint64_t start;

	if (!conflicts || overlay_diff(&arena, &root, 1, &options, &changeset, &err) < 0)
		die(err.text);
	start = kern_clock_monotonic_ns();
	if (overlay_apply(&request, &arena, conflicts, &result, &err) < 0)
		die(err.text);
	fd_close(upper);
	free(conflicts);
	arena_fini(&arena);
	return ms_since(start);
}

static struct times run(const char *dir, enum shape shape, unsigned count)
{
	int dirfd = openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int base = make_directory(dirfd, "base"), upper = make_directory(dirfd, "upper");
	int journals = make_directory(dirfd, "journals");
	char from[512], to[512];
	struct times times;
	uint64_t start;

	if (shape != SHAPE_NEW_DIRECTORIES)
		fill(base, count, "base", shape == SHAPE_CHANGED, false);
	fill(upper, count, "branch", true, shape == SHAPE_CHANGED);
	snprintf(from, sizeof(from), "%s/upper", dir);
	snprintf(to, sizeof(to), "%s/copy", dir);
	sync_all(dirfd);
	start = kern_clock_monotonic_ns();
	times.copy_ms = copy(from, to);
	sync_all(dirfd);
	times.copy_sync_ms = ms_since(start);
	times.commit_ms = commit(dir, base, dirfd, journals);
	fd_close(upper);
	fd_close(base);
	fd_close(journals);
	fd_close(dirfd);
	return times;
}

static int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return values[count / 2];
}

static void measure(enum shape shape, unsigned count, unsigned runs)
{
	double copy_ms[RUNS_MAX], copy_sync_ms[RUNS_MAX], commit_ms[RUNS_MAX];

	for (unsigned i = 0; i < runs; i++) {
		struct times times;
		char dir[256];

		snprintf(dir, sizeof(dir), "%s/bench-commit-XXXXXX", getenv("TMPDIR") ?: "/tmp");
		if (!mkdtemp(dir))
			die(dir);
		times = run(dir, shape, count);
		copy_ms[i] = times.copy_ms;
		copy_sync_ms[i] = times.copy_sync_ms;
		commit_ms[i] = times.commit_ms;
		printf("%s: cp -a %.1f ms, with sync %.1f ms, commit %.1f ms\n", shape_names[shape],
			times.copy_ms, times.copy_sync_ms, times.commit_ms);
		(void)kern_remove_tree(AT_FDCWD, dir);
	}
	printf("%s: %u files, commit takes %.2f of cp -a, %.2f of cp -a and sync (medians of %u)\n",
		shape_names[shape], count, median(commit_ms, runs) / median(copy_ms, runs),
		median(commit_ms, runs) / median(copy_sync_ms, runs), runs);
}

static unsigned number_or(const char *text, unsigned max, unsigned otherwise)
{
	uint64_t number;

	return text && str_to_u64(str_from(text), max, &number) >= 0 && number ? (unsigned)number : otherwise;
}

int main(int argc, char **argv)
{
	unsigned count = number_or(argc > 1 ? argv[1] : NULL, 1000000, 10000);
	unsigned runs = number_or(argc > 2 ? argv[2] : NULL, RUNS_MAX, 5);

	for (enum shape shape = 0; shape < SHAPE_COUNT; shape++)
		measure(shape, count, runs);
	return EXIT_SUCCESS;
}
