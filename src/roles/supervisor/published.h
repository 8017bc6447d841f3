/* SPDX-License-Identifier: Apache-2.0 */
/*
 * published.h - ports of the sandbox that are offered on this machine's loopback
 *
 * The sockets are bound here, before the agent starts: a port that was asked for and is taken is an error,
 * and not a session without it. They are watched from the agent's start on, the first connection starts the
 * gateway, and that one gets them. What it needs of the sandbox's own network, unconnected sockets, it asks
 * for; init makes them (jail/messages.h), and they pass through here.
 */
#pragma once

#include "loop/loop.h"
#include "run/gateway_wire.h"
#include "run/publish.h"

struct supervisor;

struct published {
	struct run_published items[RUN_PUBLISH_MAX];
	size_t count;
	struct published_watch {
		struct supervisor *supervisor;
		struct loop_io io;
	} watches[RUN_PUBLISH_MAX][RUN_PUBLISH_FAMILIES];
	bool has_begun;			/* init may be asked */
	uint64_t asked_ns;		/* 0: nothing is waited for */
};

/** published_open() - bind what the configuration wants, and say where; Return: 0 or negative errno */
int published_open(struct supervisor *s, struct error *err);

/** published_watch() - the first connection calls network_want(); Return: 0 or negative errno */
int published_watch(struct supervisor *s);

/** published_unwatch() - a gateway takes them from here on */
void published_unwatch(struct published *published);

/** published_hand_over() - give the gateway the sockets; Return: as gateway_message_send() */
int published_hand_over(struct supervisor *s);

/** published_ask() - the gateway wants sockets of the sandbox's network */
void published_ask(struct supervisor *s);

/** published_pass_on() - init made them; @fds stay the caller's */
void published_pass_on(struct supervisor *s, const int *fds, size_t count);

/** published_record() - what came in so far */
void published_record(struct supervisor *s, const struct gateway_entered *entered);

/** published_close() - offer nothing any more; legal twice */
void published_close(struct published *published);
