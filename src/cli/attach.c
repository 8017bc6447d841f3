// SPDX-License-Identifier: Apache-2.0
/*
 * attach.c - being the terminal of a program in a session
 *
 * Job control crosses two terminals. Inside, the program stops because its own pseudo-terminal saw ctrl-z;
 * our init reports it, the supervisor says SUSPENDED, and we then put the user's terminal back and stop our
 * own process group, so that the user's shell sees the job stop. When the shell continues us (fg), we take
 * the terminal again and say CONTINUE. Without a terminal, a TSTP that we receive is passed on and comes back
 * the same way.
 *
 * Keys are read only while less than INPUT_AHEAD_BYTES wait for the supervisor, so a program that does not
 * read its input slows the pasting user down instead of filling memory. The first of the keys that detach is
 * held back until it is clear that the others do not follow, KEYS_PATIENCE_MS at most.
 *
 * A terminal that is closed sends SIGHUP and answers EIO from then on: that is no signal for the program,
 * whose terminal is another one. A SIGHUP that somebody sends to a command whose terminal is there, or that
 * never had one, is passed on like any other signal.
 */
#include "cli/attach.h"

#include "base/quote.h"
#include "cli/guard.h"
#include "base/time.h"
#include "cli/terminal.h"
#include "kern/file.h"
#include "loop/channel.h"
#include "session/detach_keys.h"

#include <stdio.h>
#include <unistd.h>

enum {
	INPUT_STEP_BYTES = 4096,
	INPUT_AHEAD_BYTES = 64 * 1024,
	KEYS_PATIENCE_MS = 1000,
	CTRL_C = 3,
};

struct attach {
	struct loop loop;
	struct channel channel;
	struct loop_signal signals;
	struct loop_io keys;
	struct loop_timer patience;
	struct detach_keys detach_keys;
	struct terminal terminal;
	struct guard guard;
	const struct attach_request *request;
	bool has_started;			/* or was cancelled before */
	bool is_cancelled;
	bool is_leaving;			/* as soon as it has started */
	bool has_exited;			/* what it changed is looked at */
	bool is_interrupted;			/* then, and the supervisor knows */
	struct cli *cli;
	struct attach_result *ret;
	struct error *err;
};

/* What cannot be sent ends the connection, and we hear of that next. */
static void send_struct(struct attach *attach, enum control_type type, const void *data, size_t len)
{
	(void)channel_send(&attach->channel, type, (struct str){ .data = data, .len = len }, NULL, 0);
}

static void keys_ready(struct loop_io *io, uint32_t events);

static int output_fd(const struct attach *attach)
{
	bool is_ours = attach->request->is_joining || kern_isatty(STDOUT_FILENO) > 0;

	return is_ours ? STDOUT_FILENO : attach->terminal.fd;
}

/* In the foreground: raw, and reading. In the background: neither, or the kernel would stop us. */
static void take_terminal(struct attach *attach)
{
	bool read_keys = attach->request->with_stdin && terminal_is_foreground(&attach->terminal);

	(void)terminal_set_raw(&attach->terminal);
	if (read_keys && !attach->keys.loop)
		(void)loop_add_io(&attach->loop, &attach->keys, STDIN_FILENO, EPOLLIN, keys_ready);
	if (!read_keys)
		loop_remove_io(&attach->keys);
}

static void leave_terminal(struct attach *attach)
{
	loop_remove_io(&attach->keys);
	terminal_set_back(&attach->terminal);
}

/* The first word counts: behind the last message waits the end of the connection, often in the same round. */
static void finish(struct attach *attach, int result)
{
	if (!attach->loop.done)
		loop_stop(&attach->loop, result);
}

/* The person leaves, and the program goes on: once it runs, and there is a name to come back by. */
static void detach(struct attach *attach)
{
	if (!attach->has_started) {
		attach->is_leaving = true;
		return;
	}
	send_struct(attach, CONTROL_DETACH, NULL, 0);
	attach->ret->is_detached = true;
	finish(attach, 0);
}

/*
 * The supervisor is copying and reads no message, but it sees that no more will come. Should the program run
 * by then, it reads the one that ends it.
 */
static void cancel(struct attach *attach)
{
	const struct control_stop message = { 0 };

	send_struct(attach, CONTROL_STOP, &message, sizeof(message));
	(void)kern_shutdown(attach->channel.fd, SHUT_WR);
	attach->has_started = attach->is_cancelled = true;
}

/*
 * It compares and judges what the program left, and sees that no more will come. Somebody who is not that
 * patient, or interrupts twice, leaves it alone with that.
 */
static void interrupt(struct attach *attach)
{
	if (attach->is_interrupted) {
		finish(attach, -EINTR);
		return;
	}
	attach->is_interrupted = true;
	(void)kern_shutdown(attach->channel.fd, SHUT_WR);
}

static bool is_cancellable(const struct attach *attach)
{
	return attach->request->is_cancellable && !attach->has_started;
}

static void send_keys(struct attach *attach, struct str keys)
{
	if (keys.len && !attach->request->is_read_only)
		send_struct(attach, CONTROL_INPUT, keys.data, keys.len);
}

static void patience_is_over(struct loop_timer *timer)
{
	struct attach *attach = CONTAINER_OF(timer, struct attach, patience);

	send_keys(attach, detach_keys_release(&attach->detach_keys));
}

static void typed(struct attach *attach, struct str keys)
{
	char passed[INPUT_STEP_BYTES + DETACH_HELD_BYTES_MAX];
	struct str rest = { .data = passed };
	bool is_over;

	if (is_cancellable(attach) && memchr(keys.data, CTRL_C, keys.len)) {
		cancel(attach);
		return;
	}
	is_over = detach_keys_take(&attach->detach_keys, keys, passed, &rest.len);

	send_keys(attach, rest);
	loop_remove_timer(&attach->patience);
	if (is_over || (attach->request->is_read_only && memchr(keys.data, CTRL_C, keys.len)))
		detach(attach);
	else if (detach_keys_is_waiting(&attach->detach_keys))
		loop_set_timer(&attach->loop, &attach->patience,
			attach->loop.now_ns + KEYS_PATIENCE_MS * NS_PER_MS, patience_is_over);
}

static void keys_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct attach *attach = CONTAINER_OF(io, struct attach, keys);
	char data[INPUT_STEP_BYTES];
	ssize_t n;

	if (!terminal_is_foreground(&attach->terminal)) {
		leave_terminal(attach);
		return;
	}
	if (channel_queue_bytes(&attach->channel) > INPUT_AHEAD_BYTES)
		return;
	n = kern_read(STDIN_FILENO, data, sizeof(data));
	if (n > 0)
		typed(attach, (struct str){ data, (size_t)n });
	else if (n != -EAGAIN)
		loop_remove_io(&attach->keys);
}

/* Stop as the program did, and come back with it. */
static void suspend(struct attach *attach, int signal)
{
	struct sigaction default_action = { .sa_handler = SIG_DFL };
	sigset_t only;

	guard_leave(&attach->guard, output_fd(attach));
	leave_terminal(attach);
	if (signal != SIGSTOP)
		(void)kern_sigaction(signal, &default_action, NULL);
	sigemptyset(&only);
	sigaddset(&only, signal);
	(void)kern_kill(0, signal);
	/*
	 * It is pending while blocked; unblocking lets it act, and we go on here when the shell continues us.
	 */
	(void)kern_sigprocmask(SIG_UNBLOCK, &only, NULL);
	(void)kern_sigprocmask(SIG_BLOCK, &only, NULL);
	take_terminal(attach);
	guard_enter(&attach->guard, output_fd(attach));
	if (!attach->request->is_read_only)
		send_struct(attach, CONTROL_CONTINUE, NULL, 0);
}

static void send_size(struct attach *attach)
{
	struct control_size size = terminal_size(&attach->terminal);

	send_struct(attach, CONTROL_RESIZE, &size, sizeof(size));
}

static void signal_came(struct loop_signal *source, int signal)
{
	struct attach *attach = CONTAINER_OF(source, struct attach, signals);
	struct control_signal message = { .signal = signal };

	if (signal == SIGWINCH)
		send_size(attach);
	else if (signal == SIGCONT)
		take_terminal(attach);
	else if (is_cancellable(attach) && (signal == SIGINT || signal == SIGTERM || signal == SIGHUP))
		cancel(attach);
	else if (attach->has_exited && (signal == SIGINT || signal == SIGTERM))
		interrupt(attach);
	else if (signal == SIGTSTP && attach->request->is_joining)
		suspend(attach, signal);
	else if (attach->request->is_joining || (signal == SIGHUP && terminal_is_gone(&attach->terminal)))
		attach->request->kind == ATTACH_SESSION ? detach(attach) : finish(attach, -EIO);
	else
		send_struct(attach, CONTROL_SIGNAL, &message, sizeof(message));
}

static void failed(struct attach *attach, const struct control_failure *failure)
{
	attach->ret->failure_code = failure->exit_code;
	if (attach->err)
		*attach->err = failure->error;
	finish(attach, 0);
}

static void exited(struct attach *attach, const struct control_exit *message)
{
	attach->ret->exit_code = message->code;
	attach->has_exited = true;
	leave_terminal(attach);
	guard_end(&attach->guard, output_fd(attach));
	if (attach->request->kind == ATTACH_COMMAND)
		finish(attach, 0);
}

static void say(struct attach *attach, struct str text)
{
	cli_progress_end(attach->cli);
	fprintf(stderr, "cordon: %s%s\n", quote_text(text).text, attach->terminal.is_raw ? "\r" : "");
}

static void started(struct attach *attach, struct str payload)
{
	const struct json *value;

	attach->has_started = true;
	if (json_read(&attach->cli->arena, payload, JSON_READ_STRICT, &value, NULL) >= 0)
		attach->ret->id = json_get_text(value, "id");
	if (attach->is_leaving)
		detach(attach);
}

static void hear(struct attach *attach, const struct control_message *message, struct str payload)
{
	int signal = message->signal.signal;

	switch (message->type) {
	case CONTROL_OUTPUT:
		guard_show(&attach->guard, output_fd(attach), payload);
		break;
	case CONTROL_STARTED:
		cli_progress_end(attach->cli);
		started(attach, payload);
		break;
	case CONTROL_SUSPENDED:
		/* Who is in the foreground stops as ctrl-z would have it. */
		suspend(attach, signal == SIGTTIN || signal == SIGTTOU ? SIGTSTP : signal);
		break;
	case CONTROL_EXITED:
		exited(attach, &message->exit);
		break;
	case CONTROL_NOTICE:
		say(attach, payload);
		break;
	case CONTROL_PROGRESS:
		cli_progress(attach->cli, message->progress.what, message->progress.done,
			message->progress.total);
		break;
	case CONTROL_SETTLED:
		finish(attach,
			json_read(&attach->cli->arena, payload, JSON_READ_STRICT, &attach->ret->settled,
				NULL));
		break;
	case CONTROL_FAILED:
		failed(attach, &message->failure);
		break;
	default:
		finish(attach, -EPROTO);	/* ours to say */
		break;
	}
}

static void message_came(struct channel *channel, const struct channel_message *in, int reason)
{
	struct attach *attach = CONTAINER_OF(channel, struct attach, channel);
	struct control_message message;

	if (!in)
		finish(attach, reason ?: -ECONNRESET);
	else if (control_read(in->type, in->payload, &message) < 0)
		finish(attach, -EPROTO);
	else
		hear(attach, &message, in->payload);
}

static int add_signals(struct attach *attach)
{
	static const int wanted[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP, SIGALRM,
	};
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&mask, wanted[i]);
	return loop_add_signals(&attach->loop, &attach->signals, &mask, signal_came);
}

static void attach_terminal(struct attach *attach)
{
	struct control_attach message = {
		.flags = attach->request->is_read_only ? CONTROL_ATTACH_READ_ONLY : 0,
	};

	terminal_init(&attach->terminal);
	if (attach->terminal.fd >= 0)
		message.flags |= CONTROL_ATTACH_TERMINAL;
	message.size = terminal_size(&attach->terminal);
	send_struct(attach, CONTROL_ATTACH, &message, sizeof(message));
	take_terminal(attach);
}

static int serve(struct attach *attach)
{
	const char *keys = attach->request->detach_keys;
	int channel_fd = attach->request->channel_fd, r = loop_init(&attach->loop);

	if (r >= 0 && keys)
		r = detach_keys_parse(&attach->detach_keys, keys, attach->err);
	if (r < 0) {
		fd_close(channel_fd);
		return r;
	}
	r = channel_init(&attach->channel, &attach->loop, channel_fd, message_came);
	if (r >= 0)
		r = add_signals(attach);
	if (r < 0)
		return r;
	attach_terminal(attach);
	r = loop_run(&attach->loop);
	guard_end(&attach->guard, output_fd(attach));
	return r;
}

/*
 * The program was about to run when it came: the session was stopped at once, and then there was nobody to
 * tell.
 */
static int explain_cancelled(const struct attach *attach, struct error *err)
{
	attach->ret->failure_code = CLI_INTERRUPTED;
	error_set(err, -ECANCELED, "cancelled as the program was about to run: the session is ended");
	error_hint(err, "`cordon ps --all` shows whether it left anything.");
	return 0;
}

static int explain(const struct attach *attach, int r, struct error *err)
{
	if (r == -ECONNRESET && attach->is_cancelled)
		return explain_cancelled(attach, err);
	if (r == -ECONNRESET) {
		error_set(err, r, "the session's supervisor went away");
		error_hint(err,
			"Nothing was committed. `cordon ps --all` shows the session; its branch can still be "
			"looked at with `cordon diff`.");
	} else if (r == -EPROTO) {
		error_set(err, r, "the session's supervisor speaks another protocol");
		error_hint(err,
			"It was started by another version of cordon, which is the one to use with it.");
	} else if (r == -EINTR) {
		error_set(err, r, "interrupted while the changes were compared, which goes on without you");
		error_hint(err, "`cordon ps --all` shows how the session ends.");
	} else if (r < 0 && r != -EINVAL) {
		error_sys(err, r, attach->request->is_joining ? "looking at the session" :
			"talking to the session's supervisor");
	}
	return r;
}

int attach_run(struct cli *cli, const struct attach_request *request, struct attach_result *ret,
	struct error *err)
{
	struct attach attach = {
		.cli = cli, .request = request, .ret = ret, .err = err, .terminal = { .fd = -1 },
		.guard = { .is_off = request->is_unfiltered },
	};
	int r;

	*ret = (struct attach_result){ .exit_code = -1 };
	r = serve(&attach);
	cli_progress_end(cli);
	terminal_fini(&attach.terminal);
	loop_remove_io(&attach.keys);
	loop_remove_timer(&attach.patience);
	loop_remove_signals(&attach.signals);
	channel_fini(&attach.channel);
	loop_fini(&attach.loop);
	return explain(&attach, r, err);
}
