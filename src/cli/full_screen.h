/* SPDX-License-Identifier: Apache-2.0 */
/*
 * full_screen.h - a command that fills the terminal: keys in, pictures out, until it is left
 *
 * What a key means and what is shown is somebody else's, who is told by a struct full_screen_ops. Here are
 * the terminal's two states, the signals, the keys as they come in pieces, and Ctrl-L. While it runs, a
 * keeper (cli/keeper.h) stands by to set the terminal back should this process be killed.
 */
#pragma once

#include "cli/keeper.h"
#include "loop/loop.h"

enum {
	FULL_SCREEN_KEYS_BYTES = 4096,
};

struct full_screen;

struct full_screen_ops {
	/* the picture has this size from now on; it is drawn next */
	void (*measured)(struct full_screen *full, struct control_size size);
	void (*draw)(struct full_screen *full);
	/* a key of review/screen.h; what it changed is drawn next */
	void (*press)(struct full_screen *full, uint32_t key);
};

struct full_screen {
	struct cli *cli;
	const struct full_screen_ops *ops;
	struct terminal terminal;
	struct keeper keeper;
	struct loop loop;		/* loop_stop() leaves the screen */
	struct loop_io keys;
	struct loop_signal signals;
	char typed[FULL_SCREEN_KEYS_BYTES];
	size_t typed_len;
};

/** full_screen_init() - find the terminal; full_screen_fini() is legal from here on */
void full_screen_init(struct full_screen *full, struct cli *cli, const struct full_screen_ops *ops);

/**
 * full_screen_run() - fill the terminal until loop_stop()
 * @full: its loop is initialised by its owner, who may have more in it
 * @err:  where the terminal cannot be kept
 *
 * Errors: -EINTR a signal ended it, or the terminal is gone; what loop_stop() was given.
 * Return: 0 or negative errno; the terminal is as it was.
 */
int full_screen_run(struct full_screen *full, struct error *err);

/** full_screen_fini() - leave the terminal, and give everything back, the loop too; legal twice */
void full_screen_fini(struct full_screen *full);

/** full_screen_write() - to the terminal, as it is */
void full_screen_write(const struct full_screen *full, struct str text);

/** full_screen_suspend() - as a shell expects it: the whole job stops, and goes on when it is told to */
void full_screen_suspend(struct full_screen *full);
