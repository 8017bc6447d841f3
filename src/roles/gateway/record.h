/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what has to be on record before it is done
 *
 * The supervisor answers in the order in which it was told, so what waits is a queue. Whoever gives up in the
 * meantime takes itself out of it, and the answer that was for it finds nobody.
 *
 * What is not written down fast enough waits here, and a program can want more in a second than can be
 * written down in a minute. So with RECORD_REFUSED_BYTES waiting, further refusals are only counted; with
 * RECORD_ALLOWED_BYTES nothing more is allowed. What is left of the channel's queue is for the ends of what
 * was.
 */
#pragma once

#include "base/list.h"
#include "run/gateway_wire.h"

struct gateway;
struct record_wait;

enum {
	RECORD_REFUSED_BYTES = 1 << 20,
	RECORD_ALLOWED_BYTES = 2 << 20,
};

struct record_wait {
	struct list node;
	uint64_t id;			/* of the flow, or of a lookup: they are counted together */
	void (*recorded)(struct record_wait *wait);
	void (*lost)(struct record_wait *wait);		/* the gateway ends; NULL: somebody else sees to it */
};

/**
 * record_begin() - have the supervisor write down what is allowed
 * @gateway: tells it
 * @wait:    with its functions; gets its number
 * @judged:  what is allowed; gets the number
 *
 * Errors: as channel_send(); -EBUSY too much waits already.
 * Return: 0 or negative errno; then nothing waits.
 */
int record_begin(struct gateway *gateway, struct record_wait *wait, struct gateway_judged *judged);

/**
 * record_await() - wait for what was told already
 * @gateway: told it
 * @wait:    with its functions; gets the number
 * @flow:    the number, the last that was given
 */
void record_await(struct gateway *gateway, struct record_wait *wait, uint64_t flow);

/** record_end() - nobody waits any more; legal at any time */
void record_end(struct record_wait *wait);

/** record_answered() - the supervisor has written down @id */
void record_answered(struct gateway *gateway, uint64_t id);

/** record_fini() - the gateway ends */
void record_fini(struct gateway *gateway);
