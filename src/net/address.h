/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - addresses of IPv4 and IPv6: every way to write one, and which are no place of the public
 * network
 *
 * Two readers, and a choice between them that is never left to a library. net_address_read() takes the one
 * canonical form that a configuration is written in. net_address_spelling() is for what a stranger wrote
 * where a name may stand: some program somewhere takes "0x7f.1", "2130706433" and "0177.0.0.1" for 127.0.0.1,
 * so each of them is an address here, too, and none is ever looked up as a name.
 *
 * An address may be dialled because of a name only if it has no row in tables/addresses.toml (IANA's
 * registries of special-purpose addresses, whole, and what they leave out) and, for IPv6, lies within
 * 2000::/3, the one block that has been given out for hosts of the public network. Addresses that hide one of
 * IPv4 within one of IPv6 are special themselves, whatever they hide.
 *
 * Sources: RFC 4291 (IPv6, text and types), RFC 5952 (canonical text); WHATWG URL, "host parsing" (IPv4 in
 * all its spellings, and names that end in a number); RFC 6890 (special-purpose registries)
 */
#pragma once

#include "base/str.h"

enum {
	NET_V4_BYTES = 4,
	NET_V6_BYTES = 16,
	NET_ADDRESS_SIZE = 46,		/* the longest text, with its NUL */
	NET_PREFIX_SIZE = 50,
};

struct net_address {
	uint8_t bytes[NET_V6_BYTES];	/* in the order of the network; those behind @len are 0 */
	uint8_t len;			/* NET_V4_BYTES or NET_V6_BYTES; 0: none */
};

/* All addresses whose first @bits are the same; the bits behind them are 0. */
struct net_prefix {
	struct net_address address;
	uint8_t bits;			/* 0..32 or 0..128 */
};

/* A row of tables/addresses.toml. */
struct net_special {
	struct net_prefix prefix;
	const char *what;		/* "private use", for "10.0.0.1 is private use (RFC 1918)" */
	const char *source;
};

enum net_spelling {
	NET_NO_ADDRESS,			/* a name, if anything */
	/* it would be one, but has no value: "256.1.1.1", "a.0x", "fe80::1%eth0" */
	NET_WRONG_ADDRESS,
	NET_ODD_ADDRESS,		/* an address in a spelling that is not the canonical one */
	NET_ADDRESS,
};

/**
 * net_address_read() - an address in the canonical form
 * @text: "10.1.2.3" or "fd00::1", without brackets, zone or port; IPv6 in any of RFC 4291's forms
 * @ret:  set on success
 *
 * Errors: -EINVAL anything else.
 * Return: 0 or negative errno.
 */
int net_address_read(struct str text, struct net_address *ret);

/**
 * net_address_spelling() - what a host that somebody wrote is, if it is no name
 * @text: any bytes; an address of IPv6 may have its brackets, and one of IPv4 one dot at its end
 * @ret:  the address; set for NET_ODD_ADDRESS and NET_ADDRESS
 *
 * Source: WHATWG URL, "ends in a number checker" and "IPv4 parser"
 * Return: what it is.
 */
enum net_spelling net_address_spelling(struct str text, struct net_address *ret);

/** net_address_print() - the canonical text, by RFC 5952 */
void net_address_print(const struct net_address *address, char ret[NET_ADDRESS_SIZE]);

/** net_address_compare() - IPv4 before IPv6, then bytewise; Return: <0, 0, >0 */
int net_address_compare(const struct net_address *a, const struct net_address *b);

/**
 * net_address_special() - why an address is no place of the public network
 * @address: of either family
 *
 * Return: the narrowest row that holds it, or NULL: it may be dialled because of a name.
 */
const struct net_special *net_address_special(const struct net_address *address);

/**
 * net_address_hidden() - the address of IPv4 that one of IPv6 stands for
 * @address: of IPv6
 * @ret:     set on success
 *
 * IPv4-mapped and -compatible, NAT64 with the well-known prefix, 6to4, Teredo (the client), ISATAP.
 *
 * Sources: RFC 4291, 2.5.5; RFC 6052, 2.1; RFC 3056, 2; RFC 4380, 4; RFC 5214, 6.1
 * Return: true when there is one.
 */
bool net_address_hidden(const struct net_address *address, struct net_address *ret);

/**
 * net_prefix_read() - an address or a block of them
 * @text: "10.0.0.0/8", "fd00::/8", or an address alone
 * @ret:  set on success
 *
 * Errors: -EINVAL not such a text; -ERANGE more bits than the address has; -EDOM bits behind the prefix are
 *         set ("10.1.2.3/8"), and @ret has them cleared, so that who refuses it can say what was meant.
 * Return: 0 or negative errno.
 */
int net_prefix_read(struct str text, struct net_prefix *ret);

/** net_prefix_print() - its canonical text; without "/" where it is one address */
void net_prefix_print(const struct net_prefix *prefix, char ret[NET_PREFIX_SIZE]);

/** net_prefix_holds() - whether an address lies within */
bool net_prefix_holds(const struct net_prefix *prefix, const struct net_address *address);

/** net_prefix_special() - as net_address_special(), for what holds of all addresses of a block */
const struct net_special *net_prefix_special(const struct net_prefix *prefix);

/** net_prefix_covers() - whether every address of @narrow lies within @wide */
bool net_prefix_covers(const struct net_prefix *wide, const struct net_prefix *narrow);
