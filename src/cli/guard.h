/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h - what a program prints, on its way to the person's terminal
 *
 * The filter of term/filter.h with a terminal behind it: what may be shown is written, and what the program
 * changed of the terminal is put back whenever the person gets it back. An all-zero guard lets nothing
 * through unfiltered. When the filter is switched off every byte is passed, and the terminal is put back all
 * the same.
 */
#pragma once

#include "session/session.h"
#include "term/filter.h"

struct guard {
	bool is_off;			/* the person switched the filter off */
	struct term_filter filter;
};

/**
 * guard_is_off() - whether a session's output is to be passed on as it is
 * @session: open
 * @option:  "on" or "off" of --terminal-filter, NULL: as the session's configuration says
 *
 * Return: true only where somebody said so; what cannot be read says nothing.
 */
bool guard_is_off(const struct session *session, const char *option);

/** guard_show() - the program printed @text; @fd is the terminal */
void guard_show(struct guard *guard, int fd, struct str text);

/** guard_leave() - the person gets the terminal back, for now: modes and screen are theirs again */
void guard_leave(struct guard *guard, int fd);

/** guard_enter() - and the program has it again */
void guard_enter(struct guard *guard, int fd);

/** guard_end() - the program is done with the terminal: put it back, and say what was taken out */
void guard_end(struct guard *guard, int fd);
