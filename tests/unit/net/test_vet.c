// SPDX-License-Identifier: Apache-2.0
/*
 * test_vet.c - which addresses of a name are dialled, in what order, and why the others are not
 */
#include "net/vet.h"

#include "lib/test.h"

static struct net_address own[1];
static struct net_prefix named[4];

static struct net_address read_address(const char *text)
{
	struct net_address address;

	CHECK_INT(net_address_read(str_from(text), &address), 0);
	return address;
}

static void name(size_t at, const char *text)
{
	CHECK_INT(net_prefix_read(str_from(text), &named[at]), 0);
}

static enum net_vet_why vet_one(const struct net_vet_rules *rules, const char *text)
{
	struct net_address address = read_address(text);

	return net_vet_one(rules, &address, NULL);
}

TEST(places_of_the_public_network)
{
	static const struct {
		const char *text;
		enum net_vet_why why;
	} rows[] = {
		{ "8.8.8.8", NET_VET_FINE }, { "2606:4700::1111", NET_VET_FINE },
		{ "127.0.0.1", NET_VET_SPECIAL }, { "10.1.2.3", NET_VET_SPECIAL },
		{ "169.254.169.254", NET_VET_SPECIAL }, { "0.0.0.0", NET_VET_SPECIAL },
		{ "198.18.0.1", NET_VET_SPECIAL }, { "100.64.0.1", NET_VET_SPECIAL },
		{ "::1", NET_VET_SPECIAL }, { "fd00::1", NET_VET_SPECIAL }, { "fe80::1", NET_VET_SPECIAL },
		{ "::ffff:127.0.0.1", NET_VET_SPECIAL }, { "::ffff:8.8.8.8", NET_VET_SPECIAL },
		{ "64:ff9b::10.0.0.1", NET_VET_SPECIAL }, { "2002:7f00:1::1", NET_VET_SPECIAL },
		{ "203.0.114.7", NET_VET_OWN }, { "::ffff:203.0.114.7", NET_VET_OWN },
		{ "64:ff9b::203.0.114.7", NET_VET_OWN },
		/* ISATAP hides what is special behind an address that is not. */
		{ "2606:4700::5efe:10.0.0.1", NET_VET_SPECIAL }, { "2606:4700::5efe:8.8.8.8", NET_VET_FINE },
	};
	struct net_vet_rules rules = { .own = own, .own_count = 1 };

	own[0] = read_address("203.0.114.7");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum net_vet_why why = vet_one(&rules, rows[i].text);

		if (why != rows[i].why)
			test_fail(__FILE__, __LINE__, "%s: %d", rows[i].text, why);
	}
}

TEST(an_address_that_is_named_is_an_exception)
{
	struct net_vet_rules rules = { .own = own, .own_count = 1, .named = named, .named_count = 2 };

	own[0] = read_address("10.0.0.9");
	name(0, "10.0.0.0/24");
	name(1, "64:ff9b::/96");
	CHECK_INT(vet_one(&rules, "10.0.0.1"), NET_VET_FINE);
	CHECK_INT(vet_one(&rules, "10.0.0.9"), NET_VET_FINE);
	CHECK_INT(vet_one(&rules, "10.0.1.1"), NET_VET_SPECIAL);
	/* Both forms are named; only one of them is. */
	CHECK_INT(vet_one(&rules, "64:ff9b::10.0.0.1"), NET_VET_FINE);
	CHECK_INT(vet_one(&rules, "64:ff9b::10.0.1.1"), NET_VET_SPECIAL);
	CHECK_INT(vet_one(&rules, "::ffff:10.0.0.1"), NET_VET_SPECIAL);
	CHECK_INT(vet_one(&rules, "64:ff9b::8.8.8.8"), NET_VET_FINE);
}

static void check_order(bool prefers_v4, const char *const *in, size_t count, const char *const *out,
	size_t out_count)
{
	struct net_vet_rules rules = { .prefers_v4 = prefers_v4 };
	struct net_address addresses[40];
	struct net_vetted vetted;

	for (size_t i = 0; i < count; i++)
		addresses[i] = read_address(in[i]);
	net_vet(&rules, addresses, count, &vetted);
	CHECK_INT(vetted.count, out_count);
	for (size_t i = 0; i < out_count; i++) {
		char text[NET_ADDRESS_SIZE];

		net_address_print(&vetted.addresses[i], text);
		CHECK_TEXT(text, out[i]);
	}
}

TEST(families_take_turns)
{
	static const char *const in[] = { "1.1.1.1", "1.1.1.2", "1.1.1.3", "10.0.0.1", "2600::1", "1.1.1.1",
		"2600::2" };
	static const char *const six[] = { "2600::1", "1.1.1.1", "2600::2", "1.1.1.2", "1.1.1.3" };
	static const char *const four[] = { "1.1.1.1", "2600::1", "1.1.1.2", "2600::2", "1.1.1.3" };

	check_order(false, in, ARRAY_SIZE(in), six, ARRAY_SIZE(six));
	check_order(true, in, ARRAY_SIZE(in), four, ARRAY_SIZE(four));
}

TEST(more_than_anybody_dials_are_not_looked_at)
{
	struct net_vet_rules rules = { 0 };
	struct net_address addresses[NET_VET_MAX + 1];
	struct net_vetted vetted;

	for (size_t i = 0; i <= NET_VET_MAX; i++)
		addresses[i] = (struct net_address){ { 1, 1, 1, (uint8_t)i }, NET_V4_BYTES };
	net_vet(&rules, addresses, NET_VET_MAX + 1, &vetted);
	CHECK(vetted.count == NET_VET_MAX && vetted.has_more);
	net_vet(&rules, addresses, 0, &vetted);
	CHECK(!vetted.count && !vetted.fallen_count && !vetted.has_more);
}

TEST(who_falls_is_told_why)
{
	struct net_vet_rules rules = { .own = own, .own_count = 1 };
	struct net_address addresses[2] = { read_address("10.1.2.3"), read_address("203.0.114.7") };
	struct net_vetted vetted;
	char text[200];

	own[0] = addresses[1];
	net_vet(&rules, addresses, 2, &vetted);
	CHECK_INT(vetted.fallen_count, 2);
	net_vet_explain(&vetted.fallen[0], text, sizeof(text));
	CHECK(str_starts_with(str_from(text), STR("10.1.2.3 is ")) && strstr(text, "RFC"));
	net_vet_explain(&vetted.fallen[1], text, sizeof(text));
	CHECK_TEXT(text, "203.0.114.7 is an address of this host");
}

TEST_MAIN()
