/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - a sign of life from what may take long
 *
 * Whoever does something long tells how far it is, often, since telling is cheap; whoever asked for it
 * decides whether anybody is to see that, and when. NULL, or all zero: nobody listens.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct progress {
	/* @total 0: not known; @what is a constant text, such as "comparing files" */
	void (*tell)(void *data, const char *what, uint64_t done, uint64_t total);
	void *data;
};

/** progress_tell() - so much is done */
static inline void progress_tell(const struct progress *progress, const char *what, uint64_t done,
	uint64_t total)
{
	if (progress && progress->tell)
		progress->tell(progress->data, what, done, total);
}
