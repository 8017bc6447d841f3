// SPDX-License-Identifier: Apache-2.0
/*
 * job.c - one command in the sandbox, as its session leader sees it
 *
 * Between fork and exec, the child tells of a failure through a pipe that closes itself on exec: end of file
 * is success. Children are made with fork(2): clone3(2) is closed to everybody in the sandbox.
 */
#include "roles/launcher/job.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/lockdown.h"
#include "jail/seccomp.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	FD_PARK_BASE = 10,
};

/* What the child needs beside the job. */
struct launch {
	const struct job *job;
	int tty;			/* slave, or -1 */
	int report_fd;
};

static int set_modes(int tty, const struct jail_tty *wanted)
{
	struct termios modes;
	int r;

	if (wanted->has_modes) {
		r = kern_tcgetattr(tty, &modes);
		if (r < 0)
			return r;
		modes.c_iflag = wanted->input;
		modes.c_oflag = wanted->output;
		modes.c_cflag = wanted->control;
		modes.c_lflag = wanted->local;
		memcpy(modes.c_cc, wanted->chars, JAIL_TTY_CHARS);
		r = kern_tcsetattr(tty, TCSANOW, &modes);
		if (r < 0)
			return r;
	}
	return kern_tty_set_size(tty, wanted->rows, wanted->columns);
}

static int open_tty(const struct job *job, int *ret_slave, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_TTY, .id = job->id };
	scoped(fd) int master = -1, slave = -1;
	int r;

	if (!jail_command_uses_tty(job->command)) {
		*ret_slave = -1;
		return 0;
	}
	r = kern_tty_open(job->cage ? "/dev/ptmx" : "/dev/pts/ptmx", &master, &slave);
	if (r >= 0)
		r = set_modes(slave, &job->command->tty);
	if (r >= 0)
		r = kern_tty_control(slave);
	if (r >= 0)
		r = jail_message_post(job->control_fd, &message, &master, 1);
	if (r < 0)
		return error_sys(err, r, "cannot make the sandbox's terminal");
	*ret_slave = TAKE_FD(slave);
	return 0;
}

/* ---- the child ---- */

/* Everything is parked above first: a descriptor to be placed may stand where another belongs. */
static int place_stdio(const struct launch *launch)
{
	const struct job *job = launch->job;
	int parked[3], r;

	for (int i = 0; i < 3; i++) {
		enum jail_stdio kind = job->command->stdio[i];
		int from = kind == JAIL_STDIO_TTY ? launch->tty : job->fds[i];

		if (kind == JAIL_STDIO_NULL)
			parked[i] = kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
		else
			parked[i] = kern_fcntl(from, F_DUPFD_CLOEXEC, FD_PARK_BASE);
		if (parked[i] < 0)
			return parked[i];
	}
	for (int i = 0; i < 3; i++) {
		r = kern_dup3(parked[i], i, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

static int listen_to_calls(const struct job *job, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_LISTENER, .id = job->id };
	scoped(fd) int listener = -1;
	int r;

	if (!job->notify)
		return 0;
	listener = jail_seccomp_listen(job->preset, err);
	if (listener < 0)
		return listener;
	r = jail_message_post(job->control_fd, &message, &listener, 1);
	return r < 0 ? error_sys(err, r, "cannot hand out the listener") : 0;
}

/* Where init is outside of the cage, the command enters it by itself, and does not outlive its parent. */
static int enter_cage(const struct job *job, struct error *err)
{
	int abi, r = kern_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (r < 0)
		return error_sys(err, r, "cannot tie the command to the sandbox");
	return jail_lockdown(job->cage, job->fds, job->pin_affinity, &abi, err);
}

static int prepare(const struct launch *launch, struct error *err)
{
	const struct jail_command *command = launch->job->command;
	int r = kern_setpgid(0, 0);

	/* Signals are still blocked: SIGTTOU cannot stop us here. */
	if (r >= 0 && launch->tty >= 0)
		r = kern_tcsetpgrp(launch->tty, kern_getpid());
	if (r >= 0)
		r = place_stdio(launch);
	if (r < 0)
		return error_sys(err, r, "cannot set up the command's descriptors");
	r = kern_chdir(command->cwd);
	if (r < 0) {
		(void)error_sys(err, r, "cannot enter the directory '%s'", quote_cstr(command->cwd).text);
		error_hint(err,
			"start in the project, or in a directory that filesystem.read or .write shows");
		return r;
	}
	(void)kern_umask(command->umask);
	if (launch->job->cage)
		r = enter_cage(launch->job, err);
	if (r < 0)
		return r;
	r = listen_to_calls(launch->job, err);
	if (r < 0)
		return r;
	r = kern_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	return r < 0 ? error_sys(err, r, "cannot close descriptors") : 0;
}

static int execute(const char *path, const struct jail_command *command)
{
	char *const *argv, *const *env;

	memcpy(&argv, &command->argv, sizeof(argv));	/* execve's historical lack of const */
	memcpy(&env, &command->env, sizeof(env));
	return kern_execveat(AT_FDCWD, path, argv, env, 0);
}

static struct str search_path(const struct jail_command *command)
{
	for (size_t i = 0; i < command->env_count; i++)
		if (str_starts_with(str_from(command->env[i]), STR("PATH=")))
			return str_from(command->env[i] + 5);
	return (struct str){ 0 };
}

/* As execvp(3), but for its shell: a file that is no program is an error. */
static int execute_by_name(const struct jail_command *command)
{
	const char *name = command->argv[0];
	struct str rest = search_path(command), dir;
	char path[PATH_TEXT_MAX];
	int r = -ENOENT;

	if (strchr(name, '/'))
		return execute(name, command);
	while (rest.len) {
		int here;

		(void)str_cut(rest, ':', &dir, &rest);
		if ((size_t)snprintf(path, sizeof(path), "%.*s%s%s", STR_FMT(dir), dir.len ? "/" : "",
				name) >= sizeof(path))
			continue;
		here = execute(path, command);
		if (here != -ENOENT && here != -ENOTDIR && here != -EACCES)
			return here;
		if (here == -EACCES)
			r = -EACCES;
	}
	return r;
}

static _Noreturn void run_child(const struct launch *launch)
{
	struct jail_failed failed = { .stage = JAIL_STAGE_SETUP, .error = ERROR_INIT };
	const struct jail_command *command = launch->job->command;
	sigset_t none;
	int r = prepare(launch, &failed.error);

	if (r >= 0) {
		sigemptyset(&none);
		(void)kern_sigprocmask(SIG_SETMASK, &none, NULL);
		failed.stage = JAIL_STAGE_EXEC;
		r = execute_by_name(command);
		(void)error_sys(&failed.error, r, "cannot run '%s'", quote_cstr(command->argv[0]).text);
		if (r == -ENOENT)
			error_hint(&failed.error,
				"The sandbox sees the system's programs and what the configuration gives it: is it (or what its first line names) installed there?");
	}
	(void)kern_write(launch->report_fd, &failed, sizeof(failed));
	_exit(127);
}

/* ---- the parent ---- */

static int spawn(struct job *job, int tty, struct jail_failed *ret)
{
	struct launch launch = { .job = job, .tty = tty };
	int report[2], r = kern_pipe2(report, O_CLOEXEC);
	ssize_t n;

	if (r < 0)
		return error_sys(&ret->error, r, "cannot start the command: pipe");
	launch.report_fd = report[1];
	job->pid = kern_fork();
	if (!job->pid)
		run_child(&launch);
	fd_close(report[1]);
	n = job->pid < 0 ? 0 : kern_read(report[0], ret, sizeof(*ret));
	fd_close(report[0]);
	if (job->pid < 0)
		return error_sys(&ret->error, job->pid, "cannot start the command: fork");
	return n == sizeof(*ret) ? ret->error.code : 0;
}

void job_fini(struct job *job)
{
	for (int i = 0; i < 3; i++)
		job->fds[i] = fd_close(job->fds[i]);
}

int job_start(struct job *job)
{
	struct jail_failed failed = { .stage = JAIL_STAGE_SETUP, .error = ERROR_INIT };
	struct jail_message message = { .kind = JAIL_MESSAGE_STARTED, .id = job->id };
	scoped(fd) int tty = -1;
	int r = open_tty(job, &tty, &failed.error);

	if (r >= 0)
		r = spawn(job, tty, &failed);
	job_fini(job);
	if (r < 0) {
		jail_fail(job->control_fd, job->id, failed.stage, &failed.error);
		return r;
	}
	message.started.pid = job->pid;
	r = jail_message_post(job->control_fd, &message, NULL, 0);
	/* Nobody would hear of its end, either. */
	if (r < 0)
		(void)kern_kill(-job->pid, SIGKILL);
	return r;
}

int job_report(const struct job *job, const siginfo_t *info)
{
	struct jail_message message = { .id = job->id };
	int r;

	switch (info->si_code) {
	case CLD_STOPPED:
	case CLD_TRAPPED:
		message.kind = JAIL_MESSAGE_STOPPED;
		message.stopped.signal = info->si_status;
		break;
	case CLD_CONTINUED:
		message.kind = JAIL_MESSAGE_CONTINUED;
		break;
	default:
		message.kind = JAIL_MESSAGE_EXITED;
		message.exited.code = kern_exit_code(info);
		message.exited.signal = info->si_code == CLD_EXITED ? 0 : info->si_status;
		message.exited.core = info->si_code == CLD_DUMPED;
		break;
	}
	r = jail_message_post(job->control_fd, &message, NULL, 0);
	if (message.kind != JAIL_MESSAGE_EXITED)
		return 0;
	return r < 0 ? r : 1;
}
