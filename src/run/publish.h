/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.h - the sockets of this machine's loopback that a session's published ports are reached at
 *
 * They are bound to 127.0.0.1 and, where it is free, to ::1, and never to anything else. Any user of the
 * machine can connect to them: loopback has no owner.
 */
#pragma once

#include "config/config.h"
#include "net/publication.h"

enum {
	RUN_PUBLISH_MAX = 16,		/* of one session */
	RUN_PUBLISH_FAMILIES = 2,
};

/* One port of the sandbox, offered. */
struct run_published {
	struct net_publication wanted;
	const char *where;		/* somebody asked for it: "--publish", "config.jsonc:3:12" */
	uint16_t port;			/* of this machine */
	int fds[RUN_PUBLISH_FAMILIES];	/* listening: of 127.0.0.1, of ::1; owned; -1: none */
};

/**
 * run_publications() - what a configuration wants to be offered
 * @arena:     owns the texts
 * @config:    of the session
 * @ret:       without sockets
 * @ret_count: of them
 * @err:       which is none that can be
 *
 * Errors: -EINVAL too many, one of the gateway's own ports, or a level of isolation without a network.
 * Return: 0 or negative errno.
 */
int run_publications(struct arena *arena, const struct config *config,
	struct run_published ret[RUN_PUBLISH_MAX], size_t *ret_count, struct error *err);

/**
 * run_publish_open() - bind one
 * @published: gets its port and sockets; where no port of this machine was asked for and the same one is
 *             taken, another one
 * @err:       who has it is not known, only that somebody has
 *
 * Return: 0 or negative errno; then nothing is open.
 */
int run_publish_open(struct run_published *published, struct error *err);

/** run_publish_close() - offer it no more; legal twice */
void run_publish_close(struct run_published *published);
