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

/**
 * sockaddr_pair() - both ends of what came to a socket
 * @fd:   of a connection, or of datagrams
 * @from: who sent the datagram; NULL: the connection's other end
 * @ret:  seen from there
 *
 * Return: whether they are known; else @ret is nobody's.
 */
bool sockaddr_pair(int fd, const union sockaddr_any *from, struct jail_diag_pair *ret);
