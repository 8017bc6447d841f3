/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.h - names looked up at the servers that the host asks
 *
 * One question is one socket, connected to one server: its port is the kernel's to choose, its id and its
 * capitals are random, and a reply that does not repeat all of them is not heard. A server that is silent for
 * RESOLVER_TRY_MS, cannot be reached or makes no sense makes room for the next, in turns; what is cut off, or
 * comes back with other capitals, is asked again by TCP.
 *
 * Equal questions under way are one. Answers are kept as long as they say, within bounds, and the one that
 * was not asked for longest gives way. Names that the host itself knows (its hosts file) are never asked for.
 *
 * Nothing here knows who may look up what: whoever asks has judged, and vets what comes.
 *
 * Sources: RFC 1035, 4.2 (transport); RFC 5452 (replies that are not heard); RFC 2308 (negative answers)
 */
#pragma once

#include "codec/dns.h"
#include "loop/loop.h"
#include "net/budget.h"

enum {
	RESOLVER_SERVERS_MAX = 3,
	RESOLVER_TRIES = 4,		/* of one question, over all servers */
	RESOLVER_TRY_MS = 2000,
	RESOLVER_TCP_MS = 4000,
	RESOLVER_QUESTIONS_MAX = 256,	/* under way */
	RESOLVER_ANSWERS_MAX = 2048,	/* kept */
	RESOLVER_TTL_MIN_S = 1,
	RESOLVER_TTL_MAX_S = 300,
	RESOLVER_NEGATIVE_MAX_S = 60,
	RESOLVER_SLOTS = 1024,
	/* questions that go out: names carry what the agent knows (net/budget.h) */
	RESOLVER_A_MINUTE = 1200,
	RESOLVER_ZONE_A_MINUTE = 300,	/* to one owner of names (net/suffix.h) */
	RESOLVER_ZONES = 256,		/* picked by their hash: two of them may share one's */
	RESOLVER_NAMES_MAX = 20000,	/* different names of a session, whatever their answers */
};

struct resolver_server {
	struct net_address address;
	uint16_t port;
};

/* A line of the host's own table. */
struct resolver_host {
	struct str name;		/* canonical */
	struct net_address address;
};

/* What is known of a name and a type. */
struct resolved {
	enum dns_rcode rcode;		/* NOERROR (perhaps without anything), NXDOMAIN, or SERVFAIL */
	enum dns_error error;		/* of SERVFAIL */
	uint32_t ttl_s;			/* what is left of it */
	size_t address_count;
	const struct net_address *addresses;
	const struct dns_records *records;	/* NULL: none */
};

struct resolver;
struct resolver_lookup;

/* Called once. What @resolved points at is gone when it returns; so may @lookup be. */
typedef void resolver_fn(struct resolver_lookup *lookup, const struct resolved *resolved);

/* Embedded in whatever waits for an answer; all-zero: it waits for none. */
struct resolver_lookup {
	struct list node;
	resolver_fn *fn;
};

struct resolver {
	struct loop *loop;
	struct resolver_server servers[RESOLVER_SERVERS_MAX];
	size_t server_count;
	const struct resolver_host *hosts;	/* borrowed */
	size_t host_count;
	uint64_t seed[2];
	struct net_bucket a_minute, zones_a_minute[RESOLVER_ZONES];
	/* Did a person spell this name out? Then its owner's budget is not for it. NULL: none is. */
	bool (*is_chosen)(struct resolver *resolver, struct str name);
	/*
	 * More was asked for than may be in a minute: of names of @zone, or, empty, of all; NULL: nobody
	 * hears it
	 */
	void (*is_over)(struct resolver *resolver, struct str zone);
	struct net_distinct names;		/* that were asked for */
	struct list questions;			/* under way */
	struct list answers;			/* kept; the one that was used last stands last */
	struct list slots[RESOLVER_SLOTS];	/* of answers, by name and type */
	size_t question_count, answer_count;
	uint64_t sent_count, hit_count;		/* questions that went out; answers that were known */
};

/**
 * resolver_init() - a resolver that knows nothing yet
 * @resolver:     initialised here; does not move while it lives
 * @loop:         serves it
 * @servers:      in the order in which they are asked; copied
 * @server_count: 0..RESOLVER_SERVERS_MAX; without one, every name fails that @hosts does not have
 * @hosts:        borrowed
 * @host_count:   of them
 */
void resolver_init(struct resolver *resolver, struct loop *loop, const struct resolver_server *servers,
	size_t server_count, const struct resolver_host *hosts, size_t host_count);

/** resolver_fini() - forget everything; nobody who still waits is told; legal on an all-zero resolver */
void resolver_fini(struct resolver *resolver);

/**
 * resolver_known() - what can be said at once
 * @resolver: the resolver
 * @name:     canonical
 * @type:     of enum dns_type
 * @ret:      valid until the loop goes on
 *
 * Return: false where somebody would have to be asked.
 */
bool resolver_known(struct resolver *resolver, struct str name, uint16_t type, struct resolved *ret);

/**
 * resolver_ask() - ask for what is not known
 * @resolver: the resolver
 * @lookup:   waits for the answer; resolver_forget() when it does not any more
 * @name:     canonical
 * @type:     of enum dns_type
 * @fn:       called once, never from inside of this function
 *
 * Errors: -EBUSY too many questions are under way; -EAGAIN there were too many in the last minute, or too
 * many to the owner of this name; -ENOSPC the session has asked for as many names as it may.
 * Return: 0 or negative errno; then nothing will be called.
 */
int resolver_ask(struct resolver *resolver, struct resolver_lookup *lookup, struct str name, uint16_t type,
	resolver_fn *fn);

/** resolver_forget() - do not wait any more; legal at any time */
void resolver_forget(struct resolver_lookup *lookup);
