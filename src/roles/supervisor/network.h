/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - the sandbox's way out: its sockets, and the gateway that serves them
 */
#pragma once

#include "jail/network.h"
#include "loop/channel.h"
#include "roles/supervisor/network_asks.h"
#include "roles/supervisor/network_rules.h"
#include "roles/supervisor/published.h"

struct supervisor;

/* The sandbox's sockets, and who serves them. */
struct network {
	struct network_socket {
		struct supervisor *supervisor;
		int fd;			/* owned; -1: none */
		struct loop_io io;	/* watched until there is a gateway */
	} sockets[JAIL_SOCKETS_MAX];
	size_t socket_count;
	struct network_rules rules;
	struct network_asks asks;
	struct published published;
	struct channel gateway;
	struct loop_child child;
	struct loop_timer patience;	/* with one that is to end */
	uint64_t end_ns;		/* when there is none left */
	int pidfd;			/* owned; -1: none runs */
	unsigned start_count;
	uint64_t denied_count;		/* records */
	bool is_ending;
};

/** network_init() - no sockets, no gateway */
void network_init(struct network *network);

/** network_fini() - close them; a gateway that runs is killed */
void network_fini(struct network *network);

/**
 * network_take() - the sandbox's sockets are there: the first that is used starts the gateway
 * @s:     without any so far
 * @fds:   in the order of jail/network.h; taken
 * @count: a whole number of families
 *
 * Errors: -EBADMSG they are none of ours.
 * Return: 0 or negative errno.
 */
int network_take(struct supervisor *s, int *fds, size_t count);

/** network_want() - something came that the gateway serves: start it */
void network_want(struct supervisor *s);

/* ---- traffic.c: what the gateway says of many connections at once ---- */

struct gateway_judged;
struct gateway_closings;
struct gateway_summary;
struct json_object_builder;

/** traffic_record_reserved() - the fields of a record that so many connections may follow */
void traffic_record_reserved(struct supervisor *s, const struct gateway_judged *judged,
	struct json_object_builder *fields);

/** traffic_record_closings() - so many of them are over */
void traffic_record_closings(struct supervisor *s, const struct gateway_closings *closings);

/** traffic_record_summary() - what the session did with the network */
void traffic_record_summary(struct supervisor *s, const struct gateway_summary *summary);

/**
 * network_end() - nobody is left in the sandbox: the gateway says what it had, and ends
 * @s: supervisor_check_end() is called when it has
 *
 * Return: true when there is nothing to wait for.
 */
bool network_end(struct supervisor *s);
