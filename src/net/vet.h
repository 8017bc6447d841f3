/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vet.h - which of a name's addresses may be dialled, and in what order
 *
 * Whoever owns a name's zone chooses its addresses, so an allowed name may lead to the host itself, to the
 * network that it stands in, or to a cloud's metadata. An address is dialled because of a name only if it is
 * a place of the public network (net_address_special()), none of the host's own, and hides neither; or if the
 * person named it, or the block that it is in, as an address.
 *
 * Source: RFC 8305 (Happy Eyeballs), section 4, for the order; tables/addresses.toml
 */
#pragma once

#include "net/address.h"

enum {
	NET_VET_MAX = 32,
};

enum net_vet_why {
	NET_VET_NONE,			/* no address at all */
	NET_VET_SPECIAL,
	NET_VET_OWN,			/* the host's */
	NET_VET_TOO_MANY,		/* behind the first NET_VET_MAX, and not looked at */
	NET_VET_FINE,
};

struct net_vet_rules {
	const struct net_prefix *named;	/* by the person */
	size_t named_count;
	const struct net_address *own;	/* of the host, at the time */
	size_t own_count;
	bool prefers_v4;		/* the first is of IPv4, if there is one; else of IPv6 */
};

struct net_fallen {
	struct net_address address;
	enum net_vet_why why;
	const struct net_special *special;	/* for NET_VET_SPECIAL */
};

struct net_vetted {
	struct net_address addresses[NET_VET_MAX];
	size_t count;
	struct net_fallen fallen[NET_VET_MAX];	/* in the order that they came in */
	size_t fallen_count;
	bool has_more;				/* than were looked at */
};

/**
 * net_vet_one() - whether an address may be dialled because of a name
 * @rules:       what else counts
 * @address:     of either family
 * @ret_special: for NET_VET_SPECIAL, the row that it is in; may be NULL
 *
 * An address of IPv6 that hides one of IPv4 is fine only if both are named.
 *
 * Return: why not, or NET_VET_FINE.
 */
enum net_vet_why net_vet_one(const struct net_vet_rules *rules, const struct net_address *address,
	const struct net_special **ret_special);

/**
 * net_vet() - which of them, and in what order
 * @rules:     what else counts
 * @addresses: as a resolver gave them; an address that comes twice counts once
 * @count:     of them
 * @ret:       what may be dialled, families in turns, each in the order of @addresses; and what fell
 */
void net_vet(const struct net_vet_rules *rules, const struct net_address *addresses, size_t count,
	struct net_vetted *ret);

/**
 * net_vet_explain() - why an address fell, for a person
 * @fallen: one that did
 * @ret:    "10.0.0.1 is private use (RFC 1918)"
 * @size:   bytes of @ret
 */
void net_vet_explain(const struct net_fallen *fallen, char *ret, size_t size);
