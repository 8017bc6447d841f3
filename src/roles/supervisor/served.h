/* SPDX-License-Identifier: Apache-2.0 */
/*
 * served.h - who serves the session to other programs, and until when: on record
 *
 * `cordon control` says so before it answers anybody, and keeps the connection on which it said it. That one
 * ends with the process, however it ends, so what was opened is closed on record as well.
 */
#pragma once

#include <stdint.h>

struct client;
struct error;

/* What a client of the supervisor serves. */
struct served {
	uint16_t port;			/* of 127.0.0.1; 0: nothing */
	int32_t pid;
	uint64_t begin_ns;
};

/**
 * served_begin() - a client is about to serve the session
 * @client: is told when it is on record
 * @port:   of 127.0.0.1
 * @err:    why not
 *
 * Errors: -EBUSY the session is ending; -EALREADY it does that already.
 * Return: 0 or negative errno.
 */
int served_begin(struct client *client, uint16_t port, struct error *err);

/** served_end() - it does so no more, if it did; @why as in the ledger's `control-closed` */
void served_end(struct client *client, const char *why);
