/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.h - what a branch would change
 *
 * A branch is one overlayfs upper layer per writable root. The diff compares what a program in the sandbox
 * saw with what the host sees in the root now, and yields the difference as a sealed changeset. Only the
 * upper layer is walked, so the time depends on what was written, not on the size of the project; the base is
 * read where the branch touches it.
 *
 * The branch has to be quiet: every process of the session is gone, or frozen, and the overlay need not be
 * mounted. The base may change meanwhile; each file of it is seen in one of its states, and the committer
 * checks again. Only to look at what a running session does so far, is_live says that the branch is not
 * quiet: then no mode is touched, what vanishes meanwhile is left out, and the result is good for eyes alone.
 *
 * What is no change: a file that was copied up and is the same; a directory that was removed and made again,
 * as far as its content is the same; a directory's modification time. What is: a regular file's modification
 * time alone (CHANGE_METADATA), since `touch` means it.
 *
 * Source: Linux Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"
 */
#pragma once

#include "base/progress.h"
#include "overlay/changeset.h"

struct overlay_root {
	const char *path;		/* absolute and clean: where the host has it */
	int lower_dirfd;		/* the host's directory; borrowed */
	int upper_dirfd;		/* the branch's upper layer; borrowed */
	/* what holds it, for opened.h; borrowed; unused where is_live is set */
	int storage_dirfd;
};

/*
 * Who the agent is on disk. An ordinary user's agent is the user: owners are taken as they are. Root's agent
 * is a stand-in for whoever owns the root directory: a file that the agent's id owns keeps the base's owner
 * if the base has one at that path, and becomes the root directory's owner's otherwise; groups likewise.
 */
struct overlay_identity {
	uid_t agent_uid;
	gid_t agent_gid;
	bool is_stand_in;
};

struct overlay_diff_options {
	struct overlay_identity identity;
	size_t changes_max;		/* most entries, up to CHANGES_MAX; 0 allows none */
	/* most bytes of regular files in the upper layers, holes included; 0 allows none */
	uint64_t bytes_max;
	/* when the branch began: base files changed after it are CHANGE_STALE; 0: not known */
	int64_t since_ns;
	bool trusted_xattrs;		/* the overlay was mounted without userxattr */
	bool is_live;			/* the sandbox still runs: a snapshot, for people to look at */
	const struct progress *progress;	/* who is told how far it is; may be NULL */
};

/**
 * overlay_diff() - list the changes of a branch
 * @arena:      owns the changeset
 * @roots:      @root_count roots; their paths are copied
 * @root_count: 1..CHANGE_ROOTS_MAX
 * @options:    identity and limits
 * @ret:        the changeset, sorted and sealed
 * @err:        says which file, and what to do about it
 *
 * Files and directories of the branch whose mode shuts their owner out are opened up while they are read and
 * put back before this returns, or, where this is killed, by whoever looks next (opened.h). Nothing else is
 * written anywhere.
 *
 * Blocks: reads the whole branch, and the base's files at the same paths.
 * Errors: -EMSGSIZE more entries than allowed, or the arena is full; -EFBIG more bytes than allowed;
 * -ENAMETOOLONG a path over PATH_TEXT_MAX; -EBADMSG a mark in the upper layer that our mounts never leave;
 * -EBUSY another command looks into the branch all the time; -EAGAIN a file of the base keeps changing;
 * others from the kernel.
 * Source: Linux Documentation/filesystems/overlayfs.rst
 * Return: 0 or negative errno; nothing is written to @ret on failure.
 */
int overlay_diff(struct arena *arena, const struct overlay_root *roots, size_t root_count,
		const struct overlay_diff_options *options, struct changeset *ret, struct error *err);
