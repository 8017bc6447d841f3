/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - from a sealed journal to one of its two ends
 *
 * Commit, undo and recovery all come here: the steps are taken and made to last, or, where that fails, taken
 * back. When run_forward() returns anything but -EINPROGRESS the journal is at an end and nothing is left
 * lying about.
 */
#pragma once

#include "overlay/swap.h"

struct run {
	struct journal *journal;		/* its state follows */
	const struct overlay_target *targets;
	int journal_dirfd;
	struct conflict_list *conflicts;	/* may be NULL */
	const struct progress *progress;	/* may be NULL; asked by run_start() alone (telling.h) */
	struct error *err;
	size_t swap_count;			/* renames that were made */
	uint64_t sync_ns;			/* spent in waiting for the disk */
};

/**
 * run_start() - make a sealed journal last, and everything that it speaks of; then take its steps
 * @run:        its journal is sealed
 * @journal_fd: the journal's file
 *
 * Errors: -ECANCELED nobody wants it any more; as run_forward().
 * Return: 0 or negative errno; where it fails before the first step, everything was taken back as well.
 */
int run_start(struct run *run, int journal_fd);

/**
 * run_forward() - take the steps of a sealed journal
 * @run: its journal is sealed and lasts
 *
 * Errors: -EEXIST the workspace was not as expected, everything was taken back; -EINPROGRESS it could not be
 * taken back, the journal stays; others from the kernel, everything was taken back.
 * Return: 0 or negative errno; the error is set.
 */
int run_forward(struct run *run);

/**
 * run_backward() - take back what was taken
 * @run: its journal is sealed or reverting
 *
 * Errors: -EINPROGRESS something is in the way; the error says what.
 * Return: 0 or negative errno.
 */
int run_backward(struct run *run);

/**
 * run_finish() - what is left to do after the last step, or after the last step back
 * @run: its journal is torn, reverted or applied
 *
 * Removes staging directories and what nobody needs any more, and the journal where it has nothing to tell.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno; the error is set.
 */
int run_finish(struct run *run);
