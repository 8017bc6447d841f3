// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - the program `cordon`
 *
 * It parses, resolves, starts the supervisor and prints; it enters no namespace and holds no privilege.
 */
#include "cli/cli.h"

#include "base/fd.h"
#include "base/heap.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/*
 * A caller may have closed a standard descriptor. The next file that we open would take its number, and a
 * message would be written into it.
 */
static int fill_standard_fds(void)
{
	int fd;

	do
		fd = kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		fd_close(fd);
	return fd;
}

/* It may be that nobody hears it: then standard error is what was closed. */
static int say_unfilled(int code)
{
	struct error err = ERROR_INIT;
	char text[ERROR_TEXT_MAX];
	int len;

	(void)error_sys(&err, code, "cordon: cannot open /dev/null");
	len = snprintf(text, sizeof(text), "%s\n", err.text);
	(void)kern_write_all(STDERR_FILENO, text, MIN((size_t)len, sizeof(text) - 1));
	return CLI_FAILED;
}

int main(int argc, char **argv, char **envp)
{
	int r = argc < 1 ? -EINVAL : fill_standard_fds();

	heap_keep();
	if (r < 0)
		return say_unfilled(r);
	return cli_main(argc, argv, envp);
}
