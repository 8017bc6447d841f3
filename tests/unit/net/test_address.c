// SPDX-License-Identifier: Apache-2.0
/*
 * test_address.c - every spelling of an address, and which are no place of the public network
 */
#include "net/address.h"

#include "lib/test.h"

#include <errno.h>

static const struct {
	const char *text;
	enum net_spelling spelling;
	const char *address;		/* NULL: none */
} spellings[] = {
	{ "127.0.0.1", NET_ADDRESS, "127.0.0.1" }, { "0.0.0.0", NET_ADDRESS, "0.0.0.0" },
	{ "255.255.255.255", NET_ADDRESS, "255.255.255.255" },
	/* Decimal, octal, hexadecimal, short, and mixed. */
	{ "2130706433", NET_ODD_ADDRESS, "127.0.0.1" }, { "0x7f000001", NET_ODD_ADDRESS, "127.0.0.1" },
	{ "0X7F.1", NET_ODD_ADDRESS, "127.0.0.1" }, { "017700000001", NET_ODD_ADDRESS, "127.0.0.1" },
	{ "0177.0.0.01", NET_ODD_ADDRESS, "127.0.0.1" }, { "127.1", NET_ODD_ADDRESS, "127.0.0.1" },
	{ "127.0.1", NET_ODD_ADDRESS, "127.0.0.1" }, { "127.65535", NET_ODD_ADDRESS, "127.0.255.255" },
	{ "10.0.258", NET_ODD_ADDRESS, "10.0.1.2" }, { "127.0.0.1.", NET_ODD_ADDRESS, "127.0.0.1" },
	{ "1.", NET_ODD_ADDRESS, "0.0.0.1" }, { "0", NET_ODD_ADDRESS, "0.0.0.0" },
	{ "0x", NET_ODD_ADDRESS, "0.0.0.0" },
	{ "00000000000000000000000000000001", NET_ODD_ADDRESS, "0.0.0.1" },
	{ "4294967295", NET_ODD_ADDRESS, "255.255.255.255" },
	/* Some program would take it for one, and it has no value. */
	{ "4294967296", NET_WRONG_ADDRESS, NULL }, { "256.0.0.1", NET_WRONG_ADDRESS, NULL },
	{ "1.2.3.256", NET_WRONG_ADDRESS, NULL }, { "1.2.65536", NET_WRONG_ADDRESS, NULL },
	{ "1.16777216", NET_WRONG_ADDRESS, NULL }, { "1.2.3.4.5", NET_WRONG_ADDRESS, NULL },
	{ "08", NET_WRONG_ADDRESS, NULL }, { "1.2.3.09", NET_WRONG_ADDRESS, NULL },
	{ "a.1", NET_WRONG_ADDRESS, NULL }, { "a.0x1f", NET_WRONG_ADDRESS, NULL },
	{ ".1", NET_WRONG_ADDRESS, NULL }, { "1..2", NET_WRONG_ADDRESS, NULL },
	{ "99999999999999999999999", NET_WRONG_ADDRESS, NULL },
	/* Names. */
	{ "", NET_NO_ADDRESS, NULL }, { ".", NET_NO_ADDRESS, NULL }, { "a", NET_NO_ADDRESS, NULL },
	{ "1a", NET_NO_ADDRESS, NULL }, { "0xg", NET_NO_ADDRESS, NULL }, { "1.a", NET_NO_ADDRESS, NULL },
	{ "127.0.0.1.example", NET_NO_ADDRESS, NULL }, { "1..", NET_NO_ADDRESS, NULL },
	{ "x0x1", NET_NO_ADDRESS, NULL }, { "+1", NET_NO_ADDRESS, NULL }, { "1 ", NET_NO_ADDRESS, NULL },
	/* IPv6, with its brackets and without. */
	{ "::1", NET_ADDRESS, "::1" }, { "[::1]", NET_ADDRESS, "::1" },
	{ "[2001:db8::a]", NET_ADDRESS, "2001:db8::a" }, { "[2001:DB8::A]", NET_ODD_ADDRESS, "2001:db8::a" },
	{ "[0::1]", NET_ODD_ADDRESS, "::1" }, { "[2001:0db8::1]", NET_ODD_ADDRESS, "2001:db8::1" },
	{ "[::ffff:7f00:1]", NET_ODD_ADDRESS, "::ffff:127.0.0.1" },
	{ "[::ffff:127.0.0.1]", NET_ADDRESS, "::ffff:127.0.0.1" }, { "[::1", NET_WRONG_ADDRESS, NULL },
	{ "[", NET_WRONG_ADDRESS, NULL }, { "[]", NET_WRONG_ADDRESS, NULL },
	{ "[1.2.3.4]", NET_WRONG_ADDRESS, NULL }, { "[fe80::1%eth0]", NET_WRONG_ADDRESS, NULL },
	{ "fe80::1%1", NET_WRONG_ADDRESS, NULL }, { "1:2:3:4:5:6:7:8:9", NET_WRONG_ADDRESS, NULL },
	{ ":", NET_WRONG_ADDRESS, NULL }, { "[::1].", NET_WRONG_ADDRESS, NULL },
	{ "::ffff:0x7f.1", NET_WRONG_ADDRESS, NULL },
};

TEST(every_spelling_is_what_it_is)
{
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		struct net_address address = { 0 };
		enum net_spelling got = net_address_spelling(str_from(spellings[i].text), &address);
		char text[NET_ADDRESS_SIZE] = "";

		if (got != spellings[i].spelling)
			test_fail(__FILE__, __LINE__, "'%s': %d, wanted %d", spellings[i].text, got,
				spellings[i].spelling);
		if (!spellings[i].address)
			continue;
		net_address_print(&address, text);
		CHECK_TEXT(text, spellings[i].address);
	}
}

TEST(a_zero_in_a_text_ends_nothing)
{
	struct net_address address;

	CHECK_INT(net_address_read((struct str){ "1.2.3.4\0x", 9 }, &address), -EINVAL);
	CHECK_INT(net_address_read((struct str){ "::1\0", 4 }, &address), -EINVAL);
	CHECK_INT(net_address_spelling((struct str){ "::1\0", 4 }, &address), NET_WRONG_ADDRESS);
	CHECK_INT(net_address_spelling((struct str){ "1.2.3.4\0", 8 }, &address), NET_NO_ADDRESS);
}

static const struct {
	const char *address;
	const char *source;		/* of the row; NULL: a place of the public network */
} specials[] = {
	/* Both ends of each block, and what lies beside. */
	{ "0.0.0.0", "RFC 791, 3.2" }, { "0.255.255.255", "RFC 791, 3.2" }, { "1.0.0.0", NULL },
	{ "9.255.255.255", NULL }, { "10.0.0.0", "RFC 1918" }, { "10.255.255.255", "RFC 1918" },
	{ "11.0.0.0", NULL }, { "100.63.255.255", NULL }, { "100.64.0.0", "RFC 6598" },
	{ "100.127.255.255", "RFC 6598" }, { "100.128.0.0", NULL }, { "126.255.255.255", NULL },
	{ "127.0.0.0", "RFC 1122, 3.2.1.3" }, { "127.255.255.255", "RFC 1122, 3.2.1.3" },
	{ "128.0.0.0", NULL }, { "169.253.255.255", NULL }, { "169.254.0.0", "RFC 3927" },
	{ "169.255.0.0", NULL }, { "172.15.255.255", NULL }, { "172.16.0.0", "RFC 1918" },
	{ "172.31.255.255", "RFC 1918" }, { "172.32.0.0", NULL }, { "191.255.255.255", NULL },
	{ "192.0.0.0", "RFC 7335" }, { "192.0.0.7", "RFC 7335" }, { "192.0.0.8", "RFC 7600" },
	{ "192.0.0.9", "RFC 7723" }, { "192.0.0.10", "RFC 8155" }, { "192.0.0.11", "RFC 6890, 2.1" },
	{ "192.0.0.171", "RFC 8880; RFC 7050, 2.2" }, { "192.0.0.255", "RFC 6890, 2.1" },
	{ "192.0.1.0", NULL }, { "192.0.2.1", "RFC 5737" }, { "192.31.196.1", "RFC 7535" },
	{ "192.52.193.1", "RFC 7450" }, { "192.88.99.1", "RFC 7526" }, { "192.167.255.255", NULL },
	{ "192.168.0.0", "RFC 1918" }, { "192.168.255.255", "RFC 1918" }, { "192.169.0.0", NULL },
	{ "192.175.48.1", "RFC 7534" }, { "198.17.255.255", NULL }, { "198.18.0.0", "RFC 2544" },
	{ "198.19.255.255", "RFC 2544" }, { "198.20.0.0", NULL }, { "198.51.100.1", "RFC 5737" },
	{ "203.0.113.1", "RFC 5737" }, { "223.255.255.255", NULL }, { "224.0.0.0", "RFC 5771" },
	{ "239.255.255.255", "RFC 5771" }, { "240.0.0.0", "RFC 1112, 4" },
	{ "255.255.255.254", "RFC 1112, 4" }, { "255.255.255.255", "RFC 919, 7; RFC 8190" },
	{ "::", "RFC 4291, 2.5.2" }, { "::1", "RFC 4291, 2.5.3" }, { "::2", "RFC 4291, 2.5.5.1" },
	{ "::8.8.8.8", "RFC 4291, 2.5.5.1" }, { "::ffff:8.8.8.8", "RFC 4291, 2.5.5.2" },
	{ "64:ff9b::8.8.8.8", "RFC 6052, 2.1" }, { "64:ff9b:1::1", "RFC 8215" },
	{ "64:ff9b:2::1", "RFC 4291, 2.4" }, { "100::1", "RFC 6666" }, { "100:0:0:1::1", "RFC 9780" },
	{ "1fff:ffff::", "RFC 4291, 2.4" }, { "2000::1", NULL }, { "2001::1", "RFC 4380" },
	{ "2001:1::1", "RFC 7723" }, { "2001:1::2", "RFC 8155" }, { "2001:1::3", "RFC 9665" },
	{ "2001:1::4", "RFC 2928" }, { "2001:2::1", "RFC 5180" }, { "2001:3::1", "RFC 7450" },
	{ "2001:4:112::1", "RFC 7535" }, { "2001:10::1", "RFC 4843" }, { "2001:20::1", "RFC 7343" },
	{ "2001:30::1", "RFC 9374" }, { "2001:1ff:ffff::", "RFC 2928" }, { "2001:200::1", NULL },
	{ "2001:4860:4860::8888", NULL }, { "2001:db7::1", NULL }, { "2001:db8::1", "RFC 3849" },
	{ "2001:db9::1", NULL }, { "2002:0808:0808::1", "RFC 3056" }, { "2003::1", NULL },
	{ "2620:4f:8000::1", "RFC 7534" }, { "2a00::1", NULL }, { "3ffe::1", NULL },
	{ "3fff::1", "RFC 9637" }, { "3fff:1000::1", NULL }, { "4000::1", "RFC 4291, 2.4" },
	{ "5f00::1", "RFC 9602" }, { "fc00::1", "RFC 4193" }, { "fdff::1", "RFC 4193" },
	{ "fe00::1", "RFC 4291, 2.4" }, { "fe80::1", "RFC 4291, 2.5.6" }, { "febf::1", "RFC 4291, 2.5.6" },
	{ "fec0::1", "RFC 3879" }, { "feff::1", "RFC 3879" }, { "ff02::1", "RFC 4291, 2.7" },
};

TEST(no_place_of_the_public_network)
{
	for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
		struct net_address address;
		const struct net_special *got;

		CHECK_INT(net_address_read(str_from(specials[i].address), &address), 0);
		got = net_address_special(&address);
		if (!got != !specials[i].source || (got && strcmp(got->source, specials[i].source) != 0))
			test_fail(__FILE__, __LINE__, "%s: %s", specials[i].address,
				got ? got->source : "public");
	}
}

TEST(where_a_cloud_answers_for_the_machine)
{
	static const char *const texts[] = {
		"168.63.129.16", "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192",
		"fd00:ec2::254",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct net_address address;
		const struct net_special *got;

		CHECK_INT(net_address_read(str_from(texts[i]), &address), 0);
		got = net_address_special(&address);
		CHECK(got && strstr(got->what, "cloud"));
	}
}

static const struct {
	const char *address, *hidden;
} hiding[] = {
	{ "::ffff:10.0.0.1", "10.0.0.1" }, { "::10.0.0.1", "10.0.0.1" }, { "64:ff9b::10.0.0.1", "10.0.0.1" },
	{ "2002:a00:1::1", "10.0.0.1" }, { "2001:0:4136:e378:8000:63bf:f5ff:fffe", "10.0.0.1" },
	{ "2a00::5efe:10.0.0.1", "10.0.0.1" }, { "2a00::200:5efe:10.0.0.1", "10.0.0.1" }, { "::", NULL },
	{ "::1", NULL }, { "::ffff", NULL }, { "2a00::1", NULL }, { "64:ff9b:1::10.0.0.1", NULL },
	{ "2a00::100:5efe:10.0.0.1", NULL },
};

TEST(what_an_address_hides)
{
	for (size_t i = 0; i < ARRAY_SIZE(hiding); i++) {
		struct net_address address, hidden;
		char text[NET_ADDRESS_SIZE] = "";

		CHECK_INT(net_address_read(str_from(hiding[i].address), &address), 0);
		if (net_address_hidden(&address, &hidden))
			net_address_print(&hidden, text);
		CHECK_TEXT(text, hiding[i].hidden ?: "");
	}
}

static const struct {
	const char *text;
	int r;
	const char *printed;
} prefixes[] = {
	{ "10.0.0.0/8", 0, "10.0.0.0/8" }, { "10.1.2.3", 0, "10.1.2.3" }, { "10.1.2.3/32", 0, "10.1.2.3" },
	{ "0.0.0.0/0", 0, "0.0.0.0/0" }, { "fd00::/8", 0, "fd00::/8" }, { "::/0", 0, "::/0" },
	{ "fd00::1/128", 0, "fd00::1" }, { "10.1.2.3/8", -EDOM, "10.0.0.0/8" },
	{ "10.0.0.1/31", -EDOM, "10.0.0.0/31" }, { "fd00::1/64", -EDOM, "fd00::/64" },
	{ "10.0.0.0/33", -ERANGE, NULL }, { "::/129", -ERANGE, NULL }, { "10.0.0.0/", -EINVAL, NULL },
	{ "10.0.0.0/08", -EINVAL, NULL }, { "10.0.0.0/-1", -EINVAL, NULL }, { "10/8", -EINVAL, NULL },
	{ "/8", -EINVAL, NULL }, { "", -EINVAL, NULL }, { "[::]/0", -EINVAL, NULL },
};

TEST(blocks)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct net_prefix prefix;
		char text[NET_PREFIX_SIZE];
		int r = net_prefix_read(str_from(prefixes[i].text), &prefix);

		if (r != prefixes[i].r)
			test_fail(__FILE__, __LINE__, "'%s': %d", prefixes[i].text, r);
		if (!prefixes[i].printed)
			continue;
		net_prefix_print(&prefix, text);
		CHECK_TEXT(text, prefixes[i].printed);
	}
}

TEST(what_a_block_holds)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", true }, { "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "10.0.0.0/9", true }, { "10.0.0.0/9", "10.0.0.0/8", false },
		{ "0.0.0.0/0", "255.255.255.255", true }, { "0.0.0.0/0", "::1", false },
		{ "::/0", "10.0.0.1", false }, { "::/0", "ffff::/16", true },
		{ "fe80::/10", "febf::1", true }, { "fe80::/10", "fec0::1", false },
		{ "10.0.0.1", "10.0.0.1", true }, { "10.0.0.1", "10.0.0.0/31", false },
		{ "8.8.8.0/23", "8.8.9.255", true },
		{ "8.8.8.0/23", "8.8.10.0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_prefix wide, narrow;

		CHECK_INT(net_prefix_read(str_from(rows[i].wide), &wide), 0);
		CHECK_INT(net_prefix_read(str_from(rows[i].narrow), &narrow), 0);
		if (net_prefix_covers(&wide, &narrow) != rows[i].covers)
			test_fail(__FILE__, __LINE__, "%s over %s", rows[i].wide, rows[i].narrow);
	}
}

TEST_MAIN()
