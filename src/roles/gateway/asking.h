/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asking.h - connections that wait for a person's answer
 *
 * What the rules ask about (network.ask) is neither allowed nor refused yet: the connection waits, and
 * nothing of it has left. The supervisor is told of the question and tells the person. The answer is no
 * message: the person allows or denies something, the rules change, and every connection that waits is judged
 * again (flow_judge_again()). Who hears nothing in time is refused.
 *
 * Connections to the same place share a question. How many may wait is bounded, and so is how often something
 * new is asked, since a person is at the other end: what is beyond that is refused at once.
 */
#pragma once

#include "base/list.h"
#include "loop/loop.h"
#include "net/budget.h"
#include "run/gateway_wire.h"

struct gateway;

enum {
	ASKING_MAX = 64,		/* connections that wait */
	ASKING_AT_ONCE_MAX = 20,	/* questions, and then one more in each ASKING_PERIOD_S / 20 */
	ASKING_PERIOD_S = 60,
	ASKING_SESSION_MAX = 1000,	/* questions of a session */
};

struct asking;

typedef void asking_fn(struct asking *asking);

/* One connection that waits. */
struct asking {
	struct gateway *gateway;
	struct list node;
	struct loop_timer patience;
	uint64_t number;		/* of the question; 0: it does not wait */
	char target[GATEWAY_TARGET_SIZE];
	uint16_t port;
	asking_fn *late;
};

struct askings {
	struct list waiting;
	size_t count;
	uint64_t last_number;
	struct net_bucket bucket;
};

/** askings_init() - nobody waits */
void askings_init(struct gateway *gateway);

/**
 * asking_begin() - wait for an answer
 * @asking:  of one connection; waits for nothing yet
 * @gateway: tells the supervisor, if it was not asked already
 * @judged:  what is asked for, and the rule that asks
 * @late:    called when nobody has answered in time; asking_end() is for it to say
 *
 * Return: false: it may not wait.
 */
bool asking_begin(struct asking *asking, struct gateway *gateway, const struct gateway_judged *judged,
	asking_fn *late);

/**
 * asking_end() - it waits no more; the last of its question tells the supervisor why; legal for one that
 * never did
 */
void asking_end(struct asking *asking, enum gateway_answer answer);
