/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - a sign of life from what may take long, and the way to end it
 *
 * Whoever does something long tells how far it is, often, since telling is cheap; whoever asked for it
 * decides whether anybody is to see that, and when. NULL, or all zero: nobody listens.
 *
 * The answer says whether to go on. Who is told to give up leaves as for any other failure, so that nothing
 * half-made stays; where it is too late for that, the answer is not looked at.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	PROGRESS_UNIT_BYTES = 1 << 20,	/* bytes are told in these, and @what ends with ", MiB" */
};

struct progress {
	/*
	 * @total 0: not known; @what is a constant text, such as "comparing files". Returns 0, or -ECANCELED:
	 * nobody wants it any more.
	 */
	int (*tell)(void *data, const char *what, uint64_t done, uint64_t total);
	void *data;
};

/** progress_tell() - so much is done; Return: 0, or -ECANCELED: give up */
static inline int progress_tell(const struct progress *progress, const char *what, uint64_t done,
	uint64_t total)
{
	return progress && progress->tell ? progress->tell(progress->data, what, done, total) : 0;
}
