/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.h - the port of the proxy: HTTP and SOCKS 5, told apart by the first byte
 */
#pragma once

#include "roles/gateway/gateway.h"

/** proxy_accept() - serve a client; @fd is owned, @client who asks */
void proxy_accept(struct gateway *gateway, int fd, const struct jail_diag_pair *client);

/** proxy_free_all() - the gateway ends */
void proxy_free_all(struct gateway *gateway);
