/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit.h - a limit of the session's traffic was reached: counted, told, and said to the client
 *
 * What is counted, and how much of it may be, is net/traffic.h's. A limit is in the ledger once for each
 * host, or once where it is the session's; how often it was reached stands in the summary of the session.
 */
#pragma once

#include "roles/gateway/flow.h"

/**
 * limit_reached() - something is not let through
 * @gateway: counts it, and tells the supervisor the first time
 * @host:    of whom
 * @limit:   which
 * @ret:     what the client is told; its texts live as long as @ret_judged
 * @ret_judged: the decision
 */
void limit_reached(struct gateway *gateway, struct net_host *host, enum net_limit limit, struct refusal *ret,
	struct gateway_judged *ret_judged);

/** limit_status() - the status of HTTP that says so: 413, 429, 504, else 403 */
uint16_t limit_status(enum net_limit limit);

/** limit_errno() - why a connection ended by it, as the ledger has it; Return: negative errno */
int limit_errno(enum net_limit limit);
