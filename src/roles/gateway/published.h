/* SPDX-License-Identifier: Apache-2.0 */
/*
 * published.h - the way in: connections from this machine's loopback to ports of the sandbox
 *
 * The supervisor bound the sockets that are listened at here, and says which port of the sandbox each stands
 * for. A connection to 127.0.0.1 in the sandbox can only be made with a socket of the sandbox's network, and
 * a socket is of the network that it was made in, for good: so PID 1 of the sandbox makes them, unconnected,
 * and the supervisor hands them on. Some are asked for ahead, and one is asked for again when half of them
 * are used, so that a connection seldom waits for one.
 *
 * A connection that nobody inside takes is reset. What came in is counted, and told now and then: the first
 * connection and the first that nobody took, then as often as their number doubles, and at the end.
 */
#pragma once

#include "roles/gateway/gateway.h"

/**
 * published_add() - listen for one port of the sandbox
 * @gateway: serves it
 * @port:    of the sandbox
 * @host:    of this machine
 * @fds:     listening and non-blocking; taken, also on failure
 * @count:   1 or 2
 *
 * Errors: -ENOSPC there are PUBLISHED_MAX; others from the kernel.
 * Return: 0 or negative errno.
 */
int published_add(struct gateway *gateway, uint16_t port, uint16_t host, int *fds, size_t count);

/** published_begin() - all are there: get the first sockets; Return: as gateway_message_send() */
int published_begin(struct gateway *gateway);

/** published_take() - sockets of the sandbox's network came; @fds are taken */
void published_take(struct gateway *gateway, int *fds, size_t count);

/** published_end() - report what was not yet, and close all */
void published_end(struct gateway *gateway);
