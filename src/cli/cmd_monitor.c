// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_monitor.c - `cordon monitor [ID...]`: the terminal of its screen
 *
 * What is shown and what a key means is monitor.h's, what there is to show comes from monitor_feed.h, the
 * terminal is full_screen.h's. Here is how often a picture is drawn. To allow or deny, the command that does
 * it is run as a person would run it, and its answer is shown.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "cli/full_screen.h"
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
#include <sys/mman.h>

enum {
	PICTURE_MS = 50,		/* between two pictures, whatever happens */
	ANSWER_BYTES = 240,
};

struct view {
	struct cli *cli;
	struct full_screen full;
	struct monitor monitor;
	struct monitor_feed feed;
	struct loop_timer picture;
	bool wants_picture;
	uint64_t drawn_ns;
};

/* ---- the picture ---- */

static void draw(struct full_screen *full)
{
	struct view *view = CONTAINER_OF(full, struct view, full);
	scoped(buf) struct buf picture = BUF_INIT(MONITOR_PICTURE_BYTES_MAX);

	monitor_paint(&view->monitor, &picture);
	if (!buf_failed(&picture) && full->terminal.is_raw)
		full_screen_write(full, (struct str){ buf_text(&picture), picture.len });
	view->drawn_ns = kern_clock_monotonic_ns();
	view->wants_picture = false;
	loop_remove_timer(&view->picture);
}

static void picture_is_due(struct loop_timer *timer)
{
	draw(&CONTAINER_OF(timer, struct view, picture)->full);
}

static void changed(struct monitor_feed *feed)
{
	struct view *view = CONTAINER_OF(feed, struct view, feed);

	if (view->wants_picture)
		return;
	view->wants_picture = true;
	loop_set_timer(&view->full.loop, &view->picture, view->drawn_ns + PICTURE_MS * NS_PER_MS,
		picture_is_due);
}

static void measured(struct full_screen *full, struct control_size size)
{
	struct view *view = CONTAINER_OF(full, struct view, full);

	view->monitor.height = size.rows;
	view->monitor.width = size.columns;
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

static void press(struct full_screen *full, uint32_t key)
{
	struct view *view = CONTAINER_OF(full, struct view, full);
	enum monitor_action action;

	action = monitor_key(&view->monitor, key);
	if (action == MONITOR_QUIT)
		loop_stop(&full->loop, 0);
	else if (action == MONITOR_SUSPEND)
		full_screen_suspend(full);
	else if (action == MONITOR_ORDER)
		order(view);
}

/* ---- from the first picture to the last ---- */

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
	int r = loop_init(&view->full.loop);

	if (r >= 0)
		r = add_sessions(view, argc, argv, err);
	if (r >= 0)
		r = monitor_feed_start(&view->feed);
	if (r >= 0)
		r = full_screen_run(&view->full, err);
	monitor_feed_fini(&view->feed);
	loop_remove_timer(&view->picture);
	full_screen_fini(&view->full);
	monitor_fini(&view->monitor);
	return r;
}

/* Return: whether there is a screen to fill, or else the exit code after saying why not */
static int find_screen(struct cli *cli, const struct view *view)
{
	const char *term = cli_env(cli, "TERM");
	struct error err = ERROR_INIT;

	if (cli->json)
		error_set(&err, -EINVAL, "a screen has no JSON form");
	else if (!cli->is_terminal || view->full.terminal.fd < 0)
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
	static const struct full_screen_ops ops = { measured, draw, press };
	static struct view view;
	struct error err = ERROR_INIT;
	scoped(fd) int state_dirfd = -1;
	int code, r;

	view = (struct view){ .cli = cli, .monitor.colour = cli->colour };
	full_screen_init(&view.full, cli, &ops);
	code = find_screen(cli, &view);
	if (code != CLI_OK)
		return code;
	view.feed = (struct monitor_feed){ .monitor = &view.monitor, .loop = &view.full.loop,
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
	if (r == -EINTR)
		return CLI_INTERRUPTED;
	if (r < 0 && !err.text[0])
		(void)error_sys(&err, r, "the monitor's screen");
	return r >= 0 ? CLI_OK : cli_fail(cli, r == -ENOENT || r == -EEXIST ? CLI_NO : CLI_FAILED, &err);
}
