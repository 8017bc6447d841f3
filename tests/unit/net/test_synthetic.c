// SPDX-License-Identifier: Apache-2.0
/*
 * test_synthetic.c - names and the addresses that stand for them
 */
#include "net/synthetic.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

static const uint64_t seed[2] = { 1, 2 };

static void check_text(const struct net_address *address, const char *wanted)
{
	char text[NET_ADDRESS_SIZE];

	net_address_print(address, text);
	CHECK_TEXT(text, wanted);
}

TEST(a_name_keeps_its_addresses)
{
	struct synthetic table;
	struct net_address v4, v6, other4, other6;
	struct str name;

	synthetic_init(&table, 10, 0xaabbccdd, seed);
	CHECK_INT(synthetic_bind(&table, STR("a.example"), &v4, &v6), 0);
	check_text(&v4, "198.18.0.1");
	check_text(&v6, "fd63:6f72:646f:6e00:aabb:ccdd:0:1");
	CHECK_INT(synthetic_bind(&table, STR("b.example"), &other4, &other6), 0);
	check_text(&other4, "198.18.0.2");
	CHECK_INT(synthetic_bind(&table, STR("a.example"), &other4, &other6), 0);
	CHECK(!net_address_compare(&v4, &other4) && !net_address_compare(&v6, &other6));
	CHECK_INT(table.count, 2);
	CHECK(synthetic_name(&table, &v4, &name) && str_eq(name, STR("a.example")) && !name.data[name.len]);
	CHECK(synthetic_name(&table, &v6, &name) && str_eq(name, STR("a.example")));
	CHECK_INT(synthetic_bind(&table, STR(""), &v4, &v6), -EINVAL);
	synthetic_fini(&table);
	synthetic_fini(&table);
}

TEST(what_stands_for_nothing)
{
	static const char *const texts[] = {
		"198.18.0.0", "198.18.0.2", "198.19.255.255", "198.17.255.255", "198.20.0.1", "10.0.0.1",
		"fd63:6f72:646f:6e00::1", "fd63:6f72:646f:6e00:0:5:0:0", "fd63:6f72:646f:6e00:0:5:0:2",
		"fd63:6f72:646f:6e01:0:5:0:1", "fd63:6f72:646f:6e00:0:6:0:1", "::1",
	};
	struct synthetic table;
	struct net_address v4, v6, address;
	struct str name;

	synthetic_init(&table, 10, 5, seed);
	CHECK_INT(synthetic_bind(&table, STR("a.example"), &v4, &v6), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CHECK_INT(net_address_read(str_from(texts[i]), &address), 0);
		if (synthetic_name(&table, &address, &name))
			test_fail(__FILE__, __LINE__, "%s", texts[i]);
	}
	CHECK(synthetic_name(&table, &v6, &name) && synthetic_is_ours(&v6) && synthetic_is_ours(&v4));
	synthetic_fini(&table);
}

/* All of the block: the last name has its last address but one, and the next has none. */
TEST(as_many_names_as_there_may_be)
{
	struct synthetic table;
	struct net_address v4, v6;
	struct str name;
	char text[32];

	synthetic_init(&table, SYNTHETIC_MAX, 5, seed);
	for (unsigned i = 0; i < SYNTHETIC_MAX; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		CHECK_INT(synthetic_bind(&table, str_from(text), &v4, &v6), 0);
	}
	check_text(&v4, "198.19.255.254");
	CHECK(synthetic_name(&table, &v4, &name) && str_eq(name, str_from(text)));
	CHECK_INT(synthetic_bind(&table, STR("one.more"), &v4, &v6), -ENOSPC);
	CHECK_INT(synthetic_bind(&table, STR("n0.example"), &v4, &v6), 0);
	check_text(&v4, "198.18.0.1");
	synthetic_fini(&table);
}

TEST(names_of_any_length_have_room)
{
	struct synthetic table;
	struct net_address v4, v6;
	char text[NET_NAME_MAX + 1];

	synthetic_init(&table, 1000, 5, seed);
	memset(text, 'a', sizeof(text));
	for (unsigned i = 0; i < 1000; i++) {
		text[0] = (char)('a' + i % 26), text[1] = (char)('a' + i / 26 % 26),
		text[2] = (char)('a' + i / 676);
		CHECK_INT(synthetic_bind(&table, (struct str){ text, NET_NAME_MAX }, &v4, &v6), 0);
	}
	CHECK_INT(synthetic_bind(&table, (struct str){ text, NET_NAME_MAX + 1 }, &v4, &v6), -EINVAL);
	synthetic_fini(&table);
}

TEST_MAIN()
