/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traffic.h - how much a session does with its hosts, and how much it may
 *
 * Three kinds of rows count the same things: one for the session, one for each host (a name or an address,
 * whatever the port), and one for all hosts that came when there was no room for another. What holds for a
 * host holds for those together, so that more hosts than are counted are a reason to be given less, and never
 * more. A row stays: nobody gets a fresh one by going away and coming back.
 *
 * Limits are exact: as many as are written are let through, one more is not. Nothing here reads a clock, and
 * nothing grows beyond NET_HOSTS_MAX rows, whatever a stranger asks for.
 */
#pragma once

#include "base/map.h"
#include "base/str.h"
#include "net/budget.h"

enum {
	NET_HOSTS_MAX = 4096,			/* that are counted each by itself */
	NET_HOST_NAME_SIZE = 256,
	NET_LIMIT_TEXT_SIZE = 160,
};

/* X(LIMIT, name): as in the section "traffic" of a configuration. */
#define NET_LIMITS(X) \
	X(OPEN, "open") \
	X(CONNECTIONS, "connections") \
	X(HOST_CONNECTIONS, "host_connections") \
	X(REQUESTS, "requests") \
	X(HOST_REQUESTS, "host_requests") \
	X(REQUEST_SIZE, "request_size") \
	X(SENT, "sent") \
	X(RECEIVED, "received") \
	X(HOST_SENT, "host_sent") \
	X(HOST_RECEIVED, "host_received") \
	X(IDLE, "idle") \
	X(TIME, "time")

enum net_limit {
	NET_LIMIT_NONE,
#define NET_LIMIT_VALUE(limit, name) NET_LIMIT_##limit,
	NET_LIMITS(NET_LIMIT_VALUE)
#undef NET_LIMIT_VALUE
	NET_LIMIT_COUNT,
};

/* A limit that is none. Whatever is as large as this is no limit, either. */
#define NET_UNLIMITED ((uint64_t)INT64_MAX)

/* What is written of each limit: counts, bytes, nanoseconds. Zero: none of it. */
struct net_limits {
	uint64_t values[NET_LIMIT_COUNT];
};

enum net_way {
	NET_SENT,
	NET_RECEIVED,
	NET_WAY_COUNT,
};

struct net_host {
	char name[NET_HOST_NAME_SIZE];		/* "": the session, or all other hosts */
	uint64_t connections, requests;		/* that were let through */
	uint64_t bytes[NET_WAY_COUNT];		/* that went */
	uint64_t reached[NET_LIMIT_COUNT];	/* how often something was not let through */
	struct net_bucket a_minute[2];		/* of connections, of requests */
};

struct net_traffic {
	struct net_limits limits;
	struct net_host all, others;
	struct map hosts;
	struct net_host **rows;			/* owned, in the order in which they came */
	size_t count;
};

/** net_limit_name() - "sent", ...; of NET_LIMIT_NONE "" */
const char *net_limit_name(enum net_limit limit);

/**
 * net_limit_explain() - what a limit lets through, as a sentence without its dot
 * @limit: not NET_LIMIT_NONE
 * @value: as it is written
 * @ret:   "no more than 20 connections at the same time (traffic.open)"
 */
void net_limit_explain(enum net_limit limit, uint64_t value, char ret[NET_LIMIT_TEXT_SIZE]);

/**
 * net_traffic_init() - nothing was done yet
 * @traffic: initialised here
 * @limits:  copied
 * @seed:    random: hosts are chosen by a stranger
 * @now_ns:  of a clock that never goes back
 */
void net_traffic_init(struct net_traffic *traffic, const struct net_limits *limits, const uint64_t seed[2],
	uint64_t now_ns);

/** net_traffic_fini() - legal on an all-zero one */
void net_traffic_fini(struct net_traffic *traffic);

/**
 * net_traffic_host() - the row of a host
 * @traffic: gets one more, where there is room
 * @name:    canonical; shorter than NET_HOST_NAME_SIZE
 * @now_ns:  of the clock
 *
 * Return: it, valid as long as @traffic; the row of all others, where there is no room.
 */
struct net_host *net_traffic_host(struct net_traffic *traffic, struct str name, uint64_t now_ns);

/**
 * net_traffic_connect() - one more connection
 * @traffic: counts it
 * @host:    a row of it
 * @now_ns:  of the clock
 *
 * Return: NET_LIMIT_NONE: it may be, and is counted; else which limit is reached: nothing is counted.
 */
enum net_limit net_traffic_connect(struct net_traffic *traffic, struct net_host *host, uint64_t now_ns);

/** net_traffic_request() - one more request; as net_traffic_connect() */
enum net_limit net_traffic_request(struct net_traffic *traffic, struct net_host *host, uint64_t now_ns);

/**
 * net_traffic_wait_s() - after how many seconds it may be tried again
 * @traffic: the rows
 * @host:    a row of it
 * @limit:   that was reached; one of those that are counted in a minute, or NET_LIMIT_OPEN
 * @now_ns:  of the clock
 *
 * Return: 1..60; of any other limit 0: never.
 */
unsigned net_traffic_wait_s(const struct net_traffic *traffic, const struct net_host *host,
	enum net_limit limit, uint64_t now_ns);

/**
 * net_traffic_left() - how many bytes may still go
 * @traffic:   the rows
 * @host:      a row of it
 * @way:       to the host, or from it
 * @ret_limit: which limit ends that; may be NULL
 *
 * Return: bytes, NET_UNLIMITED where nothing ends it.
 */
uint64_t net_traffic_left(const struct net_traffic *traffic, const struct net_host *host, enum net_way way,
	enum net_limit *ret_limit);

/** net_traffic_moved() - so many bytes go: no more than are left */
void net_traffic_moved(struct net_traffic *traffic, struct net_host *host, enum net_way way, uint64_t bytes);

/**
 * net_traffic_reached() - something was not let through
 * @traffic: counts it
 * @host:    a row of it
 * @limit:   that was reached
 *
 * Return: how often that was so, of the host or, where the limit is the session's, of all of them.
 */
uint64_t net_traffic_reached(struct net_traffic *traffic, struct net_host *host, enum net_limit limit);

/** net_limit_is_of_host() - whether a limit is for each host by itself */
bool net_limit_is_of_host(enum net_limit limit);
