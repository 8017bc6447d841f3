// SPDX-License-Identifier: Apache-2.0
/*
 * init.c - PID 1 of a sandbox
 *
 * It is cloned before there is a plan, and waits for one. Then it builds the sandbox around itself, with all
 * capabilities in the new user namespace and none outside, drops everything, and is what every pid namespace
 * needs: it reaps orphans, passes signals on, and ends everything by ending. The kernel kills what is left
 * when PID 1 is gone; the launcher waits for that and says GONE.
 *
 * Init shares the agent's ids, so it must not be a way around anything: it is not dumpable (the agent cannot
 * look into it), has the agent's Landlock domain and system call filter, no capability, and acts on messages
 * of the supervisor only. Signals are blocked; PID 1 gets none from inside that it does not ask for.
 *
 * What it executes waits for the supervisor's GO, which says that it is on record. It dies with the launcher
 * (PR_SET_PDEATHSIG), and when the supervisor closes the connection.
 *
 * At the level "landlock" there is no namespace and it is no PID 1, but the reaper of all that the agent
 * leaves behind (PR_SET_CHILD_SUBREAPER). It stays outside of the cage, which each command enters by itself,
 * and so out of the agent's reach: Landlock lets no signal out of a cage, and nobody look into a process that
 * is not dumpable. When the sandbox ends, it ends what is left before it ends itself (jail/sweep.h); the
 * launcher does it once more, and where both were killed, the supervisor.
 */
#include "base/fd.h"
#include "base/time.h"
#include "jail/identity.h"
#include "jail/lockdown.h"
#include "jail/diag.h"
#include "jail/network.h"
#include "jail/rename_complete.h"
#include "jail/sweep.h"
#include "jail/touch_complete.h"
#include "kern/file.h"
#include "loop/channel.h"
#include "roles/launcher/job.h"
#include "roles/launcher/launcher.h"
#include "roles/launcher/orders.h"
#include "roles/launcher/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	COMMANDS_MAX = 256,		/* that joined later, at the same time */
	COMMAND_BYTES_MAX = 8 << 20,
	EXIT_FAILED = 125,
	ORDERS_FD = JAIL_FD_CONTROL + 1,
};

#define RENAME_PATIENCE_NS (5 * NS_PER_SEC)

/* A command that joined later: init's child is its monitor, the command itself is the monitor's. */
struct joined {
	uint32_t id;			/* 0: free */
	pid_t monitor;
	pid_t group;			/* process group of the command */
};

struct init {
	struct launcher *launcher;
	int orders_fd;
	enum jail_mechanism by[JAIL_LIMIT_COUNT];	/* who enforces which limit */
	struct loop loop;
	struct channel channel;
	struct loop_signal children;
	struct job main;
	int turn_fd;			/* of renames, from the first one on */
	bool has_started;		/* the main job: GO came */
	struct joined joined[COMMANDS_MAX];
};

static bool is_alone(const struct init *init)
{
	return launcher_is_alone(init->launcher);
}

/* The end of the sandbox. A pid namespace ends with its PID 1; without one, init has to see to it. */
static _Noreturn void end(struct init *init, int exit_code)
{
	/*
	 * A tree that is half moved would be two, each a part: its rename is done to the end, and no other
	 * begins.
	 */
	if (init->turn_fd >= 0)
		(void)turn_take_within(init->turn_fd, RENAME_PATIENCE_NS);
	if (is_alone(init))
		jail_sweep();
	_exit(exit_code);
}

/* A launcher that is gone, or has given up, has said why. */
static _Noreturn void leave(struct init *init, const struct error *err)
{
	if (err->code != -ECANCELED)
		jail_fail(init->launcher->control_fd, 0, JAIL_STAGE_SETUP, err);
	end(init, EXIT_FAILED);
}

/* ---- commands ---- */

/* What every command of the sandbox starts with. */
static struct job new_job(struct init *init, uint32_t id, const struct jail_command *command)
{
	const struct launcher *launcher = init->launcher;
	const struct jail_plan *plan = &launcher->plan;

	return (struct job){
		.id = id, .control_fd = launcher->control_fd, .command = command, .fds = { -1, -1, -1 },
		.notify = plan->notify, .preset = plan->preset,
		.cage = plan->level == JAIL_LEVEL_LANDLOCK ? plan : NULL,
		.pin_affinity = init->by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY,
	};
}

static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	(void)kern_sigprocmask(SIG_SETMASK, &all, NULL);
}

/* The monitor of a joined command: the leader of its session, alive as long as the command. */
static _Noreturn void run_monitor(struct job *job, int group_fd)
{
	siginfo_t info = { 0 };
	int r = kern_setsid();

	if (r >= 0)
		r = job_start(job);
	if (r < 0)
		_exit(EXIT_FAILED);
	(void)kern_write(group_fd, &job->pid, sizeof(job->pid));
	fd_close(group_fd);
	do {
		r = kern_waitid(P_PID, (id_t)job->pid, &info, WEXITED | WSTOPPED | WCONTINUED);
		if (r >= 0)
			r = job_report(job, &info);
	} while (!r);
	_exit(r > 0 ? 0 : EXIT_FAILED);
}

/*
 * Its monitor has ended. One that was killed, or could not say how the command ended, has left somebody
 * waiting: the command ends with it, and that is told in its place. Said twice it does no harm.
 */
static void leave_joined(struct init *init, struct joined *joined, const siginfo_t *monitor)
{
	const struct job job = { .id = joined->id, .control_fd = init->launcher->control_fd };
	const siginfo_t killed = { .si_code = CLD_KILLED, .si_status = SIGKILL };

	if (monitor->si_code != CLD_EXITED || monitor->si_status) {
		if (joined->group > 0)
			(void)kern_kill(-joined->group, SIGKILL);
		(void)job_report(&job, &killed);
	}
	*joined = (struct joined){ 0 };
}

static struct joined *find_joined(struct init *init, uint32_t id)
{
	for (size_t i = 0; i < COMMANDS_MAX; i++)
		if (init->joined[i].id == id)
			return &init->joined[i];
	return NULL;
}

/* The descriptors of an EXEC, or of a plan, beside its document, in the order of stdio. */
static int take_stdio(struct job *job, const struct channel_message *in)
{
	size_t next = 1;

	for (int i = 0; i < 3; i++) {
		if (job->command->stdio[i] != JAIL_STDIO_INHERIT)
			continue;
		if (next == in->fd_count)
			return -EBADMSG;
		job->fds[i] = TAKE_FD(in->fds[next]);
		next++;
	}
	return next == in->fd_count ? 0 : -EBADMSG;
}

static int read_command(struct arena *arena, int fd, struct jail_command *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(COMMAND_BYTES_MAX);
	const struct json *json;
	int r = kern_read_all(fd, &text);

	if (r < 0)
		return error_sys(err, r, "cannot read the command");
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &json, err);
	return r < 0 ? r : jail_command_read(arena, json, ret, err);
}

static int join_command(struct init *init, uint32_t id, const struct channel_message *in, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(JAIL_PLAN_BYTES_MAX * 2);
	struct joined *joined = find_joined(init, 0);
	struct jail_command command;
	struct job job = new_job(init, id, &command);
	int group[2], r;

	if (!id || find_joined(init, id) || !joined)
		return error_set(err, -EBUSY, "the id %u cannot be used for another command", id);
	r = read_command(&arena, in->fds[0], &command, err);
	if (r < 0)
		return r;
	r = take_stdio(&job, in);
	if (r >= 0)
		r = kern_pipe2(group, O_CLOEXEC);
	if (r < 0) {
		job_fini(&job);
		return error_sys(err, r, "cannot run another command");
	}
	joined->monitor = kern_fork();
	if (!joined->monitor)
		run_monitor(&job, group[1]);
	fd_close(group[1]);
	job_fini(&job);
	if (joined->monitor > 0) {
		joined->id = id;
		if (kern_read(group[0], &joined->group, sizeof(joined->group)) != sizeof(joined->group))
			joined->group = 0;	/* it did not start, and its end says so */
	}
	fd_close(group[0]);
	return joined->monitor < 0 ? error_sys(err, joined->monitor, "cannot run another command") : 0;
}

static void send_signal(struct init *init, uint32_t id, int signal)
{
	const struct joined *joined = id ? find_joined(init, id) : NULL;
	pid_t group = id ? (joined ? joined->group : 0) : init->main.pid;

	/* A command that has just ended needs no signal. */
	if (group > 0 && signal > 0)
		(void)kern_kill(-group, signal);
}

/* ---- renames ---- */

/* A call of the agent waits for it: where it cannot be told, the connection ends, and with it the session. */
static void tell_result(const struct init *init, const struct jail_message *message)
{
	if (jail_message_post(init->launcher->control_fd, message, NULL, 0) < 0)
		(void)kern_shutdown(init->launcher->control_fd, SHUT_RDWR);
}

static void complete_rename(struct init *init, uint32_t id, const struct jail_rename *rename,
	const int starts[2])
{
	struct jail_message message = { .kind = JAIL_MESSAGE_RENAMED, .id = id,
		.renamed = { .cookie = rename->cookie } };
	pid_t pid = -1;

	if (init->turn_fd < 0)
		init->turn_fd = turn_open();
	if (init->turn_fd >= 0)
		pid = kern_fork();
	if (pid > 0)
		return;
	message.renamed.result = pid < 0 || turn_take(init->turn_fd) < 0 ? -EXDEV :
		jail_rename_complete(rename, starts);
	tell_result(init, &message);
	if (!pid)
		_exit(0);
}

/* ---- modes and times ---- */

/* Here where it can take no time, else in a child: a path may lead to a file system that never answers. */
static void complete_touch(struct init *init, uint32_t id, const struct jail_touch *touch, int start)
{
	const struct jail_plan *plan = &init->launcher->plan;
	struct jail_message message = { .kind = JAIL_MESSAGE_TOUCHED, .id = id,
		.touched = { .cookie = touch->cookie, .number = touch->number } };
	char *refused = message.touched.path;
	int r = is_alone(init) ? jail_touch_complete(plan, touch, start, false, refused) : -EPERM;
	pid_t pid = r == -EAGAIN ? kern_fork() : -1;

	if (pid > 0)
		return;
	if (!pid)
		r = jail_touch_complete(plan, touch, start, true, refused);
	message.touched.result = r;
	tell_result(init, &message);
	if (!pid)
		_exit(0);
}

/* ---- ways in ---- */

/*
 * A socket is of the network that it is made in, so those that lead into the sandbox are made here. They are
 * connected to nothing, and nobody in the sandbox ever has one.
 */
static void make_sockets(const struct init *init)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_SOCKETS };
	int fds[KERN_SOCK_FDS_MAX];
	size_t count;

	if (!init->launcher->plan.gateway)
		return;
	count = jail_network_make_sockets(fds, ARRAY_SIZE(fds));
	if (count)
		(void)jail_message_post(init->launcher->control_fd, &message, fds, count);
	for (size_t i = 0; i < count; i++)
		fd_close(fds[i]);
}

/* ---- the loop ---- */

/* Everything that must be on record is, and nothing was executed before. */
static void start_main(struct init *init)
{
	if (init->has_started)
		end(init, EXIT_FAILED);
	init->has_started = true;
	if (job_start(&init->main) < 0)
		end(init, EXIT_FAILED);	/* said why itself */
}

static void serve(struct channel *channel, const struct channel_message *in, UNUSED int reason)
{
	struct init *init = CONTAINER_OF(channel, struct init, channel);
	struct error err = ERROR_INIT;
	struct jail_message message;

	if (!in || jail_message_read(in, &message) < 0)
		end(init, EXIT_FAILED);	/* the supervisor is gone or mad: the sandbox ends */
	if (!init->has_started && message.kind != JAIL_MESSAGE_GO)
		end(init, EXIT_FAILED);	/* nothing is executed before the plan's own command */
	switch (message.kind) {
	case JAIL_MESSAGE_GO:
		start_main(init);
		break;
	case JAIL_MESSAGE_SIGNAL:
		send_signal(init, message.id, message.signal.signal);
		break;
	case JAIL_MESSAGE_EXEC:
		if (join_command(init, message.id, in, &err) < 0)
			jail_fail(init->launcher->control_fd, message.id, JAIL_STAGE_SETUP, &err);
		break;
	case JAIL_MESSAGE_RENAME:
		complete_rename(init, message.id, &message.rename, in->fds);
		break;
	case JAIL_MESSAGE_TOUCH:
		complete_touch(init, message.id, &message.touch, in->fds[0]);
		break;
	case JAIL_MESSAGE_MAKE_SOCKETS:
		make_sockets(init);
		break;
	case JAIL_MESSAGE_END:
	default:
		end(init, 0);
	}
}

static void reap(struct loop_signal *source, int signal)
{
	struct init *init = CONTAINER_OF(source, struct init, children);

	if (signal == SIGTERM)
		end(init, EXIT_FAILED);	/* the launcher is gone */
	for (;;) {
		siginfo_t info = { 0 };
		int r = kern_waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG);

		if (r < 0 || !info.si_pid)
			return;
		if (info.si_pid == init->main.pid && job_report(&init->main, &info))
			end(init, 0);
		if (info.si_code != CLD_EXITED && info.si_code != CLD_KILLED && info.si_code != CLD_DUMPED)
			continue;
		for (size_t i = 0; i < COMMANDS_MAX; i++)
			if (init->joined[i].id && init->joined[i].monitor == info.si_pid)
				leave_joined(init, &init->joined[i], &info);
	}
}

static int watch(struct init *init)
{
	sigset_t mask;
	int r = loop_init(&init->loop);

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (is_alone(init))
		sigaddset(&mask, SIGTERM);
	if (r >= 0)
		r = loop_add_signals(&init->loop, &init->children, &mask, reap);
	if (r >= 0)
		r = channel_init(&init->channel, &init->loop, init->launcher->control_fd, serve);
	return r;
}

/* ---- building the sandbox ---- */

static int wait_for_launcher(struct init *init, struct error *err)
{
	struct orders_ready ready;
	int r = orders_wait_ready(init->orders_fd, &init->launcher->sources, &ready);

	if (r < 0)
		return error_sys(err, r, "the launcher did not do its part");
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		init->by[i] = (enum jail_mechanism)ready.by[i];
	init->orders_fd = fd_close(init->orders_fd);
	return 0;
}

/* The launcher's death is ours. After the change of ids, which would clear it. */
static int bind_to_launcher(int signal, struct error *err)
{
	int r = kern_prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0);

	return r < 0 ? error_sys(err, r, "cannot tie the sandbox to the launcher") : 0;
}

/* The launcher maps a foreign agent's ids, and says so by the first of what it has opened for it. */
static int become_agent(const struct init *init, struct error *err)
{
	const struct jail_identity *identity = &init->launcher->plan.identity;
	int r = 0;

	if (launcher_is_foreign(init->launcher))
		r = orders_wait_mapped(init->orders_fd);
	if (r < 0)
		return error_sys(err, r, "the launcher did not do its part");
	if (!launcher_is_foreign(init->launcher))
		r = jail_identity_map("/proc/self", identity, err);
	if (r >= 0)
		r = jail_identity_become(identity, err);
	return r < 0 ? r : bind_to_launcher(SIGKILL, err);
}

/* What the host contributes: taken over from the launcher, or opened here while that one does its part. */
static int gather(struct init *init, struct error *err)
{
	struct launcher *launcher = init->launcher;
	bool is_foreign = launcher_is_foreign(launcher);
	int r;

	if (!is_foreign)
		return jail_sources_open(&launcher->arena, &launcher->plan, false, &launcher->sources, err);
	r = jail_sources_init(&launcher->arena, &launcher->plan, true, &launcher->sources, err);
	return r < 0 ? r : wait_for_launcher(init, err);
}

/* By which the supervisor finds out whose a connection is. Without it, that is unknown, and recorded so. */
static int open_diag(const struct init *init)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_DIAG };
	scoped(fd) int fd = jail_diag_open();

	return fd < 0 ? 0 : jail_message_post(init->launcher->control_fd, &message, &fd, 1);
}

/* While init has its capabilities. The supervisor gets the sockets, and nobody in the sandbox keeps one. */
static int open_network(const struct init *init, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_NETWORK };
	int fds[JAIL_SOCKETS_MAX], r;
	size_t count;

	if (!init->launcher->plan.gateway)
		return 0;
	r = jail_network_open(!init->launcher->plan.proxies_only, fds, &count, err);
	if (r < 0)
		return r;
	r = jail_message_post(init->launcher->control_fd, &message, fds, count);
	for (size_t i = 0; i < count; i++)
		fd_close(fds[i]);
	if (r >= 0)
		r = open_diag(init);
	return r < 0 ? error_sys(err, r, "cannot hand the sandbox's sockets out") : 0;
}

static int build(struct init *init, struct error *err)
{
	struct launcher *launcher = init->launcher;
	int abi, r = become_agent(init, err);

	(void)kern_umask(0);
	if (r >= 0)
		r = jail_lockdown_name(&launcher->plan, err);
	if (r >= 0)
		r = open_network(init, err);
	if (r >= 0)
		r = gather(init, err);
	if (r >= 0)
		r = jail_apply_files(&launcher->plan, &launcher->sources, err);
	jail_sources_fini(&launcher->sources);
	if (r >= 0 && init->orders_fd >= 0)
		r = wait_for_launcher(init, err);
	if (r >= 0)
		r = jail_limits_apply(&launcher->plan, init->by, err);
	if (r >= 0)
		r = jail_lockdown(&launcher->plan, init->main.fds,
			init->by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY, &abi, err);
	return r;
}

/*
 * Nothing to be built, and nothing taken from init itself: every command enters its cage before it is
 * executed. The launcher's death is a signal here, not a kill, since there is no pid namespace that would end
 * with us.
 */
static int build_alone(struct init *init, struct error *err)
{
	int r = bind_to_launcher(SIGTERM, err);

	if (r < 0)
		return r;
	r = kern_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "cannot tie the sandbox to the launcher");
	r = wait_for_launcher(init, err);
	return r < 0 ? r : jail_limits_apply(&init->launcher->plan, init->by, err);
}

/*
 * A directory would let the agent walk out through "..", a terminal of the host would let it control it. Both
 * may come in through a redirection by mistake.
 */
static int check_inherited(const struct job *job, struct error *err)
{
	for (int i = 0; i < 3; i++) {
		struct stat st;
		int r;

		if (job->fds[i] < 0)
			continue;
		r = kern_fstat(job->fds[i], &st);
		if (r < 0)
			return error_sys(err, r, "descriptor %d", i);
		if (S_ISDIR(st.st_mode) || kern_isatty(job->fds[i]) > 0)
			return error_set(err, -EINVAL,
				"descriptor %d is a directory or a terminal of the host: it cannot be "
				"given to the agent",
				i);
	}
	return 0;
}

/* Our own 0, 1 and 2 become the sandbox's /dev/null: those that we began with are the host's. */
static int leave_host_null(struct error *err)
{
	scoped(fd) int null = kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
	int r = null;

	for (int i = 0; i < 3 && r >= 0; i++)
		r = kern_dup3(null, i, 0);
	return r < 0 ? error_sys(err, r, "/dev/null") : 0;
}

/* Waits for the plan; an init that nobody has a use for ends here, and has done nothing. */
static int take_plan(struct init *init, struct error *err)
{
	struct launcher *launcher = init->launcher;
	struct channel_message in;
	int fds[KERN_SOCK_FDS_MAX], r = orders_wait_plan(init->orders_fd, &in, fds);

	if (!r)
		_exit(0);
	if (r < 0)
		return error_sys(err, r, "waiting for the sandbox plan");
	r = launcher_read_plan(launcher, in.fds[0], err);
	if (r >= 0) {
		init->main = new_job(init, 0, &launcher->plan.command);
		r = take_stdio(&init->main, &in);
		if (r < 0)
			(void)error_sys(err, r, "taking over the agent's descriptors");
	}
	for (size_t i = 0; i < in.fd_count; i++)
		fd_close(in.fds[i]);
	return r < 0 ? r : check_inherited(&init->main, err);
}

static int start(struct init *init, bool has_namespaces, struct error *err)
{
	struct error early = ERROR_INIT;
	int lo = has_namespaces ? jail_lockdown_network(&early) : 0, r = take_plan(init, err);

	if (r >= 0 && lo < 0) {
		*err = early;
		r = lo;
		/* AppArmor may let the namespace be made, and take its capabilities away. */
		if (r == -EPERM || r == -EACCES)
			launcher_hint_userns(r, err);
	}
	if (r >= 0)
		r = is_alone(init) ? build_alone(init, err) : build(init, err);
	if (r >= 0)
		r = leave_host_null(err);
	return r;
}

/* The descriptors of the launcher are not ours, apart from the two connections. */
static int take_orders(struct init *init, int orders_fd)
{
	int r = orders_fd == ORDERS_FD ? ORDERS_FD : kern_dup3(orders_fd, ORDERS_FD, O_CLOEXEC);

	init->orders_fd = r;
	return r < 0 ? r : kern_close_range(ORDERS_FD + 1, ~0u, 0);
}

_Noreturn void init_run(struct launcher *launcher, int orders_fd, bool has_namespaces)
{
	static struct init init;
	struct error err = ERROR_INIT;
	int r;

	init.launcher = launcher;
	init.turn_fd = -1;
	block_signals();
	/* fails for nobody but a group leader, and PID 1 of a clone is none */
	(void)kern_setsid();
	r = take_orders(&init, orders_fd);
	r = r < 0 ? error_sys(&err, r, "taking over the launcher's descriptors") :
		start(&init, has_namespaces, &err);
	if (r < 0)
		leave(&init, &err);
	r = watch(&init);
	if (r < 0) {
		(void)error_sys(&err, r, "cannot watch the sandbox");
		leave(&init, &err);
	}
	(void)loop_run(&init.loop);
	end(&init, EXIT_FAILED);
}
