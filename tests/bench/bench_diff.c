// SPDX-License-Identifier: Apache-2.0
/*
 * bench_diff.c - how long a diff of many small changed files takes
 *
 *	bench_diff [FILES [RUNS]]
 *
 * Makes a base and an upper layer of FILES files of some hundred bytes in directories of a hundred, every one
 * of them changed, below $TMPDIR, and prints the milliseconds of processor time of each run: overlay_diff()
 * as a whole, and opening, reading and hashing the same files with nothing around it, as the floor.
 */
#include "base/fd.h"
#include "base/time.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/diff.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	FILES_PER_DIRECTORY = 100,
};

static void write_one(int dirfd, const char *name, unsigned number, const char *side)
{
	scoped(fd) int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	for (unsigned i = 0; i < 20; i++)
		if (dprintf(fd, "%s line %u of file %u\n", side, i, number) < 0)
			abort();
}

static void fill(int dirfd, unsigned count, const char *side)
{
	char name[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "d%u", i / FILES_PER_DIRECTORY);
		(void)mkdirat(dirfd, name, 0755);
		snprintf(name, sizeof(name), "d%u/file%u.c", i / FILES_PER_DIRECTORY, i);
		write_one(dirfd, name, i, side);
	}
}

static void read_one(int dirfd, const char *name)
{
	scoped(fd) int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	struct hash hash;
	ssize_t n;

	hash_init(&hash);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		hash_update(&hash, chunk, (size_t)n);
	(void)hash_final(&hash);
}

static void read_all(int dirfd, unsigned count)
{
	char name[64];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "d%u/file%u.c", i / FILES_PER_DIRECTORY, i);
		read_one(dirfd, name);
	}
}

/* Processor time, ours and the kernel's for us: what a busy neighbour cannot lengthen by waiting. */
static uint64_t cpu_ns(void)
{
	struct timespec now;

	(void)kern_clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static void measure(int base, int upper, int storage, unsigned count)
{
	const struct overlay_diff_options options = { .changes_max = CHANGES_MAX, .bytes_max = INT64_MAX };
	const struct overlay_root root = { "/base", base, upper, storage };
	struct arena arena = ARENA_INIT(1 << 30);
	struct error err = ERROR_INIT;
	struct changeset changeset;
	uint64_t start = cpu_ns(), middle, end;

	if (overlay_diff(&arena, &root, 1, &options, &changeset, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(EXIT_FAILURE);
	}
	middle = cpu_ns();
	read_all(base, count);
	read_all(upper, count);
	end = cpu_ns();
	printf("%zu changes: diff %.1f ms, reading alone %.1f ms, arena %zu KiB\n", changeset.count,
			(double)(middle - start) / 1e6, (double)(end - middle) / 1e6, arena.used_bytes >> 10);
	arena_fini(&arena);
}

static unsigned number_or(const char *text, unsigned otherwise)
{
	uint64_t number;

	return text && str_to_u64(str_from(text), 1000000, &number) >= 0 ? (unsigned)number : otherwise;
}

int main(int argc, char **argv)
{
	unsigned count = number_or(argc > 1 ? argv[1] : NULL, 10000);
	unsigned runs = number_or(argc > 2 ? argv[2] : NULL, 5);
	char dir[256];
	int dirfd, base, upper;

	snprintf(dir, sizeof(dir), "%s/bench-diff-XXXXXX", getenv("TMPDIR") ?: "/tmp");
	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	dirfd = openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)mkdirat(dirfd, "base", 0755);
	(void)mkdirat(dirfd, "upper", 0755);
	base = openat(dirfd, "base", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	upper = openat(dirfd, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fill(base, count, "base");
	fill(upper, count, "branch");
	for (unsigned i = 0; i < runs; i++)
		measure(base, upper, dirfd, count);
	(void)kern_remove_tree(AT_FDCWD, dir);
	return EXIT_SUCCESS;
}
