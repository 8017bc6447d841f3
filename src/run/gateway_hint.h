/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_hint.h - what to type so that what was refused is allowed
 *
 * Who reads it is the person whom the agent shows its error, so it is a whole command, and the line of the
 * configuration beside it. The gateway puts it into its answer, and the supervisor into the ledger.
 */
#pragma once

#include "run/gateway_wire.h"

/* Rules, and how a reason begins, of which the hint is another. */
#define GATEWAY_RULE_HOST_PORTS "network/host-ports"
#define GATEWAY_RULE_PROGRAM "network/program"	/* an entry allows it to other programs */
#define GATEWAY_WHY_ASKED "network.ask has it"

enum {
	HINT_SIZE = 3 * GATEWAY_TARGET_SIZE + 192,
	HINT_TARGET_SIZE = GATEWAY_TARGET_SIZE + sizeof("[]:65535"),
};

/** hint_target() - what was asked for, as an entry has it: "a.example:443", "[2001:db8::1]:443" */
void hint_target(const struct gateway_judged *judged, char ret[HINT_TARGET_SIZE]);

/** hint_of() - of a refusal in a session; "" where nothing that is typed would change it */
void hint_of(const char *session, const struct gateway_judged *judged, char ret[HINT_SIZE]);
