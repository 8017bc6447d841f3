/* SPDX-License-Identifier: Apache-2.0 */
/*
 * who.h - which programs hold a connection, asked of the supervisor
 *
 * Where a rule is for some programs only (net/who.h) and would decide, the connection waits until the
 * supervisor has looked who holds it: the gateway sees no process. What it looks for takes its time (a large
 * program is hashed before the first answer, and only so much of each second is spent on searches), so it may
 * answer that it is too early, and is asked again. Behind WHO_MS nobody is known, and that is a no.
 */
#pragma once

#include "base/list.h"
#include "loop/loop.h"
#include "run/gateway_wire.h"

struct flow;
struct gateway;

enum {
	WHO_MS = 5000,
	WHO_AGAIN_MS = 50,
};

/* One connection that waits for that. */
struct who_wait {
	struct list node;
	struct loop_timer patience;
	uint64_t number;		/* of the question; 0: it does not wait */
	uint64_t until_ns;
	uint32_t hidden_pid;		/* because of which it is not known yet; 0: something else */
};

/**
 * who_wonder() - have it looked up who holds the connection, if the rules need to know and nobody has looked
 * @flow: new; flow_ask() is called again when it is known
 *
 * Return: whether the flow waits for that now.
 */
bool who_wonder(struct flow *flow);

/** who_is_needed() - whether the rules need to know who holds it, and nobody has looked */
bool who_is_needed(const struct flow *flow);

/** who_end() - it waits no more; legal for one that never did */
void who_end(struct who_wait *wait);

/** who_heard() - the supervisor has answered */
void who_heard(struct gateway *gateway, const struct gateway_whose *whose);
