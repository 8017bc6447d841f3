// SPDX-License-Identifier: Apache-2.0
/*
 * tty.c - pseudo-terminals
 */
#include "kern/tty.h"

#include "base/fd.h"
#include "kern/file.h"

#include <fcntl.h>
#include <sys/ioctl.h>

int kern_tty_open(const char *multiplexer, int *ret_master, int *ret_slave)
{
	scoped(fd) int master = kern_open(AT_FDCWD, multiplexer, O_RDWR | O_NOCTTY, 0);
	int locked = 0, slave, r;

	if (master < 0)
		return master;
	r = kern_ioctl(master, TIOCSPTLCK, &locked);
	if (r < 0)
		return r;
	/* The flags are the argument itself, not a pointer to it. */
	slave = kern_ioctl(master, TIOCGPTPEER, (void *)(uintptr_t)(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (slave < 0)
		return slave;
	*ret_master = TAKE_FD(master);
	*ret_slave = slave;
	return 0;
}

int kern_tty_set_size(int fd, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return kern_ioctl(fd, TIOCSWINSZ, &size);
}

int kern_tty_control(int fd)
{
	return kern_ioctl(fd, TIOCSCTTY, NULL);
}
