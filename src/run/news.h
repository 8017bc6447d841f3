/* SPDX-License-Identifier: Apache-2.0 */
/*
 * news.h - how far the committer is, and the word that it shall give up
 *
 * Both stand in one memfd that asker and committer share: the committer writes where it is, the asker writes
 * one byte when nobody wants it any more. No message can be lost, fill a queue or keep the committer waiting,
 * and an asker that was stopped or killed leaves nothing behind that it would trip over.
 *
 *	0..63	struct news: written by the committer, some twenty times a second
 *	64	one byte: written by the asker, once
 *
 * A reader may meet a text that is being written. What is shown is wrong for a moment then, and nothing else
 * depends on it: whether the committer gave up is said by its answer alone. That it does not any more is
 * known from the stage (overlay/telling.h), which comes after the last look at that byte.
 */
#pragma once

#include "base/progress.h"

enum {
	NEWS_WHAT_BYTES = 48,
};

/* As of struct progress. All zero: nothing was told yet. */
struct news {
	uint64_t done, total;
	char what[NEWS_WHAT_BYTES];
};

/* ---- the committer's side ---- */

struct news_teller {
	int fd;				/* borrowed */
	uint64_t told_ns;
	const char *what;		/* that was told last */
	struct progress progress;	/* for whoever does the work */
};

/** news_teller_init() - tell what is told to @teller->progress through @fd, borrowed; it may be closed */
void news_teller_init(struct news_teller *teller, int fd);

/* ---- the asker's side ---- */

/** news_open() - an empty memfd for both; Return: a descriptor or negative errno */
int news_open(void);

/**
 * news_read() - what was told last
 * @fd:  of news_open()
 * @ret: its text ends, whatever is in the file
 *
 * Errors: -ENODATA nothing was told yet; others from the kernel.
 * Return: 0 or negative errno; @ret is left alone on failure.
 */
int news_read(int fd, struct news *ret);

/** news_call_off() - nobody wants it any more; Return: 0 or negative errno from the kernel */
int news_call_off(int fd);
