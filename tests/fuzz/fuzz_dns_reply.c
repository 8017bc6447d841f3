// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_dns_reply.c - what holds for every message that could come back from a server
 *
 * The first byte chooses the type that was asked for, and the rest is the message. What was asked is the
 * question that stands in it, so that mutations reach what is behind.
 *
 *   - where ldns takes a reply, too, it has the same code, and every address and record that was taken out of
 *     it stands among its answers (ldns also judges data of types that nobody here looks into)
 *   - bounds hold: addresses, records, their data, times
 *   - what is not the same question, to the last capital, is never taken
 */
#include "codec/dns.h"
#include "lib/ldns_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t types[] = { DNS_A, DNS_AAAA, DNS_TXT, DNS_MX, DNS_SRV, DNS_HTTPS, DNS_SVCB, 99 };

/* The question of the message as what was asked, if it is one that could have been. */
static bool make_ask(struct str message, char name[256], struct dns_ask *ret)
{
	size_t at = DNS_HEADER_BYTES, len = 0, wire = 0;

	ret->id = (uint16_t)((uint8_t)message.data[0] << 8 | (uint8_t)message.data[1]);
	while (at < message.len && message.data[at]) {
		size_t label = (uint8_t)message.data[at];

		if (label > NET_LABEL_MAX || label >= message.len - at || len + label + 1 > NET_NAME_MAX + 1)
			return false;
		wire++;
		for (size_t i = 1; i <= label; i++, wire++) {
			char c = message.data[at + i];

			if (c == '.')
				return false;
			if (c >= 'A' && c <= 'Z')
				ret->case_bits[wire / 8] = (uint8_t)(ret->case_bits[wire / 8] |
					1 << wire % 8);
			name[len++] = ascii_lower(c);
		}
		name[len++] = '.';
		at += 1 + label;
	}
	ret->name = (struct str){ name, len ? len - 1 : 0 };
	return len > 0;
}

static void check_answers(const struct dns_ask *ask, struct str message, const struct dns_reply *reply,
	const struct ldns_opinion *opinion)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	size_t data_len = 0;

	assert(opinion->rcode == reply->rcode && opinion->type == ask->type && opinion->id == ask->id);
	for (size_t i = 0; i < reply->address_count; i++) {
		const struct net_address *address = &reply->addresses[i];

		assert(address->len == (ask->type == DNS_A ? NET_V4_BYTES : NET_V6_BYTES));
		assert(ldns_oracle_has(bytes, message.len, ask->type, address->bytes, address->len));
	}
	for (size_t i = 0; i < reply->records.count; i++) {
		const struct dns_record *record = &reply->records.records[i];

		assert(record->type == ask->type && record->at == data_len);
		data_len += record->len;
		/* SVCB and HTTPS may have lost parameters on the way. */
		assert(ask->type == DNS_SVCB || ask->type == DNS_HTTPS ||
			ldns_oracle_has(bytes, message.len, ask->type, reply->records.data + record->at,
				record->len));
	}
	assert(data_len == reply->records.data_len && data_len <= DNS_RECORD_DATA_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str message;
	struct dns_ask ask = { 0 };
	struct dns_reply reply;
	struct ldns_opinion opinion;
	char name[256];

	if (size < 1 + DNS_HEADER_BYTES)
		return 0;
	message = (struct str){ (const char *)data + 1, size - 1 };
	ask.type = types[data[0] % ARRAY_SIZE(types)];
	if (!make_ask(message, name, &ask))
		return 0;
	if (dns_reply_read(&ask, message, &reply) != DNS_REPLY_OK)
		return 0;
	assert(reply.address_count <= DNS_ADDRESSES_MAX && reply.records.count <= DNS_RECORDS_MAX);
	assert(reply.ttl_s <= INT32_MAX && reply.alias_count <= DNS_CHAIN_MAX);
	assert(!reply.rcode || (!reply.address_count && !reply.records.count));
	if (ldns_oracle_read(data + 1, size - 1, &opinion) == 1)
		check_answers(&ask, message, &reply, &opinion);
	ask.id ^= 1;
	assert(dns_reply_read(&ask, message, &reply) == DNS_REPLY_FOREIGN);
	ask.id ^= 1;
	ask.type++;
	assert(dns_reply_read(&ask, message, &reply) == DNS_REPLY_FOREIGN);
	return 0;
}
