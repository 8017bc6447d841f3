// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_keep_terminal.c - `cordon keep-terminal`: the child of keeper.h, and who starts it
 *
 * Descriptor 0 is the pipe, 1 the terminal, 2 where it says that it has looked. It is in a session of its
 * own, so neither the keyboard nor a shell's job control reaches it.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "cli/keeper.h"
#include "kern/file.h"
#include "kern/process.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define ALL_IS_WELL 'w'

/*
 * A shell may have been faster, and has the keyboard as it wants it: nobody but us switches its signals off.
 */
static void put_back(const struct termios *saved)
{
	struct termios now;

	if (kern_tcgetattr(STDOUT_FILENO, &now) >= 0 && !(now.c_lflag & ISIG))
		(void)kern_tcsetattr(STDOUT_FILENO, TCSANOW, saved);
	(void)kern_write_all(STDOUT_FILENO, KEEPER_LEAVE, strlen(KEEPER_LEAVE));
}

static int watch(void)
{
	struct termios saved;
	char word = 0;
	int r = kern_tcgetattr(STDOUT_FILENO, &saved);

	if (r >= 0)
		r = kern_write_all(STDERR_FILENO, "r", 1);
	if (r < 0)
		return CLI_FAILED;
	if (kern_read(STDIN_FILENO, &word, 1) != 1 || word != ALL_IS_WELL)
		put_back(&saved);
	return CLI_OK;
}

int cmd_keep_terminal(UNUSED struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	return watch();
}

/* ---- who starts it ---- */

static int spawn(struct keeper *keeper, struct cli *cli, const int fds[3], struct error *err)
{
	scoped(fd) int program_fd = kern_open(AT_FDCWD, "/proc/self/exe", O_PATH, 0);
	char name[] = "cordon", command[] = "keep-terminal";
	char *argv[] = { name, command, NULL };
	struct kern_spawn how = { .program_fd = program_fd, .argv = argv, .envp = cli->envp, .fds = fds,
		.fd_count = 3, .new_session = true };
	pid_t pid;

	if (program_fd < 0)
		return error_sys(err, program_fd, "/proc/self/exe");
	return kern_spawn(&how, &pid, &keeper->pidfd, err);
}

int keeper_start(struct keeper *keeper, struct cli *cli, int terminal_fd, struct error *err)
{
	int wait[2] = { -1, -1 }, ready[2] = { -1, -1 }, r = kern_pipe2(wait, O_CLOEXEC);
	char word;

	if (r >= 0)
		r = kern_pipe2(ready, O_CLOEXEC);
	if (r < 0)
		(void)error_sys(err, r, "a pipe");
	if (r >= 0)
		r = spawn(keeper, cli, (const int[]){ wait[0], terminal_fd, ready[1] }, err);
	fd_close(wait[0]);
	fd_close(ready[1]);
	if (r >= 0 && kern_read(ready[0], &word, 1) != 1)
		r = error_set(err, -EPROTO, "the terminal cannot be kept");
	fd_close(ready[0]);
	keeper->fd = wait[1];
	return MIN(r, 0);
}

void keeper_stop(struct keeper *keeper)
{
	const char word = ALL_IS_WELL;

	if (keeper->fd >= 0)
		(void)kern_write_all(keeper->fd, &word, 1);
	keeper->fd = fd_close(keeper->fd);
	if (keeper->pidfd >= 0)
		(void)kern_wait_pidfd(keeper->pidfd);
	keeper->pidfd = fd_close(keeper->pidfd);
}
