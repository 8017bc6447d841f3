// SPDX-License-Identifier: Apache-2.0
/*
 * commit.c - a branch to commit, for tests
 */
#include "lib/commit.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static struct commit_bench *open_at(const char *storage)
{
	struct commit_bench *bench = calloc(1, sizeof(*bench));
	char journals[128];

	CHECK(bench);
	bench->branch = branch_open();
	bench->arena.limit_bytes = 1 << 30;
	snprintf(bench->storage_path, sizeof(bench->storage_path), "%s", storage);
	snprintf(bench->root_path, sizeof(bench->root_path), "%s/base", test_dir());
	snprintf(journals, sizeof(journals), "%s/journals", test_dir());
	CHECK_INT(mkdir(journals, 0700), 0);
	bench->root_fd = open(bench->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bench->storage_fd = open(bench->storage_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bench->journal_fd = open(journals, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(bench->root_fd >= 0 && bench->storage_fd >= 0 && bench->journal_fd >= 0);
	bench->target = (struct overlay_target){
		.path = bench->root_path,
		.storage = bench->storage_path,
		.root_dirfd = bench->root_fd,
		.storage_dirfd = bench->storage_fd,
	};
	return bench;
}

struct commit_bench *bench_open(void)
{
	return open_at(test_dir());
}

struct commit_bench *bench_open_elsewhere(void)
{
	char storage[] = "/dev/shm/cordon-test-XXXXXX", upper[64], link[128];
	struct commit_bench *bench;
	struct stat here, there;

	if (!mkdtemp(storage) || stat(storage, &there) < 0 || stat(test_dir(), &here) < 0 ||
			here.st_dev == there.st_dev)
		test_skip("another mount at /dev/shm");
	if (setxattr(storage, "user.test", "", 0, 0) < 0) {
		rmdir(storage);
		test_skip("user xattrs on tmpfs");
	}
	bench = open_at(storage);
	bench->is_elsewhere = true;
	fd_close(bench->branch.storage_fd);
	bench->branch.storage_fd = open(storage, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Scripts find the upper directory where it always is. */
	snprintf(upper, sizeof(upper), "%s/upper", storage);
	snprintf(link, sizeof(link), "%s/upper", test_dir());
	CHECK(mkdir(upper, 0755) == 0 && rmdir(link) == 0 && symlink(upper, link) == 0);
	return bench;
}

struct commit_bench *bench_free(struct commit_bench *bench)
{
	branch_close(&bench->branch);
	fd_close(bench->root_fd);
	fd_close(bench->storage_fd);
	fd_close(bench->journal_fd);
	arena_fini(&bench->arena);
	if (bench->is_elsewhere) {
		int dirfd = open("/dev/shm", O_PATH | O_DIRECTORY | O_CLOEXEC);

		CHECK_INT(kern_remove_tree(dirfd, strrchr(bench->storage_path, '/') + 1), 0);
		fd_close(dirfd);
	}
	free(bench);
	return NULL;
}

void bench_diff(struct commit_bench *bench)
{
	const struct overlay_diff_options options = branch_options();
	char upper[160];

	/* A commit takes the upper directory away, and an undo brings it back. */
	snprintf(upper, sizeof(upper), "%s/upper", bench->storage_path);
	fd_close(bench->branch.upper_fd);
	bench->branch.upper_fd = open(upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(bench->branch.upper_fd >= 0);
	bench->changeset = branch_diff(&bench->arena, &bench->branch, &options);
}

static int apply(struct commit_bench *bench, unsigned number, const struct changeset *changeset,
	bool keep_branch)
{
	const struct overlay_commit commit = {
		.changeset = changeset,
		.targets = &bench->target,
		.journal_dirfd = bench->journal_fd,
		.number = number,
		.id = "testtest",
		.keep_branch = keep_branch,
		.time_ns = 1,
		.progress = bench->progress,
	};

	bench->err = (struct error)ERROR_INIT;
	bench->conflicts.count = bench->conflicts.total = 0;
	return overlay_apply(&commit, &bench->arena, &bench->conflicts, &bench->result, &bench->err);
}

int bench_apply(struct commit_bench *bench, unsigned number)
{
	return apply(bench, number, &bench->changeset, false);
}

int bench_apply_path(struct commit_bench *bench, unsigned number, const char *path)
{
	bool *selected = arena_alloc_array(&bench->arena, bench->changeset.count, sizeof(*selected));
	struct changeset subset, back;
	const struct json *value;

	CHECK(selected);
	CHECK(overlay_select(&bench->changeset, 0, str_from(path), selected));
	CHECK_INT(overlay_subset(&bench->arena, &bench->changeset, selected, true, &subset), 0);
	/* What is left out must be a changeset, too. */
	CHECK_INT(overlay_subset(&bench->arena, &bench->changeset, selected, false, &back), 0);
	value = changeset_to_json(&bench->arena, &subset);
	if (!value || changeset_read(&bench->arena, value, &back, &bench->err) < 0)
		test_fail(__FILE__, __LINE__, "%s", bench->err.text);
	return apply(bench, number, &subset, true);
}

int bench_undo(struct commit_bench *bench, unsigned number)
{
	const struct overlay_undo undo = {
		.targets = &bench->target,
		.target_count = 1,
		.journal_dirfd = bench->journal_fd,
		.number = number,
		.id = "testtest",
		.time_ns = 2,
		.progress = bench->progress,
	};

	bench->err = (struct error)ERROR_INIT;
	bench->conflicts.count = bench->conflicts.total = 0;
	return overlay_undo(&undo, &bench->arena, &bench->conflicts, &bench->result, &bench->err);
}

int bench_recover(struct commit_bench *bench, enum recover_result *ret)
{
	struct overlay_pending pending;
	int r;

	bench->err = (struct error)ERROR_INIT;
	*ret = RECOVER_NOTHING;
	r = overlay_pending(bench->journal_fd, &bench->arena, &pending, &bench->err);
	if (r < 0)
		return r;
	if (pending.target_count) {
		CHECK_INT(pending.target_count, 1);
		CHECK_TEXT(pending.targets[0].path, bench->root_path);
		CHECK_TEXT(pending.targets[0].storage, bench->storage_path);
	}
	return overlay_recover(bench->journal_fd, &bench->target, 1, NULL, ret, &bench->err);
}

const char *bench_conflicts(struct commit_bench *bench, struct buf *buf)
{
	for (size_t i = 0; i < bench->conflicts.count; i++) {
		(void)buf_printf(buf, "%s ", conflict_kind_name(bench->conflicts.items[i].kind));
		(void)quote_append(buf, bench->conflicts.items[i].path);
		(void)buf_append_char(buf, '\n');
	}
	return buf_text(buf);
}

const char *bench_text(struct buf *buf, const char *directory, unsigned flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", test_dir(), directory);
	return tree_text(buf, path, flags);
}
