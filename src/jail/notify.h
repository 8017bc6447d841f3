/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - the supervisor's side of the seccomp listener
 *
 * Calls that a sandbox refuses for good reasons wait here: each is answered after it was reported, so the
 * ledger knows of an attempt before the agent knows its result. An agent may try a million times: of each
 * reason to refuse a call, the first JAIL_NOTIFY_EACH attempts are reported one by one, then reports double
 * (the 16th, 32nd, ... attempt), and the last one, at the end, has them all. So nothing is lost but detail,
 * and there is an end to what an agent can have written.
 *
 * Renames wait here too (rename_notify.h), and at the level "landlock" changes of modes and times
 * (touch_notify.c). Nothing else does: a listener costs a round trip per call.
 *
 * When the listener closes, waiting and later calls answer ENOSYS: refused stays refused.
 *
 * Source: seccomp_unotify(2)
 */
#pragma once

#include "jail/messages.h"
#include "loop/channel.h"

struct jail_notify;

/* Attempts to make a refused call, up to this one. */
struct jail_denial {
	const char *call;		/* its name */
	const char *why;		/* it is refused */
	const char *path;		/* that it named, as far as it could be told, or NULL */
	int error;			/* negative errno that it returns */
	uint64_t count;			/* of all so far for the same reason */
	uint64_t fresh_count;		/* of them, those since the last report */
};

typedef void jail_denied_fn(struct jail_notify *notify, const struct jail_denial *denial);

enum {
	JAIL_NOTIFY_EACH = 8,		/* attempts that are reported one by one */
	JAIL_NOTIFY_CALLS_MAX = 512,	/* larger than every number of a call that the tables record */
	/* A reason to refuse: a call's number, or one of jail_refusals() */
	JAIL_NOTIFY_REASONS_MAX = JAIL_NOTIFY_CALLS_MAX + 128,
};

struct jail_notify {
	uint32_t command;
	int fd;				/* owned */
	struct loop_io io;
	struct channel *control;	/* borrowed: to init */
	jail_denied_fn *denied;
	struct {
		uint64_t count, told_count;
	} reasons[JAIL_NOTIFY_REASONS_MAX];
};

/**
 * jail_notify_init() - serve one LISTENER
 * @notify:  initialised here
 * @loop:    serves it
 * @fd:      the listener, owned from here on, also on failure
 * @command: id of LISTENER
 * @control: the connection to init; must outlive @notify
 * @denied:  called before a refused call is answered, and for the last report before the listener is closed
 *
 * Return: 0 or negative errno from the kernel.
 */
int jail_notify_init(struct jail_notify *notify, struct loop *loop, int fd, uint32_t command,
	struct channel *control, jail_denied_fn *denied);

/** jail_notify_fini() - report what was not yet, and close it; legal on an all-zero object */
void jail_notify_fini(struct jail_notify *notify);

/** jail_notify_renamed() - init answered: pass it on to the task that waits */
void jail_notify_renamed(struct jail_notify *notify, const struct jail_renamed *renamed);

/** jail_notify_touched() - init changed a file's mode or times, or would not: tell the task that waits */
void jail_notify_touched(struct jail_notify *notify, const struct jail_touched *touched);
