/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console.h - the supervisor's end of a pseudo-terminal
 *
 * The pty itself is made inside the sandbox, in its own devpts; only the master comes out. What the program
 * prints is handed to the owner; keys are queued here when the program does not read them, up to a limit
 * beyond which they are refused, so that a paste into a stuck program costs the user keys and not us memory.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"
#include "loop/loop.h"
#include "session/control.h"

struct console;

/*
 * Bytes that the program printed; @text is empty at the end, once: no process has the terminal open any more.
 */
typedef void console_fn(struct console *console, struct str text);

enum {
	CONSOLE_KEYS_MAX_BYTES = 1 << 20,
	CONSOLE_READ_BYTES = 32 * 1024,
};

struct console {
	console_fn *fn;
	struct loop_io io;
	int fd;				/* owned; -1: none yet, or no more */
	bool paused;
	struct buf keys;
	uint64_t total_bytes;		/* keys and output, since the start */
};

/** console_init() - there is no terminal yet; keys are kept for it */
void console_init(struct console *console, console_fn *fn);

/**
 * console_open() - serve a master; @master_fd is owned from here on, also on failure; Return: 0 or negative
 * errno
 */
int console_open(struct console *console, struct loop *loop, int master_fd);

/** console_fini() - legal on an all-zero console, and twice */
void console_fini(struct console *console);

static inline bool console_is_open(const struct console *console)
{
	return console->io.loop != NULL;
}

/**
 * console_type() - keys for the program, also before its terminal exists; dropped beyond
 * CONSOLE_KEYS_MAX_BYTES
 */
void console_type(struct console *console, struct str keys);

/** console_resize() - the window changed; the kernel sends SIGWINCH */
void console_resize(struct console *console, struct control_size size);

/** console_pause() - stop or go on reading what the program prints */
void console_pause(struct console *console, bool paused);
