/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream.h - another proxy that connections go through, and what goes past it
 *
 *	http://[USER[:PASSWORD]@]HOST[:PORT]	a proxy that is spoken to in the clear
 *	https://...				one that is spoken to by TLS
 *
 * What goes past it is a list as NO_PROXY has them, of
 *
 *	*			everything
 *	corp.example		the name and all below it; so are ".corp.example" and "*.corp.example"
 *	corp.example:8443	only at that port
 *	10.0.0.0/8, [fd00::/8]	addresses, where nobody had a name for them; with ":PORT" as well
 *
 * A name is not looked up to be compared with addresses: where a proxy does that, nobody else has to.
 *
 * Sources: RFC 3986, section 3.2; curl, "Environment variables", and Go's net/http, ProxyFromEnvironment, for
 * what people write into NO_PROXY
 */
#pragma once

#include "base/arena.h"
#include "net/address.h"
#include "net/name.h"

#include <stdint.h>

enum {
	NET_UPSTREAM_PORT = 3128,	/* where none is written, */
	NET_UPSTREAM_TLS_PORT = 443,	/* and for one by TLS */
	NET_UPSTREAM_TEXT_MAX = 2048,
};

struct net_upstream {
	bool is_tls;
	struct str name;		/* canonical, ends in a NUL; empty: see @address */
	struct net_address address;
	uint16_t port;
	bool has_user;
	/* "USER:PASSWORD", without its escapes, ends in a NUL; any bytes but controls */
	struct str user;
};

/**
 * net_upstream_read() - the URL of a proxy
 * @arena: owns what is in it
 * @text:  any bytes
 * @ret:   set on success
 *
 * Return: NULL, or what is wrong with it, without a word of it.
 */
const char *net_upstream_read(struct arena *arena, struct str text, struct net_upstream *ret);

/* What goes past a proxy. */
struct net_bypass {
	bool is_all;
	struct str name;		/* canonical; empty: it is for @block */
	struct net_prefix block;
	uint16_t port;			/* 0: any */
};

/**
 * net_bypass_read() - one entry of such a list
 * @arena: owns its name
 * @text:  any bytes, without white space around
 * @ret:   set on success
 *
 * Return: NULL, or what is wrong with it.
 */
const char *net_bypass_read(struct arena *arena, struct str text, struct net_bypass *ret);

/**
 * net_bypass_matches() - whether a connection goes past
 * @items:   the list
 * @count:   of them
 * @name:    canonical; empty: see @address
 * @address: that was asked for, where there is no name
 * @port:    of it; 0: any, for a name that is looked up
 *
 * Return: true when an entry of it is for that.
 */
bool net_bypass_matches(const struct net_bypass *items, size_t count, struct str name,
	const struct net_address *address, uint16_t port);
