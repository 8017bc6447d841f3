/* SPDX-License-Identifier: Apache-2.0 */
/*
 * branch.h - branches for tests: made by shell scripts, described as text
 *
 * A branch lives in one directory with four in it: base, upper, work and merged. It is made either by hand (a
 * script in upper writes what the kernel would have written) or live (a script in merged, which is a real
 * overlay in namespaces that end with the script). What a diff finds is described one change a line, so that
 * a table of scripts and texts is all that a test has to be:
 *
 *	modified a.c: file 0644 5 -> file 0644 7
 *	renamed new from old: file 0644 5 -> file 0644 5
 *	deleted d: dir 0755 +3 {tree}
 *	added l: link -> a.c links 1
 *	metadata x: file 0644 0 -> file 0755 0 user.k=v {xattrs}
 *
 * Sizes and modes are as they are; times, owners and digests are left out unless they are what changed:
 * `mtime`, `owner 1:1`.
 */
#pragma once

#include "lib/test.h"
#include "overlay/diff.h"

struct branch {
	int base_fd, upper_fd, storage_fd;
};

/**
 * branch_open() - make the four directories below the test's own and open what a diff needs; the caller
 * closes
 */
struct branch branch_open(void);
void branch_close(struct branch *branch);

/**
 * branch_run() - run a script with `sh -eu` in a directory below test_dir(), as it is; the test fails when it
 * fails
 */
void branch_run(const char *directory, const char *script);

/**
 * branch_run_live() - run a script in merged, mounted as an overlay with base below and upper above
 * @script: for `sh -eu`
 *
 * Skips the test where user namespaces may not mount an overlay. The script is root of a user namespace in
 * which only its own id is mapped, without capabilities; `volatile` and `userxattr` as cordon mounts it.
 */
void branch_run_live(const char *script);

/** branch_options() - limits that no test meets, and the identity of whoever runs the test */
struct overlay_diff_options branch_options(void);

/**
 * branch_diff() - overlay_diff() of one root at "/base"; the test fails when it fails, or breaks an invariant
 */
struct changeset branch_diff(struct arena *arena, const struct branch *branch,
		const struct overlay_diff_options *options);

/** branch_describe() - the changeset as text; owned by @buf */
const char *branch_describe(struct buf *buf, const struct changeset *changeset);
