/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper.h - somebody who puts the terminal back when we cannot
 *
 * A full-screen command that is killed leaves a terminal without echo, on its second screen. So before it
 * touches anything it starts a child that remembers how the terminal was, and waits: for a word that all is
 * well, or for the end of a pipe, which comes in whatever way its parent ended.
 */
#pragma once

#include "cli/cli.h"
#include "cli/terminal.h"

/* What a terminal is told when a full screen begins and ends. */
#define KEEPER_ENTER "\033[?1049h\033[?25l\033[0m\033[2J"
#define KEEPER_LEAVE "\033[0m\033[?25h\033[?1049l"

struct keeper {
	int fd, pidfd;			/* owned; -1: there is none */
};

#define KEEPER_NONE { -1, -1 }

/**
 * keeper_start() - have the terminal remembered as it is now
 * @keeper:      KEEPER_NONE
 * @cli:         the frame
 * @terminal_fd: borrowed
 * @err:         what failed
 *
 * Return: 0 once it is remembered, or negative errno.
 */
int keeper_start(struct keeper *keeper, struct cli *cli, int terminal_fd, struct error *err);

/** keeper_stop() - the terminal is as it was: nothing is to be done; legal without a keeper */
void keeper_stop(struct keeper *keeper);
