// SPDX-License-Identifier: Apache-2.0
/*
 * dns_answer.c - answers to the sandbox
 *
 * A message is written from left to right: header, question as it came, records, EDNS. What may have to be
 * left out is measured before it is written. Every record's owner is the name in the question, so each is a
 * pointer at it.
 */
#include "codec/dns_internal.h"

enum {
	OWNER = DNS_LABEL_KIND << 8 | DNS_HEADER_BYTES,		/* a pointer at the question's name */
	OWNER_BYTES = 2,
	ANCOUNT_AT = 6,
	NSCOUNT_AT = 8,
	ARCOUNT_AT = 10,
	/* Numbers of an SOA that nobody transfers a zone by. */
	SOA_SERIAL = 1,
	SOA_REFRESH_S = 3600,
	SOA_RETRY_S = 600,
	SOA_EXPIRE_S = 86400,
};

/* Who keeps the zone, and the mailbox: a name that is promised to be nobody's (RFC 6761, 6.4). */
static const uint8_t soa_names[] = "\6cordon\7invalid\0\6nobody\xc0";

static uint8_t *put_record(uint8_t *at, uint16_t type, uint32_t ttl_s, size_t len)
{
	at = dns_put16(at, OWNER);
	at = dns_put16(at, type);
	at = dns_put16(at, DNS_CLASS_IN);
	at = dns_put32(at, ttl_s);
	return dns_put16(at, (unsigned)len);
}

static size_t records_bytes(const struct dns_answer *answer)
{
	size_t bytes = 0;

	for (size_t i = 0; i < answer->address_count; i++)
		bytes += OWNER_BYTES + DNS_RECORD_BYTES + answer->addresses[i].len;
	if (answer->records)
		bytes += answer->records->count * (size_t)(OWNER_BYTES + DNS_RECORD_BYTES) +
			answer->records->data_len;
	return bytes;
}

static uint8_t *put_records(uint8_t *at, uint16_t type, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->address_count; i++) {
		const struct net_address *address = &answer->addresses[i];

		assert(type == (address->len == NET_V4_BYTES ? DNS_A : DNS_AAAA));
		at = put_record(at, type, answer->ttl_s, address->len);
		memcpy(at, address->bytes, address->len);
		at += address->len;
	}
	for (size_t i = 0; answer->records && i < answer->records->count; i++) {
		const struct dns_record *record = &answer->records->records[i];

		at = put_record(at, record->type, answer->ttl_s, record->len);
		memcpy(at, answer->records->data + record->at, record->len);
		at += record->len;
	}
	return at;
}

/* The mailbox's name ends in a pointer into that of the server, whose place is known only here. */
static uint8_t *put_soa(const uint8_t *message, uint8_t *at, uint32_t ttl_s)
{
	size_t len = sizeof(soa_names), names_at;

	at = put_record(at, DNS_SOA, ttl_s, len + 5 * sizeof(uint32_t));
	names_at = (size_t)(at - message);
	memcpy(at, soa_names, len);
	dns_put16(at + len - 2, (unsigned)(DNS_LABEL_KIND << 8 | (names_at + sizeof("\6cordon") - 1)));
	at = dns_put32(at + len, SOA_SERIAL);
	at = dns_put32(at, SOA_REFRESH_S);
	at = dns_put32(at, SOA_RETRY_S);
	at = dns_put32(at, SOA_EXPIRE_S);
	return dns_put32(at, ttl_s);
}

enum {
	SOA_BYTES = OWNER_BYTES + DNS_RECORD_BYTES + sizeof(soa_names) + 5 * sizeof(uint32_t),
	ERROR_BYTES = 4 + 2,		/* an extended error without its text */
};

static uint8_t *put_edns(uint8_t *at, const struct dns_query *query, const struct dns_answer *answer,
	size_t room)
{
	size_t text = room >= ERROR_BYTES && answer->error_text.len <= room - ERROR_BYTES ?
		answer->error_text.len : 0;
	bool has_error = answer->error && room >= ERROR_BYTES;

	*at++ = 0;
	at = dns_put16(at, DNS_OPT);
	at = dns_put16(at, DNS_UDP_BYTES);
	*at++ = (uint8_t)(answer->rcode >> 4);
	*at++ = 0;
	at = dns_put16(at, query->is_dnssec ? DNS_EDNS_DO << 8 : 0);
	at = dns_put16(at, has_error ? ERROR_BYTES + (unsigned)text : 0);
	if (!has_error)
		return at;
	at = dns_put16(at, DNS_OPTION_ERROR);
	at = dns_put16(at, 2 + (unsigned)text);
	at = dns_put16(at, answer->error);
	if (text)
		memcpy(at, answer->error_text.data, text);
	return at + text;
}

size_t dns_answer_write(const struct dns_query *query, const struct dns_answer *answer, uint8_t *ret,
	size_t size)
{
	size_t edns = query->has_edns ? DNS_OPT_BYTES : 0;
	size_t records = query->question.len ? records_bytes(answer) : 0, room;
	bool is_negative = query->question.len && !records &&
		(answer->rcode == DNS_NOERROR || answer->rcode == DNS_NXDOMAIN), is_cut;
	uint8_t *at = ret + DNS_HEADER_BYTES;

	assert(size >= DNS_UDP_MIN_BYTES);
	room = size - DNS_HEADER_BYTES - query->question.len - edns;
	is_cut = records > room;
	memset(ret, 0, DNS_HEADER_BYTES);
	dns_put16(ret, query->id);
	ret[2] = (uint8_t)(DNS_FLAG_QR | query->opcode << DNS_OPCODE_SHIFT | (is_cut ? DNS_FLAG_TC : 0) |
		(query->is_recursive ? DNS_FLAG_RD : 0));
	ret[3] = (uint8_t)(DNS_FLAG_RA | (query->is_unchecked ? DNS_FLAG_CD : 0) |
		(answer->rcode & DNS_RCODE_MASK));
	if (query->question.len) {
		ret[5] = 1;
		memcpy(at, query->question.data, query->question.len);
		at += query->question.len;
	}
	if (records && !is_cut) {
		dns_put16(ret + ANCOUNT_AT, (unsigned)answer->address_count +
			(answer->records ? answer->records->count : 0u));
		at = put_records(at, query->type, answer);
		room -= records;
	}
	if (is_negative && room >= SOA_BYTES) {
		ret[NSCOUNT_AT + 1] = 1;
		at = put_soa(ret, at, answer->ttl_s);
		room -= SOA_BYTES;
	}
	if (query->has_edns) {
		ret[ARCOUNT_AT + 1] = 1;
		at = put_edns(at, query, answer, room);
	}
	return (size_t)(at - ret);
}
