/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink.h - requests to the kernel's network configuration: built, sent, and each one answered for
 *
 * A batch of messages in one buffer, with nested attributes, sent as one datagram. Every message that asks
 * for an acknowledgement gets one, so a batch is done when as many came as were asked for, and the first that
 * is an error is the answer.
 *
 * Only what a sandbox's own, fresh network namespace is told goes through here: everything is bounded, and
 * nothing of it comes from outside.
 *
 * Sources: netlink(7), rtnetlink(7), linux/netfilter/nf_tables.h
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

enum {
	JAIL_NETLINK_BYTES_MAX = 4096,
	JAIL_NETLINK_DEPTH_MAX = 6,
};

struct jail_netlink {
	_Alignas(uint32_t) char data[JAIL_NETLINK_BYTES_MAX];
	size_t len;
	size_t message;			/* where the one that is being built begins */
	size_t nests[JAIL_NETLINK_DEPTH_MAX];
	size_t depth;
	uint32_t sequence;
	unsigned acks;			/* that have been asked for */
	bool is_full;			/* something did not fit: nothing is sent */
};

/**
 * jail_netlink_begin() - the next message; @body is what follows the header, @flags NLM_F_* beside REQUEST
 */
void jail_netlink_begin(struct jail_netlink *batch, uint16_t type, uint16_t flags, const void *body,
	size_t len);

/** jail_netlink_put() - an attribute of the message */
void jail_netlink_put(struct jail_netlink *batch, uint16_t type, const void *data, size_t len);

/** jail_netlink_put_text() - a text with its NUL */
void jail_netlink_put_text(struct jail_netlink *batch, uint16_t type, const char *text);

/** jail_netlink_put_be32() - a number in the network's order, as nf_tables has them */
void jail_netlink_put_be32(struct jail_netlink *batch, uint16_t type, uint32_t number);

/** jail_netlink_nest() - what follows is part of an attribute, until jail_netlink_end() */
void jail_netlink_nest(struct jail_netlink *batch, uint16_t type);

/** jail_netlink_end() - of the innermost nest */
void jail_netlink_end(struct jail_netlink *batch);

/**
 * jail_netlink_talk() - send a batch, and wait until all of it has been answered for
 * @batch:    built
 * @protocol: NETLINK_ROUTE or NETLINK_NETFILTER; its kernel modules are loaded where they can be
 *
 * Errors: -EMSGSIZE the batch did not fit; -EBADMSG an answer that is none; what the kernel said of the first
 * message that it refused.
 * Return: 0 or negative errno.
 */
int jail_netlink_talk(const struct jail_netlink *batch, int protocol);
