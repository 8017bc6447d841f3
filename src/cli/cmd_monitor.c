// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_monitor.c - `cordon monitor [ID...]`: the terminal of its screen
 *
 * What is shown and what a key means is monitor.h's, what there is to show comes from monitor_feed.h. Here
 * are the terminal's two states, the signals, and how often a picture is drawn. To allow or deny, the command
 * that does it is run as a person would run it, and its answer is shown.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "cli/keeper.h"
#include "cli/monitor_feed.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "review/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>

enum {
	KEYS_BYTES = 256,
	PICTURE_MS = 50,		/* between two pictures, whatever happens */
	ANSWER_BYTES = 240,
	KEY_REDRAW = 12,		/* Ctrl-L */
};

struct view {
	struct cli *cli;
	struct terminal terminal;
	struct keeper keeper;
	struct monitor monitor;
	struct monitor_feed feed;
	struct loop loop;
	struct loop_io keys;
	struct loop_signal signals;
	struct loop_timer picture;
	bool wants_picture;
	uint64_t drawn_ns;
	char typed[KEYS_BYTES];
	size_t typed_len;
};

/* ---- the picture ---- */

static void write_text(const struct view *view, struct str text)
{
	(void)kern_write_all(view->terminal.fd, text.data, text.len);
}

static void draw(struct view *view)
{
	scoped(buf) struct buf picture = BUF_INIT(MONITOR_PICTURE_BYTES_MAX);

	monitor_paint(&view->monitor, &picture);
	if (!buf_failed(&picture) && view->terminal.is_raw)
		write_text(view, (struct str){ buf_text(&picture), picture.len });
	view->drawn_ns = kern_clock_monotonic_ns();
	view->wants_picture = false;
	loop_remove_timer(&view->picture);
}

static void picture_is_due(struct loop_timer *timer)
{
	draw(CONTAINER_OF(timer, struct view, picture));
}

static void changed(struct monitor_feed *feed)
{
	struct view *view = CONTAINER_OF(feed, struct view, feed);

	if (view->wants_picture)
		return;
	view->wants_picture = true;
	loop_set_timer(&view->loop, &view->picture, view->drawn_ns + PICTURE_MS * NS_PER_MS, picture_is_due);
}

static void measure(struct view *view)
{
	struct control_size size = terminal_size(&view->terminal);

	view->monitor.height = size.rows;
	view->monitor.width = size.columns;
}

static int enter(struct view *view)
{
	int r = terminal_set_raw(&view->terminal);

	if (r < 0)
		return r;
	write_text(view, str_from(KEEPER_ENTER));
	measure(view);
	draw(view);
	return 0;
}

static void leave(struct view *view)
{
	if (!view->terminal.is_raw)
		return;
	write_text(view, str_from(KEEPER_LEAVE));
	terminal_set_back(&view->terminal);
}

/* ---- allow and deny ---- */

/* Into the message: what the command said, on one line. */
static void show_answer(struct view *view, int answer_fd, int code)
{
	char text[ANSWER_BYTES];
	ssize_t n = kern_pread(answer_fd, text, sizeof(text), 0);
	struct str said = { text, (size_t)MAX(n, (ssize_t)0) }, rest;

	(void)str_cut(said, '\n', &said, &rest);
	(void)snprintf(view->monitor.message, sizeof(view->monitor.message), "%s %s: %s",
		view->monitor.order.command, view->monitor.order.entry,
		said.len ? quote_text(said).text : code ? "it failed" : "done");
}

static int run_order(struct view *view, int answer_fd, struct error *err)
{
	struct monitor_session *session = monitor_session(&view->monitor);
	scoped(fd) int program_fd = kern_open(AT_FDCWD, "/proc/self/exe", O_PATH, 0), pidfd = -1;
	char name[] = "cordon", command[16], operands[] = "--";
	char *argv[] = { name, command, operands, session->id, view->monitor.order.entry, NULL };
	const int fds[] = { -1, answer_fd, answer_fd };
	const struct kern_spawn how = { .program_fd = program_fd, .argv = argv, .envp = view->cli->envp,
		.fds = fds, .fd_count = ARRAY_SIZE(fds), .new_session = true, .dies_with_parent = true };
	pid_t pid;
	int r;

	(void)snprintf(command, sizeof(command), "%s", view->monitor.order.command);
	if (program_fd < 0)
		return error_sys(err, program_fd, "/proc/self/exe");
	r = kern_spawn(&how, &pid, &pidfd, err);
	return r < 0 ? r : kern_wait_pidfd(pidfd);
}

static void order(struct view *view)
{
	scoped(fd) int answer_fd = kern_memfd_create("cordon-answer", MFD_CLOEXEC);
	struct error err = ERROR_INIT;
	int r = answer_fd < 0 ? error_sys(&err, answer_fd, "a file in memory") :
				run_order(view, answer_fd, &err);

	if (r < 0)
		(void)snprintf(view->monitor.message, sizeof(view->monitor.message), "%.200s", err.text);
	else
		show_answer(view, answer_fd, r);
}

/* ---- keys ---- */

/* As a shell expects it: the whole job stops, and goes on when it is told to. */
static void suspend(struct view *view)
{
	sigset_t only;

	leave(view);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	(void)kern_kill(0, SIGTSTP);
	(void)kern_sigprocmask(SIG_UNBLOCK, &only, NULL);
	(void)kern_sigprocmask(SIG_BLOCK, &only, NULL);
	(void)enter(view);
}

static void press(struct view *view, uint32_t key)
{
	enum monitor_action action;

	if (key == KEY_REDRAW) {
		write_text(view, STR("\033[2J"));
		return;
	}
	action = monitor_key(&view->monitor, key);
	if (action == MONITOR_QUIT)
		loop_stop(&view->loop, 0);
	else if (action == MONITOR_SUSPEND)
		suspend(view);
	else if (action == MONITOR_ORDER)
		order(view);
}

static void keys_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct view *view = CONTAINER_OF(io, struct view, keys);
	ssize_t n = kern_read(view->terminal.fd, view->typed + view->typed_len,
		sizeof(view->typed) - view->typed_len);
	size_t at = 0;

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		loop_stop(&view->loop, -EINTR);
		return;
	}
	view->typed_len += (size_t)n;
	while (at < view->typed_len && !view->loop.done) {
		uint32_t key;
		size_t len = screen_decode((struct str){ view->typed + at, view->typed_len - at }, &key);

		if (key == KEY_NONE && at)
			break;
		at += len;
		press(view, key);
	}
	view->typed_len -= at;
	memmove(view->typed, view->typed + at, view->typed_len);
	if (!view->loop.done)
		draw(view);
}

static void signal_came(struct loop_signal *source, int signal)
{
	struct view *view = CONTAINER_OF(source, struct view, signals);

	if (signal == SIGTSTP) {
		suspend(view);
	} else if (signal == SIGWINCH) {
		measure(view);
		write_text(view, STR("\033[2J"));
		draw(view);
	} else if (signal != SIGCONT) {
		loop_stop(&view->loop, -EINTR);
	}
}

/* ---- from the first picture to the last ---- */

static int add_sources(struct view *view)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&mask, wanted[i]);
	r = loop_add_signals(&view->loop, &view->signals, &mask, signal_came);
	return r < 0 ? r : loop_add_io(&view->loop, &view->keys, view->terminal.fd, EPOLLIN, keys_ready);
}

static int add_sessions(struct view *view, int argc, char **argv, struct error *err)
{
	int r = 0;

	for (int i = 0; i < argc && r >= 0; i++) {
		const char *id;

		r = which_session(view->cli, argv[i], &id, err);
		if (r >= 0)
			r = monitor_feed_add(&view->feed, id, err);
	}
	return r;
}

static int serve(struct view *view, int argc, char **argv, struct error *err)
{
	int r = loop_init(&view->loop);

	if (r >= 0)
		r = add_sessions(view, argc, argv, err);
	if (r >= 0)
		r = keeper_start(&view->keeper, view->cli, view->terminal.fd, err);
	if (r >= 0)
		r = add_sources(view);
	if (r >= 0)
		r = monitor_feed_start(&view->feed);
	if (r >= 0)
		r = enter(view);
	if (r >= 0)
		r = loop_run(&view->loop);
	leave(view);
	monitor_feed_fini(&view->feed);
	loop_remove_timer(&view->picture);
	loop_remove_io(&view->keys);
	loop_remove_signals(&view->signals);
	loop_fini(&view->loop);
	keeper_stop(&view->keeper);
	monitor_fini(&view->monitor);
	return r;
}

/* Return: whether there is a screen to fill, or else the exit code after saying why not */
static int find_screen(struct cli *cli, struct view *view)
{
	const char *term = cli_env(cli, "TERM");
	struct error err = ERROR_INIT;

	terminal_init(&view->terminal);
	if (cli->json)
		error_set(&err, -EINVAL, "a screen has no JSON form");
	else if (!cli->is_terminal || view->terminal.fd < 0)
		error_set(&err, -ENOTTY, "there is no terminal to fill");
	else if (!term || !strcmp(term, "dumb") || !strcmp(term, "unknown"))
		error_set(&err, -ENOTTY, "this terminal cannot move its cursor (TERM=%s)",
			term ? quote_cstr(term).text : "");
	else
		return CLI_OK;
	error_hint(&err, "`cordon events --follow` prints the same one line an event.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int cmd_monitor(struct cli *cli, int argc, char **argv)
{
	static struct view view;
	struct error err = ERROR_INIT;
	scoped(fd) int state_dirfd = -1;
	int code, r;

	view = (struct view){ .cli = cli, .keeper = KEEPER_NONE, .loop = { .epfd = -1 },
		.signals = { .fd = -1 }, .monitor.colour = cli->colour };
	code = find_screen(cli, &view);
	if (code != CLI_OK)
		return code;
	view.feed = (struct monitor_feed){ .monitor = &view.monitor, .loop = &view.loop,
		.state_dir = which_state_dir(cli, &err), .finds_new = !argc, .changed = changed,
		.news_fd = -1 };
	if (!view.feed.state_dir)
		return cli_fail(cli, CLI_FAILED, &err);
	r = kern_mkdir_all(view.feed.state_dir);
	if (r >= 0)
		r = state_dirfd = kern_open(AT_FDCWD, view.feed.state_dir, O_RDONLY | O_DIRECTORY, 0);
	view.feed.state_dirfd = state_dirfd;
	if (r >= 0)
		r = serve(&view, argc, argv, &err);
	terminal_fini(&view.terminal);
	if (r == -EINTR)
		return CLI_INTERRUPTED;
	if (r < 0 && !err.text[0])
		(void)error_sys(&err, r, "the monitor's screen");
	return r >= 0 ? CLI_OK : cli_fail(cli, r == -ENOENT || r == -EEXIST ? CLI_NO : CLI_FAILED, &err);
}
