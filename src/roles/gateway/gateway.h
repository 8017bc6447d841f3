/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - the only way out of a sandbox
 *
 * One gateway, one session, one loop. It has the sandbox's listening sockets (jail/network.h), a channel to
 * the supervisor (run/gateway_wire.h), and no file. Everything that comes in at a socket of the sandbox
 * becomes a flow, whatever it was spoken in:
 *
 *	main.c		confined, then the loop; gateway.c what there is to begin and to end
 *	orders.c	what the supervisor says: settings, sockets, what is on record
 *	listener.c	connections that come, and what each is about to be
 *	rules.c		the rules in force, and what becomes of connections when they change
 *	judge.c		what the rules say of a name, an address and a port
 *	asking.c	connections that wait for a person's answer; who.c for which program it is
 *	record.c	what is on record before it is done
 *	names.c		who may look what up; lookup.c what may be dialled for a name
 *	zones.c		what can leave in names that a wildcard allows
 *	dns_*.c		the sandbox's DNS; resolver.c who is asked upstream
 *	flow.c		one connection: how it begins and ends
 *	flow_*.c	may it be (ask), connected (dial), its bytes (relay), new rules for it (again)
 *	expiry.c	connections that are not used, or last too long
 *	farewell.c	the end of a session: what was sent before it still goes out
 *	batch.c		connections that are alike, written down together; summary.c what all of them came to
 *	limit.c		what is said when a limit of the traffic is reached
 *	proxy.c		the proxy's port: HTTP or SOCKS
 *	http.c		a client that speaks HTTP, and what moves it on
 *	http_*.c	its requests, and CONNECT (request), their answers (exchange), our own (answer)
 *	stream.c	one end of a conversation that has to be understood
 *	peek.c		the first message of TLS, before it is passed on
 *	dns_server.c	the sandbox's DNS, by UDP (dns_udp.c) and TCP (dns_tcp.c)
 *	resolver.c	names, looked up at the servers that the host asks
 *	dial.c		to one of several addresses, the first that answers
 *	relay.c		bytes, both ways, unseen
 *	upstream.c	another proxy that connections go through; tls_link.c TLS to it
 *	published.c	the way in: ports of the sandbox that are offered outside
 *	refusals.c	what was refused, counted and reported; hints.c what would allow it
 *
 * Order of evidence: what the rules allow goes to the supervisor, and not one byte goes out before it says
 * that it is on record. What they refuse is refused at once, and is reported beside.
 */
#pragma once

#include "net/address.h"
#include "net/upstream.h"
#include "jail/network.h"
#include "loop/channel.h"
#include "roles/gateway/asking.h"
#include "roles/gateway/dial.h"
#include "roles/gateway/dns_server.h"
#include "roles/gateway/refusals.h"
#include "roles/gateway/relay.h"
#include "roles/gateway/zones.h"
#include "run/gateway_wire.h"

enum {
	GATEWAY_FLOWS_MAX = 4096 + 64,	/* traffic.open says how many of them go on */
	GATEWAY_CLIENTS_MAX = 4096,
	GATEWAY_BATCH_SLOTS = 256,
	GATEWAY_ARENA_BYTES = 64 << 20,
	GATEWAY_DIAL_MS = 30000,
	GATEWAY_FAREWELL_MS = 2000,	/* for what was sent before a session's end */
	GATEWAY_WORD_MS = 30000,	/* until a program has said what it wants */
	PUBLISHED_MAX = 16,
	PUBLISHED_CONNECTIONS_MAX = 512,	/* of a session, into it */
	PUBLISHED_STOCK_MAX = 16,
};

struct gateway;
struct tls_links;

struct listener {
	struct gateway *gateway;
	enum jail_socket kind;
	int fd;				/* owned; -1: none */
	struct loop_io io;
};

/* A port of the sandbox that can be connected to from outside (published.h). */
struct published {
	struct gateway *gateway;
	uint16_t port, host;
	struct published_listener {
		struct published *published;
		struct loop_io io;
		int fd;			/* owned; -1: none */
	} listeners[2];
	bool prefers_v6;		/* who took the last one listens there */
	bool is_told;			/* nothing happened since the last report */
	uint64_t connections, failed, sent_bytes, received_bytes;
};

/* All of them. */
struct ways_in {
	struct published items[PUBLISHED_MAX];
	size_t count;
	struct list entrances;		/* connections */
	size_t entrance_count;
	int stock[PUBLISHED_STOCK_MAX];	/* owned: sockets of the sandbox's network */
	size_t stock_count;
	bool is_asking;
};

/* Another proxy (upstream.h). */
struct upstream {
	bool is_there;
	struct str name;		/* canonical; empty: @address */
	struct net_address address;
	const struct net_bypass *bypass;
	size_t bypass_count;
	struct tls_links *links;	/* owned; NULL: it is spoken to in the clear */
};

struct gateway {
	struct loop loop;
	struct channel supervisor;
	struct arena arena;		/* of the settings */
	struct gateway_settings settings;
	struct net_rules *rules;	/* owned */
	struct askings askings;
	struct loop_timer rules_end;	/* of the next one that has an end */
	struct listener listeners[JAIL_SOCKETS_MAX];
	struct list flows;
	/* owned: blocks of addresses that the user allows; a name may lead there */
	struct net_prefix *named;
	size_t named_count;
	struct zones zones;
	struct resolver resolver;
	struct synthetic synthetic;
	struct dns_server dns;
	struct list wondering;		/* flows of which it is looked up who holds them (who.h) */
	uint64_t last_wondered;
	struct list first_lookups;	/* names that are being written down */
	uint64_t lookup_count;		/* names that were allowed for the first time */
	struct list recording;		/* what the supervisor writes down (record.h) */
	int spare_fd;			/* owned: to accept with, and close, where there is no other */
	struct list proxies;		/* clients of the proxy that have not said yet what they want */
	struct list https;		/* those that speak HTTP */
	struct net_traffic traffic;
	struct list by_use, by_age;	/* flows that are connected (expiry.h) */
	struct loop_timer expiry;
	struct loop_timer farewell;
	uint64_t farewell_ns;		/* when it is over */
	struct list batches;		/* the one used last stands last (batch.h) */
	struct list batch_slots[GATEWAY_BATCH_SLOTS];
	size_t batch_count;
	struct loop_timer batches_time;
	size_t flow_count, client_count;	/* clients: of the proxy, and those that speak HTTP */
	uint64_t last_flow;
	struct relay_pipes pipes;
	struct refusals refusals;
	struct ways_in ways_in;
	struct upstream upstream;
	bool has_begun;
};

/* ---- gateway.c ---- */

/**
 * gateway_init() - all that is empty at first; of one whose other members are zero; its loop comes after it
 */
void gateway_init(struct gateway *gateway);

/** gateway_close_ways() - nothing comes any more; clients that are still being talked to are reset */
void gateway_close_ways(struct gateway *gateway);

/** gateway_close_all() - reset every connection, in and out */
void gateway_close_all(struct gateway *gateway);

/** gateway_fini() - the end of all it has */
void gateway_fini(struct gateway *gateway);

/* ---- orders.c ---- */

/** gateway_serve() - hear the supervisor from now on; @fd is owned; Return: 0 or negative errno */
int gateway_serve(struct gateway *gateway, int fd);

/* ---- listener.c ---- */

/** listener_start() - serve a socket of the sandbox; @fd is owned; Return: 0 or negative errno */
int listener_start(struct gateway *gateway, struct listener *listener, enum jail_socket kind, int fd);

/**
 * gateway_turn_away() - take a connection and close it, for want of a descriptor; Return: whether there was
 * one
 */
bool gateway_turn_away(struct gateway *gateway, int listening_fd);

/** listener_fini() - close it; legal for one that never was */
void listener_fini(struct listener *listener);
