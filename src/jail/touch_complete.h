/* SPDX-License-Identifier: Apache-2.0 */
/*
 * touch_complete.h - set the mode or the times of a file, if it is the session's own
 */
#pragma once

#include "jail/messages.h"

/**
 * jail_touch_complete() - do one chmod(2) or utimensat(2) of another task
 * @plan:  its `own` directories
 * @touch: the call
 * @start: what its path starts at, or the file itself where it has no path
 * @wide:  false: only where the path leads nowhere but down from a directory of our own, which takes no time;
 *         true: wherever it leads, in a process of its own, since looking there may take as long as it likes
 * @ret_refused: PATH_TEXT_MAX bytes: where the file lies, if it is not ours; else empty
 *
 * The file is opened once, looked at, and what was opened is changed: a name that changes meanwhile changes
 * nothing.
 *
 * Source: chmod(2), utimensat(2), openat2(2)
 * Return: 0 or negative errno as the kernel would answer; -EPERM it is not ours; -EAGAIN not @wide, and it
 * has to be.
 */
int jail_touch_complete(const struct jail_plan *plan, const struct jail_touch *touch, int start, bool wide,
	char *ret_refused);
