/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network_asks.h - what of the network waits for a person's answer
 *
 * The gateway says that something waits (roles/gateway/asking.h) and what became of it. Here it goes into the
 * ledger, is told to who looks at the session, and is listed for `cordon rules`. Answered is it by a change
 * of the rules, and by nothing else.
 */
#pragma once

#include "json/json.h"
#include "run/gateway_wire.h"

struct supervisor;

enum {
	NETWORK_ASKS_MAX = 64,
	NETWORK_ASK_TARGET_SIZE = GATEWAY_TARGET_SIZE + sizeof("[]:65535"),
};

struct network_asks {
	struct network_ask {
		uint64_t number;
		uint64_t end_ns;	/* monotonic: it is refused then */
		char target[NETWORK_ASK_TARGET_SIZE];	/* as an entry has it */
		char rule[GATEWAY_RULE_SIZE], source[GATEWAY_TARGET_SIZE];
	} items[NETWORK_ASKS_MAX];
	size_t count;
	uint64_t last_number;
};

/** network_asks_heard() - what the gateway says of it; Return: 0, or -EBADMSG: that cannot be */
int network_asks_heard(struct supervisor *s, const struct gateway_message *message);

/** network_asks_lost() - there is no gateway any more, and nothing that waits */
void network_asks_lost(struct supervisor *s);

/** network_asks_to_json() - what waits; Return: the array, or NULL: the arena is full */
const struct json *network_asks_to_json(struct supervisor *s, struct arena *arena);
