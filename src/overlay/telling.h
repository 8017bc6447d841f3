/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telling.h - how far a commit or an undo is, for who waits for it
 *
 * The stages, in the order in which they are told:
 *
 *	OVERLAY_CHECKING	paths are compared, files of the branch are read
 *	OVERLAY_COPYING		what cannot be renamed is copied
 *	OVERLAY_READYING	journal and copies are made to last; told once more when they do: the last question
 *	OVERLAY_CHANGING	the first change is about to be made
 *	OVERLAY_KEEPING		the changes are made to last
 *	OVERLAY_TAKING_BACK	something failed in the middle
 *
 * Up to OVERLAY_READYING, who is told may give up (base/progress.h): everything is then as it was before.
 * From OVERLAY_CHANGING on nobody is asked any more, and what was begun comes to one of its two ends.
 */
#pragma once

#include "base/error.h"
#include "base/progress.h"

#include <stdbool.h>

#define OVERLAY_CHECKING "checking files"
#define OVERLAY_COPYING "copying files"
#define OVERLAY_READYING "preparing the disk"
#define OVERLAY_CHANGING "changing files"
#define OVERLAY_KEEPING "writing changes to disk"
#define OVERLAY_TAKING_BACK "taking changes back"

/* A stage on its way. All zero: nobody listens. */
struct telling {
	const struct progress *progress;	/* borrowed; may be NULL */
	const char *what;
	uint64_t done, total;
};

/**
 * telling_begin() - the next stage
 * @telling: its listener is set
 * @what:    a stage that can be given up
 * @total:   files or steps that it has
 */
void telling_begin(struct telling *telling, const char *what, uint64_t total);

/** telling_step() - one more of them is done; Return: 0, or -ECANCELED: give up */
int telling_step(struct telling *telling);

/**
 * telling_of_file() - pass on what is told while one file is read or copied (struct progress)
 * @data:  struct telling
 * @what:  of the file
 * @done:  of the file
 * @total: of the file; 0: it is not worth a word, and the stage is told once more
 *
 * Return: 0, or -ECANCELED: give up.
 */
int telling_of_file(void *data, const char *what, uint64_t done, uint64_t total);

/** telling_given_up() - the error of a commit or an undo that was given up; Return: -ECANCELED */
int telling_given_up(struct error *err);

/** overlay_is_changing() - whether a stage is one in which nobody can give up any more */
bool overlay_is_changing(const char *what);
