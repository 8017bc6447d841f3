/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach.h - being the terminal of a program in a session
 *
 * From the user's side the program runs directly: keys, window size, job control, signals and the end are its
 * own. An attachment owns its loop and its channel; it ends when the supervisor says SETTLED or FAILED (a
 * whole session), EXITED (a command of `cordon exec`), or goes away; and earlier when the person leaves, by
 * the keys for that, or by closing the terminal: the session then goes on.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cli/cli.h"
#include "json/json.h"

enum attach_kind {
	ATTACH_SESSION,			/* ends with SETTLED */
	ATTACH_COMMAND,			/* ends with EXITED */
};

struct attach_request {
	enum attach_kind kind;
	int channel_fd;			/* connected to the supervisor; owned by attach_run() */
	bool with_stdin;		/* keys are passed on: the program's stdin is this terminal */
	/*
	 * Only one of several: signals are for this command and not for the program, and what the program
	 * shows goes to standard output, whatever that is.
	 */
	bool is_joining;
	bool is_read_only;		/* keys do nothing but leave */
	const char *detach_keys;	/* session/detach_keys.h; NULL: none */
	/* making the session takes long: until the program runs, an interrupt ends the session instead */
	bool is_cancellable;
	bool is_unfiltered;		/* the terminal gets every byte (guard.h) */
};

struct attach_result {
	int exit_code;			/* of the program; -1: it never started */
	const struct json *settled;	/* NULL where the session did not come that far */
	int failure_code;		/* 0, or what `cordon` should leave with because of @err */
	const char *id;			/* of the session; NULL where it was not said */
	bool is_detached;		/* the person left, and the program goes on */
};

/**
 * attach_run() - serve until the end
 * @cli:     shows how far something is that takes long; its arena owns what @ret points to
 * @request: how
 * @ret:     how it ended
 * @err:     filled where ret->failure_code is set, and on failure
 *
 * Blocks for as long as the program runs. The terminal is back as it was found on return, also out of the
 * modes that the program left it in.
 *
 * Errors: -ECONNRESET the supervisor went away without a word; -EINVAL the keys; others from the kernel.
 * Return: 0 or negative errno.
 */
int attach_run(struct cli *cli, const struct attach_request *request, struct attach_result *ret,
	struct error *err);
