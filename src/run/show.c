// SPDX-License-Identifier: Apache-2.0
/*
 * show.c - cordon-differ, started for one question
 */
#include "run/show.h"

#include "base/fd.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/sock.h"
#include "session/programs.h"

#include <errno.h>
#include <fcntl.h>

int run_differ_start(const struct differ_request *request, const struct overlay_root *roots, int out_fd,
	int err_fd, int *ret_pidfd, struct error *err)
{
	scoped(fd) int program_fd = programs_open("cordon-differ", err);
	char name[] = "cordon-differ";
	char *argv[] = { name, NULL }, *envp[] = { NULL };
	int pair[2] = { -1, -1 }, fds[] = { -1, out_fd, err_fd, -1 }, r = program_fd;
	struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = ARRAY_SIZE(fds),
		.dies_with_parent = true,
	};
	pid_t pid;

	if (r >= 0) {
		r = kern_sock_pair(pair);
		if (r < 0)
			error_sys(err, r, "cannot ask the differ");
	}
	if (r >= 0)
		r = differ_send(pair[0], request, roots, err);
	fds[DIFFER_FD] = pair[1];
	if (r >= 0)
		r = kern_spawn(&spawn, &pid, ret_pidfd, err);
	fd_close(pair[0]);
	fd_close(pair[1]);
	return MIN(r, 0);
}

int run_differ_read(const struct differ_request *request, const struct overlay_root *roots, int err_fd,
	struct buf *ret, struct error *err)
{
	scoped(fd) int pidfd = -1;
	int pair[2], r = kern_pipe2(pair, O_CLOEXEC), code;

	if (r < 0)
		return error_sys(err, r, "cannot ask the differ");
	r = run_differ_start(request, roots, pair[1], err_fd, &pidfd, err);
	fd_close(pair[1]);
	if (r < 0) {
		fd_close(pair[0]);
		return r;
	}
	r = kern_read_all(pair[0], ret);
	/* Where its answer is too long for us, it ends here: nobody reads on. */
	fd_close(pair[0]);
	code = kern_wait_pidfd(pidfd);
	if (r < 0)
		return error_sys(err, r, "cannot hear the differ");
	return code ? error_set(err, -EPROTO, "the differ failed (exit code %d)", code) : 0;
}
