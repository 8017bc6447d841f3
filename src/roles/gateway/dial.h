/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dial.h - a connection to one of several addresses, the first that answers
 *
 * The addresses have been vetted, and are tried in their order. Where one does not answer at once, the next
 * is tried beside it: a host whose IPv6 leads nowhere costs a quarter of a second and not a minute.
 *
 * Source: RFC 8305 (Happy Eyeballs), sections 5 and 8
 */
#pragma once

#include "loop/loop.h"
#include "net/address.h"

enum {
	DIAL_ADDRESSES_MAX = 16,
	DIAL_DELAY_MS = 250,		/* "Connection Attempt Delay" */
};

struct dial;

/*
 * @fd: connected, owned by who hears it; or negative errno of the last that failed, @address then being it.
 */
typedef void dial_fn(struct dial *dial, int fd, const struct net_address *address);

struct dial_attempt {
	struct dial *dial;
	struct loop_io io;
	int fd;				/* owned; -1: none */
	size_t index;			/* of the address */
};

struct dial {
	struct loop *loop;
	struct net_address addresses[DIAL_ADDRESSES_MAX];
	size_t count, next;
	uint16_t port;
	struct dial_attempt attempts[DIAL_ADDRESSES_MAX];
	size_t pending;
	int failure;			/* of the last attempt that failed */
	size_t failed_index;
	struct loop_timer delay, patience;
	dial_fn *fn;
};

/**
 * dial_start() - connect
 * @dial:      initialised here; dial_fini() when it is not wanted any more
 * @loop:      serves it
 * @addresses: vetted; copied
 * @count:     1..DIAL_ADDRESSES_MAX
 * @port:      of all of them
 * @timeout_ns: for all of it
 * @fn:        called once, never from inside of dial_start(); dial_fini() is legal in it
 */
void dial_start(struct dial *dial, struct loop *loop, const struct net_address *addresses, size_t count,
	uint16_t port, uint64_t timeout_ns, dial_fn *fn);

/** dial_fini() - give up what is under way; legal on an all-zero dial, and twice */
void dial_fini(struct dial *dial);
