// SPDX-License-Identifier: Apache-2.0
/*
 * init.c - PID 1 of a sandbox
 *
 * First it builds the sandbox around itself, with all capabilities in the new user namespace and none
 * outside. Then it drops everything and is what every pid namespace needs: it reaps orphans, passes signals
 * on, and ends everything by ending. The kernel kills what is left when PID 1 is gone; the launcher waits for
 * that and says GONE.
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
 * launcher does it once more.
 */
#include "base/fd.h"
#include "jail/identity.h"
#include "jail/lockdown.h"
#include "jail/rename_complete.h"
#include "jail/sweep.h"
#include "jail/touch_complete.h"
#include "kern/file.h"
#include "loop/channel.h"
#include "roles/launcher/job.h"
#include "roles/launcher/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	COMMANDS_MAX = 256,		/* that joined later, at the same time */
	COMMAND_BYTES_MAX = 8 << 20,
	EXIT_FAILED = 125,
};

/* A command that joined later: init's child is its monitor, the command itself is the monitor's. */
struct joined {
	uint32_t id;			/* 0: free */
	pid_t monitor;
	pid_t group;			/* process group of the command */
};

struct init {
	struct launcher *launcher;
	struct loop loop;
	struct channel channel;
	struct loop_signal children;
	struct job main;
	bool has_started;		/* the main job: GO came */
	struct joined joined[COMMANDS_MAX];
};

static bool is_alone(const struct init *init)
{
	return init->launcher->plan.level == JAIL_LEVEL_LANDLOCK;
}

/* The end of the sandbox. A pid namespace ends with its PID 1; without one, init has to see to it. */
static _Noreturn void end(struct init *init, int exit_code)
{
	if (is_alone(init))
		jail_sweep();
	_exit(exit_code);
}

static _Noreturn void leave(struct init *init, const struct error *err)
{
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
		.pin_affinity = launcher->limiter.by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY,
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
	do
		r = kern_waitid(P_PID, (id_t)job->pid, &info, WEXITED | WSTOPPED | WCONTINUED);
	while (r >= 0 && !job_report(job, &info));
	_exit(0);
}

static struct joined *find_joined(struct init *init, uint32_t id)
{
	for (size_t i = 0; i < COMMANDS_MAX; i++)
		if (init->joined[i].id == id)
			return &init->joined[i];
	return NULL;
}

/* The descriptors of an EXEC beside its document, in the order of stdio. */
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
	if (joined->monitor > 0 &&
			kern_read(group[0], &joined->group, sizeof(joined->group)) == sizeof(joined->group))
		joined->id = id;
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

static void complete_rename(struct init *init, uint32_t id, const struct jail_rename *rename,
	const int starts[2])
{
	struct jail_message message = { .kind = JAIL_MESSAGE_RENAMED, .id = id,
		.renamed = { .cookie = rename->cookie } };
	pid_t pid = kern_fork();

	if (pid > 0)
		return;
	message.renamed.result = pid < 0 ? -EXDEV : jail_rename_complete(rename, starts);
	(void)jail_message_post(init->launcher->control_fd, &message, NULL, 0);
	if (!pid)
		_exit(0);
}

/* ---- modes and times ---- */

/* Here where it can take no time, else in a child: a path may lead to a file system that never answers. */
static void complete_touch(struct init *init, uint32_t id, const struct jail_touch *touch, int start)
{
	const struct jail_plan *plan = &init->launcher->plan;
	struct jail_message message = { .kind = JAIL_MESSAGE_RENAMED, .id = id,
		.renamed = { .cookie = touch->cookie } };
	int r = is_alone(init) ? jail_touch_complete(plan, touch, start, false) : -EPERM;
	pid_t pid = r == -EAGAIN ? kern_fork() : -1;

	if (pid > 0)
		return;
	if (!pid)
		r = jail_touch_complete(plan, touch, start, true);
	message.renamed.result = r;
	(void)jail_message_post(init->launcher->control_fd, &message, NULL, 0);
	if (!pid)
		_exit(0);
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
				init->joined[i] = (struct joined){ 0 };
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

static int wait_for_launcher(const struct launcher *launcher, struct error *err)
{
	char byte;
	ssize_t n = kern_read(launcher->go_fd, &byte, sizeof(byte));

	return n == 1 ? 0 : error_set(err, -ECANCELED, "the launcher ended before the sandbox was ready");
}

static int become_agent(struct launcher *launcher, struct error *err)
{
	int r = launcher->foreign ? wait_for_launcher(launcher, err) :
		jail_identity_map("/proc/self", &launcher->plan.identity, err);

	if (r >= 0)
		r = jail_identity_become(&launcher->plan.identity, err);
	if (r < 0)
		return r;
	/*
	 * After the change of ids, which clears it; a launcher that died before this shows when it is waited
	 * for.
	 */
	r = kern_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return r < 0 ? error_sys(err, r, "cannot tie the sandbox to the launcher") : 0;
}

static int build(struct launcher *launcher, const int fds[3], struct error *err)
{
	int abi, r = become_agent(launcher, err);

	(void)kern_umask(0);
	if (r >= 0)
		r = jail_lockdown_namespaces(&launcher->plan, err);
	if (r >= 0 && !launcher->foreign)
		r = jail_sources_open(&launcher->arena, &launcher->plan, false, &launcher->sources, err);
	if (r >= 0)
		r = jail_apply_files(&launcher->plan, &launcher->sources, err);
	jail_sources_fini(&launcher->sources);
	if (r >= 0 && !launcher->foreign)
		r = wait_for_launcher(launcher, err);
	fd_close(launcher->go_fd);
	if (r >= 0)
		r = jail_limits_apply(&launcher->plan, launcher->limiter.by, err);
	if (r >= 0)
		r = jail_lockdown(&launcher->plan, fds,
			launcher->limiter.by[JAIL_LIMIT_CPU] == JAIL_BY_AFFINITY, &abi, err);
	return r;
}

/*
 * Nothing to be built, and nothing taken from init itself: every command enters its cage before it is
 * executed. The launcher's death is a signal here, not a kill, since there is no pid namespace that would end
 * with us.
 */
static int build_alone(struct launcher *launcher, struct error *err)
{
	int r = kern_prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);

	if (r >= 0)
		r = kern_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "cannot tie the sandbox to the launcher");
	r = wait_for_launcher(launcher, err);
	fd_close(launcher->go_fd);
	return r < 0 ? r : jail_limits_apply(&launcher->plan, launcher->limiter.by, err);
}

/*
 * A directory would let the agent walk out through "..", a terminal of the host would let it control it. Both
 * may come in through a redirection by mistake.
 */
static int take_inherited(struct job *job, struct error *err)
{
	for (int i = 0; i < 3; i++) {
		struct stat st;
		int r;

		if (job->command->stdio[i] != JAIL_STDIO_INHERIT)
			continue;
		r = kern_fstat(i, &st);
		if (r >= 0 && (S_ISDIR(st.st_mode) || kern_isatty(i) > 0))
			return error_set(err, -EINVAL,
				"descriptor %d is a directory or a terminal of the host: it cannot be "
				"given to the agent",
				i);
		if (r >= 0)
			r = job->fds[i] = kern_fcntl(i, F_DUPFD_CLOEXEC, 3);
		if (r < 0)
			return error_sys(err, r, "descriptor %d", i);
	}
	return 0;
}

/* The agent's pipes must end with the agent: nobody else may hold them. */
static int drop_stdio(struct error *err)
{
	scoped(fd) int null = kern_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
	int r = null;

	for (int i = 0; i < 3 && r >= 0; i++)
		r = kern_dup3(null, i, 0);
	return r < 0 ? error_sys(err, r, "/dev/null") : 0;
}

_Noreturn void init_run(struct launcher *launcher)
{
	static struct init init;
	struct error err = ERROR_INIT;
	int r;

	init.launcher = launcher;
	block_signals();
	/* fails for nobody but a group leader, and PID 1 of a clone is none */
	(void)kern_setsid();
	init.main = new_job(&init, 0, &launcher->plan.command);
	r = take_inherited(&init.main, &err);
	if (r >= 0)
		r = is_alone(&init) ? build_alone(launcher, &err) : build(launcher, init.main.fds, &err);
	if (r >= 0)
		r = drop_stdio(&err);
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
