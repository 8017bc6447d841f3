// SPDX-License-Identifier: Apache-2.0
/*
 * console.c - the supervisor's end of a pseudo-terminal
 *
 * Linux answers EIO on the master when the last slave is closed; that is this terminal's end of file
 * (tty_ioctl(4) is silent about it, pty(7) shows it).
 */
#include "roles/supervisor/console.h"

#include "base/fd.h"

#include <fcntl.h>
#include <sys/ioctl.h>

static void watch(struct console *console)
{
	uint32_t events = console->paused ? 0 : EPOLLIN;

	if (console->keys.len)
		events |= EPOLLOUT;
	(void)loop_set_io(&console->io, events);
}

void console_init(struct console *console, console_fn *fn)
{
	*console = (struct console){ .fn = fn, .fd = -1, .keys = BUF_INIT(CONSOLE_KEYS_MAX_BYTES) };
}

void console_fini(struct console *console)
{
	if (console->io.loop) {
		loop_remove_io(&console->io);
		console->fd = fd_close(console->fd);
	}
	buf_fini(&console->keys);
}

static void flush_keys(struct console *console)
{
	ssize_t n = kern_write(console->fd, console->keys.data, console->keys.len);

	if (n > 0)
		buf_consume(&console->keys, (size_t)n);
}

static void ready(struct loop_io *io, uint32_t events)
{
	static char text[CONSOLE_READ_BYTES];
	struct console *console = CONTAINER_OF(io, struct console, io);
	ssize_t n;

	if (events & EPOLLOUT && console->keys.len)
		flush_keys(console);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = kern_read(console->fd, text, sizeof(text));
		if (n > 0) {
			console->total_bytes += (uint64_t)n;
			console->fn(console, (struct str){ text, (size_t)n });
		} else if (n != -EAGAIN) {
			console_fini(console);
			console->fn(console, STR(""));
			return;
		}
	}
	if (console_is_open(console))
		watch(console);
}

int console_open(struct console *console, struct loop *loop, int master_fd)
{
	int r = kern_fcntl(master_fd, F_SETFL, O_RDWR | O_NONBLOCK);

	console->fd = master_fd;
	if (r >= 0)
		r = loop_add_io(loop, &console->io, master_fd, EPOLLIN, ready);
	if (r < 0) {
		console->fd = fd_close(console->fd);
		return r;
	}
	watch(console);
	return 0;
}

void console_type(struct console *console, struct str keys)
{
	console->total_bytes += keys.len;
	if (buf_append(&console->keys, keys.data, keys.len) < 0)
		console->keys.failed = false;	/* these keys are lost; later ones need not be */
	if (!console_is_open(console))
		return;
	if (console->keys.len)
		flush_keys(console);
	watch(console);
}

void console_resize(struct console *console, struct control_size size)
{
	struct winsize window = { .ws_row = size.rows, .ws_col = size.columns };

	if (console_is_open(console))
		(void)kern_ioctl(console->fd, TIOCSWINSZ, &window);
}

void console_pause(struct console *console, bool paused)
{
	console->paused = paused;
	if (console_is_open(console))
		watch(console);
}
