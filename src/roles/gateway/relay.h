/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.h - bytes from one connection to another, both ways, without looking at them
 *
 * A relay has two connected sockets and moves what comes at one to the other, inside of the kernel (splice(2)
 * through a pipe). A way that has come to its end is shut down at the other side, and the other way goes on:
 * a relay is done when both have ended. A side that does not read slows the other down, and nothing is kept
 * for it but what a pipe holds.
 *
 * Pipes belong to a stock that all relays share: one is taken when there is something to move, and given back
 * when it is empty again, which it mostly is before the handler returns. So a thousand idle connections have
 * no pipe at all.
 *
 * Where somebody counts, a piece that is moved is never larger than what may still go: exactly so many bytes
 * pass. A relay that has used them up and whose sides end is over as any other; one more byte ends it with
 * -EDQUOT.
 */
#pragma once

#include "loop/loop.h"

enum {
	RELAY_PIPES_KEPT = 16,
	RELAY_ROUND_BYTES = 1 << 20,	/* of one way in one round of the loop: others wait, too */
	RELAY_QUIET_LOOKS = 250,	/* of relay_finish(), while the first side has not ended */
};

/* The stock. */
struct relay_pipes {
	int fds[RELAY_PIPES_KEPT][2];	/* owned; empty pipes */
	size_t count;
};

/* From one side to the other. */
struct relay_way {
	int pipe[2];			/* owned; -1: none */
	size_t held_bytes;		/* in it */
	uint64_t gate_bytes;		/* that may still go where @is_gated */
	bool is_gated;			/* more waits in its socket until relay_open() */
	bool ends_later;		/* behind such bytes its end has come */
	uint64_t moved_bytes;		/* that arrived at the other side's socket */
	bool is_ended;			/* nothing more comes */
	bool is_done;			/* and the other side knows */
};

struct relay_side {
	int fd;				/* borrowed */
	struct loop_io io;
};

struct relay;

/* It is over: @error is 0, or what broke one of the two connections. The relay may be freed. */
typedef void relay_fn(struct relay *relay, int error);

/* Who counts what goes, and says how much more may; NULL: nobody does. */
struct relay_meter {
	/* bytes that may still go from side @i to the other; 0: not one more, and the relay is over */
	uint64_t (*left)(struct relay *relay, size_t i);
	/* so many were taken at side @i, no more than were left; they are on their way */
	void (*moved)(struct relay *relay, size_t i, uint64_t bytes);
};

struct relay {
	struct loop *loop;
	const struct relay_meter *meter;	/* borrowed; may be set behind relay_start() */
	struct relay_pipes *pipes;
	struct relay_side sides[2];
	struct relay_way ways[2];	/* ways[i] begins at sides[i] */
	/*
	 * may be set behind relay_start(), together with relay_gate(): moves what comes first from the second
	 * side, until it sets this to NULL. Return: 0 go on, -EAGAIN nothing more is there now, or a negative
	 * errno
	 */
	int (*first_answer)(struct relay *relay);
	unsigned quiet_looks;		/* of relay_finish(), at which nothing had come */
	relay_fn *fn;
};

/**
 * relay_start() - move bytes between two sockets from now on
 * @relay: initialised here; relay_fini() when it is not wanted any more
 * @loop:  serves it
 * @pipes: the stock
 * @fds:   connected, non-blocking; borrowed
 * @fn:    called once, at its end
 *
 * Errors: from the kernel, when it cannot watch a socket.
 * Return: 0 or negative errno; relay_fini() is legal in both cases.
 */
int relay_start(struct relay *relay, struct loop *loop, struct relay_pipes *pipes, const int fds[2],
	relay_fn *fn);

/**
 * relay_gate() - of what the first side sends, only so many bytes go until relay_open(), and its end if no
 * more came
 */
void relay_gate(struct relay *relay, uint64_t bytes);

/** relay_leave() - the first side's socket is somebody else's to watch until relay_open() */
void relay_leave(struct relay *relay);

/** relay_open() - all that the first side sends goes; Return: 0 or negative errno from the kernel */
int relay_open(struct relay *relay);

/**
 * relay_finish() - the first side will send nothing more: what it has sent goes to the second
 * @relay: started; relay_fini() when it is over
 *
 * What it sent may still be on its way, by a window that has to open or by what paces its host, and its end
 * comes behind that. One whose end does not come is looked at RELAY_QUIET_LOOKS times, and no more.
 *
 * What the second side sent meanwhile is thrown away: nobody is left to read it, and unread it would make of
 * the end a reset.
 *
 * Errors: -EAGAIN the second side has no room for the rest now, or the first may have more; others from the
 * kernel, or -EDQUOT.
 * Return: 0: all of it is the kernel's to deliver, and an orderly end is right; or negative errno.
 */
int relay_finish(struct relay *relay);

/** relay_fini() - stop; legal on an all-zero relay, and twice */
void relay_fini(struct relay *relay);

/** relay_pipes_fini() - close the stock */
void relay_pipes_fini(struct relay_pipes *pipes);
