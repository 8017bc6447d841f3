/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.h - the user's redirections, brought into the sandbox without lending the descriptor
 *
 * An agent that is handed the user's own stdin holds whatever that is: a directory (fchdir leaves the
 * sandbox), a socket, a file that it can reopen for writing through /proc/self/fd. So only anonymous pipes
 * are handed over as they are; a terminal becomes the sandbox's own pty; /dev/null becomes the sandbox's own;
 * everything else is copied through a pipe by the supervisor. A relay owns both of its ends.
 */
#pragma once

#include "loop/loop.h"

#include <stdbool.h>

enum {
	RELAY_BUFFER_BYTES = 64 * 1024,
};

struct relay;

/* The relay is over: end of file, or the reading side went away. */
typedef void relay_fn(struct relay *relay);

struct relay {
	relay_fn *fn;
	void *context;			/* the owner's */
	struct loop *loop;
	struct loop_io source, sink;
	int source_fd, sink_fd;		/* owned */
	size_t at, len, step_bytes;
	/* why bytes were lost, stays after the end; a reader that left is no error */
	int error;
	char *buffer;			/* owned */
	uint64_t total_bytes;		/* that came, since the start */
};

/* How one of the program's standard descriptors is provided. */
enum stdio_kind {
	STDIO_NULL,			/* /dev/null, or closed */
	STDIO_TERMINAL,
	STDIO_PIPE,			/* handed over */
	STDIO_RELAY,
};

/** stdio_classify() - what @fd is, for stdio purposes */
enum stdio_kind stdio_classify(int fd);

/**
 * relay_start() - copy until end of file
 * @relay:     all-zero but for its context
 * @loop:      serves it
 * @source_fd: owned by @relay from here on, also on failure
 * @sink_fd:   likewise
 * @fn:        called once at the end
 *
 * Return: 0 or negative errno from the kernel.
 */
int relay_start(struct relay *relay, struct loop *loop, int source_fd, int sink_fd, relay_fn *fn);

/** relay_is_running() - whether it has not come to its end */
static inline bool relay_is_running(const struct relay *relay)
{
	return relay->loop != NULL;
}

/** relay_fini() - stop and close; legal on an all-zero relay */
void relay_fini(struct relay *relay);
