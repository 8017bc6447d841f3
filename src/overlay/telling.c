// SPDX-License-Identifier: Apache-2.0
/*
 * telling.c - how far a commit or an undo is, for who waits for it
 */
#include "overlay/telling.h"

#include <errno.h>
#include <string.h>

void telling_begin(struct telling *telling, const char *what, uint64_t total)
{
	telling->what = what;
	telling->done = 0;
	telling->total = total;
}

static int tell(const struct telling *telling)
{
	return progress_tell(telling->progress, telling->what, telling->done, telling->total);
}

int telling_step(struct telling *telling)
{
	telling->done++;
	return tell(telling);
}

int telling_of_file(void *data, const char *what, uint64_t done, uint64_t total)
{
	const struct telling *telling = data;

	return total ? progress_tell(telling->progress, what, done, total) : tell(telling);
}

int telling_given_up(struct error *err)
{
	error_set(err, -ECANCELED, "interrupted before the first change: everything is as it was");
	error_hint(err, "Say it again to begin anew.");
	return -ECANCELED;
}

bool overlay_is_changing(const char *what)
{
	return !strcmp(what, OVERLAY_CHANGING) || !strcmp(what, OVERLAY_KEEPING) ||
		!strcmp(what, OVERLAY_TAKING_BACK);
}
