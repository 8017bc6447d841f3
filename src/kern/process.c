// SPDX-License-Identifier: Apache-2.0
/*
 * process.c - children that we start and how they ended
 *
 * The child is cloned with CLONE_VFORK but with memory of its own: the parent sleeps until the exec, so an
 * exec error can come back through a pipe without a race, and nothing that the child does between clone and
 * exec can touch the parent.
 */
#include "kern/process.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>

enum {
	/* descriptors are parked up here before they take their places */
	FD_PARK_BASE = KERN_SPAWN_FDS_MAX,
};

/*
 * Handlers went with CLONE_CLEAR_SIGHAND, which leaves ignored signals ignored (as nohup(1) wants it).
 * SIGPIPE is ignored by our own processes, not by the user's wish; the mask is inherited over exec.
 */
static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	(void)kern_sigaction(SIGPIPE, &action, NULL);
	sigemptyset(&none);
	(void)kern_sigprocmask(SIG_SETMASK, &none, NULL);
}

/* EINVAL is what a limit below the base of the parking lot answers. */
static int park(int fd)
{
	int r = kern_fcntl(fd, F_DUPFD_CLOEXEC, FD_PARK_BASE);

	return r == -EINVAL ? -EMFILE : r;
}

/* Puts fds[i] at i. Everything is parked first, so that no place is overwritten before it was read. */
static int place_fds(const struct kern_spawn *spawn, int *program_fd, int *report_fd)
{
	int parked[KERN_SPAWN_FDS_MAX];
	int r;

	/* The one to report on stays what it is until there is another. */
	r = park(*report_fd);
	if (r < 0)
		return r;
	*report_fd = r;
	if (!spawn->program_path)
		*program_fd = park(*program_fd);
	if (*program_fd < 0 && !spawn->program_path)
		return *program_fd;
	for (size_t i = 0; i < spawn->fd_count; i++) {
		parked[i] = -1;
		if (spawn->fds[i] < 0 && i > 2)
			continue;
		parked[i] = spawn->fds[i] < 0 ? kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0) : spawn->fds[i];
		parked[i] = park(parked[i]);
		if (parked[i] < 0)
			return parked[i];
	}
	for (size_t i = 0; i < spawn->fd_count; i++) {
		if (parked[i] < 0)
			continue;
		r = kern_dup3(parked[i], (int)i, 0);
		if (r < 0)
			return r;
	}
	for (size_t i = 3; i < spawn->fd_count; i++)
		if (parked[i] < 0)
			fd_close((int)i);
	return kern_close_range((unsigned)spawn->fd_count, ~0u, CLOSE_RANGE_CLOEXEC);
}

static _Noreturn void run_child(const struct kern_spawn *spawn, int report_fd)
{
	int program_fd = spawn->program_fd, r = 0;

	reset_signals();
	if (spawn->new_session)
		r = kern_setsid();
	if (r >= 0 && spawn->dies_with_parent)
		r = kern_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (r >= 0 && spawn->in_root)
		r = kern_chdir("/");
	if (r >= 0)
		r = place_fds(spawn, &program_fd, &report_fd);
	if (r >= 0 && spawn->program_path)
		r = kern_execveat(AT_FDCWD, spawn->program_path, spawn->argv, spawn->envp, 0);
	else if (r >= 0)
		r = kern_execveat(program_fd, "", spawn->argv, spawn->envp, AT_EMPTY_PATH);
	(void)kern_write(report_fd, &r, sizeof(r));
	_exit(127);
}

int kern_spawn(const struct kern_spawn *spawn, pid_t *ret_pid, int *ret_pidfd, struct error *err)
{
	int report[2], pidfd = -1, child_error = 0, r;
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_VFORK | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	assert(spawn->fd_count >= 3 && spawn->fd_count <= KERN_SPAWN_FDS_MAX);
	r = kern_pipe2(report, O_CLOEXEC);
	if (r < 0)
		return error_sys(err, r, "cannot start %s: pipe", spawn->argv[0]);
	pid = kern_clone3(&args);
	if (!pid)
		run_child(spawn, report[1]);
	fd_close(report[1]);
	if (pid > 0 && kern_read(report[0], &child_error, sizeof(child_error)) != sizeof(child_error))
		child_error = 0;
	fd_close(report[0]);
	if (pid < 0) {
		(void)error_sys(err, pid, "cannot start %s: clone3", spawn->argv[0]);
		if (pid == -ENOSYS || pid == -EPERM)
			error_hint(err,
				"a system call filter around cordon refuses clone3, as containers do: start that "
				"container with a profile that allows it (podman, docker: --security-opt seccomp=unconfined)");
		return pid;
	}
	if (child_error < 0) {
		(void)kern_wait_pidfd(pidfd);
		fd_close(pidfd);
		(void)error_sys(err, child_error, "cannot start %s", spawn->argv[0]);
		if (child_error == -EMFILE)
			error_hint(err, "the limit on open files is too low: raise it (ulimit -n)");
		return child_error;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

int kern_exit_code(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status & 255 : 128 + info->si_status;
}

int kern_poll_pidfd(int pidfd, uint64_t patience_ns)
{
	const struct timespec patience = {
		.tv_sec = (time_t)(patience_ns / NS_PER_SEC), .tv_nsec = (long)(patience_ns % NS_PER_SEC),
	};
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int r = kern_ppoll(&end, 1, &patience);

	return r == -EINTR ? 0 : r;
}

int kern_wait_pidfd(int pidfd)
{
	siginfo_t info = { 0 };
	int r = kern_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);

	return r < 0 ? r : kern_exit_code(&info);
}
