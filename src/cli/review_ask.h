/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review_ask.h - a person decides: on a full screen, or line by line
 */
#pragma once

#include "cli/reviewing.h"

enum review_end {
	REVIEW_END_QUIT,		/* nothing is to be committed */
	REVIEW_END_COMMIT,
};

/**
 * review_on_screen() - the full screen
 * @reviewing: open; decisions that were made stay made
 * @ret:       what the person wants in the end
 * @err:       why there is no screen
 *
 * The terminal is as it was when this returns, and also when the program is killed meanwhile.
 *
 * Errors: from the kernel; -EINTR we were told to end.
 * Return: 0 or negative errno.
 */
int review_on_screen(struct reviewing *reviewing, enum review_end *ret, struct error *err);

/** review_by_line() - questions and answers, for a terminal that can do no more; Return: how it ended */
enum review_end review_by_line(struct reviewing *reviewing);
