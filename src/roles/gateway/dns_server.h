/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_server.h - the sandbox's DNS
 *
 * Every question is judged by its name first. One that nobody allowed is answered at once and goes no
 * further: nothing of it reaches a server, and nothing is kept of it. One that is allowed is looked up
 * (resolver.h), its addresses are vetted (net/vet.h), and the sandbox is told an address of ours that stands
 * for the name (net/synthetic.h), so that whoever connects there has said the name, too. Real addresses never
 * come in.
 *
 *	not allowed			NXDOMAIN (or REFUSED), with the reason as an extended error
 *	no such name, upstream		NXDOMAIN
 *	an address, no address		ours of that family, or nothing
 *	only addresses that may not be dialled		REFUSED, with the reason
 *	a person is to be asked first	ours, unseen: its connections are what waits
 *	other types			nothing, but where the rules allow the type
 *	nobody answers			SERVFAIL, with the reason
 *
 * What judges is given by who makes the server. A permission may take its time (the supervisor writes it down
 * first): the question waits for dns_server_go_on().
 *
 * A client of TCP may send many questions and hears the answers in any order (RFC 7766). All is bounded: who
 * asks faster than answers come is not heard.
 */
#pragma once

#include "codec/dns.h"
#include "jail/diag.h"
#include "loop/loop.h"
#include "net/budget.h"
#include "net/synthetic.h"
#include "net/vet.h"
#include "roles/gateway/resolver.h"
#include "roles/gateway/sockaddr.h"

enum {
	DNS_SERVER_SOCKETS_MAX = 4,	/* UDP and TCP, of both families */
	DNS_SERVER_BATCH = 256,		/* packets of one wake-up: others wait, too */
	DNS_SERVER_WAITING_MAX = 1024,	/* questions that are not answered yet */
	DNS_SERVER_CLIENTS_MAX = 64,	/* of TCP */
	DNS_SERVER_IDLE_MS = 10000,	/* a client of TCP that says nothing */
	DNS_SERVER_TTL_S = 60,		/* of our addresses, at most */
	DNS_SERVER_DENIED_S = 2,	/* a no: the person may say yes */
	DNS_SERVER_TEXT_SIZE = 640,
};

enum dns_permission {
	DNS_PERMISSION_NO,
	/* an address of ours, and nobody is asked whether there is such a name */
	DNS_PERMISSION_UNSEEN,
	DNS_PERMISSION_LATER,		/* dns_server_go_on() will be called with the question's number */
	DNS_PERMISSION_YES,
};

struct dns_server;

struct dns_server_ops {
	/*
	 * May @query be looked up? @number is the question's, for DNS_PERMISSION_LATER; @why is written for
	 * DNS_PERMISSION_NO. @client is who asks.
	 */
	enum dns_permission (*judge)(struct dns_server *server, const struct dns_query *query,
		const struct jail_diag_pair *client, uint64_t number, char why[DNS_SERVER_TEXT_SIZE]);
	/* May records of a type that is no address be told of an allowed name? */
	bool (*tells)(struct dns_server *server, struct str name, uint16_t type);
	/* So many bytes of such records are about to be told: may they be? */
	bool (*pays)(struct dns_server *server, struct str name, uint16_t type, size_t bytes);
	/* What the addresses of an allowed name are vetted by. */
	void (*vet_rules)(struct dns_server *server, struct str name, struct net_vet_rules *ret);
	/*
	 * Is an allowed name looked up by somebody else, who is told it? It has our addresses then. NULL:
	 * none is.
	 */
	bool (*passes_on)(struct dns_server *server, const char *name);
};

struct dns_socket {
	struct dns_server *server;
	struct loop_io io;
	union sockaddr_any here;	/* of datagrams: where it is bound */
	int fd;				/* owned; -1: none */
};

struct dns_server {
	struct loop *loop;
	const struct dns_server_ops *ops;
	bool says_refused;		/* of what is not allowed, instead of NXDOMAIN */
	struct resolver *resolver;	/* borrowed */
	struct synthetic *synthetic;	/* borrowed */
	struct dns_socket sockets[DNS_SERVER_SOCKETS_MAX];
	size_t socket_count;
	struct list waiting;		/* questions */
	struct list clients;		/* of TCP */
	size_t waiting_count, client_count;
	uint64_t last_number;
	uint64_t asked_count, answered_count, dropped_count;
};

/**
 * dns_server_init() - a server without sockets
 * @server:    initialised here; does not move while it lives
 * @loop:      serves it
 * @resolver:  looks names up; borrowed
 * @synthetic: has the addresses; borrowed
 * @ops:       borrowed
 */
void dns_server_init(struct dns_server *server, struct loop *loop, struct resolver *resolver,
	struct synthetic *synthetic, const struct dns_server_ops *ops);

/** dns_server_fini() - close everything; nobody who waits is answered; legal on an all-zero server */
void dns_server_fini(struct dns_server *server);

/**
 * dns_server_add_socket() - serve a socket of the sandbox
 * @server: the server
 * @fd:     bound and non-blocking; owned from here on, also on failure
 * @is_tcp: it listens for connections
 *
 * Errors: -ENOSPC there are DNS_SERVER_SOCKETS_MAX; others from the kernel.
 * Return: 0 or negative errno.
 */
int dns_server_add_socket(struct dns_server *server, int fd, bool is_tcp);

/**
 * dns_server_go_on() - a permission is there, or will not come
 * @server:     the server
 * @number:     as judge() was given it; one that is not known any more is no error
 * @is_allowed: look it up; else the question fails
 */
void dns_server_go_on(struct dns_server *server, uint64_t number, bool is_allowed);
