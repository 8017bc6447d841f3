/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - what names the sandbox may look up, and which addresses are behind them
 *
 * The sandbox's DNS (dns_server.h) asks here; the rules decide, a name that is allowed for the first time is
 * on record before anybody upstream hears of it, and the sandbox is told an address that stands for the name.
 * A connection to that address is a wish for the name (names_of()), and is dialled at addresses that are
 * looked up, and vetted, on this side (lookup_start()).
 */
#pragma once

#include "roles/gateway/gateway.h"

enum {
	NAMES_MAX = 4096,		/* that one session may have addresses for */
	NAMES_LOOKUPS_MAX = 10000,	/* and that it may have looked up, there or not */
};

/** names_init() - from the settings; Errors: -EIO no random numbers; Return: 0 or negative errno */
int names_init(struct gateway *gateway, struct error *err);

/** names_fini() - legal where names_init() was never called */
void names_fini(struct gateway *gateway);

/** names_of() - the name that an address of ours stands for; false: it stands for none */
bool names_of(const struct gateway *gateway, const struct net_address *address, struct str *ret);

/* ---- the addresses of a name ---- */

struct lookup;

/* @vetted: what may be dialled; where that is nothing, @error says why: -ENOENT, -EACCES, -EHOSTUNREACH. */
typedef void lookup_fn(struct lookup *lookup, const struct net_vetted *vetted, int error);

/* Of both families at the same time. */
struct lookup {
	struct gateway *gateway;
	struct lookup_part {
		struct lookup *lookup;
		struct resolver_lookup waits;
		bool is_there, is_missing;	/* answered; there is no such name */
	} parts[2];
	struct net_address addresses[2 * DNS_ADDRESSES_MAX];
	size_t count;
	struct loop_timer soon;
	bool may_lead_anywhere;		/* the person named it: not vetted; set behind lookup_start() */
	lookup_fn *fn;
};

/**
 * lookup_start() - find out what may be dialled for a name
 * @lookup:  initialised here; lookup_fini() when it is not wanted any more
 * @gateway: looks it up
 * @name:    canonical, and on record
 * @fn:      called once, never from inside of lookup_start(); lookup_fini() is legal in it
 *
 * Errors: -EBUSY too many questions are under way.
 * Return: 0 or negative errno.
 */
int lookup_start(struct lookup *lookup, struct gateway *gateway, struct str name, lookup_fn *fn);

/** lookup_fini() - do not wait any more; legal on an all-zero lookup, and twice */
void lookup_fini(struct lookup *lookup);
