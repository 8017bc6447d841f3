/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.h - the port of the proxy: HTTP and SOCKS 5, told apart by the first byte
 */
#pragma once

#include "roles/gateway/gateway.h"

/** proxy_accept() - serve a client; @fd is owned, @client_port the program's own */
void proxy_accept(struct gateway *gateway, int fd, uint16_t client_port);

/** proxy_free_all() - the gateway ends */
void proxy_free_all(struct gateway *gateway);
