// SPDX-License-Identifier: Apache-2.0
/*
 * full_screen.c - a command that fills the terminal: keys in, pictures out, until it is left
 */
#include "cli/full_screen.h"

#include "kern/file.h"
#include "review/screen.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

enum {
	KEY_REDRAW = 12,		/* Ctrl-L */
};

static void clear(const struct full_screen *full)
{
	full_screen_write(full, STR("\033[2J"));
}

void full_screen_write(const struct full_screen *full, struct str text)
{
	(void)kern_write_all(full->terminal.fd, text.data, text.len);
}

static int enter(struct full_screen *full)
{
	int r = terminal_set_raw(&full->terminal);

	if (r < 0)
		return r;
	full_screen_write(full, str_from(KEEPER_ENTER));
	full->ops->measured(full, terminal_size(&full->terminal));
	full->ops->draw(full);
	return 0;
}

static void leave(struct full_screen *full)
{
	if (!full->terminal.is_raw)
		return;
	full_screen_write(full, str_from(KEEPER_LEAVE));
	terminal_set_back(&full->terminal);
}

void full_screen_suspend(struct full_screen *full)
{
	sigset_t only;

	leave(full);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	(void)kern_kill(0, SIGTSTP);
	(void)kern_sigprocmask(SIG_UNBLOCK, &only, NULL);
	(void)kern_sigprocmask(SIG_BLOCK, &only, NULL);
	(void)enter(full);
}

static void press_all(struct full_screen *full)
{
	size_t at = 0;

	while (at < full->typed_len && !full->loop.done) {
		uint32_t key;
		size_t len = screen_decode((struct str){ full->typed + at, full->typed_len - at }, &key);

		if (key == KEY_NONE && at)
			break;
		at += len;
		if (key == KEY_REDRAW)
			clear(full);
		else
			full->ops->press(full, key);
	}
	full->typed_len -= at;
	memmove(full->typed, full->typed + at, full->typed_len);
}

static void keys_ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct full_screen *full = CONTAINER_OF(io, struct full_screen, keys);
	ssize_t n = kern_read(full->terminal.fd, full->typed + full->typed_len,
		sizeof(full->typed) - full->typed_len);

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		loop_stop(&full->loop, -EINTR);
		return;
	}
	full->typed_len += (size_t)n;
	press_all(full);
	if (!full->loop.done)
		full->ops->draw(full);
}

static void signal_came(struct loop_signal *source, int signal)
{
	struct full_screen *full = CONTAINER_OF(source, struct full_screen, signals);

	if (signal == SIGTSTP) {
		full_screen_suspend(full);
	} else if (signal == SIGWINCH) {
		full->ops->measured(full, terminal_size(&full->terminal));
		clear(full);
		full->ops->draw(full);
	} else if (signal != SIGCONT) {
		loop_stop(&full->loop, -EINTR);
	}
}

static int add_sources(struct full_screen *full)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&mask, wanted[i]);
	r = loop_add_signals(&full->loop, &full->signals, &mask, signal_came);
	return r < 0 ? r : loop_add_io(&full->loop, &full->keys, full->terminal.fd, EPOLLIN, keys_ready);
}

void full_screen_init(struct full_screen *full, struct cli *cli, const struct full_screen_ops *ops)
{
	*full = (struct full_screen){
		.cli = cli, .ops = ops, .keeper = KEEPER_NONE, .loop = { .epfd = -1 },
		.signals = { .fd = -1 },
	};
	terminal_init(&full->terminal);
}

int full_screen_run(struct full_screen *full, struct error *err)
{
	int r = keeper_start(&full->keeper, full->cli, full->terminal.fd, err);

	if (r >= 0)
		r = add_sources(full);
	if (r >= 0)
		r = enter(full);
	if (r >= 0)
		r = loop_run(&full->loop);
	leave(full);
	return r;
}

void full_screen_fini(struct full_screen *full)
{
	leave(full);
	loop_remove_io(&full->keys);
	loop_remove_signals(&full->signals);
	loop_fini(&full->loop);
	keeper_stop(&full->keeper);
	terminal_fini(&full->terminal);
}
