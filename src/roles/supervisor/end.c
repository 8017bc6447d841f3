// SPDX-License-Identifier: Apache-2.0
/*
 * end.c - the end: judged, settled, told
 *
 * The branch is read only when nothing of the sandbox runs any more, so what is judged cannot change any
 * more. Then the session settles, and only then its terminal hears the last word. By then nothing of the
 * session holds the workspace's file system or the user's own files any more (let_go()), since who waited may
 * unmount or remove them next; the process lingers a moment longer to remove a branch that nobody wants from
 * the state directory, which nobody has to wait for.
 */
#include "roles/supervisor/progress.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/process.h"
#include "run/judge.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	LAUNCHER_WAIT_SECS = 2,
	PATIENCE_MS = 2000,
};

static const char *const reason_names[] = {
	[END_EXITED] = "exited", [END_SIGNALLED] = "signalled", [END_STOPPED] = "stopped",
	[END_LIMIT] = "limit",
	[END_LOST] = "lost",
};

int supervisor_record(struct supervisor *s, enum ledger_kind kind, struct json_object_builder *fields,
	unsigned flags)
{
	struct error err = ERROR_INIT;
	int r = ledger_append(&s->ledger, kind, json_object_end(fields), flags, &err);

	arena_reset(&s->scratch);
	if (r < 0)
		supervisor_fail(s, 125, &err);
	return r;
}

static void record_agent_end(struct supervisor *s, const struct command *agent)
{
	struct json_object_builder fields;

	if (s->reason == END_EXITED && agent->signal)
		s->reason = END_SIGNALLED;
	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "code", agent->code);
	if (agent->signal)
		json_object_add(&fields, "signal",
			json_new_printf(&s->scratch, "SIG%s", sigabbrev_np(agent->signal)));
	json_object_add_int(&fields, "duration_ns", (int64_t)(kern_clock_monotonic_ns() - agent->started_ns));
	json_object_add_text(&fields, "why", reason_names[s->reason]);
	(void)supervisor_record(s, LEDGER_AGENT_EXITED, &fields, 0);
}

static void record_stop(struct supervisor *s, const struct command *agent)
{
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "exit_code", agent->code);
	json_object_add_int(&fields, "denied_count", (int64_t)s->denied_count);
	(void)supervisor_record(s, LEDGER_SESSION_STOPPED, &fields, 0);
}

static void record_failure(struct supervisor *s)
{
	struct json_object_builder fields;
	struct error ignored;

	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "error", json_new_bytes(&s->scratch, str_from(s->failure.text)));
	json_object_add_text(&fields, "errno", error_name(s->failure.code));
	/* It may be the ledger itself that failed; the user hears of it in any case. */
	if (s->ledger.fd >= 0 && ledger_append(&s->ledger, LEDGER_SESSION_FAILED, json_object_end(&fields), 0,
			&ignored) < 0)
		log_error("the failure could not be recorded: %s", ignored.text);
}

/* It holds the sandbox's namespaces, and in them mounts, until it has ended. */
static void wait_for_launcher(struct supervisor *s)
{
	struct pollfd launcher = { .fd = s->launcher_pidfd, .events = POLLIN };
	struct timespec timeout = { .tv_sec = LAUNCHER_WAIT_SECS };

	channel_fini(&s->control);	/* one that was never given a plan leaves now */
	if (launcher.fd >= 0)
		(void)kern_ppoll(&launcher, 1, &timeout);
}

/* Of the user's files and of other file systems than the state directory's, we hold nothing from here on. */
static void let_go(struct supervisor *s)
{
	struct error err = ERROR_INIT;

	LIST_FOR_EACH(command, &s->commands, struct command, node)
		command_drop_stdio(command);
	wait_for_launcher(s);
	if (s->session.dirfd >= 0 && run_tidy_elsewhere(&s->session, &err) < 0)
		log_error("%s", err.text);
	(void)kern_dup3(STDIN_FILENO, STDERR_FILENO, 0);
}

/* ---- the last word ---- */

static size_t bytes_on_their_way(const struct supervisor *s)
{
	size_t sum = 0;

	LIST_FOR_EACH(client, &s->clients, struct client, node)
		sum += channel_queue_bytes(&client->channel);
	return sum;
}

static void leave(struct supervisor *s)
{
	struct error err = ERROR_INIT;

	if (s->is_settled && run_tidy(&s->session, &err) < 0)
		log_error("%s", err.text);
	loop_stop(&s->loop, 0);
}

/* Who reads slowly gets all of it; who does not read at all is not waited for. */
static void look_at_farewell(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, farewell);
	size_t bytes = bytes_on_their_way(s);

	if (bytes >= s->farewell_bytes) {
		leave(s);
		return;
	}
	s->farewell_bytes = bytes;
	loop_set_timer(&s->loop, timer, s->loop.now_ns + PATIENCE_MS * NS_PER_MS, look_at_farewell);
}

/* Everybody has been told: nobody else may come, and we leave when they have heard it. */
static void say_farewell(struct supervisor *s)
{
	s->is_told = true;
	client_stop_listening(s);
	s->farewell_bytes = bytes_on_their_way(s);
	if (s->farewell_bytes)
		loop_set_timer(&s->loop, &s->farewell, s->loop.now_ns + PATIENCE_MS * NS_PER_MS,
			look_at_farewell);
	else
		leave(s);
}

/*
 * A session that never ran leaves nothing but its record. The program may have begun before we heard that it
 * had: what it wrote is not lost.
 */
static void end_failed(struct supervisor *s, struct command *agent)
{
	struct control_failure failure = { .exit_code = s->failure_code, .error = s->failure };
	struct error ignored = ERROR_INIT;

	record_failure(s);
	/* It may be mounting the branch, and what it runs may write there. */
	wait_for_launcher(s);
	if (s->session.dirfd >= 0) {
		s->session.ended_ns = kern_clock_real_ns();
		if (agent->has_started || run_has_work(&s->session))
			(void)session_set_state(&s->session, SESSION_HELD, &ignored);
		else
			(void)run_drop(&s->session, &ignored);
	}
	let_go(s);
	watch_tell_hits(s);
	command_tell(agent, CONTROL_FAILED, &failure, sizeof(failure));
	say_farewell(s);
}

/* One of them asks a person, or commits; to the others it is a held branch. */
static void tell_settled(struct supervisor *s)
{
	struct command *agent = command_find(s, 0);
	struct client *owner = viewer_owner(agent);
	struct run_outcome others;

	s->outcome.refused_count = s->network.denied_count;
	others = s->outcome;
	others.on_exit = CONFIG_ON_EXIT_HOLD;
	let_go(s);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->command == agent)
			client_send_json(client, CONTROL_SETTLED, run_outcome_to_json(&s->arena, &s->session,
				client == owner ? &s->outcome : &others));
	say_farewell(s);
}

/* ---- nobody is left to commit ---- */

static void committed(struct loop_child *child, int exit_code)
{
	struct supervisor *s = CONTAINER_OF(child, struct supervisor, committer);
	struct session now;

	if (exit_code)
		log_error("session %s: `cordon commit` ended with %d", s->session.id, exit_code);
	session_init(&now, &s->arena);
	if (session_open(&now, s->state_dir, s->session.id, NULL) >= 0)
		s->session.state = now.state;
	session_fini(&now);
	tell_settled(s);
}

/* The commit is the one and only `cordon commit`, as if the terminal had said it that nobody looks at. */
static int start_commit(struct supervisor *s, struct error *err)
{
	char name[] = "cordon", word[] = "commit", quiet[] = "--quiet", id[SESSION_ID_LEN + 1];
	char *argv[] = { name, word, quiet, id, NULL };
	int fds[] = { -1, -1, STDERR_FILENO }, r;
	struct kern_spawn spawn = {
		.program_fd = CONTROL_FD_COMMAND, .argv = argv, .envp = s->environment, .fds = fds,
		.fd_count = ARRAY_SIZE(fds), .in_root = true,
	};
	pid_t pid;

	memcpy(id, s->session.id, sizeof(id));
	r = kern_spawn(&spawn, &pid, &s->committer_pidfd, err);
	if (r >= 0)
		r = loop_add_child(&s->loop, &s->committer, s->committer_pidfd, committed);
	return r < 0 && !err->code ? error_sys(err, r, "watching who commits") : r;
}

static bool must_commit(struct supervisor *s)
{
	return s->session.state == SESSION_HELD && s->outcome.on_exit == CONFIG_ON_EXIT_AUTO &&
		s->outcome.judgement.verdict == VERDICT_ALLOW && !viewer_owner(command_find(s, 0));
}

/* Who waited for the end wants no more of it: the branch is there, and is compared when somebody asks. */
static int hold_unjudged(struct supervisor *s, struct error *err)
{
	struct json_object_builder fields;
	int r;

	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "reason", "interrupted while its changes were compared");
	r = ledger_append(&s->ledger, LEDGER_HELD, json_object_end(&fields), 0, err);
	s->session.supervisor_pid = 0;
	s->session.supervisor_start = 0;
	if (r >= 0)
		r = session_set_state(&s->session, SESSION_HELD, err);
	return r < 0 ? r : ledger_close(&s->ledger, err);
}

static void tell_interrupted(struct supervisor *s)
{
	struct control_failure failure = { .exit_code = CANCELLED_EXIT };

	error_set(&failure.error, -ECANCELED,
		"interrupted while its changes were compared: session %s is held, not one of them is lost",
		s->session.id);
	error_hint(&failure.error, "`cordon diff %s` compares them, `cordon commit %s` makes them real",
		s->session.id, s->session.id);
	let_go(s);
	watch_tell_hits(s);
	command_tell(command_find(s, 0), CONTROL_FAILED, &failure, sizeof(failure));
	say_farewell(s);
}

static int settle(struct supervisor *s, struct error *err)
{
	const struct run_judges judges = { .policies = &s->policies, .opa = s->opa };
	int r = session_set_state(&s->session, SESSION_STOPPED, err);

	if (r < 0)
		return r;
	supervisor_forget_reload(s);
	supervisor_show_progress(s, true);
	r = run_judge(&s->arena, &s->session, &s->ledger, s->request.config, &judges, &s->outcome, err);
	supervisor_show_progress(s, false);
	s->outcome.limits = watch_hits(s);
	/* What was cut off is nobody's finished work: a person looks at it first. */
	if (r >= 0 && (s->reason == END_LIMIT || s->reason == END_LOST) &&
			s->outcome.on_exit == CONFIG_ON_EXIT_AUTO)
		s->outcome.on_exit = CONFIG_ON_EXIT_HOLD;
	/* The state that is saved now is nobody's: the next command may have the session at once. */
	s->session.supervisor_pid = 0;
	s->session.supervisor_start = 0;
	if (r >= 0)
		r = run_settle(&s->arena, &s->session, &s->ledger, &s->outcome, err);
	return r < 0 ? r : ledger_close(&s->ledger, err);
}

static void end_settled(struct supervisor *s, struct command *agent)
{
	struct control_exit code = { .code = command_exit_code(agent) };
	struct error err = ERROR_INIT;
	bool is_interrupted;
	int r;

	record_agent_end(s, agent);
	(void)command_record_terminal(agent);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		served_end(client, "session");
	record_stop(s, agent);
	if (s->failure.code)
		return;		/* the ledger did not take it, and the session has ended as failed */
	command_tell(agent, CONTROL_EXITED, &code, sizeof(code));
	s->session.exit_code = agent->code;
	s->session.ended_ns = kern_clock_real_ns();
	r = settle(s, &err);
	is_interrupted = r == -ECANCELED;
	if (is_interrupted) {
		err = (struct error)ERROR_INIT;
		r = hold_unjudged(s, &err);
	}
	if (r < 0) {
		supervisor_fail(s, 125, &err);
		return;
	}
	s->is_settled = true;
	if (is_interrupted) {
		tell_interrupted(s);
		return;
	}
	if (must_commit(s)) {
		if (start_commit(s, &err) >= 0)
			return;
		log_error("%s", err.text);
	}
	tell_settled(s);
}

/* ---- whether it has come ---- */

/*
 * A program that ended with the sandbox, without a word from init, was killed. Where nobody asked for that,
 * it was init that ended.
 */
static void note_killed(struct supervisor *s, struct command *command)
{
	if (command->has_exited)
		return;
	if (!command->id && !s->failure.code && s->reason == END_EXITED) {
		s->reason = END_LOST;
		client_notice(s,
			"the sandbox ended under its program: somebody killed it, or the kernel did for want of memory");
	}
	command->has_exited = true;
	command->code = 128 + SIGKILL;
	command->signal = SIGKILL;
}

/* Whether it is a program of `cordon exec` that has ended, and all that it printed is there. */
static bool is_over(const struct command *command)
{
	return command->id && command->has_exited && !command->is_over &&
		(command_is_drained(command) || !command_has_starter(command));
}

static struct command *find_over(struct supervisor *s)
{
	LIST_FOR_EACH(command, &s->commands, struct command, node)
		if (is_over(command))
			return command;
	return NULL;
}

/* A record that fails ends the session, and that looks for what is over, too: each is found once. */
static void end_commands(struct supervisor *s)
{
	struct command *command;

	LIST_FOR_EACH(each, &s->commands, struct command, node)
		if (s->is_gone)
			note_killed(s, each);
	while ((command = find_over(s)) != NULL) {
		struct control_exit code = { .code = command_exit_code(command) };

		command->is_over = true;
		if (s->ledger.fd >= 0 && !s->failure.code)
			(void)command_record_terminal(command);
		command_tell(command, CONTROL_EXITED, &code, sizeof(code));
		command_free(command);
	}
}

static void stop_draining(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, farewell);

	command_drop_stdio(command_find(s, 0));
	supervisor_check_end(s);
}

/* Files take what was redirected to them at once; a pipe whose reader does not read is not waited for. */
static void stop_draining_soon(struct supervisor *s)
{
	loop_set_timer(&s->loop, &s->farewell, s->loop.now_ns + PATIENCE_MS * NS_PER_MS, stop_draining);
}

void supervisor_check_end(struct supervisor *s)
{
	struct command *agent = command_find(s, 0);

	if (s->is_told && !s->loop.done && !bytes_on_their_way(s))
		leave(s);
	if (s->is_told || s->is_settled)
		return;
	end_commands(s);
	if (!s->is_gone || s->loop.done || !agent || s->command_count > 1)
		return;
	/* What never started printed nothing, and its pipes may still be in our own hands. */
	if (agent->has_started && !command_is_drained(agent)) {
		if (!command_has_starter(agent))
			stop_draining_soon(s);
		return;
	}
	if (!network_end(s))
		return;
	if (s->failure.code)
		end_failed(s, agent);
	else
		end_settled(s, agent);
}

void supervisor_fail(struct supervisor *s, int exit_code, const struct error *err)
{
	struct jail_message message = { .kind = JAIL_MESSAGE_END };

	if (!s->failure.code) {
		s->failure = *err;
		s->failure_code = exit_code;
	}
	s->is_ending = true;
	if (!s->has_begun)
		s->is_gone = true;
	(void)supervisor_tell_init(s, &message, NULL, 0);
	supervisor_check_end(s);
}
