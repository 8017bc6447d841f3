/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orders.h - what the launcher tells init, which it has cloned before there was a plan
 *
 * One connection between the two, and nobody else has it:
 *
 *	PLAN		the supervisor's BEGIN as it came: the plan's memfd, and what the agent inherits
 *	MAPPED		an agent that is not who started the launcher has its ids now
 *	SOURCES		what root opened for such an agent; as often as there is more
 *	READY		the launcher has done its part: control groups entered, CREATED sent
 *
 * When the launcher ends, or has no use for this init, the connection ends.
 */
#pragma once

#include "jail/apply.h"
#include "jail/messages.h"

struct orders_ready {
	uint32_t by[JAIL_LIMIT_COUNT];	/* enum jail_mechanism: who enforces which limit */
};

/** orders_post_plan() - @fds as they came with BEGIN, borrowed; Return: 0 or negative errno */
int orders_post_plan(int fd, const int *fds, size_t fd_count);

/** orders_post_mapped() - the ids of a foreign agent are mapped; Return: 0 or negative errno */
int orders_post_mapped(int fd);

/**
 * orders_post_sources() - all that is open of @sources, which stay the caller's; Return: 0 or negative errno
 */
int orders_post_sources(int fd, const struct jail_sources *sources);

/** orders_post_ready() - the launcher has done its part; Return: 0 or negative errno */
int orders_post_ready(int fd, const struct orders_ready *ready);

/**
 * orders_wait_plan() - the first order
 * @fd:  of the connection
 * @ret: the memfd and what the agent inherits; they are the caller's
 * @fds: room for them
 *
 * Errors: -EBADMSG another order; others from the kernel.
 * Return: 1, 0 the launcher has no use for this init, or negative errno.
 */
int orders_wait_plan(int fd, struct channel_message *ret, int fds[KERN_SOCK_FDS_MAX]);

/** orders_wait_mapped() - the second order, to a foreign agent; Return: as orders_wait_ready() */
int orders_wait_mapped(int fd);

/**
 * orders_wait_ready() - the orders behind it
 * @fd:      of the connection
 * @sources: one item for each step, where SOURCES may come; they are added to it
 * @ret:     set on success
 *
 * The process must be bound to die with the launcher: one that has died before that is noticed here.
 *
 * Errors: -ECANCELED the launcher is gone; -EBADMSG no order that belongs here; others from the kernel.
 * Return: 0 or negative errno.
 */
int orders_wait_ready(int fd, struct jail_sources *sources, struct orders_ready *ret);
