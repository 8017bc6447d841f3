/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff_internal.h - one diff while it is made
 *
 * Order of work: diff_walk() over every root collects what was found; diff_settle_trees() counts deleted
 * directories and finds where files may have moved from; diff_settle_renames() pairs them;
 * diff_settle_links() groups hard links and drops what turned out to be no change; then diff.c sorts and
 * seals.
 */
#pragma once

#include "overlay/diff.h"
#include "overlay/facts.h"

/* A change, and what is needed to settle it. CHANGE_INVALID: no change so far, kept for its link group. */
struct found {
	struct change change;
	ino_t old_ino;
	dev_t old_dev, new_dev;
	ino_t new_ino;			/* set where the branch's file has more than one name, else 0 */
};

/* A regular file that goes away, and whose content may live on under another name. */
struct departed {
	unsigned root;
	struct str path;
	struct file_facts facts;
	size_t found_at;		/* its own deletion, or SIZE_MAX below a deleted directory */
	bool taken;
};

struct diff {
	struct arena *arena;
	const struct overlay_root *roots;
	size_t root_count;
	const struct overlay_diff_options *options;
	struct error *err;

	struct found *found;
	size_t found_count, found_room;
	struct departed *departed;
	size_t departed_count, departed_room;

	struct facts_reader *branch, *base;
};

/**
 * diff_walk() - compare one root's upper layer with its base
 * @diff: collects what is found
 * @root: index
 *
 * Errors: as overlay_diff(); the error is set.
 * Return: 0 or negative errno.
 */
int diff_walk(struct diff *diff, unsigned root);

/**
 * diff_settle_trees() - count what is below deleted directories, look for departed files; Return: as
 * diff_walk()
 */
int diff_settle_trees(struct diff *diff);

/**
 * diff_settle_renames() - turn added files into renamed ones where their content departed elsewhere; O(n log
 * n)
 */
void diff_settle_renames(struct diff *diff);

/** diff_settle_links() - number the groups of hard links in any order, drop what is no change; O(n log n) */
void diff_settle_links(struct diff *diff);

/**
 * diff_fail() - set the error for one file: "cannot WHAT 'PATH' in 'ROOT': why"
 * @diff: whose error it is
 * @code: negative errno
 * @root: index
 * @what: "read the branch's"
 * @path: relative to the root
 *
 * Errors: @code.
 * Return: @code.
 */
int diff_fail(struct diff *diff, int code, unsigned root, const char *what, const char *path);

/** diff_is_stale() - whether an inode change time says that the base moved on after the branch began */
static inline bool diff_is_stale(const struct diff *diff, int64_t ctime_ns)
{
	return diff->options->since_ns && ctime_ns > diff->options->since_ns;
}

/**
 * diff_add() - one more thing found
 * @diff: its list grows
 *
 * Return: zeroed room in the list, good until the next call; NULL where changes_max would be passed.
 */
struct found *diff_add(struct diff *diff);
