/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.h - whose connection is it? The sandbox's own socket tables, asked from outside
 *
 * Init opens a socket of NETLINK_SOCK_DIAG in the sandbox's network namespace and hands it out: whoever has
 * it asks about that namespace, wherever it is. One question names both ends of a connection, as the kernel
 * finds the socket of a packet: so an answer takes a hash look-up and not a walk through the tables. What it
 * gives is the number of the program's own socket, by which /proc says who holds it (jail/holders.h).
 *
 * The kernel answers while it is asked, so nothing here waits.
 *
 * Sources: sock_diag(7); linux/inet_diag.h; net/ipv4/inet_diag.c and udp_diag.c of the kernel
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

enum {
	JAIL_DIAG_ADDRESS_BYTES = 16,
	JAIL_DIAG_ANSWER_BYTES = 1024,
};

/* A connection, or a datagram's way, seen from the program. */
struct jail_diag_pair {
	uint8_t is_udp;			/* 0 or 1 */
	uint8_t len;			/* of an address, 4 or 16; 0: nobody's connection */
	uint16_t port, server_port;
	uint8_t address[JAIL_DIAG_ADDRESS_BYTES], server[JAIL_DIAG_ADDRESS_BYTES];
};

/**
 * jail_diag_open() - a socket to ask about this process's own network namespace
 *
 * Errors: -EPROTONOSUPPORT this kernel has no such tables; others from it.
 * Return: a close-on-exec descriptor or negative errno.
 */
int jail_diag_open(void);

/**
 * jail_diag_find() - the program's socket of a connection
 * @fd:        of jail_diag_open()
 * @sequence:  of the question, another one each time
 * @pair:      the connection
 * @ret_inode: the number of the socket, as in the link "socket:[17277207]"
 *
 * Errors: -ENOENT there is none, or no more; -EBADMSG an answer that is none; others from the kernel.
 * Return: 0 or negative errno.
 */
int jail_diag_find(int fd, uint32_t sequence, const struct jail_diag_pair *pair, uint64_t *ret_inode);

/**
 * jail_diag_read() - what the kernel answered
 * @data:      a datagram
 * @len:       bytes of it
 * @sequence:  of the question
 * @pair:      that was asked about
 * @ret_inode: set where it is an answer
 *
 * Errors: -EAGAIN an answer to another question; -ENOENT nobody holds it; -EBADMSG no answer; what it says.
 * Return: 0 or negative errno.
 */
int jail_diag_read(const void *data, size_t len, uint32_t sequence, const struct jail_diag_pair *pair,
	uint64_t *ret_inode);
