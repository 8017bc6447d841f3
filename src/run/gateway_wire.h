/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_wire.h - what the supervisor and cordon-gateway say to each other
 *
 * cordon-gateway is the one program of ours that speaks to hosts which somebody else chose. It is started
 * when the sandbox first wants something of the network, with one end of a channel (loop/channel.h) and
 * nothing else:
 *
 *	-> BEGIN	the settings and the rules, a text in memory
 *	-> SOCKETS	the sandbox's sockets, in the order of jail/network.h
 *	-> PUBLISHED	before that: sockets of this machine, and the port of the sandbox that they stand for
 *	<- WANT_INSIDE	sockets are needed that lead into the sandbox
 *	-> INSIDE	unconnected ones, which init made there
 *	<- ENTERED	how much came in by a published port so far
 *	<- READY	it is confined and serves them; or the connection ends
 *	<- WHO		a rule is for some programs: which are those that hold this connection?
 *	-> WHOSE	they, or that nobody knows (yet)
 *	<- JUDGED	somebody in the sandbox wanted to reach something: what the rules say
 *	-> RECORDED	and it stands in the ledger: only now is a byte sent anywhere
 *	<- CLOSED	a connection that was allowed is over
 *	<- CLOSINGS	so many connections are, of those that were written down together
 *	<- SUMMARY	what the session did with the network, at its end
 *	-> CHANGE	rules that come and go, a text in memory
 *	<- CHANGED	and they are in force: what they do not allow any more is closed
 *	<- ASKED	a connection waits, since the rules ask a person about it
 *	<- ANSWERED	and what became of it; the answer itself is a change of the rules
 *	-> COUNT	how often did each rule decide, and what has gone so far?
 *	<- COUNTED	that, of some of the rules at a time
 *	-> END		the sandbox is gone: whatever is still open is over; it says so, and ends
 *
 * The gateway handles what the agent and the network send, so nothing that it says is believed beyond what it
 * says it about: each message has one size, its texts end, and what is written into the ledger of it is
 * marked as an agent's. It cannot make the supervisor do anything but write and answer.
 */
#pragma once

#include "base/error.h"
#include "jail/diag.h"
#include "json/json.h"
#include "loop/channel.h"
#include "net/rules.h"
#include "net/traffic.h"

/* What the host's own loopback is called inside; a name of nobody's, that no server is ever asked for. */
#define GATEWAY_HOST_NAME "host.cordon"

enum {
	GATEWAY_WIRE_VERSION = 3,
	GATEWAY_FD_CHANNEL = 3,
	GATEWAY_FD_COUNT,
	GATEWAY_SETTINGS_BYTES_MAX = 8 << 20,
	GATEWAY_SERVERS_MAX = 3,	/* as many as libc asks */
	GATEWAY_HOSTS_MAX = 4096,
	GATEWAY_HOST_PORTS_MAX = 1024,
	GATEWAY_BYPASS_MAX = 1024,
	GATEWAY_TARGET_SIZE = 256,	/* a name or an address, with its NUL */
	GATEWAY_TEXT_SIZE = 320,
	GATEWAY_RULE_SIZE = 704,	/* an entry, with its programs */
	GATEWAY_DECISION_SIZE = 15,
	GATEWAY_SUMMARY_HOSTS = 20,
	GATEWAY_COUNTED_MAX = 128,	/* rules in one message */
};

#define GATEWAY_ASK_MAX_NS (UINT64_C(24) * 3600 * 1000000000)

/* X(KIND, body, descriptors, -1: some) */
#define GATEWAY_MESSAGES(X) \
	X(BEGIN, nothing, 1) \
	X(SOCKETS, nothing, -1) \
	X(RECORDED, recorded, 0) \
	X(CHANGE, numbered, 1) \
	X(COUNT, numbered, 0) \
	X(END, nothing, 0) \
	X(PUBLISHED, published, -1) \
	X(INSIDE, nothing, -1) \
	X(READY, nothing, 0) \
	X(WANT_INSIDE, nothing, 0) \
	X(ENTERED, entered, 0) \
	X(JUDGED, judged, 0) \
	X(CLOSED, closed, 0) \
	X(CLOSINGS, closings, 0) \
	X(SUMMARY, summary, 0) \
	X(CHANGED, changed, 0) \
	X(ASKED, asked, 0) \
	X(ANSWERED, answered, 0) \
	X(COUNTED, counted, 0) \
	X(WHO, wondered, 0) \
	X(WHOSE, whose, 0)

enum gateway_message_kind {
	GATEWAY_MESSAGE_INVALID,
#define GATEWAY_MESSAGE_VALUE(kind, member, fds) GATEWAY_MESSAGE_##kind,
	GATEWAY_MESSAGES(GATEWAY_MESSAGE_VALUE)
#undef GATEWAY_MESSAGE_VALUE
	GATEWAY_MESSAGE_KIND_COUNT,
};

/* X(WAY, name): how something was asked for; the words are the ledger's. */
#define GATEWAY_WAYS(X) \
	X(LOOKUP, "lookup")		/* a name, of the gateway's DNS */ \
	X(CONNECT, "connect")		/* a connection that was made as if there were a network */ \
	X(TUNNEL, "tunnel")		/* CONNECT of the proxy */ \
	X(REQUEST, "request")		/* a request to the proxy */ \
	X(SOCKS, "socks")

enum gateway_way {
#define GATEWAY_WAY_VALUE(way, name) GATEWAY_WAY_##way,
	GATEWAY_WAYS(GATEWAY_WAY_VALUE)
#undef GATEWAY_WAY_VALUE
	GATEWAY_WAY_COUNT,
};

struct gateway_nothing {
};

struct gateway_recorded {
	uint64_t flow;
};

/* What the rules say of one wish. */
struct gateway_judged {
	uint64_t flow;			/* of this session, from 1; 0: no answer is waited for */
	uint64_t count;			/* how often the same was refused so far; 0: it is allowed */
	/* so many connections may follow, of which this is none; 0: it is one */
	uint64_t reserved;
	uint32_t way;			/* enum gateway_way */
	uint32_t is_allowed;
	uint16_t port;			/* 0: a lookup */
	struct jail_diag_pair client;	/* the program's own end, and ours, to find it by */
	char target[GATEWAY_TARGET_SIZE];	/* a name or an address, as it was asked for */
	char rule[GATEWAY_RULE_SIZE];	/* the entry that decided; "" where none did */
	char source[GATEWAY_TARGET_SIZE];	/* who wrote it */
	/*
	 * where no entry decided, or one that did was not enough; of what is allowed: the proxy it goes
	 * through
	 */
	char why[GATEWAY_TEXT_SIZE];
	char program[NET_PROGRAM_SIZE];	/* what --by would name, where that is why; "" where it is not */
};

/* A question about one connection. */
struct gateway_wondered {
	uint64_t number;		/* from 1 */
	struct jail_diag_pair client;
	uint16_t zero;
};

struct gateway_whose {
	uint64_t number;		/* of the question */
	struct net_who who;
};

struct gateway_closed {
	uint64_t flow;
	uint64_t sent_bytes, received_bytes;
	uint64_t duration_ns;
	int32_t error;			/* 0 both sides ended it, or negative errno */
	uint16_t is_connected;		/* it ever was */
	uint8_t is_by_rule;		/* the rules changed, and do not allow it any more */
	uint8_t is_encrypted;		/* its first message had a part that nobody here can read */
	char address[GATEWAY_TARGET_SIZE];	/* that was dialled, "" where none was */
};

/* Of connections of one reservation that are over, since the last time that it was told. */
struct gateway_closings {
	uint64_t count, failed_count, encrypted_count;
	uint64_t sent_bytes, received_bytes;
	uint64_t port;
	char target[GATEWAY_TARGET_SIZE];
	char rule[GATEWAY_RULE_SIZE];
};

struct gateway_summary_row {
	uint64_t connections, requests;
	uint64_t sent_bytes, received_bytes;
	uint64_t stopped;		/* by limits of the traffic */
	char name[GATEWAY_TARGET_SIZE];
};

struct gateway_summary {
	uint32_t host_count, top_count;
	uint64_t reached[NET_LIMIT_COUNT];
	struct gateway_summary_row all, others;	/* others: all but those of @top */
	struct gateway_summary_row top[GATEWAY_SUMMARY_HOSTS];
};

/* A question of the supervisor's, which the answer names. */
struct gateway_numbered {
	uint64_t number;		/* from 1 */
};

struct gateway_changed {
	uint64_t number;
	uint64_t closed_count;		/* connections that had to end */
};

/* A connection that waits for a person. */
struct gateway_asked {
	uint64_t number;		/* of the question, from 1, each above the one before */
	uint64_t wait_ns;		/* it is refused then */
	uint32_t way;			/* enum gateway_way */
	uint16_t port;			/* not 0 */
	uint16_t zero;
	char target[GATEWAY_TARGET_SIZE];
	char rule[GATEWAY_RULE_SIZE];	/* the entry that asks */
	char source[GATEWAY_TARGET_SIZE];
};

enum gateway_answer {
	GATEWAY_ANSWER_DENIED,
	GATEWAY_ANSWER_ALLOWED,
	GATEWAY_ANSWER_LATE,		/* nobody said anything in time */
	GATEWAY_ANSWER_GONE,		/* the program did not wait for it */
	GATEWAY_ANSWER_COUNT,
};

struct gateway_answered {
	uint64_t number;
	uint64_t answer;		/* enum gateway_answer */
};

/* Of a gateway, since it began. */
struct gateway_traffic {
	uint64_t open;			/* connections, now */
	uint64_t connections, requests;	/* that were let through */
	uint64_t sent_bytes, received_bytes;
};

/* In the order of their ids. */
struct gateway_counted {
	uint64_t number;
	uint32_t count;			/* of @rules; the others are 0 */
	uint32_t is_last;		/* of the answer's messages */
	struct gateway_rule_hits {
		uint64_t id, hits;
	} rules[GATEWAY_COUNTED_MAX];
	struct gateway_traffic traffic;	/* all of it, in each of the messages */
};

struct gateway_published {
	uint32_t port, host_port;	/* of the sandbox, of this machine */
};

struct gateway_entered {
	uint32_t port, host_port;
	uint64_t connections, failed;	/* failed: of them */
	uint64_t sent_bytes, received_bytes;	/* from the sandbox, and to it */
};

struct gateway_message {
	uint32_t kind;			/* enum gateway_message_kind */
	union {
		struct gateway_nothing nothing;
		struct gateway_recorded recorded;
		struct gateway_published published;
		struct gateway_entered entered;
		struct gateway_judged judged;
		struct gateway_wondered wondered;
		struct gateway_whose whose;
		struct gateway_closed closed;
		struct gateway_closings closings;
		struct gateway_summary summary;
		struct gateway_numbered numbered;
		struct gateway_changed changed;
		struct gateway_counted counted;
		struct gateway_asked asked;
		struct gateway_answered answered;
	};
};

/** gateway_way_name() - "lookup", "connect", ... */
const char *gateway_way_name(enum gateway_way way);

/** gateway_message_send() - Return: as channel_send() */
int gateway_message_send(struct channel *channel, const struct gateway_message *message, const int *fds,
	size_t fd_count);

/**
 * gateway_message_read() - what a channel's handler was given
 * @in:  from the channel; its descriptors stay there
 * @ret: the message, checked
 *
 * Errors: -EBADMSG not a message of ours: end the connection.
 * Return: 0 or negative errno.
 */
int gateway_message_read(const struct channel_message *in, struct gateway_message *ret);

/* ---- settings ---- */

/* One entry of the rules, and who wrote it. */
struct gateway_rule {
	const char *entry;		/* net/entry.h, canonical; one that denies has its "!" */
	bool by_user;			/* the user's own voice: their file, or a flag */
	bool asks;			/* what others allow of it, a person is asked about */
	enum net_rule_source source;
	const char *where;		/* for people: "config.jsonc:3:12" */
	uint64_t id;			/* from 1; each is above the one before */
	uint64_t expires_ns;		/* monotonic; 0: it has no end */
	uint64_t hits;			/* that a gateway before this one counted */
};

struct gateway_host {
	const char *name, *address;
};

/* Another proxy that connections go through; without a host there is none. */
struct gateway_proxy {
	const char *host;		/* canonical name or address */
	uint16_t port;
	const char *authorization;	/* of Proxy-Authorization; NULL: none */
	const char *authorities;	/* in PEM, who may have signed its certificate; NULL: no TLS */
};

struct gateway_settings {
	const char *session;		/* its id, which every decision's id is made of */
	uint64_t ask_ns;		/* how long a connection waits for a person */
	const struct gateway_rule *rules;
	size_t rule_count;
	const char *const *servers;	/* addresses of those that names are looked up at */
	size_t server_count;
	const struct gateway_host *hosts;	/* that the host itself knows */
	size_t host_count;
	const uint16_t *host_ports;	/* of the host's loopback, that "host.cordon" leads to */
	size_t host_port_count;
	struct gateway_proxy proxy;
	const char *const *bypass;	/* what does not go through it (net/upstream.h) */
	size_t bypass_count;
	struct net_limits limits;
	bool lets_encrypted_hello;	/* it is only recorded */
	bool says_refused;		/* of names that are not allowed; else that there are none */
};

/** gateway_settings_to_json() - as they are handed over; Return: NULL: the arena is full */
const struct json *gateway_settings_to_json(struct arena *arena, const struct gateway_settings *settings);

/** gateway_settings_read() - the other way; @arena owns the result; Return: 0 or -EBADMSG */
int gateway_settings_read(struct arena *arena, const struct json *value, struct gateway_settings *ret,
	struct error *err);

/* Rules that come and go. */
struct gateway_change {
	const struct gateway_rule *added;
	size_t added_count;
	const uint64_t *removed;	/* ids */
	size_t removed_count;
};

/** gateway_change_to_json() - as it is handed over; Return: NULL: the arena is full */
const struct json *gateway_change_to_json(struct arena *arena, const struct gateway_change *change);

/** gateway_change_read() - the other way; @arena owns the result; Return: 0 or -EBADMSG */
int gateway_change_read(struct arena *arena, const struct json *value, struct gateway_change *ret,
	struct error *err);

/**
 * gateway_decision() - the id of a refusal
 * @session: its id
 * @judged:  what was refused, and why
 * @ret:     "d-" and 12 hexadecimal digits
 *
 * The same wish of the same session has the same id; both processes make it by themselves.
 */
void gateway_decision(const char *session, const struct gateway_judged *judged,
	char ret[GATEWAY_DECISION_SIZE]);
