/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry.h - connections that nobody uses, and those that last too long
 *
 * Every connection has the same two limits, so the order in which they run out is the order in which they
 * were last used, and the order in which they were made. Two lists have it: to use a connection is to move it
 * to the end of one, whatever their number, and one timer looks at the heads.
 *
 * A connection has these limits from when it is connected. What comes before has its own: the first word of a
 * client (GATEWAY_WORD_MS), the first message of TLS (peek.c), a lookup (resolver.h), a dial
 * (GATEWAY_DIAL_MS).
 */
#pragma once

#include "roles/gateway/flow.h"

/** expiry_init() - of an all-zero gateway */
void expiry_init(struct gateway *gateway);

/** expiry_begin() - the flow is connected: from now on it may run out */
void expiry_begin(struct flow *flow);

/** expiry_touch() - something went, one way or the other; legal for a flow that is not connected */
void expiry_touch(struct flow *flow);

/** expiry_end() - it is over; legal at any time */
void expiry_end(struct flow *flow);

/** expiry_fini() - no timer runs any more */
void expiry_fini(struct gateway *gateway);
