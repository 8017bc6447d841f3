/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit.h - a branch to commit, for tests
 *
 * Laid out as branch.h does it: the test's directory is the storage of one root, "base" its workspace,
 * "upper" the branch, "journals" where journals go.
 */
#pragma once

#include "lib/branch.h"
#include "lib/tree_text.h"
#include "overlay/recover.h"
#include "overlay/subset.h"
#include "overlay/undo.h"

struct commit_bench {
	struct branch branch;
	int root_fd, storage_fd, journal_fd;
	char root_path[128], storage_path[128];
	bool is_elsewhere;		/* the storage is below /dev/shm and is removed by bench_free() */
	struct overlay_target target;
	struct arena arena;
	struct changeset changeset;
	const struct progress *progress;	/* of commits and undos to come; may be NULL */
	struct conflict_list conflicts;
	struct overlay_result result;
	struct error err;
};

/** bench_open() - make the directories; big: belongs on the heap */
struct commit_bench *bench_open(void);

/**
 * bench_open_elsewhere() - the same, with the storage on another mount than the workspace
 *
 * Skips the test where /dev/shm is no such mount, or has no xattrs of users.
 */
struct commit_bench *bench_open_elsewhere(void);
struct commit_bench *bench_free(struct commit_bench *bench);

/** bench_diff() - make the changeset of the branch as it is now; the test fails when that fails */
void bench_diff(struct commit_bench *bench);

/** bench_apply() - overlay_apply() of what was diffed; Return: as it does */
int bench_apply(struct commit_bench *bench, unsigned number);

/** bench_apply_path() - of one path of the changeset; the branch is kept */
int bench_apply_path(struct commit_bench *bench, unsigned number, const char *path);

int bench_undo(struct commit_bench *bench, unsigned number);

/** bench_recover() - whatever is pending; Return: as overlay_recover() */
int bench_recover(struct commit_bench *bench, enum recover_result *ret);

/** bench_conflicts() - "kind path\n" for each, owned by @buf */
const char *bench_conflicts(struct commit_bench *bench, struct buf *buf);

/** bench_text() - tree_text() of a directory below the test's own */
const char *bench_text(struct buf *buf, const char *directory, unsigned flags);
