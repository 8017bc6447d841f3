// SPDX-License-Identifier: Apache-2.0
/*
 * launch.c - the launcher, and what it and init report
 *
 * The launcher is started before there is anything to launch, so that it is ready when the plan is, and gets
 * the plan as a sealed memfd; it is bound to die with us. Its messages are our own code's, but PID 1 shares a
 * pid namespace with the agent, so a message that does not fit its kind ends the session instead of being
 * guessed at.
 *
 * The sandbox is built while we write down what will run in it: BEGIN has the plan, and GO, without which
 * nothing is executed, follows when everything is on record.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/time.h"
#include "jail/sweep.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "run/groups.h"
#include "session/programs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

int supervisor_tell_init(struct supervisor *s, const struct jail_message *message, const int *fds,
	size_t fd_count)
{
	return channel_is_open(&s->control) ? jail_message_send(&s->control, message, fds, fd_count) : -EPIPE;
}

void supervisor_signal(struct supervisor *s, uint32_t id, int number, const char *why)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_SIGNAL, .id = id,
		.signal = { .signal = number } };
	struct json_object_builder fields;

	if (s->is_gone)
		return;
	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "signal", json_new_printf(&s->scratch, "SIG%s", sigabbrev_np(number)));
	json_object_add_text(&fields, "target", id ? "command" : "agent");
	if (id)
		json_object_add_int(&fields, "command", id);
	json_object_add_text(&fields, "why", why);
	if (supervisor_record(s, LEDGER_SIGNAL_SENT, &fields, 0) >= 0)
		(void)supervisor_tell_init(s, &message, NULL, 0);
}

void supervisor_end_sandbox(struct supervisor *s)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_END };

	(void)supervisor_tell_init(s, &message, NULL, 0);
}

static void grace_is_over(struct loop_timer *timer)
{
	supervisor_end_sandbox(CONTAINER_OF(timer, struct supervisor, grace));
}

void supervisor_stop(struct supervisor *s, enum end_reason reason, uint32_t grace_ms)
{
	if (s->is_gone)
		return;
	if (!s->is_ending) {
		s->is_ending = true;
		s->reason = reason;
		supervisor_signal(s, 0, SIGTERM, reason == END_LIMIT ? "a limit" : "cordon stop");
		/* A program that job control has stopped would never see the TERM. */
		supervisor_signal(s, 0, SIGCONT, "so that it can end");
	}
	loop_set_timer(&s->loop, &s->grace, s->loop.now_ns + grace_ms * NS_PER_MS, grace_is_over);
}

/* ---- what launcher and init report ---- */

static void created(struct supervisor *s, const struct jail_message *message, int *fds)
{
	struct error err = ERROR_INIT;
	int r;

	fd_close(s->init_pidfd);
	s->init_pidfd = TAKE_FD(fds[0]);
	r = run_groups_keep(&s->session, message->created.pid, &err);
	if (r < 0)
		supervisor_fail(s, 125, &err);
	else
		(void)watch_record(s, &message->created);
}

static void started(struct supervisor *s, struct command *command, const struct jail_message *message)
{
	struct json_object_builder object;

	command->has_started = true;
	command->pid = message->started.pid;
	json_object_begin(&object, &s->scratch);
	json_object_add_text(&object, "id", s->session.id);
	json_object_add_int(&object, "pid", message->started.pid);
	if (!command->id && s->session.port_count)
		json_object_add(&object, "published", session_ports_to_json(&s->scratch, &s->session));
	command_tell_json(command, CONTROL_STARTED, json_object_end(&object));
	if (command->id)
		return;
	watch_begin(s);
	supervisor_remember_policies(s);
}

static void failed(struct supervisor *s, struct command *command, const struct jail_message *message)
{
	struct error err = message->failed.error;
	struct control_failure failure = { .exit_code = 125 };

	if (message->failed.stage == JAIL_STAGE_EXEC)
		failure.exit_code = err.code == -ENOENT || err.code == -ENOTDIR ? 127 : 126;
	if (!command->id) {
		supervisor_fail(s, failure.exit_code, &err);
		return;
	}
	failure.error = err;
	command_tell(command, CONTROL_FAILED, &failure, sizeof(failure));
	command_free(command);
}

static void record_command_end(struct supervisor *s, const struct command *command)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "command", command->id);
	json_object_add_int(&fields, "code", command->code);
	if (command->signal)
		json_object_add(&fields, "signal",
			json_new_printf(&s->scratch, "SIG%s", sigabbrev_np(command->signal)));
	json_object_add_int(&fields, "duration_ns",
		(int64_t)(kern_clock_monotonic_ns() - command->started_ns));
	(void)supervisor_record(s, LEDGER_COMMAND_EXITED, &fields, 0);
}

static void exited(struct supervisor *s, struct command *command, const struct jail_message *message)
{
	command->has_exited = true;
	command->code = message->exited.code & 255;
	command->signal = message->exited.signal;
	if (command->id)
		record_command_end(s, command);
	supervisor_check_end(s);
}

static int take_console(struct supervisor *s, struct command *command, int *fds)
{
	int r = console_is_open(&command->console) ? -EBADMSG :
		console_open(&command->console, &s->loop, TAKE_FD(fds[0]));

	if (r >= 0)
		viewer_fit(command);
	return r;
}

/* Messages about one command. */
static int serve_command(struct supervisor *s, struct command *command, const struct jail_message *message,
	int *fds)
{
	if (message->kind == JAIL_MESSAGE_TTY)
		return take_console(s, command, fds);
	if (message->kind == JAIL_MESSAGE_LISTENER)
		return supervisor_listen(s, command, TAKE_FD(fds[0]));
	if (message->kind == JAIL_MESSAGE_STARTED)
		started(s, command, message);
	else if (message->kind == JAIL_MESSAGE_FAILED)
		failed(s, command, message);
	else if (message->kind == JAIL_MESSAGE_STOPPED)
		viewer_suspend(command, message->stopped.signal);
	else if (message->kind == JAIL_MESSAGE_EXITED)
		exited(s, command, message);
	else if (message->kind == JAIL_MESSAGE_RENAMED)
		jail_notify_renamed(&command->notify, &message->renamed);
	else if (message->kind == JAIL_MESSAGE_TOUCHED)
		jail_notify_touched(&command->notify, &message->touched);
	else if (message->kind == JAIL_MESSAGE_CONTINUED)
		command->suspended = NULL;
	else
		return -EBADMSG;
	return 0;
}

static int serve(struct supervisor *s, const struct jail_message *message, int *fds, size_t fd_count)
{
	struct command *command;

	if (message->kind == JAIL_MESSAGE_CREATED) {
		created(s, message, fds);
		return 0;
	}
	if (message->kind == JAIL_MESSAGE_NETWORK)
		return network_take(s, fds, fd_count);
	if (message->kind == JAIL_MESSAGE_DIAG) {
		asker_take(&s->asker, TAKE_FD(fds[0]));
		return 0;
	}
	if (message->kind == JAIL_MESSAGE_SOCKETS) {
		published_pass_on(s, fds, fd_count);
		return 0;
	}
	if (message->kind == JAIL_MESSAGE_GONE) {
		s->is_gone = true;
		supervisor_stop_listening(s);
		watch_end(s, &message->gone);
		supervisor_check_end(s);
		return 0;
	}
	command = command_find(s, message->id);
	/* A message about a command that is gone crossed our own decision to drop it. */
	return command ? serve_command(s, command, message, fds) : 0;
}

/*
 * The launcher is gone without a word: so is the sandbox, by PDEATHSIG and the end of its pid namespace.
 * Where there is none, and init was killed as well, what they left behind is ours (adopt()). No other child
 * of ours is of use any more.
 */
static void lost(struct supervisor *s, int reason)
{
	struct error err = ERROR_INIT;

	channel_fini(&s->control);
	if (s->is_gone)
		return;
	if (s->plan.level == JAIL_LEVEL_LANDLOCK)
		jail_sweep();
	supervisor_stop_listening(s);
	error_sys(&err, reason, reason == -EPIPE ? "the sandbox's launcher ended unexpectedly" :
		"talking to the sandbox's launcher");
	s->is_gone = true;
	supervisor_fail(s, 125, &err);
}

static void message_came(struct channel *channel, const struct channel_message *in, int reason)
{
	struct supervisor *s = CONTAINER_OF(channel, struct supervisor, control);
	struct jail_message message;
	int r;

	if (!in) {
		lost(s, reason ?: -EPIPE);
		return;
	}
	r = jail_message_read(in, &message);
	if (r >= 0)
		r = serve(s, &message, in->fds, in->fd_count);
	if (r < 0)
		lost(s, r);
}

/* Its last messages may still wait in the socket; the end of the connection follows them. */
static void launcher_ended(UNUSED struct loop_child *child, UNUSED int exit_code)
{
}

/* ---- starting ---- */

static int write_plan(struct supervisor *s, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	const struct json *value = jail_plan_to_json(&s->arena, &s->plan);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -E2BIG;

	if (r >= 0) {
		s->plan_text = (struct str){ arena_copy(&s->arena, text.data, text.len), text.len };
		r = s->plan_text.data ? 0 : -ENOMEM;
	}
	return r < 0 ? error_sys(err, r, "writing the plan") : 0;
}

static int send_plan(struct supervisor *s, struct command *agent, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_BEGIN };
	scoped(fd) int plan_fd = kern_memfd_text("cordon-plan", s->plan_text);
	int fds[4] = { plan_fd }, r = plan_fd;
	size_t fd_count = 1;

	for (int i = 0; i < 3; i++)
		if (agent->stdio[i] == JAIL_STDIO_INHERIT)
			fds[fd_count++] = agent->stdio_fds[i];
	if (r >= 0) {
		s->has_begun = true;
		r = jail_message_send(&s->control, &message, fds, fd_count);
	}
	command_hand_over(agent);
	return r < 0 ? error_sys(err, r, "handing the plan to the launcher") : 0;
}

/*
 * Without a pid namespace, init is the reaper of the sandbox, the launcher that of init, and we that of both.
 */
static int adopt(const struct supervisor *s, struct error *err)
{
	int r = s->plan.level == JAIL_LEVEL_LANDLOCK ? kern_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) : 0;

	return r < 0 ? error_sys(err, r, "getting ready to start the sandbox") : 0;
}

int supervisor_begin(struct supervisor *s, struct command *agent, struct error *err)
{
	int r = write_plan(s, err);

	if (r >= 0)
		r = run_groups_expect(&s->session, &s->plan, err);
	if (r >= 0)
		r = adopt(s, err);
	return r < 0 ? r : send_plan(s, agent, err);
}

static int record_plan(struct supervisor *s, struct error *err)
{
	struct json_object_builder fields;
	struct digest digest = hash_bytes(s->plan_text.data, s->plan_text.len);
	char hex[DIGEST_HEX_SIZE];
	int r = kern_write_file(s->session.dirfd, "plan.json", s->plan_text, 0600, false);

	if (r < 0)
		return error_sys(err, r, "writing the plan");
	digest_to_hex(&digest, hex);
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "plan", hex);
	json_object_add_int(&fields, "steps", (int64_t)s->plan.step_count);
	return ledger_append(&s->ledger, LEDGER_PLAN, json_object_end(&fields), 0, err);
}

static int record_start(struct supervisor *s, struct error *err)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "argv", json_new_words(&s->scratch, s->request.argv, s->request.argc));
	return ledger_append(&s->ledger, LEDGER_AGENT_STARTED, json_object_end(&fields), 0, err);
}

static int spawn(struct supervisor *s, int control_fd, struct error *err)
{
	static char name[] = "cordon-launcher";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	scoped(fd) int program_fd = programs_open(name, err);
	int fds[] = { -1, -1, -1, [JAIL_FD_CONTROL] = control_fd };
	struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = ARRAY_SIZE(fds),
		.dies_with_parent = true,
	};
	pid_t pid;

	return program_fd < 0 ? program_fd : kern_spawn(&spawn, &pid, &s->launcher_pidfd, err);
}

int supervisor_prepare(struct supervisor *s, struct error *err)
{
	scoped(fd) int theirs = -1;
	int pair[2], r = kern_sock_pair(pair);

	if (r < 0)
		return error_sys(err, r, "a socket for the launcher");
	theirs = pair[1];
	r = channel_init(&s->control, &s->loop, pair[0], message_came);
	if (r >= 0)
		r = spawn(s, theirs, err);
	if (r < 0)
		return r;
	r = loop_add_child(&s->loop, &s->launcher, s->launcher_pidfd, launcher_ended);
	return r < 0 ? error_sys(err, r, "watching the launcher") : 0;
}

int supervisor_launch(struct supervisor *s, struct command *agent, struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_GO };
	int r = record_plan(s, err);

	if (r >= 0)
		r = published_open(s, err);
	if (r >= 0)
		r = record_start(s, err);
	/* Before its first instruction, not when we hear of it: what it prints may be seen earlier. */
	if (r >= 0)
		r = session_set_state(&s->session, SESSION_RUNNING, err);
	if (r < 0)
		return r;
	agent->started_ns = kern_clock_monotonic_ns();
	r = supervisor_tell_init(s, &message, NULL, 0);
	s->network.published.has_begun = true;
	if (r >= 0 && s->network.pidfd < 0)
		r = published_watch(s);
	/* An init that has left has said why, which is to be read next. */
	return r < 0 && r != -EPIPE ? error_sys(err, r, "letting the program begin") : 0;
}
