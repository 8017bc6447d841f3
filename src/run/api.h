/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - where a session's control API is reached: a port, a directory with files for clients, cordon-tls
 *
 * The files lie in $XDG_RUNTIME_DIR/cordon/ID, which is the user's alone, in memory, and gone when they log
 * out. Who serves an API holds a lock on its directory, so that there is one for a session, and so that what
 * one left behind that was killed together with its cordon-tls is found: the next one removes it.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "run/api_wire.h"

#include <stdbool.h>

struct run_api {
	const char *dir;		/* absolute; NULL: there is none */
	int parent_dirfd, dirfd;	/* owned; the second holds the lock */
	char id[16];
	int listener_fd;		/* owned */
	uint16_t port;			/* of 127.0.0.1 */
	int socket_fd, pidfd;		/* owned; of cordon-tls */
};

#define RUN_API_INIT { .parent_dirfd = -1, .dirfd = -1, .listener_fd = -1, .socket_fd = -1, .pidfd = -1 }

/**
 * run_api_address_read() - what was said behind --listen
 * @text:     "127.0.0.1:PORT"; port 0: any that is free
 * @ret_port: the port
 * @err:      why it is none
 *
 * Return: 0 or -EINVAL.
 */
int run_api_address_read(struct str text, uint16_t *ret_port, struct error *err);

/**
 * run_api_open() - the directory and the port
 * @api:         RUN_API_INIT; run_api_close() afterwards, in any case
 * @arena:       owns the directory's name
 * @runtime_dir: $XDG_RUNTIME_DIR; NULL: it is not set
 * @id:          of the session
 * @port:        to listen at; 0: any
 * @err:         what failed
 *
 * Errors: -ENOENT there is no such directory; -EPERM it is not the user's alone; -EBUSY somebody serves this
 * session already; -EADDRINUSE somebody listens there.
 * Return: 0 or negative errno.
 */
int run_api_open(struct run_api *api, struct arena *arena, const char *runtime_dir, const char *id,
	uint16_t port, struct error *err);

/**
 * run_api_start() - start cordon-tls, and wait until it listens
 * @api:  open
 * @envp: of the caller
 * @err:  what failed
 *
 * Blocks: ten seconds at most.
 * Errors: -EOPNOTSUPP this build has no TLS; -EPROTO it does not work here.
 * Return: 0 or negative errno.
 */
int run_api_start(struct run_api *api, char *const *envp, struct error *err);

/**
 * run_api_hear() - what cordon-tls says
 * @api:      started
 * @ret_role: of a client
 * @ret_fd:   its bytes, owned by the caller
 *
 * Errors: -EAGAIN it says nothing; -ECONNRESET it is gone; -EPROTO it says what it may not.
 * Return: 0 or negative errno.
 */
int run_api_hear(struct run_api *api, enum api_role *ret_role, int *ret_fd);

/**
 * run_api_sweep() - remove what runs left behind that were killed with their cordon-tls
 * @runtime_dir: $XDG_RUNTIME_DIR; NULL: it is not set, and nothing is done
 *
 * A directory that somebody serves is left alone, and so is all of it where it is not the user's alone.
 */
void run_api_sweep(const char *runtime_dir);

/** run_api_close() - end cordon-tls, and leave nothing behind */
void run_api_close(struct run_api *api);
