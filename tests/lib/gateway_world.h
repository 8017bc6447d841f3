/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_world.h - a whole gateway in one process, in virtual time, with everybody that it speaks to
 *
 * The gateway is the real one, from its orders to its relays. Around it are programs of the sandbox
 * (clients), hosts that it connects to (servers), and its supervisor; all of them are the test, which says
 * what they do and reads what they heard. Sockets are pairs within the process, so that whatever is sent is
 * there at once; time passes only in world_pass(), from one event to the next, and a second of it costs
 * nothing. So a scenario does the same thing each time, however slow the machine is.
 *
 * What the supervisor heard is a story, one line an event with the time at which it was heard:
 *
 *	0.000 allow tunnel a.example:443 by a.example:443 (#1)
 *	15.000 closed #1 sent 5 received 0, by a rule
 *
 * There is one world at a time. A test ends it, or its descriptors are leaks.
 */
#pragma once

#include "lib/test.h"

#include "base/time.h"
#include "roles/gateway/flow.h"

enum {
	WORLD_PARTIES_MAX = 8192,
	WORLD_ADDRESSES_MAX = 16,
};

/* What a host does when it is connected to. */
enum world_host {
	WORLD_ACCEPTS,
	WORLD_REFUSES,
	WORLD_STALLS,			/* nothing ever comes back */
};

/* Whoever has the other end of a socket of the gateway's. */
struct party {
	int fd;				/* owned; -1: closed */
	int gateway_fd;			/* its own end; it may be another's by now */
	char wanted[NET_ADDRESS_SIZE];	/* of a server: the address that was dialled */
	bool has_ended;			/* the gateway has closed, or shut its way here */
	bool is_reset;			/* it was told to reset instead of ending in order */
};

struct world {
	struct gateway gateway;
	struct channel supervisor;
	uint64_t now_ns, began_ns, until_ns, rounds;
	/* the supervisor writes down at once; else when world_record() says so */
	bool records;
	enum world_host hosts;		/* what they all do */
	uint64_t unrecorded[WORLD_PARTIES_MAX];	/* numbers, in their order */
	size_t unrecorded_first, unrecorded_count;
	size_t reserved_count, closings_count;
	struct gateway_judged last_judged;
	struct gateway_closings closings;	/* all of them, added up */
	struct gateway_summary summary;
	uint64_t last_change;
	struct buf story;
	size_t client_count, server_count;
	struct party clients[WORLD_PARTIES_MAX], servers[WORLD_PARTIES_MAX];
	int result;			/* of the loop */
	bool is_quiet;			/* nothing is left to happen until @until_ns */
	bool has_left;			/* the gateway has stopped its loop by itself */
};

extern struct world world;

/* One entry of the rules: "a.example:443", "!b.example:*"; an end is in virtual seconds, 0: none. */
struct world_rule {
	const char *entry;
	bool asks;
	unsigned ends_s;
};

/**
 * world_begin() - a gateway that serves, at 0.000
 * @rules:  ends with one without an entry; each gets the next number, from 1
 * @limits: zero is no limit; NULL: there is none
 *
 * *.example is 20.0.0.1, and "special.example" is 10.0.0.1.
 */
void world_begin(const struct world_rule *rules, const struct net_limits *limits);

/** world_end() - everybody leaves; nothing is left open */
void world_end(void);

/** world_pass() - so many virtual milliseconds, and everything that happens in them; 0: what happens now */
void world_pass(uint64_t ms);

/** world_pass_ns() - the same, in nanoseconds */
void world_pass_ns(uint64_t ns);

/** world_story() - what the supervisor heard since the last time; good until the next call of anything */
const char *world_story(void);

/** world_record() - the supervisor writes down the next @count of what waits */
void world_record(size_t count);

/**
 * world_change() - the rules change
 * @added:   as those of world_begin(); NULL: none
 * @removed: a rule's number; 0: none
 *
 * The change is on its way; it is in force when the gateway has said so.
 */
void world_change(const struct world_rule *added, uint64_t removed);

/** world_order() - any message of the supervisor's that has no body */
void world_order(enum gateway_message_kind kind);

/** world_reads() - whether the supervisor reads what it is told; it does at first */
void world_reads(bool reads);

/** world_hang_up() - the supervisor is gone */
void world_hang_up(void);

/** proxy_client() - a program that has connected to the proxy */
struct party *proxy_client(void);

/** direct_client() - a program that has connected to an address as if there were a network */
struct party *direct_client(const char *address, uint16_t port);

/** server() - whom the gateway connected to, from 0; fails where it did not */
struct party *server(size_t i);

/** say() - all of a text, which has to fit */
void say(struct party *party, const char *text);

/** say_bytes() - as much as fits; Return: how much that was */
size_t say_bytes(struct party *party, const char *bytes, size_t len);

/** heard() - all that came to it since the last time; good until the next call */
const char *heard(struct party *party);

/** hear_bytes() - read at most @count of them away; Return: how many came */
size_t hear_bytes(struct party *party, char *ret, size_t count);

/** shut() - it says no more, and still hears */
void shut(struct party *party);

/** leave() - it closes its end */
void leave(struct party *party);

/** is_over() - it hears nothing any more, and has read all that came before */
bool is_over(struct party *party);

/** ask_tunnel() - CONNECT, and what happens at once */
struct party *ask_tunnel(const char *target);

/** open_tunnel() - CONNECT, and the yes to it; fails where it is a no */
struct party *open_tunnel(const char *target);
