/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_internal.h - what the parts of a flow share
 *
 *	flow.c		how it begins, and how it ends
 *	flow_ask.c	may it be: the rules, a person, the limits, the record
 *	flow_dial.c	it is on record: it is connected
 *	hello_retry.c	its first message of TLS, once more
 *	flow_relay.c	its first message of TLS, its bytes, their limits
 *	flow_again.c	the rules have changed
 *
 * Whatever is named here may free its flow, but for flow_wish(), flow_wants_tls(), flow_tell_end(),
 * flow_is_still_dialled() and those that return an int.
 */
#pragma once

#include "roles/gateway/flow.h"
#include "roles/gateway/judge.h"

/* ---- flow.c ---- */

/** flow_wish() - what it is judged by; borrows its name */
struct wish flow_wish(const struct flow *flow);

/** flow_wants_tls() - the rules that allow it allow TLS and nothing else */
bool flow_wants_tls(const struct flow *flow);

/** flow_tell_end() - as flow_report(); @is_by_rule: since the rules changed */
void flow_tell_end(struct flow *flow, int error, bool is_by_rule);

/** flow_fail() - it was allowed and cannot be: its client hears a negative errno, and it is freed */
void flow_fail(struct flow *flow, int error);

/** flow_client_left() - nobody is left to be connected: freed */
void flow_client_left(struct loop_io *io, uint32_t events);

/* ---- flow_ask.c ---- */

/** flow_allow() - judge it, by the rules as they are now; freed, or on its way */
void flow_allow(struct flow *flow);

/** flow_refuse() - say no, once the no is on record; freed then */
void flow_refuse(struct flow *flow, const struct gateway_judged *judged);

/* ---- flow_dial.c ---- */

/** flow_dial() - its wait->recorded(): the yes is on record */
void flow_dial(struct record_wait *wait);

/** flow_is_still_dialled() - the rules let its name lead to the address that it was dialled at */
bool flow_is_still_dialled(const struct flow *flow);

/* ---- flow_relay.c ---- */

/** flow_start_relay() - bytes go both ways, unseen; Return: 0 or negative errno */
int flow_start_relay(struct flow *flow);

/**
 * flow_look_at_hello() - go on when its client has said the first message of TLS; Return: 0 or negative errno
 */
int flow_look_at_hello(struct flow *flow);

/**
 * flow_look_at_second_hello() - the same, for what it says when the server has asked for that; Return: as
 * there
 */
int flow_look_at_second_hello(struct flow *flow);
