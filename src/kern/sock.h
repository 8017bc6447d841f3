/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.h - unix sockets that carry descriptors
 *
 * Source: unix(7), cmsg(3)
 */
#pragma once

#include "kern/kern.h"

enum {
	KERN_SOCK_FDS_MAX = 8,
};

/**
 * kern_sock_pair() - a connected SOCK_SEQPACKET pair, close-on-exec, non-blocking; Return: 0 or negative
 * errno
 */
int kern_sock_pair(int ret_fds[2]);

/**
 * kern_sock_listen() - listen on a path of ours
 * @dirfd: directory that holds the socket
 * @name:  one component; an old socket of that name is replaced
 *
 * Return: a listening, non-blocking SOCK_SEQPACKET descriptor or negative errno from the kernel; then there
 * is no socket of that name.
 */
int kern_sock_listen(int dirfd, const char *name);

/**
 * kern_sock_connect() - connect to kern_sock_listen()'s other end; Return: a non-blocking descriptor or
 * negative errno
 */
int kern_sock_connect(int dirfd, const char *name);

/** kern_sock_only_hears() - whether the peer shut its sending side down, and is still there to be told */
bool kern_sock_only_hears(int fd);

/** kern_sock_is_left() - whether the peer sends nothing more: it closed, or shut its side down */
bool kern_sock_is_left(int fd);

/**
 * kern_sock_send() - one packet
 * @fd:       the socket
 * @data:     @len bytes
 * @len:      bytes
 * @fds:      @fd_count descriptors to pass, borrowed
 * @fd_count: 0..KERN_SOCK_FDS_MAX
 *
 * Return: 0 or negative errno from the kernel (-EAGAIN: full).
 */
int kern_sock_send(int fd, const void *data, size_t len, const int *fds, size_t fd_count);

/**
 * kern_sock_recv() - one packet
 * @fd:           the socket
 * @ret:          room for @size bytes
 * @size:         bytes
 * @ret_fds:      room for KERN_SOCK_FDS_MAX descriptors, close-on-exec, owned by the caller
 * @ret_fd_count: descriptors that came
 *
 * Errors: -EMSGSIZE the packet or its descriptors were cut (what came is closed); -EAGAIN nothing there.
 * Return: bytes, 0 at the end of the connection, or negative errno.
 */
ssize_t kern_sock_recv(int fd, void *ret, size_t size, int ret_fds[KERN_SOCK_FDS_MAX], size_t *ret_fd_count);

/** kern_sock_peer() - who connected at the other end of a unix socket; Return: 0 or negative errno */
int kern_sock_peer(int fd, struct ucred *ret);
