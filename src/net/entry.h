/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.h - one entry of a list of hosts: who may be reached, at which ports, speaking what
 *
 *	[!]NAME[:PORT][/PROTOCOL]	api.example.org:443	**.example.org:8000-8010/tls
 *	[!]IPV4[/BITS][:PORT][/...]	10.1.2.3:5432		10.0.0.0/8:5432
 *	[!][IPV6[/BITS]][:PORT][/...]	[fd00::1]:443		[fd00::/8]:443
 *
 * A name is labels: "*" is one whole label, whichever it is, and "**", as the first label only, one or more
 * of them. No pattern implies a name that it does not spell: "*.example.org" and "**.example.org" are not
 * "example.org". Names and addresses are two worlds: "**" is every name and no address. "!" denies, and a
 * denial wins over everything that allows.
 *
 * Behind that may stand " dns=TXT,MX", types of DNS that the name may be asked for, or " by=/usr/bin/git",
 * the programs that it is for (net/who.h).
 *
 * A port is a number, a range, or "*" for all. A protocol is what a connection has to speak: "tls", "http",
 * or, without one, anything over TCP.
 *
 * Sources: net/name.h and net/address.h, for names and addresses; RFC 3986, section 3.2.2 (brackets)
 */
#pragma once

#include "base/arena.h"
#include "net/address.h"
#include "net/name.h"
#include "net/who.h"

enum {
	/* what has types of DNS has no "!" and no programs */
	NET_ENTRY_SIZE = 1 + NET_NAME_MAX + sizeof(":65534-65535/http" NET_BY_MARK) + NET_BY_TEXT_MAX,
	NET_PORT_MAX = 65535,
};

enum net_protocol {
	NET_TCP,			/* whatever is spoken */
	NET_TLS,
	NET_HTTP,
	NET_PROTOCOL_COUNT,
};

/*
 * Types of DNS, beside addresses, that a permission may let a name be asked for. Bits; in the order of their
 * names.
 */
enum net_dns {
	NET_DNS_HTTPS = 1 << 0,
	NET_DNS_MX = 1 << 1,
	NET_DNS_SRV = 1 << 2,
	NET_DNS_SVCB = 1 << 3,
	NET_DNS_TXT = 1 << 4,
	NET_DNS_COUNT = 5,
};

struct net_ports {
	uint16_t first, last;		/* 1..NET_PORT_MAX, both within */
};

#define NET_PORTS_ALL ((struct net_ports){ 1, NET_PORT_MAX })

struct net_entry {
	bool denies;
	enum net_protocol protocol;
	struct net_ports ports;
	struct str name;		/* a pattern, ends in a NUL; empty: it is for @prefix */
	struct net_prefix prefix;
	unsigned dns;			/* of enum net_dns; of a permission for names alone */
	struct str by;			/* programs (net/who.h); ends in a NUL; empty: it is for all */
};

/* What is wrong with a text, and where. */
struct net_flaw {
	const char *why;
	size_t at;			/* bytes in front of it */
};

/**
 * net_entry_read() - an entry as somebody wrote it
 * @arena:    owns the name
 * @text:     any bytes
 * @without:  the ports that are meant where it names none; a denial means all of them
 * @ret:      set on success
 * @ret_flaw: set on failure
 *
 * Errors: -EINVAL it is none, or the arena is full.
 * Return: 0 or negative errno.
 */
int net_entry_read(struct arena *arena, struct str text, struct net_ports without, struct net_entry *ret,
	struct net_flaw *ret_flaw);

/** net_dns_name() - "TXT" of NET_DNS_TXT; of more than one bit, or none, "" */
const char *net_dns_name(unsigned dns);

/** net_dns_read() - the bit of "TXT", in capitals; Return: it, or 0: there is none */
unsigned net_dns_read(struct str name);

/** net_entry_print() - its canonical text, with its ports always, which is read as the same entry */
void net_entry_print(const struct net_entry *entry, char ret[NET_ENTRY_SIZE]);

/**
 * net_entry_covers() - whether every connection that @narrow speaks of is one that @wide does
 * @wide:   an entry
 * @narrow: an entry; a denial and a permission never cover each other
 *
 * Exact, for one entry by one: two that cover a third only together do not.
 * Return: true when it is so.
 */
bool net_entry_covers(const struct net_entry *wide, const struct net_entry *narrow);

/**
 * net_entry_meet() - what two entries both speak of
 * @arena: owns the name
 * @a:     an entry
 * @b:     an entry
 * @ret:   set on success: an entry that both cover, and that covers all that both do
 *
 * Return: true when there is something, and room for it.
 */
bool net_entry_meet(struct arena *arena, const struct net_entry *a, const struct net_entry *b,
	struct net_entry *ret);

/**
 * net_entry_broad() - why an entry is more than anybody can have looked at
 * @entry: what allows
 *
 * A wildcard for names that anybody may register (directly below a public suffix), names without a fixed end,
 * and blocks of addresses that are larger than one network. Without a list of public suffixes in this build,
 * every wildcard.
 *
 * Return: the end of a sentence about it, or NULL: it is not.
 */
const char *net_entry_broad(const struct net_entry *entry);

/** net_name_has_wildcard() - whether a pattern stands for more than one name */
bool net_name_has_wildcard(struct str pattern);
