/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reviewing.h - a held session while a person decides about it
 *
 * What is shown is the changeset that was judged, and nothing else: it is read once, and what is committed in
 * the end names its digest (run/compose.h). The session is not locked meanwhile, for a person may take hours:
 * who commits, merges or drops it from elsewhere is found out by that digest.
 */
#pragma once

#include "cli/changes.h"
#include "review/model.h"

struct reviewing {
	struct cli *cli;
	const char *id;
	struct changeset changeset;	/* that was judged */
	struct changeset shown;		/* the same, or without renames */
	struct rename_list renames;	/* that were found in it */
	struct changeset view;		/* @shown with them, which is what the review is about */
	struct judgement judgement;
	struct run_roots roots;
	struct arena arena;		/* of the review: bounded */
	struct review review;
	bool is_silent;			/* the screen is ours: the differ says nothing on it */
	bool is_live;			/* the session still runs: it is only looked at */
	unsigned context_count;		/* lines around a change */
};

/* How a person answers for what policy asks. */
struct reviewing_answer {
	const char *const *rules;
	size_t count;
	const char *reason;
};

/**
 * reviewing_open() - what a held session holds, all of it undecided
 * @cli:       the frame
 * @id:        as hold_open()
 * @percent:   as of renames_look(); 0: also what moved as it was is shown as deleted and added
 * @reviewing: set in any case; the caller calls reviewing_close()
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int reviewing_open(struct cli *cli, const char *id, unsigned percent, struct reviewing *reviewing);

/**
 * reviewing_look() - at changes that are open already, to show them and no more
 * @cli:       the frame
 * @changes:   open; its roots are the review's from here on
 * @selected:  changes->changeset.count flags, or NULL for all
 * @renames:   in the changeset
 * @reviewing: set in any case; the caller calls reviewing_close()
 *
 * Return: CLI_OK, or the exit code after the error was printed.
 */
int reviewing_look(struct cli *cli, struct changes *changes, const bool *selected,
	const struct rename_list *renames, struct reviewing *reviewing);

/** reviewing_close() - let go */
void reviewing_close(struct reviewing *reviewing);

/**
 * reviewing_fetch() - have a file read, and some of those behind it
 * @reviewing: open
 * @file:      index; afterwards it is read, if only to say that it cannot be shown
 */
void reviewing_fetch(struct reviewing *reviewing, size_t file);

/** reviewing_fetch_many() - as reviewing_fetch(), for a search: many behind it or, with @back, before it */
void reviewing_fetch_many(struct reviewing *reviewing, size_t file, bool back);

/** reviewing_fetch_all() - have every file read; says how far it is */
void reviewing_fetch_all(struct reviewing *reviewing);

/**
 * reviewing_commit() - commit what was taken, say how that ended
 * @reviewing:     decided
 * @answer:        to what policy asks about it
 * @ret_judgement: how the part was judged; verdict allow also where it came to no judgement; may be NULL
 *
 * Return: the exit code.
 */
int reviewing_commit(struct reviewing *reviewing, const struct reviewing_answer *answer,
	struct judgement *ret_judgement);
