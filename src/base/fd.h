/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.h - a file descriptor as an owned thing
 *
 * -1 is "none". Closing is the only system call of this layer, since ownership ends here.
 */
#pragma once

#include "base/macro.h"

#include <errno.h>
#include <unistd.h>

/** fd_close() - close a descriptor and keep errno; Return: -1, to be assigned back */
static inline int fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return -1;
}

static inline void fd_scope_exit(const int *fd)
{
	fd_close(*fd);
}
