/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h - is this file what somebody says it is, and how do we know it again
 *
 * Two questions are asked of files all through a commit. "Is it what the changeset says?": everything in
 * struct file_facts, read by the same code that made the changeset (facts.h). And "is it the file that we
 * looked at before?": the few numbers of struct file_mark, which survive a rename, a crash and a reboot, and
 * which the journal keeps.
 *
 * A mark also remembers what has to be done to a file of the branch when it enters the workspace, and to undo
 * when it goes back (disguise.h).
 */
#pragma once

#include "overlay/facts.h"

enum mark_fix {
	FIX_STRIP = 1 << 0,		/* carries xattrs of the overlay */
	FIX_OPAQUE = 1 << 1,		/* among them: hides the directory below */
	FIX_OWNER = 1 << 2,		/* is owned by slot_uid, slot_gid while it is outside the workspace */
	FIX_ALL = FIX_STRIP | FIX_OPAQUE | FIX_OWNER,
};

/* All zero: there is no file. */
struct file_mark {
	enum file_type type;
	unsigned fix;			/* enum mark_fix */
	mode_t mode;			/* 07777 */
	uid_t uid, slot_uid;
	gid_t gid, slot_gid;
	uint64_t inode;
	uint64_t size_bytes;		/* regular files */
	int64_t mtime_ns;
	uint64_t count;			/* directories that go in or out whole: entries right in them */
	struct digest digest;		/* as in struct file_facts; zero where nobody read it */
	struct digest xattrs;		/* over names and values; zero: none, or nobody read them */
};

enum fact {
	FACT_TYPE = 1 << 0,
	FACT_MODE = 1 << 1,
	FACT_OWNER = 1 << 2,
	FACT_CONTENT = 1 << 3,		/* size, digest, target or device */
	FACT_XATTRS = 1 << 4,
	FACT_MTIME = 1 << 5,		/* of regular files */
};

enum inspect_side {
	/* the workspace: never written to; what this user may not read is taken as said */
	INSPECT_BASE,
	INSPECT_BRANCH,			/* the upper layer: owners are not looked at */
	INSPECT_COPY,			/* a copy of ours: every xattr is its own */
	/* what a commit put into the workspace: as INSPECT_BASE, but every xattr is its own */
	INSPECT_PUT,
};

/* Scratch memory; too big for the stack. */
struct inspector {
	struct arena arena;		/* of the file that is looked at */
	struct facts_reader readers[4];	/* by enum inspect_side */
	struct file_view view;		/* what was found last */
};

/** inspector_new() - aborts without memory; freed with inspector_free() */
struct inspector *inspector_new(void);

/** inspector_free() - Return: NULL, to be assigned back */
struct inspector *inspector_free(struct inspector *inspector);

/** inspector_listen() - tell @progress, borrowed, how far the file at hand is (facts.h) */
void inspector_listen(struct inspector *inspector, const struct progress *progress);

/** mark_from_stat() - a mark that knows what a stat tells */
struct file_mark mark_from_stat(const struct stat *st);

/**
 * mark_is() - whether a file is the one of a mark
 * @mark: as remembered
 * @st:   as found, without following a link
 *
 * Type and inode, and but for directories size and mtime too, since a freed inode number is given out again.
 *
 * Return: true when it is.
 */
bool mark_is(const struct file_mark *mark, const struct stat *st);

/**
 * inspect_file() - compare one file with what is said about it
 * @inspector: @inspector->view says afterwards what was found, until the next call
 * @side:      where it is
 * @dirfd:     its directory
 * @name:      one component, or "."
 * @want:      what is said
 * @ret:       the file's mark
 * @ret_differ: enum fact, what is not as said; 0: all of it is
 *
 * Errors: -ENOENT there is none; others as facts_read().
 * Return: 0 or negative errno.
 */
int inspect_file(struct inspector *inspector, enum inspect_side side, int dirfd, const char *name,
	const struct file_facts *want, struct file_mark *ret, unsigned *ret_differ);

/**
 * inspect_mark() - look a file over and make its mark, digests included
 * @inspector: as above
 * @side:      where it is
 * @dirfd:     its directory
 * @name:      one component, or "."
 * @ret:       the file's mark
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno as facts_read().
 */
int inspect_mark(struct inspector *inspector, enum inspect_side side, int dirfd, const char *name,
	struct file_mark *ret);

/**
 * inspect_count() - how many entries a directory of ours has
 * @dirfd:         its directory
 * @name:          one component
 * @ret_count:     entries
 * @ret_whiteouts: how many of them are whiteouts (character devices 0:0)
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int inspect_count(int dirfd, const char *name, uint64_t *ret_count, uint64_t *ret_whiteouts);
