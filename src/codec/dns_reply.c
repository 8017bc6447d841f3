// SPDX-License-Identifier: Apache-2.0
/*
 * dns_reply.c - what is asked upstream, and what comes back
 *
 * A reply is for us only if it repeats the id and the question, with every capital of it: what a stranger
 * would have to guess. Then all its records are looked at before any of them counts, so that one that makes
 * no sense spoils the whole.
 */
#include "codec/dns_internal.h"

#include <errno.h>

enum {
	ANSWERS_MAX = 256,
	ALL_RECORDS_MAX = 512,		/* of all sections; honest replies have a tenth of it */
	TTL_MAX_S = INT32_MAX,
	SOA_NUMBERS_BYTES = 20,
};

struct record {
	struct dns_name owner;
	uint16_t type, class, len;
	uint32_t ttl_s;
	size_t at;			/* of its data */
};

/* Of the answers, what is kept while aliases are followed. */
struct found {
	uint16_t owner_at, type, len, at;
	uint32_t ttl_s;
};

struct found_list {
	size_t count;
	struct found items[ANSWERS_MAX];
};

/* ---- asking ---- */

size_t dns_ask_write(const struct dns_ask *ask, uint8_t ret[DNS_ASK_BYTES])
{
	struct dns_name name;
	uint8_t *at = ret + DNS_HEADER_BYTES;

	if (dns_name_from(ask->name, &name) < 0)
		return 0;
	memset(ret, 0, DNS_HEADER_BYTES);
	dns_put16(ret, ask->id);
	ret[2] = DNS_FLAG_RD;
	ret[5] = ret[11] = 1;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t byte = name.bytes[i];
		bool is_capital = byte >= 'a' && byte <= 'z' && ask->case_bits[i / 8] >> (i % 8) & 1;

		at[i] = is_capital ? (uint8_t)(byte - 'a' + 'A') : byte;
	}
	at = dns_put16(at + name.len, ask->type);
	at = dns_put16(at, DNS_CLASS_IN);
	*at++ = 0;
	at = dns_put16(at, DNS_OPT);
	at = dns_put16(at, DNS_UDP_BYTES);
	at = dns_put32(at, 0);
	return (size_t)(dns_put16(at, 0) - ret);
}

/* ---- whose reply it is ---- */

static enum dns_reply_kind compare_question(const struct dns_ask *ask, struct str message, size_t *ret_end)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	uint8_t asked[DNS_ASK_BYTES];
	size_t len = dns_ask_write(ask, asked);
	size_t end = len - DNS_OPT_BYTES;
	struct dns_name name, wanted;

	if (!len || message.len < end || dns_get16(bytes) != ask->id || !(bytes[2] & DNS_FLAG_QR) ||
			(bytes[2] >> DNS_OPCODE_SHIFT & DNS_OPCODE_MASK) || dns_get16(bytes + 4) != 1)
		return DNS_REPLY_FOREIGN;
	*ret_end = end;
	if (!memcmp(bytes + DNS_HEADER_BYTES, asked + DNS_HEADER_BYTES, end - DNS_HEADER_BYTES))
		return DNS_REPLY_OK;
	if (dns_name_read(message, DNS_HEADER_BYTES, &name, ret_end) < 0 || *ret_end != end - 4 ||
			dns_name_from(ask->name, &wanted) < 0 || name.len != wanted.len ||
			memcmp(name.bytes, wanted.bytes, name.len) ||
			memcmp(bytes + end - 4, asked + end - 4, 4))
		return DNS_REPLY_FOREIGN;
	return DNS_REPLY_OTHER_CASE;
}

/* ---- records ---- */

static int read_record(struct str message, size_t *at, struct record *ret)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	size_t end;
	uint32_t ttl_s;

	if (dns_name_read(message, *at, &ret->owner, &end) < 0 || message.len - end < DNS_RECORD_BYTES)
		return -EBADMSG;
	ret->type = dns_get16(bytes + end);
	ret->class = dns_get16(bytes + end + 2);
	ttl_s = dns_get32(bytes + end + 4);
	/* With its first bit set, it is to be taken for 0 (RFC 2181, 8). */
	ret->ttl_s = ttl_s > TTL_MAX_S ? 0 : ttl_s;
	ret->len = dns_get16(bytes + end + 8);
	ret->at = end + DNS_RECORD_BYTES;
	if (ret->len > message.len - ret->at)
		return -EBADMSG;
	*at = ret->at + ret->len;
	return 0;
}

static int read_answers(struct str message, size_t *at, unsigned count, struct found_list *ret)
{
	for (unsigned i = 0; i < count; i++) {
		size_t owner_at = *at;
		struct record record;

		if (read_record(message, at, &record) < 0)
			return -EBADMSG;
		if (record.class != DNS_CLASS_IN)
			continue;
		if ((record.type == DNS_A && record.len != NET_V4_BYTES) ||
				(record.type == DNS_AAAA && record.len != NET_V6_BYTES))
			return -EBADMSG;
		ret->items[ret->count++] = (struct found){ (uint16_t)owner_at, record.type, record.len,
			(uint16_t)record.at, record.ttl_s };
	}
	return 0;
}

/*
 * How long a negative answer holds: the smaller of the record's own time and its last number (RFC 2308, 5).
 */
static int read_soa(struct str message, const struct record *record, struct dns_reply *ret)
{
	size_t end = record->at;
	struct dns_name name;
	uint32_t minimum_s;
	int r = dns_name_read(message, end, &name, &end);

	if (r >= 0)
		r = dns_name_read(message, end, &name, &end);
	if (r < 0 || end + SOA_NUMBERS_BYTES != record->at + record->len)
		return -EBADMSG;
	minimum_s = dns_get32((const uint8_t *)message.data + end + 4 * sizeof(uint32_t));
	ret->has_soa = true;
	minimum_s = MIN(record->ttl_s, minimum_s);
	ret->ttl_s = MIN(ret->ttl_s, minimum_s);
	return 0;
}

/* The sections behind the answers: of authority, and with EDNS the upper bits of the code. */
static int read_rest(struct str message, size_t at, unsigned authorities, unsigned additionals,
	struct dns_reply *ret)
{
	unsigned edns = 0;
	struct record record;

	for (unsigned i = 0; i < authorities + additionals; i++) {
		if (read_record(message, &at, &record) < 0)
			return -EBADMSG;
		if (i < authorities && record.type == DNS_SOA && record.class == DNS_CLASS_IN &&
				!ret->address_count && !ret->records.count && !ret->has_soa &&
				read_soa(message, &record, ret) < 0)
			return -EBADMSG;
		if (record.type != DNS_OPT)
			continue;
		if (i < authorities || record.owner.len != 1 || edns++ ||
				!dns_options_are_valid((const uint8_t *)message.data + record.at, record.len))
			return -EBADMSG;
		ret->rcode = (uint16_t)(ret->rcode |
			(uint8_t)message.data[record.at - DNS_RECORD_BYTES + 4] << 4);
	}
	return at == message.len ? 0 : -EBADMSG;
}

/* ---- aliases ---- */

static bool owner_is(struct str message, const struct found *found, const struct dns_name *name)
{
	struct dns_name owner;
	size_t end;

	return !dns_name_read(message, found->owner_at, &owner, &end) && owner.len == name->len &&
		!memcmp(owner.bytes, name->bytes, name->len);
}

/* From the name that was asked for to the one that has what was asked for. */
static int follow_aliases(struct str message, const struct found_list *list, struct dns_name *name,
	struct dns_reply *ret)
{
	size_t i = 0;

	while (i < list->count) {
		const struct found *found = &list->items[i++];
		size_t end;

		if (found->type != DNS_CNAME || !owner_is(message, found, name))
			continue;
		if (++ret->alias_count > DNS_CHAIN_MAX || dns_name_read(message, found->at, name, &end) < 0 ||
				end != (size_t)found->at + found->len)
			return -EBADMSG;
		ret->ttl_s = MIN(ret->ttl_s, found->ttl_s);
		i = 0;
	}
	return 0;
}

static int take_answers(const struct dns_ask *ask, struct str message, const struct found_list *list,
	struct dns_reply *ret)
{
	bool is_address = ask->type == DNS_A || ask->type == DNS_AAAA;
	struct dns_name name;

	if (dns_name_from(ask->name, &name) < 0 || follow_aliases(message, list, &name, ret) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < list->count; i++) {
		const struct found *found = &list->items[i];
		int r = 0;

		if (found->type != ask->type || !owner_is(message, found, &name))
			continue;
		if (!is_address)
			r = dns_record_vet(message, found->type, found->at, found->len, &ret->records);
		if (r == -EBADMSG)
			return r;
		if (is_address && ret->address_count < DNS_ADDRESSES_MAX) {
			struct net_address *address = &ret->addresses[ret->address_count++];

			*address = (struct net_address){ .len = (uint8_t)found->len };
			memcpy(address->bytes, message.data + found->at, found->len);
		}
		ret->ttl_s = MIN(ret->ttl_s, found->ttl_s);
	}
	return 0;
}

enum dns_reply_kind dns_reply_read(const struct dns_ask *ask, struct str message, struct dns_reply *ret)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	struct found_list list UNINITIALIZED;
	unsigned answers, authorities, additionals;
	enum dns_reply_kind kind;
	size_t at = 0;

	if (message.len < DNS_HEADER_BYTES || message.len > DNS_MESSAGE_MAX_BYTES)
		return DNS_REPLY_FOREIGN;
	kind = compare_question(ask, message, &at);
	if (kind != DNS_REPLY_OK)
		return kind;
	if (bytes[2] & DNS_FLAG_TC)
		return DNS_REPLY_TRUNCATED;
	answers = dns_get16(bytes + 6), authorities = dns_get16(bytes + 8),
	additionals = dns_get16(bytes + 10);
	if (answers > ANSWERS_MAX || answers + authorities + additionals > ALL_RECORDS_MAX)
		return DNS_REPLY_BROKEN;
	memset(ret, 0, offsetof(struct dns_reply, records));
	ret->records.count = ret->records.data_len = 0;
	ret->rcode = bytes[3] & DNS_RCODE_MASK;
	ret->ttl_s = TTL_MAX_S;
	list.count = 0;
	if (read_answers(message, &at, answers, &list) < 0 ||
			(ret->rcode == DNS_NOERROR && take_answers(ask, message, &list, ret) < 0) ||
			read_rest(message, at, authorities, additionals, ret) < 0)
		return DNS_REPLY_BROKEN;
	/* The upper bits of the code stand behind what it judges. */
	if (ret->rcode != DNS_NOERROR)
		ret->address_count = 0, ret->records.count = ret->records.data_len = 0;
	if (!ret->has_soa && !ret->address_count && !ret->records.count)
		ret->ttl_s = 0;
	return DNS_REPLY_OK;
}
