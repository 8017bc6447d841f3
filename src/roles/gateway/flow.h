/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - one connection of the sandbox, from its wish to its end
 *
 *	NEW	   who accepted it found out what it wants
 *	WONDERING  a rule is for some programs only, and the supervisor looks which one it is (who.h)
 *	PEEKING	   where TLS has to be spoken: does its first message name that host? Of a connection that is
 *		   made through a proxy, that comes last, since its client says nothing before it is connected
 *	REFUSED	   they do not, and the supervisor finds out who asked while its program waits for the answer
 *	ASKING	   the rules ask a person about it, who has not answered yet
 *	RECORDING  the rules allow it, and the supervisor writes that down
 *	LOOKING	   its name is looked up; what comes is vetted
 *	DIALLING   one of the addresses is connected to
 *	CONNECTED  bytes go both ways
 *
 * and FREE from each of them. What the client speaks (nothing at all, HTTP's CONNECT, SOCKS) is somebody
 * else's business, who is told by a struct flow_speech: that it is refused, that it failed, that it is
 * connected. A flow owns both its sockets.
 */
#pragma once

#include "net/name.h"
#include "roles/gateway/gateway.h"
#include "roles/gateway/hello_retry.h"
#include "roles/gateway/names.h"
#include "roles/gateway/peek.h"
#include "roles/gateway/record.h"
#include "roles/gateway/who.h"
#include "run/gateway_hint.h"

enum flow_state {
	FLOW_NEW,
	FLOW_WONDERING,
	FLOW_PEEKING,
	FLOW_ASKING,
	FLOW_REFUSED,
	FLOW_RECORDING,
	FLOW_LOOKING,
	FLOW_DIALLING,
	FLOW_CONNECTED,
};

struct flow;
struct upstream_talk;
struct tls_link;

/* A no, in the words that the person and the agent read alike. */
struct refusal {
	const char *target;
	uint16_t port;
	const char *rule;		/* the entry that denied; "" where none allowed */
	const char *source;
	const char *why;
	char decision[GATEWAY_DECISION_SIZE];
	char hint[HINT_SIZE];		/* what to type, so that it is allowed */
	enum net_limit limit;		/* that was reached; NET_LIMIT_NONE: a rule said no */
	uint64_t value;			/* of the limit */
	unsigned retry_s;		/* when it may be tried again; 0: never */
};

/** refusal_of() - it, from what was judged; its texts are borrowed from there */
struct refusal refusal_of(const struct gateway *gateway, const struct gateway_judged *judged);

struct flow_speech {
	/* tell the client no; the flow is freed behind it */
	void (*refused)(struct flow *flow, const struct refusal *refusal);
	/* tell it that nobody answers, with a negative errno; the flow is freed behind it */
	void (*failed)(struct flow *flow, int error);
	/*
	 * the other side is there: flow_relay(), or something else with upstream_fd. Return: 0, or negative
	 * errno: the flow is freed
	 */
	int (*connected)(struct flow *flow);
};

/* A flow owns its sockets, and is owned by the list of its gateway. */
struct flow {
	struct gateway *gateway;
	struct list node;
	struct record_wait wait;
	struct asking asking;
	struct who_wait who_wait;
	struct net_who *who;		/* owned: the programs that hold it; NULL: nobody has looked */
	struct gateway_judged *refused;	/* owned: what was said no to, until it is recorded; else NULL */
	const struct flow_speech *speech;
	void *owner;			/* whose it is beside the gateway's; of the speech */
	uint64_t id;			/* 0: nothing was allowed yet */
	enum gateway_way way;
	enum flow_state state;
	int client_fd, upstream_fd;	/* owned; the client's is -1 where somebody else reads from it */
	uint16_t port;
	struct jail_diag_pair client;	/* who asks */
	char name[NET_NAME_MAX + 1];	/* "": it asked for @address */
	enum net_protocol protocol;	/* that has to be spoken */
	struct net_address address;	/* that was asked for, then the one that is dialled for its name */
	bool is_through;		/* the proxy behind us (upstream.h) */
	bool is_by_request;		/* which is asked for each request by itself, and not to connect */
	bool wants_tunnel;		/* what is asked for goes through CONNECT alone */
	struct net_address dialled;
	struct upstream_talk *talk;	/* owned: with it; NULL: none */
	struct tls_link *link;		/* owned: what upstream_fd leads to; NULL: its host, or the proxy */
	uint64_t begun_ns;
	bool is_connected;
	bool is_encrypted;		/* in part, its first message of TLS */
	struct batch *batch;		/* borrowed: it is written down among others; NULL: by itself */
	struct net_host *host;		/* borrowed; NULL: nothing was allowed yet */
	struct list by_use, by_age;	/* of the gateway, while connected */
	uint64_t used_ns, connected_ns;
	/* somebody else moves its bytes: tell them that a limit ends it; NULL: its relay does */
	void (*stopped)(struct flow *flow, enum net_limit limit);
	uint64_t bytes[NET_WAY_COUNT];
	struct loop_io hangup;		/* of the client, while nobody reads from it */
	struct peek peek;
	struct hello_retry retry;
	struct lookup lookup;
	struct dial dial;
	struct relay relay;
};

/**
 * flow_new() - a connection of the sandbox
 * @gateway: serves it
 * @fd:      non-blocking, owned from here on; -1: its owner keeps the client to itself
 * @way:     how it came
 * @speech:  what its client is told, and how
 * @owner:   for the speech; NULL: nobody
 *
 * Return: the flow, or NULL: there are too many, and @fd is reset.
 */
struct flow *flow_new(struct gateway *gateway, int fd, enum gateway_way way, const struct flow_speech *speech,
	void *owner);

/** flow_want_name() - it asks for @name, which is canonical */
void flow_want_name(struct flow *flow, struct str name, uint16_t port);

/**
 * flow_relay() - bytes go both ways from now on, if they are what they have to be; Return: 0 or negative
 * errno
 */
int flow_relay(struct flow *flow);

/**
 * flow_ask() - may it be connected to what it wants, and if so, connect
 * @flow: new, with name or address, and port
 *
 * The flow may be freed when this returns.
 */
void flow_ask(struct flow *flow);

/**
 * flow_judge_again() - the rules have changed: may it still be
 * @flow: in any state; where it may not be, it is closed and freed, and who waits for its connection hears
 *        why
 *
 * Return: whether it was closed.
 */
bool flow_judge_again(struct flow *flow);

/** flow_make_abrupt() - let a socket reset its connection when it is closed; -1 is legal */
void flow_make_abrupt(int fd);

/** flow_cut() - its way to the other side ends at once, as it is */
void flow_cut(struct flow *flow);

/** flow_left() - bytes that may still go, and, where @ret_limit is not NULL, what ends that */
uint64_t flow_left(const struct flow *flow, enum net_way way, enum net_limit *ret_limit);

/** flow_moved() - so many bytes go, no more than flow_left() says */
void flow_moved(struct flow *flow, enum net_way way, uint64_t bytes);

/** flow_stop() - a limit ends it, while it is connected */
void flow_stop(struct flow *flow, enum net_limit limit);

/** flow_report() - it is over, for a reason: 0 or negative errno; what is said behind that is not heard */
void flow_report(struct flow *flow, int error);

/**
 * flow_finish() - nobody is left in the sandbox: what was sent goes out
 * @flow: whose bytes go both ways
 *
 * Return: whether that was all, or nothing more goes: the flow is freed.
 */
bool flow_finish(struct flow *flow);

/** flow_reset() - free it so that its client sees a reset connection, and not an orderly end */
void flow_reset(struct flow *flow);

/** flow_free() - close all of it; what was allowed is reported as over; Return: NULL */
struct flow *flow_free(struct flow *flow);
