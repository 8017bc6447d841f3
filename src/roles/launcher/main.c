// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-launcher: from a plan to a running sandbox
 *
 *	descriptor 3	the connection to the supervisor (jail/messages.h)
 *
 * With words behind its name it is the prober of `cordon doctor` instead (probe.c).
 *
 * The supervisor starts it before there is a plan, and it clones PID 1 into all new namespaces before there
 * is one, since that takes the kernel as long as making a plan takes the supervisor; the two then have their
 * own connection (orders.h). Where the plan wants something else - no namespaces, or a control group of
 * version 2, which a process can only be cloned into - that one leaves without having done anything, and
 * another is cloned.
 *
 * When the plan comes, beside which come the descriptors that the agent inherits, it goes on to init at once.
 * The launcher checks it once more, opens what init could not (when root starts an agent that is not root),
 * and stays behind for one thing: to know when the sandbox is gone. It also holds the namespaces until then,
 * so that tearing them down, which takes the kernel milliseconds, keeps nobody waiting.
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
#include "roles/launcher/orders.h"

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

enum {
	GROUPS_BYTES_MAX = 1 << 20,
	GIVE_WAY_NS = 100000,
};

/* PID 1, as the launcher has it. */
struct init_process {
	pid_t pid;			/* 0: none */
	int pidfd, orders_fd;		/* owned */
};

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

/* ---- init ---- */

static int fork_init(struct launcher *launcher, uint64_t namespaces, int group_fd, struct init_process *ret)
{
	int pidfd = -1, orders[2], r = kern_sock_pair(orders);
	struct clone_args args = {
		.flags = CLONE_PIDFD | namespaces, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (r < 0)
		return r;
	if (group_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group_fd;
	}
	pid = kern_clone3(&args);
	if (!pid)
		init_run(launcher, orders[1], namespaces);
	fd_close(orders[1]);
	*ret = (struct init_process){ .pid = MAX(pid, 0), .pidfd = pidfd, .orders_fd = orders[0] };
	if (pid < 0)
		ret->orders_fd = fd_close(ret->orders_fd);
	return MIN(pid, 0);
}

/* One that was never given a plan ends with the connection. */
static void discard_init(struct init_process *init)
{
	if (!init->pid)
		return;
	fd_close(init->orders_fd);
	(void)kern_wait_pidfd(init->pidfd);
	fd_close(init->pidfd);
	*init = (struct init_process){ .pidfd = -1, .orders_fd = -1 };
}

/*
 * Root's init is cloned without root's groups, which its agent must not have and init cannot leave, while
 * root's files are opened with them. In a container that has no other id, root's agent keeps them.
 */
static int fork_without_groups(struct launcher *launcher, struct init_process *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(GROUPS_BYTES_MAX);
	int count = kern_getgroups(0, NULL), r;
	gid_t *groups = count < 0 ? NULL : arena_alloc_array(&arena, (size_t)count + 1, sizeof(*groups));

	if (!groups || jail_identity_is_contained())
		return -EPERM;
	count = kern_getgroups(count, groups);
	r = count < 0 ? count : kern_setgroups(0, NULL);
	if (r < 0)
		return r;
	r = fork_init(launcher, NAMESPACES, -1, ret);
	count = kern_setgroups((size_t)count, groups);
	if (count < 0)
		discard_init(ret);
	return MIN(r, count);
}

/* Why it could not be done, if it could not, is told when it is needed and tried again. */
static void fork_early(struct launcher *launcher, struct init_process *ret)
{
	if (jail_limiter_clones())
		return;			/* most plans have a limit, and would have another one cloned */
	if (launcher->uid)
		(void)fork_init(launcher, NAMESPACES, -1, ret);
	else
		(void)fork_without_groups(launcher, ret);
}

/* ---- the plan ---- */

/* Waits for BEGIN; returns 0 where the supervisor left without it. */
static int wait_for_begin(const struct launcher *launcher, struct channel_message *in,
	int fds[KERN_SOCK_FDS_MAX], struct error *err)
{
	struct jail_message message;
	int r = channel_wait(launcher->control_fd, in, fds);

	if (!r)
		return 0;
	if (r > 0)
		r = jail_message_read(in, &message);
	if (r >= 0 && message.kind != JAIL_MESSAGE_BEGIN)
		r = -EBADMSG;
	return r < 0 ? error_sys(err, r, "waiting for the sandbox plan") : 1;
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
	if (!launcher_is_foreign(launcher))
		return jail_identity_check_groups(identity, err);
	if (launcher_is_alone(launcher))
		return error_set(err, -EPERM, "at the level landlock the agent has no id but the user's own");
	if (launcher->uid)
		return error_set(err, -EPERM, "the plan's user %u is somebody else", identity->uid);
	r = jail_sources_open(&launcher->arena, &launcher->plan, true, &launcher->sources, err);
	if (r < 0)
		return r;
	r = kern_setgroups(0, NULL);
	return r < 0 ? error_sys(err, r, "cannot leave root's groups") : 0;
}

void launcher_hint_userns(int code, struct error *err)
{
	static struct jail_facts facts;
	static struct jail_report report;

	jail_probe_settings(&facts);
	facts.items[JAIL_PROBE_USER_NAMESPACE] =
		(struct jail_fact){ .outcome = JAIL_OUTCOME_FAILED, .error = code };
	jail_probe_judge(&facts, &report);
	error_hint(err, "%s%s", report.rows[JAIL_PROBE_USER_NAMESPACE].remedy,
		facts.is_root || kern_landlock_abi() < JAIL_LANDLOCK_ABI_ALONE ?
			"" :
			" Or run with --level landlock: no network, processes or /tmp of its own, in a copy of the project.");
}

static int fail_to_clone(int code, struct error *err)
{
	(void)error_sys(err, code, "cannot make the sandbox's namespaces");
	if (code == -EPERM || code == -EACCES || code == -ENOSPC || code == -EUSERS)
		launcher_hint_userns(code, err);
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
static int announce(const struct launcher *launcher, const struct init_process *init, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_CREATED, .created = { .pid = init->pid } };
	/* Alone, it has ours, and will soon let nobody look into it. */
	int r = launcher_is_alone(launcher) ? 0 : hold_namespaces(init->pid);

	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		message.created.mechanisms[i] = launcher->limiter.by[i];
	message.created.landlock_abi = MIN(kern_landlock_abi(), (int)JAIL_LANDLOCK_ABI_KNOWN);
	if (r >= 0)
		r = jail_message_post(launcher->control_fd, &message, &init->pidfd, 1);
	return r < 0 ? error_sys(err, r, "cannot reach the sandbox's namespaces") : 0;
}

/* An init that is gone has said why, or was killed: either way its end is waited for. */
static int hand_over(const struct launcher *launcher, const struct init_process *init, struct error *err)
{
	struct orders_ready ready;
	int r = orders_post_sources(init->orders_fd, &launcher->sources);

	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		ready.by[i] = launcher->limiter.by[i];
	if (r >= 0)
		r = orders_post_ready(init->orders_fd, &ready);
	return r < 0 && r != -EPIPE ? error_sys(err, r, "cannot release init") : 0;
}

static int tell_mapped(const struct init_process *init, struct error *err)
{
	int r = orders_post_mapped(init->orders_fd);

	return r < 0 && r != -EPIPE ? error_sys(err, r, "cannot release init") : 0;
}

static int release(const struct launcher *launcher, const struct init_process *init, struct error *err)
{
	char proc_dir[PROC_PATH_SIZE];
	int r = 0;

	snprintf(proc_dir, sizeof(proc_dir), "/proc/%d", init->pid);
	if (launcher_is_foreign(launcher)) {
		r = jail_identity_map(proc_dir, &launcher->plan.identity, err);
		if (r >= 0)
			r = tell_mapped(init, err);
	}
	if (r >= 0)
		r = jail_limiter_add(&launcher->limiter, init->pid, err);
	if (r >= 0)
		r = announce(launcher, init, err);
	return r < 0 ? r : hand_over(launcher, init, err);
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

/* The one that is there, or where the plan wants another one, that. */
static int settle_init(struct launcher *launcher, struct init_process *init, const int *fds, size_t fd_count,
	struct error *err)
{
	bool is_alone = launcher_is_alone(launcher);
	int group_fd = jail_limiter_clone_fd(&launcher->limiter), r = 0;

	if (init->pid && !is_alone && group_fd < 0)
		return 0;
	discard_init(init);
	if (is_alone)
		r = kern_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "getting ready to start the sandbox");
	r = fork_init(launcher, is_alone ? 0 : NAMESPACES, group_fd, init);
	if (r < 0)
		return fail_to_clone(r, err);
	r = orders_post_plan(init->orders_fd, fds, fd_count);
	return r < 0 && r != -EPIPE ? error_sys(err, r, "cannot hand the plan to init") : 0;
}

/*
 * Init has most to do now, and the supervisor is still writing: of two processors, we must not have one. A
 * foreign agent's init waits for us instead. Less than this is over before anybody else is chosen.
 */
static void give_way(const struct launcher *launcher)
{
	const struct timespec moment = { .tv_nsec = GIVE_WAY_NS };

	if (launcher->uid)
		(void)kern_ppoll(NULL, 0, &moment);
}

/* From a sandbox that exists until it does not any more. */
static void run(struct launcher *launcher, struct init_process *init)
{
	struct jail_message gone = { .kind = JAIL_MESSAGE_GONE };
	struct error err = ERROR_INIT;

	if (release(launcher, init, &err) < 0) {
		jail_fail(launcher->control_fd, 0, JAIL_STAGE_SETUP, &err);
		(void)kern_pidfd_send_signal(init->pidfd, SIGKILL);
	}
	jail_sources_fini(&launcher->sources);
	(void)kern_wait_pidfd(init->pidfd);
	init->pid = 0;
	/* Init does that itself, unless somebody killed it. */
	if (launcher_is_alone(launcher))
		jail_sweep();
	jail_limiter_count(&launcher->limiter, &gone.gone);
	gone.gone.cpu_ns = sandbox_cpu_ns();
	(void)jail_message_post(launcher->control_fd, &gone, NULL, 0);
	jail_limiter_fini(&launcher->limiter);
}

static int launch(struct launcher *launcher, struct init_process *init, struct channel_message *in,
	struct error *err)
{
	int r;

	/* A failure comes back with the next message. */
	if (init->pid) {
		(void)orders_post_plan(init->orders_fd, in->fds, in->fd_count);
		give_way(launcher);
	}
	r = launcher_read_plan(launcher, in->fds[0], err);
	if (r >= 0)
		r = prepare(launcher, err);
	if (r < 0)
		return r;
	jail_limiter_init(&launcher->limiter, &launcher->plan);
	r = settle_init(launcher, init, in->fds, in->fd_count, err);
	if (r < 0) {
		jail_limiter_fini(&launcher->limiter);
		return r;
	}
	/* The agent's pipes must end with the agent: the launcher lets go of them. */
	while (in->fd_count)
		fd_close(in->fds[--in->fd_count]);
	run(launcher, init);
	return 0;
}

int main(int argc, char **argv)
{
	static struct launcher launcher = { .arena = ARENA_INIT(JAIL_PLAN_BYTES_MAX * 4),
		.control_fd = JAIL_FD_CONTROL };
	struct init_process init = { .pidfd = -1, .orders_fd = -1 };
	struct channel_message in;
	struct error err = ERROR_INIT;
	int fds[KERN_SOCK_FDS_MAX], r;

	if (argc > 1)
		return probe_run(argc, argv);
	launcher.uid = kern_geteuid();
	launcher.gid = kern_getegid();
	r = confine(&err);
	if (r >= 0)
		r = jail_limits_go_first(&err);
	if (r >= 0) {
		fork_early(&launcher, &init);
		r = wait_for_begin(&launcher, &in, fds, &err);
	}
	if (r > 0)
		r = launch(&launcher, &init, &in, &err);
	if (r < 0)
		jail_fail(launcher.control_fd, 0, JAIL_STAGE_SETUP, &err);
	discard_init(&init);
	return r < 0 ? EXIT_FAILED : 0;
}
