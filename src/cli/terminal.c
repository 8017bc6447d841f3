// SPDX-License-Identifier: Apache-2.0
/*
 * terminal.c - the user's terminal while an agent has it
 */
#include "cli/terminal.h"

#include "kern/kern.h"

#include <errno.h>
#include <sys/ioctl.h>

void terminal_init(struct terminal *terminal)
{
	*terminal = (struct terminal){ .fd = -1 };
	for (int fd = 0; fd <= 2 && terminal->fd < 0; fd++)
		if (kern_isatty(fd) > 0)
			terminal->fd = fd;
}

void terminal_fini(struct terminal *terminal)
{
	terminal_set_back(terminal);
	terminal->fd = -1;
}

bool terminal_is_gone(const struct terminal *terminal)
{
	struct termios modes;

	return terminal->fd >= 0 && kern_tcgetattr(terminal->fd, &modes) == -EIO;
}

bool terminal_is_foreground(const struct terminal *terminal)
{
	return terminal->fd >= 0 && kern_tcgetpgrp(terminal->fd) == kern_getpgid(0);
}

int terminal_set_raw(struct terminal *terminal)
{
	struct termios raw;
	int r;

	if (terminal->is_raw || !terminal_is_foreground(terminal))
		return 0;
	r = kern_tcgetattr(terminal->fd, &terminal->saved);
	if (r < 0)
		return r;
	raw = terminal->saved;
	cfmakeraw(&raw);
	r = kern_tcsetattr(terminal->fd, TCSADRAIN, &raw);
	terminal->is_raw = r >= 0;
	return r;
}

void terminal_set_back(struct terminal *terminal)
{
	if (!terminal->is_raw)
		return;
	(void)kern_tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
	terminal->is_raw = false;
}

struct control_size terminal_size(const struct terminal *terminal)
{
	struct winsize size = { 0 };

	if (terminal->fd >= 0)
		(void)kern_ioctl(terminal->fd, TIOCGWINSZ, &size);
	return (struct control_size){ .rows = size.ws_row ?: 24, .columns = size.ws_col ?: 80 };
}
