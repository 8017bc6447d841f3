/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transparent.h - connections of programs that know of no proxy
 *
 * The kernel hands them over with the address and port that the program wanted as their own end
 * (jail/network.h). Nothing can be said to such a program but by what becomes of its connection: a no is a
 * reset, and its reason is in the ledger.
 */
#pragma once

#include "roles/gateway/gateway.h"

/** transparent_accept() - serve one; @fd is owned, @client who asks */
void transparent_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client);
