/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synthetic.h - addresses that stand for names
 *
 * Inside the sandbox a name has an address of ours, and behind it is the gateway: who connects to the address
 * has said the name, on whatever port. A name gets the next number that is free and keeps it as long as the
 * session lives, so that no address ever stands for two names. There are as many as the table was made for;
 * one more is refused. Nothing is put into it but names that somebody allowed.
 *
 * Of IPv4, they are in 198.18.0.0/15, which is nobody's (RFC 2544); of IPv6, in fd63:6f72:646f:6e00::/64
 * (RFC 4193: "cordon" in letters), where 32 bits of the session's own stand before the number: an address
 * that a program kept from another session then stands for no name, and not for another one.
 */
#pragma once

#include "base/arena.h"
#include "base/map.h"
#include "net/address.h"
#include "net/name.h"

enum {
	SYNTHETIC_MAX = (1 << 17) - 2,	/* all of 198.18.0.0/15 but its first and last address */
};

struct synthetic_name;

struct synthetic {
	struct map by_name;
	struct synthetic_name **by_number;
	struct arena names;
	uint32_t count, limit_count, room;
	uint32_t session;
};

/**
 * synthetic_init() - an empty table
 * @table:       initialised here
 * @limit_count: names, 1..SYNTHETIC_MAX
 * @session:     32 random bits, for addresses of IPv6
 * @seed:        random: names are chosen by a stranger
 */
void synthetic_init(struct synthetic *table, uint32_t limit_count, uint32_t session, const uint64_t seed[2]);

/** synthetic_fini() - forget all names; legal on an all-zero table */
void synthetic_fini(struct synthetic *table);

/**
 * synthetic_bind() - the addresses of a name, new ones where it has none yet
 * @table:  grows
 * @name:   canonical (net/name.h)
 * @ret_v4: of 198.18.0.0/15
 * @ret_v6: of fd63:6f72:646f:6e00::/64
 *
 * Errors: -ENOSPC as many names as there may be have one; -EINVAL an empty name or one that is too long.
 * Return: 0 or negative errno.
 */
int synthetic_bind(struct synthetic *table, struct str name, struct net_address *ret_v4,
	struct net_address *ret_v6);

/** synthetic_has() - whether a name has addresses already */
bool synthetic_has(const struct synthetic *table, struct str name);

/**
 * synthetic_name() - the name that an address stands for
 * @table:   the table
 * @address: any
 * @ret:     ends in a NUL, as long as @table lives
 *
 * Return: false for an address that stands for none.
 */
bool synthetic_name(const struct synthetic *table, const struct net_address *address, struct str *ret);

/** synthetic_is_ours() - whether an address lies where such addresses are, bound or not */
bool synthetic_is_ours(const struct net_address *address);
