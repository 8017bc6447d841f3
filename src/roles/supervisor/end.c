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
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/log.h"
#include "kern/clock.h"
#include "run/judge.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	LAUNCHER_WAIT_SECS = 2,
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

/*
 * A session that never ran leaves nothing but its record. The program may have begun before we heard that it
 * had: what it wrote is not lost.
 */
static void end_failed(struct supervisor *s, struct command *agent)
{
	struct control_failure failure = { .exit_code = s->failure_code, .error = s->failure };
	struct error ignored = ERROR_INIT;

	record_failure(s);
	if (s->session.dirfd >= 0) {
		s->session.ended_ns = kern_clock_real_ns();
		if (agent->has_started || run_has_work(&s->session))
			(void)session_set_state(&s->session, SESSION_HELD, &ignored);
		else
			(void)run_drop(&s->session, &ignored);
	}
	let_go(s);
	watch_tell_hits(s);
	client_send(agent->client, CONTROL_FAILED, &failure, sizeof(failure));
	loop_stop(&s->loop, 0);
}

static void end_settled(struct supervisor *s, struct command *agent)
{
	struct control_exit code = { .code = command_exit_code(agent) };
	struct run_outcome outcome;
	struct error err = ERROR_INIT;
	int r;

	record_agent_end(s, agent);
	(void)command_record_terminal(agent);
	record_stop(s, agent);
	if (s->failure.code)
		return;		/* the ledger did not take it, and the session has ended as failed */
	client_send(agent->client, CONTROL_EXITED, &code, sizeof(code));
	s->session.exit_code = agent->code;
	s->session.ended_ns = kern_clock_real_ns();
	r = session_set_state(&s->session, SESSION_STOPPED, &err);
	if (r >= 0)
		r = run_judge(&s->arena, &s->session, &s->ledger, s->request.config, &outcome, &err);
	outcome.limits = watch_hits(s);
	/* What was cut off is nobody's finished work: a person looks at it first. */
	if (r >= 0 && (s->reason == END_LIMIT || s->reason == END_LOST) &&
			outcome.on_exit == CONFIG_ON_EXIT_AUTO)
		outcome.on_exit = CONFIG_ON_EXIT_HOLD;
	/* The state that is saved now is nobody's: the next command may have the session at once. */
	s->session.supervisor_pid = 0;
	s->session.supervisor_start = 0;
	if (r >= 0)
		r = run_settle(&s->arena, &s->session, &s->ledger, &outcome, &err);
	if (r >= 0)
		r = ledger_close(&s->ledger, &err);
	if (r < 0) {
		supervisor_fail(s, 125, &err);
		return;
	}
	let_go(s);
	client_send_json(agent->client, CONTROL_SETTLED,
		run_outcome_to_json(&s->arena, &s->session, &outcome));
	if (run_tidy(&s->session, &err) < 0)
		log_error("%s", err.text);
	loop_stop(&s->loop, 0);
}

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

/* Programs of `cordon exec` end for their terminals once all that they printed is there. */
static void end_commands(struct supervisor *s)
{
	LIST_FOR_EACH(command, &s->commands, struct command, node) {
		struct control_exit code;

		if (s->is_gone)
			note_killed(s, command);
		if (!command->id || !command->has_exited || (command->client && !command_is_drained(command)))
			continue;
		code = (struct control_exit){ .code = command_exit_code(command) };
		client_send(command->client, CONTROL_EXITED, &code, sizeof(code));
		if (s->ledger.fd >= 0 && !s->failure.code)
			(void)command_record_terminal(command);
		command_free(command);
	}
}

void supervisor_check_end(struct supervisor *s)
{
	struct command *agent = command_find(s, 0);

	end_commands(s);
	if (!s->is_gone || s->loop.done || !agent || s->command_count > 1)
		return;
	/* What never started printed nothing, and its pipes may still be in our own hands. */
	if (agent->client && agent->has_started && !command_is_drained(agent))
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
	supervisor_tell_init(s, &message, NULL, 0);
	supervisor_check_end(s);
}
