/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - the user's terminal while an agent has it
 *
 * The sandbox has a pseudo-terminal of its own; the user's terminal becomes a wire: raw mode, every byte
 * passed on. Invariants: whatever way the command leaves, the terminal is as it was found (terminal_fini(),
 * also before the command is suspended); raw mode is only ever set while we are the foreground process group,
 * since setting it from the background would stop us.
 *
 * Source: termios(3), tty_ioctl(4)
 */
#pragma once

#include "session/control.h"

#include <stdbool.h>
#include <termios.h>

struct terminal {
	/* borrowed: whichever of stdin, stdout, stderr is a terminal; -1: none */
	int fd;
	bool is_raw;
	struct termios saved;
};

/** terminal_init() - find the terminal among descriptors 0, 1 and 2 */
void terminal_init(struct terminal *terminal);

/** terminal_fini() - put the terminal back as it was found */
void terminal_fini(struct terminal *terminal);

/** terminal_is_gone() - whether it was closed */
bool terminal_is_gone(const struct terminal *terminal);

/** terminal_is_foreground() - whether we may read and set it without being stopped */
bool terminal_is_foreground(const struct terminal *terminal);

/**
 * terminal_set_raw() - pass every byte on; does nothing in the background or without a terminal; Return: 0 or
 * negative errno
 */
int terminal_set_raw(struct terminal *terminal);

/** terminal_set_back() - as it was found */
void terminal_set_back(struct terminal *terminal);

/** terminal_size() - rows and columns, 24 by 80 where the terminal does not say */
struct control_size terminal_size(const struct terminal *terminal);
