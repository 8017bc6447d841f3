/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach.h - being the terminal of a program in a session
 *
 * From the user's side the program runs directly: keys, window size, job control, signals and the end are its
 * own. An attachment owns its loop and its channel; it ends when the supervisor says SETTLED or FAILED (a
 * whole session), EXITED (a command of `cordon exec`), or goes away.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "json/json.h"

enum attach_kind {
	ATTACH_SESSION,			/* ends with SETTLED */
	ATTACH_COMMAND,			/* ends with EXITED */
};

struct attach_result {
	int exit_code;			/* of the program; -1: it never started */
	const struct json *settled;	/* NULL where the session did not come that far */
	int failure_code;		/* 0, or what `cordon` should leave with because of @err */
};

/**
 * attach_run() - serve until the end
 * @arena:      owns @ret's documents
 * @kind:       what ends it
 * @channel_fd: connected to the supervisor; owned by this call
 * @with_stdin: whether keys are passed on (the program's stdin is the terminal)
 * @is_unfiltered: whether the terminal gets every byte (guard.h)
 * @ret:        how it ended
 * @err:        filled where ret->failure_code is set, and on failure
 *
 * Blocks for as long as the program runs. The terminal is back as it was found on return.
 *
 * Errors: -ECONNRESET the supervisor went away without a word; others from the kernel.
 * Return: 0 or negative errno.
 */
int attach_run(struct arena *arena, enum attach_kind kind, int channel_fd, bool with_stdin,
	bool is_unfiltered, struct attach_result *ret, struct error *err);
