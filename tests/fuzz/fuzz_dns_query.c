// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_dns_query.c - what holds for every message that a client could send
 *
 *   - a query that is taken is one for ldns, too, which reads the same name, type, flags and EDNS out of it
 *   - its name is what net_name_read() makes of the same labels, and that function takes it again as it is
 *   - every message but those that are dropped has an answer of at most the size that was asked for, which
 *     ldns can read, with the same id and question, and from which the reader of queries shrinks
 */
#include "codec/dns.h"
#include "lib/ldns_oracle.h"

enum {
	SCRATCH_BYTES = 65536,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The labels as a text, if a text can say them: no byte of one may be a dot. */
static bool name_text(const struct ldns_opinion *opinion, char ret[256], size_t *ret_len)
{
	size_t len = 0;

	for (size_t at = 0; opinion->name[at]; at += 1u + opinion->name[at]) {
		struct str label = { (const char *)opinion->name + at + 1, opinion->name[at] };

		if (memchr(label.data, '.', label.len))
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (label.data[i] < 0)
				return false;
		memcpy(ret + len, label.data, label.len);
		len += label.len;
		ret[len++] = '.';
	}
	*ret_len = len ? len - 1 : 0;
	return len > 0;
}

static void check_name(const struct dns_query *query, enum dns_query_kind kind,
	const struct ldns_opinion *opinion)
{
	scoped(arena) struct arena arena = ARENA_INIT(SCRATCH_BYTES);
	struct str name = { "", 0 };
	char text[256];
	size_t len;
	bool is_host = name_text(opinion, text, &len) &&
		!net_name_read(&arena, (struct str){ text, len }, &name);

	assert(is_host == (query->name_len > 0));
	assert(kind != DNS_QUERY_NO_HOST || !is_host);
	assert(str_eq(name, (struct str){ query->name, query->name_len }) && !query->name[query->name_len]);
}

static void check_same(const struct dns_query *query, enum dns_query_kind kind, const uint8_t *data,
	size_t size)
{
	struct ldns_opinion opinion;
	int r = ldns_oracle_read(data, size, &opinion);

	if (r < 0)
		return;
	assert(r == 1);
	assert(opinion.id == query->id && opinion.opcode == query->opcode && !opinion.is_response);
	assert(opinion.question_count == 1 && !opinion.answer_count && !opinion.authority_count);
	assert(opinion.type == query->type && opinion.class == query->class);
	assert(opinion.is_recursive == query->is_recursive && opinion.is_unchecked == query->is_unchecked);
	assert(opinion.has_edns == query->has_edns && opinion.is_dnssec == query->is_dnssec);
	check_name(query, kind, &opinion);
}

static void check_answer(const struct dns_query *query, const struct dns_answer *answer, size_t size)
{
	uint8_t room[DNS_UDP_MAX_BYTES + 1] = { 0 };
	struct ldns_opinion opinion;
	struct dns_query again;
	size_t len = dns_answer_write(query, answer, room, size);

	assert(len <= size && !room[size]);
	assert(dns_query_read((struct str){ (const char *)room, len }, &again) == DNS_QUERY_DROP);
	if (ldns_oracle_read(room, len, &opinion) < 0)
		return;
	assert(ldns_oracle_read(room, len, &opinion) == 1);
	assert(opinion.id == query->id && opinion.is_response && opinion.opcode == query->opcode);
	assert(opinion.rcode == (query->has_edns ? answer->rcode : answer->rcode & 15));
	assert(opinion.question_count == (query->question.len > 0));
	assert(!query->question.len || (opinion.type == query->type && opinion.class == query->class));
	assert(opinion.is_truncated ||
		opinion.answer_count == (query->question.len ? answer->address_count : 0));
	assert(opinion.has_edns == query->has_edns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct net_address four = { { 198, 18, 0, 1 }, NET_V4_BYTES };
	struct net_address addresses[DNS_ADDRESSES_MAX];
	struct dns_query query;
	enum dns_query_kind kind = dns_query_read((struct str){ (const char *)data, size }, &query);
	struct dns_answer answer = { .rcode = kind == DNS_QUERY_OK ? DNS_NOERROR : DNS_REFUSED, .ttl_s = 7,
		.addresses = addresses, .error = DNS_ERROR_BLOCKED, .error_text = STR("not in any list") };

	assert(kind == DNS_QUERY_OK || kind == DNS_QUERY_NO_HOST || kind == DNS_QUERY_BAD_VERSION ||
		!query.name_len);
	if (kind == DNS_QUERY_DROP)
		return 0;
	assert(query.room_bytes >= DNS_UDP_MIN_BYTES && query.room_bytes <= DNS_UDP_MAX_BYTES);
	if (kind >= DNS_QUERY_BAD_VERSION)
		check_same(&query, kind, data, size);
	check_answer(&query, &answer, query.room_bytes);
	if (query.type == DNS_A)
		answer.address_count = 1 + size % DNS_ADDRESSES_MAX;
	for (size_t i = 0; i < answer.address_count; i++)
		addresses[i] = four;
	check_answer(&query, &answer, query.room_bytes);
	return 0;
}
