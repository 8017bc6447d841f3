/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.h - connections that are alike are written down many at a time
 *
 * A program that connects to an allowed host without end would fill the ledger, two records a connection. So
 * connections to one host and port by one rule are written down one by one up to BATCH_ALONE in a minute.
 * Beyond that, the supervisor is asked to write down that so many more may follow ("connections-reserved"),
 * 64 at first and then twice as many each time, up to BATCH_MAX; each takes one of them. What they were is
 * told when they are over, in sums, once a second at most ("connections-closed").
 *
 * What holds: not a byte of a connection leaves before the ledger has that connection, or a reservation that
 * it is one of. The numbers of the reservations are an upper bound of how many there were, written before;
 * those of the sums are exact, written after.
 *
 * A reservation says what the rules said when it was made, and is of no use to a connection that the rules
 * do not allow: each is judged by itself in any case. There are BATCHES_MAX at a time; where there is no
 * place for another, connections are written down one by one.
 */
#pragma once

#include "roles/gateway/flow.h"

/** batches_init() - of an all-zero gateway */
void batches_init(struct gateway *gateway);

/**
 * batch_begin() - have the supervisor write down a connection that is allowed, by itself or among others
 * @flow:   goes on with its wait->recorded(), which is set; gets its number, where it has one of its own
 * @judged: what is allowed; may get a number
 *
 * Errors: as channel_send().
 * Return: 1 it stands in the ledger already: go on; 0 wait->recorded() will be called; or negative errno.
 */
int batch_begin(struct flow *flow, struct gateway_judged *judged);

/** batch_closed() - a flow that has no number of its own is over; of any other nothing is done */
void batch_closed(struct flow *flow, int error);

/** batches_tell() - what is over and was not told yet */
void batches_tell(struct gateway *gateway);

/** batches_fini() - no flow is left */
void batches_fini(struct gateway *gateway);
