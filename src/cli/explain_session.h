/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_session.h - what judged a session, and why as it did
 */
#pragma once

#include "cli/cli.h"

/**
 * explain_session() - tell each rule that found something: where it stands, what it says, the way past it
 * @cli:  the frame
 * @word: an id, or the beginning of one
 * @rule: only this one; NULL: all
 *
 * Return: the exit code.
 */
int explain_session(struct cli *cli, const char *word, const char *rule);
