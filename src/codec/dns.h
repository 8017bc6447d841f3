/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns.h - messages of DNS: what a sandbox asks, what it is answered, what is asked upstream, what comes back
 *
 * Four steps, each a function over bytes that does no I/O, takes no memory and reads no clock:
 *
 *	dns_query_read()	a question from the sandbox, in the one form of names that rules are held against
 *	dns_answer_write()	what it is answered: addresses, records, or why not
 *	dns_ask_write()		the same question to a server on the host's side, made anew
 *	dns_reply_read()	that server's reply
 *
 * Nothing that the sandbox sent goes upstream but a name in its canonical form and a type: no flag, no option
 * of EDNS, no spelling in which something could be hidden. Nothing that a server sent goes into the sandbox
 * but records that were taken apart and put together again. Readers take the whole of a message or nothing.
 *
 * Sources: RFC 1035 (messages); RFC 2181 (names, times to live); RFC 2308 (negative answers); RFC 6891
 * (EDNS); RFC 8914 (extended errors); RFC 9460 (SVCB, HTTPS)
 */
#pragma once

#include "net/address.h"
#include "net/name.h"

enum {
	DNS_HEADER_BYTES = 12,
	DNS_NAME_BYTES = 255,		/* the longest name in a message, with the root's 0 */
	DNS_UDP_MIN_BYTES = 512,	/* what everybody takes by UDP */
	DNS_UDP_BYTES = 1232,		/* what we take, and offer: no fragment on any path */
	DNS_UDP_MAX_BYTES = 4096,	/* more is not sent by UDP, whatever the client says that it takes */
	DNS_MESSAGE_MAX_BYTES = 65535,
	DNS_ASK_BYTES = DNS_HEADER_BYTES + DNS_NAME_BYTES + 4 + 11,
	DNS_ADDRESSES_MAX = 32,		/* of one reply; more are left out */
	DNS_RECORDS_MAX = 16,
	DNS_RECORD_DATA_BYTES = 4096,	/* of all records of a reply together */
	DNS_CHAIN_MAX = 16,		/* aliases of aliases */
};

/* IANA, "Resource Record (RR) TYPEs"; those that anybody here knows. */
enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
};

enum {
	DNS_CLASS_IN = 1,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16,
};

/* IANA, "Extended DNS Error Codes". */
enum dns_error {
	DNS_ERROR_NONE = 0,		/* the registry's "other", which says nothing either */
	DNS_ERROR_STALE = 3,
	DNS_ERROR_FORGED = 4,
	DNS_ERROR_CACHED = 13,
	DNS_ERROR_NOT_READY = 14,
	DNS_ERROR_BLOCKED = 15,		/* by whoever runs the server */
	DNS_ERROR_FILTERED = 17,
	DNS_ERROR_PROHIBITED = 18,
	DNS_ERROR_NOT_SUPPORTED = 21,
	DNS_ERROR_NO_AUTHORITY = 22,	/* no server could be reached */
	DNS_ERROR_NETWORK = 23,
	DNS_ERROR_INVALID_DATA = 24,
};

/* What is to be done with a query; the first says nothing at all. */
enum dns_query_kind {
	DNS_QUERY_DROP,			/* too short to have an id, or a response */
	DNS_QUERY_MALFORMED,		/* FORMERR; @id and the flags are set */
	/* NOTIMP: another operation than a query; @id and the flags are set */
	DNS_QUERY_NOT_IMPLEMENTED,
	DNS_QUERY_BAD_VERSION,		/* BADVERS: an EDNS of later days */
	/* REFUSED: well formed, but its name is none of a host; @name is empty */
	DNS_QUERY_NO_HOST,
	DNS_QUERY_OK,
};

struct dns_query {
	uint16_t id;
	uint8_t opcode;
	bool is_recursive, is_unchecked;	/* RD, CD: answered as they came */
	bool has_edns, is_dnssec;		/* DO: answered as it came */
	/* of an answer by UDP: DNS_UDP_MIN_BYTES..DNS_UDP_MAX_BYTES */
	uint16_t room_bytes;
	uint16_t type, class;
	/* as it stands in the message, borrowed; empty: none was read */
	struct str question;
	uint8_t name_len;
	char name[NET_NAME_MAX + 1];		/* canonical (net/name.h), with a NUL */
};

/* One record of a type that is no address. Its owner is the name that was asked for. */
struct dns_record {
	uint16_t type, len;
	uint16_t at;				/* of its data, among those of all */
};

struct dns_records {
	uint16_t count, data_len;
	struct dns_record records[DNS_RECORDS_MAX];
	uint8_t data[DNS_RECORD_DATA_BYTES];
};

struct dns_answer {
	enum dns_rcode rcode;
	uint32_t ttl_s;				/* of all that is said, and of a negative answer */
	const struct net_address *addresses;
	size_t address_count;			/* 0..DNS_ADDRESSES_MAX, all of them of the type asked for */
	const struct dns_records *records;	/* NULL: none */
	enum dns_error error;			/* said only to who speaks EDNS */
	struct str error_text;			/* UTF-8; left out where there is no room for it */
};

/* What is asked upstream. */
struct dns_ask {
	struct str name;			/* in the form of net/name.h */
	uint16_t type;
	uint16_t id;				/* random */
	/* random: letter i of the message's name is a capital by bit i */
	uint8_t case_bits[32];
};

enum dns_reply_kind {
	DNS_REPLY_FOREIGN,		/* no answer to what was asked: go on waiting */
	DNS_REPLY_OTHER_CASE,		/* the id and the name are right, but for its capitals: ask by TCP */
	DNS_REPLY_BROKEN,		/* an answer that makes no sense: ask somebody else */
	DNS_REPLY_TRUNCATED,		/* ask by TCP */
	DNS_REPLY_OK,
};

struct dns_reply {
	uint16_t rcode;				/* of EDNS, too: 0..4095 */
	bool has_soa;				/* a negative answer says how long it holds */
	uint32_t ttl_s;				/* the smallest of all that led there */
	uint8_t alias_count;
	uint8_t address_count;
	struct net_address addresses[DNS_ADDRESSES_MAX];
	struct dns_records records;
};

/**
 * dns_query_read() - what a client asks
 * @message: a whole message, as it came
 * @ret:     filled as far as the kind says; the rest is zero
 *
 * A query has one question, no other record but one of EDNS, no compressed name, and no byte behind its end.
 *
 * Return: what it is.
 */
enum dns_query_kind dns_query_read(struct str message, struct dns_query *ret);

/**
 * dns_answer_write() - the answer to a query
 * @query:  as dns_query_read() left it
 * @answer: what to say; addresses of the other family than the type asks for are our own bug
 * @ret:    room for @size bytes
 * @size:   DNS_UDP_MIN_BYTES or more: room_bytes by UDP, DNS_MESSAGE_MAX_BYTES by TCP
 *
 * NOERROR without records and NXDOMAIN come with an SOA of the name itself, since without one a client must
 * not remember them (RFC 2308, 5). What does not fit is left out, and TC says so.
 *
 * Return: bytes written, at most @size.
 */
size_t dns_answer_write(const struct dns_query *query, const struct dns_answer *answer, uint8_t *ret,
	size_t size);

/**
 * dns_ask_write() - a question to a server
 * @ask: what to ask
 * @ret: the message
 *
 * Return: bytes written, or 0 where the name is none.
 */
size_t dns_ask_write(const struct dns_ask *ask, uint8_t ret[DNS_ASK_BYTES]);

/**
 * dns_reply_read() - what a server says to it
 * @ask:     what was asked
 * @message: a whole message, as it came
 * @ret:     filled for DNS_REPLY_OK
 *
 * Aliases are followed from the name that was asked for, wherever in the answer they stand, and only what is
 * at their end counts. Of addresses, at most DNS_ADDRESSES_MAX are taken. Of types that are no address, those
 * of enum dns_type are taken apart; names in them are written out. HTTPS and SVCB lose what would lead a
 * client past the gateway: addresses (ipv4hint, ipv6hint) and the key that encrypts its greeting (ech); a
 * record that declares one of them mandatory is left out whole.
 *
 * Return: what it is.
 */
enum dns_reply_kind dns_reply_read(const struct dns_ask *ask, struct str message, struct dns_reply *ret);
