// SPDX-License-Identifier: Apache-2.0
/*
 * test_dns_reply.c - what is asked upstream, and which replies count
 */
#include "codec/dns.h"

#include "lib/dns_wire.h"

#include <stdio.h>

enum {
	OK = 0x8180,
	NXDOMAIN = 0x8183,
	TRUNCATED = 0x8380,
};

static struct wire wire;
static struct dns_reply reply;
static struct dns_ask ask = { .name = STR("www.example.com"), .type = DNS_A, .id = 0x4711 };

static const struct str soa = STR("\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\36");

static enum dns_reply_kind read_wire(void)
{
	return dns_reply_read(&ask, wire_message(&wire), &reply);
}

static void begin(unsigned flags, unsigned answers, unsigned authorities, unsigned additionals)
{
	wire_header(&wire, ask.id, flags, WIRE_COUNTS(1, answers, authorities, additionals));
	wire_question(&wire, "www.example.com", ask.type);
}

TEST(a_question_goes_out_without_anything_of_the_sandbox)
{
	struct dns_ask capitals = ask;
	uint8_t bytes[DNS_ASK_BYTES];

	CHECK_INT(dns_ask_write(&ask, bytes), 12 + 21 + 11);
	CHECK(!memcmp(bytes,
		"\107\021\1\0\0\1\0\0\0\0\0\1\3www\7example\3com\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0\0", 44));
	/* Bit i is byte i of the name in the message, where that is a letter. */
	memset(capitals.case_bits, 0xff, sizeof(capitals.case_bits));
	CHECK_INT(dns_ask_write(&capitals, bytes), 44);
	CHECK(!memcmp(bytes + 12, "\3WWW\7EXAMPLE\3COM\0\0\1", 19));
	memset(capitals.case_bits, 0, sizeof(capitals.case_bits));
	capitals.case_bits[0] = 1 << 2;
	capitals.case_bits[1] = 1 << 5;
	CHECK_INT(dns_ask_write(&capitals, bytes), 44);
	CHECK(!memcmp(bytes + 12, "\3wWw\7example\3Com\0\0\1", 19));
	capitals.name = STR("a..b");
	CHECK_INT(dns_ask_write(&capitals, bytes), 0);
}

TEST(addresses_and_the_smallest_time)
{
	begin(OK, 2, 0, 1);
	wire_record(&wire, "@", DNS_A, 300, STR("\001\002\003\004"));
	wire_record(&wire, "WWW.example.com", DNS_A, 20, STR("\005\006\007\010"));
	wire_edns(&wire, 1232, 0, 0, STR(""));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.rcode == DNS_NOERROR && reply.address_count == 2 && reply.ttl_s == 20);
	CHECK(!memcmp(reply.addresses[1].bytes, "\005\006\007\010", 4) && reply.addresses[1].len == 4);
	CHECK(!reply.has_soa && !reply.alias_count);
}

TEST(aliases_are_followed_wherever_they_stand)
{
	begin(OK, 4, 0, 0);
	wire_record(&wire, "c.example", DNS_A, 300, STR("\001\002\003\004"));
	wire_alias(&wire, "b.example", 9, "C.example");
	wire_alias(&wire, "@", 100, "b.EXAMPLE");
	/* Nobody asked. */
	wire_record(&wire, "evil.example", DNS_A, 1, STR("\177\0\0\1"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.address_count == 1 && reply.alias_count == 2 && reply.ttl_s == 9);
	CHECK_INT(reply.addresses[0].bytes[0], 1);
}

TEST(aliases_in_a_circle_are_no_answer)
{
	begin(OK, 2, 0, 0);
	wire_alias(&wire, "@", 100, "b.example");
	wire_alias(&wire, "b.example", 100, "www.example.com");
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
	begin(OK, 1, 0, 0);
	wire_alias(&wire, "@", 100, "www.example.com");
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
}

static void chain(unsigned count)
{
	char from[8] = "@", to[8];

	begin(OK, count + 1, 0, 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(to, sizeof(to), "a%u", i);
		wire_alias(&wire, from, 100, to);
		memcpy(from, to, sizeof(to));
	}
	wire_record(&wire, from, DNS_A, 300, STR("\001\002\003\004"));
}

TEST(a_chain_has_its_longest)
{
	chain(DNS_CHAIN_MAX);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK_INT(reply.address_count, 1);
	chain(DNS_CHAIN_MAX + 1);
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
}

TEST(more_addresses_than_anybody_needs_are_left_out)
{
	begin(OK, DNS_ADDRESSES_MAX + 1, 0, 0);
	for (unsigned i = 0; i <= DNS_ADDRESSES_MAX; i++)
		wire_record(&wire, "@", DNS_A, 100 - i, STR("\001\002\003\004"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.address_count == DNS_ADDRESSES_MAX && reply.ttl_s == 68);
	begin(OK, 257, 0, 0);
	for (unsigned i = 0; i < 257; i++)
		wire_record(&wire, "@", DNS_A, 100, STR("\001\002\003\004"));
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
}

TEST(there_is_no_such_name)
{
	begin(NXDOMAIN, 1, 1, 0);
	wire_alias(&wire, "@", 100, "b.example");
	wire_record(&wire, "example", DNS_SOA, 50, soa);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.rcode == DNS_NXDOMAIN && reply.has_soa && reply.ttl_s == 30 && !reply.address_count);
	begin(OK, 0, 1, 0);
	wire_record(&wire, "example", DNS_SOA, 20, soa);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.rcode == DNS_NOERROR && reply.has_soa && reply.ttl_s == 20);
	begin(NXDOMAIN, 0, 0, 0);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(!reply.has_soa && !reply.ttl_s);
	/* Addresses of a name that is none. */
	begin(NXDOMAIN, 1, 0, 0);
	wire_record(&wire, "@", DNS_A, 300, STR("\001\002\003\004"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.rcode == DNS_NXDOMAIN && !reply.address_count && !reply.ttl_s);
}

TEST(a_code_of_edns_is_one_code)
{
	begin(OK, 1, 0, 1);
	wire_record(&wire, "@", DNS_A, 300, STR("\001\002\003\004"));
	wire_bytes(&wire, STR("\0\0\51\4\320\1\0\0\0\0\0"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.rcode == DNS_BADVERS && !reply.address_count);
}

TEST(a_time_with_its_first_bit_set_is_none)
{
	begin(OK, 1, 0, 0);
	wire_record(&wire, "@", DNS_A, 0x80000001, STR("\001\002\003\004"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.address_count == 1 && !reply.ttl_s);
}

/* What a stranger who cannot see the question would have to guess. */
TEST(only_an_answer_to_the_question_counts)
{
	begin(OK, 0, 0, 0);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	wire.bytes[0] ^= 1;
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[2] = 1;
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[2] |= 0x28;
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[wire.len - 3] = DNS_AAAA;
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[wire.len - 1] = 3;
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[14] = 'x';
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
	begin(OK, 0, 0, 0);
	wire.bytes[14] = 'W';
	CHECK_INT(read_wire(), DNS_REPLY_OTHER_CASE);
	ask.case_bits[0] = 1 << 2;
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	wire_header(&wire, ask.id, 0x8181, WIRE_COUNTS(0, 0, 0, 0));
	CHECK_INT(read_wire(), DNS_REPLY_FOREIGN);
}

TEST(what_was_cut_off_is_asked_for_again)
{
	begin(TRUNCATED, 3, 0, 0);
	CHECK_INT(read_wire(), DNS_REPLY_TRUNCATED);
}

TEST(one_wrong_record_spoils_the_reply)
{
	static const struct str records[] = {
		STR("\300\014\0\1\0\1\0\0\0\1\0\3\1\2\3"),			/* three bytes of IPv4 */
		STR("\300\014\0\34\0\1\0\0\0\1\0\4\1\2\3\4"),			/* four of IPv6 */
		STR("\300\014\0\1\0\1\0\0\0\1\0\5\1\2\3\4"),			/* behind the end */
		STR("\300\014\0\1\0\1\0\0\0\1\0"), STR("\300"), STR("\1a\300\041\0\1\0\1\0\0\0\1\0\0"),
		STR("\300\041\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),			/* its owner is itself */
		STR("\300\100\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),			/* or further on */
		STR("\300\004\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),			/* or in the header */
		STR("\201a\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4"),
		STR("\300\014\0\5\0\1\0\0\0\1\0\3\300\014x"),			/* an alias with a rest */
		STR("\300\014\0\5\0\1\0\0\0\1\0\1\300"),
		STR("\300\014\0\1\0\1\0\0\0\1\0\4\1\2\3\4rest"),
		STR("\0\0\51\4\320\0\0\0\0\0\0"),				/* none is left for EDNS */
	};

	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		begin(OK, 1, 0, i + 1 == ARRAY_SIZE(records));
		CHECK_INT(wire.len, 33);
		wire_bytes(&wire, records[i]);
		if (read_wire() != DNS_REPLY_BROKEN)
			test_fail(__FILE__, __LINE__, "row %zu", i);
	}
	begin(OK, 0, 0, 2);
	wire_edns(&wire, 1232, 0, 0, STR(""));
	wire_edns(&wire, 1232, 0, 0, STR(""));
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
}

/* ---- records that are no address ---- */

static void other(uint16_t type, struct str data, struct str wanted)
{
	ask.type = type;
	begin(OK, 1, 0, 0);
	wire_record(&wire, "@", type, 60, data);
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	if (!wanted.data) {
		CHECK_INT(reply.records.count, 0);
		return;
	}
	CHECK_INT(reply.records.count, 1);
	CHECK(reply.records.records[0].type == type && reply.ttl_s == 60);
	CHECK_STR(((struct str){ (const char *)reply.records.data, reply.records.data_len }), wanted);
}

static void wrong(uint16_t type, struct str data)
{
	ask.type = type;
	begin(OK, 1, 0, 0);
	wire_record(&wire, "@", type, 60, data);
	CHECK_INT(read_wire(), DNS_REPLY_BROKEN);
}

TEST(records_are_put_together_anew)
{
	other(DNS_TXT, STR("\2ab\0\1c"), STR("\2ab\0\1c"));
	other(DNS_MX, STR("\0\012\300\014"), STR("\0\012\3www\7example\3com\0"));
	other(DNS_SRV, STR("\0\1\0\2\1\273\1A\300\030"), STR("\0\1\0\2\1\273\1a\3com\0"));
	other(DNS_HTTPS, STR("\0\1\0\0\1\0\3\2h2"), STR("\0\1\0\0\1\0\3\2h2"));
	other(DNS_SOA, soa, (struct str){ NULL, 0 });
	wrong(DNS_TXT, STR(""));
	wrong(DNS_TXT, STR("\3ab"));
	wrong(DNS_MX, STR("\0"));
	wrong(DNS_MX, STR("\0\012\300\014x"));
	wrong(DNS_SRV, STR("\0\1\0\2\1\273"));
	wrong(DNS_HTTPS, STR("\0\1"));
	wrong(DNS_HTTPS, STR("\0\1\0\0\1\0\4\2h2"));
	wrong(DNS_HTTPS, STR("\0\1\0\0\3\0\2\1\273\0\1\0\3\2h2"));
	wrong(DNS_HTTPS, STR("\0\1\0\0\1\0\3\2h2\0\1\0\3\2h2"));
}

TEST(nothing_leads_a_client_past_the_gateway)
{
	/* alpn, port, ipv4hint, ech, ipv6hint, and one that nobody knows */
	other(DNS_HTTPS,
		STR("\0\1\0\0\1\0\3\2h2\0\3\0\2\1\273\0\4\0\4\12\0\0\1\0\5\0\2xy\0\6\0\20abcdefghijklmnop\1\0\0\1z"),
		STR("\0\1\0\0\1\0\3\2h2\0\3\0\2\1\273\1\0\0\1z"));
	other(DNS_SVCB, STR("\0\1\0\0\5\0\0"), STR("\0\1\0"));
	/* A record that cannot be used without one of them. */
	other(DNS_HTTPS, STR("\0\1\0\0\0\0\2\0\5\0\5\0\2xy"), (struct str){ NULL, 0 });
	other(DNS_HTTPS, STR("\0\1\0\0\0\0\2\0\1\0\1\0\3\2h2"), STR("\0\1\0\0\0\0\2\0\1\0\1\0\3\2h2"));
	wrong(DNS_HTTPS, STR("\0\1\0\0\0\0\0"));
	wrong(DNS_HTTPS, STR("\0\1\0\0\0\0\1\0"));
}

TEST(records_have_their_room)
{
	struct wire text = { 0 };

	for (unsigned i = 0; i < 5; i++) {
		wire_8(&text, 255);
		for (unsigned j = 0; j < 255; j++)
			wire_8(&text, 'x');
	}
	ask.type = DNS_TXT;
	begin(OK, 20, 0, 0);
	for (unsigned i = 0; i < 20; i++)
		wire_record(&wire, "@", DNS_TXT, 60, wire_message(&text));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK(reply.records.count == 3 && reply.records.data_len == 3 * 1280);
	begin(OK, 20, 0, 0);
	for (unsigned i = 0; i < 20; i++)
		wire_record(&wire, "@", DNS_TXT, 60, STR("\1x"));
	CHECK_INT(read_wire(), DNS_REPLY_OK);
	CHECK_INT(reply.records.count, DNS_RECORDS_MAX);
}

TEST_MAIN()
