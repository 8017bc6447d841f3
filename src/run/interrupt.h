/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interrupt.h - Ctrl-C while a workspace is about to be changed
 *
 * Usually SIGINT and SIGTERM end a command where it stands. From the moment at which a commit, an undo or a
 * recovery holds its locks until it is recorded how that ended, they are kept waiting instead and looked for:
 * before the first change, the committer is asked to give up (run/news.h); later, it goes on to its end, and
 * whoever waits is told so. What the user ignores stays ignored, and SIGQUIT, SIGHUP and SIGKILL end the
 * command as ever: then the committer goes on alone, and the next command finds out what became of it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

/* Told once: it came too late, and what was begun is finished. */
typedef void interrupt_too_late_fn(void *data);

/* All zero: nothing is kept waiting. */
struct interrupt {
	bool is_watched, has_come, is_told;
	int fd;				/* owned: a signalfd */
	sigset_t before;		/* the mask to restore */
	interrupt_too_late_fn *too_late;	/* may be NULL */
	void *data;			/* for it */
};

/**
 * interrupt_begin() - keep the two signals waiting
 * @interrupt: filled; ends with interrupt_end(), which is legal in any case
 * @too_late:  may be NULL
 * @data:      for @too_late
 *
 * Return: 0 or negative errno from the kernel.
 */
int interrupt_begin(struct interrupt *interrupt, interrupt_too_late_fn *too_late, void *data);

/** interrupt_has_come() - whether one of them came since */
bool interrupt_has_come(struct interrupt *interrupt);

/** interrupt_say_too_late() - tell whoever waits, unless that was done */
void interrupt_say_too_late(struct interrupt *interrupt);

/** interrupt_end() - let them act again; one that came before is forgotten, since it was answered */
void interrupt_end(struct interrupt *interrupt);
