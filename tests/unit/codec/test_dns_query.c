// SPDX-License-Identifier: Apache-2.0
/*
 * test_dns_query.c - what a sandbox asks, and how it is answered
 */
#include "codec/dns.h"

#include "lib/dns_wire.h"
#include "lib/ldns_oracle.h"

enum {
	RD = 0x0100,
	CD = 0x0010,
	AD = 0x0020,
	DO = 0x8000,
};

static struct wire wire;
static struct dns_query query;
static uint8_t room[DNS_MESSAGE_MAX_BYTES];

static enum dns_query_kind read_wire(void)
{
	return dns_query_read(wire_message(&wire), &query);
}

static void ask(const char *name, unsigned type)
{
	wire_header(&wire, 0x1234, RD, WIRE_COUNTS(1, 0, 0, 0));
	wire_question(&wire, name, type);
}

TEST(a_question_is_read)
{
	ask("www.Example.COM", DNS_A);
	CHECK_INT(read_wire(), DNS_QUERY_OK);
	CHECK_INT(query.id, 0x1234);
	CHECK_TEXT(query.name, "www.example.com");
	CHECK_INT(query.name_len, 15);
	CHECK(query.type == DNS_A && query.class == DNS_CLASS_IN && query.is_recursive);
	CHECK(!query.is_unchecked && !query.has_edns && query.room_bytes == 512);
	CHECK_INT(query.question.len, 21);
}

TEST(edns_says_how_much_fits)
{
	static const struct {
		unsigned said, taken;
	} rows[] = { { 0, 512 }, { 511, 512 }, { 512, 512 }, { 1232, 1232 }, { 4096, 4096 },
		{ 65535, 4096 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		wire_header(&wire, 7, RD | CD | AD, WIRE_COUNTS(1, 0, 0, 1));
		wire_question(&wire, "a.example", DNS_AAAA);
		wire_edns(&wire, rows[i].said, 0, DO, STR("\0\012\0\010abcdefgh"));
		CHECK_INT(read_wire(), DNS_QUERY_OK);
		CHECK(query.has_edns && query.is_dnssec && query.is_unchecked);
		CHECK_INT(query.room_bytes, rows[i].taken);
	}
	wire_header(&wire, 7, RD, WIRE_COUNTS(1, 0, 0, 1));
	wire_question(&wire, "a.example", DNS_AAAA);
	wire_edns(&wire, 1232, 1, 0, STR(""));
	CHECK_INT(read_wire(), DNS_QUERY_BAD_VERSION);
	CHECK(query.question.len > 0);
}

TEST(names_have_the_one_form_or_are_none)
{
	static const struct {
		const char *asked, *name;
	} rows[] = {
		{ "localhost", "localhost" }, { "_Sip._tcp.example.org", "_sip._tcp.example.org" },
		{ "XN--bcher-KVA.example", "xn--bcher-kva.example" }, { "4chan.example", "4chan.example" },
		{ "4.3.2.1.in-addr.arpa", "4.3.2.1.in-addr.arpa" }, { "a.7z", "a.7z" },
		{ "", NULL }, { "a b.example", NULL }, { "-a.example", NULL }, { "a-.example", NULL },
		{ "a.1", NULL }, { "127.0.0.1", NULL }, { "a.0x7f", NULL }, { "a.0x", NULL },
		{ "xn--a.example", NULL }, { "b\303\274cher.example", NULL }, { "a/b.example", NULL },
		{ "a\n.example", NULL }, { "*.example", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum dns_query_kind kind;

		ask(rows[i].asked, DNS_A);
		kind = read_wire();
		if (kind != (rows[i].name ? DNS_QUERY_OK : DNS_QUERY_NO_HOST))
			test_fail(__FILE__, __LINE__, "%s: %d", rows[i].asked, kind);
		CHECK_TEXT(query.name, rows[i].name ?: "");
		CHECK_INT(query.name_len, strlen(query.name));
		CHECK(query.question.len > 0 && query.type == DNS_A);
	}
	/* Bytes that a text cannot say. */
	wire_header(&wire, 1, RD, WIRE_COUNTS(1, 0, 0, 0));
	wire_bytes(&wire, STR("\003a.b\007example\0\0\001\0\001"));
	CHECK_INT(read_wire(), DNS_QUERY_NO_HOST);
	wire_header(&wire, 1, RD, WIRE_COUNTS(1, 0, 0, 0));
	wire_bytes(&wire, STR("\003a\0b\007example\0\0\001\0\001"));
	CHECK_INT(read_wire(), DNS_QUERY_NO_HOST);
}

TEST(the_longest_name_and_one_byte_more)
{
	char label[NET_LABEL_MAX + 2];

	for (unsigned last = 61; last <= 62; last++) {
		wire_header(&wire, 1, RD, WIRE_COUNTS(1, 0, 0, 0));
		memset(label, 'a', sizeof(label));
		for (unsigned i = 0; i < 3; i++) {
			wire_8(&wire, NET_LABEL_MAX);
			wire_bytes(&wire, (struct str){ label, NET_LABEL_MAX });
		}
		wire_8(&wire, last);
		wire_bytes(&wire, (struct str){ label, last });
		wire_bytes(&wire, STR("\0\0\001\0\001"));
		CHECK_INT(read_wire(), last == 61 ? DNS_QUERY_OK : DNS_QUERY_MALFORMED);
		CHECK_INT(query.name_len, last == 61 ? NET_NAME_MAX : 0);
	}
}

TEST(what_is_no_query_is_told_so_or_not_heard)
{
	static const struct {
		struct str message;
		enum dns_query_kind kind;
	} rows[] = {
		{ STR(""), DNS_QUERY_DROP },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0"), DNS_QUERY_DROP },		/* no whole header */
		{ STR("\0\1\201\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"), DNS_QUERY_DROP },	/* a response */
		{ STR("\0\1\41\0\0\1\0\0\0\0\0\0\1a\0\0\6\0\1"), DNS_QUERY_NOT_IMPLEMENTED },	/* NOTIFY */
		{ STR("\0\1\51\0\0\1\0\0\0\0\0\0\1a\0\0\6\0\1"), DNS_QUERY_NOT_IMPLEMENTED },	/* UPDATE */
		{ STR("\0\1\3\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"), DNS_QUERY_MALFORMED },	/* cut off */
		{ STR("\0\1\1\0\0\0\0\0\0\0\0\0"), DNS_QUERY_MALFORMED },	/* no question */
		{ STR("\0\1\1\0\0\2\0\0\0\0\0\0\1a\0\0\1\0\1\1b\0\0\1\0\1"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0"), DNS_QUERY_MALFORMED },	/* half a class */
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\1a"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\5a\0\0\1\0\1"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\300\14\0\1\0\1"), DNS_QUERY_MALFORMED },	/* itself */
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\1a\300\14\0\1\0\1"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\300\0\0\1\0\1"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\101a\0\0\1\0\1"), DNS_QUERY_MALFORMED }, /* 0x41 */
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1x"), DNS_QUERY_MALFORMED }, /* a rest */
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1"), DNS_QUERY_MALFORMED }, /* EDNS missing */
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0\1"),
			DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0\0x"),
			DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0\3\0\1\0"),
			DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1\1b\0\51\4\320\0\0\0\0\0\0"),
			DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\0\0\0\0\1\1a\0\0\1\0\1\0\0\1\0\1\0\0\0\0\0\0"), DNS_QUERY_MALFORMED },
		{ STR("\0\1\1\0\0\1\0\1\0\0\0\0\1a\0\0\1\0\1\0\0\1\0\1\0\0\0\0\0\0"), DNS_QUERY_MALFORMED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum dns_query_kind kind = dns_query_read(rows[i].message, &query);

		if (kind != rows[i].kind)
			test_fail(__FILE__, __LINE__, "row %zu: %d", i, kind);
		CHECK(kind == DNS_QUERY_DROP || query.id == 1);
		CHECK(!query.question.len && !query.name_len);
	}
}

/* ---- answers ---- */

static void answer(const struct dns_answer *what, size_t size)
{
	wire.len = dns_answer_write(&query, what, wire.bytes, size);
	CHECK(wire.len <= size);
}

TEST(addresses_are_said_byte_for_byte)
{
	struct net_address address = { { 198, 18, 0, 1 }, NET_V4_BYTES };
	struct dns_answer what = { .ttl_s = 60, .addresses = &address, .address_count = 1 };

	ask("a.b", DNS_A);
	CHECK_INT(read_wire(), DNS_QUERY_OK);
	CHECK_INT(dns_answer_write(&query, &what, room, 512), 37);
	CHECK(!memcmp(room,
		"\022\064\201\200\0\1\0\1\0\0\0\0\1a\1b\0\0\1\0\1\300\014\0\1\0\1\0\0\0\074\0\4\306\022\0\1",
		37));
}

TEST(an_answer_that_does_not_fit_says_so)
{
	struct net_address addresses[DNS_ADDRESSES_MAX];
	struct dns_answer what = { .ttl_s = 60, .addresses = addresses, .address_count = 17 };

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		addresses[i] = (struct net_address){ { 0xfd, [15] = (uint8_t)i }, NET_V6_BYTES };
	/* 12 + 25 + 16 * 28 = 485; one more is 513. */
	ask("www.longer-examp.xy", DNS_AAAA);
	CHECK_INT(read_wire(), DNS_QUERY_OK);
	CHECK_INT(query.question.len, 25);
	answer(&what, query.room_bytes);
	CHECK(wire.bytes[2] & 2);
	CHECK_INT(wire.len, 37);
	what.address_count = 16;
	ask("www.longer-examp.xy", DNS_AAAA);
	CHECK_INT(read_wire(), DNS_QUERY_OK);
	memcpy(room, wire.bytes, wire.len);
	query.question.data = (const char *)room + DNS_HEADER_BYTES;
	answer(&what, query.room_bytes);
	CHECK(!(wire.bytes[2] & 2));
	CHECK_INT(wire.len, 485);
	what.address_count = 17;
	answer(&what, DNS_MESSAGE_MAX_BYTES);
	CHECK_INT(wire.len, 513);
	CHECK(!(wire.bytes[2] & 2));
}

static void ask_with_edns(const char *name)
{
	wire_header(&wire, 9, RD, WIRE_COUNTS(1, 0, 0, 1));
	wire_question(&wire, name, DNS_A);
	wire_edns(&wire, 1232, 0, DO, STR(""));
	CHECK_INT(read_wire(), DNS_QUERY_OK);
	memcpy(room, wire.bytes, wire.len);
	query.question.data = (const char *)room + DNS_HEADER_BYTES;
}

TEST(a_refusal_says_why_to_who_can_hear_it)
{
	struct dns_answer what = { .rcode = DNS_NXDOMAIN, .ttl_s = 5, .error = DNS_ERROR_BLOCKED,
		.error_text = STR("no entry allows a.example (d-17)") };
	struct ldns_opinion opinion;

	ask_with_edns("a.example");
	answer(&what, query.room_bytes);
	CHECK(memmem(wire.bytes, wire.len, what.error_text.data, what.error_text.len));
	if (ldns_oracle_read(wire.bytes, wire.len, &opinion) < 0)
		TEST_SKIP("ldns");
	CHECK_INT(ldns_oracle_read(wire.bytes, wire.len, &opinion), 1);
	CHECK(opinion.rcode == DNS_NXDOMAIN && opinion.authority_count == 1 && !opinion.answer_count);
	CHECK(opinion.has_edns && opinion.is_dnssec && opinion.room_bytes == DNS_UDP_BYTES);
	CHECK_INT(opinion.error, DNS_ERROR_BLOCKED);
	CHECK_STR(((struct str){ opinion.error_text, opinion.error_len }), what.error_text);
	query.has_edns = false;
	answer(&what, query.room_bytes);
	CHECK_INT(ldns_oracle_read(wire.bytes, wire.len, &opinion), 1);
	CHECK(!opinion.has_edns && !opinion.error && opinion.rcode == DNS_NXDOMAIN);
}

TEST(a_reason_that_is_too_long_is_left_out_before_the_answer)
{
	char text[600];
	struct dns_answer what = { .rcode = DNS_REFUSED, .error = DNS_ERROR_FILTERED,
		.error_text = { text, 600 } };
	struct ldns_opinion opinion;

	memset(text, 'x', sizeof(text));
	ask_with_edns("a.example");
	answer(&what, DNS_UDP_MIN_BYTES);
	if (ldns_oracle_read(wire.bytes, wire.len, &opinion) < 0)
		TEST_SKIP("ldns");
	CHECK_INT(ldns_oracle_read(wire.bytes, wire.len, &opinion), 1);
	CHECK(opinion.error == DNS_ERROR_FILTERED && !opinion.error_len && opinion.rcode == DNS_REFUSED);
	CHECK(!opinion.is_truncated);
}

TEST(who_sent_no_question_hears_a_header)
{
	struct dns_answer what = { .rcode = DNS_NOTIMP };

	CHECK_INT(dns_query_read(STR("\0\1\41\0\0\1\0\0\0\0\0\0"), &query), DNS_QUERY_NOT_IMPLEMENTED);
	CHECK_INT(dns_answer_write(&query, &what, room, 512), 12);
	CHECK(!memcmp(room, "\0\1\241\204\0\0\0\0\0\0\0\0", 12));
}

TEST(a_version_of_later_days_is_answered_in_ours)
{
	struct dns_answer what = { .rcode = DNS_BADVERS };

	wire_header(&wire, 7, RD, WIRE_COUNTS(1, 0, 0, 1));
	wire_question(&wire, "a", DNS_A);
	wire_edns(&wire, 1232, 200, 0, STR(""));
	CHECK_INT(read_wire(), DNS_QUERY_BAD_VERSION);
	CHECK_INT(dns_answer_write(&query, &what, room, 512), 12 + 7 + 11);
	CHECK(!(room[3] & 15) && room[12 + 7 + 5] == 1 && !room[12 + 7 + 6]);
}

TEST_MAIN()
