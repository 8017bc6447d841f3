// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-launcher: from a plan to a running sandbox
 *
 *	descriptor 3	the connection to the supervisor (jail/messages.h)
 *
 * With words behind its name it is the prober of `cordon doctor` instead (probe.c).
 *
 * The supervisor starts it before there is a plan, so that it is ready when the plan comes, beside which come
 * the descriptors that the agent inherits. It checks the plan once more, opens what init could not (when root
 * starts an agent that is not root), clones PID 1 into all new namespaces, and stays behind for one thing: to
 * know when the sandbox is gone. It also holds the namespaces until then, so that tearing them down, which
 * takes the kernel milliseconds, keeps nobody waiting.
 *
 * Linked statically: it runs once per session, and half of its life would be the dynamic linker's.
 */
#include "base/fd.h"
#include "base/time.h"
#include "jail/identity.h"
#include "jail/landlock.h"
#include "jail/probe.h"
#include "jail/sweep.h"
#include "kern/file.h"
#include "kern/process.h"
#include "roles/launcher/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	EXIT_FAILED = 125,
	PROC_PATH_SIZE = 64,
};

#define NAMESPACES \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	CLONE_NEWCGROUP | CLONE_NEWTIME)

static bool is_alone(const struct launcher *launcher)
{
	return launcher->plan.level == JAIL_LEVEL_LANDLOCK;
}

/* Nothing but our four descriptors, no way up, no core file. */
static int confine(struct error *err)
{
	int r = kern_close_range(JAIL_FD_CONTROL + 1, ~0u, 0);

	if (r >= 0)
		r = kern_fcntl(JAIL_FD_CONTROL, F_SETFD, FD_CLOEXEC);
	if (r >= 0)
		r = kern_fcntl(JAIL_FD_CONTROL, F_SETFL, O_NONBLOCK);
	if (r >= 0)
		r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return r < 0 ? error_sys(err, r, "the launcher needs descriptor %d", JAIL_FD_CONTROL) : 0;
}

static int read_plan(struct launcher *launcher, int plan_fd, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	const struct json *json;
	int r = (int)kern_lseek(plan_fd, 0, SEEK_SET);

	if (r >= 0)
		r = kern_read_all(plan_fd, &text);
	if (r < 0)
		return error_sys(err, r, "cannot read the sandbox plan");
	r = json_read(&launcher->arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &json,
		err);
	if (r >= 0)
		r = jail_plan_read(&launcher->arena, json, &launcher->plan, err);
	if (r >= 0)
		r = jail_plan_check(&launcher->plan, err);
	return r;
}

/* What the agent inherits becomes our own 0, 1 and 2, from where init takes it; the rest is /dev/null. */
static int take_stdio(const struct launcher *launcher, const int *fds, size_t fd_count)
{
	size_t next = 0;

	for (int i = 0; i < 3; i++) {
		int r = 0;

		if (launcher->plan.command.stdio[i] != JAIL_STDIO_INHERIT)
			continue;
		if (next < fd_count)
			r = kern_dup3(fds[next++], i, 0);
		else
			r = -EBADMSG;
		if (r < 0)
			return r;
	}
	return next == fd_count ? 0 : -EBADMSG;
}

/* Waits for BEGIN; returns 0 where the supervisor left without it. */
static int wait_for_plan(struct launcher *launcher, struct error *err)
{
	struct channel_message in;
	struct jail_message message;
	int fds[KERN_SOCK_FDS_MAX], r = channel_wait(launcher->control_fd, &in, fds);

	if (!r)
		return 0;
	if (r > 0)
		r = jail_message_read(&in, &message);
	if (r >= 0 && message.kind != JAIL_MESSAGE_BEGIN)
		r = -EBADMSG;
	if (r < 0)
		return error_sys(err, r, "waiting for the sandbox plan");
	r = read_plan(launcher, fds[0], err);
	if (r >= 0) {
		r = take_stdio(launcher, fds + 1, in.fd_count - 1);
		if (r < 0)
			(void)error_sys(err, r, "taking over the agent's descriptors");
	}
	for (size_t i = 0; i < in.fd_count; i++)
		fd_close(fds[i]);
	return r < 0 ? r : 1;
}

/*
 * Root's agent is somebody else: what it may use is opened with root's rights, and root's groups are left
 * behind.
 */
static int prepare(struct launcher *launcher, struct error *err)
{
	const struct jail_identity *identity = &launcher->plan.identity;
	int r;

	if (identity->is_container_root && !jail_identity_is_contained())
		return error_set(err, -EPERM, "the agent would be root of this host");
	launcher->foreign = jail_identity_outer_uid(identity) != kern_geteuid() ||
		jail_identity_outer_gid(identity) != kern_getegid();
	if (!launcher->foreign)
		return jail_identity_check_groups(identity, err);
	if (is_alone(launcher))
		return error_set(err, -EPERM, "at the level landlock the agent has no id but the user's own");
	if (kern_geteuid())
		return error_set(err, -EPERM, "the plan's user %u is somebody else", identity->uid);
	r = jail_sources_open(&launcher->arena, &launcher->plan, true, &launcher->sources, err);
	if (r < 0)
		return r;
	r = kern_setgroups(0, NULL);
	return r < 0 ? error_sys(err, r, "cannot leave root's groups") : 0;
}

static pid_t clone_init(const struct launcher *launcher, int *ret_pidfd)
{
	int group = jail_limiter_clone_fd(&launcher->limiter), pidfd = -1;
	pid_t pid;
	struct clone_args args = {
		.flags = CLONE_PIDFD | (is_alone(launcher) ? 0 : NAMESPACES),
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};

	if (group >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	pid = kern_clone3(&args);
	*ret_pidfd = pidfd;
	return pid;
}

/* The remedy for this very host, and the way round it. */
static void hint_at_userns(int code, struct error *err)
{
	static struct jail_facts facts;
	static struct jail_report report;

	jail_probe_settings(&facts);
	facts.items[JAIL_PROBE_USER_NAMESPACE] =
		(struct jail_fact){ .outcome = JAIL_OUTCOME_FAILED, .error = code };
	jail_probe_judge(&facts, &report);
	error_hint(err, "%s%s", report.rows[JAIL_PROBE_USER_NAMESPACE].remedy,
		facts.is_root ?
			"" :
			" Or run with --level landlock: no network, processes or /tmp of its own, in a copy of the project.");
}

static int fail_to_clone(int code, struct error *err)
{
	(void)error_sys(err, code, "cannot make the sandbox's namespaces");
	if (code == -EPERM || code == -ENOSPC || code == -EUSERS)
		hint_at_userns(code, err);
	return code;
}

/*
 * What the sandbox's last process would tear down if nobody else had it. Nobody but us may: when we have
 * ended, the supervisor knows that nothing is mounted any more.
 */
static int hold_namespaces(pid_t pid)
{
	static const char *const names[] = { "user", "net", "mnt" };
	char path[PROC_PATH_SIZE];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && r >= 0; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		r = kern_open(AT_FDCWD, path, O_RDONLY, 0);
	}
	return MIN(r, 0);
}

/* Tells the supervisor that PID 1 exists. */
static int announce(const struct launcher *launcher, pid_t pid, int pidfd, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_CREATED, .created = { .pid = pid } };
	int r = hold_namespaces(pid);

	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		message.created.mechanisms[i] = launcher->limiter.by[i];
	message.created.landlock_abi = MIN(jail_landlock_abi(), (int)JAIL_LANDLOCK_ABI_KNOWN);
	if (r >= 0)
		r = jail_message_post(launcher->control_fd, &message, &pidfd, 1);
	return r < 0 ? error_sys(err, r, "cannot reach the sandbox's namespaces") : 0;
}

static int release(const struct launcher *launcher, pid_t pid, int pidfd, int go_fd, struct error *err)
{
	char proc_dir[PROC_PATH_SIZE];
	ssize_t n;
	int r = 0;

	snprintf(proc_dir, sizeof(proc_dir), "/proc/%d", pid);
	if (launcher->foreign)
		r = jail_identity_map(proc_dir, &launcher->plan.identity, err);
	if (r >= 0)
		r = jail_limiter_add(&launcher->limiter, pid, err);
	if (r >= 0)
		r = announce(launcher, pid, pidfd, err);
	if (r < 0)
		return r;
	n = kern_write(go_fd, "", 1);
	return n < 0 && n != -EPIPE ? error_sys(err, (int)n, "cannot release init") : 0;
}

/* The agent's pipes must end with the agent: the launcher lets go of them. */
static void drop_stdio(void)
{
	scoped(fd) int null = kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0);

	for (int i = 0; i < 3; i++)
		if (null < 0 || kern_dup3(null, i, 0) < 0)
			fd_close(i);
}

/* Init was our only child, and whoever it left behind was reaped in its name. */
static uint64_t sandbox_cpu_ns(void)
{
	struct rusage usage;

	if (kern_getrusage(RUSAGE_CHILDREN, &usage) < 0)
		return 0;
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_SEC +
		(uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_US;
}

static int launch(struct launcher *launcher, struct error *err)
{
	struct jail_message gone = { .kind = JAIL_MESSAGE_GONE };
	int go[2], pidfd = -1, r;
	pid_t pid;

	r = kern_pipe2(go, O_CLOEXEC);
	if (r >= 0 && is_alone(launcher))
		r = kern_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "getting ready to start the sandbox");
	jail_limiter_init(&launcher->limiter, &launcher->plan);
	launcher->go_fd = go[0];
	pid = clone_init(launcher, &pidfd);
	if (pid < 0) {
		jail_limiter_fini(&launcher->limiter);
		return fail_to_clone(pid, err);
	}
	if (!pid) {
		fd_close(go[1]);
		init_run(launcher);
	}
	fd_close(go[0]);
	jail_sources_fini(&launcher->sources);
	drop_stdio();
	r = release(launcher, pid, pidfd, go[1], err);
	if (r < 0) {
		jail_fail(launcher->control_fd, 0, JAIL_STAGE_SETUP, err);
		(void)kern_pidfd_send_signal(pidfd, SIGKILL);
	}
	(void)kern_wait_pidfd(pidfd);
	/* Init does that itself, unless somebody killed it. */
	if (is_alone(launcher))
		jail_sweep();
	jail_limiter_count(&launcher->limiter, &gone.gone);
	gone.gone.cpu_ns = sandbox_cpu_ns();
	(void)jail_message_post(launcher->control_fd, &gone, NULL, 0);
	jail_limiter_fini(&launcher->limiter);
	return 0;
}

int main(int argc, char **argv)
{
	static struct launcher launcher = { .arena = ARENA_INIT(JAIL_PLAN_BYTES_MAX * 4),
		.control_fd = JAIL_FD_CONTROL };
	struct error err = ERROR_INIT;
	int r;

	if (argc > 1)
		return probe_run(argc, argv);
	r = confine(&err);
	if (r >= 0)
		r = wait_for_plan(&launcher, &err);
	if (!r)
		return 0;
	if (r > 0)
		r = prepare(&launcher, &err);
	if (r >= 0)
		r = launch(&launcher, &err);
	if (r >= 0)
		return 0;
	jail_fail(launcher.control_fd, 0, JAIL_STAGE_SETUP, &err);
	return EXIT_FAILED;
}
