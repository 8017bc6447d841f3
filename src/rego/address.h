/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - IP addresses and networks
 *
 * All addresses are numbers of 128 bits: one of IPv4 is the one of IPv6 that is mapped to it, ::ffff:a.b.c.d,
 * and such a one is shown as a.b.c.d again. A network is its first address and how many bits of it are
 * fixed; one of IPv4 has 96 at least. Texts are read as strictly as Go's package net does: no octet begins
 * with a zero, nothing is left out but by "::".
 *
 * Sources: RFC 4291, section 2.2; RFC 4632, section 3.1; RFC 5952, section 4 (how they are shown)
 */
#pragma once

#include "rego/text.h"

enum {
	ADDRESS_BITS = 128,
	ADDRESS_IPV4_BITS = 96,		/* in front of an address of IPv4 */
};

typedef unsigned __int128 rego_address;

struct rego_network {
	rego_address first;		/* bits behind the prefix are zero */
	int bits;			/* 0..ADDRESS_BITS */
};

/** rego_address_parse() - "10.0.0.1", "fe80::1"; Return: false where it is none */
bool rego_address_parse(struct str text, rego_address *ret);

/** rego_network_parse() - "10.0.0.0/8", where host bits may be set and are dropped; Return: false as above */
bool rego_network_parse(struct str text, struct rego_network *ret);

/** rego_address_is_ipv4() - whether it is mapped */
bool rego_address_is_ipv4(rego_address address);

/** rego_network_is_ipv4() - whether all of its addresses are mapped */
bool rego_network_is_ipv4(const struct rego_network *network);

/** rego_network_last() - the last address */
rego_address rego_network_last(const struct rego_network *network);

/** rego_network_has() - whether an address is in it; one of IPv4 is in no network of IPv6 */
bool rego_network_has(const struct rego_network *network, rego_address address);

/** rego_address_print() - as people write it */
void rego_address_print(struct rego_text *text, rego_address address);

/** rego_network_print() - "10.0.0.0/8" */
void rego_network_print(struct rego_text *text, const struct rego_network *network);
