// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - the program `cordon`
 *
 * It parses, resolves, starts the supervisor and prints; it enters no namespace and holds no privilege.
 */
#include "cli/cli.h"

#include "base/fd.h"
#include "kern/file.h"

#include <fcntl.h>

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

int main(int argc, char **argv, char **envp)
{
	if (argc < 1 || fill_standard_fds() < 0)
		return CLI_FAILED;
	return cli_main(argc, argv, envp);
}
