/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - the supervisor's side of the seccomp listener
 *
 * Calls that a sandbox refuses for good reasons wait here: each is answered with EPERM, after it was
 * reported, so the ledger knows of an attempt before the agent knows its result. An agent may try a million
 * times: reports double (the 1st, 2nd, 4th, 8th ... attempt of each call), so nothing is lost but detail.
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

/* One attempt to make a refused call. */
struct jail_denial {
	uint32_t command;		/* id of the command that it came from */
	const char *call;		/* its name */
	int32_t pid;			/* of the task, as this process's pid namespace counts */
	uint64_t args[6];
	uint64_t count;			/* attempts to make this call so far */
};

typedef void jail_denied_fn(struct jail_notify *notify, const struct jail_denial *denial);

enum {
	JAIL_NOTIFY_CALLS_MAX = 512,	/* larger than every number of a call that the tables record */
};

struct jail_notify {
	uint32_t command;
	int fd;				/* owned */
	struct loop_io io;
	struct channel *control;	/* borrowed: to init */
	jail_denied_fn *denied;
	uint64_t counts[JAIL_NOTIFY_CALLS_MAX];
};

/**
 * jail_notify_init() - serve one LISTENER
 * @notify:  initialised here
 * @loop:    serves it
 * @fd:      the listener, owned from here on, also on failure
 * @command: id of LISTENER
 * @control: the connection to init; must outlive @notify
 * @denied:  called before a refused call is answered
 *
 * Return: 0 or negative errno from the kernel.
 */
int jail_notify_init(struct jail_notify *notify, struct loop *loop, int fd, uint32_t command,
	struct channel *control, jail_denied_fn *denied);

/** jail_notify_fini() - close it; legal on an all-zero object */
void jail_notify_fini(struct jail_notify *notify);

/** jail_notify_renamed() - init answered: pass it on to the task that waits */
void jail_notify_renamed(struct jail_notify *notify, const struct jail_renamed *renamed);
