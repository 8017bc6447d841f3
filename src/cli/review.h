/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review.h - the last word of a session, for a person
 */
#pragma once

#include "cli/attach.h"
#include "cli/cli.h"

/**
 * review_attached() - what there is to say after having been a session's terminal
 * @cli:    the frame
 * @result: of attach_run()
 * @err:    as it left it
 *
 * Says how the session ended, and at a terminal asks what is to become of a held branch. Everything is said
 * on standard error, since standard output is the program's; nothing is said where nothing changed.
 *
 * Return: the exit code: the program's, or that of the failure; 0 where the person left and it goes on.
 */
int review_attached(struct cli *cli, const struct attach_result *result, const struct error *err);
