// SPDX-License-Identifier: Apache-2.0
/*
 * review_screen.c - the review screen's terminal: bytes in, pictures out
 *
 * What a key means and what is shown is review/screen.h's. Here are the terminal's two states, the signals,
 * and the reading of files that came into sight.
 */
#include "base/fd.h"
#include "cli/keeper.h"
#include "cli/review_ask.h"
#include "kern/file.h"
#include "loop/loop.h"
#include "review/screen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	KEYS_BYTES = 4096,
	/* A search reads on so many times, then it says so. */
	SEARCH_READS_MAX = 100,
};

struct ask {
	struct reviewing *reviewing;
	struct terminal terminal;
	struct keeper keeper;
	struct screen screen;
	struct loop loop;
	struct loop_io keys;
	struct loop_signal signals;
	char typed[KEYS_BYTES];
	size_t typed_len;
	enum review_end end;
};

/* ---- the picture ---- */

static void write_text(const struct ask *ask, struct str text)
{
	(void)kern_write_all(ask->terminal.fd, text.data, text.len);
}

static void draw_now(const struct ask *ask)
{
	scoped(buf) struct buf picture = BUF_INIT(SCREEN_BYTES_MAX);

	screen_paint(&ask->screen, &picture);
	if (!buf_failed(&picture))
		write_text(ask, (struct str){ buf_text(&picture), picture.len });
}

/* First what is known, then what had to be read for it. */
static void draw(struct ask *ask)
{
	ssize_t file;

	draw_now(ask);
	while ((file = screen_wants(&ask->screen)) >= 0) {
		reviewing_fetch(ask->reviewing, (size_t)file);
		screen_refresh(&ask->screen);
		draw_now(ask);
	}
}

static void measure(struct ask *ask)
{
	struct control_size size = terminal_size(&ask->terminal);

	screen_resize(&ask->screen, size.rows, size.columns);
}

static int enter(struct ask *ask)
{
	int r = terminal_set_raw(&ask->terminal);

	if (r < 0)
		return r;
	write_text(ask, str_from(KEEPER_ENTER));
	measure(ask);
	draw(ask);
	return 0;
}

static void leave(struct ask *ask)
{
	if (!ask->terminal.is_raw)
		return;
	write_text(ask, str_from(KEEPER_LEAVE));
	terminal_set_back(&ask->terminal);
}

/* ---- keys ---- */

/* As a shell expects it: the whole job stops, and goes on when it is told to. */
static void suspend(struct ask *ask)
{
	sigset_t only;

	leave(ask);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	(void)kern_kill(0, SIGTSTP);
	(void)kern_sigprocmask(SIG_UNBLOCK, &only, NULL);
	(void)kern_sigprocmask(SIG_BLOCK, &only, NULL);
	(void)enter(ask);
}

static void search_on(struct ask *ask, enum screen_action action)
{
	for (size_t i = 0; action == SCREEN_SEARCH_ON && i < SEARCH_READS_MAX; i++) {
		reviewing_fetch_many(ask->reviewing, ask->screen.search_from, ask->screen.search_back);
		action = screen_search_on(&ask->screen);
	}
	if (action == SCREEN_SEARCH_ON)
		snprintf(ask->screen.message, sizeof(ask->screen.message),
			"not found so far: n searches on");
}

static void finish(struct ask *ask, enum review_end end)
{
	ask->end = end;
	loop_stop(&ask->loop, 0);
}

static void press(struct ask *ask, uint32_t key)
{
	enum screen_action action;

	if (key == 12) {		/* Ctrl-L */
		write_text(ask, STR("\033[2J"));
		return;
	}
	action = screen_key(&ask->screen, key);
	if (action == SCREEN_SUSPEND)
		suspend(ask);
	else if (action == SCREEN_SEARCH_ON)
		search_on(ask, action);
	else if (action == SCREEN_COMMIT)
		finish(ask, REVIEW_END_COMMIT);
	else if (action == SCREEN_QUIT)
		finish(ask, REVIEW_END_QUIT);
}

static void press_all(struct ask *ask)
{
	size_t at = 0;

	while (at < ask->typed_len && !ask->loop.done) {
		uint32_t key;
		size_t len = screen_decode((struct str){ ask->typed + at, ask->typed_len - at }, &key);

		if (key == KEY_NONE && at)
			break;
		at += len;
		press(ask, key);
	}
	ask->typed_len -= at;
	memmove(ask->typed, ask->typed + at, ask->typed_len);
}

static void keys_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct ask *ask = CONTAINER_OF(io, struct ask, keys);
	ssize_t n = kern_read(ask->terminal.fd, ask->typed + ask->typed_len,
		sizeof(ask->typed) - ask->typed_len);

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		loop_stop(&ask->loop, -EINTR);
		return;
	}
	ask->typed_len += (size_t)n;
	press_all(ask);
	if (!ask->loop.done)
		draw(ask);
}

static void signal_came(struct loop_signal *source, int signal)
{
	struct ask *ask = CONTAINER_OF(source, struct ask, signals);

	if (signal == SIGTSTP) {
		suspend(ask);
	} else if (signal == SIGWINCH) {
		measure(ask);
		write_text(ask, STR("\033[2J"));
		draw(ask);
	} else if (signal != SIGCONT) {
		loop_stop(&ask->loop, -EINTR);
	}
}

/* ---- from the first picture to the last ---- */

static int add_sources(struct ask *ask)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&mask, wanted[i]);
	r = loop_add_signals(&ask->loop, &ask->signals, &mask, signal_came);
	return r < 0 ? r : loop_add_io(&ask->loop, &ask->keys, ask->terminal.fd, EPOLLIN, keys_ready);
}

static int serve(struct ask *ask, struct error *err)
{
	int r = keeper_start(&ask->keeper, ask->reviewing->cli, ask->terminal.fd, err);

	if (r >= 0)
		r = loop_init(&ask->loop);
	if (r >= 0)
		r = add_sources(ask);
	if (r >= 0)
		r = enter(ask);
	if (r >= 0)
		r = loop_run(&ask->loop);
	leave(ask);
	loop_remove_io(&ask->keys);
	loop_remove_signals(&ask->signals);
	loop_fini(&ask->loop);
	keeper_stop(&ask->keeper);
	return r;
}

int review_on_screen(struct reviewing *reviewing, enum review_end *ret, struct error *err)
{
	struct ask ask = { .reviewing = reviewing, .keeper = KEEPER_NONE, .loop = { .epfd = -1 },
		.signals = { .fd = -1 } };
	int r;

	terminal_init(&ask.terminal);
	screen_init(&ask.screen, &reviewing->review, reviewing->id, reviewing->cli->colour);
	reviewing->is_silent = true;
	r = serve(&ask, err);
	reviewing->is_silent = false;
	screen_fini(&ask.screen);
	terminal_fini(&ask.terminal);
	*ret = ask.end;
	if (r == -EINTR)
		return error_set(err, r, "the review was ended from outside: nothing was committed");
	return r < 0 && !err->text[0] ? error_sys(err, r, "the review screen") : r;
}
