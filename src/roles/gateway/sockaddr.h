/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockaddr.h - addresses as the kernel has them
 *
 * Source: ip(7), ipv6(7)
 */
#pragma once

#include "jail/diag.h"
#include "net/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

union sockaddr_any {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/** sockaddr_fill() - for the kernel; Return: its length */
socklen_t sockaddr_fill(union sockaddr_any *ret, const struct net_address *address, uint16_t port);

/** sockaddr_read() - from it; false: of another family */
bool sockaddr_read(const union sockaddr_any *from, struct net_address *ret, uint16_t *ret_port);

/** sockaddr_here() - where a socket is bound; Return: whether that is known; else @ret is of no family */
bool sockaddr_here(int fd, union sockaddr_any *ret);

/**
 * sockaddr_pair() - both ends of a connection
 * @fd:  of the connection
 * @ret: seen from who connected
 *
 * Return: 0 or -errno, -ENOTCONN where who connected has left; then @ret is nobody's.
 */
int sockaddr_pair(int fd, struct jail_diag_pair *ret);

/** sockaddr_pair_of() - as sockaddr_pair(), of a datagram; @here: where it came to, @from: who sent it */
bool sockaddr_pair_of(const union sockaddr_any *here, const union sockaddr_any *from,
	struct jail_diag_pair *ret);
